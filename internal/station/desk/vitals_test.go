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

func yes() *bool { v := true; return &v }
func no() *bool  { v := false; return &v }

// wholeSet is example 10 of the NEWS2 worked examples: 10 points.
func wholeSet() ward.VitalSet {
	return ward.VitalSet{
		At: noon, Respirations: "24", SpO2: "94", Oxygen: yes(), Systolic: "100", Diastolic: "60", Pulse: "111", Consciousness: "a", Temperature: "38.1",
	}
}

// A set becomes one Observation a sign, joined, in one commit.
func TestASetAsItIsStored(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	set := wholeSet()
	set.Pain, set.Urine = "3", "250"
	done := r.do(ward.RecordVitals{Patient: folake, Set: set})
	muts, err := r.cache.Unsent(0, 100)
	ok(t, err)
	if len(muts) != 9 || len(done.Made) != 9 {
		t.Fatalf("%d mutations, %d made", len(muts), len(done.Made))
	}
	got := map[string]string{}
	sets := map[string]bool{}
	for _, m := range muts {
		o, err := fhir.View[fhir.Observation](m.Ops[0].Value)
		ok(t, err)
		sets[fhir.ExtString(o.Extension, fhir.ExtSet)] = true
		if !o.Category[0].Has(fhir.SystemObservationCat, "vital-signs") || o.EffectiveDateTime != "2026-11-22T12:00:00.000Z" || o.Status != "final" || o.Subject.Reference != "Patient/p07" {
			t.Errorf("%s", m.Ops[0].Value)
		}
		v := ""
		if q := o.ValueQuantity; q != nil {
			v = string(*q.Value) + " " + q.Code
		}
		if o.ValueCodeableConcept != nil {
			v = o.ValueCodeableConcept.Coding[0].Code
		}
		for _, c := range o.Component {
			v += c.Code.Coding[0].Code + "=" + string(*c.ValueQuantity.Value) + " " + c.ValueQuantity.Code + ";"
		}
		got[o.Code.Coding[0].Code] = v
	}
	want := map[string]string{
		"9279-1": "24 /min", "2708-6": "94 %", "85354-9": "8480-6=100 mm[Hg];8462-4=60 mm[Hg];", "8867-4": "111 /min", "8310-5": "38.1 Cel",
		"pain": "3 {score}", "oxygen": "oxygen", "consciousness": "A", "urine": "250 mL",
	}
	if a, b := show(got), show(want); a != b || len(sets) != 1 {
		t.Errorf("stored %s\nwant %s\nsets %v", a, b, sets)
	}
	back := r.chart(folake).Vitals
	if len(back) != 1 {
		t.Fatalf("%d sets", len(back))
	}
	v := back[0]
	v.Early = ward.Early{}
	set.Consciousness, set.By, set.Recorded, set.Unsent = "A", grace.Name, noon, true
	if a, b := show(v), show(set); a != b {
		t.Errorf("comes back as %s\nwas %s", a, b)
	}
	r.drain()
	if v := r.chart(folake).Vitals[0]; v.Unsent || v.Temperature != "38.1" {
		t.Errorf("after receipt: %s", show(v))
	}
}

// Slips of the hand are refused or asked about; nothing of them is stored.
func TestSlipsOfTheHand(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	for _, c := range []struct {
		change func(*ward.VitalSet)
		want   string
	}{
		{func(s *ward.VitalSet) { s.Pulse = "950" }, "Pulse 950 is not possible. Nothing was saved. Type it again."},
		{func(s *ward.VitalSet) { s.SpO2 = "101" }, "SpO2 101 is not possible"},
		{func(s *ward.VitalSet) { s.Temperature = "381" }, "Temperature 381 is not possible"},
		{func(s *ward.VitalSet) { s.Temperature = "38,1" }, "type a number such as 37.2"},
		{func(s *ward.VitalSet) { s.Pulse = "1e2" }, "type a number"},
		{func(s *ward.VitalSet) { s.Pulse = "-5" }, "type a number"},
		{func(s *ward.VitalSet) { s.Respirations = "16.5" }, "whole number"},
		{func(s *ward.VitalSet) { s.Pulse, s.SpO2, s.Respirations = "950", "101", "16.5" }, "Respirations is a whole number. SpO2 101 is not possible. Pulse 950 is not possible. Nothing was saved. Type them again."},
		{func(s *ward.VitalSet) { s.Systolic = "" }, "needs the systolic"},
		{func(s *ward.VitalSet) { s.Consciousness = "X" }, "one of A, C, V, P, U"},
		{func(s *ward.VitalSet) { s.At = noon.Add(time.Hour) }, "in the future"},
		{func(s *ward.VitalSet) { s.At = noon.Add(-8 * 24 * time.Hour) }, "7 days"},
		{func(s *ward.VitalSet) { *s = ward.VitalSet{At: noon} }, "Nothing was measured"},
	} {
		set := wholeSet()
		c.change(&set)
		r.refused(fault.Invalid, c.want, ward.RecordVitals{Patient: folake, Set: set, Confirmed: true})
	}
}

