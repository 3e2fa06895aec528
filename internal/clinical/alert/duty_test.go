package alert_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
)

func ack(kind, by string, version uint64, minute int) alert.Ack {
	return alert.Ack{ID: fhir.ID(by + kind), Kind: kind, By: by, Version: version, At: t0.Add(time.Duration(minute) * time.Minute), To: "Tom"}
}

// The life of a potassium of 6.8, as people and the laboratory write it.
func TestLifeOfADuty(t *testing.T) {
	critical := func(v uint64, in string) alert.Edition {
		o := result(in)
		return alert.Edition{Version: v, Result: o, Available: t0.Add(time.Duration(v-1) * 10 * time.Minute), Critical: rules.Judge(o, adult).Critical}
	}
	k68, k68final, k43 := critical(1, "2823-3 6.8 mmol/L"), critical(2, "2823-3 6.80 mmol/L"), critical(2, "2823-3 4.3 mmol/L")
	k68final.Result.Note = []fhir.Annotation{{Text: "not haemolysed"}}
	flagged := critical(2, "2823-3 6.8 mmol/L H")
	withdrawn := critical(2, "2823-3 6.8 mmol/L")
	withdrawn.Result.Status, withdrawn.Critical = "entered-in-error", false
	taken := ack(alert.AckTaken, "Grace", 1, 3)
	undone := taken
	undone.Withdrawn = true
	for _, e := range []struct {
		name     string
		editions []alert.Edition
		acks     []alert.Ack
		minute   int
		want     alert.State
		stops    bool
		words    string
	}{
		{"nothing", nil, nil, 0, alert.NoDuty, true, ""},
		{"a harmless value", []alert.Edition{critical(1, "2823-3 4.3 mmol/L")}, nil, 0, alert.NoDuty, true, ""},
		{"nobody", []alert.Edition{k68}, nil, 5, alert.Open, false, "Nobody has taken it"},
		{"taken", []alert.Edition{k68}, []alert.Ack{taken}, 5, alert.Taken, true, "Grace has it until 13:03"},
		{"taken, and no action for 30 min", []alert.Edition{k68}, []alert.Ack{taken}, 33, alert.Lapsed, false, "Grace took it at 12:33 and has recorded no action"},
		{"taken and withdrawn", []alert.Edition{k68}, []alert.Ack{undone}, 5, alert.Open, false, "Nobody has taken it"},
		{"taken by two offline: the last of them holds it", []alert.Edition{k68}, []alert.Ack{ack(alert.AckTaken, "Tom", 1, 9), taken}, 35, alert.Taken, true, "Tom has it until 13:09"},
		{"action recorded", []alert.Edition{k68}, []alert.Ack{taken, ack(alert.AckActing, "Grace", 1, 8)}, 90, alert.Acted, true, "Grace acted at 12:38"},
		{"handed on", []alert.Edition{k68}, []alert.Ack{taken, ack(alert.AckHandedTo, "Grace", 1, 8)}, 10, alert.Handed, true, "Handed to Tom by Grace, not taken yet"},
		{"corrected after it was taken, to a harmless value", []alert.Edition{k68, k43}, []alert.Ack{taken}, 12, alert.Reopened, false, "Changed (value) after Grace had it"},
		{"corrected and taken again", []alert.Edition{k68, k43}, []alert.Ack{taken, ack(alert.AckTaken, "Tom", 2, 11)}, 12, alert.Taken, true, "Tom has it"},
		{"corrected before anybody had it", []alert.Edition{k68, k43}, nil, 12, alert.NoDuty, true, ""},
		{"a remark added: no new duty", []alert.Edition{k68, k68final}, []alert.Ack{taken}, 12, alert.Taken, true, "Grace has it"},
		{"another flag", []alert.Edition{k68, flagged}, []alert.Ack{taken}, 12, alert.Reopened, false, "flag"},
		{"withdrawn by the laboratory after it was taken", []alert.Edition{k68, withdrawn}, []alert.Ack{taken}, 12, alert.Reopened, false, "withdrawn"},
		{"withdrawn before anybody had it", []alert.Edition{k68, withdrawn}, nil, 12, alert.NoDuty, true, ""},
		{"there and back again: the old acknowledgement is of an earlier meaning", []alert.Edition{k68, k43, critical(3, "2823-3 6.8 mmol/L")}, []alert.Ack{taken}, 25, alert.Reopened, false, "value"},
	} {
		t.Run(e.name, func(t *testing.T) {
			now := t0.Add(time.Duration(e.minute) * time.Minute)
			d := rules.DutyOf(e.editions, e.acks, now)
			if d.State != e.want || d.Stops(now) != e.stops || !strings.Contains(d.Words(), e.words) {
				t.Errorf("%+v %q, stops %v; want %s, stops %v", d, d.Words(), d.Stops(now), e.want, e.stops)
			}
			slices.Reverse(e.acks)
			if back := rules.DutyOf(e.editions, e.acks, now); back.State != d.State || back.By != d.By {
				t.Errorf("the order of acknowledgements matters: %+v, %+v", d, back)
			}
		})
	}
}

