package dev.derp4j.metrics;

import java.time.Clock;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// What a relay counts while it runs.
///
/// Thread-safe: any thread may count at any time, without a lock and without allocating; only the
/// first count of a label that is not printed from the start takes a little longer. Suppliers are
/// registered while the server is being put together, and called by the thread that prints.
public final class Metrics {
  /// TLS versions as their labels; what else a library may call a version counts as `unknown`.
  private static final List<String> TLS_VERSIONS = List.of("1.0", "1.1", "1.2", "1.3", "unknown");

  private static final List<String> RTT_BUCKETS =
      List.of(
          "10ms", "20ms", "50ms", "100ms", "150ms", "250ms", "500ms", "inf", "non-tcp", "error");

  /// The weight of the newest value in the average queue duration.
  private static final double QUEUE_DURATION_WEIGHT = 0.1;

  private final Map<Metric, LongAdder> counters = new EnumMap<>(Metric.class);
  private final Map<Metric, LabelledCounts> labelled = new EnumMap<>(Metric.class);
  private final Map<Metric, Histogram> histograms = new EnumMap<>(Metric.class);
  private final DropCounts droppedPackets = new DropCounts();
  private final DropCounts droppedBytes = new DropCounts();
  private final AtomicLong averageQueueDuration = new AtomicLong();
  private final Set<Metric> hidden =
      EnumSet.of(
          Metric.TLS_LISTENER_ACCEPTED_CONNECTIONS, Metric.TLS_LISTENER_REJECTED_CONNECTIONS);
  private final Suppliers suppliers = new Suppliers();

  /// Starts counting. The process and the JVM are measured from here on, too.
  ///
  /// @param version the version text, as `-version` prints it
  /// @param binary the name of the program, `derper`
  public Metrics(String version, String binary) {
    this(version, binary, Clock.systemUTC());
  }

  Metrics(String version, String binary, Clock clock) {
    for (Metric metric : Metric.values()) {
      if (metric.form() == MetricForm.COUNTED) {
        counters.put(metric, new LongAdder());
      }
    }
    List<String> kinds = Arrays.stream(PacketKind.values()).map(PacketKind::label).toList();
    List<String> reasons = Arrays.stream(CloseReason.values()).map(CloseReason::label).toList();
    labelled.put(Metric.DERP_PACKETS_RECEIVED_KIND, LabelledCounts.ofAll(kinds));
    labelled.put(Metric.DERP4J_CONNECTIONS_CLOSED, LabelledCounts.ofAll(reasons));
    labelled.put(Metric.DERP_TCP_RTT, LabelledCounts.ofSeen(RTT_BUCKETS));
    labelled.put(Metric.TLS_ACTIVE_VERSION, LabelledCounts.ofSeen(TLS_VERSIONS));
    labelled.put(Metric.TLS_REQUEST_VERSION, LabelledCounts.ofSeen(TLS_VERSIONS));
    histograms.put(
        Metric.DERP_BUFFERED_WRITE_FRAMES,
        new Histogram(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20, 25, 50, 100));
    histograms.put(
        Metric.DERP_MESH_UPDATE_BATCH_SIZE,
        new Histogram(0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000));
    histograms.put(Metric.DERP_MESH_UPDATE_LOOP_COUNT, new Histogram(0, 1, 2, 5, 10, 20, 50, 100));
    suppliers.put(
        Metric.DERP_AVERAGE_QUEUE_DURATION,
        () -> Double.longBitsToDouble(averageQueueDuration.get()));
    suppliers.putText(
        Metric.VERSION,
        "{version=\""
            + TextFormat.escape(version)
            + "\",binary=\""
            + TextFormat.escape(binary)
            + "\"}",
        () -> 1);
    ProcessMetrics.register(suppliers, clock);
  }

  /// Adds to a counter that has no labels.
  ///
  /// @throws IllegalArgumentException if the metric is of another form
  public void add(Metric counter, long delta) {
    counter(counter).add(delta);
  }

  /// Adds 1 to a counter that has no labels.
  public void increment(Metric counter) {
    add(counter, 1);
  }

