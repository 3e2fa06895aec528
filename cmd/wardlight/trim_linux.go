//go:build linux && cgo

package main

import "github.com/ebitengine/purego"

// trimGraphics gives back what the graphics driver has freed: a software renderer
// keeps pictures of texts in the C library's heap, and that returns little by
// itself once it is in pieces. A C library without malloc_trim is left to itself.
//
// It is asked for by name, because a file with import "C" keeps in the compiler's
// cache the folder in which it was first compiled: go vet in a second clone fails
// once the first is gone (TestNoFileOfOursIsC).
func trimGraphics() {
	if trim := trimmer(); trim != 0 {
		purego.SyscallN(trim, 0)
	}
}

// trimmer is where malloc_trim is, 0 where there is none.
func trimmer() uintptr {
	at, err := purego.Dlsym(purego.RTLD_DEFAULT, "malloc_trim")
	if err != nil {
		return 0
	}
	return at
}
