package node

import (
	"context"
	"sync/atomic"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
)

// The journal key signs what stations and checkpoints rely on, so another one has to be
// vouched for by the one before: a record.Handover, signed by both, of which the vault
// keeps every one. A station that does not know the key of what it is sent asks for the
// line and follows it from the key that it knows (GET /v1/journal-keys), however long it
// was away. What the keys of before signed stays good for what is of before: epochs,
// checkpoints that somebody kept, revocations, batches that a station gives back.
//
// The private half of the key of before is gone with the change. Programs that do not
// know of handovers would refuse everything that the new one signs, so the change waits
// for them, unless it is forced; they find their way once they are updated.

// signer is central's journal key at work. It implements journal.Successor.
type signer struct{ at atomic.Pointer[signing] }

type signing struct {
	key  keys.JournalKey
	line []record.Handover
}

func newSigner(key keys.JournalKey, line []record.Handover) *signer {
	s := &signer{}
	s.at.Store(&signing{key, line})
	return s
}

// Public is the key that signs now.
func (s *signer) Public() []byte { return s.at.Load().key.Public() }

// Sign signs.
func (s *signer) Sign(msg []byte) []byte { return s.at.Load().key.Sign(msg) }

// Line is every handover, oldest first.
func (s *signer) Line() []record.Handover { return s.at.Load().line }

func (s *signer) succession() record.Succession { return record.Succession{Line: s.Line()} }

// before are the public keys that were central's.
func (s *signer) before() [][]byte {
	var list [][]byte
	for _, h := range s.Line() {
		list = append(list, h.Old)
	}
	return list
}

// known are all of central's public keys, the one that signs now first.
func (s *signer) known() [][]byte {
	now := s.at.Load()
	list := [][]byte{now.key.Public()}
	for _, h := range now.line {
		list = append(list, h.Old)
	}
	return list
}

// verify checks a signature by any of them.
func (s *signer) verify(msg, sig []byte) (err error) {
	for _, k := range s.known() {
		if err = keys.VerifyJournal(k, msg, sig); err == nil {
			return nil
		}
	}
	return err
}

// handover makes another key and the word of both on it.
func (s *signer) handover(made int64) (*signing, error) {
	const op = "node.handover"
	now := s.at.Load()
	if len(now.line) >= record.MaxHandovers {
		return nil, fault.Newf(fault.Full, op, "", "the journal key was changed %d times, and no further change can be kept", len(now.line))
	}
	next, err := keys.NewJournalKey()
	if err != nil {
		return nil, err
	}
	h := record.Handover{Old: now.key.Public(), New: next.Public(), Made: made}
	msg, err := h.SigningBytes()
	if err != nil {
		return nil, err
	}
	h.ByOld, h.ByNew = now.key.Sign(msg), next.Sign(msg)
	return &signing{next, append(now.line[:len(now.line):len(now.line)], h)}, h.Check()
}

// mayChangeSigning refuses a change that would leave computers behind.
func (n *Node) mayChangeSigning(ctx context.Context, force bool) error {
	behind, err := n.office.CannotFollow(ctx)
	if err != nil || len(behind) == 0 || force {
		return err
	}
	return fault.Newf(fault.Denied, "node.keys", "signing",
		"%d computers would refuse what another key signs (keys list names them): their programs are of before this could be, or they were not on since. Update and start each, and wait a few minutes; or revoke it; or repeat with --force: it goes on with what it has, takes what is written there, and comes level once it is updated", len(behind))
}

func (n *Node) changeSigning(ctx context.Context) error {
	next, err := n.keys.journal.handover(n.conf.Now().UnixMilli())
	if err != nil {
		return err
	}
	err = changeVault(ctx, n.conf.Dir, n.conf.Secrets, n.set, func(v *vault) error {
		v.Journal, v.Handovers = next.key.Marshal(), next.line
		v.changed("signing", n.conf.Now())
		return nil
	})
	if err != nil {
		return err
	}
	n.keys.journal.at.Store(next)
	n.tree.signAgain()
	if h := n.serving.Load(); h != nil {
		h.Resign()
	}
	return nil
}

// signAgain has the next checkpoint signed though the log has not grown.
func (t *tree) signAgain() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.note = nil
}
