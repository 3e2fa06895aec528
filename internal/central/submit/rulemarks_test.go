package submit_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/catalogue"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// gives hands a patient over; answers is what somebody says to that: accepted, or taken
// back.
func (s *station) gives(patient fhir.ID) fhir.Ref {
	r := s.sent(s.write("g.mensah", patient, fhir.Ref{Type: fhir.TypeTask}, put(func(id fhir.ID) any {
		return fhir.Task{ResourceType: fhir.TypeTask, ID: id, Status: "completed", Intent: "order", Code: fhir.TaskCode(fhir.TaskGive), For: to(patient)}
	})))
	return fhir.Ref{Type: fhir.TypeTask, ID: fhir.ID(r.Mutation)}
}

func (s *station) answers(patient fhir.ID, given fhir.Ref, code string) {
	s.sent(s.write("g.mensah", patient, fhir.Ref{Type: fhir.TypeTask}, put(func(id fhir.ID) any {
		f := fhir.To(given)
		return fhir.Task{ResourceType: fhir.TypeTask, ID: id, Status: "completed", Intent: "order", Code: fhir.TaskCode(code), Focus: &f, For: to(patient)}
	})))
}

// asks orders a test; the laboratory link is not there, so it has not left.
func (s *station) asks(patient fhir.ID, test string) fhir.Ref {
	t, _ := catalogue.Default().Test(test)
	r := s.sent(s.write("g.mensah", patient, fhir.Ref{Type: fhir.TypeServiceRequest}, put(func(id fhir.ID) any {
		return map[string]any{"resourceType": "ServiceRequest", "id": string(id), "status": "active", "intent": "order", "subject": to(patient), "code": t.Concept()}
	})))
	return fhir.Ref{Type: fhir.TypeServiceRequest, ID: fhir.ID(r.Mutation)}
}

// observes writes a set of observations down; of seven points with 26 breaths.
func (s *station) observes(patient fhir.ID, breaths string) {
	s.observesAs(patient, breaths, map[string]string{"26": "89", "16": "97"}[breaths])
}

func (s *station) observesAs(patient fhir.ID, breaths, saturation string) {
	at := s.h.now
	set := fhir.Extension{URL: fhir.ExtSet, ValueString: fhir.Str(at.String())}
	category := []fhir.CodeableConcept{{Coding: []fhir.Coding{{System: fhir.SystemObservationCat, Code: fhir.CategoryVitalSigns}}}}
	for code, value := range map[string]string{
		alert.LOINCRespirations: breaths, alert.LOINCSpO2: saturation, alert.LOINCSystolic: "105", alert.LOINCPulse: "72", alert.LOINCTemperature: "36.8",
		string(alert.SignOxygen): "air", string(alert.SignConsciousness): "A",
	} {
		o := fhir.Observation{
			ResourceType: fhir.TypeObservation, Status: "final", Category: category, EffectiveDateTime: at.Format(time.RFC3339), Extension: []fhir.Extension{set}, Subject: to(patient),
			Code: fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemLOINC, Code: code}}},
		}
		switch code {
		case string(alert.SignOxygen):
			o.Code.Coding[0].System = alert.SystemSign
			o.ValueCodeableConcept = &fhir.CodeableConcept{Coding: []fhir.Coding{{System: alert.SystemDelivery, Code: value}}}
		case string(alert.SignConsciousness):
			o.Code.Coding[0].System = alert.SystemSign
			o.ValueCodeableConcept = &fhir.CodeableConcept{Coding: []fhir.Coding{{System: alert.SystemACVPU, Code: value}}}
		default:
			o.ValueQuantity = &fhir.Quantity{Value: fhir.Dec(value)}
		}
		s.sent(s.write("g.mensah", patient, fhir.Ref{Type: fhir.TypeObservation}, put(func(id fhir.ID) any { o.ID = id; return o })))
	}
}

