package obschart_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/obschart"
)

var now = time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)

func yes(on bool) *bool { return &on }

func whole(at time.Time) ward.VitalSet {
	return ward.VitalSet{At: at, Respirations: "16", SpO2: "97", Oxygen: yes(false), Systolic: "120", Diastolic: "70", Pulse: "72", Consciousness: "A", Temperature: "36.8"}
}

func groupOf(t *testing.T, c obschart.Chart, name string) obschart.Group {
	t.Helper()
	for _, g := range c.Groups {
		if g.Name == name {
			return g
		}
	}
	t.Fatalf("no %s", name)
	return obschart.Group{}
}

// Each value of every parameter falls into exactly the row whose points the rules
// that score give it, on both scales, on air and on oxygen.
func TestTheRowsAreThoseOfTheScore(t *testing.T) {
	set := func(change func(*ward.VitalSet)) ward.VitalSet {
		s := whole(now)
		change(&s)
		return s
	}
	check := func(name, part string, scale int, s ward.VitalSet) {
		t.Helper()
		s.Early.Scale = scale
		subject := alert.Subject{AgeKnown: true, Years: 70}
		if scale == 2 {
			subject.Scale2 = alert.Prescription{By: "Dr H. Osei", At: now.Add(-time.Hour), Reason: "hypercapnic failure"}
		}
		m := groupOf(t, obschart.Of([]ward.VitalSet{s}, ward.Early{}, now), name).Marks[0]
		for _, p := range alert.NEWS2(alert.VitalsOf(s), subject, now).Parts {
			if p.Name == part && p.Points != m.Points {
				t.Errorf("%s %s: %d points on the chart, %d by the rules", name, m.Text, m.Points, p.Points)
			}
		}
		if m.Band == obschart.None {
			t.Errorf("%s %s stands in no row", name, m.Text)
		}
	}
	for n := range 300 {
		v := strconv.Itoa(n)
		if n >= 3 && n <= 60 {
			check("Respirations", "respirations", 1, set(func(s *ward.VitalSet) { s.Respirations = v }))
		}
		if n >= 50 && n <= 100 {
			check("SpO₂ scale 1", "oxygen saturation", 1, set(func(s *ward.VitalSet) { s.SpO2 = v }))
			check("SpO₂ scale 2, on air", "oxygen saturation", 2, set(func(s *ward.VitalSet) { s.SpO2 = v }))
			check("SpO₂ scale 2, on oxygen", "oxygen saturation", 2, set(func(s *ward.VitalSet) { s.SpO2, s.Oxygen = v, yes(true) }))
		}
		if n >= 40 && n <= 280 {
			check("Blood pressure", "systolic blood pressure", 1, set(func(s *ward.VitalSet) { s.Systolic = v }))
		}
		if n >= 20 && n <= 220 {
			check("Pulse", "pulse", 1, set(func(s *ward.VitalSet) { s.Pulse = v }))
		}
		if n <= 120 {
			check("Temperature", "temperature", 1, set(func(s *ward.VitalSet) { s.Temperature = fmt.Sprintf("%.1f", 30+float64(n)/10) }))
		}
	}
	for _, letter := range "ACVPU" {
		check("Consciousness", "consciousness", 1, set(func(s *ward.VitalSet) { s.Consciousness = string(letter) }))
	}
	check("Air or oxygen", "air or oxygen", 1, set(func(s *ward.VitalSet) { s.Oxygen = yes(true) }))
	check("Temperature", "temperature", 1, set(func(s *ward.VitalSet) { s.Temperature = "38.05" }))
}

// Somebody did not count the respirations at noon: there is a gap, and no line
// over it. A set that was entered in error is struck out and joined to nothing.
func TestGapsStayGaps(t *testing.T) {
	at := func(h int) time.Time { return time.Date(2026, 11, 22, h, 0, 0, 0, time.UTC) }
	gap, wrong, odd := whole(at(10)), whole(at(12)), whole(at(13))
	gap.Respirations, gap.Systolic, gap.Diastolic = "", "", ""
	wrong.Error, wrong.Respirations = true, "81"
	odd.Respirations = "about 20"
	c := obschart.Of([]ward.VitalSet{odd, wrong, whole(at(11)), gap, whole(at(9)), whole(at(8))}, ward.Early{}, now)
	g := groupOf(t, c, "Respirations")
	var got []string
	for i, m := range g.Marks {
		word := c.Columns[i].Clock + " " + m.Text
		if m.Joined {
			word += " joined"
		}
		if m.Struck {
			word += " struck"
		}
		if m.Band == obschart.None {
			word += " nowhere"
		}
		got = append(got, word)
	}
	want := "08:00 16|09:00 16 joined|10:00  nowhere|11:00 16|12:00 81 struck|13:00 about 20 nowhere"
	if s := strings.Join(got, "|"); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
	if !g.Odd || g.Marks[4].Points != obschart.Unscored {
		t.Error("a value that fits no row is not told, or one entered in error has points")
	}
	if c.Columns[4].Total != "" || !c.Columns[4].Error {
		t.Errorf("the column of the error: %+v", c.Columns[4])
	}
}

// For somebody whom NEWS2 is not made for no row has points, and the chart says
// why.
func TestNobodyIsScoredWhoMustNotBe(t *testing.T) {
	const why = "not scored: under 16"
	s := whole(now)
	s.Respirations, s.Early = "30", ward.Early{Known: true, Refused: why}
	c := obschart.Of([]ward.VitalSet{s}, ward.Early{Known: true, Refused: why}, now)
	if c.Refused != why || c.Columns[0].Total != "" {
		t.Errorf("%q, total %q", c.Refused, c.Columns[0].Total)
	}
	for _, g := range c.Groups {
		for _, b := range g.Bands {
			if b.Points != obschart.Unscored {
				t.Errorf("%s %s has %d points", g.Name, b.Label, b.Points)
			}
		}
		if g.Marks[0].Points != obschart.Unscored {
			t.Errorf("%s is scored", g.Name)
		}
	}
}

// The chart is bounded, and of too many the newest stand.
func TestTheChartIsBounded(t *testing.T) {
	var sets []ward.VitalSet
	for i := range 200 {
		sets = append(sets, whole(now.Add(-time.Duration(i)*time.Hour)))
	}
	c := obschart.Of(sets, ward.Early{}, now)
	if len(c.Columns) != 96 || !c.Columns[95].At.Equal(now) {
		t.Errorf("%d columns, the last of %s", len(c.Columns), c.Columns[len(c.Columns)-1].At)
	}
}
