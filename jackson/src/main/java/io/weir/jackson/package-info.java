/** JSON for {@link io.weir.http.ApiClient} by Jackson. */
@NullMarked
package io.weir.jackson;

import org.jspecify.annotations.NullMarked;
