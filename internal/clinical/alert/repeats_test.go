package alert_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/catalogue"
	"wardlight/internal/clinical/fhir"
)

// asked is a request as the ward writes it: by a name of the catalogue.
func asked(name string) fhir.CodeableConcept {
	c := catalogue.Default()
	if t, ok := c.TestOf(fhir.CodeableConcept{Text: name}); ok {
		return t.Concept()
	}
	return fhir.CodeableConcept{Text: name}
}

// ago is a result that was collected so many hours before t0.
func ago(id, in string, hours float64) fhir.Observation {
	o := result(in)
	o.ID, o.EffectiveDateTime = fhir.ID(id), t0.Add(-time.Duration(hours*float64(time.Hour))).Format(time.RFC3339)
	return o
}

func named(id, name string, hours float64) fhir.Observation {
	o := ago(id, "x 1 x", hours)
	o.Code = fhir.CodeableConcept{Text: name}
	return o
}

func ue(hours float64) []fhir.Observation {
	return []fhir.Observation{
		ago("na", "2951-2 140 mmol/L", hours), ago("k", "2823-3 4.1 mmol/L", hours), ago("u", "22664-7 5 mmol/L", hours), ago("cr", "14682-9 80 umol/L", hours),
	}
}

// The retest intervals, each just inside and just outside.
func TestATestTooSoonIsRemarked(t *testing.T) {
	const day = 24.0
	for _, e := range []struct {
		want    string
		results []fhir.Observation
		stat    bool
		who     alert.Subject
		says    bool
	}{
		{"U&E", ue(23.9), false, adult, true},
		{"U&E", ue(24.1), false, adult, false},
		{"U&E", ue(1), true, adult, false},                                                       // at once is at once
		{"U&E", ue(1), false, child, false},                                                      // the windows are for adults
		{"U&E", ue(1), false, ageless, true},                                                     // a warning too many is the safer one
		{"U&E", ue(1)[1:], false, adult, false},                                                  // without a sodium it was no U&E
		{"Potassium", ue(23), false, adult, true},                                                // a panel duplicates what is in it
		{"Potassium", []fhir.Observation{ago("k", "6298-4 4.1 mmol/L", 1)}, false, adult, false}, // whole blood, another specimen
		{"CRP", []fhir.Observation{named("c", "C-reactive protein", 47)}, false, adult, true},
		{"CRP", []fhir.Observation{named("c", "CRP", 49)}, false, adult, false},
		{"ESR", []fhir.Observation{named("e", "ESR", 6*day+23)}, false, adult, true},
		{"PSA", []fhir.Observation{named("e", "PSA", 13*day+1)}, false, adult, false},
		{"Vitamin B12", []fhir.Observation{named("e", "B12", 55*day)}, false, adult, true},
		{"HbA1c", []fhir.Observation{named("e", "HbA1c", 59*day)}, false, adult, true},
		{"Thyroid tests", []fhir.Observation{named("e", "TSH", 27*day)}, false, adult, true},
		{"Autoantibodies", []fhir.Observation{named("e", "ANA", 89*day)}, false, adult, true},
		{"Lactate", []fhir.Observation{ago("l", "2524-7 2.1 mmol/L", 0.2)}, false, adult, false}, // in series
		{"Troponin T", []fhir.Observation{ago("l", "67151-1 14 ng/L", 1)}, false, adult, false},
		{"Blood culture", []fhir.Observation{named("b", "Blood culture", 0.2)}, false, adult, false},
	} {
		got := rules.Repeats(alert.Wanted{Code: asked(e.want), Stat: e.stat, Results: e.results, Who: e.who, Now: t0})
		if (len(got) == 1) != e.says || len(got) == 1 && (got[0].Pending || got[0].From == "" || len(got[0].Results) == 0) {
			t.Errorf("%s: %+v, want a warning: %v", e.want, got, e.says)
		}
	}
}

// "Haemolysed", a withdrawn value and one that was only registered are no
// results: to ask again is right.
func TestAResultWithoutAValueIsNoReasonNotToAskAgain(t *testing.T) {
	for _, spoil := range []func(*fhir.Observation){
		func(o *fhir.Observation) {
			o.ValueQuantity, o.DataAbsentReason = nil, &fhir.CodeableConcept{Text: "haemolysed"}
		},
		func(o *fhir.Observation) { o.Status = "entered-in-error" },
		func(o *fhir.Observation) { o.Status, o.ValueQuantity = "registered", nil },
	} {
		k := ago("k", "2823-3 4.1 mmol/L", 1)
		if got := rules.Repeats(alert.Wanted{Code: asked("Potassium"), Results: []fhir.Observation{k}, Who: adult, Now: t0}); len(got) != 1 {
			t.Fatal("a good result is not seen: the test says nothing")
		}
		spoil(&k)
		if got := rules.Repeats(alert.Wanted{Code: asked("Potassium"), Results: []fhir.Observation{k}, Who: adult, Now: t0}); len(got) != 0 {
			t.Errorf("held against a sample without a value: %+v", got)
		}
	}
}

