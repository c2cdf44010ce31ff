/// The commands: `derper`, and `derp4j`, the entry that holds them all.
///
/// A command turns its flags, files and environment into a configuration, says in one line what is
/// wrong with them, and hands over: what a relay does is decided in [dev.derp4j.server]. Nothing
/// calls into this room but the launcher scripts.
@NullMarked
package dev.derp4j.cli;

import org.jspecify.annotations.NullMarked;
