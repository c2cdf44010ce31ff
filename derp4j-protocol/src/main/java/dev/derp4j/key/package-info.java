@NullMarked
package dev.derp4j.key;

import org.jspecify.annotations.NullMarked;
