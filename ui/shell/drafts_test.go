package shell

import (
	"os"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/ward"
	vchart "wardlight/internal/station/view/chart"
)

// hits are the rows of the search: what each opens.
func (r *rig) hits() []string {
	var out []string
	for _, it := range r.s.seat.palette.items {
		out = append(out, it.ID)
	}
	return out
}

// Grace signs in after a lock and is told what she has not saved; the search lists it
// with whose it is and of when, and opens each form where it was. A patient who is gone
// from this computer is said to be, and nobody else hears of any of it.
func TestWhatWasNotSavedIsListedForItsAuthor(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	for _, d := range []ward.SaveDraft{
		{Patient: "p1", Kind: "note", Body: "Slept well"},
		{Patient: "p1", Kind: "problem", Body: `{"words":"Gout"}`},
		{Patient: "p1", Kind: "note-at", Body: "2026-11-22T13:00:00Z"}, // a part of a note, and none by itself
		{Patient: "p2", Kind: "problem", Body: `{"words":"Asthma"}`},
		{Patient: "p2", Kind: "phoned", Body: `{"entry":{"Test":"Potassium","Value":"6.8"}}`},
		{Patient: "gone", Kind: "task", Body: `{"words":"Ring the daughter"}`},
	} {
		if _, err := r.st.Do(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	r.s.lock()
	r.settle()
	if _, err := r.st.SignIn(t.Context(), "t.blake", "1234"); err != nil {
		t.Fatal(err)
	}
	r.settle()
	r.s.Key(fyne.KeyK, ctrl)
	r.settle()
	if got := strings.Join(r.hits(), "|"); strings.Contains(got, "draft") || r.s.seat.toast.Visible() {
		t.Fatalf("somebody else is told: %s", got)
	}
	r.s.lock()
	r.settle()
	r.signIn()
	if !r.s.seat.toast.Visible() || !strings.Contains(test.RenderObjectToMarkup(r.s.seat.toast), "5 drafts are not saved yet") {
		t.Error("nobody says that something is not saved")
	}
	r.s.Key(fyne.KeyK, ctrl)
	r.settle()
	p := r.s.seat.palette
	if got := strings.Join(r.hits()[:6], "|"); got != "head drafts|draft p1 note|draft p1 problem|draft p2 problem|draft p2 phoned|draft gone task" {
		t.Errorf("listed: %s", got)
	}
	if got := p.list.Selected(); !strings.HasPrefix(got, "page ") {
		t.Errorf("Enter would open %q", got)
	}
	said := test.RenderObjectToMarkup(p.object)
	for _, words := range []string{"Problem: 01 ADEYEMI, Given A", "Phoned result: ", "Task: Somebody who is not on this computer any more", "Draft kept 14:05"} {
		if !strings.Contains(said, words) {
			t.Errorf("the search does not say %q", words)
		}
	}
	if dir := os.Getenv("WARDLIGHT_PICTURES"); dir != "" {
		r.picture(dir, "drafts")
	}
	p.choose("draft p1 problem")
	r.settle()
	if st := r.s.seat.chart.State(); r.s.Page() != "chart" || st.ID != "p1" || st.Tab != vchart.Problems || st.Problem.Words != "Gout" {
		t.Errorf("opened %s of %s with %+v", st.Tab, st.ID, st.Problem)
	}
	p.open()
	r.settle()
	p.choose("draft p2 problem")
	r.settle()
	if st := r.s.seat.chart.State(); st.ID != "p2" || st.Problem.Words != "Asthma" {
		t.Errorf("opened %s with %+v", st.ID, st.Problem)
	}
	p.open()
	r.settle()
	p.choose("draft p2 phoned")
	r.settle()
	if f := r.s.seat.phoned; !f.isOpen() || f.model.State().Who.ID != "p2" || f.fields["value"].Text() != "6.8" {
		t.Errorf("the phoned result of %s holds %q", f.model.State().Who.ID, f.fields["value"].Text())
	}
	p.open()
	p.field.SetText("drafts")
	p.typed("drafts")
	r.settle()
	if got := strings.Join(r.hits(), "|"); !strings.Contains(got, "draft p1 problem") || strings.Contains(got, "nobody") {
		t.Errorf("by name: %s", got)
	}
}

// What the reader has not saved comes late: the list that is there does not move under
// the hand, and holds it the next time.
func TestDraftsThatComeLateMoveNoRow(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	r.s.Key(fyne.KeyK, ctrl)
	r.settle()
	p := r.s.seat.palette
	p.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	before, marked := strings.Join(r.hits(), "|"), p.list.Selected()
	p.drafts([]ownDraft{{Draft: ward.Draft{Patient: "p1", Kind: "note"}}}, nil)
	r.settle()
	if got := strings.Join(r.hits(), "|"); got != before || p.list.Selected() != marked {
		t.Errorf("the list became %s, and %q is marked, not %q", got, p.list.Selected(), marked)
	}
}
