package shell

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/signin"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/settings"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// Everything on the sign-in page can be translated: the form, what to know before
// starting, the lock, and what is written down without signing in.
func TestTheSignInPageIsTranslatable(t *testing.T) {
	uitest.Pseudo(t)
	r := newRig(t, light(), 1366, 768)
	p := r.s.signIn
	known := []string{"Grace Mensah", "Tom Blake", "nurse", "0.1.0"}
	check := func() {
		t.Helper()
		r.capture()
		uitest.AllTranslatable(t, p.object, known...)
	}
	check()
	for _, l := range []ward.Link{
		{}, {Connected: true, AsOf: noon, Ever: true}, {Ever: true, Since: noon, Unsent: 2, LastOutage: &ward.Outage{Reviews: 1}}, {Sealed: true, AsOf: noon}, {Withdrawn: true},
	} {
		r.st.mu.Lock()
		r.st.link = l
		r.st.mu.Unlock()
		p.model.Refresh()
		r.settle()
		check()
	}
	r.st.mu.Lock()
	r.st.link = ward.Link{Ever: true, Since: noon}
	r.st.mu.Unlock()
	p.model.Lock(&signin.Locked{User: "g.mensah", Name: "Grace Mensah, nurse", At: noon, Unused: 300e9})
	p.model.Refresh()
	r.settle()
	check()
	p.model.Enter("", "", "")
	r.settle()
	check()
	p.model.Write(true)
	check()
	p.model.Keep("g.mensah", "", "x")
	r.settle()
	check()
}

// Everything on the settings page can be translated, on every tab.
func TestTheSettingsPageIsTranslatable(t *testing.T) {
	uitest.Pseudo(t)
	out := &loud{}
	r := newRigWith(t, light(), 1366, 900, out)
	r.signIn()
	r.until("the output was looked at", func() bool { return r.s.sound.State().Works != "" })
	r.s.Key(fyne.KeyComma, ctrl)
	r.settle()
	w, _ := r.s.control("tabs")
	p := r.s.seat.pages[pageSettings].(*settings.Page)
	for tab := range 5 { // the sixth holds licences
		w.(*kit.Tabs).OnChoose(tab)
		r.settle()
		r.capture()
		uitest.AllTranslatable(t, p.Object(), "Grace Mensah", "nurse", "English", "Deutsch", "Wardlight", "computer 4B-02", "0.1.0", `re:go1\.\S+`, "linux amd64", "Language")
	}
}

// Grace chooses German: every page is made anew, she stays where she was, it is kept for
// her, goes with her when she locks, and comes back with her PIN.
func TestTheLanguageGoesWithThePerson(t *testing.T) {
	uitest.Speak(t, "en")
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	r.s.Key(fyne.KeyComma, ctrl)
	r.settle()
	o, ok := r.s.control("language")
	if !ok {
		t.Fatal("no language to choose")
	}
	o.(*kit.Segmented).OnChoose(1)
	r.until("the pages are in German", func() bool { r.settle(); return strings.Contains(wordsOf(r.everything()), "Darstellung") })
	if words.Tag() != "de" || r.s.Page() != "settings" {
		t.Fatalf("%s, on %s", words.Tag(), r.s.Page())
	}
	if o, _ = r.s.control("language"); o.(*kit.Segmented).Config().Selected != 1 {
		t.Error("the page does not show what was chosen")
	}
	if kept, ok := r.st.Look("g.mensah"); !ok || kept.Language != "de" {
		t.Errorf("kept as %+v", kept)
	}
	r.s.Key(fyne.KeyL, ctrl)
	r.settle()
	if said := wordsOf(r.everything()); words.Tag() != "en" || !strings.Contains(said, "Locked at") || strings.Contains(said, "Anmelden") {
		t.Errorf("the sign-in page speaks %s: %s", words.Tag(), said)
	}
	r.signIn()
	r.s.Key(fyne.KeyComma, ctrl)
	r.settle()
	if !strings.Contains(wordsOf(r.everything()), "Darstellung") {
		t.Error("she came back, and it is English")
	}
	o, _ = r.s.control("language")
	o.(*kit.Segmented).OnChoose(0)
	r.until("it is English again", func() bool { r.settle(); return strings.Contains(wordsOf(r.everything()), "Appearance") })
}

// What a script names stays what it is in every language.
func TestAScriptFindsATabInGerman(t *testing.T) {
	uitest.Speak(t, "de")
	r := newRig(t, light(), 1366, 768)
	_ = r.st.KeepLook("g.mensah", &ward.Look{Theme: ward.ThemeLight, Scale: 100, Language: "de"}) // it is kept in memory
	r.signIn()
	r.s.Key(fyne.KeyComma, ctrl)
	r.settle()
	if !r.s.seat.pages[pageSettings].(*settings.Page).Turn("About") {
		t.Error("there is no tab About")
	}
}

