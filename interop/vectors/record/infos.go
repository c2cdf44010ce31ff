package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"

	"tailscale.com/derp"
)

var meshTexts = []string{
	meshKeyText, strings.ToUpper(meshKeyText), meshKeyText[1:], meshKeyText + "0", meshKeyText + "00", meshKeyText[:63] + "x",
	" " + meshKeyText, meshKeyText[:62] + "\\u0031\\u0030", strings.Repeat("0", 64), "", "null",
}

// documents are info documents with something special about each.
func documents() []string {
	docs := []string{
		"", " ", "null", " null ", "nul", "{}", " {} ", "\t\r\n{}\n", "{", "}", "{}}", "{}{}", "{} x", "[]", "[{}]", `""`, "5", "true", "{},", "\ufeff{}",
		`{"version":2}`, `{"version":2,}`, `{"version":2 "a":1}`, `{"version" 2}`, `{version:2}`, `{'version':2}`, `{"version":2}//`, `{/**/}`,
		`{"version":-1}`, `{"version":-0}`, `{"version":0}`, `{"version":01}`, `{"version":+1}`, `{"version":.5}`, `{"version":2.0}`, `{"version":2.5}`, `{"version":2e0}`, `{"version":1E2}`,
		`{"version":9223372036854775807}`, `{"version":9223372036854775808}`, `{"version":-9223372036854775808}`, `{"version":-9223372036854775809}`, `{"version":4294967298}`,
		`{"version":"2"}`, `{"version":null}`, `{"version":true}`, `{"version":[]}`, `{"version":{}}`, `{"version":NaN}`, `{"version":0x10}`, `{"version":2,"version":3}`, `{"version":3,"VERSION":4}`, `{"VERSION":4,"version":3}`,
		`{"version":"x","version":3}`, `{"Version":7}`, `{"vErSiOn":8}`, `{"ver\u0073ion":9}`, `{"ver\u017fion":10}`, "{\"ver\u017fion\":11}", `{"version ":12}`, `{"":1}`,
		`{"CanAckPings":true}`, `{"canackpings":true}`, `{"CANACKPINGS":true}`, "{\"CanAc\u212aPings\":true}", `{"CanAckPings":false}`, `{"CanAckPings":1}`, `{"CanAckPings":"true"}`, `{"CanAckPings":null}`, `{"CanAckPings":TRUE}`, `{"CanAckPings":tru}`, `{"CanAckPings":{}}`,
		`{"IsProber":true}`, `{"isprober":true}`, `{"IsProber":0}`, `{"IsProber":null}`, `{"IsProber":true,"IsProber":false}`, `{"IsProber":true,"IsProber":null}`, "{\"i\u017fProber\":true}",
		`{"AppName":"tool"}`, `{"appname":"tool"}`, `{"AppName":""}`, `{"AppName":null}`, `{"AppName":5}`, `{"AppName":["a"]}`, `{"AppName":"a","AppName":"b"}`, `{"AppName":"a","AppName":null}`, `{"AppName":"a b~c!"}`,
		`{"AppName":"tab\t"}`, "{\"AppName\":\"raw\ttab\"}", "{\"AppName\":\"raw\nline\"}", `{"AppName":"line\nderp: forged"}`, `{"AppName":"é"}`, `{"AppName":"\u00e9"}`, `{"AppName":"\ud83d\ude00"}`, `{"AppName":"\ud83d"}`, "{\"AppName\":\"\xff\"}", "{\"AppName\":\"\xed\xa0\x80\"}", `{"AppName":"\x41"}`, `{"AppName":"\u004"}`, `{"AppName":"\u0041\/\b"}`, `{"AppName":"quote\"back\\"}`, "{\"AppName\":\"\x7f\"}",
		`{"AppName":"` + strings.Repeat("n", 32) + `"}`, `{"AppName":"` + strings.Repeat("n", 33) + `"}`, `{"AppName":"` + strings.Repeat("n", 300) + `"}`, `{"AppName":"` + strings.Repeat("é", 17) + `"}`,
		`{"other":1e999}`, `{"other":-}`, `{"other":` + strings.Repeat("9", 1500) + `}`, `{"other":[1,2,{"version":"x"}],"version":5}`, `{"other":"\ud800"}`, `{"` + strings.Repeat("k", 2000) + `":1}`, `{"other":[1,]}`, `{"other":{"a":1,}}`, `{"other":nope}`, `{"other":"unended}`, "{\"other\":\"\x00\"}", "{\"\xff\":1}", "{}\x00", "\x00{}", "{\"a\":1\xff}", "\xff{}", "{\v}", "{\u00a0}", "{}\u2028",
		`{"other":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}`,
	}
	for _, mesh := range meshTexts {
		docs = append(docs, `{"meshKey":"`+mesh+`"}`)
	}
	docs = append(docs, `{"meshKey":null}`, `{"meshKey":5}`, `{"meshKey":{}}`, `{"meshKey":[]}`, `{"meshKey":true}`,
		`{"MESHKEY":"`+meshKeyText+`"}`, `{"meshkey":"`+meshKeyText+`","version":2,"CanAckPings":true,"IsProber":true,"AppName":"all"}`,
		`{"meshKey":"`+meshKeyText+`","meshKey":""}`, `{"meshKey":"","meshKey":"`+meshKeyText+`"}`, `{"meshKey":"`+meshKeyText+`","meshKey":"`+strings.Repeat("ab", 32)+`"}`,
		`{"meshKey":"`+meshKeyText+`","meshKey":"`+strings.Repeat("00", 32)+`"}`, `{"meshKey":"`+meshKeyText+`","meshKey":null}`)
	return docs
}

