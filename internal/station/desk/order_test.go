package desk_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
)

var (
	amara = ward.Person{User: "i.amara", Name: "Dr Ines Amara, doctor", Role: "doctor", Wards: []string{"4B"}}
	cleo  = ward.Person{User: "c.clerk", Name: "Cleo Clerk, ward clerk", Role: "ward-clerk", Wards: []string{"4B"}}
	ue    = ward.OrderItem{Kind: ward.OrderTest, Code: "ue", Name: "Urea and electrolytes"}
	crp   = ward.OrderItem{Kind: ward.OrderTest, Code: "crp", Name: "C-reactive protein"}
	k     = ward.OrderItem{Kind: ward.OrderTest, Code: "potassium", Name: "Potassium"}
	amox  = ward.OrderItem{Kind: ward.OrderMedicine, Code: "amoxicillin", Name: "Amoxicillin", Dose: "500 mg by mouth 3 times a day"}
)

// check is what the screen shows before signing.
func (r *room) check(items ...ward.OrderItem) []ward.Check {
	r.t.Helper()
	list, err := r.desk.CheckOrder(bg, folake, items)
	ok(r.t, err)
	return list
}

// seen is an item whose author read what spoke against it.
func seen(c ward.Check, reason string, confirmed bool) ward.OrderItem {
	it := c.Item
	it.Reason, it.Confirmed = reason, confirmed
	for _, w := range c.Warnings {
		it.Saw = append(it.Saw, w.Words)
	}
	return it
}

// A set is asked for as a whole, waits for the laboratory link and says so, and
// goes with its codes.
func TestASetOfTestsIsAskedFor(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	done := r.do(ward.SignOrders{Patient: folake, Items: []ward.OrderItem{ue, crp}})
	if len(done.Made) != 2 {
		t.Fatalf("made %v", done.Made)
	}
	for _, o := range r.chart(folake).Orders {
		if o.Status != "waiting for the laboratory link" || !o.Open || !o.Unsent || o.By != grace.Name || o.Kind != ward.OrderTest {
			t.Errorf("%s", show(o))
		}
	}
	muts, err := r.cache.Unsent(0, 10)
	ok(t, err)
	v, err := fhir.View[fhir.ServiceRequest](muts[0].Ops[0].Value)
	ok(t, err)
	if v.Status != "active" || v.Intent != "order" || v.Priority != "routine" || v.Code.Code("urn:wardlight:catalogue") != "ue" || v.Subject.Reference != "Patient/p07" {
		t.Errorf("%+v", v)
	}
	if n := r.row(folake).Orders; n != 2 {
		t.Errorf("the row counts %d", n)
	}
	r.refused(fault.Invalid, "Nothing is chosen", ward.SignOrders{Patient: folake})
	r.refused(fault.Invalid, "stands twice", ward.SignOrders{Patient: folake, Items: []ward.OrderItem{k, k}})
}

// The same while it waits: the order that waits is shown, a reason is asked, and
// kept with the words that were shown, and the new order names the one it knows.
func TestTheSameTestWhileItWaits(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	first := r.do(ward.SignOrders{Patient: folake, Items: []ward.OrderItem{ue}})
	c := r.check(k)[0]
	if len(c.Warnings) != 1 || !c.Reason || c.Confirm || c.Warnings[0].Waiting == nil || c.Warnings[0].Waiting.ID != first.Made[0] {
		t.Fatalf("a part of what waits: %s", show(c))
	}
	for _, it := range []ward.OrderItem{k, seen(c, "", false), {Kind: k.Kind, Code: k.Code, Name: k.Name, Reason: "because"}} {
		done, err := r.desk.Do(bg, ward.SignOrders{Patient: folake, Items: []ward.OrderItem{it}})
		ok(t, err)
		if len(done.Ask) != 1 || !strings.Contains(done.Ask[0], "Say why") {
			t.Errorf("without having read and said why: %+v", done)
		}
	}
	r.do(ward.SignOrders{Patient: folake, Items: []ward.OrderItem{seen(c, "the first sample clotted", false)}})
	o := r.chart(folake).Orders
	if len(o) != 2 {
		t.Fatalf("%s", show(o))
	}
	i := slices.IndexFunc(o, func(x ward.Order) bool { return x.Code == "potassium" })
	if v := o[i].Overrides; len(v) != 1 || v[0].Reason != "the first sample clotted" || v[0].Words != c.Warnings[0].Words || v[0].By != grace.Name || !v[0].At.Equal(noon) {
		t.Errorf("what she went against: %s", show(o[i]))
	}
	muts, err := r.cache.Unsent(0, 10)
	ok(t, err)
	v, err := fhir.View[fhir.ServiceRequest](muts[1].Ops[0].Value)
	ok(t, err)
	if len(v.SupportingInfo) != 1 || v.SupportingInfo[0].Reference != "ServiceRequest/"+string(first.Made[0]) {
		t.Errorf("it names %v", v.SupportingInfo)
	}
}

