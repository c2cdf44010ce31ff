/// The client against whole relays: one suite of its behaviour, run against our relay in this
/// process and, where `DERP4J_ORIGINAL_DERPER` names its binary, against the Go original.
///
/// A module of its own, since the client's module cannot depend on the server's. `interop/run`
/// builds the original and runs this against it; by hand:
///
/// ```text
/// (cd interop && go build -o /tmp/derper tailscale.com/cmd/derper)
/// DERP4J_ORIGINAL_DERPER=/tmp/derper mvn test -pl derp4j-systemtests -am \
///   -Dtest='dev.derp4j.systemtests.*Test' -Dsurefire.failIfNoSpecifiedTests=false
/// ```
@NullMarked
package dev.derp4j.systemtests;

import org.jspecify.annotations.NullMarked;
