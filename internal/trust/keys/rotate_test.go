package keys_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
)

var theShare = bytes.Repeat([]byte{5}, 32)

// change gives a computer another device secret and data key.
func (c *computer) change(t *testing.T) {
	t.Helper()
	next, data := keys.NewDeviceSecret(), keys.NewKey()
	ok(t, c.slots.Rotate(keys.Change{OldDevice: c.secret, NewDevice: next, OldData: c.data, NewData: data, Now: time.Now()}))
	c.secret, c.data = next, data
}

func (c *computer) version(t *testing.T) float64 {
	t.Helper()
	var f map[string]any
	raw, err := os.ReadFile(c.slots.Path())
	ok(t, err)
	ok(t, json.Unmarshal(raw, &f))
	return f["version"].(float64)
}

// Everybody's PIN and central's share go on opening the computer, through any
// number of changes, also for who was not there meanwhile; wrong tries stay
// counted.
func TestPINsOutliveAnotherDeviceSecret(t *testing.T) {
	c := newComputer(t)
	ok(t, c.slots.AddPIN("a.khan", "151623", c.secret, c.data))
	ok(t, c.slots.AddShare(theShare, c.secret, c.data))
	ok(t, c.slots.SetSecret("outbox", []byte("the sealing identity"), c.data))
	_, err := c.slots.OpenPIN(bg, "a.khan", "000000", c.secret)
	if !fault.Is(err, fault.Unknown) {
		t.Fatalf("a wrong PIN: %v", err)
	}
	for n := range 3 {
		c.change(t)
		c.reopen(t)
		if k, err := c.slots.OpenPIN(bg, "g.mensah", "481516", c.secret); err != nil || k != c.data {
			t.Fatalf("change %d: who signs in after each: %v", n, err)
		}
		if k, err := c.slots.OpenShare(theShare, c.secret); err != nil || k != c.data {
			t.Fatalf("change %d: the share: %v", n, err)
		}
		if b, err := c.slots.Secret("outbox", c.data); err != nil || string(b) != "the sealing identity" {
			t.Fatalf("change %d: a secret: %q, %v", n, b, err)
		}
		if v := c.version(t); v != 2 {
			t.Errorf("change %d: a file with a layered slot has version %v", n, v)
		}
	}
	users, err := c.slots.Users()
	if err != nil || users[0].User != "a.khan" || users[0].Tries != 1 {
		t.Errorf("a wrong try was forgotten: %+v, %v", users, err)
	}
	if _, err := c.slots.OpenPIN(bg, "a.khan", "000000", c.secret); !fault.Is(err, fault.Unknown) {
		t.Errorf("a wrong PIN at a layered slot: %v", err)
	}
	if k, err := c.slots.OpenPIN(bg, "a.khan", "151623", c.secret); err != nil || k != c.data {
		t.Errorf("who was away through three changes: %v", err)
	}
	if v := c.version(t); v != 1 {
		t.Errorf("with every slot plain again the file has version %v, which earlier programs do not read", v)
	}
	c.reopen(t)
	if k, err := c.slots.OpenPIN(bg, "a.khan", "151623", c.secret); err != nil || k != c.data {
		t.Errorf("and the next time: %v", err)
	}
}

// What a change is for: who had the former device secret, and even the former data
// key with a PIN, has nothing of the file of now.
func TestAFormerDeviceSecretOpensNothing(t *testing.T) {
	c := newComputer(t)
	ok(t, c.slots.AddShare(theShare, c.secret, c.data))
	ok(t, c.slots.SetSecret("copy", []byte("what opens the copy"), c.data))
	formerSecret, formerData := c.secret, c.data
	before, err := os.ReadFile(c.slots.Path())
	ok(t, err)
	c.change(t)

	if _, err := c.slots.OpenPIN(bg, "g.mensah", "481516", formerSecret); !fault.Is(err, fault.Denied) {
		t.Errorf("the former secret: %v", err)
	}
	if _, err := c.slots.Secret("copy", formerData); !fault.Is(err, fault.Conflict) {
		t.Errorf("the former data key: %v", err)
	}
	if err := c.slots.SetSecret("copy", []byte("x"), formerData); !fault.Is(err, fault.Conflict) {
		t.Errorf("something was sealed with the former data key: %v", err)
	}
	if err := c.slots.AddPIN("late", "112233", c.secret, formerData); !fault.Is(err, fault.Conflict) {
		t.Errorf("a slot for the former data key: %v", err)
	}
	// The marks are for honest programs. Without them nothing opens either.
	var was, now map[string]any
	ok(t, json.Unmarshal(before, &was))
	raw, err := os.ReadFile(c.slots.Path())
	ok(t, err)
	ok(t, json.Unmarshal(raw, &now))
	now["device"] = was["device"]
	delete(now, "data")
	raw, err = json.Marshal(now)
	ok(t, err)
	ok(t, os.WriteFile(c.slots.Path(), raw, 0o600))
	if k, err := c.slots.OpenPIN(bg, "g.mensah", "481516", formerSecret); err == nil {
		t.Errorf("the PIN with the former secret opens the file of now: former key %v", k == formerData)
	}
	if b, err := c.slots.Secret("copy", formerData); err == nil {
		t.Errorf("the former data key opens a secret of now: %q", b)
	}
}

