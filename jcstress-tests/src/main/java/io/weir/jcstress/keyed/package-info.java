/** The keyed buckets' invariants under interleavings. */
package io.weir.jcstress.keyed;
