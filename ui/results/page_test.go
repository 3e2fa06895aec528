package results

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"wardlight/assets"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	view "wardlight/internal/station/view/results"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

var now = time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)

func at(clock string) time.Time {
	t, err := time.Parse("15:04", clock)
	if err != nil {
		panic(err)
	}
	return time.Date(2026, 11, 22, t.Hour(), t.Minute(), 0, 0, time.UTC)
}

type desk struct {
	mu   sync.Mutex
	in   ward.Inbox
	done []ward.Command
	goes bool // what is answered leaves the inbox
	no   error
}

func (d *desk) Subscribe(context.Context) <-chan ward.Notice { return make(chan ward.Notice) }

func (d *desk) Inbox(context.Context) (ward.Inbox, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	in := d.in
	in.Items = slices.Clone(in.Items)
	return in, nil
}

func (d *desk) Do(_ context.Context, c ward.Command) (ward.Done, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done = append(d.done, c)
	if d.no != nil {
		return ward.Done{}, d.no
	}
	answered := map[ward.ResultID]bool{}
	switch x := c.(type) {
	case ward.Take:
		answered[x.Result] = d.goes
	case ward.Acknowledge:
		for _, r := range x.Results {
			answered[r.Result] = d.goes
		}
	}
	d.in.Items = slices.DeleteFunc(slices.Clone(d.in.Items), func(it ward.InboxItem) bool { return answered[it.Result.ID] })
	return ward.Done{}, nil
}

func (d *desk) commands() []ward.Command {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.done)
}

func person(id, family, given, bed string) ward.Identity {
	return ward.Identity{ID: ward.PatientID(id), Family: family, Given: given, Title: "Mr", Bed: bed, Born: "1957-02-02", Age: "69y", Number: "999 068 2205", NumberName: "NHS No."}
}

func one(kind ward.InboxKind, p ward.Identity, id, test, value, unit, panel, received string, flag ward.Flag) ward.InboxItem {
	return ward.InboxItem{
		Kind: kind, Who: p, Allergies: ward.AllergyLine{State: ward.AllergyKnown, Worst: "Aspirin", WorstHow: "bronchospasm"}, Since: at(received),
		Result: ward.Result{ID: ward.ResultID(id), Version: 1, Test: test, Value: value, Unit: unit, Panel: panel, Status: "final", Received: at(received), Collected: at("12:40"), CollectedText: "22-Nov-2026 12:40", Flag: flag},
	}
}

// inbox is the ward of picture 06.
func inbox() []ward.InboxItem {
	folake, brian, lucia := person("p07", "Adeyemi", "Folake", "07"), person("p15", "Holloway", "Brian", "15"), person("p22", "Ferreira", "Lúcia", "22")
	critical := one(ward.InboxCritical, folake, "k1", "Potassium", "6.8", "mmol/L", "", "13:58", ward.FlagCriticalHigh)
	critical.Result.Critical, critical.Result.Why, critical.Result.Range = true, []string{"ward limit 6.5", "laboratory flag HH"}, "3.5–5.3"
	critical.Allergies = ward.AllergyLine{State: ward.AllergyNotRecorded}
	critical.Next = &ward.Rung{At: at("14:08"), Who: "Charge nurse, registrar", State: "next"}
	fixed := one(ward.InboxCorrected, brian, "k2", "Potassium", "4.3", "mmol/L", "", "14:05", ward.FlagNone)
	fixed.Result.Before = &ward.Earlier{Version: 1, Value: "7.1", Unit: "mmol/L", Status: "final", At: at("13:11"), Seen: true}
	fixed.Result.Owned = []ward.Owned{{Task: "t1", Kind: "acting", By: "Grace Mensah, nurse", At: at("13:20"), Earlier: true}}
	fixed.Result.Status, fixed.Result.Range, fixed.Result.Notes = "corrected", "3.5–5.3", []string{"Wrong tube: EDTA contamination"}
	taken := one(ward.InboxTaken, lucia, "k3", "Lactate", "4.6", "mmol/L", "", "13:00", ward.FlagCriticalHigh)
	taken.Result.Critical = true
	taken.Result.Owned = []ward.Owned{{Task: "t2", Kind: "taken", By: "Dr Sunil Patel, doctor", At: at("13:50"), ActBy: at("14:20"), Unsent: true}}
	long := person("pL", "Wolfeschlegelsteinhausen-Bergerdorff", "Maria Theresia Anunciação", "23A")
	hb := one(ward.InboxNew, folake, "h1", "Hb", "108", "g/L", "Full blood count", "13:58", ward.FlagLow)
	hb.Result.Status = "preliminary"
	return []ward.InboxItem{
		critical, fixed, taken, hb,
		one(ward.InboxNew, folake, "h2", "WCC", "18.6", "10*9/L", "Full blood count", "13:58", ward.FlagHigh),
		one(ward.InboxNew, lucia, "c1", "C-reactive protein", "88", "mg/L", "", "13:20", ward.FlagHigh),
		one(ward.InboxNew, long, "n1", "Sodium", "138", "mmol/L", "Urea and electrolytes", "12:10", ward.FlagNone), one(ward.InboxNew, long, "n2", "Potassium", "4.1", "mmol/L", "Urea and electrolytes", "12:10", ward.FlagNone),
		one(ward.InboxNew, long, "n3", "Urea", "5.5", "mmol/L", "Urea and electrolytes", "12:10", ward.FlagNone), one(ward.InboxNew, long, "n4", "Creatinine", "84", "umol/L", "Urea and electrolytes", "12:10", ward.FlagNone),
		one(ward.InboxNew, long, "n5", "Chloride", "101", "mmol/L", "Urea and electrolytes", "12:10", ward.FlagNone),
	}
}

