package seat

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
)

// notes are what people should know of this computer's store. They lie in a file
// beside it, because the store that they are about may be gone, and the program
// may be started again before anybody has read them.
//
// A note stands on the sign-in page until somebody has read it, and before each
// person who uses this computer until they have. Everything has an end: a note
// is dropped after keepNotes, and the oldest where there are over maxNotes.
type notes struct {
	path string
	mu   sync.Mutex
	file notesFile
}

type notesFile struct {
	Version int       `json:"version"`
	Notes   []keptOne `json:"notes"`
}

type keptOne struct {
	ward.StoreNote
	Read []string `json:"read,omitempty"` // by whom
	// Untold is how many times it happened that are not on record yet (onrecord.go).
	Untold int `json:"untold,omitempty"`
}

const (
	notesVersion = 1
	keepNotes    = 7 * 24 * time.Hour
	maxNotes     = 20
)

func loadNotes(dir string) *notes {
	n := &notes{path: filepath.Join(dir, "notes.json"), file: notesFile{Version: notesVersion}}
	b, err := os.ReadFile(n.path)
	if err != nil {
		return n
	}
	var f notesFile
	if json.Unmarshal(b, &f) == nil && f.Version == notesVersion {
		n.file = f
	}
	return n
}

// add keeps a note. The same words that somebody has yet to read are not said
// twice: a store that tells the same at each start would fill the page.
func (n *notes) add(s ward.StoreNote) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.drop(s.At)
	for i := range n.file.Notes {
		if k := &n.file.Notes[i]; k.What == s.What && k.Safe == s.Safe && len(k.Read) == 0 {
			k.Untold += times(s)
			return n.save()
		}
	}
	s.ID = strconv.FormatInt(s.At.UnixMilli(), 36) + "-" + strconv.Itoa(len(n.file.Notes))
	n.file.Notes = append(n.file.Notes, keptOne{StoreNote: s, Untold: times(s)})
	if over := len(n.file.Notes) - maxNotes; over > 0 {
		n.file.Notes = n.file.Notes[over:]
	}
	return n.save()
}

func (n *notes) drop(now time.Time) {
	n.file.Notes = slices.DeleteFunc(n.file.Notes, func(k keptOne) bool { return now.Sub(k.At) > keepNotes })
}

// unread are the notes that a person has not read; with "" those that nobody
// has.
func (n *notes) unread(user string) []ward.StoreNote {
	n.mu.Lock()
	defer n.mu.Unlock()
	var out []ward.StoreNote
	for _, k := range n.file.Notes {
		if user == "" && len(k.Read) > 0 || user != "" && slices.Contains(k.Read, user) {
			continue
		}
		out = append(out, spoken(k.StoreNote))
	}
	return out
}

func (n *notes) read(user, id string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i := range n.file.Notes {
		if k := &n.file.Notes[i]; k.ID == id && !slices.Contains(k.Read, user) {
			k.Read = append(k.Read, user)
			return n.save()
		}
	}
	return nil
}

func (n *notes) save() error {
	b, err := json.MarshalIndent(n.file, "", "  ")
	if err == nil {
		err = os.WriteFile(n.path+".new", b, 0o600)
	}
	if err == nil {
		err = os.Rename(n.path+".new", n.path)
	}
	return fault.As(fault.Unavailable, "seat.notes", "", err)
}

// tell keeps a note. That it cannot be written down keeps nobody from reading it
// now.
func (s *Seat) tell(what, safe, do string) {
	err := s.notes.add(ward.StoreNote{At: s.conf.Now(), What: what, Safe: safe, Do: do})
	if err != nil {
		s.conf.Log.Warn("a note about the store cannot be kept over a restart", "err", err)
	}
}

// Trouble is what people should know of the store and nobody has read yet.
func (s *Seat) Trouble() []ward.StoreNote { return s.notes.unread("") }

// Unread is what this person has not read of it, and what they wrote down while they
// could not sign in.
func (s *Seat) Unread(user string) []ward.StoreNote {
	return append(s.notes.unread(user), s.jottings(user)...)
}

// MarkRead says that this person has read a note, or entered what they wrote down.
func (s *Seat) MarkRead(user, id string) error {
	if saved, jotted := strings.CutPrefix(id, KindJotting+"/"); jotted {
		return s.DropJotting(s.ctx, saved)
	}
	return s.notes.read(user, id)
}