// A recent result is shown on the spot, in the sender's digits; a result that
// comes after an order answers it.
func TestTheLastResultStandsBesideTheWarning(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", string(folake), "6.80", "final", ""))
	c := r.check(k)[0]
	if len(c.Warnings) != 1 || len(c.Warnings[0].Results) != 1 || c.Warnings[0].Results[0].Value != "6.80" || !strings.Contains(c.Warnings[0].Words, "was collected at 11:31") || c.Warnings[0].From == "" {
		t.Fatalf("%s", show(c))
	}
	if again := r.desk.TestFor(r.result(folake, "k1")); again.Code != "potassium" {
		t.Errorf("repeated by %+v", again)
	}
	now := k
	now.Stat = true
	if c := r.check(now)[0]; len(c.Warnings) != 0 {
		t.Errorf("asked for at once: %s", show(c))
	}
	r.later(30 * time.Hour)
	if c := r.check(k)[0]; len(c.Warnings) != 0 {
		t.Errorf("a day later: %s", show(c))
	}
	r.do(ward.SignOrders{Patient: folake, Items: []ward.OrderItem{k}})
	if o := r.chart(folake).Orders[0]; !o.Open || o.Late != "" {
		t.Errorf("just asked for: %s", show(o))
	}
	r.later(2 * time.Hour)
	if o := r.chart(folake).Orders[0]; !strings.Contains(o.Late, "not sent for 2 h") {
		t.Errorf("two hours later: %s", show(o))
	}
	after := potassium("k2", string(folake), "5.1", "final", "")
	after["effectiveDateTime"] = r.clock().Format(time.RFC3339)
	r.send(after)
	if o := r.chart(folake).Orders[0]; o.Open || o.Late != "" || len(o.Results) != 1 || o.Results[0] != "k2" || o.Status != "results are here" || r.row(folake).Orders != 0 {
		t.Errorf("its result has come: %s", show(o))
	}
}

// A penicillin against a penicillin allergy: a reason, and a second confirmation;
// both are kept in the record. Nurses do not prescribe, clerks not even ask.
func TestAMedicineAgainstAnAllergy(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.desk.SetSession(amara)
	if c := r.check(amox)[0]; len(c.Warnings) != 1 || c.Warnings[0].Level != ward.WarnStop || !strings.Contains(c.Warnings[0].Words, "not recorded") {
		t.Fatalf("nobody has asked about allergies: %s", show(c))
	}
	r.do(penicillin)
	c := r.check(amox)[0]
	if !c.Confirm || !c.Reason || len(c.Warnings) != 1 || c.Warnings[0].Level != ward.WarnStop || !strings.Contains(c.Warnings[0].Words, "amoxicillin") {
		t.Fatalf("%s", show(c))
	}
	done, err := r.desk.Do(bg, ward.SignOrders{Patient: folake, Items: []ward.OrderItem{seen(c, "desensitised last week", false)}})
	ok(t, err)
	if len(done.Ask) != 1 || !strings.Contains(done.Ask[0], "Confirm it once more") {
		t.Errorf("without the second confirmation: %+v", done)
	}
	r.do(ward.SignOrders{Patient: folake, Items: []ward.OrderItem{seen(c, "desensitised last week", true)}})
	o := r.chart(folake).Orders
	if len(o) != 1 || o[0].Kind != ward.OrderMedicine || o[0].Dose != amox.Dose || len(o[0].Overrides) != 1 || o[0].Overrides[0].Reason != "desensitised last week" || o[0].Overrides[0].Level != ward.WarnStop {
		t.Fatalf("%s", show(o))
	}
	muts, err := r.cache.Unsent(0, 10)
	ok(t, err)
	last := muts[len(muts)-1]
	v, err := fhir.View[fhir.MedicationRequest](last.Ops[0].Value)
	ok(t, err)
	if v.Status != "active" || v.DosageInstruction[0].Text != amox.Dose || len(last.ReadSet) != 1 {
		t.Errorf("%+v, read set %v", v, last.ReadSet)
	}
	bad := amox
	bad.Dose = ".5 g"
	r.refused(fault.Invalid, "zero before the point", ward.SignOrders{Patient: folake, Items: []ward.OrderItem{bad}})
	r.desk.SetSession(grace)
	gent := ward.OrderItem{Kind: ward.OrderMedicine, Code: "gentamicin", Name: "Gentamicin", Dose: "300 mg once"}
	if c := r.check(gent)[0]; !strings.Contains(c.Refused, "You may not prescribe") {
		t.Errorf("a nurse: %s", show(c))
	}
	r.refused(fault.Denied, "You may not prescribe", ward.SignOrders{Patient: folake, Items: []ward.OrderItem{gent}})
	r.desk.SetSession(cleo)
	r.refused(fault.Denied, "You may not", ward.SignOrders{Patient: folake, Items: []ward.OrderItem{ue}})
}

