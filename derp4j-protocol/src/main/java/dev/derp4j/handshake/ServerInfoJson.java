package dev.derp4j.handshake;

import java.io.ByteArrayOutputStream;
import java.util.OptionalLong;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;

/// The JSON form of [ServerInfo]. One instance collects the fields of one document.
final class ServerInfoJson {
  private static final String DOCUMENT = "ServerInfo";
  private static final String RATE = "TokenBucketBytesPerSecond";
  private static final String BURST = "TokenBucketBytesBurst";

  private int version;
  private long rate;
  private long burst;

  private ServerInfoJson() {}

  static ServerInfo parse(byte[] json) throws HandshakeException {
    ServerInfoJson fields = new ServerInfoJson();
    InfoReader.read(DOCUMENT, json, fields::take);
    return new ServerInfo(fields.version, unlessZero(fields.rate), unlessZero(fields.burst));
  }

  private void take(String name, InfoReader value) throws HandshakeException {
    if (!value.isNull()) {
      switch (name) {
        case "version" ->
            version = Math.clamp(value.integerOf("version"), Integer.MIN_VALUE, Integer.MAX_VALUE);
        case "tokenbucketbytespersecond" -> rate = value.integerOf(RATE);
        case "tokenbucketbytesburst" -> burst = value.integerOf(BURST);
        default -> {} // unknown: the reader skips it
      }
    }
  }

  private static OptionalLong unlessZero(long value) {
    return value == 0 ? OptionalLong.empty() : OptionalLong.of(value);
  }

  static byte[] write(ServerInfo info) {
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    try (JsonGenerator out =
        ClientInfoJson.WRITER.createGenerator(ObjectWriteContext.empty(), json)) {
      out.writeStartObject();
      if (info.version() != 0) {
        out.writeNumberProperty("version", info.version());
      }
      info.tokenBucketBytesPerSecond().ifPresent(rate -> out.writeNumberProperty(RATE, rate));
      info.tokenBucketBytesBurst().ifPresent(burst -> out.writeNumberProperty(BURST, burst));
      out.writeEndObject();
    }
    return json.toByteArray();
  }
}
