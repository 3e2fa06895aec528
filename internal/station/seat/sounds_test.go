package seat

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
)

func soundsFrom(t *testing.T, text []byte) *sounds {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "sound.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	return loadSounds(dir)
}

// A file of the first version opens for ever, and a mute outlives a restart.
func TestSoundsOfTheFirstVersionOpen(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("testdata", "sound-v1.json"))
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)
	want := ward.Sounds{Volume: 50, QuietFrom: 22 * 60, QuietTo: 7 * 60, MutedAt: at, MutedUntil: at.Add(15 * time.Minute)}
	if got := soundsFrom(t, b).get(); got != want {
		t.Errorf("%+v", got)
	}
	dir := t.TempDir()
	if err := loadSounds(dir).keep(want); err != nil {
		t.Fatal(err)
	}
	if got := loadSounds(dir).get(); got != want {
		t.Errorf("after a restart: %+v", got)
	}
	if w := soundWords(want, at); !strings.Contains(w, "quiet hours 22:00 to 07:00, muted until 2026-11-22T14:20:00Z") {
		t.Error(w)
	}
	if w := soundWords(want, at.Add(time.Hour)); !strings.Contains(w, "not muted") {
		t.Error(w)
	}
}

// Nothing that may lie in the file is silence.
func TestABadFileOfSoundsSilencesNothing(t *testing.T) {
	now := time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)
	for _, text := range []string{
		"", `{"version":1,"sou`, `{"version":2,"sounds":{"volume":1}}`, `{"version":1,"sounds":{"volume":-1}}`,
		`{"version":1,"sounds":{"mutedUntil":"2999-01-01T00:00:00Z"}}`,
		`{"version":1,"sounds":{"mutedAt":"2026-11-22T14:00:00Z","mutedUntil":"2026-12-22T14:00:00Z"}}`,
	} {
		if got := soundsFrom(t, []byte(text)).get(); got.Volume < ward.MinVolume || got.Muted(now) {
			t.Errorf("%s: %+v", text, got)
		}
	}
}
