package desk

import (
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
)

// keptAlerts adds the alerts of those who left.
func (d *Desk) keptAlerts(r Reader, to []ward.Alert, kept map[fhir.ID]ward.Leaving) ([]ward.Alert, error) {
	for id, left := range kept {
		c, err := load(r, id)
		if err != nil {
			return nil, err
		}
		if !c.known {
			continue
		}
		list, err := d.alertsOf(c, &left)
		if err != nil {
			return nil, err
		}
		to = append(to, list...)
	}
	return to, nil
}

// cameAfter says whether a result came for the first time after its patient had
// left: of that one central's warning tells, which is an alert of its own.
func cameAfter(r *judged, left ward.Leaving) bool {
	return !left.At.IsZero() && firstCame(r).After(left.At)
}

// firstCame is when the first version of a result was received.
func firstCame(r *judged) time.Time {
	first := r.Received
	for _, e := range r.History {
		if e.At.Before(first) {
			first = e.At
		}
	}
	return first
}
