package routines

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	view "wardlight/internal/station/view/routines"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

var now = time.Date(2026, 11, 22, 14, 5, 12, 0, time.UTC)

type desk struct {
	mu   sync.Mutex
	page ward.Routines
	did  []ward.Command
}

func (d *desk) Subscribe(context.Context) <-chan ward.Notice { return nil }

func (d *desk) Routines(context.Context) (ward.Routines, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.page, nil
}

func (d *desk) Do(_ context.Context, cmd ward.Command) (ward.Done, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.did = append(d.did, cmd)
	return ward.Done{}, nil
}

func (d *desk) commands() []ward.Command {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]ward.Command{}, d.did...)
}

// full is a ward with a routine of its own, one of the site, and a starter.
func full() ward.Routines {
	use := func(done, not, left, open int) ward.RoutineUse {
		return ward.RoutineUse{Done: done, NotNeeded: not, Left: left, Open: open}
	}
	return ward.Routines{
		Ward: "4B", AsOf: now, MayEdit: true, MaySite: false,
		List: []ward.Routine{
			{
				ID: "r1", Version: 3, Number: 3, Name: "Admission, adult ward", Kind: "admission", Ward: "4B", Within: 360, Starter: "adult-admission", By: "Mary Okafor, charge nurse", At: now.Add(-time.Hour), Runs: 41, Counted: now.Add(-5 * time.Minute), MayEdit: true,
				Steps: []ward.RoutineStep{
					{ID: "v1-1", Words: "Right patient: name, date of birth and number checked with the patient and the wristband", Use: use(41, 0, 0, 0)},
					{ID: "v1-2", Words: "Allergies asked about and recorded, or recorded that there are none known", Page: "allergies", Use: use(37, 1, 2, 1)},
					{ID: "v2-1", Words: "Walking stick labelled", Off: true, Use: use(2, 30, 9, 0)},
					{ID: "v3-1", Words: "Next of kin and how to reach them written down", Page: "notes"},
				},
				Earlier: []ward.RoutineVersion{{Number: 2, By: "Mary Okafor, charge nurse", At: now.Add(-30 * time.Hour), Steps: []ward.RoutineStep{{ID: "v1-1", Words: "Right patient"}, {ID: "v2-1", Words: "Walking stick labelled"}}}},
			},
			{ID: "r2", Version: 1, Number: 1, Name: "Falls, after", Kind: "other", By: "Site Matron, charge nurse", At: now.Add(-300 * time.Hour), Off: true, Steps: []ward.RoutineStep{{ID: "v1-1", Words: "The doctor told"}}},
		},
		Starters: []ward.Routine{{Name: "Discharge, adult ward", Kind: "discharge", Starter: "adult-discharge", Number: 1, Steps: []ward.RoutineStep{{ID: "v1-1", Words: "Letter sent, and a copy given"}}}},
	}
}

type rig struct {
	page  *Page
	model *view.Model
	desk  *desk
	queue *base.Queue
	win   fyne.Window
}

func newRig(t *testing.T, o theme.Options, w, h float32, page ward.Routines) *rig {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.New(o))
	r := &rig{desk: &desk{page: page}, queue: &base.Queue{}}
	clock := kit.Clock{Now: func() time.Time { return now }, After: func(time.Duration, func()) func() { return func() {} }}
	var p *Page
	r.model = view.New(r.desk, r.queue, func() time.Time { return now }, func(s view.State) { p.Show(s) })
	p = New(r.model, kit.NewTyping(clock), clock)
	r.page = p
	r.win = test.NewTempWindow(t, p.Object())
	r.win.SetPadded(false)
	r.win.Resize(fyne.NewSize(w, h))
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	r.model.Follow(ctx)
	uitest.Until(t, r.queue.Drain, func() bool { return r.model.State().Loaded })
	return r
}

func nothing(edit bool) ward.Routines {
	p := ward.Routines{Ward: "4B", AsOf: now, MayEdit: edit, List: []ward.Routine{}}
	if edit {
		p.Starters = full().Starters
	}
	return p
}

func reader() ward.Routines {
	p := full()
	p.MayEdit, p.Starters = false, nil
	for i := range p.List {
		p.List[i].MayEdit = false
	}
	return p
}

var pictures = []struct {
	name    string
	page    ward.Routines
	prepare func(r *rig)
}{
	{"edit", full(), nil},
	{"changed", full(), func(r *rig) {
		r.model.SetStep(1, "Allergies asked about")
		r.model.AddStep()
		r.model.Save()
	}},
	{"unsaved", full(), func(r *rig) {
		r.model.SetName("Admission of adults")
		r.model.Choose("r2")
	}},
	{"preview", full(), func(r *rig) { r.model.Preview() }},
	{"reader", reader(), nil},
	{"starter", full(), func(r *rig) { r.model.Choose("starter adult-discharge") }},
	{"empty", nothing(true), nil},
	{"empty-reader", nothing(false), nil},
}

