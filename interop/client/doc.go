// Package client judges a relay with the original's own client packages, and with bytes written by hand where those
// would not misbehave on purpose. It has tests only.
//
// Most tests share one relay per mode, because a start costs time. Tests that look at gauges wait for the others'
// connections to be gone first, and no test runs in parallel with another.
package client
