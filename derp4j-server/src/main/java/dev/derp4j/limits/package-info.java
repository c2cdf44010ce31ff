/// How fast, and how much: token buckets, the fair share of a total, quotas, accept limits.
///
/// Everything here is arithmetic over bytes and nanoseconds; stopping and starting to read is the
/// business of `session`. What operators set comes from the rate file
/// ([dev.derp4j.limits.RateConfig]) or from those who admitted a client
/// ([dev.derp4j.limits.ClientLimits]). Without either nothing of this room is in a packet's way.
@NullMarked
package dev.derp4j.limits;

import org.jspecify.annotations.NullMarked;
