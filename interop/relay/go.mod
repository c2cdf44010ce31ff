module derp4j.dev/interop/relay

go 1.26
