package relay

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Sample is one line of the metrics page.
type Sample struct {
	Name   string
	Labels map[string]string
	Value  float64
}

// Metrics is one reading of the metrics page.
type Metrics struct {
	Samples []Sample
	// Types maps a metric to what its TYPE line says; untyped metrics are not in it.
	Types map[string]string
}

// Metrics reads /debug/varz.
func (r *Relay) Metrics() (*Metrics, error) {
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(r.HTTPURL() + "/debug/varz")
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("/debug/varz: %s", response.Status)
	}
	return parseMetrics(response.Body)
}

// Get adds up the samples of a metric that have all the labels, given as name, value, name, value, and returns whether
// there was any.
func (m *Metrics) Get(name string, labels ...string) (float64, bool) {
	var sum float64
	var found bool
	for _, sample := range m.Samples {
		if sample.Name == name && sample.has(labels) {
			sum += sample.Value
			found = true
		}
	}
	return sum, found
}

func (s Sample) has(labels []string) bool {
	for i := 0; i+1 < len(labels); i += 2 {
		if s.Labels[labels[i]] != labels[i+1] {
			return false
		}
	}
	return true
}

// Metric reads one metric; see [Metrics.Get]. It is not found, too, while the relay does not answer.
func (r *Relay) Metric(name string, labels ...string) (float64, bool) {
	m, err := r.Metrics()
	if err != nil {
		return 0, false
	}
	return m.Get(name, labels...)
}

// WaitMetric waits up to ten seconds until the metric has the value.
func (r *Relay) WaitMetric(t testing.TB, want float64, name string, labels ...string) {
	t.Helper()
	r.WaitMetricFunc(t, func(v float64) bool { return v == want }, fmt.Sprint(want), name, labels...)
}

// WaitMetricFunc waits up to ten seconds until the metric's value is accepted; want says in words what is awaited.
func (r *Relay) WaitMetricFunc(t testing.TB, accept func(float64) bool, want string, name string, labels ...string) {
	t.Helper()
	var value float64
	var found bool
	if !Await(10*time.Second, func() bool {
		value, found = r.Metric(name, labels...)
		return found && accept(value)
	}) {
		t.Errorf("metric %s %v: %v (found: %v), want %s", name, labels, value, found, want)
	}
}

func parseMetrics(body io.Reader) (*Metrics, error) {
	m := &Metrics{Types: map[string]string{}}
	lines := bufio.NewScanner(body)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if rest, isType := strings.CutPrefix(line, "# TYPE "); isType {
			name, kind, _ := strings.Cut(rest, " ")
			if old, again := m.Types[name]; again && old != kind {
				return nil, fmt.Errorf("%s has two types, %s and %s", name, old, kind)
			}
			m.Types[name] = kind
			continue
		}
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		sample, err := parseSample(line)
		if err != nil {
			return nil, fmt.Errorf("metrics line %q: %w", line, err)
		}
		m.Samples = append(m.Samples, sample)
	}
	return m, lines.Err()
}

// parseSample reads `name value` or `name{label="value",…} value`.
func parseSample(line string) (Sample, error) {
	sample := Sample{Labels: map[string]string{}}
	end := strings.IndexAny(line, "{ ")
	if end < 0 {
		return sample, fmt.Errorf("no value")
	}
	sample.Name = line[:end]
	rest := line[end:]
	for strings.HasPrefix(rest, "{") || strings.HasPrefix(rest, ",") {
		rest = strings.TrimLeft(rest[1:], " ")
		if strings.HasPrefix(rest, "}") {
			break
		}
		name, quoted, found := strings.Cut(rest, "=")
		if !found {
			return sample, fmt.Errorf("a label without a value")
		}
		value, err := strconv.QuotedPrefix(quoted)
		if err != nil {
			return sample, err
		}
		rest = quoted[len(value):]
		if sample.Labels[name], err = strconv.Unquote(value); err != nil {
			return sample, err
		}
	}
	rest = strings.TrimSpace(strings.TrimPrefix(rest, "}"))
	// A second field would be a time stamp.
	text, _, _ := strings.Cut(rest, " ")
	var err error
	sample.Value, err = strconv.ParseFloat(text, 64)
	return sample, err
}
