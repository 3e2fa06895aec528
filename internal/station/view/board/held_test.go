package board

import (
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
)

// Nothing is filed, and the row must not say "none": it says what is held back, that
// it may be somebody else's, and that nobody has it.
func TestARowSaysWhatIsHeldBack(t *testing.T) {
	now := time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)
	h := &ward.HeldBack{
		ID: "hb1", Since: now.Add(-7 * time.Minute), Critical: true, Open: true, Perhaps: []ward.Identity{{ID: "p07"}},
		Values: []ward.Result{{Test: "Potassium", Value: "6.8", Unit: "mmol/L", Flag: ward.FlagCriticalHigh}},
	}
	r := ward.Row{Who: ward.Identity{ID: "p07", Bed: "07", Family: "Adeyemi"}, Held: h}
	got := rowOf(&r, false, now, now)
	x := got.Results
	if x.Kind != KindCritical || !x.Held || x.Test != "Potassium" || x.Value != "6.8" || x.Unit != "mmol/L" || x.Word != "CRITICAL HIGH" || !x.Open || !got.Tall {
		t.Errorf("%+v", got)
	}
	if x.Second != "Held back, perhaps theirs. Nobody has taken it, 7 min." {
		t.Errorf("it says %q", x.Second)
	}
	for _, f := range []Filter{Critical, Unacked} {
		if !passes(f, &r, now) {
			t.Errorf("not among %s", f)
		}
	}
	h.Open, h.Owned = false, []ward.Owned{{By: "Grace Mensah", Kind: "taken", At: now.Add(-time.Minute)}}
	h.Partial = true
	if got := rowOf(&r, false, now, now).Results.Second; got != "Held back. Grace Mensah has it since 14:04" {
		t.Errorf("taken: %q", got)
	}
	// A critical result that is filed and that nobody has comes first, and names it.
	r.Critical = &ward.Result{Test: "Sodium", Value: "118", Critical: true, Open: true, Received: now.Add(-time.Minute)}
	if got := rowOf(&r, false, now, now).Results; got.Test != "Sodium" || got.Second != "Nobody has taken it, 1 min. · another is held back, not filed" {
		t.Errorf("beside a filed one: %+v", got)
	}
}

// Who acted has had it since they took it: the row says when they acted, and not that they
// have it since then.
func TestWhoActedIsNotSaidToHaveItSinceThen(t *testing.T) {
	at := time.Date(2026, 11, 22, 14, 4, 0, 0, time.Local)
	o := ward.Owned{Kind: "acting", By: "Grace Mensah, nurse", At: at}
	if got := ownedWords(o, at.Add(time.Minute)); got != "Grace Mensah, nurse acted at 14:04" {
		t.Errorf("acted: %q", got)
	}
	o.Kind = "taken"
	if got := ownedWords(o, at.Add(time.Minute)); got != "Grace Mensah, nurse has it since 14:04" {
		t.Errorf("taken: %q", got)
	}
}
