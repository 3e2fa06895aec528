package tasks

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/assets"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	view "wardlight/internal/station/view/tasks"
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
	base.Drawer

	mu   sync.Mutex
	list ward.Duties
	fail error
	done []ward.Command
}

func (d *desk) Subscribe(context.Context) <-chan ward.Notice { return make(chan ward.Notice) }

func (d *desk) Tasks(context.Context) (ward.Duties, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := d.list
	out.Items = slices.Clone(out.Items)
	return out, d.fail
}

func (d *desk) Search(context.Context, string) ([]ward.Found, error) {
	return []ward.Found{{Identity: person("p11", "Kowalczyk", "Zofia", "11")}, {Identity: person("p12", "Kowalski", "Jan", "12")}}, nil
}

func (d *desk) Do(_ context.Context, c ward.Command) (ward.Done, error) {
	if d.Keep(c) {
		return ward.Done{}, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done = append(d.done, c)
	return ward.Done{}, nil
}

func (d *desk) commands() []ward.Command {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.done)
}

func person(id, family, given, bed string) ward.Identity {
	return ward.Identity{ID: ward.PatientID(id), Family: family, Given: given, Bed: bed, Born: "1957-02-02", Age: "69y", Number: "999 068 2205", NumberName: "NHS No."}
}

func duty(id, words, due, owner, role string) ward.Duty {
	d := ward.Duty{ID: fhir.ID(id), Words: words, Status: "open", Owner: owner, Role: role, By: "Grace Mensah, nurse", Made: at("13:20")}
	if due != "" {
		d.Due = at(due)
	}
	return d
}

// list holds the long and the awkward: a very long name, a text of several lines,
// no time, tomorrow.
func list() []ward.DutyItem {
	folake, yusuf := person("p07", "Adeyemi", "Folake", "07"), person("p19", "Rahman", "Yusuf", "19")
	// Names of other scripts are held on paper (station/paper): their widths here are
	// those of whatever font the machine has.
	long, layla := person("pL", "Wolfeschlegelsteinhausen-Bergerdorff", "Maria Theresia Anunciação", "23A"), person("pA", "Abd ar-Rahman", "Layla", "24")
	yusuf.Similar = true
	potassium := duty("t2", "Repeat potassium, ECG beside it; call renal on 5330 if 6.0 or more", "20:00", "Dr Sunil Patel, doctor", "")
	potassium.Priority = ward.PriorityUrgent
	wound := duty("t5", "Look at the wound", "", "", "")
	wound.Unsent = true
	tomorrow := duty("t6", "Discharge letter", "08:00", "", "doctor")
	tomorrow.Due = tomorrow.Due.AddDate(0, 0, 1)
	return []ward.DutyItem{
		{Who: folake, Duty: duty("t1", "Weigh", "13:40", "", "nurse"), ToMe: true},
		{Who: folake, Duty: potassium},
		{Who: yusuf, Duty: duty("t3", "Blood culture: phone the laboratory", "15:00", "Tom Blake, nurse", "")},
		{Who: long, Duty: duty("t4", "Turn every 2 h; look at both heels", "16:00", "", "nurse"), ToMe: true, Mine: true},
		{Who: layla, Duty: wound},
		{Who: layla, Duty: tomorrow},
	}
}

// withLeft has two who went home with something open.
func withLeft() []ward.DutyItem {
	ines, long := person("p02", "Costa", "Inês", ""), person("p03", "Wolfeschlegelsteinhausen-Bergerdorff", "Maria Theresia Anunciação", "")
	home := &ward.Leaving{Ward: "4B", At: at("11:00"), Until: at("11:00").AddDate(0, 0, 7)}
	return append(list()[:2],
		ward.DutyItem{Who: ines, Duty: duty("t8", "Phone the district nurse about the dressing", "12:00", "", "nurse"), Left: home},
		ward.DutyItem{Who: ines, Duty: duty("t9", "Send the letter", "", "", ""), Left: home},
		ward.DutyItem{Who: long, Duty: duty("t10", "Book the scan", "16:00", "Tom Blake, nurse", ""), Left: home})
}

