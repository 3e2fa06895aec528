//go:build !unix

package main

// withShortTextures does nothing: a process cannot replace itself here. The
// installer's shortcut may set FYNE_CACHE.
func withShortTextures() {}
