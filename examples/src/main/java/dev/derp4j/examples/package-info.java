/// Small programs on the client library, to be read and copied from: an echo, and a file that is
/// sent from one peer to another. They call [dev.derp4j.client] and nothing else of derp4j but
// keys.
@NullMarked
package dev.derp4j.examples;

import org.jspecify.annotations.NullMarked;
