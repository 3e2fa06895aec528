package patients

import (
	"fmt"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	"wardlight/ui/theme"
)

// hospital is a ward of ten thousand.
func hospital() []ward.Row {
	rows := theWard()
	for i := len(rows); i < 10_000; i++ {
		r := ward.Row{Who: person(fmt.Sprint(i+100), fmt.Sprintf("Family%d", i), "Given", "60", "Female"), Early: score(i%5, ward.RiskLow, i%5), Allergies: noneKnown}
		r.Early.Due = now.Add(time.Duration(i) * time.Minute)
		rows = append(rows, r)
	}
	return rows
}

func largeRig(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702)
	r.desk.rows = hospital()
	r.reload()
	return r
}

// reload reads the desk again and waits for the page.
func (r *rig) reload() {
	r.model.Reload()
	r.queue.Settle(100, 2*time.Millisecond)
}

func TestTenThousandPatientsAreWordedAsTheyComeIntoView(t *testing.T) {
	r := largeRig(t)
	if _, _, total := r.page.list.InView(); total != 10_000 {
		t.Fatalf("%d patients on the list", total)
	}
	if n := len(r.page.seen); n == 0 || n > 40 {
		t.Errorf("%d patients were put into words for a view of 30", n)
	}
	r.page.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEnd})
	r.reload()
	if n := len(r.page.seen); n > 40 {
		t.Errorf("%d patients are kept in words", n)
	}
}

// The page is not drawn anew where nothing in view changed. A patient who comes
// into view later is nevertheless shown as they are then.
func TestWhoComesIntoViewLaterIsShownAsTheyAreThen(t *testing.T) {
	r := largeRig(t)
	last := &r.desk.rows[len(r.desk.rows)-1]
	changed := *last
	changed.Allergies = known("Penicillin")
	r.desk.rows = append(append([]ward.Row{}, r.desk.rows[:len(r.desk.rows)-1]...), changed)
	before := r.page.rows
	r.reload()
	if r.page.rows != before {
		t.Error("the list was made anew although nothing in view changed")
	}
	r.page.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEnd})
	x := r.page.seen[string(last.Who.ID)]
	if x == nil || x.d.row.Allergies.Text != "Penicillin" {
		t.Errorf("the last patient is not shown, or without the allergy that came meanwhile: %+v", x)
	}
}
