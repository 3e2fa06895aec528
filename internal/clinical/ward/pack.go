package ward

import (
	"fmt"
	"time"
)

// ReadyPack is the ward pack that a computer keeps ready to be printed: when it was
// made, up to when it was right, and of how many patients it is. It names nobody.
type ReadyPack struct {
	Made     time.Time `json:"made"`
	AsOf     time.Time `json:"asOf"`
	Patients int       `json:"patients"`
}

// Words name it: "Ward pack of 14:05, 28 patients".
func (p ReadyPack) Words(now time.Time) string {
	of := Stamp(p.Made, now)
	if p.Patients == 1 {
		return "Ward pack of " + of + ", 1 patient"
	}
	return fmt.Sprintf("Ward pack of %s, %d patients", of, p.Patients)
}

// Age is how old it is: "made 12 min ago"; of one that a clock made in the future, "just
// now" would be a guess.
func (p ReadyPack) Age(now time.Time) string {
	age := now.Sub(p.Made)
	switch {
	case age < 0:
		return "made at a time that is still to come: this computer’s clock was set back"
	case age < time.Minute:
		return "made just now"
	}
	return "made " + Span(age) + " ago"
}
