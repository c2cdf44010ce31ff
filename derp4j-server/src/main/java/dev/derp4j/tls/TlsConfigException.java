package dev.derp4j.tls;

/// What keeps TLS from starting and lies in the operator's hands: a file, a certificate, a setting.
///
/// The message is one line that names the file or setting and what is wrong with it, fit to be
/// printed as it is. There is no stack trace, for nobody would read it; nor does a message ever
/// hold key material.
public final class TlsConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  TlsConfigException(String line) {
    super(line, null, false, false);
  }
}
