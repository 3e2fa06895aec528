package desk_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
)

// A potassium of 6.8 comes; somebody takes it; it goes to central; the ward
// sees who has it.
func TestACriticalResultIsTaken(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	if n, held := r.desk.Waiting(); n != 0 || held != 0 {
		t.Errorf("%d and %d wait before anything came", n, held)
	}
	r.send(potassium("k1", "p07", "6.8", "final", "HH"))
	r.desk.Lock()
	if n, held := r.desk.Waiting(); n != 1 || held != 0 {
		t.Errorf("a locked window says %d and %d", n, held)
	}
	r.desk.SetSession(grace)

	list := r.alerts()
	if len(list) != 1 || list[0].Result.Value != "6.8" || list[0].Result.Flag != ward.FlagCriticalHigh || !list[0].Result.Open {
		t.Fatalf("alerts: %s", show(list))
	}
	if list[0].Who.ShowName() != "ADEYEMI, Folake" || list[0].Who.Bed != "07" {
		t.Errorf("who: %s", show(list[0].Who))
	}
	done := r.do(ward.Take{Patient: folake, Result: "k1", Version: 1})

	if len(r.alerts()) != 0 {
		t.Error("it was taken and still alerts")
	}
	row := r.row(folake)
	if row.Critical == nil || row.Critical.Open || len(row.Critical.Owned) != 1 {
		t.Fatalf("row: %s", show(row))
	}
	own := row.Critical.Owned[0]
	if own.By != grace.Name || own.Kind != "taken" || !own.Unsent || own.Task != done.Made[0] || !own.ActBy.Equal(noon.Add(30*time.Minute)) {
		t.Errorf("owned: %s", show(own))
	}
	if row.Unsent != 1 || !row.UnsentAt.Equal(noon) {
		t.Errorf("unsent %d since %v", row.Unsent, row.UnsentAt)
	}
	r.drain()
	own = r.result(folake, "k1").Owned[0]
	if own.Unsent || own.By != grace.Name || r.row(folake).Unsent != 0 {
		t.Errorf("after receipt: %s", show(own))
	}
}

func TestPressedTwiceIsTakenOnce(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", "p07", "6.8", "final", "HH"))
	a := r.do(ward.Take{Patient: folake, Result: "k1", Version: 1})
	b := r.do(ward.Take{Patient: folake, Result: "k1", Version: 1})
	if a.Made[0] != b.Made[0] || r.cache.Count().Unsent != 1 {
		t.Errorf("%v, then %v; %d entries", a, b, r.cache.Count().Unsent)
	}
	// Somebody else's hand is another acknowledgement.
	r.desk.SetSession(tom)
	r.do(ward.Take{Patient: folake, Result: "k1", Version: 1})
	if n := len(r.result(folake, "k1").Owned); n != 2 {
		t.Errorf("%d owners, want both", n)
	}
}

// Whoever takes a result takes the version that they saw, and no other.
func TestAResultThatChangedWhileYouLooked(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", "p07", "6.8", "final", "HH"))
	r.send(potassium("k1", "p07", "4.3", "corrected", ""))
	r.refused(fault.Conflict, "The result changed to 4.3 mmol/L (corrected, 12:00) while you looked", ward.Take{Patient: folake, Result: "k1", Version: 1})
	r.refused(fault.Conflict, "Look again", ward.Take{Patient: folake, Result: "k1", Version: 3})
	r.refused(fault.NotFound, "not on this computer", ward.Take{Patient: folake, Result: "k9", Version: 1})
	r.do(ward.Take{Patient: folake, Result: "k1", Version: 2})
}

