package audit_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
)

// box stands for central's recovery key.
var (
	boxHead = []byte("sealed:")
	seal    = func(b []byte) ([]byte, error) { return append(slices.Clone(boxHead), b...), nil }
	unseal  = func(b []byte) ([]byte, error) {
		plain, ok := bytes.CutPrefix(b, boxHead)
		if !ok {
			return nil, fault.New(fault.Denied, "test", "", "sealed to somebody else")
		}
		return plain, nil
	}
)

// device is a computer's chain as its program makes it.
type device struct {
	t    *testing.T
	prev record.Look
	key  *audit.Ratchet // of the look behind prev
}

// start is a start of the program: the look that comes begins a key.
func (d *device) start(event string) record.Look {
	d.t.Helper()
	r, start, err := audit.Begin("s1", d.prev.Seq+1, d.key, seal)
	if err != nil {
		d.t.Fatal(err)
	}
	d.key = &r
	return d.add(event, start)
}

func (d *device) look(event string) record.Look { return d.add(event, nil) }

func (d *device) add(event string, start []byte) record.Look {
	d.prev = d.key.Look("s1", d.prev, []byte(event), start)
	next := d.key.Next()
	d.key = &next
	return d.prev
}

// told holds looks to their keys as central does, and returns what it says of
// each that is wrong.
func told(c audit.Checker, looks ...record.Look) (words []string) {
	for _, l := range looks {
		var why string
		if c, why = c.Check(l, unseal); why != "" {
			words = append(words, fmt.Sprint(l.Seq, ": ", why))
		}
	}
	return words
}

// Central makes the same steps, over starts of the program too, and has nothing
// to tell.
func TestAuditKeysGoForward(t *testing.T) {
	d := &device{t: t}
	chain := []record.Look{d.start("{1}"), d.look("{2}"), d.look("{3}"), d.start("{4}"), d.look("{5}")}
	if err := audit.Linked(record.Look{}, chain); err != nil {
		t.Fatal(err)
	}
	if words := told(audit.Checker{}, chain...); words != nil {
		t.Errorf("an honest chain: %v", words)
	}
	if _, ok := d.key.At(5); ok {
		t.Error("a key of the past can be had from today's")
	}
	if _, ok := d.key.At(1 << 40); ok {
		t.Error("a step without end is made")
	}
}

// A thief has everything that the computer has today, and makes what central has
// not got yet anew. Central holds the first look.
func TestTodaysKeyMakesNoLookOfYesterday(t *testing.T) {
	d := &device{t: t}
	chain := []record.Look{d.start("{1}"), d.look("{2}"), d.look("{3}"), d.look("{4}")}
	today := *d.key // of the fifth
	first, why := audit.Checker{}.Check(chain[0], unseal)
	if why != "" {
		t.Fatal(why)
	}
	// anew makes the chain from the second look on with whatever key the thief takes.
	anew := func(key audit.Ratchet, start []byte, events ...string) (out []record.Look) {
		prev := chain[0]
		for i, e := range events {
			key.Seq = prev.Seq + 1
			s := start
			if i > 0 {
				s = nil
			}
			prev = key.Look("s1", prev, []byte(e), s)
			key = key.Next()
			out = append(out, prev)
		}
		return out
	}
	begun, start, err := audit.Begin("s1", 2, &today, seal)
	if err != nil {
		t.Fatal(err)
	}
	old := slices.Clone(chain[1:])
	for name, c := range map[string]struct {
		looks []record.Look
		word  string
	}{
		"one altered":                 {change(old, 1, func(l *record.Look) { l.Event = []byte("{x}") }), "3: this audit event was not made with the key"},
		"one altered, tied by itself": {anew(today, nil, "{2}", "{x}", "{4}"), "2: this audit event was not made with the key"},
		"one removed, renumbered":     {anew(today, nil, "{3}", "{4}"), "2: this audit event was not made with the key"},
		"two exchanged":               {anew(today, nil, "{3}", "{2}", "{4}"), "2: this audit event was not made with the key"},
		"a key begun to cover it":     {anew(begun, start, "{2}", "{x}", "{4}"), "2: this computer began a new audit key and did not have the one before"},
		"back to one key for all":     {change(old, 0, func(l *record.Look) { *l = audit.Next([32]byte{1}, "s1", chain[0], l.Event) }), "2: this audit event was not made with the key"},
		"a start moved here":          {change(old, 0, func(l *record.Look) { l.Start = chain[0].Start }), "2: this computer began a new audit key that cannot be opened"},
	} {
		words := told(first, c.looks...)
		if len(words) != 1 || !strings.HasPrefix(words[0], c.word) {
			t.Errorf("%s: %v", name, words)
		}
	}
	if words := told(first, old...); words != nil {
		t.Errorf("what was not touched: %v", words)
	}
	forged := today.Look("s1", chain[3], []byte("{5}"), nil)
	if words := told(first, append(old, forged)...); words != nil {
		t.Errorf("that today's key makes a look of today is no news: %v", words)
	}
}