// A small history, counted by hand: what only marks is counted as it stood, with what
// people did afterwards; what was done in time is not there, and nobody is named. A
// central that begins anew counts the same.
func TestCentralCountsWhatOnlyMarks(t *testing.T) {
	h := open(t, nil)
	counts, begun := submit.NewRuleCounts(h.s), h.now
	days := 7
	count := func() map[alert.RuleID]alert.Count {
		t.Helper()
		_, err := counts.Count(h.ctx())
		h.must(err)
		wrote, err := submit.NewRuleCounts(h.s).Count(h.ctx())
		h.must(err)
		if wrote {
			t.Error("a look at the whole counts otherwise than what was followed")
		}
		c, _ := h.current(record.UseOfRules())
		text := fhir.ExtString(view[struct{ Extension []fhir.Extension }](t, c.Body).Extension, fhir.ExtRuleUse)
		if strings.Contains(text, "mensah") || strings.Contains(text, string(kaya.family)) {
			t.Errorf("the count names somebody: %s", text)
		}
		got, err := alert.ParseRuleTally(text)
		h.must(err)
		if !got.Marks {
			t.Error("it does not say that it counted what only marks")
		}
		return got.Days[days]
	}
	is := func(when string, rule alert.RuleID, want alert.Count) {
		t.Helper()
		got := count()[rule]
		got.Acted, got.Overruled = nil, nil
		if got.Fired != want.Fired || got.Patients != want.Patients || got.Done != want.Done || got.Nobody != want.Nobody || got.Taken != want.Taken || got.Climbed != 0 || got.Quiet != 0 {
			t.Errorf("%s, %s: %+v, want %+v", when, rule, got, want)
		}
	}
	a, b := h.admitted(kaya, "4B"), h.stays(odum, "v2", "4B")

	// One urgent value, which somebody took; one that halved, of which nobody said anything;
	// one that is neither.
	h.platelets(kaya, "1", "40", "final", 0)
	h.platelets(odum, "2", "150", "final", 0)
	h.platelets(odum, "3", "60", "final", 2)
	is("as they came", alert.RuleUrgent, alert.Count{Fired: 1, Patients: 1, Nobody: 1})
	is("as they came", alert.RuleChange, alert.Count{Fired: 1, Patients: 1, Nobody: 1})
	h.w4B.takes(a, "1", 1)
	is("taken", alert.RuleUrgent, alert.Count{Fired: 1, Patients: 1, Taken: 1})

	// Three orders that have not left: one that is answered late, one that is withdrawn in
	// time, one that waits. And three handovers: one accepted late, one in time, one taken
	// back.
	h.now = h.now.Add(time.Minute)
	h.w4B.asks(a, "platelets")
	gone := h.w4B.asks(b, "crp")
	h.w4B.asks(b, "ue")
	late, back := h.w4B.gives(a), h.w4B.gives(b)
	h.now = h.now.Add(10 * time.Minute)
	h.w4B.answers(b, back, fhir.TaskWithdraw)
	early := h.w4B.gives(b)
	h.now = h.now.Add(10 * time.Minute)
	h.w4B.answers(b, early, fhir.TaskAccept)
	h.w4B.sent(h.w4B.write("g.mensah", b, gone, set(1, "status", `"revoked"`)))
	is("before its time", alert.RuleHandover, alert.Count{})
	h.now = h.now.Add(15 * time.Minute) // nothing is in the journal: time alone
	is("35 min after it was given", alert.RuleHandover, alert.Count{Fired: 1, Patients: 1, Nobody: 1})
	h.w4B.answers(a, late, fhir.TaskAccept)
	is("accepted", alert.RuleHandover, alert.Count{Fired: 1, Patients: 1, Done: 1})
	is("35 min after it was ordered", alert.RuleLateOrder, alert.Count{})
	h.now = begun.Add(3 * time.Hour)
	is("3 h after it was ordered", alert.RuleLateOrder, alert.Count{Fired: 2, Patients: 2, Nobody: 2})
	h.platelets(kaya, "4", "180", "final", 3)
	is("a result came", alert.RuleLateOrder, alert.Count{Fired: 2, Patients: 2, Done: 1, Nobody: 1})
	is("nothing else", alert.RuleUrgent, alert.Count{Fired: 1, Patients: 1, Taken: 1})

	// A later giving takes the place of the one before.
	h.w4B.gives(a)
	h.now = h.now.Add(10 * time.Minute)
	again := h.w4B.gives(a)
	h.now = h.now.Add(5 * time.Minute)
	h.w4B.answers(a, again, fhir.TaskAccept)
	h.now = h.now.Add(time.Hour)
	is("given again", alert.RuleHandover, alert.Count{Fired: 1, Patients: 1, Done: 1})

	// Who had left by the time had nobody to accept anything.
	h.w4B.gives(b)
	h.now = h.now.Add(5 * time.Minute)
	h.filed(h.adt(odum, "v2", "", h.now))
	h.now = h.now.Add(time.Hour)
	is("left before its time", alert.RuleHandover, alert.Count{Fired: 1, Patients: 1, Done: 1})

	// One set of observations that reaches a threshold, and the next one late.
	c := h.stays(person{"1003", "Cole", "1950-01-01"}, "v3", "4B")
	h.w4B.observes(c, "26")
	is("a threshold", alert.RuleNEWS2, alert.Count{Fired: 1, Patients: 1, Nobody: 1})
	is("not due", alert.RuleOverdue, alert.Count{})
	h.now = h.now.Add(31 * time.Minute)
	is("due", alert.RuleOverdue, alert.Count{Fired: 1, Patients: 1, Nobody: 1})
	h.w4B.observes(c, "16")
	is("done", alert.RuleOverdue, alert.Count{Fired: 1, Patients: 1, Done: 1})
	is("too late", alert.RuleNEWS2, alert.Count{Fired: 1, Patients: 1, Nobody: 1})

	h.now = h.now.AddDate(0, 0, 8)
	is("a week later", alert.RuleUrgent, alert.Count{})
	days = 30
	is("in the month", alert.RuleHandover, alert.Count{Fired: 1, Patients: 1, Done: 1})
	is("in the month", alert.RuleChange, alert.Count{Fired: 1, Patients: 1, Nobody: 1})
}