// A code that a program gives is kept as it came, beside ours.
func TestACodeThatWasGivenIsKept(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.do(ward.PlaceOrder{Patient: folake, Test: "Urea and electrolytes", Code: "24326-1"})
	muts, err := r.cache.Unsent(0, 10)
	ok(t, err)
	v, err := fhir.View[fhir.ServiceRequest](muts[0].Ops[0].Value)
	ok(t, err)
	if !v.Code.Has(fhir.SystemLOINC, "24326-1") || v.Code.Code("urn:wardlight:catalogue") != "ue" {
		t.Errorf("%+v", v.Code)
	}
}

// All or nothing: one item that still asks keeps the others back.
func TestOneQuestionKeepsTheWholeListBack(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.do(ward.SignOrders{Patient: folake, Items: []ward.OrderItem{ue}})
	done, err := r.desk.Do(bg, ward.SignOrders{Patient: folake, Items: []ward.OrderItem{crp, ue}})
	ok(t, err)
	r.settle()
	if len(done.Ask) != 1 || len(r.chart(folake).Orders) != 1 {
		t.Errorf("%+v, %d orders", done, len(r.chart(folake).Orders))
	}
}

// Withdrawn, and taken back by the same hand, before and after it was sent.
func TestAnOrderIsWithdrawnAndThatIsTakenBack(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	for _, sent := range []bool{false, true} {
		id := r.do(ward.SignOrders{Patient: folake, Items: []ward.OrderItem{ue}}).Made[0]
		if sent {
			r.drain()
		}
		r.later(time.Minute)
		r.do(ward.WithdrawOrder{Patient: folake, Order: id, Reason: "wrong patient"})
		get := func() ward.Order {
			o := r.chart(folake).Orders
			return o[slices.IndexFunc(o, func(x ward.Order) bool { return x.ID == id })]
		}
		if o := get(); o.Open || o.Status != "withdrawn" || !strings.Contains(o.Withdrawn, "Grace Mensah, nurse") || !strings.Contains(o.Withdrawn, "wrong patient") || !o.Undo {
			t.Fatalf("sent %v: %s", sent, show(o))
		}
		r.desk.SetSession(tom)
		if get().Undo {
			t.Error("another one is offered to take it back")
		}
		r.refused(fault.Conflict, "Somebody else", ward.ReinstateOrder{Patient: folake, Order: id})
		r.desk.SetSession(grace)
		if sent {
			r.drain()
		}
		r.do(ward.ReinstateOrder{Patient: folake, Order: id})
		if o := get(); !o.Open || o.Withdrawn != "" {
			t.Errorf("sent %v, taken back: %s", sent, show(o))
		}
		r.drain()
		if o := get(); !o.Open || o.Unsent {
			t.Errorf("sent %v, after the receipt: %s", sent, show(o))
		}
		r.do(ward.WithdrawOrder{Patient: folake, Order: id})
		r.drain()
	}
	r.refused(fault.NotFound, "not on this computer", ward.WithdrawOrder{Patient: folake, Order: "o9"})
}

