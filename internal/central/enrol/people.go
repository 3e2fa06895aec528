package enrol

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"

	"golang.org/x/crypto/argon2"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/pki"
)

// Cost is the price of one guess at a PIN: argon2id's parameters.
type Cost struct {
	Memory  uint32 // KiB
	Passes  uint32
	Threads uint8
}

// DefaultCost is 64 MiB, 3 passes, 2 threads: above ASVS 5.0's least (19 MiB,
// 2 passes), and about a fifth of a second on a ward PC.
var DefaultCost = Cost{Memory: 64 << 10, Passes: 3, Threads: 2}

// KeyID is the short name of a public key: 16 hexadecimal digits of its
// SHA-256.
func KeyID(spki []byte) string {
	sum := sha256.Sum256(spki)
	return hex.EncodeToString(sum[:8])
}

func (o *Office) hash(pin string, salt []byte) []byte {
	c := o.conf.Cost
	return argon2.IDKey([]byte(pin), salt, c.Passes, c.Memory, c.Threads, 32)
}

// SignIn checks a PIN at the request of a station. Every try is audited.
func (o *Office) SignIn(ctx context.Context, peer record.Peer, req pki.SignInRequest) (pki.SignInAnswer, error) {
	user := signInName(req.User)
	a, err := o.proven(ctx, peer, user, req.PIN, req.Code, byPIN)
	if err != nil {
		return pki.SignInAnswer{}, err
	}
	if err := o.auditedAs(ctx, peer, user, byPIN, nil); err != nil {
		return pki.SignInAnswer{}, err
	}
	return o.answerTo(ctx, a, peer.Device.Station)
}

// refusedBusy tells of a sign-in that was turned away because there were too many.
func (o *Office) refusedBusy(peer record.Peer, err error) {
	if fault.Is(err, fault.Full) && o.conf.RefusedBusy != nil {
		o.conf.RefusedBusy(peer.Device.Station)
	}
}

// check says whether this is the PIN of an open account. Stretching it costs
// memory, so only few are checked at once.
func (o *Office) check(ctx context.Context, user record.UserID, pin string) (a record.Account, right bool, err error) {
	a, known, err := o.account(ctx, user)
	if err != nil {
		return a, false, err
	}
	if !known { // spend the same time on somebody who is not there
		a.PINSalt, a.PINHash = make([]byte, 16), make([]byte, 32)
	}
	err = o.gate.Do(ctx, "enrol.signin", func() {
		right = subtle.ConstantTimeCompare(o.hash(pin, a.PINSalt), a.PINHash) == 1 && known && a.Ended == 0
	})
	return a, right, err
}

// How somebody signs in, as the audit trail names it; refused adds to it.
const (
	byPIN      = "sign-in"
	byHospital = "sign-in-hospital"
	bySecond   = "sign-in-second-factor"
	refused    = "-refused"
)

// auditedAs journals the try and gives back why it failed, or that it could not
// be journaled: no sign-in without its record.
func (o *Office) auditedAs(ctx context.Context, peer record.Peer, user record.UserID, action string, why error) error {
	if why != nil {
		action += refused
	}
	_, err := o.conf.Journal.Update(ctx, func(tx journal.Tx) error {
		return o.audit(ctx, tx, action, at(user, peer), o.conf.Now())
	})
	if err != nil {
		return fault.Wrap("enrol.signin", string(user), err)
	}
	return why
}

// Person is an account with the wrong PINs that were tried in a row, since central
// was started.
type Person struct {
	record.Account
	Failures int
	Locked   bool // it stands no further try; a new PIN or an hour helps
}

// People are all accounts, in order of name.
func (o *Office) People(ctx context.Context) (list []Person, err error) {
	err = o.conf.Journal.View(ctx, func(r journal.Reader) error {
		l, err := limitsIn(r)
		if err != nil {
			return err
		}
		for kv, err := range r.Notes(userNotes) {
			if err != nil {
				return err
			}
			var p Person
			if err := record.Decode(kv.Value, &p.Account); err != nil {
				return err
			}
			p.Failures = o.failures(kv.Key)
			p.Locked = p.Failures >= l.Guessing.Tries
			list = append(list, p)
		}
		return nil
	})
	return list, err
}

// Account is one account.
func (o *Office) Account(ctx context.Context, user string) (record.Account, error) {
	a, there, err := o.account(ctx, signInName(user))
	if err == nil && !there {
		err = fault.New(fault.NotFound, "enrol.account", user, "there is no such account; wardlightd user list shows them")
	}
	return a, err
}

func (o *Office) account(ctx context.Context, user record.UserID) (a record.Account, ok bool, err error) {
	err = o.conf.Journal.View(ctx, func(r journal.Reader) error {
		a, ok, err = accountIn(r, user)
		return err
	})
	return a, ok, err
}

func accountIn(r journal.Reader, user record.UserID) (a record.Account, there bool, err error) {
	b, there, err := r.Note(userNotes + string(user))
	if err != nil || !there {
		return a, false, err
	}
	return a, true, record.Decode(b, &a)
}

// Share is central's half of what opens the station's cache.
func (o *Office) Share(peer record.Peer) (pki.ShareAnswer, error) {
	if len(peer.Device.Share) != 32 {
		return pki.ShareAnswer{}, fault.New(fault.Denied, "enrol.share", string(peer.Device.Station), "no share is kept for this computer")
	}
	return pki.ShareAnswer{Share: peer.Device.Share}, nil
}
