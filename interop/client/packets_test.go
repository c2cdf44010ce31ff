package client

import (
	"encoding/binary"
	"fmt"
	"testing"

	"derp4j.dev/interop/relay"
	"tailscale.com/derp"
	"tailscale.com/types/key"
)

func TestPacketsArriveBothWaysWithTheirSource(t *testing.T) {
	overAll(t, func(t *testing.T, r *relay.Relay, connect func(identity) *peer) {
		a, b := connect(identity{}), connect(identity{})
		if got := a.client.ServerPublicKey().Raw32(); got != r.PublicKey {
			t.Errorf("the client knows the relay by the key %x, want %x", got, r.PublicKey)
		}
		a.send(b, []byte("to b"))
		b.expectPacket(a.key, []byte("to b"))
		b.send(a, []byte("to a"))
		a.expectPacket(b.key, []byte("to a"))
		a.echo()
	})
}

func TestPacketsOfEverySizeArriveWhole(t *testing.T) {
	sizes := []int{61, 62, 63, 65535, 65536}
	for size := range 1281 {
		sizes = append(sizes, size)
	}
	sizes = append(sizes, 4064, 4091, 4096, 8192, 16347, 16384, 32768, 65499)
	overAll(t, func(t *testing.T, r *relay.Relay, connect func(identity) *peer) {
		a, b := connect(identity{}), connect(identity{})
		for _, size := range sizes {
			packet := pattern(size)
			a.send(b, packet)
			b.expectPacket(a.key, packet)
		}
	})
}

func TestPacketOverTheLimitIsTheSendersOwnError(t *testing.T) {
	r := sharedRelay(t, relay.Plain)
	a := connectByHand(0, nil)(t, r, identity{})
	if err := a.client.Send(a.key, pattern(65537)); err == nil {
		t.Error("the client sends 65537 bytes")
	}
	a.echo()
}

func TestPacketsKeepTheirOrderInBothDirectionsAtOnce(t *testing.T) {
	const packets = 2000
	overAll(t, func(t *testing.T, r *relay.Relay, connect func(identity) *peer) {
		a, b := connect(identity{}), connect(identity{})
		result := make(chan error, 2)
		go func() { result <- stream(a, b, packets) }()
		go func() { result <- stream(b, a, packets) }()
		for range 2 {
			if err := <-result; err != nil {
				t.Error(err)
			}
		}
	})
}

// stream sends numbered packets and reads them at the other end, with fewer on their way than a queue holds: none may be
// lost then. It runs beside the test's own goroutine, so it returns what is wrong.
func stream(from, to *peer, packets int) error {
	const window = 16
	credit := make(chan struct{}, window)
	sent := make(chan error, 1)
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		for i := range packets {
			select {
			case credit <- struct{}{}:
			case <-stop:
				return
			}
			if err := from.client.Send(to.key, numbered(i)); err != nil {
				sent <- err
				return
			}
		}
		sent <- nil
	}()
	for i := range packets {
		m, open := awaitMessage(to)
		packet, isPacket := m.(derp.ReceivedPacket)
		switch {
		case !open:
			return fmt.Errorf("waiting for packet %d: nothing came", i)
		case !isPacket:
			return fmt.Errorf("waiting for packet %d: got %T", i, m)
		case packet.Source != from.key:
			return fmt.Errorf("packet %d comes from %v", i, packet.Source)
		case string(packet.Data) != string(numbered(i)):
			return fmt.Errorf("waiting for packet %d: got packet %d, %s", i, number(packet.Data), brief(packet.Data))
		}
		<-credit
	}
	return <-sent
}

func TestFloodArrivesInOrderAndWhatIsLostIsCounted(t *testing.T) {
	const packets = 5000
	for _, mode := range []relay.Mode{relay.Plain, relay.TLS} {
		t.Run(mode.String(), func(t *testing.T) {
			r := quietRelay(t, mode)
			a, b := connectURL(0)(t, r, identity{}), connectURL(0)(t, r, identity{})
			dropped := count(t, r, "derp_packets_dropped")
			received := count(t, r, "derp_packets_received")
			sent := count(t, r, "derp_packets_sent")
			for i := range packets {
				a.send(b, numbered(i))
			}
			arrived, last := 0, -1
			// The queues drop their oldest, so the newest packet gets through always.
			for last != packets-1 {
				packet := b.expectAnyPacket()
				if n := number(packet.Data); n <= last {
					t.Fatalf("packet %d comes behind packet %d", n, last)
				} else {
					last = n
				}
				arrived++
			}
			received.waitGrown(packets)
			sent.waitGrown(float64(arrived))
			dropped.waitGrown(float64(packets - arrived))
			t.Logf("%d of %d arrived", arrived, packets)
		})
	}
}

func TestPacketToUnknownKeyIsCountedAndHarmless(t *testing.T) {
	r := sharedRelay(t, relay.Plain)
	a := connectPlain(t, r, identity{})
	other := count(t, r, "derp_packets_dropped", "reason", "unknown_dest", "kind", "other")
	disco := count(t, r, "derp_packets_dropped", "reason", "unknown_dest", "kind", "disco")
	bytes := count(t, r, "derp_bytes_dropped", "reason", "unknown_dest")
	a.sendKey(key.NewNode().Public(), pattern(100))
	a.echo()
	other.waitGrown(1)
	disco.waitGrown(0)
	bytes.waitGrown(100)
}

func TestTrafficIsCountedByKindAndBytes(t *testing.T) {
	r := quietRelay(t, relay.Plain)
	a, b := connectPlain(t, r, identity{}), connectPlain(t, r, identity{})
	received := count(t, r, "derp_packets_received")
	receivedBytes := count(t, r, "derp_bytes_received")
	disco := count(t, r, "derp_packets_received_kind", "kind", "disco")
	other := count(t, r, "derp_packets_received_kind", "kind", "other")
	sent := count(t, r, "derp_packets_sent")
	sentBytes := count(t, r, "derp_bytes_sent")
	a.send(b, pattern(100))
	a.send(b, discoPacket(1))
	for range 2 {
		b.expectAnyPacket()
	}
	total := float64(100 + len(discoPacket(1)))
	received.waitGrown(2)
	receivedBytes.waitGrown(total)
	disco.waitGrown(1)
	other.waitGrown(1)
	sent.waitGrown(2)
	sentBytes.waitGrown(total)
}

// numbered is a packet of common size that carries its number.
func numbered(i int) []byte {
	packet := pattern(1000)
	binary.BigEndian.PutUint32(packet, uint32(i))
	return packet
}

func number(packet []byte) int {
	if len(packet) < 4 {
		return -1
	}
	return int(binary.BigEndian.Uint32(packet))
}
