package shell

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/view/board"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// mark marks the row of a name on the board, as letters do.
func (r *rig) mark(name string) {
	for _, l := range name {
		if f := r.focused(); f != nil {
			f.TypedRune(l)
		} else {
			r.win.Canvas().OnTypedRune()(l)
		}
	}
}

// listed waits until somebody is on the own list, or off it.
func (r *rig) listed(id ward.PatientID, want bool) bool {
	for range 100 {
		if on, known := r.s.seat.board.OnList(id); known && on == want {
			return true
		}
		r.settle()
	}
	return false
}

// From the board: one key on the marked row, and Ctrl+Z is the way back.
func TestOnMyListInOne(t *testing.T) {
	c := counting(t)
	c.signIn()
	c.mark("ferr")
	c.key(fyne.KeyM, ctrl)
	c.within(1, "on the own list", c.listed("p3", true))
	if c.s.seat.toast.Visible() != true || c.s.Page() != "board" {
		t.Errorf("told %v, on %s", c.s.seat.toast.Visible(), c.s.Page())
	}
	if got := done[ward.KeepOnList](c); got != (ward.KeepOnList{Patient: "p3", Keep: true}) {
		t.Errorf("%+v", got)
	}
	c.n = 0
	c.key(fyne.KeyZ, ctrl)
	c.within(1, "taken back", c.listed("p3", false))
}

// From the chart: the link in the banner says what it would do, for whom it stands
// with; the key does the same.
func TestAChartIsPutOnMyList(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	r.s.seat.openChart("p3", "")
	r.settle()
	if !drawnIn(r, "Put on my list") || drawnIn(r, "On my list") {
		t.Error("the banner does not say that she is on no list")
	}
	tapLink(r, "Put on my list")
	if !r.listed("p3", true) {
		t.Fatal("the link did nothing")
	}
	for range 50 {
		if r.settle(); drawnIn(r, "On my list") {
			break
		}
	}
	if drawnIn(r, "Put on my list") || !drawnIn(r, "Take off") {
		t.Error("the banner does not say that she is on the list")
	}
	r.s.Key(fyne.KeyM, ctrl)
	if !r.listed("p3", false) {
		t.Error("the key did not take her off")
	}
}

// From the search: it offers what can be done, and does what it said.
func TestTheSearchOffersTheOwnList(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	p := r.search("ferreira mine")
	if !strings.Contains(p.ids(), "deed p3 my list") {
		t.Fatal(p.ids())
	}
	p.choose("deed p3 my list")
	if !r.listed("p3", true) || p.isOpen() || r.s.Page() != "board" {
		t.Fatalf("not put on it; open %v, on %s", p.isOpen(), r.s.Page())
	}
	p = r.search("ferreira mine")
	if !strings.Contains(p.ids(), "deed p3 off my list") || strings.Contains(p.ids(), "deed p3 my list") {
		t.Fatal(p.ids())
	}
	p.choose("deed p3 off my list")
	if !r.listed("p3", false) {
		t.Error("not taken off")
	}
	// The key is for whoever is marked in the search; where nobody is, it asks for whom.
	r.search("rahman")
	r.s.Key(fyne.KeyM, ctrl)
	if !r.listed("p2", true) || p.isOpen() {
		t.Error("the marked patient is not on it")
	}
	r.s.seat.turn(pageResults)
	r.s.Key(fyne.KeyM, ctrl)
	if !p.isOpen() {
		t.Error("nobody is meant, and nobody is asked for")
	}
}

// Who lies elsewhere cannot be put back: the first key asks, in words without a way
// back, Ctrl+Z does not answer, and the second key does.
func TestTakingOffWhoLiesElsewhereAsks(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.st.rows[2].Who.Ward = "5A"
	r.st.mine = map[string]map[ward.PatientID]bool{"g.mensah": {"p3": true}}
	r.signIn()
	r.s.seat.filter(board.Mine)
	r.settle()
	r.mark("ferr")
	r.s.Key(fyne.KeyM, ctrl)
	if !r.s.seat.toast.Visible() || !drawnIn(r, "Once more: FERREIRA, Given C goes from this computer") || drawnIn(r, "Undo") {
		t.Error("it was not asked for")
	}
	r.s.Key(fyne.KeyZ, ctrl)
	r.settle()
	if on, _ := r.s.seat.board.OnList("p3"); !on {
		t.Error("taken off without an answer")
	}
	r.s.Key(fyne.KeyM, ctrl)
	if !r.listed("p3", false) || !drawnIn(r, "Off your list: FERREIRA") || drawnIn(r, "Undo") {
		t.Error("the second key did not take her off")
	}
}

