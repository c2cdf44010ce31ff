package tailnet

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"derp4j.dev/interop/relay"
	"tailscale.com/net/netcheck"
	"tailscale.com/net/netmon"
	"tailscale.com/tailcfg"
)

var loopback = netip.MustParseAddr("127.0.0.1")

func TestNetcheckMeasuresTheRelayOverSTUN(t *testing.T) {
	r := relay.Start(t, relay.Options{Mode: relay.TLSIP})
	before, _ := r.Metric("stun_requests", "disposition", "success")

	report := netcheckReport(t, mapOf(r), nil)

	// Not IPv4CanSend: it stays false when the answer is faster than the sender's own note of having sent.
	if !report.UDP || !report.IPv4 {
		t.Errorf("UDP %v, IPv4 %v; want both true", report.UDP, report.IPv4)
	}
	if report.GlobalV4.Addr() != loopback || report.GlobalV4.Port() == 0 {
		t.Errorf("STUN told the address %v, want %v with a port", report.GlobalV4, loopback)
	}
	if report.RegionV4Latency[region] <= 0 {
		t.Errorf("latencies over IPv4: %v, want one for region %d", report.RegionV4Latency, region)
	}
	wantHome(t, report)
	if after, _ := r.Metric("stun_requests", "disposition", "success"); after <= before {
		t.Errorf("the relay counts %v STUN requests, as many as before", after)
	}
}

func TestNetcheckMeasuresTheRelayOverHTTPSWhereSTUNIsOff(t *testing.T) {
	r := relay.Start(t, relay.Options{Mode: relay.TLSIP})
	derpMap := mapOf(r)
	derpMap.Regions[region].Nodes[0].STUNPort = -1

	report := netcheckReport(t, derpMap, nil)

	if report.UDP || report.ICMPv4 {
		t.Errorf("UDP %v, ICMP %v; want neither, so that the latency is that of HTTPS", report.UDP, report.ICMPv4)
	}
	if !report.IPv4 {
		t.Error("IPv4 is said not to work, though HTTPS went over it")
	}
	wantHome(t, report)
}

// wantHome checks that the relay was found alive, and chosen.
func wantHome(t *testing.T, report *netcheck.Report) {
	t.Helper()
	if latency := report.RegionLatency[region]; latency <= 0 || latency > time.Second {
		t.Errorf("latency of the relay's region: %v, want some, and less than a second on one machine", latency)
	}
	if report.PreferredDERP != region {
		t.Errorf("preferred region: %d, want %d", report.PreferredDERP, region)
	}
	if report.CaptivePortal.EqualBool(true) {
		t.Error("a captive portal is seen where there is none")
	}
	t.Logf("latency %v, preferred region %d, captive portal %q", report.RegionLatency[region], report.PreferredDERP, report.CaptivePortal)
}

func netcheckReport(t *testing.T, derpMap *tailcfg.DERPMap, options *netcheck.GetReportOpts) *netcheck.Report {
	t.Helper()
	client := &netcheck.Client{
		NetMon:              netmon.NewStatic(),
		Logf:                t.Logf,
		SkipExternalNetwork: true,
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*netcheck.ReportTimeout)
	defer cancel()
	if err := client.Standalone(ctx, ""); err != nil {
		t.Fatal(err)
	}
	report, err := client.GetReport(ctx, derpMap, options)
	if err != nil {
		t.Fatal(err)
	}
	return report
}
