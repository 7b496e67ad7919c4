/**
 * Token buckets: a lock-free GCRA word in a replaceable cell, and the line of waiters in front of it. No futures, no threads, no user code.
 */
@NullMarked
package io.weir.engine.bucket;

import org.jspecify.annotations.NullMarked;
