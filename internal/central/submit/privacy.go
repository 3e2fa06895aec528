package submit

import (
	"cmp"
	"context"
	"net/mail"
	"slices"
	"strconv"
	"strings"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
)

// Telling is what the privacy officer is owed about one emergency access: a message off
// the screen. It is written in the transaction that begins the access here, so it is owed
// once, whether the access came at once or days later from a computer that was off the
// network. While it is open it is the note "tell-privacy/<access>", then it stays as
// "told-privacy/<access>".
type Telling struct {
	ID       string        `cbor:"1,keyasint" json:"-"` // of the access
	Wards    []record.Ward `cbor:"2,keyasint" json:"-"` // of the computer
	At       int64         `cbor:"3,keyasint" json:"-"` // when it began, and when central heard of it: ms since 1970
	Received int64         `cbor:"4,keyasint" json:"-"`
	Short    string        `cbor:"5,keyasint,omitempty" json:"ref,omitempty"`
	State    string        `cbor:"6,keyasint,omitempty" json:"state"`
	Tried    []Told        `cbor:"7,keyasint,omitempty" json:"tried,omitempty"`
	Done     bool          `cbor:"8,keyasint,omitempty" json:"-"`
}

// Told is one way by which it was tried.
type Told struct {
	Key     string `cbor:"1,keyasint" json:"-"` // under which a gateway may know it again
	Person  string `cbor:"2,keyasint" json:"person"`
	Channel string `cbor:"3,keyasint" json:"channel"`
	Tries   int    `cbor:"4,keyasint" json:"tries"`
	Last    int64  `cbor:"5,keyasint,omitempty" json:"-"` // ms since 1970, of the last try
	Status  string `cbor:"6,keyasint" json:"status"`      // CalloutOwed, CalloutSent or CalloutFailed
	Words   string `cbor:"7,keyasint,omitempty" json:"words,omitempty"`
}

// How a telling stands.
const (
	TellWaits    = "waiting"  // it is to be sent
	TellSent     = "sent"     // a gateway took it
	TellFailed   = "failed"   // nobody could be reached; it is tried again
	TellNobody   = "nobody"   // nobody is set who could be told
	TellReviewed = "reviewed" // the access was reviewed before
)

const (
	tellPrefix = "tell-privacy/"
	toldPrefix = "told-privacy/"
)

// beginEmergency keeps an access for review, and that somebody is to be told of it.
func (w *work) beginEmergency(e EmergencyAccess) error {
	if err := w.setEmergency(e); err != nil {
		return err
	}
	_, told, err := w.Note(toldPrefix + e.ID)
	if err != nil || told {
		return err
	}
	d, _, err := noteOf[record.Device](w, record.DeviceNote(e.Station))
	if err != nil {
		return err
	}
	return w.setTelling(Telling{ID: e.ID, Wards: d.Wards, At: e.At, Received: e.Received, State: TellWaits})
}

func (w *work) setTelling(t Telling) error {
	b, err := record.Encode(t)
	if err != nil {
		return err
	}
	if !t.Done {
		return w.SetNote(tellPrefix+t.ID, b)
	}
	if err := w.SetNote(tellPrefix+t.ID, nil); err != nil {
		return err
	}
	return w.SetNote(toldPrefix+t.ID, b)
}

// Tellings are those that are open, in the order of their accesses, and which of the
// accesses were reviewed.
func (s *Submitter) Tellings(ctx context.Context) (list []Telling, reviewed map[string]bool, err error) {
	reviewed = map[string]bool{}
	err = s.journal.View(ctx, func(r journal.Reader) error {
		for kv, err := range r.Notes(tellPrefix) {
			if err != nil {
				return err
			}
			var t Telling
			if err := record.Decode(kv.Value, &t); err != nil {
				return err
			}
			e, _, err := noteOf[EmergencyAccess](r, emergencyPrefix+t.ID)
			if err != nil {
				return err
			}
			list, reviewed[t.ID] = append(list, t), e.Reviewed != 0
		}
		return nil
	})
	slices.SortFunc(list, func(a, b Telling) int { return cmp.Or(cmp.Compare(a.Received, b.Received), cmp.Compare(a.ID, b.ID)) })
	return list, reviewed, fault.Wrap("submit.tellings", "", err)
}

