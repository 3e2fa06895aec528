package seat

import (
	"context"
	"errors"
	"sync"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/desk"
	"wardlight/internal/trust/keys"
	"wardlight/internal/trust/pki"
	"wardlight/internal/words"
)

// A session ends here by its owner, by being as long as one may (central says how long),
// and by central's word, which was begun by another one (pki.SignInAnswer.Word). Each
// end hides the window at once, and leaves it two seconds to write down what was being
// typed: for that its author has to be signed in still.

// lookAtSession is how often a session's age is looked at.
const lookAtSession = 5 * time.Second

// sat is how and when whoever is signed in gave their PIN last.
type sat struct {
	mu    sync.Mutex
	user  string
	how   string
	since time.Duration // of a clock that nobody sets
	count uint64        // of PINs given
}

func (a *sat) begin(user, how string, now time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.user, a.how, a.since = user, how, now
	a.count++
}

func (a *sat) get() (how string, since time.Duration, count uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.how, a.since, a.count
}

// talks are those with central in which somebody who sits here learns how they stand. An
// answer to the computer's own question that was asked before the end of one is older
// than what they learnt.
type talks struct {
	mu    sync.Mutex
	going int
	count uint64
}

// begin begins one; what it returns ends it.
func (t *talks) begin() func() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.going++
	t.count++
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.going--
		t.count++
	}
}

func (t *talks) now() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.count
}

// quiet says whether there was none since, and is none.
func (t *talks) quiet(since uint64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.going == 0 && t.count == since
}

// saidOfSession is what central is told of who sits here.
func (s *Seat) saidOfSession() pki.SessionSaid {
	d, err := s.Desk()
	if err != nil {
		return pki.SessionSaid{}
	}
	p, ok := d.SignedIn()
	if p.User == "" {
		return pki.SessionSaid{}
	}
	how, since, _ := s.sat.get()
	return pki.SessionSaid{User: p.User, Seconds: int64((s.conf.Uptime() - since) / time.Second), How: how, Locked: !ok}
}

// endSoon ends the session of now, after what is being typed was written; one that lasted
// too long is locked.
func (s *Seat) endSoon(d *desk.Desk, why ward.SessionEnd) {
	_, _, count := s.sat.get()
	d.Ending(why)
	s.run("end of a session", func(ctx context.Context) error {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(lockWithin):
		}
		if _, _, now := s.sat.get(); now != count {
			return nil // somebody gave their PIN meanwhile: another session
		}
		if why == ward.EndedLong {
			d.LockFor(why)
		} else {
			d.EndFor(why)
		}
		return nil
	})
}