func TestWhatReopens(t *testing.T) {
	was := result("2823-3 1.10 mmol/L H")
	was.Subject = &fhir.Reference{Reference: "Patient/p1"}
	for name, change := range map[string]func(*fhir.Observation){
		"value":      func(o *fhir.Observation) { o.ValueQuantity.Value = fhir.Dec("1.2") },
		"unit":       func(o *fhir.Observation) { o.ValueQuantity.Unit = "mg/dL" },
		"comparator": func(o *fhir.Observation) { o.ValueQuantity.Comparator = "<" },
		"range":      func(o *fhir.Observation) { o.ReferenceRange = []fhir.ReferenceRange{{Text: "3.5-5.3"}} },
		"flag":       func(o *fhir.Observation) { o.Interpretation = nil },
		"patient":    func(o *fhir.Observation) { o.Subject = &fhir.Reference{Reference: "Patient/p2"} },
		"withdrawn":  func(o *fhir.Observation) { o.Status = "entered-in-error" },
		"": func(o *fhir.Observation) {
			o.Status, o.Issued, o.ValueQuantity.Value = "amended", "2026-11-22T14:00:00Z", fhir.Dec("1.1")
			o.Note = []fhir.Annotation{{Text: "x"}}
			o.Extension = []fhir.Extension{{URL: fhir.ExtFlag}}
		},
	} {
		is := was
		q := *was.ValueQuantity
		is.ValueQuantity = &q
		change(&is)
		if got := strings.Join(alert.Changes(was, is), ","); got != name {
			t.Errorf("changed %q, noticed %q", name, got)
		}
	}
	if got := alert.ChangeWords(result("2823-3 7.1 mmol/L"), result("2823-3 4.3 mmol/L")); got != "7.1 mmol/L → 4.3 mmol/L" {
		t.Error(got)
	}
}

func TestLadderForInpatients(t *testing.T) {
	l := rules.Ladder(alert.LadderInpatient)
	open := alert.Duty{State: alert.Open}
	for _, e := range []struct {
		minute, step, round, next int
	}{
		{0, 0, 0, 10}, {9, 0, 0, 10}, {10, 1, 0, 20}, {19, 1, 0, 20}, {20, 2, 0, 30}, {30, 3, 0, 45}, {44, 3, 0, 45}, {45, 3, 1, 60}, {60, 3, 2, 75}, {600, 3, 38, 615},
	} {
		c := l.At(t0, t0.Add(time.Duration(e.minute)*time.Minute), open, nil)
		if c.Stopped || c.Step != e.step || c.Round != e.round || !c.NextAt.Equal(t0.Add(time.Duration(e.next)*time.Minute)) || c.Who != l.Steps[e.step].Who {
			t.Errorf("after %d min: %+v", e.minute, c)
		}
	}
	// A clock that is wrong by a day changes nothing; a start ahead of now is now.
	for _, skew := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		a, b := l.At(t0, t0.Add(12*time.Minute), open, nil), l.At(t0.Add(skew), t0.Add(skew).Add(12*time.Minute), open, nil)
		if a.Step != b.Step || a.NextAt.Sub(t0) != b.NextAt.Sub(t0.Add(skew)) {
			t.Errorf("skew %v: %+v %+v", skew, a, b)
		}
	}
	if c := l.At(t0.Add(time.Hour), t0, open, nil); c.Step != 0 {
		t.Errorf("ahead of now: %+v", c)
	}
}

