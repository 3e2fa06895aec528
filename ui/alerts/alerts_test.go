package alerts

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"wardlight/assets"
	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/alerts"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

var noon = time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)

func potassium(id string) ward.Alert {
	return ward.Alert{
		Who: ward.Identity{ID: "p" + ward.PatientID(id), Bed: "07", Family: "Adeyemi", Given: "Folake"}, Since: noon.Add(-7 * time.Minute),
		Result: ward.Result{ID: ward.ResultID(id), Version: 1, Test: "Potassium", Value: "6.8", Unit: "mmol/L", Flag: ward.FlagCriticalHigh, Critical: true, Open: true, Received: noon.Add(-7 * time.Minute)},
	}
}

func cardOf(a ward.Alert, opened time.Time) *view.Card {
	return &view.Card{
		Key: view.Key{Patient: a.Who.ID, Result: a.Result.ID, Version: a.Result.Version}, Alert: a, Detail: view.Describe(a, noon), Head: "Critical result: potassium very high",
		Clock: "7 min, nobody has taken it", Short: "Potassium 6.8 mmol/L", ClockShort: "7 min", Drawn: opened,
	}
}

type rig struct {
	f            *Front
	now          time.Time
	did          []string
	drawn, early []string
	win          fyne.Window
	page         *Page
}

func newRig(t *testing.T, scale, w, h float32) *rig {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.New(theme.Options{Mode: theme.Light, Scale: scale}))
	r := &rig{now: noon}
	clock := kit.Clock{Now: func() time.Time { return r.now }, After: func(time.Duration, func()) func() { return func() {} }}
	do := Actions{
		Take: func(k view.Key, kind, words, to string) {
			r.did = append(r.did, "take "+string(k.Result)+" "+kind+" "+words+to)
		},
		TakeListed: func(k view.Key) { r.did = append(r.did, "listed "+string(k.Result)) },
		Why:        func(k view.Key, rule string) { r.did = append(r.did, "why "+string(k.Result)+" "+rule) },
		Record:     func(k view.Key, words string) { r.did = append(r.did, "record "+string(k.Result)+" "+words) },
		Withdraw:   func(p ward.PatientID, task, _ string) { r.did = append(r.did, "withdraw "+task) },
		SetAside:   func(view.Key, bool) { r.did = append(r.did, "aside") }, Turn: func(int) {}, Open: func(view.Key) { r.did = append(r.did, "open") },
		Drawn: func(k view.Key) { r.drawn = append(r.drawn, string(k.Result)) }, Accepts: func() bool { return true }, Early: func(k view.Key) { r.early = append(r.early, string(k.Result)) },
		Chart: func(id ward.PatientID) { r.did = append(r.did, "chart "+string(id)) },
	}
	r.f = NewFront(do, clock, kit.NewTyping(clock))
	r.page = NewPage(do, clock, kit.NewTyping(clock))
	r.win = test.NewTempWindow(t, container.NewStack(r.page.Object(), r.f.Card()))
	r.win.SetPadded(false)
	r.win.Resize(fyne.NewSize(w, h))
	r.f.Attach(r.win.Canvas(), nil)
	return r
}

func (r *rig) pass(d time.Duration) { r.now = r.now.Add(d) }

func TestTheWordsOfAnActionGoWithIt(t *testing.T) {
	r := newRig(t, 1, 1366, 700)
	r.f.Show(view.State{Card: cardOf(potassium("k1"), noon)})
	r.pass(2 * time.Second)
	r.f.Key(fyne.KeyF6)
	o, ok := r.f.Where("save")
	if !ok {
		t.Fatal("no form")
	}
	test.Tap(o.(fyne.Tappable))
	if len(r.did) != 0 {
		t.Fatal("an action without words was recorded")
	}
	r.f.foot.words.SetText("calcium given")
	test.Tap(o.(fyne.Tappable))
	r.f.Key(fyne.KeyEscape)
	r.f.Key(fyne.KeyF7)
	r.f.foot.words.SetText("Dr Osei")
	o, _ = r.f.Where("save")
	test.Tap(o.(fyne.Tappable))
	if got := strings.Join(r.did, "|"); got != "take k1 acting calcium given|take k1 handed-to Dr Osei" {
		t.Error(got)
	}
}

// Minutes count and words change while a card is open, and the guard does not
// begin anew: the person already looks at it. Another alert begins it anew.
func TestTheGuardBeginsAnewForAnotherAlertOnly(t *testing.T) {
	r := newRig(t, 1, 1366, 700)
	a := potassium("k1")
	r.f.Show(view.State{Card: cardOf(a, noon)})
	r.pass(2 * time.Second)
	a.Context = []ward.Fact{{Label: "Kidney", Words: "Creatinine 268"}}
	r.f.Show(view.State{Card: cardOf(a, noon)})
	r.f.Key(fyne.KeyF5)
	if len(r.did) != 1 {
		t.Fatal("the same card was guarded again")
	}
	r.f.Show(view.State{Card: cardOf(potassium("k2"), r.now)})
	r.f.Key(fyne.KeyF5)
	if len(r.did) != 1 {
		t.Fatal("a key took the next alert at once")
	}
}

