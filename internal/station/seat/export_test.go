package seat

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"testing"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/bulk"
	"wardlight/internal/trust/keys"
	"wardlight/internal/trust/lease"
	"wardlight/internal/trust/pki"
	"wardlight/sync/wire"
)

// A busy machine answers late. A sign-in that central did not answer in five seconds goes
// on by the PIN alone, and is another story than the one that a test tells.
func init() { patience, opensWithin, changedWithin = 2*time.Minute, 2*time.Minute, 5*time.Second }

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

// Older is a configuration of a program that does not know these capabilities, and says
// nothing of its chain of looks.
func (c Config) Older(without ...wire.Capability) Config {
	c.older, c.mute = without, true
	return c
}

// Deaf is a configuration of a computer that never asks how it stands.
func (c Config) Deaf() Config {
	c.deaf = true
	return c
}

// Stuck is a configuration of a program of before handovers of the journal key.
func (c Config) Stuck() Config {
	c.stuck = true
	return c
}

// Mute is a configuration of a program that says that it tells of its chain, and does not.
func (c Config) Mute() Config {
	c.mute = true
	return c
}

// SealToRecovery is what the station does with what central says of its recovery key.
func (s *Seat) SealToRecovery(k pki.RecoveryKey) error {
	return s.sealToRecovery(context.Background(), &k)
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

// SealingSteps are those after which the sealing identity is another one.
var SealingSteps = []string{"slots file written", "slots file replaced", "keyring holds the new one", "file of before written over", "outbox file sealed to the new identity"}

// Tries are how many wrong PINs are allowed here.
func (s *Seat) Tries() (n int, err error) {
	err = s.withDevice(func(device []byte) error {
		g, err := s.slots.Guessing(device)
		n = g.Tries
		return err
	})
	return n, err
}

// ClockOwes is how many settings of the clock are not on record yet.
func (s *Seat) ClockOwes() int {
	s.clock.mu.Lock()
	defer s.clock.mu.Unlock()
	return len(s.clock.note.Owed)
}

// ClockOpened is how often what the clock says was held to an open copy.
func (s *Seat) ClockOpened() uint64 {
	s.clock.mu.Lock()
	defer s.clock.mu.Unlock()
	return s.clock.safe
}

// ClockSure says whether it is known how far central's clock is from this one.
func (s *Seat) ClockSure() bool {
	s.clock.mu.Lock()
	defer s.clock.mu.Unlock()
	return !s.clock.mark.At.IsZero() && !s.clock.mark.Unsure
}

// ReadClockNote is what a note says, in words.
func ReadClockNote(b []byte) (string, error) {
	var n clockNote
	if err := json.Unmarshal(b, &n); err != nil {
		return "", err
	}
	m, unsure := n.Mark, ""
	if m.Unsure {
		unsure = " unsure"
	}
	text := fmt.Sprintf("%s, %s, up %v, away %v at %s%s, %d opened, owed %d:", m.Boot, m.Wall.Format(time.RFC3339), m.Up, m.Away, m.At.Format(time.RFC3339), unsure, n.Opened, n.Seq)
	for _, o := range n.Owed {
		text += fmt.Sprintf(" %s to %s %s after %d", o.From.Format(time.RFC3339), o.To.Format(time.RFC3339), o.How, o.More)
	}
	return text, nil
}

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

// Limits are those of central's that the station obeys.
func (s *Seat) Limits() lease.Limits {
	_, l := s.alone.count()
	return l
}

// Sealing is the station's sealing identity, with those of before.
func (s *Seat) Sealing() keys.SealIdentity {
	if id := s.sealing.Load(); id != nil {
		return *id
	}
	return keys.SealIdentity{}
}

// FormerIdentities reads what the slots file keeps of sealing identities of before.
func FormerIdentities(b []byte) ([]keys.SealIdentity, error) { return parseFormerIdentities(b) }

// FormerOf is what it keeps.
func FormerOf(id keys.SealIdentity) []byte { return formerOf(id) }

// NewKeySteps are the steps of a change of the device key.
var NewKeySteps = []string{"keyring holds both keys", "central has certified it", "station.json has its certificate", "keyring holds the new key", "central has seen it"}

// MayPrint is how much may be printed here, as central said.
func (s *Seat) MayPrint() bulk.Limits { return s.alone.printing() }

// KeptPrints is how much may be printed as the next start reads it, however this one ends.
func (s *Seat) KeptPrints() (bulk.Limits, error) {
	s.mu.Lock()
	c := s.cache
	s.mu.Unlock()
	next := alone{now: s.alone.now, ran: s.alone.ran}
	err := next.begin(c)
	return next.prints, err
}
