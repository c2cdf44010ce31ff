// Package fault is a TCP proxy on loopback that makes the network between a client and a server as bad as a test wants
// it. It knows bytes and connections, nothing of what they mean, so TLS passes through it.
package fault

import (
	"net"
	"sync"
	"time"
)

// Direction is which way bytes flow.
type Direction int

const (
	// ToServer is the way from whoever connected to the proxy.
	ToServer Direction = iota
	// ToClient is the way back.
	ToClient
)

// maxLinks bounds the connections that are open at a time; more are reset.
const maxLinks = 1000

// flow is what is wrong in one direction.
type flow struct {
	swallowing bool
	holding    bool
	delay      time.Duration
}

// Proxy stands in front of one server. Its faults act on open and on new connections alike, at once, and until
// [Proxy.Heal]; only [Proxy.Cut] is over when it returns. All methods may be called from any goroutine.
type Proxy struct {
	listener net.Listener

	mu       sync.Mutex
	target   string
	refusing bool
	closed   bool
	flows    [2]flow
	links    map[*link]bool
	accepted int
	// changed is closed, and another one made, whenever anything above is changed.
	changed chan struct{}
}

// New starts a proxy on a free port. Connections wait until [Proxy.Target] says where they lead.
func New() (*Proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{listener: listener, links: map[*link]bool{}, changed: make(chan struct{})}
	go p.acceptAll()
	return p, nil
}

// Port is where the proxy listens on 127.0.0.1.
func (p *Proxy) Port() int {
	return p.listener.Addr().(*net.TCPAddr).Port
}

// Target says where connections lead from now on, as host:port.
func (p *Proxy) Target(address string) {
	p.change(func() { p.target = address })
}

// Cut resets all open connections at both ends. New ones pass; call [Proxy.Refuse] first if they shall not.
func (p *Proxy) Cut() {
	for _, l := range p.openLinks() {
		l.reset()
	}
}

// Refuse resets new connections as soon as they are open. Those that are open stay so.
func (p *Proxy) Refuse() {
	p.change(func() { p.refusing = true })
}

// Swallow lets all bytes vanish that go there, the ends and resets of connections too, while the sockets stay open:
// half-open connections. A new connection is taken and never reaches the server if bytes to it vanish. No directions
// means both.
func (p *Proxy) Swallow(directions ...Direction) {
	p.each(directions, func(f *flow) { f.swallowing = true })
}

// Hold stops bytes that go there without losing any, as a peer does that does not read: the sender gets rid of about
// 1 MiB more, then its writes block. No directions means both.
func (p *Proxy) Hold(directions ...Direction) {
	p.each(directions, func(f *flow) { f.holding = true })
}

// Delay lets bytes that go there arrive so much later, as many as before, up to 1 MiB on their way. No directions means
// both.
func (p *Proxy) Delay(delay time.Duration, directions ...Direction) {
	p.each(directions, func(f *flow) { f.delay = delay })
}

// Heal ends all faults. What was held or delayed goes its way at once; connections that lost something are reset, since
// what would follow would make no sense.
func (p *Proxy) Heal() {
	p.change(func() {
		p.refusing = false
		p.flows = [2]flow{}
	})
	for _, l := range p.openLinks() {
		if l.lost.Load() {
			l.reset()
		}
	}
}

// Open is how many connections are open.
func (p *Proxy) Open() int {
	return len(p.openLinks())
}

// Accepted is how many connections came in so far, whatever became of them.
func (p *Proxy) Accepted() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.accepted
}

// Close takes no more connections and resets those that are open.
func (p *Proxy) Close() {
	p.listener.Close()
	p.change(func() { p.closed = true })
	p.Cut()
}

func (p *Proxy) change(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *Proxy) each(directions []Direction, change func(*flow)) {
	if len(directions) == 0 {
		directions = []Direction{ToServer, ToClient}
	}
	p.change(func() {
		for _, direction := range directions {
			change(&p.flows[direction])
		}
	})
}

// state is what is wrong in a direction now, and what tells that it may have changed.
func (p *Proxy) state(direction Direction) (flow, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.flows[direction], p.changed
}

func (p *Proxy) openLinks() []*link {
	p.mu.Lock()
	defer p.mu.Unlock()
	var links []*link
	for l := range p.links {
		links = append(links, l)
	}
	return links
}

func (p *Proxy) acceptAll() {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		go p.connect(newLink(p, conn.(*net.TCPConn)))
	}
}

// connect leads a new connection to the server, unless that is what is wrong.
func (p *Proxy) connect(l *link) {
	if !p.admit(l) {
		l.reset()
		return
	}
	target := p.awaitTarget(l)
	if target == "" {
		l.reset()
		return
	}
	if f, _ := p.state(ToServer); f.swallowing {
		l.start(nil)
	} else if server, err := net.DialTimeout("tcp", target, 5*time.Second); err != nil {
		l.reset()
	} else {
		l.start(server.(*net.TCPConn))
	}
}

func (p *Proxy) admit(l *link) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.accepted++
	if p.refusing || p.closed || len(p.links) >= maxLinks {
		return false
	}
	p.links[l] = true
	return true
}

// awaitTarget returns the target once there is one, or nothing when the connection has ended.
func (p *Proxy) awaitTarget(l *link) string {
	for {
		p.mu.Lock()
		target, changed := p.target, p.changed
		p.mu.Unlock()
		if target != "" {
			return target
		}
		select {
		case <-changed:
		case <-l.done:
			return ""
		}
	}
}

func (p *Proxy) forget(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.links, l)
}
