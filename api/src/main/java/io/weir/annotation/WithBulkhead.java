package io.weir.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A method of which only so many calls run at once, by a {@link io.weir.guard.Bulkhead}. */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface WithBulkhead {

    /** The bulkhead's name, under which methods share it, in the registry or else in one proxy; a method's own if empty. */
    String name() default "";

    /** How many calls may run at once; 25 unless said otherwise. */
    int maxConcurrent() default -1;

    /** How many callers may stand in line; 0 unless said otherwise. */
    int maxWaiters() default -1;

    /** How long a caller stands in line at most; without end unless said otherwise. */
    String maxWait() default "";

    /** Where it stands among the method's guards: the least is outermost. */
    int order() default 500;
}
