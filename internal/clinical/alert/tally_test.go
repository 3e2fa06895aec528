package alert_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
)

// told is a story of one potassium or platelet count: its versions as "minute result",
// and what people did as "minute kind version".
func told(editions, acks []string, quiet bool) alert.Story {
	s := alert.Story{Who: adult, Ladder: rules.Ladder(alert.LadderInpatient), Quiet: quiet}
	for i, e := range editions {
		at, in, _ := strings.Cut(e, " ")
		o := result(in)
		s.Editions = append(s.Editions, alert.Edition{Version: uint64(i + 1), Result: o, Available: minute(at), Critical: rules.Judge(o, adult).Critical})
	}
	for i, a := range acks {
		f := strings.Fields(a)
		ack := alert.Ack{ID: fhir.ID(fmt.Sprint("t", i)), Kind: f[1], At: minute(f[0]), Version: 1, Withdrawn: strings.HasSuffix(a, " withdrawn")}
		if strings.Contains(a, " v2") {
			ack.Version = 2
		}
		if ack.Kind == alert.AckActing {
			words, _, _ := strings.Cut(strings.SplitN(a, "acting ", 2)[1], " v2")
			ack.Action, _ = alert.ActionKind(words)
		}
		s.Acks = append(s.Acks, ack)
	}
	return s
}

func minute(s string) time.Time {
	var n int
	if _, err := fmt.Sscan(s, &n); err != nil {
		panic(err)
	}
	return t0.Add(time.Duration(n) * time.Minute)
}

// What one result fired, and what people did, told as stories.
func TestWhatARuleFiredAndWhatPeopleDid(t *testing.T) {
	for _, e := range []struct {
		story  string
		of     alert.Story
		within int // minutes since t0
		want   string
	}{
		{"nobody yet, before the second step", told([]string{"0 2823-3 6.8 mmol/L"}, nil, false), 9, "critical/potassium;"},
		{"nobody, after it", told([]string{"0 2823-3 6.8 mmol/L"}, nil, false), 11, "critical/potassium climbed;"},
		{"taken and treated in time", told([]string{"0 2823-3 6.8 mmol/L"}, []string{"4 taken", "20 acting Treated"}, false), 300, "critical/potassium taken [treated];"},
		{"taken too late", told([]string{"0 2823-3 6.8 mmol/L"}, []string{"12 taken", "20 acting Told Dr Patel"}, false), 300, "critical/potassium taken climbed [told somebody];"},
		{"taken, and nothing done for half an hour", told([]string{"0 2823-3 6.8 mmol/L"}, []string{"4 taken"}, false), 35, "critical/potassium taken climbed;"},
		{"taken and taken back", told([]string{"0 2823-3 6.8 mmol/L"}, []string{"4 taken withdrawn"}, false), 35, "critical/potassium climbed;"},
		{"handed on, then acted", told([]string{"0 2823-3 6.8 mmol/L"}, []string{"4 handed-to", "30 acting Repeat sent", "31 acting calcium and insulin"}, false), 300, "critical/potassium handed [in their own words repeat sent];"},
		{"seen, nothing to do", told([]string{"0 2823-3 6.8 mmol/L"}, []string{"4 acting Seen, nothing to do"}, false), 300, "critical/potassium nothing;"},
		{"by the table and by the laboratory", told([]string{"0 2823-3 6.8 mmol/L HH"}, []string{"4 taken", "5 acting Treated"}, false), 300, "critical/potassium taken [treated];flag taken [treated];"},
		{"by the laboratory alone", told([]string{"0 9999-1 12 - HH"}, nil, false), 5, "flag;"},
		{"a version that says the same is no second time", told([]string{"0 2823-3 6.8 mmol/L", "9 2823-3 6.8 mmol/L"}, []string{"4 taken", "5 acting Treated"}, false), 300, "critical/potassium taken [treated];"},
		{"corrected after somebody had it", told([]string{"0 2823-3 6.8 mmol/L", "9 2823-3 4.2 mmol/L"}, []string{"4 taken", "12 acting Treated v2"}, false), 300, "critical/potassium taken;corrected [treated];"},
		{"corrected, and nobody had it", told([]string{"0 2823-3 6.8 mmol/L", "9 2823-3 4.2 mmol/L"}, nil, false), 300, "critical/potassium;"},
		{"corrected to another critical value", told([]string{"0 2823-3 6.8 mmol/L", "9 2823-3 7.2 mmol/L"}, []string{"4 taken", "12 taken v2", "13 acting Treated v2"}, false), 300, "critical/potassium taken;critical/potassium taken [treated];corrected taken [treated];"},
		{"a quiet repeat", told([]string{"0 777-3 14 10*9/L"}, nil, true), 300, "critical/platelets quiet;"},
		{"not critical", told([]string{"0 2823-3 4.2 mmol/L"}, nil, false), 300, ""},
	} {
		got := ""
		for _, f := range rules.Fired(e.of, minute(fmt.Sprint(e.within))) {
			got += string(f.Rule)
			for word, is := range map[string]bool{" quiet": f.Quiet, " taken": f.Taken, " handed": f.Handed, " nothing": f.Nothing} {
				if is {
					got += word
				}
			}
			if f.Climbed {
				got += " climbed"
			}
			if len(f.Acted) > 0 {
				got += fmt.Sprint(" ", f.Acted)
			}
			got += ";"
		}
		if got != e.want {
			t.Errorf("%s: %q, want %q", e.story, got, e.want)
		}
	}
}

