package alert

import (
	"encoding/json"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/words"
)

// settings sets one after another, and fails where one may not be.
func settings(t *testing.T, rule RuleID, list ...Setting) Settings {
	t.Helper()
	s := Settings{Rule: rule}
	for _, x := range list {
		next, err := Default().Set(s, x)
		if err != nil {
			t.Fatalf("%s: %v", rule, err)
		}
		s = next
	}
	return s
}

// Every urgent limit of the table has a range that holds it, and there is none without a
// limit: never looser than the table but for lactate, never beyond the loosest critical
// limit, and both ends name a source.
func TestTheRangesOfUrgentLimits(t *testing.T) {
	r := Default()
	found := 0
	for _, l := range r.Critical {
		rule := RuleCritical(l.Analyte)
		for _, b := range l.Bounds {
			for _, edge := range []string{EdgeUrgentLow, EdgeUrgentHigh} {
				g, has := rangeOf(rule, b.Unit, b.Ages, edge)
				own := b.edge(edge)
				if has != (own.At != "") {
					t.Errorf("%s %s %s: a range %v, a limit %q", l.Analyte, b.Unit, edge, has, own.At)
				}
				if !has {
					continue
				}
				found++
				low, high := g.Ends("")
				if must(string(own.At)).Cmp(must(string(low))) < 0 || must(string(own.At)).Cmp(must(string(high))) > 0 || g.From.IsZero() {
					t.Errorf("%s %s: %s is not within %s to %s", l.Analyte, edge, own.At, low, high)
				}
				if own.At != g.Loose && l.Analyte != "lactate" {
					t.Errorf("%s %s: looser than the table", l.Analyte, edge)
				}
				side := map[string]string{EdgeUrgentLow: EdgeLow, EdgeUrgentHigh: EdgeHigh}[edge]
				if crit, ok := rangeOf(rule, b.Unit, b.Ages, side); ok {
					beyond := must(string(g.Loose)).Cmp(must(string(crit.Loose)))
					if side == EdgeLow && beyond < 0 || side == EdgeHigh && beyond > 0 {
						t.Errorf("%s %s: an urgent limit of %s lies beyond any critical one", l.Analyte, edge, g.Loose)
					}
				}
			}
		}
	}
	if found < 14 {
		t.Errorf("%d urgent limits", found)
	}
}

