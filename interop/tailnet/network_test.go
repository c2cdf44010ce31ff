package tailnet

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"derp4j.dev/interop/relay"
	"tailscale.com/tailcfg"
	"tailscale.com/tstest/integration/testcontrol"
)

// Clients wait up to 5 s between two attempts to reach a relay that went away.
const comeBackTimeout = 45 * time.Second

// Knobs of the original that keep nodes from finding each other directly, though they share a machine.
const (
	// The node does all but send to its peers by UDP, so it still measures the relay by STUN.
	neverDirect = "TS_DEBUG_NEVER_DIRECT_UDP=1"
	// The node has no UDP at all, as behind a strict firewall: it measures the relay by HTTPS and ICMP.
	noUDP = "TS_DEBUG_ALWAYS_USE_DERP=1"
)

// tailnet is a control server with two nodes that have one relay and no direct path.
type tailnet struct {
	relay       *relay.Relay
	control     *testcontrol.Server
	alpha, beta *node
	betaHasUDP  bool
}

// startTailnet brings up both nodes. The environment is for them.
func startTailnet(t *testing.T, r *relay.Relay, environment ...string) *tailnet {
	t.Helper()
	start := time.Now()
	control := &testcontrol.Server{Logf: func(string, ...any) {}, DERPMap: mapOf(r), AllOnline: true}
	control.HTTPTestServer = httptest.NewUnstartedServer(control)
	control.HTTPTestServer.Start()
	t.Cleanup(control.HTTPTestServer.Close)

	network := &tailnet{relay: r, control: control}
	// A development relay has no HTTPS to be measured by.
	network.betaHasUDP = r.Mode == relay.Dev
	betaKnob := noUDP
	if network.betaHasUDP {
		betaKnob = neverDirect
	}
	network.alpha = startNode(t, "alpha", slices.Concat(environment, []string{neverDirect})...)
	network.beta = startNode(t, "beta", slices.Concat(environment, []string{betaKnob})...)

	var both sync.WaitGroup
	var errs [2]error
	for i, n := range network.nodes() {
		both.Go(func() { errs[i] = n.up(control.HTTPTestServer.URL) })
	}
	both.Wait()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("both nodes up after %v", time.Since(start).Round(time.Millisecond))
	return network
}

func (network *tailnet) nodes() []*node {
	return []*node{network.alpha, network.beta}
}

// ways are the two directions between the nodes.
func (network *tailnet) ways() [][2]*node {
	return [][2]*node{{network.alpha, network.beta}, {network.beta, network.alpha}}
}

// wantHome waits until each node has chosen the relay, knows that the other has, and is connected there: a node says
// that it has a home before it has reached it, and a packet sent to it meanwhile is lost.
func (network *tailnet) wantHome(t *testing.T) {
	t.Helper()
	for _, way := range network.ways() {
		var state string
		if !relay.Await(30*time.Second, func() bool {
			self, err := way[0].status()
			if err != nil {
				state = err.Error()
				return false
			}
			peer, err := way[0].peer(way[1])
			if err != nil {
				state = err.Error()
				return false
			}
			state = fmt.Sprintf("own home %q, home of the peer %q", self.Self.Relay, peer.Relay)
			return self.Self.Relay == regionCode && peer.Relay == regionCode
		}) {
			t.Errorf("%s: %s; want %q for both", way[0].name, state, regionCode)
		}
	}
	network.relay.WaitMetric(t, 2, "derp_current_home_connections")
}

// wantReported checks what the nodes found out about the relay, as they have told the control server.
func (network *tailnet) wantReported(t *testing.T) {
	t.Helper()
	wantUDP := map[string]bool{"alpha": true, "beta": network.betaHasUDP}
	for _, n := range network.control.AllNodes() {
		name := n.Hostinfo.Hostname()
		info := n.Hostinfo.NetInfo()
		if !info.Valid() {
			t.Errorf("%s has reported nothing", name)
			continue
		}
		udp, _ := info.WorkingUDP().Get()
		if info.PreferredDERP() != region || udp != wantUDP[name] {
			t.Errorf("%s reported region %d and UDP %v, want %d and %v", name, info.PreferredDERP(), udp, region, wantUDP[name])
		}
	}
}

// wantComeBack ends the relay, sees the nodes cut off, and starts it again. The nodes, and a TCP connection that was open
// between them all the time, must recover without help.
func (network *tailnet) wantComeBack(t *testing.T, r *relay.Relay, conversation *echo, end func()) {
	t.Helper()
	if err := conversation.say("before", transferTimeout); err != nil {
		t.Fatalf("the connection does not work before the restart: %v", err)
	}
	end()
	if network.alpha.ping(network.beta, tailcfg.PingDisco, 2*time.Second) == nil {
		t.Fatal("a ping was answered while there was no relay")
	}
	if err := r.Restart(); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	for _, way := range network.ways() {
		for _, kind := range []tailcfg.PingType{tailcfg.PingDisco, tailcfg.PingTSMP} {
			var err error
			if !relay.Await(time.Until(start.Add(comeBackTimeout)), func() bool {
				err = way[0].ping(way[1], kind, time.Second)
				return err == nil
			}) {
				t.Fatalf("no %s ping from %s to %s %v after the restart: %v", kind, way[0].name, way[1].name, comeBackTimeout, err)
			}
		}
	}
	t.Logf("pings both ways %v after the relay was back", time.Since(start).Round(time.Millisecond))
	if err := conversation.say("after", comeBackTimeout); err != nil {
		t.Errorf("the connection that was open before the restart is broken: %v", err)
	}
	t.Logf("the open connection goes on %v after the relay was back", time.Since(start).Round(time.Millisecond))
	network.wantHome(t)
}
