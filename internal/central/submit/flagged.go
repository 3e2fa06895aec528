package submit

import (
	"context"
	"strconv"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
)

// A look that stands out (audit.Flags) is followed in the journal by an event of
// central's own, in the same transaction. Central decides, because it knows
// everybody who works here, and because what a computer says of itself may have
// been changed.

// What such an event says: a flag, and the look that it is about.
const (
	DetailFlag     = "flag"
	DetailLook     = "look"
	DetailPatients = "patients" // how many it was about, where it was many
)

// watchedPrefix is where the records lie that are watched: "watched/<patient>".
const watchedPrefix = "watched/"

// flagLook follows a look with what stands out about it.
func (w *work) flagLook(l record.Look, e audit.Event) error {
	if about, over := OverFlag(e); over {
		about.Details = append(about.Details, lookDetail(l))
		return w.audit(about)
	}
	opened := (e.Action == audit.Read || e.Action == audit.Break) && e.Patient != "" && e.Who.User != ""
	if !opened {
		return nil
	}
	flags, err := w.flagsOf(e)
	if err != nil || len(flags) == 0 {
		return err
	}
	about := audit.Event{
		Action: audit.Flagged, Who: e.Who, Patient: e.Patient, Outcome: e.Outcome, Reason: e.Reason, Purpose: e.Purpose,
		Details: []audit.Detail{lookDetail(l)},
	}
	for _, f := range flags {
		about.Details = append(about.Details, audit.Detail{Name: DetailFlag, Value: string(f)})
	}
	return w.audit(about)
}

func lookDetail(l record.Look) audit.Detail {
	return audit.Detail{Name: DetailLook, Value: strconv.FormatUint(l.Seq, 10) + " of " + string(l.Station)}
}

// OverFlag is central's word on something that was taken out over the limit, or was
// refused for that; over is false where an event is of neither.
func OverFlag(e audit.Event) (about audit.Event, over bool) {
	patients, over := audit.IsOver(e)
	if !over {
		return about, false
	}
	return audit.Event{
		Action: audit.Flagged, Recorded: e.Recorded, Who: e.Who, Outcome: e.Outcome, Reason: e.Reason, Purpose: e.Purpose,
		Details: []audit.Detail{{Name: DetailFlag, Value: string(audit.Over)}, {Name: DetailPatients, Value: patients}},
	}, true
}

func (w *work) flagsOf(e audit.Event) ([]audit.Flag, error) {
	p, err := w.patient(e.Patient)
	if err != nil || p == nil {
		return nil, err
	}
	var names audit.Names
	for _, n := range p.Name {
		names.Family, names.Given = append(names.Family, n.Family), append(names.Given, n.Given...)
	}
	_, watched, err := w.Note(watchedPrefix + string(e.Patient))
	if err != nil {
		return nil, err
	}
	staff, err := w.staff()
	if err != nil {
		return nil, err
	}
	return audit.Flags(lookerName(e.Who, staff[e.Who.User]), names, namesOf(staff), watched), nil
}

// lookerName is the name of an account, or what the computer called them: a name
// and behind it the role.
func lookerName(who audit.Who, account string) string {
	if account != "" {
		return account
	}
	name, _, _ := strings.Cut(who.Name, ",")
	return name
}

// staff are the names of all accounts, read once for each transaction.
func (w *work) staff() (map[record.UserID]string, error) {
	if w.accounts != nil {
		return w.accounts, nil
	}
	all := map[record.UserID]string{}
	for kv, err := range w.Notes(userPrefix) {
		if err != nil {
			return nil, err
		}
		var a record.Account
		if err := record.Decode(kv.Value, &a); err != nil {
			return nil, err
		}
		all[a.User] = a.Name
	}
	w.accounts = all
	return all, nil
}

func namesOf(staff map[record.UserID]string) []string {
	names := make([]string, 0, len(staff))
	for _, n := range staff {
		names = append(names, n)
	}
	return names
}

var yesNo = map[bool]string{true: "yes", false: "no"}

// Watch has every look at a record flagged from now on, or no longer, and puts on
// record who wanted it and why.
func (s *Submitter) Watch(ctx context.Context, by record.Author, patient fhir.ID, on bool, reason string) error {
	const op = "submit.watch"
	_, err := s.update(ctx, op, string(patient), func(w *work) error {
		p, err := w.patient(patient)
		if err == nil && p == nil {
			err = fault.New(fault.NotFound, op, string(patient), "no patient of this id")
		}
		if err != nil {
			return err
		}
		var note []byte
		if on {
			note = []byte{1}
		}
		_, watched, err := w.Note(watchedPrefix + string(patient))
		if err != nil {
			return err
		}
		changed := audit.Change{Name: "watched", Before: yesNo[watched], After: yesNo[on]}
		if err := w.SetNote(watchedPrefix+string(patient), note); err != nil {
			return err
		}
		what := map[bool]string{true: "begin", false: "end"}[on]
		return w.audit(audit.Event{
			Action: audit.Config, Who: whoIs(by), Reason: reason,
			Details: append([]audit.Detail{{Name: DetailCommand, Value: "audit watch"}, {Name: "what", Value: what}, {Name: "id", Value: string(patient)}}, audit.Changed(changed)...),
		})
	})
	return err
}
