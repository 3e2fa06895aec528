package enrol

import (
	"context"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/pki"
)

// A hospital may demand a second factor of every account that may have one. Whoever
// of them has none then signs in nowhere until they set one up, which takes the
// server and not only their PIN: somebody who knows the PIN alone must not be able to
// choose the second factor that is to stop them.

// DemandNote is there while a second factor is demanded.
const DemandNote = "second-demanded"

// SecondDemanded says whether a second factor is demanded of who may have one.
func (o *Office) SecondDemanded(ctx context.Context) (demanded bool, err error) {
	err = o.conf.Journal.View(ctx, func(r journal.Reader) error {
		_, demanded, err = r.Note(DemandNote)
		return err
	})
	return demanded, err
}

// DemandSecond demands it, or ends that. Computers hear of it within a minute, those at
// which somebody sits whose standing changes within seconds, and end their sessions.
func (o *Office) DemandSecond(ctx context.Context, on bool) error {
	var kept []byte
	action, will := "second-factor-not-demanded", "not demanded"
	if on {
		kept, action, will = []byte{1}, "second-factor-demanded", "demanded"
	}
	_, err := o.conf.Journal.Update(ctx, func(tx journal.Tx) error {
		_, demanded, err := tx.Note(DemandNote)
		if err != nil {
			return err
		}
		was := "not demanded"
		if demanded {
			was = "demanded"
		}
		if err := tx.SetNote(DemandNote, kept); err != nil {
			return err
		}
		return o.audit(ctx, tx, action, "", o.conf.Now(), audit.Change{Name: "second factor of administrators", Before: was, After: will})
	})
	if err != nil {
		return fault.Wrap("enrol.demandsecond", "", err)
	}
	if concerned, err := o.WithoutSecond(ctx); err == nil { // else their computers ask within a minute
		o.hearSoon(concerned)
	}
	return nil
}

// WithoutSecond are the open accounts that may have a second factor and have none
// that is asked for, in order of name.
func (o *Office) WithoutSecond(ctx context.Context) ([]record.UserID, error) {
	people, err := o.People(ctx)
	if err != nil {
		return nil, err
	}
	without := []record.UserID{}
	for _, p := range people {
		if p.Ended != 0 || !seconded(p.Account) {
			continue
		}
		asked, err := o.asksSecond(p.Account)
		if err != nil {
			return nil, err
		}
		if !asked {
			without = append(without, p.User)
		}
	}
	return without, nil
}

// mayDoWithout refuses an account of which a second factor is demanded and that has
// none yet.
func (o *Office) mayDoWithout(ctx context.Context, op string, a record.Account) error {
	if !seconded(a) {
		return nil
	}
	demanded, err := o.SecondDemanded(ctx)
	if err != nil || !demanded {
		return err
	}
	return fault.Newf(fault.Denied, op, string(a.User), "Accounts of your role sign in with a second factor here, and yours has none yet. Set one up on the server: wardlightd user totp enrol %s, then confirm.", a.User)
}

// answer is what a station is told of who is let in.
func (o *Office) answer(ctx context.Context, a record.Account) (pki.SignInAnswer, error) {
	demanded, err := o.SecondDemanded(ctx)
	if err != nil {
		return pki.SignInAnswer{}, err
	}
	return answerOf(a, demanded), nil
}
