package chart

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/chart"
	"wardlight/ui/kit"
)

// A result that came with documents says where each is, and a press opens the one
// that was drawn.
func TestADocumentIsSaidAndOpened(t *testing.T) {
	test.NewTempApp(t)
	d := newDetail(nil, &kit.Typing{}, func() {})
	var opened []string
	d.open = func(p ward.PatientID, r ward.ResultID, sum string) {
		opened = append(opened, string(p)+" "+string(r)+" "+sum)
	}
	r := ward.Result{ID: "r1", Value: "see the document", Text: true, Documents: []ward.Document{
		{Sum: "aa", Type: "application/pdf", Size: 31_400, Have: 31_400, Here: true},
		{Sum: "bb", Type: "image/jpeg", Size: 2_400_000, Have: 600_000},
	}}
	d.showDocuments(view.State{ID: "p1"}, r)
	if !d.papers.Visible() || len(d.papers.Objects) != 2 {
		t.Fatalf("%d lines", len(d.papers.Objects))
	}
	for i, want := range []string{"PDF · 31 KB · on this computer", "picture (jpeg) · 2.4 MB · loading, 25 % is here"} {
		if got := r.Documents[i].Words(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	d.showDocuments(view.State{ID: "p2"}, ward.Result{ID: "r2"})
	if d.papers.Visible() {
		t.Error("a result without documents offers one")
	}
	d.showDocuments(view.State{ID: "p1"}, r)
	d.papers.Objects[1].(*fyne.Container).Objects[0].(*kit.Button).OnTap()
	if len(opened) != 1 || opened[0] != "p1 r1 bb" {
		t.Errorf("opened %v", opened)
	}
}
