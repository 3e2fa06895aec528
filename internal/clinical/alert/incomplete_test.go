package alert_test

import (
	"testing"
	"time"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/ward"
)

// A band goes up by what was measured, and down only by a complete set.
func TestABandGoesDownOnlyByACompleteSet(t *testing.T) {
	full := ward.Early{Known: true, Total: 5, Risk: ward.RiskMedium, At: t0, Due: t0.Add(time.Hour), Response: "urgent"}
	eight := ward.Early{Known: true, AtLeast: true, Total: 8, Risk: ward.RiskHigh, Due: t0.Add(50 * time.Minute), Response: "emergency", Continuous: true}
	two := ward.Early{Known: true, AtLeast: true, Total: 2, Risk: ward.RiskLow, Due: t0.Add(4 * time.Hour), Response: "routine"}
	for _, c := range []struct {
		name                string
		now, complete, prev ward.Early
		risk                ward.Risk
		due                 time.Duration
		last                bool
	}{
		{"less after a full 5", two, full, full, ward.RiskMedium, time.Hour, true},
		{"more after a full 5", eight, full, full, ward.RiskHigh, 50 * time.Minute, true},
		{"less after an incomplete 8", two, full, eight, ward.RiskHigh, 50 * time.Minute, true},
		{"less after an incomplete 8, never a full one", two, ward.Early{}, eight, ward.RiskHigh, 50 * time.Minute, false},
		{"the first set", two, ward.Early{}, ward.Early{}, ward.RiskLow, 4 * time.Hour, false},
	} {
		got := alert.SinceComplete(c.now, c.complete, c.prev)
		if got.Risk != c.risk || !got.Due.Equal(t0.Add(c.due)) || got.HasLast != c.last || got.Total != c.now.Total {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
	calm := ward.Early{Known: true, Total: 1, Risk: ward.RiskLow, Due: t0.Add(4 * time.Hour)}
	if got := alert.SinceComplete(calm, full, eight); got.Risk != ward.RiskLow || got.HasLast {
		t.Errorf("a complete set is held back by what was before: %+v", got)
	}
}
