package node

import (
	"sync/atomic"

	"wardlight/internal/trust/keys"
	"wardlight/internal/trust/pki"
)

// The recovery key opens the unsent work of a computer whose keys are lost, and the first
// key of each chain of looks. Another one is durable in the vault before any computer hears
// of it; each seals to it from when it is told, by central's signature, and what was sealed
// before stays sealed to the one of before, which the vault keeps. So no order of crashes
// leaves anything that nobody opens.

// recovery is central's recovery key at work. Safe for concurrent use.
type recovery struct {
	at atomic.Pointer[keys.SealIdentity]
}

func newRecovery(id keys.SealIdentity) *recovery {
	r := &recovery{}
	r.at.Store(&id)
	return r
}

// identity opens what was sealed to the present one or to any of before.
func (r *recovery) identity() keys.SealIdentity { return *r.at.Load() }

// Recipient is whom computers seal to.
func (r *recovery) Recipient() string { return r.identity().Recipient() }

// Unseal opens what was sealed to any of them.
func (r *recovery) Unseal(sealed []byte) ([]byte, error) { return r.identity().Unseal(sealed) }

// follow makes another one the present one.
func (r *recovery) follow(id keys.SealIdentity) {
	next := id.With(r.identity().All()...)
	r.at.Store(&next)
}

// recoveryKey is what computers are told, signed by the journal key of now.
func (n *Node) recoveryKey() pki.RecoveryKey {
	k := pki.RecoveryKey{Recipient: n.keys.recovery.Recipient()}
	k.Sig = n.keys.journal.Sign(k.SigningBytes())
	return k
}
