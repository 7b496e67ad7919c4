/**
 * The core of the API: guards, pipelines, call options, the runtime and the exceptions that every guard shares.
 */
@NullMarked
package io.weir;

import org.jspecify.annotations.NullMarked;
