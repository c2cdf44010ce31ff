package client

import (
	"testing"

	"derp4j.dev/interop/relay"
	"tailscale.com/derp"
)

func TestPingIsAnsweredAndCounted(t *testing.T) {
	overAll(t, func(t *testing.T, r *relay.Relay, connect func(identity) *peer) {
		p := connect(identity{})
		got := count(t, r, "derp_got_ping")
		sent := count(t, r, "derp_sent_pong")
		for range 3 {
			p.ping()
		}
		got.waitGrown(3)
		sent.waitGrown(3)
	})
}

func TestLongPingIsAnsweredWithItsFirstEightBytes(t *testing.T) {
	r := sharedRelay(t, relay.Plain)
	c := connectRaw(t, r, `{}`)
	for _, length := range []int{8, 9, 100, 1000} {
		ping := pattern(length)
		c.writeFrame(derp.FramePing, ping)
		if pong := c.expectFrame(derp.FramePong); string(pong) != string(ping[:8]) {
			t.Errorf("ping of %d bytes: pong %x, want %x", length, pong, ping[:8])
		}
	}
}

func TestPingOfImpossibleLengthEndsTheConnection(t *testing.T) {
	r := sharedRelay(t, relay.Plain)
	for _, length := range []int{0, 7, 1001} {
		c := connectRaw(t, r, `{}`)
		c.writeFrame(derp.FramePing, pattern(length))
		c.expectEnd()
	}
}

func TestManyPingsAtOnceGetAtLeastOnePong(t *testing.T) {
	r := sharedRelay(t, relay.Plain)
	c := connectRaw(t, r, `{}`)
	var pings []byte
	for i := range 100 {
		pings = append(pings, frame{derp.FramePing, []byte{byte(i), 0, 0, 0, 0, 0, 0, 0}}.bytes()...)
	}
	c.write(pings)
	// Those that come while an answer waits are ignored, so only the first one's pong is certain, and their order.
	first := c.expectFrame(derp.FramePong)
	if first[0] != 0 {
		t.Errorf("the first pong is for ping %d", first[0])
	}
	last := first[0]
	c.sendPacket(c.key, []byte("the end"))
	for {
		f, err := c.read()
		if err != nil {
			t.Fatal(err)
		}
		if f.kind == derp.FrameRecvPacket {
			return
		}
		if f.kind != derp.FramePong || f.payload[0] <= last {
			t.Fatalf("frame of type %d, %x, behind the pong %d", f.kind, f.payload, last)
		}
		last = f.payload[0]
	}
}
