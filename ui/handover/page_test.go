package handover

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
	view "wardlight/internal/station/view/handover"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

var now = time.Date(2026, 11, 22, 19, 36, 0, 0, time.UTC)

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
	read ward.Handover
	fail error
	done []ward.Command
}

func (d *desk) Subscribe(context.Context) <-chan ward.Notice { return make(chan ward.Notice) }

func (d *desk) Handover(context.Context) (ward.Handover, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	h := d.read
	h.Sheets = slices.Clone(h.Sheets)
	return h, d.fail
}

func (d *desk) Open(context.Context, ward.PatientID) error { return nil }

func (d *desk) Call(_ context.Context, id ward.PatientID) (ward.Call, error) {
	return ward.Call{Situation: "I am Grace Mensah, nurse. I call about ADEYEMI, Folake, bed 07.\nNEWS2 5 at 19:00, was 7.", Background: "Here since 20-Nov-2026.\nAllergies: Penicillin: anaphylaxis.", Assessment: "Observations at 19:00: pulse 111/min."}, nil
}

func (d *desk) Do(_ context.Context, c ward.Command) (ward.Done, error) {
	if d.Keep(c) {
		return ward.Done{}, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done = append(d.done, c)
	return ward.Done{Made: []fhir.ID{"x"}}, nil
}

func (d *desk) commands() []ward.Command {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.done)
}

func person(id, family, given, bed, age, gender string) ward.Identity {
	return ward.Identity{ID: ward.PatientID(id), Family: family, Given: given, Bed: bed, Born: "1954-03-14", Age: age, Gender: gender, Number: "999 041 7732", NumberName: "NHS No."}
}

func wording(id, text, by, clock string) ward.Wording {
	return ward.Wording{ID: fhir.ID(id), Text: text, By: by, At: at(clock)}
}

