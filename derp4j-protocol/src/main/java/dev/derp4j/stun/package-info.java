/// STUN Binding messages (RFC 8489) in the narrow form that Tailscale's clients and relays speak.
///
/// This room turns bytes into messages and back, nothing else: it opens no socket, keeps no state
/// between messages and calls no other room. What a server needs per datagram
/// ([dev.derp4j.stun.RequestChecker], [dev.derp4j.stun.BindingAnswer#write]) works on caller-owned
/// arrays and allocates nothing; what a client needs ([dev.derp4j.stun.BindingRequest],
/// [dev.derp4j.stun.BindingAnswer#parse]) is made for ease of use.
///
/// Every message starts with the same 20 bytes, all numbers big-endian:
///
/// ```text
///  0       2       4               8                              20
/// +-------+-------+---------------+------------------------------+------------
/// | type  | length| 21 12 A4 42   | transaction id, 12 bytes     | attributes
/// +-------+-------+---------------+------------------------------+------------
/// ```
///
/// `length` counts the bytes behind the header. An attribute is a 2-byte type, a 2-byte length of
/// its value, the value, and zero to three bytes of padding up to a multiple of four, which the
/// length leaves out.
@NullMarked
package dev.derp4j.stun;

import org.jspecify.annotations.NullMarked;
