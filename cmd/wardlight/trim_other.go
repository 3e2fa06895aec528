//go:build !linux || !cgo

package main

// trimGraphics is left to the system.
func trimGraphics() {}

// staysLoaded is not known of any library.
func staysLoaded(string) bool { return false }
