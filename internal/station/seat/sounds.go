package seat

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
)

// sounds is how this computer sounds: one file, without a patient and without a
// person. Who changed it stands in the audit log.
type sounds struct {
	path  string
	write sync.Mutex // over the file, and never while a display waits
	mu    sync.Mutex // over now
	now   ward.Sounds
}

type soundsFile struct {
	Version int         `json:"version"`
	Sounds  ward.Sounds `json:"sounds"`
}

const soundsVersion = 1

// loadSounds reads the file. One that is damaged or of a later program gives the usual
// sound: never silence.
func loadSounds(dir string) *sounds {
	s := &sounds{path: filepath.Join(dir, "sound.json"), now: ward.Sounds{}.Sound()}
	b, err := os.ReadFile(s.path)
	if err != nil {
		return s
	}
	var f soundsFile
	if json.Unmarshal(b, &f) == nil && f.Version == soundsVersion {
		s.now = f.Sounds.Sound()
	}
	return s
}

func (s *sounds) get() ward.Sounds {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// keep holds at once, and says where it could not be written.
func (s *sounds) keep(to ward.Sounds) error {
	s.write.Lock()
	defer s.write.Unlock()
	to = to.Sound()
	s.mu.Lock()
	s.now = to
	s.mu.Unlock()
	b, err := json.MarshalIndent(soundsFile{soundsVersion, to}, "", "  ")
	if err == nil {
		err = os.WriteFile(s.path+".new", b, 0o600)
	}
	if err == nil {
		err = os.Rename(s.path+".new", s.path)
	}
	return fault.As(fault.Unavailable, "seat.sounds", "", err)
}

// Sounds is how this computer sounds.
func (s *Seat) Sounds() ward.Sounds { return s.sounds.get() }

// KeepSounds changes how this computer sounds, for everybody, by whoever is signed in.
// It is on record before it holds: what cannot be recorded is not muted.
func (s *Seat) KeepSounds(ctx context.Context, to ward.Sounds) error {
	d, err := s.Desk()
	if err != nil {
		return err
	}
	to = to.Sound()
	now := s.conf.Now()
	if err := d.SoundChanged(ctx, soundWords(s.sounds.get(), now), soundWords(to, now)); err != nil {
		return err
	}
	return s.sounds.keep(to)
}

// Sounding is what a sound may tell of now, also while the window is locked; nothing
// while the station is closed.
func (s *Seat) Sounding(ctx context.Context) ([]ward.Sounding, error) {
	d, err := s.Desk()
	if err != nil {
		return nil, err
	}
	return d.Sounding(ctx)
}

// soundWords are the audit's words.
func soundWords(s ward.Sounds, now time.Time) string {
	w := fmt.Sprintf("volume %d %%", s.Volume)
	if s.QuietFrom != s.QuietTo {
		w += fmt.Sprintf(", quiet hours %02d:%02d to %02d:%02d", s.QuietFrom/60, s.QuietFrom%60, s.QuietTo/60, s.QuietTo%60)
	}
	if s.Muted(now) {
		return w + ", muted until " + s.MutedUntil.Format(time.RFC3339)
	}
	return w + ", not muted"
}
