package node

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
)

// auditLine is one event of 'audit list', with its outcome in a word: the event's own
// is a code (0, 4, 8).
type auditLine struct {
	Position record.Position `json:"position"`
	Received time.Time       `json:"received"`
	Outcome  string          `json:"outcome"` // done, refused, failed; "" where the event cannot be read
	Why      string          `json:"why,omitempty"`
	Event    json.RawMessage `json:"event"`
}

var outcomeNames = map[audit.Outcome]string{"": "done", audit.Success: "done", audit.Refused: "refused", audit.Failed: "failed"}

func (n *Node) auditList(ctx context.Context, _ Order, emit Emit) error {
	n.recordKnocksNow(ctx) // what was counted and waits is listed too
	return n.journal.View(ctx, func(r journal.Reader) error {
		for e, err := range r.Trail(0) {
			if err != nil {
				return err
			}
			for _, event := range e.Audits {
				line := auditLine{Position: e.Position, Received: time.UnixMilli(e.Received).UTC(), Event: json.RawMessage(event)}
				if a, err := audit.Parse(event); err == nil {
					line.Outcome = outcomeNames[a.Outcome]
					if line.Outcome != "done" {
						line.Why = a.Reason
					}
				}
				if err := emit(line); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// auditGap is a place at which a computer's chain of looks was not whole.
type auditGap struct {
	Station  record.StationID `json:"station"`
	Seq      uint64           `json:"seq"` // of the look before which something is wrong
	Position record.Position  `json:"position"`
	What     string           `json:"what"`
}

// auditState is what 'audit verify' says beside the journal's own counts.
type auditState struct {
	Passed bool   `json:"passed"` // what does not pass is an error
	Words  string `json:"words"`
	journal.Verified
	Events     int64       `json:"events"`
	Root       record.Hash `json:"root"`
	Gaps       []auditGap  `json:"gaps"`
	Checkpoint string      `json:"checkpoint,omitempty"` // "holds", where one was given
	At         *time.Time  `json:"checkpoint_of,omitempty"`
}

// auditVerify checks the journal's chain, the chains of the computers, and,
// where one was given, a checkpoint that was kept elsewhere.
func (n *Node) auditVerify(ctx context.Context, o Order, emit Emit) error {
	v, err := journal.Verify(ctx, n.journal)
	if err != nil {
		return err
	}
	log, gaps, _, err := n.auditLog(ctx)
	if err != nil {
		return err
	}
	s := auditState{Verified: v, Events: log.Size(), Gaps: gaps}
	if s.Root, err = log.Root(log.Size()); err != nil {
		return err
	}
	if text := o.Args["checkpoint"]; text != "" {
		c, err := audit.OpenCheckpoint([]byte(text), n.keys.journal.known()...)
		if err != nil {
			return err
		}
		if err := c.Holds(log); err != nil {
			return err
		}
		s.Checkpoint, s.At = "holds", &c.Time
		s.Words = fmt.Sprintf("; the checkpoint of %s over %d events holds", c.Time.UTC().Format(time.RFC3339), c.Size)
	} else {
		s.Words = "; no checkpoint was given to hold it to"
	}
	s.Passed = true
	s.Words = fmt.Sprintf("passed: %d entries with %d audit events, whole and in order up to position %d%s; %s", v.Entries, s.Events, v.Head.Position, s.Words, gapWords(gaps))
	return emit(s)
}

// gapWords say what is missing in the computers' own chains: nothing of central's
// was changed, and still somebody has to look.
func gapWords(gaps []auditGap) string {
	if len(gaps) == 0 {
		return "no computer's chain of looks was broken when it came in"
	}
	return fmt.Sprintf("LOOK AT %d places where a computer's chain of looks was broken when it came in (gaps)", len(gaps))
}

// auditCheckpoint writes a signed checkpoint, to be kept where no administrator
// of central can change it.
func (n *Node) auditCheckpoint(ctx context.Context, o Order, emit Emit) error {
	to := o.Args["to"]
	if to == "" {
		return fault.New(fault.Invalid, "node.checkpoint", "", "say where to: --to FILE")
	}
	log, _, head, err := n.auditLog(ctx)
	if err != nil {
		return err
	}
	root, err := log.Root(log.Size())
	if err != nil {
		return err
	}
	c := audit.Checkpoint{Size: log.Size(), Root: root, Position: head.Position, Epoch: n.journal.Epoch().ID, Time: n.conf.Now()}
	b, err := c.Sign(n.keys.journal.Public(), n.keys.journal.Sign)
	if err != nil {
		return err
	}
	if err := writeSynced(to, b); err != nil {
		return err
	}
	return emit(map[string]any{"checkpoint": filepath.Base(to), "events": c.Size, "root": c.Root, "position": c.Position})
}

// auditLog reads every audit event of the journal: their tree, and where the
// chain of a computer was found broken when its looks came in.
func (n *Node) auditLog(ctx context.Context) (log *audit.Log, gaps []auditGap, head record.Cursor, err error) {
	log, gaps = &audit.Log{}, []auditGap{}
	err = n.journal.View(ctx, func(r journal.Reader) error {
		head = r.Head()
		for e, err := range r.Trail(0) {
			if err != nil {
				return err
			}
			for _, event := range e.Audits {
				if err := log.Add(e.Position, event); err != nil {
					return err
				}
				if gap, ok := gapOf(event, e.Position); ok {
					gaps = append(gaps, gap)
				}
			}
		}
		return nil
	})
	return log, gaps, head, err
}

// gapOf reads the event that submit writes of a chain that is not whole.
func gapOf(event []byte, at record.Position) (auditGap, bool) {
	e, err := audit.Parse(event)
	if err != nil || e.Action != audit.Import || e.Outcome != audit.Refused || e.Who.Station == "" {
		return auditGap{}, false
	}
	for _, d := range e.Details {
		if d.Name == submit.DetailSeq {
			seq, err := strconv.ParseUint(d.Value, 10, 64)
			return auditGap{Station: e.Who.Station, Seq: seq, Position: at, What: e.Reason}, err == nil
		}
	}
	return auditGap{}, false
}
