package dev.derp4j.mesh;

import dev.derp4j.client.dial.DialSettings;
import dev.derp4j.client.dial.HostResolver;
import dev.derp4j.key.NodePrivateKey;
import dev.derp4j.session.MeshKeyRing;
import dev.derp4j.session.RelayServices;

/// What all neighbours of one relay share. Immutable; its parts are thread-safe.
///
/// @param services the relay's
/// @param privateKey the relay's own: it is a client of its neighbours under it
/// @param meshKeys the region's
/// @param dialling how to dial
/// @param resolver who knows the addresses of names that stand for several nodes
/// @param timing how long things take
public record MeshContext(
    RelayServices services,
    NodePrivateKey privateKey,
    MeshKeyRing meshKeys,
    DialSettings dialling,
    HostResolver resolver,
    MeshTiming timing) {}
