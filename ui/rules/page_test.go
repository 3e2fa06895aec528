package rules

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	view "wardlight/internal/station/view/rules"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

var now = time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)

type desk struct {
	book ward.RuleBook
	did  chan ward.Command
}

func (d *desk) Do(_ context.Context, c ward.Command) (ward.Done, error) {
	d.did <- c
	return ward.Done{}, nil
}

func (d *desk) Subscribe(context.Context) <-chan ward.Notice { return make(chan ward.Notice) }

func (d *desk) Rules(context.Context) (ward.RuleBook, error) { return d.book, nil }

// full are rules of each kind, with figures.
func full() ward.RuleBook {
	b := ward.RuleBook{Version: "default-1", ChangedBy: "Wardlight's own defaults, not signed off by this site", Counted: now.Add(-10 * time.Minute), AsOf: now, List: []ward.Rule{
		{
			ID: "critical/potassium", Name: "Critical potassium", Words: "A value at or beyond this limit, also a preliminary one and also where the laboratory says normal. Somebody has to take it; until then the ladder climbs.", From: "RCPath G158 (2017)",
			Limits: []string{"critical ≤ 2.5 mmol/L", "critical ≥ 6.5 mmol/L", "urgent ≤ 2.9 mmol/L", "urgent ≥ 6.0 mmol/L"}, Must: true, Repeats: "Each one interrupts. No configuration mutes it.", Counted: true,
			Use: map[int]ward.RuleUse{7: {Fired: 14, Patients: 11, Taken: 13, Acted: map[string]int{"treated": 8, "in their own words": 4, "repeat sent": 3}, Handed: 2, Climbed: 1, Nobody: 1}, 30: {Fired: 52, Patients: 40}},
		},
		{
			ID: "critical/platelets", Name: "Critical platelets", Words: "A value at or beyond this limit.", From: "US laboratories' published critical lists", Limits: []string{"critical ≤ 20 ×10⁹/L"}, Counted: true,
			Repeats: "A repeat within 24 h of the same stay is quiet if it is no worse than a value that somebody had taken when it came, nor than the latest before it.", Use: map[int]ward.RuleUse{7: {Fired: 3, Patients: 2, Taken: 3, Quiet: 9}, 30: {Fired: 12, Patients: 6, Quiet: 31}},
		},
		{
			ID: "allergy", Name: "Allergy against an order", Words: "A medicine is ordered against a recorded allergy.", From: "starter table of cross-reactions, row by row", Limits: []string{"24 rows"}, Must: true, Counted: true, Repeats: "It asks whoever orders, each time, and nobody else.",
			Use: map[int]ward.RuleUse{7: {Fired: 2, Patients: 2, Overruled: map[string]int{"stop": 1, "caution": 1}}, 30: {}},
		},
	}}
	b.List = append(b.List, ward.Rule{
		ID: "late-order", Name: "Result late", Words: "An order has no result, or has not left, past its time.", From: "turnaround times, test by test", Limits: []string{"every other test: no result after 8 h, not sent for 2 h (chosen)"}, Marks: true, Counted: true,
		Repeats: "It marks and interrupts nobody, so there is nothing to mute.", Use: map[int]ward.RuleUse{7: {Fired: 5, Patients: 4, Done: 3, Nobody: 2}, 30: {Fired: 21, Patients: 17, Done: 16, Nobody: 5}},
	})
	for i := range 14 {
		b.List = append(b.List, ward.Rule{ID: fmt.Sprint("change/", i), Name: fmt.Sprint("Unexpected change ", i), Words: "It marks the result.", From: "starter set", Limits: []string{"rise of 13 mmol/L within 3 d"}, Repeats: "It marks and interrupts nobody."})
	}
	return b
}

