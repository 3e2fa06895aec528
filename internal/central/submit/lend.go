package submit

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/naming"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/rbac"
)

// Emergency access to somebody whom the asking computer does not hold: their record
// is lent to that computer for an hour. The same table decides as for the rest; whom
// it is about is named whole, so that nobody browses by it; it waits for the privacy
// officer's review from the moment at which central lends, whatever becomes of the
// computer. That it is lent is a List (record.LentTo): from there on the sync engine
// brings the record and takes it away again.

// LentFor is how long a record is lent, where nothing else is said.
const LentFor = time.Hour

// afterLent is how much later than the end of a loan something may have been written
// under it: clocks differ, and a form that is open is finished.
const afterLent = 10 * time.Minute

// Bounds of a reason, as the computers have them.
const (
	minLendReason = 8
	maxLendReason = 500
)

// Lent is an answer to whoever asked for emergency access.
type Lent struct {
	Patient fhir.ID
	Until   time.Time
}

// loan is one time that a record was lent to a computer.
type loan struct {
	User  record.UserID `cbor:"1,keyasint"`
	At    int64         `cbor:"2,keyasint"` // ms since 1970
	Until int64         `cbor:"3,keyasint"`
}

// runs says whether it goes on at a moment.
func (l loan) runs(ms int64) bool { return ms < l.Until }

// covers says whether something may have been written under it.
func (l loan) covers(at time.Time) bool {
	return !at.Before(time.UnixMilli(l.At).Add(-afterLent)) && at.Before(time.UnixMilli(l.Until).Add(afterLent))
}

// loans are those of one record to one computer, oldest first: the note
// "lent/<station>/<patient>". Several people may have asked, one after another or
// at once, and what one of them wrote may come up long after another's.
type loans struct {
	Version int    `cbor:"1,keyasint"` // 1
	List    []loan `cbor:"2,keyasint"`
}

// maxLoans bounds how many are remembered; the oldest go.
const maxLoans = 32

func loansNote(s record.StationID, p fhir.ID) string { return "lent/" + string(s) + "/" + string(p) }

func (w *work) loansOf(s record.StationID, p fhir.ID) ([]loan, error) {
	l, _, err := noteOf[loans](w, loansNote(s, p))
	return l.List, err
}

// setLoans remembers them, and says in the record until when the last of them goes on.
func (w *work) setLoans(s record.StationID, p fhir.ID, list []loan) error {
	b, err := record.Encode(loans{Version: 1, List: list[max(len(list)-maxLoans, 0):]})
	if err != nil {
		return err
	}
	if err := w.SetNote(loansNote(s, p), b); err != nil {
		return err
	}
	until := time.Time{}
	for _, l := range list {
		if end := time.UnixMilli(l.Until); l.runs(w.ms()) && end.After(until) {
			until = end
		}
	}
	return w.setLent(s, p, until)
}

// Lend lends the record of the one person who is named whole to the computer of a
// peer, for somebody whose PIN that computer has just checked once more. Asked again
// by the same person while it is lent, it is one access still.
//
// fault.NotFound, fault.Conflict: nobody, or more than one, is named so.
// fault.Denied: this person may not. Each try that names somebody's role or record
// is audited. fault.Invalid: no reason, or no whole name.
func (s *Submitter) Lend(ctx context.Context, peer record.Peer, user record.UserID, who, reason string) (out Lent, err error) {
	const op = "submit.lend"
	if len(reason) < minLendReason || len(reason) > maxLendReason {
		return out, fault.New(fault.Invalid, op, "", "Say in a few words why you need this record now. The privacy officer reads it.")
	}
	var found fhir.ID
	findErr := s.journal.View(ctx, func(r journal.Reader) (err error) {
		found, err = personNamed(ctx, r, naming.WholeOf(who))
		return err
	})
	if findErr != nil && !fault.Is(findErr, fault.NotFound) && !fault.Is(findErr, fault.Conflict) {
		return out, findErr
	}
	var refused error
	_, err = s.update(ctx, op, string(peer.Device.Station), func(w *work) error {
		l := &lending{work: w, peer: peer, user: user, reason: reason, patient: found}
		why, err := l.mayLend()
		switch {
		case err != nil:
			return err
		case why != "":
			refused = fault.New(fault.Denied, op, "", "You may not do this here: "+why+".")
		case findErr != nil:
			refused = findErr
		}
		if refused != nil {
			return l.audited(audit.Refused)
		}
		out, err = l.lend()
		return err
	})
	if err == nil {
		err = refused
	}
	return out, err
}

// lending is one try.
type lending struct {
	*work
	peer    record.Peer
	device  record.Device
	account record.Account
	user    record.UserID
	reason  string
	patient fhir.ID
}

