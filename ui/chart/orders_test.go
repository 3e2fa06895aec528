package chart

import (
	"context"
	"errors"
	"strings"
	"testing"

	"wardlight/ui/kit"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/chart"
)

// What ordering asks of the station: a small catalogue, and what speaks against
// each of its names.

func (d *desk) Offers(_ context.Context, kind, text string) ([]ward.Offer, error) {
	ue := ward.OrderItem{Kind: ward.OrderTest, Code: "ue", Name: "Urea and electrolytes"}
	crp := ward.OrderItem{Kind: ward.OrderTest, Code: "crp", Name: "C-reactive protein"}
	switch {
	case kind == ward.OrderMedicine && text == "":
		return nil, nil
	case kind == ward.OrderMedicine:
		return []ward.Offer{{Name: "Co-amoxiclav", Note: "amoxicillin, clavulanic acid", Items: []ward.OrderItem{{Kind: kind, Code: "co-amoxiclav", Name: "Co-amoxiclav"}}}}, nil
	case text == "":
		return []ward.Offer{{Name: "Morning bloods", Note: "Urea and electrolytes, C-reactive protein", Set: true, Items: []ward.OrderItem{ue, crp}}}, nil
	case strings.HasPrefix("crp", strings.ToLower(text)):
		return []ward.Offer{{Name: crp.Name, Note: "blood, serum", Items: []ward.OrderItem{crp}}}, nil
	case strings.HasPrefix("u&e", strings.ToLower(text)):
		return []ward.Offer{{Name: ue.Name, Note: "blood, serum", Items: []ward.OrderItem{ue}}}, nil
	}
	return []ward.Offer{{Name: text, Note: "as written: it is not in the list", Items: []ward.OrderItem{{Kind: kind, Name: text}}}}, nil
}

func (d *desk) TestFor(r ward.Result) ward.OrderItem {
	return ward.OrderItem{Kind: ward.OrderTest, Code: strings.ToLower(r.Test), Name: r.Test}
}

func (d *desk) CheckOrder(_ context.Context, _ ward.PatientID, items []ward.OrderItem) ([]ward.Check, error) {
	out := make([]ward.Check, len(items))
	for i, it := range items {
		out[i].Item = it
		for _, w := range d.speaks()[it.Name] {
			out[i].Warnings = append(out[i].Warnings, w)
			out[i].Reason = out[i].Reason || w.Level != ward.WarnInform
			out[i].Confirm = out[i].Confirm || w.Level == ward.WarnStop
		}
		if it.Kind == ward.OrderMedicine && it.Dose == "" {
			out[i].Refused = "Write the dose, the route and how often."
		}
	}
	return out, nil
}

func (d *desk) speaks() map[string][]ward.Warning { return d.against }

// someOrders are in every state that an order can be in.
func someOrders() []ward.Order {
	return []ward.Order{
		{ID: "o5", Kind: ward.OrderTest, Test: "Potassium", Status: "waiting for the laboratory link", Open: true, Stat: true, By: "Dr Sunil Patel, doctor", At: at(22, "14:01"), Unsent: true, Overrides: []ward.Override{{Level: ward.WarnRepeat, Words: "Urea and electrolytes was asked for at 13:10 by Grace Mensah, nurse and is still open", Reason: "Follow the course", By: "Dr Sunil Patel, doctor", At: at(22, "14:01")}}},
		{ID: "o4", Kind: ward.OrderTest, Test: "Urea and electrolytes", Status: "waiting for the laboratory link", Open: true, By: "Grace Mensah, nurse", At: at(22, "11:40"), Late: "not sent for 2 h: send it on paper, or phone the laboratory", Remarks: []string{"waits until somebody decides whether it is wanted"}},
		{ID: "o3", Kind: ward.OrderMedicine, Test: "Co-amoxiclav", Dose: "1.2 g into a vein 3 times a day", Status: "requested; not on the drug chart yet", Open: true, By: "Dr Sunil Patel, doctor", At: at(22, "10:05"), Overrides: []ward.Override{{Level: ward.WarnStop, Words: "allergy to Penicillin, and amoxicillin may react across", Reason: "desensitised on 19-Nov, allergy clinic", By: "Dr Sunil Patel, doctor", At: at(22, "10:05")}}},
		{ID: "o2", Kind: ward.OrderTest, Test: "C-reactive protein", Status: "results are here", By: "Grace Mensah, nurse", At: at(22, "06:00"), Results: []ward.ResultID{"crp4"}},
		{ID: "o1", Kind: ward.OrderTest, Test: "Vitamin D", Status: "withdrawn", By: "Tom Blake, nurse", At: at(21, "16:00"), Withdrawn: "Tom Blake, nurse, 16:20 on 21-Nov-2026: not needed any more", Undo: true},
	}
}

