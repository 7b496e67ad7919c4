package io.weir.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A method whose calls are cut short when they take too long, by a {@link io.weir.guard.Timeout}: each attempt unless its order is less than the retry's. */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface WithTimeout {

    /** The timeout's name, under which methods share it, in the registry or else in one proxy; a method's own if empty. */
    String name() default "";

    /** How long a call may take: {@code 800ms}. Required unless the timeout is named and known. */
    String value() default "";

    /** Whether the call in flight is cancelled, or its thread interrupted, when the time is up. */
    boolean cancelRunning() default true;

    /** Where it stands among the method's guards: the least is outermost. */
    int order() default 300;
}
