package keys_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"wardlight/internal/trust/keys"
)

func (c *computer) untold(t *testing.T) keys.Wrong {
	t.Helper()
	w, err := c.slots.Untold(c.secret)
	ok(t, err)
	return w
}

// Each wrong PIN is kept until it is told, with its time and under its number; a right one
// leaves nothing. What was told is let go, and what came meanwhile is not.
func TestWrongPINsAreKeptUntilTheyAreTold(t *testing.T) {
	c := newComputer(t)
	noon := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	at := noon
	clock := func() time.Time { return at }
	c.slots.Clock(clock)
	if w := c.untold(t); w.ID == "" || len(w.Tries) != 0 {
		t.Fatalf("at first: %+v", w)
	}
	c.guess()
	at = noon.Add(time.Minute)
	c.guess()
	if _, err := c.slots.OpenPIN(bg, "g.mensah", "481516", c.secret); err != nil {
		t.Fatal(err)
	}
	ok(t, c.slots.Stranger(c.secret))
	c.reopen(t)
	w := c.untold(t)
	if len(w.Tries) != 3 || w.Seq != 3 || !w.Tries[0].At.Equal(noon) || w.Tries[1].User != "g.mensah" || !w.Tries[1].At.Equal(at) || w.Tries[2].User != "" || w.Tries[0].Cut {
		t.Fatalf("kept: %+v", w)
	}
	c.guess()
	ok(t, c.slots.TellWrong("another list", 4, c.secret))
	ok(t, c.slots.TellWrong(w.ID, w.Seq, c.secret))
	if w = c.untold(t); len(w.Tries) != 1 || w.Tries[0].Seq != 4 {
		t.Errorf("after three were told: %+v", w)
	}
	// Nobody who reads the file learns of whom it was tried, or when.
	raw, err := os.ReadFile(c.slots.Path())
	ok(t, err)
	var f map[string]any
	ok(t, json.Unmarshal(raw, &f))
	if list, isText := f["wrong"].(string); !isText || len(list) < 40 || bytes.Contains(raw, []byte("T12:0")) {
		t.Errorf("the list: %v", f["wrong"])
	}
}

// A PIN that central has found right is no wrong one, though the slot is of another.
func TestAPINThatCentralFoundRightIsNoWrongOne(t *testing.T) {
	c := newComputer(t)
	if _, err := c.slots.OpenVouched(bg, "g.mensah", "777123", c.secret); err == nil {
		t.Fatal("it opens")
	}
	if w := c.untold(t); len(w.Tries) != 0 {
		t.Errorf("kept: %+v", w)
	}
}

// A program that is killed while a PIN is tried leaves a try of which nobody knows whether
// it was right, once.
func TestATryThatWasKilledIsKept(t *testing.T) {
	c := newComputer(t)
	for range 3 {
		c.guess()
	}
	c.slots.AtSleep(runtime.Goexit)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = c.slots.OpenPIN(bg, "g.mensah", "000000", c.secret)
	}()
	<-done
	c.reopen(t)
	for range 2 {
		if w := c.untold(t); len(w.Tries) != 4 || !w.Tries[3].Cut || w.Tries[3].User != "g.mensah" {
			t.Fatalf("kept: %+v", w)
		}
	}
	c.guess()
	if w := c.untold(t); len(w.Tries) != 5 || w.Tries[4].Cut {
		t.Errorf("and the next: %+v", w)
	}
}

// However many there are, the list has an end; those beyond are counted, and exactly, also
// where some of them were told before.
func TestTheListOfWrongPINsHasAnEnd(t *testing.T) {
	c := newComputer(t)
	for range 70 {
		ok(t, c.slots.Stranger(c.secret))
	}
	w := c.untold(t)
	if len(w.Tries) != 64 || w.More == nil || w.More.First != 65 || w.More.Last != 70 {
		t.Fatalf("kept: %d, %+v", len(w.Tries), w.More)
	}
	for range 3 {
		ok(t, c.slots.Stranger(c.secret))
	}
	ok(t, c.slots.TellWrong(w.ID, 70, c.secret))
	if w = c.untold(t); len(w.Tries) != 0 || w.More == nil || w.More.First != 71 || w.More.Last != 73 {
		t.Errorf("after 70 were told: %+v", w)
	}
	ok(t, c.slots.TellWrong(w.ID, 73, c.secret))
	if w = c.untold(t); w.More != nil || w.Seq != 73 {
		t.Errorf("after all were: %+v", w)
	}
}

// Whoever edits the list, takes it away or puts another's there leaves a list of another
// name; a change of the device secret leaves the same.
func TestAListOfWrongPINsThatAnotherHandChangedIsAnother(t *testing.T) {
	for name, how := range map[string]func(map[string]any){
		"taken away": func(f map[string]any) { delete(f, "wrong") },
		"edited": func(f map[string]any) {
			b := []byte(f["wrong"].(string))
			if b[20]++; b[20] != 'B' { // another letter of base64: what is none damages the file
				b[20] = 'A'
			}
			f["wrong"] = string(b)
		},
	} {
		c := newComputer(t)
		c.guess()
		was := c.untold(t)
		c.edit(t, how)
		if w := c.untold(t); w.ID == was.ID || w.ID == "" || len(w.Tries) != 0 {
			t.Errorf("%s: %+v", name, w)
		}
	}
	c := newComputer(t)
	c.guess()
	was := c.untold(t)
	to := keys.NewDeviceSecret()
	ok(t, c.slots.Rotate(keys.Change{OldDevice: c.secret, NewDevice: to, OldData: c.data, NewData: keys.NewKey(), Now: time.Now()}))
	c.secret = to
	if w := c.untold(t); w.ID != was.ID || len(w.Tries) != 1 {
		t.Errorf("after a change of the device secret: %+v", w)
	}
}

// The first list is read for ever.
func TestTheFirstListOfWrongPINsIsRead(t *testing.T) {
	secret := make([]byte, 32)
	fixture := filepath.Join("testdata", "slots.wrong.v1")
	if *update {
		s, err := keys.NewSlots(t.TempDir(), "sfixture22222", cheap)
		ok(t, err)
		s.Clock(func() time.Time { return time.Unix(1796040000, 0) })
		ok(t, s.AddPIN("g.mensah", "481516", secret, keys.Key{9}))
		_, _ = s.OpenPIN(bg, "g.mensah", "000000", secret)
		for range 65 {
			ok(t, s.Stranger(secret))
		}
		b, err := os.ReadFile(s.Path())
		ok(t, err)
		ok(t, os.WriteFile(fixture, b, 0o644))
	}
	b, err := os.ReadFile(fixture)
	ok(t, err)
	dir := t.TempDir()
	ok(t, os.WriteFile(filepath.Join(dir, keys.SlotsFile), b, 0o600))
	s, err := keys.NewSlots(dir, "sfixture22222", cheap)
	ok(t, err)
	w, err := s.Untold(secret)
	if err != nil || len(w.Tries) != 64 || w.Tries[0].User != "g.mensah" || w.Tries[0].At.Unix() != 1796040000 || w.More == nil || w.More.Last != 66 || w.Seq != 66 {
		t.Errorf("%+v, %v", w, err)
	}
}
