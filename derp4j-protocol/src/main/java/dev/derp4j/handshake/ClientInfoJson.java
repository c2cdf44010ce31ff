package dev.derp4j.handshake;

import dev.derp4j.json.Quoted;
import dev.derp4j.key.MeshKey;
import java.io.ByteArrayOutputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// The JSON form of [ClientInfo]. One instance collects the fields of one document.
final class ClientInfoJson {
  static final JsonFactory WRITER = new JsonFactory();

  private static final String DOCUMENT = "ClientInfo";
  private static final int MESH_KEY_DIGITS = 2 * MeshKey.LENGTH;

  private int version;
  private boolean canAckPings;
  private boolean isProber;
  private String appName = "";
  private @Nullable MeshKey meshKey;

  private ClientInfoJson() {}

  static ClientInfo parse(byte[] json) throws HandshakeException {
    ClientInfoJson fields = new ClientInfoJson();
    InfoReader.read(DOCUMENT, json, fields::take);
    if (!ClientInfo.isValidAppName(fields.appName)) {
      throw new HandshakeException("invalid AppName " + Quoted.text(fields.appName));
    }
    return new ClientInfo(
        fields.version,
        fields.canAckPings,
        fields.isProber,
        fields.appName,
        Optional.ofNullable(fields.meshKey));
  }

  private void take(String name, InfoReader value) throws HandshakeException {
    if (name.equals("meshkey")) {
      meshKey = meshKey(value);
    } else if (!value.isNull()) {
      switch (name) {
        case "version" ->
            version = Math.clamp(value.integerOf("version"), Integer.MIN_VALUE, Integer.MAX_VALUE);
        case "canackpings" -> canAckPings = value.booleanOf("CanAckPings");
        case "isprober" -> isProber = value.booleanOf("IsProber");
        case "appname" -> appName = value.textOf("AppName");
        default -> {} // unknown: the reader skips it
      }
    }
  }

  /// The original's key type reads its own JSON, so that `null` reaches it too, and is no key.
  private static @Nullable MeshKey meshKey(InfoReader value) throws HandshakeException {
    String digits = value.textOf("meshKey");
    if (digits.length() != MESH_KEY_DIGITS) {
      throw value.wrong("meshKey", "not " + MESH_KEY_DIGITS + " hexadecimal digits");
    }
    try {
      MeshKey key = MeshKey.parse(digits);
      return key.isZero() ? null : key;
    } catch (IllegalArgumentException malformed) {
      throw value.wrong("meshKey", "not " + MESH_KEY_DIGITS + " hexadecimal digits");
    }
  }

  static byte[] write(ClientInfo info) {
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    try (JsonGenerator out = WRITER.createGenerator(ObjectWriteContext.empty(), json)) {
      out.writeStartObject();
      info.meshKey().ifPresent(key -> out.writeStringProperty("meshKey", key.secretText()));
      if (info.version() != 0) {
        out.writeNumberProperty("version", info.version());
      }
      out.writeBooleanProperty("CanAckPings", info.canAckPings());
      if (info.isProber()) {
        out.writeBooleanProperty("IsProber", true);
      }
      if (!info.appName().isEmpty()) {
        out.writeStringProperty("AppName", info.appName());
      }
      out.writeEndObject();
    }
    return json.toByteArray();
  }
}
