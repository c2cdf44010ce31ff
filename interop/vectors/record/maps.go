package main

import (
	"encoding/json"

	"github.com/tailscale/hujson"
	"tailscale.com/tailcfg"
)

// mapDocuments are DERP maps with something special about each, as control servers and people write them.
func mapDocuments() []string {
	node := func(fields string) string {
		return `{"Regions":{"1":{"RegionID":1,"RegionCode":"r","RegionName":"R","Nodes":[{` + fields + `}]}}}`
	}
	region := func(fields string) string { return `{"Regions":{"900":{` + fields + `}}}` }
	docs := []string{
		"", "null", "{}", "[]", `"x"`, "5", "{", "{}}", "{} x", `{"Regions":null}`, `{"Regions":{}}`, `{"Regions":[]}`, `{"Regions":5}`,
		"// a map of mine\n{\n  /* all\n  of it */\n  \"Regions\": {\n    \"900\": {\n      \"RegionID\": 900, \"RegionCode\": \"mine\", \"RegionName\": \"My relay\",\n" +
			"      \"Nodes\": [{\"Name\": \"900a\", \"RegionID\": 900, \"HostName\": \"derp.example.com\",}], // one\n    },\n  },\n}\n",
		`{"Regions":{"1":{"RegionID":1,"RegionCode":"r","RegionName":"R","Nodes":[]},},}`, `{"Regions":{"1":{"Nodes":[,]}}}`, `{"Regions":{,}}`, `{,}`, "# x\n{}", "{} // end", "{} /* end", "/", `{'Regions':{}}`, `{Regions:{}}`, "{\"Regions\":{}/**/}",
		`{"HomeParams":{"RegionScore":{"1":0.5,"10":2,"2":1e-7,"3":1e21,"4":123456789.25,"5":-0,"6":0,"7":1.5e300,"8":0.000001}},"Regions":{}}`,
		`{"HomeParams":null}`, `{"HomeParams":{}}`, `{"HomeParams":{"RegionScore":null}}`, `{"HomeParams":{"RegionScore":{}}}`, `{"HomeParams":{"RegionScore":{"1":"2"}}}`, `{"HomeParams":{"RegionScore":{"x":2}}}`, `{"HomeParams":{"RegionScore":{"1":1e999}}}`, `{"HomeParams":[]}`, `{"homeparams":{"regionscore":{"1":2}},"HomeParams":{"RegionScore":{"2":3}}}`,
		`{"omitDefaultRegions":true}`, `{"OmitDefaultRegions":true}`, `{"OMITDEFAULTREGIONS":false}`, `{"omitDefaultRegions":1}`, `{"omitDefaultRegions":null}`, "{\"omitDefaultRegion\u017f\":true}",
		`{"Regions":{"1":null}}`, `{"Regions":{"1":{}}}`, `{"Regions":{"1":[]}}`, `{"Regions":{"1":"x"}}`, `{"Regions":{"x":{}}}`, `{"Regions":{"":{}}}`, `{"Regions":{" 1":{}}}`, `{"Regions":{"1.0":{}}}`, `{"Regions":{"+1":{}}}`, `{"Regions":{"-1":{}}}`, `{"Regions":{"01":{}}}`, `{"Regions":{"0x1":{}}}`, `{"Regions":{"1_0":{}}}`, `{"Regions":{"١":{}}}`,
		`{"Regions":{"9223372036854775807":{}}}`, `{"Regions":{"9223372036854775808":{}}}`, `{"Regions":{"9007199254740991":{"RegionID":9007199254740991}}}`,
		`{"Regions":{"1":{"RegionCode":"a"},"1":{"RegionName":"b"}}}`, `{"Regions":{"1":{"RegionCode":"a"}},"Regions":{"2":{"RegionCode":"b"}}}`, `{"Regions":{"2":{},"10":{},"1":{},"9":{}}}`,
		region(`"RegionID":900,"RegionCode":"a","RegionName":"b","Latitude":52.52,"Longitude":-13.405,"Avoid":true,"NoMeasureNoHome":true,"Nodes":null`),
		region(`"RegionID":"900"`), region(`"RegionID":900.0`), region(`"RegionID":9e2`), region(`"RegionID":-1`), region(`"RegionID":0`), region(`"RegionID":null`), region(`"regionid":7,"REGIONCODE":"x","regionName":"y"`), region(`"RegionID":1,"RegionID":2`),
		region(`"RegionCode":5`), region(`"RegionName":null`), region(`"Latitude":"1"`), region(`"Latitude":1`), region(`"Longitude":0`), region(`"Longitude":100`), region(`"Avoid":"true"`), region(`"Nodes":{}`), region(`"Nodes":[null]`), region(`"Nodes":[5]`), region(`"Nodes":[[]]`),
		region(`"RegionName":"<b>&'/\" \u2028 é 😀 \u0007 \b\f\n\r\t \u007f"`), region(`"RegionName":"\ud800"`), "{\"Regions\":{\"1\":{\"RegionName\":\"\xff\"}}}",
		region(`"Nodes":[{"Name":"a"}],"Nodes":[{"Name":"b","RegionID":2,"HostName":"h"},{"Name":"c"}]`), region(`"Future":{"a":[1,{"b":null}]},"RegionID":3`),
		node(`"Name":"1a","RegionID":1,"HostName":"h.example.com","CertName":"c.example.com","IPv4":"192.0.2.1","IPv6":"2001:db8::1","STUNPort":3479,"STUNOnly":true,"DERPPort":8443,"InsecureForTests":true,"STUNTestIP":"127.0.0.1","CanPort80":true`),
		node(`"name":"1a","regionid":1,"hostname":"h","certname":"c","ipv4":"none","ipv6":"none","stunport":-1,"stunonly":true,"derpport":1,"insecurefortests":true,"stuntestip":"x","canport80":true`),
		node(`"Name":"","RegionID":0,"HostName":"","CertName":"","IPv4":"","IPv6":"","STUNPort":0,"STUNOnly":false,"DERPPort":0,"InsecureForTests":false,"STUNTestIP":"","CanPort80":false`),
		node(`"STUNPort":"3478"`), node(`"STUNPort":70000`), node(`"STUNPort":1.5`), node(`"DERPPort":true`), node(`"STUNOnly":0`), node(`"IPv4":[]`), node(`"CanPort80":"yes"`), node(`"HostName":{}`), node(`"HostName":"a","hostname":"b"`), node(`"hostname":"b","HostName":"a"`), node(`"HostNames":5`),
	}
	return docs
}

// maps are read as the original's tools read their files: made plain JSON first, then decoded.
func maps() []string {
	var lines []string
	for _, doc := range mapDocuments() {
		var m tailcfg.DERPMap
		plain, err := hujson.Standardize([]byte(doc))
		if err == nil {
			err = json.Unmarshal(plain, &m)
		}
		if err != nil {
			lines = append(lines, "error "+hexOf([]byte(doc)))
			continue
		}
		written, err := json.Marshal(&m)
		check(err)
		lines = append(lines, "ok "+hexOf(written)+" "+hexOf([]byte(doc)))
	}
	return lines
}
