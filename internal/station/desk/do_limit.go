package desk

import (
	"slices"
	"strings"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/trust/rbac"
	"wardlight/internal/words"
	"wardlight/sync/merge"
)

// setLimit sets one limit of an alert rule.
func (n *pen) setLimit(c ward.SetLimit) error {
	rule := alert.RuleID(c.Rule)
	ref := record.LimitsOf(c.Rule)
	seen, unsent, err := n.ownList(ref)
	if err != nil {
		return err
	}
	action := rbac.Change
	if len(seen.Body) == 0 {
		action = rbac.Create
	}
	switch {
	case !n.d.mayLimits(n.who, action).Allow:
		return n.refuse(fault.Denied, words.Errorf("The limits of alert rules are set by a doctor. Nothing was saved."))
	case c.Ward == "" && !slices.Contains(n.who.Wards, string(rbac.AnyWard)):
		return n.refuse(fault.Denied, words.Errorf("A limit of the whole hospital is set by a doctor who covers the whole hospital. Nothing was saved."))
	case c.Ward != "" && c.Ward != n.d.cfg.Ward:
		return n.refuse(fault.Denied, words.Errorf("A ward's limit is set at a computer of that ward. Nothing was saved."))
	case unsent || uint64(seen.Version) != c.Version:
		return n.refuse(fault.Conflict, words.Errorf("Somebody set these limits while you wrote. Nothing was saved. What you wrote is still here: look at the newest, and set it again."))
	}
	before, _, ok, err := n.d.settings(n.c.r, rule)
	if err != nil {
		return err
	}
	if !ok {
		return n.refuse(fault.Invalid, words.Errorf("A newer program wrote these limits and this one cannot read them, so it does not write over them. Nothing was saved."))
	}
	unit, known := n.d.cfg.Rules.UnitIn(rule, c.Unit)
	if !known {
		unit = c.Unit // Set says in which it is
	}
	after, err := n.d.cfg.Rules.Set(before, alert.Setting{
		Ward: c.Ward, Edge: c.Edge, Unit: unit, Ages: c.Ages, Value: fhir.Decimal(strings.TrimSpace(c.Value)),
		User: n.who.User, By: n.who.Name, At: n.d.now(), Reason: strings.Join(strings.Fields(c.Reason), " "),
	})
	if err != nil {
		return n.refuse(fault.Invalid, words.Errorf("This cannot be saved: %v. Nothing was saved.", err))
	}
	body, err := limitsBody(ref, after)
	if err != nil {
		return fault.Wrap(n.op, ref.String(), err)
	}
	ops := []record.Op{{Kind: record.OpPut, Value: body}}
	if len(seen.Body) > 0 {
		if ops, err = merge.Diff(seen.Body, body); err != nil {
			return fault.As(fault.Invalid, n.op, ref.String(), err)
		}
	}
	id, err := n.number()
	if err != nil {
		return err
	}
	n.put(record.Mutation{ID: id, Ref: ref, Base: seen.Version, Ops: ops}, n.now())
	n.muts[len(n.muts)-1].Patient = ""
	return nil
}

func limitsBody(ref fhir.Ref, s alert.Settings) (fhir.Resource, error) {
	text, err := s.String()
	if err != nil {
		return nil, err
	}
	return fhir.Make(struct {
		ResourceType fhir.Type            `json:"resourceType"`
		ID           fhir.ID              `json:"id"`
		Code         fhir.CodeableConcept `json:"code"`
		Extension    []fhir.Extension     `json:"extension"`
	}{
		fhir.TypeBasic, ref.ID, concept(fhir.SystemBasic, fhir.BasicLimits, "Limits of an alert rule"),
		[]fhir.Extension{{URL: fhir.ExtLimits, ValueString: fhir.Str(text)}},
	})
}

// mayLimits asks the table about the limits of alert rules.
func (d *Desk) mayLimits(p ward.Person, a rbac.Action) rbac.Decision {
	here := []record.Ward{record.Ward(d.cfg.Ward)}
	return rbac.Decide(rbac.Request{Role: rbac.Role(p.Role), Wards: wards(p.Wards), DeviceWards: here, PatientWards: here, Action: a, ResourceType: rbac.TypeLimits, Now: d.now()})
}

// ruleLimits are what the page says of a rule's limits; nil for a rule that has none
// which a site sets, and for whoever may not read them.
func (d *Desk) ruleLimits(r Reader, p ward.Person, rule alert.RuleID) (*ward.RuleLimits, error) {
	ranges := alert.Ranges(rule)
	if len(ranges) == 0 || !d.mayLimits(p, rbac.View).Allow {
		return nil, nil
	}
	s, ch, readable, err := d.settings(r, rule)
	if err != nil {
		return nil, err
	}
	out := &ward.RuleLimits{Version: uint64(ch.Version), Number: s.Number(), Ward: d.cfg.Ward, Newer: !readable, List: []ward.SiteLimit{}}
	if may := d.mayLimits(p, rbac.Change).Allow && readable; may {
		out.MaySite = slices.Contains(p.Wards, string(rbac.AnyWard))
		out.MayWard = d.cfg.Ward != ""
	}
	own, err := r.UnsentFor("")
	if err != nil {
		return nil, err
	}
	out.Unsent = slices.ContainsFunc(own, func(m record.Mutation) bool { return m.Ref == record.LimitsOf(string(rule)) })
	for _, g := range ranges {
		one := ward.SiteLimit{Edge: g.Edge, Unit: g.Unit, Shown: alert.ShownUnit(g.Unit), Ages: g.Ages, From: g.From.Say()}
		at := func(ward string, number int) (string, *alert.Setting) {
			e, _ := d.cfg.Rules.Effective(s, ward, number, g.Unit, g.Ages, g.Edge)
			return string(e.At), e.Set
		}
		var set *alert.Setting
		one.Own, _ = at("", 0)
		one.Hospital, set = at("", s.Number())
		one.Set = d.limitChange(set)
		one.Here = one.Hospital
		if d.cfg.Ward != "" {
			one.Here, set = at(d.cfg.Ward, s.Number())
			if set != nil && set.Ward != "" {
				one.WardSet = d.limitChange(set)
			}
		}
		low, high := g.Ends("")
		one.Low, one.High = string(low), string(high)
		low, high = g.Ends(d.cfg.Ward)
		one.WardLow, one.WardHigh = string(low), string(high)
		out.List = append(out.List, one)
	}
	for _, x := range slices.Backward(s.List) {
		out.Changes = append(out.Changes, *d.limitChange(&x))
	}
	return out, nil
}

func (d *Desk) limitChange(x *alert.Setting) *ward.LimitChange {
	if x == nil {
		return nil
	}
	return &ward.LimitChange{
		Number: x.Number, Ward: x.Ward, Edge: x.Edge, Ages: x.Ages, Shown: alert.ShownUnit(x.Unit), Value: string(x.Value), By: x.By, At: d.local(x.At), Reason: x.Reason,
	}
}
