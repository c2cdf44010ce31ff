package dev.derp4j.metrics;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// Values that are asked for when someone looks. Thread-safe.
///
/// A supplier that throws costs its own line, never the page: an operator needs the other metrics
/// most when something is broken.
final class Suppliers {
  /// Those whose help text existing relays print, before the type, and our own.
  private static final Set<String> PREFIXES_WITH_HELP = Set.of("process_", "memstats_", "derp4j_");

  private interface Value {
    String text();

    long whole();
  }

  /// By metric, then by the text of the labels in braces; no labels: the empty text.
  private final Map<Metric, Map<String, Value>> values = new ConcurrentHashMap<>();

  /// For metrics whose label values come and go.
  private final Map<Metric, Supplier<Map<List<String>, Long>>> families = new ConcurrentHashMap<>();

  void putFamily(Metric metric, Supplier<Map<List<String>, Long>> family) {
    families.put(metric, family);
  }

  private Map<List<String>, Long> family(Metric metric) {
    Supplier<Map<List<String>, Long>> family = families.get(metric);
    try {
      return family == null ? Map.of() : family.get();
    } catch (RuntimeException e) {
      // Left out: see the class's page.
      return Map.of();
    }
  }

  private static String labels(Metric metric, List<String> labelValues) {
    String[] names = metric.label().split(",", -1);
    StringBuilder text = new StringBuilder("{");
    for (int i = 0; i < names.length; i++) {
      text.append(i == 0 ? "" : ",")
          .append(names[i])
          .append("=\"")
          .append(TextFormat.escape(labelValues.get(i)))
          .append('"');
    }
    return text.append('}').toString();
  }

  void put(Metric metric, LongSupplier supplier) {
    putText(metric, "", supplier);
  }

  void putText(Metric metric, String labels, LongSupplier supplier) {
    put(
        metric,
        labels,
        new Value() {
          @Override
          public String text() {
            return Long.toString(supplier.getAsLong());
          }

          @Override
          public long whole() {
            return supplier.getAsLong();
          }
        });
  }

  void put(Metric metric, DoubleSupplier supplier) {
    put(
        metric,
        "",
        new Value() {
          @Override
          public String text() {
            return GoNumbers.format(supplier.getAsDouble());
          }

          @Override
          public long whole() {
            return Math.round(supplier.getAsDouble());
          }
        });
  }

  private void put(Metric metric, String labels, Value value) {
    values.computeIfAbsent(metric, _ -> new ConcurrentSkipListMap<>()).put(labels, value);
  }

  long sum(Metric metric) {
    return values.getOrDefault(metric, Map.of()).values().stream().mapToLong(Value::whole).sum()
        + family(metric).values().stream().mapToLong(Long::longValue).sum();
  }

  void expose(Metric metric, StringBuilder out) {
    Map<String, String> texts = new TreeMap<>();
    values.getOrDefault(metric, Map.of()).forEach((labels, value) -> read(labels, value, texts));
    family(metric)
        .forEach((labels, value) -> texts.put(labels(metric, labels), Long.toString(value)));
    if (texts.isEmpty()) {
      return;
    }
    if (metric.type() != Metric.Type.UNTYPED
        && PREFIXES_WITH_HELP.stream().anyMatch(metric.printedName()::startsWith)) {
      TextFormat.help(out, metric);
    }
    TextFormat.type(out, metric);
    texts.forEach((labels, text) -> TextFormat.scalar(out, metric.printedName() + labels, text));
  }

  private static void read(String labels, Value value, Map<String, String> texts) {
    try {
      texts.put(labels, value.text());
    } catch (RuntimeException e) {
      // Left out: see the class's page.
    }
  }
}