// Counted over patients: nobody twice, nothing older than its days, and in any order the
// same; what is kept is read as it was written.
func TestTheRulesAreCounted(t *testing.T) {
	ago := func(days int) time.Time { return t0.AddDate(0, 0, -days) }
	k := alert.RuleCritical("potassium")
	list := []alert.Tallied{
		{Patient: "a", Fired: []alert.Fired{{Rule: k, At: ago(1), Taken: true, Acted: []string{alert.ActTreated}}, {Rule: k, At: ago(2), Climbed: true}}},
		{Patient: "a", Fired: []alert.Fired{{Rule: k, At: ago(3), Quiet: true}}},
		{Patient: "b", Fired: []alert.Fired{{Rule: k, At: ago(8), Handed: true}, {Rule: k, At: ago(31), Taken: true}, {Rule: alert.RuleAllergy, At: ago(1), Overruled: "stop"}}},
		{Fired: []alert.Fired{{Rule: alert.RuleHeldBack, At: ago(1), Nothing: true}}},
	}
	got := alert.TallyRules(list, t0)
	if c := got.Days[7][k]; !reflect.DeepEqual(c, alert.Count{Fired: 2, Patients: 1, Taken: 1, Climbed: 1, Quiet: 1, Nobody: 1, Acted: map[string]int{alert.ActTreated: 1}}) {
		t.Errorf("7 days: %+v", c)
	}
	if c := got.Days[30][k]; c.Fired != 3 || c.Patients != 2 || c.Taken != 1 || c.Handed != 1 {
		t.Errorf("30 days: %+v", c)
	}
	if c := got.Days[7][alert.RuleAllergy]; c.Fired != 1 || c.Overruled["stop"] != 1 || c.Nobody != 0 {
		t.Errorf("allergy: %+v", c)
	}
	if c := got.Days[7][alert.RuleHeldBack]; c.Fired != 1 || c.Patients != 0 || c.Nothing != 1 {
		t.Errorf("held back: %+v", c)
	}
	rapid.Check(t, func(rt *rapid.T) {
		mixed, seed := slices.Clone(list), rapid.Uint64().Draw(rt, "order")
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(mixed), func(i, k int) { mixed[i], mixed[k] = mixed[k], mixed[i] })
		if back := alert.TallyRules(mixed, t0); !reflect.DeepEqual(back, got) {
			rt.Fatalf("%+v", back)
		}
	})
	s, err := got.String()
	if err != nil {
		t.Fatal(err)
	}
	back, err := alert.ParseRuleTally(s)
	if err != nil || !back.At.Equal(got.At) || !reflect.DeepEqual(back.Days, got.Days) {
		t.Errorf("%v %+v", err, back)
	}
	// What the first program kept is read for ever.
	kept, err := os.ReadFile("testdata/rule-tally-v1.txt")
	if err != nil {
		t.Fatal(err)
	}
	if old, err := alert.ParseRuleTally(strings.TrimSpace(string(kept))); err != nil || !reflect.DeepEqual(old.Days, got.Days) || !old.At.Equal(got.At) {
		t.Errorf("%v; what is written now: %s", err, s)
	}
	for _, bad := range []string{"", "2 {}", "1 [", "1"} {
		if _, err := alert.ParseRuleTally(bad); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}

