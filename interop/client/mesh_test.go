package client

import (
	"net/netip"
	"testing"

	"derp4j.dev/interop/relay"
	"tailscale.com/derp"
	"tailscale.com/types/key"
)

// meshPeer is a connection that showed the mesh key.
func meshPeer(t *testing.T, r *relay.Relay) *peer {
	t.Helper()
	return connectPlain(t, r, identity{mesh: parsedMeshKey})
}

func TestForwardedPacketReachesItsLocalReceiverFromItsSource(t *testing.T) {
	for _, transport := range transports {
		t.Run(transport.name, func(t *testing.T) {
			r := sharedRelay(t, transport.mode)
			neighbour := transport.connect(t, r, identity{mesh: parsedMeshKey})
			local := transport.connect(t, r, identity{})
			elsewhere := key.NewNode().Public()
			forwarded := count(t, r, "derp_packets_forwarded_in")
			received := count(t, r, "derp_packets_received")
			for _, size := range []int{0, 1, 1280, 65536} {
				if err := neighbour.client.ForwardPacket(elsewhere, local.key, pattern(size)); err != nil {
					t.Fatal(err)
				}
				local.expectPacket(elsewhere, pattern(size))
			}
			forwarded.waitGrown(4)
			received.waitGrown(0)
		})
	}
}

func TestForwardedPacketToAnUnknownKeyIsDroppedAndToldToTheNeighbour(t *testing.T) {
	r := sharedRelay(t, relay.Plain)
	neighbour := meshPeer(t, r)
	dropped := count(t, r, "derp_packets_dropped", "reason", "unknown_dest_on_fwd", "kind", "disco")
	forwardedOut := count(t, r, "derp_packets_forwarded_out")
	from, to := key.NewNode().Public(), key.NewNode().Public()
	if err := neighbour.client.ForwardPacket(from, to, discoPacket(1)); err != nil {
		t.Fatal(err)
	}
	neighbour.expectGone(to, derp.PeerGoneReasonNotHere)
	dropped.waitGrown(1)
	forwardedOut.waitGrown(0)
}

func TestReceiverOfForwardedPacketsIsToldWhenTheirSourceLeft(t *testing.T) {
	r := sharedRelay(t, relay.Plain)
	neighbour := meshPeer(t, r)
	local := connectPlain(t, r, identity{})
	source := connectPlain(t, r, identity{})
	if err := neighbour.client.ForwardPacket(source.key, local.key, []byte("around the corner")); err != nil {
		t.Fatal(err)
	}
	local.expectPacket(source.key, []byte("around the corner"))
	source.close()
	local.expectGone(source.key, derp.PeerGoneReasonDisconnected)
}

func TestClosePeerClosesAllConnectionsOfTheKeyOnly(t *testing.T) {
	r := quietRelay(t, relay.Plain)
	neighbour := meshPeer(t, r)
	target := connectPlain(t, r, identity{})
	twin := connectPlain(t, r, target.id)
	bystander := connectPlain(t, r, identity{})
	if err := neighbour.client.ClosePeer(target.key); err != nil {
		t.Fatal(err)
	}
	target.expectEnd()
	twin.expectEnd()
	r.WaitMetric(t, 2, "derp_current_connections")
	bystander.echo()
	if err := neighbour.client.ClosePeer(key.NewNode().Public()); err != nil {
		t.Fatal(err)
	}
	neighbour.ping()
}

func TestMeshFramesWithoutTheMeshKeyEndTheConnection(t *testing.T) {
	bare := relay.Start(t, relay.Options{Mode: relay.Plain})
	meshed := sharedRelay(t, relay.Plain)
	wrongKey := mustParseMesh("fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210")
	someone := key.NewNode().Public()
	frames := map[string]frame{
		"WatchConns":    {derp.FrameWatchConns, nil},
		"ForwardPacket": {derp.FrameForwardPacket, append(someone.AppendTo(someone.AppendTo(nil)), pattern(9)...)},
		"ClosePeer":     {derp.FrameClosePeer, someone.AppendTo(nil)},
	}
	for name, f := range frames {
		for _, c := range []struct {
			name string
			r    *relay.Relay
			info string
		}{
			{"without a key", meshed, `{"version":2}`},
			{"with a wrong key", meshed, `{"version":2,"meshKey":"` + wrongKey.String() + `"}`},
			{"with a key at a relay that has none", bare, `{"version":2,"meshKey":"` + meshKey + `"}`},
			{"with the key of zeroes at a relay that has none", bare, `{"version":2,"meshKey":"` + (key.DERPMesh{}).String() + `"}`},
		} {
			t.Run(name+" "+c.name, func(t *testing.T) {
				mark := c.r.LogMark()
				client := connectRaw(t, c.r, c.info)
				client.ping()
				client.write(f.bytes())
				client.expectEnd()
				c.r.WaitLog(t, mark, "derp: "+client.address()+": insufficient permissions")
			})
		}
	}
}

