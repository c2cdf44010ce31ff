/// How we read the JSON that Go programs and their users write, and quote what strangers wrote.
///
/// Here lives what is the same for every document, whatever is in it: how names match, how deep and
/// long a document may be, how its text looks in a log line. The documents themselves live in the
/// rooms that use them, which call in here; it calls nothing of ours.
@NullMarked
package dev.derp4j.json;

import org.jspecify.annotations.NullMarked;
