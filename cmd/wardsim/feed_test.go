package main

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/interop/hl7"
)

const message = "MSH|^~\\&|LAB|N|W|N|20261128100000||ORU^R01|K%|P|2.5.1\rPID|1||1^^^NHS^NH\r"

// folder writes files; a name with content "HL7" holds one message.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if content == "HL7" {
			content = strings.ReplaceAll(message, "%", name)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// central answers AA to everything; a mute one takes it and says nothing, until the
// test ends.
func central(t *testing.T, mute bool) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = c.Close() })
			if !mute {
				go answer(c)
			}
		}
	}()
	return ln.Addr().String()
}

func answer(c net.Conn) {
	for dec := hl7.NewDecoder(c, 0); ; {
		if _, err := dec.Next(); err != nil {
			return
		}
		if _, err := c.Write([]byte("\x0bMSH|^~\\&|W|N|LAB|N|20261128100000||ACK|1|P|2.5.1\rMSA|AA|1\r\x1c\r")); err != nil {
			return
		}
	}
}

func feed(c feedCmd) (out, words string, err error) {
	var o, w bytes.Buffer
	err = c.feed(context.Background(), &o, &w)
	return o.String(), w.String(), err
}

// TestAFileThatIsNoHL7IsNamed: whoever feeds a folder learns of each file what
// became of it.
func TestAFileThatIsNoHL7IsNamed(t *testing.T) {
	dir := folder(t, map[string]string{"1.hl7": "HL7", "2.txt": "to be sent on Monday", "3.hl7": "HL7"})
	out, words, err := feed(feedCmd{MLLP: central(t, false), Dir: dir, Wait: 5 * time.Second})
	if err != nil || strings.Count(out, `"answer":"AA"`) != 2 {
		t.Errorf("%v\n%s", err, out)
	}
	if !strings.Contains(words, "2.txt: no HL7") || !strings.Contains(words, "2 messages of 2 files were sent: 2 AA; 1 files are no HL7") {
		t.Errorf("said: %s", words)
	}
	if _, words, err := feed(feedCmd{MLLP: "127.0.0.1:1", Dir: folder(t, map[string]string{"2.txt": "x"})}); !fault.Is(err, fault.NotFound) || !strings.Contains(words, "2.txt") {
		t.Errorf("a folder of other things: %v, %s", err, words)
	}
}

// TestAClosedPortIsNotWaitedForForEver, nor a central that takes messages and never
// answers.
func TestAClosedPortIsNotWaitedForForEver(t *testing.T) {
	dir := folder(t, map[string]string{"1.hl7": "HL7"})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := ln.Addr().String()
	_ = ln.Close()
	out, words, err := feed(feedCmd{MLLP: closed, Dir: dir, Wait: 300 * time.Millisecond})
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "--mllp") || !strings.Contains(words, "waiting for it, 300ms at most") || out != "" {
		t.Errorf("%v\n%s%s", err, words, out)
	}
	began := time.Now()
	_, _, err = feed(feedCmd{MLLP: central(t, true), Dir: dir, Wait: 300 * time.Millisecond})
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "message 1 of 1.hl7 got no answer") {
		t.Errorf("a mute central: %v", err)
	}
	if took := time.Since(began); took > 8*time.Second {
		t.Errorf("a mute central was waited for %s", took)
	}
}