  /// Names the place where a value is found when someone asks; a metric without one is not printed.
  /// A later one takes the place of an earlier.
  ///
  /// @param supplier called by the printing thread; must not block
  public void supply(Metric metric, LongSupplier supplier) {
    requireForm(metric, MetricForm.GIVEN_SCALAR);
    suppliers.put(metric, supplier);
  }

  /// The same for one value of the metric's label.
  public void supply(Metric metric, String labelValue, LongSupplier supplier) {
    requireForm(metric, MetricForm.GIVEN_BY_LABEL);
    suppliers.putText(
        metric, "{" + metric.label() + "=\"" + TextFormat.escape(labelValue) + "\"}", supplier);
  }

  /// The same for a metric with several labels.
  public void supply(Metric metric, SortedMap<String, String> labels, LongSupplier supplier) {
    requireForm(metric, MetricForm.GIVEN_BY_LABEL);
    String text =
        labels.entrySet().stream()
            .map(label -> label.getKey() + "=\"" + TextFormat.escape(label.getValue()) + "\"")
            .collect(Collectors.joining(",", "{", "}"));
    suppliers.putText(metric, text, supplier);
  }

  /// The same for all values of the metric's labels at a time, where they come and go.
  ///
  /// @param family by the values of the labels, in their order. There must be a bound on how many:
  ///     what an operator configured, never what a peer sends
  public void supplyFamily(Metric metric, Supplier<Map<List<String>, Long>> family) {
    requireForm(metric, MetricForm.GIVEN_BY_LABEL);
    suppliers.putFamily(metric, family);
  }

  /// The same for a value with a fraction.
  public void supplyFraction(Metric metric, DoubleSupplier supplier) {
    requireForm(metric, MetricForm.GIVEN_SCALAR);
    suppliers.put(metric, supplier);
  }

  /// Prints a counter that not every set-up has: the two of the TLS listener.
  public void show(Metric... metrics) {
    synchronized (hidden) {
      hidden.removeAll(Arrays.asList(metrics));
    }
  }

  /// Packets that a client sent to us, in all and by kind.
  public void received(PacketKind kind, long packets, long bytes) {
    add(Metric.DERP_PACKETS_RECEIVED, packets);
    add(Metric.DERP_BYTES_RECEIVED, bytes);
    labelled(Metric.DERP_PACKETS_RECEIVED_KIND).add(kind.label(), packets);
  }

  /// Packets that will not be delivered.
  public void dropped(DropReason reason, PacketKind kind, long packets, long bytes) {
    droppedPackets.add(reason, kind, packets);
    droppedBytes.add(reason, kind, bytes);
  }

  /// A value of one of the histograms.
  ///
  /// @throws IllegalArgumentException if the metric is no histogram
  public void observe(Metric metric, double value) {
    requireForm(metric, MetricForm.DISTRIBUTION);
    histogram(metric).observe(value);
  }

  /// The end of a connection: exactly once for each.
  public void closed(CloseReason reason) {
    labelled(Metric.DERP4J_CONNECTIONS_CLOSED).add(reason.label(), 1);
  }

  /// A request over TLS.
  ///
  /// @param protocol the version as Java's TLS API names it (`TLSv1.3`), or as its label (`1.3`)
  public void tlsRequest(String protocol) {
    labelled(Metric.TLS_REQUEST_VERSION).add(tlsVersion(protocol), 1);
  }

  /// A request over TLS is being answered, or was upgraded, from now (+1) until its end (−1).
  public void tlsActive(String protocol, int delta) {
    labelled(Metric.TLS_ACTIVE_VERSION).add(tlsVersion(protocol), delta);
  }

  /// A measured round-trip time.
  ///
  /// @param bucket `10ms`, `20ms`, `50ms`, `100ms`, `150ms`, `250ms`, `500ms`, `inf`, `non-tcp` or
  ///     `error`
  /// @throws IllegalArgumentException if it is another
  public void tcpRtt(String bucket) {
    labelled(Metric.DERP_TCP_RTT).add(bucket, 1);
  }