func TestPictures(t *testing.T) {
	dir := uitest.NeedPictures(t)
	for _, size := range []struct {
		name string
		o    theme.Options
		w, h float32
	}{
		{"", theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702},
		{"-1024", theme.Options{Mode: theme.Light, Scale: 1}, 956, 702},
		{"-200", theme.Options{Mode: theme.Light, Scale: 2}, 1366, 636},
		{"-200-1024", theme.Options{Mode: theme.Light, Scale: 2}, 1024, 636},
		{"-80-dark", theme.Options{Mode: theme.Dark, Scale: .8}, 1298, 702},
		{"-de", theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702},
		{"-de-200", theme.Options{Mode: theme.Light, Scale: 2}, 1366, 636},
	} {
		if strings.HasPrefix(size.name, "-de") {
			uitest.Speak(t, "de")
		}
		for _, p := range pictures {
			t.Run(p.name+size.name, func(t *testing.T) {
				r := newRig(t, size.o, size.w, size.h, p.page)
				if p.prepare != nil {
					p.prepare(r)
				}
				uitest.Keep(t, dir, p.name+size.name, uitest.Capture(r.win))
			})
		}
	}
}

// Every control of the form is reached with Tab, also where the page is small, and is
// in view when it has the focus.
func TestEveryControlOfTheFormIsReached(t *testing.T) {
	for _, size := range []struct{ scale, w, h float32 }{{1, 1298, 702}, {2, 1024, 636}} {
		r := newRig(t, theme.Options{Mode: theme.Light, Scale: size.scale}, size.w, size.h, full())
		c := r.win.Canvas()
		c.Focus(r.page.First())
		seen := map[fyne.Focusable]bool{}
		for range 80 {
			c.FocusNext()
			if f := c.Focused(); f != nil {
				seen[f] = true
				o, _ := f.(fyne.CanvasObject)
				at := fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
				if at.Y < -1 || at.Y > size.h {
					t.Errorf("at %v %%: a control with the focus lies at %v", size.scale*100, at)
				}
			}
		}
		for name, o := range r.page.form.named() {
			f, ok := o.(fyne.Focusable)
			if t, text := o.(*kit.TextField); text {
				f, ok = t.Focusable(), true
			}
			b, button := o.(*kit.Button)
			if !ok || !o.Visible() || name == "whose" || name == "leave" || button && b.Disabled() {
				continue
			}
			if !seen[f] {
				t.Errorf("at %v %%: nobody reaches %q with Tab", size.scale*100, name)
			}
		}
	}
}

// What is typed is saved by F2 against the version that was seen; the focus stays in
// the field while one types.
func TestAVersionIsWrittenByKeyboard(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702, full())
	r.page.form.rows[0].words.Focus()
	typed := r.win.Canvas().Focused()
	for _, c := range " twice" {
		r.win.Canvas().Focused().TypedRune(c)
	}
	if r.win.Canvas().Focused() != typed {
		t.Fatal("the focus left the field")
	}
	r.page.form.rows[2].off.OnTap()
	r.page.form.rows[3].up.OnTap()
	r.page.Key(&fyne.KeyEvent{Name: fyne.KeyF2})
	uitest.Until(t, r.queue.Drain, func() bool { return len(r.desk.commands()) == 1 })
	c, _ := r.desk.commands()[0].(ward.SaveRoutine)
	if c.Routine != "r1" || c.Version != 3 || len(c.Steps) != 4 || !strings.HasSuffix(c.Steps[0].Words, "wristband twice") || c.Steps[2].ID != "v3-1" || c.Steps[3].ID != "v2-1" || c.Steps[3].Off {
		t.Errorf("%+v", c)
	}
}

// Who may not write sees the steps with their use, and no field.
func TestAReaderSeesNoField(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702, reader())
	for _, name := range []string{"name", "save", "step-1", "add"} {
		if o, on := r.page.Where(name); on && o.Visible() && r.page.form.edit.Visible() {
			t.Errorf("%s is drawn", name)
		}
	}
	if _, on := r.page.Where("new"); on {
		t.Error("a new one is offered")
	}
	said := test.RenderObjectToMarkup(r.page.form.read)
	for _, want := range []string{"wristband", "37", "switched"} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q", want)
		}
	}
}

func TestThePageIsDrawnAsBefore(t *testing.T) {
	for _, p := range pictures {
		t.Run(p.name, func(t *testing.T) {
			r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702, p.page)
			if p.prepare != nil {
				p.prepare(r)
			}
			r.win.Canvas().Capture()
			uitest.Golden(t, p.name+".xml", test.RenderObjectToMarkup(r.page.Object()))
		})
	}
}
