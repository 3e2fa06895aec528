package submit_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// inPart is a message with one good line, and results that could not be read.
func (h *hospital) inPart(fillers ...string) record.Filing {
	f := h.oru(kaya, "4B", reading{"1", "4.1", "final", 1, 1})
	p := record.Problem{Reason: "OBX-11 is in no table; ask the laboratory", Owner: "laboratory", Partial: true}
	for _, filler := range fillers {
		p.About = append(p.About, obs(filler))
	}
	f.Problems = []record.Problem{p}
	return f
}

func (h *hospital) row(id string) (row record.Inbound) {
	h.Helper()
	for _, e := range h.entries() {
		for _, r := range e.Inbound {
			if r.ID == id {
				row = r
			}
		}
	}
	return row
}

// The warning about a part that was not filed says whose it is, and is over when
// the laboratory has sent every result of it again; not before.
func TestAWarningEndsWhenEverythingWasSentAgain(t *testing.T) {
	h := open(t, nil)
	h.admitted(kaya, "4B")
	row := h.file(h.inPart("2", "3"))
	task := func() fhir.Task { return view[fhir.Task](t, h.tasks(fhir.TaskHeldBack)[0].Body) }
	if p, ok := fhir.ParamOf(task().Input, fhir.ParamFiled); !ok || *p.ValueString != fhir.FiledInPart {
		t.Error("the warning does not say that the rest is filed")
	}
	if !strings.Contains(task().Description, "for Kaya Test") {
		t.Errorf("whose is it? %q", task().Description)
	}
	h.now = h.now.Add(time.Minute)
	steps := []struct {
		what string
		sent record.Filing
		over bool
	}{
		{"the good line again", h.oru(kaya, "4B", reading{"1", "4.2", "corrected", 2, 2}), false},
		{"one of the two", h.oru(kaya, "4B", reading{"2", "4.2", "final", 3, 3}), false},
		{"the other, unreadable again", h.inPart("3"), false},
		{"the other", h.oru(kaya, "4B", reading{"3", "4.2", "final", 4, 4}), true},
	}
	for _, s := range steps {
		h.file(s.sent)
		if over := task().Status == "completed"; over != s.over {
			t.Fatalf("after %s: %s, %q", s.what, task().Status, task().Description)
		}
	}
	for _, u := range h.undelivered() {
		if u.Ref == h.tasks(fhir.TaskHeldBack)[0].Ref {
			t.Errorf("still undelivered: %+v", u)
		}
	}
	if !strings.HasPrefix(task().Description, "Corrected by message ") || !strings.HasPrefix(h.row(row.ID).Settled, "corrected by message ") {
		t.Errorf("%q; row %+v", task().Description, h.row(row.ID))
	}
}

// A number that came as words warns until it comes as a number.
func TestAValueInWordsIsCorrectedByANumber(t *testing.T) {
	h := open(t, nil)
	h.admitted(kaya, "4B")
	words := func(says string, at int64) record.Filing {
		o := potassium(reading{"1", "6.8", "final", at, at})
		o.ValueQuantity, o.ValueString = nil, fhir.Str(says)
		f := h.oru(kaya, "4B")
		f.Groups[0].Drafts = []record.Draft{draftOf(o, reading{changed: at, sent: at})}
		return f
	}
	h.file(words("6.8 mmol/L", 1))
	status := func() string { return view[fhir.Task](t, h.tasks(fhir.TaskHeldBack)[0].Body).Status }
	if status() != "requested" {
		t.Fatal("it warns nobody")
	}
	h.file(words("6.9 mmol/L", 2))
	if status() != "requested" {
		t.Error("other words ended the warning")
	}
	h.file(h.oru(kaya, "4B", reading{"1", "4.8", "corrected", 3, 3}))
	if status() != "completed" {
		t.Error("a number did not end the warning")
	}
}

// A part about which nobody can say what it holds is settled by a person, with a
// reason, on record.
func TestAPartOfAMessageIsDismissed(t *testing.T) {
	h := open(t, nil)
	h.admitted(kaya, "4B")
	f := h.inPart()
	row := h.file(f)
	h.file(h.oru(kaya, "4B", reading{"1", "4.2", "corrected", 2, 2}, reading{"2", "4.2", "final", 2, 2}))
	c := h.tasks(fhir.TaskHeldBack)[0]
	if view[fhir.Task](t, c.Body).Status != "requested" {
		t.Error("whatever came ended the warning")
	}
	by := record.Author{Sender: "administrator i.admin", Name: "i.admin"}
	if _, err := h.s.Dismiss(h.ctx(), by, row.ID, "  "); err == nil {
		t.Error("dismissed without a reason")
	}
	got, err := h.s.Dismiss(h.ctx(), by, row.ID, "the laboratory will not send it again")
	h.must(err)
	if got.Fate != record.FateFiled || got.Settled != "dismissed by i.admin: the laboratory will not send it again" {
		t.Errorf("row = %+v", got)
	}
	c = h.tasks(fhir.TaskHeldBack)[0]
	if v := view[fhir.Task](t, c.Body); v.Status != "cancelled" || len(c.Tags) != 0 || !strings.HasPrefix(v.Description, "Dismissed by i.admin: the laboratory") {
		t.Errorf("the warning: %s %q", v.Status, v.Description)
	}
	if len(h.undelivered()) != 0 {
		t.Error("it is still called undelivered")
	}
	found := false
	for _, a := range h.audits(submit.DetailInbound, row.ID) {
		found = found || strings.Contains(a, "will not send it again")
	}
	if !found {
		t.Error("the trail does not tell why")
	}
	// It may be replayed all the same, and is then held back as before.
	again, err := h.s.Replay(h.ctx(), record.Author{}, row.ID, f)
	if err != nil || again.Settled != "" || view[fhir.Task](t, h.tasks(fhir.TaskHeldBack)[0].Body).Status != "requested" {
		t.Errorf("replayed: %+v, %v", again, err)
	}
}
