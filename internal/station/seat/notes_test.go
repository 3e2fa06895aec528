package seat

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
)

var night = time.Date(2026, 11, 22, 3, 10, 0, 0, time.UTC)

// A file of the first version opens for ever.
func TestNotesOfTheFirstVersionOpen(t *testing.T) {
	dir := t.TempDir()
	b, err := os.ReadFile(filepath.Join("testdata", "notes-v1.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "notes.json"), b, 0o600); err != nil {
		t.Fatal(err)
	}
	n := loadNotes(dir)
	if got := n.unread("g.mensah"); len(got) != 1 || !got[0].At.Equal(night) || got[0].Do != "Carry on." {
		t.Errorf("hers: %+v", got)
	}
	if len(n.unread("t.blake")) != 0 || len(n.unread("")) != 0 {
		t.Error("what was read is told again")
	}
}

// The page does not fill with one sentence, and no note stays for ever.
func TestNotesHaveAnEnd(t *testing.T) {
	n := loadNotes(t.TempDir())
	note := func(what string, at time.Time) ward.StoreNote { return ward.StoreNote{What: what, At: at} }
	for i := range 3 {
		if err := n.add(note("the same", night.Add(time.Duration(i)*time.Hour))); err != nil {
			t.Fatal(err)
		}
	}
	if got := n.unread(""); len(got) != 1 {
		t.Errorf("told %d times", len(got))
	}
	id := n.unread("")[0].ID
	if err := n.read("g.mensah", id); err != nil {
		t.Fatal(err)
	}
	if err := n.add(note("the same", night.Add(4*time.Hour))); err != nil || len(n.unread("")) != 1 || n.unread("")[0].ID == id {
		t.Errorf("it happened again after it was read, and nobody is told: %v", err)
	}
	if err := n.add(note("later", night.Add(8*24*time.Hour))); err != nil || len(n.unread("g.mensah")) != 1 {
		t.Errorf("old ones stay: %+v %v", n.unread("g.mensah"), err)
	}
	for i := range 30 {
		if err := n.add(note(string(rune('a'+i)), night.Add(8*24*time.Hour))); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(n.unread("")); got != maxNotes {
		t.Errorf("%d notes", got)
	}
}
