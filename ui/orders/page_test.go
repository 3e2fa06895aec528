package orders

import (
	"context"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	view "wardlight/internal/station/view/orders"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

var now = time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)

type desk struct {
	book ward.OrderBook
	fail error
}

func (d *desk) Subscribe(context.Context) <-chan ward.Notice { return make(chan ward.Notice) }
func (d *desk) OrderBook(context.Context) (ward.OrderBook, error) {
	return d.book, d.fail
}

func person(id, family, given, bed string) ward.Identity {
	return ward.Identity{ID: ward.PatientID(id), Family: family, Given: given, Bed: bed, Age: "69y"}
}

func line(who ward.Identity, id string, o ward.Order) ward.OrderLine {
	o.ID, o.Open, o.By, o.At = fhir.ID(id), true, "Grace Mensah, nurse", now.Add(-150*time.Minute)
	if o.Status == "" {
		o.Status = "waiting for the laboratory link"
	}
	return ward.OrderLine{Who: who, Order: o}
}

// book holds the long and the awkward: a very long name, one written from right
// to left, a medicine against an allergy, something that waits for a decision.
func book() ward.OrderBook {
	folake, long, layla := person("p07", "Adeyemi", "Folake", "07"), person("pL", "Wolfeschlegelsteinhausen-Bergerdorff", "Maria Theresia Anunciação", "23A"), person("pA", "El-Rahman", "Layla", "24")
	long.Similar = true
	return ward.OrderBook{AsOf: now, Lines: []ward.OrderLine{
		line(folake, "o1", ward.Order{Kind: ward.OrderTest, Test: "Urea and electrolytes", Late: "not sent for 2 h: send it on paper, or phone the laboratory"}),
		line(folake, "o2", ward.Order{Kind: ward.OrderTest, Test: "Potassium", Stat: true, Unsent: true, Remarks: []string{"waits until somebody decides whether it is wanted"}}),
		line(long, "o3", ward.Order{Kind: ward.OrderMedicine, Test: "Co-amoxiclav", Dose: "1.2 g into a vein 3 times a day", Status: "requested; not on the drug chart yet", Overrides: []ward.Override{{Words: "allergy to Penicillin, and amoxicillin may react across", Reason: "desensitised on 19-Nov, allergy clinic"}}}),
		line(layla, "o4", ward.Order{Kind: ward.OrderTest, Test: "C-reactive protein", Status: "asked for in another system"}),
	}}
}

type rig struct {
	page   *Page
	model  *view.Model
	win    fyne.Window
	charts []ward.PatientID
}

func newRig(t *testing.T, o theme.Options, w, h float32, d *desk) *rig {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.New(o))
	r, queue := &rig{}, &base.Queue{}
	r.model = view.New(d, queue, func() time.Time { return now }, func(s view.State) { r.page.Show(s) })
	r.page = New(r.model, func(id ward.PatientID) { r.charts = append(r.charts, id) },
		kit.Clock{Now: func() time.Time { return now }, After: func(time.Duration, func()) func() { return func() {} }})
	r.win = test.NewTempWindow(t, r.page.Object())
	r.win.SetPadded(false)
	r.win.Resize(fyne.NewSize(w, h))
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	r.model.Follow(ctx)
	for range 20_000 {
		queue.Drain()
		if s := r.model.State(); s.Loaded || s.Error != "" {
			return r
		}
		time.Sleep(2 * time.Millisecond)
	}
	t.Fatal("nothing was read")
	return nil
}

// fresh makes the page lay itself out anew, as a window does that is resized.
func (r *rig) fresh() { uitest.Capture(r.win) }

type errNotAllowed struct{}

func (errNotAllowed) Error() string {
	return "You may not see this ward's patients: your account is not for this ward. Ask the charge nurse, or use a computer of your own ward."
}

var cases = []struct {
	name string
	desk *desk
}{
	{"list", &desk{book: book()}},
	{"empty", &desk{book: ward.OrderBook{AsOf: now}}},
	{"not-loaded", &desk{}},
	{"not-allowed", &desk{fail: errNotAllowed{}}},
}