var against = map[string][]ward.Warning{
	"Potassium":             {{Level: ward.WarnRepeat, Words: "Potassium was collected at 13:31; it is not usually repeated within 24 h", From: "Leeds Teaching Hospitals, retest intervals of stable inpatients", Results: []ward.Result{result("k5", "Potassium", "2823-3", "", "mmol/L", "3.5–5.3", "6.8", at(22, "13:31"), ward.FlagCriticalHigh)}}},
	"Urea and electrolytes": {{Level: ward.WarnRepeat, Words: "Urea and electrolytes was asked for at 11:40 by Grace Mensah, nurse and is still open", From: "a request that waits always counts", Waiting: &ward.Order{ID: "o4", Test: "Urea and electrolytes", Status: "waiting for the laboratory link"}}},
	"Co-amoxiclav": {
		{Level: ward.WarnStop, Words: "allergy to Penicillin, and amoxicillin may react across", From: "J Asthma Allergy 2021, J Fam Pract 2006"},
		{Level: ward.WarnUnchecked, Words: "“that red tablet” could not be checked against Co-amoxiclav: read it", From: "not in the table"},
	},
}

// ordering opens the tab with everything that can speak against an order.
func ordering(t *testing.T, r *rig) {
	t.Helper()
	r.desk.against = against
	c := r.desk.charts["p07"]
	c.Orders = someOrders()
	r.desk.charts["p07"] = c
	r.open(t, "p07", view.Orders)
	r.until(t, func() bool { return len(r.model.State().Sheet.Offers) > 0 })
}

func (r *rig) allChecked(t *testing.T) {
	t.Helper()
	r.until(t, func() bool {
		for _, it := range r.model.State().Sheet.Items {
			if !it.Checked {
				return false
			}
		}
		return len(r.model.State().Sheet.Items) > 0
	})
}

// sheetOfTests has a set on it, of which one waits already.
func sheetOfTests(t *testing.T, r *rig) {
	ordering(t, r)
	r.model.TakeOffer(0)
	r.allChecked(t)
}

// sheetOfAMedicine has a stop on it that waits for its second confirmation.
func sheetOfAMedicine(t *testing.T, r *rig) {
	ordering(t, r)
	r.model.FindOrder(ward.OrderMedicine, "co")
	r.until(t, func() bool {
		s := r.model.State().Sheet
		return len(s.Offers) == 1 && s.Offers[0].Name == "Co-amoxiclav"
	})
	r.model.TakeOffer(0)
	r.model.SetDose(r.model.State().Sheet.Items[0].Item, "1.2 g into a vein 3 times a day")
	r.model.SetReason(r.model.State().Sheet.Items[0].Item, "desensitised on 19-Nov, allergy clinic")
	r.until(t, func() bool { it := r.model.State().Sheet.Items[0]; return it.Checked && it.Refused == "" })
}

// Everything by keyboard: find, take, say why, sign.
func TestTestsAreAskedForByKeyboard(t *testing.T) {
	r := plain(t)
	ordering(t, r)
	r.win.Canvas().Focus(r.page.First())
	r.words("u&e")
	r.until(t, func() bool {
		s := r.model.State().Sheet
		return len(s.Offers) == 1 && s.Offers[0].Name == "Urea and electrolytes"
	})
	r.press(fyne.KeyReturn)
	r.allChecked(t)
	if !r.says("is still open") || !r.says("waiting for the laboratory link") {
		t.Error("the request that waits is not shown beside the warning")
	}
	if f := r.where(t, "order-find"); r.win.Canvas().Focused() != f.(interface{ Focusable() fyne.Focusable }).Focusable() {
		t.Error("the focus left the search")
	}
	r.press(fyne.KeyF2)
	r.until(t, func() bool { return r.model.State().Error != "" })
	if len(r.desk.commands()) != 0 || !r.says("say why") {
		t.Fatal("signed without a reason")
	}
	if f := r.where(t, "order-0-reason").(interface{ Focusable() fyne.Focusable }).Focusable(); r.win.Canvas().Focused() != f {
		t.Errorf("the focus is on %T, and not where the reason is asked", r.win.Canvas().Focused())
	}
	r.win.Canvas().Focus(r.page.First())
	for range 12 { // Tab finds the usual reasons
		r.press(fyne.KeyTab)
		if r.win.Canvas().Focused() == r.where(t, "order-0-Follow the course").(fyne.Focusable) {
			break
		}
	}
	r.press(fyne.KeySpace)
	r.until(t, func() bool { return r.model.State().Sheet.Ready })
	r.win.Canvas().Unfocus()
	r.press(fyne.KeyF2)
	r.until(t, func() bool { return len(r.desk.commands()) == 1 })
	c, _ := r.desk.commands()[0].(ward.SignOrders)
	if len(c.Items) != 1 || c.Items[0].Code != "ue" || c.Items[0].Reason != "Follow the course" || len(c.Items[0].Saw) != 1 {
		t.Errorf("%+v", c)
	}
}

