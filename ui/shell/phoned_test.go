package shell

import (
	"context"
	"os"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/ward"
	vphoned "wardlight/internal/station/view/phoned"
	"wardlight/ui/kit"
)

func (s *station) Analytes(_ context.Context, text string) ([]ward.Analyte, error) {
	var out []ward.Analyte
	for _, a := range []ward.Analyte{
		{Name: "Potassium", Units: []string{"mmol/L"}}, {Name: "Phosphate", Units: []string{"mmol/L", "mg/dL"}}, {Name: "Blood culture", Words: true},
	} {
		if strings.HasPrefix(strings.ToLower(a.Name), strings.ToLower(text)) {
			out = append(out, a)
		}
	}
	return out, nil
}

// phones opens the form over a chart and fills it.
func (r *rig) phones() *phonedForm {
	r.t.Helper()
	r.s.seat.openChart("p1", "")
	r.settle()
	r.s.Key(fyne.KeyJ, ctrl)
	r.settle()
	p := r.s.seat.phoned
	if !p.isOpen() {
		r.t.Fatal("Ctrl+J opens no form")
	}
	return p
}

func (r *rig) fill(p *phonedForm) {
	p.fields["test"].SetText("pot")
	p.model.Find("pot")
	r.settle()
	p.fields["test"].OnEnter()
	r.settle()
	for name, text := range map[string]string{"value": "6.8", "lab": "Chemistry", "caller": "J. Okoro", "called": "14:00"} {
		p.fields[name].SetText(text)
		p.typed() // as each letter does
	}
}

// The laboratory phones: Ctrl+J on the chart, the patient stands above the form,
// the value is read back, F2. What is missing is said where the person is.
func TestAPhonedResultByKeyboard(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	p := r.phones()
	if got := test.RenderObjectToMarkup(p.object); !strings.Contains(got, "ADEYEMI") || !strings.Contains(got, "14-Mar-1954") {
		t.Error("the form does not say whose result it is")
	}
	r.s.Key(fyne.KeyF2, 0)
	r.settle()
	if !p.trouble.Visible() || len(r.st.did) != 0 {
		t.Errorf("without a test: said %v, done %v", p.trouble.Visible(), r.st.did)
	}
	r.fill(p)
	if p.fields["unit"].Text() != "mmol/L" {
		t.Errorf("the only unit is %q", p.fields["unit"].Text())
	}
	p.readBack.OnTap()
	if dir := os.Getenv("WARDLIGHT_PICTURES"); dir != "" {
		r.picture(dir, "phoned")
	}
	r.s.Key(fyne.KeyF2, 0)
	r.settle()
	if len(r.st.did) != 1 {
		t.Fatalf("done: %v", r.st.did)
	}
	c, _ := r.st.did[0].(ward.RecordPhoned)
	if c.Patient != "p1" || c.Test != "Potassium" || c.Value != "6.8" || c.Unit != "mmol/L" || !c.ReadBack || !c.Called.Equal(clock("14:00")) {
		t.Errorf("%+v", c)
	}
	if p.isOpen() || p.fields["value"].Text() != "" || !r.s.seat.toast.Visible() {
		t.Errorf("open %v, kept %q, told %v", p.isOpen(), p.fields["value"].Text(), r.s.seat.toast.Visible())
	}
}

