package seat

import (
	"context"
	"encoding/json"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
	"wardlight/internal/words"
)

// The station's own sealing identity: the outbox file is sealed to it (and to central's
// recovery key), and the audit key's file follows from it. It changes together with the
// device secret, in the same step: the slots file that has the new secret has the new
// identity too, and those of before beside it. From then on another segment of the outbox
// file is written; a program that was killed before that begins one at its next start.
// What was sealed before is opened by the identity of before, which is forgotten as soon
// as no segment is sealed to it any more.

const (
	// outboxIdentity names the station's own sealing identity in the slots file: the
	// present one, as every earlier program reads it.
	outboxIdentity = "outbox"
	// formerIdentities names those of before (formerKept).
	formerIdentities = "outbox former"
	// maxFormerIdentities bounds them: while so many segments wait the identity stays, and
	// nothing that one of them opens is lost.
	maxFormerIdentities = 16
	sweepSealingEvery   = time.Hour
)

// sealingOf is the station's sealing identity, which opens what was sealed to those of
// before too.
func sealingOf(slots *keys.Slots, data keys.Key) (id keys.SealIdentity, err error) {
	b, err := slots.Secret(outboxIdentity, data)
	if fault.Is(err, fault.Corrupt) {
		return id, fault.As(fault.Corrupt, "seat.sealing", "", words.Errorf("This computer’s key file is damaged, so nobody can sign in here. Use another computer, and tell IT: what was written here and not sent is in its outbox file (wardlightd outbox recover), and then it is enrolled anew."))
	}
	if err != nil {
		return id, err
	}
	defer clear(b)
	if id, err = keys.ParseSealIdentity(b); err != nil {
		return id, err
	}
	kept, err := slots.Secret(formerIdentities, data)
	if fault.Is(err, fault.NotFound) {
		return id, nil
	}
	if err != nil {
		return id, err
	}
	defer clear(kept)
	former, err := parseFormerIdentities(kept)
	return id.With(former...), err
}

// formerKept is what the slots file keeps of identities of before, JSON.
type formerKept struct {
	Version    int      `json:"v"`          // 1
	Identities []string `json:"identities"` // AGE-SECRET-KEY-1…, the newest first
}

func parseFormerIdentities(b []byte) (list []keys.SealIdentity, err error) {
	var f formerKept
	if json.Unmarshal(b, &f) != nil || f.Version != 1 {
		return nil, fault.New(fault.Unsupported, "seat.sealing", formerIdentities, "the sealing identities of before were written by a newer program")
	}
	for _, text := range f.Identities {
		one, err := keys.ParseSealIdentity([]byte(text))
		if err != nil {
			return nil, fault.Wrap("seat.sealing", formerIdentities, err)
		}
		list = append(list, one)
	}
	return list, nil
}

// nextSealing makes another identity, and says what the slots file is to hold of it.
func (s *Seat) nextSealing(data keys.Key) (next keys.SealIdentity, replace map[string][]byte, err error) {
	was, err := sealingOf(s.slots, data)
	if err != nil {
		return next, nil, err
	}
	if len(was.All()) > maxFormerIdentities {
		s.conf.Log.Warn("this computer's sealing identity stays, because what was sealed to those of before is still waiting to be sent")
		return was, nil, nil
	}
	if next, err = keys.NewSealIdentity(); err != nil {
		return next, nil, err
	}
	next = next.With(was.All()...)
	return next, map[string][]byte{outboxIdentity: next.Secret(), formerIdentities: formerOf(next)}, nil
}

// formerOf is what is kept of the identities before this one.
func formerOf(id keys.SealIdentity) []byte {
	f := formerKept{Version: 1}
	for _, one := range id.All()[1:] {
		f.Identities = append(f.Identities, string(one.Secret()))
	}
	b, _ := json.Marshal(f) // plain fields: it cannot fail
	return b
}

// keepSealing has the outbox file sealed to the identity that the slots file has, and
// forgets those of before that open nothing any more. What does not work is tried again.
func (s *Seat) keepSealing(ctx context.Context) {
	err := s.sealAs(ctx)
	if now := s.conf.Now(); err == nil && (s.conf.Every > 0 || now.Sub(s.sealingSwept) >= sweepSealingEvery) {
		err = s.forgetSealing()
		s.sealingSwept = now
	}
	if err != nil && ctx.Err() == nil {
		s.conf.Log.Warn("this computer's sealing identity of before could not be let go yet", "err", err)
	}
}

func (s *Seat) sealAs(ctx context.Context) error {
	s.mu.Lock()
	c := s.cache
	s.mu.Unlock()
	id := s.sealing.Load()
	if c == nil || id == nil {
		return nil
	}
	return c.SealAs(ctx, *id)
}

// forgetSealing forgets the identities of before that no segment is sealed to.
func (s *Seat) forgetSealing() error {
	s.mu.Lock()
	c := s.cache
	s.mu.Unlock()
	now := s.sealing.Load()
	if c == nil || now == nil || len(now.All()) == 1 {
		return nil
	}
	used := c.SealedTo()
	var left []keys.SealIdentity
	for _, one := range now.All()[1:] {
		if used[one.Recipient()] {
			left = append(left, one)
		}
	}
	all := now.All()
	if len(left) == len(all)-1 {
		return nil
	}
	next := all[0].With(left...)
	err := s.withData(func(data keys.Key) error {
		if data.IsZero() {
			return nil
		}
		if len(left) == 0 {
			return s.slots.DropSecret(formerIdentities)
		}
		return s.slots.SetSecret(formerIdentities, formerOf(next), data)
	})
	if err == nil {
		s.sealing.Store(&next)
	}
	return err
}
