package seat

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/trust/bulk"
	"wardlight/internal/trust/keys"
	"wardlight/internal/trust/lease"
	"wardlight/internal/trust/pki"
	"wardlight/internal/words"
)

// What central says of this computer and its people, asked every minute: who may
// not sign in any more, how long a PIN alone is enough, and whether this computer
// is to be wiped. It needs no copy that is open and nobody who is signed in.

const (
	hearEvery = time.Minute
	hearSoon  = 2 * time.Second // after the link rose or fell; a whole ward's computers do not ask at once
)

func (s *Seat) hear(ctx context.Context) error {
	if s.conf.deaf {
		return nil
	}
	for {
		err := s.hearOnce(ctx)
		switch {
		case err == nil:
			s.settle(ctx)
		case ctx.Err() != nil || s.isGone():
			return nil
		default:
			s.conf.Log.Info("the server does not say how this computer stands", "err", err)
		}
		wait := hearEvery
		if s.conf.Every > 0 {
			wait = s.conf.Every
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.ask: // central is back, or does not want us any more
			wait = min(wait, hearSoon)
		case <-time.After(wait + rand.N(wait/8+1)): //nolint:gosec // jitter, not a secret
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait/2 + rand.N(wait)): //nolint:gosec // jitter, not a secret
		}
	}
}

// linkChanged notes that the link stands or fell, and asks why.
func (s *Seat) linkChanged(stands bool) {
	if !s.alone.link(stands) {
		return
	}
	s.askSoon()
}

// askSoon asks central within a few seconds, and not only at the next minute.
func (s *Seat) askSoon() {
	select {
	case s.ask <- struct{}{}:
	default:
	}
}

