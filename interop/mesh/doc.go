// Package mesh runs regions of two and three nodes, ours (J) and the Go original's (G) in every mix, and breaks the
// network between them. It has tests only.
//
// Every way from a node to another leads through a proxy of package fault. Clients are the original's. What a region
// must look like is computed from who is connected where and which ways are open; [region.awaitConsistent] compares
// that with each node's gauges and consistency check, and sends packets between all clients.
package mesh
