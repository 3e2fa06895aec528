package folder_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
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
