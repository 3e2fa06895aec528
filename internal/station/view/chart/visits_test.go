package chart_test

import (
	"slices"
	"strings"
	"testing"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/chart"
)

// listed opens a tab that is a list and says its rows in words.
func listed(t *testing.T, c ward.Chart, tab chart.Tab) (*chart.Model, []string) {
	t.Helper()
	m, _ := storyOf(t, c)
	m.SetTab(tab)
	return m, rows(m)
}

func rows(m *chart.Model) []string {
	var out []string
	for _, e := range m.State().List.Entries {
		if e.Group {
			out = append(out, "# "+e.Head)
			continue
		}
		s := strings.Join(e.Beside, " ") + " | " + strings.TrimSpace(e.Head+" "+e.After)
		for _, mark := range e.Marks {
			s += " [" + mark.Words + "]"
		}
		for _, w := range slices.Concat(e.Warns, e.Lines) {
			s += " | " + w
		}
		if e.Struck {
			s += " | struck"
		}
		out = append(out, s)
	}
	return out
}

func same(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s\n\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Stays are told with what is not known of them; a cancelled one stands struck
// through, under a heading of its own, and never among those who are here.
func TestVisitsAreToldWithWhatIsNotKnown(t *testing.T) {
	m, got := listed(t, ward.Chart{
		AsOf: now,
		Stays: []ward.Stay{
			{ID: "now", Status: ward.StayHere, Number: "V1", Class: "inpatient", Place: "4B, bed 07", Attending: []string{"Dr H Osei"}, Begins: at(20, "05:55"), BeginsText: "20-Nov-2026 05:55", By: "adt PAS", Partial: true},
			{ID: "late", Status: ward.StayExpected, Class: "outpatient", Begins: at(21, "09:00"), BeginsText: "21-Nov-2026 09:00"},
			{ID: "not", Status: ward.StayCancelled, Class: "inpatient", Place: "4B, bed 11", Begins: at(18, "10:00"), BeginsText: "18-Nov-2026 10:00"},
			{ID: "odd", Status: ward.StayUnknown},
			{ID: "old", Status: ward.StayEnded, Class: "emergency", Place: "ED", Begins: at(1, "00:00"), BeginsText: "01-Nov-2026", Ends: at(3, "04:00"), EndsText: "03-Nov-2026 04:00"},
		},
		Moves: []ward.Move{
			{Stay: "now", N: 2, Kind: ward.MovePlace, Place: "4B, bed 07", Before: "ED", At: at(20, "10:40"), Recorded: at(20, "10:40")},
			{Stay: "not", N: 1, Kind: ward.MoveCancelled, Place: "4B, bed 11", At: at(17, "10:40"), Recorded: at(17, "10:40")},
			{Stay: "now", N: 1, Kind: ward.MoveBegan, Place: "ED", Recorded: at(20, "06:30")},
		},
	}, chart.Visits)
	same(t, got, []string{
		"# Here now",
		"since 20-Nov-2026 05:55 | Inpatient, 4B, bed 07 [here now] | So far 2 nights (2 d 8 h), as of 14:05 | Attending Dr H Osei | Visit number V1 · told by adt PAS | 20-Nov-2026 10:40  Place: 4B, bed 07 · before: ED | time not known  Stay began: ED · received 06:30 on 20-Nov-2026 | Earlier moves of this stay are not on this computer: it keeps what came since it was set up.",
		"# Expected",
		"21-Nov-2026 09:00 | Outpatient, place not known [expected] | The day has passed, and no message says that the patient came. | Nobody is named as attending | No visit number was sent",
		"# Earlier",
		"beginning not said | Kind of stay not said, place not known [status not known] | Whether the patient is here in this stay cannot be told from its status.",
		"01-Nov-2026 to 03-Nov-2026 04:00 | Emergency, ED [ended] | Lasted 2 nights",
		"# Cancelled, or entered in error: did not take place",
		"18-Nov-2026 10:00 | Inpatient, 4B, bed 11 [cancelled] | 1 move: Enter shows them | struck",
	})
	if w := m.State().List.Words; len(w) != 2 || w[0] != "In one stay now, 1 expected, as of 14:05" {
		t.Errorf("%q", w)
	}
}

// Why there are none is said; that there are none only where it is known.
func TestAnEmptyListSaysWhy(t *testing.T) {
	for _, tab := range lists {
		for _, c := range []struct {
			chart ward.Chart
			want  string
		}{
			{ward.Chart{AsOf: now}, "None: no "},
			{ward.Chart{}, "Not loaded: "},
			{ward.Chart{AsOf: now, Loading: ward.LoadingOlder}, "still being loaded"},
			{ward.Chart{AsOf: now, FeedDown: true}, "What came later is not here."},
		} {
			if m, _ := listed(t, c.chart, tab); !strings.Contains(m.State().List.Empty, c.want) {
				t.Errorf("%s says %q, want %q", tab, m.State().List.Empty, c.want)
			}
		}
	}
}

// lists are the tabs that are lists of entries.
var lists = []chart.Tab{chart.Visits, chart.Problems, chart.Medicines, chart.Tasks, chart.Documents}
