package chart_test

import (
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/chart"
)

func show(t *testing.T, c ward.Chart) chart.State {
	t.Helper()
	r := newRig(t)
	c.Who.ID = "folake"
	r.desk.charts["folake"] = c
	r.open("folake", chart.Results)
	return r.m.State()
}

func res(id, test, unit, panel, value string, day int, clock string) ward.Result {
	return ward.Result{ID: ward.ResultID(id), Test: test, Unit: unit, Panel: panel, Value: value, Collected: at(day, clock), CollectedText: at(day, clock).Format("02-Jan-2006 15:04"), Status: "final"}
}

func TestResultsStandInColumnsByTimeOfCollection(t *testing.T) {
	undated := res("na0", "Sodium", "mmol/L", "U&E", "140", 1, "00:00")
	undated.Collected, undated.CollectedText = time.Time{}, ""
	s := show(t, ward.Chart{AsOf: now, Results: []ward.Result{
		res("k2", "Potassium", "mmol/L", "U&E", "6.8", 22, "13:31"), res("na2", "Sodium", "mmol/L", "U&E", "132", 22, "13:31"),
		res("crp", "CRP", "mg/L", "", "143", 22, "06:15"), res("k1", "Potassium", "mmol/L", "U&E", "5.1", 21, "06:10"), undated,
	}})
	var heads []string
	for _, m := range s.Moments {
		heads = append(heads, m.Day+" "+m.Clock)
	}
	want := []string{"time not sent", "21-Nov 06:10", "22-Nov 06:15", "22-Nov 13:31"}
	if len(heads) != len(want) {
		t.Fatalf("columns: %q", heads)
	}
	for i := range want {
		if heads[i] != want[i] {
			t.Errorf("column %d is %q, want %q", i, heads[i], want[i])
		}
	}
	if len(s.Groups) != 2 || s.Groups[1].Panel != "Other results" || s.Groups[0].Note != "13:31: final" {
		t.Fatalf("groups: %+v", s.Groups)
	}
	k := s.Groups[0].Rows[0]
	if k.Newest.Value != "6.8" || k.At(s.Moments[1]).Value != "5.1" || k.At(s.Moments[2]) != nil {
		t.Error("potassium stands in the wrong columns")
	}
}

// Two samples of one minute are two columns: none of them hides the other.
func TestTwoResultsOfOneMomentAreBothShown(t *testing.T) {
	s := show(t, ward.Chart{AsOf: now, Results: []ward.Result{res("a", "Glucose", "mmol/L", "", "4.1", 22, "06:15"), res("b", "Glucose", "mmol/L", "", "14.1", 22, "06:15")}})
	seen := map[string]bool{}
	for _, m := range s.Moments {
		if r := s.Groups[0].Rows[0].At(m); r != nil {
			seen[r.Value] = true
		}
	}
	if !seen["4.1"] || !seen["14.1"] {
		t.Errorf("shown: %v in %d columns", seen, len(s.Moments))
	}
}

// Like is compared with like: another unit is another line and another trend.
func TestAnotherUnitIsAnotherLine(t *testing.T) {
	s := show(t, ward.Chart{AsOf: now, Results: []ward.Result{res("a", "Glucose", "mmol/L", "", "4.1", 22, "06:15"), res("b", "Glucose", "mg/dL", "", "74", 21, "06:15")}})
	if len(s.Groups[0].Rows) != 2 || len(s.Trend) != 1 {
		t.Errorf("%d lines, trend of %d", len(s.Groups[0].Rows), len(s.Trend))
	}
}

func TestAPreliminaryGroupSaysThatItMayChange(t *testing.T) {
	r := res("hb", "Haemoglobin", "g/L", "FBC", "108", 22, "13:31")
	r.Status = "preliminary"
	if g := show(t, ward.Chart{AsOf: now, Results: []ward.Result{r}}).Groups[0]; !g.Early || g.Note != "13:31: preliminary, may change" {
		t.Errorf("the head says %q", g.Note)
	}
}

// "None" is said only where it is known.
func TestEmptyResultsSayWhatIsKnown(t *testing.T) {
	for _, c := range []struct {
		chart ward.Chart
		want  string
	}{
		{ward.Chart{AsOf: now}, "None: no results, as of 14:05."},
		{ward.Chart{AsOf: at(22, "02:14"), FeedDown: true}, "No results by 02:14. What came later is not here: phone the laboratory."},
		{ward.Chart{AsOf: now, HeldBack: []ward.HeldBack{{ID: "hb1", Since: now}}}, "No result is filed, as of 14:05. One is held back: see above."},
		{ward.Chart{}, "Not loaded: this computer has had no contact with the server yet."},
	} {
		if got := show(t, c.chart).Empty; got != c.want {
			t.Errorf("said %q, want %q", got, c.want)
		}
	}
}

func TestADayWithoutAnHourGetsNone(t *testing.T) {
	r := res("hb", "Haemoglobin", "g/L", "", "108", 21, "00:00")
	r.CollectedText = "21-Nov-2026"
	s := show(t, ward.Chart{AsOf: now, Results: []ward.Result{r}})
	if got := s.Moments[0].Clock; got != "no hour sent" {
		t.Errorf("the head says %q", got)
	}
	if got := chart.When(r, now); got != "21-Nov-2026" {
		t.Errorf("the result says %q", got)
	}
}

// A chart that looks empty, or complete, says what is not in it: the value, that it
// is not filed, that it may be somebody else's, why, and who has it.
func TestAChartSaysWhatIsHeldBack(t *testing.T) {
	h := ward.HeldBack{
		ID: "hb1", Since: at(22, "13:58"), Critical: true, Open: true, Why: "the name differs", Said: "Adeyami Fola, born 1945-03-14",
		Values: []ward.Result{{Test: "Potassium", Value: "6.8", Unit: "mmol/L", Flag: ward.FlagCriticalHigh}},
	}
	list := show(t, ward.Chart{AsOf: now, HeldBack: []ward.HeldBack{h}}).Held
	if len(list) != 1 || !list[0].Critical || list[0].Head != "Held back, not filed: Potassium 6.8 mmol/L CRITICAL HIGH, since 13:58" {
		t.Fatalf("%+v", list)
	}
	if want := "It may be this patient's: that is not confirmed. The message says it is for Adeyami Fola, born 1945-03-14. Why: the name differs. Nobody has taken it: see Alerts."; list[0].Words != want {
		t.Errorf("it says %q", list[0].Words)
	}
}

// Without a critical value it is said all the same, and quietly.
func TestAChartSaysThatAMessageIsMissing(t *testing.T) {
	h := ward.HeldBack{ID: "hb1", Since: at(22, "13:58"), Words: "A message could not be filed.", Why: "the name differs", Phone: "laboratory"}
	list := show(t, ward.Chart{AsOf: now, HeldBack: []ward.HeldBack{h}}).Held
	if len(list) != 1 || list[0].Critical || list[0].Head != "A message that may be about this patient could not be filed, since 13:58" {
		t.Fatalf("%+v", list)
	}
	if want := "It may be this patient's: that is not confirmed. Why: the name differs. Phone the laboratory."; list[0].Words != want {
		t.Errorf("it says %q", list[0].Words)
	}
}
