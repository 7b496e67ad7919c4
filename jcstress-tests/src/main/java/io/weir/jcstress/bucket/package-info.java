/** The invariants of {@link io.weir.engine.bucket.TokenBucket} (B1…) and {@link io.weir.engine.bucket.WaiterLine} (L1…), each with a broken twin. */
package io.weir.jcstress.bucket;
