//go:build !linux

package bench

// processorMS is told on Linux only: elsewhere there is no screen of our own to
// measure a window on.
func processorMS(int) float64 { return 0 }
