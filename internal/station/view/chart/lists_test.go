package chart_test

import (
	"slices"
	"strings"
	"testing"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/chart"
)

// The list of medicines says what it is not, marks what the allergies speak against
// now, and never looks like what was given.
func TestTheListOfMedicinesIsNoDrugChart(t *testing.T) {
	d := newDesk()
	c := ward.Chart{AsOf: now, Orders: []ward.Order{
		{
			ID: "co", Kind: ward.OrderMedicine, Test: "Co-amoxiclav", Dose: "1.2 g intravenously every 8 h", Stat: true, Status: "requested; not on the drug chart yet", Open: true, By: "Dr Sunil Patel", At: at(22, "13:00"), Unsent: true,
			Against: []ward.Warning{{Level: ward.WarnStop, Words: "Penicillin: anaphylaxis is recorded; co-amoxiclav holds amoxicillin"}}, Overrides: []ward.Override{{Words: "Penicillin", Reason: "sepsis, senior agrees", By: "Dr Sunil Patel"}},
		},
		{ID: "k", Kind: ward.OrderTest, Test: "Potassium", Open: true, At: at(22, "12:00")},
		{ID: "pa", Kind: ward.OrderMedicine, Test: "Paracetamol", Status: "stopped", By: "Dr Ines Amara", At: at(21, "09:00"), Withdrawn: "Dr Ines Amara, 09:10 on 21-Nov-2026: not needed any more", Undo: true},
	}}
	m, until := storyOn(t, d, c)
	m.SetTab(chart.Medicines)
	same(t, rows(m), []string{
		"# Requested, not stopped",
		"asked for 22-Nov-2026 13:00 | Co-amoxiclav 1.2 g intravenously every 8 h [AT ONCE] [ALLERGY] [unsent] | Penicillin: anaphylaxis is recorded; co-amoxiclav holds amoxicillin. | Requested; not on the drug chart yet · asked for by Dr Sunil Patel | In spite of: Penicillin. Because sepsis, senior agrees · Dr Sunil Patel",
		"# Stopped or ended",
		"asked for 21-Nov-2026 09:00 | Paracetamol | No dose is written. | Stopped · asked for by Dr Ines Amara | Stopped by Dr Ines Amara, 09:10 on 21-Nov-2026: not needed any more | struck",
	})
	words := strings.Join(m.State().List.Words, "|")
	for _, must := range []string{"1 requested, 1 stopped or ended, as of 14:05", "This is no drug chart", "what the patient takes at home"} {
		if !strings.Contains(words, must) {
			t.Errorf("no %q in %q", must, words)
		}
	}
	for _, w := range append(rows(m), words) {
		for _, never := range []string{"administered", "taken by", "reconciled", "current medication"} {
			if strings.Contains(strings.ToLower(w), never) {
				t.Errorf("%q reads like a drug chart", w)
			}
		}
	}
	m.DoEntry("co", chart.WithdrawRequest)
	until(func() bool { return !m.State().Busy })
	if got := d.last(); got != (ward.WithdrawOrder{Patient: "folake", Order: "co"}) || m.State().Undo == nil {
		t.Errorf("%#v", got)
	}
	m.RequestMedicine()
	if st := m.State(); st.Tab != chart.Orders || st.Sheet.Kind != ward.OrderMedicine {
		t.Errorf("on %s for a %s", st.Tab, st.Sheet.Kind)
	}
	m, _ = listed(t, ward.Chart{AsOf: now}, chart.Medicines)
	if e := m.State().List.Empty; !strings.Contains(e, "Not here: what the patient takes at home") {
		t.Errorf("%q", e)
	}
}

