/** Rate limiters: guards that wait for tokens, or refuse. The bucket itself is the engine's. */
@NullMarked
package io.weir.ratelimit;

import org.jspecify.annotations.NullMarked;
