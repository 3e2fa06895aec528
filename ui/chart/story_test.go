package chart

import (
	"errors"
	"html"
	"regexp"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/chart"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// press gives a key to what has the focus, as the window does.
func (r *rig) press(keys ...fyne.KeyName) {
	for _, key := range keys {
		ev := &fyne.KeyEvent{Name: key}
		switch f := r.win.Canvas().Focused(); {
		case key == fyne.KeyTab:
			r.win.Canvas().FocusNext()
		case f != nil:
			f.TypedKey(ev)
		default:
			r.page.Key(ev)
		}
	}
}

// words types into what has the focus.
func (r *rig) words(text string) { uitest.Type(r.win, text) }

func (r *rig) where(t *testing.T, name string) fyne.CanvasObject {
	t.Helper()
	o, ok := r.page.Where(name)
	if !ok {
		t.Fatalf("there is no %q", name)
	}
	return o
}

// texts are all texts that have a place, also those of hidden tabs.
func (r *rig) texts() []*canvas.Text {
	var out []*canvas.Text
	for _, o := range test.LaidOutObjects(r.win.Content()) {
		if t, ok := o.(*canvas.Text); ok && t.Text != "" && t.Visible() {
			out = append(out, t)
		}
	}
	return out
}

var textTag = regexp.MustCompile(`<text[^>]*>([^<]*)</text>`)

// says tells whether words can be read; a paragraph is drawn in pieces.
func (r *rig) says(words string) bool {
	var all []string
	for _, m := range textTag.FindAllStringSubmatch(test.RenderToMarkup(r.win.Canvas()), -1) {
		if t := strings.TrimSpace(html.UnescapeString(m[1])); t != "" {
			all = append(all, t)
		}
	}
	return strings.Contains(strings.Join(all, " "), words)
}

func plain(t *testing.T) *rig {
	t.Helper()
	return newRig(t, theme.Options{Mode: theme.Light}, 1298, 702)
}

// One pass over the form by keyboard alone, as picture 04: a number and Enter,
// arrows for a choice, F2 to save.
func TestAWholeSetIsEnteredByKeyboardAlone(t *testing.T) {
	r := plain(t)
	r.open(t, "p07", view.Vitals)
	r.win.Canvas().Focus(r.page.First())
	for _, step := range []struct {
		words string
		keys  []fyne.KeyName
	}{
		{"21", []fyne.KeyName{fyne.KeyReturn}},
		{"95", []fyne.KeyName{fyne.KeyTab}},
		{"", []fyne.KeyName{fyne.KeySpace, fyne.KeyReturn}}, // air
		{"108", []fyne.KeyName{fyne.KeyEnter}},
		{"66", []fyne.KeyName{fyne.KeyReturn}},
		{"95", []fyne.KeyName{fyne.KeyReturn}},
		{"", []fyne.KeyName{fyne.KeySpace, fyne.KeyRight, fyne.KeyReturn}}, // new confusion
		{"37,2", []fyne.KeyName{fyne.KeyReturn}},
		{"3", []fyne.KeyName{fyne.KeyReturn}},
	} {
		r.words(step.words)
		r.press(step.keys...)
	}
	r.words("200")
	r.press(fyne.KeyF2)
	r.until(t, func() bool { return len(r.desk.commands()) == 1 })
	got := r.desk.commands()[0].(ward.RecordVitals)
	if got.Set.Oxygen == nil || *got.Set.Oxygen {
		t.Error("air was not recorded")
	}
	got.Set.Oxygen = nil
	want := ward.VitalSet{At: time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC), Respirations: "21", SpO2: "95", Systolic: "108", Diastolic: "66", Pulse: "95", Consciousness: "C", Temperature: "37.2", Pain: "3", Urine: "200"}
	if !sameSet(got.Set, want) || got.Patient != "p07" || got.Confirmed {
		t.Errorf("saved %+v\nwant %+v", got.Set, want)
	}
	r.until(t, func() bool { return r.model.State().Saves == 1 })
	if f := r.where(t, "respirations").(*kit.NumberField); f.Text() != "" {
		t.Errorf("the form still shows %q", f.Text())
	}
}