// A saturation of 89 % is a 3 on scale 1 and nothing on scale 2: central counts a set by
// the scale that a clinician chose before it, as every computer does, and one before that,
// or after it was taken back, by scale 1.
func TestCentralCountsByTheScaleThatWasChosen(t *testing.T) {
	h := open(t, nil)
	c := h.stays(odum, "v2", "4B")
	counts := submit.NewRuleCounts(h.s)
	fired := func() int {
		t.Helper()
		_, err := counts.Count(h.ctx())
		h.must(err)
		cur, _ := h.current(record.UseOfRules())
		got, err := alert.ParseRuleTally(fhir.ExtString(view[struct{ Extension []fhir.Extension }](t, cur.Body).Extension, fhir.ExtRuleUse))
		h.must(err)
		return got.Days[7][alert.RuleNEWS2].Fired
	}
	h.w4B.observesAs(c, "16", "89")
	if n := fired(); n != 1 {
		t.Fatalf("89 %% on scale 1: %d", n)
	}
	h.now = h.now.Add(time.Minute)
	flag := func(status string, scale int64) record.Mutation {
		return h.w4B.write("a.ruiz", c, fhir.Ref{Type: fhir.TypeFlag}, put(func(id fhir.ID) any {
			return map[string]any{
				"resourceType": "Flag", "id": string(id), "status": status, "subject": to(c), "code": map[string]any{"text": "Target 88 to 92 %"},
				"extension": []fhir.Extension{{URL: fhir.ExtScale, ValueInteger: &scale}},
			}
		}))
	}
	h.w4B.sent(flag("inactive", 2))
	h.w4B.sent(flag("active", 1))
	h.now = h.now.Add(time.Minute)
	h.w4B.observesAs(c, "16", "89")
	if n := fired(); n != 2 {
		t.Fatalf("nobody chose scale 2: %d", n)
	}
	h.now = h.now.Add(time.Minute)
	h.w4B.sent(flag("active", 2))
	h.now = h.now.Add(time.Minute)
	h.w4B.observesAs(c, "16", "89")
	if n := fired(); n != 2 {
		t.Errorf("89 %% on scale 2, and two sets before it was chosen: %d", n)
	}
}

// A limit is set, a set of observations comes, and only then the limit: the set goes by it
// all the same, and the count that had read the set follows at once. It reads those of
// whom something came since the limit was set, and nobody else.
func TestTheCountFollowsTheSitesLimits(t *testing.T) {
	h := open(t, nil)
	a := h.stays(odum, "v2", "4B")
	h.admitted(kaya, "4B")
	rests := 0
	counts := submit.NewRuleCounts(h.s)
	counts.Rest = func(context.Context) { rests++ }
	overdue := func() int {
		t.Helper()
		_, err := counts.Count(h.ctx())
		h.must(err)
		if wrote, err := submit.NewRuleCounts(h.s).Count(h.ctx()); err != nil || wrote {
			t.Errorf("a look at the whole counts otherwise than what was followed: %v", err)
		}
		cur, _ := h.current(record.UseOfRules())
		got, err := alert.ParseRuleTally(fhir.ExtString(view[struct{ Extension []fhir.Extension }](t, cur.Body).Extension, fhir.ExtRuleUse))
		h.must(err)
		return got.Days[7][alert.RuleOverdue].Fired
	}
	h.now = h.now.Add(10 * time.Minute)
	limit := h.w4B.setsOf("a.ruiz", string(alert.RuleOverdue), "", alert.EdgeScore0, "min", "240", nil)
	h.now = h.now.Add(time.Minute)
	h.w4B.observesAs(a, "16", "97")
	overdue()
	rests = 0
	h.w4B.sent(limit)
	overdue()
	if rests != 1 {
		t.Errorf("%d patients were read, want the one who was written about since", rests)
	}
	h.now = h.now.Add(5 * time.Hour)
	if n := overdue(); n != 1 {
		t.Errorf("5 h after a set that is due again after 4: %d", n)
	}
}

// Between two patients' records the count rests: it is done beside the ward's work, and
// nothing is read of whom nobody wrote about.
func TestTheCountRestsBetweenPatients(t *testing.T) {
	h := open(t, nil)
	rests := 0
	counts := submit.NewRuleCounts(h.s)
	counts.Rest = func(context.Context) { rests++ }
	h.admitted(kaya, "4B")
	h.stays(odum, "v2", "4B")
	for _, want := range []int{2, 0} {
		rests = 0
		if _, err := counts.Count(h.ctx()); err != nil {
			t.Fatal(err)
		}
		if rests != want {
			t.Errorf("it rested %d times, want %d", rests, want)
		}
	}
	h.platelets(kaya, "1", "40", "final", 0)
	if _, err := counts.Count(h.ctx()); err != nil || rests != 1 {
		t.Errorf("after one more result it rested %d times, %v", rests, err)
	}
}
