package client

import (
	"context"
	"encoding/binary"
	"net"
	"syscall"
	"testing"
	"time"

	"derp4j.dev/interop/relay"
	"tailscale.com/derp"
)

// floodBytes is more than the kernel buffers for one loopback connection plus what a relay may queue for it.
const floodBytes = 24 << 20

func TestFrozenReceiverHarmsNobodyElseAndIsClosedAfterTheWriteTimeout(t *testing.T) {
	for _, mode := range []relay.Mode{relay.Plain, relay.TLS} {
		t.Run(mode.String(), func(t *testing.T) {
			r := relay.Start(t, relay.Options{Mode: mode, ExtraArgs: []string{"-tcp-write-timeout", "1s"}})
			frozen := connectFrozen(t, r)
			flooder := connectURL(0)(t, r, identity{})
			a, b := connectURL(0)(t, r, identity{}), connectURL(0)(t, r, identity{})
			r.WaitMetric(t, 4, "derp_current_connections")
			head := count(t, r, "derp_packets_dropped", "reason", "queue_head")
			timeouts := count(t, r, "derp_sclient_write_timeouts")
			mark := r.LogMark()

			// The flood goes on until the relay has closed the frozen connection, the pair talks all the while.
			stopFlood := make(chan struct{})
			flood := make(chan error, 1)
			go func() {
				packet := pattern(1280)
				for {
					select {
					case <-stopFlood:
						flood <- nil
						return
					default:
					}
					if err := flooder.client.Send(frozen.key, packet); err != nil {
						flood <- err
						return
					}
				}
			}()
			closed := make(chan bool, 1)
			go func() {
				closed <- relay.Await(patience, func() bool {
					connections, found := r.Metric("derp_current_connections")
					return found && connections == 3
				})
			}()
			rounds := 0
			for running := true; running; rounds++ {
				if err := stream(a, b, 200); err != nil {
					t.Fatal(err)
				}
				select {
				case was := <-closed:
					if !was {
						t.Error("the frozen connection is not closed")
					}
					running = false
				default:
				}
			}
			close(stopFlood)
			if err := <-flood; err != nil {
				t.Errorf("the flooding client: %v", err)
			}
			if rounds < 2 {
				t.Error("the pair was kept waiting by the frozen receiver")
			}
			// Its departure is told to nobody: it never sent.
			flooder.ping()
			timeouts.waitGrown(1)
			if head.grown() == 0 {
				t.Error("no packet was dropped as queue_head")
			}
			r.WaitLog(t, mark, "derp client "+frozen.address()+frozen.key.ShortString()+": sender failed: ")
		})
	}
}

func TestReceiverThatThawsGetsTheNewestPacketsInOrder(t *testing.T) {
	r := relay.Start(t, relay.Options{Mode: relay.Plain, ExtraArgs: []string{"-tcp-write-timeout", "0"}})
	frozen := connectFrozen(t, r)
	sender := connectPlain(t, r, identity{})
	head := count(t, r, "derp_packets_dropped", "reason", "queue_head", "kind", "other")
	packets := floodBytes / 1000
	for i := range packets {
		sender.sendKey(frozen.key, numbered(i))
	}
	sender.ping()
	if head.grown() == 0 {
		t.Fatal("no packet was dropped; the flood was too small")
	}
	r.WaitMetric(t, 2, "derp_current_connections")
	// 32 wait in the lane, the newest ones; what was on its way into the socket before is in order too.
	frozen.conn.SetReadDeadline(time.Now().Add(patience))
	arrived, last := 0, -1
	for last != packets-1 {
		payload := frozen.expectFrame(derp.FrameRecvPacket)
		n := int(binary.BigEndian.Uint32(payload[32:]))
		if n <= last {
			t.Fatalf("packet %d comes behind packet %d", n, last)
		}
		if n > packets-32 && n != last+1 {
			t.Errorf("packet %d comes behind packet %d, though both fit into the lane", n, last)
		}
		last = n
		arrived++
	}
	head.waitGrown(float64(packets - arrived))
	sender.ping()
}

func TestFrozenReceiverDoesNotKeepControlFramesFromItsSender(t *testing.T) {
	r := relay.Start(t, relay.Options{Mode: relay.Plain, ExtraArgs: []string{"-tcp-write-timeout", "0"}})
	frozen := connectFrozen(t, r)
	sender := connectPlain(t, r, identity{})
	packet := pattern(65536)
	for range floodBytes / len(packet) {
		sender.sendKey(frozen.key, packet)
	}
	sender.ping()
	sender.echo()
	// What is left in its lanes when it goes is counted as well.
	gone := count(t, r, "derp_packets_dropped", "reason", "gone_disconnected")
	frozen.conn.Close()
	r.WaitMetric(t, 1, "derp_current_connections")
	if !relay.Await(patience, func() bool { return gone.grown() >= 30 }) {
		t.Errorf("%v packets counted as gone_disconnected, want what the lane held, about 32", gone.grown())
	}
}

// connectFrozen connects a client that reads nothing after its handshake, with as small a receive buffer as the system
// allows.
func connectFrozen(t *testing.T, r *relay.Relay) *rawClient {
	t.Helper()
	dialer := net.Dialer{Control: func(_, _ string, raw syscall.RawConn) error {
		return raw.Control(func(fd uintptr) { syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4096) })
	}}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := dialer.DialContext(ctx, "tcp", r.Addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	c := overConn(t, secured(t, r, conn, 0))
	c.handshake(`{}`)
	return c
}
