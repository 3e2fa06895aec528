package desk

import (
	"slices"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/cache"
)

// While a first filling brings a patient's record, nothing of it may be said to
// be absent that may be on its way. What a screen shows first comes first
// (cache.FilledReady): from then on allergies, the newest results and whoever took
// them are right, and what is older is not here.

// fill notes how far the records of which the compartment consists have come.
func (c *compartment) fill() error {
	for _, id := range append(slices.Clone(c.joined[:min(len(c.joined), maxJoined)]), c.id) {
		f, err := c.r.Filled(id)
		if err != nil {
			return err
		}
		c.filled = max(c.filled, f)
	}
	return nil
}

// loading says what of the record is on its way.
func (c *compartment) loading() ward.Loading {
	switch c.filled {
	case cache.FilledBegun:
		return ward.LoadingAll
	case cache.FilledReady:
		return ward.LoadingOlder
	case cache.FilledWhole:
	}
	return ward.LoadingNone
}

// allergies is the banner's sentence.
func (d *Desk) allergies(c *compartment) ward.AllergyLine { return c.allergyLine(d.allergyList(c)) }

// allergyLine is what may be said with these entries: an allergy that is here is
// told, and that there is none only where none can be on its way.
func (c *compartment) allergyLine(list []ward.Allergy) ward.AllergyLine {
	line := allergyLine(list)
	if c.filled == cache.FilledBegun && line.State != ward.AllergyKnown {
		line.State = ward.AllergyUnavailable
	}
	return line
}

// early is the score of the newest set; of a record that has only begun to come,
// nobody knows which is the newest.
func (c *compartment) early(sets []ward.VitalSet) ward.Early {
	if c.filled == cache.FilledBegun {
		return ward.Early{}
	}
	return early(sets)
}

// OnScreen is what the screen of this station needs first: the board's ward, and
// the chart that was read last.
func (d *Desk) OnScreen() record.First {
	f := record.First{Wards: d.cfg.Wards}
	if d.cfg.Ward != "" {
		f.Wards = []record.Ward{record.Ward(d.cfg.Ward)}
	}
	if id := d.opened.Load(); id != nil {
		f.Patients = []fhir.ID{*id}
	}
	return f
}