// An urgent limit of the site's marks what it marks and makes nothing critical, nor
// anything less so; for a child it marks nothing, as the table's does.
func TestAnUrgentLimitOfTheSite(t *testing.T) {
	r := Default()
	s := settings(t, "critical/potassium", setting("mmol/L", "", EdgeUrgentHigh, "5.5"))
	for _, c := range []struct {
		tenths           int64
		number           int
		urgent, critical bool
	}{{56, 0, false, false}, {56, 1, true, false}, {54, 1, false, false}, {60, 1, true, false}, {65, 1, false, true}, {29, 1, true, false}} {
		v := r.Under(s, "4B", c.number).Judge(measuredAs(r, s.Rule, "mmol/L", big.NewRat(c.tenths, 10)), someone(""))
		if v.Urgent != c.urgent || v.Critical != c.critical {
			t.Errorf("%d by %d: %+v", c.tenths, c.number, v)
		}
	}
	if v := r.Under(s, "", 1).Judge(measuredAs(r, s.Rule, "mmol/L", big.NewRat(56, 10)), someone(Children)); v.Urgent {
		t.Error("a child is judged by an adult's urgent limit")
	}
	for _, bad := range []string{"6.1", "5.2"} {
		if _, err := r.Set(Settings{Rule: s.Rule}, setting("mmol/L", "", EdgeUrgentHigh, bad)); err == nil || !strings.Contains(err.Error(), "from 5.3 to 6.0") {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if _, err := r.Set(Settings{Rule: "critical/urea"}, setting("mmol/L", "", EdgeUrgentHigh, "20")); err == nil {
		t.Error("an urgent limit that the table has not was set")
	}
}

// What is urgent says by which limit, or by whose flag, it is; what is critical, or not
// urgent, says nothing of it.
func TestAnUrgentResultSaysByWhat(t *testing.T) {
	r := Default()
	own := settings(t, "critical/potassium", setting("mmol/L", "", EdgeUrgentHigh, "5.5"), func() Setting {
		x := setting("mmol/L", "", EdgeUrgentHigh, "5.4")
		x.Ward = "4B"
		return x
	}())
	flagged := func(o fhir.Observation, code string) fhir.Observation {
		o.Interpretation = []fhir.CodeableConcept{{Coding: []fhir.Coding{{System: fhir.SystemInterpretation, Code: code}}}}
		return o
	}
	k := func(value string) fhir.Observation { return valueOf("2823-3", "mmol/L", value, 0) }
	adult, nobody, child := Subject{AgeKnown: true, Years: 50}, Subject{}, Subject{AgeKnown: true, Years: 8}
	for name, c := range map[string]struct {
		rules Rules
		o     fhir.Observation
		who   Subject
		want  string
	}{
		"the program's":            {r, k("6.1"), adult, "limit 6.0 of the program, table default-1 of 30-Nov-2026"},
		"the program's, below":     {r, k("2.8"), adult, "limit 2.9 of the program, table default-1 of 30-Nov-2026"},
		"the hospital's":           {r.Under(own, "5A", 2), k("5.6"), adult, "limit 5.5 of this hospital, version 1 of " + own.List[0].At.Format("02-Jan-2006")},
		"the ward's":               {r.Under(own, "4B", 2), k("5.4"), adult, "limit 5.4 of ward 4B, version 2 of " + own.List[1].At.Format("02-Jan-2006")},
		"the sender's flag":        {r, flagged(k("5.9"), "HU"), adult, "laboratory flag HU"},
		"both":                     {r, flagged(k("6.1"), "HU"), adult, "limit 6.0 of the program, table default-1 of 30-Nov-2026; laboratory flag HU"},
		"in another unit":          {r, valueOf("718-7", "g/dL", "9.0", 0), adult, ""},
		"calcium in mass":          {r, valueOf("17861-6", "mg/dL", "12.5", 0), adult, "limit 3.0 of the program, table default-1 of 30-Nov-2026; compared in mmol/L"},
		"somebody of unknown age":  {r, k("6.1"), nobody, "limit 6.0 of the program, table default-1 of 30-Nov-2026 (age not known)"},
		"a child":                  {r, k("6.1"), child, ""},
		"neither":                  {r, k("4.1"), adult, ""},
		"critical":                 {r, flagged(k("6.8"), "HU"), adult, ""},
		"critical by the sender":   {r, flagged(k("6.1"), "HH"), adult, ""},
		"moles with a mass's unit": {r, flagged(valueOf("2823-3", "mg/dL", "12", 0), "H"), adult, ""},
	} {
		v := c.rules.Judge(c.o, c.who)
		if got := strings.Join(words.InEnglish(v.UrgentBy), "; "); got != c.want || v.Urgent != (c.want != "") {
			t.Errorf("%s: urgent %v by %q, want %q", name, v.Urgent, got, c.want)
		}
	}
}

// Whatever a site sets of urgent limits, change checks and retest intervals, what has to
// be shown is critical as before.
func TestNoUrgentLimitTakesACriticalAway(t *testing.T) {
	r := Default()
	for analyte, list := range urgentRanges {
		rule := RuleCritical(analyte)
		for _, g := range list {
			for _, value := range []fhir.Decimal{g.Loose, g.Strict} {
				x := setting(g.Unit, "", g.Edge, string(value))
				s, err := r.Set(Settings{Rule: rule}, x)
				if err != nil {
					continue // it is so already
				}
				own, now := r.limits(rule), r.Under(s, "4B", 1).limits(rule)
				for i := range own.Bounds {
					if own.Bounds[i].CritLow != now.Bounds[i].CritLow || own.Bounds[i].CritHigh != now.Bounds[i].CritHigh {
						t.Errorf("%s %s: a critical limit moved", analyte, g.Edge)
					}
				}
			}
		}
	}
}

func (r Rules) limits(rule RuleID) Limit {
	for _, l := range r.Critical {
		if RuleCritical(l.Analyte) == rule {
			return l
		}
	}
	return Limit{}
}

// valueOf is a plain result of an adult's, so many hours after the first.
func valueOf(code, unit, value string, hour int) fhir.Observation {
	return fhir.Observation{
		Status: "final", EffectiveDateTime: settingDay.Add(time.Duration(hour) * time.Hour).Format(time.RFC3339), Code: fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemLOINC, Code: code}}},
		ValueQuantity: &fhir.Quantity{Value: fhir.Dec(value), Unit: unit, System: fhir.SystemUCUM, Code: unit},
	}
}

