package client

import (
	"testing"

	"derp4j.dev/interop/relay"
)

func TestNewestOfTwoConnectionsWithOneKeyGetsThePackets(t *testing.T) {
	overAll(t, func(t *testing.T, r *relay.Relay, connect func(identity) *peer) {
		sender := connect(identity{})
		older := connect(identity{})
		newer := connect(older.id)
		sender.send(newer, []byte("to the newer"))
		newer.expectPacket(sender.key, []byte("to the newer"))

		older.ping()
		sender.send(older, []byte("to the older, who spoke last"))
		older.expectPacket(sender.key, []byte("to the older, who spoke last"))

		newer.send(sender, []byte("from the newer"))
		sender.expectPacket(newer.key, []byte("from the newer"))
		sender.send(newer, []byte("to the newer, who spoke last"))
		newer.expectPacket(sender.key, []byte("to the newer, who spoke last"))
	})
}

func TestConnectionThatStaysAloneGetsThePacketsAgain(t *testing.T) {
	r := quietRelay(t, relay.Plain)
	sender := connectPlain(t, r, identity{})
	older := connectPlain(t, r, identity{})
	newer := connectPlain(t, r, older.id)
	newer.close()
	r.WaitMetric(t, 2, "derp_current_connections")
	sender.send(older, []byte("to who is left"))
	older.expectPacket(sender.key, []byte("to who is left"))
	older.send(sender, []byte("from who is left"))
	sender.expectPacket(older.key, []byte("from who is left"))
}

func TestWhenTheActiveOfThreeLeavesTheOneThatSpokeBeforeItTakesOver(t *testing.T) {
	r := quietRelay(t, relay.Plain)
	sender := connectPlain(t, r, identity{})
	first := connectPlain(t, r, identity{})
	second := connectPlain(t, r, first.id)
	third := connectPlain(t, r, first.id)
	first.ping()
	second.ping()
	second.close()
	r.WaitMetric(t, 3, "derp_current_connections")
	sender.send(first, []byte("to the first"))
	first.expectPacket(sender.key, []byte("to the first"))
	third.ping()
	sender.send(third, []byte("to the third"))
	third.expectPacket(sender.key, []byte("to the third"))
}

func TestDuplicatesAreCounted(t *testing.T) {
	r := quietRelay(t, relay.Plain)
	total := count(t, r, "derp_total_dup_client_conns")
	accepts := count(t, r, "derp_accepts")
	expect := func(connections, clients, duplicateKeys, duplicateConnections float64) {
		t.Helper()
		r.WaitMetric(t, connections, "derp_current_connections")
		r.WaitMetric(t, clients, "derp_clients_local")
		r.WaitMetric(t, clients, "derp_clients_total")
		r.WaitMetric(t, duplicateKeys, "derp_current_dup_client_keys")
		r.WaitMetric(t, duplicateConnections, "derp_current_dup_client_conns")
	}
	a := connectPlain(t, r, identity{})
	b := connectPlain(t, r, identity{})
	expect(2, 2, 0, 0)
	a2 := connectPlain(t, r, a.id)
	expect(3, 2, 1, 2)
	a3 := connectPlain(t, r, a.id)
	expect(4, 2, 1, 3)
	b2 := connectPlain(t, r, b.id)
	expect(5, 2, 2, 5)
	total.waitGrown(3)
	accepts.waitGrown(5)
	a3.close()
	expect(4, 2, 2, 4)
	a.close()
	expect(3, 2, 1, 2)
	a2.close()
	expect(2, 1, 1, 2)
	b.close()
	expect(1, 1, 0, 0)
	b2.close()
	expect(0, 0, 0, 0)
	total.waitGrown(3)
}

func TestTakingTurnsForLongHarmsNobody(t *testing.T) {
	r := sharedRelay(t, relay.Plain)
	sender := connectPlain(t, r, identity{})
	a := connectPlain(t, r, identity{})
	b := connectPlain(t, r, a.id)
	for i := range 200 {
		for _, active := range []*peer{a, b} {
			active.ping()
			sender.send(active, numbered(i))
			active.expectPacket(sender.key, numbered(i))
		}
	}
}
