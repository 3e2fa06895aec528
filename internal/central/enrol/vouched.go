package enrol

import (
	"context"
	"strings"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/sso"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/pki"
)

// Whose account is it? A subject of the hospital's sign-in service means one person
// for ever; the name that it gives them may be given to somebody else one day. So
// the name finds an account once, at the first sign-in, and the account is that
// subject's from then on.

// meantBy is the account of an identity, as it stands or as it will be made.
func (o *Office) meantBy(ctx context.Context, set sso.Settings, id sso.Identity) (a record.Account, err error) {
	err = o.conf.Journal.View(ctx, func(r journal.Reader) error {
		a, err = accountOf(r, set, id)
		return err
	})
	return a, err
}

func subjectOf(id sso.Identity) string { return id.Issuer + " " + id.Subject }

func accountOf(r journal.Reader, set sso.Settings, id sso.Identity) (record.Account, error) {
	const op = "enrol.accountof"
	a, there, err := boundTo(r, subjectOf(id))
	if err != nil {
		return a, err
	}
	if !there {
		if a, there, err = accountIn(r, signInName(id.User)); err != nil {
			return a, err
		}
		if there && a.Hospital != "" {
			return record.Account{}, fault.Newf(fault.Denied, op, string(a.User), "The account %s belongs to somebody else of the hospital’s sign-in service. Is this the right account? If it is yours, tell IT.", a.User)
		}
	}
	switch {
	case there && a.Ended != 0:
		return record.Account{}, fault.Newf(fault.Denied, op, string(a.User), "Your account %s is closed here. Ask the charge nurse or IT.", a.User)
	case there:
		return a, nil
	case set.Role == "":
		return record.Account{}, fault.Newf(fault.Denied, op, "", "The hospital knows you as %s, and there is no account of that name here. Is this the right account? Ask the charge nurse or IT for one.", id.User)
	}
	return newcomer(set, id)
}

// boundTo is the account that a subject signed in to before.
func boundTo(r journal.Reader, subject string) (a record.Account, there bool, err error) {
	for kv, err := range r.Notes(userNotes) {
		if err != nil {
			return record.Account{}, false, err
		}
		var a record.Account
		if err := record.Decode(kv.Value, &a); err != nil {
			return record.Account{}, false, err
		}
		if a.Hospital == subject {
			return a, true, nil
		}
	}
	return record.Account{}, false, nil
}

// plainName is a name as the hospital's service says it, without what misleads: whose first
// sign-in this is cannot type it anew.
func plainName(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if misleads(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "")))
}

// newcomer is the account that a first sign-in makes, where that is set.
func newcomer(set sso.Settings, id sso.Identity) (record.Account, error) {
	a := record.Account{User: signInName(id.User), Name: plainName(id.Name), Role: set.Role}
	if a.Name == "" {
		a.Name = id.User
	}
	for _, w := range set.Wards {
		a.Wards = append(a.Wards, record.Ward(w))
	}
	return a, checkAccount(a)
}

// Complete ends a sign-in with the hospital's account: only its answer lets
// somebody in.
func (o *Office) Complete(ctx context.Context, peer record.Peer, req pki.CompleteRequest) (pki.SignInAnswer, error) {
	const op = "enrol.complete"
	p, err := o.hospital(ctx, op)
	if err != nil {
		return pki.SignInAnswer{}, err
	}
	t, err := o.ticketOf(op, peer, req.Ticket)
	if err != nil {
		return pki.SignInAnswer{}, o.auditedAs(ctx, peer, "", byHospital, err)
	}
	var salt, hash []byte
	if req.PIN != "" {
		if salt, hash, err = o.stretchOne(ctx, op, signInName(t.id.User), req.PIN); err != nil {
			return pki.SignInAnswer{}, err // they choose another
		}
	}
	meant, err := o.meantBy(ctx, p.Settings(), t.id)
	if err != nil {
		return pki.SignInAnswer{}, o.auditedAs(ctx, peer, "", byHospital, err)
	}
	if err := o.checkSecond(ctx, meant, req.Code); err != nil {
		return pki.SignInAnswer{}, o.auditedAs(ctx, peer, meant.User, bySecond, err)
	}
	a, changed, err := o.letIn(ctx, peer, p.Settings(), t.id, salt, hash)
	if err != nil {
		return pki.SignInAnswer{}, err
	}
	o.mu.Lock()
	delete(o.tickets, req.Ticket)
	o.mu.Unlock()
	if changed {
		o.changed(a)
	}
	o.right(userNotes + string(a.User))
	return o.answerTo(ctx, a, peer.Device.Station)
}

// ticketOf is the ticket of this name and station; it is used up by who gets in.
func (o *Office) ticketOf(op string, peer record.Peer, name string) (ticket, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	t, there := o.tickets[name]
	if !there || t.station != peer.Device.Station || o.conf.Now().Sub(t.made).Abs() > attemptLife {
		return ticket{}, fault.New(fault.Denied, op, "", "This sign-in was used already, or took too long. Begin again.")
	}
	return t, nil
}

// letIn binds the account to the subject, gives it the PIN that its owner chose, and
// puts the sign-in on record: in one transaction, or none of it.
func (o *Office) letIn(ctx context.Context, peer record.Peer, set sso.Settings, id sso.Identity, salt, hash []byte) (a record.Account, changed bool, err error) {
	const op = "enrol.letin"
	now := o.conf.Now()
	_, err = o.conf.Journal.Update(ctx, func(tx journal.Tx) error {
		changed = false
		if a, err = accountOf(tx, set, id); err != nil {
			return err
		}
		if len(a.PINHash) == 0 && hash == nil {
			return fault.New(fault.Invalid, op, string(a.User), "Choose a PIN: with it you sign in here quickly, and when the network is out.")
		}
		for _, w := range vouchedChanges(&a, subjectOf(id), salt, hash, now) {
			changed = true
			a.Rev++
			if err := o.putAccount(ctx, tx, a, w, now); err != nil {
				return err
			}
		}
		if err := setLast(tx, a.User, func(l *last) { l.Hospital = now.UnixMilli() }); err != nil {
			return err
		}
		return o.audit(ctx, tx, byHospital, string(a.User)+" at "+string(peer.Device.Station), now)
	})
	return a, changed, fault.Wrap(op, string(a.User), err)
}

// vouchedChanges changes an account, and says what became of it.
func vouchedChanges(a *record.Account, subject string, salt, hash []byte, now time.Time) (what []string) {
	if a.Made == 0 {
		a.Made = now.UnixMilli()
		what = append(what, "user-add-by-hospital")
	}
	if a.Hospital != subject {
		a.Hospital = subject
		what = append(what, "user-bound-to-hospital")
	}
	if hash != nil {
		a.PINSalt, a.PINHash = salt, hash
		what = append(what, "user-pin-own")
	}
	return what
}

// Unbind lets an account be found by its name once more: the person has another
// subject at the hospital's sign-in service.
func (o *Office) Unbind(ctx context.Context, user string) error {
	return o.changeAccount(ctx, "enrol.unbind", user, "user-unbound", func(a *record.Account) error {
		if a.Hospital == "" {
			return fault.New(fault.NotFound, "enrol.unbind", string(a.User), "nobody has signed in to this account with the hospital’s account")
		}
		a.Hospital = ""
		return nil
	})
}
