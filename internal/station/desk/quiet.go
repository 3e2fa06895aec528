package desk

import (
	"slices"

	"wardlight/internal/clinical/alert"
)

// giveQuiet finds the critical results that are quiet repeats: nobody need take them,
// and they interrupt nobody, but they stand red where they stood (clinical rule:
// alert.Rules.Quieted). out is in the order of the record's results. One that was told
// on the phone, and one that is held against a phoned one, is never quiet.
func (d *Desk) giveQuiet(c *compartment, out []judged, who alert.Subject, phoned func(i int) bool) {
	loud := func(r *judged) bool { return r.Critical && r.duty.State == alert.Open }
	if !slices.ContainsFunc(out, func(r judged) bool { return loud(&r) }) {
		return
	}
	var stays []alert.Stay
	for i := range c.encounters {
		if s, ok := alert.StayOf(c.encounters[i].View); ok {
			stays = append(stays, s)
		}
	}
	firing := func(i int) alert.Firing {
		o := c.results[i].View
		by := d.rulesFor(c.r, o, c.results[i].Change)
		return alert.Firing{
			Rules: &by.rules,
			ID:    c.results[i].id(), Result: o, Available: out[i].since, Episode: alert.EpisodeAt(stays, o), Corrected: wasCorrected(&out[i]), Owned: out[i].duty.Had,
		}
	}
	for i := range out {
		r := &out[i]
		if !loud(r) || phoned(i) || !d.cfg.Rules.MayBeQuiet(c.results[i].View) {
			continue
		}
		var others []alert.Firing
		for k := range out {
			if k != i && c.results[k].Change.Patient == c.results[i].Change.Patient {
				others = append(others, firing(k))
			}
		}
		if q := d.cfg.Rules.Quieted(firing(i), others, who); q.Quiet {
			r.duty.State, r.Quiet = alert.NoDuty, q.Say()
			r.Remarks = append(r.Remarks, r.Quiet)
			d.giveOpen(r)
		}
	}
}
