package demo

import (
	"os/exec"
	"syscall"
)

// dieWithParent makes the kernel end the child when this program ends, however
// it ends, and gives it a process group of its own, so that what it starts can
// be ended with it.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}

// interrupt asks a program to end.
func interrupt(cmd *exec.Cmd) { _ = cmd.Process.Signal(syscall.SIGTERM) }

// endGroup ends whatever a program has started and left behind.
func endGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // nobody left: that is what was wanted