  /// How long a packet waited to be written; enters the moving average with weight 0.1.
  public void queueDuration(double milliseconds) {
    averageQueueDuration.updateAndGet(
        bits ->
            Double.doubleToRawLongBits(
                QUEUE_DURATION_WEIGHT * milliseconds
                    + (1 - QUEUE_DURATION_WEIGHT) * Double.longBitsToDouble(bits)));
  }

  /// The present value: the sum over all labels if it has some, the number of values for a
  /// histogram, 0 for one that nobody supplies.
  public long value(Metric metric) {
    return switch (metric.form()) {
      case COUNTED -> counter(metric).sum();
      case COUNTED_BY_LABEL -> labelled(metric).sum();
      case DROPS -> drops(metric).sum();
      case DISTRIBUTION -> histogram(metric).count();
      case GIVEN_SCALAR, GIVEN_BY_LABEL -> suppliers.sum(metric);
    };
  }

  /// The present value for one value of the metric's label, 0 if that was never counted.
  public long value(Metric metric, String labelValue) {
    requireForm(metric, MetricForm.COUNTED_BY_LABEL);
    return labelled(metric).get(labelValue);
  }

  /// How many packets were dropped for a reason.
  public long dropped(DropReason reason, PacketKind kind) {
    return droppedPackets.get(reason, kind);
  }

  /// How many connections ended for a reason.
  public long closedCount(CloseReason reason) {
    return value(Metric.DERP4J_CONNECTIONS_CLOSED, reason.label());
  }

  /// All of it in Prometheus' text format, in the catalogue's order.
  ///
  /// Reads files of `/proc` and asks the JVM's management beans: some milliseconds the first time,
  /// less than one later.
  public String expose() {
    StringBuilder out = new StringBuilder(16_384);
    for (Metric metric : Metric.values()) {
      if (!isHidden(metric)) {
        expose(metric, out);
      }
    }
    return out.toString();
  }

  private void expose(Metric metric, StringBuilder out) {
    String name = metric.printedName();
    switch (metric.form()) {
      case COUNTED -> {
        TextFormat.type(out, metric);
        TextFormat.scalar(out, name, Long.toString(counter(metric).sum()));
      }
      case COUNTED_BY_LABEL -> {
        if (metric == Metric.DERP4J_CONNECTIONS_CLOSED) {
          TextFormat.help(out, metric);
        }
        TextFormat.type(out, metric);
        labelled(metric).expose(name, metric.label(), out);
      }
      case DROPS -> {
        // This order of the two is unusual, but what scrapers of existing relays have always got.
        TextFormat.type(out, metric);
        TextFormat.help(out, metric);
        drops(metric).expose(name, out);
      }
      case DISTRIBUTION -> {
        TextFormat.type(out, metric);
        histogram(metric).expose(name, out);
      }
      case GIVEN_SCALAR, GIVEN_BY_LABEL -> suppliers.expose(metric, out);
    }
  }

  private boolean isHidden(Metric metric) {
    synchronized (hidden) {
      return hidden.contains(metric);
    }
  }

  private LongAdder counter(Metric metric) {
    LongAdder counter = counters.get(metric);
    if (counter == null) {
      throw new IllegalArgumentException(metric + " is no counter without labels");
    }
    return counter;
  }

  private LabelledCounts labelled(Metric metric) {
    return Objects.requireNonNull(labelled.get(metric));
  }

  private Histogram histogram(Metric metric) {
    return Objects.requireNonNull(histograms.get(metric));
  }

  private DropCounts drops(Metric metric) {
    return metric == Metric.DERP_BYTES_DROPPED ? droppedBytes : droppedPackets;
  }

  private static void requireForm(Metric metric, MetricForm form) {
    if (metric.form() != form) {
      throw new IllegalArgumentException(
          metric + " is " + metric.form().name().toLowerCase(Locale.ROOT));
    }
  }

  private static String tlsVersion(String protocol) {
    String version = protocol.startsWith("TLSv") ? protocol.substring("TLSv".length()) : protocol;
    if (version.equals("1")) {
      return "1.0";
    }
    return TLS_VERSIONS.contains(version) ? version : "unknown";
  }
}