// withRun has somebody who went home in the middle of a routine.
func withRun() []ward.DutyItem {
	items := withLeft()
	run := ward.RoutineRun{ID: "r1", Name: "Discharge", State: ward.RunOpen, Open: 2, Steps: []ward.StepDoes{
		{ID: "a", Words: "Cannula out", State: ward.StepDone},
		{ID: "b", Words: "Letter given to the patient", State: ward.StepOpen},
		{ID: "c", Words: "Medicines to take home explained, also to whoever gives them", State: ward.StepOpen},
	}}
	d := duty("r1", run.OpenWords(), "12:30", "", "")
	return append(items, ward.DutyItem{Who: items[4].Who, Run: &run, Duty: d, Left: items[4].Left})
}

type rig struct {
	page   *Page
	model  *view.Model
	desk   *desk
	queue  *base.Queue
	win    fyne.Window
	charts []ward.PatientID
	saved  int
}

func newRig(t *testing.T, o theme.Options, w, h float32, items []ward.DutyItem) *rig {
	t.Helper()
	return rigOf(t, o, w, h, &desk{list: ward.Duties{Items: items, AsOf: now}})
}

func rigOf(t *testing.T, o theme.Options, w, h float32, d *desk) *rig {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.New(o))
	r := &rig{desk: d, queue: &base.Queue{}}
	r.model = view.New(r.desk, r.queue, func() time.Time { return now }, func(s view.State) { r.page.Show(s) })
	r.page = New(r.model, Actions{Chart: func(id ward.PatientID) { r.charts = append(r.charts, id) }, Saved: func() { r.saved++ }, Left: func() {}}, nil,
		kit.Clock{Now: func() time.Time { return now }, After: func(time.Duration, func()) func() { return func() {} }})
	r.win = test.NewTempWindow(t, r.page.Object())
	r.win.SetPadded(false)
	r.win.Resize(fyne.NewSize(w, h))
	r.win.Canvas().SetOnTypedKey(func(ev *fyne.KeyEvent) { r.page.Key(ev) })
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	r.model.Follow(ctx)
	r.until(t, func() bool { return r.model.State().Loaded || r.model.State().Error != "" })
	return r
}

func (r *rig) until(t *testing.T, ok func() bool) {
	t.Helper()
	uitest.Until(t, r.queue.Drain, ok)
}

func (r *rig) press(key fyne.KeyName) { uitest.Press(r.win, r.page.Key, key) }

func (r *rig) typeIn(text string) { uitest.Type(r.win, text) }

// fresh makes the page lay itself out anew, as a window does that is resized.
func (r *rig) fresh() { uitest.Capture(r.win) }

// By keyboard alone: down past the headings, Space finishes.
func TestFinishedByKeyboard(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light}, 1298, 702, list())
	r.win.Canvas().Focus(r.page.list)
	r.press(fyne.KeyDown)
	r.press(fyne.KeyDown)
	r.press(fyne.KeySpace)
	r.until(t, func() bool { return r.model.State().Undo != nil })
	if c := r.desk.commands(); len(c) != 1 || c[0] != (ward.FinishTask{Patient: "p19", Task: "t3"}) {
		t.Errorf("%+v", c)
	}
	r.press(fyne.KeyReturn)
	if len(r.charts) != 1 || r.charts[0] != "p19" {
		t.Errorf("Enter opened %v", r.charts)
	}
}

// A press on the box finishes; a press beside it only chooses.
func TestTheBoxFinishes(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light}, 1298, 702, list())
	r.page.click("t3", fyne.NewPos(300, 10))
	if len(r.desk.commands()) != 0 || r.model.State().Open != "t3" {
		t.Fatal("a press beside the box did something else")
	}
	r.page.click("t2", fyne.NewPos(20, 10))
	r.until(t, func() bool { return len(r.desk.commands()) == 1 })
	if c := r.desk.commands()[0]; c != (ward.FinishTask{Patient: "p07", Task: "t2"}) {
		t.Errorf("%+v", c)
	}
}

