package desk

import (
	"context"
	"time"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
)

// Sounding is what a sound may tell of now: everything of Alerts, and nobody's name,
// so that it is answered while the window is locked: an alert does not wait for the
// right PIN.
func (d *Desk) Sounding(ctx context.Context) ([]ward.Sounding, error) {
	const op = "desk.sounding"
	ids, err := d.board.withAlerts(ctx, d, anyWard)
	if err != nil {
		return nil, fault.Wrap(op, "", err)
	}
	kept := d.kept(anyWard, func(v *derived) bool { return v.alerts != "" })
	var out []ward.Sounding
	err = d.store.View(ctx, func(r Reader) error {
		return eachOf(r, ids, kept, func(c *compartment, left *ward.Leaving) error {
			list, err := d.soundingOf(c, left)
			out = append(out, list...)
			return err
		})
	})
	if err != nil {
		return nil, fault.Wrap(op, "", err)
	}
	again := d.cfg.Rules.Ladder(alert.LadderInpatient).Again
	for _, h := range d.heldBack(anyWard) {
		if h.Open {
			out = append(out, ward.Sounding{Key: ward.SoundKey(h.ID, h.Version), Must: true, Due: dueAt(h.Ladder), Again: again})
		}
	}
	return out, nil
}

// soundingOf are one patient's, as alertsOf.
func (d *Desk) soundingOf(c *compartment, left *ward.Leaving) ([]ward.Sounding, error) {
	results, err := d.results(c, false)
	if err != nil {
		return nil, err
	}
	var out []ward.Sounding
	again := d.ladder(c).Again
	for i := range results {
		r := &results[i]
		if !r.Open || left != nil && cameAfter(r, *left) {
			continue
		}
		out = append(out, ward.Sounding{
			Key: ward.SoundKey(r.ID, r.Version), Must: r.Critical || r.MayBe, Seen: seenOnAWindow(c, r.ID, r.Version),
			Due: dueAt(d.rungs(c, r, left)), Again: again,
		})
	}
	return out, nil
}

// seenOnAWindow says whether a window somewhere has drawn this version. What a wall
// told of does not count: nobody need stand before it.
func seenOnAWindow(c *compartment, result ward.ResultID, version uint64) bool {
	for i := range c.tasks {
		t := c.tasks[i].View
		if code(t) != fhir.TaskShown || t.Focus == nil || uint64(paramVersion(t)) != version || paramString(t, fhir.ParamKind) == fhir.ShownOnWall {
			continue
		}
		if ref, ok := t.Focus.Ref(); ok && ref.ID == result {
			return true
		}
	}
	return false
}

func dueAt(ladder []ward.Rung) (at []time.Time) {
	for _, r := range ladder {
		at = append(at, r.At)
	}
	return at
}

// SoundChanged records that the person who is signed in changed how this computer
// sounds, or muted it, in words, from what to what: silence is on record, like every step
// of a ladder. It is durable when it returns.
func (d *Desk) SoundChanged(ctx context.Context, from, to string) error {
	const op = "desk.soundchanged"
	p, err := d.author(op)
	if err != nil {
		return err
	}
	e := d.event(p, audit.Config)
	e.Purpose = audit.Operations
	// Also where nothing differs: somebody has set it to what it was.
	e.Details = append([]audit.Detail{{Name: "sound of this computer", Value: to}}, audit.Changed(audit.Change{Name: "sound", Before: from, After: to})...)
	if err := d.look(ctx, e); err != nil {
		return d.notSaved(op, err)
	}
	return nil
}
