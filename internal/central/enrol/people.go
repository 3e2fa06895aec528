package enrol

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strings"

	"golang.org/x/crypto/argon2"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/pki"
	"wardlight/internal/trust/rbac"
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

// maxTries is how many wrong PINs an account stands before an administrator
// must help (NIST SP 800-63B-4 allows ten).
const maxTries = 10

// KeyID is the short name of a public key: 16 hexadecimal digits of its
// SHA-256.
func KeyID(spki []byte) string {
	sum := sha256.Sum256(spki)
	return hex.EncodeToString(sum[:8])
}

// AddUser makes a local account, or gives an existing one a new PIN, name,
// role and wards.
func (o *Office) AddUser(ctx context.Context, a record.Account, pin string) error {
	a.User = record.UserID(strings.ToLower(strings.TrimSpace(string(a.User))))
	if err := checkAccount(a, pin); err != nil {
		return err
	}
	salt := make([]byte, 16)
	if _, err := rand.Read(salt); err != nil {
		return fault.Wrap("enrol.adduser", string(a.User), err)
	}
	now := o.conf.Now()
	a.PINSalt, a.PINHash, a.Made = salt, o.hash(pin, salt), now.UnixMilli()
	kept, err := record.Encode(a)
	if err != nil {
		return err
	}
	_, err = o.conf.Journal.Update(ctx, func(tx journal.Tx) error {
		if err := tx.SetNote("user/"+string(a.User), kept); err != nil {
			return err
		}
		return o.audit(tx, "user-add", string(a.User), now)
	})
	if err == nil {
		o.right("user/" + string(a.User))
	}
	return fault.Wrap("enrol.adduser", string(a.User), err)
}

func checkAccount(a record.Account, pin string) error {
	bad := func(why string) error { return fault.New(fault.Invalid, "enrol.adduser", string(a.User), why) }
	switch {
	case a.User == "" || len(a.User) > 64 || strings.Trim(string(a.User), "abcdefghijklmnopqrstuvwxyz0123456789.-_") != "":
		return bad("a user name has 1 to 64 of a-z, 0-9, dot, hyphen and underscore")
	case a.Name == "" || len(a.Name) > 128:
		return bad("give the name that colleagues will read")
	case !rbac.Role(a.Role).Known():
		return bad("there is no such role; give one of " + roleNames())
	case len(pin) < 4 || len(pin) > 64:
		return bad("a PIN has 4 to 64 characters; 6 are advised")
	case strings.Count(pin, pin[:1]) == len(pin):
		return bad("a PIN of one repeated character is the first that is guessed")
	}
	return nil
}

// roleNames are the roles that a person may have, as they are typed.
func roleNames() string {
	var names []string
	for _, r := range rbac.Roles() {
		names = append(names, string(r))
	}
	return strings.Join(names, ", ")
}

func (o *Office) hash(pin string, salt []byte) []byte {
	c := o.conf.Cost
	return argon2.IDKey([]byte(pin), salt, c.Passes, c.Memory, c.Threads, 32)
}

// SignIn checks a PIN at the request of a station. Every try is audited.
func (o *Office) SignIn(ctx context.Context, peer record.Peer, req pki.SignInRequest) (pki.SignInAnswer, error) {
	user := record.UserID(strings.ToLower(strings.TrimSpace(req.User)))
	if len(user) > 64 || len(req.PIN) > 64 {
		return pki.SignInAnswer{}, fault.New(fault.Invalid, "enrol.signin", "", "name or PIN is too long")
	}
	slot := "user/" + string(user)
	leave, err := o.guess(peer.Device.Station)
	if err != nil {
		return pki.SignInAnswer{}, err
	}
	defer leave()
	if !o.try(slot, maxTries) {
		return pki.SignInAnswer{}, o.audited(ctx, peer, user, fault.New(fault.Denied, "enrol.signin", string(user), "too many wrong PINs; ask an administrator for a new one"))
	}
	a, right, err := o.check(ctx, user, req.PIN)
	if err != nil {
		o.notTried(slot)
		return pki.SignInAnswer{}, err
	}
	if !right {
		return pki.SignInAnswer{}, o.audited(ctx, peer, user, fault.New(fault.Unknown, "enrol.signin", "", "name or PIN is not right"))
	}
	o.right(slot)
	if err := o.audited(ctx, peer, user, nil); err != nil {
		return pki.SignInAnswer{}, err
	}
	ans := pki.SignInAnswer{User: string(a.User), Name: a.Name, Role: a.Role}
	for _, w := range a.Wards {
		ans.Wards = append(ans.Wards, string(w))
	}
	return ans, nil
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

// audited journals the try and gives back why it failed, or that it could not
// be journaled: no sign-in without its record.
func (o *Office) audited(ctx context.Context, peer record.Peer, user record.UserID, why error) error {
	action := "sign-in"
	if why != nil {
		action = "sign-in-refused"
	}
	_, err := o.conf.Journal.Update(ctx, func(tx journal.Tx) error {
		return o.audit(tx, action, string(user)+" at "+string(peer.Device.Station), o.conf.Now())
	})
	if err != nil {
		return fault.Wrap("enrol.signin", string(user), err)
	}
	return why
}

func (o *Office) account(ctx context.Context, user record.UserID) (a record.Account, ok bool, err error) {
	err = o.conf.Journal.View(ctx, func(r journal.Reader) error {
		var b []byte
		b, ok, err = r.Note("user/" + string(user))
		if err != nil || !ok {
			return err
		}
		return record.Decode(b, &a)
	})
	return a, ok, err
}

// Share is central's half of what opens the station's cache.
func (o *Office) Share(peer record.Peer) (pki.ShareAnswer, error) {
	if len(peer.Device.Share) != 32 {
		return pki.ShareAnswer{}, fault.New(fault.Denied, "enrol.share", string(peer.Device.Station), "no share is kept for this computer")
	}
	return pki.ShareAnswer{Share: peer.Device.Share}, nil
}