// A task for somebody who is searched for, by keyboard alone; of two who were
// found, Enter chooses nobody.
func TestATaskByKeyboard(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light}, 1298, 702, nil)
	r.page.New()
	r.typeIn("kow")
	r.until(t, func() bool { return len(r.model.State().Form.Found) == 2 })
	r.press(fyne.KeyReturn)
	if r.model.State().Form.Who != nil {
		t.Fatal("Enter chose one of two")
	}
	r.win.Canvas().FocusNext()
	r.win.Canvas().FocusNext()
	r.press(fyne.KeyReturn)
	if w := r.model.State().Form.Who; w == nil || w.ID != "p12" {
		t.Fatalf("chosen: %+v", w)
	}
	r.typeIn("Weigh")
	r.press(fyne.KeyReturn)
	r.typeIn("Tom Blake")
	r.press(fyne.KeyReturn)
	r.typeIn("16:00")
	r.press(fyne.KeyF2)
	r.until(t, func() bool { return r.saved == 1 })
	if c := r.desk.commands(); len(c) != 1 || c[0] != (ward.AddTask{Patient: "p12", Words: "Weigh", Owner: "Tom Blake", Due: at("16:00")}) {
		t.Errorf("%+v", c)
	}
	if r.page.side.Visible() {
		t.Error("the form stayed")
	}
}

// What is refused stands in the form, and the focus goes to the field.
func TestWhatIsWrongInTheForm(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light}, 1298, 702, list())
	r.page.New()
	r.press(fyne.KeyF2)
	if s := r.model.State(); s.Form == nil || s.Form.Bad != "words" || !r.page.form.trouble.Visible() {
		t.Errorf("%+v", s.Form)
	}
	if r.win.Canvas().Focused() != r.page.form.text.Focusable() {
		t.Error("the focus is not in the field that is wrong")
	}
	r.press(fyne.KeyEscape)
	if r.page.side.Visible() {
		t.Error("Esc does not leave the form")
	}
}

// Nothing runs into anything, at any width and text size.
func TestNothingIsCut(t *testing.T) { uitest.EachLanguage(t, nothingIsCut) }

func nothingIsCut(t *testing.T) {
	t.Helper()
	for _, scale := range []float32{.8, 1, 2} {
		for _, width := range []float32{1298, 956, 700} {
			r := newRig(t, theme.Options{Mode: theme.Light, Scale: scale}, width, 702, list())
			w := r.page.list.Size().Width
			for _, l := range r.model.State().Lines {
				row := newRow().(*row)
				row.set(l, false)
				row.Resize(fyne.NewSize(w, theme.Px(row.high(w))))
				row.place(row.Size())
				if end := row.under.Position().Y + row.under.Size().Height; end > row.Size().Height+1 {
					t.Errorf("%v, %v wide: %q ends at %v of %v", scale, width, l.Words, end, row.Size().Height)
				}
				if !row.stacked(w) && row.due.Position().X+row.due.Size().Width > row.first.Position().X {
					t.Errorf("%v, %v wide: the time runs into %q", scale, width, l.Words)
				}
			}
		}
	}
}

func TestIconsExist(t *testing.T) {
	have := map[assets.Icon]bool{}
	for _, i := range assets.Icons() {
		have[i] = true
	}
	for _, i := range []assets.Icon{iconPlus, iconOverdue, iconUnsent, iconSimilar, iconUrgent, iconLeft} {
		if !have[i] {
			t.Errorf("there is no icon %q", i)
		}
	}
}

// What somebody typed and had not saved: data, which nobody translates.
const (
	keptWords = "Ring the daughter about the transport to the day clinic"
	keptOwner = "Dr Konstantin Papadimitriou-Featherstonehaugh"
)

