package chart_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/station/view/chart"
)

// storyOf opens the timeline of a chart.
func storyOf(t *testing.T, c ward.Chart) (*chart.Model, func(func() bool)) {
	t.Helper()
	return storyOn(t, newDesk(), c)
}

// storyOn does it with a desk that the test looks at.
func storyOn(t *testing.T, d *desk, c ward.Chart) (*chart.Model, func(func() bool)) {
	t.Helper()
	q := &base.Queue{}
	c.Who.ID = "folake"
	d.charts["folake"] = c
	m := chart.New(d, q, func() time.Time { return now }, func(chart.State) {})
	until := func(ok func() bool) {
		t.Helper()
		for end := time.Now().Add(time.Minute); !ok(); time.Sleep(time.Millisecond) {
			q.Drain()
			if time.Now().After(end) {
				t.Fatal("it never came")
			}
		}
	}
	m.Open("folake", chart.Story)
	until(func() bool { return m.State().Loaded })
	return m, until
}

func lines(events []chart.Event) []string {
	var out []string
	for _, e := range events {
		s := strings.Join(strings.Fields(e.Day()+" "+e.Clock+" "+e.Head+" "+e.Value+" "+e.Unit), " ")
		for _, w := range []string{e.Recorded, e.Mark} {
			if w != "" {
				s += " | " + w
			}
		}
		if e.After {
			s += " | afterwards"
		}
		if e.Void {
			s += " | struck"
		}
		out = append(out, s)
	}
	return out
}

