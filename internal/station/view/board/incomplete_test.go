package board_test

import (
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
)

// A minimum under the last complete score has no arrow down and no "same": it
// says what is missing and what stood before.
func TestAnIncompleteScoreIsNeverDrawnAsBetter(t *testing.T) {
	e := ward.Early{
		Known: true, Total: 3, AtLeast: true, Missing: []string{"temperature"}, Risk: ward.RiskMedium, Scale: 1, At: now, Trend: []int{4, 5},
		From: 5, HasFrom: true, FromAt: now.Add(-time.Hour), Last: 5, HasLast: true, LastAt: now.Add(-time.Hour),
	}
	for total, change := range map[int]string{3: "was 5", 5: "was 5", 7: "from 5"} {
		e.Total = total
		d := &desk{rows: []ward.Row{{Who: ward.Identity{ID: "p", Family: "Nguyen"}, Early: e}}, link: connected()}
		s := open(t, d).State().Rows.At(0).Score
		if s.Better || s.Worse != (total > 5) || s.Change != change {
			t.Errorf("at least %d: %+v", total, s)
		}
	}
	e.Total = 3
	row := open(t, &desk{rows: []ward.Row{{Who: ward.Identity{ID: "p", Family: "Nguyen"}, Early: e}}, link: connected()}).State().Rows.At(0)
	if want := "at least 3; last complete 5 at 13:05 · temperature missing"; row.Score.Second != want || row.Score.Text != "≥3" {
		t.Errorf("%q, %q", row.Score.Text, row.Score.Second)
	}
	e.Missing = []string{"temperature", "respirations", "oxygen saturation", "consciousness"}
	much := open(t, &desk{rows: []ward.Row{{Who: ward.Identity{ID: "p", Family: "Nguyen"}, Early: e}}, link: connected()}).State().Rows.At(0)
	if want := "at least 3; last complete 5 at 13:05 · 4 values missing"; much.Score.Second != want {
		t.Errorf("%q", much.Score.Second)
	}
	if !row.Tall || row.Urgency != 2 {
		t.Errorf("the row went down: tall %v, urgency %d", row.Tall, row.Urgency)
	}
}

// Of two with the same band, a minimum after a full 8 stays above a full 7.
func TestAMinimumKeepsItsPlace(t *testing.T) {
	full := ward.Early{Known: true, Total: 7, Risk: ward.RiskHigh, Scale: 1, At: now}
	minimum := ward.Early{Known: true, AtLeast: true, Risk: ward.RiskHigh, Scale: 1, At: now, Last: 8, HasLast: true, LastAt: now.Add(-time.Hour)}
	s := open(t, &desk{rows: []ward.Row{{Who: ward.Identity{ID: "seven", Bed: "01"}, Early: full}, {Who: ward.Identity{ID: "eight", Bed: "02"}, Early: minimum}}, link: connected()}).State()
	if first := s.Rows.At(0).ID; first != "eight" {
		t.Errorf("%s comes first", first)
	}
}

// After midnight is still "due 01:02": no other 01:02 is meant. What is due in
// more than a day says which.
func TestWhenASetIsDue(t *testing.T) {
	for after, want := range map[time.Duration]string{11 * time.Hour: "due 01:05", 30 * time.Hour: "due 20:05 on 23-Nov-2026"} {
		e := ward.Early{Known: true, Total: 0, Risk: ward.RiskLow, Scale: 1, At: now, Due: now.Add(after)}
		d := &desk{rows: []ward.Row{{Who: ward.Identity{ID: "p", Family: "Nguyen"}, Early: e}}, link: connected()}
		if got := open(t, d).State().Rows.At(0).Observations.Text; got != want {
			t.Errorf("in %v: %q", after, got)
		}
	}
}
