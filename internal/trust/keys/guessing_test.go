package keys_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
)

var strict = keys.Guessing{Tries: 3, From: 2, Wait: 5 * time.Second, Factor: 3}

// guess tries a wrong PIN and says of what kind the answer was.
func (c *computer) guess() fault.Kind {
	_, err := c.slots.OpenPIN(bg, "g.mensah", "000000", c.secret)
	return fault.KindOf(err)
}

// A hospital that wants fewer tries and longer waits has them, at the next start too.
func TestAHospitalSetsWhenGuessingStops(t *testing.T) {
	c := newComputer(t)
	ok(t, c.slots.SetGuessing(strict, c.secret))
	c.reopen(t)
	for try := 1; try <= 2; try++ {
		if k := c.guess(); k != fault.Unknown {
			t.Errorf("try %d: %v", try, k)
		}
	}
	if k := c.guess(); k != fault.Denied {
		t.Errorf("the third of three: %v", k)
	}
	if _, err := c.slots.OpenPIN(bg, "g.mensah", "481516", c.secret); !fault.Is(err, fault.Denied) {
		t.Errorf("then the right one: %v", err)
	}
	if want := []time.Duration{0, 5 * time.Second, 15 * time.Second}; !slices.Equal(*c.slept, want) {
		t.Errorf("it waited %v, want %v", *c.slept, want)
	}
	if users, err := c.slots.Users(); err != nil || !users[0].Erased {
		t.Errorf("users: %+v, %v", users, err)
	}
	c = newComputer(t)
	ok(t, c.slots.SetGuessing(keys.Guessing{Tries: 10, From: 2, Wait: 20 * time.Second, Factor: 10}, c.secret))
	for range 4 {
		c.guess()
	}
	if want := []time.Duration{0, 20 * time.Second, 30 * time.Second, 30 * time.Second}; !slices.Equal(*c.slept, want) {
		t.Errorf("it waited %v, want no more than half a minute: %v", *c.slept, want)
	}
}

// edit writes something else into the slots file, as whoever may write the folder can.
func (c *computer) edit(t *testing.T, how func(file map[string]any)) {
	t.Helper()
	raw, err := os.ReadFile(c.slots.Path())
	ok(t, err)
	var f map[string]any
	ok(t, json.Unmarshal(raw, &f))
	how(f)
	raw, err = json.Marshal(f)
	ok(t, err)
	ok(t, os.WriteFile(c.slots.Path(), raw, 0o600))
}

// No number that anybody says, or writes into the file, makes guessing easier than it is
// where nobody set anything.
func TestNothingMakesGuessingEasier(t *testing.T) {
	numbers := []int{-1 << 40, -1, 0, 1, 2, 3, 7, 10, 11, 1000, 1 << 40}
	is := keys.DefaultGuessing
	for _, tries := range numbers {
		for _, from := range numbers {
			for _, wait := range numbers {
				for _, factor := range numbers {
					g := keys.Guessing{Tries: tries, From: from, Wait: time.Duration(wait) * time.Second / 2, Factor: factor}.Bounded()
					if g.Tries > is.Tries || g.Tries < 3 || g.From > is.From || g.From < 2 || g.Wait < is.Wait || g.Wait > 30*time.Second || g.Factor < is.Factor || g.Factor > 10 || g != g.Bounded() {
						t.Fatalf("%d %d %d %d is %+v", tries, from, wait, factor, g)
					}
				}
			}
		}
	}
	if (keys.Guessing{}).Bounded() != is {
		t.Error("nothing said is not the default")
	}
	c := newComputer(t)
	ok(t, c.slots.SetGuessing(keys.Guessing{Tries: 5}, c.secret))
	for name, how := range map[string]func(map[string]any){
		"another number":    func(f map[string]any) { f["guessing"].(map[string]any)["tries"] = 9 },
		"a hundred":         func(f map[string]any) { f["guessing"].(map[string]any)["tries"] = 100 },
		"taken away":        func(f map[string]any) { delete(f, "guessing") },
		"another's mark":    func(f map[string]any) { f["guessing"].(map[string]any)["mark"] = "AAAAAAAAAAAAAAAAAAAAAA==" },
		"of no mark at all": func(f map[string]any) { delete(f["guessing"].(map[string]any), "mark") },
	} {
		c.edit(t, how)
		if g, err := c.slots.Guessing(c.secret); err != nil || g != is {
			t.Errorf("%s: %+v, %v; want the default", name, g, err)
		}
		ok(t, c.slots.SetGuessing(keys.Guessing{Tries: 5}, c.secret)) // central says it again
	}
	// A bound that the file itself breaks, with the right mark, does not hold either.
	c.edit(t, func(f map[string]any) { f["guessing"] = c.slots.Marked(1000, 1000, 0, 0, c.secret) })
	if g, err := c.slots.Guessing(c.secret); err != nil || g != is {
		t.Errorf("a thousand, rightly marked: %+v, %v", g, err)
	}
}

