/// The other nodes of the region: dialling them, learning which keys they have, sending them
/// packets.
///
/// A [dev.derp4j.mesh.Neighbour] lives on one relay loop, redials when its connection breaks, and
/// is a [dev.derp4j.routing.Forwarder] while it stands. Calls go to `session` (loops and queues),
/// `routing` and the client library's dialler; none comes back but through `Forwarder`. What other
/// nodes ask of us, they ask over their own connections: that is `session`'s.
@NullMarked
package dev.derp4j.mesh;

import org.jspecify.annotations.NullMarked;