// lefts is the same with one who went home before anybody had read her CRP.
func lefts(items []ward.InboxItem) []ward.InboxItem {
	i := slices.IndexFunc(items, func(it ward.InboxItem) bool { return it.Result.ID == "c1" })
	items[i].Left, items[i].Who.Bed = &ward.Leaving{Ward: "4B", Bed: "22", At: at("13:40"), Until: at("13:20").AddDate(0, 0, 1)}, ""
	return items
}

type rig struct {
	page   *Page
	model  *view.Model
	desk   *desk
	queue  *base.Queue
	win    fyne.Window
	charts []ward.PatientID
}

// newRig is the page over an inbox of these items, or over the one that is given.
func newRig(t *testing.T, o theme.Options, w, h float32, items []ward.InboxItem, whole ...ward.Inbox) *rig {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.New(o))
	r := &rig{desk: &desk{in: ward.Inbox{Items: items, AsOf: now}}, queue: &base.Queue{}}
	for _, in := range whole {
		r.desk.in = in
	}
	r.model = view.New(r.desk, r.queue, func() time.Time { return now }, func(s view.State) { r.page.Show(s) })
	r.page = New(r.model, Actions{Chart: func(id ward.PatientID) { r.charts = append(r.charts, id) }}, nil, kit.Clock{Now: func() time.Time { return now }, After: func(time.Duration, func()) func() { return func() {} }})
	r.win = test.NewTempWindow(t, r.page.Object())
	r.win.SetPadded(false)
	r.win.Resize(fyne.NewSize(w, h))
	r.win.Canvas().SetOnTypedKey(func(ev *fyne.KeyEvent) { r.page.Key(ev) })
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	r.model.Follow(ctx)
	r.until(t, func() bool { return r.model.State().Loaded })
	return r
}

func (r *rig) until(t *testing.T, ok func() bool) {
	t.Helper()
	uitest.Until(t, r.queue.Drain, ok)
}

func (r *rig) press(key fyne.KeyName) { uitest.Press(r.win, r.page.Key, key) }

// By keyboard alone: down to the new ones, Space marks, F6 acknowledges what is
// marked; the critical above is never among it.
func TestMarkAndAcknowledgeByKeyboard(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light}, 1298, 702, inbox())
	r.win.Canvas().Focus(r.page.list)
	r.press(fyne.KeySpace) // on the critical: nothing
	for range 3 {
		r.press(fyne.KeyDown)
	}
	r.press(fyne.KeySpace)
	r.press(fyne.KeyDown)
	r.press(fyne.KeySpace)
	if s := r.model.State(); s.Marked != 2 || s.Lines[0].Marked {
		t.Fatalf("%d marked", s.Marked)
	}
	r.press(fyne.KeyF6)
	r.until(t, func() bool { return !r.model.State().Busy && len(r.desk.commands()) == 2 })
	if c, ok := r.desk.commands()[0].(ward.Acknowledge); !ok || c.Patient != "p07" || len(c.Results) != 2 {
		t.Errorf("%+v", r.desk.commands())
	}
}

