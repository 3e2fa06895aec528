package chart

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/chart"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// stayed gives Folake stays of every kind.
func stayed(t *testing.T, r *rig) {
	c := r.desk.charts["p07"]
	c.Stays = []ward.Stay{
		{ID: "s1", Status: ward.StayHere, Number: "V0042", Class: "inpatient", Place: "4B, bed 07", Attending: []string{"Dr H. Osei"}, Referrer: []string{"Dr A. Rahman"}, Begins: at(20, "05:55"), BeginsText: "20-Nov-2026 05:55", By: "adt PAS|HOSP", Partial: true},
		{ID: "s2", Status: ward.StayExpected, Class: "outpatient", Place: "Renal clinic", Begins: at(30, "09:30"), BeginsText: "30-Nov-2026 09:30", By: "adt PAS|HOSP"},
		{ID: "s3", Status: ward.StayEnded, Number: "V0007", Class: "emergency", Place: "ED, bed 3", Begins: at(2, "21:10"), BeginsText: "02-Nov-2026 21:10", Ends: at(3, "03:40"), EndsText: "03-Nov-2026 03:40", By: "adt PAS|HOSP"},
		{ID: "s4", Status: ward.StayCancelled, Number: "V0039", Class: "inpatient", Place: "4B, bed 11", Begins: at(18, "10:00"), BeginsText: "18-Nov-2026 10:00", By: "adt PAS|HOSP"},
	}
	c.Moves = []ward.Move{
		{Stay: "s1", N: 2, Kind: ward.MovePlace, Place: "4B, bed 07", Before: "ED, bed 3", At: at(20, "10:40"), Recorded: at(20, "10:41"), By: "PAS"},
		{Stay: "s1", N: 1, Kind: ward.MoveBegan, Place: "ED, bed 3", At: at(20, "05:55"), Recorded: at(20, "06:30"), By: "PAS"},
		{Stay: "s3", N: 2, Kind: ward.MoveEnded, Place: "ED, bed 3", At: at(3, "03:40"), Recorded: at(3, "03:41"), By: "PAS"},
		{Stay: "s3", N: 1, Kind: ward.MoveBegan, Place: "ED, bed 3", At: at(2, "21:10"), Recorded: at(2, "21:12"), By: "PAS"},
		{Stay: "s4", N: 2, Kind: ward.MoveCancelled, Place: "4B, bed 11", At: at(17, "16:00"), Recorded: at(17, "16:00"), By: "PAS"},
		{Stay: "s4", N: 1, Kind: ward.MoveExpected, Place: "4B, bed 11", At: at(18, "10:00"), Recorded: at(16, "09:00"), By: "PAS", Void: true},
	}
	r.desk.charts["p07"] = c
	r.open(t, "p07", view.Visits)
}

func listingOf(r *rig, tab view.Tab) *listing {
	l, _ := r.page.tab[tab].(*listing)
	return l
}

// choose marks a row of the list, as the arrows do.
func (r *rig) choose(l *listing, id string) {
	r.win.Canvas().Focus(l.list)
	l.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyHome})
	for range len(l.shown.Entries) {
		if l.list.Selected() == id {
			return
		}
		l.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	}
}

// Enter shows what an earlier stay keeps folded, and hides it again; the button says
// which of the two.
func TestEnterUnfoldsAnEarlierStay(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702)
	stayed(t, r)
	l := listingOf(r, view.Visits)
	lines := func(id string) string {
		for _, e := range r.model.State().List.Entries {
			if e.ID == id {
				return strings.Join(e.Lines, "\n")
			}
		}
		return ""
	}
	r.choose(l, "s3")
	if strings.Contains(lines("s3"), "Discharged") || !strings.Contains(lines("s3"), "1 night (6 h)") {
		t.Fatalf("folded, it says %q", lines("s3"))
	}
	if o, on := r.page.Where("entry-fold"); !on || o.(*kit.Button).Config().Text != "Show moves and who was responsible" {
		t.Fatal("no button shows them")
	}
	l.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if got := lines("s3"); !strings.Contains(got, "03-Nov-2026 03:40  Discharged: ED, bed 3") || !strings.Contains(got, "Nobody is named as attending") {
		t.Errorf("unfolded, it says %q", got)
	}
	if l.list.Selected() != "s3" {
		t.Errorf("the mark went to %q", l.list.Selected())
	}
	l.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if strings.Contains(lines("s3"), "Discharged") {
		t.Error("it does not fold again")
	}
	// Another patient's rows are folded as ever.
	l.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	r.open(t, "p11", view.Visits)
	r.open(t, "p07", view.Visits)
	if strings.Contains(lines("s3"), "Discharged") {
		t.Error("what was unfolded before another chart was open is so still")
	}
}

// The rows of a list are as high as their words: at any size of text nothing of a row
// lies outside of it.
func TestNoRowOfAListIsCut(t *testing.T) {
	for _, size := range []struct{ scale, w, h float32 }{{1, 1298, 702}, {1, 956, 702}, {2, 1024, 636}, {.8, 1298, 702}} {
		for _, p := range pictures {
			r := newRig(t, theme.Options{Mode: theme.Light, Scale: size.scale}, size.w, size.h)
			r.open(t, p.patient, p.tab)
			if p.prepare != nil {
				p.prepare(t, r)
			}
			l := listingOf(r, p.tab)
			if l == nil {
				continue
			}
			row := newEntryRow()
			for _, it := range l.items() {
				row.set(it, false)
				w := l.list.Size().Width
				high := row.high(w) * theme.Scale()
				row.Resize(fyne.NewSize(w, high))
				for _, f := range []*kit.Flow{row.beside, row.first, row.under} {
					if f.Text() == "" {
						continue
					}
					if end := f.Position().Y + f.Size().Height; end > high+.5 || f.Position().X+f.Size().Width > w+.5 || f.HeightFor(f.Size().Width) > f.Size().Height+.5 {
						t.Errorf("%s at %v %%, %v wide: %q ends at %v of %v", p.name, size.scale*100, size.w, f.Text(), end, high)
					}
				}
			}
		}
	}
}
