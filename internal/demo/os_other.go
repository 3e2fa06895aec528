//go:build !linux

package demo

import "os/exec"

// dieWithParent needs Linux; elsewhere Stop and Kill must do.
func dieWithParent(*exec.Cmd) {}

// interrupt needs signals; elsewhere the closed input must do.
func interrupt(*exec.Cmd) {}

// endGroup ends whatever a program has started and left behind.
func endGroup(*exec.Cmd) {}
