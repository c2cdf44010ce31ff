// Package certs judges where a relay's certificates come from, with stock clients and with pebble, a real ACME server.
package certs
