package desk

import (
	"cmp"
	"slices"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
)

// moves are what happened to a patient's stays, newest first, read out of the
// versions of each stay. What came before the oldest version that is on this
// computer is not claimed: only its beginning, where the stay itself says it.
func (d *Desk) moves(c *compartment) ([]ward.Move, error) {
	var out []ward.Move
	for i := range c.encounters {
		e := &c.encounters[i]
		hist, err := c.history(e.Change.Ref)
		if err != nil {
			return nil, err
		}
		out = append(out, d.movesOf(e, hist)...)
	}
	slices.SortStableFunc(out, func(a, b ward.Move) int {
		return cmp.Or(b.At.Compare(a.At), b.Recorded.Compare(a.Recorded), cmp.Compare(a.Stay, b.Stay), cmp.Compare(b.N, a.N))
	})
	return out, nil
}

// stayVersion is one version of a stay.
type stayVersion struct {
	view   fhir.Encounter
	change record.Change
	unsent bool
}

func (v *stayVersion) place() string { return placeOf(v.view) }

// movesOf reads the versions of one stay, oldest first.
func (d *Desk) movesOf(e *item[fhir.Encounter], hist []record.Change) []ward.Move {
	var out []ward.Move
	var before *stayVersion
	versions := make([]stayVersion, 0, len(hist)+1)
	for _, ch := range hist {
		if v, err := fhir.View[fhir.Encounter](ch.Body); err == nil && ch.Version != e.Change.Version {
			versions = append(versions, stayVersion{view: v, change: ch})
		}
	}
	versions = append(versions, stayVersion{view: e.View, change: e.Change, unsent: e.Unsent})
	for i := range versions {
		v := &versions[i]
		for _, m := range d.moved(before, v) {
			m.N = len(out) + 1
			out = append(out, m)
		}
		before = v
	}
	if void(e.View.Status) {
		for i := range out {
			out[i].Void = out[i].Kind != ward.MoveCancelled
		}
	}
	return out
}

func void(status string) bool { return status == "cancelled" || status == "entered-in-error" }

// moved is what a version says that the one before did not; before is nil for the
// oldest that is here.
func (d *Desk) moved(before, v *stayVersion) []ward.Move {
	var out []ward.Move
	at, _ := when(v.change.Times.Clinical, d.loc)
	add := func(kind ward.MoveKind, in, from string, when time.Time) {
		if when.IsZero() {
			when = at
		}
		out = append(out, ward.Move{
			Stay: v.change.Ref.ID, Kind: kind, Place: in, Before: from, At: when,
			Recorded: d.received(v.change.Times), By: v.change.Author.Shown(), Unsent: v.unsent,
		})
	}
	was, wasIn, is, in := "", "", v.view.Status, v.place()
	if before != nil {
		was, wasIn = before.view.Status, before.place()
	}
	begins, ends := d.periodOf(v.view)
	here, ended, ran := present(is), is == "finished", present(was) || was == "finished"
	cut := before == nil && (v.change.Version > 1 || ended) // where it began is not here
	switch {
	case void(is) && !void(was):
		add(ward.MoveCancelled, in, "", time.Time{})
	case is == "planned" && was != is:
		add(ward.MoveExpected, in, "", begins)
	case (here || ended) && !ran && cut:
		if !begins.IsZero() {
			add(ward.MoveBegan, "", "", begins)
		}
		if here && in != "" {
			add(ward.MovePlace, in, "", time.Time{})
		}
	case (here || ended) && !ran:
		add(ward.MoveBegan, in, "", begins)
	case here && was == "finished":
		add(ward.MoveReopened, in, "", time.Time{})
	case here && in != wasIn && in != "":
		add(ward.MovePlace, in, wasIn, time.Time{})
	}
	if ended && was != is {
		add(ward.MoveEnded, in, "", ends)
	}
	return out
}

// periodOf is when a stay began and ended; zero for what it does not say.
func (d *Desk) periodOf(e fhir.Encounter) (begins, ends time.Time) {
	if e.Period == nil {
		return begins, ends
	}
	begins, _ = when(e.Period.Start, d.loc)
	ends, _ = when(e.Period.End, d.loc)
	return begins, ends
}