func TestTakingNeedsItsWords(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", "p07", "6.8", "final", "HH"))
	take := ward.Take{Patient: folake, Result: "k1", Version: 1}
	for _, c := range []struct {
		kind, words, to, want string
	}{
		{"acting", "", "", "Say what was done"},
		{"handed-to", "", " ", "Say to whom"},
		{"seen", "", "", "taken, acted on or handed"},
		{"acting", strings.Repeat("x", 5000), "", "too long"},
	} {
		take.Kind, take.Words, take.To = c.kind, c.words, c.to
		r.refused(fault.Invalid, c.want, take)
	}
	take.Kind, take.Words, take.To = "handed-to", "", "Dr Lindqvist"
	r.do(take)
	if own := r.result(folake, "k1").Owned[0]; own.To != "Dr Lindqvist" || own.Kind != "handed-to" {
		t.Errorf("%s", show(own))
	}
}

// What changes after somebody acted on it is everybody's business again, with
// old and new side by side; a comment more is not.
func TestACorrectionReopensTheDuty(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", "p07", "7.1", "final", "HH"))
	r.do(ward.Take{Patient: folake, Result: "k1", Version: 1})
	r.drain()

	comment := potassium("k1", "p07", "7.1", "amended", "HH")
	comment["note"] = []any{obj{"text": "not haemolysed"}}
	r.send(comment)
	if x := r.result(folake, "k1"); x.Open || x.Reopened || x.Notes[0] != "not haemolysed" || len(x.Owned) != 1 || x.Owned[0].Earlier {
		t.Errorf("a comment reopened the duty: %s", show(x))
	}
	r.later(time.Hour)
	r.send(potassium("k1", "p07", "4.3", "corrected", ""))
	x := r.result(folake, "k1")
	if !x.Open || !x.Reopened || x.Critical || x.Before == nil || x.Before.Value != "7.1" || !x.Owned[0].Earlier {
		t.Fatalf("corrected: %s", show(x))
	}
	row := r.row(folake)
	if row.Corrected == nil || row.Corrected.Before == nil || row.Critical != nil {
		t.Errorf("row: %s", show(row))
	}
	if list := r.alerts(); len(list) != 1 || list[0].Result.Value != "4.3" {
		t.Errorf("alerts: %s", show(list))
	}
	r.do(ward.Take{Patient: folake, Result: "k1", Version: 3})
	if x := r.result(folake, "k1"); x.Open || len(r.alerts()) != 0 || r.row(folake).Corrected != nil {
		t.Errorf("taken again: %s", show(x))
	}
}

func TestAWithdrawnResultTellsWhoActedOnIt(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", "p07", "7.1", "final", "HH"), potassium("k2", "p07", "7.2", "final", "HH"))
	r.do(ward.Take{Patient: folake, Result: "k1", Version: 1})
	r.send(potassium("k1", "p07", "7.1", "entered-in-error", "HH"), potassium("k2", "p07", "7.2", "entered-in-error", "HH"))
	acted, not := r.result(folake, "k1"), r.result(folake, "k2")
	if !acted.Open || acted.Status != "withdrawn" || acted.Critical || acted.Flag != "" {
		t.Errorf("acted on: %s", show(acted))
	}
	if not.Open || not.Critical {
		t.Errorf("nobody had it: %s", show(not))
	}
	if row := r.row(folake); row.Criticals != 0 || row.New != 0 {
		t.Errorf("row counts withdrawn results: %s", show(row))
	}
}

func TestUndoIsAnAppendedWithdrawal(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", "p07", "6.8", "final", "HH"))
	done := r.do(ward.Take{Patient: folake, Result: "k1", Version: 1})
	r.do(ward.Withdraw{Patient: folake, Task: done.Made[0]})
	x := r.result(folake, "k1")
	if !x.Open || len(x.Owned) != 1 || !x.Owned[0].Withdrawn || len(r.alerts()) != 1 {
		t.Fatalf("after undo: %s", show(x))
	}
	again := r.do(ward.Withdraw{Patient: folake, Task: done.Made[0]})
	if len(again.Made) != 0 || r.cache.Count().Unsent != 2 {
		t.Error("undone twice wrote twice")
	}
	done = r.do(ward.Take{Patient: folake, Result: "k1", Version: 1})
	if x := r.result(folake, "k1"); x.Open || len(x.Owned) != 2 {
		t.Errorf("taken again: %s", show(x))
	}
	r.desk.SetSession(tom)
	r.refused(fault.Invalid, "Say why", ward.Withdraw{Patient: folake, Task: done.Made[0]})
	r.refused(fault.NotFound, "nothing to take back", ward.Withdraw{Patient: folake, Task: "t9"})
	r.do(ward.Withdraw{Patient: folake, Task: done.Made[0], Reason: "Grace was called away"})
	if len(r.alerts()) != 1 {
		t.Error("taken back by a colleague, and nobody is told")
	}
}

