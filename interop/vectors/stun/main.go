// Command stun records STUN messages of the original, and its judgement of hand-made and damaged ones.
//
// Run it in the interop module, with the directory of the test data as its argument:
//
//	go run ./vectors/stun ../derp4j-protocol/src/test/resources/dev/derp4j/stun
//
// The output depends on nothing but the version of the original.
package main

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"log"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"tailscale.com/net/stun"
)

const origin = "tailscale.com v1.102.5, net/stun"

// A recorder draws the same numbers on every run.
var random = rand.New(rand.NewPCG(3489, 8489))

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: stun <directory>")
	}
	write("requests.txt", "<transaction id> <request>", requests())
	write("answers.txt", "<transaction id> <ip> <port> <answer>", answers())
	write("judged-requests.txt", "accept|refuse <datagram>", judgedRequests())
	write("judged-answers.txt", "accept <transaction id> <ip> <port> <datagram>, or: refuse <datagram>", judgedAnswers())
}

func write(name, format string, lines []string) {
	text := "# " + origin + "\n# " + format + "\n" + strings.Join(lines, "\n") + "\n"
	if err := os.WriteFile(filepath.Join(os.Args[1], name), []byte(text), 0o644); err != nil {
		log.Fatal(err)
	}
}

func randomID() (id stun.TxID) {
	for i := range id {
		id[i] = byte(random.Uint32())
	}
	return id
}

func requests() (lines []string) {
	for _, id := range []stun.TxID{{}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, randomID(), randomID()} {
		lines = append(lines, fmt.Sprintf("%x %x", id[:], stun.Request(id)))
	}
	return lines
}

func clients() []netip.AddrPort {
	return []netip.AddrPort{
		netip.MustParseAddrPort("0.0.0.0:0"),
		netip.MustParseAddrPort("127.0.0.1:3478"),
		netip.MustParseAddrPort("203.0.113.77:65535"),
		netip.MustParseAddrPort("255.255.255.255:1"),
		netip.MustParseAddrPort("[::1]:41641"),
		netip.MustParseAddrPort("[2001:db8:1:2:3:4:5:6]:8489"),
		netip.MustParseAddrPort("[ff02::1]:4386"),
	}
}

func answers() (lines []string) {
	for _, c := range clients() {
		id := randomID()
		lines = append(lines, fmt.Sprintf("%x %v %d %x", id[:], c.Addr(), c.Port(), stun.Response(id, c)))
	}
	return lines
}

// message is a STUN message of the given attributes with a right length, before anyone damages it.
func message(kind uint16, id stun.TxID, attributes ...[]byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, kind)
	b = append(b, 0, 0, 0x21, 0x12, 0xa4, 0x42)
	b = append(b, id[:]...)
	for _, a := range attributes {
		b = append(b, a...)
	}
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)-20))
	return b
}

func attribute(kind uint16, value []byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, kind)
	b = binary.BigEndian.AppendUint16(b, uint16(len(value)))
	b = append(b, value...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

// signed appends a FINGERPRINT; declared is what the header's length is to say beyond the truth.
func signed(b []byte, declared int) []byte {
	b = append([]byte(nil), b...)
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)+8-20+declared))
	sum := crc32.ChecksumIEEE(b) ^ 0x5354554e
	return append(b, attribute(0x8028, binary.BigEndian.AppendUint32(nil, sum))...)
}

func judgedRequests() (lines []string) {
	id := randomID()
	tailnode := attribute(0x8022, []byte("tailnode"))
	other := attribute(0x8022, []byte("tailnodes"))
	user := attribute(0x0006, []byte("odd"))
	empty := attribute(0x8029, nil)
	whole := stun.Request(id)
	cases := [][]byte{
		nil,
		whole,
		signed(message(1, id, tailnode), 0),
		signed(message(1, id, user, tailnode), 0),
		signed(message(1, id, tailnode, user), 0),
		signed(message(1, id, empty, tailnode, empty, user), 0),
		signed(message(1, id, other, tailnode), 0),
		signed(message(1, id, tailnode, other), 0),
		signed(message(1, id, other), 0),
		signed(message(1, id, attribute(0x8022, []byte("Tailnode"))), 0),
		signed(message(1, id, attribute(0x8022, nil)), 0),
		signed(message(1, id), 0),
		signed(message(1, id, tailnode), 8),
		signed(message(1, id, tailnode), -8),
		signed(message(1, id, tailnode), 4096),
		signed(message(0x0101, id, tailnode), 0),
		signed(message(0x0011, id, tailnode), 0),
		signed(message(0x4001, id, tailnode), 0),
		signed(message(0x0003, id, tailnode), 0),
		message(1, id, tailnode),
		message(1, id),
		append(append([]byte(nil), whole...), 0),
		append(append([]byte(nil), whole...), 0, 0, 0, 0),
		append(append([]byte(nil), whole...), tailnode...),
		append(append([]byte(nil), whole...), whole...),
		signed(whole, 0),
		signed(message(1, id, tailnode, attribute(0x8028, []byte{1, 2, 3, 4})), 0),
		message(1, id, tailnode, attribute(0x8028, nil)),
		message(1, id, tailnode, attribute(0x8028, []byte{1, 2, 3, 4, 5, 6, 7, 8})),
		message(1, id, attribute(0x8028, []byte{1, 2, 3, 4}), tailnode),
		signed(append(message(1, id, tailnode), 0x80, 0x22, 0xff, 0xff), 0),
		signed(message(1, id, tailnode, attribute(0x8030, make([]byte, 1001))), 0),
	}
	for n := range len(whole) {
		cases = append(cases, whole[:n])
	}
	for range 60 {
		cases = append(cases, damaged(whole))
	}
	for _, c := range cases {
		verdict := "accept"
		if _, err := stun.ParseBindingRequest(c); err != nil {
			verdict = "refuse"
		}
		lines = append(lines, strings.TrimRight(verdict+" "+hex.EncodeToString(c), " "))
	}
	return lines
}

