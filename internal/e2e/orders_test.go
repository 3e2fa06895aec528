package e2e_test

import (
	"slices"
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
)

// order is one order of a chart.
func (p *post) order(patient, id fhir.ID) ward.Order {
	p.Helper()
	list := p.chart(patient).Orders
	i := slices.IndexFunc(list, func(o ward.Order) bool { return o.ID == id })
	if i < 0 {
		p.Fatalf("on %s there is no order %s", p.peer.Device.Station, id)
	}
	return list[i]
}

// A doctor prescribes while she is cut off; the allergy is recorded elsewhere. It
// is kept, and says on every screen that she had not seen it; what she went
// against, and why, stands on the other computer as she wrote it.
func TestAPrescriptionAgainstAnOldAllergyList(t *testing.T) {
	h := newHouse(t)
	p := h.admit("1", "Adeyemi", "4B")
	a, b := h.post("saaaaaaaaaaaa", "4B", "i.amara"), h.post("sbbbbbbbbbbbb", "4B", "g.mensah")
	b.act(ward.AddAllergy{Patient: p, Substance: "Penicillin", Severity: "severe", Certainty: "confirmed"})
	b.meet()
	it := ward.OrderItem{Kind: ward.OrderMedicine, Code: "amoxicillin", Name: "Amoxicillin", Dose: "500 mg by mouth 3 times a day", Reason: "cannot wait", Confirmed: true}
	it.Saw = []string{"Allergies are not recorded. Ask first, and record the answer; in an emergency, say why and confirm"}
	id := a.act(ward.SignOrders{Patient: p, Items: []ward.OrderItem{it}}).Made[0]
	a.meet()
	b.pull()
	for _, at := range []*post{a, b} {
		o := at.order(p, id)
		if !strings.Contains(strings.Join(o.Remarks, ";"), "had not seen the newest allergies") || !o.Open || o.Dose != it.Dose || o.Unsent {
			t.Errorf("on %s: %+v", at.peer.Device.Station, o)
		}
		if len(o.Overrides) != 1 || o.Overrides[0].Reason != "cannot wait" || o.Overrides[0].Words != it.Saw[0] {
			t.Errorf("on %s she went against %+v", at.peer.Device.Station, o.Overrides)
		}
	}
}

// An order is withdrawn, taken back, and withdrawn again; each time the other
// computer follows, and no version is lost.
func TestAWithdrawalIsTakenBackEverywhere(t *testing.T) {
	h := newHouse(t)
	p := h.admit("1", "Adeyemi", "4B")
	a, b := h.post("saaaaaaaaaaaa", "4B", "i.amara"), h.post("sbbbbbbbbbbbb", "4B", "g.mensah")
	id := a.act(ward.SignOrders{Patient: p, Items: []ward.OrderItem{{Kind: ward.OrderTest, Code: "ue", Name: "Urea and electrolytes"}}}).Made[0]
	a.meet()
	for _, step := range []struct {
		do   ward.Command
		open bool
	}{
		{ward.WithdrawOrder{Patient: p, Order: id, Reason: "wrong patient"}, false},
		{ward.ReinstateOrder{Patient: p, Order: id}, true},
		{ward.WithdrawOrder{Patient: p, Order: id, Reason: "after all"}, false},
	} {
		a.act(step.do)
		a.meet()
		b.pull()
		if o := b.order(p, id); o.Open != step.open || (o.Withdrawn == "") != step.open {
			t.Errorf("after %T: %+v", step.do, o)
		}
	}
	if n := len(h.history(fhir.Ref{Type: fhir.TypeServiceRequest, ID: id})); n < 3 {
		t.Errorf("%d versions before the present one", n)
	}
	if q := b.questions(); len(q) != 0 {
		t.Errorf("somebody is asked about it: %s", words(q))
	}
}

// Withdrawn on one computer, taken back on none, carried out on neither: two who
// withdraw the same order apart agree.
func TestTwoWithdrawTheSameOrderApart(t *testing.T) {
	h := newHouse(t)
	p := h.admit("1", "Adeyemi", "4B")
	a, b := h.post("saaaaaaaaaaaa", "4B", "i.amara"), h.post("sbbbbbbbbbbbb", "4B", "g.mensah")
	id := a.act(ward.SignOrders{Patient: p, Items: []ward.OrderItem{{Kind: ward.OrderTest, Code: "ue", Name: "Urea and electrolytes"}}}).Made[0]
	a.meet()
	b.pull()
	a.act(ward.WithdrawOrder{Patient: p, Order: id})
	b.act(ward.WithdrawOrder{Patient: p, Order: id})
	a.meet()
	b.meet()
	a.pull()
	for _, at := range []*post{a, b} {
		if o := at.order(p, id); o.Open || len(at.questions()) != 0 {
			t.Errorf("on %s: %+v", at.peer.Device.Station, o)
		}
	}
}
