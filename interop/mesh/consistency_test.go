package mesh

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"derp4j.dev/interop/relay"
	"tailscale.com/types/key"
)

// awaitConsistent waits until every running node's gauges are what they must be and its consistency check is content,
// then until packets get from every client to every other that its node can reach. Both must be within [settling].
func (r *region) awaitConsistent() {
	r.t.Helper()
	start := time.Now()
	took := r.awaitAgreement()
	lost := r.exchangeAll(start.Add(settling))
	if lost != "" {
		r.t.Fatalf("%s: %s", r.mix, lost)
	}
	r.t.Logf("%s is consistent after %v, and packets get everywhere after %v", r.mix,
		took.Round(time.Millisecond), time.Since(start).Round(time.Millisecond))
	r.checkLedger()
}

// awaitAgreement is the first half of it. It returns how long that took.
func (r *region) awaitAgreement() time.Duration {
	r.t.Helper()
	start := time.Now()
	problem := ""
	if !relay.Await(settling, func() bool {
		problem = r.disagreement()
		return problem == ""
	}) {
		r.t.Fatalf("%s is not consistent after %v: %s", r.mix, settling, problem)
	}
	return time.Since(start)
}

// disagreement is what a node knows otherwise than it should, or nothing.
func (r *region) disagreement() string {
	for _, n := range r.nodes {
		if n.down {
			continue
		}
		if problem := r.nodeDisagreement(n); problem != "" {
			return fmt.Sprintf("node %v: %s", n, problem)
		}
	}
	return ""
}

func (r *region) nodeDisagreement(n *node) string {
	metrics, err := n.relay.Metrics()
	if err != nil {
		return err.Error()
	}
	local, known := r.local(n), r.known(n)
	problem := gaugesDisagree(metrics, len(local), len(known))
	if problem != "" && n.mayKeepSelf {
		local[n.key()], known[n.key()] = true, true
		if gaugesDisagree(metrics, len(local), len(known)) == "" {
			problem = ""
		}
	}
	if problem != "" {
		return problem
	}
	return consistencyCheck(n)
}

func gaugesDisagree(metrics *relay.Metrics, local, known int) string {
	for name, want := range map[string]int{
		"derp_clients_local":  local,
		"derp_clients_remote": known - local,
		"derp_clients_total":  known,
	} {
		if value, found := metrics.Get(name); !found || value != float64(want) {
			return fmt.Sprintf("%s is %v (found: %v), want %d", name, value, found, want)
		}
	}
	return ""
}

// consistencyCheck asks the node itself. Keys that are there twice, on one node, would fail it.
func consistencyCheck(n *node) string {
	client := http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(n.relay.HTTPURL() + "/debug/check")
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(response.Body, 4096))
	if text := strings.TrimSpace(string(body)); response.StatusCode != http.StatusOK || !strings.Contains(text, "okay") {
		return fmt.Sprintf("/debug/check: %s: %s", response.Status, text)
	}
	return ""
}

// exchangeAll sends packets between all clients until each has got one from each other that can reach it, and returns
// who has not at the deadline. Where a key is connected to several nodes, any of its connections may get the packet,
// but the sender's own node must prefer its own.
func (r *region) exchangeAll(deadline time.Time) string {
	type pair struct {
		from *member
		to   key.NodePublic
	}
	pending := map[pair][]uint64{}
	here := map[pair]bool{}
	clients := r.connected()
	for from := range clients {
		for to := range clients {
			p := pair{from, to.key}
			if from.key != to.key && r.known(from.at)[to.key] {
				pending[p] = pending[p]
				here[p] = here[p] || to.at == from.at
			}
		}
	}
	for {
		for p, tries := range pending {
			for _, number := range tries {
				got := r.ledger.receiver(number)
				if got == nil {
					continue
				}
				if here[p] && got.at != p.from.at {
					return fmt.Sprintf("a packet of %v goes to %v, though that key is connected to its own node", p.from, got)
				}
				delete(pending, p)
				break
			}
		}
		if len(pending) == 0 {
			return ""
		}
		if time.Now().After(deadline) {
			break
		}
		for p := range pending {
			number, packet := r.ledger.pack(p.from.key, p.to, labelLength)
			if err := p.from.client.Send(p.to, packet); err != nil {
				return fmt.Sprintf("%v: send: %v", p.from, err)
			}
			pending[p] = append(pending[p], number)
		}
		time.Sleep(100 * time.Millisecond)
	}
	var lost []string
	for p := range pending {
		lost = append(lost, fmt.Sprintf("nothing gets from %v to %v", p.from, p.to.ShortString()))
	}
	return strings.Join(lost, "; ")
}
