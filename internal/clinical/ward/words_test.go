package ward_test

import (
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
)

func at(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestAgeByStageOfLife(t *testing.T) {
	now := at("2026-11-22 14:05")
	for born, want := range map[string]string{
		"2026-11-20": "2d", "2026-10-01": "7w 3d", "2025-08-22": "15m", "2015-12-01": "10y 11m",
		"1954-03-14": "72y", "1954-11-23": "71y", "1954-11-22": "72y", "1954": "about 72y", "2027-01-01": "", "": "",
	} {
		if got := ward.Age(born, now); got != want {
			t.Errorf("Age(%q) = %q, want %q", born, got, want)
		}
	}
}

func TestYearsNeedAFullDate(t *testing.T) {
	if _, ok := ward.Years("1954", at("2026-11-22 14:05")); ok {
		t.Error("a year alone gave an age in years")
	}
	if n, ok := ward.Years("2010-11-22", at("2026-11-22 00:00")); !ok || n != 16 {
		t.Error(n, ok)
	}
}

func TestWordsOfTime(t *testing.T) {
	now := at("2026-11-22 14:05")
	if got := ward.Stamp(at("2026-11-22 02:14"), now); got != "02:14" {
		t.Error(got)
	}
	if got := ward.Stamp(at("2026-11-21 19:48"), now); got != "19:48 on 21-Nov-2026" {
		t.Error(got)
	}
	for d, want := range map[time.Duration]string{-1: "0 min", 25 * time.Minute: "25 min", 3 * time.Hour: "3 h", 72 * time.Hour: "3 d"} {
		if got := ward.Span(d); got != want {
			t.Errorf("Span(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestNameInCapitals(t *testing.T) {
	if got := (ward.Identity{Family: "Wojtyła", Given: "Anna"}).ShowName(); got != "WOJTYŁA, Anna" {
		t.Error(got)
	}
	if got := (ward.Identity{}).ShowName(); got != "NAME NOT KNOWN" {
		t.Error(got)
	}
}

func TestUrgency(t *testing.T) {
	crit := ward.Row{Critical: &ward.Result{Open: true}}
	seven := ward.Row{Early: ward.Early{Known: true, Risk: ward.RiskHigh}}
	six := ward.Row{Early: ward.Early{Known: true, Risk: ward.RiskMedium}}
	fixed := ward.Row{Corrected: &ward.Result{}}
	for i, c := range []struct {
		r    ward.Row
		want ward.Urgency
	}{{crit, 3}, {seven, 3}, {six, 2}, {fixed, 1}, {ward.Row{}, 0}} {
		if got := ward.UrgencyOf(&c.r); got != c.want {
			t.Errorf("case %d: %d, want %d", i, got, c.want)
		}
	}
}
