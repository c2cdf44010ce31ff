package fault

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	chunkBytes = 16 << 10
	// maxChunks of a direction can be on their way.
	maxChunks = 64
)

// chunk is what was read: bytes, or why there are no more.
type chunk struct {
	bytes  []byte
	err    error
	readAt time.Time
}

// link is one connection through a proxy: two sockets and, for each direction, a goroutine that reads and one that
// writes, so that delayed bytes do not keep later ones from being read.
type link struct {
	proxy  *Proxy
	client *net.TCPConn
	// done is closed when the connection has ended.
	done chan struct{}
	// lost says that something of it vanished.
	lost atomic.Bool

	mu     sync.Mutex
	server *net.TCPConn
	ended  int
	closed bool
}

func newLink(p *Proxy, client *net.TCPConn) *link {
	return &link{proxy: p, client: client, done: make(chan struct{})}
}

// start carries bytes to the server and back; without a server, what comes from the client vanishes.
func (l *link) start(server *net.TCPConn) {
	l.mu.Lock()
	l.server = server
	closed := l.closed
	l.mu.Unlock()
	if closed { // while the server was being dialled
		abort(server)
		return
	}
	if server == nil {
		l.carry(ToServer, l.client, nil)
		l.vanish(ToServer)
		return
	}
	l.carry(ToServer, l.client, server)
	l.carry(ToClient, server, l.client)
}

func (l *link) carry(direction Direction, from, to *net.TCPConn) {
	chunks := make(chan chunk, maxChunks)
	go l.read(direction, from, chunks)
	go l.write(direction, to, chunks)
}

func (l *link) read(direction Direction, from *net.TCPConn, chunks chan<- chunk) {
	for {
		for f, changed := l.proxy.state(direction); f.holding; f, changed = l.proxy.state(direction) {
			select {
			case <-changed:
			case <-l.done:
				return
			}
		}
		buffer := make([]byte, chunkBytes)
		n, err := from.Read(buffer)
		select {
		case chunks <- chunk{buffer[:n], err, time.Now()}:
		case <-l.done:
			return
		}
		if err != nil {
			return
		}
	}
}

func (l *link) write(direction Direction, to *net.TCPConn, chunks <-chan chunk) {
	for {
		select {
		case c := <-chunks:
			switch passes, ended := l.awaitPassage(direction, c.readAt); {
			case ended:
				return
			case !passes || to == nil:
				l.vanish(direction)
			case !l.pass(c, to):
				return
			}
		case <-l.done:
			return
		}
	}
}

// awaitPassage waits until a chunk may go on and returns whether it does, or that the connection has ended.
func (l *link) awaitPassage(direction Direction, readAt time.Time) (passes, ended bool) {
	for {
		f, changed := l.proxy.state(direction)
		wait := time.Until(readAt.Add(f.delay))
		if f.swallowing || !f.holding && wait <= 0 {
			return !f.swallowing, false
		}
		var due <-chan time.Time
		if !f.holding {
			due = time.After(wait)
		}
		select {
		case <-due:
		case <-changed:
		case <-l.done:
			return false, true
		}
	}
}

// vanish remembers the loss. The fault may have been healed just now, by someone who did not know yet of it.
func (l *link) vanish(direction Direction) {
	l.lost.Store(true)
	if f, _ := l.proxy.state(direction); !f.swallowing {
		l.reset()
	}
}

// pass hands a chunk to its receiver and returns whether more may follow.
func (l *link) pass(c chunk, to *net.TCPConn) bool {
	if _, err := to.Write(c.bytes); err != nil {
		l.reset()
		return false
	}
	switch {
	case c.err == nil:
		return true
	case errors.Is(c.err, io.EOF):
		to.CloseWrite()
		l.mu.Lock()
		l.ended++
		both := l.ended == 2
		l.mu.Unlock()
		if both {
			l.close((*net.TCPConn).Close)
		}
	default:
		l.reset()
	}
	return false
}

// reset ends the connection with a reset at both ends.
func (l *link) reset() {
	l.close(abort)
}

func (l *link) close(end func(*net.TCPConn) error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	l.closed = true
	close(l.done)
	end(l.client)
	if l.server != nil {
		end(l.server)
	}
	l.proxy.forget(l)
}

func abort(conn *net.TCPConn) error {
	if conn == nil {
		return nil
	}
	conn.SetLinger(0)
	return conn.Close()
}
