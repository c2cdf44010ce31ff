// Package client judges a relay with the original's own client packages.
package client
