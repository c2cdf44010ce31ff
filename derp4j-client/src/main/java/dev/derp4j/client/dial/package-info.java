/// What an outgoing connection needs before its first byte.
///
/// Here lives what the operating system says about outgoing connections: the roots to trust and
/// the proxies to use.
/// Nothing here keeps state between calls or knows of the relay; the relay's own outgoing
/// connections call into this package.
@NullMarked
package dev.derp4j.client.dial;

import org.jspecify.annotations.NullMarked;