// The choices of the form by their letters: "a" is air, "o" oxygen, and the levels of
// consciousness have those of the chart.
func TestAChoiceIsMadeByItsLetter(t *testing.T) {
	for _, c := range []struct {
		language, typed string
		oxygen          bool
		awake, want     string
	}{{"en", "a", false, "u", "U"}, {"en", "o", true, "c", "C"}, {"de", "s", true, "v", "V"}, {"de", "r", false, "w", "A"}} {
		uitest.Speak(t, c.language)
		r := plain(t)
		r.open(t, "p07", view.Vitals)
		for name, letter := range map[string]string{"oxygen": c.typed, "consciousness": c.awake} {
			r.win.Canvas().Focus(r.where(t, name).(*kit.Segmented))
			r.words(letter)
		}
		if s := r.model.State().Vitals; s.Oxygen == nil || *s.Oxygen != c.oxygen || s.Consciousness != c.want {
			t.Errorf("%s, %q and %q: oxygen %v, consciousness %q", c.language, c.typed, c.awake, s.Oxygen, s.Consciousness)
		}
	}
}

// What nobody answered stays unanswered: passing by records nothing.
func TestPassingAChoiceByRecordsNothing(t *testing.T) {
	r := plain(t)
	r.open(t, "p07", view.Vitals)
	r.win.Canvas().Focus(r.page.First())
	r.words("21")
	r.press(fyne.KeyReturn, fyne.KeyReturn, fyne.KeyReturn, fyne.KeyReturn, fyne.KeyReturn, fyne.KeyReturn, fyne.KeyReturn)
	if s := r.model.State().Vitals; s.Oxygen != nil || s.Consciousness != "" {
		t.Errorf("recorded %+v", s)
	}
}

func TestTheScoreOfWhatIsTypedSaysWhatIsMissing(t *testing.T) {
	r := plain(t)
	r.open(t, "p07", view.Vitals)
	typeSet(t, r)
	for _, words := range []string{"≥5", "at least 5", "— missing", "Save incomplete set"} {
		if !r.says(words) {
			t.Errorf("nothing says %q", words)
		}
	}
	r.desk.score = ward.Early{Refused: "not scored: under 16"}
	r.model.TypeVitals(ward.VitalSet{Pulse: "120"})
	r.until(t, func() bool { return r.model.State().Live.Refused != "" })
	if r.says("at least 5") || !r.says("No score: under 16.") {
		t.Error("a refused score is not said")
	}
}

func TestAnImpossibleValueIsRefusedWhereItStands(t *testing.T) {
	r := plain(t)
	r.open(t, "p07", view.Vitals)
	r.desk.refuse = errors.New("Pulse 950 is not possible. Nothing was saved. Type it again.")
	typeInto(r, "pulse", "950")
	r.press(fyne.KeyF2)
	r.until(t, func() bool { return r.model.State().Error != "" })
	if f := r.where(t, "pulse").(*kit.NumberField); f.Text() != "950" {
		t.Errorf("the field shows %q", f.Text())
	}
	if !r.says("950 is not possible") || !r.says("not possible: 0 to 350") {
		t.Error("nobody is told, or not at the field")
	}
}

func TestAnImprobableValueIsKeptOnlyByAPress(t *testing.T) {
	r := plain(t)
	r.open(t, "p07", view.Vitals)
	r.desk.answer = ward.Done{Ask: []string{"Pulse 195: was 88 at 12:30. Keep it or change it?"}}
	typeInto(r, "pulse", "195")
	r.press(fyne.KeyF2)
	r.until(t, func() bool { return len(r.model.State().Ask) > 0 })
	r.press(fyne.KeyF2) // again, in haste: asks again, keeps nothing
	r.until(t, func() bool { return len(r.desk.commands()) == 2 && !r.model.State().Busy })
	for _, c := range r.desk.commands() {
		if c.(ward.RecordVitals).Confirmed {
			t.Fatal("F2 confirmed what was asked")
		}
	}
	test.Tap(r.where(t, "keep").(*kit.Button))
	r.until(t, func() bool { return len(r.desk.commands()) == 3 })
	if !r.desk.commands()[2].(ward.RecordVitals).Confirmed {
		t.Error("Keep does not keep")
	}
}

