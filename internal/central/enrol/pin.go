package enrol

import (
	"context"
	"crypto/sha256"
	"encoding/base64"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/pki"
)

// A person's own PIN is changed by whoever proves the one that there is. A guess at
// the old one here is a guess at a sign-in: the same count, the same
// ten, or as few as a hospital set (Limits).

// ownPIN is how the audit trail names it; it is made of "own-", as is everything that
// somebody does about their own account at a computer.
const ownPIN = "own-pin"

// ChangePIN gives somebody another PIN, who gives the one that there is.
func (o *Office) ChangePIN(ctx context.Context, peer record.Peer, req pki.PINRequest) (pki.SignInAnswer, error) {
	const op = "enrol.changepin"
	user := signInName(req.User)
	// What is wrong with the new one is said first: it counts no try, and says nothing of
	// the old one.
	if err := checkPIN(op, user, req.New); err != nil {
		return pki.SignInAnswer{}, err
	}
	if req.New == req.PIN {
		return pki.SignInAnswer{}, fault.New(fault.Invalid, op, string(user), "The new PIN is the old one. Choose another.")
	}
	a, err := o.proven(ctx, peer, user, req.PIN, req.Code, ownPIN)
	if err != nil {
		return pki.SignInAnswer{}, err
	}
	salt, hash, err := o.stretchOne(ctx, op, user, req.New)
	if err != nil {
		return pki.SignInAnswer{}, err
	}
	proved := a.PINSalt
	now := o.conf.Now()
	_, err = o.conf.Journal.Update(ctx, func(tx journal.Tx) error {
		if a, err = provenStill(tx, op, user, proved); err != nil {
			return err
		}
		was := a
		a.PINSalt, a.PINHash = salt, hash
		a.Rev++
		changes := o.accountChanges(was, a)
		if req.EndOthers {
			if err := endSessions(tx, user, ""); err != nil {
				return err
			}
			changes = append(changes, audit.Change{Name: "sessions at other computers", Before: "as they were", After: "ended"})
		}
		return o.putAccountAs(ctx, tx, a, ownPIN, at(user, peer), now, changes...)
	})
	if err != nil {
		return pki.SignInAnswer{}, fault.Wrap(op, string(user), err)
	}
	o.right(userNotes + string(user))
	o.changed(a)
	if req.EndOthers {
		o.ended(user, "", peer.Device.Station)
	}
	return o.answerTo(ctx, a, peer.Device.Station)
}

// proven says whose account it is whose PIN, and second factor where there is one, were
// given at a station. It counts as a sign-in does; a refusal is on record as one of what
// was to be done.
func (o *Office) proven(ctx context.Context, peer record.Peer, user record.UserID, pin, code, what string) (record.Account, error) {
	const op = "enrol.proven"
	if len(user) > 64 || len(pin) > 64 || len(code) > 64 {
		return record.Account{}, fault.New(fault.Invalid, op, "", "name or PIN is too long")
	}
	slot := userNotes + string(user)
	most, err := o.mostTries(ctx)
	if err != nil {
		return record.Account{}, err
	}
	leave, err := o.guess(peer.Device.Station)
	if err != nil {
		o.refusedBusy(peer, err)
		return record.Account{}, err
	}
	defer leave()
	if !o.try(slot, most) {
		return record.Account{}, o.auditedAs(ctx, peer, user, what, fault.New(fault.Denied, op, string(user), "too many wrong PINs; ask an administrator for a new one"))
	}
	a, right, err := o.check(ctx, user, pin)
	if err != nil {
		o.notTried(slot)
		o.refusedBusy(peer, err)
		return record.Account{}, err
	}
	if !right {
		return record.Account{}, o.auditedAs(ctx, peer, user, what, fault.New(fault.Unknown, op, "", "name or PIN is not right"))
	}
	o.right(slot)
	if err := o.pinAlone(ctx, a); err != nil {
		return record.Account{}, o.auditedAs(ctx, peer, user, what, err)
	}
	if err := o.checkSecond(ctx, a, code); err != nil {
		return record.Account{}, o.auditedAs(ctx, peer, user, bySecond, err)
	}
	return a, nil
}

// provenStill is the account whose PIN was proven, unless it was closed or given another
// one since: two who change it at once are not both right.
func provenStill(tx journal.Tx, op string, user record.UserID, salt []byte) (record.Account, error) {
	a, there, err := accountIn(tx, user)
	if err == nil && (!there || a.Ended != 0 || string(a.PINSalt) != string(salt)) {
		err = fault.New(fault.Conflict, op, string(user), "The account was changed at this moment. Try again.")
	}
	return a, err
}

// at is "user at station", as the audit trail has it of what people do themselves.
func at(user record.UserID, peer record.Peer) string {
	return string(user) + " at " + string(peer.Device.Station)
}

// pinID names an account's PIN: of the salt alone, which is made anew with each PIN, so
// that nothing of the PIN can be guessed by it.
func pinID(a record.Account) string {
	if len(a.PINHash) == 0 {
		return ""
	}
	sum := sha256.Sum256(append([]byte("wardlight PIN id v1\x00"), a.PINSalt...))
	return base64.RawURLEncoding.EncodeToString(sum[:6])
}
