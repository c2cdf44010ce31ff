package dev.derp4j.server;

import dev.derp4j.admission.Admission;
import dev.derp4j.admission.AdmissionConfig;
import dev.derp4j.admission.AllowedKeys;
import dev.derp4j.admission.AppNameBan;
import dev.derp4j.admission.ControllerClient;
import dev.derp4j.admission.Controllers;
import dev.derp4j.admission.DeniedKeys;
import dev.derp4j.admission.KeyListFile;
import dev.derp4j.admission.Rule;
import dev.derp4j.admission.Tailscaled;
import dev.derp4j.admission.Verifier;
import dev.derp4j.admission.Watchdog;
import dev.derp4j.client.dial.ProxyEnvironment;
import dev.derp4j.client.dial.SystemRoots;
import dev.derp4j.limits.LimitsConfig;
import dev.derp4j.limits.RateConfigFile;
import dev.derp4j.limits.RateLimits;
import dev.derp4j.reload.ReloadException;
import dev.derp4j.reload.Reloads;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Puts together who may come in, in the order in which it is decided, and how fast they may send.
/// Ends with the relay.
final class FrontDoor implements AutoCloseable {
  private final Reloads reloads;
  private final Watchdog watchdog = new Watchdog();
  private final List<Rule> rules = new ArrayList<>();
  private final List<Verifier> verifiers = new ArrayList<>();
  private final Admission admission;
  private final RateLimits limits;
  private @Nullable Tailscaled tailscaled;
  private @Nullable ControllerClient controllerClient;

  /// @throws RelayStartException if a file or a URL is no good
  FrontDoor(AdmissionConfig config, LimitsConfig limitsConfig, Reloads reloads)
      throws RelayStartException {
    this.reloads = reloads;
    this.limits = new RateLimits(limitsConfig.rateFile().isPresent());
    try {
      if (limitsConfig.rateFile().isPresent()) {
        Path file = limitsConfig.rateFile().get();
        reloads.watch(new RateConfigFile(file, limits), () -> List.of(file));
      }
      addVerifiers(config);
      addRules(config);
    } catch (ReloadException | IOException | IllegalArgumentException bad) {
      throw new RelayStartException(String.valueOf(bad.getMessage()), bad);
    }
    admission = new Admission(rules, verifiers);
    Duration recheck = config.controllers().recheckTime();
    if (recheck.isPositive() && !verifiers.isEmpty()) {
      admission.verifyGuestsEvery(recheck, watchdog);
    }
  }

  private void addRules(AdmissionConfig config) throws ReloadException {
    if (config.denyKeysFile().isPresent()) {
      rules.add(new DeniedKeys(keys("denied keys", config.denyKeysFile().get())));
    }
    if (!config.disallowedAppNames().isEmpty()) {
      rules.add(new AppNameBan(config.disallowedAppNames()));
    }
    if (config.allowKeysFile().isPresent()) {
      KeyListFile keys = keys("allowed keys", config.allowKeysFile().get());
      rules.add(new AllowedKeys(keys, verifiers.isEmpty()));
    }
  }

  private KeyListFile keys(String name, Path file) throws ReloadException {
    KeyListFile keys = new KeyListFile(name, file, () -> admission().judgeGuests());
    reloads.watch(keys, () -> List.of(file));
    return keys;
  }

  private void addVerifiers(AdmissionConfig config) throws IOException {
    if (config.tailscaledSocket().isPresent()) {
      tailscaled = new Tailscaled(config.tailscaledSocket().get(), watchdog);
      verifiers.add(tailscaled);
    }
    AdmissionConfig.Controllers asked = config.controllers();
    if (!asked.urls().isEmpty()) {
      ProxyEnvironment proxies = new ProxyEnvironment(config.environment());
      asked.urls().forEach(url -> requireUsable(proxies.proxyFor(url)));
      controllerClient =
          new ControllerClient(SystemRoots.trustManager(config.environment()), proxies::proxyFor);
      verifiers.add(
          new Controllers(asked.urls(), asked.failOpen(), asked.cacheTime(), controllerClient));
    }
  }

  private static void requireUsable(Optional<URI> proxy) {
    if (proxy.isPresent() && "https".equalsIgnoreCase(proxy.get().getScheme())) {
      throw new IllegalArgumentException(
          "the admission controller's proxy is reached by https, which is not supported there");
    }
  }

  Admission admission() {
    return admission;
  }

  RateLimits limits() {
    return limits;
  }

  /// Whether this machine's own node would be admitted, where tailscaled decides: what is wrong,
  /// or nothing. Blocks for as long as an admission may take.
  Optional<String> checkOwnNode() throws InterruptedException {
    return tailscaled == null ? Optional.empty() : tailscaled.checkOwnNode(Admission.LIMIT);
  }

  @Override
  public void close() {
    watchdog.close();
    if (controllerClient != null) {
      controllerClient.close();
    }
  }
}
