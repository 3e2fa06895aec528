package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/join"
	"wardlight/internal/station/seat"
)

// A computer that was enrolled a minute ago and was never filled does not say that
// everything up to midnight is here.
func TestStatusOfAComputerThatWasNeverFilled(t *testing.T) {
	st := seat.Status{Open: true, Link: ward.Link{Connected: true, Server: "https://central:8443"}}
	said := func() string {
		var b strings.Builder
		if err := sayStatus(&b, join.Config{Place: "Ward 4B", Station: "s1"}, st); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	if s := said(); strings.Contains(s, "00:00:00") || !strings.Contains(s, "is not whole yet, 0 unsent") {
		t.Errorf("never filled: %s", s)
	}
	st.Link.AsOf = time.Date(2026, 11, 22, 14, 2, 3, 0, time.Local)
	if s := said(); !strings.Contains(s, "everything up to 14:02:03 is here") {
		t.Errorf("filled: %s", s)
	}
}

// A folder that was erased by order does not look as if nobody had ever enrolled it.
func TestAnErasedFolderSaysThatItWasErased(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "wiped.json"), []byte(`{"version":1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	c := &statusCmd{station: station{Data: dir}}
	if err := c.Run(); err == nil || !strings.Contains(err.Error(), "erased by order") {
		t.Errorf("status: %v", err)
	}
	if f := notEnrolled(dir); f.OK || !strings.Contains(f.Found, "erased by order") || !strings.Contains(f.Do, "wardlight enrol") {
		t.Errorf("doctor: %+v", f)
	}
	if f := notEnrolled(t.TempDir()); strings.Contains(f.Found, "erased") {
		t.Errorf("an empty folder: %+v", f)
	}
}
