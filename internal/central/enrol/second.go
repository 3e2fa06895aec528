package enrol

import (
	"context"
	"errors"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/pki"
	"wardlight/internal/trust/rbac"
	"wardlight/internal/trust/totp"
)

// A second factor of an account: a secret that an app shows codes of, and recovery
// codes. It lies in the account, sealed by a key of central's own, so that neither a
// backup nor the journal's key alone gives it away; and beside the raw inbound log
// with the account, so that a restore takes it off nobody.

// second is what is kept of it, before it is sealed.
type second struct {
	Secret    []byte   `cbor:"1,keyasint"`
	Confirmed bool     `cbor:"2,keyasint,omitempty"` // a code of it was given once: from then on it is asked for
	Salt      []byte   `cbor:"3,keyasint"`
	Sums      [][]byte `cbor:"4,keyasint,omitempty"` // of the recovery codes that are left
}

// Second is a second factor as it is shown, once.
type Second struct {
	Secret   string   `json:"secret"`
	URI      string   `json:"uri"`
	Recovery []string `json:"recovery"`
}

func secondAAD(user record.UserID) []byte { return []byte("second factor v1 " + string(user)) }

func (o *Office) openSecond(a record.Account) (s second, there bool, err error) {
	if len(a.Second) == 0 {
		return s, false, nil
	}
	if o.conf.Seal == nil {
		return s, true, fault.New(fault.Unavailable, "enrol.second", string(a.User), "second factors cannot be opened here")
	}
	b, err := o.conf.Seal.Open(secondAAD(a.User), a.Second)
	if err != nil {
		return s, true, fault.Wrap("enrol.second", string(a.User), err)
	}
	return s, true, record.Decode(b, &s)
}

func (o *Office) sealSecond(a *record.Account, s second) error {
	if o.conf.Seal == nil {
		return fault.New(fault.Unavailable, "enrol.second", string(a.User), "second factors cannot be kept here")
	}
	b, err := record.Encode(s)
	if err == nil {
		a.Second = o.conf.Seal.Seal(secondAAD(a.User), b)
	}
	return err
}

// EnrolSecond gives an account a second factor. It is asked for once ConfirmSecond
// has seen a code of it: nobody is shut out by an app that did not take it.
func (o *Office) EnrolSecond(ctx context.Context, user string) (shown Second, err error) {
	const op = "enrol.second"
	name := signInName(user)
	made, err := totp.New(string(name))
	if err != nil {
		return shown, err
	}
	codes, salt, sums := totp.Recovery()
	err = o.changeAccount(ctx, op, user, "user-second-factor", func(a *record.Account) error {
		if err := maySecond(op, *a); err != nil {
			return err
		}
		old, there, err := o.openSecond(*a)
		if err != nil {
			return err
		}
		if there && old.Confirmed {
			return fault.Newf(fault.Exists, op, string(a.User), "the account has a second factor; nothing was changed. Another one: wardlightd user totp remove %s, then enrol", a.User)
		}
		return o.sealSecond(a, second{Secret: made.Secret, Salt: salt, Sums: sums})
	})
	return Second{totp.Text(made.Secret), made.URI, codes}, err
}

// maySecond refuses who could not work with one: it cannot be checked with the
// network out, and a ward must be able to.
func maySecond(op string, a record.Account) error {
	if err := open(op, a); err != nil {
		return err
	}
	if seconded(a) {
		return nil
	}
	return fault.New(fault.Invalid, op, string(a.User), "a second factor is for administrators, privacy officers and interface managers: it cannot be checked with the network out, and then the ward must still be able to sign in")
}

// seconded are the roles that may have a second factor, and must where it is
// demanded.
func seconded(a record.Account) bool {
	r := rbac.Role(a.Role)
	return r == rbac.Administrator || r == rbac.PrivacyOfficer || r == rbac.InterfaceManager
}

