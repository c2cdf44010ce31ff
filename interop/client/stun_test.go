package client

import (
	"net"
	"net/netip"
	"strconv"
	"testing"
	"time"

	"derp4j.dev/interop/relay"
	"tailscale.com/net/stun"
)

// stunAnswer is what came back for one request.
type stunAnswer struct {
	from   netip.AddrPort
	mapped netip.AddrPort
	raw    []byte
}

// askSTUN sends from a socket that takes answers from anywhere, repeating itself as UDP clients must.
func askSTUN(t *testing.T, socket *net.UDPConn, to netip.AddrPort) stunAnswer {
	t.Helper()
	transaction := stun.NewTxID()
	buffer := make([]byte, 1500)
	for range 10 {
		if _, err := socket.WriteToUDPAddrPort(stun.Request(transaction), to); err != nil {
			t.Fatal(err)
		}
		socket.SetReadDeadline(time.Now().Add(patience / 10))
		for {
			n, from, err := socket.ReadFromUDPAddrPort(buffer)
			if err != nil {
				break
			}
			got, mapped, err := stun.ParseResponse(buffer[:n])
			if err != nil {
				t.Fatalf("answer %x: %v", buffer[:n], err)
			}
			if got == transaction {
				return stunAnswer{netip.AddrPortFrom(from.Addr().Unmap(), from.Port()), mapped, append([]byte(nil), buffer[:n]...)}
			}
		}
	}
	t.Fatalf("%v does not answer", to)
	return stunAnswer{}
}

func stunSocket(t *testing.T, address string) *net.UDPConn {
	t.Helper()
	socket, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort(net.JoinHostPort(address, "0"))))
	if err != nil {
		t.Skipf("SKIPPED: no socket on %s: %v", address, err)
	}
	t.Cleanup(func() { socket.Close() })
	return socket
}

func localAddress(socket *net.UDPConn) netip.AddrPort {
	return socket.LocalAddr().(*net.UDPAddr).AddrPort()
}

func TestSTUNTellsTheClientsAddress(t *testing.T) {
	r := sharedRelay(t, relay.Plain)
	success := count(t, r, "stun_requests", "disposition", "success")
	family := count(t, r, "stun_addrfamily", "family", "ipv4")
	socket := stunSocket(t, "127.0.0.1")
	answer := askSTUN(t, socket, netip.MustParseAddrPort(r.STUNAddr))
	if answer.mapped != localAddress(socket) {
		t.Errorf("mapped address %v, want %v", answer.mapped, localAddress(socket))
	}
	if answer.from.String() != r.STUNAddr {
		t.Errorf("the answer comes from %v", answer.from)
	}
	if len(answer.raw) != 32 {
		t.Errorf("the answer has %d bytes, want 32: %x", len(answer.raw), answer.raw)
	}
	if success.grown() < 1 || family.grown() < 1 {
		t.Error("the request is not counted")
	}
}

func TestSTUNOnAllAddressesAnswersFromTheOneThatWasAsked(t *testing.T) {
	r := relay.Start(t, relay.Options{Mode: relay.Plain, Wildcard: true})
	for _, c := range []struct{ client, asked string }{
		{"127.0.0.1", "127.0.0.1"},
		{"127.0.0.1", "127.0.0.5"},
		{"127.0.0.9", "127.0.0.5"},
		{"0.0.0.0", "127.0.0.5"},
		{"::1", "::1"},
	} {
		t.Run(c.client+" asks "+c.asked, func(t *testing.T) {
			asked := netip.AddrPortFrom(netip.MustParseAddr(c.asked), uint16(r.STUNPort))
			if asked.Addr() != netip.MustParseAddr("127.0.0.1") && asked.Addr().Is4() {
				skipOn(t, "v1.102.5 answers from the address that the route picks", target102)
			}
			socket := stunSocket(t, c.client)
			answer := askSTUN(t, socket, asked)
			if answer.from != asked {
				t.Errorf("the answer comes from %v, want %v", answer.from, asked)
			}
			if answer.mapped.Port() != localAddress(socket).Port() {
				t.Errorf("mapped address %v, want port %d", answer.mapped, localAddress(socket).Port())
			}
			if local := localAddress(socket).Addr(); !local.IsUnspecified() && answer.mapped.Addr() != local {
				t.Errorf("mapped address %v, want %v", answer.mapped, local)
			}
		})
	}
}

func TestSTUNOnAllAddressesAnswersIPv4AsIPv4(t *testing.T) {
	skipOn(t, "v1.102.5 answers with family 2 and a mapped address there", target102)
	r := relay.Start(t, relay.Options{Mode: relay.Plain, Wildcard: true})
	answer := askSTUN(t, stunSocket(t, "127.0.0.1"), netip.MustParseAddrPort(r.STUNAddr))
	// header 20, attribute head 4, one zero byte, then the family
	if len(answer.raw) != 32 || answer.raw[25] != 1 {
		t.Errorf("%d bytes, family %d, want 32 bytes, family 1: %x", len(answer.raw), answer.raw[25], answer.raw)
	}
	ipv6 := askSTUN(t, stunSocket(t, "::1"), netip.AddrPortFrom(netip.IPv6Loopback(), uint16(r.STUNPort)))
	if len(ipv6.raw) != 44 || ipv6.raw[25] != 2 {
		t.Errorf("%d bytes, family %d, want 44 bytes, family 2: %x", len(ipv6.raw), ipv6.raw[25], ipv6.raw)
	}
}

func TestOtherUDPPacketsAreCountedAndNotAnswered(t *testing.T) {
	r := sharedRelay(t, relay.Plain)
	garbage := count(t, r, "stun_requests", "disposition", "not_stun")
	socket := stunSocket(t, "127.0.0.1")
	to := netip.MustParseAddrPort(r.STUNAddr)
	good := stun.Request(stun.NewTxID())
	changed := func(at int, to byte) []byte {
		b := append([]byte(nil), good...)
		b[at] = to
		return b
	}
	packets := [][]byte{
		{},
		{0},
		[]byte("hello"),
		pattern(1400),
		good[:19],
		good[:20],
		good[:len(good)-1],
		append(append([]byte(nil), good...), 0),
		changed(1, 2),                     // not a binding request
		changed(4, 0),                     // not the cookie
		changed(24, 'x'),                  // another software
		changed(len(good)-1, ^good[39]),   // a wrong checksum
		stun.Response(stun.NewTxID(), to), // an answer
		make([]byte, 40),
	}
	for _, packet := range packets {
		if _, err := socket.WriteToUDPAddrPort(packet, to); err != nil {
			t.Fatal(err)
		}
	}
	// askSTUN takes no answer but its own, and anything that does not parse as one is an error there.
	askSTUN(t, socket, to)
	garbage.waitGrown(float64(len(packets)))
	socket.SetReadDeadline(time.Now())
	if n, _, err := socket.ReadFromUDPAddrPort(make([]byte, 100)); err == nil {
		t.Errorf("%d more bytes came", n)
	}
}

func TestSTUNPortIsHeldBesideTheDERPAddress(t *testing.T) {
	r := sharedRelay(t, relay.Plain)
	socket, err := net.ListenPacket("udp", "127.0.0.1:"+strconv.Itoa(r.STUNPort))
	if err == nil {
		socket.Close()
		t.Error("nobody listens on the STUN port of the DERP address")
	}
}
