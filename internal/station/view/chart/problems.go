package chart

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// What can be done with a problem.
const (
	Resolve Deed = "resolve"
	Reopen  Deed = "reopen"
	Strike  Deed = "strike" // asks why first
)

// problemsPartial stands above every list of problems: a list that looks whole is read
// as one.
var problemsPartial = words.K("What was written here, and the diagnoses that the hospital’s system sent. Nobody has said that the list is complete.")

// problems lists a patient's problems: those that hold, by rank, what is over, and what
// was entered in error, struck through.
func problems(c ward.Chart, now time.Time) Listing {
	var l Listing
	heads := map[ward.ProblemStatus]string{
		ward.ProblemActive: words.T("Active"), ward.ProblemResolved: words.T("Resolved"), ward.ProblemRefuted: words.T("Refuted, or entered in error"), ward.ProblemError: words.T("Refuted, or entered in error"),
	}
	last, active := "", 0
	for _, p := range c.Problems {
		if p.Status == ward.ProblemActive {
			active++
		}
		if h := heads[p.Status]; h != last {
			last = h
			l.Entries = append(l.Entries, heading(h))
		}
		l.Entries = append(l.Entries, problemEntry(p, now))
	}
	if len(c.Problems) == 0 {
		return l
	}
	text := words.F("%d active", active)
	if active == 0 {
		text = words.T("None is active")
	}
	l.Words = []string{text + ", " + right(c, now), problemsPartial.Say()}
	return l
}

func problemEntry(p ward.Problem, now time.Time) Entry {
	e := Entry{
		ID: string(p.ID), Head: cmp.Or(p.Words, words.T("Problem not named")), Key: p.Words, Bar: p.InReview,
		Struck: p.Status == ward.ProblemError || p.Status == ward.ProblemRefuted,
	}
	e.Beside = []string{words.T("onset not said")}
	if p.Onset != "" {
		e.Beside = []string{words.F("since %s", p.Onset)}
	}
	if p.Rank > 0 {
		e.Beside = append(e.Beside, words.F("rank %d", p.Rank))
	}
	e.Marks = problemMarks(p)
	e.Warns = slices.Clone(p.Remarks)
	e.Lines = slices.Clone(p.Codes)
	if len(p.Codes) == 0 {
		e.Lines = append(e.Lines, words.T("no code, words alone"))
	}
	if p.StayWords != "" {
		e.Lines = append(e.Lines, words.F("For the stay: %s", p.StayWords))
	}
	who := cmp.Or(ward.SayName(p.By), words.T("nobody that is known"))
	by := words.F("Recorded by %s", who)
	if p.Sent {
		by = words.F("Sent by %s", who)
	}
	if p.Asserter != "" {
		by += ", " + words.F("diagnosed by %s", p.Asserter)
	}
	e.Lines = append(e.Lines, strings.TrimSuffix(by+", "+ward.Stamp(p.Recorded, now), ", "))
	if p.Note != "" {
		e.Lines = append(e.Lines, words.F("“%s”", p.Note))
	}
	if p.Ended != "" {
		e.Lines = append(e.Lines, ended(p.Status, p.Ended))
	}
	e.Acts = problemActs(p)
	return e
}

func ended(s ward.ProblemStatus, by string) string {
	switch s {
	case ward.ProblemResolved:
		return words.F("Resolved by %s", by)
	case ward.ProblemRefuted:
		return words.F("Refuted by %s", by)
	case ward.ProblemError:
		return words.F("Marked as entered in error by %s", by)
	case ward.ProblemActive:
	}
	return ""
}

func problemMarks(p ward.Problem) []Mark {
	var out []Mark
	switch {
	case p.Status == ward.ProblemError || p.Status == ward.ProblemRefuted:
		out = append(out, Mark{ward.Said(string(p.Status)), Changed})
	case p.Status == ward.ProblemResolved:
		out = append(out, Mark{words.T("resolved"), Plain})
	case p.Certainty == "confirmed":
		out = append(out, Mark{ward.Said(p.Certainty), Plain})
	case p.Certainty != "":
		out = append(out, Mark{ward.Said(p.Certainty), Care})
	}
	for _, u := range p.Uses {
		out = append(out, Mark{useWords(u), Plain})
	}
	if p.InReview {
		out = append(out, Mark{words.T("in review"), Care})
	}
	if p.Unsent {
		out = append(out, Mark{words.T("unsent"), Unsent})
	}
	return out
}

