/**
 * The fused pipeline: the one machine that runs every guarded call, alone or composed. Not exported: guards are written against
 * {@code Stage} here, users against {@code io.weir.Guard}. With {@code io.weir} it is one unit (each names the other); nothing else may
 * name a type of it but the guards' own packages.
 */
@NullMarked
package io.weir.internal;

import org.jspecify.annotations.NullMarked;
