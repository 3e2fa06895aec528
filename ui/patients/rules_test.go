package patients

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/assets"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/board"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

func TestTheBoardIsDrawnAsBefore(t *testing.T) {
	for _, c := range []struct {
		name string
		s    float32
		w, h float32
	}{{"board.xml", 1, 1298, 702}, {"cards.xml", 2, 1024, 640}} {
		r := newRig(t, theme.Options{Mode: theme.Light, Scale: c.s}, c.w, c.h)
		r.capture()
		uitest.Golden(t, c.name, test.RenderObjectToMarkup(r.page.Object()))
	}
}

// held is a ward of which something critical is held back: of somebody who has
// nothing else new, and of somebody whose other critical result is taken.
func held() []ward.Row {
	rows := theWard()
	h := ward.HeldBack{
		ID: "hb1", Since: clock("13:58"), Critical: true, Open: true,
		Values: []ward.Result{{Test: "Potassium", Value: "6.8", Unit: "mmol/L", Flag: ward.FlagCriticalHigh}},
	}
	theirs := h
	theirs.Partial, theirs.Perhaps = true, []ward.Identity{rows[0].Who}
	rows[len(rows)-1].Held, rows[0].Held = &h, &theirs
	return rows
}

func TestWhatIsHeldBackIsDrawnAsBefore(t *testing.T) {
	for _, c := range []struct {
		name string
		s    float32
		w, h float32
	}{{"held", 1, 1298, 702}, {"held-cards", 2, 1024, 640}} {
		r := newRig(t, theme.Options{Mode: theme.Light, Scale: c.s}, c.w, c.h)
		r.desk.rows = held()
		r.reload()
		img := r.capture()
		if dir := uitest.Pictures(); dir != "" {
			uitest.Keep(t, dir, c.name, img)
		}
		uitest.Golden(t, c.name+".xml", test.RenderObjectToMarkup(r.page.Object()))
	}
}

// hard is a ward whose words are as long as they come.
func hard() []ward.Row {
	rows := theWard()
	rows[0].Who.Family, rows[0].Who.Given = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh", "Maximiliana Wilhelmina Oluwaseun"
	rows[1].Critical.Test, rows[1].Critical.Value, rows[1].Critical.Unit = "Creatinine [Moles/volume] in Serum or Plasma by Jaffé", ">1234567.89", "mmol/L per 1.73 m² body surface"
	rows[2].NewNames, rows[2].NewKinds = []string{"C-reactive protein", "Urea and electrolytes", "Full blood count", "Coagulation screen", "Liver function tests"}, 11
	rows[3].Urgent = &ward.Result{Test: "Creatinine [Moles/volume] in Serum or Plasma by Jaffé", Value: ">1234567.89", Unit: "mmol/L per 1.73 m² body surface", Urgent: true, Flag: ward.FlagHigh, Received: clock("13:30")}
	rows[3].New, rows[3].Urgents = 9, 2
	rows[0].Urgents, rows[6].Urgents = 1, 12
	rows[3].Early.Missing = []string{"temperature", "respirations", "oxygen saturation", "consciousness"}
	rows[4].Allergies = known("Trimethoprim with sulfamethoxazole", "a", "b", "c")
	rows[5].Flags = []string{"DNACPR", "Falls", "Isolation", "Interpreter needed"}
	rows[6].Corrected.Test, rows[6].Corrected.Before.Value = "Alkaline phosphatase isoenzymes", "71234.567"
	return rows
}

// Nothing is cut and nothing lies over something else, at any text size and
// window width, however long the words are.
func TestNoValueIsCut(t *testing.T) {
	for _, scale := range []float32{.8, 1, 1.25, 1.5, 2} {
		app := test.NewTempApp(t)
		app.Settings().SetTheme(theme.New(theme.Options{Mode: theme.Light, Scale: scale}))
		for _, wide := range []float32{512, 976, 1024, 1298, 1852} {
			if wide/scale < 480 {
				continue // narrower than the smallest screen at the largest text
			}
			all := hardRows()
			for i := range all.Len() {
				row := all.At(i)
				d := draw(&row)
				p := planFor(wide/scale, 160)
				h := d.fit(&p)
				v := newRow()
				v.draw(d, &p, false)
				v.Resize(fyne.NewSize(wide, theme.Px(h)))
				checkRow(t, v, wide, theme.Px(h), scale)
			}
		}
	}
}

