package io.weir.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A method behind a {@link io.weir.breaker.CircuitBreaker}. */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface WithCircuitBreaker {

    /** The breaker's name, under which methods share it, in the registry or else in one proxy; a method's own if empty. */
    String name() default "";

    /** How many failures in a row open it; 5 unless said otherwise. */
    int failureThreshold() default -1;

    /** When it opens, in the place of the threshold: {@code time-window(10s, 50%)}, as in {@link io.weir.registry.WeirRegistry}. */
    String failureDetection() default "";

    /** How long it stays open before a trial call; 30 s unless said otherwise. */
    String recoveryTime() default "";

    /** How many trial calls may be in flight at once; 1 unless said otherwise. */
    int halfOpenMaxCalls() default -1;

    /** How many successful trial calls close it; 1 unless said otherwise. */
    int halfOpenSuccessThreshold() default -1;

    /** How long a trial call may go without reporting; 60 s unless said otherwise. */
    String trialTimeout() default "";

    /** Exceptions that count as neither success nor failure. */
    Class<? extends Throwable>[] excluding() default {};

    /** Where it stands among the method's guards: the least is outermost. */
    int order() default 100;
}
