/// Who is connected to a relay, for programs that hold its mesh key.
///
/// Here lives the loop that keeps watching across reconnects; it builds on
/// [dev.derp4j.client.DerpClient] and is called by users of the library. The relay's own mesh does
/// the same on its data plane, without this.
@NullMarked
package dev.derp4j.client.watch;

import org.jspecify.annotations.NullMarked;
