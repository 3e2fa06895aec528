package desk

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/trust/rbac"
	"wardlight/internal/words"
)

// maxItems bounds what is signed at once.
const maxItems = 40

// signOrders asks for tests and medicines: all of them, or nothing. What speaks
// against one is asked, unless its author saw it and said why; a stop is asked a
// second time. Nothing is ever refused because of a warning.
func (n *pen) signOrders(c ward.SignOrders) error {
	if len(c.Items) == 0 {
		return n.refuse(fault.Invalid, words.Errorf("Nothing is chosen yet. Nothing was saved."))
	}
	if len(c.Items) > maxItems {
		return n.refuse(fault.Invalid, words.Errorf("That is more than %d at once. Nothing was saved.", maxItems))
	}
	checks := make([]ward.Check, len(c.Items))
	for i, it := range c.Items {
		if err := n.bounded(it.Name, it.Dose, it.Reason); err != nil {
			return err
		}
		if slices.ContainsFunc(c.Items[:i], func(o ward.OrderItem) bool { return o.Kind == it.Kind && o.Name == it.Name && o.Dose == it.Dose }) {
			return n.refuse(fault.Invalid, words.Errorf("%s stands twice in the list. Nothing was saved.", it.Name))
		}
		checks[i] = n.d.check(n.c, it)
		if checks[i].Refused != "" {
			return n.refuse(fault.Invalid, words.Errorf("%s: %s Nothing was saved.", it.Name, checks[i].Refused))
		}
		n.ask = append(n.ask, asks(checks[i])...)
	}
	if len(n.ask) > 0 {
		return nil
	}
	for _, ch := range checks {
		if err := n.order(ch); err != nil {
			return err
		}
	}
	return nil
}

// asks are the questions that an item still needs an answer to.
func asks(ch ward.Check) []string {
	it := ch.Item
	var out []string
	for _, w := range ch.Warnings {
		switch {
		case !wantsReason(it, w):
		case slices.Contains(it.Saw, w.Words) && strings.TrimSpace(it.Reason) != "" && (w.Level != ward.WarnStop || it.Confirmed):
		case w.Waiting != nil:
			out = append(out, words.F("%s. Ask for another one? Say why.", w.Say()))
		case !slices.Contains(it.Saw, w.Words), strings.TrimSpace(it.Reason) == "":
			out = append(out, words.F("%s. Say why in spite of it.", w.Say()))
		default:
			out = append(out, words.F("%s. Confirm it once more.", w.Say()))
		}
	}
	return out
}

// order writes one item. It names the allergies that its author saw, so that
// central can flag an order that was made before one was known, and the orders
// that they knew of, so that nobody is asked whether both are wanted.
func (n *pen) order(ch ward.Check) error {
	var err error
	if ch.Item.Kind == ward.OrderMedicine {
		err = n.prescribe(ch)
	} else {
		err = n.request(ch)
	}
	if err != nil {
		return err
	}
	n.muts[len(n.muts)-1].ReadSet = n.allergiesSeen()
	return nil
}

func (n *pen) request(ch ward.Check) error {
	it, what := ch.Item, n.d.concept(ch.Item)
	_, err := n.create(fhir.TypeServiceRequest, it.Reason, n.now(), func(id fhir.ID) any {
		return fhir.ServiceRequest{
			ResourceType: fhir.TypeServiceRequest, ID: id, Status: "active", Intent: "order", Priority: priority(it), Code: &what,
			Subject: *n.subject(), AuthoredOn: n.now(), Requester: n.writer(), SupportingInfo: knownOrders(ch), Note: n.reasonNote(it),
			Extension: n.overridden(ch),
		}
	})
	return err
}

func (n *pen) prescribe(ch ward.Check) error {
	it, what := ch.Item, n.d.concept(ch.Item)
	_, err := n.create(fhir.TypeMedicationRequest, it.Reason, n.now(), func(id fhir.ID) any {
		return fhir.MedicationRequest{
			ResourceType: fhir.TypeMedicationRequest, ID: id, Status: "active", Intent: "order", Priority: priority(it), Medication: &what,
			Subject: *n.subject(), AuthoredOn: n.now(), Requester: n.writer(), Note: n.reasonNote(it),
			DosageInstruction: []fhir.Dosage{{Text: strings.TrimSpace(it.Dose)}}, Extension: n.overridden(ch),
		}
	})
	if fault.Is(err, fault.Denied) {
		return n.refuse(fault.Denied, words.Errorf("%v Nothing was saved.", mayNotOrder(it, err)))
	}
	return err
}

func priority(it ward.OrderItem) string {
	if it.Stat {
		return "stat"
	}
	return "routine"
}

func (n *pen) reasonNote(it ward.OrderItem) []fhir.Annotation {
	if strings.TrimSpace(it.Reason) == "" {
		return nil
	}
	return []fhir.Annotation{{AuthorString: n.who.Name, Time: n.now(), Text: it.Reason}}
}

// overridden keeps each warning that the author went against: the text as it was
// shown, why, who and when.
func (n *pen) overridden(ch ward.Check) []fhir.Extension {
	var out []fhir.Extension
	for _, w := range ch.Warnings {
		if wantsReason(ch.Item, w) {
			out = append(out, fhir.Override{Level: w.Level, Text: w.Words, Reason: ch.Item.Reason, By: n.who.Name, At: n.now()}.Extension())
		}
	}
	return out
}

func knownOrders(ch ward.Check) []fhir.Reference {
	var out []fhir.Reference
	for _, w := range ch.Warnings {
		if w.Waiting != nil {
			out = append(out, fhir.To(fhir.Ref{Type: fhir.TypeServiceRequest, ID: w.Waiting.ID}))
		}
	}
	return out
}

