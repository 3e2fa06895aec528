//go:build unix

package main

import (
	"os"
	"syscall"
)

// textureLife is for how long a text that is no longer drawn stays in memory as a
// picture: a minute by the toolkit's own choice. A list that is scrolled or
// searched draws hundreds of texts and none of them again.
//
// It is more than ten seconds: what is drawn is kept alive by going through the
// whole window, ten seconds before its pictures end. With ten it goes through it
// sixty times a second, for as long as nothing changes.
const textureLife = "12s"

// withShortTextures starts this program anew with the toolkit told so. The
// toolkit reads its environment before any code of ours runs; the process stays
// the same one.
func withShortTextures() {
	const name = "FYNE_CACHE"
	if _, told := os.LookupEnv(name); told {
		return
	}
	self, err := os.Executable()
	if err != nil {
		return // the window works without, and takes more memory
	}
	_ = syscall.Exec(self, os.Args, append(os.Environ(), name+"="+textureLife)) //nolint:gosec // this program itself; returns only where it failed
}
