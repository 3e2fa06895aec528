//go:build unix

package keys

import "golang.org/x/sys/unix"

// PrivateFiles leaves every file that this process makes from now on to its owner alone.
// Each program calls it first of all. The files that we name ourselves have a mode of their
// own; libraries (the stores' tables and logs) ask for one that everybody may read.
func PrivateFiles() { unix.Umask(0o077) }