// watchSession ends a session that lasts too long, and has central told within seconds
// who sits here.
func (s *Seat) watchSession(ctx context.Context, d *desk.Desk) error {
	news := d.Subscribe(ctx)
	every := lookAtSession
	if s.conf.Every > 0 {
		every = min(every, s.conf.Every)
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	var told pki.SessionSaid
	var ended uint64
	for {
		select {
		case <-ctx.Done():
			return nil
		case n, open := <-news:
			if !open {
				return nil
			}
			is := s.saidOfSession()
			is.Seconds = 0
			if n.Kind == ward.NoticeSession && is != told {
				told = is
				s.askSoon()
			}
		case <-tick.C:
			_, since, count := s.sat.get()
			_, l := s.alone.count()
			if _, ok := d.SignedIn(); ok && count != ended && s.conf.Uptime()-since >= l.Session {
				ended = count
				s.endSoon(d, ward.EndedLong)
			}
		}
	}
}

// endFormerPIN takes away the slot of a PIN that was changed elsewhere: with the network
// out it would open this computer still. What an older program sealed names no PIN; then
// nothing is known of the slot, and it stays as it was.
func (s *Seat) endFormerPIN(user string, who person, data keys.Key) error {
	was, err := s.standing(user, data)
	if err != nil || was.PINID == "" || who.PINID == "" || was.PINID == who.PINID {
		return nil //nolint:nilerr // nobody's standing: there is nothing to hold it to
	}
	s.people.changedPIN(user)
	s.conf.Log.Info("somebody’s PIN was changed elsewhere: the former one opens nothing here any more")
	return s.slots.Remove(user)
}

// ChangePIN gives whoever is signed in another PIN. Central has to know of it before any
// computer does, so with the network out nothing is changed, and the old PIN is not even
// tried: there is nothing to guess at.
func (s *Seat) ChangePIN(ctx context.Context, old, pin, code string, endOthers bool) error {
	const op = "seat.changepin"
	d, p, err := s.sitting(op)
	if err != nil {
		return err
	}
	if old == "" || pin == "" {
		return fault.As(fault.Invalid, op, "", words.Errorf("Give the PIN that you have, and the new one."))
	}
	defer s.talks.begin()()
	ans, err := s.door.ChangePIN(ctx, pki.PINRequest{User: p.User, PIN: old, New: pin, Code: code, EndOthers: endOthers})
	if err != nil {
		return s.refusedOwn(ctx, d.PINChanged, ownError(op, err, errPINAlone))
	}
	s.alone.met()
	// From here on the new one holds: what fails below is put right when they next sign in.
	return s.withData(func(data keys.Key) error {
		err := s.withDevice(func(device []byte) error { return s.slots.AddPIN(p.User, pin, device, data) })
		if err == nil {
			err = s.keepStanding(p.User, personOf(ans), data)
		}
		if lerr := d.PINChanged(context.WithoutCancel(ctx), ""); err == nil {
			err = lerr
		}
		return err
	})
}

// Sessions are the open sessions of whoever is signed in, as central knows them.
func (s *Seat) Sessions(ctx context.Context) ([]ward.OpenSession, error) {
	return s.sessions(ctx, pki.SessionsRequest{})
}

// EndSessions ends those at all other computers (pki.EndOthers), or at one.
func (s *Seat) EndSessions(ctx context.Context, which, pin, code string) ([]ward.OpenSession, error) {
	if which == "" || pin == "" {
		return nil, fault.As(fault.Invalid, "seat.endsessions", "", words.Errorf("Say which, and give your PIN once more."))
	}
	return s.sessions(ctx, pki.SessionsRequest{End: which, PIN: pin, Code: code})
}

func (s *Seat) sessions(ctx context.Context, req pki.SessionsRequest) ([]ward.OpenSession, error) {
	const op = "seat.sessions"
	d, p, err := s.sitting(op)
	if err != nil {
		return nil, err
	}
	said := s.saidOfSession()
	req.User, req.Said = p.User, &said
	defer s.talks.begin()()
	ans, err := s.door.Sessions(ctx, req)
	if err != nil && req.End != "" {
		return nil, s.refusedOwn(ctx, d.SessionsEnded, ownError(op, err, errSessionsAlone))
	}
	if err != nil {
		return nil, ownError(op, err, errSessionsAlone)
	}
	s.alone.met()
	err = s.withData(func(data keys.Key) error { // this session goes on by the new word
		who, err := s.standing(p.User, data)
		if err != nil || who.Word == ans.Word {
			return err
		}
		who.Word = ans.Word
		return s.keepStanding(p.User, who, data)
	})
	if err == nil && req.End != "" {
		err = d.SessionsEnded(context.WithoutCancel(ctx), "")
	}
	var out []ward.OpenSession
	for _, o := range ans.Sessions {
		out = append(out, ward.OpenSession{
			Station: o.Station, Place: o.Place, Wards: o.Wards, Since: time.UnixMilli(o.Since), Seen: time.UnixMilli(o.Seen), How: o.How,
			Locked: o.Locked, Here: o.Here, Connected: o.Connected, Ending: o.Ending,
		})
	}
	return out, err
}

// sitting is the desk and who is signed in at it.
func (s *Seat) sitting(op string) (*desk.Desk, ward.Person, error) {
	d, err := s.Desk()
	if err != nil {
		return nil, ward.Person{}, err
	}
	p, ok := d.SignedIn()
	if !ok {
		return nil, p, fault.As(fault.Unknown, op, "", words.Errorf("Sign in first."))
	}
	return d, p, nil
}

// refusedOwn puts on record here, too, what central refused.
func (s *Seat) refusedOwn(ctx context.Context, note func(context.Context, string) error, why error) error {
	if err := note(context.WithoutCancel(ctx), "it was refused or could not be done: "+fault.KindOf(why).String()); err != nil {
		s.conf.Log.Error("a refusal could not be put on record", "err", err)
	}
	return why
}

var (
	errPINAlone      = words.Errorf("A PIN is changed only while the server can be reached: it has to know the new one before any computer does. Nothing was tried here. Go on with the PIN that you have, and change it when the network is back. If the network went just now and your PIN is not taken any more, the new one is yours.")
	errSessionsAlone = words.Errorf("Where you are signed in only the server knows, and it cannot be reached. Lock this window when you leave it, and look again when the network is back. If you were ending sessions just now, look whether they are.")
)

// ownError says in words what to do with the network out, and asks for a second factor.
func ownError(op string, err, alone error) error {
	switch {
	case errors.Is(err, pki.ErrCodeNeeded):
		return fault.As(fault.Denied, op, "", ward.ErrCodeNeeded)
	case fault.Is(err, fault.Unavailable):
		return fault.As(fault.Unavailable, op, "", alone)
	}
	return mistyped(err)
}

// mistyped marks a refusal of a PIN, so that whoever typed it is asked for it anew.
func mistyped(err error) error {
	switch {
	case fault.Is(err, fault.Unknown):
		return &ward.Mistyped{Err: err}
	case fault.Is(err, fault.Invalid):
		return &ward.Mistyped{New: true, Err: err}
	}
	return err
}