// The computer says what it drew: once for each critical version, and nothing
// of what is not critical.
func TestShownIsSaidOnce(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", "p07", "6.8", "final", "HH"), potassium("k2", "p07", "4.1", "final", ""))
	shown := ward.MarkShown{Results: []ward.ShownResult{
		{Patient: folake, Result: "k1", Version: 1}, {Patient: folake, Result: "k1", Version: 1}, {Patient: folake, Result: "k2", Version: 1},
	}}
	r.desk.EndSession() // the wall display: nobody is signed in
	first := r.do(shown)
	if len(first.Made) != 1 {
		t.Fatalf("made %v", first.Made)
	}
	if again := r.do(shown); len(again.Made) != 0 {
		t.Errorf("said again: %v", again.Made)
	}
	r.drain()
	if again := r.do(shown); len(again.Made) != 0 {
		t.Errorf("said again after receipt: %v", again.Made)
	}
	r.send(potassium("k1", "p07", "7.0", "corrected", "HH"))
	shown.Results[0].Version = 2
	if again := r.do(shown); len(again.Made) != 1 {
		t.Errorf("a new version: %v", again.Made)
	}
	r.desk.SetSession(grace)
	if x := r.result(folake, "k1"); !x.Open {
		t.Error("shown is not taken")
	}
}

// A result is shown as it was sent.
func TestAResultAsItWasSent(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	low := potassium("k2", "p07", "2.60", "preliminary", "L")
	low["valueQuantity"].(obj)["comparator"] = "<"
	low["effectiveDateTime"] = "2026-11-20"
	low["extension"] = []any{obj{"url": fhir.ExtFlag, "valueCode": "not-verified"}}
	text := potassium("k3", "p07", "1", "final", "")
	delete(text, "valueQuantity")
	text["valueString"] = "see comment 4.2"
	gone := potassium("k4", "p07", "1", "cancelled", "")
	delete(gone, "valueQuantity")
	gone["dataAbsentReason"] = obj{"coding": []any{obj{"system": fhir.SystemDataAbsent, "code": "not-performed"}}}
	gone["note"] = []any{obj{"text": "haemolysed"}}
	waits := potassium("k5", "p07", "1", "registered", "")
	delete(waits, "valueQuantity")
	report := obj{
		"resourceType": "DiagnosticReport", "id": "d1", "status": "final", "code": obj{"text": "Urea and electrolytes"},
		"subject": ref(fhir.TypePatient, "p07"), "result": []any{ref(fhir.TypeObservation, "k1")},
	}
	r.send(potassium("k1", "p07", "5.10", "final", "N"), low, text, gone, waits, report)

	x := r.result(folake, "k1")
	if x.Value != "5.10" || x.Unit != "mmol/L" || x.Range != "3.5-5.3" || x.Flag != "" || x.Status != "final" || x.Panel != "Urea and electrolytes" ||
		x.CollectedText != "22-Nov-2026 11:31" || x.Number != 5.1 || *x.RangeHigh != 5.3 || x.Late != "" {
		t.Errorf("plain: %s", show(x))
	}
	x = r.result(folake, "k2")
	if x.Value != "<2.60" || x.HasNumber || x.Flag != ward.FlagCriticalLow || !x.MayBe || x.Status != "preliminary" || x.CollectedText != "20-Nov-2026" || x.Late != "came at least 36 h after it was collected" || x.Remarks[0] != "not verified" {
		t.Errorf("comparator: %s", show(x))
	}
	if x = r.result(folake, "k3"); x.Value != "see comment 4.2" || !x.Text || x.HasNumber {
		t.Errorf("text: %s", show(x))
	}
	if x = r.result(folake, "k4"); x.Value != "" || x.Absent != "no result: haemolysed" || x.Status != "cancelled" {
		t.Errorf("absent: %s", show(x))
	}
	if x = r.result(folake, "k5"); x.Status != "in laboratory" || !strings.Contains(x.Absent, "in the laboratory") {
		t.Errorf("pending: %s", show(x))
	}
	row := r.row(folake)
	if row.New != 4 || !strings.Contains(row.NewWhat, "Urea and electrolytes") {
		t.Errorf("new: %d %q", row.New, row.NewWhat)
	}
	r.later(25 * time.Hour)
	r.send(potassium("k6", "p07", "4.4", "final", ""))
	if row := r.row(folake); row.New != 1 {
		t.Errorf("a day later: %d new", row.New)
	}
}

