package dev.derp4j.http.names;

import dev.derp4j.metrics.Metric;
import dev.derp4j.metrics.Metrics;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The names that clients whose own name servers are broken ask relays for.
///
/// All of them are resolved at the start and every ten minutes, with a minute for each round. A
/// name that cannot be resolved keeps its last addresses: this service is for times when the domain
/// name system fails. Answers come from memory alone.
///
/// Thread-safe.
public final class BootstrapDns implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BootstrapDns.class);
  private static final long REFRESH_MINUTES = 10;
  private static final long LIMIT_SECONDS = 60;

  /// Clients may ask for names that nobody has heard of; how many are remembered has an end, and
  /// so has the length of each.
  private static final int MOST_QUERIED = 500;

  private static final int LONGEST_QUERIED = 255;

  private record Known(List<InetAddress> addresses, int percent) {}

  private final List<BootstrapEntry> published;
  private final List<BootstrapEntry> unpublished;
  private final NameLookup lookup;
  private final Metrics metrics;
  private final RandomGenerator random;
  private final Set<String> queried = ConcurrentHashMap.newKeySet();
  private volatile Map<String, Known> publicNames = Map.of();
  private volatile Map<String, Known> hiddenNames = Map.of();
  private volatile String publicJson = "";
  private @Nullable ScheduledExecutorService refresher;

  /// @param published told to everybody
  /// @param unpublished told to those who ask for exactly that name, within its rollout
  public BootstrapDns(
      List<BootstrapEntry> published,
      List<BootstrapEntry> unpublished,
      NameLookup lookup,
      Metrics metrics,
      RandomGenerator random) {
    this.published = published;
    this.unpublished = unpublished;
    this.lookup = lookup;
    this.metrics = metrics;
    this.random = random;
    metrics.supply(Metric.BOOTSTRAP_DNS_QUERIED_DOMAINS, queried::size);
  }

  /// Starts to resolve, in the background; does nothing where there are no names.
  public synchronized void start() {
    if (refresher == null && !(published.isEmpty() && unpublished.isEmpty())) {
      refresher =
          Executors.newSingleThreadScheduledExecutor(
              Thread.ofPlatform().name("derp4j-bootstrap-dns").daemon().factory());
      refresher.scheduleWithFixedDelay(this::refresh, 0, REFRESH_MINUTES, TimeUnit.MINUTES);
    }
  }

  @Override
  public synchronized void close() {
    if (refresher != null) {
      refresher.shutdownNow();
    }
  }

  /// One round. A fault in it must not be the last of all rounds.
  void refresh() {
    try {
      publicNames = resolve(published, publicNames);
      publicJson = published.isEmpty() ? "" : json(publicNames);
      hiddenNames = resolve(unpublished, hiddenNames);
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException fault) {
      LOG.error("bootstrap DNS: internal error: {}", fault.toString());
    }
  }

  private Map<String, Known> resolve(List<BootstrapEntry> entries, Map<String, Known> before)
      throws InterruptedException {
    Map<String, CompletableFuture<List<InetAddress>>> addresses = new TreeMap<>();
    Map<String, CompletableFuture<List<String>>> rollouts = new TreeMap<>();
    for (BootstrapEntry entry : entries) {
      addresses.computeIfAbsent(entry.name(), lookup::addresses);
      if (!entry.rollout().isEmpty()) {
        rollouts.computeIfAbsent(entry.rollout(), lookup::texts);
      }
    }
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    Map<String, Known> after = new TreeMap<>();
    for (BootstrapEntry entry : entries) {
      String name = entry.name();
      Known old = before.get(name);
      List<InetAddress> found = await(name, addresses.get(name), deadline);
      List<InetAddress> known =
          found != null ? shuffled(found) : old == null ? null : old.addresses();
      if (known != null) {
        int percent =
            entry.rollout().isEmpty()
                ? 100
                : percent(await(entry.rollout(), rollouts.get(entry.rollout()), deadline), old);
        after.put(name, new Known(known, percent));
      }
    }
    return after;
  }

  /// Null if there was no answer, which is said.
  private static <T> @Nullable T await(
      String name, @Nullable CompletableFuture<T> asked, long deadline)
      throws InterruptedException {
    if (asked == null) {
      return null;
    }
    try {
      long left = Math.max(0, deadline - System.nanoTime());
      return asked.get(left, TimeUnit.NANOSECONDS);
    } catch (ExecutionException failed) {
      Throwable why = failed.getCause() == null ? failed : failed.getCause();
      LOG.warn("bootstrap DNS lookup \"{}\": {}", name, String.valueOf(why.getMessage()).strip());
    } catch (TimeoutException late) {
      LOG.warn("bootstrap DNS lookup \"{}\": no answer in time", name);
    }
    return null;
  }

  private List<InetAddress> shuffled(List<InetAddress> addresses) {
    List<InetAddress> shuffled = new ArrayList<>(addresses);
    Collections.shuffle(shuffled, random);
    return List.copyOf(shuffled);
  }

  /// The last text that is a percentage; without one, none. Where the question failed, as before.
  private static int percent(@Nullable List<String> texts, @Nullable Known old) {
    if (texts == null) {
      return old == null ? 0 : old.percent();
    }
    int percent = 0;
    for (String text : texts) {
      if (text.matches("\\+?[0-9]{1,4}") && Integer.parseInt(text) <= 100) {
        percent = Integer.parseInt(text);
      }
    }
    return percent;
  }

  /// The body of the answer to a request.
  ///
  /// @param query the name that was asked for; empty if none was
  /// @param client who asks; null if that is unknown, and then no rollout includes it
  public String answer(String query, @Nullable InetAddress client) {
    metrics.increment(Metric.BOOTSTRAP_DNS_REQUESTS);
    if (!query.isEmpty()) {
      remember(query);
      Known hidden = hiddenNames.get(query);
      if (hidden != null) {
        metrics.increment(Metric.BOOTSTRAP_DNS_UNPUBLISHED_HITS);
        if (isIncluded(client, hidden.percent())) {
          return json(Map.of(query, hidden));
        }
        metrics.increment(Metric.BOOTSTRAP_DNS_UNPUBLISHED_PERCENT_MISSES);
      }
      // What is not published counts as a question for what is hidden.
      metrics.increment(
          publicNames.containsKey(query)
              ? Metric.BOOTSTRAP_DNS_PUBLISHED_HITS
              : Metric.BOOTSTRAP_DNS_UNPUBLISHED_MISSES);
    }
    return publicJson;
  }

  private void remember(String query) {
    if (query.length() <= LONGEST_QUERIED) {
      queried.add(query);
      if (queried.size() > MOST_QUERIED) {
        queried.clear();
      }
    }
  }

  private static boolean isIncluded(@Nullable InetAddress client, int percent) {
    return client == null ? percent == 100 : Rollout.includes(client, percent);
  }

  /// Indented by tabs, as the originals print it. Names are host names, so nothing in them needs to
  /// be escaped.
  private static String json(Map<String, Known> names) {
    if (names.isEmpty()) {
      return "null";
    }
    return names.entrySet().stream()
        .map(
            entry ->
                "\t\""
                    + entry.getKey()
                    + "\": "
                    + entry.getValue().addresses().stream()
                        .map(address -> "\t\t\"" + NetUtil.toAddressString(address) + "\"")
                        .collect(Collectors.joining(",\n", "[\n", "\n\t]")))
        .collect(Collectors.joining(",\n", "{\n", "\n}"));
  }
}
