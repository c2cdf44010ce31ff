@NullMarked
package dev.derp4j.cli;

import org.jspecify.annotations.NullMarked;
