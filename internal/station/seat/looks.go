package seat

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sync"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/words"
)

// looks are how the screens look, by person and for the computer itself. Only
// that is in the file: no patient, and of people only the names that they sign in
// with, which people.json holds, too.
type looks struct {
	path string
	mu   sync.Mutex
	file looksFile
}

type looksFile struct {
	Version  int                  `json:"version"`
	Computer *ward.Look           `json:"computer,omitempty"`
	People   map[string]ward.Look `json:"people,omitempty"`
}

const (
	looksVersion = 1
	maxLooks     = 500
)

// loadLooks reads the file. One that is damaged or of a later program costs
// nobody anything but their choice of colours.
func loadLooks(dir string) *looks {
	l := &looks{path: filepath.Join(dir, "looks.json"), file: looksFile{Version: looksVersion, People: map[string]ward.Look{}}}
	b, err := os.ReadFile(l.path)
	if err != nil {
		return l
	}
	var f looksFile
	if json.Unmarshal(b, &f) != nil || f.Version != looksVersion {
		return l
	}
	if f.People == nil {
		f.People = map[string]ward.Look{}
	}
	l.file = f
	return l
}

// of is what was kept for a person, or with "" for the computer.
func (l *looks) of(user string) (ward.Look, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if user == "" {
		if l.file.Computer == nil {
			return ward.Look{}, false
		}
		return l.file.Computer.Sound(), true
	}
	look, ok := l.file.People[user]
	return look.Sound(), ok
}

func (l *looks) keep(user string, look *ward.Look) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch _, known := l.file.People[user]; {
	case user == "":
		l.file.Computer = look
	case look == nil:
		delete(l.file.People, user)
	case !known && len(l.file.People) >= maxLooks:
		return fault.As(fault.Full, "seat.looks", "", words.Errorf("This computer remembers the settings of 500 people already. Yours hold until you sign out."))
	default:
		l.file.People[user] = *look
	}
	b, err := json.MarshalIndent(l.file, "", "  ")
	if err == nil {
		err = os.WriteFile(l.path+".new", b, 0o600)
	}
	if err == nil {
		err = os.Rename(l.path+".new", l.path)
	}
	return fault.As(fault.Unavailable, "seat.looks", "", err)
}

// Look is how the screens look for a person, or with "" for the computer; false
// where nobody has chosen.
func (s *Seat) Look(user string) (ward.Look, bool) { return s.looks.of(user) }

// KeepLook keeps how the screens look for a person, or with "" for the computer.
// nil forgets it.
func (s *Seat) KeepLook(user string, look *ward.Look) error { return s.looks.keep(user, look) }
