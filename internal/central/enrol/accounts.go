package enrol

import (
	"context"
	"crypto/rand"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/rbac"
)

// An account is made once. What somebody may do, and the PIN, change only by a
// command that says so: making an account that is there already would give its
// name to somebody else, or another's PIN to its owner, without a word.

const userNotes = "user/"

// signInName is a name as it is kept, however it was typed.
func signInName(typed string) record.UserID {
	return record.UserID(strings.ToLower(strings.TrimSpace(typed)))
}

// AddUser makes a local account. fault.Exists: there is one of this name, open or
// closed, and it stays as it is.
func (o *Office) AddUser(ctx context.Context, a record.Account, pin string) error {
	a.User = signInName(string(a.User))
	if err := checkAccount(a); err != nil {
		return err
	}
	var err error
	if a.PINSalt, a.PINHash, err = o.stretch("enrol.adduser", a.User, pin); err != nil {
		return err
	}
	return o.makeAccount(ctx, a)
}

// ExpectUser makes an account without a PIN: its owner signs in first with the
// hospital's account, and chooses one then.
func (o *Office) ExpectUser(ctx context.Context, a record.Account) error {
	a.User = signInName(string(a.User))
	if err := checkAccount(a); err != nil {
		return err
	}
	a.PINSalt, a.PINHash = nil, nil
	return o.makeAccount(ctx, a)
}

func (o *Office) makeAccount(ctx context.Context, a record.Account) error {
	const op = "enrol.adduser"
	now := o.conf.Now()
	a.Made, a.Ended, a.Rev = now.UnixMilli(), 0, 1
	_, err := o.conf.Journal.Update(ctx, func(tx journal.Tx) error {
		switch old, there, err := accountIn(tx, a.User); {
		case err != nil:
			return err
		case there:
			return taken(op, old)
		}
		return o.putAccount(ctx, tx, a, "user-add", now)
	})
	if err == nil {
		o.right(userNotes + string(a.User))
	}
	return fault.Wrap(op, string(a.User), err)
}

// taken says what to do instead of making an account that is there.
func taken(op string, a record.Account) error {
	name := string(a.User)
	if a.Ended != 0 {
		return fault.Newf(fault.Exists, op, name, "there was an account %s, which is closed; nothing was changed. The same person again: wardlightd user reopen %s. Somebody else needs another sign-in name", name, name)
	}
	return fault.Newf(fault.Exists, op, name, "there is an account %s already; nothing was changed. A new PIN for its owner: wardlightd user pin %s. Another name, role or ward: wardlightd user change %s. Somebody else needs another sign-in name", name, name, name)
}

// SetPIN gives an account another PIN, and forgets the wrong ones before.
func (o *Office) SetPIN(ctx context.Context, user, pin string) error {
	const op = "enrol.setpin"
	return o.withPIN(ctx, op, user, pin, "user-pin", func(a *record.Account) error { return open(op, *a) })
}

// ReopenUser opens a closed account again, with another PIN: who knows the old one
// was not asked.
func (o *Office) ReopenUser(ctx context.Context, user, pin string) error {
	const op = "enrol.reopenuser"
	return o.withPIN(ctx, op, user, pin, "user-reopen", func(a *record.Account) error {
		if a.Ended == 0 {
			return fault.New(fault.Exists, op, string(a.User), "the account is open")
		}
		a.Ended = 0
		return nil
	})
}

func (o *Office) withPIN(ctx context.Context, op, user, pin, action string, change func(*record.Account) error) error {
	salt, hash, err := o.stretch(op, signInName(user), pin)
	if err != nil {
		return err
	}
	err = o.changeAccount(ctx, op, user, action, func(a *record.Account) error {
		a.PINSalt, a.PINHash = salt, hash
		return change(a)
	})
	if err == nil {
		o.right(userNotes + string(signInName(user)))
	}
	return err
}

// Change is what of an account is to be another; nil and "" stay as they are.
type Change struct {
	Name, Role string
	Wards      []record.Ward
}

// ChangeUser gives an account another name, role or wards. Computers hear of it
// within a minute, or when they next speak with central.
func (o *Office) ChangeUser(ctx context.Context, user string, to Change) error {
	const op = "enrol.changeuser"
	return o.changeAccount(ctx, op, user, "user-change", func(a *record.Account) error {
		if to.Name != "" {
			a.Name = to.Name
		}
		if to.Role != "" {
			a.Role = to.Role
		}
		if to.Wards != nil {
			a.Wards = to.Wards
		}
		if err := open(op, *a); err != nil {
			return err
		}
		return checkAccount(*a)
	})
}

// CloseUser closes an account: nobody signs in by it any more, and stations hear
// of it within a minute, or when they next speak with central. What its owner
// wrote before is taken when it comes.
func (o *Office) CloseUser(ctx context.Context, user string) error {
	const op = "enrol.closeuser"
	return o.changeAccount(ctx, op, user, "user-close", func(a *record.Account) error {
		if a.Ended != 0 {
			return fault.New(fault.Exists, op, string(a.User), "the account is closed already")
		}
		a.Ended = o.conf.Now().UnixMilli()
		return nil
	})
}

