//go:build !linux

package keys

// NoDumps does nothing here: Windows writes dumps of a program only where an
// administrator has asked for them (Windows Error Reporting, LocalDumps).
func NoDumps() error { return nil }