// A full list is refused in words that stay until they are read.
func TestAFullListIsSaid(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.st.noList = fault.New(fault.Full, "desk", "", "Your list holds 64 patients already. Take some off it first. Nothing was saved.")
	r.signIn()
	r.mark("ferr")
	r.s.Key(fyne.KeyM, ctrl)
	band := r.s.seat.wentUp
	for range 50 {
		if r.settle(); band.object.Visible() {
			break
		}
	}
	if !band.object.Visible() || !strings.Contains(band.words.Text(), "holds 64 patients") || r.s.seat.toast.Visible() {
		t.Errorf("said %q", band.words.Text())
	}
	band.press()
	if band.object.Visible() {
		t.Error("it stays after it was read")
	}
	r.s.Key(fyne.KeyM, ctrl)
	for range 50 {
		if r.settle(); band.object.Visible() {
			break
		}
	}
	if !band.object.Visible() {
		t.Error("refused again, and not said")
	}
}

// The own list has people of other wards: to open it is a look of its own, also when
// somebody comes back to it.
func TestTheOwnListIsALook(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	looks := func() string {
		r.settle()
		defer r.st.lock()()
		return strings.Join(r.st.looks, "|")
	}
	until := func(want string) {
		t.Helper()
		for range 100 {
			if looks() == want {
				return
			}
		}
		t.Errorf("looks %q, want %q", looks(), want)
	}
	until("board ")
	r.s.seat.filter(board.Mine)
	until("board |my list ")
	r.s.seat.filter(board.Mine)
	r.s.seat.openChart("p3", "")
	r.s.seat.goBack()
	until("board |my list |my list ")
	r.s.seat.filter(board.Critical)
	until("board |my list |my list |board ")
}

// Who signs in after somebody sees no mark of the other's.
func TestTheNextPersonHasAListOfTheirOwn(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	r.mark("ferr")
	r.s.Key(fyne.KeyM, ctrl)
	if !r.listed("p3", true) {
		t.Fatal("not on it")
	}
	grace := r.s.seat
	if _, err := r.st.SignIn(t.Context(), "t.blake", "1234"); err != nil {
		t.Fatal(err)
	}
	grace.board.Reload() // before the window has noticed
	for range 20 {
		if r.settle(); r.s.seat == grace {
			continue
		}
		break
	}
	if on, _ := grace.board.OnList("p3"); !on {
		t.Error("Tom's list came to Grace's board")
	}
	for range 50 {
		if r.settle(); r.s.seat != nil && r.s.seat.person.User == "t.blake" && r.s.seat.board.State().Loaded {
			break
		}
	}
	if on, known := r.s.seat.board.OnList("p3"); on || !known || r.s.seat.toast.Visible() {
		t.Errorf("Tom has Grace's list: %v %v, told %v", on, known, r.s.seat.toast.Visible())
	}
}

func TestTheWordsNameTheRightKey(t *testing.T) {
	if got := strings.ReplaceAll(keyMap().Cap(doMine), " ", "+"); got != board.KeepKey {
		t.Errorf("the empty list says %s, and the key is %s", board.KeepKey, got)
	}
}

// drawnIn says whether words stand somewhere in the window.
func drawnIn(r *rig, words string) bool {
	r.capture()
	_, ok := wordsAt(r, words)
	return ok
}

// tapLink presses where words stand.
func tapLink(r *rig, words string) {
	r.t.Helper()
	r.capture()
	at, ok := wordsAt(r, words)
	if !ok {
		r.t.Fatalf("%q is not drawn", words)
	}
	test.TapCanvas(r.win.Canvas(), at)
	r.settle()
}

func wordsAt(r *rig, words string) (at fyne.Position, ok bool) {
	for _, o := range test.LaidOutObjects(r.s.Content()) {
		if x, text := o.(*canvas.Text); text && strings.Contains(x.Text, words) && x.Visible() {
			return fyne.CurrentApp().Driver().AbsolutePositionForObject(x).AddXY(x.Size().Width/2, x.Size().Height/2), true
		}
	}
	return at, false
}

// TestPicturesOfTheOwnList draws it for a person to look at, see TestPictures.
func TestPicturesOfTheOwnList(t *testing.T) {
	dir := uitest.NeedPictures(t)
	for name, c := range map[string]struct {
		scale, w, h float32
	}{"": {1, 1366, 768}, "-200": {2, 1366, 768}} {
		r := newRig(t, theme.Options{Mode: theme.Light, Scale: c.scale}, c.w, c.h)
		r.signIn()
		r.mark("ferr")
		r.s.Key(fyne.KeyM, ctrl)
		r.listed("p3", true)
		r.settle()
		r.picture(dir, "mine-marked"+name)
		r.s.seat.openChart("p3", "")
		r.settle()
		r.settle()
		r.picture(dir, "mine-chart"+name)
		r.search("ferreira mine")
		r.picture(dir, "mine-search"+name)
		r.s.seat.palette.close()
		r.s.seat.openChart("p2", "")
		r.settle()
		r.picture(dir, "mine-chart-off"+name)
	}
}
