package audit

import (
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

type placed struct {
	at    record.Position
	event string
}

func logOf(t *testing.T, list []placed) *Log {
	t.Helper()
	var l Log
	for _, p := range list {
		if err := l.Add(p.at, []byte(p.event)); err != nil {
			t.Fatal(err)
		}
	}
	return &l
}

func events(n int) []placed {
	var list []placed
	for i := range n {
		list = append(list, placed{record.Position(1 + i/2), fmt.Sprintf(`{"n":%d}`, i)})
	}
	return list
}

func checkpointOf(t *testing.T, l *Log) Checkpoint {
	t.Helper()
	root, err := l.Root(l.Size())
	if err != nil {
		t.Fatal(err)
	}
	return Checkpoint{Size: l.Size(), Root: root, Position: 9, Epoch: "e1", Time: time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)}
}

// A checkpoint holds for every log that continues its own, at every size, and
// for no other.
func TestACheckpointHoldsItsPast(t *testing.T) {
	const n = 70
	all := events(n)
	for _, size := range []int{0, 1, 2, 3, 31, 32, 33, n} {
		c := checkpointOf(t, logOf(t, all[:size]))
		if err := c.Holds(logOf(t, all)); err != nil {
			t.Errorf("size %d: %v", size, err)
		}
	}
	c := checkpointOf(t, logOf(t, all[:33]))
	change := func(fn func([]placed) []placed) *Log { return logOf(t, fn(slices.Clone(all))) }
	for name, l := range map[string]*Log{
		"one altered":             change(func(e []placed) []placed { e[7].event = `{"n":77}`; return e }),
		"one removed":             change(func(e []placed) []placed { return slices.Delete(e, 7, 8) }),
		"the last one removed":    logOf(t, all[:32]),
		"all removed":             logOf(t, nil),
		"two swapped":             change(func(e []placed) []placed { e[3].event, e[4].event = e[4].event, e[3].event; return e }),
		"one put in":              change(func(e []placed) []placed { return slices.Insert(e, 5, placed{3, `{}`}) }),
		"one at another position": change(func(e []placed) []placed { e[9].at++; return e }),
	} {
		if err := c.Holds(l); !fault.Is(err, fault.Corrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := c.Holds(change(func(e []placed) []placed { e[50].event = "{}"; return e })); err != nil {
		t.Errorf("what came after the checkpoint is not its matter: %v", err)
	}
}

// The file that a privacy officer keeps opens for ever, and only if this
// central signed it.
func TestACheckpointsFile(t *testing.T) {
	seed := make([]byte, ed25519.SeedSize)
	key := ed25519.NewKeyFromSeed(seed)
	public := key.Public().(ed25519.PublicKey)
	c := checkpointOf(t, logOf(t, events(5)))
	b, err := c.Sign(public, func(msg []byte) []byte { return ed25519.Sign(key, msg) })
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "checkpoint.v1")
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(b) != string(want) {
		t.Errorf("the form of a checkpoint has changed:\n%s\n%s", b, want)
	}
	got, err := OpenCheckpoint(want, public)
	if err != nil || got != c {
		t.Errorf("%+v, %v; want %+v", got, err, c)
	}
	other := ed25519.NewKeyFromSeed([]byte(strings.Repeat("x", ed25519.SeedSize))).Public().(ed25519.PublicKey)
	for name, try := range map[string]struct {
		file   string
		public []byte
		kind   fault.Kind
	}{
		"another central's":   {string(want), other, fault.Denied},
		"another size":        {strings.Replace(string(want), "\n5\n", "\n4\n", 1), public, fault.Denied},
		"no signature":        {strings.SplitAfter(string(want), "Z\n")[0], public, fault.Denied},
		"too large":           {string(want) + strings.Repeat("\n", maxCheckpoint), public, fault.Invalid},
		"a key that is none":  {string(want), []byte("key"), fault.Invalid},
		"another file":        {"481526", public, fault.Invalid}, // nothing was changed: the wrong file was named
		"a signed other note": {signed(t, key, "wardlight/other\n5\n"), public, fault.Invalid},
	} {
		if _, err := OpenCheckpoint([]byte(try.file), try.public); !fault.Is(err, try.kind) {
			t.Errorf("%s: %v, want %v", name, err, try.kind)
		}
	}
	if hex.EncodeToString(c.Root[:4]) == "00000000" {
		t.Error("the root is nothing")
	}
}

// signed is a note that is no checkpoint, with a good signature.
func signed(t *testing.T, key ed25519.PrivateKey, text string) string {
	t.Helper()
	v, err := verifier(key.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	b, err := note.Sign(&note.Note{Text: text}, signer{v, func(msg []byte) []byte { return ed25519.Sign(key, msg) }})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
