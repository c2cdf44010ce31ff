package client

import (
	"strings"
	"testing"

	"derp4j.dev/interop/relay"
	"tailscale.com/derp"
	"tailscale.com/types/key"
)

func TestUnknownFramesAreSkipped(t *testing.T) {
	for _, mode := range []relay.Mode{relay.Plain, relay.TLS} {
		t.Run(mode.String(), func(t *testing.T) {
			c := connectRaw(t, sharedRelay(t, mode), `{}`)
			// Types that a client has no business with are unknown here too.
			for _, kind := range []derp.FrameType{0, 1, 2, 3, 5, 6, 8, 9, 0x0b, 0x13, 0x14, 0x15, 0x77, 0xff} {
				for _, length := range []int{0, 1, 1000, 65568} {
					c.writeFrame(kind, pattern(length))
				}
				c.ping()
			}
		})
	}
}

func TestUnknownFrameOverTheLimitEndsTheConnection(t *testing.T) {
	skipOn(t, "v1.102.5 skips unknown frames of any length", target102)
	r := sharedRelay(t, relay.Plain)
	for length, why := range map[uint32]string{65569: "65569 bytes", 1<<32 - 1: "4294967295 bytes"} {
		mark := r.LogMark()
		c := connectRaw(t, r, `{}`)
		c.writeHeader(0x77, length)
		c.expectEnd()
		r.WaitLog(t, mark, "derp: "+c.address()+": unknown frame type 119 too large: "+why)
	}
}

func TestFramesThatBreakALengthRuleEndTheirConnectionOnly(t *testing.T) {
	r := sharedRelay(t, relay.Plain)
	bystander := connectPlain(t, r, identity{})
	for name, c := range map[string]struct {
		kind   derp.FrameType
		length uint32
		info   string
	}{
		"SendPacket without a key":              {derp.FrameSendPacket, 31, `{}`},
		"SendPacket of 65537 bytes":             {derp.FrameSendPacket, 32 + 65537, `{}`},
		"SendPacket of 4 GB":                    {derp.FrameSendPacket, 1<<32 - 1, `{}`},
		"ForwardPacket without keys":            {derp.FrameForwardPacket, 63, `{"meshKey":"` + meshKey + `"}`},
		"ForwardPacket of 65537 bytes":          {derp.FrameForwardPacket, 64 + 65537, `{"meshKey":"` + meshKey + `"}`},
		"WatchConns with content":               {derp.FrameWatchConns, 1, `{"meshKey":"` + meshKey + `"}`},
		"ClosePeer with less than a key":        {derp.FrameClosePeer, 31, `{"meshKey":"` + meshKey + `"}`},
		"ClosePeer with more than a key":        {derp.FrameClosePeer, 33, `{"meshKey":"` + meshKey + `"}`},
		"NotePreferred of 4 GB":                 {derp.FrameNotePreferred, 1<<32 - 1, `{}`},
		"Ping of 4 GB":                          {derp.FramePing, 1<<32 - 1, `{}`},
		"ForwardPacket of 4 GB without the key": {derp.FrameForwardPacket, 1<<32 - 1, `{}`},
	} {
		t.Run(name, func(t *testing.T) {
			mark := r.LogMark()
			client := connectRaw(t, r, c.info)
			client.writeHeader(c.kind, c.length)
			// Some relays look at the key in front of the packet first.
			client.conn.Write(make([]byte, min(c.length, 100)))
			client.expectEnd()
			r.WaitLog(t, mark, "derp: "+client.address()+": ")
			bystander.echo()
		})
	}
}

func TestClientInfoThatIsNoneEndsTheConnection(t *testing.T) {
	r := sharedRelay(t, relay.Plain)
	server := connectPlain(t, r, identity{}).client.ServerPublicKey()
	private := key.NewNode()
	good := sealedInfo(private, server, `{}`)
	forged := frame{good.kind, append([]byte(nil), good.payload...)}
	forged.payload[len(forged.payload)-1] ^= 1
	for name, bytes := range map[string][]byte{
		"another frame first":       frame{derp.FramePing, pattern(8)}.bytes(),
		"too short":                 frame{derp.FrameClientInfo, pattern(55)}.bytes(),
		"too long":                  {2, 0, 4, 0, 1},
		"of 4 GB":                   {2, 255, 255, 255, 255},
		"a box that does not open":  forged.bytes(),
		"sealed for another relay":  sealedInfo(private, key.NewNode().Public(), `{}`).bytes(),
		"an empty box":              frame{derp.FrameClientInfo, append(private.Public().AppendTo(nil), private.SealTo(server, nil)...)}.bytes(),
		"no JSON":                   sealedInfo(private, server, `{"version":`).bytes(),
		"a list":                    sealedInfo(private, server, `[]`).bytes(),
		"a version that is a text":  sealedInfo(private, server, `{"version":"2"}`).bytes(),
		"a mesh key that is a list": sealedInfo(private, server, `{"meshKey":[]}`).bytes(),
	} {
		t.Run(name, func(t *testing.T) {
			mark := r.LogMark()
			c := dialRaw(t, r)
			c.write([]byte(fastStartRequest))
			c.readServerKey()
			c.write(bytes)
			c.expectEnd()
			r.WaitLog(t, mark, "derp: "+c.address()+": receive client key: ")
		})
	}
}

func TestClientInfoIsReadGenerously(t *testing.T) {
	r := sharedRelay(t, relay.Plain)
	for _, info := range []string{
		`{}`,
		`null`,
		`{"version":1}`,
		`{"version":99,"Unknown":{"a":[1,2]}}`,
		`{"VERSION":2,"canackpings":true,"ISPROBER":true}`,
		`{"AppName":""}`,
		"  {\"version\" : 2}\n",
	} {
		t.Run(info, func(t *testing.T) {
			connectRaw(t, r, info).ping()
		})
	}
	t.Run("of 200 KiB", func(t *testing.T) {
		connectRaw(t, r, `{"Filler":"`+strings.Repeat("x", 200<<10)+`"}`).ping()
	})
}

func TestEveryConnectionMayEndAnywhere(t *testing.T) {
	r := quietRelay(t, relay.Plain)
	bystander := connectPlain(t, r, identity{})
	server := bystander.client.ServerPublicKey()
	private := key.NewNode()
	whole := append([]byte(fastStartRequest), sealedInfo(private, server, `{"version":2}`).bytes()...)
	whole = append(whole, frame{derp.FrameSendPacket, append(bystander.key.AppendTo(nil), pattern(50)...)}.bytes()...)
	for end := 0; end < len(whole); end++ {
		c := dialRaw(t, r)
		c.write(whole[:end])
		c.conn.Close()
	}
	r.WaitMetric(t, 1, "derp_current_connections")
	bystander.echo()
}
