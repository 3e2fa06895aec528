package node

import (
	"context"
	"path/filepath"
	"strconv"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
)

// auditGap is a place at which a computer's chain of looks was not whole.
type auditGap struct {
	Station  record.StationID `json:"station"`
	Seq      uint64           `json:"seq"` // of the look before which something is wrong
	Position record.Position  `json:"position"`
	What     string           `json:"what"`
}

// auditState is what 'audit verify' says beside the journal's own counts.
type auditState struct {
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
		c, err := audit.OpenCheckpoint([]byte(text), n.keys.journal.Public())
		if err != nil {
			return err
		}
		if err := c.Holds(log); err != nil {
			return err
		}
		s.Checkpoint, s.At = "holds", &c.Time
	}
	return emit(s)
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
		for e, err := range r.Entries(0) {
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

// patientLook is one line of the list that a patient may be given.
type patientLook struct {
	When    time.Time `json:"when"` // by central's clock where the computer's offset was measured
	Who     string    `json:"who"`
	Role    string    `json:"role,omitempty"`
	Place   string    `json:"place,omitempty"`
	Did     string    `json:"did"`
	Why     string    `json:"why"`
	Outcome string    `json:"outcome,omitempty"`
}

// auditPatient lists everybody who looked at one patient's record or wrote in
// it, oldest first, in words that the patient can be given.
func (n *Node) auditPatient(ctx context.Context, o Order, emit Emit) error {
	patient := fhir.ID(o.Args["id"])
	return n.journal.View(ctx, func(r journal.Reader) error {
		if _, known, err := r.Current(fhir.Ref{Type: fhir.TypePatient, ID: patient}); err != nil || !known {
			if err == nil {
				err = fault.New(fault.NotFound, "node.auditpatient", string(patient), "no patient of this id; export lists them")
			}
			return err
		}
		for e, err := range r.Entries(0) {
			if err != nil {
				return err
			}
			for _, event := range e.Audits {
				a, err := audit.Parse(event)
				if err != nil || a.Patient != patient || a.Action == audit.Flagged {
					continue // another's, one that names nobody, or a word about a look that is here already
				}
				if err := emit(lookOf(a)); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

var (
	didWords = map[audit.Action]string{
		audit.Read: "read the record", audit.Search: "searched", audit.Create: "wrote something new", audit.Update: "changed something",
		audit.Export: "took data out", audit.Import: "brought data in", audit.Break: "began emergency access",
	}
	whyWords = map[audit.Purpose]string{
		audit.Treatment: "treatment", audit.Emergency: "emergency treatment", audit.BreakGlass: "emergency access", audit.Operations: "operation of the system",
		audit.Payment: "payment", audit.PatientAsks: "asked for by the patient",
	}
	outcomeWords = map[audit.Outcome]string{audit.Refused: "was refused", audit.Failed: "did not work"}
)

func lookOf(a audit.Event) patientLook {
	l := patientLook{
		When: a.Recorded.UTC(), Who: a.Who.Name, Role: a.Who.Role, Place: a.Who.Place,
		Did: didWords[a.Action], Why: whyWords[a.Purpose], Outcome: outcomeWords[a.Outcome],
	}
	if a.Measured {
		l.When = l.When.Add(a.Offset)
	}
	switch {
	case l.Who != "":
	case a.Who.Sender != "":
		l.Who = "the system " + a.Who.Sender
	default:
		l.Who = string(a.Who.User)
	}
	if l.Did == "" {
		l.Did = string(a.Action)
	}
	return l
}