// Who has had more wrong PINs than are allowed since is not shut out by that: they have one
// more. However often it is set, nobody has more than ten.
func TestFewerTriesLeaveOneMore(t *testing.T) {
	c := newComputer(t)
	for range 5 {
		c.guess()
	}
	ok(t, c.slots.SetGuessing(keys.Guessing{Tries: 3}, c.secret))
	ok(t, c.slots.SetGuessing(keys.Guessing{Tries: 3}, c.secret))
	if k, err := c.slots.OpenPIN(bg, "g.mensah", "481516", c.secret); err != nil || k != c.data {
		t.Errorf("the right one: %v", err)
	}
	c = newComputer(t)
	for range 5 {
		c.guess()
	}
	ok(t, c.slots.SetGuessing(keys.Guessing{Tries: 3}, c.secret))
	if k := c.guess(); k != fault.Denied {
		t.Errorf("one more wrong one: %v", k)
	}
	c = newComputer(t)
	tries := 0
	for tries < 20 && c.guess() != fault.Denied {
		tries++
		ok(t, c.slots.SetGuessing(keys.Guessing{Tries: 3}, c.secret))
		ok(t, c.slots.SetGuessing(keys.DefaultGuessing, c.secret))
	}
	if tries != 9 {
		t.Errorf("%d tries and the last, with the number set to and fro", tries)
	}
}

// A program that is killed between the count of the last try and its end has made its last
// try: at the next start the slot opens to nobody, and what it held goes.
func TestTheLastOfFewTriesIsTheLastThroughAKill(t *testing.T) {
	c := newComputer(t)
	ok(t, c.slots.SetGuessing(strict, c.secret))
	c.guess()
	c.guess()
	c.edit(t, func(f map[string]any) { f["slots"].([]any)[0].(map[string]any)["tries"] = 3 })
	if _, err := c.slots.OpenPIN(bg, "g.mensah", "481516", c.secret); !fault.Is(err, fault.Denied) {
		t.Errorf("after the kill: %v", err)
	}
	c.edit(t, func(f map[string]any) {
		slot := f["slots"].([]any)[0].(map[string]any)
		if slot["wrapped"] != nil {
			t.Error("what the slot held is still there")
		}
		slot["tries"] = 0
	})
	if _, err := c.slots.OpenPIN(bg, "g.mensah", "481516", c.secret); !fault.Is(err, fault.Denied) {
		t.Errorf("with the count taken away: %v", err)
	}
}

// What was set outlives a change of the device secret.
func TestWhatWasSetOfGuessingOutlivesAChangeOfKeys(t *testing.T) {
	c := newComputer(t)
	ok(t, c.slots.SetGuessing(strict, c.secret))
	to, data := keys.NewDeviceSecret(), keys.NewKey()
	ok(t, c.slots.Rotate(keys.Change{OldDevice: c.secret, NewDevice: to, OldData: c.data, NewData: data, Now: time.Now()}))
	if g, err := c.slots.Guessing(to); err != nil || g != strict {
		t.Errorf("%+v, %v", g, err)
	}
	if err := c.slots.SetGuessing(keys.DefaultGuessing, c.secret); !fault.Is(err, fault.Denied) {
		t.Errorf("with the secret of before: %v", err)
	}
}

// The first file that says how wrong PINs are answered is read for ever; a program of
// before leaves it out when it writes the file, and is at ten.
func TestTheFirstKeyFileWithTriesSetIsObeyed(t *testing.T) {
	secret := make([]byte, 32)
	fixture := filepath.Join("testdata", "slots.guessing.v1")
	if *update {
		s, err := keys.NewSlots(t.TempDir(), "sfixture22222", cheap)
		ok(t, err)
		ok(t, s.AddPIN("g.mensah", "481516", secret, keys.Key{9}))
		_, _ = s.OpenPIN(bg, "g.mensah", "000000", secret)
		_, _ = s.OpenPIN(bg, "g.mensah", "000000", secret)
		_, _ = s.OpenPIN(bg, "g.mensah", "000000", secret)
		ok(t, s.SetGuessing(strict, secret))
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
	s.NoSleep()
	if g, err := s.Guessing(secret); err != nil || g != strict {
		t.Errorf("%+v, %v", g, err)
	}
	if k, err := s.OpenPIN(bg, "g.mensah", "481516", secret); err != nil || k != (keys.Key{9}) {
		t.Errorf("the one more try: %v", err)
	}
	c := &computer{slots: s}
	c.edit(t, func(f map[string]any) { delete(f, "guessing") })
	if g, err := s.Guessing(secret); err != nil || g != keys.DefaultGuessing {
		t.Errorf("after an older program: %+v, %v", g, err)
	}
}
