package demo

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// onStage lists the processes that run with a stage's folder of sockets.
func onStage(t *testing.T, s *Stage) []string {
	t.Helper()
	envs, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, file := range envs {
		env, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(env), "XDG_RUNTIME_DIR="+s.run+"\x00") {
			continue // gone, or somebody else's
		}
		cmd, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
		list = append(list, strings.ReplaceAll(string(cmd), "\x00", " "))
	}
	return list
}

// TestTheStageLeavesNobodyBehind: neither a daemon that a program started for
// itself, nor one that the message bus would start when it is asked for.
func TestTheStageLeavesNobodyBehind(t *testing.T) {
	for _, tool := range []string{"dbus-daemon", "gnome-keyring-daemon", "dbus-send"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed; make setup installs it", tool)
		}
	}
	s, err := NewStage(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ask := func(name string) {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		cmd := exec.CommandContext(ctx, "dbus-send", "--session", "--dest="+name, "--print-reply", "/", "org.freedesktop.DBus.Peer.Ping")
		cmd.Env = s.Env()
		_ = cmd.Run() // whether it is there does not matter: what it would start does
	}
	ask("org.freedesktop.secrets") // before there is a bus: none is to be started
	if left := onStage(t, s); len(left) != 0 {
		t.Errorf("a question has started %v", left)
	}
	if err := s.OpenKeyring(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"org.gnome.keyring.SystemPrompter", "org.a11y.Bus", "ca.desrt.dconf"} {
		ask(name)
	}
	if _, err := s.helper("restless", "sh", "-c", "sleep 300 & sleep 300 & wait"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(200 * time.Millisecond)
	if on := onStage(t, s); len(on) != 5 { // bus, keyring, the shell and its two
		t.Errorf("on stage: %v", on)
	}
	began := time.Now()
	s.Close()
	if took := time.Since(began); took > time.Minute {
		t.Errorf("the stage waited %v for what its programs had started", took)
	}
	time.Sleep(200 * time.Millisecond)
	if left := onStage(t, s); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}
