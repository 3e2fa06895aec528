package reviews

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	view "wardlight/internal/station/view/reviews"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

var now = time.Date(2026, 11, 22, 4, 20, 0, 0, time.UTC)

func at(clock string) time.Time {
	t, err := time.Parse("15:04", clock)
	if err != nil {
		panic(err)
	}
	return time.Date(2026, 11, 22, t.Hour(), t.Minute(), 0, 0, time.UTC)
}

// desk answers as the station would, and remembers what was decided.
type desk struct {
	mu      sync.Mutex
	list    []ward.Review
	done    []ward.Command
	refuse  error
	changed chan ward.Notice
}

func (d *desk) Subscribe(context.Context) <-chan ward.Notice { return d.changed }

func (d *desk) Reviews(context.Context) ([]ward.Review, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]ward.Review(nil), d.list...), nil
}

func (d *desk) Do(_ context.Context, cmd ward.Command) (ward.Done, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done = append(d.done, cmd)
	if d.refuse != nil {
		return ward.Done{}, d.refuse
	}
	if c, ok := cmd.(ward.Decide); ok {
		for i := range d.list {
			if d.list[i].ID == c.Review {
				d.list = append(d.list[:i], d.list[i+1:]...)
				break
			}
		}
	}
	return ward.Done{}, nil
}

func (d *desk) commands() []ward.Command {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]ward.Command(nil), d.done...)
}

// penicillin is the review of the design language's picture.
func penicillin() ward.Review {
	return ward.Review{
		ID: "r1", Version: 4, Short: "Penicillin allergy: two answers", Question: "Is she allergic to penicillin?",
		Who:   ward.Identity{ID: "p07", Family: "Adeyemi", Given: "Folake", Title: "Mrs", Born: "1954-03-14", Age: "72y", Number: "999 041 7732", NumberName: "NHS No.", Bed: "07"},
		Story: "At 03:10 on ward 4B Tom Blake marked the penicillin allergy as refuted. At 03:25 in the dialysis unit Dr Ines Amara recorded anaphylaxis, severe. Neither could see the other’s entry. Until you decide, the record says: allergic, severe.",
		Sides: []ward.Side{
			{Ref: "s1", Title: "Not allergic: refuted", Quote: "Upset stomach only, as a child. Patient says so.", Who: "Tom Blake, nurse", Place: "Ward 4B, computer 4B-02", When: at("03:10"), Sent: at("04:02"), CouldSee: "the record as of 02:14"},
			{Ref: "s2", Title: "Allergic: anaphylaxis, severe", Quote: "Amoxicillin 2019, adrenaline given. GP letter.", Who: "Dr Ines Amara, renal registrar", Place: "Dialysis unit, computer DU-01", When: at("03:25"), Sent: at("03:25"), CouldSee: "the record as of 03:25, without 4B", InForce: true},
		},
		Neither: true, Made: at("04:03"), About: "AllergyIntolerance",
		Asked: []ward.Asked{{To: "Pharmacist", Words: "Amoxicillin 2019: a true allergy?", By: "Grace Mensah, nurse", At: at("04:11"), Unsent: true}},
	}
}

func two() []ward.Review {
	other := ward.Review{
		ID: "r2", Version: 1, Short: "Moved to two beds", Question: "Which bed is he in?", Who: ward.Identity{ID: "p17", Family: "Nguyen", Given: "Van Manh", Bed: "17"}, Made: at("04:03"),
		Sides: []ward.Side{{Ref: "s1", Title: "Bed 17", Who: "Tom Blake", Place: "ward 4B", When: at("02:58"), InForce: true}, {Ref: "s2", Title: "Bed 21", Who: "Bed office", Place: "bed office", When: at("03:02")}},
	}
	return []ward.Review{penicillin(), other}
}

type rig struct {
	page  *Page
	model *view.Model
	desk  *desk
	queue *base.Queue
	win   fyne.Window
}

func newRig(t *testing.T, o theme.Options, w, h float32, list []ward.Review) *rig {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.New(o))
	r := &rig{desk: &desk{list: list, changed: make(chan ward.Notice)}, queue: &base.Queue{}}
	var page *Page
	r.model = view.New(r.desk, r.queue, func() time.Time { return now }, func(s view.State) { page.Show(s) })
	page = New(r.model, nil, kit.Clock{Now: func() time.Time { return now }, After: func(time.Duration, func()) func() { return func() {} }})
	r.page = page
	r.win = test.NewTempWindow(t, page.Object())
	r.win.SetPadded(false)
	r.win.Resize(fyne.NewSize(w, h))
	r.win.Canvas().SetOnTypedKey(func(ev *fyne.KeyEvent) { page.Key(ev) })
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	r.model.Follow(ctx)
	r.until(t, func() bool { return r.model.State().Head != "" })
	return r
}

