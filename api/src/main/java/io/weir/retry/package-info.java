/** Retries: {@link io.weir.retry.Retry}, its configuration and what it tells. */
@NullMarked
package io.weir.retry;

import org.jspecify.annotations.NullMarked;
