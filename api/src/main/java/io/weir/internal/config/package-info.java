/** How guards are described by words, in files and annotations. Not exported. */
@NullMarked
package io.weir.internal.config;

import org.jspecify.annotations.NullMarked;