// A score that lacks much makes no row of five lines.
func TestAScoreThatLacksMuchIsSaidInThreeLines(t *testing.T) {
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.New(theme.Options{Mode: theme.Light, Scale: 1}))
	all := hardRows()
	for i := range all.Len() {
		row := all.At(i)
		if !strings.Contains(row.Score.Second, "4 values missing") {
			continue
		}
		d := draw(&row)
		p := planFor(1298, 160)
		d.fit(&p)
		if len(d.below) > 3 {
			t.Errorf("%d lines: %v", len(d.below), d.below)
		}
		return
	}
	t.Error("no row lacks four values")
}

// hardRows are the view model's rows of the hard ward.
func hardRows() board.Rows {
	done := make(chan board.Rows, 8)
	m := board.New(&desk{rows: hard(), link: connected()}, inline{}, func() time.Time { return now }, func(s board.State) {
		if s.Loaded {
			done <- s.Rows
		}
	})
	m.Reload()
	return <-done
}

type inline struct{}

func (inline) Do(fn func()) { fn() }

type rect struct {
	text       string
	x, y, w, h float32
}

func checkRow(t *testing.T, v *rowView, wide, high, scale float32) {
	t.Helper()
	var all []rect
	for _, s := range v.at {
		pos, size := s.line.Position(), s.line.Size()
		if m := s.line.MinSize(); size.Width+.5 < m.Width {
			t.Errorf("%q is cut: %v of %v", s.line.Text(), size.Width, m.Width)
		}
		if s.line.Text() != "" {
			all = append(all, rect{s.line.Text(), pos.X, pos.Y, size.Width, size.Height})
		}
	}
	if v.d.row.Score.Text != "" {
		all = append(all, rect{"badge", v.badge.Position().X, v.badge.Position().Y, v.badge.Size().Width, v.badge.Size().Height})
	}
	for i, a := range all {
		if a.x < 0 || a.x+a.w > wide+1 {
			t.Errorf("scale %v, width %v: %q runs out of the row: %v to %v", scale, wide, a.text, a.x, a.x+a.w)
		}
		if a.y < -3*scale || a.y+a.h > high+3*scale {
			t.Errorf("scale %v, width %v: %q stands out of a row of %v: %v to %v", scale, wide, a.text, high, a.y, a.y+a.h)
		}
		for _, b := range all[i+1:] {
			// Lines one below the other may share the room of their descenders.
			if a.x+1 < b.x+b.w && b.x+1 < a.x+a.w && a.y+5*scale < b.y+b.h-2*scale && b.y+5*scale < a.y+a.h-2*scale {
				t.Errorf("scale %v, width %v: %q lies over %q", scale, wide, a.text, b.text)
			}
		}
	}
}

// The columns give way in the order of the design language.
func TestTheColumnsGiveWayInOrder(t *testing.T) {
	was := planFor(3000, 140)
	if was.cards || !was.spark || !was.scale || was.second {
		t.Fatal("a wide window lacks something")
	}
	level := func(p plan) int {
		switch {
		case p.cards:
			return 4
		case p.second:
			return 3
		case !p.scale:
			return 2
		case !p.spark:
			return 1
		}
		return 0
	}
	at := 0
	for w := float32(3000); w > 300; w -= 7 {
		p := planFor(w, 140)
		if l := level(p); l < at {
			t.Fatalf("at %v more is shown than at a wider window", w)
		} else {
			at = l
		}
		if !p.cards && p.x[columns-1]+p.w[columns-1] > w+.5 {
			t.Fatalf("at %v the columns need %v", w, p.x[columns-1]+p.w[columns-1])
		}
	}
	if at != 4 {
		t.Error("no cards at the end")
	}
}

