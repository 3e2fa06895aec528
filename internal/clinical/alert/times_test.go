package alert

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
)

func minutesOf(edge, row, value string) Setting {
	return Setting{Edge: edge, Unit: Minutes, Ages: row, Value: fhir.Decimal(value), User: "a.meier", By: "Anna Meier, doctor", At: settingDay, Reason: "new rounds"}
}

// Every time that a site may set is one of the program's, within its range, and there is
// none of the program's that has no range; those of the score are never longer than the
// chart's.
func TestTheRangesOfTimesHoldTheProgramsOwn(t *testing.T) {
	r := Default()
	for rule, list := range timeRanges {
		for _, g := range list {
			own, ok := r.ownTime(rule, g.Edge, g.Ages)
			low, high := g.Ends("")
			if g.Edge == EdgeEarlyRise && ok && own.At == "" {
				continue // the program has none of its own
			}
			if !ok || own.At == "" || g.From.IsZero() || must(string(own.At)).Cmp(must(string(low))) < 0 || must(string(own.At)).Cmp(must(string(high))) > 0 {
				t.Errorf("%s %s %s: %v is not within %s to %s", rule, g.Edge, g.Ages, own.At, low, high)
			}
		}
	}
	for _, tt := range r.Turnarounds {
		for _, edge := range []string{EdgeNoResult, EdgeNotSent} {
			if _, ok := rangeOf(RuleLateOrder, Minutes, tt.row(), edge); !ok {
				t.Errorf("%q %s has no range", tt.row(), edge)
			}
		}
	}
	chart := map[string]string{EdgeScore0: "720", EdgeScore1: "360", EdgeScore3: "60", EdgeScore5: "60", EdgeScore7: "30"}
	for edge, most := range chart {
		for _, value := range []string{"721", "4000"} {
			if _, err := r.Set(Settings{Rule: RuleOverdue}, minutesOf(edge, "", value)); err == nil {
				t.Errorf("%s of %s min was set", edge, value)
			}
		}
		if g, _ := rangeOf(RuleOverdue, Minutes, "", edge); string(g.Loose) != most {
			t.Errorf("%s: %s, the chart has %s", edge, g.Loose, most)
		}
	}
	for _, bad := range []string{"30.5", "0", "x", "-30"} {
		if _, err := r.Set(Settings{Rule: RuleOverdue}, minutesOf(EdgeScore5, "", bad)); err == nil {
			t.Errorf("%q was set", bad)
		}
	}
	if _, ok := r.UnitIn(RuleOverdue, "h"); ok {
		t.Error("hours are taken for minutes")
	}
}

// A score goes by the interval that was in force at its own moment, on its own ward; no
// time changes the score itself, nor what is asked for at a threshold.
func TestAScoreGoesByTheTimesOfItsMoment(t *testing.T) {
	r := Default()
	s, err := r.Set(Settings{Rule: RuleOverdue}, minutesOf(EdgeScore5, "", "30"))
	if err != nil {
		t.Fatal(err)
	}
	low := minutesOf(EdgeScore1, "", "120")
	low.Ward, low.At = "4B", settingDay.Add(time.Hour)
	if s, err = r.Set(s, low); err != nil {
		t.Fatal(err)
	}
	said := ""
	at := func(resp, ward string, when time.Time) Score {
		on := func(v string) Reading { return Reading{Value: v, At: when} }
		v := Vitals{Respirations: on(resp), Saturation: on("97"), Oxygen: on("air"), Systolic: on("120"), Pulse: on("95"), Consciousness: on("A"), Temperature: on("38.5")}
		rules := r.Under(s, ward, s.NumberAt(when))
		score := rules.NEWS2(v, Subject{AgeKnown: true, Years: 50}, when)
		said = rules.IntervalWords(score.Early()).English()
		return score
	}
	const chart = "RCP NEWS2 chart 4, table default-1 of 30-Nov-2026"
	for _, c := range []struct {
		resp, ward string
		when       time.Time
		total      int
		want       time.Duration
		every      string
		by         string
	}{
		{"25", "4B", settingDay.Add(-time.Minute), 5, time.Hour, "every hour", chart},
		{"25", "4B", settingDay, 5, 30 * time.Minute, "every 30 min", "set for this hospital, version 1 of 29-Nov-2026"},
		{"16", "4B", settingDay.Add(time.Minute), 2, 4 * time.Hour, "every 4 to 6 hours", chart},
		{"16", "4B", settingDay.Add(2 * time.Hour), 2, 2 * time.Hour, "every 2 hours", "set for ward 4B, version 2 of 29-Nov-2026"},
		{"16", "5A", settingDay.Add(2 * time.Hour), 2, 4 * time.Hour, "every 4 to 6 hours", chart},
	} {
		got := at(c.resp, c.ward, c.when)
		if got.Total != c.total || got.Interval != c.want || got.Every != c.every || !got.Due.Equal(c.when.Add(c.want)) {
			t.Errorf("%+v: %d, %s, %s", c, got.Total, got.Interval, got.Every)
		}
		if said != c.by {
			t.Errorf("%+v: the interval is said to be of %q", c, said)
		}
	}
	part := r.NEWS2(Vitals{Pulse: Reading{Value: "95", At: settingDay}}, Subject{AgeKnown: true, Years: 50}, settingDay)
	if got := r.IntervalWords(part.Early()); !got.IsZero() {
		t.Errorf("of a set that is not whole: %s", got)
	}
}