// In German nothing is cut at any size of text: what does not fit is wrapped.
func TestSettingsInGermanAtEverySize(t *testing.T) {
	for name, o := range map[string]theme.Options{"": {Mode: theme.Light, Scale: 1}, "-200": {Mode: theme.Light, Scale: 2}} {
		uitest.Speak(t, "de")
		r := newRig(t, o, 1024, 768)
		if dir := uitest.Pictures(); dir != "" {
			r.picture(dir, "signin-de"+name)
		}
		_ = r.st.KeepLook("g.mensah", &ward.Look{Theme: ward.ThemeLight, Scale: int(o.Scale * 100), Language: "de"}) // it is kept in memory
		r.signIn()
		r.s.Key(fyne.KeyComma, ctrl)
		r.settle()
		for tab := range 6 {
			w, _ := r.s.control("tabs")
			w.(*kit.Tabs).OnChoose(tab)
			r.capture()
			for _, line := range uitest.Texts(r.s.seat.pages[pageSettings].Object()) {
				if strings.HasSuffix(line, "…") && !strings.HasSuffix(line, " …") && tab < 5 {
					t.Errorf("cut at %s: %q", name, line)
				}
			}
			if dir := uitest.Pictures(); dir != "" {
				r.picture(dir, "settings-de"+name+"-"+string(rune('0'+tab)))
			}
		}
	}
}

// Everything around the pages can be translated: the bar, the strip in each of its
// states, the rail, the search with its actions, the keys, and the forms that lie over a
// page.
func TestTheShellIsTranslatable(t *testing.T) {
	uitest.Pseudo(t)
	r := newRig(t, light(), 1366, 900)
	r.signIn()
	known := []string{"Ward 4B", "K", "Grace Mensah", "nurse", "24 patients", "mmol/L", "ADEYEMI", "Grace"}
	check := func(o fyne.CanvasObject) {
		t.Helper()
		r.capture()
		uitest.AllTranslatable(t, o, known...)
	}
	links := []ward.Link{
		{Connected: true, AsOf: noon, Ever: true, Feeds: []ward.Feed{{Name: "laboratory", Last: noon, Up: true}}},
		{Connected: true, AsOf: noon, Ever: true, Unsent: 2, Feeds: []ward.Feed{{Name: "laboratory", Last: noon}}},
		{Ever: true, Since: noon, AsOf: noon, Unsent: 1},
		{Sealed: true},
		{Sealed: true, AsOf: noon},
		{},
		{Connected: true, Loading: &ward.Progress{Part: ward.PartOthers, Done: 3, Total: 9}},
		{Connected: true, Loading: &ward.Progress{Waiting: true, Before: 2}},
		{Connected: true, Unreached: []ward.Unreached{{Ward: "4B", Count: 2, Since: noon}}},
		{Connected: true, LastOutage: &ward.Outage{To: noon, Entries: 3, Sent: 2, Reviews: 1}},
		{Ever: true, Since: noon, AsOf: noon, Drill: &ward.Drill{From: noon, Until: noon.Add(30 * time.Minute), By: "Grace Mensah"}},
	}
	for _, l := range links {
		r.s.showLink(l)
		check(r.s.frame.strip)
		check(r.s.frame.top)
		check(r.s.seat.body.rail)
		if l.Drill != nil {
			check(r.s.seat.drill.object)
		}
	}
	n := r.s.seat
	n.help.show()
	known = append(known, "A", "Z", "K", "L", "N", "O", "R", "T", "J", "H", "M", "P")
	check(n.help.object)
	n.help.close()
	n.glass.open()
	n.glass.model.Begin("", "", "")
	check(n.glass.object)
	n.glass.close()
	n.palette.open()
	r.settle()
	check(n.palette.panel)
	known = append(known, "ADE", "zzz")
	n.palette.field.SetText("zzz")
	n.palette.typed("zzz")
	r.settle()
	check(n.palette.panel)
	n.palette.close()
}

// TestPicturesInGerman draws what lies around the pages in German, to be looked at.
func TestPicturesInGerman(t *testing.T) {
	dir := uitest.NeedPictures(t)
	for name, scale := range map[string]float32{"": 1, "-200": 2} {
		uitest.Speak(t, "de")
		r := newRig(t, theme.Options{Mode: theme.Light, Scale: scale}, 1366, 768)
		r.picture(dir, "de-signin"+name)
		r.signIn()
		n := r.s.seat
		r.picture(dir, "de-board"+name)
		n.palette.open()
		r.settle()
		r.picture(dir, "de-search"+name)
		n.palette.close()
		n.help.show()
		r.picture(dir, "de-keys"+name)
		n.help.close()
		n.glass.open()
		r.picture(dir, "de-emergency"+name)
		n.glass.close()
		r.cutOff()
		r.s.showLine()
		r.settle()
		r.picture(dir, "de-outage"+name)
		r.s.toggleWall()
		r.settle()
		r.picture(dir, "de-wall"+name)
	}
}
