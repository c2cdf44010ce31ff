//go:build derp1104

package main

import (
	"tailscale.com/derp"
	"tailscale.com/types/key"
)

// To record from 1.104, build with the tag derp1104 in a module that requires that release and its Go.

func appName(m derp.PeerPresentMessage) string { return m.AppName }

func forwardPacket(client *derp.Client, source, destination key.NodePublic, packet []byte) {
	check(client.ForwardPacket(source, destination, derp.LoanBytes(packet)))
}
