package shell

import (
	"errors"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/ward"
	"wardlight/ui/theme"
)

func readyPack() *ward.ReadyPack {
	return &ward.ReadyPack{Made: clock("13:45"), AsOf: clock("13:45"), Patients: 28}
}

// While the network is out every page says which pack is ready and how old it is, and
// one press prints; with contact only the page behind the strip says so.
func TestThePackIsOnePressAwayWhileTheNetworkIsOut(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	func() { defer r.st.lock()(); r.st.ready = readyPack() }()
	r.signIn()
	band := r.s.seat.pack
	band.loader.Reload()
	r.settle()
	if band.object.Visible() {
		t.Error("in calm it takes room from the board")
	}
	r.s.Show("outage", "", "")
	r.settle()
	if got := band.words.Text(); !band.object.Visible() || !strings.Contains(got, "Ward pack of 13:45, 28 patients, made 20 min ago") {
		t.Errorf("behind the strip: %q", got)
	}
	r.cutOff()
	for _, id := range railPages() {
		r.s.Show(string(id), "", "")
		r.settle()
		if !band.object.Visible() || band.object.Size().Height < 20 {
			t.Errorf("%s does not tell of the pack", id)
		}
	}
	test.Tap(band.print)
	r.settle()
	if got := r.printed(); got != "pack" {
		t.Errorf("printed %q", got)
	}
	r.s.Show("board", "", "")
	r.s.Key(fyne.KeyP, fyne.KeyModifierControl)
	r.settle()
	if got := r.printed(); got != "pack|pack" {
		t.Errorf("printed %q", got)
	}
	func() { defer r.st.lock()(); r.st.ready = nil }()
	band.loader.Reload()
	r.settle()
	if got := band.words.Text(); !strings.Contains(got, "no ward pack is kept ready") {
		t.Errorf("where there is none: %q", got)
	}
}

// The copy cannot be opened: the sign-in page prints the pack by name and PIN, with the
// keyboard too.
func TestThePackIsPrintedFromTheSignInPage(t *testing.T) {
	for _, o := range []theme.Options{light(), {Mode: theme.Light, Scale: 2}} {
		r := newRig(t, o, 1366, 768)
		func() {
			defer r.st.lock()()
			r.st.ready, r.st.link = readyPack(), ward.Link{Sealed: true, Ever: true, AsOf: clock("13:45")}
		}()
		p := r.s.signIn
		if p.pack.Visible() {
			t.Error("offered where signing in works")
		}
		r.s.lost = "This computer’s store cannot be opened. Call IT."
		p.model.Lost()
		r.settle()
		if !p.pack.Visible() || p.pack.Size().Width < p.pack.MinSize().Width {
			t.Fatalf("not offered, or cut: %v", p.pack.Size())
		}
		p.user.SetText("g.mensah")
		p.pin.SetText("481526")
		test.Tap(p.pack)
		r.settle()
		if got := r.printed(); got != "pack by g.mensah/481526" || !strings.Contains(p.state.Head, "ward pack of 13:45") || p.pin.Text() != "" {
			t.Errorf("printed %q, says %q, the PIN stands there: %v", got, p.state.Head, p.pin.Text() != "")
		}
		func() { defer r.st.lock()(); r.st.noPaper = errors.New("the PIN is wrong; 9 tries are left") }()
		p.pin.SetText("000000")
		test.Tap(p.pack)
		r.settle()
		if !strings.Contains(p.state.Error, "9 tries") || !p.trouble.Visible() {
			t.Errorf("a wrong PIN: %+v", p.state)
		}
	}
}
