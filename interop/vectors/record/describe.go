package main

import (
	"fmt"

	"tailscale.com/derp"
)

// describe writes down a message that the original's client received, in the words of the tests.
func describe(m derp.ReceivedMessage) string {
	switch m := m.(type) {
	case derp.ReceivedPacket:
		return fmt.Sprintf("RecvPacket %s %s", text(m.Source), hexOf(m.Data))
	case derp.PeerGoneMessage:
		return fmt.Sprintf("PeerGone %s %d", text(m.Peer), m.Reason)
	case derp.PeerPresentMessage:
		address := "-"
		if m.IPPort.IsValid() {
			address = m.IPPort.String()
		}
		return fmt.Sprintf("PeerPresent %s %s %d %s", text(m.Key), address, m.Flags, hexOf([]byte(appName(m))))
	case derp.ServerInfoMessage:
		return fmt.Sprintf("ServerInfo %d %d", m.TokenBucketBytesPerSecond, m.TokenBucketBytesBurst)
	case derp.PingMessage:
		return "Ping " + hexOf(m[:])
	case derp.PongMessage:
		return "Pong " + hexOf(m[:])
	case derp.KeepAliveMessage:
		return "KeepAlive"
	case derp.HealthMessage:
		return "Health " + hexOf([]byte(m.Problem))
	case derp.ServerRestartingMessage:
		return fmt.Sprintf("Restarting %d %d", m.ReconnectIn.Milliseconds(), m.TryFor.Milliseconds())
	}
	panic(fmt.Sprintf("unknown message %T", m))
}