func judgedAnswers() (lines []string) {
	id := randomID()
	plain := func(family byte, port uint16, ip string) []byte {
		b := binary.BigEndian.AppendUint16([]byte{0, family}, port)
		return append(b, netip.MustParseAddr(ip).AsSlice()...)
	}
	xored := func(family byte, port uint16, ip string) []byte {
		b := plain(family, port^0x2112, ip)
		mask := append([]byte{0x21, 0x12, 0xa4, 0x42}, id[:]...)
		for i := range b[4:] {
			b[4+i] ^= mask[i]
		}
		return b
	}
	v4 := attribute(0x0020, xored(1, 41641, "198.51.100.7"))
	v6 := attribute(0x0020, xored(2, 1, "2001:db8::7"))
	alternative := attribute(0x8020, xored(1, 7, "198.51.100.8"))
	old := attribute(0x0001, plain(1, 9, "198.51.100.9"))
	old6 := attribute(0x0001, plain(2, 10, "2001:db8::a"))
	unknown := attribute(0x802b, []byte("whatever1"))
	cases := [][]byte{
		nil,
		message(0x0101, id),
		message(0x0101, id, v4),
		message(0x0101, id, v6),
		message(0x0101, id, alternative),
		message(0x0101, id, old),
		message(0x0101, id, old6),
		message(0x0101, id, old, v4),
		message(0x0101, id, v4, old),
		message(0x0101, id, v4, alternative),
		message(0x0101, id, alternative, v6),
		message(0x0101, id, unknown, v4),
		message(0x0101, id, v4, unknown),
		message(0x0101, id, unknown),
		message(0x0101, id, attribute(0x0020, xored(2, 3478, "::ffff:192.0.2.33"))),
		message(0x0101, id, attribute(0x0001, plain(2, 3478, "::ffff:192.0.2.33"))),
		message(0x0101, id, attribute(0x0020, append(xored(1, 5, "192.0.2.1"), 1, 2, 3))),
		message(0x0101, id, attribute(0x0020, xored(2, 5, "192.0.2.1"))),
		message(0x0101, id, attribute(0x0020, xored(1, 5, "192.0.2.1")[:7])),
		message(0x0101, id, attribute(0x0020, []byte{0, 1, 2})),
		message(0x0101, id, attribute(0x0020, nil)),
		message(0x0101, id, attribute(0x0020, xored(3, 5, "192.0.2.1"))),
		message(0x0101, id, attribute(0x0020, xored(0, 5, "192.0.2.1")), v4),
		message(0x0101, id, attribute(0x0001, plain(7, 5, "192.0.2.1")), v4),
		append(message(0x0101, id, v4), "behind"...),
		append(message(0x0101, id, v4), v6...),
		message(0x0101, id, v4)[:30],
		message(0x0111, id, v4),
		message(0x0001, id, v4),
		stun.Request(id),
		signed(message(0x0101, id, v4), 0),
		signed(message(0x0101, id, v4), -4),
		signed(message(0x0101, id, v4), -5),
		signed(message(0x0101, id, v4), 1),
		stun.Response(id, netip.MustParseAddrPort("[::ffff:192.0.2.33]:41641")), // to IPv4 on a wildcard socket
	}
	for range 60 {
		cases = append(cases, damaged(message(0x0101, id, unknown, v6, old)))
	}
	for _, c := range cases {
		got, addr, err := stun.ParseResponse(c)
		if err != nil {
			lines = append(lines, strings.TrimRight("refuse "+hex.EncodeToString(c), " "))
			continue
		}
		lines = append(lines, fmt.Sprintf("accept %x %v %d %x", got[:], addr.Addr(), addr.Port(), c))
	}
	return lines
}

// damaged has one to three bytes changed.
func damaged(b []byte) []byte {
	b = append([]byte(nil), b...)
	for range 1 + random.IntN(3) {
		b[random.IntN(len(b))] ^= 1 << random.IntN(8)
	}
	return b
}
