package desk

import (
	"context"
	"slices"
	"strings"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/catalogue"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
	"wardlight/internal/trust/rbac"
	"wardlight/internal/words"
)

// Offers are what a search among tests or medicines finds; among tests the
// favourite sets where nothing is typed. Words that nothing fits are an offer
// themselves: whatever is not in the catalogue can still be asked for.
func (d *Desk) Offers(_ context.Context, kind, text string) ([]ward.Offer, error) {
	cat := d.cfg.Rules.Catalogue
	hits := cat.FindTests(text)
	if kind == ward.OrderMedicine {
		hits = cat.FindMedicines(text)
	}
	out := make([]ward.Offer, 0, len(hits)+1)
	for _, h := range hits {
		out = append(out, offerOf(cat, h))
	}
	if said := strings.Join(strings.Fields(text), " "); said != "" && len(hits) == 0 {
		out = append(out, ward.Offer{Name: said, Note: words.T("as written: it is not in the list"), Items: []ward.OrderItem{{Kind: kind, Name: said}}})
	}
	return out, nil
}

func offerOf(cat catalogue.Catalogue, h catalogue.Hit) ward.Offer {
	o := ward.Offer{Name: h.Name()}
	test := func(t catalogue.Test) {
		o.Items = append(o.Items, ward.OrderItem{Kind: ward.OrderTest, Code: t.ID, Name: t.Name})
	}
	switch {
	case h.Set != nil:
		var names []string
		for _, id := range h.Set.Tests {
			if t, ok := cat.Test(id); ok {
				test(t)
				names = append(names, t.Name)
			}
		}
		o.Set, o.Note = true, strings.Join(names, ", ")
	case h.Test != nil:
		test(*h.Test)
		o.Note = h.Test.Sample
	case h.Medicine != nil:
		o.Items = []ward.OrderItem{{Kind: ward.OrderMedicine, Code: h.Medicine.ID, Name: h.Medicine.Name}}
		if len(h.Medicine.Ingredients) > 1 {
			o.Note = strings.Join(h.Medicine.Ingredients, ", ")
		}
	}
	return o
}

// TestFor is the test that asks again for a result; its name alone where the
// catalogue holds none.
func (d *Desk) TestFor(r ward.Result) ward.OrderItem {
	code := fhir.CodeableConcept{Text: r.Test}
	if r.LOINC != "" {
		code.Coding = []fhir.Coding{{System: fhir.SystemLOINC, Code: r.LOINC}}
	}
	if t, ok := d.cfg.Rules.Catalogue.TestFor(code); ok {
		return ward.OrderItem{Kind: ward.OrderTest, Code: t.ID, Name: t.Name}
	}
	return ward.OrderItem{Kind: ward.OrderTest, Name: r.Test}
}

// CheckOrder says of each item what speaks against it, for whoever is about to
// sign it. Do asks the same rules again when it is signed.
func (d *Desk) CheckOrder(ctx context.Context, id ward.PatientID, items []ward.OrderItem) ([]ward.Check, error) {
	const op = "desk.checkOrder"
	p, err := d.author(op)
	if err != nil {
		return nil, err
	}
	var out []ward.Check
	err = d.view(ctx, id, func(c *compartment) error {
		if err := d.mayView(op, p, c); err != nil {
			return err
		}
		for _, it := range items {
			ch := d.check(c, it)
			if err := d.may(op, p, rbac.Create, typeOfOrder(it), c); err != nil && ch.Refused == "" {
				ch.Refused = words.Say(mayNotOrder(it, err))
			}
			out = append(out, ch)
		}
		return nil
	})
	return out, fault.Wrap(op, string(id), err)
}

func typeOfOrder(it ward.OrderItem) fhir.Type {
	if it.Kind == ward.OrderMedicine {
		return fhir.TypeMedicationRequest
	}
	return fhir.TypeServiceRequest
}

// mayNotOrder says who may, where somebody may not.
func mayNotOrder(it ward.OrderItem, err error) error {
	if it.Kind == ward.OrderMedicine {
		return words.Errorf("You may not prescribe. A doctor can: ask one, and write down whom.")
	}
	return err
}

// check holds one item against the record.
func (d *Desk) check(c *compartment, it ward.OrderItem) ward.Check {
	ch := ward.Check{Item: it, Refused: d.refusal(c, it)}
	if it.Kind == ward.OrderMedicine {
		ch.Warnings = d.medicineWarnings(c, it)
	} else {
		ch.Warnings = d.testWarnings(c, it)
	}
	for _, w := range ch.Warnings {
		ch.Reason = ch.Reason || wantsReason(it, w)
		ch.Confirm = ch.Confirm || w.Level == ward.WarnStop
	}
	return ch
}

// refusal is why an item cannot be ordered at all.
func (d *Desk) refusal(c *compartment, it ward.OrderItem) string {
	switch {
	case d.identity(c).Died != "":
		return words.T("This patient has died. Nothing is asked for any more.")
	case strings.TrimSpace(it.Name) == "":
		return words.T("Say what is asked for.")
	case it.Kind == ward.OrderMedicine:
		return catalogue.DoseTrouble(it.Dose)
	}
	return ""
}

// concept is the code of what is asked for.
func (d *Desk) concept(it ward.OrderItem) fhir.CodeableConcept {
	c := d.listed(it)
	if it.LOINC != "" && !c.Has(fhir.SystemLOINC, it.LOINC) {
		c.Coding = append(c.Coding, fhir.Coding{System: fhir.SystemLOINC, Code: it.LOINC})
	}
	return c
}

