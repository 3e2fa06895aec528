package patients

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// urgents is a ward with values beyond an urgent limit: alone, of two, beside a critical one,
// and beside a corrected one.
func urgents() []ward.Row {
	rows := theWard()
	value := func(test, value, unit string, flag ward.Flag) *ward.Result {
		return &ward.Result{ID: "u", Test: test, Value: value, Unit: unit, Flag: flag, Urgent: true, Received: clock("13:30")}
	}
	for i := range rows {
		switch rows[i].Who.Bed {
		case "05":
			rows[i].Urgent, rows[i].Urgents = value("Potassium", "6.1", "mmol/L", ward.FlagHigh), 1
		case "09":
			rows[i].Urgent, rows[i].Urgents, rows[i].New = value("Sodium", "124", "mmol/L", ward.FlagLow), 2, 7
		case "07", "15":
			rows[i].Urgent, rows[i].Urgents = value("Platelets", "41", "10*9/L", ward.FlagLow), 1
		}
	}
	return rows
}

// A value beyond an urgent limit has its mark and its word on the row, with value, flag and
// unit, in every language and at every text size; beside what is worse it is counted.
func TestAnUrgentValueIsMarkedOnItsRow(t *testing.T) {
	dir := uitest.Pictures()
	for tag, word := range map[string]string{"en": "URGENT", "de": "DRINGEND"} {
		for _, c := range []struct {
			scale, w, h float32
			name        string
		}{{.8, 1298, 702, "80"}, {1, 1298, 702, "100"}, {2, 1024, 2400, "200"}} {
			uitest.Speak(t, tag)
			r := newRig(t, theme.Options{Mode: theme.Light, Scale: c.scale}, c.w, c.h)
			r.desk.rows = urgents()
			r.reload()
			img := r.capture()
			if dir != "" {
				uitest.Keep(t, dir, "urgent-"+tag+"-"+c.name, img)
			}
			all := r.model.State().Rows
			for i := range all.Len() {
				row := all.At(i)
				d := draw(&row)
				p := planFor(c.w/c.scale, 100)
				d.fit(&p)
				said := rowSays(d)
				want := map[string][]string{
					"05": {"Potassium", "6.1", "mmol/L", word, "13:30"}, "09": {"Sodium", "124", "mmol/L", word, "+6", "2 " + word},
					"07": {"6.8", "1 " + word}, "15": {"4.3", "1 " + word}, "18": {"LFT"},
				}[row.Bed]
				for _, w := range want {
					if !strings.Contains(said, w) {
						t.Errorf("%s at %v: bed %s reads %q, without %q", tag, c.scale, row.Bed, said, w)
					}
				}
				if row.Bed == "18" && strings.Contains(said, word) {
					t.Errorf("bed 18 has nothing urgent and reads %q", said)
				}
			}
		}
	}
}

// rowSays are the words of a row's results.
func rowSays(d *drawn) string {
	var out []string
	for _, l := range d.cells[colResults] {
		for _, s := range l {
			out = append(out, s.Text)
		}
	}
	return strings.Join(out, " ")
}

// What came of many panels stays one line of a steady row: as many as fit are named, the
// others counted, and the time never stands alone.
func TestWhatCameStaysOneLineWithItsTime(t *testing.T) {
	names := []string{"C-reactive protein", "Full blood count", "Urea and electrolytes", "Coagulation screen"}
	for _, scale := range []float32{.8, 1, 1.5} {
		for _, wide := range []float32{976, 1298, 1852} {
			r := newRig(t, theme.Options{Mode: theme.Light, Scale: scale}, wide, 702)
			for i := range r.desk.rows {
				if x := &r.desk.rows[i]; x.Critical == nil && x.Corrected == nil {
					x.New, x.NewNames, x.NewKinds, x.NewAt = 8, names, 5, clock("11:43")
				}
			}
			r.reload()
			all := r.model.State().Rows
			for i := range all.Len() {
				row := all.At(i)
				p := planFor(wide/scale, 100)
				if p.cards || row.Results.Kind != "new" {
					continue
				}
				d := draw(&row)
				d.fit(&p)
				lines := d.fits[colResults]
				if !row.Tall && len(lines) != 1 {
					t.Errorf("at %v, %v wide: bed %s is %d lines", scale, wide, row.Bed, len(lines))
				}
				first := lines[0]
				if last := first[len(first)-1].Text; last != "· 11:43" || !strings.HasPrefix(first[len(first)-2].Text, "+") {
					t.Errorf("at %v, %v wide: bed %s ends %q", scale, wide, row.Bed, last)
				}
			}
		}
	}
}

// A ward of 24 fits a small screen, however many panels came of each.
func TestTwentyFourBedsFitWhateverCame(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702)
	for i := range r.desk.rows {
		if x := &r.desk.rows[i]; ward.UrgencyOf(x) < 2 && x.Corrected == nil { // who is neither getting worse nor waits for somebody
			x.New, x.NewNames, x.NewKinds, x.NewAt = 8, []string{"C-reactive protein", "Full blood count", "Urea and electrolytes"}, 3, clock("11:43")
		}
	}
	r.reload()
	img := r.capture()
	if dir := uitest.Pictures(); dir != "" {
		uitest.Keep(t, dir, "many-new", img)
	}
	from, to, total := r.page.list.InView()
	if total != 24 || from != 1 || to != 24 {
		t.Errorf("%d to %d of %d are in view", from, to, total)
	}
}

// The badge of a row with a second line stands free of the row's edges, at every text size.
func TestTheBadgeTouchesNoEdge(t *testing.T) {
	for _, scale := range []float32{.8, 1, 1.5, 2} {
		app := newRig(t, theme.Options{Mode: theme.Light, Scale: scale}, 1298*scale, 702)
		all := app.model.State().Rows
		tall := 0
		for i := range all.Len() {
			row := all.At(i)
			if !row.Tall || row.Score.Text == "" {
				continue
			}
			tall++
			d := draw(&row)
			p := planFor(1298, 100)
			h := d.fit(&p)
			v := newRow()
			v.draw(d, &p, false)
			v.Resize(fyne.NewSize(1298*scale, theme.Px(h)))
			top, bottom := v.badge.Position().Y, v.badge.Position().Y+v.badge.Size().Height
			if top < theme.Px(2.4) || bottom > theme.Px(h)-theme.Px(2.4) {
				t.Errorf("at %v: bed %s: the badge reaches from %v to %v of %v", scale, row.Bed, top, bottom, theme.Px(h))
			}
		}
		if tall == 0 {
			t.Error("no row has two lines")
		}
	}
}