func changeSet(edge, row, unit, value string) Setting {
	x := setting(unit, row, edge, value)
	return x
}

// A smaller change is marked where the site says so, under words that name its limit; the
// stages of acute kidney injury stay the algorithm's, whatever is set.
func TestChangeChecksThatTheSiteSet(t *testing.T) {
	r := Default()
	s := settings(t, RuleChange,
		changeSet(EdgeChange, "sodium", "mmol/L", "8"), changeSet(EdgeFallDay, "haemoglobin", "g/L", "15"), changeSet(EdgeEarlyRise, "creatinine", "umol/L", "18"), changeSet(EdgeFallWeek, "haemoglobin", "g/L", "25"))
	said := func(n int, code, unit string, was, is string, hours int) string {
		return strings.Join(r.Under(s, "", n).Changed(valueOf(code, unit, is, hours), []fhir.Observation{valueOf(code, unit, was, 0)}), "; ")
	}
	for _, c := range []struct {
		n                   int
		code, unit, was, is string
		hours               int
		want                string
	}{
		{0, "2951-2", "mmol/L", "140", "131", 24, ""},
		{1, "2951-2", "mmol/L", "140", "131", 24, "unexpected change: check identity and sample (set for this hospital, version 1 of 29-Nov-2026)"},
		{4, "2951-2", "mmol/L", "131", "140", 24, "unexpected change: check identity and sample (set for this hospital, version 1 of 29-Nov-2026)"},
		{4, "2951-2", "mmol/L", "140", "133", 24, ""},
		{1, "718-7", "g/L", "120", "104", 12, ""},
		{2, "718-7", "g/L", "120", "104", 12, "fell by 15 g/L or more in a day: bleeding? (set for this hospital, version 2 of 29-Nov-2026)"},
		{4, "718-7", "g/L", "120", "94", 100, "fell by 25 g/L or more in 7 days (set for this hospital, version 4 of 29-Nov-2026)"},
		{2, "14682-9", "umol/L", "80", "100", 24, ""},
		{3, "14682-9", "umol/L", "80", "100", 24, "rose by more than 18 µmol/L in 48 h, short of AKI stage 1 (set for this hospital, version 3 of 29-Nov-2026)"},
		{3, "14682-9", "umol/L", "80", "98", 24, ""},  // not more than 18
		{3, "14682-9", "umol/L", "80", "100", 60, ""}, // more than 48 h ago
		{2, "718-7", "g/L", "120", "104", 30, ""},     // more than a day ago
		{3, "14682-9", "umol/L", "80", "107", 24, "AKI stage 1: rose by more than 26 µmol/L in 48 h"},
		{3, "14682-9", "umol/L", "80", "165", 24, "AKI stage 2"},
		{0, "14682-9", "umol/L", "80", "107", 24, "AKI stage 1: rose by more than 26 µmol/L in 48 h"},
	} {
		if got := said(c.n, c.code, c.unit, c.was, c.is, c.hours); got != c.want {
			t.Errorf("%s to %s of %s by %d: %q, want %q", c.was, c.is, c.code, c.n, got, c.want)
		}
	}
	if len(r.Changes) != len(Default().Changes) || r.Changes[0].Rise != "13" {
		t.Error("the program's own table was changed")
	}
	for _, bad := range []Setting{changeSet(EdgeChange, "sodium", "mmol/L", "14"), changeSet(EdgeChange, "platelets", "10*9/L", "50"), changeSet(EdgeChange, "creatinine", "umol/L", "20"), changeSet(EdgeEarlyRise, "creatinine", "umol/L", "27")} {
		if _, err := r.Set(Settings{Rule: RuleChange}, bad); err == nil {
			t.Errorf("%+v was set", bad)
		}
	}
}

