package chart

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/chart"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// happened gives Folake a stay with moves, tasks, orders, a taken alert and
// observations that were entered afterwards.
func happened(t *testing.T, r *rig) {
	c := r.desk.charts["p07"]
	c.Moves = []ward.Move{
		{Stay: "s1", N: 2, Kind: ward.MovePlace, Place: "4B, bed 07", Before: "ED, bed 3", At: at(20, "10:40"), Recorded: at(20, "10:41"), By: "PAS"},
		{Stay: "s1", N: 1, Kind: ward.MoveBegan, Place: "ED, bed 3", At: at(20, "05:55"), Recorded: at(20, "06:30"), By: "PAS"},
	}
	c.Tasks = []ward.Duty{
		{ID: "t1", Words: "Repeat potassium at 16:00", Status: "open", Role: "nurse", By: "Dr Sunil Patel", Made: at(22, "14:03")},
		{ID: "t2", Words: "Bladder scan", Status: "done", By: "Grace Mensah", Made: at(22, "12:45"), Ended: at(22, "13:10"), EndedBy: "Tom Blake"},
	}
	c.Orders = []ward.Order{
		{ID: "o1", Kind: ward.OrderMedicine, Test: "Calcium gluconate 10 %", Dose: "10 mL intravenously, once", Status: "active", By: "Dr Sunil Patel", At: at(22, "14:02")},
		{ID: "o2", Kind: ward.OrderTest, Test: "Amylase", Status: "withdrawn", By: "Dr Ines Amara", At: at(21, "09:00"), Withdrawn: "Dr Ines Amara, 09:04 on 21-Nov-2026: wrong patient"},
	}
	for i := range c.Results {
		if c.Results[i].ID == "k5" {
			c.Results[i].Owned = []ward.Owned{{Task: "a1", Kind: "taken", By: "Grace Mensah", At: at(22, "14:00")}}
		}
		if c.Results[i].ID == "bc4" {
			c.Results[i].Documents = []ward.Document{{Sum: "abc", Type: "application/pdf", Title: "Microbiology report", Size: 40_000, Here: true}}
		}
	}
	for i := range c.Vitals {
		c.Vitals[i].Recorded = c.Vitals[i].At.Add(time.Duration(i) * 40 * time.Minute)
	}
	r.desk.charts["p07"] = c
	r.open(t, "p07", view.Story)
}

func storyOf(r *rig) *story {
	s, _ := r.page.tab[view.Story].(*story)
	return s
}

// Enter opens an entry where it is read in full; letters jump to one.
func TestEnterOpensAnEntryOfTheTimeline(t *testing.T) {
	press := func(r *rig, letters string) {
		s := storyOf(r)
		r.win.Canvas().Focus(s.list)
		for _, c := range letters {
			s.list.TypedRune(c)
		}
		s.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	}
	for letters, want := range map[string]view.Tab{
		"sodium": view.Results, "observations": view.Vitals, "comfortable": view.Notes, "amylase": view.Orders, "calcium": view.Medicines, "trimeth": view.Allergies, "potassium": view.Results, "4b": view.Visits,
	} {
		r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702)
		happened(t, r)
		press(r, letters)
		if got := r.model.State().Tab; got != want {
			t.Errorf("%q and Enter leads to %q, want %q", letters, got, want)
		}
		if letters == "potassium" && r.model.State().Selected != "k5" {
			t.Errorf("what was taken is %q", r.model.State().Selected)
		}
		if letters == "observations" {
			if o, _ := r.page.tab[view.Vitals].(*observations); !o.charted {
				t.Error("observations open at the form and not at the sets")
			}
		}
	}
	var task, document string
	for _, letters := range []string{"repeat", "microb"} {
		r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702)
		r.page.OnTask(func(id string) { task = id })
		r.page.OnDocument(func(p ward.PatientID, id ward.ResultID, sum string) {
			document = string(p) + "/" + string(id) + "/" + sum
		})
		happened(t, r)
		press(r, letters)
	}
	if task != "t1" || document != "p07/bc4/abc" {
		t.Errorf("the task opened is %q, the document %q", task, document)
	}
}

// Thousands of entries cost what is in view: no more rows are drawn, and older ones
// come by request.
func TestATimelineOfThousandsDrawsWhatIsSeen(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702)
	c := folake()
	for i := range 5000 {
		when := now.Add(-time.Duration(i) * time.Hour)
		c.Notes = append(c.Notes, ward.Note{ID: ward.ResultID(fmt.Sprintf("many%d", i)), Text: "Comfortable.", By: "Tom Blake", At: when})
	}
	r.desk.charts["p07"] = c
	r.open(t, "p07", view.Story)
	s := storyOf(r)
	if drawn := len(s.list.Viewed()); drawn == 0 || drawn > 40 {
		t.Errorf("%d rows are drawn", drawn)
	}
	_, _, rows := s.list.InView()
	r.win.Canvas().Focus(s.list)
	s.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEnd})
	if s.list.Selected() != olderID {
		t.Fatalf("the last row is %q", s.list.Selected())
	}
	s.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if _, _, more := s.list.InView(); more < rows+300 || more > 2*rows {
		t.Errorf("%d rows, and %d after older ones were asked for", rows, more)
	}
}

// The filters say how many there are, and one shows its kind alone.
func TestTheTimelinesFilters(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702)
	happened(t, r)
	o, there := r.page.Where("timeline-moves")
	if !there {
		t.Fatal("no filter for moves")
	}
	pill, _ := o.(*kit.FilterPill)
	pill.OnTap()
	for _, id := range storyOf(r).list.Viewed() {
		if !strings.HasPrefix(id, "m:") && !strings.HasPrefix(id, "day:") {
			t.Errorf("%s under moves", id)
		}
	}
	if n := len(r.model.State().Story.Events); n != 2 {
		t.Errorf("%d moves", n)
	}
	if text := pill.Config().Text; text != "Moves 2" {
		t.Errorf("the filter says %q", text)
	}
	storyOf(r).turn.OnTap() // where the filters have no room: after moves come documents, then all
	if got := r.model.State().Story.Filter; got != view.EventDocument {
		t.Errorf("after moves comes %q", got)
	}
	storyOf(r).turn.OnTap()
	if got := r.model.State().Story.Filter; got != view.AnyEvent {
		t.Errorf("after documents comes %q", got)
	}
}
