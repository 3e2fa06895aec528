package told

import (
	"strings"
	"time"
	"unicode/utf8"

	"wardlight/internal/words"
)

// hole is what may stand in a format's place: what a rule of itself takes, or one of a
// set. What is taken stands in every language as it was written.
type hole struct {
	takes func(text string) bool
	of    Set
	loose bool              // one of the set, or what takes takes
	made  func(string) part // what is said of it, where it is not as it is
}

func (h hole) read(r *reader, text string) []part {
	if h.of != "" {
		if found := r.set(h.of, text); len(found) > 0 || !r.loose || !h.loose {
			return found
		}
	}
	if text == "" || h.takes == nil || !h.takes(text) || !utf8.ValidString(text) {
		return nil
	}
	if h.made != nil {
		return []part{h.made(text)}
	}
	return []part{asIs(text)}
}

// anything is what another system or a person wrote, or a name.
var anything = hole{takes: func(string) bool { return true }}

// named is anything that does not look like the frame of a warning: where a name does,
// nobody can tell where it ends, and the warning stays in English.
var named = hole{takes: func(s string) bool { return !framed(s) }}

func framed(s string) bool {
	for _, f := range []string{". Why: ", ". Message ", ". Phone the ", ". The message says it is for ", ". Every ward is told: "} {
		if strings.Contains(s, f) {
			return true
		}
	}
	return false
}

// within is one of a set; known or is one of a set, or in a warning's frame what is not
// known here, as it is.
func within(s Set) hole  { return hole{of: s} }
func knownOr(s Set) hole { return hole{of: s, loose: true, takes: named.takes} }
func asking(s Set) hole  { return hole{of: s, loose: true, takes: anything.takes} }
func only(of string) hole {
	return hole{takes: func(s string) bool { return strings.Trim(s, of) == "" }}
}

// without is anything in which none of these stands.
func without(not ...string) hole {
	return hole{takes: func(s string) bool {
		for _, n := range not {
			if strings.Contains(s, n) {
				return false
			}
		}
		return true
	}}
}

const digits = "0123456789"

var number = only(digits)

// one or more numbers of lines, and where there are too many of them the words for that.
var lines = hole{takes: func(s string) bool {
	return strings.Trim(strings.TrimSuffix(s, ", and others"), digits+", ") == ""
}, made: func(s string) part {
	if list, more := strings.CutSuffix(s, ", and others"); more {
		return andOthers.With(list)
	}
	return asIs(s)
}}

var andOthers = words.FormatOf(written, "%s, and others")

// letters are a word of FHIR's or HL7's: a type, a segment.
var letters = only("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-*_/.")

// day is 22-Nov-2026, its month a word of the language.
var day = hole{takes: func(s string) bool { _, ok := dayOf(s); return ok }, made: func(s string) part {
	t, _ := dayOf(s)
	return dated(t)
}}

var clock = hole{takes: func(s string) bool { t, err := time.Parse("15:04", s); return err == nil && t.Format("15:04") == s }}

const dayForm = "02-Jan-2006"

func dayOf(s string) (time.Time, bool) {
	t, err := time.Parse(dayForm, s)
	return t, err == nil && t.Format(dayForm) == s
}

type dated time.Time

func (d dated) English() string { return time.Time(d).Format(dayForm) }
func (d dated) Say() string     { return words.DayMonth(time.Time(d)) + time.Time(d).Format("-2006") }

// written is the context of all formats.
const written = "written"

// What stands in a warning, a question, an answer.
var (
	// person is whom a message says it is for: a name and a birth date as they came.
	person = hole{takes: named.takes, made: func(s string) part {
		if name, born, ok := strings.Cut(s, ", born "); ok && birth.takes(born) {
			return saidToBe.With(name, born)
		}
		if born, ok := strings.CutPrefix(s, "born "); ok && birth.takes(born) {
			return bornOnly.With(born)
		}
		return asIs(s)
	}}
	valued    = without("critical (", ". Why: ") // one value with its test and unit
	decimal   = only(digits + ".-<>=")
	substance = hole{takes: func(s string) bool {
		return s != "not named" && !strings.HasSuffix(s, ", mild") && !strings.HasSuffix(s, ", moderate") && !strings.HasSuffix(s, ", severe")
	}}
	place   = without(", ", "; ")
	test    = without(", told by ", ", collected ", ", written down by ")
	caller  = without(", written down by ", ", told by ")
	untimed = hole{takes: func(s string) bool {
		return caller.takes(s) && !strings.Contains(s, " at ")
	}}
	called = hole{takes: func(s string) bool {
		return !strings.HasPrefix(s, "born ") && without(", born ", ", number ").takes(s)
	}}
	birth = hole{takes: func(s string) bool { return strings.Trim(s, digits+"-") == "" && len(s) >= 4 }}

	saidToBe = words.FormatOf(written, "%s, born %s")
	bornOnly = words.FormatOf(written, "born %s")
)