func TestImprobableValuesAreAskedAbout(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	first := wholeSet()
	first.Pulse = "88"
	r.do(ward.RecordVitals{Patient: folake, Set: first})
	r.later(90 * time.Minute)
	set := wholeSet()
	set.At, set.Pulse = r.clock(), "195"
	done, err := r.desk.Do(bg, ward.RecordVitals{Patient: folake, Set: set})
	ok(t, err)
	if len(done.Ask) != 1 || done.Ask[0] != "Pulse 195: was 88 at 12:00. Keep it or change it?" || len(done.Made) != 0 {
		t.Fatalf("ask: %q", done.Ask)
	}
	if n := len(r.chart(folake).Vitals); n != 1 {
		t.Errorf("asked, and stored %d sets", n)
	}
	r.do(ward.RecordVitals{Patient: folake, Set: set, Confirmed: true})
	r.do(ward.RecordVitals{Patient: folake, Set: set, Confirmed: true}) // pressed twice
	if v := r.chart(folake).Vitals; len(v) != 2 || v[0].Pulse != "195" {
		t.Errorf("sets: %s", show(v))
	}
	over := wholeSet()
	over.At, over.Systolic, over.Diastolic = r.clock(), "100", "110"
	if done, _ := r.desk.Do(bg, ward.RecordVitals{Patient: folake, Set: over}); len(done.Ask) != 1 || done.Ask[0] != "Diastolic pressure 110 is not below systolic 100. Keep them or change them?" {
		t.Errorf("pressures that cannot be told apart: %q", done.Ask)
	}
	set.At = noon.Add(-13 * time.Hour)
	set.Pulse = "80"
	if done, _ := r.desk.Do(bg, ward.RecordVitals{Patient: folake, Set: set}); len(done.Ask) != 1 || !strings.Contains(done.Ask[0], "These were measured 14 h ago") {
		t.Errorf("an old time: %q", done.Ask)
	}
}

// Two people measure the same within seconds, and each has measured something
// else just before: that is four sets. Only the same set by the same hand is one
// that was pressed twice, and it answers with its own name.
func TestTheSameMeasurementByAnotherHandIsAnother(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	pulse := func(value string) ward.RecordVitals {
		return ward.RecordVitals{Patient: folake, Set: ward.VitalSet{At: r.clock(), Pulse: value}, Confirmed: true}
	}
	theirs := func(id, value string) {
		r.batch([]record.Change{r.accept(obj{
			"resourceType": "Observation", "id": id, "status": "final", "subject": ref(fhir.TypePatient, "p07"), "code": coded(fhir.SystemLOINC, "8867-4", "Pulse"),
			"category": []any{coded(fhir.SystemObservationCat, "vital-signs", "")}, "effectiveDateTime": r.clock().Format(time.RFC3339),
			"extension":     []any{obj{"url": fhir.ExtSet, "valueString": "set-" + id}},
			"valueQuantity": obj{"value": json.Number(value), "code": "/min"},
		}, record.Author{User: "s.patel", Station: "sother", Name: "Sunil Patel, doctor"})}, nil)
	}
	first := r.do(pulse("62"))
	theirs("v1", "62")
	theirs("v2", "66")
	r.settle()
	second := r.do(pulse("66"))
	if again := r.do(pulse("66")); len(second.Made) != 1 || len(again.Made) != 1 || again.Made[0] != second.Made[0] || first.Made[0] == second.Made[0] {
		t.Errorf("made %v, then %v, and pressed twice %v", first.Made, second.Made, again.Made)
	}
	if n := len(r.chart(folake).Vitals); n != 4 {
		t.Errorf("%d sets, 4 were measured: %s", n, show(r.chart(folake).Vitals))
	}
}