// After a change the file of before is not on the disk any more, nor what a crash
// left beside it.
func TestTheFileOfBeforeIsWrittenOver(t *testing.T) {
	c := newComputer(t)
	torn := c.slots.Path() + ".new-123"
	ok(t, os.WriteFile(torn, []byte("an earlier state of the file"), 0o600))
	held, err := os.Open(c.slots.Path())
	ok(t, err)
	defer func() { _ = held.Close() }()
	heldTorn, err := os.Open(torn)
	ok(t, err)
	defer func() { _ = heldTorn.Close() }()
	c.change(t)
	for _, f := range []*os.File{held, heldTorn} {
		b := make([]byte, 1<<16)
		n, _ := f.Read(b)
		if n == 0 || !bytes.Equal(b[:n], make([]byte, n)) {
			t.Errorf("%s: %d bytes of before are still there", filepath.Base(f.Name()), n)
		}
	}
	left, err := filepath.Glob(c.slots.Path() + "?*")
	ok(t, err)
	for _, name := range left {
		if filepath.Ext(name) != ".lock" {
			t.Errorf("left beside the file: %s", filepath.Base(name))
		}
	}
	// A change that broke off before the new file was in place: the second name is
	// the present file's, which must stay as it is.
	ok(t, os.Link(c.slots.Path(), c.slots.Path()+".replaced"))
	ok(t, c.slots.Sweep())
	if k, err := c.slots.OpenPIN(bg, "g.mensah", "481516", c.secret); err != nil || k != c.data {
		t.Errorf("after a sweep: %v", err)
	}
	if _, err := os.Stat(c.slots.Path() + ".replaced"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the second name stays: %v", err)
	}
}

// Of the two device secrets between which a change broke off one fits.
func TestOneOfTwoDeviceSecretsFits(t *testing.T) {
	c := newComputer(t)
	old := c.secret
	c.change(t)
	for _, tc := range []struct {
		secret []byte
		want   bool
	}{{old, false}, {c.secret, true}} {
		if fits, err := c.slots.Fits(tc.secret); err != nil || fits != tc.want {
			t.Errorf("fits %v, %v; want %v", fits, err, tc.want)
		}
	}
	since, err := c.slots.Since()
	if err != nil || time.Since(since) > time.Minute {
		t.Errorf("since %v, %v", since, err)
	}
	ok(t, c.slots.Mark(time.Unix(0, 0)))
	if again, _ := c.slots.Since(); !again.Equal(since) {
		t.Error("a known age was marked anew")
	}
}

// A file with a layered slot, as the first program wrote it that could.
func TestALayeredKeyFileOpensForEver(t *testing.T) {
	old, now := bytes.Repeat([]byte{7}, 32), bytes.Repeat([]byte{8}, 32)
	data := keys.Key(bytes.Repeat([]byte{10}, 32))
	fixture := filepath.Join("testdata", "slots.v2")
	if *update {
		s, err := keys.NewSlots(t.TempDir(), "sfixture22222", cheap)
		ok(t, err)
		first := keys.Key(bytes.Repeat([]byte{9}, 32))
		ok(t, s.AddPIN("g.mensah", "481516", old, first))
		ok(t, s.AddShare(theShare, old, first))
		ok(t, s.SetSecret("outbox-identity", []byte("the first secret"), first))
		ok(t, s.Rotate(keys.Change{OldDevice: old, NewDevice: now, OldData: first, NewData: data, Now: time.Unix(1764428400, 0)}))
		b, err := os.ReadFile(s.Path())
		ok(t, err)
		ok(t, os.WriteFile(fixture, b, 0o600))
	}
	dir := t.TempDir()
	b, err := os.ReadFile(fixture)
	ok(t, err)
	ok(t, os.WriteFile(filepath.Join(dir, keys.SlotsFile), b, 0o600))
	s, err := keys.NewSlots(dir, "sfixture22222", keys.Cost{})
	ok(t, err)
	if k, err := s.OpenShare(theShare, now); err != nil || k != data {
		t.Errorf("the share: %v", err)
	}
	if k, err := s.OpenPIN(bg, "g.mensah", "481516", now); err != nil || k != data {
		t.Errorf("the PIN: %v", err)
	}
	if b, err := s.Secret("outbox-identity", data); string(b) != "the first secret" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
}
