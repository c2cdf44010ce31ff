package main

import (
	"encoding/hex"
	"fmt"

	"go4.org/mem"
	"tailscale.com/types/key"
)

// lowOrder are points whose product with any scalar is zero, and the base point with its unused top bit set.
var lowOrder = []string{
	"0100000000000000000000000000000000000000000000000000000000000000",
	"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
	"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"0900000000000000000000000000000000000000000000000000000000000080",
}

func boxes() []string {
	var lines []string
	server := privateKey(serverKeyText)
	seal := func(sealer key.NodePrivate, to key.NodePublic, plain []byte) {
		lines = append(lines, fmt.Sprintf("%s %s %s %s", text(sealer), text(to), hexOf(plain), hexOf(sealer.SealTo(to, plain))))
	}
	for i, length := range []int{0, 1, 2, 15, 16, 17, 31, 32, 33, 47, 48, 63, 64, 65, 95, 96, 97, 127, 128, 129, 300} {
		plain := make([]byte, length)
		for j := range plain {
			plain[j] = byte(i + 7*j)
		}
		seal(numberedKey(byte(11*i+3)), server.Public(), plain)
	}
	for _, point := range lowOrder {
		raw, err := hex.DecodeString(point)
		check(err)
		seal(server, key.NodePublicFromRaw32(mem.B(raw)), []byte("to a point of low order"))
	}
	return lines
}