// The budget: a test is repeated in three activations from its result, the reason
// among them; typed values there are none.
func TestRepeatATestInThree(t *testing.T) {
	r := plain(t)
	r.desk.against = against
	r.open(t, "p07", view.Results)
	acts := 0
	press := func(name string) {
		t.Helper()
		acts++
		r.where(t, name).(fyne.Tappable).Tapped(&fyne.PointEvent{})
		r.until(t, func() bool { return !r.model.State().Busy })
	}
	press("repeat")
	r.allChecked(t)
	if !r.says("6.8") || !r.says("is not usually repeated within 24 h") {
		t.Error("the last result does not stand beside the warning")
	}
	press("order-0-Unexpected value")
	r.until(t, func() bool { return r.model.State().Sheet.Ready })
	press("order-sign")
	r.until(t, func() bool { return len(r.desk.commands()) == 1 })
	if c, _ := r.desk.commands()[0].(ward.SignOrders); acts > 3 || c.Patient != "p07" || c.Items[0].Name != "Potassium" || c.Items[0].Reason != "Unexpected value" {
		t.Errorf("%d activations, %+v", acts, c)
	}
}

// A stop: the reason is typed, the second confirmation pressed; before that
// nothing is signed. Who it is for stands where it is signed.
func TestAMedicineAgainstAnAllergyAsksTwice(t *testing.T) {
	r := plain(t)
	sheetOfAMedicine(t, r)
	if !r.says("Stop:") || !r.says("Not checked:") || !r.says("born") || !r.says("14-Mar-1954") {
		t.Error("the stop, what could not be checked, or whom it is for is not shown")
	}
	r.press(fyne.KeyF2)
	if len(r.desk.commands()) != 0 {
		t.Fatal("signed without the second confirmation")
	}
	r.where(t, "order-0-confirm").(fyne.Tappable).Tapped(&fyne.PointEvent{})
	r.until(t, func() bool { return r.model.State().Sheet.Ready })
	r.press(fyne.KeyF2)
	r.until(t, func() bool { return len(r.desk.commands()) == 1 })
	if c, _ := r.desk.commands()[0].(ward.SignOrders); !c.Items[0].Confirmed || c.Items[0].Reason == "" || len(c.Items[0].Saw) != 2 {
		t.Errorf("%+v", c)
	}
}

// What is typed stays where it is typed while news comes.
func TestNewsTakesNothingFromTheSheet(t *testing.T) {
	r := plain(t)
	sheetOfTests(t, r)
	f := r.where(t, "order-0-reason").(interface{ Focusable() fyne.Focusable }).Focusable()
	r.win.Canvas().Focus(f)
	r.words("the first one clo")
	r.page.Show(r.model.State())
	if r.win.Canvas().Focused() != f || r.model.State().Sheet.Items[0].Item.Reason != "the first one clo" {
		t.Errorf("focus %T, reason %q", r.win.Canvas().Focused(), r.model.State().Sheet.Items[0].Item.Reason)
	}
	r.words("tted")
	if r.model.State().Sheet.Items[0].Item.Reason != "the first one clotted" {
		t.Errorf("reason %q", r.model.State().Sheet.Items[0].Item.Reason)
	}
}

// A withdrawal and its way back act on the order that was drawn; a refusal stands
// where the person was.
func TestAnOrderIsWithdrawnOnItsCard(t *testing.T) {
	r := plain(t)
	ordering(t, r)
	r.where(t, "withdraw-order-o4").(fyne.Tappable).Tapped(&fyne.PointEvent{})
	r.until(t, func() bool { return len(r.desk.commands()) == 1 })
	r.until(t, func() bool { return !r.model.State().Busy })
	r.where(t, "reinstate-order-o1").(fyne.Tappable).Tapped(&fyne.PointEvent{})
	r.until(t, func() bool { return len(r.desk.commands()) == 2 })
	if c := r.desk.commands(); c[0] != (ward.WithdrawOrder{Patient: "p07", Order: "o4"}) || c[1] != (ward.ReinstateOrder{Patient: "p07", Order: "o1"}) {
		t.Errorf("%+v", c)
	}
	r.until(t, func() bool { return !r.model.State().Busy })
	r.desk.mu.Lock()
	r.desk.refuse = errors.New("You may not do this here: the patient is not on a ward of this person.")
	r.desk.mu.Unlock()
	r.where(t, "withdraw-order-o4").(fyne.Tappable).Tapped(&fyne.PointEvent{})
	r.until(t, func() bool { return r.model.State().Error != "" })
	if !r.says("You may not do this here") {
		t.Error("the refusal is not shown")
	}
}

// Whoever chooses Medicines types one next: the letters land in the search.
func TestChoosingWhatToLookForFocusesTheSearch(t *testing.T) {
	r := plain(t)
	r.open(t, "p07", view.Orders)
	kind := r.where(t, "order-kind").(*kit.Segmented)
	r.win.Canvas().Focus(kind)
	kind.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	f := r.where(t, "order-find").(interface{ Focusable() fyne.Focusable }).Focusable()
	if r.win.Canvas().Focused() != f || r.model.State().Sheet.Kind != ward.OrderMedicine {
		t.Errorf("%T has the focus, %s are looked for", r.win.Canvas().Focused(), r.model.State().Sheet.Kind)
	}
}
