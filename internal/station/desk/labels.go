package desk

import (
	"context"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/words"
)

// maxLabelled bounds the orders of one print of labels.
const maxLabelled = 40

// Labels is what the labels of some orders of one patient say, and whose they are by
// the record as it is now. All of them are open requests for tests in this patient's
// record, or there are none: a label of somebody else's order, or of one that was
// withdrawn or answered, ends on a wrong sample.
func (d *Desk) Labels(ctx context.Context, patient ward.PatientID, orders []fhir.ID) (who ward.Identity, out []ward.OrderLabel, err error) {
	const op = "desk.labels"
	p, err := d.author(op)
	if err != nil {
		return who, nil, err
	}
	if len(orders) == 0 || len(orders) > maxLabelled {
		return who, nil, fault.As(fault.Invalid, op, "", words.Errorf("Labels are printed for 1 to %d orders at once. Nothing was printed.", maxLabelled))
	}
	err = d.view(ctx, patient, func(c *compartment) error {
		if err := d.mayView(op, p, c); err != nil {
			return err
		}
		who = d.identity(c)
		if who.Retired {
			return fault.As(fault.Conflict, op, string(patient), words.Errorf("This record was joined to another one. Open that one and print from there. Nothing was printed."))
		}
		for _, id := range orders {
			l, err := d.labelOf(op, c, id)
			if err != nil {
				return err
			}
			out = append(out, l)
		}
		return nil
	})
	if err != nil {
		return ward.Identity{}, nil, fault.Wrap(op, string(patient), err)
	}
	return who, out, nil
}

func (d *Desk) labelOf(op string, c *compartment, id fhir.ID) (ward.OrderLabel, error) {
	for i := range c.orders {
		o := &c.orders[i]
		if o.id() != id || o.View.Status == "entered-in-error" {
			continue
		}
		shown := d.testOrder(c, o, false, "")
		if !shown.Open {
			return ward.OrderLabel{}, fault.As(fault.Conflict, op, string(id), words.Errorf("%s waits for no sample any more: %s. Nothing was printed. Look again.", shown.Test, shown.Status))
		}
		l := ward.OrderLabel{Number: orderNumber(o.View, id), Test: shown.Test, Stat: shown.Stat, By: shown.By, At: shown.At}
		if t, ok := d.cfg.Rules.Catalogue.Test(shown.Code); ok {
			l.Sample = t.Sample
		}
		return l, nil
	}
	return ward.OrderLabel{}, fault.As(fault.NotFound, op, string(id), words.Errorf("This order is not one of a test for this patient. Nothing was printed. Look again."))
}

// placerNumber is the code of a placer's number (HL7 table 0203), as a feed sent it.
const placerNumber = "PLAC"

// orderNumber is the number that the placer knows an order by: a feed's own, and for an
// order of ours its id, which no other order of any computer ever has.
func orderNumber(o fhir.ServiceRequest, id fhir.ID) string {
	for _, n := range o.Identifier {
		if n.Type != nil && n.Value != "" && hasCode(n.Type.Coding, placerNumber) {
			return n.Value
		}
	}
	return string(id)
}

func hasCode(list []fhir.Coding, code string) bool {
	for _, c := range list {
		if c.Code == code {
			return true
		}
	}
	return false
}