// What another system asked for is no order of ours that waits for a link.
func TestAnOrderOfAnotherSystem(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(obj{"resourceType": "ServiceRequest", "id": "f1", "status": "active", "intent": "order", "subject": ref(fhir.TypePatient, string(folake)), "code": obj{"text": "CRP"}})
	if o := r.chart(folake).Orders[0]; o.Status != "asked for in another system" || !o.Open {
		t.Errorf("%s", show(o))
	}
	r.later(9 * time.Hour)
	if o := r.chart(folake).Orders[0]; !strings.Contains(o.Late, "no result after 9 h") {
		t.Errorf("%s", show(o))
	}
}

// The ward's page: who waits for what, by bed; nobody else's patients, and no
// patient with nothing open.
func TestTheWardsOrders(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(admitted("p03", "Okafor", "Emeka", "03")...)
	r.send(admitted("p09", "Bjork", "Sigrun", "09")...)
	r.do(ward.SignOrders{Patient: folake, Items: []ward.OrderItem{ue}})
	r.do(ward.SignOrders{Patient: "p03", Items: []ward.OrderItem{crp}})
	gone := r.do(ward.SignOrders{Patient: "p09", Items: []ward.OrderItem{crp}}).Made[0]
	r.do(ward.WithdrawOrder{Patient: "p09", Order: gone})
	book, err := r.desk.OrderBook(bg)
	ok(t, err)
	if len(book.Lines) != 2 || book.Lines[0].Who.Bed != "03" || book.Lines[1].Order.Code != "ue" {
		t.Fatalf("%s", show(book))
	}
	r.desk.SetSession(ward.Person{User: "x", Name: "X", Role: "nurse", Wards: []string{"5A"}})
	if _, err := r.desk.OrderBook(bg); !fault.Is(err, fault.Denied) {
		t.Errorf("somebody of another ward: %v", err)
	}
}

// A result that comes when the patient has gone says so.
func TestAResultAfterDischargeSaysSo(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.later(2 * time.Hour)
	gone := admitted(string(folake), "Adeyemi", "Folake", "07")[1]
	gone["status"], gone["period"] = "finished", obj{"start": "2026-11-20T08:00:00Z", "end": "2026-11-22T13:00:00Z"}
	r.send(gone)
	r.send(potassium("k1", string(folake), "6.8", "final", ""))
	if late := r.result(folake, "k1").Late; !strings.Contains(late, "after the patient had left") || !strings.Contains(late, "left 13:00") {
		t.Errorf("late: %q", late)
	}
}

// A medicine that stands is held against the allergies as they are now: one that was
// recorded after it was asked for is told, and none where it was stopped.
func TestAMedicineIsHeldAgainstTheAllergiesOfNow(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.desk.SetSession(amara)
	r.do(ward.NoKnownAllergies{Patient: folake})
	r.do(ward.SignOrders{Patient: folake, Items: []ward.OrderItem{amox}})
	if o := r.chart(folake).Orders[0]; len(o.Against) != 0 {
		t.Fatalf("nothing speaks against it: %s", show(o))
	}
	r.do(penicillin)
	o := r.chart(folake).Orders[0]
	if len(o.Against) != 1 || o.Against[0].Level != ward.WarnStop || !strings.Contains(o.Against[0].Words, "amoxicillin") {
		t.Fatalf("%s", show(o))
	}
	r.do(ward.WithdrawOrder{Patient: folake, Order: o.ID})
	if o := r.chart(folake).Orders[0]; len(o.Against) != 0 {
		t.Errorf("it was stopped: %s", show(o))
	}
}

// The medicines of the tour are asked for without a question: what is written there is
// signed as it stands, for somebody who is allergic to penicillin.
func TestTheMedicinesOfTheTourAskNothing(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.desk.SetSession(amara)
	r.do(ward.AddAllergy{Patient: folake, Substance: "Penicillin", Reaction: "anaphylaxis", Severity: "severe", Certainty: "confirmed"})
	for name, dose := range map[string]string{"Paracetamol": "1 g by mouth, up to four times a day", "Salbutamol": "10 mg by nebuliser, once"} {
		done, err := r.desk.Do(bg, ward.SignOrders{Patient: folake, Items: []ward.OrderItem{{Kind: ward.OrderMedicine, Name: name, Dose: dose}}})
		if err != nil || len(done.Ask) > 0 || len(done.Made) != 1 {
			t.Errorf("%s: %v, %v", name, done, err)
		}
	}
}
