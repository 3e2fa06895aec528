//go:build unix

package mllpd

import "syscall"

// errTooManyFiles passes: lines that end make room.
var errTooManyFiles error = syscall.EMFILE
