package chart_test

import (
	"strings"
	"testing"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/chart"
)

func withProblems() ward.Chart {
	return ward.Chart{
		AsOf: now,
		Problems: []ward.Problem{
			{ID: "aki", Version: 3, Words: "Acute kidney injury", Codes: []string{"N17.9, ICD-10: Acute kidney failure"}, Status: ward.ProblemActive, Certainty: "confirmed", Uses: []string{"admitting", "final"}, Rank: 1, Onset: "20-Nov-2026", StayWords: "inpatient, 4B, visit V1", By: "adt PAS", Asserter: "Dr H Osei", Recorded: at(20, "09:00"), Sent: true},
			{ID: "pn", Version: 1, Words: "Pneumonia", Status: ward.ProblemActive, Certainty: "provisional", By: "Tom Blake", Recorded: at(22, "12:00"), Note: "right base", Unsent: true},
			{ID: "gout", Version: 2, Words: "Gout", Status: ward.ProblemResolved, Certainty: "confirmed", By: "Dr Ines Amara", Recorded: at(21, "08:00"), Ended: "Tom Blake, 12:30", EndedAt: at(22, "12:30"), Undo: true},
			{ID: "err", Version: 2, Words: "Chest pain", Status: ward.ProblemError, By: "adt PAS", Recorded: at(20, "09:00"), Ended: "adt PAS, 10:00", Sent: true},
		},
	}
}

// Problems stand by what holds, coded and in words, with who said so; what was entered
// in error is struck through, and nothing lets the list look complete.
func TestProblemsAreListedByWhatHolds(t *testing.T) {
	m, got := listed(t, withProblems(), chart.Problems)
	same(t, got, []string{
		"# Active",
		"since 20-Nov-2026 rank 1 | Acute kidney injury [confirmed] [admitting diagnosis] [final diagnosis] | N17.9, ICD-10: Acute kidney failure | For the stay: inpatient, 4B, visit V1 | Sent by adt PAS, diagnosed by Dr H Osei, 09:00 on 20-Nov-2026",
		"onset not said | Pneumonia [provisional] [unsent] | no code, words alone | Recorded by Tom Blake, 12:00 | “right base”",
		"# Resolved",
		"onset not said | Gout [resolved] | no code, words alone | Recorded by Dr Ines Amara, 08:00 on 21-Nov-2026 | Resolved by Tom Blake, 12:30",
		"# Refuted, or entered in error",
		"onset not said | Chest pain [entered in error] | no code, words alone | Sent by adt PAS, 09:00 on 20-Nov-2026 | Marked as entered in error by adt PAS, 10:00 | struck",
	})
	if w := strings.Join(m.State().List.Words, "|"); !strings.Contains(w, "2 active, as of 14:05") || !strings.Contains(w, "Nobody has said that the list is complete") {
		t.Errorf("%q", w)
	}
	m, _ = listed(t, ward.Chart{AsOf: now}, chart.Problems)
	if e := m.State().List.Empty; !strings.Contains(e, "That does not say that the patient has none.") {
		t.Errorf("%q", e)
	}
}

// A problem is resolved with the version that was drawn, and taken back while that is
// offered; what another system sent cannot be struck here.
func TestAProblemIsResolvedAndTakenBack(t *testing.T) {
	d := newDesk()
	m, until := storyOn(t, d, withProblems())
	m.SetTab(chart.Problems)
	m.DoEntry("aki", chart.Resolve)
	until(func() bool { return !m.State().Busy })
	if c := d.last(); c != (ward.ResolveProblem{Patient: "folake", Problem: "aki", Version: 3}) {
		t.Fatalf("%#v", c)
	}
	if u := m.State().Undo; u == nil || u.Words != "Resolved: Acute kidney injury" {
		t.Fatal("no way back is offered")
	}
	m.TakeBack()
	until(func() bool { return !m.State().Busy })
	if c := d.last(); c != (ward.ReopenProblem{Patient: "folake", Problem: "aki"}) {
		t.Fatalf("%#v", c)
	}
	n := d.count()
	m.DoEntry("aki", chart.Strike)
	m.DoEntry("aki", chart.Reopen) // it is not offered
	m.StrikeProblem("nobody", "x")
	m.StrikeProblem("pn", " ")
	m.AddProblem(ward.RecordProblem{Patient: "somebody else", Words: "Gout"}, "")
	m.AddProblem(ward.RecordProblem{Patient: "folake", Words: "Gout"}, "yesterday")
	m.AddProblem(ward.RecordProblem{Patient: "folake", Words: " "}, "")
	if d.count() != n {
		t.Fatalf("%#v", d.last())
	}
	m.AddProblem(ward.RecordProblem{Patient: "folake", Words: "Gout", Certainty: "confirmed"}, "3-Nov-2026")
	until(func() bool { return !m.State().Busy })
	if c := d.last(); c != (ward.RecordProblem{Patient: "folake", Words: "Gout", Certainty: "confirmed", Onset: "2026-11-03"}) {
		t.Errorf("%#v", c)
	}
}

func TestOnsetIsNoFinerThanWasSaid(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "21-Nov-2026": "2026-11-21", "3-Nov-2026": "2026-11-03", "2026-11-21": "2026-11-21", "Nov-2026": "2026-11", "2026-11": "2026-11", "2019": "2019",
		"23-Nov-2026": "no", "Dec-2026": "no", "2027": "no", "yesterday": "no", "03/04/26": "no", "31-Feb-2026": "no", "12": "no",
	} {
		got, _, ok := chart.Onset(text, now)
		if !ok {
			got = "no"
		}
		if got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}
