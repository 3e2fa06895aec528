package handover

import (
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
)

// Late are the givings that nobody has accepted in time, in words for a band that
// stands above every page; count is how many patients they are. They go to the
// lead of the shift, and every screen of the ward says so, also one that is cut
// off: whoever reads it tells them.
func Late(list []ward.Waiting, now time.Time) (words string, count int) {
	var parts []string
	for _, w := range list {
		if now.Before(w.Due) {
			continue
		}
		count += len(w.Patients)
		parts = append(parts, countWords(len(w.Patients))+" from "+w.By+" to "+w.To+", given "+ward.Stamp(w.At, now)+", not accepted for "+ward.Span(now.Sub(w.At)))
	}
	if count == 0 {
		return "", 0
	}
	return "Handover to the charge nurse: " + strings.Join(parts, "; ") + ".", count
}
