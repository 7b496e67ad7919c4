/**
 * What JMH doesn't weigh: bytes that stay, a key or a waiter, and the lateness of a herd of retries. Each main prints and writes its figures as
 * JSON, for {@link io.weir.jmh.report}; each needs a JVM of its own, with a collector that compacts (-XX:+UseSerialGC).
 */
@NullMarked
package io.weir.jmh.memory;

import org.jspecify.annotations.NullMarked;