// open refuses what is of no use to a closed account.
func open(op string, a record.Account) error {
	if a.Ended == 0 {
		return nil
	}
	return fault.Newf(fault.Denied, op, string(a.User), "the account is closed, and nothing was changed; the same person again: wardlightd user reopen %s", a.User)
}

// changeAccount changes an account that is there, with its audit event.
func (o *Office) changeAccount(ctx context.Context, op, user, action string, change func(*record.Account) error) error {
	name := signInName(user)
	_, err := o.conf.Journal.Update(ctx, func(tx journal.Tx) error {
		a, there, err := accountIn(tx, name)
		if err == nil && !there {
			err = fault.New(fault.NotFound, op, string(name), "there is no such account; wardlightd user list shows them")
		}
		if err == nil {
			err = change(&a)
		}
		if err != nil {
			return err
		}
		a.Rev++
		return o.putAccount(ctx, tx, a, action, o.conf.Now())
	})
	return fault.Wrap(op, string(name), err)
}

// PutBack gives an account the standing that it had, where that is later than the
// one that the journal holds: an older backup was restored. It says whether it
// was.
func (o *Office) PutBack(ctx context.Context, a record.Account) (bool, error) {
	later := false
	_, err := o.conf.Journal.Update(ctx, func(tx journal.Tx) error {
		old, there, err := accountIn(tx, a.User)
		if err != nil {
			return err
		}
		if later = !there || a.Later(old); !later {
			return nil
		}
		return o.putAccount(ctx, tx, a, "user-put-back", o.conf.Now())
	})
	return later, fault.Wrap("enrol.putback", string(a.User), err)
}

func (o *Office) putAccount(ctx context.Context, tx journal.Tx, a record.Account, action string, now time.Time) error {
	was, _, err := accountIn(tx, a.User)
	if err != nil {
		return err
	}
	return o.putAccountAs(ctx, tx, a, action, string(a.User), now, o.accountChanges(was, a)...)
}

// putAccountAs is putAccount where its owner did it, at a station.
func (o *Office) putAccountAs(ctx context.Context, tx journal.Tx, a record.Account, action, subject string, now time.Time, changes ...audit.Change) error {
	kept, err := record.Encode(a)
	if err != nil {
		return err
	}
	if err := tx.SetNote(userNotes+string(a.User), kept); err != nil {
		return err
	}
	return o.audit(ctx, tx, action, subject, now, changes...)
}

// stretchOne is stretch in its turn: it costs memory, and stations may ask for it.
func (o *Office) stretchOne(ctx context.Context, op string, user record.UserID, pin string) (salt, hash []byte, err error) {
	if full := o.gate.Do(ctx, op, func() { salt, hash, err = o.stretch(op, user, pin) }); full != nil {
		return nil, nil, full
	}
	return salt, hash, err
}

// stretch makes what is kept of a PIN.
func (o *Office) stretch(op string, user record.UserID, pin string) (salt, hash []byte, err error) {
	if err := checkPIN(op, user, pin); err != nil {
		return nil, nil, err
	}
	salt = make([]byte, 16)
	if _, err := rand.Read(salt); err != nil {
		return nil, nil, fault.Wrap(op, string(user), err)
	}
	return salt, o.hash(pin, salt), nil
}

// checkPIN refuses what may be nobody's PIN.
func checkPIN(op string, user record.UserID, pin string) error {
	if len(pin) < 4 || len(pin) > 64 {
		return fault.New(fault.Invalid, op, string(user), "a PIN has 4 to 64 characters; 6 are advised")
	}
	if why := guessed(pin, string(user)); why != "" {
		return fault.New(fault.Invalid, op, string(user), why)
	}
	return nil
}

// misleads says of a letter of a name that it is none: a control, which a terminal obeys, or
// one that turns the writing around. A name stands beside what somebody did, on screens and
// in the audit trail. Joiners of letters (Persian, Indic) are no such signs.
func misleads(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

func checkAccount(a record.Account) error {
	bad := func(why string) error { return fault.New(fault.Invalid, "enrol.account", string(a.User), why) }
	switch {
	case a.User == "" || len(a.User) > 64 || strings.Trim(string(a.User), "abcdefghijklmnopqrstuvwxyz0123456789.-_") != "":
		return bad("a user name has 1 to 64 of a-z, 0-9, dot, hyphen and underscore")
	case a.Name == "" || len(a.Name) > 128:
		return bad("give the name that colleagues will read")
	case strings.ContainsFunc(a.Name, misleads) || !utf8.ValidString(a.Name):
		return bad("the name that colleagues will read holds signs that nobody sees, which hide or turn around what stands beside it; type it anew: --full NAME")
	case !rbac.Role(a.Role).Known():
		return bad("there is no such role; give one of " + roleNames())
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
