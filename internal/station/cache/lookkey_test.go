package cache_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"wardlight/internal/clinical/record"
	"wardlight/internal/station/cache"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/keys"
)

// told is what central says of the keys of everything that is not sent.
func told(t *testing.T, c *cache.Cache) (words []string, looks []record.Look) {
	t.Helper()
	looks, err := c.UnsentLooks(0, 1000)
	ok(t, err)
	var keys audit.Checker
	for _, l := range looks {
		var why string
		if keys, why = keys.Check(l, recovery.Unseal); why != "" {
			words = append(words, why)
		}
	}
	return words, looks
}

// The keys go forward over commits, starts, a cache that was set aside and one
// with another key; central can follow them all the way.
func TestCentralFollowsTheKeysOfTheLooks(t *testing.T) {
	o := options(t)
	c := open(t, o)
	n := 0
	more := func() {
		for range 3 {
			n++
			ok(t, c.Commit(bg, nil, [][]byte{look(n)}))
		}
	}
	more()
	ok(t, c.Close())
	c = open(t, o)
	more()
	ok(t, c.Close())
	_, err := cache.SetAside(o.Dir)
	ok(t, err)
	o.Key = keys.NewKey() // as when the copy gets another key
	c = open(t, o)
	more()
	words, looks := told(t, c)
	if words != nil || len(looks) != n {
		t.Fatalf("%d of %d looks, told: %v", len(looks), n, words)
	}
	for i, l := range looks {
		if begins := i%3 == 0; !audit.Ratcheted(l) || (len(l.Start) > 0) != begins {
			t.Errorf("look %d: form %d, a key begins: %v", l.Seq, l.Form, len(l.Start) > 0)
		}
	}
	c.ForgeLook(2, look(99))
	if words, _ := told(t, c); len(words) != 1 {
		t.Errorf("one that was changed with today's keys: %v", words)
	}
}

// The file of the key that was written before a look opens nothing behind it: the
// key that made the look is not there any more.
func TestTheKeyOfALookIsForgotten(t *testing.T) {
	o := options(t)
	c := open(t, o)
	path := filepath.Join(o.Dir, "looks-key.v1")
	ok(t, c.Commit(bg, nil, [][]byte{look(1)}))
	before, err := os.ReadFile(path)
	ok(t, err)
	ok(t, c.Commit(bg, nil, [][]byte{look(2)}))
	after, err := os.ReadFile(path)
	ok(t, err)
	if len(after) != len(before) || bytes.Equal(after, before) {
		t.Errorf("the file had %d bytes, has %d, and is the same: %v", len(before), len(after), bytes.Equal(after, before))
	}
	now, begun := c.LookKeys()
	if now.Seq != 3 || begun != nil {
		t.Errorf("behind two looks the file holds the key of look %d, and another: %v", now.Seq, begun != nil)
	}
}

// A crash leaves the file behind, or with a key that no look ever had; the chain
// goes on and central has nothing to tell.
func TestACrashLosesNoKeyOfTheLooks(t *testing.T) {
	o := options(t)
	c := open(t, o)
	path := filepath.Join(o.Dir, "looks-key.v1")
	ok(t, c.Commit(bg, nil, [][]byte{look(1)}))
	behind, err := os.ReadFile(path)
	ok(t, err)
	ok(t, c.Commit(bg, nil, [][]byte{look(2)}, cache.Fact{Key: "x", Value: []byte("y")}))
	ok(t, c.Commit(bg, nil, [][]byte{look(3)}))
	ok(t, c.Close())
	ok(t, os.WriteFile(path, behind, 0o600))
	c = open(t, o)
	c.OnlyBeginLookKey() // the commit does not follow
	ok(t, c.Close())
	c = open(t, o)
	ok(t, c.Commit(bg, nil, [][]byte{look(4)}))
	ok(t, c.Close())
	c = open(t, o)
	var crashed []byte
	c.AfterCommits(func() { crashed, err = os.ReadFile(path) })
	ok(t, c.Commit(bg, nil, [][]byte{look(5)})) // the commit does, and nothing behind it
	ok(t, err)
	ok(t, c.Close())
	ok(t, os.WriteFile(path, crashed, 0o600))
	c = open(t, o)
	ok(t, c.Commit(bg, nil, [][]byte{look(6)}))
	if words, looks := told(t, c); words != nil || len(looks) != 6 {
		t.Errorf("%d looks, told: %v", len(looks), words)
	}
}

