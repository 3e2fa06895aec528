package alert

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
)

var settingDay = time.Date(2026, 11, 29, 10, 0, 0, 0, time.UTC)

func setting(unit, ages, edge, value string) Setting {
	return Setting{Edge: edge, Unit: unit, Ages: ages, Value: fhir.Decimal(value), User: "a.meier", By: "Anna Meier, doctor", At: settingDay, Reason: "Laboratory board of 20 November"}
}

// someone is a subject whom a group of ages is about.
func someone(ages string) Subject {
	switch ages {
	case Children:
		return Subject{AgeKnown: true, Years: 8}
	case FirstDay:
		return Subject{AgeKnown: true, Age: 5 * time.Hour}
	case FirstMonth:
		return Subject{AgeKnown: true, Age: 72 * time.Hour}
	}
	return Subject{AgeKnown: true, Years: 50}
}

// measuredAs is a result of an analyte in a unit.
func measuredAs(r Rules, rule RuleID, unit string, value *big.Rat) fhir.Observation {
	for _, l := range r.Critical {
		if RuleCritical(l.Analyte) != rule {
			continue
		}
		for _, c := range l.Codes {
			if !clash(c.Kind, dimension(unit)) {
				return fhir.Observation{
					Status: "final", Code: fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemLOINC, Code: c.Code}}},
					ValueQuantity: &fhir.Quantity{Value: fhir.Dec(value.FloatString(6)), System: fhir.SystemUCUM, Code: unit, Unit: unit},
				}
			}
		}
	}
	panic("no such rule " + rule)
}

// Every range is of an edge of the table, says where it comes from, holds the program's
// own limit, never lets the low limit reach the high one, and its loose end is no
// stricter than its strict one.
func TestRangesHoldTheProgramsOwnLimits(t *testing.T) {
	r := Default()
	for analyte, list := range ranges {
		for i, g := range list {
			name := fmt.Sprint(analyte, " ", g.Edge, " ", g.Unit, " ", g.Ages)
			own, ok := r.Effective(Settings{Rule: RuleCritical(analyte)}, "", 0, g.Unit, g.Ages, g.Edge)
			low, high := g.Ends("")
			lo, hi := must(string(low)), must(string(high))
			switch {
			case !ok || g.From.IsZero():
				t.Errorf("%s: no edge of the table, or it does not say from where", name)
			case own.At == "" && !strings.HasPrefix(analyte, "troponin"):
				t.Errorf("%s: the program has no such limit", name)
			case own.At != "" && (must(string(own.At)).Cmp(lo) < 0 || must(string(own.At)).Cmp(hi) > 0):
				t.Errorf("%s: the program's own %s is not within %s to %s", name, own.At, low, high)
			case lo.Cmp(hi) >= 0:
				t.Errorf("%s: from %s to %s", name, low, high)
			}
			for _, other := range list[i+1:] {
				if other.Unit == g.Unit && other.Ages == g.Ages && other.Edge == g.Edge {
					t.Errorf("%s: twice", name)
				}
				if other.Unit == g.Unit && other.Ages == g.Ages {
					_, top := list[i].Ends("w")
					bottom, _ := other.Ends("w")
					if must(string(top)).Cmp(must(string(bottom))) >= 0 {
						t.Errorf("%s: the low limit may reach the high one", name)
					}
				}
			}
		}
	}
	for _, l := range r.Critical {
		for _, b := range l.Bounds {
			for _, edge := range []string{EdgeLow, EdgeHigh} {
				if _, ok := rangeOf(RuleCritical(l.Analyte), b.Unit, b.Ages, edge); !ok && b.edge(edge).At != "" {
					t.Errorf("%s %s %s: a limit that no site may set", l.Analyte, b.Unit, edge)
				}
			}
		}
	}
}

// Whatever a site sets, of whatever, in whatever order: what lies at or beyond the loose
// end of a range is critical, on every ward, in every version. So no configuration mutes
// what has to be shown.
func TestNoSettingMutesWhatHasToBeShown(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 11))
	r := Default()
	for analyte, list := range ranges {
		rule := RuleCritical(analyte)
		s := Settings{Rule: rule}
		for range 60 {
			g := list[rng.IntN(len(list))]
			x := setting(g.Unit, g.Ages, g.Edge, "")
			x.Ward = []string{"", "4B", "5A"}[rng.IntN(3)]
			if low, high := g.Ends(x.Ward); rng.IntN(5) > 0 {
				span := new(big.Rat).Sub(must(string(high)), must(string(low)))
				at := new(big.Rat).Add(must(string(low)), span.Mul(span, big.NewRat(rng.Int64N(140)-20, 100)))
				x.Value = fhir.Decimal(at.FloatString(3))
			}
			if next, err := r.Set(s, x); err == nil {
				s = next
			}
		}
		if s.Number() < 5 {
			t.Fatalf("%s: only %d were set", analyte, s.Number())
		}
		for _, g := range list {
			for _, ward := range []string{"", "4B", "5A", "9Z"} {
				low, high := g.Ends(ward)
				loose, step := high, big.NewRat(1, 1000)
				if g.Edge == EdgeLow {
					loose, step = low, big.NewRat(-1, 1000)
				}
				beyond := new(big.Rat).Add(must(string(loose)), step)
				for n := range s.Number() + 1 {
					if own, _ := r.Effective(s, "", 0, g.Unit, g.Ages, g.Edge); n == 0 && own.At == "" {
						continue // a troponin has no limit until the site enters its own
					}
					if strings.HasPrefix(analyte, "troponin") {
						if e, _ := r.Effective(s, ward, n, g.Unit, g.Ages, g.Edge); e.At == "" {
							continue
						}
					}
					o := measuredAs(r, rule, g.Unit, beyond)
					if v := r.Under(s, ward, n).Judge(o, someone(g.Ages)); !v.Critical {
						t.Fatalf("%s %s of %s on %q by number %d is not critical: %+v", beyond.FloatString(3), g.Unit, analyte, ward, n, v)
					}
				}
			}
		}
	}
}

