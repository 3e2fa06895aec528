package alerts_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/alerts"
)

// gone is a potassium of somebody who went home at 14:01, out of bed 07.
func gone(id string) ward.Alert {
	a := potassium(id, "13:58")
	a.Who.Bed = ""
	a.Left = &ward.Leaving{Ward: "4B", Bed: "07", At: noon.Add(-4 * time.Minute), Until: noon.Add(7*24*time.Hour - 4*time.Minute)}
	return a
}

// Band, card and line say that the patient has left, and when, before anything else:
// the bed is somebody else's, and is never said as if the patient lay in it.
func TestAnAlertOfWhoLeftSaysSo(t *testing.T) {
	a := gone("k1")
	r := newRig(t, a)
	r.typing, r.key = true, noon
	r.read()
	s := r.m.State()
	if want := "Discharged 14:01, last bed 07 · Potassium 6.8 mmol/L CRITICAL HIGH · 7 min, nobody has taken it"; s.Band == nil || s.Band.Text != want {
		t.Errorf("the band: %+v", s.Band)
	}
	if l := s.Lines[0]; l.Bed != "" || l.Left != "Discharged 14:01, last bed 07" || l.Kind != alerts.KindOpen {
		t.Errorf("the line: bed %q, %q", l.Bed, l.Left)
	}
	d := alerts.Describe(a, noon)
	if last := d.Who[len(d.Who)-1]; last.Words != "Discharged 14:01, last bed 07" {
		t.Errorf("the card's head: %+v", d.Who)
	}
	for _, f := range d.Who {
		if f.Label == "Bed" {
			t.Errorf("a bed of hers: %+v", f)
		}
	}
	if f := d.Facts[0]; !strings.Contains(f.Words, "discharging team and the doctor on call") || !strings.Contains(f.Words, "14:01 on 29-Nov-2026 at most") {
		t.Errorf("what to do: %+v", f)
	}
	if here := alerts.Describe(potassium("k2", "13:58"), noon); len(here.Facts) != 0 || here.Who[len(here.Who)-1].Label != "Bed" {
		t.Errorf("somebody who is here: %+v %+v", here.Who, here.Facts)
	}
}

// Taken, it stays on the page among what somebody has, of whoever left too, until
// the action is recorded.
func TestWhatSomebodyHasOfWhoLeftStaysOnThePage(t *testing.T) {
	a := gone("k1")
	a.Result.Open = false
	a.Result.Owned = []ward.Owned{{Task: "t1", Kind: "taken", By: "Grace Mensah, nurse", At: noon.Add(-time.Minute), ActBy: noon.Add(29 * time.Minute)}}
	r := newRig(t)
	r.d.left = []ward.LeftRow{{Row: &ward.Row{Who: a.Who, Critical: &a.Result}, Leaving: *a.Left}}
	r.read()
	s := r.m.State()
	if len(s.Lines) != 1 || s.Lines[0].Kind != alerts.KindOwned || s.Lines[0].Left != "Discharged 14:01, last bed 07" || !strings.Contains(s.Lines[0].Second, "Grace Mensah, nurse has it") {
		t.Errorf("%+v", s.Lines)
	}
}
