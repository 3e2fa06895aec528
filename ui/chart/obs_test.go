package chart

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/chart"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// aDay is a day of observations, every two hours, with a gap, a value that fits
// no row, and a set that was entered in error.
func aDay() []ward.VitalSet {
	air, oxygen := false, true
	resp := []string{"14", "15", "16", "18", "", "20", "21", "22", "24", "26", "25", "22"}
	spo2 := []string{"97", "97", "96", "96", "95", "95", "94", "93", "92", "91", "94", "95"}
	sys := []string{"128", "126", "130", "122", "118", "", "112", "108", "104", "98", "92", "101"}
	pulse := []string{"72", "76", "78", "84", "88", "92", "96", "104", "112", "124", "132", "118"}
	temp := []string{"36.8", "36.9", "37.0", "37.4", "37.8", "38.1", "38.4", "38.6", "39.0", "39.2", "38.8", "38.2"}
	risk := []ward.Risk{ward.RiskLow, ward.RiskLow, ward.RiskLow, ward.RiskLow, ward.RiskLow, ward.RiskLow, ward.RiskMedium, ward.RiskMedium, ward.RiskHigh, ward.RiskHigh, ward.RiskHigh, ward.RiskHigh}
	total := []int{0, 0, 0, 0, 1, 3, 5, 6, 8, 11, 12, 9}
	var sets []ward.VitalSet
	for i := range resp {
		s := ward.VitalSet{
			At: at(21, "16:00").Add(time.Duration(2*i) * time.Hour), Respirations: resp[i], SpO2: spo2[i], Oxygen: &air, Systolic: sys[i], Diastolic: "70",
			Pulse: pulse[i], Consciousness: "A", Temperature: temp[i], By: "Grace Mensah",
			Early: ward.Early{Known: true, Total: total[i], Risk: risk[i], Scale: 1, AtLeast: resp[i] == "" || sys[i] == ""},
		}
		if sys[i] == "" {
			s.Diastolic = ""
		}
		if i > 8 {
			s.Oxygen = &oxygen
		}
		if i == 10 {
			s.Consciousness = "C"
		}
		sets = append([]ward.VitalSet{s}, sets...)
	}
	sets[3].Error = true
	sets[0].Unsent = true
	sets[7].Pulse = "about 90"
	return sets
}

func openObs(t *testing.T, o theme.Options, w, h float32, change func(*ward.Chart)) (*rig, *observations) {
	t.Helper()
	r := newRig(t, o, w, h)
	c := r.desk.charts["p07"]
	c.Vitals = aDay()
	if change != nil {
		change(&c)
	}
	r.desk.charts["p07"] = c
	r.open(t, "p07", view.Vitals)
	r.page.Key(&fyne.KeyEvent{Name: fyne.KeyF8})
	r.capture()
	return r, r.page.tab[view.Vitals].(*observations)
}

// At every size of text each value stands in the chart with all its digits, in
// its own column and row, and nothing lies over anything else.
func TestTheObservationChartCutsNothing(t *testing.T) {
	for name, c := range map[string]struct {
		o    theme.Options
		w, h float32
	}{
		"": {theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702}, "-1024": {theme.Options{Mode: theme.Light, Scale: 1}, 956, 702}, "-200": {theme.Options{Mode: theme.Light, Scale: 2}, 1024, 636},
		"-dark": {theme.Options{Mode: theme.Dark, Scale: 1}, 1298, 702}, "-80-high": {theme.Options{Mode: theme.HighContrast, Scale: .8}, 1298, 702},
	} {
		t.Run("at"+name, func(t *testing.T) {
			r, o := openObs(t, c.o, c.w, c.h, nil)
			if dir := uitest.Pictures(); dir != "" {
				uitest.Keep(t, dir, "obs"+name, r.capture())
			}
			from, to := o.grid.seen(o.grid.Size().Width)
			if to != 12 || to-from < 2 {
				t.Fatalf("columns %d to %d", from, to)
			}
			texts := textsOf(o.grid.Parts)
			for _, g := range o.grid.chart.Groups {
				for i := from; i < to; i++ {
					if m := g.Marks[i]; m.Text != "" && !strings.Contains(texts, "|"+m.Text+"|") {
						t.Errorf("%s %s is not drawn", g.Name, m.Text)
					}
				}
			}
			for i, a := range o.grid.Parts {
				if !isText(a) {
					continue
				}
				if a.Position().X < 0 || a.Position().X+a.Size().Width > o.grid.Size().Width {
					t.Errorf("%s is cut at an edge", textsOf([]fyne.CanvasObject{a}))
				}
				for _, b := range o.grid.Parts[i+1:] {
					if isText(b) && overlap(a, b) {
						t.Errorf("%s lies over %s", textsOf([]fyne.CanvasObject{a}), textsOf([]fyne.CanvasObject{b}))
					}
				}
			}
		})
	}
}

