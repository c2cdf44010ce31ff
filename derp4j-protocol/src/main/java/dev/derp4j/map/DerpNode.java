package dev.derp4j.map;

/// One relay of a region, and how to reach it. Texts are empty where the map says nothing.
///
/// @param name its name, unique in the map, such as `900a`; no host name
/// @param regionId the region it belongs to
/// @param hostName its name in DNS or its address; also the TLS server name and HTTP host
/// @param certName the name that its certificate must have instead of `hostName`, or
///     `sha256-raw:` and the SHA-256 of its certificate in hexadecimal
/// @param ipv4 its IPv4 address, to be dialled instead of what DNS says; anything that is no IPv4
///     address, by convention `none`, means that it has none
/// @param ipv6 the same for IPv6
/// @param stunPort its STUN port; 0 stands for 3478, -1 for none
/// @param stunOnly whether it is no relay, only a STUN server
/// @param derpPort its HTTPS port; 0 stands for 443
/// @param insecureForTests whether to accept any certificate
/// @param stunTestIp another address of its STUN server, for tests
/// @param canPort80 whether it answers plain HTTP on port 80, for captive-portal checks
public record DerpNode(
    String name,
    long regionId,
    String hostName,
    String certName,
    String ipv4,
    String ipv6,
    int stunPort,
    boolean stunOnly,
    int derpPort,
    boolean insecureForTests,
    String stunTestIp,
    boolean canPort80) {

  /// What precedes a certificate's hash in `certName`.
  public static final String CERTIFICATE_PIN = "sha256-raw:";

  /// The STUN port of a node that names none.
  public static final int DEFAULT_STUN_PORT = 3478;

  /// The HTTPS port of a node that names none.
  public static final int DEFAULT_DERP_PORT = 443;

  /// Begins a node that is what the map's defaults make of it.
  public static Builder builder(String name, long regionId, String hostName) {
    return new Builder().name(name).regionId(regionId).hostName(hostName);
  }

  /// The port to dial for DERP.
  public int effectiveDerpPort() {
    return derpPort == 0 ? DEFAULT_DERP_PORT : derpPort;
  }

  /// The port to ask by STUN, -1 if the node answers none.
  public int effectiveStunPort() {
    return stunPort == 0 ? DEFAULT_STUN_PORT : stunPort;
  }

  /// Collects what is to be said of a node. Not thread-safe.
  public static final class Builder {
    private String name = "";
    private long regionId;
    private String hostName = "";
    private String certName = "";
    private String ipv4 = "";
    private String ipv6 = "";
    private int stunPort;
    private boolean stunOnly;
    private int derpPort;
    private boolean insecureForTests;
    private String stunTestIp = "";
    private boolean canPort80;

    Builder() {}

    Builder name(String value) {
      name = value;
      return this;
    }

    Builder regionId(long value) {
      regionId = value;
      return this;
    }

    Builder hostName(String value) {
      hostName = value;
      return this;
    }

    /// See [DerpNode#certName()].
    public Builder certName(String value) {
      certName = value;
      return this;
    }

    /// See [DerpNode#ipv4()].
    public Builder ipv4(String value) {
      ipv4 = value;
      return this;
    }

    /// See [DerpNode#ipv6()].
    public Builder ipv6(String value) {
      ipv6 = value;
      return this;
    }

    /// See [DerpNode#stunPort()].
    public Builder stunPort(int value) {
      stunPort = value;
      return this;
    }

    /// See [DerpNode#stunOnly()].
    public Builder stunOnly(boolean value) {
      stunOnly = value;
      return this;
    }

    /// See [DerpNode#derpPort()].
    public Builder derpPort(int value) {
      derpPort = value;
      return this;
    }

    /// See [DerpNode#insecureForTests()].
    public Builder insecureForTests(boolean value) {
      insecureForTests = value;
      return this;
    }

    /// See [DerpNode#stunTestIp()].
    public Builder stunTestIp(String value) {
      stunTestIp = value;
      return this;
    }

    /// See [DerpNode#canPort80()].
    public Builder canPort80(boolean value) {
      canPort80 = value;
      return this;
    }

    /// The node.
    public DerpNode build() {
      return new DerpNode(
          name,
          regionId,
          hostName,
          certName,
          ipv4,
          ipv6,
          stunPort,
          stunOnly,
          derpPort,
          insecureForTests,
          stunTestIp,
          canPort80);
    }
  }
}
