@NullMarked
package dev.derp4j.bench;

import org.jspecify.annotations.NullMarked;