// damaged are documents with a few bytes changed at random, the same ones on each run.
func damaged() []string {
	random := rand.New(rand.NewPCG(4, 2))
	seeds := []string{
		`{"meshKey":"` + meshKeyText + `","version":2,"CanAckPings":true,"IsProber":true,"AppName":"tool"}`,
		`{"version":2,"CanAckPings":true}`, ` { "version" : 2 , "x" : [ 1 , null , { } ] } `, `{"AppName":"aA\n\u0041","version":-12e3,"TokenBucketBytesBurst":5}`,
	}
	palette := []string{`"`, `\`, "{", "}", "[", "]", ",", ":", "0", "1", "-", ".", "e", "null", "true", " ", "\n", "\t", "a", "u", "\x00", "\x1f", "\x7f", "\xff", "é"}
	var docs []string
	for range 500 {
		doc := seeds[random.IntN(len(seeds))]
		for range 1 + random.IntN(3) {
			at := random.IntN(len(doc))
			switch random.IntN(4) {
			case 0:
				doc = doc[:at] + doc[at+1:]
			case 1:
				doc = doc[:at] + palette[random.IntN(len(palette))] + doc[at:]
			case 2:
				doc = doc[:at] + palette[random.IntN(len(palette))] + doc[at+1:]
			case 3:
				end := at + random.IntN(len(doc)-at)
				doc = doc[:end] + doc[at:end] + doc[end:]
			}
		}
		docs = append(docs, doc)
	}
	return docs
}

func clientInfos() []string {
	var lines []string
	for _, doc := range append(documents(), damaged()...) {
		var info derp.ClientInfo
		if err := json.Unmarshal([]byte(doc), &info); err != nil {
			lines = append(lines, "error "+hexOf([]byte(doc)))
			continue
		}
		mesh := "-"
		if !info.MeshKey.IsZero() {
			mesh = info.MeshKey.String()
		}
		lines = append(lines, fmt.Sprintf("ok %d %t %t %s %s %s", info.Version, info.CanAckPings, info.IsProber, hexOf([]byte(info.AppName)), mesh, hexOf([]byte(doc))))
	}
	return append(lines, nested()...)
}

// nested are documents at the reader's bound of nesting, too long to be written out: "ok|error nested <depth>", where
// the field "other" of an object holds so many arrays less one in each other.
func nested() []string {
	var lines []string
	for _, depth := range []int{500, 1001, 9999, 10000, 10001, 100000} {
		var info derp.ClientInfo
		doc := `{"other":` + strings.Repeat("[", depth-1) + strings.Repeat("]", depth-1) + `}`
		verdict := "ok"
		if json.Unmarshal([]byte(doc), &info) != nil {
			verdict = "error"
		}
		lines = append(lines, fmt.Sprintf("%s nested %d", verdict, depth))
	}
	return lines
}

func serverInfos() []string {
	docs := []string{
		`{"version":2,"TokenBucketBytesPerSecond":125000,"TokenBucketBytesBurst":65568}`, `{"tokenbucketbytespersecond":1}`, `{"TokenBucketBytesPerSecond":0}`, `{"TokenBucketBytesPerSecond":-1}`,
		`{"TokenBucketBytesPerSecond":"1"}`, `{"TokenBucketBytesPerSecond":1.5}`, `{"TokenBucketBytesPerSecond":null}`, `{"TokenBucketBytesBurst":9223372036854775807}`, `{"TokenBucketBytesBurst":9223372036854775808}`,
		"{\"To\u212aenBuc\u212aetByte\u017fBurst\":3}",
	}
	var lines []string
	for _, doc := range append(docs, documents()...) {
		var info derp.ServerInfo
		if err := json.Unmarshal([]byte(doc), &info); err != nil {
			lines = append(lines, "error "+hexOf([]byte(doc)))
			continue
		}
		lines = append(lines, fmt.Sprintf("ok %d %d %d %s", info.Version, info.TokenBucketBytesPerSecond, info.TokenBucketBytesBurst, hexOf([]byte(doc))))
	}
	return lines
}
