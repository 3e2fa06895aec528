package desk

import (
	"context"
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/catalogue"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/trust/rbac"
	"wardlight/internal/words"
)

// Bounds of what is written down from a call.
const (
	calledAgo   = 7 * 24 * time.Hour // older calls are no news: a note says it better
	calledAhead = 5 * time.Minute    // what a hand and a clock are wrong by
	maxValue    = 200                // characters, of a value in words too
)

// recordPhoned writes a result down that was told on the phone: an Observation
// that says so, with who told it. Central and every station find by themselves
// which result of the laboratory it is once that comes.
func (n *pen) recordPhoned(c ward.RecordPhoned) error {
	trim(&c.Test, &c.Value, &c.Unit, &c.Lab, &c.Caller, &c.Why, &c.Comparator)
	if c.Called.IsZero() {
		c.Called = n.d.now()
	}
	a, err := n.checkPhoned(c)
	if err != nil {
		return err
	}
	o, err := n.phonedBody(c, a)
	if err != nil {
		return err
	}
	if had, ok := n.phonedAlready(o); ok {
		n.made = append(n.made, had) // pressed twice: one result
		return nil
	}
	clinical := ""
	if !c.Collected.IsZero() {
		clinical = stamp(c.Collected)
	}
	_, err = n.create(fhir.TypeObservation, "", clinical, func(id fhir.ID) any {
		o.ID = id
		return o
	})
	return err
}

func trim(fields ...*string) {
	for _, f := range fields {
		*f = strings.TrimSpace(*f)
	}
}

// checkPhoned refuses what is missing or cannot be, and finds what was measured.
func (n *pen) checkPhoned(c ward.RecordPhoned) (catalogue.Analyte, error) {
	list := n.d.cfg.Rules.Analytes()
	i := slices.IndexFunc(list, func(a catalogue.Analyte) bool { return strings.EqualFold(a.Name, c.Test) })
	now := n.d.now()
	switch {
	case i < 0:
		return catalogue.Analyte{}, n.refuse(fault.Invalid, words.Errorf("Choose the test from the list. Nothing was saved."))
	case c.Value == "" || len(c.Value) > maxValue:
		return catalogue.Analyte{}, n.refuse(fault.Invalid, words.Errorf("Give the value as it was said. Nothing was saved."))
	case c.Lab == "" || c.Caller == "":
		return catalogue.Analyte{}, n.refuse(fault.Invalid, words.Errorf("Say which laboratory called, and who. Nothing was saved."))
	case !c.ReadBack && c.Why == "":
		return catalogue.Analyte{}, n.refuse(fault.Invalid, words.Errorf("Read the value back to the caller, or say why you could not. Nothing was saved."))
	case c.Called.After(now.Add(calledAhead)):
		return catalogue.Analyte{}, n.refuse(fault.Invalid, words.Errorf("The call lies ahead of now. Nothing was saved. Type its time again."))
	case now.Sub(c.Called) > calledAgo:
		return catalogue.Analyte{}, n.refuse(fault.Invalid, words.Errorf("The call was more than a week ago: write it as a note. Nothing was saved."))
	case c.Collected.After(c.Called.Add(calledAhead)):
		return catalogue.Analyte{}, n.refuse(fault.Invalid, words.Errorf("The sample was collected after the call. Nothing was saved. Type the times again."))
	}
	return list[i], n.bounded(c.Lab, c.Caller, c.Why, c.Unit)
}