// mayLend asks the table: is this somebody who may use emergency access at all?
func (l *lending) mayLend() (why string, err error) {
	if l.device, err = l.deviceOf(l.peer); err != nil {
		return "", err
	}
	account, ok, err := accountOf(l, l.user)
	if err != nil {
		return "", err
	}
	if !ok {
		return "your account is not known to the server", nil
	}
	l.account = account
	return refusal(rbac.Decide(lentRequest(account, l.device, rbac.Request{
		Action: rbac.View, ResourceType: fhir.TypePatient, Now: l.now, Purpose: rbac.BreakGlass,
	}))), nil
}

// lentRequest completes a request about somebody whose record is lent to a device.
func lentRequest(a record.Account, d record.Device, r rbac.Request) rbac.Request {
	r.Role, r.Wards = rbac.Role(a.Role), a.Wards
	r.DeviceWards = d.Holds()
	r.PatientWards = append(slices.Clip(r.PatientWards), record.OwnWard(d.Station))
	if a.Ended != 0 {
		r.Ended = time.UnixMilli(a.Ended)
	}
	return r
}

// lend writes the List, the notes and the audit event of one commit.
func (l *lending) lend() (Lent, error) {
	now, until := l.ms(), l.now.Add(l.s.lent)
	out := Lent{Patient: l.patient, Until: until}
	list, err := l.loansOf(l.peer.Device.Station, l.patient)
	if err != nil {
		return out, err
	}
	for _, before := range list {
		if before.User == l.user && before.runs(now) {
			out.Until = time.UnixMilli(before.Until)
			return out, nil // it is lent to them already
		}
	}
	list = append(list, loan{User: l.user, At: now, Until: until.UnixMilli()})
	if err := l.setLoans(l.peer.Device.Station, l.patient, list); err != nil {
		return out, err
	}
	id := "lent-" + string(l.peer.Device.Station) + "-" + strconv.FormatInt(now, 10) + "-" + string(l.user)
	err = l.beginEmergency(EmergencyAccess{
		ID: id, User: l.user, Name: l.account.Name, Role: l.account.Role, Station: l.peer.Device.Station, Place: l.device.Place,
		Patient: l.patient, Reason: l.reason, At: now, Received: now,
	})
	if err != nil {
		return out, err
	}
	return out, l.audited(audit.Success)
}

func (l *lending) audited(out audit.Outcome) error {
	e := audit.Event{
		Action: audit.Break, Outcome: out, Purpose: audit.BreakGlass, Patient: l.patient, Reason: l.reason,
		Who: audit.Who{
			User: l.user, Name: l.account.Name, Role: l.account.Role,
			Station: l.peer.Device.Station, Place: l.device.Place, Address: l.peer.Remote,
		},
		Details: []audit.Detail{{Name: "what", Value: WhatLent}},
	}
	if out == audit.Refused {
		e.Reason = "emergency access was not given"
	}
	return l.audit(e)
}

// setLent writes whether a record is lent to a computer; until zero: not any more.
func (w *work) setLent(station record.StationID, p fhir.ID, until time.Time) error {
	ref := record.LentTo(station, p)
	l := fhir.List{ResourceType: fhir.TypeList, ID: ref.ID, Status: "retired", Mode: "working", Title: "Lent for emergency access"}
	if !until.IsZero() {
		l.Status, l.Date = "current", stamp(w.now)
		l.Extension = []fhir.Extension{
			{URL: fhir.ExtLent, ValueString: fhir.Str(string(station))},
			{URL: fhir.ExtUntil, ValueDateTime: fhir.Str(stamp(until))},
		}
		l.Entry = []fhir.ListEntry{{Item: fhir.To(fhir.Ref{Type: fhir.TypePatient, ID: p})}}
	}
	body, err := fhir.Make(l)
	if err != nil {
		return err
	}
	_, err = w.put(record.Change{Ref: ref, Wards: []record.Ward{record.OwnWard(station)}, Body: body, Author: central, Clock: record.HLC{Wall: w.ms()}})
	return err
}

