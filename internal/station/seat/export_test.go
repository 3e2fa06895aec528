package seat

import (
	"context"
	"runtime"
	"testing"

	"wardlight/internal/clinical/record"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/keys"
)

// RenewCertificate is what a running station does by itself a few times a day.
func (s *Seat) RenewCertificate(ctx context.Context) error { return s.renewCertificate(ctx) }

// KilledAt is a configuration with which a change of the device secret ends after a
// step, as if the program had been killed there.
func (c Config) KilledAt(step string) Config {
	c.between = func(at string) {
		if at == step {
			runtime.Goexit()
		}
	}
	return c
}

// HaltedAt is a configuration with which a change of the device secret halts at a step
// until do is done.
func (c Config) HaltedAt(step string, do func()) Config {
	c.between = func(at string) {
		if at == step {
			do()
		}
	}
	return c
}

// Standing reads central's word on somebody with the data key that is held, as a
// sign-in does.
func (s *Seat) Standing(user string) error {
	return s.withData(func(data keys.Key) error {
		_, err := s.standing(user, data)
		return err
	})
}

// The steps of a change.
var RekeySteps = []string{"keyring holds both", "slots file replaced", "keyring holds the new one"}

// Rekey asks this station for another device secret.
func (s *Seat) Rekey() error { return s.askRekey() }

// HoldsCheckpoint says whether a checkpoint of central's log is kept here.
func (s *Seat) HoldsCheckpoint() bool {
	_, c, err := s.heldCheckpoint()
	return err == nil && c.Size > 0
}

// HoldsCheckpointOfNow says whether the present journal key signed it.
func (s *Seat) HoldsCheckpointOfNow() bool {
	k, _, err := s.heldCheckpoint()
	if err != nil || len(k.Note) == 0 {
		return false
	}
	_, err = audit.OpenCheckpoint(k.Note, s.signs.now())
	return err == nil
}

// Follow is what the station does with what central says of its journal keys.
func (s *Seat) Follow(line record.Succession) (bool, error) { return s.follow(line) }

// StrangersLine is a handover of this key that only the new one signed.
func StrangersLine(t *testing.T, from []byte) record.Succession {
	t.Helper()
	k, err := keys.NewJournalKey()
	if err != nil {
		t.Fatal(err)
	}
	h := record.Handover{Old: from, New: k.Public(), Made: 1}
	msg, err := h.SigningBytes()
	if err != nil {
		t.Fatal(err)
	}
	h.ByOld, h.ByNew = k.Sign(msg), k.Sign(msg)
	return record.Succession{Line: []record.Handover{h}}
}
