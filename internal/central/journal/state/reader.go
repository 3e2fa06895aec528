package state

import (
	"iter"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// Reader reads the record out of rows. It implements journal.Reader.
type Reader struct {
	rows Store
	head record.Cursor
}

// NewReader reads rows, which stand at head.
func NewReader(rows Store, head record.Cursor) *Reader { return &Reader{rows, head} }

var _ journal.Reader = (*Reader)(nil)

// Head is the snapshot's position and chain hash.
func (r *Reader) Head() record.Cursor { return r.head }

// get reads one row of a known kind.
func get[T any](s Store, key string) (v T, ok bool, err error) {
	raw, ok, err := s.Get(key)
	if err != nil || !ok {
		return v, false, err
	}
	v, is := raw.(T)
	if !is {
		return v, false, fault.New(fault.Corrupt, "journal.read", "", "a row is of another kind than its key says")
	}
	return v, true, nil
}

// missing is the fault of a row that another row names.
func missing(what string) error {
	return fault.Newf(fault.Corrupt, "journal.read", "", "%s is named by another row and is not there; verify the journal and restore a backup", what)
}

// Current is the resource's current version.
func (r *Reader) Current(ref fhir.Ref) (record.Change, bool, error) {
	row, ok, err := get[*CurrentRow](r.rows, currentKey(ref))
	if err != nil || !ok || row.Current == 0 {
		return record.Change{}, false, err
	}
	c, err := r.must(ref, row.Current)
	return c, err == nil, err
}

// must reads a version that has to be there.
func (r *Reader) must(ref fhir.Ref, v record.Version) (record.Change, error) {
	c, ok, err := r.Version(ref, v)
	if err == nil && !ok {
		err = missing("a version")
	}
	return c, err
}

// Version is one version, current or not.
func (r *Reader) Version(ref fhir.Ref, v record.Version) (record.Change, bool, error) {
	c, ok, err := get[*record.Change](r.rows, versionKey(ref, v))
	if err != nil || !ok {
		return record.Change{}, false, err
	}
	return *c, true, nil
}

// Encoded is Version as the bytes that are kept.
func (r *Reader) Encoded(ref fhir.Ref, v record.Version) (record.Encoded, bool, error) {
	if raw, is := r.rows.(Raw); is {
		b, ok, err := raw.Raw(versionKey(ref, v))
		if err != nil || !ok {
			return nil, false, err
		}
		e, err := record.EncodedOf(b)
		return e, err == nil, err
	}
	c, ok, err := r.Version(ref, v)
	if err != nil || !ok {
		return nil, false, err
	}
	e, err := record.EncodeChange(c)
	return e, err == nil, err
}

// History yields all versions, oldest first.
func (r *Reader) History(ref fhir.Ref) iter.Seq2[record.Change, error] {
	return func(yield func(record.Change, error) bool) {
		for row, err := range r.rows.Scan(versionPrefix(ref), "") {
			c, ok := row.Value.(*record.Change)
			if err == nil && !ok {
				err = missing("a version")
			}
			if err != nil {
				yield(record.Change{}, err)
				return
			}
			if !yield(*c, nil) {
				return
			}
		}
	}
}

// currents yields the current versions of the resources whose references end
// the keys with this prefix.
func (r *Reader) currents(prefix, after string, skip int) iter.Seq2[record.Change, error] {
	return func(yield func(record.Change, error) bool) {
		for row, err := range r.rows.Scan(prefix, after) {
			var ref fhir.Ref
			if err == nil {
				ref, err = refAt(row.Key, skip)
			}
			var c record.Change
			var ok bool
			if err == nil {
				c, ok, err = r.currentOf(ref, row)
			}
			if err != nil {
				yield(record.Change{}, err)
				return
			}
			if ok && !yield(c, nil) {
				return
			}
		}
	}
}

// currentOf follows one row to the current version.
func (r *Reader) currentOf(ref fhir.Ref, row Row) (record.Change, bool, error) {
	switch row := row.Value.(type) {
	case *CurrentRow:
		if row.Current == 0 {
			return record.Change{}, false, nil
		}
		c, err := r.must(ref, row.Current)
		return c, err == nil, err
	case PatientRow:
		if row.Current > 0 {
			c, err := r.must(ref, row.Current)
			return c, err == nil, err
		}
	}
	c, ok, err := r.Current(ref)
	if err == nil && !ok {
		err = missing("a current version")
	}
	return c, ok, err
}

// Compartment yields the current version of every resource of a patient.
func (r *Reader) Compartment(patient fhir.ID) iter.Seq2[record.Change, error] {
	p := patientPrefix(patient)
	return r.currents(p, "", len(p))
}

// Standings yields where each current resource of a patient stands.
func (r *Reader) Standings(patient fhir.ID, after fhir.Ref) iter.Seq2[journal.Standing, error] {
	return func(yield func(journal.Standing, error) bool) {
		p, from := patientPrefix(patient), ""
		if after != (fhir.Ref{}) {
			from = p + refPart(after)
		}
		for row, err := range r.rows.Scan(p, from) {
			var st journal.Standing
			if err == nil {
				st, err = r.standing(row, len(p))
			}
			if !yield(st, err) || err != nil {
				return
			}
		}
	}
}

func (r *Reader) standing(row Row, skip int) (journal.Standing, error) {
	ref, err := refAt(row.Key, skip)
	if err != nil {
		return journal.Standing{}, err
	}
	if p, is := row.Value.(PatientRow); is && p.Current > 0 && p.At > 0 {
		return journal.Standing{Ref: ref, Newest: p.Newest, Current: p.Current, At: p.At, Critical: p.Critical}, nil
	}
	return r.lookUp(ref)
}

// lookUp is standing in a journal whose rows do not say it.
func (r *Reader) lookUp(ref fhir.Ref) (journal.Standing, error) {
	row, ok, err := get[*CurrentRow](r.rows, currentKey(ref))
	if err == nil && (!ok || row.Current == 0) {
		err = missing("a current version")
	}
	if err != nil {
		return journal.Standing{}, err
	}
	c, err := r.must(ref, row.Current)
	return journal.Standing{Ref: ref, Newest: row.Newest, Current: row.Current, At: c.Position, Critical: critical(c)}, err
}

// All yields the current version of every resource of a type after an id.
func (r *Reader) All(t fhir.Type, after fhir.ID) iter.Seq2[record.Change, error] {
	if t == "" {
		return r.currents("C", "", 1)
	}
	from := ""
	if after != "" {
		from = currentKey(fhir.Ref{Type: t, ID: after})
	}
	return r.currents("C"+string(t)+"\x00", from, 1)
}

// Find yields what an index holds under key, in order of reference.
func (r *Reader) Find(ix journal.Index, key string) iter.Seq2[fhir.Ref, error] {
	return func(yield func(fhir.Ref, error) bool) {
		p := indexPrefix(indexHash(journal.Key{Index: ix, Key: key}))
		for row, err := range r.rows.Scan(p, "") {
			var ref fhir.Ref
			if err == nil {
				ref, err = refAt(row.Key, len(p))
			}
			if !yield(ref, err) || err != nil {
				return
			}
		}
	}
}

// singly is how many entries are read by their keys before a scan begins. Who
// follows the journal wants one or two, and a scan costs as much as twenty rows
// before it yields the first.
const singly = 8

// Entries yields the entries after a position, in order.
func (r *Reader) Entries(after record.Position) iter.Seq2[record.Entry, error] {
	return r.entries(after, true)
}

// Trail yields them without their changes.
func (r *Reader) Trail(after record.Position) iter.Seq2[record.Entry, error] {
	return r.entries(after, false)
}

// entries yields them with their changes (whole) or without.
func (r *Reader) entries(after record.Position, whole bool) iter.Seq2[record.Entry, error] {
	return func(yield func(record.Entry, error) bool) {
		want := after + 1
		for ; want <= r.head.Position && want <= after+singly; want++ {
			e, err := r.single(want, whole)
			if !yield(e, err) || err != nil {
				return
			}
		}
		if want > r.head.Position {
			return // nobody reads beyond the head
		}
		after := want - 1
		for row, err := range r.rows.Scan("E", entryKey(after)) {
			var e record.Entry
			if err == nil {
				e, err = r.entry(row, want, whole)
			}
			if !yield(e, err) || err != nil {
				return
			}
			want++
		}
		if want <= r.head.Position {
			yield(record.Entry{}, fault.Newf(fault.Corrupt, "journal.entries", "", "the entry at position %d is missing", want))
		}
	}
}

// single is the entry at a position, which must be there.
func (r *Reader) single(at record.Position, whole bool) (record.Entry, error) {
	v, ok, err := r.rows.Get(entryKey(at))
	if err != nil {
		return record.Entry{}, err
	}
	if !ok {
		return record.Entry{}, fault.Newf(fault.Corrupt, "journal.entries", "", "the entry at position %d is missing", at)
	}
	return r.entry(Row{Value: v}, at, whole)
}

// entry puts an entry together again, with its changes (whole) or without.
func (r *Reader) entry(row Row, want record.Position, whole bool) (record.Entry, error) {
	er, ok := row.Value.(*EntryRow)
	if !ok {
		return record.Entry{}, missing("an entry")
	}
	if er.Entry.Position != want {
		return record.Entry{}, fault.Newf(fault.Corrupt, "journal.entries", "", "the entry at position %d is missing", want)
	}
	e := er.Entry
	if !whole || len(er.Rows) == 0 {
		return e, nil
	}
	e.Changes = make([]record.Change, len(er.Rows))
	for i, v := range er.Rows {
		c, err := r.must(v.Ref, v.Version)
		if err != nil {
			return record.Entry{}, err
		}
		e.Changes[i] = c
	}
	return e, nil
}

// Receipt is the receipt of a mutation.
func (r *Reader) Receipt(id record.MutationID) (record.Receipt, bool, error) {
	rc, ok, err := get[*record.Receipt](r.rows, receiptKey(id))
	if err != nil || !ok {
		return record.Receipt{}, false, err
	}
	return *rc, true, nil
}

// Inbound is the row of one message.
func (r *Reader) Inbound(id string) (record.Inbound, bool, error) {
	row, ok, err := get[*InboundRow](r.rows, inboundKey(id))
	if err != nil || !ok {
		return record.Inbound{}, false, err
	}
	return row.Row, true, nil
}

// Inbounds yields all rows in order of receipt.
func (r *Reader) Inbounds() iter.Seq2[record.Inbound, error] {
	return func(yield func(record.Inbound, error) bool) {
		for row, err := range r.rows.Scan("O", "") {
			var in record.Inbound
			if err == nil {
				in, err = r.ordered(row)
			}
			if !yield(in, err) || err != nil {
				return
			}
		}
	}
}

func (r *Reader) ordered(row Row) (record.Inbound, error) {
	id, is := row.Value.(OrderRow)
	if !is {
		return record.Inbound{}, missing("an inbound message")
	}
	in, ok, err := r.Inbound(string(id))
	if err == nil && !ok {
		err = missing("an inbound message")
	}
	return in, err
}

// Note is one of central's own facts.
func (r *Reader) Note(key string) ([]byte, bool, error) {
	v, ok, err := get[NoteRow](r.rows, noteKey(key))
	return v, ok, err
}

// Notes yields the notes with a prefix, in order of key.
func (r *Reader) Notes(prefix string) iter.Seq2[record.KV, error] {
	return func(yield func(record.KV, error) bool) {
		for row, err := range r.rows.Scan(noteKey(prefix), "") {
			if err != nil {
				yield(record.KV{}, err)
				return
			}
			v, ok := row.Value.(NoteRow)
			if !ok {
				yield(record.KV{}, missing("a note"))
				return
			}
			if !yield(record.KV{Key: row.Key[1:], Value: v}, nil) {
				return
			}
		}
	}
}
