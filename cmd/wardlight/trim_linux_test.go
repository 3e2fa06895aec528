//go:build linux && cgo

package main

import (
	"os"
	"testing"

	"github.com/ebitengine/purego"
)

// TestTheHeapOfTheGraphicsCanBeTrimmed: on the systems that the packages are for, the C
// library has the function by that name; asked by another, nothing would ever be given
// back, and nobody would be told.
func TestTheHeapOfTheGraphicsCanBeTrimmed(t *testing.T) {
	if _, err := purego.Dlsym(purego.RTLD_DEFAULT, "gnu_get_libc_version"); err != nil {
		t.Skip("this C library is not glibc, and has nothing to trim")
	}
	if trimmer() == 0 {
		t.Error("malloc_trim was not found")
	}
	trimGraphics()
}

// TestALibraryStaysLoadedOnlyWhereItIs: code is let go of only where the system has said
// that it stays mapped; of a library that is not loaded, nothing is known.
func TestALibraryStaysLoadedOnlyWhereItIs(t *testing.T) {
	if staysLoaded("/nowhere/libLLVM-15.so.1") {
		t.Error("a library that is not loaded is said to stay")
	}
	if _, err := purego.Dlsym(purego.RTLD_DEFAULT, "gnu_get_libc_version"); err != nil {
		t.Skip("the library asked about is glibc's")
	}
	for range 2 {
		if !staysLoaded("libc.so.6") {
			t.Error("the C library is not said to stay loaded")
		}
	}
}

// TestOwnCodeAndTheCompilersIsLetGoOf: nothing else is, because a library that is unloaded
// meanwhile would cost what took its place.
func TestOwnCodeAndTheCompilersIsLetGoOf(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{
		self:                              true,
		"/nowhere/libLLVM-15.so.1":        false,
		"/usr/lib/x86_64-linux-gnu/libGL": false,
	} {
		if code(path) != want {
			t.Errorf("%s: %v", path, !want)
		}
	}
}
