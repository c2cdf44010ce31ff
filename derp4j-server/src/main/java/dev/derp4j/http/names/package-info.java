/// What the relay asks the domain name system: the names of `/bootstrap-dns`, and where the hosts
/// are that an ACE client wants to reach.
///
/// Nothing here runs on a connection's event loop: lookups have a thread of their own, made when
/// the first name is looked up. Knows no HTTP and no channels; `dev.derp4j.http` asks here.
@NullMarked
package dev.derp4j.http.names;

import org.jspecify.annotations.NullMarked;
