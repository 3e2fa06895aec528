// Package languages is which languages there are, and which one is spoken: it reads
// the catalogues of go-i18n's JSON that are embedded here, one folder a language and
// one file a room of the house, and hands them to package words.
//
// English is the source and has no catalogue. go-i18n parses the files and knows the
// plural rules of every language (CLDR); golang.org/x/text finds the language that
// fits a computer's locale. Neither is asked again for a text once it is loaded.
package languages

import (
	"embed"
	"io/fs"
	"path"
	"sync"
	"sync/atomic"

	"github.com/jeandeaual/go-locale"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"wardlight/internal/fault"
	"wardlight/internal/words"
)

//go:embed de
var catalogues embed.FS

// Language is one that can be chosen.
type Language struct {
	Tag  string // BCP 47
	Name string // as its speakers call it; never translated
}

// English is the language that is always there.
const English = "en"

// All are the languages, English first.
func All() []Language { return []Language{{English, "English"}, {"de", "Deutsch"}} }

// Known says whether there is a language of this tag.
func Known(tag string) bool {
	for _, l := range All() {
		if l.Tag == tag {
			return true
		}
	}
	return false
}

// computer is the language of this computer, set once by the program.
var computer atomic.Value

// Computer is the language of this computer: English until SetComputer named another,
// so that a test reads the same on every machine.
func Computer() string {
	if tag, ok := computer.Load().(string); ok {
		return tag
	}
	return English
}

// SetComputer says what the language of this computer is; "" asks the system.
func SetComputer(tag string) {
	if tag == "" {
		tag = system()
	}
	computer.Store(Match(tag))
}

// system is the locale of whoever started the program; "" where it says none.
func system() string {
	all, err := locale.GetLocales()
	if err != nil || len(all) == 0 {
		return ""
	}
	return all[0]
}

// Match is the language that fits these locales best; English where none does.
func Match(locales ...string) string {
	all := All()
	tags := make([]language.Tag, len(all))
	for i, l := range all {
		tags[i] = language.Make(l.Tag)
	}
	want := make([]language.Tag, 0, len(locales))
	for _, l := range locales {
		if tag, err := language.Parse(l); err == nil {
			want = append(want, tag)
		}
	}
	_, i, sure := language.NewMatcher(tags).Match(want...)
	if sure < language.High { // a language that only shares its letters is none
		return English
	}
	return all[i].Tag
}

// Use speaks a language from now on; "" is the computer's, and one that is not known
// English. It says whether the language is another than before.
func Use(tag string) (changed bool) {
	if tag == "" {
		tag = Computer()
	}
	before := words.Tag()
	if tag == before {
		return false
	}
	words.Use(loaded(tag))
	return words.Tag() != before
}

// loaded is the table of a language; nil for English and for what is not known.
func loaded(tag string) *words.Table {
	if tag == English || !Known(tag) {
		return nil
	}
	tables.Lock()
	defer tables.Unlock()
	if t, ok := tables.of[tag]; ok {
		return t
	}
	t, err := Load(catalogues, tag)
	if err != nil {
		return nil // a test opens every catalogue: this cannot happen in a program that was built
	}
	tables.of[tag] = t
	return t
}

var tables = struct {
	sync.Mutex
	of map[string]*words.Table
}{of: map[string]*words.Table{}}

// Load reads the catalogues of a language: every file of the folder that its tag names.
func Load(from fs.FS, tag string) (*words.Table, error) {
	form, err := forms(tag)
	if err != nil {
		return nil, err
	}
	t := &words.Table{Tag: tag, Texts: map[string]string{}, Plurals: map[string]map[string]string{}, Form: form}
	files, err := fs.Glob(from, path.Join(tag, "*.json"))
	if err != nil || len(files) == 0 {
		return nil, fault.New(fault.NotFound, "languages.load", tag, "there is no catalogue")
	}
	for _, name := range files {
		list, err := Read(from, name, tag)
		if err != nil {
			return nil, err
		}
		for _, m := range list {
			if counted := Forms(m); len(counted) > 1 {
				t.Plurals[m.ID] = counted
			} else {
				t.Texts[m.ID] = m.Other
			}
		}
	}
	return t, nil
}

// Read reads one catalogue.
func Read(from fs.FS, name, tag string) ([]*i18n.Message, error) {
	b, err := fs.ReadFile(from, name)
	if err != nil {
		return nil, fault.As(fault.NotFound, "languages.read", name, err)
	}
	f, err := i18n.ParseMessageFileBytes(b, tag+".json", nil)
	if err != nil {
		return nil, fault.As(fault.Corrupt, "languages.read", name, err)
	}
	return f.Messages, nil
}

// Forms are the plural forms that a message has, by the CLDR's names.
func Forms(m *i18n.Message) map[string]string {
	out := map[string]string{}
	for name, said := range map[string]string{"zero": m.Zero, "one": m.One, "two": m.Two, "few": m.Few, "many": m.Many, "other": m.Other} {
		if said != "" {
			out[name] = said
		}
	}
	return out
}

// remembered is up to which number the form is looked up and not worked out again.
const remembered = 1000

// forms is go-i18n's plural rule of a language: it is asked once for each small number.
func forms(tag string) (func(n int) string, error) {
	b := i18n.NewBundle(language.Make(tag))
	m := &i18n.Message{ID: "form", Zero: "zero", One: "one", Two: "two", Few: "few", Many: "many", Other: "other"}
	if err := b.AddMessages(language.Make(tag), m); err != nil {
		return nil, fault.As(fault.Unsupported, "languages.forms", tag, err)
	}
	l := i18n.NewLocalizer(b, tag)
	ask := func(n int) string {
		s, err := l.Localize(&i18n.LocalizeConfig{MessageID: "form", PluralCount: n})
		if err != nil {
			return "other"
		}
		return s
	}
	small := make([]string, remembered)
	for n := range small {
		small[n] = ask(n)
	}
	return func(n int) string {
		if n >= 0 && n < remembered {
			return small[n]
		}
		return ask(n)
	}, nil
}
