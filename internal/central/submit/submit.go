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
	"context"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// Options are what a Submitter needs. Journal and Now are required.
type Options struct {
	Journal journal.Journal
	Now     func() time.Time // central's clock
	// Strict names the channels on which a control id that comes back with
	// other content is held back instead of filed and noted.
	Strict func(channel string) bool
	// Moved is for how long after a patient left a ward its stations may still
	// write about them: what was written during an outage arrives late. 0 means
	// 14 days.
	Moved time.Duration
}

// Submitter is central's way in.
type Submitter struct {
	journal journal.Journal
	now     func() time.Time
	strict  func(channel string) bool
	moved   time.Duration
}

// Undelivered is one critical result that no screen of the patient's ward has
// shown and that nobody has taken.
type Undelivered struct {
	Ref     fhir.Ref       `json:"ref"`
	Version record.Version `json:"version"`
	Patient fhir.ID        `json:"patient,omitempty"`
	Wards   []record.Ward  `json:"wards"`
	Since   time.Time      `json:"since"` // available to us
	Test    string         `json:"test"`  // what was measured, in words; no value
}

// New makes a Submitter.
func New(o Options) *Submitter {
	s := &Submitter{journal: o.Journal, now: o.Now, strict: o.Strict, moved: o.Moved}
	if s.strict == nil {
		s.strict = func(string) bool { return false }
	}
	if s.moved == 0 {
		s.moved = 14 * 24 * time.Hour
	}
	return s
}

// Submit makes one station's mutation durable and says what became of it.
// Every outcome, refusals included, is a receipt; an error means that nothing
// was stored.
func (s *Submitter) Submit(ctx context.Context, peer record.Peer, m record.Mutation) (record.Receipt, error) {
	return record.Receipt{}, fault.New(fault.Unsupported, "submit.submit", string(m.ID), "not yet")
}

// Looks appends a station's own audit events and says up to which sequence
// central now holds them. Links that central has are passed over.
func (s *Submitter) Looks(ctx context.Context, peer record.Peer, looks []record.Look) (upTo uint64, err error) {
	return 0, fault.New(fault.Unsupported, "submit.looks", "", "not yet")
}

// Audit appends one audit event about a look made on central itself.
func (s *Submitter) Audit(ctx context.Context, event []byte) error {
	return fault.New(fault.Unsupported, "submit.audit", "", "not yet")
}

// File makes one translated message durable: its resources, its provenance,
// its row and its audit event are one journal entry.
func (s *Submitter) File(ctx context.Context, f record.Filing) (record.Inbound, error) {
	return record.Inbound{}, fault.New(fault.Unsupported, "submit.file", f.Inbound.ID, "not yet")
}

// Replay files a message that was held back before, translated again.
func (s *Submitter) Replay(ctx context.Context, id string, f record.Filing) (record.Inbound, error) {
	return record.Inbound{}, fault.New(fault.Unsupported, "submit.replay", id, "not yet")
}

// Undelivered lists the critical results that no screen of the patient's ward
// has shown and nobody has taken, oldest first.
func (s *Submitter) Undelivered(ctx context.Context) ([]Undelivered, error) {
	return nil, fault.New(fault.Unsupported, "submit.undelivered", "", "not yet")
}

// PutAccount stores a user; by is who did it.
func (s *Submitter) PutAccount(ctx context.Context, by record.Author, a record.Account) error {
	return fault.New(fault.Unsupported, "submit.account", string(a.User), "not yet")
}

// PutDevice stores an enrolled workstation.
func (s *Submitter) PutDevice(ctx context.Context, by record.Author, d record.Device) error {
	return fault.New(fault.Unsupported, "submit.device", string(d.Station), "not yet")
}

// Account is a user, or fault.NotFound.
func (s *Submitter) Account(ctx context.Context, id record.UserID) (record.Account, error) {
	return record.Account{}, fault.New(fault.Unsupported, "submit.account", string(id), "not yet")
}

// Accounts are all users, in order of id.
func (s *Submitter) Accounts(ctx context.Context) ([]record.Account, error) {
	return nil, fault.New(fault.Unsupported, "submit.accounts", "", "not yet")
}

// Device is an enrolled workstation, or fault.NotFound.
func (s *Submitter) Device(ctx context.Context, id record.StationID) (record.Device, error) {
	return record.Device{}, fault.New(fault.Unsupported, "submit.device", string(id), "not yet")
}

// Devices are all enrolled workstations, in order of id.
func (s *Submitter) Devices(ctx context.Context) ([]record.Device, error) {
	return nil, fault.New(fault.Unsupported, "submit.devices", "", "not yet")
}