// A smaller fall of the platelets is marked where the site says so, and each check looks
// back as long as the site has it; what is set of one check leaves the others alone.
func TestPlateletsAndTimesOfChangeChecksThatTheSiteSet(t *testing.T) {
	r := Default()
	s := changesOfTheSite(t)
	said := func(n int, code, unit, was, is string, hours int) string {
		return strings.Join(r.Under(s, "", n).Changed(valueOf(code, unit, is, hours), []fhir.Observation{valueOf(code, unit, was, 0)}), "; ")
	}
	const platelets, sodium, hb, mcv = "777-3", "2951-2", "718-7", "787-2"
	for _, c := range []struct {
		n                   int
		code, unit, was, is string
		hours               int
		want                string
	}{
		{0, platelets, "10*9/L", "300", "150", 24, "halved: clot in the sample, or heparin?"},
		{0, platelets, "10*9/L", "300", "190", 24, ""},
		{1, platelets, "10*9/L", "300", "195", 24, "fell by 35 % or more in 3 days: clot in the sample, or heparin? (set for this hospital, version 1 of 29-Nov-2026)"},
		{1, platelets, "10*9/L", "300", "196", 24, ""},
		{1, platelets, "10*9/L", "300", "100", 100, ""}, // more than 3 days ago
		{2, platelets, "10*9/L", "300", "195", 200, "fell by 35 % or more in 10 days: clot in the sample, or heparin? (set for this hospital, version 2 of 29-Nov-2026)"},
		{2, platelets, "10*9/L", "300", "195", 241, ""},
		{2, sodium, "mmol/L", "140", "126", 100, ""},
		{3, sodium, "mmol/L", "140", "126", 100, "unexpected change: check identity and sample, within 5 days (set for this hospital, version 3 of 29-Nov-2026)"},
		{3, sodium, "mmol/L", "140", "126", 121, ""},
		{3, hb, "g/L", "120", "98", 30, ""},
		{4, hb, "g/L", "120", "98", 30, "fell by 20 g/L or more in 36 h: bleeding? (set for this hospital, version 4 of 29-Nov-2026)"},
		{4, hb, "g/L", "120", "88", 200, ""}, // the other check of haemoglobin still looks back for 7 days
		{5, hb, "g/L", "120", "88", 200, "fell by 30 g/L or more in 14 days (set for this hospital, version 5 of 29-Nov-2026)"},
		{6, mcv, "fL", "85", "91", 400, "unexpected change: check identity and sample, unless there was a transfusion, within 28 days (set for this hospital, version 6 of 29-Nov-2026)"},
		{6, "14682-9", "umol/L", "80", "107", 60, ""}, // the algorithm's 48 h stay
	} {
		if got := said(c.n, c.code, c.unit, c.was, c.is, c.hours); got != c.want {
			t.Errorf("%s to %s of %s after %d h by %d: %q, want %q", c.was, c.is, c.code, c.hours, c.n, got, c.want)
		}
	}
	own := Default().Changes
	for i, d := range r.Changes {
		if d.Within != own[i].Within || d.Part != own[i].Part || d.Halved != own[i].Halved {
			t.Errorf("the program's own table was changed: %+v", d)
		}
	}
	for _, bad := range []Setting{
		changeSet(EdgeFallPart, "platelets", Percent, "51"), changeSet(EdgeFallPart, "platelets", Percent, "29"), changeSet(EdgeFallPart, "haemoglobin", Percent, "40"),
		changeSet(EdgeChangeTime, "sodium", Hours, "71"), changeSet(EdgeChangeTime, "sodium", Hours, "169"), changeSet(EdgeChangeTime, "sodium", "d", "5"),
		changeSet(EdgeChangeTime, "sodium", Hours, "96.5"), changeSet(EdgeFallDayTime, "haemoglobin", Hours, "23"), changeSet("early-rise-within", "creatinine", Hours, "72"),
	} {
		if _, err := r.Set(Settings{Rule: RuleChange}, bad); err == nil {
			t.Errorf("%+v was set", bad)
		}
	}
	for written, unit := range map[string]string{"%": Percent, "h": Hours, "mmol/L": "mmol/L"} {
		if got, ok := r.UnitIn(RuleChange, written); !ok || got != unit {
			t.Errorf("%s is read as %q", written, got)
		}
	}
}

