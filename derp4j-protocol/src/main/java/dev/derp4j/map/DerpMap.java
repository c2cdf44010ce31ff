package dev.derp4j.map;

import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// The regions that there are, as control servers tell their clients and as operators write them
/// into files.
///
/// ```text
/// {
///   "Regions": {
///     "900": {
///       "RegionID": 900, "RegionCode": "mine", "RegionName": "My relay",
///       "Nodes": [{"Name": "900a", "RegionID": 900, "HostName": "derp.example.com"}], // one
///     },
///   },
/// }
/// ```
///
/// Reading takes what people write: comments and trailing commas (the dialect is called HuJSON),
/// names in any letter case, missing and unknown fields, `null` for nothing. Of several fields of
/// one name the last wins, except that regions gather. Regions and nodes that are `null` are left
/// out. Unknown fields are not kept. What is read is not judged: ids, ports and addresses may be
/// nonsense, and only the node concerned is then of no use.
///
/// Immutable, and so free to be shared between threads.
///
/// @param regions by the number under which the map has them, which should be each region's own;
///     sorted, unmodifiable
/// @param omitDefaultRegions whether a client is to forget the public regions beside these
/// @param homeParams how to choose a home region, if the map says anything of it
public record DerpMap(
    SortedMap<Long, DerpRegion> regions,
    boolean omitDefaultRegions,
    Optional<HomeParams> homeParams) {

  /// The longest document that is read, in bytes. The public map has some 60 KiB.
  public static final int MAX_DOCUMENT = 16 << 20;

  /// Keeps a copy of the regions.
  public DerpMap {
    regions = Collections.unmodifiableSortedMap(new TreeMap<>(regions));
  }

  /// A map of these regions, each under its own number.
  public static DerpMap of(DerpRegion... regions) {
    SortedMap<Long, DerpRegion> byId = new TreeMap<>();
    for (DerpRegion region : regions) {
      byId.put(region.regionId(), region);
    }
    return new DerpMap(byId, false, Optional.empty());
  }

  /// Reads a document.
  ///
  /// @throws DerpMapException if it is no map, with one line that says where and why
  public static DerpMap parse(String json) throws DerpMapException {
    return DerpMapReader.read(json);
  }

  /// Reads a stream of UTF-8 to its end; damaged characters are replaced. The stream stays the
  /// caller's to close.
  ///
  /// @throws DerpMapException if it is no map or longer than [#MAX_DOCUMENT]
  /// @throws IOException if the stream cannot be read
  public static DerpMap read(InputStream in) throws IOException {
    return DerpMapReader.read(in.readNBytes(MAX_DOCUMENT + 1));
  }

  /// The region of this number.
  public Optional<DerpRegion> region(long regionId) {
    return Optional.ofNullable(regions.get(regionId));
  }

  /// The first region with this code.
  public Optional<DerpRegion> regionByCode(String code) {
    return regions.values().stream().filter(region -> region.regionCode().equals(code)).findFirst();
  }

  /// The document as the original's program writes it: on one line, fields and regions in its
  /// order, what is empty left out.
  ///
  /// One difference is meant: an empty list or table is `[]` or `{}`, where Go writes `null` for
  /// one that was never made. Both are read alike.
  public String toJson() {
    return DerpMapWriter.write(this);
  }
}