// By keyboard alone: down past the names, Enter opens the chart; letters find a
// name.
func TestAnOrderIsFoundByKeyboard(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light}, 1298, 702, &desk{book: book()})
	r.win.Canvas().Focus(r.page.list)
	for _, k := range []fyne.KeyName{fyne.KeyDown, fyne.KeyDown, fyne.KeyReturn} {
		r.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: k})
	}
	if len(r.charts) != 1 || r.charts[0] != "pL" {
		t.Errorf("Enter opened %v", r.charts)
	}
	r.win.Canvas().Focused().TypedRune('a')
	if r.model.State().Open != "o1" {
		t.Errorf("a letter went to %s", r.model.State().Open)
	}
}

// Nothing is said to be sent: over all of it, and on every line.
func TestNothingIsSaidToBeSent(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light}, 1298, 702, &desk{book: book()})
	r.fresh()
	var words []string // a paragraph is drawn in pieces
	for _, o := range test.LaidOutObjects(r.win.Content()) {
		if x, ok := o.(*canvas.Text); ok && x.Visible() {
			words = append(words, x.Text)
		}
	}
	said := strings.Join(strings.Fields(strings.Join(words, " ")), " ")
	if !strings.Contains(said, "nothing that is asked for here has left for the laboratory") || strings.Count(said, "Waiting for the laboratory link") != 2 {
		t.Errorf("it is not said that nothing was sent: %s", said)
	}
}

// A list that could not be read anew is not shown as if it were.
func TestAListThatMayNotBeSeenIsNotShown(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light}, 1298, 702, &desk{fail: errNotAllowed{}})
	if r.page.panel.Visible() || !strings.Contains(r.page.empty.Text(), "You may not see") {
		t.Errorf("shown, or not said: %q", r.page.empty.Text())
	}
}

// No text leaves the window at any size, in each language.
func TestNoTextIsCut(t *testing.T) { uitest.EachLanguage(t, noTextIsCut) }

func noTextIsCut(t *testing.T) {
	for _, size := range []struct{ scale, w, h float32 }{{.8, 976, 702}, {1, 956, 702}, {2, 1366, 636}, {2, 1024, 636}} {
		r := newRig(t, theme.Options{Mode: theme.Light, Scale: size.scale}, size.w, size.h, &desk{book: book()})
		r.fresh()
		d := fyne.CurrentApp().Driver()
		for _, o := range test.LaidOutObjects(r.win.Content()) {
			x, ok := o.(*canvas.Text)
			if !ok || x.Text == "" || !x.Visible() {
				continue
			}
			if at := d.AbsolutePositionForObject(x); at.X < 0 || at.X+x.MinSize().Width > size.w+1 {
				t.Errorf("at %v: %q reaches to %v", size, x.Text, at.X+x.MinSize().Width)
			}
		}
	}
}

// Each state is drawn as before. UPDATE_GOLDEN=1 writes what is kept anew; look at
// the pictures (TestPictures) before committing what changed.
func TestThePageIsDrawnAsBefore(t *testing.T) {
	for _, c := range cases {
		r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702, c.desk)
		r.fresh()
		uitest.Golden(t, c.name+".xml", test.RenderObjectToMarkup(r.page.Object()))
	}
}

// TestPictures draws the page for a person to look at:
// WARDLIGHT_PICTURES=/tmp/orders go test -run Pictures ./ui/orders.
func TestPictures(t *testing.T) {
	dir := uitest.NeedPictures(t)
	for _, look := range []struct {
		name string
		o    theme.Options
		w, h float32
	}{
		{"light", theme.Options{Mode: theme.Light}, 1298, 702},
		{"dark", theme.Options{Mode: theme.Dark}, 1298, 702},
		{"contrast-1024", theme.Options{Mode: theme.HighContrast}, 956, 702},
		{"200", theme.Options{Mode: theme.Light, Scale: 2}, 1366, 636},
		{"de", theme.Options{Mode: theme.Light}, 1298, 702},
		{"200-de", theme.Options{Mode: theme.Light, Scale: 2}, 1366, 636},
	} {
		uitest.Speak(t, map[bool]string{true: "de", false: "en"}[strings.HasSuffix(look.name, "de")])
		for _, c := range cases {
			r := newRig(t, look.o, look.w, look.h, c.desk)
			r.fresh()
			uitest.Keep(t, dir, c.name+"-"+look.name, r.win.Canvas().Capture())
		}
	}
}
