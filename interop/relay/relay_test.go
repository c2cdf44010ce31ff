package relay

import (
	"strings"
	"testing"
)

func TestEveryModeStartsStopsAndComesBackWithItsKey(t *testing.T) {
	for _, mode := range []Mode{Plain, TLS, TLSIP, Dev} {
		t.Run(mode.String(), func(t *testing.T) {
			r := Start(t, Options{Mode: mode, MeshKey: strings.Repeat("a1", 32)})
			key, pin := r.PublicKey, r.CertPin
			if _, found := r.Metric("derp_accepts"); !found {
				t.Error("no metric derp_accepts")
			}
			if status := r.Stop(); status != 0 {
				t.Errorf("exit status %d after SIGTERM, want 0", status)
			}
			if err := r.Restart(); err != nil {
				t.Fatal(err)
			}
			if mode != Dev && r.PublicKey != key {
				t.Error("the restarted relay has another key")
			}
			if r.CertPin != pin {
				t.Error("the restarted relay has another certificate")
			}
			r.Kill()
			if err := r.greet(); err == nil {
				t.Error("the killed relay still answers")
			}
		})
	}
}

func TestMetricsPageIsRead(t *testing.T) {
	m, err := parseMetrics(strings.NewReader("# TYPE a counter\na 3\n\n# HELP b text\nb{x=\"1\",y=\"p\\\"q\"} 1.5\nb{x=\"1\",y=\"r\"} +Inf\n"))
	if err != nil {
		t.Fatal(err)
	}
	if v, found := m.Get("a"); !found || v != 3 || m.Types["a"] != "counter" {
		t.Errorf("a: %v %v %v", v, found, m.Types)
	}
	if v, found := m.Get("b", "y", `p"q`); !found || v != 1.5 {
		t.Errorf("b: %v %v", v, found)
	}
	if _, found := m.Get("b", "x", "2"); found {
		t.Error("found a sample without its label")
	}
}
