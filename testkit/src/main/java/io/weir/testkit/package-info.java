/**
 * Virtual time, recorded events and scripted calls: tests of retry and recovery that take milliseconds. Test code only.
 */
@NullMarked
package io.weir.testkit;

import org.jspecify.annotations.NullMarked;