// sheets is the evening of the design language's picture, with the long, the
// unknown and the written apart.
func sheets() []ward.Sheet {
	grace, tom := "Grace Mensah, nurse", "Tom Blake, nurse"
	long := person("pL", "Wolfeschlegelsteinhausen-Bergerdorff", "Maria Theresia Anunciação", "23A", "45y", "Female")
	return []ward.Sheet{
		{
			Who: person("p07", "Adeyemi", "Folake", "07", "72y", "Female"), Since: at("08:00").AddDate(0, 0, -2), Severity: ward.Unstable, Why: "NEWS2 5 at 19:00, was 7", Mine: true,
			Early:     ward.Early{Known: true, Total: 5, Scale: 1, At: at("19:00")},
			Allergies: ward.AllergyLine{State: ward.AllergyKnown, Worst: "Penicillin", WorstHow: "anaphylaxis"},
			Summary:   []ward.Wording{wording("w1", "Pneumonia with AKI 2. Potassium 6.8 at 13:31, treated; ramipril and spironolactone stopped.", grace, "18:40")},
			Facts:     []ward.Dated{{Words: "Potassium 5.6 mmol/L H, range 3.5–5.3, final", At: at("18:50"), Flag: ward.FlagHigh}, {Words: "Creatinine 261 µmol/L H, final", At: at("18:50"), Flag: ward.FlagHigh}},
			Actions: []ward.Duty{
				{ID: "t0", Words: "Review fluid balance", Due: at("19:10"), Owner: "Dr Lindqvist"},
				{ID: "t1", Words: "Potassium and ECG", Due: at("20:00"), Owner: "T. Blake", Priority: ward.PriorityUrgent},
				{ID: "t2", Words: "Urine output: catheter hourly", Due: at("21:00"), Owner: "T. Blake"},
				{ID: "t3", Words: "Antibiotic, second dose", Due: at("22:00"), Owner: "Dr Patel"},
			},
			Routines: []ward.RoutineRun{{ID: "r1", Name: "Admission", State: ward.RunOpen, Late: true, Due: at("18:00"), Open: 2, Steps: []ward.StepDoes{
				{ID: "a", Words: "Allergies asked", State: ward.StepDone},
				{ID: "b", Words: "Valuables listed and signed for", State: ward.StepOpen},
				{ID: "c", Words: "Whom to call at night", State: ward.StepOpen},
			}}},
			Situation:   []ward.Dated{{Words: "Nobody has taken it: Lactate 4.6 mmol/L CRITICAL HIGH, final", At: at("19:20"), Flag: ward.FlagCriticalHigh}},
			Contingency: []ward.Wording{wording("c1", "If potassium is 6.0 or more, then call renal on 5330 and repeat calcium.\nIf urine is under 20 mL/h for 2 h, then call Dr Lindqvist.", grace, "18:45")},
			Given:       &ward.Given{ID: "g1", By: grace, User: "g.mensah", To: "Tom Blake", At: at("19:30"), Due: at("20:00"), Accepted: []ward.Accepted{{By: tom, User: "t.blake", At: at("19:34"), Synthesis: "Potassium again at 20:00, call renal if 6.0 or more."}}},
		},
		{
			Who: person("p19", "Rahman", "Yusuf", "19", "58y", "Male"), Since: at("22:00").AddDate(0, 0, -1), Severity: ward.Unstable, Why: "NEWS2 6 at 19:10, was 8",
			Early: ward.Early{Known: true, Total: 6, Scale: 1, At: at("19:10")}, Allergies: ward.AllergyLine{State: ward.AllergyNone}, Flags: []string{"Isolation"},
			Summary: []ward.Wording{wording("w3", "Sepsis, source unclear.", grace, "18:40"), wording("w4", "Side room. Family told 16:40.", tom, "18:55")},
			Facts:   []ward.Dated{{Words: "Blood culture: waiting for the laboratory link", At: at("12:20")}},
			Given:   &ward.Given{ID: "g2", By: "Ines Ferreira, nurse", User: "i.ferreira", To: "Tom Blake", At: at("19:00"), Due: at("19:30"), Changed: true},
		},
		{
			Who: long, Since: at("07:00"), Severity: ward.Stable, Why: "NEWS2 1 at 18:30, was 2", Early: ward.Early{Known: true, Total: 1, Scale: 2, At: at("18:30")},
			Allergies: ward.AllergyLine{State: ward.AllergyNotRecorded}, Said: []ward.Wording{wording("s1", "watcher", grace, "18:40")},
			Given: &ward.Given{ID: "g3", By: "Ines Ferreira, nurse", User: "i.ferreira", To: "Grace Mensah", At: at("19:30"), Due: at("20:00"), Unsent: true},
		},
		{Who: person("p24", "Holloway", "Brian", "24", "69y", "Male"), Why: "no NEWS2 recorded", Allergies: ward.AllergyLine{State: ward.AllergyUnavailable}, Situation: []ward.Dated{{Words: "Observations overdue 40 min", At: at("18:56")}}},
	}
}

type rig struct {
	page   *Page
	model  *view.Model
	desk   *desk
	queue  *base.Queue
	win    fyne.Window
	charts []ward.PatientID
	prints int
}

func newRig(t *testing.T, o theme.Options, w, h float32) *rig {
	t.Helper()
	return rigOf(t, o, w, h, &desk{read: ward.Handover{Sheets: sheets(), AsOf: now}})
}

func rigOf(t *testing.T, o theme.Options, w, h float32, d *desk) *rig {
	t.Helper()
	r := rigOver(t, o, w, h, d, d)
	r.until(t, func() bool { return r.model.State().Loaded || r.model.State().Error != "" })
	return r
}

// rigOver is the page before anything was read.
func rigOver(t *testing.T, o theme.Options, w, h float32, over view.Desk, d *desk) *rig {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.New(o))
	r := &rig{desk: d, queue: &base.Queue{}}
	me := ward.Person{User: "g.mensah", Name: "Grace Mensah, nurse", Role: "nurse"}
	r.model = view.New(over, r.queue, func() time.Time { return now }, me, func(s view.State) { r.page.Show(s) })
	r.page = New(r.model, Actions{Chart: func(id ward.PatientID) { r.charts = append(r.charts, id) }, Print: func() { r.prints++ }}, nil,
		kit.Clock{Now: func() time.Time { return now }, After: func(time.Duration, func()) func() { return func() {} }})
	r.win = test.NewTempWindow(t, r.page.Object())
	r.win.SetPadded(false)
	r.win.Resize(fyne.NewSize(w, h))
	r.win.Canvas().SetOnTypedKey(func(ev *fyne.KeyEvent) { r.page.Key(ev) })
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	r.model.Follow(ctx)
	return r
}

