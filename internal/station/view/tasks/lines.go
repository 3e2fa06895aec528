package tasks

import (
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// Line is one task of the list.
type Line struct {
	ID     string
	Task   fhir.ID
	Who    ward.Identity
	First  bool // of this patient: the name stands above it
	Words  string
	Due    string // "20:00", "08:00 on 23-Nov-2026"; "" for no time
	Late   string // "overdue 25 min"
	For    string // "Tom Blake, nurse", "doctor", or "nobody yet"
	From   string // "from Grace Mensah, nurse, 13:20"
	Urgent bool
	ToMe   bool
	Mine   bool
	Unsent bool
	Run    bool   // a routine of somebody who left: its steps are answered in the chart
	Left   string // of somebody who is on no ward any more: since when, and until when it stands here
}

// linesOf are the tasks as they are drawn.
func linesOf(items []ward.DutyItem, now time.Time) []Line {
	out := make([]Line, 0, len(items))
	last := ward.PatientID("")
	for _, it := range items {
		l := Line{
			ID: string(it.Duty.ID), Task: it.Duty.ID, Who: it.Who, First: it.Who.ID != last, Words: it.Duty.Words, For: it.Duty.For(),
			Urgent: it.Duty.Priority == ward.PriorityUrgent, ToMe: it.ToMe, Mine: it.Mine, Unsent: it.Duty.Unsent, Run: it.Run != nil,
			Due: ward.Stamp(it.Duty.Due, now),
		}
		last = it.Who.ID
		if it.Duty.Late(now) {
			l.Late = words.F("overdue %s", ward.Span(now.Sub(it.Duty.Due)))
		}
		if l.For == "" {
			l.For = words.T("nobody yet")
		}
		if it.Run != nil {
			l.Words = it.Run.OpenWords()
		}
		l.Left = leftWords(it.Left, now)
		from := words.F("from %s", ward.SayName(it.Duty.By))
		if l.Run {
			from = words.F("begun by %s", ward.SayName(it.Duty.By))
		}
		l.From = strings.Join(some(from, ward.Stamp(it.Duty.Made, now)), ", ")
		out = append(out, l)
	}
	return out
}

func some(said ...string) []string {
	var out []string
	for _, w := range said {
		if w != "" {
			out = append(out, w)
		}
	}
	return out
}

// leftWords is when somebody left, and how long the ward keeps what is open.
func leftWords(l *ward.Leaving, now time.Time) string {
	if l == nil {
		return ""
	}
	said := words.T("left")
	if !l.At.IsZero() {
		said = words.F("left %s", ward.Stamp(l.At, now))
	}
	if !l.Until.IsZero() {
		said += "; " + words.F("on this list until %s at most", ward.Stamp(l.Until, now))
	}
	return said
}