// What monitors send, without a set of its own, becomes sets of 15 minutes;
// the same sign twice begins a new one, and a comparator is no value.
func TestSignsFromMonitorsBecomeSets(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	sign := func(id, code, value, unit string, at time.Time) obj {
		return obj{
			"resourceType": "Observation", "id": id, "status": "final", "subject": ref(fhir.TypePatient, "p07"), "code": coded(fhir.SystemLOINC, code, ""),
			"category": []any{coded(fhir.SystemObservationCat, "vital-signs", "")}, "effectiveDateTime": at.Format(time.RFC3339),
			"valueQuantity": obj{"value": json.Number(value), "code": unit},
		}
	}
	fahrenheit := sign("v4", "8310-5", "100.4", "[degF]", noon.Add(-time.Minute))
	less := sign("v5", "59408-5", "90", "%", noon.Add(-time.Minute))
	less["valueQuantity"].(obj)["comparator"] = "<"
	wrong := sign("v6", "9279-1", "40", "/min", noon.Add(-2*time.Minute))
	wrong["status"] = "entered-in-error"
	r.send(sign("v1", "8867-4", "80", "/min", noon.Add(-40*time.Minute)), sign("v2", "9279-1", "16", "/min", noon.Add(-30*time.Minute)),
		sign("v3", "8867-4", "90", "/min", noon.Add(-20*time.Minute)), sign("v7", "9279-1", "18", "/min", noon.Add(-4*time.Minute)), fahrenheit, less, wrong)
	v := r.chart(folake).Vitals
	if len(v) != 4 || v[3].Pulse != "80" || v[3].Respirations != "16" || v[2].Pulse != "90" || v[2].Respirations != "" || v[1].Respirations != "18" || !v[0].Error || v[0].Respirations != "40" {
		t.Fatalf("sets: %s", show(v))
	}
	for _, s := range v {
		if s.Temperature != "" || s.SpO2 != "" {
			t.Errorf("a unit or a comparator was passed over: %s", show(s))
		}
	}
}

func TestNobodyWithoutAPatient(t *testing.T) {
	r := newRoom(t)
	r.refused(fault.NotFound, "not on this computer", ward.RecordVitals{Patient: "p99", Set: wholeSet()})
}

// The worked example scores 10; the row, the chart and the entry page agree;
// what is missing makes it "at least".
func TestTheScoreOfASet(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	if e := r.row(folake).Early; e.Known {
		t.Errorf("a score of nothing: %s", show(e))
	}
	calm := ward.VitalSet{At: noon, Respirations: "16", SpO2: "98", Oxygen: no(), Systolic: "120", Pulse: "72", Consciousness: "A", Temperature: "36.8"}
	r.do(ward.RecordVitals{Patient: folake, Set: calm})
	if e := r.row(folake).Early; !e.Known || e.Total != 0 || e.Risk != ward.RiskLow || !e.Due.Equal(noon.Add(12*time.Hour)) || e.Scale != 1 || e.HasFrom {
		t.Errorf("calm: %s", show(e))
	}
	r.later(time.Hour)
	set := wholeSet()
	set.At = r.clock()
	live, err := r.desk.Score(bg, folake, set)
	ok(t, err)
	r.do(ward.RecordVitals{Patient: folake, Set: set})
	e := r.row(folake).Early
	if e.Total != 10 || e.Risk != ward.RiskHigh || !e.Continuous || e.From != 0 || !e.HasFrom || !e.FromAt.Equal(noon) || !e.Oxygen || !e.Unsent || len(e.Trend) != 2 || e.Trend[0] != 0 {
		t.Errorf("worse: %s", show(e))
	}
	if live.Total != 10 || live.From != 0 || !live.HasFrom || r.chart(folake).Early.Total != 10 {
		t.Errorf("live: %s", show(live))
	}
	part := ward.VitalSet{At: r.clock(), Respirations: "25", Oxygen: no()}
	e, err = r.desk.Score(bg, folake, part)
	ok(t, err)
	if !e.AtLeast || e.Total != 3 || len(e.Missing) != 5 || e.Risk != ward.RiskHigh || e.Last != 10 {
		t.Errorf("incomplete: %s", show(e))
	}
}

