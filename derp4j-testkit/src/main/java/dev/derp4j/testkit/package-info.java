@NullMarked
package dev.derp4j.testkit;

import org.jspecify.annotations.NullMarked;
