package chart

import (
	"cmp"
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
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
	last := words.Key{}
	for _, s := range ordered(c.Stays) {
		if g := stayGroup(s); g != last {
			last = g
			l.Entries = append(l.Entries, heading(g.Say()))
		}
		l.Entries = append(l.Entries, stayEntry(s, moves[string(s.ID)], unfolded, now))
	}
	if len(c.Stays) == 0 {
		return l
	}
	parts := []string{words.T("In no stay that goes on")}
	switch {
	case here == 1:
		parts[0] = words.T("In one stay now")
	case here > 1:
		parts[0] = words.F("In %d stays at once", here)
	}
	if expected > 0 {
		parts = append(parts, words.F("%d expected", expected))
	}
	l.Words = []string{strings.Join(append(parts, right(c, now)), ", "), words.T("Visits of which this hospital’s system sent no message are not here.")}
	return l
}

// The headings.
var (
	groupHere      = words.K("Here now")
	groupExpected  = words.K("Expected")
	groupEarlier   = words.K("Earlier")
	groupCancelled = words.K("Cancelled, or entered in error: did not take place")
)

func stayGroup(s ward.Stay) words.Key {
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
	for _, g := range []words.Key{groupHere, groupExpected, groupEarlier, groupCancelled} {
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
	class := cmp.Or(ward.Said(s.Class), words.T("kind of stay not said"))
	e.Head = sentence(class) + ", " + cmp.Or(s.Place, words.T("place not known"))
	e.Key = cmp.Or(s.Place, class)
	e.Beside = stayDates(s)
	e.Marks = stayMarks(s)
	if length := stayLength(s, now); length != "" {
		e.Lines = append(e.Lines, length)
	}
	open := !folds(s) != unfolded[e.ID] // what a person turned is the other way round
	if open {
		e.Lines = append(e.Lines, stayPeople(s)...)
		number := words.T("No visit number was sent")
		if s.Number != "" {
			number = words.F("Visit number %s", s.Number)
		}
		e.Lines = append(e.Lines, number+origin(s.By))
		e.Lines = append(e.Lines, moveLines(s, moves, now)...)
	} else if n := len(moves); n > 0 {
		e.Lines = append(e.Lines, words.N(n, "%d move: Enter shows them", "%d moves: Enter shows them"))
	}
	e.Warns = stayWarns(s, now)
	act := Act{Fold, words.T("Hide moves")}
	if !open {
		act.Words = words.T("Show moves and who was responsible")
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
	return " · " + words.F("told by %s", by)
}

func stayDates(s ward.Stay) []string {
	from := cmp.Or(s.BeginsText, words.T("beginning not said"))
	switch {
	case s.Status == ward.StayExpected:
		return []string{from}
	case s.EndsText != "":
		return []string{from, words.C("until", "to") + " " + s.EndsText}
	case s.Status.Present():
		return []string{words.F("since %s", from)}
	case s.Status == ward.StayEnded:
		return []string{from, words.T("end not said")}
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
	out := []Mark{{ward.Said(string(s.Status)), tone}}
	if s.InReview {
		out = append(out, Mark{words.T("in review"), Care})
	}
	if s.Unsent {
		out = append(out, Mark{words.T("unsent"), Unsent})
	}
	return out
}

// stayLength is how long it lasted, or has lasted by now.
func stayLength(s ward.Stay, now time.Time) string {
	exact := strings.Contains(s.BeginsText, ":")
	switch {
	case s.Status.Present():
		if length := ward.Length(s.Begins, now, exact); length != "" {
			return words.F("So far %s, as of %s", length, ward.Clock(now))
		}
		return words.T("How long so far cannot be told")
	case s.Status == ward.StayEnded:
		if length := ward.Length(s.Begins, s.Ends, exact && strings.Contains(s.EndsText, ":")); length != "" {
			return words.F("Lasted %s", length)
		}
		return words.T("How long it lasted cannot be told")
	}
	return ""
}

func stayPeople(s ward.Stay) []string {
	var parts []string
	if len(s.Attending) > 0 {
		parts = append(parts, words.F("Attending %s", strings.Join(s.Attending, ", ")))
	}
	if len(s.Consultant) > 0 {
		parts = append(parts, words.F("consultant %s", strings.Join(s.Consultant, ", ")))
	}
	if len(s.Referrer) > 0 {
		parts = append(parts, words.F("referred by %s", strings.Join(s.Referrer, ", ")))
	}
	if len(s.Attending) == 0 {
		parts = append([]string{words.T("Nobody is named as attending")}, parts...)
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
		line := words.T("time not known")
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
			line += " · " + words.T("unsent")
		}
		out = append(out, line)
	}
	if s.Partial {
		out = append(out, words.T("Earlier moves of this stay are not on this computer: it keeps what came since it was set up."))
	}
	return out
}

// stayWarns are what a reader could take amiss.
func stayWarns(s ward.Stay, now time.Time) []string {
	var out []string
	if s.Status == ward.StayExpected && !s.Begins.IsZero() && s.Begins.Before(now) && ward.Date(s.Begins) != ward.Date(now) {
		out = append(out, words.T("The day has passed, and no message says that the patient came."))
	}
	if s.Status.Present() && !s.Ends.IsZero() && s.Ends.Before(now) {
		out = append(out, words.T("An end was sent, and the status still says that the patient is here: ask the ward."))
	}
	if s.Status == ward.StayUnknown {
		out = append(out, words.T("Whether the patient is here in this stay cannot be told from its status."))
	}
	if !s.Begins.IsZero() && !s.Ends.IsZero() && s.Ends.Before(s.Begins) {
		out = append(out, words.T("Its end lies before its beginning, as sent."))
	}
	return out
}
