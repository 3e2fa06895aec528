package seat

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/pki"
)

// This computer keeps the last checkpoint of central's audit log that it was
// given, and asks each minute, and whenever the link has come up, to be shown that
// what it knew is still there. Where it is not, somebody has altered, removed or
// reordered what central holds of who looked at what, or shows this computer
// another log than others: people are told, and it goes on record here.
//
// A central that was restored begins another epoch. Where the checkpoint is from
// before the backup the log still goes on from it; otherwise it cannot, and that
// is on record and nobody is alarmed. A machine that is put back without a word
// begins its epoch by itself only once a computer has proven it; so people are
// told when the log is still not the one of before a minute later.
//
// The file holds nothing secret. Whoever can write it can take a computer's memory
// away, and not that of the others.

const (
	checkpointName = "checkpoint.v1"
	doubtFor       = time.Minute // by the clock that nobody sets
)

// keptCheckpoint is the file.
type keptCheckpoint struct {
	Version int    `json:"v"`              // 1
	Note    []byte `json:"checkpoint"`     // as central signed it
	Told    bool   `json:"told,omitempty"` // people were told that the log does not go on from it
}

func (s *Seat) checkpointPath() string {
	return filepath.Join(s.conf.Dir, s.info.Home, checkpointName)
}

// heldCheckpoint reads the file. The zero Checkpoint is none yet.
func (s *Seat) heldCheckpoint() (k keptCheckpoint, c audit.Checkpoint, err error) {
	b, err := os.ReadFile(s.checkpointPath())
	if errors.Is(err, os.ErrNotExist) {
		return keptCheckpoint{Version: 1}, c, nil
	}
	if err != nil {
		return k, c, fault.As(fault.Unavailable, "seat.checkpoint", "", err)
	}
	if json.Unmarshal(b, &k) != nil {
		return keptCheckpoint{Version: 1}, c, nil // half written by somebody else: begin again
	}
	if k.Version != 1 {
		return k, c, fault.New(fault.Unsupported, "seat.checkpoint", "", "the kept checkpoint was written by a newer program")
	}
	if len(k.Note) == 0 {
		return k, c, nil
	}
	c, err = audit.OpenCheckpoint(k.Note, s.signs.all()...)
	if err != nil {
		return keptCheckpoint{Version: 1}, audit.Checkpoint{}, nil // of a central that this computer was with before
	}
	return k, c, nil
}

// heldLog is what central is asked about.
func (s *Seat) heldLog() (audit.Checkpoint, bool) {
	_, c, err := s.heldCheckpoint()
	return c, err == nil
}

// holdToLog holds central's log to what this computer knows of it.
func (s *Seat) holdToLog(ctx context.Context, said *pki.LogState) error {
	if said == nil {
		return nil // an older central, or not now
	}
	k, held, err := s.heldCheckpoint()
	if err != nil {
		return err
	}
	verdict, newer := s.judgeLog(ctx, held, said)
	if verdict != audit.Broken {
		s.doubtful = false
	}
	switch verdict {
	case audit.Continues:
		if len(k.Note) > 0 && newer.Size == held.Size && newer.Epoch == held.Epoch && !k.Told {
			return nil
		}
	case audit.NewEpoch:
		e := s.ofThisComputer(audit.Config)
		e.Details = []audit.Detail{
			{Name: "what", Value: "the server began another epoch; its audit log does not go on from what this computer knew of it"},
			{Name: "epoch", Value: newer.Epoch},
			{Name: "epoch-before", Value: held.Epoch},
			{Name: "events-before", Value: strconv.FormatInt(held.Size, 10)},
		}
		if err := s.onRecord(ctx, e); err != nil {
			return err
		}
	default:
		return s.doubtLog(ctx, k, held)
	}
	return s.keepCheckpoint(keptCheckpoint{Version: 1, Note: said.Checkpoint})
}

// judgeLog is Broken too where central did not sign what it says.
func (s *Seat) judgeLog(ctx context.Context, held audit.Checkpoint, said *pki.LogState) (audit.Verdict, audit.Checkpoint) {
	newer, err := audit.OpenCheckpoint(said.Checkpoint, s.signs.now())
	if err != nil && s.learn(ctx) {
		newer, err = audit.OpenCheckpoint(said.Checkpoint, s.signs.now())
	}
	if err != nil {
		return audit.Broken, newer
	}
	proof := make([]record.Hash, len(said.Proof))
	for i, h := range said.Proof {
		if len(h) != len(proof[i]) {
			return audit.Broken, newer
		}
		copy(proof[i][:], h)
	}
	return held.Judge(newer, proof), newer
}

// doubtLog waits a minute, and tells people once. The checkpoint stays: a log that goes
// on from it later was another one meanwhile.
func (s *Seat) doubtLog(ctx context.Context, k keptCheckpoint, held audit.Checkpoint) error {
	now := s.alone.ran()
	if !s.doubtful {
		s.doubtful, s.doubtSince = true, now
	}
	if k.Told || now-s.doubtSince < doubtFor {
		return nil
	}
	e := s.ofThisComputer(audit.Config)
	e.Outcome, e.Reason = audit.Failed, "the server's audit log does not go on from the checkpoint that this computer holds: events were altered, removed or reordered, or another log is shown here"
	e.Details = []audit.Detail{
		{Name: "what", Value: "checkpoint"},
		{Name: "epoch", Value: held.Epoch},
		{Name: "events", Value: strconv.FormatInt(held.Size, 10)},
		{Name: "root", Value: held.Root.String()},
	}
	if err := s.onRecord(ctx, e); err != nil {
		return err
	}
	s.conf.Log.Error("the server's audit log does not go on from the checkpoint that this computer holds", "events", held.Size)
	s.tell(whatOtherLog, safeOtherLog, doOtherLog)
	k.Told = true
	return s.keepCheckpoint(k)
}

func (s *Seat) keepCheckpoint(k keptCheckpoint) error {
	b, err := json.Marshal(k)
	if err != nil {
		return fault.Wrap("seat.checkpoint", "", err)
	}
	return writeSynced(s.checkpointPath(), b)
}

// ofThisComputer begins an audit event of what nobody did but the computer.
func (s *Seat) ofThisComputer(a audit.Action) audit.Event {
	return audit.Event{
		Action: a, Recorded: s.conf.Now(), Purpose: audit.Operations,
		Who: audit.Who{Sender: "computer " + string(s.info.Station), Role: "computer", Station: s.info.Station, Place: s.info.Place},
	}
}

// onRecord puts an event into this computer's chain. It needs the open copy.
func (s *Seat) onRecord(ctx context.Context, e audit.Event) error {
	b, err := e.JSON()
	if err != nil {
		return err
	}
	s.mu.Lock()
	c := s.cache
	s.mu.Unlock()
	if c == nil {
		return fault.New(fault.Unavailable, "seat.onrecord", "", "the copy is closed")
	}
	return c.Commit(ctx, nil, [][]byte{b})
}
