package dev.derp4j.map;

import java.util.List;

/// A region: one or several relays that know of each other's clients, so that reaching one of them
/// is enough.
///
/// @param regionId the region's number, positive and at most 2^53 - 1 by convention, which reading
///     does not check; 900 to 999 are for users' own
/// @param regionCode its short name, such as `fra`
/// @param regionName its name for people
/// @param latitude where it is, degrees north, 0 if unknown
/// @param longitude where it is, degrees east, 0 if unknown
/// @param avoid whether it should not become anyone's home; out of use, see `noMeasureNoHome`
/// @param noMeasureNoHome whether it is neither to be measured nor to become anyone's home, but
///     used where a peer is at home in it
/// @param nodes its relays, in the order in which to try them; unmodifiable
public record DerpRegion(
    long regionId,
    String regionCode,
    String regionName,
    double latitude,
    double longitude,
    boolean avoid,
    boolean noMeasureNoHome,
    List<DerpNode> nodes) {

  /// Keeps a copy of the list.
  public DerpRegion {
    nodes = List.copyOf(nodes);
  }

  /// A region of these nodes that nothing else is said about.
  public static DerpRegion of(long regionId, String regionCode, DerpNode... nodes) {
    return new DerpRegion(regionId, regionCode, regionCode, 0, 0, false, false, List.of(nodes));
  }
}