// A setting that was kept with a value beyond this program's range, because another
// program allowed it, is in force only as far as the range goes.
func TestASettingBeyondItsRangeIsClamped(t *testing.T) {
	r := Default()
	x := setting("mmol/L", "", EdgeHigh, "9.0")
	x.Number = 1
	s := Settings{Rule: RuleCritical("potassium"), List: []Setting{x}}
	if e, _ := r.Effective(s, "", 1, "mmol/L", "", EdgeHigh); e.At != "6.5" {
		t.Errorf("%+v", e)
	}
	s.List[0].Value = "nonsense"
	if e, _ := r.Effective(s, "", 1, "mmol/L", "", EdgeHigh); e.At != "6.5" {
		t.Errorf("%+v", e)
	}
}

func TestWhatASiteMaySet(t *testing.T) {
	r := Default()
	potassium := Settings{Rule: RuleCritical("potassium")}
	for _, c := range []struct {
		why  string
		rule RuleID
		x    Setting
	}{
		{"", "critical/potassium", setting("mmol/L", "", EdgeHigh, "6.0")},
		{"", "critical/potassium", setting("mmol/L", "", EdgeHigh, "5.5")},
		{"it may be set from 5.5 to 6.5 mmol/L", "critical/potassium", setting("mmol/L", "", EdgeHigh, "6.6")},
		{"it may be set from 5.5 to 6.5 mmol/L", "critical/potassium", setting("mmol/L", "", EdgeHigh, "60")},
		{"it may be set from 2.5 to 3.2 mmol/L", "critical/potassium", setting("mmol/L", "", EdgeLow, "2.4")},
		{"set in mmol/L; nothing is converted", "critical/potassium", setting("mg/dL", "", EdgeHigh, "23")},
		{"set in mmol/L; nothing is converted", "critical/potassium", setting("meq/L", "", EdgeHigh, "6.0")},
		{"set in mmol/L or mg/dL; nothing", "critical/glucose", setting("", "", EdgeHigh, "20")},
		{"not a number", "critical/potassium", setting("mmol/L", "", EdgeHigh, "6,0")},
		{"not a number", "critical/potassium", setting("mmol/L", "", EdgeHigh, "6e0")},
		{"not one that a site sets", "critical/potassium", setting("mmol/L", Children, EdgeHigh, "6.0")},
		{"the low or the high one", "critical/potassium", setting("mmol/L", "", "both", "6.0")},
		{"not one that a site sets", "critical/blood culture", setting("", "", EdgeHigh, "1")},
		{"no limits that a site sets", RuleFlag, setting("mmol/L", "", EdgeHigh, "6.0")},
		{"it is so already: 6.5 mmol/L", "critical/potassium", setting("mmol/L", "", EdgeHigh, "")},
		{"", "critical/troponin T", setting("ng/L", "", EdgeHigh, "52")},
		{"it may be set from 1.3 to 2.0", "critical/magnesium", setting("mmol/L", "", EdgeHigh, "3.5")},
	} {
		_, err := r.Set(Settings{Rule: c.rule}, c.x)
		if c.why == "" && err != nil || c.why != "" && (err == nil || !strings.Contains(err.Error(), c.why)) {
			t.Errorf("%s %s %s: %v, want %q", c.rule, c.x.Value, c.x.Unit, err, c.why)
		}
	}
	for _, reason := range []string{"", " ", "a\nb", strings.Repeat("x", MaxWhy+1)} {
		x := setting("mmol/L", "", EdgeHigh, "6.0")
		if x.Reason = reason; true {
			if _, err := r.Set(potassium, x); err == nil || !strings.Contains(err.Error(), "say why") {
				t.Errorf("reason %q: %v", reason, err)
			}
		}
	}
	labour := setting("mmol/L", "", EdgeHigh, "3.5")
	labour.Ward = "LW"
	s, err := r.Set(Settings{Rule: RuleCritical("magnesium")}, labour)
	if err != nil {
		t.Fatal(err)
	}
	o := measuredAs(r, s.Rule, "mmol/L", big.NewRat(28, 10))
	if r.Under(s, "LW", 1).Judge(o, someone("")).Critical || !r.Under(s, "4B", 1).Judge(o, someone("")).Critical {
		t.Error("a labour ward's limit counts there, and nowhere else")
	}
}