// Every rule that can fire stands in the book, in words, with where it comes from; what
// may not be muted says so.
func TestTheBookOfRules(t *testing.T) {
	seen := map[alert.RuleID]alert.Rule{}
	for _, r := range rules.Book() {
		if _, twice := seen[r.ID]; twice || r.Name == "" || r.Words == "" || r.From == "" || len(r.Limits) == 0 || r.Repeats == "" {
			t.Errorf("%+v", r)
		}
		seen[r.ID] = r
	}
	for _, l := range rules.Critical {
		r := seen[alert.RuleCritical(l.Analyte)]
		if quiet := slices.ContainsFunc(rules.Quiets, func(q alert.Quiet) bool { return q.Analyte == l.Analyte }); r.Must == quiet || !r.Counted {
			t.Errorf("%+v", r)
		}
	}
	if k := seen[alert.RuleCritical("potassium")]; strings.Join(k.Limits, "; ") != "critical ≤ 2.5 mmol/L; critical ≥ 6.5 mmol/L; urgent ≤ 2.9 mmol/L; urgent ≥ 6.0 mmol/L" {
		t.Errorf("%v", k.Limits)
	}
	if k := seen[alert.RuleCritical("sodium")]; k.Limits[4] != "critical ≤ 130 mmol/L, under 16" {
		t.Errorf("%v", k.Limits)
	}
	if k := seen[alert.RuleCritical("neutrophils")]; k.Limits[1] != "urgent < 1.0 ×10⁹/L" || !strings.Contains(k.Repeats, "within 24 h") {
		t.Errorf("%v %s", k.Limits, k.Repeats)
	}
	for _, in := range append(slices.Clone(criticalTests), "777-3 14 10*9/L", "600-7 1 -", "9999-1 12 - AA") {
		for _, id := range rules.Fires(result(in), adult) {
			if _, there := seen[id]; !there {
				t.Errorf("%s fires %s, which is in no book", in, id)
			}
		}
	}
}

// What waits is marked from its time on, unless it was done or given up by then; what was
// done afterwards says so, from when it was.
func TestWhatWaitsIsMarkedFromItsTime(t *testing.T) {
	at := func(n int) time.Time {
		if n == 0 {
			return time.Time{}
		}
		return t0.Add(time.Duration(n) * time.Minute)
	}
	for _, e := range []struct {
		due, done, over, now int
		fired, after         bool
	}{
		{due: 30, now: 29},
		{due: 30, now: 30, fired: true},
		{due: 30, now: 90, fired: true},
		{due: 30, done: 20, now: 90},
		{due: 30, done: 30, now: 90},
		{due: 30, done: 31, now: 90, fired: true, after: true},
		{due: 30, done: 95, now: 90, fired: true},
		{due: 30, over: 20, now: 90},
		{due: 30, over: 40, now: 90, fired: true},
		{due: 30, done: 50, over: 40, now: 90, fired: true, after: true},
		{now: 90},
	} {
		f, ok := alert.Wait{Rule: alert.RuleHandover, Due: at(e.due), Done: at(e.done), Over: at(e.over)}.Fired(at(e.now))
		if ok != e.fired || f.Done != e.after || ok && (!f.At.Equal(at(e.due)) || f.Rule != alert.RuleHandover) {
			t.Errorf("%+v: %+v, %v", e, f, ok)
		}
	}
}

// A count of what only marks is kept in the same form, which an older program reads
// without it; what the first such program kept is read for ever. One of an older central
// says that it counted none of it.
func TestACountOfWhatOnlyMarksIsKept(t *testing.T) {
	got := alert.TallyRules([]alert.Tallied{
		{Patient: "a", Fired: []alert.Fired{{Rule: alert.RuleHandover, At: t0, Done: true}, {Rule: alert.RuleLateOrder, At: t0}, {Rule: alert.RuleUrgent, At: t0, Nothing: true}}},
		{Patient: "b", Fired: []alert.Fired{{Rule: alert.RuleHandover, At: t0}}},
	}, t0)
	got.Marks = true
	if c := got.Days[7][alert.RuleHandover]; c.Fired != 2 || c.Patients != 2 || c.Done != 1 || c.Nobody != 1 {
		t.Errorf("%+v", c)
	}
	s, err := got.String()
	if err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile("testdata/rule-tally-v1-marks.txt")
	if err != nil || strings.TrimSpace(string(kept)) != s {
		t.Errorf("%v; what is written now: %s", err, s)
	}
	back, err := alert.ParseRuleTally(strings.TrimSpace(string(kept)))
	if err != nil || !back.Marks || !reflect.DeepEqual(back.Days, got.Days) {
		t.Errorf("%v %+v", err, back)
	}
	first, err := os.ReadFile("testdata/rule-tally-v1.txt")
	if err != nil {
		t.Fatal(err)
	}
	if old, err := alert.ParseRuleTally(strings.TrimSpace(string(first))); err != nil || old.Marks {
		t.Errorf("%v %v", err, old.Marks)
	}
}