func (d *Desk) listed(it ward.OrderItem) fhir.CodeableConcept {
	cat := d.cfg.Rules.Catalogue
	if it.Kind == ward.OrderMedicine {
		if m, ok := cat.Medicine(it.Code); ok {
			return m.Concept()
		}
	} else if t, ok := cat.Test(it.Code); ok {
		return t.Concept()
	}
	return fhir.CodeableConcept{Text: strings.TrimSpace(it.Name)}
}

// repeatWarnings are the same test that waits, and results so new that another
// is doubtful: with the results themselves, to be read on the spot.
func (d *Desk) repeatWarnings(c *compartment, it ward.OrderItem) []ward.Warning {
	var out []ward.Warning
	wanted := alert.Wanted{
		Code: d.concept(it), Stat: it.Stat, Orders: d.openOrders(c), Results: observations(c), Who: d.subject(c), Now: d.now(),
	}
	for _, r := range d.timesAt(c, alert.RuleRepeat, wanted.Now).Repeats(wanted) {
		if r.Pending {
			out = append(out, d.pendingWarning(c, r))
			continue
		}
		from := r.From
		if !r.By.IsZero() {
			from = r.By.Say()
		}
		w := warning(ward.WarnRepeat, from, words.Errorf("%s was collected at %v; it is not usually repeated within %v", it.Name, d.stampIn(r.At), spanIn(r.Within)))
		who := d.subject(c)
		for i := range c.results {
			o := &c.results[i]
			if slices.ContainsFunc(r.Results, func(ref fhir.Ref) bool { return ref.ID == o.id() }) {
				w.Results = append(w.Results, d.result(c.r, o.View, o.Change, who))
			}
		}
		out = append(out, w)
	}
	return out
}

func (d *Desk) pendingWarning(c *compartment, r alert.Repeat) ward.Warning {
	w := ward.Warning{Level: ward.WarnRepeat, From: r.From}
	for _, o := range d.orders(c) {
		if o.ID == r.Order.Ref.ID {
			w.Waiting = &o
			said := words.Errorf("%s was asked for at %v by %s and is still open", o.Test, d.stampIn(o.At), o.By)
			w.Words, w.Said = said.Error(), words.Say(said)
		}
	}
	return w
}

// medicineWarnings are what the allergies say, and that nobody has asked about
// them.
func (d *Desk) medicineWarnings(c *compartment, it ward.OrderItem) []ward.Warning {
	line := d.allergies(c)
	if line.State == ward.AllergyUnavailable && c.filled != cache.FilledWhole {
		return []ward.Warning{warning(ward.WarnStop, words.T("no medicine before the allergies are here"),
			words.Errorf("The allergies are still being loaded. Wait for them, or ask first and record the answer; in an emergency, say why and confirm"))}
	}
	if line.State == ward.AllergyNotRecorded || line.State == ward.AllergyUnavailable {
		return []ward.Warning{warning(ward.WarnStop, words.T("no medicine before somebody has asked about allergies"),
			words.Errorf("Allergies are not recorded. Ask first, and record the answer; in an emergency, say why and confirm"))}
	}
	out := d.clashWarnings(c, it)
	for i := range c.medicines {
		m := &c.medicines[i]
		if waitingStatus(m.View.Status) && m.View.Medication != nil && sameWords(*m.View.Medication, d.concept(it)) {
			out = append(out, warning(ward.WarnRepeat, words.T("a request that waits always counts"), words.Errorf("%s was requested at %v by %s and is still open", it.Name, d.stampIn(d.at(m.Made)), m.First.Name)))
		}
	}
	return out
}

func sameWords(a, b fhir.CodeableConcept) bool {
	return catalogue.Fold(a.Words()) == catalogue.Fold(b.Words())
}

// against is what the allergies say against a medicine that was asked for, now; where
// nobody knows them, that.
func (d *Desk) against(c *compartment, it ward.OrderItem) []ward.Warning {
	switch d.allergies(c).State {
	case ward.AllergyNotRecorded:
		return []ward.Warning{warning(ward.WarnUnchecked, words.T("no list of allergies"), words.Errorf("Allergies are not recorded: it was held against none"))}
	case ward.AllergyUnavailable:
		return []ward.Warning{warning(ward.WarnUnchecked, words.T("no list of allergies"), words.Errorf("The allergies are not on this computer: it was held against none"))}
	case ward.AllergyKnown, ward.AllergyNone:
	}
	return d.clashWarnings(c, it)
}

// clashWarnings hold an item against the allergies in force.
func (d *Desk) clashWarnings(c *compartment, it ward.OrderItem) []ward.Warning {
	ordered := it.Name
	if _, ok := d.cfg.Rules.Catalogue.Medicine(it.Code); ok && it.Kind == ward.OrderMedicine {
		ordered = it.Code
	}
	var out []ward.Warning
	for _, x := range d.cfg.Rules.Clashes(ordered, d.allergiesInForce(c)) {
		if it.Kind != ward.OrderMedicine && x.Level == alert.Unchecked {
			continue // a blood test holds nothing; only what names a medicine is held against them
		}
		out = append(out, warning(levelWord(x.Level), x.From, x.Words))
	}
	return out
}

func (d *Desk) allergiesInForce(c *compartment) []alert.Allergy {
	var out []alert.Allergy
	for i := range c.allergies {
		a := &c.allergies[i]
		if !inForce(a.View) || noneKnown(a.View) {
			continue
		}
		shown := d.allergy(a)
		out = append(out, alert.Allergy{ID: string(shown.ID), Words: shown.Substance, Reaction: shown.Reaction, Intolerance: a.View.Type == "intolerance"})
	}
	return out
}

func levelWord(l alert.Level) string {
	switch l {
	case alert.Stop:
		return ward.WarnStop
	case alert.Caution:
		return ward.WarnCaution
	case alert.Unchecked:
		return ward.WarnUnchecked
	case alert.Inform:
	}
	return ward.WarnInform
}
