package submit

import (
	"context"
	"slices"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
)

// filing is one message on its way into the record.
type filing struct {
	f        record.Filing
	content  string // see contentOf
	row      record.Inbound
	author   record.Author
	serial   int             // numbers the message's mutations
	patients []fhir.ID       // whom it concerned, each once
	targets  []target        // versions written
	written  bool            // something changed, or came into a history
	taken    int             // drafts that are in the record, whether or not they changed it
	filed    []record.Group  // of which something is in the record
	lates    []record.Change // results for somebody who had left
	held     []heldBack
	open     bool // what it says of an identity is not in the record
	notes    []string
	// questioned are patients whose entries may contradict one another now.
	questioned []fhir.ID
}

// target is one version that a message wrote.
type target struct {
	ref     fhir.Ref
	version record.Version
	patient fhir.ID
}

// File makes one translated message durable: its resources, its provenance,
// its row and its audit event are one journal entry.
//
// Each message has exactly one row with one fate. Filed means that everything,
// or everything but what Reason names, is in the record: of a message with one
// unreadable line the rest is filed, and a held-back Task warns the ward of
// what is not. Quarantined means that nothing of it is in the record. The
// same message again changes the row's count and nothing else.
func (s *Submitter) File(ctx context.Context, f record.Filing) (record.Inbound, error) {
	row, err := s.fileOnce(ctx, f)
	if content(err) {
		// Trying again would fail again, and block whatever is behind it.
		f.Problems = append(slices.Clone(f.Problems), record.Problem{
			Reason: "the message could not be filed because of a fault of this program; give its makers the message, and replay it after an update",
			Owner:  OwnerInterface,
		})
		row, err = s.fileOnce(ctx, f)
	}
	if err != nil {
		return record.Inbound{}, err
	}
	return row, nil
}

func (s *Submitter) fileOnce(ctx context.Context, f record.Filing) (row record.Inbound, err error) {
	says := contentOf(f.Groups) // before the transaction: others need not wait for it
	_, err = s.update(ctx, "submit.file", f.Inbound.ID, func(w *work) error {
		old, known, err := w.Inbound(f.Inbound.ID)
		if err != nil {
			return err
		}
		if known {
			row = old
			row.Copies++
			return w.SetInbound(row)
		}
		row, err = w.file(f, f.Inbound, says)
		return err
	})
	return row, err
}

// Replay files a message that was held back before, translated again, on the order
// of by, which is then on record; nobody ordered it (the zero Author) where its
// turn had come. A message that was filed whole stays as it is.
func (s *Submitter) Replay(ctx context.Context, by record.Author, id string, f record.Filing) (record.Inbound, error) {
	const op = "submit.replay"
	var row record.Inbound
	_, err := s.update(ctx, op, id, func(w *work) error {
		old, known, err := w.Inbound(id)
		switch {
		case err != nil:
			return err
		case !known || f.Inbound.ID != id:
			return fault.New(fault.NotFound, op, id, "no such message was received")
		case old.Fate != record.FateQuarantined && old.Reason == "":
			return fault.New(fault.Exists, op, id, "the message was filed already; nothing was changed")
		}
		again := old
		again.Replays++
		again.Fate, again.Reason, again.Owner, again.Settled, again.Refs, again.Notes = "", "", "", "", nil, nil
		if row, err = w.file(f, again, contentOf(f.Groups)); err != nil || by.Name == "" {
			return err
		}
		return w.audit(audit.Event{Action: audit.Config, Who: whoIs(by), Details: []audit.Detail{{Name: DetailCommand, Value: "quarantine replay"}, {Name: DetailInbound, Value: id}}})
	})
	if err != nil {
		return record.Inbound{}, err
	}
	return row, nil
}

// file takes a message that is new, or that is tried again.
func (w *work) file(f record.Filing, row record.Inbound, content string) (record.Inbound, error) {
	fl := &filing{f: f, content: content, row: row, author: record.Author{Sender: senderOf(f.Inbound)}}
	fl.notes = append(fl.notes, f.Inbound.Notes...)
	if fl.row.Received == 0 {
		fl.row.Received = w.ms()
	}
	if fl.row.Replays > 0 { // whatever comes of it, it has had its turn
		if err := w.SetNote(turnPrefix+fl.row.ID, nil); err != nil {
			return record.Inbound{}, err
		}
	}
	reused, err := w.controlID(fl)
	if err != nil {
		return record.Inbound{}, err
	}
	switch {
	case row.Fate == record.FateRefused:
		return w.close(fl)
	case reused && row.Replays == 0 && w.s.strict(f.Inbound.Channel):
		err = w.holdAll(fl, "the control id was used before for another message; ask the sender to number its messages, then replay", OwnerInterface)
	case whole(f.Problems) != nil:
		p := whole(f.Problems)
		err = w.holdAll(fl, p.Reason, p.Owner)
	default:
		for i := range f.Groups {
			if err := w.group(fl, i); err != nil {
				return record.Inbound{}, err
			}
		}
		w.holdProblems(fl)
		err = w.noteDocuments(f)
	}
	if err != nil {
		return record.Inbound{}, err
	}
	return w.close(fl)
}

// whyWords is why a message of which everything was filed still needs somebody.
const whyWords = "a number was sent as words, so no limit was applied to it; ask the laboratory to send it as a number (NM)"

// holdProblems keeps what a message's translation could not read, and warns of
// numbers that came as words: they are filed as words, on which no rule works.
func (w *work) holdProblems(fl *filing) {
	var words []grave
	if fl.written { // what was said before was warned of before
		words = w.unread(fl.filed)
	}
	for i, p := range fl.f.Problems {
		fl.hold(heldBack{group: -1 - i, why: p.Reason, owner: p.Owner, partial: true, asWords: words, about: p.About, unknown: len(p.About) == 0})
	}
	if len(fl.f.Problems) == 0 && len(words) > 0 {
		fl.hold(heldBack{group: -1, why: whyWords, owner: OwnerLaboratory, partial: true, asWords: words, about: w.unreadRefs(fl.filed)})
	}
}

