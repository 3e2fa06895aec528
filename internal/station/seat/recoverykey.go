package seat

import (
	"context"

	"wardlight/internal/fault"
	"wardlight/internal/station/join"
	"wardlight/internal/trust/keys"
	"wardlight/internal/trust/pki"
)

// sealToRecovery follows central's recovery key: what is written from now on is sealed to
// the one that central says and its journal key signed. It stands in station.json before
// anything is sealed to it, so that a crash in between is made good at the next start, when
// the outbox file begins another segment. What was sealed before stays as it is: central
// keeps the keys of before.
func (s *Seat) sealToRecovery(ctx context.Context, k *pki.RecoveryKey) error {
	const op = "seat.recovery"
	if k == nil {
		return nil // central is of an earlier program
	}
	if k.Recipient != *s.recovery.Load() {
		if err := keys.CheckRecipient(k.Recipient); err != nil {
			return err
		}
		if err := s.verify(k.SigningBytes(), k.Sig); err != nil {
			return fault.Newf(fault.Denied, op, keys.RecipientID(k.Recipient), "the server did not sign it: %w", err)
		}
		if err := s.keepRecovery(k.Recipient); err != nil {
			return err
		}
		s.conf.Log.Info("unsent work is sealed to another recovery key of the server’s", "key", keys.RecipientID(k.Recipient))
		if s.conf.between != nil {
			s.conf.between(recoveryKept)
		}
	}
	s.mu.Lock()
	c := s.cache
	s.mu.Unlock()
	if c == nil {
		return nil // it is opened with it
	}
	return c.SealTo(ctx, k.Recipient)
}

// recoveryKept is where tests end a change.
const recoveryKept = "recovery key in station.json"

func (s *Seat) keepRecovery(recipient string) error {
	s.kept.Lock()
	defer s.kept.Unlock()
	info, err := join.Load(s.conf.Dir)
	if err != nil {
		return err
	}
	info.Recovery = recipient
	if err := info.Save(s.conf.Dir); err != nil {
		return err
	}
	s.recovery.Store(&recipient)
	return nil
}
