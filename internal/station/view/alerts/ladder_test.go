package alerts_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/station/view/alerts"
)

// At 12 minutes the second step is overdue. Somebody who reads the ladder must
// not take it that anybody has phoned.
func TestTheLadderSaysWhatIsDueAndNeverThatItWasDone(t *testing.T) {
	a := potassium("k1", "13:53")
	a.Ladder = alert.Default().Ladder(alert.LadderInpatient).Rungs(a.Since, noon, alert.Duty{})
	d := alerts.Describe(a, noon)
	var got []string
	for _, s := range d.Steps {
		got = append(got, strings.Join([]string{s.State, s.Head, s.Who, s.Note}, "; "))
	}
	want := []string{
		"due; 13:53 on the screens, for; named nurse and covering doctor; not recorded as read",
		"due; 14:03 was due: phone; charge nurse and registrar; not recorded as done",
		"next; 14:13 due in 8 min: phone; consultant on call; ",
		"later; 14:23 due after that: phone; site manager; the laboratory is to phone, too",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if !strings.HasPrefix(d.Ladder, "Nobody has taken it.") {
		t.Error(d.Ladder)
	}
	for kind := range map[string]bool{alert.LadderInpatient: true, alert.LadderRemote: true, alert.LadderUrgent: true} {
		a.Ladder = alert.Default().Ladder(kind).Rungs(a.Since, noon.Add(48*time.Hour), alert.Duty{})
		for _, s := range alerts.Describe(a, noon.Add(48*time.Hour)).Steps {
			words := strings.ToLower(s.Head + " " + s.Who + " " + s.Note)
			for _, done := range []string{"told", "phoned", "called", "informed", "✔"} {
				if strings.Contains(words, done) {
					t.Errorf("%q can be read as done", words)
				}
			}
		}
	}
}
