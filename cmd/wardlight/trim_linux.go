//go:build linux && cgo

package main

// #include <features.h>
// #ifdef __GLIBC__
// #include <malloc.h>
// static void give_back(void) { malloc_trim(0); }
// #else
// static void give_back(void) {}
// #endif
import "C"

// trimGraphics gives back what the graphics driver has freed: a software renderer
// keeps pictures of texts in the C library's heap, and that returns little by
// itself once it is in pieces.
func trimGraphics() { C.give_back() }
