package chart_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/chart"
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
	d.mu.Lock()
	d.checks++
	hold := d.holdCheck
	d.mu.Unlock()
	if hold != nil {
		<-hold
	}
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

// speaks is what speaks against what.
func (d *desk) speaks() map[string][]ward.Warning {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.against
}

var (
	waits = ward.Warning{Level: ward.WarnRepeat, Words: "Urea and electrolytes was asked for at 13:00 by Tom and is still open", From: "a request that waits always counts", Waiting: &ward.Order{ID: "o1", Test: "Urea and electrolytes"}}
	stop  = ward.Warning{Level: ward.WarnStop, Words: "allergy to Penicillin, and amoxicillin may react", From: "table"}
)

func (r *rig) sheet() chart.Sheet { return r.m.State().Sheet }

// opened is a chart whose offers are there.
func (r *rig) opened(id ward.PatientID) {
	r.Helper()
	r.m.Open(id, chart.Orders)
	r.until(func() bool { return r.m.State().Loaded && len(r.sheet().Offers) > 0 })
}

func (r *rig) checkedAll() {
	r.Helper()
	r.until(func() bool {
		for _, it := range r.sheet().Items {
			if !it.Checked {
				return false
			}
		}
		return len(r.sheet().Items) > 0
	})
}

// A favourite set with nothing against it: chosen, checked, signed.
func TestASetIsSigned(t *testing.T) {
	r := newRig(t)
	r.opened("folake")
	r.m.TakeOffer(0)
	if s := r.sheet(); len(s.Items) != 2 || s.Ready || !strings.Contains(s.Wants, "being checked") {
		t.Fatalf("before the station has looked: %+v", s)
	}
	r.m.SignOrder()
	r.checkedAll()
	if len(r.desk.commands()) != 0 {
		t.Fatal("signed before it was checked")
	}
	r.m.TakeOffer(0) // the same again changes nothing
	if len(r.sheet().Items) != 2 {
		t.Errorf("%d items", len(r.sheet().Items))
	}
	r.checkedAll()
	r.m.SignOrder()
	r.until(func() bool { return len(r.desk.commands()) == 1 })
	c, _ := r.desk.commands()[0].(ward.SignOrders)
	if c.Patient != "folake" || len(c.Items) != 2 || c.Items[0].Code != "ue" {
		t.Errorf("%+v", c)
	}
	r.until(func() bool { return len(r.sheet().Items) == 0 })
	if s, _ := r.desk.draft("folake/order"); s != "" {
		r.until(func() bool { s, _ := r.desk.draft("folake/order"); return s == "" })
	}
}

// What waits is remarked; without a reason nothing is signed; with it goes what
// was on the screen.
func TestASheetAsksForAReason(t *testing.T) {
	r := newRig(t)
	r.desk.with(func() { r.desk.against = map[string][]ward.Warning{"Urea and electrolytes": {waits}} })
	r.opened("folake")
	r.m.TakeOffer(0)
	r.checkedAll()
	r.m.SignOrder()
	if s := r.sheet(); s.Ready || !strings.Contains(r.m.State().Error, "say why") || len(r.desk.commands()) != 0 {
		t.Fatalf("%+v, error %q", s, r.m.State().Error)
	}
	r.m.SetReason(r.sheet().Items[0].Item, "Follow the course")
	r.m.SignOrder()
	r.until(func() bool { return len(r.desk.commands()) == 1 })
	c, _ := r.desk.commands()[0].(ward.SignOrders)
	if it := c.Items[0]; it.Reason != "Follow the course" || len(it.Saw) != 1 || it.Saw[0] != waits.Words || len(c.Items[1].Saw) != 0 {
		t.Errorf("%+v", c)
	}
}

// A stop asks twice; another reason, and other words, take the confirmation back.
func TestAStopIsConfirmedTwice(t *testing.T) {
	r := newRig(t)
	r.desk.with(func() { r.desk.against = map[string][]ward.Warning{"Co-amoxiclav": {stop}} })
	r.opened("folake")
	r.m.FindOrder(ward.OrderMedicine, "co")
	r.until(func() bool { return len(r.sheet().Offers) == 1 && r.sheet().Offers[0].Name == "Co-amoxiclav" })
	r.m.TakeOffer(0)
	item := func() ward.OrderItem { return r.sheet().Items[0].Item }
	r.checkedAll()
	if !strings.Contains(r.sheet().Wants, "Write the dose") {
		t.Errorf("wants %q", r.sheet().Wants)
	}
	r.m.SetDose(item(), "1.2 g into a vein 3 times a day")
	r.until(func() bool { return r.sheet().Items[0].Refused == "" })
	r.m.Confirm(item())
	if item().Confirmed {
		t.Error("confirmed without a reason")
	}
	r.m.SetReason(item(), "desensitised")
	r.m.Confirm(item())
	if !r.sheet().Ready {
		t.Fatalf("wants %q", r.sheet().Wants)
	}
	r.m.SetReason(item(), "another reason")
	if item().Confirmed || r.sheet().Ready {
		t.Error("the confirmation was of the reason before")
	}
	r.m.Confirm(item())
	r.desk.with(func() {
		worse := stop
		worse.Words = "allergy to Penicillin: anaphylaxis"
		r.desk.against = map[string][]ward.Warning{"Co-amoxiclav": {worse}}
	})
	r.m.SetStat(item(), true)
	r.until(func() bool { return !item().Confirmed })
	if r.sheet().Ready {
		t.Error("what was confirmed said something else")
	}
}

