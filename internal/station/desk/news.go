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

// flagsOnly judges by the sender's own flags.
type flagsOnly struct{}

func (flagsOnly) Judge(o fhir.Observation, _ alert.Subject) alert.Verdict {
	switch sentFlag(o.Interpretation) {
	case ward.FlagCriticalHigh:
		return alert.Verdict{Critical: true, Direction: alert.High, Why: []string{"laboratory flag HH"}}
	case ward.FlagCriticalLow:
		return alert.Verdict{Critical: true, Direction: alert.Low, Why: []string{"laboratory flag LL"}}
	case ward.FlagCritical:
		return alert.Verdict{Critical: true, Why: []string{"laboratory flag AA"}}
	}
	return alert.Verdict{}
}
