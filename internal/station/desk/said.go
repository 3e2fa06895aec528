package desk

import (
	"fmt"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// What is kept has to read alike for everybody, whatever language was spoken where it
// was written. So a sentence that is kept and shown is made once, by words.Errorf, and
// what stands in it speaks both.

// both is an argument of words.Errorf that says itself in English and in the language
// in use.
type both struct{ english, said string }

// Error is the English.
func (b both) Error() string { return b.english }

// Say is in the language in use.
func (b both) Say() string { return b.said }

// inWords is an argument that is in the language in use already.
func inWords(said string) error { return both{said, said} }

// stampIn is stampWords, also in English.
func (d *Desk) stampIn(t time.Time) error {
	t, now := t.In(d.loc), d.now()
	english := t.Format("15:04")
	if t.Format(time.DateOnly) != now.Format(time.DateOnly) {
		english = t.Format("15:04 on 02-Jan-2006")
	}
	return both{english, ward.Stamp(t, now)}
}

// spanIn is ward.Span, also in English.
func spanIn(s time.Duration) error {
	english := fmt.Sprintf("%d d", int(s/(24*time.Hour)))
	switch {
	case s < 0:
		english = "0 min"
	case s < time.Hour:
		english = fmt.Sprintf("%d min", int(s/time.Minute))
	case s < 48*time.Hour:
		english = fmt.Sprintf("%d h", int(s/time.Hour))
	}
	return both{english, ward.Span(s)}
}

// warning is a warning about an order: its words are kept in English if somebody orders
// in spite of it.
func warning(level, from string, said error) ward.Warning {
	return ward.Warning{Level: level, From: from, Words: said.Error(), Said: words.Say(said)}
}
