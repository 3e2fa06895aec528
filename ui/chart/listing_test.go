package chart

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/chart"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
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
	switch l := r.page.tab[tab].(type) {
	case *listing:
		return l
	case *problems:
		return l.list
	}
	return nil
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
	for _, size := range []struct {
		scale, w, h float32
		language    string
	}{{1, 1298, 702, "en"}, {1, 956, 702, "en"}, {2, 1024, 636, "en"}, {.8, 1298, 702, "en"}, {2, 1024, 636, "de"}} {
		uitest.Speak(t, size.language)
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
						t.Errorf("%s in %s at %v %%, %v wide: %q ends at %v of %v", p.name, size.language, size.scale*100, size.w, f.Text(), end, high)
					}
				}
			}
		}
	}
}

// diagnosed gives Folake problems of every kind.
func diagnosed(t *testing.T, r *rig) {
	c := r.desk.charts["p07"]
	c.Problems = []ward.Problem{
		{ID: "c1", Version: 3, Words: "Acute kidney injury", Codes: []string{"N17.9, ICD-10: Acute kidney failure, unspecified"}, Status: ward.ProblemActive, Certainty: "confirmed", Uses: []string{"admitting", "final"}, Rank: 1, Onset: "20-Nov-2026", StayWords: "inpatient, 4B, bed 07, visit V0042", By: "adt PAS|HOSP", Asserter: "Dr H. Osei", Recorded: at(20, "09:00"), Sent: true},
		{ID: "c2", Version: 1, Words: "Pneumonia of the right lower lobe", Status: ward.ProblemActive, Certainty: "provisional", Onset: "21-Nov-2026", By: "Tom Blake", Recorded: at(22, "12:00"), Note: "Crackles right base; X-ray asked for.", Unsent: true},
		{ID: "c3", Version: 2, Words: "Gout", Codes: []string{"90560007, SNOMED CT"}, Status: ward.ProblemResolved, Certainty: "confirmed", By: "Dr Ines Amara", Recorded: at(21, "08:00"), Ended: "Tom Blake, 12:30: no attack for years", EndedAt: at(22, "12:30"), Undo: true},
		{ID: "c4", Version: 2, Words: "Chest pain", Codes: []string{"29857009, SNOMED CT"}, Status: ward.ProblemError, By: "adt PAS|HOSP", Recorded: at(20, "09:00"), Ended: "adt PAS|HOSP, 10:00 on 20-Nov-2026", Sent: true},
	}
	r.desk.charts["p07"] = c
	r.open(t, "p07", view.Problems)
}

// press presses a control that the page names.
func press(t *testing.T, r *rig, name string) {
	t.Helper()
	o, on := r.page.Where(name)
	if !on {
		t.Fatalf("no %s", name)
	}
	test.Tap(o.(fyne.Tappable))
}

// A problem is recorded and struck by keyboard; what was typed is gone when another
// chart is open, and a form is left by Esc.
func TestAProblemByKeyboard(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702)
	diagnosed(t, r)
	r.page.Key(&fyne.KeyEvent{Name: fyne.KeyF2})
	typeInto(r, "problem-words", "Hypertension")
	typeInto(r, "problem-since", "2019")
	r.page.Key(&fyne.KeyEvent{Name: fyne.KeyF2})
	r.until(t, func() bool { return len(r.desk.commands()) == 1 && !r.model.State().Busy })
	if c := r.desk.commands()[0]; c != (ward.RecordProblem{Patient: "p07", Words: "Hypertension", Onset: "2019"}) {
		t.Errorf("%#v", c)
	}
	if _, on := r.page.Where("problem-words"); on {
		t.Error("the form stays, with what was saved")
	}
	r.choose(listingOf(r, view.Problems), "c2")
	press(t, r, "entry-strike")
	typeInto(r, "problem-why", "another patient's")
	r.page.Key(&fyne.KeyEvent{Name: fyne.KeyF2})
	r.until(t, func() bool { return len(r.desk.commands()) == 2 && !r.model.State().Busy })
	if c := r.desk.commands()[1]; c != (ward.StrikeProblem{Patient: "p07", Problem: "c2", Version: 1, Reason: "another patient's"}) {
		t.Errorf("%#v", c)
	}
	l := listingOf(r, view.Problems)
	r.choose(l, "c1")
	l.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	r.until(t, func() bool { return len(r.desk.commands()) == 3 && !r.model.State().Busy })
	if c := r.desk.commands()[2]; c != (ward.ResolveProblem{Patient: "p07", Problem: "c1", Version: 3}) {
		t.Errorf("%#v", c)
	}
	press(t, r, "new-problem")
	typeInto(r, "problem-words", "Gout")
	r.open(t, "p11", view.Problems)
	if _, on := r.page.Where("problem-words"); on {
		t.Error("a form that was begun for somebody else stands in this chart")
	}
	press(t, r, "new-problem")
	if o, _ := r.page.Where("problem-words"); o.(*kit.TextField).Text() != "" {
		t.Error("what was typed for somebody else stands in the form")
	}
	left := r.left
	r.page.Key(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if _, on := r.page.Where("problem-words"); on || r.left != left {
		t.Error("Esc did not leave the form alone")
	}
}

