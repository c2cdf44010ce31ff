/// The catalogue of what a relay counts, and its Prometheus exposition.
///
/// Every part of the server adds to [dev.derp4j.metrics.Metrics]; this room calls none of them back except through the
/// suppliers they registered. Names, types and labels are those that operators' dashboards already use.
@NullMarked
package dev.derp4j.metrics;

import org.jspecify.annotations.NullMarked;