// An alert says by which limit it fired: the program's own, the hospital's or a ward's,
// with version and date; and a number says for good what was in force.
func TestAnAlertSaysByWhichLimit(t *testing.T) {
	r := Default()
	s := Settings{Rule: RuleCritical("potassium")}
	for _, x := range []Setting{setting("mmol/L", "", EdgeHigh, "6.0"), setting("mmol/L", "", EdgeHigh, "5.8"), setting("mmol/L", "", EdgeHigh, "")} {
		if s.Number() == 1 {
			x.Ward = "4B"
		}
		next, err := r.Set(s, x)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Follows(s, next); err != nil {
			t.Errorf("%v", err)
		}
		s = next
	}
	at := func(value int64, ward string, n int) string {
		v := r.Under(s, ward, n).Judge(measuredAs(r, s.Rule, "mmol/L", big.NewRat(value, 10)), someone(""))
		if v.Critical != (len(v.Why) > 0) || v.Critical && (v.Set == nil) != (n == 0 || n == 3 && ward == "") {
			t.Errorf("%+v", v)
		}
		return strings.Join(v.English(), "; ")
	}
	for _, c := range []struct {
		value int64
		ward  string
		n     int
		want  string
	}{
		{68, "", 0, "limit 6.5 of the program, table default-1 of 30-Nov-2026"},
		{60, "", 0, ""},
		{60, "", 1, "limit 6.0 of this hospital, version 1 of 29-Nov-2026"},
		{59, "4B", 1, ""},
		{59, "4B", 2, "limit 5.8 of ward 4B, version 2 of 29-Nov-2026"},
		{59, "5A", 2, ""},
		{60, "", 3, ""},
		{65, "", 3, "limit 6.5 of the program, table default-1 of 30-Nov-2026"},
		{60, "4B", 3, "limit 5.8 of ward 4B, version 2 of 29-Nov-2026"},
	} {
		if got := at(c.value, c.ward, c.n); got != c.want {
			t.Errorf("%d on %q by %d: %q, want %q", c.value, c.ward, c.n, got, c.want)
		}
	}
	changed := Settings{Rule: s.Rule, List: slices.Clone(s.List)}
	changed.List[0].Value = "5.5"
	next := setting("mmol/L", "", EdgeHigh, "6.2")
	next.Number = 4
	changed.List = append(changed.List, next)
	if err := r.Follows(s, changed); err == nil {
		t.Error("what was set before was changed")
	}
}

func TestTagsSayByWhichNumber(t *testing.T) {
	for _, c := range []struct {
		number int
		ward   string
	}{{1, ""}, {12, "4B"}, {3, "Ward: east"}} {
		n, w, ok := TagIn([]string{"critical", Tag(c.number, c.ward)})
		if n != c.number || w != c.ward || !ok {
			t.Errorf("%+v: %d %q %v", c, n, w, ok)
		}
	}
	for _, tags := range [][]string{nil, {"critical"}, {"limits:"}, {"limits:x"}, {"limits:-1"}, {"limits:0"}} {
		if n, _, ok := TagIn(tags); ok || n != 0 {
			t.Errorf("%v: %d", tags, n)
		}
	}
}

// An alert by the program's own limit names the table's version and day, so that neither
// may stay when a limit of the table changes.
func TestTheTableHasTheDayOfItsLastChange(t *testing.T) {
	r := Default()
	b, err := json.Marshal(struct {
		Critical []Limit
		Score    ScoreRules
	}{r.Critical, r.Score})
	if err != nil {
		t.Fatal(err)
	}
	of := r.Version + " of " + r.ChangedAt.Format(shownDay)
	known := map[string]string{"default-1 of 30-Nov-2026": "460b0e69943bb885"}
	if sum := fmt.Sprintf("%x", sha256.Sum256(b))[:16]; known[of] != sum {
		t.Errorf("table %s is %s here: give a changed table another version and day, and add it", of, sum)
	}
}

// What was written by the first version of the form is read for ever.
func TestSettingsAreReadForEver(t *testing.T) {
	path := filepath.Join("testdata", "settings.v1.txt")
	x := setting("mmol/L", "", EdgeHigh, "6.0")
	s, err := Default().Set(Settings{Rule: RuleCritical("potassium")}, x)
	if err != nil {
		t.Fatal(err)
	}
	text, err := s.String()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil || strings.TrimSpace(string(b)) != text {
		t.Fatalf("%v\n%s\n%s", err, b, text)
	}
	read, err := ParseSettings(strings.TrimSpace(string(b)))
	if err != nil || len(read.List) != 1 || !read.List[0].same(s.List[0]) || read.Rule != s.Rule {
		t.Errorf("%v %+v", err, read)
	}
	for _, bad := range []string{"", "2 {}", "1 {}", `1 {"rule":"critical/potassium","list":[{"n":2,"by":"x","at":"2026-11-29T10:00:00Z"}]}`, `1 {"rule":"critical/potassium","list":[{"n":1}]}`} {
		if _, err := ParseSettings(bad); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}
