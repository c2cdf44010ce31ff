/// Who is connected under which key, here or at another node of the region, and where a packet for
/// a key goes.
///
/// Lookups are lock-free and allocate nothing; every change of structure (connections coming and
/// going, duplicate sets, forwarders, presence watchers) happens under the one lock of
/// [dev.derp4j.routing.Registry], which never performs I/O. This room knows no HTTP, no TLS and no
/// sockets: sessions come in as [dev.derp4j.routing.LocalPeer], mesh connections as
/// [dev.derp4j.routing.Forwarder], so that it can be simulated at a
/// million keys without a network.
@NullMarked
package dev.derp4j.routing;

import org.jspecify.annotations.NullMarked;
