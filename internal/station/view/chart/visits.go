package chart

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
)

// visits lists the stays of a patient with their moves: those that go on, what is
// expected, and the earlier ones, folded. What was cancelled is struck through under a
// heading of its own: it must not be read as somebody who is here.
func visits(c ward.Chart, unfolded map[string]bool, now time.Time) Listing {
	var l Listing
	here, expected := 0, 0
	for _, s := range c.Stays {
		switch {
		case s.Status.Present():
			here++
		case s.Status == ward.StayExpected:
			expected++
		}
	}
	moves := map[string][]ward.Move{}
	for _, m := range c.Moves {
		moves[string(m.Stay)] = append(moves[string(m.Stay)], m)
	}
	last := ""
	for _, s := range ordered(c.Stays) {
		if g := stayGroup(s); g != last {
			last = g
			l.Entries = append(l.Entries, heading(g))
		}
		l.Entries = append(l.Entries, stayEntry(s, moves[string(s.ID)], unfolded, now))
	}
	if len(c.Stays) == 0 {
		return l
	}
	words := "In no stay that goes on"
	switch {
	case here == 1:
		words = "In one stay now"
	case here > 1:
		words = fmt.Sprintf("In %d stays at once", here)
	}
	if expected > 0 {
		words += fmt.Sprintf(", %d expected", expected)
	}
	l.Words = []string{words + ", " + right(c, now), "Visits of which this hospital’s system sent no message are not here."}
	return l
}

// The headings.
const (
	groupHere      = "Here now"
	groupExpected  = "Expected"
	groupEarlier   = "Earlier"
	groupCancelled = "Cancelled, or entered in error: did not take place"
)

func stayGroup(s ward.Stay) string {
	switch {
	case s.Status.Present():
		return groupHere
	case s.Status == ward.StayExpected:
		return groupExpected
	case s.Status.Void():
		return groupCancelled
	}
	return groupEarlier
}

// ordered keeps the order of the record within each group.
func ordered(list []ward.Stay) []ward.Stay {
	var out []ward.Stay
	for _, g := range []string{groupHere, groupExpected, groupEarlier, groupCancelled} {
		for _, s := range list {
			if stayGroup(s) == g {
				out = append(out, s)
			}
		}
	}
	return out
}

func stayEntry(s ward.Stay, moves []ward.Move, unfolded map[string]bool, now time.Time) Entry {
	e := Entry{ID: string(s.ID), Struck: s.Status.Void(), Bar: s.InReview}
	class := cmp.Or(s.Class, "kind of stay not said")
	e.Head = strings.ToUpper(class[:1]) + class[1:] + ", " + cmp.Or(s.Place, "place not known")
	e.Key = cmp.Or(s.Place, class)
	e.Beside = stayDates(s)
	e.Marks = stayMarks(s)
	if length := stayLength(s, now); length != "" {
		e.Lines = append(e.Lines, length)
	}
	open := !folds(s) != unfolded[e.ID] // what a person turned is the other way round
	if open {
		e.Lines = append(e.Lines, stayPeople(s)...)
		number := "No visit number was sent"
		if s.Number != "" {
			number = "Visit number " + s.Number
		}
		e.Lines = append(e.Lines, number+origin(s.By))
		e.Lines = append(e.Lines, moveLines(s, moves, now)...)
	} else if n := len(moves); n > 0 {
		e.Lines = append(e.Lines, plural(n, "move", "moves")+": Enter shows them")
	}
	e.Warns = stayWarns(s, now)
	act := Act{Fold, "Hide moves"}
	if !open {
		act.Words = "Show moves and who was responsible"
	}
	e.Acts = []Act{act}
	return e
}

// folds says whether only the beginning of a stay is shown before somebody asks.
func folds(s ward.Stay) bool { return !s.Status.Present() && s.Status != ward.StayExpected }

func origin(by string) string {
	if by == "" {
		return ""
	}
	return " · told by " + by
}

