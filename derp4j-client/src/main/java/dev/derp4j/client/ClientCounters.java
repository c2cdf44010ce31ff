package dev.derp4j.client;

/// What a client has done since it was made, over all its connections.
///
/// @param packetsSent packets given to the connection, forwarded ones included
/// @param bytesSent their payloads
/// @param packetsReceived packets that came
/// @param bytesReceived their payloads
/// @param packetsOverRate packets dropped because the server takes no more at a time
/// @param messagesUnread the oldest messages dropped because nobody received while connections came
///     and went
public record ClientCounters(
    long packetsSent,
    long bytesSent,
    long packetsReceived,
    long bytesReceived,
    long packetsOverRate,
    long messagesUnread) {}
