package dev.derp4j.admission;

import dev.derp4j.key.NodePublicKey;
import java.net.InetSocketAddress;

/// Who asks to come in.
///
/// @param key the key whose private half it proved to hold
/// @param remote where it comes from
/// @param appName the name of its application, empty if it gave none
public record Newcomer(NodePublicKey key, InetSocketAddress remote, String appName) {}