// changesOfTheSite are settings of the change checks that came after their first ones.
func changesOfTheSite(t *testing.T) Settings {
	t.Helper()
	return settings(t, RuleChange,
		changeSet(EdgeFallPart, "platelets", Percent, "35"), changeSet(EdgeFallPartTime, "platelets", Hours, "240"), changeSet(EdgeChangeTime, "sodium", Hours, "120"),
		changeSet(EdgeFallDayTime, "haemoglobin", Hours, "36"), changeSet(EdgeFallWeekTime, "haemoglobin", Hours, "336"), changeSet(EdgeChangeTime, "MCV", Hours, "672"))
}

// They are kept in the form that there is, and read for ever. A program that knows none of
// these edges has them in its list and goes on with its own table.
func TestSettingsOfChangeChecksAreReadForEver(t *testing.T) {
	s := changesOfTheSite(t)
	text, err := s.String()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join("testdata", "settings.v1-changes.txt"))
	if err != nil || strings.TrimSpace(string(b)) != text {
		t.Fatalf("%v\n%s\n%s", err, b, text)
	}
	read, err := ParseSettings(strings.TrimSpace(string(b)))
	if err != nil || len(read.List) != len(s.List) {
		t.Fatalf("%v %+v", err, read)
	}
	later := read
	for i := range later.List {
		later.List[i].Edge += "-of-tomorrow"
	}
	r := Default()
	if got, _ := json.Marshal(r.Under(later, "", later.Number()).Changes); string(got) != string(mustJSON(t, r.Changes)) {
		t.Error("what is not known here changed the checks")
	}
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A test asked for again is doubtful within the site's interval, and says whose it is;
// what waits is doubtful whatever is set, and what is taken in series never.
func TestRetestIntervalsThatTheSiteSet(t *testing.T) {
	r := Default()
	s := settings(t, RuleRepeat, setting(Hours, "crp", EdgeRetest, "24"))
	crp, _ := r.Catalogue.Test("crp")
	o := valueOf("", "mg/L", "12", 0)
	o.Code = fhir.CodeableConcept{Text: crp.Members[0].Name}
	ask := func(n int, after time.Duration) []Repeat {
		return r.Under(s, "4B", n).Repeats(Wanted{Code: crp.Concept(), Results: []fhir.Observation{o}, Who: Subject{AgeKnown: true, Years: 50}, Now: settingDay.Add(after)})
	}
	if got := ask(0, 30*time.Hour); len(got) != 1 || !got[0].By.IsZero() {
		t.Errorf("by the program's own 48 h: %+v", got)
	}
	if got := ask(1, 30*time.Hour); len(got) != 0 {
		t.Errorf("by the site's 24 h: %+v", got)
	}
	if got := ask(1, 20*time.Hour); len(got) != 1 || got[0].Within != 24*time.Hour || got[0].By.English() != "set for this hospital, version 1 of 29-Nov-2026" {
		t.Errorf("%+v", got)
	}
	for _, bad := range []Setting{setting(Hours, "crp", EdgeRetest, "12"), setting(Hours, "crp", EdgeRetest, "49"), setting(Hours, "tnt", EdgeRetest, "24"), setting(Minutes, "crp", EdgeRetest, "1440"), setting(Hours, "crp", EdgeRetest, "24.5"), setting(Hours, "vitd", EdgeRetest, "24")} {
		if _, err := r.Set(Settings{Rule: RuleRepeat}, bad); err == nil {
			t.Errorf("%+v was set", bad)
		}
	}
	if unit, ok := r.UnitIn(RuleRepeat, "h"); !ok || unit != Hours {
		t.Errorf("%s %v", unit, ok)
	}
}