func TestTheCriticalByKeyboard(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light}, 1298, 702, inbox())
	r.press(fyne.KeyF6)
	for _, c := range "calcium" {
		r.win.Canvas().Focused().TypedRune(c)
	}
	r.press(fyne.KeyReturn)
	r.until(t, func() bool { return len(r.desk.commands()) == 1 && !r.model.State().Busy })
	r.press(fyne.KeyF5)
	r.until(t, func() bool { return len(r.desk.commands()) == 2 })
	want := []ward.Command{ward.Take{Patient: "p07", Result: "k1", Version: 1, Kind: "acting", Words: "calcium"}, ward.Take{Patient: "p07", Result: "k1", Version: 1, Kind: "taken"}}
	if got := r.desk.commands(); got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%+v", got)
	}
	r.press(fyne.KeyF7)
	r.press(fyne.KeyEscape)
	if r.model.State().Asking != "" {
		t.Error("Esc does not leave the question")
	}
}

// However a line is answered, by a key, in words or by a press on a button, the focus is on
// the list afterwards and the line that stood behind it is open: the arrow keys go on from
// there. Whoever has the focus elsewhere by then keeps it.
func TestAfterAnAnswerTheNextLineHasTheFocus(t *testing.T) {
	for _, c := range []struct {
		name   string
		line   int
		w      float32
		answer func(r *rig)
	}{
		{"in words", 0, 1298, func(r *rig) { r.press(fyne.KeyF6); uitest.Type(r.win, "calcium"); r.press(fyne.KeyReturn) }},
		{"in words, by the button", 0, 1298, func(r *rig) {
			r.press(fyne.KeyF6)
			uitest.Type(r.win, "calcium")
			test.Tap(r.page.detail.save)
		}},
		{"nothing to do, by its button", 1, 1298, func(r *rig) { test.Tap(r.page.detail.nothing) }},
		{"read, by the button", 4, 1298, func(r *rig) { test.Tap(r.page.detail.primary) }},
		{"read, by the key", 4, 1298, func(r *rig) { r.press(fyne.KeyF6) }},
		{"the last one", 5, 1298, func(r *rig) { r.press(fyne.KeyF6) }},
		{"where one of the two has room", 4, 700, func(r *rig) { r.page.read(true); test.Tap(r.page.detail.primary) }},
	} {
		r := newRig(t, theme.Options{Mode: theme.Light}, c.w, 702, inbox())
		r.desk.goes = true
		before := r.model.State().Lines
		r.model.Select(before[c.line].ID)
		c.answer(r)
		r.until(t, func() bool { return len(r.model.State().Lines) < len(before) })
		want := min(c.line, len(before)-2)
		lines := r.model.State().Lines
		if r.win.Canvas().Focused() != r.page.list {
			t.Fatalf("%s: %T has the focus", c.name, r.win.Canvas().Focused())
		}
		if open := r.model.State().Open; open == nil || open.ID != lines[want].ID || r.page.list.Selected() != open.ID {
			t.Errorf("%s: open is %+v", c.name, open)
		}
		if step := map[bool]int{true: 1, false: -1}[want+1 < len(lines)]; true {
			r.press(map[int]fyne.KeyName{1: fyne.KeyDown, -1: fyne.KeyUp}[step])
			if got := r.model.State().Open.ID; got != lines[want+step].ID {
				t.Errorf("%s: the arrow went to %s, want %s", c.name, got, lines[want+step].ID)
			}
		}
	}
	r := newRig(t, theme.Options{Mode: theme.Light}, 1298, 702, inbox())
	elsewhere := kit.NewTextField(kit.TextConfig{}, nil)
	r.win.SetContent(container.NewVBox(r.page.Object(), elsewhere))
	r.model.Select(r.model.State().Lines[4].ID)
	r.press(fyne.KeyF6)
	r.win.Canvas().Focus(elsewhere.Focusable())
	r.until(t, func() bool { return len(r.desk.commands()) == 1 && !r.model.State().Busy })
	if r.win.Canvas().Focused() != elsewhere.Focusable() {
		t.Error("the focus was taken from a field elsewhere")
	}
	// What was refused is put right where it was typed.
	r = newRig(t, theme.Options{Mode: theme.Light}, 1298, 702, inbox())
	r.desk.no = errors.New("Nothing was saved.")
	r.model.Select(r.model.State().Lines[0].ID)
	r.press(fyne.KeyF6)
	uitest.Type(r.win, "calcium")
	r.press(fyne.KeyReturn)
	r.until(t, func() bool { return r.model.State().Error != "" })
	if r.win.Canvas().Focused() != r.page.detail.words.Focusable() || r.page.detail.words.Text() != "calcium" {
		t.Errorf("after a refusal %T has the focus, and the field holds %q", r.win.Canvas().Focused(), r.page.detail.words.Text())
	}
}

