package shell

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/ward"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// last is what was done last, drafts and looks apart.
func (r *rig) last() ward.Command {
	defer r.st.lock()()
	if len(r.st.did) == 0 {
		return nil
	}
	return r.st.did[len(r.st.did)-1]
}

func (r *rig) give(items ...ward.DutyItem) {
	defer r.st.lock()()
	r.st.duties = items
}

// A finished task is discharged in one activation, by the pointer or a key, and
// taken back while the note says so. The budget is one.
func TestDischargeAFinishedTaskInOne(t *testing.T) {
	for name, act := range map[string]func(*rig){
		"a press on its box": func(r *rig) {
			list := r.s.seat.pages[pageTasks].(first).First().(*kit.List)
			list.OnClick("t1", fyne.NewPos(20, 10))
		},
		"Space": func(r *rig) { r.focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace}) },
		"F6":    func(r *rig) { r.s.Key(fyne.KeyF6, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, light(), 1366, 768)
			r.give(ward.DutyItem{Who: r.st.rows[0].Who, Duty: ward.Duty{ID: "t1", Words: "Weigh", Due: clock("13:00"), By: "Tom Blake, nurse"}})
			r.signIn()
			if !r.s.Show("tasks", "", "") {
				t.Fatal("no tasks page")
			}
			r.settle()
			r.win.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyDown}) // goes to the list; an arrow is no activation
			act(r)
			r.settle()
			if c := r.last(); c != (ward.FinishTask{Patient: "p1", Task: "t1"}) {
				t.Fatalf("one activation did %#v", c)
			}
			if !r.s.seat.toast.Visible() {
				t.Fatal("no way back was offered")
			}
			r.s.Key(fyne.KeyZ, ctrl)
			r.settle()
			if c := r.last(); c != (ward.ReopenTask{Patient: "p1", Task: "t1", Reason: "finished by mistake"}) {
				t.Errorf("Ctrl+Z did %#v", c)
			}
		})
	}
}

// Ctrl+N on a chart makes a task for that patient, and the chart comes back.
func TestATaskFromAChart(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	r.s.Show("chart", "p3", "Notes")
	r.settle()
	r.s.Key(fyne.KeyN, ctrl)
	r.settle()
	markup := test.RenderObjectToMarkup(r.s.Content())
	if r.s.Page() != "tasks" || !strings.Contains(markup, "FERREIRA") || !strings.Contains(markup, "14-Mar-1954") {
		t.Fatal("the form does not say for whom")
	}
	r.typeIn("Weigh")
	r.focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyF2})
	r.settle()
	if c := r.last(); c != (ward.AddTask{Patient: "p3", Words: "Weigh"}) {
		t.Errorf("%#v", c)
	}
	if r.s.Page() != "chart" || r.s.seat.chart.State().ID != "p3" || r.s.seat.chart.State().Tab != "Notes" {
		t.Errorf("back on %s", r.s.Page())
	}
	r.s.Key(fyne.KeyN, ctrl)
	r.settle()
	r.focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	r.settle()
	if r.s.Page() != "chart" {
		t.Errorf("Esc went to %s", r.s.Page())
	}
}

// A task that was made from a chart was a form on the way: the rail marks the page on
// which the chart was opened, and leaving the chart leads there, not to the tasks.
func TestAfterATaskTheChartIsOfThePageItWasOpenedOn(t *testing.T) {
	for _, key := range []fyne.KeyName{fyne.KeyF2, fyne.KeyEscape} {
		r := newRig(t, light(), 1366, 768)
		r.signIn()
		r.s.Show("results", "", "")
		r.s.Show("chart", "p3", "Notes")
		r.settle()
		r.s.Key(fyne.KeyN, ctrl)
		r.settle()
		r.typeIn("Weigh")
		r.focused().TypedKey(&fyne.KeyEvent{Name: key})
		r.settle()
		if r.s.Page() != "chart" {
			t.Fatalf("%s: back on %s", key, r.s.Page())
		}
		if marked := r.s.seat.body.rail.Selected(); marked != slices.Index(railPages(), pageResults) {
			t.Errorf("%s: the rail marks page %d", key, marked)
		}
		if dir := uitest.Pictures(); dir != "" && key == fyne.KeyF2 {
			r.picture(dir, "saved-from-chart")
		}
		r.s.seat.goBack()
		if r.s.Page() != "results" {
			t.Errorf("%s: the chart led back to %s", key, r.s.Page())
		}
	}
}

// The number beside Results is of the lines that the page lists, however many patients
// they are of.
func TestTheNumberBesideResultsIsOfResults(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	func() { defer r.st.lock()(); r.st.lines, r.st.rows[0].New = 12, 3 }()
	r.signIn()
	if got := r.s.seat.badge(pageResults); got != 12 {
		t.Errorf("the rail says %d", got)
	}
}

// The note that something was saved and the card that comes next lie beside one
// another, also where the text is large and the card takes all the room there is.
func TestTheNoteThatSomethingWasSavedLeavesTheCardWhole(t *testing.T) {
	for _, scale := range []float32{1, 2} {
		r := newRig(t, theme.Options{Mode: theme.Light, Scale: scale}, 1366, 768)
		r.signIn()
		r.s.seat.toast.Say(kit.ToastConfig{Text: "Task saved"}, nil)
		r.s.seat.body.Changed()
		r.arrive(r.st.alert(0, "k1", "Potassium", "6.8"))
		if !r.s.seat.front.IsOpen() || !r.s.seat.toast.Visible() {
			t.Fatal("not both are there: the test says nothing")
		}
		take, ok := r.s.seat.front.Card().(interface{ Bottom() float32 })
		if !ok {
			t.Fatal("the card does not say where it ends")
		}
		top := r.s.seat.toast.Position().Y - r.s.seat.front.Card().Position().Y
		if take.Bottom() > top {
			t.Errorf("at %v the card ends at %.0f, and the note begins at %.0f", scale, take.Bottom(), top)
		}
		if dir := uitest.Pictures(); dir != "" {
			r.picture(dir, fmt.Sprintf("saved-and-card-%.0f", 100*scale))
		}
	}
}

// The list of tasks is a look, once each time it is opened.
func TestTheListOfTasksIsALook(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	r.s.Key(fyne.KeyName(rune('1'+slices.Index(railPages(), pageTasks))), ctrl)
	r.settle()
	defer r.st.lock()()
	if got := strings.Join(r.st.looks, "|"); got != "board |tasks " {
		t.Error(got)
	}
}
