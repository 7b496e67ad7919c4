/**
 * Parts of the timer that are public only so that tests in other modules can take them apart. Not exported.
 */
@NullMarked
package io.weir.engine.time.internal;

import org.jspecify.annotations.NullMarked;
