// Package words says what a person reads in the language that was chosen: a text is
// written in English where it is needed, and is the key of its own translation.
//
// English costs nothing but a look at one pointer; another language is a read of a
// map. Nothing here touches a disk or the system: package languages reads the
// catalogues and decides which language it is. A process that never asks for one
// (central, a command, a test) speaks English.
//
// What is stored or sent is never said through this package, because a record has
// to read alike for everybody: use Key.English, or a plain string. Values, units,
// names, codes and what somebody wrote are arguments, never keys, and reach the
// screen as they are: numbers are not rewritten by locale.
//
// Every first argument is a constant, so that a test can hold the catalogues against
// them (TestTheCataloguesAreWhole). All functions are safe for concurrent use.
package words

import (
	"fmt"
	"strings"
	"sync/atomic"
)

// Table is one language that is not English. It does not change once it is in use.
type Table struct {
	// Tag is the language as BCP 47 has it, such as "de".
	Tag string
	// Texts are the translations, by key: the English, or ID of a context and it.
	Texts map[string]string
	// Plurals are the forms of what is counted, by the English plural and the CLDR's
	// name of the form: "one", "few", "other".
	Plurals map[string]map[string]string
	// Form is the name of the form for a number.
	Form func(n int) string
	// Else says what Texts lack; nil leaves it in English. Only tests have one.
	Else func(context, english string) string
}

// now is the language in use; nil is English.
var now atomic.Pointer[Table]

// Use makes t the language from now on; nil is English.
func Use(t *Table) { now.Store(t) }

// Tag is the language in use, "en" for English.
func Tag() string {
	if t := now.Load(); t != nil {
		return t.Tag
	}
	return "en"
}

// In is the language in use, nil where it is English: for who puts it back.
func In() *Table { return now.Load() }

// ID is the key of an English text in a catalogue: the text, after its context and a
// bar where it has one.
func ID(context, english string) string {
	if context == "" {
		return english
	}
	return context + "|" + english
}

// T says a sentence or a word.
func T(english string) string {
	t := now.Load()
	if t == nil || english == "" {
		return english
	}
	return t.say("", english)
}

// C is T for an English word that other languages need several for; context says
// which: C("verb", "Open"), C("month", "May").
func C(context, english string) string {
	t := now.Load()
	if t == nil {
		return english
	}
	return t.say(context, english)
}

// F is T with fmt's verbs. A translation may use them in another order: "%[2]s".
func F(format string, args ...any) string { return fmt.Sprintf(T(format), args...) }

// N says how many: one is the English for 1, many for every other number and the key.
// Its first argument is n itself: N(n, "%d patient", "%d patients"). A form may leave
// the number out; further arguments are %[2]s and so on then.
func N(n int, one, many string, args ...any) string {
	form := formOf(n, one, many)
	if !strings.Contains(form, "%") {
		return form
	}
	return fmt.Sprintf(form, append([]any{n}, args...)...)
}

// formOf is the format for a number in the language in use.
func formOf(n int, one, many string) string {
	switch t := now.Load(); {
	case t != nil:
		return t.count(n, one, many)
	case n == 1:
		return one
	}
	return many
}

func (t *Table) say(context, english string) string {
	id := english
	if context != "" {
		id = ID(context, english)
	}
	if said, ok := t.Texts[id]; ok {
		return said
	}
	if t.Else != nil {
		return t.Else(context, english)
	}
	return english
}

func (t *Table) count(n int, one, many string) string {
	if forms := t.Plurals[many]; forms != nil {
		if said, ok := forms[t.Form(n)]; ok {
			return said
		}
		return forms["other"]
	}
	if n == 1 {
		many = one
	}
	if t.Else != nil {
		return t.Else("", many)
	}
	return many
}

// Key is a text that is said later: in a variable, a table, a struct. Its zero value
// says nothing. Keys are comparable, and can be the keys of a map.
type Key struct{ context, english string }

// K makes a Key, for variables that are set before the language is known.
func K(english string) Key { return Key{english: english} }

// KC is K with a context.
func KC(context, english string) Key { return Key{context, english} }

// Say is the text in the language in use.
func (k Key) Say() string {
	if k.english == "" {
		return ""
	}
	return C(k.context, k.english)
}

// English is the text for what is stored, sent or logged.
func (k Key) English() string { return k.english }
