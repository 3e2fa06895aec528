package demo

import (
	"os/exec"
	"syscall"
)

// dieWithParent makes the kernel end the child when this program ends, however
// it ends.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}

// interrupt asks a program to end.
func interrupt(cmd *exec.Cmd) { _ = cmd.Process.Signal(syscall.SIGTERM) }