func (r *rig) until(t *testing.T, ok func() bool) {
	t.Helper()
	uitest.Until(t, r.queue.Drain, ok)
}

// press gives a key to what has the focus, as the window does.
func (r *rig) press(key fyne.KeyName) { uitest.Press(r.win, r.page.Key, key) }

// The keys of picture 07: 1 or 2 chooses, Enter signs; until then nothing is
// decided, and neither side is louder than the other.
func TestTwoKeysDecide(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light}, 1298, 702, two())
	for _, s := range r.page.side {
		if k := s.keep.Config().Kind; k != kit.Outlined {
			t.Errorf("before a choice %q is drawn as %v", s.label, k)
		}
	}
	r.press(fyne.KeyReturn)
	if len(r.desk.commands()) != 0 {
		t.Fatal("Enter decided before anything was chosen")
	}
	r.press(fyne.Key1)
	if r.model.State().Chosen != "s1" || len(r.desk.commands()) != 0 {
		t.Fatal("1 chooses the first side and decides nothing")
	}
	r.press(fyne.KeyReturn)
	r.until(t, func() bool { return len(r.desk.commands()) == 1 })
	want := ward.Decide{Review: "r1", Version: 4, Side: "s1"}
	if got := r.desk.commands()[0]; got != want {
		t.Errorf("decided %+v, want %+v", got, want)
	}
	r.until(t, func() bool { return r.model.State().Head == "1 to decide" })
	if got := r.model.State().Open.ID; got != "r2" {
		t.Errorf("next comes %q", got)
	}
	if r.model.State().Chosen != "" {
		t.Error("the choice of the one before still stands")
	}
}

func TestChangeMakesTheSidesEqualAgain(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light}, 1298, 702, two())
	r.press(fyne.Key2)
	if r.page.side[1].keep.Config().Kind != kit.Chosen || r.page.side[0].keep.Config().Kind != kit.Outlined {
		t.Error("the chosen side is not marked")
	}
	r.press(fyne.KeyEscape)
	for _, s := range r.page.side {
		if s.keep.Config().Kind != kit.Outlined {
			t.Errorf("%q is still marked", s.label)
		}
	}
	if _, ok := r.page.Where("sign"); ok {
		t.Error("there is something to sign without a choice")
	}
}

// A button of one review that is pressed after another came in its place must
// not choose there.
func TestAPressBelongsToTheReviewThatWasDrawn(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light}, 1298, 702, two())
	old := r.page.side[0].keep
	r.model.Open("r2")
	old.OnTap()
	if c := r.model.State().Chosen; c != "" {
		t.Errorf("an old button chose %q", c)
	}
}

// What changed while somebody looked is theirs to read and choose again.
func TestAChangeWhileLookingTakesTheChoiceBack(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light}, 1298, 702, two())
	r.press(fyne.Key1)
	r.desk.mu.Lock()
	r.desk.list[0].Version = 5
	r.desk.list[0].Sides[0].Title = "Not allergic: entered in error"
	r.desk.mu.Unlock()
	r.desk.changed <- ward.Notice{Kind: ward.NoticeReviews}
	r.until(t, func() bool { return r.model.State().Error != "" })
	r.press(fyne.KeyReturn)
	if r.model.State().Chosen != "" || len(r.desk.commands()) != 0 {
		t.Error("the choice of the old wording was signed")
	}
	if !r.page.trouble.Visible() {
		t.Error("nobody is told that it changed")
	}
}

func TestARefusalStandsWhereThePersonWas(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light}, 1298, 702, two())
	r.desk.refuse = errors.New("Only a doctor may decide this. Nothing was saved.")
	r.press(fyne.Key2)
	r.press(fyne.KeyReturn)
	r.until(t, func() bool { return r.model.State().Error != "" })
	if got := r.page.trouble.Text(); got != "Only a doctor may decide this. Nothing was saved." || !r.page.trouble.Visible() {
		t.Errorf("said %q", got)
	}
	if r.model.State().Chosen != "s2" {
		t.Error("the choice is lost")
	}
}

func TestNothingToDecideSaysSo(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light}, 1298, 702, nil)
	if got := r.page.empty.Text(); got != "None: nothing waits to be decided, as of 04:20." || !r.page.empty.Visible() {
		t.Errorf("said %q", got)
	}
}

// 3 chooses neither, and goes to the words why; Enter signs with them.
func TestNeitherByKeyboard(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light}, 1298, 702, two())
	r.press(fyne.Key3)
	if r.model.State().Chosen != ward.Neither {
		t.Fatal("3 does not choose neither")
	}
	r.press(fyne.KeyReturn)
	if len(r.desk.commands()) != 0 || !r.page.trouble.Visible() {
		t.Fatal("signed without a reason, or nobody says why not")
	}
	for _, c := range "an intolerance" {
		r.win.Canvas().Focused().TypedRune(c)
	}
	r.press(fyne.KeyReturn)
	r.until(t, func() bool { return len(r.desk.commands()) == 1 })
	if got := r.desk.commands()[0]; got != (ward.Decide{Review: "r1", Version: 4, Side: ward.Neither, Reason: "an intolerance"}) {
		t.Errorf("decided %+v", got)
	}
}

