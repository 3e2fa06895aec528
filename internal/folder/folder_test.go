package folder_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"wardlight/internal/fault"
	"wardlight/internal/folder"
)

// TestAFolderBelongsToOne: the second is told, and gets it when the first is
// done.
func TestAFolderBelongsToOne(t *testing.T) {
	dir := t.TempDir()
	first, err := folder.Take(dir, "running")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := folder.Take(dir, "running"); !fault.Is(err, fault.Exists) {
		t.Errorf("a second one: %v", err)
	}
	first.Release()
	second, err := folder.Take(dir, "running")
	if err != nil {
		t.Fatal(err)
	}
	second.Release()
	if _, err := folder.Take(filepath.Join(dir, "nowhere"), "running"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a folder that is not there: %v", err)
	}
}

// TestTwoProgramsSpeakThroughAFolder: shallow or deep, and again after the
// listener was killed, which leaves its socket behind.
func TestTwoProgramsSpeakThroughAFolder(t *testing.T) {
	deep := filepath.Join(t.TempDir(), strings.Repeat("deep-folder/", 12))
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{t.TempDir(), deep} {
		if _, err := folder.Dial(context.Background(), dir, "s"); !fault.Is(err, fault.Unavailable) {
			t.Errorf("nobody listens: %v", err)
		}
		if err := os.WriteFile(filepath.Join(dir, "s"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		ln, err := folder.Listen(dir, "s")
		if err != nil {
			t.Fatal(err)
		}
		go greet(ln)
		c, err := folder.Dial(context.Background(), dir, "s")
		if err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 5)
		if n, err := c.Read(b); err != nil || string(b[:n]) != "hello" {
			t.Errorf("%q %v", b[:n], err)
		}
		_ = c.Close()
		_ = ln.Close()
	}
}

func greet(ln net.Listener) {
	if c, err := ln.Accept(); err == nil {
		_, _ = c.Write([]byte("hello"))
		_ = c.Close()
	}
}

// TestAFileIsTheOldOneOrTheNew: what cannot be written whole leaves the old one, and what a
// crash left beside it is in nobody's way.
func TestAFileIsTheOldOneOrTheNew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kept")
	holds := func(want string) {
		t.Helper()
		if b, err := os.ReadFile(path); err != nil || string(b) != want {
			t.Errorf("%q, %v, want %q", b, err, want)
		}
		if _, err := os.Stat(path + ".new"); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("beside it: %v", err)
		}
	}
	if err := folder.Write(path, []byte("old")); err != nil {
		t.Fatal(err)
	}
	holds("old")
	if runtime.GOOS != "windows" {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v: others may read it", info, err)
		}
	}
	if err := os.Mkdir(path+".new", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := folder.Write(path, []byte("new")); err == nil {
		t.Error("it was written nowhere")
	}
	if err := os.Remove(path + ".new"); err != nil {
		t.Fatal(err)
	}
	holds("old")
	if err := os.WriteFile(path+".new", []byte("longer than what is written, and cut off by a cra"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := folder.Write(path, []byte("new")); err != nil {
		t.Fatal(err)
	}
	holds("new")
}
