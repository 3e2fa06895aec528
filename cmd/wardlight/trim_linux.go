//go:build linux && cgo

package main

import (
	"sync"

	"github.com/ebitengine/purego"
)

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

// What dlopen(3) is asked, as glibc and musl have it: say whether a library is loaded,
// without loading it, and never unload it from then on.
const (
	rtldNoLoad   = 0x4
	rtldNoDelete = 0x1000
)

// loadedForGood are the libraries that were asked about, by path.
var loadedForGood sync.Map // string: bool

// staysLoaded makes a library that is loaded stay so until the program ends, whoever
// closes it, and says whether it does.
func staysLoaded(path string) bool {
	if known, ok := loadedForGood.Load(path); ok {
		return known.(bool)
	}
	_, err := purego.Dlopen(path, purego.RTLD_LAZY|rtldNoLoad|rtldNoDelete)
	loadedForGood.Store(path, err == nil)
	return err == nil
}
