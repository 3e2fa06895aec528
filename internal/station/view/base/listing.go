package base

import (
	"slices"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// Pill is one filter of a list, with how many of the list's lines it keeps.
type Pill[F comparable] struct {
	Filter F
	Text   string
	Count  int
	On     bool
}

// Keeps says whether a filter keeps a line. It is pure.
type Keeps[F comparable, L any] func(f F, l L) bool

// Pills are a list's filters in the given order, each with its name and its count over
// all lines; on is the one in use.
func (keeps Keeps[F, L]) Pills(order []F, names map[F]string, on F, all []L) []Pill[F] {
	pills := make([]Pill[F], 0, len(order))
	for _, f := range order {
		pills = append(pills, Pill[F]{Filter: f, Text: names[f], Count: len(keeps.Of(f, all)), On: f == on})
	}
	return pills
}

// Of are the lines that a filter keeps, in their order; nil where it keeps none.
func (keeps Keeps[F, L]) Of(f F, all []L) []L {
	var kept []L
	for _, l := range all {
		if keeps(f, l) {
			kept = append(kept, l)
		}
	}
	return kept
}

// Chosen is which line of a list is chosen: the one that was, while it is listed, else
// the first, and none of an empty list.
func Chosen[L any](was string, lines []L, id func(L) string) string {
	if slices.ContainsFunc(lines, func(l L) bool { return id(l) == was }) {
		return was
	}
	if len(lines) == 0 {
		return ""
	}
	return id(lines[0])
}

// AsOf says of when a list is; nothing where that is not known.
func AsOf(at, now time.Time) string {
	if at.IsZero() {
		return ""
	}
	return words.F("as of %s", ward.Stamp(at, now))
}

// Unread says that a page's error is about reading: the next reading that succeeds
// takes it back, and no error about something else.
type Unread bool

// Heard is told how a reading ended and keeps the page's error. It reports whether there
// is something to show.
func (u *Unread) Heard(err error, said *string) bool {
	switch {
	case err != nil:
		*said, *u = Words(err), true
	case bool(*u):
		*said, *u = "", false
	}
	return err == nil
}