// A press on the box marks; anywhere else it opens the line.
func TestTheBoxMarksAndTheLineOpens(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light}, 1298, 702, inbox())
	id := r.model.State().Lines[4].ID
	if !r.page.click(id, fyne.NewPos(20, 10)) || r.model.State().Marked != 1 {
		t.Fatal("the box does not mark")
	}
	r.page.click(id, fyne.NewPos(200, 10))
	if r.model.State().Open.ID != id || r.model.State().Marked != 1 {
		t.Error("the line does not open, or lost its mark")
	}
	r.page.click(r.model.State().Lines[0].ID, fyne.NewPos(20, 10))
	if r.model.State().Marked != 1 {
		t.Error("a critical was marked")
	}
}

// Old and new stand side by side; the answers of a corrected result are there and
// "acknowledge" is not.
func TestACorrectedResultShowsBothValues(t *testing.T) {
	for _, c := range []struct{ scale, w, h float32 }{{1, 1298, 702}, {1, 956, 702}, {2, 1366, 636}, {2, 1024, 636}} {
		r := newRig(t, theme.Options{Mode: theme.Light, Scale: c.scale}, c.w, c.h, inbox())
		r.model.Select(r.model.State().Lines[1].ID)
		r.page.read(true)
		r.win.Canvas().Capture()
		markup := test.RenderObjectToMarkup(r.page.Object())
		for _, must := range []string{">7.1<", ">4.3<"} {
			if !strings.Contains(markup, must) {
				t.Errorf("scale %v, %v wide: %s is not to be seen", c.scale, c.w, must)
			}
		}
		if b := r.page.detail.primary; !b.Visible() || b.Config().Text != "I have seen 4.3, acting" {
			t.Errorf("the first answer is %q", b.Config().Text)
		}
		for _, b := range []*kit.Button{r.page.detail.primary, r.page.detail.nothing, r.page.detail.hand} {
			if b.Size().Width < b.MinSize().Width {
				t.Errorf("scale %v, %v wide: %q is cut", c.scale, c.w, b.Config().Text)
			}
		}
	}
}

// A long name wraps; it never runs into what stands beside it.
func TestALongNameIsWhole(t *testing.T) {
	for _, w := range []float32{1298, 956} {
		r := newRig(t, theme.Options{Mode: theme.Light}, w, 702, inbox())
		for _, l := range r.model.State().Lines {
			row := newRow().(*row)
			row.set(l, false)
			width := r.page.list.Size().Width
			row.Resize(fyne.NewSize(width, row.high(width)))
			row.place(row.Size())
			if end := row.first.Position().X + row.first.Size().Width; end > row.right.Position().X {
				t.Errorf("%s ends at %v, and the time begins at %v", l.Who.Family, end, row.right.Position().X)
			}
			if row.first.Size().Height < row.first.HeightFor(row.first.Size().Width) {
				t.Errorf("%s is cut", l.Who.Family)
			}
		}
	}
}

func TestEnterOpensTheChart(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light}, 1298, 702, inbox())
	r.win.Canvas().Focus(r.page.list)
	r.press(fyne.KeyReturn)
	if len(r.charts) != 1 || r.charts[0] != "p07" {
		t.Errorf("opened %v", r.charts)
	}
}

func TestIconsExist(t *testing.T) {
	have := map[assets.Icon]bool{}
	for _, i := range assets.Icons() {
		have[i] = true
	}
	for _, i := range []assets.Icon{iconCritical, iconCorrected, iconAllergy, iconQuestion, iconUnavailable, iconUnsent, iconUp, iconDown, iconCheck, iconForce} {
		if !have[i] {
			t.Errorf("there is no icon %q", i)
		}
	}
}

