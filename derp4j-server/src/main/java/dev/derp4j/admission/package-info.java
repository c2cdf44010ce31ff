/// Who may come in: the rules that a client is judged by between its ClientInfo and relaying.
///
/// [dev.derp4j.admission.Admission] is asked once for each newcomer. A [dev.derp4j.admission.Rule]
/// knows its answer at once; a [dev.derp4j.admission.Verifier] has to ask somebody and does so on a
/// virtual thread, never on an event loop. Those who were admitted stay known here as
/// [dev.derp4j.admission.Guest]s as long as they are connected, so that they can be sent away when
/// the rules change. Mesh peers never come this way. `session` calls this room; it knows neither
/// sockets of clients nor frames.
@NullMarked
package dev.derp4j.admission;

import org.jspecify.annotations.NullMarked;
