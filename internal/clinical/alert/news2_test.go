package alert_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/ward"
)

var (
	t0    = time.Date(2026, 11, 22, 12, 30, 0, 0, time.UTC)
	adult = alert.Subject{AgeKnown: true, Years: 72}
	co2   = alert.Prescription{By: "Dr H. Osei", At: t0.Add(-time.Hour), Reason: "hypercapnic failure"}
)

// vitals reads "RR, SpO2, air|O2, SBP, pulse, ACVPU, T"; "-" is not measured.
func vitals(s string) alert.Vitals {
	f := strings.Split(strings.ReplaceAll(s, " ", ""), ",")
	r := func(i int) alert.Reading {
		if f[i] == "-" {
			return alert.Reading{}
		}
		return alert.Reading{Value: strings.Replace(f[i], "O2", "oxygen", 1), At: t0}
	}
	return alert.Vitals{Respirations: r(0), Saturation: r(1), Oxygen: r(2), Systolic: r(3), Pulse: r(4), Consciousness: r(5), Temperature: r(6)}
}

func points(s alert.Score) string {
	var list []string
	for _, p := range s.Parts {
		list = append(list, fmt.Sprint(p.Points))
	}
	return strings.Join(list, " ")
}

// Worked examples, computed by hand from the chart (RCP NEWS2 2017, chart 1).
func TestWorkedExamples(t *testing.T) {
	for i, e := range []struct {
		in    string
		scale int
		parts string
		total int
		risk  ward.Risk
	}{
		{"16, 98, air, 120, 72, A, 36.8", 1, "0 0 0 0 0 0 0", 0, ward.RiskLow},
		{"21, 95, air, 112, 95, A, 37.5", 1, "2 1 0 0 1 0 0", 4, ward.RiskLow},
		{"25, 97, air, 130, 85, A, 37.0", 1, "3 0 0 0 0 0 0", 3, ward.RiskLowMedium},
		{"20, 93, O2, 105, 108, A, 38.4", 1, "0 2 2 1 1 0 1", 7, ward.RiskHigh},
		{"18, 90, O2, 128, 88, A, 36.5", 2, "0 0 2 0 0 0 0", 2, ward.RiskLow},
		{"18, 95, O2, 128, 88, A, 36.5", 2, "0 2 2 0 0 0 0", 4, ward.RiskLow},
		{"18, 95, air, 128, 88, A, 36.5", 2, "0 0 0 0 0 0 0", 0, ward.RiskLow},
		{"18, 88, air, 128, 88, A, 36.5", 1, "0 3 0 0 0 0 0", 3, ward.RiskLowMedium},
		{"14, 96, air, 135, 70, C, 37.1", 1, "0 0 0 0 0 3 0", 3, ward.RiskLowMedium},
		{"24, 94, O2, 100, 111, A, 38.1", 1, "2 1 2 2 2 0 1", 10, ward.RiskHigh},
		{"8, 96, air, 220, 40, A, 35.0", 1, "3 0 0 3 3 0 3", 12, ward.RiskHigh},
		{"9, 92, air, 111, 51, A, 36.1", 1, "1 2 0 0 0 0 0", 3, ward.RiskLow},
		{"8, 83, O2, 90, 131, U, 35.0", 2, "3 3 2 3 3 3 3", 20, ward.RiskHigh},
	} {
		who := adult
		if e.scale == 2 {
			who.Scale2 = co2
		}
		s := alert.NEWS2(vitals(e.in), who, t0)
		if points(s) != e.parts || s.Total != e.total || s.Risk != e.risk || s.AtLeast || s.Refused != "" || s.Scale != e.scale {
			t.Errorf("example %d (%s): parts %s, total %d, risk %s, scale %d; want %s, %d, %s", i+1, e.in, points(s), s.Total, s.Risk, s.Scale, e.parts, e.total, e.risk)
		}
	}
}

