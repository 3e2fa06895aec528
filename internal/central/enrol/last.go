package enrol

import (
	"context"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/sso"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// lastNotes are what of somebody's last sign-ins has a consequence later. It is not
// a part of the account: it changes with every sign-in, and an older one of it in a
// restored journal is no right that somebody gets back.
const lastNotes = "last/"

type last struct {
	Hospital int64 `cbor:"1,keyasint,omitempty"` // with the hospital's account, ms since 1970
	Step     int64 `cbor:"2,keyasint,omitempty"` // of the second factor's code that was taken last
}

func lastOf(r journal.Reader, user record.UserID) (l last, err error) {
	b, there, err := r.Note(lastNotes + string(user))
	if err != nil || !there {
		return l, err
	}
	return l, record.Decode(b, &l)
}

func setLast(tx journal.Tx, user record.UserID, change func(*last)) error {
	l, err := lastOf(tx, user)
	if err != nil {
		return err
	}
	change(&l)
	b, err := record.Encode(l)
	if err != nil {
		return err
	}
	return tx.SetNote(lastNotes+string(user), b)
}

// pinAlone says whether a PIN alone is enough. Who signs in with the hospital's
// account does so once a shift, so that an account which the hospital closed does
// not live on here by its PIN. Where the hospital's sign-in service does not answer,
// the ward works on.
func (o *Office) pinAlone(ctx context.Context, a record.Account) error {
	p, err := o.Hospital(ctx)
	if err != nil || p == nil || a.Hospital == "" {
		return err
	}
	var l last
	err = o.conf.Journal.View(ctx, func(r journal.Reader) error {
		l, err = lastOf(r, a.User)
		return err
	})
	if err != nil || o.isRecent(p.Settings(), l) || p.Away(ctx) {
		return err
	}
	return fault.Newf(fault.Denied, "enrol.signin", string(a.User), "It is over %d hours since you signed in with the hospital’s account. Do so once; then your PIN is enough again.", p.Settings().PINHours)
}

func (o *Office) isRecent(set sso.Settings, l last) bool {
	return o.conf.Now().UnixMilli()-l.Hospital <= set.PINAlone().Milliseconds()
}
