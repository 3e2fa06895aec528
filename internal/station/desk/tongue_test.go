package desk_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/desk"
	"wardlight/internal/words"
)

// speak speaks a language until the test ends; nil is English.
func speak(t *testing.T, table *words.Table) {
	t.Helper()
	before := words.In()
	t.Cleanup(func() { words.Use(before) })
	words.Use(table)
}

// strange is a language in which everything that is said is seen to be.
func strange() *words.Table {
	return &words.Table{Tag: "strange", Else: func(_, english string) string { return "«" + english + "»" }}
}

// What is kept reads alike for everybody: whoever works in another language writes the
// same record and the same audit trail, in English.
func TestWhatIsKeptIsEnglish(t *testing.T) {
	speak(t, strange())
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", string(folake), "6.8", "final", "HH"))
	r.do(ward.AddAllergy{Patient: folake, Substance: "Penicillin", Severity: "severe"})
	r.do(ward.RecordVitals{Patient: folake, Set: ward.VitalSet{Respirations: "16", SpO2: "97", Oxygen: fhir.Bool(false), Systolic: "120", Diastolic: "80", Pulse: "72", Consciousness: "A", Temperature: "36.8", Pain: "2", Urine: "200 mL"}})
	r.do(ward.WriteNote{Patient: folake, Text: "slept badly"})
	r.do(ward.RecordCall{Patient: folake, Called: "Dr Amara", Situation: "s", ReadBack: "r"})
	r.do(ward.Take{Patient: folake, Result: "k1", Version: 1})
	r.do(ward.Take{Patient: folake, Result: "k1", Version: 1, Kind: alert.AckActing, Words: "gave calcium"})
	_, err := r.desk.Do(bg, ward.MarkShown{OnWall: true, Results: []ward.ShownResult{{Patient: folake, Result: "k1", Version: 1}}})
	ok(t, err)
	task := r.do(ward.AddTask{Patient: folake, Words: "bloods", Role: "charge-nurse"}).Made[0]
	r.do(ward.FinishTask{Patient: folake, Task: task})
	r.do(ward.RecordProblem{Patient: folake, Words: "Pneumonia"})
	p := r.chart(folake).Problems[0]
	r.do(ward.ResolveProblem{Patient: folake, Problem: p.ID, Version: p.Version})
	r.do(ward.ReopenProblem{Patient: folake, Problem: p.ID})
	r.do(ward.WriteHandover{Patient: folake, Part: ward.PartSeverity, Text: string(ward.Unstable)})
	r.do(ward.GiveHandover{To: "Tom Blake, nurse", Patients: []fhir.ID{folake}})
	call := r.do(phonedK(r.clock())).Made[0]
	r.do(ward.WithdrawPhoned{Patient: folake, Result: call})
	r.do(ward.SignOrders{Patient: folake, Items: []ward.OrderItem{crp}})
	again := r.check(crp)
	r.do(ward.SignOrders{Patient: folake, Items: []ward.OrderItem{seen(again[0], "wanted", true)}})
	r.do(ward.WithdrawOrder{Patient: folake, Order: r.chart(folake).Orders[0].ID})
	r.desk.SetSession(amara)
	r.do(ward.SignOrders{Patient: folake, Items: []ward.OrderItem{seen(r.check(amox)[0], "needed", true)}})
	ok(t, r.desk.Open(bg, folake))

	muts, err := r.cache.Unsent(0, 1000)
	ok(t, err)
	if len(muts) < 25 {
		t.Fatalf("only %d entries: the story is broken", len(muts))
	}
	overridden := 0
	for _, m := range muts {
		b, err := json.Marshal(m)
		ok(t, err)
		if strings.Contains(string(b), "«") {
			t.Errorf("kept in another language: %s", b)
		}
		for _, op := range m.Ops {
			b = append(b, op.Value...)
		}
		if strings.Contains(string(b), "«") {
			t.Errorf("kept in another language: %s", b)
		}
		if strings.Contains(string(b), "and is still open") || strings.Contains(string(b), fhir.ExtOverride) {
			overridden++
		}
	}
	if overridden < 2 {
		t.Errorf("%d orders say what they were placed in spite of", overridden)
	}
	for _, e := range r.looks() {
		b, err := e.JSON()
		ok(t, err)
		if strings.Contains(string(b), "«") {
			t.Errorf("on record in another language: %s", b)
		}
	}
}

