/**
 * Concurrency stress tests of the engine: one class per named invariant, and beside it a twin, its name ending in {@code BrokenTwin},
 * that does the same thing wrong and must be caught.
 */
@NullMarked
package io.weir.jcstress;

import org.jspecify.annotations.NullMarked;
