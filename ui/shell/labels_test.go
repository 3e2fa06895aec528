package shell

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	vchart "wardlight/internal/station/view/chart"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

func waitingFor(id, test string) ward.Order {
	return ward.Order{ID: ward.PatientID(id), Kind: ward.OrderTest, Code: "ue", Test: test, Status: "waiting for the laboratory link", Open: true, By: "Grace Mensah, nurse", At: clock("13:50")}
}

// In the chart's orders one key prints the labels of what waits, and a button at each
// order its own; never of a medicine or of what was withdrawn.
func TestLabelsInOnePress(t *testing.T) {
	for name, o := range map[string]theme.Options{"": {Mode: theme.Light, Scale: 1}, "-200": {Mode: theme.Light, Scale: 2}} {
		r := newRig(t, o, 1366, 768)
		r.st.orders = []ward.Order{
			waitingFor("o1", "Urea and electrolytes"), waitingFor("o2", "CRP"),
			{ID: "o3", Kind: ward.OrderMedicine, Test: "Paracetamol", Dose: "1 g by mouth", Status: "active", Open: true, By: "Dr Shah", At: clock("12:00")},
			{ID: "o4", Kind: ward.OrderTest, Test: "Lipase", Status: "withdrawn", Withdrawn: "Grace Mensah", By: "Grace Mensah, nurse", At: clock("11:00")},
		}
		r.signIn()
		id := r.st.rows[0].Who.ID
		r.s.seat.openChart(id, vchart.Orders)
		r.settle()
		if dir := uitest.Pictures(); dir != "" {
			r.picture(dir, "labels"+name)
		}
		r.s.Key(fyne.KeyF9, 0)
		r.until("they are printed", func() bool { return r.printed() != "" })
		if got := r.printed(); got != "labels "+string(id)+" [o1 o2] 1" {
			t.Errorf("printed %q", got)
		}
		r.until("whose they are is restated", func() bool { return strings.Contains(wordsOf(r.everything()), "born 14-Mar-1954") })
		each, ok := r.s.control("label-copies")
		if !ok {
			t.Fatal("no copies to choose")
		}
		each.(*kit.Segmented).OnChoose(2)
		one, ok := r.s.control("print-label-o2")
		if !ok {
			t.Fatal("no button at an order")
		}
		one.(*kit.Button).OnTap()
		r.until("one is printed", func() bool { return strings.HasSuffix(r.printed(), "|labels "+string(id)+" [o2] 3") })
		for _, no := range []string{"print-label-o3", "print-label-o4"} {
			if _, ok := r.s.control(no); ok {
				t.Errorf("%s is offered", no)
			}
		}
	}
}

// Where nothing waits nothing is printed, and it is said; what failed is said, too.
func TestNoLabelsWithoutAnOrder(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	r.s.seat.openChart(r.st.rows[0].Who.ID, vchart.Orders)
	r.settle()
	r.s.Key(fyne.KeyF9, 0)
	r.settle()
	if len(r.st.prints) != 0 || !strings.Contains(wordsOf(r.everything()), "no open request for a test") {
		t.Errorf("%v", r.st.prints)
	}
	r.st.mu.Lock()
	r.st.orders, r.st.noPaper = []ward.Order{waitingFor("o1", "CRP")}, errors.New("The printer did not take it. Nothing was printed.")
	r.st.mu.Unlock()
	r.s.seat.openChart(r.st.rows[0].Who.ID, vchart.Orders)
	r.settle()
	r.s.Key(fyne.KeyF9, 0)
	r.until("it is said", func() bool { return strings.Contains(wordsOf(r.everything()), "Nothing was printed.") })
}

// While the requests are being read nobody is told that there are none.
func TestLabelsBeforeTheRequestsAreRead(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	read := make(chan struct{})
	r.st.mu.Lock()
	r.st.orders, r.st.charts = []ward.Order{waitingFor("o1", "CRP")}, read
	r.st.mu.Unlock()
	r.s.seat.openChart(r.st.rows[0].Who.ID, vchart.Orders)
	r.s.Key(fyne.KeyF9, 0)
	if said := wordsOf(r.everything()); !strings.Contains(said, "Press F9 again when they are here.") || strings.Contains(said, "no open request") {
		t.Errorf("it says %s", said)
	}
	close(read)
	r.until("the requests are read", func() bool { return r.s.seat.chart.State().Loaded })
	r.s.Key(fyne.KeyF9, 0)
	r.until("they are printed", func() bool { return r.printed() != "" })
}

// After something was asked for, the note offers its labels.
func TestAfterAnOrderItsLabelIsOffered(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	id := r.st.rows[0].Who.ID
	r.s.seat.openChart(id, vchart.Orders)
	r.settle()
	r.s.seat.chart.FindOrder(ward.OrderTest, "")
	r.settle()
	r.s.seat.chart.TakeOffer(0)
	r.until("it may be signed", func() bool { return r.s.seat.chart.State().Sheet.Ready })
	names := len(r.s.seat.chart.State().Sheet.Items)
	r.s.Key(fyne.KeyF2, 0)
	r.until("it is offered", func() bool { return r.s.seat.chart.State().Ordered != nil })
	o := r.s.seat.chart.State().Ordered
	if o.Patient != id || len(o.Tests) != names {
		t.Errorf("%+v", o)
	}
	if !r.s.seat.toast.Undo() {
		t.Fatal("the note has nothing to press")
	}
	r.until("it is printed", func() bool { return strings.HasPrefix(r.printed(), "labels "+string(id)) })
	if slices.Contains(r.st.prints, "ward") {
		t.Error("the ward list was printed")
	}
}