// A file that is gone or was written by somebody else costs the proof, which
// central tells, and nothing else.
func TestALostKeyOfTheLooksIsToldAndTheChainGoesOn(t *testing.T) {
	for name, spoil := range map[string]func(path string) error{
		"gone":      os.Remove,
		"empty":     func(p string) error { return os.Truncate(p, 0) },
		"another's": func(p string) error { return os.WriteFile(p, bytes.Repeat([]byte{1}, 512), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t)
			c := open(t, o)
			ok(t, c.Commit(bg, nil, [][]byte{look(1)}))
			ok(t, c.Close())
			ok(t, spoil(filepath.Join(o.Dir, "looks-key.v1")))
			c = open(t, o)
			ok(t, c.Commit(bg, nil, [][]byte{look(2), look(3)}))
			if words, looks := told(t, c); len(words) != 1 || len(looks) != 3 {
				t.Errorf("%d looks, told: %v", len(looks), words)
			}
		})
	}
}

// The file's bytes are for ever. The fixture is what two looks behind the first
// cache's left.
func TestTheFileOfTheLooksKeyStillOpens(t *testing.T) {
	const kept = "testdata/looks-key.v1"
	dir := t.TempDir()
	ok(t, os.CopyFS(dir, os.DirFS(fixtureDir)))
	if os.Getenv("MAKE_FIXTURE") != "" { // once
		c := open(t, fixtureOptions(t, dir))
		ok(t, c.Commit(bg, nil, [][]byte{look(98)}))
		ok(t, c.Commit(bg, nil, [][]byte{look(99)}))
		ok(t, c.Close())
		b, err := os.ReadFile(filepath.Join(dir, "looks-key.v1"))
		ok(t, err)
		ok(t, os.WriteFile(kept, b, 0o600))
	}
	b, err := os.ReadFile(kept)
	ok(t, err)
	ok(t, os.WriteFile(filepath.Join(dir, "looks-key.v1"), b, 0o600))
	c := open(t, fixtureOptions(t, dir))
	now, begun := c.LookKeys()
	if sum := fmt.Sprintf("%x", sha256.Sum256(now.Key[:])); now.Seq != fixedKeySeq || sum != fixedKeySum || begun != nil {
		t.Errorf("the key of look %d, %s", now.Seq, sum)
	}
}

const (
	fixedKeySeq = 5
	fixedKeySum = "2cd0fe4d65629f2b279191a0a4a273ed2b9ae8f4e62afb8dd96767e3d7eb8823"
)

// A computer's chain of before, in the fixture of the first cache, goes on with
// keys of its own.
func TestAChainOfTheFirstCacheGoesOn(t *testing.T) {
	dir := t.TempDir()
	ok(t, os.CopyFS(dir, os.DirFS(fixtureDir)))
	c := open(t, fixtureOptions(t, dir))
	before, err := c.UnsentLooks(0, 1000)
	ok(t, err)
	ok(t, c.Commit(bg, nil, [][]byte{look(98), look(99)}))
	looks, err := c.UnsentLooks(0, 1000)
	ok(t, err)
	if len(before) == 0 || len(looks) != len(before)+2 || audit.Ratcheted(before[0]) || !audit.Ratcheted(looks[len(before)]) {
		t.Fatalf("%d looks of before, %d now", len(before), len(looks))
	}
	ok(t, audit.Linked(record.Look{}, looks))
}