// A key that means something on the chart below means nothing there while the
// form is open, and a press beside it loses nothing that was typed.
func TestNothingReachesTheChartBelowTheForm(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.st.results = []ward.Result{{ID: "k1", Version: 1, Test: "Potassium", Value: "6.8", Unit: "mmol/L", Critical: true, Open: true, Status: "final", Collected: clock("13:31"), Received: clock("13:40")}}
	r.signIn()
	p := r.phones()
	r.fill(p)
	for _, key := range []fyne.KeyName{fyne.KeyF5, fyne.KeyF6, fyne.KeyF7, fyne.KeyF9} {
		r.s.Key(key, 0)
		r.settle()
	}
	p.veil.Tapped(nil)
	if len(r.st.did) != 0 || len(r.st.prints) != 0 || !p.isOpen() || p.fields["value"].Text() != "6.8" {
		t.Errorf("done %v, printed %v, open %v", r.st.did, r.st.prints, p.isOpen())
	}
	r.s.Key(fyne.KeyEscape, 0)
	if p.isOpen() || p.fields["value"].Text() != "" || r.s.Page() != "chart" {
		t.Errorf("after Esc: open %v, kept %q, page %s", p.isOpen(), p.fields["value"].Text(), r.s.Page())
	}
}

// Whoever comes next finds an empty form, however it was closed; who filled it finds it as
// it was, but for the reading back, and is told of when it is.
func TestThePhonedFormIsKeptForItsAuthorAlone(t *testing.T) {
	for name, shut := range map[string]func(*rig){
		"another page":  func(r *rig) { r.s.seat.turn(pageAlerts) },
		"the search":    func(r *rig) { r.s.Key(fyne.KeyK, ctrl) },
		"another chart": func(r *rig) { r.s.seat.openChart("p2", "") },
		"the lock":      func(r *rig) { r.s.Key(fyne.KeyL, ctrl) },
	} {
		r := newRig(t, light(), 1366, 768)
		r.signIn()
		p := r.phones()
		r.fill(p)
		shut(r)
		r.settle()
		if p.isOpen() || p.fields["value"].Text()+p.fields["caller"].Text() != "" || p.model.State().Open {
			t.Errorf("%s: open %v, shows %q", name, p.isOpen(), p.fields["value"].Text())
		}
		r.s.lock()
		r.settle()
		if _, err := r.st.SignIn(t.Context(), "t.blake", "1234"); err != nil {
			t.Fatal(err)
		}
		r.settle()
		p = r.phones()
		if got := p.fields["value"].Text() + p.fields["caller"].Text() + p.fields["test"].Text(); got != "" || p.note.Visible() {
			t.Errorf("%s: somebody else finds %q", name, got)
		}
		r.s.lock()
		r.settle()
		r.signIn()
		p = r.phones()
		want := vphoned.Entry{Test: "Potassium", Value: "6.8", Unit: "mmol/L", Lab: "Chemistry", Caller: "J. Okoro", Called: "14:00"}
		if got := p.content(); got != want || !p.note.Visible() {
			t.Errorf("%s: came back as %+v", name, got)
		}
		r.s.Key(fyne.KeyEscape, 0)
		r.settle()
		if p = r.phones(); p.content() != (vphoned.Entry{}) {
			t.Errorf("%s: left with Esc, and came back as %+v", name, p.content())
		}
	}
}

// By the search, for somebody whose chart is not open: the chart opens, which is a
// look, and the form over it.
func TestAPhonedResultFromTheSearch(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	d, ok := deedOf(doPhoned)
	if !ok || !d.named("phoned") || !d.named("laboratory called") {
		t.Fatal("the search does not know it")
	}
	r.s.seat.doFor(d, "p2")
	r.settle()
	p := r.s.seat.phoned
	if r.s.Page() != "chart" || !p.isOpen() || p.model.State().Who.ID != "p2" || p.model.State().Who.Family != "Rahman" {
		t.Errorf("page %s, open %v, about %+v", r.s.Page(), p.isOpen(), p.model.State().Who)
	}
}

// A hand on the pointer has a way out of the form: a press beside it closes nothing, lest
// a slip lose what was heard.
func TestAPhonedResultIsLeftByAPress(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	p := r.phones()
	o, ok := r.s.control("leave")
	if !ok {
		t.Fatal("there is nothing to press")
	}
	test.Tap(o.(*kit.Button))
	r.settle()
	if p.isOpen() || len(r.st.did) != 0 {
		t.Errorf("open %v, done %v", p.isOpen(), r.st.did)
	}
}
