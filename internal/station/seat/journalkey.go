package seat

import (
	"bytes"
	"context"
	"sync"
	"sync/atomic"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/join"
	"wardlight/internal/trust/keys"
)

// Central's journal key can give way to another. A signature that is by none of the
// keys that this computer believes may be by one that followed: central is asked for the
// line of handovers, and what leads from the key that is believed here to another is
// believed from then on, durably before anything is taken by it. So a computer that was
// off the network through any number of changes comes level at its first contact. The
// keys of before are believed for what is of before: the epochs of the journal, and the
// checkpoint that is kept here. A batch or a checkpoint of now is not taken from them.

// learnAgain is the least time between two questions: what nobody signed must not make
// this computer ask without a pause.
const learnAgain = 2 * time.Second

// learnWithin bounds one question.
const learnWithin = 10 * time.Second

// signs are central's journal keys, as this computer believes them.
type signs struct {
	keys  atomic.Pointer[record.JournalKeys]
	mu    sync.Mutex // one question at a time
	asked time.Time
}

// begin reads what was believed in the run before.
func (g *signs) begin(info join.Config) error {
	k, err := record.Succession{Line: info.Handovers}.Follow(info.JournalKey)
	if err != nil {
		return fault.New(fault.Corrupt, "seat.journalkey", string(info.Station), "station.json was changed: the server's key in it did not follow the one before. Ask IT to enrol this computer again; what was entered here is safe")
	}
	g.keys.Store(&k)
	return nil
}

func (g *signs) now() []byte { return g.keys.Load().Now }

// all are the key of now and those of before.
func (g *signs) all() [][]byte {
	k := g.keys.Load()
	return append([][]byte{k.Now}, k.Before...)
}

// verify checks central's signature on what it sends now.
func (s *Seat) verify(msg, sig []byte) error {
	err := keys.VerifyJournal(s.signs.now(), msg, sig)
	if err != nil && s.learn(s.ctx) {
		err = keys.VerifyJournal(s.signs.now(), msg, sig)
	}
	return err
}

// verifyEpoch checks central's signature on an epoch, which any of its keys may have
// made.
func (s *Seat) verifyEpoch(msg, sig []byte) error {
	err := s.byAny(msg, sig)
	if err != nil && s.learn(s.ctx) {
		err = s.byAny(msg, sig)
	}
	return err
}

func (s *Seat) byAny(msg, sig []byte) (err error) {
	for _, k := range s.signs.all() {
		if err = keys.VerifyJournal(k, msg, sig); err == nil {
			return nil
		}
	}
	return err
}

// learn asks central for its line of journal keys, and says whether another is believed
// than before.
func (s *Seat) learn(ctx context.Context) bool {
	if s.conf.stuck {
		return false
	}
	before := s.signs.keys.Load()
	s.signs.mu.Lock()
	defer s.signs.mu.Unlock()
	if s.signs.keys.Load() != before {
		return true // somebody else has just learned it
	}
	if time.Since(s.signs.asked) < learnAgain {
		return false
	}
	s.signs.asked = time.Now()
	ctx, cancel := context.WithTimeout(ctx, learnWithin)
	defer cancel()
	line, err := s.door.Succession(ctx)
	if err != nil {
		s.conf.Log.Info("the server does not say how its signing key came to be", "err", err)
		return false
	}
	changed, err := s.follow(line)
	if err != nil {
		s.conf.Log.Error("the server signs with a key that this computer does not believe, and nothing it sends is taken", "err", err)
	}
	return changed
}

// follow believes what the line leads to, durably first.
func (s *Seat) follow(line record.Succession) (changed bool, err error) {
	was := s.signs.keys.Load()
	k, err := line.Follow(was.Now)
	if err != nil {
		return false, err
	}
	if bytes.Equal(k.Now, was.Now) && len(k.Before) <= len(was.Before) {
		return false, nil
	}
	s.kept.Lock()
	defer s.kept.Unlock()
	info, err := join.Load(s.conf.Dir)
	if err != nil {
		return false, err
	}
	info.JournalKey, info.Handovers = k.Now, line.Line
	if err := info.Save(s.conf.Dir); err != nil {
		return false, err
	}
	s.signs.keys.Store(&k)
	s.conf.Log.Info("the server's signing key was handed over to another", "key", keys.KeyID(k.Now))
	return true, nil
}