// site are those of a hospital that set the limits of the first rule; denied whoever may
// not set them.
func site() ward.RuleBook {
	b := full()
	first := ward.LimitChange{Number: 1, Edge: "high", Shown: "mmol/L", Value: "6.0", By: "Ana Ruiz, doctor", At: now.Add(-48 * time.Hour), Reason: "Laboratory board of 20 November"}
	second := ward.LimitChange{Number: 2, Ward: "4B", Edge: "high", Shown: "mmol/L", Value: "5.8", By: "Ana Ruiz, doctor", At: now.Add(-time.Hour), Reason: "renal ward"}
	b.List[0].Site = &ward.RuleLimits{
		Version: 7, Number: 2, Ward: "4B", MaySite: true, MayWard: true,
		List: []ward.SiteLimit{
			{Edge: "low", Unit: "mmol/L", Shown: "mmol/L", Own: "2.5", Hospital: "2.5", Here: "2.5", Low: "2.5", High: "3.2", WardLow: "2.5", WardHigh: "3.2", From: "RCPath G158 (2017); no looser one is known, so only stricter"},
			{Edge: "high", Unit: "mmol/L", Shown: "mmol/L", Own: "6.5", Hospital: "6.0", Here: "5.8", Low: "5.5", High: "6.5", WardLow: "5.5", WardHigh: "6.5", From: "RCPath G158 (2017); no looser one is known, so only stricter", Set: &first, WardSet: &second},
		},
		Changes: []ward.LimitChange{second, first},
	}
	return b
}

func denied() ward.RuleBook {
	b := site()
	b.List[0].Site.MaySite, b.List[0].Site.MayWard = false, false
	return b
}

// apart are the same with the network out; uncounted ones that nobody has counted.
func apart() ward.RuleBook {
	b := full()
	b.Apart, b.Counted = true, now.Add(-5*time.Hour)
	return b
}

func uncounted() ward.RuleBook {
	b := full()
	b.Counted = time.Time{}
	for i := range b.List {
		b.List[i].Use = nil
	}
	return b
}

type rig struct {
	desk  *desk
	page  *Page
	model *view.Model
	queue *base.Queue
	win   fyne.Window
}

func newRig(t *testing.T, o theme.Options, w, h float32, b ward.RuleBook) *rig {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.New(o))
	r := &rig{queue: &base.Queue{}}
	r.desk = &desk{b, make(chan ward.Command, 8)}
	r.model = view.New(r.desk, r.queue, func() time.Time { return now }, func(s view.State) { r.page.Show(s) })
	clock := kit.Clock{Now: func() time.Time { return now }, After: func(time.Duration, func()) func() { return func() {} }}
	r.page = New(r.model, kit.NewTyping(clock), clock)
	r.win = test.NewTempWindow(t, r.page.Object())
	r.win.SetPadded(false)
	r.win.Resize(fyne.NewSize(w, h))
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	r.model.Follow(ctx)
	uitest.Until(t, r.queue.Drain, func() bool { return r.model.State().Loaded })
	return r
}

func (r *rig) press(key fyne.KeyName) {
	uitest.Press(r.win, r.page.Key, key)
}

func TestPictures(t *testing.T) {
	dir := uitest.NeedPictures(t)
	for name, b := range map[string]ward.RuleBook{"full": full(), "apart": apart(), "uncounted": uncounted(), "site": site(), "denied": denied(), "setting": site()} {
		for _, size := range []struct {
			name string
			o    theme.Options
			w, h float32
		}{
			{"", theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702},
			{"-200", theme.Options{Mode: theme.Light, Scale: 2}, 1366, 636},
			{"-200-1024", theme.Options{Mode: theme.Light, Scale: 2}, 1024, 636},
			{"-80-dark", theme.Options{Mode: theme.Dark, Scale: .8}, 1298, 702},
		} {
			r := newRig(t, size.o, size.w, size.h, b)
			if name == "setting" {
				r.model.ChangeLimit("high|mmol/L|")
				r.model.SetLimitValue("6.2")
			}
			uitest.Keep(t, dir, name+size.name, uitest.Capture(r.win))
		}
	}
}