// Nobody under 16, and nobody of unknown age, gets an adult's score.
func TestNoScoreForChildren(t *testing.T) {
	r := newRoom(t)
	p := admitted("p07", "Adeyemi", "Folake", "07")
	p[0]["birthDate"] = "2012-03-14"
	r.send(p...)
	r.do(ward.RecordVitals{Patient: folake, Set: wholeSet()})
	if e := r.row(folake).Early; e.Known || !strings.Contains(e.Refused, "under 16") {
		t.Errorf("a child: %s", show(e))
	}
	p[0]["birthDate"] = "1954"
	r.send(p[0])
	if e := r.row(folake).Early; e.Known || !strings.Contains(e.Refused, "age not known") {
		t.Errorf("age not known: %s", show(e))
	}
}

// Scale 2 only from when somebody chose it, with a reason; old sets keep theirs.
func TestScaleTwoIsChosen(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	set := wholeSet()
	set.SpO2 = "90"
	r.do(ward.RecordVitals{Patient: folake, Set: set})
	if e := r.row(folake).Early; e.Scale != 1 || e.Total != 12 {
		t.Errorf("before: %s", show(e))
	}
	r.later(time.Hour)
	flag := obj{
		"resourceType": "Flag", "id": "f1", "status": "active", "subject": ref(fhir.TypePatient, "p07"), "code": obj{"text": "Target 88-92 %: hypercapnic failure"},
		"extension": []any{obj{"url": fhir.ExtScale, "valueInteger": 2}},
	}
	r.batch([]record.Change{r.accept(flag, record.Author{User: "d.r", Name: "Dr Osei"})}, nil)
	r.later(time.Hour)
	if e := r.row(folake).Early; e.Scale != 1 || e.Total != 12 {
		t.Errorf("the old set changed its scale: %s", show(e))
	}
	set.At = r.clock()
	r.do(ward.RecordVitals{Patient: folake, Set: set})
	if e := r.row(folake).Early; e.Scale != 2 || e.Total != 9 {
		t.Errorf("after: %s", show(e))
	}
	old := obj{
		"resourceType": "Observation", "id": "o1", "status": "final", "subject": ref(fhir.TypePatient, "p07"), "code": coded(fhir.SystemLOINC, "2708-6", ""),
		"category": []any{coded(fhir.SystemObservationCat, "vital-signs", "")}, "effectiveDateTime": r.clock().Add(time.Minute).Format(time.RFC3339),
		"valueQuantity": obj{"value": 90, "code": "%"}, "extension": []any{obj{"url": fhir.ExtScale, "valueInteger": 1}, obj{"url": fhir.ExtSet, "valueString": "elsewhere"}},
	}
	r.later(time.Minute)
	r.send(old) // written elsewhere, where the choice was not known yet
	if e := r.row(folake).Early; e.Scale != 1 || e.Total != 3 {
		t.Errorf("scored elsewhere on scale 1: %s", show(e))
	}
	old["status"] = "entered-in-error"
	r.send(old)
	flag["status"] = "inactive"
	r.send(flag)
	if e := r.row(folake).Early; e.Scale != 2 || e.Total != 9 {
		t.Errorf("the choice ended, and an old set changed: %s", show(e))
	}
}

