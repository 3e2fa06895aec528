package handover

import (
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// Late are the givings that nobody has accepted in time, in words for a band that
// stands above every page; count is how many patients they are. They go to the
// lead of the shift, and every screen of the ward says so, also one that is cut
// off: whoever reads it tells them.
func Late(list []ward.Waiting, now time.Time) (said string, count int) {
	var parts []string
	for _, w := range list {
		if now.Before(w.Due) {
			continue
		}
		count += len(w.Patients)
		parts = append(parts, words.N(len(w.Patients), "%d patient from %s to %s, given %s, not accepted for %s", "%d patients from %s to %s, given %s, not accepted for %s", ward.SayName(w.By), ward.SayName(w.To), ward.Stamp(w.At, now), ward.Span(now.Sub(w.At))))
	}
	if count == 0 {
		return "", 0
	}
	return words.F("Handover to the charge nurse: %s.", strings.Join(parts, "; ")), count
}
