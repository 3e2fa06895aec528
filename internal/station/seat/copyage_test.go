package seat

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A file of the first version opens for ever.
func TestTheAgeOfTheFirstVersionOpens(t *testing.T) {
	dir := t.TempDir()
	b, err := os.ReadFile(filepath.Join("testdata", "copy-v1.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "copy.json"), b, 0o600); err != nil {
		t.Fatal(err)
	}
	if l := loadCopyAge(dir).link(false, time.UTC); !l.Sealed || !l.AsOf.Equal(night) {
		t.Errorf("%+v", l)
	}
}

// What is said of a copy whose age is not known, of one that is empty, and of none.
func TestWhatIsNotKnownOfACopyIsNotSaid(t *testing.T) {
	dir := t.TempDir()
	if l := loadCopyAge(dir).link(true, time.UTC); !l.Sealed || !l.AsOf.IsZero() {
		t.Errorf("a copy of before there were ages: %+v", l)
	}
	if l := loadCopyAge(dir).link(false, time.UTC); l.Sealed {
		t.Errorf("nobody was ever here: %+v", l)
	}
	if err := loadCopyAge(dir).keep(time.Time{}); err != nil {
		t.Fatal(err)
	}
	if l := loadCopyAge(dir).link(true, time.UTC); l.Sealed {
		t.Errorf("the copy is empty: %+v", l)
	}
	if err := os.WriteFile(filepath.Join(dir, "copy.json"), []byte(`{"version":9}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if l := loadCopyAge(dir).link(true, time.UTC); !l.Sealed || !l.AsOf.IsZero() {
		t.Errorf("of a newer program: %+v", l)
	}
}
