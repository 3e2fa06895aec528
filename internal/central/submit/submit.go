// Package submit is central's only way in: whatever a station writes, a
// connector receives or an administrator sets becomes part of the record here
// and nowhere else. It identifies who speaks, decides whether they may, merges
// with what is current, appends, and audits, all in one journal transaction.
//
// Promises:
//   - What is answered for is durable: a receipt or an inbound row is returned
//     only after the journal's commit.
//   - The same mutation or the same message again changes nothing and gets the
//     same answer.
//   - Bad content is never an error: it is kept, with a reason in words, and
//     answered with a refusing receipt or a quarantined row. An error means
//     that nothing was stored (unavailable, full, corrupt) and that the sender
//     must try again.
//   - Everything accepted and everything refused leaves an audit event in the
//     same entry. There is no acknowledgement without one.
//   - A critical value is never silent: not for an unknown patient, not in a
//     message of which half is unreadable.
//
// A Submitter keeps no state of its own beside the journal, so that several
// nodes may share one journal. All methods are safe for concurrent use.
package submit

import (
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/phoned"
	"wardlight/internal/trust/keys"
)

// Judge says whether a result is critical, and whether one that it cannot judge
// may be; alert.Rules does.
type Judge interface {
	Judge(o fhir.Observation, of alert.Subject) alert.Verdict
	Perhaps(o fhir.Observation, of alert.Subject) alert.Verdict
}

// Options are what a Submitter needs. Journal and Now are required.
type Options struct {
	Journal journal.Journal
	Now     func() time.Time // central's clock
	Rules   Judge            // nil: alert.Default
	// Strict names the channels on which a control id that comes back with
	// other content is held back instead of filed and noted.
	Strict func(channel string) bool
	// Moved is for how long after a patient left a ward its stations may still
	// write about them: what was written during an outage arrives late. 0 means
	// 14 days.
	Moved time.Duration
	// Lent is for how long a record is lent for an emergency access. 0 means LentFor.
	Lent time.Duration
	// Verify checks a device's signature; nil: keys.VerifyDevice.
	Verify func(publicKey, msg, sig []byte) error
	// Unseal opens what a station sealed to central's recovery key: the audit key
	// that it begins. nil: looks are taken without being held to their keys.
	Unseal func(sealed []byte) ([]byte, error)
	// Recent remembers the newest entries for those who follow the journal; nil: a
	// memory of their own.
	Recent *journal.Recent
}

// Submitter is central's way in.
type Submitter struct {
	journal journal.Journal
	now     func() time.Time
	rules   Judge
	strict  func(channel string) bool
	moved   time.Duration
	lent    time.Duration
	verify  func(publicKey, msg, sig []byte) error
	unseal  func(sealed []byte) ([]byte, error)
	recent  *journal.Recent
	matcher phoned.Matcher // of what was phoned and what was sent
}

// New makes a Submitter.
func New(o Options) *Submitter {
	s := &Submitter{journal: o.Journal, now: o.Now, rules: o.Rules, strict: o.Strict, moved: o.Moved, lent: o.Lent, verify: o.Verify, unseal: o.Unseal, recent: o.Recent}
	if s.recent == nil {
		s.recent = new(journal.Recent)
	}
	if s.verify == nil {
		s.verify = keys.VerifyDevice
	}
	if s.rules == nil {
		s.rules = alert.Default()
	}
	if s.strict == nil {
		s.strict = func(string) bool { return false }
	}
	if s.moved == 0 {
		s.moved = 14 * 24 * time.Hour
	}
	if s.lent == 0 {
		s.lent = LentFor
	}
	s.matcher = matcherFor(s.rules)
	return s
}
