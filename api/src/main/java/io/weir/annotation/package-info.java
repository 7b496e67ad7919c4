/**
 * Guards by annotations on an interface's methods: {@link io.weir.annotation.GuardedProxy} puts them around an implementation. Elements that
 * aren't given are what the registry says, or else Weir's defaults. Durations are texts as in {@link io.weir.registry.WeirRegistry}.
 */
@NullMarked
package io.weir.annotation;

import org.jspecify.annotations.NullMarked;