// A request that waits is always remarked: at any age, asked for at once, of a
// test without a window; until its result has come, whether or not the laboratory
// named the request.
func TestARequestThatWaitsIsAlwaysRemarked(t *testing.T) {
	waits := func(name string) alert.OpenOrder {
		return alert.OpenOrder{Ref: fhir.Ref{Type: fhir.TypeServiceRequest, ID: "o1"}, Code: asked(name), By: "Tom", At: t0.Add(-2 * time.Hour)}
	}
	for _, e := range []struct{ want, waiting string }{
		{"Potassium", "Potassium"}, {"Potassium", "U&E"}, {"U&E", "Potassium"}, {"Lactate", "Lactate"}, {"Urine for Bence Jones", "urine for bence-jones"},
	} {
		for _, who := range []alert.Subject{adult, child} {
			got := rules.Repeats(alert.Wanted{Code: asked(e.want), Stat: true, Orders: []alert.OpenOrder{waits(e.waiting)}, Who: who, Now: t0})
			if len(got) != 1 || !got[0].Pending || got[0].Order.By != "Tom" {
				t.Errorf("%s while %s waits: %+v", e.want, e.waiting, got)
			}
		}
	}
	if got := rules.Repeats(alert.Wanted{Code: asked("CRP"), Orders: []alert.OpenOrder{waits("U&E")}, Who: adult, Now: t0}); len(got) != 0 {
		t.Errorf("another test: %+v", got)
	}
	came := alert.Wanted{Code: asked("Lactate"), Orders: []alert.OpenOrder{waits("Lactate")}, Results: []fhir.Observation{ago("l", "2524-7 2.1 mmol/L", 1)}, Who: adult, Now: t0}
	if got := rules.Repeats(came); len(got) != 0 {
		t.Errorf("its result has come, and it is said to wait: %+v", got)
	}
	if refs := rules.Answer(waits("U&E"), ue(1)); len(refs) != 4 {
		t.Errorf("a U&E is answered by %v", refs)
	}
	if refs := rules.Answer(waits("U&E"), ue(3)); refs != nil {
		t.Errorf("answered by results from before it was asked for: %v", refs)
	}
}

func TestAnOrderWithoutAResultIsLate(t *testing.T) {
	for _, e := range []struct {
		test  string
		stat  bool
		sent  bool
		after time.Duration
		says  string
	}{
		{"U&E", false, true, 8*time.Hour - time.Minute, ""},
		{"U&E", false, true, 8 * time.Hour, "no result after 8 h"},
		{"U&E", true, true, 90 * time.Minute, "no result after 1 h"},
		{"U&E", false, false, 119 * time.Minute, ""},
		{"U&E", false, false, 2 * time.Hour, "not sent for 2 h"},
		{"U&E", true, false, 15 * time.Minute, "not sent for 15 min"},
		{"Blood culture", false, true, 40 * time.Hour, ""},
		{"Blood culture", true, true, 48 * time.Hour, "no result after 48 h"},
		{"Something rare", false, true, 9 * time.Hour, "ask the laboratory"},
	} {
		o := alert.OpenOrder{Code: asked(e.test), Stat: e.stat, Sent: e.sent, At: t0}
		got, late := rules.Late(o, t0.Add(e.after))
		if late != (e.says != "") || !strings.Contains(got.Words.English(), e.says) || late && got.From == "" {
			t.Errorf("%s (stat %v, sent %v) after %v: %+v", e.test, e.stat, e.sent, e.after, got)
		}
		if at := rules.LateAt(o); late != !t0.Add(e.after).Before(at) {
			t.Errorf("%s after %v: LateAt says %v", e.test, e.after, at.Sub(t0))
		}
	}
}

func TestAResultAfterThePatientHasLeft(t *testing.T) {
	left := t0.Add(-time.Hour)
	for _, e := range []struct {
		name string
		ends []time.Time
		says bool
	}{
		{"gone", []time.Time{left.Add(-48 * time.Hour), left}, true},
		{"back again", []time.Time{left, {}}, false},
		{"left later", []time.Time{t0.Add(time.Hour)}, false},
		{"nobody knows where", nil, false},
	} {
		words, at := rules.AfterLeaving(t0, e.ends)
		if (words != "") != e.says || e.says && (!at.Equal(left) || rules.Leaving.From == "") {
			t.Errorf("%s: %q %v", e.name, words, at)
		}
	}
}

// Rules from before there were orders are read with the defaults, never with no
// checks at all; a row that means nothing is refused.
func TestRulesWithoutOrderTablesGetTheDefaults(t *testing.T) {
	old := rules
	old.Catalogue, old.Windows, old.Turnarounds, old.Crosses, old.Leaving = catalogue.Catalogue{}, nil, nil, nil, alert.Leaving{}
	b, err := old.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := alert.ParseRules(b)
	if err != nil || len(got.Windows) == 0 || len(got.Crosses) == 0 || len(got.Turnarounds) == 0 || len(got.Catalogue.Tests) == 0 || got.Leaving.Words == "" {
		t.Errorf("err %v, %d windows, %d crosses", err, len(got.Windows), len(got.Crosses))
	}
	for name, spoil := range map[string]func(*alert.Rules){
		"a window of no test":       func(r *alert.Rules) { r.Windows = []alert.Window{{Test: "nothing", Within: 1, From: "x"}} },
		"a window from nowhere":     func(r *alert.Rules) { r.Windows = []alert.Window{{Test: "ue", Within: 1}} },
		"a turnaround without time": func(r *alert.Rules) { r.Turnarounds = []alert.Turnaround{{From: "x"}} },
		"an allergy from nowhere":   func(r *alert.Rules) { r.Crosses = []alert.Cross{{Recorded: []string{"latex"}}} },
		"nobody's catalogue":        func(r *alert.Rules) { r.Catalogue.ChangedBy = "" },
	} {
		r := alert.Default()
		spoil(&r)
		if r.Check() == nil {
			t.Error("taken: " + name)
		}
	}
	for _, w := range rules.Windows {
		if _, ok := rules.Catalogue.Test(w.Test); !ok {
			t.Error(fmt.Sprint("a window of no test: ", w))
		}
	}
}
