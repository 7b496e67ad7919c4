/**
 * The invariants of {@link io.weir.engine.bucket.TokenBucket} (B1…), {@link io.weir.engine.bucket.WaiterLine} (L1…), and a line that pays slots (H1…), each with a
 * broken twin.
 */
package io.weir.jcstress.bucket;