// A patient's tasks are ticked and taken back where they are read; done today says by
// whom and when.
func TestAPatientsTasksAreTickedInTheChart(t *testing.T) {
	d := newDesk()
	c := ward.Chart{AsOf: now, Tasks: []ward.Duty{
		{ID: "k", Words: "Repeat potassium", Status: "open", Role: "nurse", Priority: ward.PriorityUrgent, By: "Dr Sunil Patel", Made: at(22, "13:00"), Due: at(22, "13:40")},
		{ID: "w", Words: "Weigh", Status: "open", By: "Tom Blake", Made: at(22, "12:00"), Unsent: true},
		{ID: "b", Words: "Bladder scan", Status: "done", Owner: "Tom Blake", By: "Grace Mensah", Made: at(22, "12:45"), Ended: at(22, "13:10"), EndedBy: "Tom Blake"},
		{ID: "o", Words: "Order a mattress", Status: "cancelled", By: "Grace Mensah", Made: at(20, "12:45"), Ended: at(21, "13:10"), EndedBy: "Tom Blake"},
	}}
	m, until := storyOn(t, d, c)
	m.SetTab(chart.Tasks)
	same(t, rows(m), []string{
		"# Open",
		"due 13:40 | Repeat potassium [URGENT] [overdue 25 min] | for nurse · from Dr Sunil Patel, 13:00",
		"no time | Weigh [unsent] | for nobody yet · from Tom Blake, 12:00",
		"# Ended today",
		"13:10 | Bladder scan [done] | Done by Tom Blake, 13:10 | for Tom Blake · from Grace Mensah, 12:45",
		"# Earlier",
		"13:10 on 21-Nov-2026 | Order a mattress [not done here] | Cancelled by Tom Blake, 13:10 on 21-Nov-2026 | for nobody yet · from Grace Mensah, 12:45 on 20-Nov-2026",
	})
	if w := m.State().List.Words[0]; w != "2 open, 1 overdue, 1 ended today, as of 14:05" {
		t.Errorf("%q", w)
	}
	m.DoEntry("w", chart.FinishDuty)
	until(func() bool { return !m.State().Busy })
	if got := d.last(); got != (ward.FinishTask{Patient: "folake", Task: "w"}) {
		t.Fatalf("%#v", got)
	}
	if u := m.State().Undo; u == nil || u.Words != "Done: Weigh" {
		t.Fatal("no way back is offered")
	}
	m.TakeBack()
	until(func() bool { return !m.State().Busy })
	if got := d.last(); got != (ward.ReopenTask{Patient: "folake", Task: "w", Reason: "finished by mistake"}) {
		t.Errorf("%#v", got)
	}
	n := d.count()
	m.DoEntry("b", chart.FinishDuty) // it is done
	m.DoEntry("nobody", chart.FinishDuty)
	if d.count() != n {
		t.Errorf("%#v", d.last())
	}
	m.DoEntry("b", chart.ReopenDuty)
	until(func() bool { return !m.State().Busy })
	if got := d.last(); got != (ward.ReopenTask{Patient: "folake", Task: "b", Reason: "finished by mistake"}) {
		t.Errorf("%#v", got)
	}
}

// A document stands once, with all the results that name it, and is opened by one that
// holds; what only withdrawn results name is struck through.
func TestAPatientsDocumentsStandOnce(t *testing.T) {
	pdf := ward.Document{Sum: "aa", Type: "application/pdf", Title: "Microbiology report", Size: 31_400, Have: 31_400, Here: true}
	picture := ward.Document{Sum: "bb", Type: "image/jpeg", Size: 2_400_000, Away: true}
	m, got := listed(t, ward.Chart{AsOf: now, Results: []ward.Result{
		{ID: "gone", Test: "Urine culture", Status: "withdrawn", Collected: at(22, "08:00"), Received: at(22, "13:00"), Documents: []ward.Document{pdf, picture}},
		{ID: "bc", Test: "Blood culture", Status: "preliminary", Collected: at(22, "07:00"), Received: at(22, "12:00"), Documents: []ward.Document{pdf}},
	}}, chart.Documents)
	slices.Sort(got)
	same(t, got, []string{
		"22-Nov-2026 08:00 | Microbiology report | PDF · 31 KB · on this computer | Came with Urine culture (withdrawn), Blood culture (preliminary), received 13:00",
		"22-Nov-2026 08:00 | picture (jpeg) [not on this computer] [its result was withdrawn] | picture (jpeg) · 2.4 MB · not on this computer, and the server cannot be reached now | Came with Urine culture (withdrawn), received 13:00 | struck",
	})
	if r, sum, ok := m.DocumentOf("aa"); r != "bc" || sum != "aa" || !ok {
		t.Errorf("opened by %q, %q", r, sum)
	}
	if _, _, ok := m.DocumentOf("cc"); ok {
		t.Error("a document that is not listed is opened")
	}
	if w := m.State().List.Words; w[0] != "2 documents, 1 on this computer, as of 14:05" {
		t.Errorf("%q", w)
	}
}
