//go:build !linux || !cgo

package main

// trimGraphics is left to the system.
func trimGraphics() {}
