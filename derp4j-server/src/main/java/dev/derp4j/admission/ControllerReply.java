package dev.derp4j.admission;

/// What an admission controller answered.
///
/// @param status the HTTP status
/// @param body the first 4 KiB
record ControllerReply(int status, String body) {}