func TestMeshKeyOfAnotherLengthEndsTheConnection(t *testing.T) {
	r := sharedRelay(t, relay.Plain)
	for _, text := range []string{"", meshKey[:62], meshKey + "00", "zz" + meshKey[2:]} {
		c := dialRaw(t, r)
		c.write([]byte(fastStartRequest))
		c.readServerKey()
		c.write(c.clientInfo(`{"version":2,"meshKey":"` + text + `"}`).bytes())
		c.expectEnd()
	}
}

func TestWatcherIsFloodedWithWhoIsThereItselfIncluded(t *testing.T) {
	r := quietRelay(t, relay.Plain)
	neighbour := connectRaw(t, r, `{"meshKey":"`+meshKey+`"}`)
	regular := connectRaw(t, r, `{}`)
	prober := connectRaw(t, r, `{"IsProber":true}`)
	notIdeal := dialRaw(t, r)
	notIdeal.write([]byte("GET /derp HTTP/1.1\r\nHost: relay\r\nUpgrade: DERP\r\nDerp-Fast-Start: 1\r\nIdeal-Node: another\r\n\r\n"))
	notIdeal.readServerKey()
	notIdeal.write(notIdeal.clientInfo(`{}`).bytes())
	notIdeal.expectFrame(derp.FrameServerInfo)
	r.WaitMetric(t, 1, "derp_current_notideal_connections")

	watcher := watch(t, r)
	expectFlood(t, watcher, map[*rawClient]derp.PeerPresentFlags{
		neighbour: derp.PeerPresentIsMeshPeer,
		regular:   derp.PeerPresentIsRegular,
		prober:    derp.PeerPresentIsProber,
		notIdeal:  derp.PeerPresentNotIdeal,
		watcher:   derp.PeerPresentIsMeshPeer,
	})
	r.WaitMetric(t, 1, "derp_watchers")

	watcher.writeFrame(derp.FrameWatchConns, nil)
	expectFlood(t, watcher, map[*rawClient]derp.PeerPresentFlags{
		neighbour: derp.PeerPresentIsMeshPeer,
		regular:   derp.PeerPresentIsRegular,
		prober:    derp.PeerPresentIsProber,
		notIdeal:  derp.PeerPresentNotIdeal,
		watcher:   derp.PeerPresentIsMeshPeer,
	})
	r.WaitMetric(t, 1, "derp_watchers")
	watcher.conn.Close()
	r.WaitMetric(t, 0, "derp_watchers")
	notIdeal.conn.Close()
	r.WaitMetric(t, 0, "derp_current_notideal_connections")
}

func TestWatcherLearnsWhoComesAndWhoGoes(t *testing.T) {
	r := quietRelay(t, relay.Plain)
	watcher := watch(t, r)
	expectFlood(t, watcher, map[*rawClient]derp.PeerPresentFlags{watcher: derp.PeerPresentIsMeshPeer})

	a := connectRaw(t, r, `{}`)
	expectFlood(t, watcher, map[*rawClient]derp.PeerPresentFlags{a: derp.PeerPresentIsRegular})
	twin := dialRaw(t, r)
	twin.id, twin.key = a.id, a.key
	twin.handshake(`{"IsProber":true}`)
	// Each connection is told, but only the departure of the last one.
	expectFlood(t, watcher, map[*rawClient]derp.PeerPresentFlags{twin: derp.PeerPresentIsProber})
	a.conn.Close()
	r.WaitMetric(t, 2, "derp_current_connections")
	watcher.ping()
	twin.conn.Close()
	want := append(twin.key.AppendTo(nil), byte(derp.PeerGoneReasonDisconnected))
	if got := watcher.expectFrame(derp.FramePeerGone); string(got) != string(want) {
		t.Errorf("got %x, want %x", got, want)
	}
}