// "At least 3" after a full 5 is no improvement (RCP NEWS2 2017: a score needs
// its whole set): the band, the response and the place on the board stay until a
// complete set says otherwise, and the words name the last complete score.
func TestAnIncompleteSetNeverLooksBetter(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	five := ward.VitalSet{At: noon, Respirations: "21", SpO2: "95", Oxygen: no(), Systolic: "105", Diastolic: "60", Pulse: "95", Consciousness: "A", Temperature: "37.0"}
	r.do(ward.RecordVitals{Patient: folake, Set: five})
	r.later(time.Hour)
	three := ward.VitalSet{At: noon.Add(time.Hour), Respirations: "21", SpO2: "95", Oxygen: no()}
	r.do(ward.RecordVitals{Patient: folake, Set: three})
	e := r.row(folake).Early
	if e.Total != 3 || !e.AtLeast || !e.HasLast || e.Last != 5 || !e.LastAt.Equal(noon) {
		t.Fatalf("%+v", e)
	}
	if e.Risk != ward.RiskMedium || !strings.Contains(e.Response, "Urgent threshold") || !e.Due.Equal(noon.Add(time.Hour)) {
		t.Errorf("the band went down by what was not measured: %s, %s, due %v", e.Risk, e.Response, e.Due)
	}
	if n := len(e.Trend); n != 1 || e.Trend[0] != 5 {
		t.Errorf("the line falls: %v", e.Trend)
	}
	if got := e.Incomplete(r.clock()); got != "incomplete, at least 3; last complete 5 at 12:00" {
		t.Error(got)
	}
	if live, err := r.desk.Score(t.Context(), folake, ward.VitalSet{Respirations: "21"}); err != nil || live.Total != 2 || live.Last != 5 || !live.HasLast {
		t.Errorf("while typing: %+v %v", live, err)
	}
	// A minimum that is higher than the last complete score is worse at once.
	r.later(time.Minute)
	r.do(ward.RecordVitals{Patient: folake, Set: ward.VitalSet{At: r.clock(), Respirations: "26", SpO2: "90", Oxygen: yes()}})
	if e := r.row(folake).Early; e.Risk != ward.RiskHigh || e.Total <= 5 || e.Trend[len(e.Trend)-1] != e.Total || e.From != 5 {
		t.Errorf("a rise is hidden: %+v", e)
	}
	// Only a complete set brings it down.
	r.later(time.Hour)
	calm := wholeSet()
	calm.At, calm.Respirations, calm.SpO2, calm.Oxygen, calm.Systolic, calm.Pulse, calm.Temperature = r.clock(), "16", "98", no(), "120", "72", "36.8"
	r.do(ward.RecordVitals{Patient: folake, Set: calm})
	if e := r.row(folake).Early; e.Risk != ward.RiskLow || e.HasLast || e.From != 5 || e.Incomplete(r.clock()) != "" {
		t.Errorf("%+v", e)
	}
}

// An 8, and then a set with nothing but respirations: whoever takes over, looks
// at the board or begins to type still meets the 8, with its time, its response
// and its watch.
func TestRespirationsAloneDoNotHideAnEight(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	eight := ward.VitalSet{At: noon, Respirations: "25", SpO2: "93", Oxygen: no(), Systolic: "95", Diastolic: "60", Pulse: "95", Consciousness: "A", Temperature: "37.0"}
	r.do(ward.RecordVitals{Patient: folake, Set: eight})
	before := r.row(folake).Early
	if before.Total != 8 || r.folakesSheet().Severity != ward.Unstable {
		t.Fatalf("%+v, %q", before, r.folakesSheet().Severity)
	}
	r.later(10 * time.Minute)
	alone := ward.VitalSet{At: r.clock(), Respirations: "18"}
	stands := func(when string, e ward.Early) {
		t.Helper()
		if e.Total != 0 || !e.AtLeast || e.Last != 8 || !e.LastAt.Equal(noon) {
			t.Errorf("%s: %+v", when, e)
		}
		if e.Risk != ward.RiskHigh || e.Response != before.Response || !e.Continuous || e.Due.After(before.Due) {
			t.Errorf("%s it looks better: %s, %q, due %v", when, e.Risk, e.Response, e.Due)
		}
	}
	live, err := r.desk.Score(t.Context(), folake, alone)
	ok(t, err)
	stands("while it is typed", live)
	r.do(ward.RecordVitals{Patient: folake, Set: alone})
	row := r.row(folake)
	stands("on the board", row.Early)
	if u := ward.UrgencyOf(&row); u != 3 {
		t.Errorf("the row's urgency is %d", u)
	}
	s := r.folakesSheet()
	if want := "NEWS2 8 at 12:00; since then incomplete, at least 0 at 12:10"; s.Severity != ward.Unstable || s.Why != want {
		t.Errorf("the handover says %q: %q, want %q", s.Severity, s.Why, want)
	}
}

func (r *room) folakesSheet() ward.Sheet {
	r.t.Helper()
	for _, s := range r.handover().Sheets {
		if s.Who.ID == folake {
			return s
		}
	}
	r.t.Fatal("no sheet of hers")
	return ward.Sheet{}
}
