package node_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wardlight/internal/central/node"
	"wardlight/internal/fault"
)

type epochLine struct {
	Epoch, Cause, By, Why string
	At                    int
}

func (h *house) epochs() []epochLine {
	h.t.Helper()
	return decode[epochLine](h.t, h.ask("epoch list", nil))
}

func (h *house) beginEpoch(at string) error {
	o := node.Order{Cmd: "epoch begin", Args: args{"at": at}, Who: "i.admin"}
	return node.BeginEpoch(context.Background(), h.conf, o, func(any) error { return nil })
}

// An administrator begins a restored epoch by hand, while central serves and
// while it does not, and it is on record who did and why.
func TestAnEpochIsBegunByHand(t *testing.T) {
	h := newHouse(t, filepath.Join(t.TempDir(), "central"))
	h.serve()
	check(t, h.beginEpoch(""))
	if err := h.beginEpoch("999"); !fault.Is(err, fault.Invalid) {
		t.Errorf("an epoch beyond the journal's end: %v", err)
	}
	h.stop()
	check(t, h.beginEpoch(""))
	list := h.epochs()
	if len(list) != 3 || list[0].Cause != "first" || list[1].Cause != "restored" || list[1].By != "i.admin" || list[2].Why != "by hand" {
		t.Errorf("the epochs are %+v", list)
	}
	if !strings.Contains(text(h.ask("audit list", nil)), "epoch begun") {
		t.Error("it is not on record")
	}
	h.ask("audit verify", nil)
}

// A folder in which only the database was put back does not open, and says so;
// begun by hand it goes on in a restored epoch.
func TestAJournalThatLacksItsEndIsBegunByHand(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "central")
	h := newHouse(t, dir)
	db, snap := filepath.Join(dir, "journal", "badger"), filepath.Join(t.TempDir(), "snapshot")
	check(t, os.CopyFS(snap, os.DirFS(db)))
	h.ask("audit list", nil) // a look, so the journal grows
	check(t, os.RemoveAll(db))
	check(t, os.CopyFS(db, os.DirFS(snap)))
	if _, err := h.try("epoch list", nil); !fault.Is(err, fault.Corrupt) {
		t.Fatalf("a journal that lacks its newest entries opens: %v", err)
	}
	check(t, h.beginEpoch(""))
	if list := h.epochs(); len(list) != 2 || list[1].Cause != "restored" {
		t.Errorf("the epochs are %+v", list)
	}
}

// A wipe keeps computers and people and nothing else; the old journal and the
// raw log are moved aside together.
func TestAWipeKeepsPeopleAndComputers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "central")
	h := newHouse(t, dir)
	h.ask("user add", args{"user": "g.mensah", "name": "Grace Mensah", "role": "nurse", "wards": "4B", "pin": "481526"})
	h.ask("export", nil)
	var said []string
	check(t, node.Wipe(context.Background(), h.conf, "i.admin", func(line any) error {
		b, err := json.Marshal(line)
		said = append(said, string(b))
		return err
	}))
	if len(said) != 1 || !strings.Contains(said[0], `"kept":1`) {
		t.Errorf("it says %v", said)
	}
	list := h.epochs()
	if len(list) != 2 || list[1].Cause != "wiped" || list[1].Why != "emptied on purpose" || list[1].At != 0 {
		t.Errorf("the epochs are %+v", list)
	}
	for _, aside := range []string{"journal-wiped-*", "inbound-wiped-*"} {
		if found, _ := filepath.Glob(filepath.Join(dir, aside)); len(found) != 1 {
			t.Errorf("%s: %v", aside, found)
		}
	}
	if n := len(h.ask("audit list", nil)); n > 3 {
		t.Errorf("%d audit events in an emptied central", n)
	}
	h.ask("audit verify", nil)
}