// At every size of text and window the head of the card says the value or is
// whole, and nothing of the head lies over something else.
func TestTheHeadFits(t *testing.T) {
	for _, c := range []struct{ s, w, h float32 }{{.8, 1366, 700}, {1, 1024, 700}, {1.5, 1024, 700}, {2, 1024, 636}} {
		r := newRig(t, c.s, c.w, c.h)
		card := cardOf(potassium("k1"), noon)
		card.Place = "2 of 3"
		if h := r.f.head(*card); headWidth(h) > r.f.room() {
			t.Errorf("at %v the head needs %v of %v", c.s, headWidth(h), r.f.room())
		}
		for level := range 4 {
			r.f.band.now = view.Band{Bed: "Bed 07", What: "Potassium 6.8 mmol/L", Word: "CRITICAL HIGH", Clock: "7 min, nobody has taken it", Short: "7 min", Count: 3}
			b := kit.NewRedBand(r.f.band.config(level), nil)
			if !strings.Contains(b.Text(), "6.8") || !strings.Contains(b.Text(), "7 min") || !strings.Contains(b.Text(), "07") {
				t.Errorf("level %d leaves out what matters: %s", level, b.Text())
			}
			if level == 3 && b.MinSize().Width > c.w {
				t.Errorf("at %v the band needs %v", c.s, b.MinSize().Width)
			}
		}
	}
}

func TestThePageActsOnTheChosenLine(t *testing.T) {
	r := newRig(t, 1, 1366, 700)
	a := potassium("k1")
	l := view.Line{ID: "1", Kind: view.KindOpen, Key: view.Key{Patient: "pk1", Result: "k1", Version: 1}, Patient: "pk1", Name: "ADEYEMI, Folake", Detail: view.Describe(a, noon), Alert: a}
	o := l
	o.ID, o.Kind, o.Task, o.Patient = "2", view.KindOwned, "t9", "p9"
	r.page.Show(view.State{Lines: []view.Line{l, o}})
	r.page.Key(&fyne.KeyEvent{Name: fyne.KeyF5})
	r.page.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	r.page.Key(&fyne.KeyEvent{Name: fyne.KeyF5}) // somebody has this one
	r.page.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	w, ok := r.page.Where("withdraw")
	if !ok {
		t.Fatal("no way to withdraw")
	}
	test.Tap(w.(fyne.Tappable))
	if got := strings.Join(r.did, "|"); got != "listed k1|chart p9|withdraw t9" {
		t.Error(got)
	}
}

// What the server says of a message that it holds back is never cut.
func TestALongLineOfTheListWraps(t *testing.T) {
	for _, s := range []float32{1, 2} {
		r := newRig(t, s, 1024, 700)
		long := "Not filed, identity unconfirmed: Sodium 118 mmol/L, critical (ward limit 120), Potassium 2.4 mmol/L, critical (ward limit 2.5, laboratory flag LL)."
		l := view.Line{ID: "held h", Kind: view.KindHeld, Name: "Of nobody known", Second: long, At: "04:19"}
		r.page.Show(view.State{Lines: []view.Line{l}})
		_, value, under := lineSpans(l)
		w := r.page.listWidth(r.page.block.Size()) - theme.Px(28)
		need := kit.NewFlow(under...).HeightFor(w) + kit.TextHeight(kit.BodyStrong)
		if len(value) > 0 || theme.Px(r.page.high(l)) < need {
			t.Errorf("a row of %v for %v", theme.Px(r.page.high(l)), need)
		}
	}
}

func TestIconsExist(t *testing.T) {
	have := map[assets.Icon]bool{}
	for _, i := range assets.Icons() {
		have[i] = true
	}
	for _, i := range []assets.Icon{iconCritical, iconCorrected, iconAllergy, iconQuestion, iconUnavailable, iconDue, iconClock, iconUnsent} {
		if !have[i] {
			t.Errorf("there is no icon %q", i)
		}
	}
}

// A card says why it warns where there is room for it beside the likely actions.
func TestACardLeadsToItsRule(t *testing.T) {
	corrected := potassium("k1")
	corrected.Result.Critical, corrected.Result.Reopened = false, true
	named := potassium("k1")
	named.Result.Rule, named.Who.Consultant = "critical/potassium", "Dr P. Okonkwo"
	long := named
	long.Who.Consultant = "Professor Dr Oluwaseun Adebayo-Featherstonehaugh, general medicine and geriatrics"
	for _, e := range []struct {
		of    ward.Alert
		scale float32
		w     float32
		want  string // "": there is no room
	}{{named, 1, 1366, "why k1 critical/potassium"}, {corrected, 1, 1366, "why k1 corrected"}, {named, 1, 760, ""}, {long, 1, 1366, ""}, {named, 2, 1366, ""}} {
		r := newRig(t, e.scale, e.w, 768)
		r.f.Show(view.State{Card: cardOf(e.of, noon)})
		r.pass(5 * time.Second)
		o, ok := r.f.Where("why")
		if ok != (e.want != "") {
			t.Errorf("%v wide at %v, %s: shown %v", e.w, e.scale, e.of.Who.Consultant, ok)
		}
		if !ok {
			continue
		}
		test.Tap(o.(fyne.Tappable))
		if len(r.did) != 1 || r.did[0] != e.want {
			t.Errorf("%v, want %q", r.did, e.want)
		}
	}
}
