/// From an endpoint to an established DERP channel.
///
/// [DerpDialer] takes an endpoint through the steps of [DialStep]; what it reads from the network
/// on the way is bounded, and what it needs to know of the system (roots, proxies, names) is asked
/// for here too. A dial lives on one event loop and blocks none; the public client and a relay's
/// mesh both use it. Calls go into this package and on to the protocol's, nowhere else.
@NullMarked
package dev.derp4j.client.dial;

import org.jspecify.annotations.NullMarked;
