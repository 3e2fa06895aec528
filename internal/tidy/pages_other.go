//go:build !linux

package tidy

// PageOut is left to the system.
func PageOut(func(path string) bool) {}

// LetGoOfCode is left to the system.
func LetGoOfCode(func(path string) bool) {}

// Mapped is not known.
func Mapped() uint64 { return 0 }