// whole is the first problem that stops the whole message.
func whole(list []record.Problem) *record.Problem {
	for i := range list {
		if !list[i].Partial {
			return &list[i]
		}
	}
	return nil
}

func senderOf(in record.Inbound) string {
	if in.Sender == "" {
		return in.Channel
	}
	return in.Channel + " " + in.Sender
}

// controlID notes a control id that came before with another content. Real
// senders start again at 1, so that alone is no reason to hold anything back.
func (w *work) controlID(fl *filing) (reused bool, err error) {
	in := fl.f.Inbound
	if in.ControlID == "" {
		return false, nil
	}
	key := "control/" + shortHash(in.Channel, in.Sender, in.ControlID)
	first, seen, err := w.Note(key)
	switch {
	case err != nil:
		return false, err
	case !seen:
		return false, w.SetNote(key, []byte(in.ID))
	case string(first) == in.ID:
		return false, nil
	}
	fl.note("control id reused")
	return true, nil
}

func (fl *filing) note(words string) {
	if !slices.Contains(fl.notes, words) {
		fl.notes = append(fl.notes, words)
	}
}

// close gives the message its fate, and writes everything that belongs to the
// message as a whole.
func (w *work) close(fl *filing) (record.Inbound, error) {
	if err := w.askPhoned(fl); err != nil {
		return record.Inbound{}, err
	}
	for _, p := range fl.questioned {
		if _, err := w.reviews(p, record.Change{Clock: record.HLC{Wall: w.ms()}, Mutation: fl.mutationID()}); err != nil {
			return record.Inbound{}, err
		}
	}
	if err := w.provenance(fl); err != nil {
		return record.Inbound{}, err
	}
	if err := w.corrects(fl); err != nil {
		return record.Inbound{}, err
	}
	if err := w.warn(fl); err != nil {
		return record.Inbound{}, err
	}
	if err := w.fate(fl); err != nil {
		return record.Inbound{}, err
	}
	if fl.row.Replays > 0 && !fl.open {
		if err := w.settled(fl.row.ID); err != nil {
			return record.Inbound{}, err
		}
	}
	fl.row.Notes = fl.notes
	for _, t := range fl.targets {
		if !slices.Contains(fl.row.Refs, t.ref) {
			fl.row.Refs = append(fl.row.Refs, t.ref)
		}
	}
	if err := w.SetInbound(fl.row); err != nil {
		return record.Inbound{}, err
	}
	for _, e := range filedEvents(fl) {
		if err := w.audit(e); err != nil {
			return record.Inbound{}, err
		}
	}
	return fl.row, nil
}

// fate decides between filed, quarantined and duplicate.
func (w *work) fate(fl *filing) error {
	if fl.row.Fate == record.FateRefused {
		return nil
	}
	var reasons []string
	for _, h := range fl.held {
		if !slices.Contains(reasons, h.why) {
			reasons = append(reasons, h.why)
		}
		if fl.row.Owner == "" {
			fl.row.Owner = h.owner
		}
	}
	fl.row.Reason = strings.Join(reasons, "; ")
	if len(fl.held) > 0 && fl.taken == 0 {
		fl.row.Fate = record.FateQuarantined
		return nil
	}
	if len(fl.held) > 0 {
		fl.row.Fate = record.FateFiled
		fl.row.Reason = "filed in part: " + fl.row.Reason
		return nil
	}
	return w.filedOrDuplicate(fl)
}

// filedOrDuplicate tells a message that says something from one that repeats
// another under a new control id and changed nothing.
func (w *work) filedOrDuplicate(fl *filing) error {
	fl.row.Fate = record.FateFiled
	if fl.content == "" {
		return nil // what says nothing is no duplicate
	}
	key := "content/" + shortHash(fl.f.Inbound.Channel, fl.f.Inbound.Sender, fl.content)
	first, seen, err := w.Note(key)
	if err != nil {
		return err
	}
	if !seen {
		return w.SetNote(key, []byte(fl.row.ID))
	}
	if string(first) != fl.row.ID && !fl.written {
		fl.row.Fate = record.FateDuplicate
	}
	return nil
}

// contentOf is what a message says, without when and under which number it was
// sent; "" where it says nothing.
func contentOf(groups []record.Group) string {
	type draft struct {
		Ref     fhir.Ref
		Ops     []record.Op
		Changed int64
		Done    int64
		Promote bool
	}
	type group struct {
		Subject record.Subject
		Drafts  []draft
	}
	var said []group
	for _, g := range groups {
		one := group{Subject: g.Subject}
		for _, d := range g.Drafts {
			if d.Ref.Type == fhir.TypeProvenance {
				continue
			}
			c := draft{Ref: d.Ref, Promote: d.PromoteOnly}
			for _, op := range d.Ops {
				if op.Kind == record.OpPut {
					op.Value = plain(op.Value)
				}
				if op.Key != fhir.ExtStamps {
					c.Ops = append(c.Ops, op)
				}
			}
			if d.Stamps != nil {
				c.Changed, c.Done = d.Stamps.StatusChanged, d.Stamps.Analysed
			}
			one.Drafts = append(one.Drafts, c)
		}
		if len(one.Drafts) > 0 {
			said = append(said, one)
		}
	}
	if len(said) == 0 {
		return ""
	}
	b, err := record.Encode(said)
	if err != nil {
		return ""
	}
	return string(b)
}
