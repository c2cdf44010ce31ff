/// What can be read again while the relay runs, and when that happens.
///
/// Other rooms implement [dev.derp4j.reload.Reloadable]; the relay owns one
/// [dev.derp4j.reload.Reloads], which reads them on request (SIGHUP) and when their files change.
/// This room knows none of the rooms that use it.
@NullMarked
package dev.derp4j.reload;

import org.jspecify.annotations.NullMarked;