// A sheet outlives a lock; nothing of it is confirmed when it comes back, and it
// never stands above another patient's name.
func TestASheetIsKeptForItsPatient(t *testing.T) {
	r := newRig(t)
	r.opened("folake")
	r.m.TakeOffer(0)
	r.m.Flush()
	body, ok := r.desk.draft("folake/order")
	var items []ward.OrderItem
	if err := json.Unmarshal([]byte(body), &items); !ok || err != nil || len(items) != 2 {
		t.Fatalf("draft %q: %v", body, err)
	}
	items[0].Confirmed = true
	b, _ := json.Marshal(items)
	r.desk.with(func() { r.desk.drafts = []ward.Draft{{Patient: "folake", Kind: "order", Body: string(b)}} })
	r.opened("zofia")
	if len(r.sheet().Items) != 0 {
		t.Fatal("another patient's sheet")
	}
	r.opened("folake")
	r.checkedAll()
	if s := r.sheet(); len(s.Items) != 2 || s.Items[0].Item.Confirmed {
		t.Errorf("%+v", s.Items)
	}
}

// An answer about another dose is no answer.
func TestAnAnswerIsAboutTheItemAsItWasAsked(t *testing.T) {
	r := newRig(t)
	r.opened("folake")
	r.m.FindOrder(ward.OrderMedicine, "co")
	r.until(func() bool { return len(r.sheet().Offers) == 1 && r.sheet().Offers[0].Name == "Co-amoxiclav" })
	next := make(chan struct{})
	r.desk.with(func() { r.desk.holdCheck = next })
	asked := func(n int) func() bool {
		return func() bool {
			r.desk.mu.Lock()
			defer r.desk.mu.Unlock()
			return r.desk.checks == n
		}
	}
	r.m.TakeOffer(0)
	r.until(asked(1))
	r.m.SetDose(r.sheet().Items[0].Item, "1 g") // typed while the first answer is on its way
	next <- struct{}{}
	r.until(asked(2)) // it has come, and the question about the dose is asked
	if it := r.sheet().Items[0]; it.Checked || it.Refused != "" || r.sheet().Ready {
		t.Errorf("an answer to no dose is taken for one to 1 g: %+v", it)
	}
	next <- struct{}{}
	r.until(func() bool { return r.sheet().Ready })
}

// Repeat goes to the sheet with the test of the result; one of another chart is
// refused.
func TestRepeatATest(t *testing.T) {
	r := newRig(t)
	r.opened("folake")
	r.m.Repeat(r.m.State().Chart.Results[0])
	if s := r.m.State(); s.Tab != chart.Orders || len(s.Sheet.Items) != 1 || s.Sheet.Items[0].Item.Name != "Potassium" {
		t.Errorf("%+v", s.Sheet)
	}
	r.m.Repeat(ward.Result{ID: "foreign", Test: "Sodium"})
	if s := r.m.State(); len(s.Sheet.Items) != 1 || !strings.Contains(s.Error, "not in this chart") {
		t.Errorf("%+v", s.Sheet)
	}
}

// Withdrawing offers the way back.
func TestAWithdrawnOrderCanBeTakenBack(t *testing.T) {
	r := newRig(t)
	r.opened("folake")
	r.m.WithdrawOrder(ward.Order{ID: "o1", Test: "CRP"})
	r.until(func() bool { return r.m.State().Undo != nil })
	r.m.TakeBack()
	r.until(func() bool { return len(r.desk.commands()) == 2 })
	if c := r.desk.commands()[1]; c != (ward.ReinstateOrder{Patient: "folake", Order: "o1"}) {
		t.Errorf("%#v", c)
	}
}

// "None" is said only of what is known.
func TestWhyNoOrdersAreListed(t *testing.T) {
	r := newRig(t)
	r.opened("folake")
	if e := r.sheet().Empty; !strings.HasPrefix(e, "None: nothing has been ordered") {
		t.Error(e)
	}
	r.desk.with(func() {
		c := r.desk.charts["zofia"]
		c.AsOf = c.AsOf.AddDate(-9999, 0, 0)
		r.desk.charts["zofia"] = ward.Chart{Who: c.Who}
	})
	r.opened("zofia")
	if e := r.sheet().Empty; !strings.HasPrefix(e, "Not loaded") {
		t.Error(e)
	}
}
