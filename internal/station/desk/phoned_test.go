package desk_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
)

// told is a potassium of 6.8 that Chemistry phoned at half past eleven.
func told() ward.RecordPhoned {
	return ward.RecordPhoned{
		Patient: folake, Test: "Potassium", Value: "6.8", Unit: "mmol/L", Called: noon.Add(-5 * time.Minute), Lab: "Chemistry", Caller: "J. Okoro", ReadBack: true,
	}
}

// The network is out, the laboratory phones, and the nurse writes it down: it is
// critical like any other result, and says that nobody has confirmed it. When the
// laboratory's own comes there is one result, with both sources, and who took it
// has it still.
func TestAPhonedResultFromCallToConfirmation(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	done := r.do(told())
	list := r.alerts()
	if len(list) != 1 || list[0].Result.Value != "6.8" || !list[0].Result.Critical || list[0].Result.Status != "phoned, not yet confirmed" || len(list[0].Ladder) == 0 {
		t.Fatalf("alerts: %s", show(list))
	}
	x := r.result(folake, done.Made[0])
	if len(x.Phoned) != 1 || x.Confirmed() || x.LOINC != "2823-3" {
		t.Fatalf("the result: %s", show(x))
	}
	if p := x.Phoned[0]; p.Lab != "Chemistry" || p.Caller != "J. Okoro" || !p.ReadBack || p.By != grace.Name || !p.Unsent || !p.Called.Equal(noon.Add(-5*time.Minute)) {
		t.Errorf("the call: %s", show(p))
	}
	if row := r.row(folake); row.Critical == nil || row.Criticals != 1 || row.Unsent != 1 {
		t.Errorf("row: %s", show(row))
	}
	r.later(2 * time.Minute)
	r.do(ward.Take{Patient: folake, Result: x.ID, Version: x.Version})
	if len(r.alerts()) != 0 {
		t.Error("taken, and it still alerts")
	}
	r.drain()
	if x := r.result(folake, x.ID); x.Open || x.Owned[0].Earlier {
		t.Errorf("central's version of what was taken before is another one: %s", show(x))
	}

	r.later(10 * time.Minute)
	r.send(potassium("k1", "p07", "6.8", "final", "HH"))
	results := r.chart(folake).Results
	if len(results) != 1 || results[0].ID != "k1" || results[0].Status != "final" || len(results[0].Phoned) != 1 || results[0].Mismatch != "" {
		t.Fatalf("one result, and never two: %s", show(results))
	}
	if x := results[0]; x.Open || x.Reopened || len(x.Owned) != 1 || x.Owned[0].Earlier || x.Phoned[0].Differs {
		t.Errorf("who took the call has the result: %s", show(x))
	}
	if len(r.alerts()) != 0 {
		t.Error("the same result alerts a second time")
	}
}

// The laboratory sends something else than was told: nobody's choice but a
// person's. It is said on the alert, to who wrote it down, and stays as urgent as
// the worse of the two until somebody who saw both has taken it.
func TestTheLaboratorySendsSomethingElse(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.do(told())
	r.drain()
	r.send(potassium("k1", "p07", "5.8", "final", "H"))
	list := r.alerts()
	if len(list) != 1 {
		t.Fatalf("alerts: %s", show(list))
	}
	x := list[0].Result
	if x.ID != "k1" || x.Value != "5.8" || !x.Critical || !x.Open || !x.Reopened {
		t.Errorf("%s", show(x))
	}
	if want := "phoned 6.8 mmol/L (Grace Mensah, nurse), laboratory says 5.8 mmol/L"; x.Mismatch != want || list[0].Context[0].Words != want {
		t.Errorf("mismatch %q, first of the facts %q", x.Mismatch, list[0].Context[0].Words)
	}
	inbox, err := r.desk.Inbox(bg)
	ok(t, err)
	if len(inbox.Items) != 1 || inbox.Items[0].Kind != ward.InboxCorrected || !inbox.Items[0].ToMe {
		t.Errorf("who wrote it down is not told: %s", show(inbox.Items))
	}
	r.desk.SetSession(tom)
	r.do(ward.Take{Patient: folake, Result: "k1", Version: 1, Kind: "acting", Words: "repeat sample 5.8, lab apologised"})
	if x := r.result(folake, "k1"); x.Open || x.Critical || x.Mismatch == "" {
		t.Errorf("settled, and the difference stays on record: %s", show(x))
	}
	if len(r.alerts()) != 0 {
		t.Error("settled, and it still alerts")
	}
}

