package dev.derp4j.metrics;

/// Why a connection ended: the values of the label `reason` of `derp4j_connections_closed`.
///
/// Each connection ends for exactly one reason, counted by the phase it was in. A fixed set, since
/// label values must not be of a peer's choosing.
public enum CloseReason {
  /// Closed right after the accept: more came than the limits allow.
  ACCEPT_LIMIT("accept_limit"),
  /// A connection from a proxy did not begin with a PROXY header, or not in time.
  PROXY_HEADER("proxy_header"),
  /// The TLS handshake failed: no TLS at all, no common version, an unknown name.
  TLS_HANDSHAKE("tls_handshake"),
  /// The TLS handshake did not finish in time.
  TLS_TIMEOUT("tls_timeout"),
  /// An ordinary HTTP connection that never became DERP came to its ordinary end.
  HTTP_DONE("http_done"),
  /// What came was not HTTP, or broke a limit of ours: 400, 414, 417, 431, 501, 505.
  HTTP_MALFORMED("http_malformed"),
  /// The head of a request, or its body, did not arrive in time: 408.
  HTTP_TIMEOUT("http_timeout"),
  /// The DERP handshake did not finish in time.
  HANDSHAKE_TIMEOUT("handshake_timeout"),
  /// The first frame was no ClientInfo, or one of an impossible length or content.
  CLIENT_INFO_INVALID("client_info_invalid"),
  /// The box of the ClientInfo does not open with the sender's key.
  CLIENT_INFO_UNDECRYPTABLE("client_info_undecryptable"),
  /// The client may not connect here.
  NOT_ADMITTED("not_admitted"),
  /// A frame broke a rule: a length, a limit, a place where it may not come.
  PROTOCOL_ERROR("protocol_error"),
  /// A frame only mesh peers may send came from another.
  INSUFFICIENT_PERMISSIONS("insufficient_permissions"),
  /// A write did not finish in time.
  WRITE_TIMEOUT("write_timeout"),
  /// The peer closed it.
  CLOSED_BY_PEER("closed_by_peer"),
  /// The connection broke: reset, unreachable, timed out in the kernel, a TLS record that does not
  /// decrypt.
  RESET("reset"),
  /// A mesh peer asked us to close it.
  CLOSED_BY_MESH("closed_by_mesh"),
  /// The relay stops.
  SHUTDOWN("shutdown"),
  /// A fault of ours: the log has more.
  INTERNAL_ERROR("internal_error");

  private final String label;

  CloseReason(String label) {
    this.label = label;
  }

  /// The label's value in metrics.
  public String label() {
    return label;
  }
}