// Everything stands at the time when it was true, and says when it was recorded
// where that is another time; what no longer holds is marked and not hidden.
func TestTheTimelineIsOrderedByWhenItWasTrue(t *testing.T) {
	air := false
	m, _ := storyOf(t, ward.Chart{
		AsOf: now,
		Results: []ward.Result{
			{ID: "na", Test: "Sodium", Value: "138", Unit: "mmol/L", Status: "corrected", Collected: at(21, "06:10"), CollectedText: "21-Nov-2026 06:10", Received: at(21, "09:40"), Before: &ward.Earlier{Value: "128", Unit: "mmol/L"}},
			{ID: "tn", Test: "Troponin T", Value: "41", Unit: "ng/L", Status: "withdrawn", Collected: at(22, "06:15"), CollectedText: "22-Nov-2026 06:15", Received: at(22, "07:00")},
			{ID: "day", Test: "Urine culture", Value: "no growth", Text: true, Status: "final", Collected: at(20, "00:00"), CollectedText: "20-Nov-2026", Received: at(22, "09:00")},
			{ID: "nobody", Test: "Lactate", Value: "1.1", Unit: "mmol/L", Status: "final", Received: at(22, "10:00")},
			{ID: "ahead", Test: "Glucose", Value: "5.5", Unit: "mmol/L", Status: "final", Collected: at(23, "08:00"), CollectedText: "23-Nov-2026 08:00", Received: at(22, "08:00")},
		},
		Vitals: []ward.VitalSet{
			{At: at(22, "12:00"), Oxygen: &air, Pulse: "88", By: "Grace Mensah", Recorded: at(22, "13:30")},
			{At: at(22, "11:00"), Pulse: "880", Error: true, By: "Grace Mensah", Recorded: at(22, "11:02")},
		},
		Notes: []ward.Note{{ID: "paper", Text: "Slept badly.", By: "Tom Blake", At: at(22, "13:40"), True: at(22, "03:10")}, {ID: "n", Text: "Settled.", By: "Tom Blake", At: at(22, "12:40"), Earlier: []ward.Note{{Text: "Setled.", At: at(22, "12:36")}}}},
		Moves: []ward.Move{{Stay: "s", N: 1, Kind: ward.MoveBegan, Place: "ED, bed 3", At: at(22, "05:00"), Recorded: at(22, "12:30")}},
	})
	want := []string{
		"22-Nov-2026 12:36 Note | reworded 12:40",
		"22-Nov-2026 12:00 Observations | recorded 13:30 | afterwards",
		"22-Nov-2026 11:00 Observations | recorded 11:02 | entered in error | struck",
		"22-Nov-2026 08:00 on 23-Nov-2026 Glucose 5.5 mmol/L | received 08:00",
		"22-Nov-2026 06:15 Troponin T 41 ng/L | received 07:00 | withdrawn | struck",
		"22-Nov-2026 05:00 Stay began: ED, bed 3 | received 12:30",
		"22-Nov-2026 03:10 Note | recorded 13:40 | afterwards",
		"21-Nov-2026 06:10 Sodium 138 mmol/L | received 09:40 | corrected",
		"20-Nov-2026 no hour Urine culture no growth | received 09:00 on 22-Nov-2026",
		"Time not known Lactate 1.1 mmol/L | received 10:00 on 22-Nov-2026",
	}
	if got := lines(m.State().Story.Events); !slices.Equal(got, want) {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, e := range m.State().Story.Events {
		if (e.Head == "Glucose") != e.Future {
			t.Errorf("%s: future %v", e.Head, e.Future)
		}
		if e.Head == "Sodium" && !strings.Contains(e.Words, "before: 128 mmol/L") {
			t.Errorf("what the sodium said before is not told: %q", e.Words)
		}
	}
}

// A record of thousands is cut at the newest, and says how many are older; another
// patient's timeline begins at its newest again.
func TestTheTimelineIsBounded(t *testing.T) {
	c := ward.Chart{AsOf: now}
	for i := range 3000 {
		c.Notes = append(c.Notes, ward.Note{ID: ward.ResultID(fmt.Sprint("n", i)), Text: "x", At: now.Add(-time.Duration(i) * time.Hour)})
	}
	m, _ := storyOf(t, c)
	s := m.State().Story
	if len(s.Events) == 0 || len(s.Events) > 500 || len(s.Events)+s.More != 3000 || s.Events[0].At != now {
		t.Errorf("%d shown, %d older", len(s.Events), s.More)
	}
	m.OlderStory()
	if more := m.State().Story; len(more.Events) != 2*len(s.Events) || len(more.Events)+more.More != 3000 {
		t.Errorf("%d shown, %d older", len(more.Events), more.More)
	}
	m.FilterStory(chart.EventMove)
	if s := m.State().Story; len(s.Events) != 0 || s.Empty != "None of this kind, as of 14:05." {
		t.Errorf("%d of a kind that is not there, %q", len(s.Events), s.Empty)
	}
}

// An empty timeline says whether that means none, or not known.
func TestAnEmptyTimelineSaysWhy(t *testing.T) {
	for want, c := range map[string]ward.Chart{
		"None: no entries, as of 14:05.":                                    {AsOf: now},
		"No entries by 14:05. What came later is not here.":                 {AsOf: now, FeedDown: true},
		"Entries are still being loaded from the server.":                   {AsOf: now, Loading: ward.LoadingAll},
		"Not loaded: this computer has had no contact with the server yet.": {},
	} {
		m, _ := storyOf(t, c)
		if got := m.State().Story.Empty; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// A note is only begun, and says so: what is not said is one key away.
func TestALongNoteSaysThatThereIsMore(t *testing.T) {
	m, _ := storyOf(t, ward.Chart{AsOf: now, Notes: []ward.Note{{ID: "n", Text: strings.Repeat("word ", 500), At: now}, {ID: "m", Text: "one\ntwo", At: now}}})
	for _, e := range m.State().Story.Events {
		if e.Cut != (e.ID == "n:n") || e.ID == "n:m" && e.Words != "one\ntwo" {
			t.Errorf("%s: cut %v, %q", e.ID, e.Cut, e.Words)
		}
	}
}

// A set that was entered in error and the one typed again for the same minute are two
// entries: a list knows its rows by their ids.
func TestTwoSetsOfOneMinuteAreTwoEntries(t *testing.T) {
	m, _ := storyOf(t, ward.Chart{AsOf: now, Vitals: []ward.VitalSet{
		{At: at(22, "11:00"), Pulse: "88", By: "Grace Mensah"}, {At: at(22, "11:00"), Pulse: "880", Error: true, By: "Grace Mensah"},
	}})
	if e := m.State().Story.Events; len(e) != 2 || e[0].ID == e[1].ID {
		t.Errorf("%d entries, ids %v", len(e), lines(e))
	}
}
