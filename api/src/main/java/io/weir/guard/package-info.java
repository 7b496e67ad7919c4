/** Guards that limit time and concurrency. */
@NullMarked
package io.weir.guard;

import org.jspecify.annotations.NullMarked;