func (r *rig) until(t *testing.T, ok func() bool) {
	t.Helper()
	uitest.Until(t, r.queue.Drain, ok)
}

func (r *rig) press(key fyne.KeyName) { uitest.Press(r.win, r.page.Key, key) }

func (r *rig) typeIn(text string) { uitest.Type(r.win, text) }

func (r *rig) fresh() { uitest.Capture(r.win) }

// slow is a desk whose sheets come when they are let go.
type slow struct {
	*desk
	gate chan struct{}
}

func (d slow) Handover(ctx context.Context) (ward.Handover, error) {
	<-d.gate
	return d.desk.Handover(ctx)
}

// A key that is pressed while the sheets are read is not lost: the giving of the list opens
// when they are here, and of what is about one patient the page says that it waits for
// nobody, because nobody is chosen yet.
func TestAKeyWhileTheSheetsAreReadIsNotLost(t *testing.T) {
	for _, c := range []struct {
		name  string
		keys  []fyne.KeyName
		away  bool
		says  string
		opens view.Kind
	}{
		{"give", []fyne.KeyName{fyne.KeyF2}, false, "The form of the handover opens when they are here.", view.Give},
		{"write", []fyne.KeyName{fyne.KeyF3}, false, "Press F3 again when they are here", ""},
		{"read back, then give", []fyne.KeyName{fyne.KeyF6, fyne.KeyF2}, false, "The form of the handover opens", view.Give},
		{"give, and turned to another page", []fyne.KeyName{fyne.KeyF2}, true, "The form of the handover opens", ""},
		{"no key of the page", []fyne.KeyName{fyne.KeyF4}, false, "Loading the sheets", ""},
	} {
		d := slow{&desk{read: ward.Handover{Sheets: sheets(), AsOf: now}}, make(chan struct{})}
		r := rigOver(t, theme.Options{Mode: theme.Light}, 1298, 702, d, d.desk)
		for _, k := range c.keys {
			r.press(k)
		}
		if said := r.page.empty.Text(); !strings.Contains(said, c.says) || r.model.State().Form != nil {
			t.Errorf("%s: the page says %q", c.name, said)
		}
		if c.away {
			r.page.block.Hide()
		}
		close(d.gate)
		r.until(t, func() bool { return r.model.State().Loaded })
		got := view.Kind("")
		if f := r.model.State().Form; f != nil {
			got = f.Kind
		}
		if got != c.opens {
			t.Errorf("%s: %q opened, %q was wanted", c.name, got, c.opens)
		}
		if got == view.Give && r.win.Canvas().Focused() != r.page.form.fields[view.FieldTo].Focusable() {
			t.Errorf("%s: the form has not the focus", c.name)
		}
		if c.away {
			r.page.block.Show()
			r.model.SetFilter(view.All)
			if r.model.State().Form != nil {
				t.Errorf("%s: the form opened at the next look", c.name)
			}
		}
	}
}

// The whole round by keyboard alone: give, read back, write, call.
func TestTheHandoverByKeyboard(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light}, 1298, 702)
	r.press(fyne.KeyF2)
	r.typeIn("Tom Blake")
	r.press(fyne.KeyReturn)
	r.until(t, func() bool { return len(r.desk.commands()) == 1 && r.model.State().Form == nil })
	if c := r.desk.commands()[0].(ward.GiveHandover); c.To != "Tom Blake" || len(c.Patients) != 4 {
		t.Errorf("%+v", c)
	}
	r.win.Canvas().Focus(r.page.list)
	r.press(fyne.KeyDown)
	r.press(fyne.KeyF6)
	r.typeIn("Cultures")
	r.press(fyne.KeyF2)
	r.until(t, func() bool { return len(r.desk.commands()) == 2 && r.model.State().Form == nil })
	if c := r.desk.commands()[1]; c != (ward.AcceptHandover{Patient: "p19", Given: "g2", Synthesis: "Cultures"}) {
		t.Errorf("%+v", c)
	}
	r.win.Canvas().Focus(r.page.list)
	r.press(fyne.KeyHome)
	r.press(fyne.KeyF6) // accepted already, and by another: nothing to sign
	if r.model.State().Form == nil {
		r.press(fyne.KeyF3)
	}
	r.typeIn("Worse. ")
	r.press(fyne.KeyF2)
	r.until(t, func() bool { return len(r.desk.commands()) == 3 && r.model.State().Form == nil })
	if c, ok := r.desk.commands()[2].(ward.WriteHandover); !ok || c.Patient != "p07" || !strings.Contains(c.Text, "Worse.") || !slices.Equal(c.Replaces, []fhir.ID{"w1"}) {
		t.Errorf("%+v", r.desk.commands()[2])
	}
	r.win.Canvas().Focus(r.page.list)
	r.press(fyne.KeyF8)
	r.until(t, func() bool { return !r.model.State().Form.Reading })
	r.typeIn("Dr Patel")
	r.press(fyne.KeyF2)
	r.until(t, func() bool { return len(r.desk.commands()) == 4 && r.model.State().Form == nil })
	if c := r.desk.commands()[3].(ward.RecordCall); c.Called != "Dr Patel" || !strings.Contains(c.Situation, "bed 07") {
		t.Errorf("%+v", c)
	}
	r.win.Canvas().Focus(r.page.list)
	r.press(fyne.KeyReturn)
	if len(r.charts) != 1 {
		t.Errorf("Enter opened %v", r.charts)
	}
}

