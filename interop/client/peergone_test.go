package client

import (
	"testing"

	"derp4j.dev/interop/relay"
	"tailscale.com/derp"
	"tailscale.com/types/key"
)

func TestDiscoPacketToAnUnknownKeyIsAnsweredWithNotHere(t *testing.T) {
	overAll(t, func(t *testing.T, r *relay.Relay, connect func(identity) *peer) {
		p := connect(identity{})
		frames := count(t, r, "derp_peer_gone_not_here_frames")
		stranger := key.NewNode().Public()
		p.sendKey(stranger, discoPacket(1))
		p.expectGone(stranger, derp.PeerGoneReasonNotHere)
		frames.waitGrown(1)
	})
}

func TestOtherPacketsToAnUnknownKeyAreNotAnswered(t *testing.T) {
	r := sharedRelay(t, relay.Plain)
	p := connectPlain(t, r, identity{})
	first, second := key.NewNode().Public(), key.NewNode().Public()
	p.sendKey(first, pattern(200))
	// One byte shorter than the shortest disco packet, and one with a wrong first byte.
	p.sendKey(first, discoPacket(1)[:61])
	p.sendKey(first, append([]byte{0}, discoPacket(1)...))
	p.ping()
	p.sendKey(second, discoPacket(1)[:62])
	p.expectGone(second, derp.PeerGoneReasonNotHere)
	p.echo()
}

func TestNotHereIsToldThreeTimesAtOnceAtMost(t *testing.T) {
	r := sharedRelay(t, relay.Plain)
	c := connectRaw(t, r, `{}`)
	frames := count(t, r, "derp_peer_gone_not_here_frames")
	// One write, so that the relay has all twenty well within the second in which a fourth one comes due.
	var flight []byte
	for i := range 20 {
		flight = append(flight, frame{derp.FrameSendPacket, append(key.NewNode().Public().AppendTo(nil), discoPacket(byte(i))...)}.bytes()...)
	}
	c.write(flight)
	for range 3 {
		if payload := c.expectFrame(derp.FramePeerGone); len(payload) != 33 || payload[32] != 1 {
			t.Errorf("PeerGone has %s", brief(payload))
		}
	}
	c.ping()
	if grown := frames.grown(); grown != 3 {
		t.Errorf("%v notices, want 3", grown)
	}
	// A second connection has a limit of its own.
	other := connectPlain(t, r, identity{})
	stranger := key.NewNode().Public()
	other.sendKey(stranger, discoPacket(1))
	other.expectGone(stranger, derp.PeerGoneReasonNotHere)
}

func TestReceiverIsToldWhenAPeerThatSentToItLeaves(t *testing.T) {
	overAll(t, func(t *testing.T, r *relay.Relay, connect func(identity) *peer) {
		frames := count(t, r, "derp_peer_gone_disconnected_frames")
		a, b, bystander := connect(identity{}), connect(identity{}), connect(identity{})
		a.send(b, []byte("hello"))
		b.expectPacket(a.key, []byte("hello"))
		// b has sent to the bystander, but nothing came from a, and a got nothing from b.
		b.send(bystander, []byte("hello"))
		bystander.expectPacket(b.key, []byte("hello"))
		a.close()
		b.expectGone(a.key, derp.PeerGoneReasonDisconnected)
		frames.waitGrown(1)
		bystander.echo()
		b.echo()
	})
}

func TestDepartureIsToldOncePerPeerAndConnection(t *testing.T) {
	r := quietRelay(t, relay.Plain)
	frames := count(t, r, "derp_peer_gone_disconnected_frames")
	receiver := connectPlain(t, r, identity{})
	sender := connectPlain(t, r, identity{})
	for range 3 {
		sender.send(receiver, []byte("hello"))
		receiver.expectPacket(sender.key, []byte("hello"))
	}
	sender.close()
	receiver.expectGone(sender.key, derp.PeerGoneReasonDisconnected)

	again := connectPlain(t, r, sender.id)
	again.send(receiver, []byte("back"))
	receiver.expectPacket(sender.key, []byte("back"))
	again.close()
	r.WaitMetric(t, 1, "derp_current_connections")
	receiver.echo()
	receiver.ping()
	frames.waitGrown(1)

	// A connection of its own is told again.
	receiver.close()
	r.WaitMetric(t, 0, "derp_current_connections")
	receiver = connectPlain(t, r, receiver.id)
	again = connectPlain(t, r, sender.id)
	again.send(receiver, []byte("hello"))
	receiver.expectPacket(sender.key, []byte("hello"))
	again.close()
	receiver.expectGone(sender.key, derp.PeerGoneReasonDisconnected)
	frames.waitGrown(2)
}

func TestDepartureOfOneOfTwoDuplicatesIsNoDeparture(t *testing.T) {
	r := quietRelay(t, relay.Plain)
	receiver := connectPlain(t, r, identity{})
	older := connectPlain(t, r, identity{})
	newer := connectPlain(t, r, older.id)
	for _, sender := range []*peer{older, newer} {
		sender.send(receiver, []byte("hello"))
		receiver.expectPacket(sender.key, []byte("hello"))
	}
	newer.close()
	r.WaitMetric(t, 2, "derp_current_connections")
	receiver.echo()
	older.close()
	receiver.expectGone(older.key, derp.PeerGoneReasonDisconnected)
}