func TestTheTimeMeasured(t *testing.T) {
	for in, want := range map[string]string{"13:55": "22 13:55", "1355": "22 13:55", "22-Nov-2026 06:10": "22 06:10", "23:50": "21 23:50"} {
		got, ok := readTime(in, now)
		if !ok || got.Format("02 15:04") != want {
			t.Errorf("%q is %v, %v", in, got, ok)
		}
	}
	for _, in := range []string{"25:00", "now", "13"} {
		if _, ok := readTime(in, now); ok {
			t.Errorf("%q was taken for a time", in)
		}
	}
	r := plain(t)
	r.open(t, "p07", view.Vitals)
	typeInto(r, "pulse", "88")
	typeInto(r, "measured", "x")
	r.press(fyne.KeyF2)
	if len(r.desk.commands()) != 0 || !r.says("The time measured: type 13:55") {
		t.Error("a set was saved with a time that cannot be read")
	}
	f := r.where(t, "measured").(*kit.TextField)
	for f.Text() != "" { // a person takes the time away letter by letter
		r.press(fyne.KeyBackspace)
	}
	r.words("12:30")
	if f.Text() != "12:30" {
		t.Errorf("while it was typed the field became %q", f.Text())
	}
	r.press(fyne.KeyF2)
	r.until(t, func() bool { return len(r.desk.commands()) == 1 })
	if got := r.desk.commands()[0].(ward.RecordVitals).Set.At; !got.Equal(at(22, "12:30")) {
		t.Errorf("measured at %v", got)
	}
}

// Every form is empty, and every name the new one, before anything of the new
// patient is drawn.
func TestNothingOfOnePatientStandsUnderAnother(t *testing.T) {
	r := plain(t)
	r.open(t, "p07", view.Allergies)
	typeInto(r, "allergy-substance", "Latex")
	r.model.SetTab(view.Vitals)
	typeInto(r, "pulse", "195")
	r.model.SetTab(view.Notes)
	typeInto(r, "note", "for Folake only")
	r.model.Open("p11", view.Allergies) // not loaded yet
	if r.says("ADEYEMI") || r.says("Penicillin") || r.says("6.8") {
		t.Error("the record of the patient before is still drawn")
	}
	r.until(t, func() bool { return r.model.State().Loaded })
	for tab, name := range map[view.Tab]string{view.Allergies: "allergy-substance", view.Notes: "note"} {
		r.model.SetTab(tab)
		if f := r.where(t, name).(*kit.TextField); f.Text() != "" {
			t.Errorf("%s of the patient before: %q", name, f.Text())
		}
	}
	r.model.SetTab(view.Vitals)
	if f := r.where(t, "pulse").(*kit.NumberField); f.Text() != "" {
		t.Errorf("pulse of the patient before: %q", f.Text())
	}
	if !r.says("KOWALCZYK") || !r.says("Allergies not recorded") {
		t.Error("the new patient is not named")
	}
}

func TestTakingByKeyAndByPress(t *testing.T) {
	r := plain(t)
	r.open(t, "p07", view.Results)
	r.model.Select("na5")
	r.press(fyne.KeyF5)
	if len(r.desk.commands()) != 0 {
		t.Fatal("F5 took a result that nobody needs to take")
	}
	r.model.Select("k5")
	armed := r.where(t, "take").(*kit.Button).OnTap // the mouse goes down on potassium
	r.model.Select("na5")
	armed()
	r.until(t, func() bool { return len(r.desk.commands()) == 1 })
	if got := r.desk.commands()[0]; got != (ward.Take{Patient: "p07", Result: "k5", Version: 1, Kind: "taken"}) {
		t.Errorf("took %+v", got)
	}
}

