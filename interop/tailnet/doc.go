// Package tailnet tests a relay with whole Tailscale programs instead of single protocol exchanges: the netcheck
// client that chooses a home relay, and two tailscaled that reach each other through the relay alone.
//
// There is nothing here but tests. The relay comes from package relay, everything else from the module of the Go
// original. Where the system allows it, the tests run in a network namespace of their own (see TestMain): nothing can
// leave it, and ports 80, 443 and 3478 are free there.
package tailnet
