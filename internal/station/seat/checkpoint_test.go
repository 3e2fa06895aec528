package seat_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/central/node"
	"wardlight/internal/station/seat"
)

// forked is a checkpoint that central's double signed: the folder was copied, and
// other things happened there.
func (w *world) forked() []byte {
	w.t.Helper()
	w.stop()
	conf := w.conf
	conf.Dir = filepath.Join(w.dir, "fork")
	if err := os.CopyFS(conf.Dir, os.DirFS(w.conf.Dir)); err != nil {
		w.t.Fatal(err)
	}
	w.start()
	n, err := node.Open(context.Background(), conf)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = n.Close() }()
	file := filepath.Join(w.dir, "checkpoint")
	for _, o := range []node.Order{{Cmd: "inbound", Who: "test"}, {Cmd: "audit checkpoint", Args: map[string]string{"to": file}, Who: "test"}} {
		if err := n.Do(context.Background(), o, func(any) error { return nil }); err != nil {
			w.t.Fatal(err)
		}
	}
	b, err := os.ReadFile(file)
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

// onRecord counts the audit events at central whose text has these words.
func (w *world) onRecord(words string) (n int) {
	w.t.Helper()
	for _, line := range w.order("audit list", nil) {
		if b, _ := json.Marshal(line); strings.Contains(string(b), words) {
			n++
		}
	}
	return n
}

// onRecordAs counts events with this outcome that hold these words.
func (w *world) onRecordAs(outcome, words string) (n int) {
	w.t.Helper()
	for _, line := range w.order("audit list", nil) {
		if b, _ := json.Marshal(line); strings.Contains(string(b), words) && strings.Contains(string(b), `"outcome":"`+outcome+`"`) {
			n++
		}
	}
	return n
}

const (
	doesNotGoOn   = "does not go on from the checkpoint that this computer holds"
	anotherLogNow = "does not go on from what this computer knew of it"
)

// shownTheFork is a station on which a nurse has signed in, that was shown the log
// of central's double before.
func shownTheFork(t *testing.T) (*world, *seat.Seat, string, []byte) {
	t.Helper()
	w := hospital(t)
	dir := w.enrol()
	s := w.sitWith(dir, realClock())
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	var path string
	waitFor(t, "the first checkpoint is kept", func() bool {
		found, _ := filepath.Glob(filepath.Join(dir, "*", "checkpoint.v1"))
		if more, _ := filepath.Glob(filepath.Join(dir, "checkpoint.v1")); len(found) == 0 {
			found = more
		}
		if len(found) == 1 {
			path = found[0]
		}
		return path != ""
	})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	was := w.forked()
	b, err := json.Marshal(map[string]any{"v": 1, "checkpoint": was})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return w, s, dir, was
}

// A central whose audit log is not the one that this computer was shown is told to
// people, once, and is on record.
func TestAForkedAuditLogIsToldAndOnRecord(t *testing.T) {
	w, _, dir, _ := shownTheFork(t)
	c := realClock()
	s := w.sitWith(dir, c)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	told := func() bool {
		for _, n := range s.Trouble() {
			if strings.Contains(n.What, "who looked at what is not the one that it was") && strings.Contains(n.Do, "privacy officer") {
				return true
			}
		}
		return false
	}
	c.pass(50 * time.Second)
	time.Sleep(500 * time.Millisecond) // it asks every 20 ms
	if told() || w.onRecord(doesNotGoOn) > 0 {
		t.Error("it is told before the minute in which a restored central says so")
	}
	waitFor(t, "it is told", func() bool { c.pass(time.Second); return told() })
	waitFor(t, "it is on record at central", func() bool { return w.onRecord(doesNotGoOn) > 0 })
	c.pass(10 * time.Minute)
	time.Sleep(500 * time.Millisecond)
	if n := w.onRecord(doesNotGoOn); n != 1 {
		t.Errorf("it is on record %d times", n)
	}
}

// After a restore on record the log cannot go on; that is on record, and nobody is
// alarmed.
func TestARestoreIsNoForgedAuditLog(t *testing.T) {
	w, _, dir, _ := shownTheFork(t)
	w.order("epoch begin", map[string]string{"at": "1"})
	c := realClock()
	s := w.sitWith(dir, c)
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "it is on record at central", func() bool { return w.onRecord(anotherLogNow) > 0 })
	c.pass(10 * time.Minute)           // far beyond the minute after which people are told
	time.Sleep(500 * time.Millisecond) // it asks every 20 ms
	for _, n := range s.Trouble() {
		if strings.Contains(n.What, "who looked at what") {
			t.Errorf("an alarm: %+v", n)
		}
	}
	if n := w.onRecord(doesNotGoOn); n != 0 {
		t.Errorf("%d events say that the log is broken", n)
	}
}

// realClock is a computer's clock that nobody sets.
func realClock() *clocks { return &clocks{wall: time.Now()} }