// Arrows go through the earlier results of a test; the table pages along.
func TestEarlierResultsByKeyboard(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light}, 956, 702)
	r.open(t, "p07", view.Results)
	r.win.Canvas().Focus(r.page.First())
	r.press(fyne.KeyLeft, fyne.KeyLeft, fyne.KeyLeft, fyne.KeyLeft)
	if got := r.model.State().Selected; got != "k1" {
		t.Fatalf("selected %q", got)
	}
	if !r.says("20-Nov") {
		t.Error("the column of the selected result is not in view")
	}
	r.press(fyne.KeyRight)
	if got := r.model.State().Selected; got != "k2" {
		t.Errorf("back: %q", got)
	}
	r.press(fyne.KeyDown)
	if got := r.model.State().Selected; got != "cr5" {
		t.Errorf("down: %q", got)
	}
}

func TestANoteIsSavedByF2AndRewordedByItsButton(t *testing.T) {
	r := plain(t)
	r.open(t, "p07", view.Notes)
	typeInto(r, "note", "Repeat potassium at 15:00.")
	r.press(fyne.KeyF2)
	r.until(t, func() bool { return r.model.State().Saves == 1 })
	if got := r.desk.commands()[0]; got != (ward.WriteNote{Patient: "p07", Text: "Repeat potassium at 15:00."}) {
		t.Errorf("saved %+v", got)
	}
	typeInto(r, "note", "Slept badly.")
	typeInto(r, "note-at", "25:10")
	r.press(fyne.KeyF2)
	if r.model.State().Saves != 1 || len(r.desk.commands()) != 1 {
		t.Error("saved with a time that is none")
	}
	r.where(t, "note-at").(*kit.TextField).SetText("")
	typeInto(r, "note-at", "03:10")
	r.press(fyne.KeyF2)
	r.until(t, func() bool { return r.model.State().Saves == 2 })
	if got, _ := r.desk.commands()[1].(ward.WriteNote); got.Text != "Slept badly." || ward.Clock(got.True) != "03:10" || got.True.After(now) {
		t.Errorf("from paper: %+v", got)
	}
	if f := r.where(t, "note-at").(*kit.TextField); f.Text() != "" {
		t.Errorf("the next note begins with the time of this one: %q", f.Text())
	}
	test.Tap(r.where(t, "reword-n1").(*kit.Button))
	if f := r.where(t, "note").(*kit.TextField); !strings.HasPrefix(f.Text(), "Comfortable. Passing little") {
		t.Errorf("to reword: %q", f.Text())
	}
}

func TestAnAllergyIsRecordedAndAnotherRefutedWithItsReason(t *testing.T) {
	r := plain(t)
	r.open(t, "p07", view.Allergies)
	typeInto(r, "allergy-substance", "Latex")
	r.press(fyne.KeyReturn)
	r.words("hives")
	r.press(fyne.KeyReturn, fyne.KeySpace, fyne.KeyReturn, fyne.KeySpace)
	r.press(fyne.KeyF2)
	r.until(t, func() bool { return r.model.State().Saves == 1 })
	if got := r.desk.commands()[0]; got != (ward.AddAllergy{Patient: "p07", Substance: "Latex", Reaction: "hives", Severity: "mild", Certainty: "confirmed"}) {
		t.Errorf("recorded %+v", got)
	}
	if f := r.where(t, "allergy-substance").(*kit.TextField); f.Text() != "" {
		t.Error("the form is not empty after saving")
	}
	test.Tap(r.where(t, "refute-a1").(*kit.Button))
	r.press(fyne.KeyReturn)
	if len(r.desk.commands()) != 1 {
		t.Fatal("refuted without a reason")
	}
	r.words("Never had it")
	r.press(fyne.KeyReturn)
	r.until(t, func() bool { return len(r.desk.commands()) == 2 })
	if got := r.desk.commands()[1]; got != (ward.RefuteAllergy{Patient: "p07", Allergy: "a1", Version: 3, Reason: "Never had it"}) {
		t.Errorf("refuted %+v", got)
	}
	if _, ok := r.page.Where("no-known-allergies"); ok {
		t.Error("“no known allergies” is offered to somebody with allergies")
	}
}

