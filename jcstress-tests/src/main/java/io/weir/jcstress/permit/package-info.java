/** The invariants of permits and adaptive limits under interleavings. */
@NullMarked
package io.weir.jcstress.permit;

import org.jspecify.annotations.NullMarked;
