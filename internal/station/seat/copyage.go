package seat

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"time"

	"wardlight/internal/clinical/ward"
)

// copyAge is up to when this computer's copy holds everything. It lies beside the
// store, in the clear, because the store is sealed until somebody signs in and the
// sign-in page must not say that nothing is here when only the server is away. It
// names nobody. What it says is never newer than the copy: it is written after it.
type copyAge struct {
	path string
	mu   sync.Mutex
	file copyAgeFile
	kept bool // there is a file that this program can read
}

type copyAgeFile struct {
	Version int       `json:"version"`
	AsOf    time.Time `json:"asOf,omitzero"` // zero: there is nothing in the copy
}

const copyAgeVersion = 1

func loadCopyAge(dir string) *copyAge {
	a := &copyAge{path: filepath.Join(dir, "copy.json")}
	b, err := os.ReadFile(a.path)
	if err == nil && json.Unmarshal(b, &a.file) == nil && a.file.Version == copyAgeVersion {
		a.kept = true
		return a
	}
	a.file = copyAgeFile{}
	return a
}

// keep writes the age where it is another one.
func (a *copyAge) keep(asOf time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := copyAgeFile{Version: copyAgeVersion, AsOf: asOf.UTC().Truncate(time.Second)}
	if a.kept && a.file == now {
		return nil
	}
	b, err := json.Marshal(now)
	if err == nil {
		err = os.WriteFile(a.path+".new", b, 0o600)
	}
	if err == nil {
		err = os.Rename(a.path+".new", a.path)
	}
	if err == nil {
		a.file, a.kept = now, true
	}
	return err
}

// link is the connection while the copy is not open. used says that somebody has
// signed in here, so that there is a copy, of whatever age.
func (a *copyAge) link(used bool, zone *time.Location) ward.Link {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.kept && a.file.AsOf.IsZero() || !a.kept && !used {
		return ward.Link{}
	}
	l := ward.Link{Sealed: true, Ever: true}
	if !a.file.AsOf.IsZero() {
		l.AsOf = a.file.AsOf.In(zone)
	}
	return l
}

// keepAge writes the age of the copy that is open.
func (s *Seat) keepAge() {
	d, err := s.Desk()
	if err != nil {
		return
	}
	if err := s.age.keep(d.Link().AsOf); err != nil {
		s.conf.Log.Warn("the age of the copy cannot be written down", "err", err)
	}
}

// zone is where this computer stands.
func (s *Seat) zone() *time.Location {
	if s.conf.Zone != nil {
		return s.conf.Zone
	}
	return time.UTC
}