func TestEscGoesBackOneStepAtATime(t *testing.T) {
	r := plain(t)
	r.open(t, "p07", view.Allergies)
	test.Tap(r.where(t, "refute-a1").(*kit.Button))
	r.press(fyne.KeyEscape)
	if _, ok := r.page.Where("refute-reason"); ok || r.left != 0 {
		t.Fatal("Esc did not close the form first")
	}
	r.win.Canvas().Unfocus()
	r.press(fyne.KeyEscape)
	if r.left != 1 {
		t.Error("Esc does not go back")
	}
}

func TestTheFourStatesOfAllergiesNeverLookAlike(t *testing.T) {
	words := map[ward.AllergyState]string{ward.AllergyKnown: "Known allergies", ward.AllergyNone: "No known allergies", ward.AllergyNotRecorded: "Allergies not recorded", ward.AllergyUnavailable: "Allergies unavailable: not on this computer yet"}
	seen := map[string]bool{}
	for state, want := range words {
		s := allergyPieces(ward.AllergyLine{State: state, Worst: "Penicillin"})[0].Spans[0]
		if s.Text != want {
			t.Errorf("%s says %q", state, s.Text)
		}
		look := string(s.Icon) + string(s.Color)
		if seen[look] {
			t.Errorf("%s looks like another state", state)
		}
		seen[look] = true
	}
}

// How each kind of result is drawn: what is not a plain final number never looks
// like one.
func TestWhatAResultLooksLike(t *testing.T) {
	base := result("x", "Sodium", "", "", "mmol/L", "133–146", "138", at(22, "13:31"), "")
	change := func(fn func(*ward.Result)) look {
		r := base
		fn(&r)
		return lookOf(&r, false, "", now)
	}
	if l := change(func(*ward.Result) {}); l.value != (kit.ValueConfig{Number: "138"}) {
		t.Errorf("final: %+v", l.value)
	}
	if l := change(func(r *ward.Result) { r.Status = "preliminary" }); !l.value.Italic || l.value.Below != "preliminary" {
		t.Errorf("preliminary: %+v", l.value)
	}
	if l := change(func(r *ward.Result) {
		r.Status, r.Before, r.Received = "corrected", &ward.Earlier{Value: "128"}, at(22, "14:01")
	}); l.value.Earlier != "128" || l.value.Below != "corrected 14:01" || l.value.BelowColor != theme.Corrected {
		t.Errorf("corrected: %+v", l.value)
	}
	for _, status := range []string{"withdrawn", "cancelled"} {
		if l := change(func(r *ward.Result) { r.Status = status; r.Critical = true }); l.kind != asNumber || !l.value.Struck || l.value.Below != status {
			t.Errorf("%s: %+v", status, l)
		}
	}
	if l := change(func(r *ward.Result) { r.Critical, r.Flag = true, ward.FlagCriticalLow }); l.kind != asBlock || l.block.Word != "CRITICAL LOW" {
		t.Errorf("critical: %+v", l)
	}
	if l := change(func(r *ward.Result) {
		r.Critical, r.Flag, r.Status, r.Before = true, ward.FlagCriticalHigh, "preliminary", &ward.Earlier{Value: "5.1"}
	}); l.block.Word != "CRITICAL HIGH, preliminary, was 5.1" {
		t.Errorf("critical, not final: %+v", l.block)
	}
	if l := change(func(r *ward.Result) { r.Value, r.MayBe = "<2.6", true }); l.value.Below != "may be critical" || l.value.BelowColor != theme.CriticalText {
		t.Errorf("may be critical: %+v", l.value)
	}
	if l := change(func(r *ward.Result) { r.Value, r.Absent = "", "no result: haemolysed" }); l.kind != asWords || l.words[0].Text != "no result" || l.words[1].Text != "haemolysed" {
		t.Errorf("no result: %+v", l.words)
	}
}

