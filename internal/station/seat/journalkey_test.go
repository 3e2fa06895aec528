package seat_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/station/join"
	"wardlight/internal/station/seat"
)

// arrives has another patient come to the ward.
func (w *world) arrives(n int) {
	w.t.Helper()
	c, err := net.Dial("tcp", w.conf.MLLP)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	now := time.Now().Format("20060102150405")
	message := strings.Join([]string{
		fmt.Sprintf("MSH|^~\\&|ADT|HOSP|WARDLIGHT|HOSP|%s||ADT^A01^ADT_A01|N%d|P|2.5.1", now, n), "EVN|A01|" + now,
		fmt.Sprintf("PID|1||MRN%04d^^^HOSP^MR||PATIENT%c^TEST||19540314|F", n, 'A'+n),
		fmt.Sprintf("PV1|1|I|4B^^%02d^HOSP||||||||||||||||V%d|||||||||||||||||||||||||%s", n, n, now), "",
	}, "\r")
	if _, err := fmt.Fprintf(c, "\x0b%s\x1c\r", message); err != nil {
		w.t.Fatal(err)
	}
	answer := make([]byte, 4096)
	if n, err := c.Read(answer); err != nil || !strings.Contains(string(answer[:n]), "MSA|AA") {
		w.t.Fatalf("%v: %q", err, answer[:n])
	}
}

func (w *world) enrolAt(name string) string {
	w.t.Helper()
	code := w.order("enrol-code", map[string]string{"wards": "4B"})[0]["code"].(string)
	dir := filepath.Join(w.dir, name)
	if _, err := seat.Enrol(context.Background(), dir, w.secrets, join.Request{Server: w.url, CAFingerprint: w.fp, Code: code, Place: name}); err != nil {
		w.t.Fatal(err)
	}
	return dir
}

func believed(t *testing.T, dir string) []byte {
	t.Helper()
	info, err := join.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return info.JournalKey
}

// Central's journal key gives way to another, twice: a computer that is on goes on, one
// that was off through both comes level at its first contact, one that is enrolled
// afterwards too; the checkpoint that each keeps is held to the log as before, nobody is
// alarmed, and at the next start it all holds. While a computer is enrolled that never
// said that it can follow, the change waits.
func TestComputersFollowTheJournalKey(t *testing.T) {
	w := hospital(t)
	on, off := w.enrolAt("on"), w.enrolAt("off")
	first := believed(t, on)
	a := w.sitAs(seat.Config{}, on)
	<-a.Opened()
	w.arrives(0)
	has := func(s *seat.Seat, patients int) func() bool {
		return func() bool { return s.Count().Patients == patients }
	}
	eventually(t, "the first patient is there", has(a, 1))

	// The other one was never on: its program may be one that cannot follow.
	err := w.try("keys change", map[string]string{"key": "signing"})
	if !fault.Is(err, fault.Denied) || !strings.Contains(err.Error(), "1 computers would refuse") {
		t.Fatalf("a change that leaves somebody behind: %v", err)
	}
	b := w.sitAs(seat.Config{}, off)
	<-b.Opened()
	eventually(t, "it has the patient too", has(b, 1))
	heldLog := func(s *seat.Seat) bool { return s.HoldsCheckpoint() }
	eventually(t, "each holds a checkpoint", func() bool { return heldLog(a) && heldLog(b) })
	eventually(t, "both have said that they can follow", func() bool {
		for _, line := range w.order("keys list", nil) {
			if line["key"] == "signing" {
				return line["behind"] == nil
			}
		}
		return false
	})
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}

	for n := 1; n <= 2; n++ {
		before := believed(t, on)
		w.order("keys change", map[string]string{"key": "signing"})
		w.arrives(n)
		eventually(t, "what came after the change is there", has(a, n+1))
		if bytes.Equal(believed(t, on), before) {
			t.Errorf("change %d: it is the same key", n)
		}
	}
	if !bytes.Equal(believed(t, off), first) {
		t.Fatal("the one that is off has heard of it")
	}
	b = w.sitAs(seat.Config{}, off)
	eventually(t, "who was off comes level", has(b, 3))
	if !bytes.Equal(believed(t, off), believed(t, on)) {
		t.Error("the two believe different keys")
	}
	fresh := w.enrolAt("fresh")
	c := w.sitAs(seat.Config{}, fresh)
	eventually(t, "who was enrolled afterwards comes level", has(c, 3))

	for name, s := range map[string]*seat.Seat{"on": a, "off": b, "fresh": c} {
		eventually(t, name+" holds a checkpoint of now", s.HoldsCheckpointOfNow)
		if told := s.Trouble(); len(told) > 0 {
			t.Errorf("%s alarms people: %+v", name, told)
		}
	}
	if n := w.onRecord(doesNotGoOn) + w.onRecord(anotherLogNow); n > 0 {
		t.Errorf("%d times it is on record that the audit log is another", n)
	}

	// And after a start of central and of a computer.
	w.stop()
	w.start()
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	a = w.sitAs(seat.Config{}, on)
	w.arrives(3)
	eventually(t, "after a start of both", has(a, 4))
}

// A line of keys that nobody signed is not followed, whoever shows it.
func TestAJournalKeyThatNobodyHandedOverIsNotBelieved(t *testing.T) {
	w := hospital(t)
	dir := w.enrol()
	s := w.sitAs(seat.Config{}, dir)
	<-s.Opened()
	first := believed(t, dir)
	if changed, err := s.Follow(seat.StrangersLine(t, first)); changed || !fault.Is(err, fault.Denied) {
		t.Errorf("a stranger's line: %v, %v", changed, err)
	}
	if !bytes.Equal(believed(t, dir), first) {
		t.Error("it is believed")
	}
	// One who meddles with station.json gets no station that believes it.
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := join.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	info.Handovers = seat.StrangersLine(t, first).Line
	if err := info.Save(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := seat.Open(context.Background(), seat.Config{Dir: dir, Secrets: w.secrets}); !fault.Is(err, fault.Corrupt) {
		t.Errorf("a station.json that was meddled with: %v", err)
	}
}
