package handover

import (
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
)

// Text is something that a person wrote, and by whom.
type Text struct {
	Text   string
	By     string // "Grace Mensah, nurse, 18:40"
	Unsent bool
}

// Fact is something that the record says, with its time.
type Fact struct {
	Words string
	At    string
	Flag  ward.Flag
}

// Action is one open task.
type Action struct {
	Due    string // "20:00"; "" for no time
	Late   string // "overdue 6 min"
	Words  string
	For    string
	Urgent bool
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
		Summary: textsOf(s.Summary, now), Contingency: textsOf(s.Contingency, now), Said: textsOf(s.Said, now),
		Facts: factsOf(s.Facts, now), Situation: factsOf(s.Situation, now), Who: whoWords(s),
	}
	l.Word = strings.ToUpper(string(l.Severity))
	if l.Word == "" {
		l.Word = "NOT KNOWN"
	}
	for _, d := range s.Actions {
		a := Action{Due: ward.Stamp(d.Due, now), Words: d.Words, For: d.For(), Urgent: d.Priority == ward.PriorityUrgent}
		if d.Late(now) {
			a.Late = "overdue " + ward.Span(now.Sub(d.Due))
		}
		l.Actions = append(l.Actions, a)
	}
	l.sign(me, now)
	return l
}

// sign says how far the handover is signed.
func (l *Line) sign(me ward.Person, now time.Time) {
	g := l.Sheet.Given
	if g == nil {
		return
	}
	l.Signed = append(l.Signed, "Given "+ward.Stamp(g.At, now)+" by "+g.By+" to "+g.To+unsent(g.Unsent))
	mine := false
	for _, a := range g.Accepted {
		mine = mine || a.User == me.User
		l.Signed = append(l.Signed, "Accepted "+ward.Stamp(a.At, now)+" by "+a.By+unsent(a.Unsent))
		if a.Synthesis != "" {
			l.Synthesis = append(l.Synthesis, Text{Text: a.Synthesis, By: a.By + ", " + ward.Stamp(a.At, now), Unsent: a.Unsent})
		}
	}
	if g.Late(now) {
		l.Late = "Not accepted for " + ward.Span(now.Sub(g.At)) + ": charge nurse"
	}
	if g.Changed {
		l.Changed = "Something was written after it was given"
	}
	l.CanAccept = g.User != me.User && !mine
	l.CanTakeBack = g.User == me.User && len(g.Accepted) == 0
}

func unsent(yes bool) string {
	if yes {
		return " (unsent)"
	}
	return ""
}

func textsOf(list []ward.Wording, now time.Time) []Text {
	var out []Text
	for _, w := range list {
		out = append(out, Text{Text: w.Text, By: w.By + ", " + ward.Stamp(w.At, now), Unsent: w.Unsent})
	}
	return out
}

func factsOf(list []ward.Dated, now time.Time) []Fact {
	var out []Fact
	for _, f := range list {
		out = append(out, Fact{Words: f.Words, At: ward.Stamp(f.At, now), Flag: f.Flag})
	}
	return out
}

func whoWords(s ward.Sheet) string {
	var parts []string
	if who := strings.TrimSpace(s.Who.Age + " " + s.Who.Sex()); who != "" {
		parts = append(parts, who)
	}
	if !s.Since.IsZero() {
		parts = append(parts, "since "+ward.Date(s.Since))
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
		return "No known allergies"
	case ward.AllergyNotRecorded:
		return "Allergies not recorded"
	case ward.AllergyUnavailable:
	}
	return "Allergies unavailable"
}
