/// The DERP map: which regions there are, which relays each has, and how to reach them.
///
/// Here live the map as values and its JSON, read from what control servers send and what people
/// write by hand, and written as the original writes it. How a relay is chosen and dialled is the
/// client's business, which calls in here; calls go on to `json` only.
@NullMarked
package dev.derp4j.map;

import org.jspecify.annotations.NullMarked;