// cases are the states that are kept as markup, and drawn for a person.
func cases() []struct {
	name string
	desk *desk
	act  func(*rig)
} {
	full := func() *desk { return &desk{list: ward.Duties{Items: list(), AsOf: now}} }
	old := full()
	old.list.AsOf = at("02:14")
	return []struct {
		name string
		desk *desk
		act  func(*rig)
	}{
		{"list", full(), func(*rig) {}},
		{"offline", old, func(*rig) {}},
		{"empty", &desk{list: ward.Duties{AsOf: now}}, func(*rig) {}},
		{"not-loaded", &desk{}, func(*rig) {}},
		{"not-allowed", &desk{fail: errNotAllowed{}}, func(*rig) {}},
		{"form", full(), func(r *rig) {
			r.page.New()
			r.model.TypeWords("Repeat potassium")
			r.model.TypeDue("08:00")
			r.model.GiveTo("doctor")
		}},
		{"left", &desk{list: ward.Duties{Items: withLeft(), AsOf: now}}, func(r *rig) { r.model.Select("t9") }},
		{"left-routine", &desk{list: ward.Duties{Items: withRun(), AsOf: now}}, func(r *rig) { r.model.Select("r1") }},
		{"not-done", &desk{list: ward.Duties{Items: withLeft(), AsOf: now}}, func(r *rig) {
			r.model.Select("t8")
			r.page.takeOff()
			r.model.TypeReason("Handed on to Dr Ana Ruiz, her GP")
		}},
		{"not-done-refused", &desk{list: ward.Duties{Items: withLeft(), AsOf: now}}, func(r *rig) {
			r.page.takeOff()
			r.page.save()
		}},
		{"form-refused", full(), func(r *rig) { r.page.New(); r.model.Save(nil) }},
		{"form-kept", full(), func(r *rig) {
			r.desk.Now = func() time.Time { return at("14:05") }
			who := r.model.State().Lines[0].Who
			r.desk.Keep(ward.SaveDraft{Patient: who.ID, Kind: "task", Body: `{"words":"` + keptWords + `","owner":"` + keptOwner + `","due":"16:00","urgent":true}`})
			r.page.NewFor(who)
			for end := time.Now().Add(10 * time.Second); r.model.State().Form.Kept == "" && time.Now().Before(end); time.Sleep(time.Millisecond) {
				r.queue.Drain()
			}
		}},
	}
}

type errNotAllowed struct{}

func (errNotAllowed) Error() string {
	return "You may not see this ward's patients: your account is not for this ward. Ask the charge nurse, or use a computer of your own ward."
}

// Each state is drawn as before. UPDATE_GOLDEN=1 writes what is kept anew; look at
// the pictures (TestPictures) before committing what changed.
func TestThePageIsDrawnAsBefore(t *testing.T) {
	for _, c := range cases() {
		r := rigOf(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702, c.desk)
		c.act(r)
		r.fresh()
		r.win.Canvas().Capture()
		uitest.Golden(t, c.name+".xml", test.RenderObjectToMarkup(r.page.Object()))
	}
}

// TestPictures draws the page for a person to look at:
// WARDLIGHT_PICTURES=/tmp/tasks go test -run Pictures ./ui/tasks.
func TestPictures(t *testing.T) {
	dir := uitest.NeedPictures(t)
	looks := []struct {
		name string
		o    theme.Options
		w, h float32
	}{
		{"light", theme.Options{Mode: theme.Light}, 1298, 702},
		{"dark", theme.Options{Mode: theme.Dark}, 1298, 702},
		{"contrast-1024", theme.Options{Mode: theme.HighContrast}, 956, 702},
		{"200", theme.Options{Mode: theme.Light, Scale: 2}, 1366, 636},
		{"de", theme.Options{Mode: theme.Light}, 1298, 702},
		{"de-200", theme.Options{Mode: theme.Light, Scale: 2}, 1366, 636},
	}
	for _, look := range looks {
		if strings.HasPrefix(look.name, "de") {
			uitest.Speak(t, "de")
		}
		for _, c := range cases() {
			r := rigOf(t, look.o, look.w, look.h, c.desk)
			c.act(r)
			r.fresh()
			uitest.Keep(t, dir, c.name+"-"+look.name, r.win.Canvas().Capture())
		}
	}
}

// A task that is not done here leaves only with a reason, by keyboard alone too.
func TestATaskIsHandedOnByKeyboard(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light}, 1298, 702, withLeft())
	r.model.Select("t8")
	r.page.takeOff()
	r.press(fyne.KeyF2)
	if s := r.model.State(); len(r.desk.commands()) != 0 || s.Close == nil || !s.Close.Bad || !r.page.closing.trouble.Visible() {
		t.Fatalf("without a reason: %+v, %+v", r.desk.commands(), s.Close)
	}
	r.typeIn("Handed on to her GP")
	r.press(fyne.KeyReturn)
	r.until(t, func() bool { return r.model.State().Undo != nil })
	if c := r.desk.commands(); len(c) != 1 || c[0] != (ward.FinishTask{Patient: "p02", Task: "t8", Cancelled: true, Reason: "Handed on to her GP"}) {
		t.Errorf("%+v", c)
	}
	if r.page.aside.Visible() || r.model.State().Undo.Words != "Taken off the list: Phone the district nurse about the dressing" {
		t.Errorf("%+v", r.model.State().Undo)
	}
}
