package submit

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
)

// EmergencyAccess is one time that somebody opened the record of a patient of
// another ward, saying why. The privacy officer reviews each. It is the note
// "emergency/<id>", beside the audit event that it was made of.
type EmergencyAccess struct {
	ID       string           `cbor:"1,keyasint" json:"id"` // station and sequence of the look
	User     record.UserID    `cbor:"2,keyasint" json:"user"`
	Name     string           `cbor:"3,keyasint" json:"name"`
	Role     string           `cbor:"4,keyasint" json:"role"`
	Station  record.StationID `cbor:"5,keyasint" json:"station"`
	Place    string           `cbor:"6,keyasint" json:"place"`
	Patient  fhir.ID          `cbor:"7,keyasint" json:"patient"`
	Reason   string           `cbor:"8,keyasint" json:"reason"`
	At       int64            `cbor:"9,keyasint" json:"at"`                            // ms since 1970, by central's clock where the offset was measured
	Received int64            `cbor:"10,keyasint" json:"received"`                     // when central heard of it
	Reviewed int64            `cbor:"11,keyasint,omitempty" json:"reviewed,omitempty"` // 0: not yet
	Reviewer string           `cbor:"12,keyasint,omitempty" json:"reviewer,omitempty"` // who reviewed it
	Words    string           `cbor:"13,keyasint,omitempty" json:"words,omitempty"`    // what they found
	Overdue  bool             `cbor:"-" json:"overdue,omitempty"`                      // not reviewed within ReviewWithin
	Told     *Telling         `cbor:"-" json:"told,omitempty"`                         // how the privacy officer was told; nil: the access is of before they were
}

// ReviewWithin is how soon the privacy officer should have looked at an
// emergency access (clinical.md 9.3).
const ReviewWithin = 72 * time.Hour

// What an event says of an emergency access, beside the beginning of one.
const (
	WhatLent      = "a record that this computer did not hold"
	WhatLoanEnded = "the end of an emergency access"
	WhatReviewed  = "review of an emergency access"
)

const emergencyPrefix = "emergency/"

// noteEmergency keeps a look that began emergency access for review.
func (w *work) noteEmergency(l record.Look, e audit.Event) error {
	if e.Action != audit.Break || e.Outcome != audit.Success {
		return nil
	}
	at := e.Recorded
	if e.Measured {
		at = at.Add(e.Offset)
	}
	list, err := w.loansOf(l.Station, e.Patient)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(list, func(lent loan) bool { return lent.User == e.Who.User && lent.covers(at) && lent.runs(at.UnixMilli()) }) {
		return nil // it waits for its review since central lent the record
	}
	id := string(l.Station) + "-" + strconv.FormatUint(l.Seq, 10)
	return w.beginEmergency(EmergencyAccess{
		ID: id, User: e.Who.User, Name: e.Who.Name, Role: e.Who.Role, Station: l.Station, Place: e.Who.Place,
		Patient: e.Patient, Reason: e.Reason, At: at.UnixMilli(), Received: w.now.UnixMilli(),
	})
}

func (w *work) setEmergency(e EmergencyAccess) error {
	b, err := record.Encode(e)
	if err != nil {
		return err
	}
	return w.SetNote(emergencyPrefix+e.ID, b)
}

// Emergencies are all emergency accesses, in order of station and sequence.
func (s *Submitter) Emergencies(ctx context.Context) ([]EmergencyAccess, error) {
	list := []EmergencyAccess{}
	late := s.now().Add(-ReviewWithin).UnixMilli()
	err := s.journal.View(ctx, func(r journal.Reader) error {
		for kv, err := range r.Notes(emergencyPrefix) {
			if err != nil {
				return err
			}
			var e EmergencyAccess
			if err := record.Decode(kv.Value, &e); err != nil {
				return err
			}
			e.Overdue = e.Reviewed == 0 && e.Received < late
			t, err := tellingOf(r, e.ID)
			if err != nil {
				return err
			}
			if t.State != "" {
				e.Told = &t
			}
			list = append(list, e)
		}
		return nil
	})
	return list, fault.Wrap("submit.emergencies", "", err)
}

// ReviewEmergency records what the privacy officer found. It is audited; a
// second review is fault.Exists.
func (s *Submitter) ReviewEmergency(ctx context.Context, id, reviewer, words string) (EmergencyAccess, error) {
	var e EmergencyAccess
	if words = strings.TrimSpace(words); words == "" || len(words) > 1000 {
		return e, fault.New(fault.Invalid, "submit.emergency", id, "say what the review found, in at most 1,000 characters")
	}
	_, err := s.update(ctx, "submit.emergency", id, func(w *work) error {
		var ok bool
		var err error
		if e, ok, err = noteOf[EmergencyAccess](w, emergencyPrefix+id); err != nil {
			return err
		}
		switch {
		case !ok:
			return fault.New(fault.NotFound, "submit.emergency", id, "no such emergency access; 'emergency list' shows them")
		case e.Reviewed != 0:
			return fault.New(fault.Exists, "submit.emergency", id, "it was reviewed already, by "+e.Reviewer)
		}
		e.Reviewed, e.Reviewer, e.Words = w.now.UnixMilli(), reviewer, words
		if err := w.setEmergency(e); err != nil {
			return err
		}
		return w.audit(audit.Event{
			Action: audit.Update, Who: audit.Who{User: record.UserID(reviewer)}, Purpose: audit.Operations, Patient: e.Patient,
			Details: []audit.Detail{{Name: "what", Value: WhatReviewed}, {Name: "subject", Value: id}},
		})
	})
	return e, err
}
