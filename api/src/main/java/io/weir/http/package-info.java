/** An HTTP client on {@code java.net.http} that wears the guards, with typed failures. */
@NullMarked
package io.weir.http;

import org.jspecify.annotations.NullMarked;
