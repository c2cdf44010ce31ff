package client

import (
	"os"
	"testing"

	"derp4j.dev/interop/relay"
)

// The catalogue: what operators' dashboards and alerts ask for by name. An empty type is an untyped metric.
var catalogue = map[string]string{
	"derp_accepts":                       "counter",
	"derp_average_queue_duration_ms":     "",
	"derp_buffered_write_frames":         "histogram",
	"derp_bytes_dropped":                 "counter",
	"derp_bytes_received":                "counter",
	"derp_bytes_sent":                    "counter",
	"derp_clients_local":                 "gauge",
	"derp_clients_remote":                "gauge",
	"derp_clients_total":                 "gauge",
	"derp_current_connections":           "gauge",
	"derp_current_dup_client_conns":      "gauge",
	"derp_current_dup_client_keys":       "gauge",
	"derp_current_file_descriptors":      "gauge",
	"derp_current_home_connections":      "gauge",
	"derp_current_notideal_connections":  "gauge",
	"derp_got_ping":                      "counter",
	"derp_home_moves_in":                 "counter",
	"derp_home_moves_out":                "counter",
	"derp_mesh_update_batch_size":        "histogram",
	"derp_mesh_update_loop_count":        "histogram",
	"derp_packets_dropped":               "counter",
	"derp_packets_forwarded_in":          "counter",
	"derp_packets_forwarded_out":         "counter",
	"derp_packets_received":              "counter",
	"derp_packets_received_kind":         "counter",
	"derp_packets_sent":                  "counter",
	"derp_peer_gone_disconnected_frames": "counter",
	"derp_peer_gone_not_here_frames":     "counter",
	"derp_sclient_write_timeouts":        "counter",
	"derp_sent_pong":                     "counter",
	"derp_total_dup_client_conns":        "counter",
	"derp_unknown_frames":                "counter",
	"derp_watchers":                      "gauge",
	"derper_tls_active_version":          "gauge",
	"derper_tls_request_version":         "",
	"process_start_unix_time":            "",
	"stun_addrfamily":                    "counter",
	"stun_requests":                      "counter",
	"tls_listener_accepted_connections":  "counter",
	"tls_listener_rejected_connections":  "counter",
	"uptime_sec":                         "counter",
	"version":                            "",
}

// Names of functions that a relay may not have yet, or of the Go runtime. Where they are there, their type must be right;
// the Go original has them all.
var optional = map[string]string{
	"bootstrap_dns_published_hits":             "counter",
	"bootstrap_dns_published_misses":           "counter",
	"bootstrap_dns_queried_domains":            "counter",
	"bootstrap_dns_requests":                   "counter",
	"bootstrap_dns_unpublished_hits":           "counter",
	"bootstrap_dns_unpublished_misses":         "counter",
	"bootstrap_dns_unpublished_percent_misses": "counter",
	"derp_memstats_sys0":                       "gauge",
	"derp_multiforwarder_created":              "counter",
	"derp_multiforwarder_deleted":              "counter",
	"derp_packet_forwarder_delete_other_value": "counter",
	"derp_websocket_accepts":                   "counter",
	"go_version":                               "",
	"goroutines":                               "gauge",
	"memstats_frees":                           "counter",
	"memstats_gc_cpu_fraction":                 "gauge",
	"memstats_heap_alloc":                      "gauge",
	"memstats_mallocs":                         "counter",
	"memstats_num_gc":                          "counter",
	"memstats_sys":                             "gauge",
	"memstats_total_alloc":                     "counter",
	"node_boot_time_seconds":                   "",
	"process_cpu_seconds_total":                "counter",
	"process_max_fds":                          "gauge",
	"process_open_fds":                         "gauge",
	"process_resident_memory_bytes":            "gauge",
	"process_start_time_seconds":               "gauge",
	"process_virtual_memory_bytes":             "gauge",
}

// Labels that must be there from the start.
var labels = map[string]map[string][]string{
	"derp_packets_received_kind": {"kind": {"disco", "other"}},
	"stun_addrfamily":            {"family": {"ipv4", "ipv6"}},
	"stun_requests":              {"disposition": {"success", "not_stun", "read_error", "write_error"}},
}

var dropReasons = []string{"unknown_dest", "unknown_dest_on_fwd", "gone_disconnected", "queue_head", "queue_tail", "write_error", "dup_client"}

var buckets = map[string][]string{
	"derp_mesh_update_batch_size": {"0", "1", "2", "5", "10", "20", "50", "100", "200", "500", "1000", "+Inf"},
	"derp_mesh_update_loop_count": {"0", "1", "2", "5", "10", "20", "50", "100", "+Inf"},
	"derp_buffered_write_frames":  {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "15", "20", "25", "50", "100", "+Inf"},
}