// Tell writes down how one stands, with its audit event. One that is over stays as it
// ended.
func (s *Submitter) Tell(ctx context.Context, t Telling) error {
	_, err := s.update(ctx, "submit.tell", t.ID, func(w *work) error {
		_, open, err := w.Note(tellPrefix + t.ID)
		if err != nil || !open {
			return err
		}
		if err := w.setTelling(t); err != nil {
			return err
		}
		e := audit.Event{
			Action: audit.Update, Who: whoIs(central), Purpose: audit.Operations,
			Details: []audit.Detail{{Name: "what", Value: "the privacy officer is told of an emergency access"}, {Name: "subject", Value: t.ID}, {Name: "state", Value: t.State}},
		}
		if n := len(t.Tried); n > 0 {
			last := t.Tried[n-1]
			e.Details = append(e.Details, audit.Detail{Name: DetailCallout, Value: last.Status + " " + last.Channel + " try " + strconv.Itoa(last.Tries)}, audit.Detail{Name: "person", Value: last.Person})
		}
		switch t.State {
		case TellNobody:
			e.Outcome, e.Reason = audit.Failed, "nobody is set who could be told"
		case TellFailed:
			e.Outcome, e.Reason = audit.Failed, "nobody could be reached"
		}
		return w.audit(e)
	})
	return err
}

// tellingOf is how the telling of one access stands; "" where the access is of before
// anybody was told of any.
func tellingOf(r journal.Reader, id string) (t Telling, err error) {
	t, open, err := noteOf[Telling](r, tellPrefix+id)
	if err == nil && !open {
		t, _, err = noteOf[Telling](r, toldPrefix+id)
	}
	return t, err
}

// PrivacyTo is where the privacy officer is told where no rota says who that is.
type PrivacyTo struct {
	Mail  string `cbor:"1,keyasint,omitempty"`
	Pager string `cbor:"2,keyasint,omitempty"`
}

// PrivacyNote is where that lies.
const PrivacyNote = "privacy-officer"

// PrivacyTo is it as it stands; zero where nothing is set.
func (s *Submitter) PrivacyTo(ctx context.Context) (to PrivacyTo, err error) {
	err = s.journal.View(ctx, func(r journal.Reader) error {
		to, _, err = noteOf[PrivacyTo](r, PrivacyNote)
		return err
	})
	return to, fault.Wrap("submit.privacyto", "", err)
}

// maxAddress bounds an address.
const maxAddress = 200

// SetPrivacyTo sets it, and puts on record who wanted it and what was before.
func (s *Submitter) SetPrivacyTo(ctx context.Context, by record.Author, to PrivacyTo) error {
	const op = "submit.setprivacyto"
	if a, err := mail.ParseAddress(to.Mail); to.Mail != "" && (err != nil || a.Address != to.Mail || len(to.Mail) > maxAddress) {
		return fault.New(fault.Invalid, op, "", "this is no mail address")
	}
	if len(to.Pager) > maxAddress || strings.Trim(to.Pager, "0123456789+*#-. ") != "" {
		return fault.New(fault.Invalid, op, "", "a pager has a number")
	}
	var kept []byte
	if to != (PrivacyTo{}) {
		b, err := record.Encode(to)
		if err != nil {
			return err
		}
		kept = b
	}
	_, err := s.update(ctx, op, "", func(w *work) error {
		was, _, err := noteOf[PrivacyTo](w, PrivacyNote)
		if err != nil {
			return err
		}
		if err := w.SetNote(PrivacyNote, kept); err != nil {
			return err
		}
		return w.audit(audit.Event{
			Action: audit.Config, Who: whoIs(by),
			Details: append([]audit.Detail{{Name: DetailCommand, Value: "emergency tell"}}, audit.Changed(
				audit.Change{Name: "privacy officer's mail", Before: was.Mail, After: to.Mail},
				audit.Change{Name: "privacy officer's pager", Before: was.Pager, After: to.Pager})...),
		})
	})
	return err
}
