package desk

import (
	"context"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
)

// Rules are the alert rules in force, in words, with how often each fired and what
// people did, as central counted it over all wards. Nothing in it is about a patient or
// names who acted, so whoever is signed in may read it.
func (d *Desk) Rules(ctx context.Context) (ward.RuleBook, error) {
	const op = "desk.rules"
	r := d.cfg.Rules
	out := ward.RuleBook{Version: r.Version, ChangedBy: alert.Said(r.ChangedBy), ChangedAt: d.local(r.ChangedAt), AsOf: d.asOf(), Apart: !d.connected()}
	p, err := d.author(op)
	if err != nil {
		return out, err
	}
	var tally alert.RuleTally
	site := map[alert.RuleID]*ward.RuleLimits{}
	err = d.store.View(ctx, func(rd Reader) (err error) {
		if tally, err = ruleTally(rd); err != nil {
			return err
		}
		for _, b := range d.cfg.Rules.Book() {
			s, _, _, err := d.settings(rd, b.ID)
			if err != nil {
				return err
			}
			r = r.Under(s, d.cfg.Ward, s.Number())
			if site[b.ID], err = d.ruleLimits(rd, p, b.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return out, fault.Wrap(op, "", err)
	}
	out.Counted = d.local(tally.At)
	for _, b := range r.Book() {
		one := ward.Rule{ID: string(b.ID), Name: b.Name, Words: b.Words, From: b.From, Limits: b.Limits, Must: b.Must, Repeats: b.Repeats, Counted: b.Counted, Marks: b.Marks, Site: site[b.ID]}
		if b.Counted && !tally.At.IsZero() && (!b.Marks || tally.Marks) {
			one.Use = map[int]ward.RuleUse{}
			for _, n := range alert.TallyDays {
				c := tally.Days[n][b.ID]
				one.Use[n] = ward.RuleUse{
					Fired: c.Fired, Patients: c.Patients, Taken: c.Taken, Acted: c.Acted, Handed: c.Handed, Nothing: c.Nothing,
					Overruled: c.Overruled, Climbed: c.Climbed, Quiet: c.Quiet, Nobody: c.Nobody, Done: c.Done,
				}
			}
		}
		out.List = append(out.List, one)
	}
	return out, nil
}

// ruleTally is central's count as far as it is here; the zero one where it is not, or not
// in a form that this program reads, or where anybody but central wrote it.
func ruleTally(r Reader) (alert.RuleTally, error) {
	ch, ok, err := r.LooseCurrent(record.UseOfRules())
	if err != nil || !ok || ch.Author.Sender == "" {
		return alert.RuleTally{}, err
	}
	v, err := fhir.View[struct {
		Extension []fhir.Extension `json:"extension"`
	}](ch.Body)
	if err != nil {
		return alert.RuleTally{}, nil
	}
	t, err := alert.ParseRuleTally(fhir.ExtString(v.Extension, fhir.ExtRuleUse))
	if err != nil {
		return alert.RuleTally{}, nil
	}
	return t, nil
}