// Gaps stay gaps: no line leads over one.
func TestNoLineLeadsOverAGap(t *testing.T) {
	_, o := openObs(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702, nil)
	joins := 0
	for _, p := range o.grid.Parts {
		if l, ok := p.(*canvas.Line); ok {
			joins++
			if wide := l.Position2.X - l.Position1.X; wide < 0 || wide > o.grid.column() {
				t.Errorf("a line is %v wide", wide)
			}
		}
	}
	want := 0
	for _, g := range o.grid.chart.Groups {
		for _, m := range g.Marks {
			if m.Joined {
				want++
			}
		}
	}
	if joins != want || joins == 0 {
		t.Errorf("%d lines, want %d", joins, want)
	}
}

// For somebody whom NEWS2 is not made for the chart scores nothing and says why.
func TestTheObservationChartScoresNobodyWhoMustNotBe(t *testing.T) {
	r, _ := openObs(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702, func(c *ward.Chart) {
		c.Early = ward.Early{Known: true, Refused: "not scored: pregnant"}
		for i := range c.Vitals {
			c.Vitals[i].Early = c.Early
		}
	})
	if !r.says("not scored: pregnant. Use the ward’s own chart for this patient; nothing here is scored.") || r.says("scores 3") {
		t.Error("the chart scores, or does not say why not")
	}
}

// The arrows page through the sets, and what is being typed on the other side
// stays.
func TestTheObservationChartPagesAndTypingStays(t *testing.T) {
	r, o := openObs(t, theme.Options{Mode: theme.Light, Scale: 2}, 1024, 636, nil)
	r.page.Key(&fyne.KeyEvent{Name: fyne.KeyF8})
	o.entry.resp.SetText("19")
	o.entry.typed()
	r.page.Key(&fyne.KeyEvent{Name: fyne.KeyF8})
	from := 12
	seen := map[int]bool{}
	for range 12 {
		first, behind := o.grid.seen(o.grid.Size().Width)
		for i := first; i < behind; i++ {
			seen[i] = true
		}
		from = first
		r.page.Key(&fyne.KeyEvent{Name: fyne.KeyLeft})
	}
	if len(seen) != 12 || from != 0 {
		t.Errorf("%d of 12 sets were seen, from %d", len(seen), from)
	}
	for range 12 {
		r.page.Key(&fyne.KeyEvent{Name: fyne.KeyRight})
	}
	if _, to := o.grid.seen(o.grid.Size().Width); to != 12 {
		t.Errorf("back at %d", to)
	}
	r.page.Key(&fyne.KeyEvent{Name: fyne.KeyF8})
	if o.entry.resp.Text() != "19" {
		t.Errorf("what was typed is %q", o.entry.resp.Text())
	}
}

func isText(o fyne.CanvasObject) bool { _, ok := o.(interface{ Text() string }); return ok }

func textsOf(list []fyne.CanvasObject) string {
	out := "|"
	for _, o := range list {
		if l, ok := o.(interface{ Text() string }); ok {
			out += l.Text() + "|"
		}
	}
	return out
}

func overlap(a, b fyne.CanvasObject) bool {
	p, q, s, u := a.Position(), b.Position(), a.Size(), b.Size()
	return p.X < q.X+u.Width && q.X < p.X+s.Width && p.Y < q.Y+u.Height-1 && q.Y < p.Y+s.Height-1
}