// Esc leaves a form, and no key of the page begins another one over it.
func TestAFormIsLeft(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light}, 1298, 702)
	r.press(fyne.KeyF3)
	r.press(fyne.KeyF8)
	if r.model.State().Form.Kind != view.Write {
		t.Error("a key began another form over the one that is open")
	}
	r.press(fyne.KeyEscape)
	if r.model.State().Form != nil || r.page.side.Visible() {
		t.Error("Esc does not leave the form")
	}
}

// At the signature the identity is restated: name, birth date, number.
func TestTheSignatureRestatesWhoItIs(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light}, 1298, 702)
	r.model.Select("p19")
	r.page.begin(r.model.AcceptOpen)
	if got := r.page.form.whose.Text(); !strings.Contains(got, "RAHMAN, Yusuf") || !strings.Contains(got, "14-Mar-1954") || !strings.Contains(got, "999 041 7732") {
		t.Errorf("%q", got)
	}
	if got := r.page.form.about.Text(); !strings.Contains(got, "Signed by Grace Mensah, nurse") || !strings.Contains(got, "Given by Ines Ferreira") {
		t.Errorf("%q", got)
	}
}

// Nothing is cut at any width and text size: every cell fits its row.
func TestNothingIsCut(t *testing.T) { uitest.EachLanguage(t, nothingIsCut) }

