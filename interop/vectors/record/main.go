// Command record writes down what the original says and how it judges what it is told: sessions of its own client and
// server byte by byte, verdicts on well and badly made frames, info documents, DERP maps, boxes and keys.
//
// Run it in the interop module, with the directory of the test data as its argument; it takes some 70 s, because it
// waits for a keep-alive:
//
//	go run ./vectors/record ../derp4j-protocol/src/test/resources/vectors
//
// It writes into a subdirectory named after the release of the original that it was built with. Nonces are random, so
// that boxes differ from run to run; everything else stays the same.
package main

import (
	"encoding/hex"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
)

// Keys that are known to both sides of the tests. They protect nothing.
const (
	serverKeyText = "privkey:a8e2b5d0c1f3047796857463524130f1e2d3c4b5a69788796a5b4c3d2e1f007e"
	meshKeyText   = "0123456789abcdeffedcba98765432100123456789abcdeffedcba9876543210"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: record <directory>")
	}
	out := output{version: release()}
	out.directory = filepath.Join(os.Args[1], out.version)
	if err := os.MkdirAll(out.directory, 0o755); err != nil {
		log.Fatal(err)
	}
	out.write("keys.txt", "types/key: <private> <public> <short form of the public key>, or: ok|error public|private|mesh <text>", keys())
	out.write("boxes.txt", "types/key: <recipient's private> <sender's public> <plain text> <nonce and box>", boxes())
	out.write("client-infos.txt", "derp.ClientInfo: ok <version> <can ack pings> <prober> <app name> <mesh key> <JSON>, or: error <JSON>", clientInfos())
	out.write("server-infos.txt", "derp.ServerInfo: ok <version> <rate> <burst> <JSON>, or: error <JSON>", serverInfos())
	out.write("derp-maps.txt", "tailcfg.DERPMap, through hujson: ok <what it writes> <JSON>, or: error <JSON>", maps())
	out.write("server-frames.txt", "derp.Client's reading: <header and beginning of the payload, zeros follow> <verdict>", readByClient())
	out.write("client-frames.txt", "derpserver.Server's reading: <header and beginning of the payload, zeros follow> kept|closed", readByServer())
	out.write("sessions.txt", "derp.Client and derpserver.Server: per connection its private key, what the client sent (>) and the server (<), both as bytes and as the Go API saw them", sessions())
}

// release is the version of the original in this program.
func release() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		log.Fatal("no build information")
	}
	for _, module := range info.Deps {
		if module.Path == "tailscale.com" {
			return strings.TrimPrefix(module.Version, "v")
		}
	}
	log.Fatal("not built with the original")
	return ""
}

type output struct {
	directory, version string
}

func (o output) write(name, format string, lines []string) {
	text := fmt.Sprintf("# Recorded by interop/vectors/record from tailscale.com v%s.\n# %s\n", o.version, format)
	text += strings.Join(lines, "\n") + "\n"
	if err := os.WriteFile(filepath.Join(o.directory, name), []byte(text), 0o644); err != nil {
		log.Fatal(err)
	}
	log.Printf("%s: %d lines", name, len(lines))
}

// hexOf is "-" for no bytes at all, so that columns stay columns.
func hexOf(b []byte) string {
	if len(b) == 0 {
		return "-"
	}
	return hex.EncodeToString(b)
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