// real are the rules that the program comes with, in the language in use.
func real() ward.RuleBook {
	b := ward.RuleBook{Version: "default-1", ChangedBy: alert.Said(alert.Default().ChangedBy), Counted: now.Add(-10 * time.Minute), AsOf: now}
	for i, r := range alert.Default().Book() {
		one := ward.Rule{ID: string(r.ID), Name: r.Name, Words: r.Words, From: r.From, Limits: r.Limits, Must: r.Must, Repeats: r.Repeats, Counted: r.Counted, Marks: r.Marks}
		if r.Counted {
			one.Use = map[int]ward.RuleUse{7: {Fired: i + 2, Patients: i + 1, Taken: i, Nobody: 1, Done: i}, 30: {}}
		}
		b.List = append(b.List, one)
	}
	return b
}

// TestPicturesInGerman draws the rules that the program comes with in German.
func TestPicturesInGerman(t *testing.T) {
	dir := uitest.NeedPictures(t)
	for name, scale := range map[string]float32{"": 1, "-200": 2} {
		uitest.Speak(t, "de")
		r := newRig(t, theme.Options{Mode: theme.Light, Scale: scale}, 1366, 702, real())
		for _, id := range []string{"critical/platelets", "late-order", "change"} {
			r.model.Choose(id)
			uitest.Keep(t, dir, "de-"+strings.ReplaceAll(id, "/", "-")+name, uitest.Capture(r.win))
		}
	}
}

// By keyboard alone: the arrows go from rule to rule, Tab leads to the days, where they
// count a month or a week.
func TestTheRulesByKeyboard(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702, full())
	r.win.Canvas().Focus(r.page.First())
	r.press(fyne.KeyDown)
	if s := r.model.State(); s.Open.ID != "critical/platelets" || s.Days != 7 {
		t.Fatalf("%+v", s.Open)
	}
	r.win.Canvas().Focus(r.page.days)
	r.press(fyne.KeyRight)
	if s := r.model.State(); s.Days != 30 || s.Lines[1].Words != "fired 12, quiet repeats 31" {
		t.Errorf("%+v", s.Lines[1])
	}
	r.press(fyne.KeyLeft)
	r.win.Canvas().Focus(r.page.First())
	r.press(fyne.KeyEnd)
	if s := r.model.State(); s.Days != 7 || s.Open.ID != "change/13" {
		t.Errorf("%d %+v", s.Days, s.Open)
	}
}

// Whatever a rule says stands on the page whole, at every size of text: the part beside
// or below the list scrolls.
func TestARuleIsDrawnWhole(t *testing.T) {
	for _, size := range []struct{ scale, w, h float32 }{{.8, 1298, 702}, {1, 1298, 702}, {2, 1366, 636}, {2, 1024, 636}} {
		for name, b := range map[string]ward.RuleBook{"full": full(), "apart": apart(), "uncounted": uncounted()} {
			r := newRig(t, theme.Options{Mode: theme.Light, Scale: size.scale}, size.w, size.h, b)
			r.win.Canvas().Capture()
			said := test.RenderObjectToMarkup(r.page.detail)
			for _, want := range []string{"RCPath", "2.5", "mmol/L", "mutes", "laboratory"} {
				if !strings.Contains(said, want) {
					t.Errorf("%s at %v: %q is not drawn", name, size.scale, want)
				}
			}
			if side := r.page.side; side.Size().Height < theme.Px(80) || side.Position().Y+side.Size().Height > size.h+1 || r.page.panel.Size().Height < theme.Px(70) {
				t.Errorf("%s at %v: list %v, rule %v at %v", name, size.scale, r.page.panel.Size(), side.Size(), side.Position())
			}
			if high := r.page.scroll.Content.MinSize().Height; high > r.page.scroll.Size().Height && r.page.scroll.Offset.Y != 0 {
				t.Errorf("%s at %v: it does not begin at its beginning", name, size.scale)
			}
		}
	}
}

