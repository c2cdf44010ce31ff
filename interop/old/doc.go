// Package old judges a relay with the client packages of the original's release v1.72.0 of August 2024, since clients of
// that age are still in use. It is a module of its own, because one program cannot hold two releases. It has tests only,
// and covers the core: what a newer relay could break for an older client.
package old
