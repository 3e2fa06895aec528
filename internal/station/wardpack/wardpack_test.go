package wardpack_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/fault"
	"wardlight/internal/station/wardpack"
	"wardlight/internal/trust/keys"
)

var update = flag.Bool("update", false, "write the fixture anew")

var made = time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)

func key(b byte) (k keys.Key) {
	for i := range k {
		k[i] = b
	}
	return k
}

func pack(at time.Time, who ...fhir.ID) wardpack.Pack {
	return wardpack.Pack{About: wardpack.About{Made: at, AsOf: at.Add(-time.Minute)}, Ward: "4B", Who: who, PDF: []byte("%PDF-1.3 ADEYEMI, Folake " + at.String())}
}

func shelf(t *testing.T, packs ...wardpack.Pack) wardpack.Shelf {
	t.Helper()
	s := wardpack.Shelf{Dir: filepath.Join(t.TempDir(), "ward-packs")}
	for _, p := range packs {
		if err := s.Put(key(1), p); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func files(t *testing.T, s wardpack.Shelf) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(s.Dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// What is outside says how old a pack is and of how many patients, and nothing of them.
func TestAPackIsKnownByItsTimeAndOpenedByItsKeyAlone(t *testing.T) {
	s := shelf(t, pack(made, "p07", "p08"))
	a, ok := s.Newest()
	if !ok || !a.Made.Equal(made) || !a.AsOf.Equal(made.Add(-time.Minute)) || a.Patients != 2 {
		t.Errorf("%+v %v", a, ok)
	}
	p, err := s.Open(key(1))
	if err != nil || p.Ward != "4B" || len(p.Who) != 2 || !bytes.Equal(p.PDF, pack(made).PDF) {
		t.Errorf("%+v, %v", p, err)
	}
	for _, path := range files(t, s) {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if i, _ := os.Stat(path); i.Mode().Perm() != 0o600 {
			t.Errorf("others may read it: %s", i.Mode())
		}
		for _, clear := range []string{"%PDF", "ADEYEMI", "p07", "4B"} {
			if bytes.Contains(b, []byte(clear)) {
				t.Errorf("%q stands in the clear", clear)
			}
		}
	}
	if _, err := s.Open(key(2)); !fault.Is(err, fault.Denied) {
		t.Errorf("another key: %v", err)
	}
	if _, err := (wardpack.Shelf{Dir: t.TempDir()}).Open(key(1)); !fault.Is(err, fault.NotFound) {
		t.Errorf("none: %v", err)
	}
}

// Every single byte of a pack is held to: what was changed is not opened, and the one
// before it is.
func TestAPackThatWasChangedIsNotOpened(t *testing.T) {
	s := shelf(t, pack(made, "p07"), pack(made.Add(time.Hour), "p07"))
	newest := files(t, s)[1]
	whole, err := os.ReadFile(newest)
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		b := bytes.Clone(whole)
		b[i] ^= 1
		if err := os.WriteFile(newest, b, 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := s.Open(key(1))
		if err != nil || !p.Made.Equal(made) {
			t.Fatalf("byte %d of %d was changed: opened that of %s, %v", i, len(whole), p.Made, err)
		}
	}
	for _, n := range []int{0, 3, 6, 20, len(whole) - 1} {
		if err := os.WriteFile(newest, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if p, err := s.Open(key(1)); err != nil || !p.Made.Equal(made) {
			t.Errorf("cut after %d bytes: that of %s, %v", n, p.Made, err)
		}
	}
}

func TestAFewAreKeptAndThenNone(t *testing.T) {
	s := shelf(t, pack(made, "p07"), pack(made.Add(time.Minute), "p07"), pack(made.Add(2*time.Minute), "p07"))
	if got := files(t, s); len(got) != wardpack.Keep {
		t.Errorf("kept: %v", got)
	}
	if err := s.EraseOlder(); err != nil || len(files(t, s)) != 1 {
		t.Errorf("the newest alone: %v %v", files(t, s), err)
	}
	if a, _ := s.Newest(); !a.Made.Equal(made.Add(2 * time.Minute)) {
		t.Errorf("the wrong one was kept: %s", a.Made)
	}
	if err := s.Erase(); err != nil || len(files(t, s)) != 0 {
		t.Errorf("after that: %v %v", files(t, s), err)
	}
	if err := s.Erase(); err != nil {
		t.Errorf("twice: %v", err)
	}
}

// A pack of the first version opens for ever.
func TestThePackOfTheFirstVersionOpens(t *testing.T) {
	dir := filepath.Join("testdata", "v1")
	s := wardpack.Shelf{Dir: dir}
	if *update {
		if err := s.Put(key(1), pack(made, "p07", "p08")); err != nil {
			t.Fatal(err)
		}
	}
	p, err := s.Open(key(1))
	if err != nil || !p.Made.Equal(made) || len(p.Who) != 2 || !bytes.HasPrefix(p.PDF, []byte("%PDF")) {
		t.Errorf("%+v, %v", p, err)
	}
}
