package ward

import (
	"time"

	"wardlight/internal/words"
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
	return words.N(p.Patients, "Ward pack of %[2]s, %[1]d patient", "Ward pack of %[2]s, %[1]d patients", Stamp(p.Made, now))
}

// Age is how old it is: "made 12 min ago"; of one that a clock made in the future, "just
// now" would be a guess.
func (p ReadyPack) Age(now time.Time) string {
	age := now.Sub(p.Made)
	switch {
	case age < 0:
		return words.T("made at a time that is still to come: this computer’s clock was set back")
	case age < time.Minute:
		return words.T("made just now")
	}
	return words.F("made %s ago", Span(age))
}