// prescribed gives Folake requests for medicines, one of them against an allergy.
func prescribed(t *testing.T, r *rig) {
	c := r.desk.charts["p07"]
	c.Orders = []ward.Order{
		{
			ID: "m1", Kind: ward.OrderMedicine, Test: "Co-amoxiclav", Dose: "1.2 g intravenously every 8 h", Stat: true, Status: "requested; not on the drug chart yet", Open: true, By: "Dr Sunil Patel", At: at(22, "13:00"), Unsent: true,
			Against:   []ward.Warning{{Level: ward.WarnStop, Words: "Penicillin (anaphylaxis) is recorded as an allergy; co-amoxiclav holds amoxicillin"}},
			Overrides: []ward.Override{{Words: "Penicillin: anaphylaxis", Reason: "sepsis, consultant agrees", By: "Dr Sunil Patel", At: at(22, "13:00")}},
		},
		{ID: "m2", Kind: ward.OrderMedicine, Test: "Calcium gluconate 10 %", Dose: "10 mL intravenously, once", Status: "requested; not on the drug chart yet", Open: true, By: "Dr Sunil Patel", At: at(22, "14:02")},
		{ID: "m3", Kind: ward.OrderMedicine, Test: "Ramipril", Dose: "5 mg by mouth daily", Status: "stopped", By: "Dr Ines Amara", At: at(21, "09:00"), Withdrawn: "Dr Ines Amara, 09:10 on 21-Nov-2026: kidney injury"},
	}
	r.desk.charts["p07"] = c
	r.open(t, "p07", view.Medicines)
}

// told gives Folake tasks.
func told(t *testing.T, r *rig) {
	c := r.desk.charts["p07"]
	c.Tasks = []ward.Duty{
		{ID: "t1", Words: "Repeat potassium", Status: "open", Role: "nurse", Priority: ward.PriorityUrgent, By: "Dr Sunil Patel", Made: at(22, "13:03"), Due: at(22, "13:40")},
		{ID: "t2", Words: "Weigh", Status: "open", By: "Tom Blake", Made: at(22, "12:00"), Unsent: true},
		{ID: "t3", Words: "Bladder scan", Status: "done", Owner: "Tom Blake", By: "Grace Mensah", Made: at(22, "12:45"), Ended: at(22, "13:10"), EndedBy: "Tom Blake"},
	}
	r.desk.charts["p07"] = c
	r.open(t, "p07", view.Tasks)
}

// sent gives Folake's blood culture documents.
func sent(t *testing.T, r *rig) {
	c := r.desk.charts["p07"]
	for i := range c.Results {
		if c.Results[i].ID == "bc4" {
			c.Results[i].Documents = []ward.Document{
				{Sum: "aa", Type: "application/pdf", Title: "Microbiology report", Size: 31_400, Have: 31_400, Here: true},
				{Sum: "bb", Type: "image/jpeg", Size: 2_400_000, Have: 600_000},
			}
		}
	}
	r.desk.charts["p07"] = c
	r.open(t, "p07", view.Documents)
}

// A press on the box of a task finishes it, and beside the box only chooses it; a new
// one is begun from here.
func TestATaskIsTickedInTheChart(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702)
	begun := 0
	r.page.OnNewTask(kit.ButtonConfig{Text: "New task", Size: kit.Small}, func() { begun++ })
	told(t, r)
	l := listingOf(r, view.Tasks)
	if l.click("t2", fyne.NewPos(400, 10)); len(r.desk.commands()) != 0 || l.list.Selected() != "t2" {
		t.Fatal("a press beside the box did something")
	}
	l.click("t2", fyne.NewPos(20, 10))
	r.until(t, func() bool { return len(r.desk.commands()) == 1 && !r.model.State().Busy })
	if c := r.desk.commands()[0]; c != (ward.FinishTask{Patient: "p07", Task: "t2"}) {
		t.Errorf("%#v", c)
	}
	if l.click("t3", fyne.NewPos(20, 10)); len(r.desk.commands()) != 1 {
		t.Error("a press where a task that is done has no box did something")
	}
	test.Tap(r.page.newTask)
	if begun != 1 {
		t.Error("no new task was begun")
	}
}

// Enter opens the document that is chosen, by the result that names it.
func TestADocumentIsOpenedFromTheList(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702)
	var opened []string
	r.page.OnDocument(func(p ward.PatientID, res ward.ResultID, sum string) {
		opened = append(opened, string(p)+" "+string(res)+" "+sum)
	})
	sent(t, r)
	l := listingOf(r, view.Documents)
	r.choose(l, "bb")
	l.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	r.choose(l, "aa")
	press(t, r, "entry-open")
	if strings.Join(opened, "|") != "p07 bc4 bb|p07 bc4 aa" {
		t.Errorf("opened %q", opened)
	}
}
