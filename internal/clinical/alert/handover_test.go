package alert_test

import (
	"testing"
	"time"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/ward"
)

func TestHowIllTheRecordSaysSomebodyIs(t *testing.T) {
	score := func(total int, risk ward.Risk) ward.Early { return ward.Early{Known: true, Total: total, Risk: risk} }
	fell, incomplete, lastHigh := score(4, ward.RiskLow), score(2, ward.RiskLow), score(1, ward.RiskLow)
	fell.From, fell.HasFrom = 6, true
	incomplete.AtLeast = true
	lastHigh.AtLeast, lastHigh.Last, lastHigh.HasLast = true, 7, true
	lastSingle := score(0, ward.RiskLowMedium) // the band of the complete set stands
	lastSingle.AtLeast, lastSingle.Last, lastSingle.HasLast = true, 3, true
	held := score(2, ward.RiskHigh)
	held.AtLeast = true
	high := score(5, ward.RiskMedium)
	high.AtLeast = true
	for _, c := range []struct {
		name  string
		early ward.Early
		crit  bool
		want  ward.Severity
	}{
		{"0", score(0, ward.RiskLow), false, ward.Stable},
		{"4", score(4, ward.RiskLow), false, ward.Stable},
		{"5", score(5, ward.RiskMedium), false, ward.Unstable},
		{"a single 3", score(3, ward.RiskLowMedium), false, ward.Watcher},
		{"4, was 6", fell, false, ward.Watcher},
		{"at least 5", high, false, ward.Unstable},
		{"at least 2", incomplete, false, ""},
		{"at least 1, last complete 7", lastHigh, false, ward.Unstable},
		{"at least 0, last complete 3 in one", lastSingle, false, ward.Watcher},
		{"at least 2 since at least 8, never a complete one", held, false, ward.Unstable},
		{"no score", ward.Early{}, false, ""},
		{"no score, a critical result that nobody acted on", ward.Early{}, true, ward.Watcher},
		{"1, a critical result that nobody acted on", score(1, ward.RiskLow), true, ward.Watcher},
		{"7, a critical result that nobody acted on", score(7, ward.RiskHigh), true, ward.Unstable},
		{"refused under 16", ward.Early{Refused: "not scored: under 16"}, false, ""},
	} {
		if got := alert.Illness(c.early, c.crit); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestUntilWhenAHandoverMayWait(t *testing.T) {
	at := time.Date(2026, 11, 22, 19, 36, 0, 0, time.UTC)
	g := ward.Given{At: at, Due: alert.HandoverDue(at)}
	if g.Late(at.Add(30*time.Minute-time.Second)) || !g.Late(at.Add(30*time.Minute)) {
		t.Error("it goes up at another time than after 30 minutes")
	}
	g.Accepted = []ward.Accepted{{By: "Tom"}}
	if g.Late(at.Add(2 * time.Hour)) {
		t.Error("an accepted handover goes up")
	}
}