func TestClientOfTheOriginalWatches(t *testing.T) {
	for _, transport := range transports {
		t.Run(transport.name, func(t *testing.T) {
			r := quietRelay(t, transport.mode)
			before := transport.connect(t, r, identity{})
			id := identity{private: key.NewNode(), mesh: parsedMeshKey}
			client := newURLClient(t, r, id, 0, nil)
			if r.Mode == relay.TLSIP {
				client = newRegionClient(t, id, node(r, "the-node"))
			}
			client.WatchConnectionChanges = true
			watcher := startHTTPClient(t, client, id)
			seen := map[key.NodePublic]bool{}
			for range 2 {
				present, isPresent := watcher.next().(derp.PeerPresentMessage)
				if !isPresent || !present.IPPort.Addr().IsLoopback() || present.IPPort.Port() == 0 {
					t.Fatalf("got %+v", present)
				}
				seen[present.Key] = true
			}
			if !seen[before.key] || !seen[watcher.key] {
				t.Errorf("the flood has %v", seen)
			}
			after := transport.connect(t, r, identity{prober: true})
			if present := watcher.expectPresent(after.key); present.Flags != derp.PeerPresentIsProber {
				t.Errorf("flags %d", present.Flags)
			}
			after.close()
			watcher.expectGone(after.key, derp.PeerGoneReasonDisconnected)
		})
	}
}

func TestManyClientsAreAllInTheFlood(t *testing.T) {
	const clients = 300
	r := quietRelay(t, relay.Plain)
	batches := count(t, r, "derp_mesh_update_batch_size_count")
	want := map[*rawClient]derp.PeerPresentFlags{}
	for range clients {
		want[connectRaw(t, r, `{}`)] = derp.PeerPresentIsRegular
	}
	watcher := watch(t, r)
	want[watcher] = derp.PeerPresentIsMeshPeer
	expectFlood(t, watcher, want)
	if batches.grown() < 1 {
		t.Error("the batch is not in the histogram")
	}
	delete(want, watcher)
	for client := range want {
		client.conn.Close()
	}
	gone := map[string]bool{}
	for range clients {
		gone[string(watcher.expectFrame(derp.FramePeerGone)[:32])] = true
	}
	if len(gone) != clients {
		t.Errorf("%d of %d departures were told", len(gone), clients)
	}
}

func TestAppNameIsRelayedToWatchers(t *testing.T) {
	skipOn(t, "v1.102.5 does not relay app names", target102)
	r := quietRelay(t, relay.Plain)
	named := connectRaw(t, r, `{"AppName":"the app/1.0"}`)
	watcher := watch(t, r)
	for range 2 {
		payload := watcher.expectFrame(derp.FramePeerPresent)
		name := ""
		if string(payload[:32]) == string(named.key.AppendTo(nil)) {
			name = "the app/1.0"
		}
		if len(payload) != 52+len(name) || int(payload[51]) != len(name) || string(payload[52:]) != name {
			t.Errorf("PeerPresent ends with %q, want the name %q", payload[51:], name)
		}
	}
}

// watch is a mesh peer that has asked for presence; its flood is not read yet.
func watch(t *testing.T, r *relay.Relay) *rawClient {
	t.Helper()
	watcher := connectRaw(t, r, `{"meshKey":"`+meshKey+`"}`)
	watcher.writeFrame(derp.FrameWatchConns, nil)
	return watcher
}

// expectFlood reads one PeerPresent frame for each of the clients, in any order.
func expectFlood(t *testing.T, watcher *rawClient, want map[*rawClient]derp.PeerPresentFlags) {
	t.Helper()
	rest := map[string]*rawClient{}
	for client := range want {
		rest[string(client.key.AppendTo(nil))] = client
	}
	for range want {
		payload := watcher.expectFrame(derp.FramePeerPresent)
		if len(payload) < 51 {
			t.Fatalf("PeerPresent has %s", brief(payload))
		}
		client := rest[string(payload[:32])]
		if client == nil {
			t.Fatalf("presence of %x, who is not there or was told already", payload[:32])
		}
		delete(rest, string(payload[:32]))
		address := netip.MustParseAddrPort(client.address())
		ip := address.Addr().As16()
		if string(payload[32:48]) != string(ip[:]) || payload[48] != byte(address.Port()>>8) || payload[49] != byte(address.Port()) {
			t.Errorf("address %x, want that of %v", payload[32:50], address)
		}
		if flags := derp.PeerPresentFlags(payload[50]); flags != want[client] {
			t.Errorf("flags %d, want %d", flags, want[client])
		}
	}
}
