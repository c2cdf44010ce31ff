/// Keys as value types: what names a node, what proves it, and what admits a relay to a mesh.
///
/// Here live the 32 bytes of each kind, their text forms and their comparison, nothing that
/// encrypts packets. Secrets print as `[redacted]`; only a method whose name begins with `secret`
/// hands them out, and no exception message ever carries key material, because a private key pasted
/// in the wrong place is input too. Calls go from every other package into this one; it knows only
/// Netty's buffers and the curve.
@NullMarked
package dev.derp4j.key;

import org.jspecify.annotations.NullMarked;
