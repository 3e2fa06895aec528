//go:build !unix

package mllpd

import "errors"

var errTooManyFiles = errors.New("too many open files")