// What was told rounds to what was sent, and a limit that the site set lies between the
// two: that is a difference, by the limits by which each was judged. A limit that is set
// afterwards makes none of what was one.
func TestACallIsHeldAgainstTheSitesLimit(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.link(true)
	r.desk.SetSession(ruiz)
	r.do(high(0, "5.8"))
	r.drain()
	r.desk.SetSession(grace)
	call := told()
	call.Value = "5.8"
	r.do(call)
	r.judgedBy("k1", "5.76", "limits:1")
	list := r.alerts()
	if len(list) != 1 || list[0].Result.ID != "k1" || !list[0].Result.Critical || !strings.Contains(list[0].Result.Mismatch, "phoned 5.8 mmol/L") {
		t.Fatalf("%s", show(list))
	}

	r = newRoom(t)
	r.admitFolake()
	r.link(true)
	r.do(call)
	r.drain()
	r.judgedBy("k1", "5.76")
	r.desk.SetSession(ruiz)
	r.do(high(0, "5.8"))
	r.drain()
	if x := r.result(folake, "k1"); x.Mismatch != "" || x.Critical || len(x.Phoned) != 1 {
		t.Errorf("%s", show(x))
	}
}

// What was taken before the difference was known is not settled by it.
func TestTakenBeforeTheDifferenceWasKnown(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	done := r.do(told())
	r.do(ward.Take{Patient: folake, Result: done.Made[0], Kind: "acting", Words: "calcium given"})
	r.drain()
	if len(r.alerts()) != 0 {
		t.Fatal("acted on, and it alerts")
	}
	r.send(potassium("k1", "p07", "5.8", "final", "H"))
	list := r.alerts()
	if len(list) != 1 || !list[0].Result.Owned[0].Earlier {
		t.Fatalf("treatment rests on another value, and nobody is told: %s", show(list))
	}
	// A screen that still shows the phoned one may not take the other by it.
	r.refused(fault.Conflict, "The result changed to 5.8 mmol/L", ward.Take{Patient: folake, Result: done.Made[0], Version: 1})
}

// The electronic one was here first, and the call is written down after it.
func TestACallWrittenDownAfterTheResultCame(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", "p07", "6.8", "final", "HH"))
	r.do(ward.Take{Patient: folake, Result: "k1", Version: 1})
	r.later(5 * time.Minute)
	r.do(told())
	if list := r.chart(folake).Results; len(list) != 1 || list[0].Open || len(list[0].Phoned) != 1 {
		t.Errorf("%s", show(list))
	}
	wrong := told()
	wrong.Value, wrong.Caller = "8.6", "P. Novak"
	r.later(time.Minute)
	r.do(wrong)
	if list := r.alerts(); len(list) != 1 || !strings.Contains(list[0].Result.Mismatch, "phoned 8.6 mmol/L") {
		t.Errorf("another value was told, and nobody is asked: %s", show(list))
	}
}

