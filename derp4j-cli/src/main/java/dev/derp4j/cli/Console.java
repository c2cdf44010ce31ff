package dev.derp4j.cli;

import java.io.PrintStream;
import java.util.Map;

/// What a command has around it.
///
/// @param out for what was asked for
/// @param err for everything else
/// @param environment the environment variables
record Console(PrintStream out, PrintStream err, Map<String, String> environment) {}
