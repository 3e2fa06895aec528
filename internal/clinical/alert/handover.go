package alert

import (
	"time"

	"wardlight/internal/clinical/ward"
)

// HandoverWait is how long a handover may wait to be accepted before it goes up
// to the lead of the shift (our own choice; no published figure was found).
const HandoverWait = 30 * time.Minute

// HandoverLead is to whom it goes up.
const HandoverLead = "charge nurse"

// HandoverDue is until when a handover that was given should be accepted.
func HandoverDue(given time.Time) time.Time { return given.Add(HandoverWait) }

// Illness is how ill the record says that somebody is, for a handover: unstable
// at an aggregate NEWS2 of 5 or more, which RCP's chart 3 calls urgent; a watcher
// at a single 3, at a critical result that nobody has acted on, or where the last
// score was 5 or more; else stable. An incomplete score is a minimum: what stood
// before it holds until a complete set says otherwise (see SinceComplete), and it
// never says that somebody is stable. Without a score nothing can be said, but for
// a critical result.
func Illness(e ward.Early, openCritical bool) ward.Severity {
	const urgent = 5
	switch {
	case e.Known && e.Standing() >= urgent, e.Known && e.AtLeast && severity[e.Risk] >= severity[ward.RiskMedium]:
		return ward.Unstable
	case openCritical, e.Known && e.Risk == ward.RiskLowMedium, e.Known && e.HasFrom && e.From >= urgent:
		return ward.Watcher
	case e.Known && !e.AtLeast:
		return ward.Stable
	}
	return ""
}