// "I take it" holds the ladder for half an hour; without an action the duty
// stands where it would have stood.
func TestTakenAndNothingDone(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", "p07", "6.8", "final", "HH"))
	if l := r.alerts()[0].Ladder; len(l) != 4 || l[0].State != "due" || l[1].State != "next" || !l[1].At.Equal(noon.Add(10*time.Minute)) {
		t.Errorf("ladder: %s", show(l))
	}
	r.do(ward.Take{Patient: folake, Result: "k1", Version: 1})
	r.later(29 * time.Minute)
	r.send(potassium("k2", "p07", "4.0", "final", ""))
	if len(r.alerts()) != 0 {
		t.Error("alerts while somebody has it")
	}
	r.later(2 * time.Minute)
	r.send(potassium("k3", "p07", "4.0", "final", ""))
	list := r.alerts()
	if len(list) != 1 || list[0].Result.ID != "k1" || len(list[0].Result.Owned) != 1 || list[0].Ladder[3].State != "due" {
		t.Fatalf("alerts: %s", show(list))
	}
	r.do(ward.Take{Patient: folake, Result: "k1", Version: 1}) // again by the same hand: another half hour
	if len(r.alerts()) != 0 {
		t.Error("taken again, and alerts")
	}
	r.do(ward.Take{Patient: folake, Result: "k1", Version: 1, Kind: "acting", Words: "calcium given"})
	r.later(2 * time.Hour)
	r.send(potassium("k4", "p07", "4.0", "final", ""))
	if len(r.alerts()) != 0 || r.row(folake).Criticals != 1 {
		t.Errorf("acted on: %s", show(r.row(folake)))
	}
	r.later(12 * time.Hour)
	r.send(potassium("k5", "p07", "4.0", "final", ""))
	if r.row(folake).Criticals != 0 {
		t.Error("acted on a shift ago, and still on the board")
	}
}

// The clock of a critical value runs from when the value came, not from when
// the laboratory added a word to it; another value is another clock.
func TestTheClockRunsFromTheValue(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", "p07", "6.8", "preliminary", "HH"))
	r.later(15 * time.Minute)
	r.send(potassium("k1", "p07", "6.8", "final", "HH"))
	if a := r.alerts()[0]; !a.Since.Equal(noon) || a.Ladder[1].State != "due" || a.Result.Status != "final" {
		t.Errorf("the same value, final: %s", show(a.Ladder))
	}
	r.send(potassium("k1", "p07", "7.4", "corrected", "HH"))
	if a := r.alerts()[0]; !a.Since.Equal(r.clock()) || a.Ladder[1].State != "next" {
		t.Errorf("another value: since %v, %s", a.Since, show(a.Ladder))
	}
}