// Every edge of every parameter: the last value of a band and the first of the
// next.
func TestEveryEdge(t *testing.T) {
	const calm = "16, 98, air, 120, 72, A, 36.8"
	for _, e := range []struct {
		name  string
		at    int // place in the set
		scale int
		air   string
		edges string // value=points
	}{
		{"respirations", 0, 1, "air", "0=3 8=3 9=1 11=1 12=0 20=0 21=2 24=2 25=3 60=3"},
		{"saturation, scale 1", 1, 1, "air", "70=3 91=3 92=2 93=2 94=1 95=1 96=0 100=0"},
		{"saturation, scale 1, on oxygen", 1, 1, "O2", "91=3 92=2 93=2 94=1 95=1 96=0 100=0"},
		{"saturation, scale 2, on air", 1, 2, "air", "70=3 83=3 84=2 85=2 86=1 87=1 88=0 92=0 93=0 95=0 97=0 100=0"},
		{"saturation, scale 2, on oxygen", 1, 2, "O2", "83=3 84=2 85=2 86=1 87=1 88=0 92=0 93=1 94=1 95=2 96=2 97=3 100=3"},
		{"systolic", 3, 1, "air", "50=3 90=3 91=2 100=2 101=1 110=1 111=0 219=0 220=3 250=3"},
		{"pulse", 4, 1, "air", "30=3 40=3 41=1 50=1 51=0 90=0 91=1 110=1 111=2 130=2 131=3 200=3"},
		{"consciousness", 5, 1, "air", "A=0 C=3 V=3 P=3 U=3"},
		{"temperature", 6, 1, "air", "32=3 35.0=3 35.1=1 36.0=1 36.1=0 38.0=0 38.1=1 39.0=1 39.1=2 41=2"},
		{"temperature, rounded half up at one decimal", 6, 1, "air", "35.04=3 35.05=1 36.049=1 36.05=0 38.0499=0 38.05=1 39.04=1 39.05=2 35.049999999999999999999999999=3"},
		{"whole numbers, rounded half up", 0, 1, "air", "8.4=3 8.5=1 11.49=1 11.5=0 20.49999999999999999999=0 20.5=2 24.5=3"},
		{"a decimal comma", 6, 1, "air", "35,0=3 38,1=1"},
	} {
		t.Run(e.name, func(t *testing.T) {
			for _, edge := range strings.Fields(e.edges) {
				value, want, _ := strings.Cut(edge, "=")
				v := vitals(calm)
				v.Oxygen.Value = strings.Replace(e.air, "O2", "oxygen", 1)
				fields := []*alert.Reading{&v.Respirations, &v.Saturation, nil, &v.Systolic, &v.Pulse, &v.Consciousness, &v.Temperature}
				fields[e.at].Value = value
				who := adult
				if e.scale == 2 {
					who.Scale2 = co2
				}
				s := alert.NEWS2(v, who, t0)
				if got := fmt.Sprint(s.Parts[e.at].Points); got != want || s.AtLeast {
					t.Errorf("%s scores %s, want %s %v", value, got, want, s.Missing)
				}
			}
		})
	}
}

// What is missing can only add: the score is a minimum, and a threshold that is
// crossed already is crossed.
func TestIncompleteSets(t *testing.T) {
	for _, e := range []struct {
		in      string
		total   int
		missing string
		risk    ward.Risk
	}{
		{"21, 95, air, 108, 95, A, -", 5 - 0, "temperature", ward.RiskMedium},
		{"-, -, -, -, -, -, -", 0, "respirations,oxygen saturation,air or oxygen,systolic blood pressure,pulse,consciousness,temperature", ward.RiskLow},
		{"25, -, air, 120, 72, A, 36.8", 3, "oxygen saturation", ward.RiskLowMedium},
		{"16, 98, -, 120, 72, A, 36.8", 0, "air or oxygen", ward.RiskLow},
		{"16, 98, air, 120, 72, X, 36.8", 0, "consciousness", ward.RiskLow},
		{"16, 101, air, 120, 72, A, 36.8", 0, "oxygen saturation", ward.RiskLow},
		{"16, 98, air, 120, 950, A, 36.8", 0, "pulse", ward.RiskLow},
		{"-3, 98, air, 120, 72, A, 36.8", 0, "respirations", ward.RiskLow},
		{"16, 98, air, 120, fast, A, 36.8", 0, "pulse", ward.RiskLow},
	} {
		s := alert.NEWS2(vitals(e.in), adult, t0)
		if !s.AtLeast || s.Total != e.total || strings.Join(s.Missing, ",") != e.missing || s.Risk != e.risk || !s.Due.IsZero() {
			t.Errorf("%s: at least %v, %d, missing %v, %s, due %v", e.in, s.AtLeast, s.Total, s.Missing, s.Risk, s.Due)
		}
	}
	// On scale 2 a high saturation depends on oxygen; without it the least counts.
	who := adult
	who.Scale2 = co2
	if s := alert.NEWS2(vitals("16, 97, -, 120, 72, A, 36.8"), who, t0); s.Total != 0 || !s.AtLeast {
		t.Errorf("scale 2, oxygen not known: %d, at least %v", s.Total, s.AtLeast)
	}
}

func TestValuesOfAnotherTimeAreNotScored(t *testing.T) {
	for _, e := range []struct {
		age     time.Duration
		missing bool
	}{{15 * time.Minute, false}, {15*time.Minute + time.Second, true}, {4 * time.Hour, true}} {
		v := vitals("25, 98, air, 120, 72, A, 36.8")
		v.Respirations.At = t0.Add(-e.age)
		s := alert.NEWS2(v, adult, t0)
		if s.AtLeast != e.missing || (s.Total == 3) == e.missing {
			t.Errorf("%v older: at least %v, total %d", e.age, s.AtLeast, s.Total)
		}
		if !e.missing && !s.Oldest.Equal(v.Respirations.At) {
			t.Errorf("the oldest value is from %v", s.Oldest)
		}
	}
}