// Nothing that can be seen is wider than its place, at any size: checked by the
// place that each text got, in the banner, the table and the forms.
func TestNoTextIsCutAtAnySize(t *testing.T) {
	for _, size := range []struct{ scale, w, h float32 }{{.8, 976, 702}, {1, 956, 702}, {1.25, 1298, 702}, {2, 1366, 636}, {2, 1024, 636}} {
		for _, p := range []struct {
			id  ward.PatientID
			tab view.Tab
		}{{"p07", view.Results}, {"pL", view.Results}, {"p07", view.Vitals}, {"pL", view.Allergies}, {"p07", view.Orders}, {"p07", view.Notes}} {
			r := newRig(t, theme.Options{Mode: theme.Light, Scale: size.scale}, size.w, size.h)
			r.open(t, p.id, p.tab)
			if p.tab == view.Orders {
				sheetOfAMedicine(t, r)
			}
			r.capture()
			driver := fyne.CurrentApp().Driver()
			for _, o := range r.texts() {
				place := driver.AbsolutePositionForObject(o)
				if place.X < -0.5 || place.X+o.MinSize().Width > size.w+0.5 {
					t.Errorf("scale %v, %v wide, %s: %q goes from %v to %v", size.scale, size.w, p.tab, o.Text, place.X, place.X+o.MinSize().Width)
				}
			}
		}
	}
}

// At 1024×768 the button that saves is in view without scrolling, and the form's
// last field is too once it has the focus.
func TestTheFieldWithTheFocusIsInView(t *testing.T) {
	for _, scale := range []float32{1, 2} {
		r := newRig(t, theme.Options{Mode: theme.Light, Scale: scale}, 1024, 640)
		r.open(t, "p07", view.Vitals)
		r.capture()
		r.win.Canvas().Focus(r.page.First())
		for range 6 {
			r.press(fyne.KeyTab)
		}
		o, ok := r.win.Canvas().Focused().(fyne.CanvasObject)
		if !ok {
			t.Fatal("nothing has the focus")
		}
		d := fyne.CurrentApp().Driver()
		scroll := r.page.tab[view.Vitals].(*observations).entry.scroll
		top := d.AbsolutePositionForObject(o).Y - d.AbsolutePositionForObject(scroll).Y
		if top < 0 || top+o.Size().Height > scroll.Size().Height+0.5 {
			t.Errorf("scale %v: the field stands at %v of a view %v high", scale, top, scroll.Size().Height)
		}
	}
}

// On a narrow and low screen everything of a tab can still be reached: what does
// not fit is inside a scroll that has room.
func TestEverythingCanBeReachedOnASmallScreen(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light, Scale: 2}, 1024, 636)
	for tab, names := range map[view.Tab][]string{
		view.Vitals: {"respirations", "urine", "save-vitals"}, view.Allergies: {"allergy-substance", "add-allergy", "refute-a1"}, view.Orders: {"order-find", "order-kind"}, view.Notes: {"note", "save-note", "reword-n1"},
	} {
		r.open(t, "p07", tab)
		r.capture()
		for _, name := range names {
			o := r.where(t, name)
			f, ok := o.(fyne.Focusable)
			if field, isField := o.(*kit.TextField); isField {
				f, ok = field.Focusable(), true
			}
			if !ok {
				t.Fatalf("%s takes no focus", name)
			}
			r.win.Canvas().Focus(f)
			y := fyne.CurrentApp().Driver().AbsolutePositionForObject(o).Y
			if o.Size().Height < 20 || y < 200 || y > 636-20 {
				t.Errorf("%s: %q stands at %v, %v high", tab, name, y, o.Size().Height)
			}
		}
		r.win.Canvas().Unfocus()
	}
}

// The goldens say how the page is put together: every text with its size, colour
// and place. UPDATE_GOLDEN=1 writes them anew; look at the pictures before you
// commit what changed.
func TestThePageIsDrawnAsBefore(t *testing.T) {
	for _, p := range pictures {
		t.Run(p.name, func(t *testing.T) {
			r := plain(t)
			r.open(t, p.patient, p.tab)
			if p.prepare != nil {
				p.prepare(t, r)
			}
			r.win.Canvas().Unfocus()
			r.capture()
			uitest.Golden(t, p.name+".xml", test.RenderToMarkup(r.win.Canvas()))
		})
	}
}
