package dev.derp4j.cli;

import dev.derp4j.admission.AdmissionConfig;
import dev.derp4j.admission.Tailscaled;
import dev.derp4j.cli.flags.Flag;
import dev.derp4j.cli.flags.FlagSet;
import dev.derp4j.cli.flags.GoText;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The flags that say who may come in.
final class AdmissionFlags {
  private static final Logger log = LoggerFactory.getLogger(AdmissionFlags.class);

  private final Flag<String> disallowedAppNames;
  private final Flag<String> denyKeysFile;
  private final Flag<String> allowKeysFile;
  private final Flag<Boolean> verifyClients;
  private final Flag<String> socket;
  private final Flag<String> url;
  private final Flag<Boolean> failOpen;
  private final Flag<Duration> cache;
  private final Flag<Duration> recheck;

  AdmissionFlags(FlagSet set) {
    disallowedAppNames =
        set.string(
            "disallow-app-names", "", "comma list of app names whose clients are turned away");
    denyKeysFile =
        set.string(
            "deny-keys-file",
            "",
            "file of node keys, one a line, that are turned away; read again when it changes");
    allowKeysFile =
        set.string(
            "allow-keys-file",
            "",
            "file of node keys, one a line, that are admitted, and nobody else unless another flag "
                + "says who; read again when it changes");
    verifyClients = set.bool("verify-clients", false, "admit only who the local tailscaled knows");
    socket =
        set.string(
            "socket",
            "",
            "tailscaled's socket for -verify-clients, "
                + Tailscaled.DEFAULT_SOCKET
                + " if not given");
    url =
        set.string(
            "verify-client-url",
            "",
            "URL of an admission controller that is asked about each client; a comma list of URLs "
                + "is asked in order until one answers");
    failOpen =
        set.bool(
            "verify-client-url-fail-open",
            true,
            "admit clients while no -verify-client-url answers");
    cache =
        set.duration(
            "verify-client-cache",
            Duration.ZERO,
            "how long an answer of -verify-client-url counts while none can be had");
    recheck =
        set.duration(
            "verify-client-recheck",
            Duration.ZERO,
            "how often connected clients are verified again, and disconnected if no longer allowed; "
                + "0 for never");
  }

  /// @param environment the process's, for proxies and roots
  /// @throws StartException if a value makes no sense
  AdmissionConfig config(Map<String, String> environment) throws StartException {
    AdmissionConfig config = AdmissionConfig.NONE.withDisallowedAppNames(appNames());
    if (!denyKeysFile.value().isEmpty()) {
      config = config.withDenyKeysFile(path(denyKeysFile, denyKeysFile.value()));
    }
    if (!allowKeysFile.value().isEmpty()) {
      config = config.withAllowKeysFile(path(allowKeysFile, allowKeysFile.value()));
    }
    if (verifyClients.value()) {
      config =
          config.withTailscaled(
              socket.value().isEmpty() ? Tailscaled.DEFAULT_SOCKET : path(socket, socket.value()));
    }
    List<URI> urls = urls();
    if (!urls.isEmpty() || recheck.changed()) {
      try {
        config =
            config.withControllers(
                new AdmissionConfig.Controllers(
                    urls, failOpen.value(), cache.value(), recheck.value()),
                environment);
      } catch (IllegalArgumentException e) {
        throw new StartException(String.valueOf(e.getMessage()));
      }
    }
    return config;
  }

  /// Split at commas and not trimmed, as in the original. There, an empty item bans everybody
  /// without an app name, which is nearly everybody and never what was meant.
  private Set<String> appNames() {
    Set<String> names = new LinkedHashSet<>();
    if (!disallowedAppNames.value().isEmpty()) {
      for (String name : disallowedAppNames.value().split(",", -1)) {
        if (name.isEmpty()) {
          log.warn("derper: -disallow-app-names: ignoring an empty name in the list");
        } else {
          names.add(name);
        }
      }
    }
    return names;
  }

  /// Only a comma that a new URL follows ends one: the original takes one URL, which may have
  /// commas in it.
  private List<URI> urls() throws StartException {
    List<URI> urls = new ArrayList<>();
    if (!url.value().isEmpty()) {
      for (String text : url.value().split(",(?=https?://)", -1)) {
        try {
          urls.add(URI.create(text));
        } catch (IllegalArgumentException e) {
          throw new StartException("-verify-client-url " + GoText.quote(text) + " is no URL");
        }
      }
    }
    return urls;
  }

  private static Path path(Flag<String> flag, String text) throws StartException {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new StartException("-" + flag.name() + " " + GoText.quote(text) + " is no path");
    }
  }
}