// 4 asks somebody: whom, what, Enter. The review stays where it is.
func TestAskingByKeyboard(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light}, 1298, 702, two())
	r.press(fyne.Key4)
	typed := func(words string) {
		for _, c := range words {
			r.win.Canvas().Focused().TypedRune(c)
		}
		r.press(fyne.KeyReturn)
	}
	typed("Pharmacist")
	if len(r.desk.commands()) != 0 {
		t.Fatal("asked before the question was there")
	}
	typed("A true allergy?")
	r.until(t, func() bool { return len(r.desk.commands()) == 1 })
	if got := r.desk.commands()[0]; got != (ward.Ask{Review: "r1", To: "Pharmacist", Words: "A true allergy?"}) {
		t.Errorf("asked %+v", got)
	}
	r.until(t, func() bool { return !r.model.State().Busy })
	if s := r.model.State(); s.Open.ID != "r1" || len(s.List) != 2 || s.Asking || r.page.answer.panel.Visible() {
		t.Errorf("%+v", s)
	}
	r.press(fyne.Key4)
	if r.page.answer.to.Text() != "" {
		t.Error("the words of the last question stand in the next")
	}
	r.press(fyne.KeyEscape)
	if r.model.State().Asking {
		t.Error("Esc does not leave asking")
	}
}

// With three sides the keys go on: the third side is 3, asking is 5, and neither
// is offered only where it may be chosen.
func TestKeysFollowTheNumberOfSides(t *testing.T) {
	three := two()[1]
	three.Sides = append(three.Sides, ward.Side{Ref: "both", Title: "Both beds are kept", InForce: true})
	r := newRig(t, theme.Options{Mode: theme.Light}, 1298, 702, []ward.Review{three})
	if _, ok := r.page.Where("neither"); ok {
		t.Error("neither is offered where it may not be chosen")
	}
	r.press(fyne.Key4)
	if r.model.State().Chosen != "" || r.model.State().Asking {
		t.Errorf("4 did %+v", r.model.State())
	}
	r.press(fyne.Key3)
	if r.model.State().Chosen != "both" {
		t.Errorf("3 chose %q", r.model.State().Chosen)
	}
	r.press(fyne.KeyEscape)
	r.press(fyne.Key5)
	if !r.model.State().Asking {
		t.Error("5 does not ask")
	}
}

// Nothing hangs on the width: at every size all titles are whole and both
// buttons are inside the window's width.
func TestBothSidesFitAtEverySize(t *testing.T) {
	for _, c := range []struct{ scale, w, h float32 }{{.8, 1298, 702}, {1, 956, 702}, {1.5, 1298, 702}, {2, 1366, 636}, {2, 1024, 636}} {
		r := newRig(t, theme.Options{Mode: theme.Light, Scale: c.scale}, c.w, c.h, two())
		r.win.Canvas().Capture()
		for _, s := range r.page.side {
			at := fyne.CurrentApp().Driver().AbsolutePositionForObject(s.keep)
			if s.keep.Size().Width < s.keep.MinSize().Width || at.X+s.keep.Size().Width > c.w {
				t.Errorf("scale %v, %v wide: the button of %q is cut", c.scale, c.w, s.label)
			}
		}
	}
}

// TestPictures draws the page for a person to look at:
// WARDLIGHT_PICTURES=/tmp/reviews go test -run Pictures ./ui/reviews.
func TestPictures(t *testing.T) {
	dir := uitest.NeedPictures(t)
	for _, c := range []struct {
		name string
		o    theme.Options
		w, h float32
		pick bool
	}{
		{"reviews", theme.Options{Mode: theme.Light}, 1298, 702, true},
		{"reviews-open", theme.Options{Mode: theme.Dark}, 1298, 702, false},
		{"reviews-1024", theme.Options{Mode: theme.Light}, 956, 702, true},
		{"reviews-200", theme.Options{Mode: theme.Light, Scale: 2}, 1366, 636, true},
		{"reviews-200-1024", theme.Options{Mode: theme.Light, Scale: 2}, 1024, 636, false},
	} {
		r := newRig(t, c.o, c.w, c.h, two())
		if c.pick {
			r.press(fyne.Key2)
		}
		uitest.Keep(t, dir, c.name, uitest.Capture(r.win))
		r.press(fyne.KeyEscape)
		r.page.neitherSide()
		uitest.Keep(t, dir, c.name+"-neither", uitest.Capture(r.win))
		r.page.startAsk()
		uitest.Keep(t, dir, c.name+"-ask", uitest.Capture(r.win))
	}
}
