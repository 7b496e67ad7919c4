package io.weir.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A method that is tried again when it fails, by a {@link io.weir.retry.Retry}. */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface WithRetry {

    /** The retry's name, under which methods share it, in the registry or else in one proxy; a method's own if empty. */
    String name() default "";

    /** How often a call is tried again at most; 3 unless said otherwise. */
    int maxRetries() default -1;

    /** The delay before the first retry; 1 s unless said otherwise. */
    String baseDelay() default "";

    /** The longest delay; 60 s unless said otherwise. */
    String maxDelay() default "";

    /** By what each delay is longer than the one before; 2 unless said otherwise. */
    double backoffFactor() default Double.NaN;

    /** Whether delays are spread. */
    boolean jitter() default true;

    /** How far delays are spread, 0 to 1; 0.2 unless said otherwise. */
    double jitterFactor() default Double.NaN;

    /** Which exceptions are retried; all of the call if none is named. */
    Class<? extends Throwable>[] retryOn() default {};

    /** Which exceptions are not retried; wins over the others. */
    Class<? extends Throwable>[] excluding() default {};

    /** Whether refusals by guards further in are retried too. */
    boolean retryRejections() default false;

    /** Where it stands among the method's guards: the least is outermost. */
    int order() default 200;
}
