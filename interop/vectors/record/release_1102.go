//go:build !derp1104

package main

import (
	"tailscale.com/derp"
	"tailscale.com/types/key"
)

// appName is the app name in a presence message, which releases up to 1.102 do not know.
func appName(derp.PeerPresentMessage) string { return "" }

func forwardPacket(client *derp.Client, source, destination key.NodePublic, packet []byte) {
	check(client.ForwardPacket(source, destination, packet))
}
