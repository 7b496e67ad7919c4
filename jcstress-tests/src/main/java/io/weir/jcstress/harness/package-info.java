/** Shows that the harness itself sees a race when there is one. */
@NullMarked
package io.weir.jcstress.harness;

import org.jspecify.annotations.NullMarked;
