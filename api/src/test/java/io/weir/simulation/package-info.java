/**
 * The whole API under one seeded scheduler, which owns the clock, the timer and the callback executor, and so decides every interleaving of
 * callbacks, timers, completions, cancels, closes and reconfigurations. Public API only, but for the {@link io.weir.simulation.Probe}s.
 */
package io.weir.simulation;
