package client

import (
	"net"
	"strings"
	"testing"

	"derp4j.dev/interop/relay"
	"tailscale.com/derp"
	"tailscale.com/tailcfg"
)

func TestHomeConnectionsAreCounted(t *testing.T) {
	r := quietRelay(t, relay.Plain)
	r.WaitMetric(t, 0, "derp_current_home_connections")
	in, out := count(t, r, "derp_home_moves_in"), count(t, r, "derp_home_moves_out")
	a, b := connectRaw(t, r, `{}`), connectRaw(t, r, `{}`)
	for _, step := range []struct {
		client *rawClient
		home   byte
		want   float64
	}{{a, 1, 1}, {a, 1, 1}, {b, 1, 2}, {a, 0, 1}, {a, 0, 1}, {a, 1, 2}} {
		step.client.writeFrame(derp.FrameNotePreferred, []byte{step.home})
		step.client.ping()
		r.WaitMetric(t, step.want, "derp_current_home_connections")
	}
	a.conn.Close()
	r.WaitMetric(t, 1, "derp_current_home_connections")
	b.conn.Close()
	r.WaitMetric(t, 0, "derp_current_home_connections")
	// Within five seconds after connecting it is the first choice, not a move.
	in.waitGrown(0)
	out.waitGrown(0)
}

func TestClientOfTheOriginalNotesItsHomeWhenItConnects(t *testing.T) {
	r := quietRelay(t, relay.TLSIP)
	id := identity{}
	id.complete()
	client := newRegionClient(t, id, node(r, "the-node"))
	client.NotePreferred(true)
	p := startHTTPClient(t, client, id)
	r.WaitMetric(t, 1, "derp_current_home_connections")
	client.NotePreferred(false)
	r.WaitMetric(t, 0, "derp_current_home_connections")
	p.echo()
}

func TestNotePreferredOfAnotherLengthEndsTheConnection(t *testing.T) {
	r := sharedRelay(t, relay.Plain)
	for _, length := range []int{0, 2} {
		c := connectRaw(t, r, `{}`)
		c.writeFrame(derp.FrameNotePreferred, pattern(length))
		c.expectEnd()
	}
}

func TestClientOnItsSecondChoiceOfNodesIsMarkedNotIdeal(t *testing.T) {
	r := quietRelay(t, relay.TLSIP)
	watcher := watch(t, r)
	watcher.expectFrame(derp.FramePeerPresent)

	id := identity{}
	id.complete()
	unreachable := node(r, "first-choice")
	unreachable.DERPPort = closedPort(t)
	p := startHTTPClient(t, newRegionClient(t, id, unreachable, node(r, "second-choice")), id)
	r.WaitMetric(t, 1, "derp_current_notideal_connections")
	if flags := watcher.expectFrame(derp.FramePeerPresent)[50]; flags != derp.PeerPresentNotIdeal {
		t.Errorf("flags %d", flags)
	}
	p.close()
	r.WaitMetric(t, 0, "derp_current_notideal_connections")

	other := identity{}
	other.complete()
	startHTTPClient(t, newRegionClient(t, other, node(r, "first-choice"), unreachable), other)
	watcher.expectFrame(derp.FramePeerGone)
	if flags := watcher.expectFrame(derp.FramePeerPresent)[50]; flags != derp.PeerPresentIsRegular {
		t.Errorf("flags %d of a client on its first choice", flags)
	}
}

// closedPort was free a moment ago.
func closedPort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func TestAppNameIsAccepted(t *testing.T) {
	overAll(t, func(t *testing.T, r *relay.Relay, connect func(identity) *peer) {
		connect(identity{appName: "interop/1.0"}).echo()
		connect(identity{appName: strings.Repeat("~", 32)}).echo()
	})
}

func TestAppNameThatBreaksTheRuleIsRejected(t *testing.T) {
	skipOn(t, "v1.102.5 does not check app names", target102)
	r := sharedRelay(t, relay.Plain)
	for _, name := range []string{strings.Repeat("a", 33), `line\nbreak`, `\u0000`, "\u007f", "ä"} {
		for _, mesh := range []string{"", `"meshKey":"` + meshKey + `",`} {
			mark := r.LogMark()
			c := dialRaw(t, r)
			c.write([]byte(fastStartRequest))
			c.readServerKey()
			c.write(c.clientInfo(`{` + mesh + `"AppName":"` + name + `"}`).bytes())
			c.expectEnd()
			r.WaitLog(t, mark, "derp: "+c.address()+": receive client key: invalid AppName ")
		}
	}
}

func TestServerInfoTellsTheVersionAndNoRateLimit(t *testing.T) {
	overAll(t, func(t *testing.T, r *relay.Relay, connect func(identity) *peer) {
		if info := connect(identity{}).info; info != (derp.ServerInfoMessage{}) {
			t.Errorf("the relay asks its clients to limit themselves: %+v", info)
		}
	})
	c := dialRaw(t, sharedRelay(t, relay.Plain))
	c.write([]byte(fastStartRequest))
	c.readServerKey()
	c.write(c.clientInfo(`{"version":2}`).bytes())
	info, opened := c.id.private.OpenFrom(c.server, c.expectFrame(derp.FrameServerInfo))
	if !opened || string(info) != `{"version":2}` {
		t.Errorf("ServerInfo has %q (opened: %v)", info, opened)
	}
}

// A node without an address of its own is not what tailscaled makes of a map, but what people write.
func TestRegionNodeWithAddressAsHostNameOnly(t *testing.T) {
	r := sharedRelay(t, relay.TLSIP)
	id := identity{}
	id.complete()
	bare := &tailcfg.DERPNode{Name: "bare", RegionID: 900, HostName: "127.0.0.1", DERPPort: r.Port, CertName: r.CertPin}
	startHTTPClient(t, newRegionClient(t, id, bare), id).echo()
}
