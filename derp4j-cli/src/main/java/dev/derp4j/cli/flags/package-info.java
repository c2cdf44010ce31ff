/// Command-line flags in the form that operators of Go programs type: `-flag`, `--flag=value`,
/// `-flag value`, `-flag=false`, `10m`, `0x10`.
///
/// [dev.derp4j.cli.flags.FlagSet] is the entrance. Nothing here knows a command, and nothing calls
/// out of this room.
@NullMarked
package dev.derp4j.cli.flags;

import org.jspecify.annotations.NullMarked;