func stayDates(s ward.Stay) []string {
	from := cmp.Or(s.BeginsText, "beginning not said")
	switch {
	case s.Status == ward.StayExpected:
		return []string{from}
	case s.EndsText != "":
		return []string{from, "to " + s.EndsText}
	case s.Status.Present():
		return []string{"since " + from}
	case s.Status == ward.StayEnded:
		return []string{from, "end not said"}
	}
	return []string{from}
}

func stayMarks(s ward.Stay) []Mark {
	tone := Plain
	switch {
	case s.Status == ward.StayHere:
		tone = Done
	case s.Status.Void():
		tone = Changed
	case s.Status == ward.StayUnknown:
		tone = Care
	}
	out := []Mark{{string(s.Status), tone}}
	if s.InReview {
		out = append(out, Mark{"in review", Care})
	}
	if s.Unsent {
		out = append(out, Mark{"unsent", Unsent})
	}
	return out
}

// stayLength is how long it lasted, or has lasted by now.
func stayLength(s ward.Stay, now time.Time) string {
	exact := strings.Contains(s.BeginsText, ":")
	switch {
	case s.Status.Present():
		if words := ward.Length(s.Begins, now, exact); words != "" {
			return "So far " + words + ", as of " + ward.Clock(now)
		}
		return "How long so far cannot be told"
	case s.Status == ward.StayEnded:
		if words := ward.Length(s.Begins, s.Ends, exact && strings.Contains(s.EndsText, ":")); words != "" {
			return "Lasted " + words
		}
		return "How long it lasted cannot be told"
	}
	return ""
}

func stayPeople(s ward.Stay) []string {
	var parts []string
	for _, p := range []struct {
		word  string
		names []string
	}{{"Attending ", s.Attending}, {"consultant ", s.Consultant}, {"referred by ", s.Referrer}} {
		if len(p.names) > 0 {
			parts = append(parts, p.word+strings.Join(p.names, ", "))
		}
	}
	if len(s.Attending) == 0 {
		parts = append([]string{"Nobody is named as attending"}, parts...)
	}
	return []string{strings.Join(parts, " · ")}
}

// moveLines are what happened in a stay, newest first, in the words of the timeline,
// and what of it is not on this computer.
func moveLines(s ward.Stay, moves []ward.Move, now time.Time) []string {
	var out []string
	for i := range moves {
		t := teller{now: now}
		t.move(&moves[i])
		e := t.out[0]
		line := "time not known"
		if !moves[i].At.IsZero() {
			line = ward.Date(moves[i].At) + " " + ward.Clock(moves[i].At)
		}
		line += "  " + e.Head
		for _, w := range []string{e.Words, e.Recorded, e.Mark} {
			if w != "" {
				line += " · " + w
			}
		}
		if moves[i].Unsent {
			line += " · unsent"
		}
		out = append(out, line)
	}
	if s.Partial {
		out = append(out, "Earlier moves of this stay are not on this computer: it keeps what came since it was set up.")
	}
	return out
}

// stayWarns are what a reader could take amiss.
func stayWarns(s ward.Stay, now time.Time) []string {
	var out []string
	if s.Status == ward.StayExpected && !s.Begins.IsZero() && s.Begins.Before(now) && ward.Date(s.Begins) != ward.Date(now) {
		out = append(out, "The day has passed, and no message says that the patient came.")
	}
	if s.Status.Present() && !s.Ends.IsZero() && s.Ends.Before(now) {
		out = append(out, "An end was sent, and the status still says that the patient is here: ask the ward.")
	}
	if s.Status == ward.StayUnknown {
		out = append(out, "Whether the patient is here in this stay cannot be told from its status.")
	}
	if !s.Begins.IsZero() && !s.Ends.IsZero() && s.Ends.Before(s.Begins) {
		out = append(out, "Its end lies before its beginning, as sent.")
	}
	return out
}
