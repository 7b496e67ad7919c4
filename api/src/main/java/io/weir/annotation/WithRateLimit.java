package io.weir.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A method whose calls each take a token, from a {@link io.weir.ratelimit.TokenBucketRateLimiter}; or, if a parameter is the {@link LimitKey},
 * from the bucket of that key, in an {@link io.weir.ratelimit.EndpointRateLimiter}.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface WithRateLimit {

    /** The limiter's name, under which methods share it, in the registry or else in one proxy; a method's own if empty. */
    String name() default "";

    /** Tokens in a time: {@code 100/1s}. Required unless the limiter is named and known, or keyed, which is 10 a second unless said otherwise. */
    String rate() default "";

    /** How many tokens the bucket holds at most; those of the rate unless said otherwise. */
    double maxTokens() default Double.NaN;

    /** Whether a call is refused where it would wait. */
    boolean failFast() default false;

    /** Where it stands among the method's guards: the least is outermost. */
    int order() default 400;
}
