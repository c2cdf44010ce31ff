package main

import (
	"fmt"
	"strings"

	"tailscale.com/types/key"
)

func privateKey(text string) key.NodePrivate {
	var k key.NodePrivate
	check(k.UnmarshalText([]byte(text)))
	return k
}

func text(k interface{ MarshalText() ([]byte, error) }) string {
	b, err := k.MarshalText()
	check(err)
	return string(b)
}

// numberedKey is a private key that only its number tells from the others, as it would be made: clamped.
func numberedKey(n byte) key.NodePrivate {
	return privateKey(fmt.Sprintf("privkey:%02x%s%02x", n&0xf8, strings.Repeat(fmt.Sprintf("%02x", n), 30), 0x40|n&0x3f))
}

func keys() []string {
	var lines []string
	pair := func(k key.NodePrivate) {
		lines = append(lines, fmt.Sprintf("pair %s %s %s", text(k), text(k.Public()), k.Public().ShortString()))
	}
	pair(privateKey(serverKeyText))
	for n := range byte(12) {
		pair(numberedKey(n * 19))
	}
	// Not clamped, as an old key file may have it.
	pair(privateKey("privkey:" + strings.Repeat("ff", 32)))
	pair(privateKey("privkey:" + strings.Repeat("00", 31) + "01"))

	digits := strings.Repeat("0123456789abcdef", 4)
	mixed := strings.Repeat("0123456789ABCDef", 4)
	texts := []string{
		digits, mixed, digits[1:], digits + "0", digits[:63] + "g", digits[:62] + "é", " " + digits, digits + "\n", "\t " + digits + " \r\n",
		"", "nodekey:", "privkey:", "nodekey:" + digits, "nodekey:" + mixed, "NODEKEY:" + digits, "nodekey: " + digits,
		"nodekey:" + digits[1:], "nodekey:" + digits + "0", "nodekey:" + digits[:63] + "G", "nodekey:" + digits + "\n",
		"privkey:" + digits, "privkey:" + mixed, "privkey:" + digits[2:], "privkey:" + digits + "00", "privkey:" + digits[:63] + "/", "mkey:" + digits,
	}
	for _, s := range texts {
		var public key.NodePublic
		var private key.NodePrivate
		judge := func(kind string, err error) {
			verdict := "ok"
			if err != nil {
				verdict = "error"
			}
			lines = append(lines, fmt.Sprintf("%s %s %s", verdict, kind, hexOf([]byte(s))))
		}
		judge("public", public.UnmarshalText([]byte(s)))
		judge("private", private.UnmarshalText([]byte(s)))
		_, err := key.ParseDERPMesh(s)
		judge("mesh", err)
	}
	return lines
}
