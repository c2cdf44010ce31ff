package mesh

import (
	"testing"

	"tailscale.com/derp"
	"tailscale.com/types/key"
)

// talk is what a region does while nothing is wrong.
func (r *region) talk(t *testing.T) {
	r.scenario(t, "the nodes find each other and ignore themselves", func(*testing.T) { r.awaitConsistent() })
	r.scenario(t, "packets of every size cross both ways", r.packetsOfEverySizeCross)
	r.scenario(t, "many packets cross in order", r.manyPacketsCrossInOrder)
	r.scenario(t, "who comes and goes is known everywhere", r.whoComesAndGoesIsKnownEverywhere)
	r.scenario(t, "nobody is told of unknown peers but the sender of a disco packet", r.unknownPeers)
	r.scenario(t, "clients move between nodes", r.clientsMove)
	r.scenario(t, "a key on two nodes is reached on the nearer one", r.keyOnTwoNodes)
	r.scenario(t, "a peer is gone when the whole region has lost it", r.goneFromTheRegion)
	r.scenario(t, "a closed peer is gone everywhere", r.closedPeerIsGone)
}

func (r *region) packetsOfEverySizeCross(*testing.T) {
	clients := r.joinEach(1)
	r.awaitConsistent()
	for _, pair := range r.pairs(clients) {
		a, b := pair[0], pair[1]
		for _, packet := range [][]byte{pattern(0), pattern(1), pattern(1280), pattern(16384), pattern(65535), pattern(65536),
			discoPacket(62), discoPacket(1280), discoPacket(65536)} {
			a.send(b.key, packet)
			b.expectPacket(a.key, packet)
		}
	}
}

// pairs are the first clients of any two nodes, in both orders.
func (r *region) pairs(clients [][]*member) [][2]*member {
	var pairs [][2]*member
	for i := range clients {
		for j := range clients {
			if i != j {
				pairs = append(pairs, [2]*member{clients[i][0], clients[j][0]})
			}
		}
	}
	return pairs
}

// Fewer at a time than a queue holds, so that none may be missing.
func (r *region) manyPacketsCrossInOrder(*testing.T) {
	clients := r.joinEach(1)
	r.awaitConsistent()
	for _, pair := range r.pairs(clients) {
		a, b := pair[0], pair[1]
		for burst := range 10 {
			for i := range 25 {
				a.send(b.key, pattern(1000+25*burst+i))
			}
			for i := range 25 {
				b.expectPacket(a.key, pattern(1000+25*burst+i))
			}
		}
	}
}

func (r *region) whoComesAndGoesIsKnownEverywhere(*testing.T) {
	clients := r.joinEach(3)
	r.awaitConsistent()
	for _, here := range clients {
		r.leave(here[0])
	}
	r.awaitConsistent()
	for _, here := range clients {
		r.joinAs(here[0].at, here[0].private)
	}
	r.awaitConsistent()
}

func (r *region) unknownPeers(t *testing.T) {
	clients := r.joinEach(1)
	r.awaitConsistent()
	nobody := key.NewNode().Public()
	for _, here := range clients {
		sender := here[0]
		sender.send(nobody, pattern(100))
		sender.ping()
		if sender.toldGone(nobody, derp.PeerGoneReasonNotHere) != 0 {
			t.Errorf("%v is told of a peer that it sent no disco packet to", sender)
		}
		sender.send(nobody, discoPacket(100))
		sender.awaitToldGone(nobody, derp.PeerGoneReasonNotHere)
	}
}

// clientsMove connects to the new node before the old connection ends, as real clients do, and after.
func (r *region) clientsMove(*testing.T) {
	clients := r.joinEach(1)
	r.awaitConsistent()
	moving := clients[0][0]
	for round := range 2 {
		for i := range r.nodes {
			to := r.nodes[(i+1)%len(r.nodes)]
			before := moving
			if round == 0 {
				moving = r.joinAs(to, before.private)
				r.leave(before)
			} else {
				r.leave(before)
				moving = r.joinAs(to, before.private)
			}
			r.awaitConsistent()
		}
	}
}

func (r *region) keyOnTwoNodes(*testing.T) {
	r.joinEach(1)
	first := r.join(r.nodes[0])
	second := r.joinAs(r.nodes[1], first.private)
	r.awaitConsistent()
	last := r.nodes[len(r.nodes)-1]
	third := r.joinAs(last, first.private)
	if last == r.nodes[1] {
		r.leave(second) // two on one node would fail its consistency check
		second = third
	}
	r.awaitConsistent()
	r.leave(first)
	r.awaitConsistent()
	r.leave(second)
	r.awaitConsistent()
}

func (r *region) goneFromTheRegion(t *testing.T) {
	clients := r.joinEach(1)
	listeners := make([]*member, len(r.nodes))
	bystanders := make([]*member, len(r.nodes))
	for i := range r.nodes {
		listeners[i], bystanders[i] = clients[i][0], r.join(r.nodes[i])
	}
	first := r.join(r.nodes[0])
	second := r.joinAs(r.nodes[1], first.private)
	r.awaitAgreement()
	for _, sender := range []*member{first, second} {
		for _, listener := range listeners {
			sender.send(listener.key, pattern(200))
			listener.expectPacket(sender.key, pattern(200))
		}
	}
	r.leave(first)
	r.awaitAgreement()
	for _, listener := range listeners {
		listener.notToldGone(first.key)
	}
	r.leave(second)
	for _, listener := range listeners {
		listener.awaitToldGone(first.key, derp.PeerGoneReasonDisconnected)
	}
	r.awaitAgreement()
	for i := range r.nodes {
		listeners[i].ping()
		if count := listeners[i].toldGone(first.key, derp.PeerGoneReasonDisconnected); count != 1 {
			t.Errorf("%v is told %d times", listeners[i], count)
		}
		// Who never got a packet from the peer is not concerned.
		bystanders[i].notToldGone(first.key)
	}
}

// closedPeerIsGone closes a peer by each node as a trusted client does; on a node where the peer is not, that does
// nothing.
func (r *region) closedPeerIsGone(*testing.T) {
	for i, n := range r.nodes {
		elsewhere := r.nodes[(i+1)%len(r.nodes)]
		target, bystander := r.join(n), r.join(n)
		listener := r.join(elsewhere)
		r.awaitConsistent()
		r.closePeer(elsewhere, target.key)
		r.awaitConsistent()
		r.closePeer(n, target.key)
		target.expectEnd()
		listener.awaitToldGone(target.key, derp.PeerGoneReasonDisconnected)
		r.awaitConsistent()
		if !bystander.connected() {
			r.t.Errorf("%v was closed too", bystander)
		}
	}
}

// closePeer asks a node over a connection with the mesh key, and returns when the node has handled it.
func (r *region) closePeer(n *node, target key.NodePublic) {
	r.t.Helper()
	trusted, err := dialMember(r.t, n, key.NewNode(), parsedMeshKey, r.ledger)
	if err != nil {
		r.t.Fatal(err)
	}
	defer trusted.client.Close()
	if err := trusted.client.ClosePeer(target); err != nil {
		r.t.Fatal(err)
	}
	trusted.ping()
}