func TestLadderWhileSomebodyHasIt(t *testing.T) {
	l := rules.Ladder(alert.LadderInpatient)
	now := t0.Add(12 * time.Minute)
	held := alert.Duty{State: alert.Taken, Until: t0.Add(33 * time.Minute)}
	if c := l.At(t0, now, held, nil); !c.Stopped || !c.Until.Equal(held.Until) {
		t.Errorf("taken: %+v", c)
	}
	if c := l.At(t0, held.Until, held, nil); c.Stopped || c.Step != 3 {
		t.Errorf("the hold ran out: it stands where it would have stood: %+v", c)
	}
	if c := l.At(t0, now.Add(time.Hour), alert.Duty{State: alert.Acted}, nil); !c.Stopped || !c.Until.IsZero() {
		t.Errorf("acted: %+v", c)
	}
}

func TestNobodyOnTheRota(t *testing.T) {
	l := rules.Ladder(alert.LadderInpatient)
	off := func(steps ...int) func(int) bool { return func(i int) bool { return !slices.Contains(steps, i) } }
	for _, e := range []struct {
		off     []int
		minute  int
		step    int
		skipped []int
	}{
		{[]int{1}, 9, 0, []int{1}}, {[]int{1}, 10, 2, []int{1}}, {[]int{0}, 0, 1, []int{0}}, {[]int{0, 1}, 0, 2, []int{0, 1}}, {[]int{1, 2}, 10, 3, []int{1, 2}}, {[]int{2}, 19, 1, []int{2}}, {[]int{2}, 20, 3, []int{2}},
	} {
		c := l.At(t0, t0.Add(time.Duration(e.minute)*time.Minute), alert.Duty{State: alert.Open}, off(e.off...))
		if c.Step != e.step || !slices.Equal(c.Skipped, e.skipped) {
			t.Errorf("%v off, %d min: %+v", e.off, e.minute, c)
		}
	}
}

func TestOtherLadders(t *testing.T) {
	for kind, want := range map[string][]time.Duration{
		alert.LadderUrgent: {0, time.Hour, 4 * time.Hour, 12 * time.Hour},
		alert.LadderRemote: {0, 15 * time.Minute, 30 * time.Minute, time.Hour},
		"no such kind":     {0, 10 * time.Minute, 20 * time.Minute, 30 * time.Minute},
	} {
		l := rules.Ladder(kind)
		for i, s := range l.Steps {
			if s.After != want[i] {
				t.Errorf("%s, step %d: %v, want %v", kind, i, s.After, want[i])
			}
		}
	}
	if c := rules.Ladder(alert.LadderUrgent).At(t0, t0.Add(60*time.Hour), alert.Duty{State: alert.Open}, nil); c.Round != 2 {
		t.Errorf("daily: %+v", c)
	}
}

func TestRungsAsShown(t *testing.T) {
	rungs := rules.Ladder(alert.LadderInpatient).Rungs(t0, t0.Add(7*time.Minute), alert.Duty{State: alert.Open})
	var states []string
	for _, r := range rungs {
		states = append(states, r.State)
	}
	if !slices.Equal(states, []string{"due", "next", "later", "later"}) || !rungs[1].At.Equal(t0.Add(10*time.Minute)) {
		t.Errorf("%v", rungs)
	}
}
