package shell

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/ward"
	"wardlight/ui/uitest"
)

func (r *rig) printed() string {
	defer r.st.lock()()
	return strings.Join(r.st.prints, "|")
}

func (r *rig) sheets() {
	defer r.st.lock()()
	for _, row := range r.st.rows[:2] {
		r.st.sheets = append(r.st.sheets, ward.Sheet{Who: row.Who, Early: row.Early, Allergies: row.Allergies, Severity: ward.Stable, Why: "NEWS2 0 at 13:00"})
	}
}

// From anywhere, the sheets of the handover are on paper in two activations: the
// page, and F9. By the pointer: the rail, and the button. The budget is two.
func TestPrintTheHandoverInTwo(t *testing.T) {
	for name, act := range map[string]func(*rig){
		"keys": func(r *rig) {
			r.s.Key(fyne.KeyName(rune('1'+slices.Index(railPages(), pageHandover))), ctrl)
			r.settle()
			r.s.Key(fyne.KeyF9, 0)
		},
		"pointer": func(r *rig) {
			r.s.seat.body.rail.OnChoose(slices.Index(railPages(), pageHandover))
			r.settle()
			o, _ := r.s.control("print")
			test.Tap(o.(fyne.Tappable))
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, light(), 1366, 768)
			r.sheets()
			r.signIn()
			act(r)
			r.settle()
			if got := r.printed(); got != "sheets [p1 p2]" {
				t.Fatalf("two activations printed %q", got)
			}
			if !r.s.seat.toast.Visible() {
				t.Error("nothing says where it went")
			}
		})
	}
}

// F9 on the board prints the ward's list; what cannot be printed is told above the
// page until somebody has read it.
func TestTheWardListIsPrinted(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	r.s.Key(fyne.KeyF9, 0)
	r.settle()
	if got := r.printed(); got != "ward" {
		t.Fatalf("printed %q", got)
	}
	r.s.Show("outage", "", "")
	r.s.Key(fyne.KeyF9, 0)
	r.settle()
	if got := r.printed(); got != "ward|pack" {
		t.Fatalf("printed %q", got)
	}
	func() { defer r.st.lock()(); r.st.noPaper = errors.New("The printer in bay 2 did not take it.") }()
	r.s.Key(fyne.KeyF9, 0)
	r.settle()
	told := func() bool {
		return r.s.seat.wentUp.object.Visible() && strings.Contains(r.s.seat.wentUp.words.Text(), "did not take it")
	}
	if !told() {
		t.Fatal("nobody is told that nothing was printed")
	}
	test.Tap(r.s.seat.wentUp.show)
	r.settle()
	if told() {
		t.Error("it stays after it was read")
	}
}

// A handover that nobody accepted goes up: every page says so, with the network
// out too, and its button leads to it.
func TestAHandoverThatWentUpIsOnEveryPage(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.sheets()
	func() {
		defer r.st.lock()()
		r.st.link.Connected, r.st.link.Since = false, clock("02:14")
		r.st.waiting = []ward.Waiting{{Group: "g1", By: "Grace Mensah, nurse", To: "Tom Blake", At: clock("13:35"), Due: clock("14:05").Add(30 * time.Second), Patients: []ward.PatientID{"p1", "p2"}}}
	}()
	r.signIn()
	if r.s.seat.wentUp.object.Visible() {
		t.Fatal("it went up before its time")
	}
	r.pass(30 * time.Second)
	r.st.news <- ward.Notice{Kind: ward.NoticePatients}
	r.s.seat.wentUp.loader.Reload()
	r.settle()
	for _, id := range railPages() {
		r.s.Show(string(id), "", "")
		r.settle()
		if !strings.Contains(r.s.seat.wentUp.words.Text(), "Handover to the charge nurse") || !r.s.seat.wentUp.object.Visible() || r.s.seat.wentUp.object.Size().Height < 20 {
			t.Errorf("%s does not say that a handover went up", id)
		}
	}
	if got := r.s.seat.wentUp.words.Text(); !strings.Contains(got, "2 patients from Grace Mensah, nurse to Tom Blake, given 13:35, not accepted for 30 min") {
		t.Error(got)
	}
	if r.s.seat.badge(pageHandover) != 2 {
		t.Error("the rail does not count them")
	}
	test.Tap(r.s.seat.wentUp.show)
	r.settle()
	if r.s.Page() != "handover" {
		t.Errorf("Show leads to %s", r.s.Page())
	}
}

// A print over the limit opens a form that says how many are on it; with why and the PIN
// it is printed, by keyboard alone. A wrong PIN is said; whoever closes the form leaves
// nothing of it behind; what may not go on is told like any print that failed.
func TestAPrintOverTheLimitGoesOnByKeyboard(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.sheets()
	r.signIn()
	refuse := func(ask bool) {
		defer r.st.lock()()
		r.st.noPaper = &ward.OverLimit{
			Printing: ward.Printing{What: ward.PrintSheets, Patients: []ward.PatientID{"p1", "p2"}}, Patients: 2, Ask: ask,
			Words: errors.New("Nothing was printed yet. Patients on this print: 2. Printed by you here in the past hour: 119. The limit for an hour: 120."),
		}
	}
	refuse(true)
	r.s.Show("handover", "", "")
	r.settle()
	r.s.Key(fyne.KeyF9, 0)
	r.settle()
	o := r.s.seat.beyond
	if !o.isOpen() || !strings.Contains(o.held.Text(), "Patients on this print: 2") || r.s.seat.wentUp.object.Visible() {
		t.Fatalf("the form is open: %v, says %q", o.isOpen(), o.held.Text())
	}
	if r.focused() != o.reason.Focusable() {
		t.Error("the reason has not got the focus")
	}
	if dir := uitest.Pictures(); dir != "" {
		r.picture(dir, "over-the-limit")
	}
	r.typeIn("second team for bay B")
	r.s.Key(fyne.KeyReturn, 0)
	press := func() {
		r.win.Canvas().Focus(o.print)
		o.print.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
		r.settle()
	}
	if press(); r.focused() != o.pin.Focusable() {
		t.Errorf("without a PIN %T has the focus", r.focused())
	}
	o.pin.SetText("111111")
	if press(); r.focused() != o.pin.Focusable() {
		t.Errorf("after a wrong PIN %T has the focus", r.focused())
	}
	if !o.isOpen() || !o.trouble.Visible() || o.pin.Text() != "" {
		t.Fatal("a wrong PIN is not said")
	}
	o.pin.SetText("481526")
	o.send()
	r.settle()
	if got := r.printed(); o.isOpen() || !strings.HasSuffix(got, "over handover [p1 p2] second team for bay B") || !r.s.seat.toast.Visible() {
		t.Fatalf("open %v, printed %q", o.isOpen(), got)
	}
	r.s.Key(fyne.KeyF9, 0)
	r.settle()
	o.pin.SetText("481526")
	r.s.Key(fyne.KeyEscape, 0)
	r.settle()
	if o.isOpen() || o.pin.Text() != "" || o.reason.Text() != "" {
		t.Error("something stays in the form")
	}
	refuse(false)
	r.s.Key(fyne.KeyF9, 0)
	r.settle()
	if o.isOpen() || !strings.Contains(r.s.seat.wentUp.words.Text(), "Patients on this print: 2") {
		t.Error("what may not go on is not told")
	}
}
