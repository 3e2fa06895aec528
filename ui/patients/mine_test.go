package patients

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/board"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// ownList is the own list of somebody whose patients lie on three wards: one of them
// in a bed that this ward has as well, one with a name like another's.
func ownList() ward.OwnList {
	far := func(w, bed, family, given string, total int, risk ward.Risk) *ward.Row {
		r := &ward.Row{Who: person(bed, family, given, "64", "Male"), Early: score(total, risk, total), Allergies: noneKnown, Mine: true}
		r.Who.ID, r.Who.Ward = ward.PatientID("far-"+family), w
		return r
	}
	okafor := far("5A", "07", "Okafor", "Chinedu", 7, ward.RiskHigh)
	okafor.Critical = &ward.Result{Test: "Sodium", Value: "118", Unit: "mmol/L", Flag: ward.FlagCriticalLow, Critical: true, Open: true, Received: clock("13:50")}
	okafor.Criticals = 1
	nguyen := far("Intensive Care North", "R1-1", "Nguyen", "Van Minh Khanh", 2, ward.RiskLow)
	nguyen.Who.Similar = true
	gone := far("", "", "Zeller", "Karl", 1, ward.RiskLow)
	return ward.OwnList{User: "g.mensah", Patients: []ward.PatientID{"absent"}, Away: []*ward.Row{okafor, nguyen, gone}, Absent: 1}
}

func mineRig(t *testing.T, s, w, h float32) *rig {
	r := newRig(t, theme.Options{Mode: theme.Light, Scale: s}, w, h)
	r.desk.own = ownList()
	r.reload()
	r.model.SetFilter(board.Mine)
	return r
}

// The own list, with the wards of those who lie elsewhere beside their beds.
func TestTheOwnListIsDrawnAsBefore(t *testing.T) {
	for _, c := range []struct {
		name string
		s    float32
		w, h float32
	}{{"mine", 1, 1298, 702}, {"mine-cards", 2, 1024, 640}} {
		r := mineRig(t, c.s, c.w, c.h)
		img := r.capture()
		if dir := uitest.Pictures(); dir != "" {
			uitest.Keep(t, dir, c.name, img)
		}
		got := test.RenderObjectToMarkup(r.page.Object())
		if !strings.Contains(got, "Ward 5A") {
			t.Errorf("%s: nobody's ward is named", c.name)
		}
		uitest.Golden(t, c.name+".xml", got)
	}
	r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702)
	for i := range r.desk.rows {
		r.desk.rows[i].Mine = false
	}
	r.reload()
	r.model.SetFilter(board.Mine)
	if dir := uitest.Pictures(); dir != "" {
		uitest.Keep(t, dir, "mine-empty", r.capture())
	}
	if !strings.HasPrefix(r.page.empty.Text(), "Nobody is on your list. Press Ctrl+M") || !r.page.empty.Visible() {
		t.Errorf("says %q", r.page.empty.Text())
	}
}

// Whoever lies elsewhere is drawn with the ward at every width and text size, and
// nothing of it is cut; nobody of this ward is.
func TestTheWardOfSomebodyElsewhereIsNeverLeftOut(t *testing.T) {
	done := make(chan board.Rows, 8)
	m := board.New(&desk{rows: theWard(), own: ownList(), link: connected()}, inline{}, func() time.Time { return now }, func(s board.State) {
		if s.Loaded {
			done <- s.Rows
		}
	})
	m.SetFilter(board.Mine)
	m.Reload()
	all := <-done
	for _, scale := range []float32{.8, 1, 1.25, 1.5, 2} {
		test.NewTempApp(t).Settings().SetTheme(theme.New(theme.Options{Mode: theme.Light, Scale: scale}))
		for _, wide := range []float32{512, 976, 1024, 1298, 1852} {
			if wide/scale < 480 {
				continue // narrower than the smallest screen at the largest text
			}
			far := 0
			for i := range all.Len() {
				row := all.At(i)
				d := draw(&row)
				p := planFor(wide/scale, 160)
				high := theme.Px(d.fit(&p))
				v := newRow()
				v.draw(d, &p, false)
				v.Resize(fyne.NewSize(wide, high))
				checkRow(t, v, wide, high, scale)
				words := ""
				for _, s := range v.at {
					words += s.line.Text() + " "
				}
				elsewhere := strings.HasPrefix(string(row.ID), "far-")
				if elsewhere {
					far++
				}
				if said := strings.Contains(words, "Ward ") || strings.Contains(words, "On no ward"); said != elsewhere {
					t.Errorf("%s at %v, text %v: %q", row.Name, wide, scale, words)
				}
			}
			if far != 3 {
				t.Fatalf("%d of 3 lie elsewhere", far)
			}
		}
	}
}

// At the largest text the line below the list may take two, and its buttons are whole.
func TestTheFootIsWholeHoweverLongItsWords(t *testing.T) {
	r := mineRig(t, 2, 1024, 640)
	r.capture()
	f := r.page.foot
	for _, b := range []fyne.CanvasObject{f.up, f.down} {
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(b)
		if bottom := at.Y + b.Size().Height; bottom > 640 {
			t.Errorf("a button of the foot ends at %v of 640", bottom)
		}
	}
	if list := r.page.list; list.Position().Y+list.Size().Height > f.Position().Y+.5 {
		t.Error("the foot lies over the list")
	}
}