// Two people at two computers that cannot see one another write one call down:
// one result; and where they heard two values, one result that says so.
func TestTwoPeopleWriteOneCallDown(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	done := r.do(told())
	r.drain()
	theirs := r.bodies[fhir.Ref{Type: fhir.TypeObservation, ID: done.Made[0]}]
	second := func(id, value string) record.Change {
		b := strings.ReplaceAll(string(theirs), string(done.Made[0]), id)
		b = strings.Replace(b, `"value":6.8`, `"value":`+value, 1)
		return r.acceptBody([]byte(b), record.Author{User: "t.blake", Name: tom.Name, Station: "sother"}, record.Times{Station: r.clock().UnixMilli(), Central: r.clock().UnixMilli(), Measured: true}, "sother.1", "")
	}
	r.batch([]record.Change{second("sother.1", "6.80")}, nil)
	if list := r.chart(folake).Results; len(list) != 1 || len(list[0].Phoned) != 2 || list[0].Mismatch != "" {
		t.Fatalf("one call, two results: %s", show(list))
	}
	if list := r.alerts(); len(list) != 1 {
		t.Errorf("%d alerts", len(list))
	}
	r.batch([]record.Change{second("sother.2", "8.6")}, nil)
	list := r.alerts()
	if len(list) != 1 || len(list[0].Result.Phoned) != 3 || !strings.Contains(list[0].Result.Mismatch, "do not agree") {
		t.Fatalf("two values of one call: %s", show(list))
	}
	x := list[0].Result
	r.do(ward.Take{Patient: folake, Result: x.ID, Version: x.Version})
	if n := len(r.alerts()); n != 0 {
		t.Errorf("taken with all three in view, and %d alert", n)
	}
	r.send(potassium("k1", "p07", "6.8", "final", "HH"))
	if list := r.chart(folake).Results; len(list) != 1 || len(list[0].Phoned) != 3 {
		t.Errorf("%s", show(list))
	}
}

// Two samples of that time: nothing is chosen, both stand, and both say so.
func TestTwoResultsThatMayHaveBeenPhoned(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.do(told())
	r.drain()
	other := potassium("k2", "p07", "5.9", "final", "H")
	other["effectiveDateTime"] = "2026-11-22T11:05:00+00:00"
	r.send(potassium("k1", "p07", "5.1", "final", ""), other)
	list := r.chart(folake).Results
	if len(list) != 3 {
		t.Fatalf("%s", show(list))
	}
	for _, x := range list {
		if len(x.Remarks) == 0 || !strings.Contains(x.Remarks[len(x.Remarks)-1], "under Reviews") {
			t.Errorf("%s says nothing of the other: %s", x.ID, show(x))
		}
	}
	if n := len(r.alerts()); n != 1 {
		t.Errorf("%d alerts, want the phoned one", n)
	}
}

// Corrections, cancellations and withdrawals keep their meaning.
func TestWhatTheLaboratoryDoesAfterwards(t *testing.T) {
	for name, tt := range map[string]struct {
		send     []map[string]any
		alerts   int
		mismatch string
	}{
		"confirmed, then corrected": {
			[]map[string]any{potassium("k1", "p07", "6.8", "final", "HH"), potassium("k1", "p07", "4.3", "corrected", "")}, 1, "",
		},
		"cancelled": {
			[]map[string]any{cancelled("k1", "haemolysed")}, 1, "phoned 6.8 mmol/L (Grace Mensah, nurse), laboratory says no result: haemolysed",
		},
		"other, then corrected to what was told": {
			[]map[string]any{potassium("k1", "p07", "5.8", "final", ""), potassium("k1", "p07", "6.8", "corrected", "HH")}, 0, "",
		},
		"confirmed, then withdrawn": {
			[]map[string]any{potassium("k1", "p07", "6.8", "final", "HH"), potassium("k1", "p07", "6.8", "entered-in-error", "HH")}, 1, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t)
			r.admitFolake()
			done := r.do(told())
			r.do(ward.Take{Patient: folake, Result: done.Made[0]})
			r.drain()
			for _, b := range tt.send {
				r.later(time.Minute)
				r.send(b)
			}
			list := r.chart(folake).Results
			if len(list) != 1 || list[0].Mismatch != tt.mismatch {
				t.Fatalf("%s", show(list))
			}
			if n := len(r.alerts()); n != tt.alerts {
				t.Errorf("%d alerts, want %d: %s", n, tt.alerts, show(list))
			}
		})
	}
}

func cancelled(id, why string) map[string]any {
	o := potassium(id, "p07", "0", "cancelled", "")
	delete(o, "valueQuantity")
	o["dataAbsentReason"] = obj{"text": why}
	return o
}