func nothingIsCut(t *testing.T) {
	t.Helper()
	for _, scale := range []float32{.8, 1, 2} {
		for _, width := range []float32{1298, 956, 700} {
			r := newRig(t, theme.Options{Mode: theme.Light, Scale: scale}, width, 702)
			w := r.page.list.Size().Width
			for _, l := range r.model.State().Lines {
				row := newRow().(*row)
				row.set(l, false)
				row.Resize(fyne.NewSize(w, theme.Px(row.high(w))))
				row.place(row.Size())
				if row.word > row.name.Size().Width && width/scale > 480 { // 1024 at 200 % is the smallest
					t.Errorf("%v, %v wide: a word of %s is wider than its room", scale, width, l.Sheet.Who.Family)
				}
				for i, c := range row.cells {
					if end := c.Position().Y + c.Size().Height; len(c.Objects) > 0 && end > row.Size().Height+1 {
						t.Errorf("%v, %v wide: column %d of %s ends at %v of %v", scale, width, i, l.Sheet.Who.Family, end, row.Size().Height)
					}
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
	for _, i := range []assets.Icon{iconPrint, iconGive, iconWrite, iconCall, iconUnstable, iconWatcher, iconStable, iconQuestion, iconAllergy, iconOverdue, iconUnsent, iconLate, iconSimilar} {
		if !have[i] {
			t.Errorf("there is no icon %q", i)
		}
	}
}

type state struct {
	name string
	desk *desk
	act  func(*rig)
}

// keptSummary is what somebody typed and had not saved: data, which nobody
// translates.
const keptSummary = "Pneumonia, day 3. Oxygen down to 2 L since noon."

// states are what is kept as markup, and drawn for a person.
func states() []state {
	full := func() *desk { return &desk{read: ward.Handover{Sheets: sheets(), AsOf: now}} }
	old := full()
	old.read.AsOf = at("02:14")
	return []state{
		{"sheets", full(), func(*rig) {}},
		{"offline", old, func(*rig) {}},
		{"empty", &desk{read: ward.Handover{AsOf: now}}, func(*rig) {}},
		{"not-loaded", &desk{}, func(*rig) {}},
		{"not-allowed", &desk{fail: errNotAllowed{}}, func(*rig) {}},
		{"give", full(), func(r *rig) { r.page.begin(r.model.GiveTo) }},
		{"write", full(), func(r *rig) { r.page.begin(r.model.WriteOpen); r.model.Say(ward.Watcher) }},
		{"read-back", full(), func(r *rig) { r.model.Select("p19"); r.page.begin(r.model.AcceptOpen) }},
		{"call", full(), func(r *rig) {
			r.page.begin(r.model.CallOpen)
			for range 20_000 {
				if r.queue.Drain(); !r.model.State().Form.Reading {
					return
				}
				time.Sleep(2 * time.Millisecond)
			}
		}},
		{"refused", full(), func(r *rig) { r.page.begin(r.model.GiveTo); r.model.Save() }},
		{"kept", full(), func(r *rig) { // and somebody has written since
			r.desk.Now = func() time.Time { return at("14:05") }
			r.desk.Keep(ward.SaveDraft{Patient: r.model.State().Lines[0].Sheet.Who.ID, Kind: "handover", Body: `{"severity":"watcher","text":{"summary":"` + keptSummary + `"},"summary":[{"id":"gone","text":"Pneumonia."}]}`})
			r.page.begin(r.model.WriteOpen)
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
	for _, c := range states() {
		r := rigOf(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702, c.desk)
		c.act(r)
		r.fresh()
		r.win.Canvas().Capture()
		uitest.Golden(t, c.name+".xml", test.RenderObjectToMarkup(r.page.Object()))
	}
}

// TestPictures draws the page for a person to look at:
// WARDLIGHT_PICTURES=/tmp/handover go test -run Pictures ./ui/handover.
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
		for _, c := range states() {
			r := rigOf(t, look.o, look.w, look.h, c.desk)
			c.act(r)
			r.fresh()
			uitest.Keep(t, dir, c.name+"-"+look.name, r.win.Canvas().Capture())
		}
	}
}

// The number beside the word is the score that stands, and never a minimum under
// the last complete one.
func TestAMinimumDoesNotReplaceAHigherScore(t *testing.T) {
	for _, c := range []struct {
		early ward.Early
		want  string
	}{
		{ward.Early{Known: true, Total: 0, AtLeast: true, Last: 8, HasLast: true}, "8"},
		{ward.Early{Known: true, Total: 9, AtLeast: true, Last: 8, HasLast: true}, "≥ 9"},
		{ward.Early{Known: true, Total: 2, AtLeast: true}, "≥ 2"},
		{ward.Early{Known: true, Total: 1}, "1"},
	} {
		if got := scoreSpans(c.early, "why")[0].Text; got != c.want {
			t.Errorf("%+v: %q, want %q", c.early, got, c.want)
		}
	}
}

// Whose sheet is written stays in view at 200 %, whichever field has the focus; so does
// whom a call and a signature are about.
func TestWhoseFormItIsStaysInView(t *testing.T) {
	for _, c := range states() {
		if c.name != "write" && c.name != "call" && c.name != "read-back" {
			continue
		}
		r := rigOf(t, theme.Options{Mode: theme.Light, Scale: 2}, 1024, 560, c.desk)
		c.act(r)
		r.fresh()
		f := r.page.form
		for _, name := range shownIn[r.model.State().Form.Kind] {
			f.fields[name].Focus()
			r.fresh()
			d := fyne.CurrentApp().Driver()
			top := d.AbsolutePositionForObject(f.whose).Y - d.AbsolutePositionForObject(r.page.side).Y
			if !f.whose.Visible() || top < 0 || top+f.whose.Size().Height > r.page.side.Size().Height {
				t.Errorf("%s, focus in %s: whose it is stands at %v of %v", c.name, name, top, r.page.side.Size().Height)
			}
			if who := r.model.State().Form.Who.ShowName(); !strings.Contains(f.whose.Text(), who) {
				t.Errorf("%s: %q does not name %s", c.name, f.whose.Text(), who)
			}
		}
	}
}
