package cache_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
)

// What waits stops first; what must be recorded goes on longest.
func TestAFillingDiskStopsThingsInOrder(t *testing.T) {
	const r, u = 96 << 20, 69 << 20 // see cache.space
	free := int64(10 * r)
	o := options(t)
	o.Reserve = r
	o.FreeSpace = func(string) (int64, error) { return free, nil }
	c := open(t, o)
	reserve := filepath.Join(o.Dir, "reserve")
	if info, err := os.Stat(reserve); err != nil || info.Size() != r {
		t.Fatalf("the reserve file: %v, %v", info, err)
	}
	ok(t, c.Commit(bg, []record.Mutation{note(1, "p1", "while there was room")}, nil))
	seq := uint64(1)
	at := record.Position(0)
	tries := []struct {
		name string
		do   func() error
	}{
		{"snapshot", func() error {
			return c.ApplyChunk(bg, chunk(fmt.Sprint("s", free), 0, "x", record.Cursor{Epoch: "e1"}, false))
		}},
		{"batch", func() error {
			err := c.Apply(bg, batch(at, at+1))
			if err == nil {
				at++
			}
			return err
		}},
		{"entry", func() error {
			seq++
			return c.Commit(bg, []record.Mutation{note(seq, "p1", "x")}, [][]byte{look(int(seq))})
		}},
		{"draft", func() error { return c.SetDraft(bg, "u", "k", []byte("x")) }},
		{"look", func() error { return c.Commit(bg, nil, [][]byte{look(1)}) }},
		{"receipt", func() error {
			return c.Receipted(bg, []record.Receipt{receipt(note(1, "p1", "while there was room"), 1)})
		}},
	}
	for _, step := range []struct {
		free int64
		goes string
	}{
		{4 * r, "snapshot batch entry draft look receipt"},
		{3*r - 1, "batch entry draft look receipt"},
		{2*r - 1, "entry draft look receipt"},
		{r - 1, "look receipt"},
		{u - 1, "snapshot batch entry draft look receipt"}, // see below
		{u/3 - 1, ""},
	} {
		free = step.free
		var goes []string
		for _, try := range tries {
			err := try.do()
			if err == nil {
				goes = append(goes, try.name)
				continue
			}
			if !fault.Is(err, fault.Full) {
				t.Errorf("%d free, %s: %v", free, try.name, err)
			}
			for _, words := range []string{"nearly full", "saved before is safe", "Free space"} {
				if !strings.Contains(err.Error(), words) {
					t.Errorf("%s: the message lacks %q: %v", try.name, words, err)
				}
			}
		}
		want := step.goes
		if step.free == u-1 { // the reserve file has gone: looks live on it
			want = "look receipt"
			if _, err := os.Stat(reserve); !errors.Is(err, os.ErrNotExist) {
				t.Error("the reserve was not given up")
			}
			free = r // what a real disk would say now
			goes = goes[:0]
			for _, try := range tries[:4] {
				if err := try.do(); !fault.Is(err, fault.Full) {
					t.Errorf("%s lives on the reserve: %v", try.name, err)
				}
			}
			for _, try := range tries[4:] {
				ok(t, try.do())
				goes = append(goes, try.name)
			}
		}
		if got := strings.Join(goes, " "); got != want {
			t.Errorf("with %d free: %q goes, want %q", step.free, got, want)
		}
	}
	free = 10 * r
	ok(t, c.Close())
	free = u/3 - 1
	if _, err := cache.Open(bg, o); !fault.Is(err, fault.Full) {
		t.Errorf("opening on a full disk: %v, want full", err)
	}
	free = 10 * r
	c = open(t, o)
	if _, err := os.Stat(reserve); err != nil {
		t.Error("the reserve is not made again:", err)
	}
}

// On a disk that is too full for what Badger still has to write, closing says so
// and leaves it; the next start has everything.
func TestClosingOnAFullDiskWritesNothing(t *testing.T) {
	o := options(t)
	cmd, lines := start(t, "close-full", o, "")
	said := ""
	for lines.Scan() {
		said += lines.Text() + " "
	}
	if err := cmd.Wait(); err != nil || said != "full " {
		t.Fatalf("the program said %q and ended with %v\n%s", said, err, cmd.Stderr)
	}
	if tables, _ := filepath.Glob(filepath.Join(o.Dir, "badger", "*.sst")); len(tables) > 0 {
		t.Error("a table was written")
	}
	c := open(t, o)
	if seqs := unsentSeqs(t, c); len(seqs) != 1 {
		t.Errorf("%d notes are there", len(seqs))
	}
}

// closeFull writes a note, and then the disk is full.
func closeFull(o cache.Options) error {
	free := int64(10 << 30)
	o.FreeSpace = func(string) (int64, error) { return free, nil }
	c, err := cache.Open(bg, o)
	if err != nil {
		return err
	}
	if err := c.Commit(bg, []record.Mutation{note(1, "p1", "x")}, nil); err != nil {
		return err
	}
	free = 0
	fmt.Println(fault.KindOf(c.Close()))
	return nil
}
