/// JMH benchmarks of single pieces. Each one's Javadoc has the command that runs it.
@NullMarked
package dev.derp4j.bench.micro;

import org.jspecify.annotations.NullMarked;
