/** Named guards with shared defaults, from code or from a file, that can be changed while in use. */
@NullMarked
package io.weir.registry;

import org.jspecify.annotations.NullMarked;