// ConfirmSecond takes the first code; from now on one is asked for.
func (o *Office) ConfirmSecond(ctx context.Context, user, code string) error {
	const op = "enrol.confirmsecond"
	var step int64
	err := o.changeAccount(ctx, op, user, "user-second-factor-confirmed", func(a *record.Account) error {
		s, there, err := o.openSecond(*a)
		if err != nil {
			return err
		}
		if !there || s.Confirmed {
			return fault.New(fault.NotFound, op, string(a.User), "no second factor waits to be confirmed")
		}
		var right bool
		if step, right = totp.Check(s.Secret, totp.Typed(code), o.conf.Now(), 0); !right {
			return fault.New(fault.Unknown, op, string(a.User), "this is not the code that the app shows now; are the clocks of the phone and of this server right?")
		}
		s.Confirmed = true
		return o.sealSecond(a, s)
	})
	if err != nil {
		return err
	}
	_, err = o.conf.Journal.Update(ctx, func(tx journal.Tx) error { // the code was used
		return setLast(tx, signInName(user), func(l *last) { l.Step = step })
	})
	return fault.Wrap(op, user, err)
}

// RemoveSecond takes an account's second factor off, for who lost app and codes.
func (o *Office) RemoveSecond(ctx context.Context, user string) error {
	const op = "enrol.removesecond"
	err := o.changeAccount(ctx, op, user, "user-second-factor-removed", func(a *record.Account) error {
		if len(a.Second) == 0 {
			return fault.New(fault.NotFound, op, string(a.User), "the account has no second factor")
		}
		a.Second = nil
		return nil
	})
	if err == nil {
		o.right(secondTries + string(signInName(user)))
	}
	return err
}

// asksSecond says whether a second factor of this account is asked for.
func (o *Office) asksSecond(a record.Account) (bool, error) {
	s, there, err := o.openSecond(a)
	return there && s.Confirmed, err
}

// secondTries counts wrong codes in a row, as wrong PINs are counted.
const secondTries = "second/"

// checkSecond holds the code of somebody whose first factor was right against their
// second one. nil: it is right, or none is asked for.
func (o *Office) checkSecond(ctx context.Context, a record.Account, code string) error {
	const op = "enrol.checksecond"
	asked, err := o.asksSecond(a)
	if err == nil && !asked {
		return o.mayDoWithout(ctx, op, a)
	}
	switch {
	case err != nil:
		return err
	case code == "":
		return fault.As(fault.Denied, op, string(a.User), pki.ErrCodeNeeded)
	case len(code) > 64:
		return fault.New(fault.Invalid, op, string(a.User), "the code is too long")
	}
	slot := secondTries + string(a.User)
	most, err := o.mostTries(ctx)
	if err != nil {
		return err
	}
	if !o.try(slot, most) {
		return fault.New(fault.Denied, op, string(a.User), "Too many wrong codes. Wait an hour, or ask another administrator.")
	}
	changed, err := o.takeCode(ctx, op, a.User, totp.Typed(code))
	if err != nil {
		if !errors.Is(err, errWrongCode) {
			o.notTried(slot)
			return err
		}
		return fault.As(fault.Unknown, op, string(a.User), errWrongCode)
	}
	o.right(slot)
	if changed != nil {
		o.changed(*changed)
	}
	return nil
}

var errWrongCode = errors.New("The code is not right, or was used already. Wait for the next one.") //nolint:staticcheck // a person reads it

// takeCode takes a code, so that it is never taken again: the step of time of one
// from the app, or the recovery code itself. changed is the account where it is
// another now.
func (o *Office) takeCode(ctx context.Context, op string, user record.UserID, code string) (changed *record.Account, err error) {
	now := o.conf.Now()
	_, err = o.conf.Journal.Update(ctx, func(tx journal.Tx) error {
		changed = nil
		a, there, err := accountIn(tx, user)
		if err != nil || !there {
			return errors.Join(err, errWrongCode)
		}
		s, there, err := o.openSecond(a)
		if err != nil || !there {
			return errors.Join(err, errWrongCode)
		}
		l, err := lastOf(tx, user)
		if err != nil {
			return err
		}
		if step, right := totp.Check(s.Secret, code, now, l.Step); right {
			return setLast(tx, user, func(l *last) { l.Step = step })
		}
		i := totp.Recovers(s.Salt, s.Sums, code)
		if i < 0 {
			return errWrongCode
		}
		s.Sums = append(s.Sums[:i:i], s.Sums[i+1:]...)
		if err := o.sealSecond(&a, s); err != nil {
			return err
		}
		a.Rev++
		changed = &a
		return o.putAccount(ctx, tx, a, "user-recovery-code-used", now)
	})
	return changed, fault.Wrap(op, string(user), err)
}