// A refusal is logged in English and said in the language of whoever is refused; so is
// what is asked before something is done in spite of it.
func TestARefusalIsSaid(t *testing.T) {
	speak(t, strange())
	r := newRoom(t)
	r.admitFolake()
	said := func(cmd ward.Command) string {
		t.Helper()
		_, err := r.desk.Do(bg, cmd)
		if err == nil || strings.Contains(err.Error(), "«") {
			t.Errorf("%T: logged as %v", cmd, err)
		}
		return words.Say(err)
	}
	for want, cmd := range map[string]ward.Command{
		"«Say what is to be done. Nothing was saved.»":                       ward.AddTask{Patient: folake},
		"«Nobody works here as \"king\". Nothing was saved.»":                ward.AddTask{Patient: folake, Words: "x", Role: "king"},
		"«This cannot be done while the network is out. Nothing was saved.»": nil,
	} {
		if got := said(cmd); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	r.desk.SetSession(cleo)
	if got := said(ward.RecordVitals{Patient: folake, Set: ward.VitalSet{Pulse: "80"}}); got != "«You may not do this here: «a «ward clerk» may not «create» «Observation entries»».»" {
		t.Errorf("%q", got)
	}
	r.desk.SetSession(grace)
	r.do(ward.SignOrders{Patient: folake, Items: []ward.OrderItem{crp}})
	done, err := r.desk.Do(bg, ward.SignOrders{Patient: folake, Items: []ward.OrderItem{crp}})
	ok(t, err)
	if len(done.Ask) != 1 || !strings.HasPrefix(done.Ask[0], "««C-reactive protein was asked for at 12:00 by Grace Mensah, nurse and is still open»") {
		t.Errorf("%q", done.Ask)
	}
}

// When another language is spoken, what the board keeps of every record is said anew: no
// row is in the language of whoever was there before, also after a start.
func TestTheBoardIsSaidAnew(t *testing.T) {
	speak(t, nil)
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", string(folake), "6.8", "final", ""))
	r.do(ward.AddAllergy{Patient: folake, Substance: "Penicillin"})
	if row := r.row(folake); row.Who.NumberName != "NHS No." {
		t.Fatalf("%+v", row.Who)
	}
	words.Use(strange())
	until := func(what string, there func(ward.Row) bool) {
		t.Helper()
		end := time.Now().Add(10 * time.Second)
		for !there(r.row(folake)) {
			if time.Now().After(end) {
				t.Fatalf("%s: the row says %s", what, show(r.row(folake)))
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	until("another language", func(row ward.Row) bool { return row.Who.NumberName == "«NHS No.»" })
	r.close() // and keeps its briefs, in this language
	words.Use(nil)
	r.open()
	if row := r.row(folake); row.Who.NumberName != "NHS No." {
		t.Errorf("after a start in English: %+v", row.Who)
	}
}

// listening calls somebody before each look at the store.
type listening struct {
	desk.Store
	before func()
}

func (l listening) View(ctx context.Context, fn func(desk.Reader) error) error {
	l.before()
	return l.Store.View(ctx, fn)
}

// Whoever signs in speaks German while the list is still being read, in English, as the
// last ones left it. What somebody took, too, is in German then: the page of alerts has it
// from these rows, and it stayed English until midnight.
func TestALanguageThatIsChosenWhileTheListIsReadIsThatOfTheList(t *testing.T) {
	speak(t, nil)
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", string(folake), "6.8", "final", "HH"))
	r.do(ward.Take{Patient: folake, Result: "k1", Version: 1})
	r.drain() // a row with something unsent is not kept
	said := func(name string) {
		t.Helper()
		end := time.Now().Add(5 * time.Second)
		for {
			row := r.row(folake)
			if row.Who.NumberName == name && row.Critical != nil && strings.HasPrefix(row.Critical.Why[1], name[:2]) == (name[0] != 'N') {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("%s is wanted: %s, critical %s", name, show(row.Who), show(row.Critical))
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	for n := range int32(8) {
		words.Use(nil)
		r.close()
		r.wrap = nil
		r.open()
		said("NHS No.")
		r.close() // the rows are kept in English
		var views atomic.Int32
		r.wrap = func(s desk.Store) desk.Store {
			return listening{s, func() {
				if views.Add(1) == n+1 {
					words.Use(strange())
				}
			}}
		}
		r.open()
		r.row(folake)
		words.Use(strange())
		said("«NHS No.»")
	}
	r.close()
	r.wrap = nil
	r.open()
}

// A card knows which of its facts says the allergies in every language: their four states
// have signs of their own, and those went with the English name once.
func TestTheAllergiesOfACardAreKnownInEveryLanguage(t *testing.T) {
	speak(t, strange())
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", string(folake), "6.8", "final", "HH"))
	var said []string
	for _, f := range r.alerts()[0].Context {
		if f.Kind == ward.FactAllergies {
			said = append(said, f.Label)
		}
	}
	if len(said) != 1 || said[0] != "«Allergies»" {
		t.Errorf("%q", said)
	}
}

// phonedK is a potassium that was phoned.
func phonedK(at time.Time) ward.RecordPhoned {
	return ward.RecordPhoned{Patient: folake, Test: "Potassium", Value: "6.9", Unit: "mmol/L", Lab: "Chemistry", Caller: "Ada", Called: at, ReadBack: true}
}

// What a rule says of a value, and whom its ladder tells, is said in the language in use,
// and anew when another is spoken; values, units and times stand as they are.
func TestWhatARuleSaysIsSaidInTheLanguage(t *testing.T) {
	speak(t, nil)
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", string(folake), "6.8", "final", "HH"))
	for _, c := range []struct {
		table     *words.Table
		why, flag string
		who       string
	}{
		{nil, "limit 6.5 of the program, table default-1 of 30-Nov-2026", "laboratory flag HH", "charge nurse and registrar"},
		{strange(), "«limit 6.5 of the program, table default-1 of 30-«Nov»-2026»", "«laboratory flag HH»", "«charge nurse and registrar»"},
		{nil, "limit 6.5 of the program, table default-1 of 30-Nov-2026", "laboratory flag HH", "charge nurse and registrar"},
	} {
		words.Use(c.table)
		a := r.alerts()[0]
		if why := a.Result.Why; len(why) != 2 || why[0] != c.why || why[1] != c.flag || a.Ladder[1].Who != c.who || a.Result.Value != "6.8" || a.Result.Unit != "mmol/L" {
			t.Errorf("want %q: %s %s", c.why, show(why), show(a.Ladder[1]))
		}
	}
}

// What central wrote about a value that is held back is English and stays so in the record.
// Where the rules here say the very same, it is said in the language in use; an older entry,
// or one of other limits, is recognised by its words; where it is not, it is shown as it is
// stored.
func TestWhyAHeldBackValueIsCriticalIsSaidOrShownAsStored(t *testing.T) {
	speak(t, strange())
	r := newRoom(t)
	r.admitFolake()
	older := heldPotassium("hb2", "p07")
	for _, e := range older["contained"].([]any)[0].(obj)["extension"].([]any) {
		if e := e.(obj); e["url"] == fhir.ExtWhy {
			e["valueString"] = "ward limit 6.2"
		}
	}
	newer := heldPotassium("hb3", "p07")
	for _, e := range newer["contained"].([]any)[0].(obj)["extension"].([]any) {
		if e := e.(obj); e["url"] == fhir.ExtWhy {
			e["valueString"] = "by a rule of 2031"
		}
	}
	r.hold(heldPotassium("hb1", "p07"))
	r.hold(older)
	r.hold(newer)
	said := map[string]string{}
	for _, a := range r.alerts() {
		said[string(a.Result.ID)] = strings.Join(a.Result.Why, ", ")
	}
	if said["hb1"] != "«ward limit 6.5»" && said["hb1"] != "««ward limit 6.5» (age not known)»" || said["hb2"] != "«ward limit 6.2»" || said["hb3"] != "by a rule of 2031" {
		t.Errorf("%q", said)
	}
}
