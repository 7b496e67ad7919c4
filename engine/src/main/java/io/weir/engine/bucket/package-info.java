/**
 * Token buckets: a lock-free GCRA word in a replaceable cell, with leases of prepaid tokens for large capacities; the line of waiters in front of it, which
 * permits share, and in which a slot can be paid together with the tokens; and keyed buckets, a table of such words of fixed memory. No futures, no threads, no user code.
 */
@NullMarked
package io.weir.engine.bucket;

import org.jspecify.annotations.NullMarked;
