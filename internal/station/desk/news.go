package desk

import (
	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
)

// Rules judge results.
type Rules interface {
	Judge(o fhir.Observation, s alert.Subject) alert.Verdict
}

// subject is what the rules need to know of the person.
func (d *Desk) subject(c *compartment) alert.Subject {
	var s alert.Subject
	s.Years, s.AgeKnown = ward.Years(c.patient.View.BirthDate, d.now())
	return s
}

func (d *Desk) scale2(c *compartment) bool { return false }

func (d *Desk) score(s *ward.VitalSet, scale int, who alert.Subject, prior *ward.VitalSet) {}

func (d *Desk) ladder(r ward.Result) []ward.Rung { return nil }