// The ward's own limit speaks where the laboratory is silent, and says so.
func TestTheWardsLimitAndTheLaboratorysFlag(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", "p07", "6.5", "final", "N"), potassium("k2", "p07", "6.0", "final", "HH"), potassium("k3", "p07", "6.4", "final", "H"))
	for id, want := range map[fhir.ID]string{"k1": "limit 6.5 of the program, table default-1 of 30-Nov-2026", "k2": "laboratory flag HH"} {
		if x := r.result(folake, id); !x.Critical || x.Flag != ward.FlagCriticalHigh || !strings.Contains(strings.Join(x.Why, ", "), want) || *x.CritHigh != 6.5 || *x.CritLow != 2.5 {
			t.Errorf("%s: %s", id, show(x))
		}
	}
	if x := r.result(folake, "k3"); x.Critical || !x.Urgent || x.Flag != ward.FlagHigh || x.Open || strings.Join(x.UrgentBy, "; ") != "limit 6.0 of the program, table default-1 of 30-Nov-2026" || len(x.Why) != 0 {
		t.Errorf("urgent: %s", show(x))
	}
	if x := r.result(folake, "k1"); len(x.UrgentBy) != 0 {
		t.Errorf("critical, and urgent by %q", x.UrgentBy)
	}
}

// What may change the decision stands beside the number.
func TestAnAlertsContext(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	older := potassium("k0", "p07", "5.1", "final", "")
	older["effectiveDateTime"] = "2026-11-21T06:10:00Z"
	gone := potassium("kx", "p07", "9.9", "entered-in-error", "")
	crea := potassium("c1", "p07", "268", "final", "H")
	crea["code"] = coded(fhir.SystemLOINC, "14682-9", "Creatinine")
	crea["valueQuantity"] = obj{"value": 268, "unit": "umol/L", "code": "umol/L", "system": fhir.SystemUCUM}
	r.send(older, gone, crea, potassium("k1", "p07", "6.8", "final", "HH"))
	r.do(penicillin)
	a := r.alerts()[0]
	if len(a.Trend) != 2 || a.Trend[0].ID != "k0" || a.Trend[1].ID != "k1" {
		t.Errorf("trend: %s", show(a.Trend))
	}
	got := ""
	for _, f := range a.Context {
		got += f.Label + ": " + f.Words + "\n"
	}
	want := "Kidney: Creatinine 268 umol/L H, 22-Nov-2026 11:31\nAllergies: Penicillin: anaphylaxis (severe)\nOther new results: Creatinine 268 umol/L H\n"
	if got != want {
		t.Errorf("context:\n%swant\n%s", got, want)
	}
}

// Many hands at once: each sees the one before it, so one person's impatience
// makes one acknowledgement.
func TestManyPressesAtOnce(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", "p07", "6.8", "final", "HH"))
	var work sync.WaitGroup
	for range 8 {
		work.Go(func() {
			if _, err := r.desk.Do(bg, ward.Take{Patient: folake, Result: "k1", Version: 1}); err != nil {
				t.Error(err)
			}
		})
	}
	work.Wait()
	if n := r.cache.Count().Unsent; n != 1 {
		t.Errorf("%d acknowledgements", n)
	}
}

// Central has answered and its batch is still on the way: the entry is shown,
// and is not called unsent.
func TestBetweenReceiptAndBatch(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", "p07", "6.8", "final", "HH"))
	r.do(ward.Take{Patient: folake, Result: "k1", Version: 1})
	muts, err := r.cache.Unsent(0, 10)
	ok(t, err)
	hash, err := muts[0].ContentHash()
	ok(t, err)
	ok(t, r.cache.Receipted(bg, []record.Receipt{{Mutation: muts[0].ID, Content: hash, Position: r.pos + 1, Outcome: record.Applied, Version: 1}}))
	r.settle()
	x := r.result(folake, "k1")
	if len(x.Owned) != 1 || x.Owned[0].Unsent || x.Open || r.row(folake).Unsent != 0 || r.desk.Link().Unsent != 0 {
		t.Errorf("in between: %s", show(x))
	}
}
