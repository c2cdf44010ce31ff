package tailnet

import (
	"derp4j.dev/interop/relay"
	"tailscale.com/tailcfg"
)

const (
	// 900 to 999 are free for users' own relays.
	region     = 900
	regionCode = "lab"
)

// mapOf is a DERP map whose only node is the relay, with its certificate verified as users do: by the pin of a
// self-signed one, or by name and authority.
func mapOf(r *relay.Relay) *tailcfg.DERPMap {
	node := tailcfg.DERPNode{
		HostName: "127.0.0.1",
		IPv4:     "127.0.0.1",
		IPv6:     "none",
		DERPPort: r.Port,
		STUNPort: r.STUNPort,
	}
	switch r.Mode {
	case relay.TLSIP:
		node.CertName = r.CertPin
	case relay.TLS:
		node.HostName = relay.Hostname
	}
	return mapWith(node)
}

func mapWith(node tailcfg.DERPNode) *tailcfg.DERPMap {
	node.Name = "lab-a"
	node.RegionID = region
	return &tailcfg.DERPMap{
		OmitDefaultRegions: true,
		Regions: map[int]*tailcfg.DERPRegion{
			region: {
				RegionID:   region,
				RegionCode: regionCode,
				RegionName: "Laboratory",
				Nodes:      []*tailcfg.DERPNode{&node},
			},
		},
	}
}
