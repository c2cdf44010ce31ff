/// Who may see a relay's inside, and what it shows them.
///
/// Knows addresses and settings, no HTTP: the pages themselves are served by `dev.derp4j.http`,
/// which asks here first.
@NullMarked
package dev.derp4j.debug;

import org.jspecify.annotations.NullMarked;
