package state

import (
	"bytes"
	"encoding/binary"
	"slices"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// Bounds of what one row may be named. They keep every key well below what a
// store allows.
const (
	maxType = 64
	maxName = 512
)

// Tx collects what one Update writes, on top of what it reads. It implements
// journal.Tx. When the Update's function has failed, the Tx is thrown away,
// and with it all that it wrote.
type Tx struct {
	Reader
	layer *Layer
	entry record.Entry
	rows  []VersionOf
	ended bool
}

var _ journal.Tx = (*Tx)(nil)

// Begin makes a transaction over base with what was written on top of it, at
// head; its entry will stand at the position after head.
func Begin(base Store, top Map, head record.Cursor, received int64) *Tx {
	l := &Layer{Base: base, Top: top}
	t := &Tx{Reader: Reader{rows: l, head: head}, layer: l}
	t.entry.Position = head.Position + 1
	t.entry.Received = received
	return t
}

// Finish ends the transaction: the entry, with its chain hash, and everything
// written so far. wrote is false where there is nothing to commit.
func (t *Tx) Finish() (e record.Entry, top Map, wrote bool, err error) {
	t.ended = true
	e = t.entry
	if len(e.Changes)+len(e.Receipts)+len(e.Audits)+len(e.Inbound)+len(e.Notes) == 0 {
		return record.Entry{}, t.layer.Top, false, nil
	}
	if e.Chain, err = record.ChainNext(t.head.Chain, e); err != nil {
		return record.Entry{}, Map{}, false, err
	}
	row := EntryRow{Entry: e, Rows: t.rows}
	row.Entry.Changes = nil
	t.layer.set(entryKey(e.Position), &row)
	return e, t.layer.Top, true, nil
}

// Abort makes every later use an error.
func (t *Tx) Abort() { t.ended = true }

// open fails once the Update's function has returned.
func (t *Tx) open(op string) error {
	if t.ended {
		return fault.New(fault.Unavailable, "journal."+op, "", "the transaction has ended; a Tx may not be kept beyond its function")
	}
	return nil
}

// Put appends a version.
func (t *Tx) Put(c record.Change) error {
	if err := t.open("put"); err != nil {
		return err
	}
	if err := checkChange(c); err != nil {
		return err
	}
	key := currentKey(c.Ref)
	var row CurrentRow
	if old, ok, err := get[*CurrentRow](t.layer, key); err != nil {
		return err
	} else if ok {
		row = *old
	}
	if c.Version != row.Newest+1 {
		return fault.Newf(fault.Conflict, "journal.put", c.Ref.String(), "version %d was given; the next one is %d", c.Version, row.Newest+1)
	}
	keys, err := journal.Keys(c)
	if err != nil {
		return err
	}
	c.Position = t.entry.Position
	c.Body = bytes.Clone(c.Body)
	row.Newest = c.Version
	if !c.History {
		t.reindex(c, &row, keys)
	}
	if row.Patient != "" {
		if err := t.stand(c, row); err != nil {
			return err
		}
	}
	t.layer.set(versionKey(c.Ref, c.Version), &c)
	t.layer.set(key, &row)
	t.entry.Changes = append(t.entry.Changes, c)
	t.rows = append(t.rows, VersionOf{c.Ref, c.Version})
	return nil
}

// stand writes where a patient's resource stands after c: c itself, or, where c is
// history, what stood before it.
func (t *Tx) stand(c record.Change, row CurrentRow) error {
	key := patientPrefix(row.Patient) + refPart(c.Ref)
	p := PatientRow{Newest: row.Newest, Current: row.Current, At: c.Position, Critical: critical(c)}
	if c.History {
		old, _, err := get[PatientRow](t.layer, key)
		if err != nil {
			return err
		}
		p.At, p.Critical = old.At, old.Critical
	}
	t.layer.set(key, p)
	return nil
}

func critical(c record.Change) bool { return slices.Contains(c.Tags, record.TagCritical) }

// reindex takes the old current version's keys away and puts the new one's.
func (t *Tx) reindex(c record.Change, row *CurrentRow, keys []journal.Key) {
	ref := refPart(c.Ref)
	for _, h := range row.Index {
		t.layer.del(indexPrefix(h) + ref)
	}
	row.Index = nil
	for _, k := range keys {
		h := indexHash(k)
		t.layer.set(indexPrefix(h)+ref, Present{})
		row.Index = append(row.Index, h)
	}
	patient := journal.PatientOf(c)
	if row.Patient != patient {
		if row.Patient != "" {
			t.layer.del(patientPrefix(row.Patient) + ref)
		}
		row.Patient = patient
	}
	row.Current = c.Version
}

func checkChange(c record.Change) error {
	bad := func(why string) error { return fault.New(fault.Invalid, "journal.put", c.Ref.String(), why) }
	switch {
	case !validType(c.Ref.Type) || !c.Ref.ID.Valid():
		return fault.New(fault.Invalid, "journal.put", "", "the resource's type or id is malformed")
	case c.Patient != "" && !c.Patient.Valid():
		return bad("the patient id is malformed")
	case len(c.Body) == 0:
		return bad("a version has a body")
	}
	return nil
}

// validType allows what FHIR allows in a type's name.
func validType(t fhir.Type) bool {
	if t == "" || len(t) > maxType {
		return false
	}
	for i := 0; i < len(t); i++ {
		if c := t[i] | 0x20; (c < 'a' || c > 'z') && (t[i] < '0' || t[i] > '9') { // 0x20 makes a capital small
			return false
		}
	}
	return true
}

// Receipted keeps a mutation with its receipt.
func (t *Tx) Receipted(m record.Mutation, r record.Receipt) error {
	if err := t.open("receipted"); err != nil {
		return err
	}
	if m.ID == "" || len(m.ID) > maxName || r.Mutation != m.ID {
		return fault.New(fault.Invalid, "journal.receipted", string(m.ID), "the receipt is for another mutation")
	}
	if _, ok, err := t.layer.Get(receiptKey(m.ID)); err != nil {
		return err
	} else if ok {
		return fault.New(fault.Exists, "journal.receipted", string(m.ID), "this mutation has its receipt already")
	}
	r.Position = t.entry.Position
	t.layer.set(receiptKey(m.ID), &r)
	t.entry.Receipts = append(t.entry.Receipts, r)
	t.entry.Mutations = append(t.entry.Mutations, m)
	return nil
}

// Audit appends one AuditEvent.
func (t *Tx) Audit(event []byte) error {
	if err := t.open("audit"); err != nil {
		return err
	}
	if len(event) == 0 {
		return fault.New(fault.Invalid, "journal.audit", "", "an audit event has content")
	}
	t.entry.Audits = append(t.entry.Audits, bytes.Clone(event))
	return nil
}

// SetInbound writes a message's row.
func (t *Tx) SetInbound(in record.Inbound) error {
	if err := t.open("inbound"); err != nil {
		return err
	}
	if in.ID == "" || len(in.ID) > maxName {
		return fault.New(fault.Invalid, "journal.inbound", "", "the message's identity is missing or too long")
	}
	old, ok, err := get[*InboundRow](t.layer, inboundKey(in.ID))
	if err != nil {
		return err
	}
	row := InboundRow{Row: in}
	if ok {
		row.Order = old.Order
	} else {
		row.Order = binary.BigEndian.AppendUint64(nil, uint64(t.entry.Position))
		row.Order = binary.BigEndian.AppendUint32(row.Order, uint32(len(t.entry.Inbound))) //nolint:gosec // bounded by memory
		t.layer.set(orderKey(row.Order), OrderRow(in.ID))
	}
	t.layer.set(inboundKey(in.ID), &row)
	t.entry.Inbound = append(t.entry.Inbound, in)
	return nil
}

// SetNote writes one of central's own facts; an empty value removes it.
func (t *Tx) SetNote(key string, value []byte) error {
	if err := t.open("note"); err != nil {
		return err
	}
	if key == "" || len(key) > maxName {
		return fault.New(fault.Invalid, "journal.note", "", "the note's key is missing or too long")
	}
	if len(value) == 0 {
		value = nil
		t.layer.del(noteKey(key))
	} else {
		value = bytes.Clone(value)
		t.layer.set(noteKey(key), NoteRow(value))
	}
	t.entry.Notes = append(t.entry.Notes, record.KV{Key: key, Value: value})
	return nil
}

// Replay writes everything that a stored entry wrote, and Finish must then
// give the same chain hash. It is how a backup becomes a journal again.
func (t *Tx) Replay(e record.Entry) error {
	if e.Position != t.entry.Position {
		return fault.Newf(fault.Corrupt, "journal.replay", "", "entry %d stands where %d belongs", e.Position, t.entry.Position)
	}
	if len(e.Receipts) != len(e.Mutations) {
		return fault.Newf(fault.Corrupt, "journal.replay", "", "entry %d has receipts without mutations", e.Position)
	}
	t.entry.Received = e.Received
	for _, c := range e.Changes {
		if err := t.Put(c); err != nil {
			return err
		}
	}
	for i, r := range e.Receipts {
		if err := t.Receipted(e.Mutations[i], r); err != nil {
			return err
		}
	}
	for _, a := range e.Audits {
		if err := t.Audit(a); err != nil {
			return err
		}
	}
	for _, in := range e.Inbound {
		if err := t.SetInbound(in); err != nil {
			return err
		}
	}
	for _, n := range e.Notes {
		if err := t.SetNote(n.Key, n.Value); err != nil {
			return err
		}
	}
	return nil
}
