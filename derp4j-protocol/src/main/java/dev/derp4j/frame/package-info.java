/// DERP's vocabulary: every frame as an immutable record, its type code and its length rule.
///
/// Here live values and limits; how they become bytes is the business of `dev.derp4j.codec`. A type
/// that we do not know is a value too ([dev.derp4j.frame.Frame.Unknown]), never an exception,
/// because the protocol grows by adding types that older peers skip. Code that handles frames
/// switches over the sealed interface without a `default`, so that a new frame makes the compiler
/// point at what to do. Calls come from codec, handshake, client, server and tests; this package
/// itself knows only keys.
@NullMarked
package dev.derp4j.frame;

import org.jspecify.annotations.NullMarked;
