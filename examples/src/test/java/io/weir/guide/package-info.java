/** The guide's samples, compiled and run; the pages in docs/guide show the regions between the marks. */
@NullMarked
package io.weir.guide;

import org.jspecify.annotations.NullMarked;