// What is missing, or cannot be, is refused in words; what is entered twice
// stands once.
func TestWhatAPhonedResultNeeds(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	for words, edit := range map[string]func(*ward.RecordPhoned){
		"Choose the test":          func(c *ward.RecordPhoned) { c.Test = "Moonlight" },
		"Give the value":           func(c *ward.RecordPhoned) { c.Value = " " },
		"is a number":              func(c *ward.RecordPhoned) { c.Value = "six point eight" },
		"Give the unit":            func(c *ward.RecordPhoned) { c.Unit = "" },
		"is not measured in mg/dL": func(c *ward.RecordPhoned) { c.Unit = "mg/dL" },
		"which laboratory":         func(c *ward.RecordPhoned) { c.Lab = "" },
		"and who":                  func(c *ward.RecordPhoned) { c.Caller = "" },
		"Read the value back":      func(c *ward.RecordPhoned) { c.ReadBack = false },
		"ahead of now":             func(c *ward.RecordPhoned) { c.Called = noon.Add(time.Hour) },
		"more than a week":         func(c *ward.RecordPhoned) { c.Called = noon.Add(-200 * time.Hour) },
		"collected after the call": func(c *ward.RecordPhoned) { c.Collected = noon.Add(time.Hour) },
		"Beside a number stands":   func(c *ward.RecordPhoned) { c.Comparator = "about" },
	} {
		c := told()
		edit(&c)
		r.refused(fault.Invalid, words, c)
	}
	c := told()
	c.ReadBack, c.Why = false, "the line broke"
	first := r.do(c)
	again := r.do(c)
	if first.Made[0] != again.Made[0] || r.cache.Count().Unsent != 1 {
		t.Errorf("entered twice: %v, %v", first, again)
	}
	if p := r.result(folake, first.Made[0]).Phoned[0]; p.ReadBack || p.Why != "the line broke" {
		t.Errorf("%s", show(p))
	}
	g := told()
	g.Test, g.Value, g.Unit = "Glucose", "460", "mg/dL"
	if x := r.result(folake, r.do(g).Made[0]); x.LOINC != "2345-7" || !x.Critical {
		t.Errorf("glucose in mg/dL: %s", show(x))
	}
	culture := told()
	culture.Test, culture.Value, culture.Unit = "Blood culture", "Gram positive cocci in clusters", ""
	if x := r.result(folake, r.do(culture).Made[0]); !x.Text || !x.Critical {
		t.Errorf("a culture: %s", show(x))
	}
}

// A phoned result that was written down by mistake goes, and stays in history.
func TestAPhonedResultWrittenDownByMistake(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	done := r.do(told())
	r.desk.SetSession(tom)
	r.refused(fault.Invalid, "Grace Mensah, nurse wrote it down", ward.WithdrawPhoned{Patient: folake, Result: done.Made[0]})
	r.do(ward.WithdrawPhoned{Patient: folake, Result: done.Made[0], Reason: "it was for bed 8"})
	if list := r.chart(folake).Results; len(list) != 0 || len(r.alerts()) != 0 {
		t.Errorf("%s", show(list))
	}
	r.drain()
	body := r.bodies[fhir.Ref{Type: fhir.TypeObservation, ID: done.Made[0]}]
	var o struct{ Status string }
	ok(t, json.Unmarshal(body, &o))
	if o.Status != "entered-in-error" {
		t.Errorf("central holds %s", body)
	}
	r.refused(fault.NotFound, "not on this computer", ward.WithdrawPhoned{Patient: folake, Result: "k9"})
}

// The form offers what a laboratory measures, and the units in which it is told.
func TestTheTestsOfAPhonedResult(t *testing.T) {
	r := newRoom(t)
	list, err := r.desk.Analytes(bg, "pot")
	ok(t, err)
	if len(list) != 1 || list[0].Name != "Potassium" || list[0].Units[0] != "mmol/L" {
		t.Errorf("%s", show(list))
	}
	all, err := r.desk.Analytes(bg, "")
	ok(t, err)
	names := map[string]bool{}
	for _, a := range all {
		if names[a.Name] {
			t.Errorf("%s is offered twice", a.Name)
		}
		names[a.Name] = true
	}
	for _, want := range []string{"Potassium", "Neutrophils", "Calcium, ionised", "INR", "Blood culture"} {
		if !names[want] {
			t.Errorf("%s is not offered", want)
		}
	}
	r.desk.EndSession()
	if _, err := r.desk.Analytes(bg, "pot"); err == nil {
		t.Errorf("nobody is signed in: %v", err)
	}
}