// useWords says for what a diagnosis was given; a sender's own code as it is.
func useWords(use string) string {
	switch use {
	case "admitting":
		return words.T("admitting diagnosis")
	case "working":
		return words.T("working diagnosis")
	case "final":
		return words.T("final diagnosis")
	}
	return words.F("%s diagnosis", use)
}

func problemActs(p ward.Problem) []Act {
	switch p.Status {
	case ward.ProblemActive:
		acts := []Act{{Resolve, words.T("Resolve")}}
		if !p.Sent {
			acts = append(acts, Act{Strike, words.T("Entered in error…")})
		}
		return acts
	case ward.ProblemResolved:
		if p.Undo {
			return []Act{{Reopen, words.T("Take that back")}}
		}
		return []Act{{Reopen, words.T("It is there again")}}
	case ward.ProblemError, ward.ProblemRefuted:
		if p.Undo && !p.Sent {
			return []Act{{Reopen, words.T("Take that back")}}
		}
	}
	return nil
}

// problemOf finds a problem as it is drawn.
func (m *Model) problemOf(id string) (ward.Problem, bool) {
	i := slices.IndexFunc(m.state.Chart.Problems, func(p ward.Problem) bool { return string(p.ID) == id })
	if i < 0 {
		return ward.Problem{}, false
	}
	return m.state.Chart.Problems[i], true
}

// doProblem resolves a problem, and offers the way back, or opens it again.
func (m *Model) doProblem(id string, do Deed) {
	p, ok := m.problemOf(id)
	if !ok {
		return
	}
	back := &Undo{Words: words.F("Resolved: %s", p.Words), patient: m.state.ID, cmd: ward.ReopenProblem{Patient: m.state.ID, Problem: p.ID}}
	switch do {
	case Resolve:
		m.do(ward.ResolveProblem{Patient: m.state.ID, Problem: p.ID, Version: p.Version}, func(bool) { m.state.Undo = back })
	case Reopen:
		m.do(ward.ReopenProblem{Patient: m.state.ID, Problem: p.ID}, nil)
	default: // nothing that a problem offers
	}
}

// AddProblem records a problem; begun is as typed, see Onset. A form that was begun for
// another patient is refused.
func (m *Model) AddProblem(p ward.RecordProblem, begun string) {
	if !m.mine(p.Patient) {
		return
	}
	p.Patient = m.state.ID
	onset, _, ok := Onset(begun, m.now())
	switch {
	case strings.TrimSpace(p.Words) == "":
		m.state.Error = words.T("Say what the problem is first.")
	case !ok:
		m.state.Error = words.F("When it began is not understood: %s. Nothing was saved.", OnsetWords())
	default:
		p.Onset = onset
		doForm(m, &m.state.Problem, kindProblem, p)
		return
	}
	m.show(m.state)
}

// StrikeProblem says that a problem was entered in error, and why.
func (m *Model) StrikeProblem(id, reason string) {
	p, ok := m.problemOf(id)
	switch {
	case !ok:
		m.state.Error = words.T("That problem is not in this chart. Nothing was saved.")
	case strings.TrimSpace(reason) == "":
		m.state.Error = words.T("Say why it was entered in error first.")
	default:
		m.do(ward.StrikeProblem{Patient: m.state.ID, Problem: p.ID, Version: p.Version, Reason: reason}, nil)
		return
	}
	m.show(m.state)
}

// OnsetWords is what the field for the onset takes, in words.
func OnsetWords() string { return words.T("21-Nov-2026, Nov-2026 or 2026") }

// Onset reads when a problem began: a day, a month or a year, and nothing finer than
// was said. What it does not understand, or what lies in the future, it refuses.
func Onset(text string, now time.Time) (fhirDate, shown string, ok bool) {
	text = ward.EnglishMonths(strings.TrimSpace(text))
	if text == "" {
		return "", "", true
	}
	for _, f := range []struct{ in, out, show string }{
		{"2-Jan-2006", "2006-01-02", "02-Jan-2006"},
		{"2006-01-02", "2006-01-02", "02-Jan-2006"},
		{"Jan-2006", "2006-01", "Jan-2006"},
		{"2006-01", "2006-01", "Jan-2006"},
		{"2006", "2006", "2006"},
	} {
		if t, err := time.ParseInLocation(f.in, text, now.Location()); err == nil {
			return t.Format(f.out), t.Format(f.show), !t.After(now) && t.Year() > 1880
		}
	}
	return "", "", false
}
