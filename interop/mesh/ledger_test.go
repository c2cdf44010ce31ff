package mesh

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"sync"

	"go4.org/mem"
	"tailscale.com/types/key"
)

// mark begins each packet that a ledger knows.
var mark = []byte("ledger packet \x00\x01")

const labelLength = 16 + 8 + 32 + 32

// ledger knows every packet that was sent in a region, and so notices one that came twice, or to the wrong client, or
// from the wrong one.
type ledger struct {
	mu         sync.Mutex
	next       uint64
	deliveries map[uint64]*member
	wrong      []string
}

func newLedger() *ledger {
	return &ledger{deliveries: map[uint64]*member{}}
}

// pack makes a packet of at least labelLength bytes and returns its number.
func (l *ledger) pack(from, to key.NodePublic, length int) (uint64, []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next++
	packet := binary.BigEndian.AppendUint64(bytes.Clone(mark), l.next)
	packet = to.AppendTo(from.AppendTo(packet))
	for len(packet) < length {
		packet = append(packet, byte(len(packet)*7)+byte(l.next))
	}
	return l.next, packet
}

// receive enters a packet that came to a client and returns whether it is one of the ledger's.
func (l *ledger) receive(at *member, source key.NodePublic, packet []byte) bool {
	if len(packet) < labelLength || !bytes.HasPrefix(packet, mark) {
		return false
	}
	number := binary.BigEndian.Uint64(packet[16:])
	from := key.NodePublicFromRaw32(mem.B(packet[24:56]))
	to := key.NodePublicFromRaw32(mem.B(packet[56:88]))
	l.mu.Lock()
	defer l.mu.Unlock()
	if source != from {
		l.wrong = append(l.wrong, fmt.Sprintf("packet %d of %v came from %v", number, from.ShortString(), source.ShortString()))
	}
	if to != at.key {
		l.wrong = append(l.wrong, fmt.Sprintf("packet %d for %v came to %v", number, to.ShortString(), at))
	}
	for i := labelLength; i < len(packet); i++ {
		if packet[i] != byte(i*7)+byte(number) {
			l.wrong = append(l.wrong, fmt.Sprintf("packet %d is another one from byte %d on", number, i))
			break
		}
	}
	if before := l.deliveries[number]; before != nil {
		l.wrong = append(l.wrong, fmt.Sprintf("packet %d came to %v and to %v", number, before, at))
	}
	l.deliveries[number] = at
	return true
}

// receiver is whom the packet came to, or nil.
func (l *ledger) receiver(number uint64) *member {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.deliveries[number]
}

// counts returns how many packets were sent and how many of them came.
func (l *ledger) counts() (sent, delivered int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return int(l.next), len(l.deliveries)
}

// takeWrong returns what went wrong since it was last asked.
func (l *ledger) takeWrong() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	wrong := l.wrong
	l.wrong = nil
	return wrong
}
