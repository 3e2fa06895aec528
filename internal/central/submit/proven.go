package submit

import (
	"runtime"
	"sync"

	"wardlight/internal/clinical/record"
	"wardlight/internal/trust/keys"
)

// proven are the signatures of a run that were found right before its
// transaction began. To check one takes as long as all else that is done about
// a mutation, and while a transaction is under way every other sender waits: so
// they are checked outside, on all processors.
//
// A signature is remembered by key, content and its own bytes, so that another
// mutation of the same number proves nothing.
type proven map[proof]bool

type proof struct {
	key, sig string
	content  record.Hash
}

// prove checks the signatures that are by the peer's present key. One that is
// wrong, or by another key, is left to the transaction, which knows what to say.
func (s *Submitter) prove(peer record.Peer, muts []record.Mutation) proven {
	right := make([]*proof, len(muts))
	id := keys.KeyID(peer.Device.Key)
	workers := min(runtime.GOMAXPROCS(0), len(muts))
	some := func(from int) {
		for i := from; i < len(muts); i += workers {
			if m := muts[i]; m.KeyID == "" || m.KeyID == id {
				right[i] = s.proof(peer.Device.Key, m)
			}
		}
	}
	var group sync.WaitGroup
	for w := 1; w < workers; w++ {
		group.Go(func() { some(w) })
	}
	some(0) // a single one needs nobody else
	group.Wait()
	p := proven{}
	for _, r := range right {
		if r != nil {
			p[*r] = true
		}
	}
	return p
}

// proof is nil where the signature is not right.
func (s *Submitter) proof(key []byte, m record.Mutation) *proof {
	msg, err := m.SigningBytes()
	if err != nil || s.verify(key, msg, m.Sig) != nil {
		return nil
	}
	content, err := m.ContentHash()
	if err != nil {
		return nil
	}
	return &proof{string(key), string(m.Sig), content}
}

// has says whether an attempt's signature was found right.
func (p proven) has(a *attempt, key []byte) bool {
	return p[proof{string(key), string(a.m.Sig), a.content}]
}
