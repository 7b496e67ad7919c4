/** Benchmarks. A name says object_operation_condition; each class holds its floors and its peers. */
@NullMarked
package io.weir.jmh;

import org.jspecify.annotations.NullMarked;