// Everything of the page's own can be translated; the rules' own words are the
// configuration's.
func TestThePageOfRulesIsTranslatable(t *testing.T) {
	uitest.Pseudo(t)
	for _, b := range []ward.RuleBook{full(), apart(), uncounted(), site(), denied()} {
		r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 1400, b)
		data := b.Version + " " + b.ChangedBy
		for _, rule := range b.List {
			data += " " + strings.Join(append(rule.Limits, rule.Name, rule.Words, rule.From, rule.Repeats), " ")
			if rule.Site != nil {
				data += " November " + rule.Site.List[1].From + " " + rule.Site.List[1].Set.Reason + " " + rule.Site.List[1].WardSet.Reason + " " + rule.Site.List[1].Set.By
			}
		}
		known := "re:" + `\b(?:4B|` + strings.Join(regexp.MustCompile(`[A-Za-z]\w*`).FindAllString(data, -1), "|") + `)\b`
		for _, line := range []string{"critical/potassium", "critical/platelets", "allergy", "late-order", "change/1"} {
			r.model.Choose(line)
			r.win.Canvas().Capture()
			uitest.AllTranslatable(t, r.page.Object(), known)
		}
	}
}

// By keyboard alone: Tab leads from the list to a limit's button, Space opens the form,
// the value is typed, then the reason, F2 sets it; Esc leaves one that was opened.
func TestALimitIsSetByKeyboard(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702, site())
	change, ok := r.page.Where("limit-2-change")
	if !ok {
		t.Fatal("there is no button")
	}
	r.win.Canvas().Focus(r.page.First())
	for range 12 {
		if o, is := r.win.Canvas().Focused().(fyne.CanvasObject); is && o == change {
			break
		}
		r.win.Canvas().FocusNext()
	}
	r.press(fyne.KeySpace)
	f := r.model.State().Open.Limits.Form
	if f == nil {
		t.Fatalf("%+v, the focus is on %T", f, r.win.Canvas().Focused())
	}
	test.Type(r.win.Canvas().Focused(), "6.2")
	r.win.Canvas().FocusNext()
	test.Type(r.win.Canvas().Focused(), "new assay")
	r.page.Key(&fyne.KeyEvent{Name: fyne.KeyF2}) // a field lets it through to the window
	select {
	case c := <-r.desk.did:
		if got, want := c, (ward.SetLimit{Rule: "critical/potassium", Version: 7, Edge: "high", Unit: "mmol/L", Value: "6.2", Reason: "new assay"}); got != ward.Command(want) {
			t.Errorf("%+v", got)
		}
	case <-time.After(time.Minute):
		t.Fatal("nothing was set")
	}
	uitest.Until(t, r.queue.Drain, func() bool { return !r.model.State().Busy })
	if s := r.model.State(); s.Open.Limits.Form != nil || s.Saved == "" {
		t.Errorf("%+v", s.Open.Limits)
	}
	back, ok := r.page.Where("limit-2-back")
	if !ok {
		t.Fatal("it cannot be taken back")
	}
	test.Tap(back.(fyne.Tappable))
	if f := r.model.State().Open.Limits.Form; f == nil || !f.Back {
		t.Fatalf("%+v", f)
	}
	r.page.Key(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if r.model.State().Open.Limits.Form != nil {
		t.Error("Esc does not leave it")
	}
}

// A limit is drawn whole at every size, with its range, its author and what is wrong.
func TestALimitIsDrawnWhole(t *testing.T) {
	for _, size := range []struct{ scale, w, h float32 }{{.8, 1298, 702}, {1, 1298, 702}, {2, 1366, 636}, {2, 1024, 636}} {
		r := newRig(t, theme.Options{Mode: theme.Light, Scale: size.scale}, size.w, size.h, site())
		r.model.ChangeLimit("high|mmol/L|")
		r.model.SaveLimit()
		r.win.Canvas().Capture()
		said := test.RenderObjectToMarkup(r.page.detail)
		for _, want := range []string{"5.8 mmol/L", "6.5", "Ruiz", "renal", "converted", "Set the limit"} {
			if !strings.Contains(said, want) {
				t.Errorf("at %v: %q is not drawn", size.scale, want)
			}
		}
		if !r.page.trouble.Visible() {
			t.Errorf("at %v: what is missing is not said", size.scale)
		}
	}
}
