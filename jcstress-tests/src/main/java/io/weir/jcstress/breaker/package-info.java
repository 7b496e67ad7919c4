/**
 * The breaker's named invariants, each with a broken twin. Two failures across the threshold: OneOpening. Success against
 * failure in HALF_OPEN: TrialVerdict. A late result against a transition: LateTrial. Reset against record: LateResult. By
 * hand against automatic: ForceOrFailure. A trial's slot, acquired, released, timed out, begun: TrialSlotWinner,
 * TrialSlotReleaseOrClaim, TrialReportOrExpiry, TrialBeginOrCancel, TrialClaimOrTransition. Counters: CounterSnapshot.
 */
@org.jspecify.annotations.NullMarked
package io.weir.jcstress.breaker;
