//go:build linux && cgo

package main

import (
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