// placeOrder asks for one test by its name or code: the way of a program that
// drives the station. It gives a reason only after it was asked for one, so the
// reason is an answer to everything that was asked.
func (n *pen) placeOrder(c ward.PlaceOrder) error {
	name := strings.TrimSpace(c.Test)
	if name == "" {
		return n.refuse(fault.Invalid, words.Errorf("Say which test. Nothing was saved."))
	}
	if err := n.bounded(name, c.Code, c.Reason); err != nil {
		return err
	}
	it := ward.OrderItem{Kind: ward.OrderTest, Name: name, LOINC: c.Code, Reason: c.Reason, Confirmed: true}
	code := fhir.CodeableConcept{Text: name}
	if c.Code != "" {
		code.Coding = []fhir.Coding{{System: fhir.SystemLOINC, Code: c.Code}}
	}
	if t, ok := n.d.cfg.Rules.Catalogue.TestOf(code); ok {
		it.Code, it.Name = t.ID, t.Name
	}
	ch := n.d.check(n.c, it)
	if ch.Refused != "" {
		return n.refuse(fault.Invalid, words.Errorf("%v Nothing was saved.", inWords(ch.Refused)))
	}
	for _, w := range ch.Warnings {
		ch.Item.Saw = append(ch.Item.Saw, w.Words)
	}
	if n.ask = asks(ch); len(n.ask) > 0 {
		return nil
	}
	return n.order(ch)
}

// maxReadSet is record.Mutation's own bound.
const maxReadSet = 256

func (n *pen) allergiesSeen() []record.Seen {
	var seen []record.Seen
	for i := range n.c.allergies {
		// Version 0 is the author's own entry that central has not seen yet.
		if a := &n.c.allergies[i]; len(seen) < maxReadSet {
			seen = append(seen, record.Seen{Ref: a.Change.Ref, Version: a.Change.Version})
		}
	}
	return seen
}

// anOrder is an order of either kind, as far as it is withdrawn and taken back.
type anOrder struct {
	change record.Change
	unsent bool
	status string
	ended  string // what its status is when it is withdrawn
}

func (n *pen) orderOf(id fhir.ID) (anOrder, error) {
	for i := range n.c.orders {
		if o := &n.c.orders[i]; o.id() == id {
			return anOrder{o.Change, o.Unsent, o.View.Status, "revoked"}, nil
		}
	}
	for i := range n.c.medicines {
		if o := &n.c.medicines[i]; o.id() == id {
			return anOrder{o.Change, o.Unsent, o.View.Status, "cancelled"}, nil
		}
	}
	return anOrder{}, n.refuse(fault.NotFound, words.Errorf("This order is not on this computer. Nothing was saved. Look again."))
}

// withdrawOrder takes an order back. It stays in the record, with who did it.
func (n *pen) withdrawOrder(c ward.WithdrawOrder) error {
	if err := n.bounded(c.Reason); err != nil {
		return err
	}
	o, err := n.orderOf(c.Order)
	if err != nil {
		return err
	}
	n.made = append(n.made, c.Order)
	if withdrawnOrder(o.status) {
		return nil // withdrawn already
	}
	if !waitingStatus(o.status) {
		return n.refuse(fault.Conflict, words.Errorf("This order has been carried out. It cannot be withdrawn. Nothing was saved."))
	}
	return n.change(o.change, o.unsent, cmp.Or(strings.TrimSpace(c.Reason), "not needed any more"), rbac.Change, func(body fhir.Object) error {
		return set(body, "status", o.ended)
	})
}

// reinstateOrder takes one's own withdrawal back.
func (n *pen) reinstateOrder(c ward.ReinstateOrder) error {
	o, err := n.orderOf(c.Order)
	if err != nil {
		return err
	}
	n.made = append(n.made, c.Order)
	switch {
	case waitingStatus(o.status):
		return nil // nobody has withdrawn it
	case !withdrawnOrder(o.status) || o.change.Author.User != n.author.User:
		return n.refuse(fault.Conflict, words.Errorf("Somebody else has ended this order. Ask for it anew. Nothing was saved."))
	}
	return n.change(o.change, o.unsent, "withdrawn by mistake", rbac.Change, func(body fhir.Object) error {
		return set(body, "status", "active")
	})
}

// OrderBook is the open orders of this ward's patients, by bed. Whoever shows it
// calls OpenList with "orders" first.
func (d *Desk) OrderBook(ctx context.Context) (ward.OrderBook, error) {
	const op = "desk.orderBook"
	out := ward.OrderBook{Lines: []ward.OrderLine{}, AsOf: d.asOf(), FeedDown: d.feedDown()}
	p, may, err := d.listsFor(op)
	if err != nil {
		return out, err
	}
	ids, err := d.board.where(ctx, d, func(v *derived) bool { return v.row.Orders > 0 && may(v.row.Who.Ward) })
	if err != nil {
		return out, fault.Wrap(op, "", err)
	}
	err = d.store.View(ctx, func(r Reader) error {
		return eachOf(r, ids, nil, func(c *compartment, _ *ward.Leaving) error {
			if d.may(op, p, rbac.View, fhir.TypeServiceRequest, c) != nil {
				return nil
			}
			who := d.identity(c)
			for _, o := range d.orders(c) {
				if o.Open {
					out.Lines = append(out.Lines, ward.OrderLine{Who: who, Order: o})
				}
			}
			return nil
		})
	})
	slices.SortStableFunc(out.Lines, func(a, b ward.OrderLine) int {
		return cmp.Or(ward.CompareBeds(a.Who.Bed, b.Who.Bed), cmp.Compare(a.Who.ID, b.Who.ID), a.Order.At.Compare(b.Order.At), cmp.Compare(a.Order.ID, b.Order.ID))
	})
	return out, fault.Wrap(op, "", err)
}