// An order is late by the times that were in force when it was placed, and says whose
// they are.
func TestAnOrderIsLateByTheTimesOfItsMoment(t *testing.T) {
	r := Default()
	s, err := r.Set(Settings{Rule: RuleLateOrder}, minutesOf(EdgeNoResult, "stat", "45"))
	if err != nil {
		t.Fatal(err)
	}
	late := func(placed time.Time, after time.Duration) string {
		l, is := r.Under(s, "", s.NumberAt(placed)).Late(OpenOrder{At: placed, Stat: true, Sent: true}, placed.Add(after))
		if !is {
			return ""
		}
		return l.Words.English()
	}
	if got := late(settingDay.Add(-time.Minute), 50*time.Minute); got != "" {
		t.Errorf("placed before: %q", got)
	}
	if got := late(settingDay, 50*time.Minute); !strings.Contains(got, "no result after 50 min") || !strings.Contains(got, "set for this hospital, version 1 of 29-Nov-2026") {
		t.Errorf("placed then: %q", got)
	}
	if got := late(settingDay.Add(-time.Hour), 2*time.Hour); !strings.Contains(got, "no result after 2 h") || strings.Contains(got, "version") {
		t.Errorf("by the program's own: %q", got)
	}
	if got, is := r.Under(s, "", 1).Late(OpenOrder{At: settingDay, Stat: true}, settingDay.Add(20*time.Minute)); !is || strings.Contains(got.Words.English(), "version") {
		t.Errorf("not sent: %v %s", is, got.Words)
	}
}

// A site may shorten the time of quiet repeats and switch it off, never lengthen it, and
// only of the tests that may be quiet at all; a repeat goes by what it was judged by.
func TestASiteSwitchesQuietRepeatsOff(t *testing.T) {
	r := Default()
	rule := RuleCritical("platelets")
	s := Settings{Rule: rule}
	for _, bad := range []struct {
		rule  RuleID
		value string
	}{{rule, "1441"}, {rule, "1.5"}, {RuleCritical("potassium"), "0"}, {RuleCritical("potassium"), "60"}} {
		if _, err := r.Set(Settings{Rule: bad.rule}, minutesOf(EdgeQuiet, "", bad.value)); err == nil {
			t.Errorf("%s: %s was set", bad.rule, bad.value)
		}
	}
	for _, value := range []string{"120", "0", ""} {
		next, err := r.Set(s, minutesOf(EdgeQuiet, "", value))
		if err != nil {
			t.Fatal(err)
		}
		s = next
	}
	within := func(n int) time.Duration {
		q, _ := r.Under(s, "", n).quietFor("platelets")
		return q.Within
	}
	if within(0) != 24*time.Hour || within(1) != 2*time.Hour || within(2) != 0 || within(3) != 24*time.Hour {
		t.Errorf("%s %s %s %s", within(0), within(1), within(2), within(3))
	}
	if b := r.Under(s, "", 2).limitRule(r.Critical[4]); !b.Must {
		t.Errorf("%s: %+v", r.Critical[4].Analyte, b)
	}
	off := r.Under(s, "", 2)
	f := Firing{Rules: &off}
	f.Result.Code = fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemLOINC, Code: "777-3"}}}
	if q := r.Quieted(f, nil, Subject{AgeKnown: true, Years: 50}); q.Quiet || q.Words != LoudMust {
		t.Errorf("%+v", q)
	}
}