// phonedBody is the Observation.
func (n *pen) phonedBody(c ward.RecordPhoned, a catalogue.Analyte) (fhir.Observation, error) {
	rules := n.d.cfg.Rules
	code, q := rules.Told(a, c.Unit)
	units, said := rules.Units(a)
	call := fhir.PhoneCall{Lab: c.Lab, Caller: c.Caller, At: stamp(c.Called), ReadBack: c.ReadBack, Why: c.Why}
	if c.ReadBack {
		call.Why = ""
	}
	o := fhir.Observation{
		ResourceType: fhir.TypeObservation, Status: "preliminary", Code: code, Subject: n.subject(),
		Category:  []fhir.CodeableConcept{concept(fhir.SystemCategory, fhir.CategoryPhoned, "")},
		Performer: []fhir.Reference{{Display: c.Caller + ", " + c.Lab + ", by phone"}},
		Extension: []fhir.Extension{call.Extension()},
	}
	if !c.Collected.IsZero() {
		o.EffectiveDateTime = stamp(c.Collected)
	}
	_, number := ward.Decimal(c.Value)
	switch {
	case said:
		o.ValueString = fhir.Str(c.Value)
		return o, nil
	case !number:
		return o, n.refuse(fault.Invalid, words.Errorf("%s is a number: type digits, and < or > beside them. Nothing was saved.", a.Name))
	case c.Unit == "" && len(units) > 0:
		return o, n.refuse(fault.Invalid, words.Errorf("Give the unit as it was said, such as %s. Nothing was saved.", units[0]))
	case !slices.Contains([]string{"", "<", "<=", ">", ">="}, c.Comparator):
		return o, n.refuse(fault.Invalid, words.Errorf("Beside a number stands <, >, or nothing. Nothing was saved."))
	}
	q.Value, q.Comparator = fhir.Dec(plain(c.Value)), c.Comparator
	o.ValueQuantity = &q
	if rules.Judge(o, n.d.subject(n.c)).Mismatch {
		return o, n.refuse(fault.Invalid, words.Errorf("%s is not measured in %s. Nothing was saved. Ask the caller for the unit.", a.Name, c.Unit))
	}
	return o, nil
}

// phonedAlready finds the same result of the same call by the same person.
func (n *pen) phonedAlready(o fhir.Observation) (fhir.ID, bool) {
	call, _ := fhir.PhoneCallOf(o)
	for i := range n.c.calls {
		had := &n.c.calls[i]
		said, _ := fhir.PhoneCallOf(had.View)
		if withdrawn(had.View.Status) || string(had.First.User) != n.who.User || said != call || had.View.EffectiveDateTime != o.EffectiveDateTime {
			continue
		}
		if had.View.Code.Words() == o.Code.Words() && observed(had.View) == observed(o) {
			return had.id(), true
		}
	}
	return "", false
}

func observed(o fhir.Observation) string {
	var r ward.Result
	giveValue(&r, o)
	return r.Value + " " + r.Unit
}

// withdrawPhoned marks a phoned result as a mistake. Whose it is may do so
// without a word; anybody else says why.
func (n *pen) withdrawPhoned(c ward.WithdrawPhoned) error {
	if err := n.bounded(c.Reason); err != nil {
		return err
	}
	for i := range n.c.calls {
		o := &n.c.calls[i]
		if o.id() != c.Result {
			continue
		}
		switch {
		case withdrawn(o.View.Status):
			return nil
		case string(o.First.User) != n.who.User && strings.TrimSpace(c.Reason) == "":
			return n.refuse(fault.Invalid, words.Errorf("%s wrote it down. Say why it is wrong. Nothing was saved.", o.First.Shown()))
		}
		if strings.TrimSpace(c.Reason) == "" {
			c.Reason = "written down by mistake"
		}
		return n.change(o.Change, o.Unsent, c.Reason, rbac.Change, func(body fhir.Object) error {
			body["status"] = []byte(`"entered-in-error"`)
			return nil
		})
	}
	return n.refuse(fault.NotFound, words.Errorf("This phoned result is not on this computer. Nothing was saved. Look again."))
}

// Analytes are what a phoned result may be of, by the beginnings of words; the
// nearest first, and all of them where nothing is typed.
func (d *Desk) Analytes(_ context.Context, text string) ([]ward.Analyte, error) {
	if _, err := d.author("desk.analytes"); err != nil {
		return nil, err
	}
	rules := d.cfg.Rules
	var out []ward.Analyte
	for _, a := range catalogue.NearAnalytes(rules.Analytes(), text) {
		units, said := rules.Units(a)
		out = append(out, ward.Analyte{Name: a.Name, Units: units, Words: said})
	}
	return out, nil
}
