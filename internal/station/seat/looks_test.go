package seat

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wardlight/internal/clinical/ward"
)

func looksFrom(t *testing.T, text []byte) *looks {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "looks.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	return loadLooks(dir)
}

// A file of the first version opens for ever.
func TestLooksOfTheFirstVersionOpen(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("testdata", "looks-v1.json"))
	if err != nil {
		t.Fatal(err)
	}
	l := looksFrom(t, b)
	if got, ok := l.of("g.mensah"); !ok || got != (ward.Look{Theme: ward.ThemeHighContrast, Scale: 200, Still: true}) {
		t.Errorf("hers: %+v", got)
	}
	if got, ok := l.of(""); !ok || got.Theme != ward.ThemeDark || got.Scale != 120 {
		t.Errorf("the computer's: %+v", got)
	}
	if _, ok := l.of("t.blake"); ok {
		t.Error("somebody who never chose has a choice")
	}
}

// Each person has their own, a restart keeps them, and one who goes back to the
// computer's leaves nothing behind.
func TestEachPersonKeepsTheirOwnLook(t *testing.T) {
	dir := t.TempDir()
	l := loadLooks(dir)
	mine := ward.Look{Theme: ward.ThemeDark, Scale: 150}
	for user, look := range map[string]*ward.Look{"g.mensah": &mine, "t.blake": {Theme: ward.ThemeLight, Scale: 80}, "": {Scale: 110}} {
		if err := l.keep(user, look); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.keep("t.blake", nil); err != nil {
		t.Fatal(err)
	}
	l = loadLooks(dir)
	if got, ok := l.of("g.mensah"); !ok || got != mine {
		t.Errorf("hers after a restart: %+v %v", got, ok)
	}
	if _, ok := l.of("t.blake"); ok {
		t.Error("what was forgotten is kept")
	}
	if got, _ := l.of(""); got.Scale != 110 {
		t.Errorf("the computer's: %+v", got)
	}
}

// A damaged, later or edited file costs nobody more than their choice, and never
// makes a screen unreadable.
func TestABadFileOfLooksHarmsNobody(t *testing.T) {
	for name, text := range map[string]string{"damaged": `{"version":1,"peop`, "of a later program": `{"version":9,"computer":{"theme":"sepia"}}`} {
		if _, ok := looksFrom(t, []byte(text)).of(""); ok {
			t.Errorf("a file that is %s was believed", name)
		}
	}
	l := looksFrom(t, []byte(`{"version":1,"computer":{"theme":"pink on pink","scale":4000}}`))
	if got, _ := l.of(""); got.Theme != ward.ThemeLight || got.Scale != ward.MaxScale {
		t.Errorf("%+v", got)
	}
}

// The file is bounded.
func TestLooksHaveABound(t *testing.T) {
	l := loadLooks(t.TempDir())
	for i := range maxLooks {
		l.file.People[string(rune('a'+i))] = ward.Look{}
	}
	if err := l.keep("one.more", &ward.Look{}); err == nil {
		t.Error("over the bound")
	}
	if err := l.keep("a", &ward.Look{Scale: 90}); err != nil {
		t.Errorf("somebody who is known was refused: %v", err)
	}
}

// A file with languages opens for ever; a tag that no language has is the computer's, and
// a file of before has none.
func TestLooksWithALanguageOpen(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("testdata", "looks-v1-language.json"))
	if err != nil {
		t.Fatal(err)
	}
	l := looksFrom(t, b)
	hers, _ := l.of("g.mensah")
	if computers, _ := l.of(""); hers.Language != "en" || computers.Language != "de" {
		t.Errorf("%+v, %+v", hers, computers)
	}
	long := looksFrom(t, []byte(`{"version":1,"computer":{"language":"`+strings.Repeat("x", 4000)+`"}}`))
	if got, _ := long.of(""); got.Language != "" {
		t.Errorf("a tag of %d letters", len(got.Language))
	}
}