// A result keeps its distance from what stands right of it: a count beside a value would be
// read as a part of it, and the bar of the list would lie on its last figure. So it is at
// every text size and width that has columns.
func TestTheLastResultKeepsItsDistance(t *testing.T) {
	const least = 14
	long := []string{"Blood gas", "CRP", "FBC", "U&E", "LFT", "INR", "Troponin T", "Magnesium", "Phosphate", "Lactate", "Glucose", "Calcium", "TSH", "D-dimer", "Amylase", "Ferritin"}
	for _, tag := range []string{"en", "de"} {
		uitest.Speak(t, tag)
		for _, scale := range []float32{.8, 1, 1.4, 2} {
			test.NewTempApp(t).Settings().SetTheme(theme.New(theme.Options{Mode: theme.Light, Scale: scale}))
			narrowest := map[bool]float32{}
			for w := float32(800); w <= 1700; w += 37 {
				p := planFor(w, 160)
				if p.cards {
					continue
				}
				for n := range long {
					r := newRow()
					row := board.Row{Age: "72", Tasks: "12", Results: board.Results{Kind: board.KindNew, Test: strconv.Itoa(n+1) + " new", Line: strings.Join(long[:n+1], ", ") + " · 13:20"}}
					d := draw(&row)
					d.fit(&p)
					r.draw(d, &p, false)
					right := p.width
					for _, s := range r.at {
						if !p.second && s.x >= p.x[colTasks] {
							right = min(right, s.x)
						}
					}
					for _, s := range r.at {
						if s.x != p.x[colResults] {
							continue
						}
						gap := right - (s.x + s.line.MinSize().Width/scale)
						if was, some := narrowest[p.second]; !some || gap < was {
							narrowest[p.second] = gap
						}
						if gap < least {
							t.Fatalf("%s, %v, %v wide: %q ends %v before what stands right of it", tag, scale, w, s.line.Text(), gap)
						}
					}
				}
			}
			if len(narrowest) != 2 || narrowest[false] > 60 || narrowest[true] > 60 {
				t.Fatalf("%s, %v: no text fills the column: %v", tag, scale, narrowest)
			}
		}
	}
}

// While the laboratory cannot be heard no cell says "none" about results.
func TestTheBoardNeverSaysNoneWithTheFeedDown(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702)
	r.desk.link.Feeds[0].Up, r.desk.link.AsOf = false, clock("02:14")
	r.model.Reload()
	r.queue.Settle(50, 2*time.Millisecond)
	rows := r.model.State().Rows
	for i := range rows.Len() {
		row := rows.At(i)
		for _, l := range draw(&row).cells[colResults] {
			if text := kit.NewLine(l...).Text(); strings.TrimSpace(text) == "none" {
				t.Fatalf("bed %s: %q", row.Bed, text)
			}
		}
	}
	if markup := test.RenderObjectToMarkup(r.page.Object()); strings.Contains(markup, ">none<") || !strings.Contains(markup, "none by 02:14") {
		t.Error("the page says none, or does not say by when")
	}
}

// Rows stand still while the list has the focus; a click opens the patient that
// was drawn at the press.
func TestRowsStandStillUnderTheFocus(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702)
	r.win.Canvas().Focus(r.page.First())
	before := r.page.list.Selected()
	rows := theWard()
	rows[5].Early = score(6, ward.RiskMedium, 1) // would move up to the third place
	r.desk.rows = rows
	r.model.Reload()
	r.queue.Settle(50, 2*time.Millisecond)
	if !r.page.list.Waiting() || !r.page.again.Visible() {
		t.Fatal("the new order did not wait, or does not say so")
	}
	if r.page.list.Selected() != before {
		t.Error("the chosen row changed")
	}
	r.page.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if len(r.open) != 1 || string(r.open[0]) != before {
		t.Errorf("Enter opened %v, chosen was %s", r.open, before)
	}
	test.Tap(r.page.again)
	if r.page.list.Waiting() {
		t.Error("Sort again did not sort")
	}
}

func TestIconsExist(t *testing.T) {
	have := map[assets.Icon]bool{}
	for _, i := range assets.Icons() {
		have[i] = true
	}
	for _, i := range []assets.Icon{
		iconFilter, iconUp, iconDown, iconSimilar, iconOverdue, iconUnsent, iconAllergy, iconQuestion, iconUnavailable, iconCritical, iconCorrected,
		flagChip("Isolation").Icon, flagChip("Falls").Icon, flagChip("DNACPR").Icon,
	} {
		if !have[i] {
			t.Errorf("there is no icon %q", i)
		}
	}
}