func change(looks []record.Look, i int, f func(*record.Look)) []record.Look {
	looks = slices.Clone(looks)
	f(&looks[i])
	return looks
}

// Behind looks that are missing the key is brought forward; where one of them
// began another, nothing is told of the key (that they are missing is), until the
// next start.
func TestKeysBehindAGap(t *testing.T) {
	d := &device{t: t}
	chain := []record.Look{d.start("{1}"), d.look("{2}"), d.look("{3}"), d.start("{4}"), d.look("{5}"), d.look("{6}"), d.start("{7}"), d.look("{8}")}
	if words := told(audit.Checker{}, chain[0], chain[2]); words != nil {
		t.Errorf("behind a gap: %v", words)
	}
	if words := told(audit.Checker{}, append(slices.Clone(chain[:2]), chain[4:]...)...); words != nil {
		t.Errorf("a key was begun in the gap: %v", words)
	}
	spoilt := change(chain, 7, func(l *record.Look) { l.Event = []byte("{x}") })
	if words := told(audit.Checker{}, append(slices.Clone(chain[:2]), spoilt[4:]...)...); len(words) != 1 || !strings.HasPrefix(words[0], "8: ") {
		t.Errorf("behind the next start it is checked again: %v", words)
	}
}

// An older program's chain goes on as it was, and is checked from the first key.
func TestAnOldChainGoesOn(t *testing.T) {
	old := chainOf([32]byte{7}, 3)
	for i := range old {
		old[i].Station = "s1"
	}
	d := &device{t: t, prev: old[2]}
	chain := append(old, d.start("{4}"), d.look("{5}"))
	if err := audit.Linked(record.Look{}, chain); err != nil {
		t.Fatal(err)
	}
	if words := told(audit.Checker{}, chain...); words != nil {
		t.Errorf("%v", words)
	}
	if words := told(audit.Checker{}, change(chain, 4, func(l *record.Look) { l.Event = []byte("{x}") })...); len(words) != 1 {
		t.Errorf("behind the first key: %v", words)
	}
}

// A key says nothing of itself.
func TestAnAuditKeyDoesNotPrint(t *testing.T) {
	d := &device{t: t}
	d.start("{1}")
	if s := fmt.Sprintf("%v %s %+v", *d.key, d.key, *d.key); strings.Contains(s, fmt.Sprint(d.key.Key[0], " ", d.key.Key[1])) {
		t.Error(s)
	}
}

// The bytes of a chain with keys that go forward are for ever.
func TestTheRatchetIsFixed(t *testing.T) {
	const file = "testdata/looks.ratchet.v1.json"
	if os.Getenv("MAKE_FIXTURE") != "" { // once
		d := &device{t: t}
		b, err := json.MarshalIndent([]record.Look{d.start("{1}"), d.look("{2}"), d.start("{3}"), d.look("{4}")}, "", " ")
		if err == nil {
			err = os.WriteFile(file, append(b, '\n'), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var chain []record.Look
	if err := json.Unmarshal(b, &chain); err != nil {
		t.Fatal(err)
	}
	if err := audit.Linked(record.Look{}, chain); err != nil || len(chain) != 4 {
		t.Fatal(err)
	}
	if words := told(audit.Checker{}, chain...); words != nil {
		t.Errorf("%v", words)
	}
	if words := told(audit.Checker{}, change(chain, 1, func(l *record.Look) { l.Event = []byte("{x}") })...); len(words) != 1 {
		t.Errorf("altered: %v", words)
	}
}
