package tailnet

import (
	"bytes"
	"strings"
	"sync"
	"testing"
)

// logBuffer gathers a program's output while it runs.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// printOnFailure prints the end of the log, where the reason usually is.
func (b *logBuffer) printOnFailure(t *testing.T, whose string) {
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("end of the log of %s:\n%s", whose, lastLines(b.String(), 100))
		}
	})
}

func lastLines(text string, count int) string {
	lines := strings.Split(text, "\n")
	return strings.Join(lines[max(0, len(lines)-count):], "\n")
}
