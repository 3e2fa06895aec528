package audit

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Looks that a privacy officer wants to see without searching for them: somebody's
// own record, one of the same family name, a colleague's, one that is watched. A
// flag accuses nobody: most Smiths look after a Smith now and then. It says where
// to begin.

// Flag is why a look stands out.
type Flag string

// The flags.
const (
	OwnRecord  Flag = "own-record"  // the patient bears the looker's whole name
	FamilyName Flag = "family-name" // the patient bears the looker's family name
	Colleague  Flag = "colleague"   // the patient bears the whole name of somebody who works here
	Watched    Flag = "watched"     // the record is one that many would like to see
	Over       Flag = "over-limit"  // more was taken out, or would have been, than may leave at once
)

// OverLimit names the detail of an event by which data was taken out over the limit, or
// would have been (package bulk): whether it is the limit of an hour or of a day.
const OverLimit = "over-limit"

// IsOver says whether an event is one of those, and how many patients it was about.
func IsOver(e Event) (patients string, over bool) {
	for _, d := range e.Details {
		switch d.Name {
		case OverLimit:
			over = true
		case "patients":
			patients = d.Value
		}
	}
	return patients, over && e.Action == Export
}

// Names are a patient's, as they are kept: all families and all given names.
type Names struct {
	Family []string
	Given  []string
}

// Flags are why a look at a patient stands out. looker is a name as colleagues
// read it, "Grace Mensah"; staff are those of everybody who works here.
func Flags(looker string, patient Names, staff []string, watched bool) []Flag {
	var out []Flag
	family, given := parts(patient.Family), parts(patient.Given)
	switch whole, same := bears(looker, family, given); {
	case whole:
		out = append(out, OwnRecord)
	case same:
		out = append(out, FamilyName)
	}
	if !slices.Contains(out, OwnRecord) && slices.ContainsFunc(staff, func(s string) bool {
		whole, _ := bears(s, family, given)
		return whole && fold(s) != fold(looker)
	}) {
		out = append(out, Colleague)
	}
	if watched {
		out = append(out, Watched)
	}
	return out
}

// bears says whether a person's name is the patient's: whole with a given name,
// or by one part of the family name. "Anna Smith-Jones" bears Smith's and Jones's.
func bears(person string, family, given []string) (whole, same bool) {
	words := strings.Fields(fold(person))
	if len(words) == 0 {
		return false, false
	}
	at := func(list []string) func(string) bool {
		return func(w string) bool { return slices.Contains(list, w) }
	}
	// The first word is a given name wherever there is another: "Kim Lee" is no
	// relative of "Ana Kim" by it.
	names := words[min(1, len(words)-1):]
	same = slices.ContainsFunc(names, at(family))
	return same && len(words) > 1 && slices.Contains(given, words[0]), same
}

// parts are the words of names that say something: particles do not.
func parts(names []string) []string {
	var out []string
	for _, n := range names {
		for _, w := range strings.Fields(fold(n)) {
			if len(w) > 1 && !slices.Contains(particles, w) {
				out = append(out, w)
			}
		}
	}
	return out
}

var particles = []string{"al", "da", "de", "del", "der", "di", "dos", "el", "la", "le", "van", "von"}

// fold makes names comparable: lower case, without accents, every hyphen a gap.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’':
			return -1
		case unicode.IsLetter(r):
			return unicode.ToLower(r)
		}
		return ' '
	}, norm.NFKD.String(s))
}