func TestWhoIsNotScored(t *testing.T) {
	for _, e := range []struct {
		who  alert.Subject
		want string
	}{
		{alert.Subject{}, "age not known"},
		{alert.Subject{AgeKnown: true, Years: 15}, "under 16"},
		{alert.Subject{AgeKnown: true, Years: 0}, "under 16"},
		{alert.Subject{AgeKnown: true, Years: 30, Pregnant: true}, "pregnant"},
		{alert.Subject{AgeKnown: true, Years: 16}, ""},
	} {
		s := alert.NEWS2(vitals("25, 90, O2, 80, 140, U, 34"), e.who, t0)
		if e.want == "" {
			if s.Refused != "" || s.Total == 0 {
				t.Errorf("%+v refused: %s", e.who, s.Refused)
			}
			continue
		}
		if !strings.HasPrefix(s.Refused, "not scored: ") || !strings.Contains(s.Refused, e.want) || s.Total != 0 || len(s.Parts) != 0 || s.Early().Known {
			t.Errorf("%+v: %+v", e.who, s)
		}
	}
}

// Scale 2 needs who, when and why, and counts from then on.
func TestScale2OnlyWhenPrescribed(t *testing.T) {
	for _, e := range []struct {
		p    alert.Prescription
		want int
	}{
		{co2, 2},
		{alert.Prescription{}, 1},
		{alert.Prescription{At: co2.At, Reason: co2.Reason}, 1},
		{alert.Prescription{By: co2.By, Reason: co2.Reason}, 1},
		{alert.Prescription{By: co2.By, At: co2.At}, 1},
		{alert.Prescription{By: co2.By, At: t0.Add(time.Minute), Reason: co2.Reason}, 1}, // an earlier set keeps scale 1
		{alert.Prescription{By: co2.By, At: t0, Reason: co2.Reason}, 2},
	} {
		who := adult
		who.Scale2 = e.p
		if s := alert.NEWS2(vitals("18, 90, O2, 128, 88, A, 36.5"), who, t0.Add(time.Hour)); s.Scale != e.want {
			t.Errorf("%+v: scale %d, want %d", e.p, s.Scale, e.want)
		}
	}
}

// How often, and when the next set is due (RCP NEWS2 2017, chart 4).
func TestResponseAndDue(t *testing.T) {
	for _, e := range []struct {
		in         string
		every      string
		due        time.Duration
		continuous bool
		words      string
	}{
		{"16, 98, air, 120, 72, A, 36.8", "every 12 hours", 12 * time.Hour, false, "Routine"},
		{"21, 95, air, 112, 95, A, 37.5", "every 4 to 6 hours", 4 * time.Hour, false, "registered nurse"},
		{"25, 97, air, 130, 85, A, 37.0", "every hour", time.Hour, false, "3 in one parameter"},
		{"21, 95, air, 108, 95, A, 37.0", "every hour", time.Hour, false, "Urgent threshold"},
		{"24, 94, O2, 100, 111, A, 38.1", "continuously", 30 * time.Minute, true, "Emergency threshold"},
	} {
		s := alert.NEWS2(vitals(e.in), adult, t0)
		if s.Every != e.every || !s.Due.Equal(t0.Add(e.due)) || s.Continuous != e.continuous || !strings.Contains(s.Response, e.words) {
			t.Errorf("%s: %s, due %v, %q", e.in, s.Every, s.Due.Sub(t0), s.Response)
		}
	}
	rise := alert.NEWS2(vitals("24, 94, O2, 100, 111, A, -"), adult, t0)
	if due := alert.DueAfter(t0.Add(-2*time.Hour), rise); !due.Equal(t0.Add(-90*time.Minute)) || alert.Overdue(due, t0) != 90*time.Minute {
		t.Errorf("a rise shortens the interval at once: due %v", due)
	}
	if alert.Overdue(t0, t0) != 0 || alert.Overdue(time.Time{}, t0) != 0 {
		t.Error("due now is not overdue")
	}
}

func TestScoreAsShown(t *testing.T) {
	yes := true
	set := ward.VitalSet{At: t0, Respirations: "21", SpO2: "95", Oxygen: &yes, Systolic: "108", Pulse: "95", Consciousness: "A"}
	e := alert.NEWS2(alert.VitalsOf(set), adult, t0).Early()
	if !e.Known || e.Total != 7 || !e.AtLeast || !slices.Equal(e.Missing, []string{"temperature"}) || !e.Oxygen || e.Scale != 1 || len(e.Parts) != 7 || !e.Parts[6].Missing {
		t.Errorf("%+v", e)
	}
	if e := alert.NEWS2(alert.Vitals{}, adult, t0).Early(); e.Known {
		t.Error("an empty set has no score")
	}
}
