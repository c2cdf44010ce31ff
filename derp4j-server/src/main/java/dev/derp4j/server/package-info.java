@NullMarked
package dev.derp4j.server;

import org.jspecify.annotations.NullMarked;