func readMetrics(t *testing.T, r *relay.Relay) *relay.Metrics {
	t.Helper()
	m, err := r.Metrics()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestEveryMetricOfTheCatalogueIsThereWithItsType(t *testing.T) {
	r := sharedRelay(t, relay.TLS)
	fetch(t, r, "GET", "/derp/probe", nil)
	m := readMetrics(t, r)
	for name, kind := range catalogue {
		sample := name
		if kind == "histogram" {
			sample += "_count"
		}
		if _, found := m.Get(sample); !found {
			t.Errorf("%s is missing", name)
		} else if m.Types[name] != kind {
			t.Errorf("%s has type %q, want %q", name, m.Types[name], kind)
		}
	}
	for name, kind := range optional {
		if _, found := m.Get(name); !found && os.Getenv("INTEROP_TARGET") == target102 {
			t.Errorf("%s is missing", name)
		} else if found && m.Types[name] != kind {
			t.Errorf("%s has type %q, want %q", name, m.Types[name], kind)
		}
	}
	if kind, found := m.Types["derp_tcp_rtt"]; found && kind != "counter" {
		t.Errorf("derp_tcp_rtt has type %q, want counter", kind)
	}
	if _, found := m.Get("derp_version"); found {
		t.Error("derp_version belongs to another page")
	}
}

func TestLabelsAreThereFromTheStart(t *testing.T) {
	m := readMetrics(t, relay.Start(t, relay.Options{Mode: relay.Plain}))
	for name, byLabel := range labels {
		for label, values := range byLabel {
			for _, value := range values {
				if _, found := m.Get(name, label, value); !found {
					t.Errorf("%s{%s=%q} is missing", name, label, value)
				}
			}
		}
	}
	for _, name := range []string{"derp_packets_dropped", "derp_bytes_dropped"} {
		for _, reason := range dropReasons {
			for _, kind := range []string{"disco", "other"} {
				if value, found := m.Get(name, "reason", reason, "kind", kind); !found || value != 0 {
					t.Errorf("%s{reason=%q,kind=%q}: %v (found: %v), want 0", name, reason, kind, value, found)
				}
			}
		}
	}
	for name, bounds := range buckets {
		last := 0.0
		for _, bound := range bounds {
			value, found := m.Get(name+"_bucket", "le", bound)
			if !found || value < last {
				t.Errorf("%s_bucket{le=%q}: %v (found: %v), want at least %v", name, bound, value, found, last)
			}
			last = value
		}
		if total, found := m.Get(name + "_count"); !found || total != last {
			t.Errorf("%s_count: %v (found: %v), want %v as in the last bucket", name, total, found, last)
		}
		if _, found := m.Get(name + "_sum"); !found {
			t.Errorf("%s_sum is missing", name)
		}
	}
	for name, want := range map[string]bool{"version": true, "tls_listener_accepted_connections": false} {
		if _, found := m.Get(name); found != want {
			t.Errorf("%s without TLS: found %v, want %v", name, found, want)
		}
	}
	for _, sample := range m.Samples {
		if sample.Name == "version" && (sample.Labels["version"] == "" || sample.Labels["binary"] == "" || sample.Value != 1) {
			t.Errorf("version: %v %v", sample.Labels, sample.Value)
		}
	}
}

func TestTLSConnectionsAreCountedByVersion(t *testing.T) {
	r := quietRelay(t, relay.TLS)
	requests := count(t, r, "derper_tls_request_version")
	accepted := count(t, r, "tls_listener_accepted_connections")
	r.WaitMetric(t, 0, "derper_tls_active_version")
	over12, over13 := connectURL(0x0303)(t, r, identity{}), connectURL(0x0304)(t, r, identity{})
	r.WaitMetric(t, 1, "derper_tls_active_version", "version", "1.2")
	r.WaitMetric(t, 1, "derper_tls_active_version", "version", "1.3")
	requests.waitGrown(2)
	accepted.waitGrown(2)
	over12.close()
	r.WaitMetric(t, 0, "derper_tls_active_version", "version", "1.2")
	over13.close()
	r.WaitMetric(t, 0, "derper_tls_active_version", "version", "1.3")
}

func TestAcceptsAreCountedAlsoForClientsThatDoNotGetFar(t *testing.T) {
	r := quietRelay(t, relay.Plain)
	accepts := count(t, r, "derp_accepts")
	c := dialRaw(t, r)
	c.write([]byte(fastStartRequest))
	c.readServerKey()
	accepts.waitGrown(1)
	r.WaitMetric(t, 0, "derp_current_connections")
}