// The inbox with a corrected result beside what it was looks as it did, to the pixel.
func TestTheInboxLooksAsItDid(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light}, 1298, 702, inbox())
	r.model.Select(r.model.State().Lines[1].ID)
	r.page.read(true)
	uitest.GoldenPicture(t, "looks-inbox", uitest.Capture(r.win))
}

// TestPictures draws the page for a person to look at:
// WARDLIGHT_PICTURES=/tmp/results go test -run Pictures ./ui/results.
func TestPictures(t *testing.T) {
	dir := uitest.NeedPictures(t)
	for _, c := range []struct {
		name string
		o    theme.Options
		w, h float32
		line int
	}{
		{"results", theme.Options{Mode: theme.Light}, 1298, 702, 1},
		{"results-critical", theme.Options{Mode: theme.Light}, 1298, 702, 0},
		{"results-new", theme.Options{Mode: theme.Dark}, 1298, 702, 3},
		{"results-left", theme.Options{Mode: theme.Light}, 1298, 702, 4},
		{"results-left-200", theme.Options{Mode: theme.Light, Scale: 2}, 1366, 636, 4},
		{"results-1024", theme.Options{Mode: theme.HighContrast}, 956, 702, 1},
		{"results-200", theme.Options{Mode: theme.Light, Scale: 2}, 1366, 636, -1},
		{"results-200-open", theme.Options{Mode: theme.Light, Scale: 2}, 1366, 636, 1},
		{"results-200-1024", theme.Options{Mode: theme.Light, Scale: 2}, 1024, 636, -1},
		{"results-de", theme.Options{Mode: theme.Light}, 1298, 702, 1},
		{"results-critical-de", theme.Options{Mode: theme.Light}, 1298, 702, 0},
		{"results-200-open-de", theme.Options{Mode: theme.Light, Scale: 2}, 1366, 636, 1},
	} {
		uitest.Speak(t, map[bool]string{true: "de", false: "en"}[strings.HasSuffix(c.name, "-de")])
		items := inbox()
		if strings.HasPrefix(c.name, "results-left") {
			items = lefts(items)
		}
		r := newRig(t, c.o, c.w, c.h, items)
		r.model.Mark(r.model.State().Lines[4].ID)
		if c.line >= 0 {
			r.model.Select(r.model.State().Lines[c.line].ID)
			r.page.read(true)
		}
		uitest.Keep(t, dir, c.name, uitest.Capture(r.win))
	}
}

// A quiet repeat has a place of its own: it cannot be marked with others, and is
// answered by a key or by one press, as any critical value.
func TestAQuietRepeatIsAnsweredByItself(t *testing.T) {
	items := inbox()
	i := slices.IndexFunc(items, func(it ward.InboxItem) bool { return it.Kind == ward.InboxCritical })
	q := items[i]
	q.Kind, q.Result.ID, q.Result.Open = ward.InboxQuiet, "q1", false
	q.Result.Quiet = "a repeat: no worse than 14 10*9/L, which somebody had taken within 24 h"
	q.Result.Remarks = []string{q.Result.Quiet}
	r := newRig(t, theme.Options{Mode: theme.Light}, 1298, 702, append(items, q))
	line := ward.InboxLine(ward.InboxQuiet, q.Who.ID, &q.Result)
	r.model.Mark(line)
	r.model.Select(line)
	s := r.model.State()
	if s.Marked != 0 || s.Open == nil || s.Open.ID != line || s.Open.Second != q.Result.Quiet || s.Open.Urgent {
		t.Fatalf("%d marked, open %+v", s.Marked, s.Open)
	}
	if o, ok := r.page.Where("nothing"); !ok || !o.Visible() {
		t.Error("there is no button for nothing to do")
	}
	r.press(fyne.KeyF5)
	r.until(t, func() bool { return len(r.desk.commands()) == 1 && !r.model.State().Busy })
	r.model.NothingToDo()
	r.until(t, func() bool { return len(r.desk.commands()) == 2 })
	want := []ward.Command{ward.Take{Patient: q.Who.ID, Result: "q1", Version: q.Result.Version, Kind: "taken"}, ward.Take{Patient: q.Who.ID, Result: "q1", Version: q.Result.Version, Kind: "acting", Words: "Seen, nothing to do"}}
	if got := r.desk.commands(); got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%+v", got)
	}
}
