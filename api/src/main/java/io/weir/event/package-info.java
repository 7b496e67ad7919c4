/**
 * What guards tell: events and those who listen. The events themselves live beside the guards that tell them; nothing here names a guard.
 */
@NullMarked
package io.weir.event;

import org.jspecify.annotations.NullMarked;
