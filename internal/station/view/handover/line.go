package handover

import (
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// Text is something that a person wrote, and by whom.
type Text struct {
	Text   string
	By     string // "Grace Mensah, nurse, 18:40"
	Unsent bool
}

// Fact is something that the record says, with its time.
type Fact struct {
	Words  string
	At     string
	Flag   ward.Flag
	Urgent bool
}

// Action is one open task.
type Action struct {
	Due    string // "20:00"; "" for no time
	Late   string // "overdue 6 min"
	Words  string
	For    string
	Urgent bool
}

// Routine is one open routine with the steps that nobody has answered.
type Routine struct {
	Words string // "Discharge: 6 of 8 steps answered"
	Late  string // "late, due 14:00"
	Open  []string
}

// Line is one patient's sheet as it is drawn.
type Line struct {
	ID          string
	Sheet       ward.Sheet
	Who         string // "72y F · since 20-Nov-2026"
	Severity    ward.Severity
	Word        string // "UNSTABLE", "NOT KNOWN"
	Why         string // "NEWS2 7 at 13:00, was 5"
	Said        []Text // "watcher", where somebody said so
	Allergies   string
	Summary     []Text
	Facts       []Fact
	Actions     []Action
	Routines    []Routine
	Situation   []Fact
	Contingency []Text
	Signed      []string // the signatures, in words
	Late        string   // that nobody has accepted it in time
	Changed     string   // that a text was written after it was given
	Synthesis   []Text   // what was repeated back
	CanAccept   bool
	CanTakeBack bool
}

// LineOf is a sheet as it is drawn, on the screen and on paper, for this reader.
func LineOf(s ward.Sheet, me ward.Person, now time.Time) Line {
	l := Line{
		ID: string(s.Who.ID), Sheet: s, Severity: s.Worst(), Why: s.Why, Allergies: AllergyWords(s.Allergies),
		Summary: textsOf(s.Summary, now), Contingency: textsOf(s.Contingency, now), Said: severitiesOf(s.Said, now),
		Facts: factsOf(s.Facts, now), Situation: factsOf(s.Situation, now), Who: whoWords(s),
	}
	l.Word = SeverityWord(l.Severity)
	for _, d := range s.Actions {
		a := Action{Due: ward.Stamp(d.Due, now), Words: d.Words, For: d.For(), Urgent: d.Priority == ward.PriorityUrgent}
		if d.Late(now) {
			a.Late = words.F("overdue %s", ward.Span(now.Sub(d.Due)))
		}
		l.Actions = append(l.Actions, a)
	}
	l.Routines = routinesOf(s.Routines, now)
	l.sign(me, now)
	return l
}

func routinesOf(list []ward.RoutineRun, now time.Time) []Routine {
	var out []Routine
	for _, r := range list {
		line := Routine{Words: words.F("%s: %d of %d steps answered", r.Name, len(r.Steps)-r.Open, len(r.Steps))}
		if r.Late {
			line.Late = words.F("late, due %s", ward.Stamp(r.Due, now))
		}
		for _, s := range r.Steps {
			if s.State == ward.StepOpen {
				line.Open = append(line.Open, s.Words)
			}
		}
		out = append(out, line)
	}
	return out
}

// SeverityWord is a severity as it stands over a sheet: "UNSTABLE".
func SeverityWord(s ward.Severity) string {
	switch s {
	case ward.Stable:
		return words.T("STABLE")
	case ward.Watcher:
		return words.T("WATCHER")
	case ward.Unstable:
		return words.T("UNSTABLE")
	}
	return words.T("NOT KNOWN")
}

// SayWord is a severity in a sentence: "unstable".
func SayWord(s ward.Severity) string {
	switch s {
	case ward.Stable:
		return words.T("stable")
	case ward.Watcher:
		return words.T("watcher")
	case ward.Unstable:
		return words.T("unstable")
	}
	return words.T("not known")
}

// sign says how far the handover is signed.
func (l *Line) sign(me ward.Person, now time.Time) {
	g := l.Sheet.Given
	if g == nil {
		return
	}
	l.Signed = append(l.Signed, words.F("Given %s by %s to %s", ward.Stamp(g.At, now), ward.SayName(g.By), ward.SayName(g.To))+unsent(g.Unsent))
	mine := false
	for _, a := range g.Accepted {
		mine = mine || a.User == me.User
		l.Signed = append(l.Signed, words.F("Accepted %s by %s", ward.Stamp(a.At, now), ward.SayName(a.By))+unsent(a.Unsent))
		if a.Synthesis != "" {
			l.Synthesis = append(l.Synthesis, Text{Text: a.Synthesis, By: ward.SayName(a.By) + ", " + ward.Stamp(a.At, now), Unsent: a.Unsent})
		}
	}
	if g.Late(now) {
		l.Late = words.F("Not accepted for %s: charge nurse", ward.Span(now.Sub(g.At)))
	}
	if g.Changed {
		l.Changed = words.T("Something was written after it was given")
	}
	l.CanAccept = g.User != me.User && !mine
	l.CanTakeBack = g.User == me.User && len(g.Accepted) == 0
}

func unsent(yes bool) string {
	if yes {
		return " " + words.T("(unsent)")
	}
	return ""
}

func textsOf(list []ward.Wording, now time.Time) []Text {
	var out []Text
	for _, w := range list {
		out = append(out, Text{Text: w.Text, By: ward.SayName(w.By) + ", " + ward.Stamp(w.At, now), Unsent: w.Unsent})
	}
	return out
}

// severitiesOf are severities that somebody chose: they are kept in English.
func severitiesOf(list []ward.Wording, now time.Time) []Text {
	out := textsOf(list, now)
	for i := range out {
		if s := ward.Severity(out[i].Text); s.Valid() {
			out[i].Text = SayWord(s)
		}
	}
	return out
}

func factsOf(list []ward.Dated, now time.Time) []Fact {
	var out []Fact
	for _, f := range list {
		out = append(out, Fact{Words: f.Words, At: ward.Stamp(f.At, now), Flag: f.Flag, Urgent: f.Urgent})
	}
	return out
}

func whoWords(s ward.Sheet) string {
	var parts []string
	if who := strings.TrimSpace(ward.SayAge(s.Who.Age) + " " + s.Who.Sex()); who != "" {
		parts = append(parts, who)
	}
	if !s.Since.IsZero() {
		parts = append(parts, words.F("since %s", ward.Date(s.Since)))
	}
	return strings.Join(parts, " · ")
}

// AllergyWords is the allergies line in one of its four sentences.
func AllergyWords(a ward.AllergyLine) string {
	switch a.State {
	case ward.AllergyKnown:
		worst := a.Worst
		if a.WorstHow != "" {
			worst += ": " + a.WorstHow
		}
		return strings.Join(append([]string{worst}, a.Others...), ", ")
	case ward.AllergyNone:
		return words.T("No known allergies")
	case ward.AllergyNotRecorded:
		return words.T("Allergies not recorded")
	case ward.AllergyUnavailable:
	}
	return words.T("Allergies unavailable")
}