// TakeBackLent ends the loans whose hour is over.
func (s *Submitter) TakeBackLent(ctx context.Context) error {
	const op = "submit.takebacklent"
	var over []overdue
	err := s.journal.View(ctx, func(r journal.Reader) (err error) {
		over, err = lentTooLong(r, s.now())
		return err
	})
	if err != nil || len(over) == 0 {
		return fault.Wrap(op, "", err)
	}
	_, err = s.update(ctx, op, "", func(w *work) error {
		for _, o := range over {
			if err := w.setLent(o.station, o.patient, time.Time{}); err != nil {
				return err
			}
			err := w.audit(audit.Event{
				Action: audit.Update, Who: whoIs(central), Patient: o.patient,
				Details: []audit.Detail{{Name: "what", Value: WhatLoanEnded}, {Name: "subject", Value: string(o.station)}},
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// EndLoan takes a record back before its hour is over: somebody in charge says that
// there is no emergency. What is lent to somebody else at that computer meanwhile
// stays lent; access to a record that the computer holds by itself ends there only.
//
// fault.NotFound: no such access, or nothing is lent by it any more. fault.Invalid:
// no reason.
func (s *Submitter) EndLoan(ctx context.Context, id, by, why string) (e EmergencyAccess, err error) {
	const op = "submit.endloan"
	if why = strings.TrimSpace(why); why == "" || len(why) > maxLendReason {
		return e, fault.New(fault.Invalid, op, id, "say why it ends, in at most 500 characters")
	}
	_, err = s.update(ctx, op, id, func(w *work) error {
		var ok bool
		var err error
		if e, ok, err = noteOf[EmergencyAccess](w, emergencyPrefix+id); err != nil {
			return err
		}
		list, err := w.loansOf(e.Station, e.Patient)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(list, func(l loan) bool { return l.User == e.User && l.At == e.At && l.runs(w.ms()) })
		if !ok || at < 0 {
			return fault.New(fault.NotFound, op, id, "no record is lent by an access of this id now; 'emergency list' shows them")
		}
		list[at].Until = w.ms()
		if err := w.setLoans(e.Station, e.Patient, list); err != nil {
			return err
		}
		return w.audit(audit.Event{
			Action: audit.Update, Who: audit.Who{User: record.UserID(by)}, Purpose: audit.Operations, Patient: e.Patient, Reason: why,
			Details: []audit.Detail{{Name: "what", Value: WhatLoanEnded}, {Name: "subject", Value: id}},
		})
	})
	return e, err
}

// overdue is a loan whose hour is over.
type overdue struct {
	station record.StationID
	patient fhir.ID
}

func lentTooLong(r journal.Reader, now time.Time) (over []overdue, err error) {
	err = listsOver(r, record.TagLent, now, func(l fhir.List) {
		for _, p := range l.Patients() {
			over = append(over, overdue{record.StationID(fhir.ExtString(l.Extension, fhir.ExtLent)), p})
		}
	})
	return over, err
}

// lentTo says whether a patient's record, or another of the same person, is lent to
// a computer, or was when something was written.
func (w *work) lentTo(station record.StationID, p fhir.ID, written time.Time) (bool, error) {
	all, err := linked(w, p)
	if err != nil {
		return false, err
	}
	for _, id := range all {
		list, err := w.loansOf(station, id)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(list, func(l loan) bool { return l.covers(written) }) {
			return true, nil
		}
	}
	return false, nil
}

// personNamed is the one person who is named whole: their record, or the one that
// replaced it. Every Patient is read for it, which takes about a second of a hundred
// thousand; so whoever asks is held to a rate.
func personNamed(ctx context.Context, r journal.Reader, whole naming.Whole) (found fhir.ID, err error) {
	const op = "submit.named"
	for c, err := range r.All(fhir.TypePatient, "") {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return "", fault.Wrap(op, "", err)
		}
		p, bad := fhir.View[fhir.Patient](c.Body)
		if bad != nil || !namedWhole(p, whole) {
			continue
		}
		if one, err := onePerson(r, found, c.Ref.ID); err != nil || found != "" && !one {
			return "", cmp.Or(err, fault.New(fault.Conflict, op, "", "More than one patient fits. Give the whole NHS number."))
		}
		if p.Active == nil || *p.Active || found == "" {
			found = c.Ref.ID
		}
	}
	if found == "" {
		return "", fault.New(fault.NotFound, op, "", "Nobody in this hospital has exactly this name and date of birth, or this number. Give family name, given name and date of birth (1954-03-14), or the whole NHS number.")
	}
	return found, nil
}

// namedWhole looks at each name of a person.
func namedWhole(p fhir.Patient, whole naming.Whole) bool {
	numbers := make([]string, 0, len(p.Identifier))
	for _, id := range p.Identifier {
		if n := naming.FoldNumber(id.Value); n != "" {
			numbers = append(numbers, n)
		}
	}
	if len(p.Name) == 0 {
		return whole.Names("", "", "", numbers)
	}
	return slices.ContainsFunc(p.Name, func(n fhir.HumanName) bool {
		return whole.Names(n.Family, strings.Join(n.Given, " "), p.BirthDate, numbers)
	})
}