// standingRequest is what every question says of this computer, whatever it asks: central
// notes what it is told, and what is left out as well. open says that the data key is at
// hand.
func (s *Seat) standingRequest() (req pki.StandingRequest, open bool, err error) {
	users, err := s.slots.Users() // left out, central's answer would look as if nobody might sign in
	if err != nil {
		return req, false, err
	}
	req.JournalKey, req.Recovery = keys.KeyID(s.signs.now()), keys.RecipientID(*s.recovery.Load())
	if s.conf.stuck {
		req.JournalKey = ""
	}
	for _, u := range users {
		req.Users = append(req.Users, u.User)
	}
	said := s.saidOfSession()
	req.Session = &said
	if said.User != "" && !slices.Contains(req.Users, said.User) { // their slot was of a PIN of before
		req.Users = append(req.Users, said.User)
	}
	err = s.withData(func(data keys.Key) error {
		if open = !data.IsZero(); !open {
			return nil
		}
		_, made, err := copyKeyOf(s.slots, data)
		if err == nil && !made.IsZero() {
			req.KeyMade = made.UnixMilli()
		}
		return err
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cache != nil && !s.conf.mute {
		seq, mac := s.cache.LookHead()
		req.Looks = &pki.Chain{Seq: seq, MAC: mac[:]}
	}
	return req, open, err
}

func (s *Seat) hearOnce(ctx context.Context) error {
	if s.wipeOrdered() {
		return s.erase(ctx)
	}
	req, open, err := s.standingRequest()
	if err != nil {
		return err
	}
	s.mu.Lock()
	held, holds := s.heldLog()
	if holds && s.cache != nil && !s.conf.mute {
		req.Log = &pki.LogHeld{Events: held.Size}
	}
	s.mu.Unlock()
	before := s.talks.now()
	ans, err := s.door.Standing(ctx, req)
	if err != nil {
		return err
	}
	if ans.Wipe {
		return s.wipe(ctx)
	}
	if ans.JournalKey != "" && ans.JournalKey != req.JournalKey {
		s.learn(ctx)
	}
	if err := s.sealToRecovery(ctx, ans.Recovery); err != nil {
		s.conf.Log.Error("unsent work is sealed to central’s recovery key of before; it is tried again", "err", err)
	}
	if err := s.holdToLog(ctx, ans.Log); err != nil {
		s.conf.Log.Warn("how the server's audit log stands could not be noted", "err", err)
	}
	s.hospital.Store(ans.Hospital)
	s.untold.Store(ans.Untold)
	s.alone.met()
	if s.alone.obey(lease.Limits{Offline: time.Duration(ans.OfflineHours) * time.Hour, Keep: time.Duration(ans.KeepDays) * 24 * time.Hour, Session: time.Duration(ans.SessionHours) * time.Hour}, bulk.Limits{PrintHour: ans.PrintHour, PrintDay: ans.PrintDay}) {
		// At once: whoever ends the program before the next count would print by the limits of before.
		if err := s.keepCountNow(ctx); err != nil {
			s.conf.Log.Warn("the limits that the server set cannot be written down", "err", err)
		}
	}
	if err := s.guessBy(ans.Guessing); err != nil {
		s.conf.Log.Warn("how wrong PINs are to be answered could not be written down; it is tried again", "err", err)
	}
	if open && ans.Rekey > req.KeyMade && !s.renewalAsked() {
		// First the keys above the copy's, so that whoever had them cannot follow.
		if err := s.askRekey(); err != nil {
			return err
		}
		if err := AskNewKey(s.conf.Dir); err != nil {
			return err
		}
		if err := s.askRenewal(ans.Rekey); err != nil {
			return err
		}
	}
	if !s.talks.quiet(before) {
		// Somebody signed in here, or changed their PIN, meanwhile: what central told them is
		// newer than this answer, and held to this one it would look like a change.
		s.askSoon()
		return nil
	}
	return s.withData(func(data keys.Key) error { return s.takeStanding(req.Users, ans.People, data) })
}

// guessBy makes central's word on guessing hold here, offline too. An older central says
// none: then the default holds, as with everything else that it does not know.
func (s *Seat) guessBy(said *pki.Guessing) error {
	g := keys.DefaultGuessing
	if said != nil {
		g = keys.Guessing{Tries: said.Tries, From: said.SlowFrom, Wait: time.Duration(said.SlowSeconds) * time.Second, Factor: said.SlowFactor}
	}
	return s.withDevice(func(device []byte) error { return s.slots.SetGuessing(g, device) })
}

// takeStanding makes central's word on people this computer's.
func (s *Seat) takeStanding(users []string, people map[string]pki.SignInAnswer, data keys.Key) error {
	for _, user := range users {
		ans, welcome := people[user]
		if !welcome {
			if err := s.shutOut(user); err != nil {
				return err
			}
			continue
		}
		if data.IsZero() {
			continue // central's word is sealed with it; the next one will do
		}
		was, err := s.standing(user, data)
		same := err == nil && was.Name == ans.Name && was.Role == ans.Role && was.Second == ans.Second && slices.Equal(was.Wards, ans.Wards) && was.Word == ans.Word
		if same && was.PINID == ans.PINID {
			continue
		}
		if err := s.endFormerPIN(user, personOf(ans), data); err != nil {
			return err
		}
		if err := s.keepStanding(user, personOf(ans), data); err != nil {
			return err
		}
		if !same {
			s.endSessionOf(user) // with the new word they sign in again
		}
	}
	return nil
}

// shutOut lets somebody whom central does not know any more not sign in here,
// and ends their session. What they wrote stays, drafts too.
func (s *Seat) shutOut(user string) error {
	s.endSessionOf(user)
	if err := s.slots.Remove(user); err != nil {
		return err
	}
	s.conf.Log.Info("somebody may not sign in here any more")
	return s.slots.DropSecret(standingName(user))
}

func (s *Seat) endSessionOf(user string) {
	d, err := s.Desk()
	if err != nil {
		return
	}
	if p, _ := d.SignedIn(); p.User == user {
		s.endSoon(d, ward.EndedElsewhere)
	}
}

// expire ends a copy whose time is over: the session is ended, the copy goes when
// the program is next started, and the program ends.
func (s *Seat) expire() {
	s.conf.Log.Warn("the copy of the record was without the server for too long and is let go")
	if err := s.askRenewal(0); err != nil {
		s.conf.Log.Error("the copy cannot be marked", "err", err)
	}
	s.shut(errExpired())
}

func errExpired() error {
	return fault.As(fault.Denied, "seat.expired", "", words.Errorf("This computer was without the server for so long that its copy of the record had to go. "+
		"What was entered here and not sent is kept. Start Wardlight again; it is filled anew as soon as the server answers."))
}

// Gone is closed when the station may not go on in this run: its copy's time is
// over, or it was wiped. Why says which.
func (s *Seat) Gone() <-chan struct{} { return s.gone }

// Why is what ended the station, in words for a person.
func (s *Seat) Why() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
}

func (s *Seat) isGone() bool {
	select {
	case <-s.gone:
		return true
	default:
		return false
	}
}

// shut ends what the station shows. The cache is closed by whoever erases it, or
// by Close.
func (s *Seat) shut(why error) {
	if d, err := s.Desk(); err == nil {
		d.EndSession()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.opened:
	default:
		close(s.opened)
	}
	s.failed, s.desk, s.user = why, nil, record.UserID("")
	if !s.isGone() {
		close(s.gone)
	}
}

// identityDirs are the folders of this station's identities, the present one too.
func (s *Seat) identityDirs() []string {
	dirs, _ := filepath.Glob(filepath.Join(s.conf.Dir, "identity-*"))
	return append(dirs, s.conf.Dir)
}
