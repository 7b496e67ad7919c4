/** What several of the engine's primitives need and nobody outside it. */
@NullMarked
package io.weir.engine.util;

import org.jspecify.annotations.NullMarked;
