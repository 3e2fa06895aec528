package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"wardlight/internal/fault"
)

// smallDisk mounts a disk of its own at dir, or skips the test in words.
func smallDisk(t *testing.T, dir string, megabytes int) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: a full disk needs a small one, and only root may mount it")
	}
	check(t, os.MkdirAll(dir, 0o700))
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%dm,mode=700", megabytes), "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: this machine mounts no small disk: %s", out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "-l", dir).CombinedOutput(); err != nil {
			t.Logf("umount %s: %s", dir, out)
		}
	})
}

// fill leaves so much room on a disk and returns how to make room again.
func fill(t *testing.T, dir string, leave int64) (free func()) {
	t.Helper()
	var s unix.Statfs_t
	check(t, unix.Statfs(dir, &s))
	path := filepath.Join(dir, "somebody-elses-file")
	f, err := os.Create(path)
	check(t, err)
	check(t, unix.Fallocate(int(f.Fd()), 0, 0, int64(s.Bavail)*s.Bsize-leave))
	check(t, f.Close())
	return func() { check(t, os.Remove(path)) }
}

// TestCentralsDiskIsFull: senders are told to keep what they have, everything
// can still be read, and with room again everything goes on.
func TestCentralsDiskIsFull(t *testing.T) {
	dir := t.TempDir()
	smallDisk(t, filepath.Join(dir, "central"), 240)
	w := newWorld(t, dir)
	w.send(admission(0), potassium(0, "K1", "5.0", "N"))
	before := w.export()

	room := fill(t, w.path("central"), 1<<20)
	answer := ""
	w.await("central notices that its disk is full", 20*time.Second, func() error {
		answer = w.send(potassium(0, "K2", "6.8", "HH"))[0]
		if answer == "AA" || answer == "CA" {
			return fmt.Errorf("answered %s", answer)
		}
		return nil
	})
	if answer != "AE" && answer != "CE" {
		t.Errorf("with its disk full central answers %q; a sender must keep the message", answer)
	}
	if !strings.Contains(w.log(), "could not be made durable; its sender was asked to send it again") {
		t.Error("the log does not say what is safe and what happens")
	}
	w.healthy()
	// A look that cannot be recorded does not take place; what to do is said.
	if _, said, err := w.try("inbound"); err == nil || !strings.Contains(said, "free some space") {
		t.Errorf("a look that could not be recorded: %v, %s", err, said)
	}
	w.central.Kill()
	room()
	w.serve()
	w.await("with room again, the message is taken", 30*time.Second, func() error {
		if a := w.send(potassium(0, "K2", "6.8", "HH"))[0]; a != "CA" {
			return fmt.Errorf("answered %s", a)
		}
		return nil
	})
	v := w.values()
	if fmt.Sprint(v["RK1"], v["RK2"]) != "[5.0] [6.8]" || len(w.export()) <= len(before) {
		t.Errorf("the record holds %v", v)
	}
	w.verify()
}

// TestAStationsDiskIsFull: nothing is half written, the person is told what is
// safe and what to do, and everything stays readable.
func TestAStationsDiskIsFull(t *testing.T) {
	dir := t.TempDir()
	smallDisk(t, filepath.Join(dir, "a"), 480)
	w := newWorld(t, dir)
	w.account(nurse, "4B")
	w.enrol("a", "4B")
	w.send(admission(0), potassium(0, "K1", "5.0", "N"))
	a := w.open("a")
	a.signIn(nurse)
	patient := a.patient(somebody[0].family)
	w.cut(a)
	made := a.do("note", args{"patient": patient, "text": "There was room for this."})

	room := fill(t, w.path("a"), 80<<20) // no more than Badger may need for itself
	err := a.call("note", args{"patient": patient, "text": "There was none for this."}, nil)
	if kind(err) != fault.Full {
		t.Fatalf("a note on a full disk gives %v", err)
	}
	for _, word := range []string{"saved before is safe", "not saved", "paper", "service desk"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("the person is not told what to do (%q): %v", word, err)
		}
	}
	if c, _ := a.chart(patient); len(c.Results) != 1 || len(c.Notes) != 1 {
		t.Errorf("on a full disk the chart shows %d results and %d notes", len(c.Results), len(c.Notes))
	}
	room()
	full := fill(t, w.path("a"), 1<<20) // now the reserve is all that is left
	if c, _ := a.chart(patient); len(c.Results) != 1 || len(c.Notes) != 1 {
		t.Error("the reserve does not carry the looks")
	}
	a.Kill()
	a = w.open("a")
	w.await("it opens on the full disk", 30*time.Second, func() error {
		return a.call("sign_in", args{"user": nurse.user, "pin": nurse.pin}, nil)
	})
	if c, _ := a.chart(patient); len(c.Results) != 1 || len(c.Notes) != 1 {
		t.Error("after a start on the full disk the chart is not whole")
	}
	full()
	check(t, w.net.Mend())
	made = append(made, a.do("note", args{"patient": patient, "text": "There is room again."})...)
	a.allSent()
	w.everythingOnce(made)
	if strings.Contains(w.export(), "There was none for this.") {
		t.Error("a note that was refused to its writer stands in the record")
	}
}
