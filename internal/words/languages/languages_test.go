package languages_test

import (
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"wardlight/internal/words"
	"wardlight/internal/words/languages"
)

// The language of a computer is the nearest that there is; one that is not there is
// English, never one that is only written alike.
func TestTheLanguageOfAComputer(t *testing.T) {
	for locale, want := range map[string]string{"de-CH": "de", "de": "de", "de-AT": "de", "en-GB": "en", "fr-FR": "en", "": "en", "C": "en", "nonsense": "en", "nl-NL": "en"} {
		if got := languages.Match(locale); got != want {
			t.Errorf("%q: %q, want %q", locale, got, want)
		}
	}
	if got := languages.Computer(); got != "en" {
		t.Errorf("a test speaks %q", got)
	}
}

// What was chosen holds; nothing chosen is the computer's, and what nobody knows English.
func TestTheLanguageThatIsSpoken(t *testing.T) {
	t.Cleanup(func() { languages.SetComputer("en"); languages.Use("en") })
	if !languages.Use("de") || words.T("Sign in") != "Anmelden" || words.Tag() != "de" {
		t.Errorf("%q in %q", words.T("Sign in"), words.Tag())
	}
	if got := words.N(1, "%d draft kept, sealed", "%d drafts kept, sealed") + "; " + words.N(2000, "%d draft kept, sealed", "%d drafts kept, sealed"); got != "1 Entwurf gespeichert, versiegelt; 2000 Entwürfe gespeichert, versiegelt" {
		t.Error(got)
	}
	if languages.Use("de") {
		t.Error("the same language is a change")
	}
	if languages.Use("tlh"); words.Tag() != "en" {
		t.Errorf("an unknown one is %q", words.Tag())
	}
	languages.SetComputer("de-CH")
	if languages.Use(""); words.Tag() != "de" {
		t.Errorf("the computer's is %q", words.Tag())
	}
}

// Another language has other forms: they come from the catalogue, and the rule that
// chooses one from the library.
func TestTheFormsOfALanguageWithMore(t *testing.T) {
	table, err := languages.Load(fstest.MapFS{"pl/x.json": {Data: []byte(`{"%d files": {"one": "%d plik", "few": "%d pliki", "many": "%d plików", "other": "%d pliku"}, "Open": "Otwórz"}`)}}, "pl")
	if err != nil {
		t.Fatal(err)
	}
	before := words.In()
	t.Cleanup(func() { words.Use(before) })
	words.Use(table)
	var got []string
	for _, n := range []int{1, 3, 5, 22, 1002} {
		got = append(got, words.N(n, "%d file", "%d files"))
	}
	if s := strings.Join(got, ", "); s != "1 plik, 3 pliki, 5 plików, 22 pliki, 1002 pliki" || words.T("Open") != "Otwórz" {
		t.Error(s)
	}
}

// The check of the catalogues finds what it is there for.
func TestAHoleInACatalogueIsFound(t *testing.T) {
	used := map[string]use{
		"Sign in": {at: "a.go:1"}, "%s of %d": {at: "a.go:2", format: true},
		"%d beds": {at: "a.go:3", format: true, counts: true, one: "%d bed"},
	}
	whole := map[string]string{"Sign in": `"Anmelden"`, "%s of %d": `"%[2]d von %[1]s"`, "%d beds": `{"one": "ein Bett", "other": "%d Betten"}`}
	for name, c := range map[string]struct{ id, said, finds string }{
		"whole":        {"Sign in", `"Anmelden"`, ""},
		"missing":      {"Sign in", "", "is not translated"},
		"empty":        {"Sign in", `""`, "is not translated"},
		"stale":        {"Gone", `"Weg"`, "said nowhere any more"},
		"other verbs":  {"%s of %d", `"%d von %s"`, "the verbs of"},
		"a verb less":  {"%s of %d", `"%s"`, "the verbs of"},
		"a form less":  {"%d beds", `{"one": "ein Bett"}`, "is not translated"},
		"no plural":    {"%d beds", `"%d Betten"`, "lacks the form"},
		"forms of one": {"Sign in", `{"one": "a", "other": "b"}`, "is no plural"},
		"plural verbs": {"%d beds", `{"one": "ein Bett", "other": "%s Betten"}`, "the verbs of"},
	} {
		file := maps.Clone(whole)
		if file[c.id] = c.said; c.said == "" {
			delete(file, c.id)
		}
		var lines []string
		for id, said := range file {
			lines = append(lines, `"`+id+`": `+said)
		}
		wrong := strings.Join(holes(t, fstest.MapFS{"de/x.json": {Data: []byte("{" + strings.Join(lines, ",") + "}")}}, "de", used), "\n")
		if c.finds == "" && wrong != "" || !strings.Contains(wrong, c.finds) {
			t.Errorf("%s: %q, want %q", name, wrong, c.finds)
		}
	}
}
