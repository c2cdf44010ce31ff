package dev.derp4j.debug;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// Networks, as operators write them: a comma list of CIDRs and single addresses. Immutable.
public final class AddressRanges implements Predicate<InetAddress> {
  /// Holds no address.
  public static final AddressRanges NONE = new AddressRanges(List.of());

  private final List<AddressRange> ranges;

  private AddressRanges(List<AddressRange> ranges) {
    this.ranges = ranges;
  }

  /// @throws IllegalArgumentException if an item is neither a CIDR nor an address; the message is
  ///     one line that names it
  public static AddressRanges parse(String list) {
    List<AddressRange> ranges = new ArrayList<>();
    for (String entry : list.split(",", -1)) {
      String text = entry.strip();
      if (!text.isEmpty()) {
        try {
          ranges.add(AddressRange.parse(text.indexOf('/') >= 0 ? text : text + wholeAddress(text)));
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException("\"" + text + "\": " + e.getMessage(), e);
        }
      }
    }
    return new AddressRanges(List.copyOf(ranges));
  }

  private static String wholeAddress(String text) {
    return text.indexOf(':') >= 0 ? "/128" : "/32";
  }

  public boolean isEmpty() {
    return ranges.isEmpty();
  }

  @Override
  public boolean test(InetAddress address) {
    return ranges.stream().anyMatch(range -> range.contains(address));
  }
}
