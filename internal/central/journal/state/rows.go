// Package state is what the journals over ordered keys have in common: which
// rows there are, how a Reader reads them and what a Tx may write. memjournal
// keeps the rows in memory, badgerjournal in Badger; neither knows more about
// the record than how to keep rows.
//
// Rows, by the first byte of their key:
//
//	E position            the entry without the bodies of its changes
//	V type id version     one version of one resource
//	C type id             which version is current, and the keys that it put
//	P patient type id     a current resource of a patient, and where it stands
//	I index-hash type id  a current resource under an index key
//	R mutation            its receipt
//	B message             a row of the inbound list
//	O position n          the inbound list's order
//	N key                 one of central's own facts
//
// Index keys stand as hashes: they have one length, may hold any bytes, and
// show no identifier to whoever reads the keys alone.
//
// Values are Go values here (see Row types below); Encode and Decode turn them
// into bytes for a store that needs bytes.
package state

import (
	"crypto/sha256"
	"encoding/binary"
	"iter"
	"strings"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// Store is an ordered map of rows at one moment.
type Store interface {
	Get(key string) (value any, ok bool, err error)
	// Scan yields the rows with this prefix after a key ("" for all of them),
	// in ascending order.
	Scan(prefix, after string) iter.Seq2[Row, error]
}

// Raw is a Store that keeps bytes and can give them as they are.
type Raw interface {
	Raw(key string) (value []byte, ok bool, err error)
}

// Row is one key and its value.
type Row struct {
	Key   string
	Value any
}

// The values, by the key's first byte: *EntryRow (E), *record.Change (V),
// *CurrentRow (C), PatientRow (P), Present (I), *record.Receipt (R), *InboundRow (B),
// OrderRow (O), NoteRow (N).
type (
	// EntryRow is an entry; its Changes are named in Rows and stand in V.
	EntryRow struct {
		Entry record.Entry `cbor:"1,keyasint"`
		Rows  []VersionOf  `cbor:"2,keyasint,omitempty"`
	}
	// VersionOf names one version.
	VersionOf struct {
		Ref     fhir.Ref       `cbor:"1,keyasint"`
		Version record.Version `cbor:"2,keyasint"`
	}
	// CurrentRow says where a resource stands. Current is 0 while every
	// version is a history version. The keys that the current version put are
	// kept, so that they are removed as they were made even if the rule that
	// makes them has changed since.
	CurrentRow struct {
		Newest  record.Version `cbor:"1,keyasint"`
		Current record.Version `cbor:"2,keyasint,omitempty"`
		Patient fhir.ID        `cbor:"3,keyasint,omitempty"`
		Index   [][]byte       `cbor:"4,keyasint,omitempty"`
	}
	// PatientRow says where a resource of a patient stands, so that a
	// compartment is read without a look at each resource's C row, and the newest
	// of it is found without a look at what it says. Zero, in a journal from before
	// it: the C row says it. At is 0 in one from before that: the version says it.
	PatientRow struct {
		Newest   record.Version
		Current  record.Version
		At       record.Position // of the current version
		Critical bool            // the current version is tagged so
	}
	// InboundRow is a message's row and its place in the list.
	InboundRow struct {
		Row   record.Inbound `cbor:"1,keyasint"`
		Order []byte         `cbor:"2,keyasint"`
	}
	// Present is the value of a row that only says that it is there.
	Present struct{}
	// OrderRow is a message's id.
	OrderRow string
	// NoteRow is the value of a note.
	NoteRow []byte
)

// The first byte of a P row that says where its resource stands, and of one that
// says since when, too. A program that does not keep these rows up to date does
// not know it, and refuses the journal.
const (
	patientFormat   = 2
	patientFormatAt = 3
)

// patientCritical is a bit of the last byte of a P row.
const patientCritical = 1

// Encode renders a row's value as bytes.
func Encode(value any) ([]byte, error) {
	switch v := value.(type) {
	case Present:
		return []byte{record.FormatVersion}, nil
	case PatientRow:
		return encodePatientRow(v), nil
	case OrderRow:
		return append([]byte{record.FormatVersion}, v...), nil
	case NoteRow:
		return append([]byte{record.FormatVersion}, v...), nil
	}
	return record.Encode(value)
}

// Decode reads what Encode wrote under this key.
func Decode(key string, b []byte) (any, error) {
	if key == "" || len(b) == 0 {
		return nil, fault.New(fault.Corrupt, "journal.decode", "", "a row has no key or no value")
	}
	switch key[0] {
	case 'E':
		return decode[EntryRow](b)
	case 'V':
		return decode[record.Change](b)
	case 'C':
		return decode[CurrentRow](b)
	case 'R':
		return decode[record.Receipt](b)
	case 'B':
		return decode[InboundRow](b)
	case 'P':
		return decodePatientRow(b)
	}
	if b[0] != record.FormatVersion {
		return nil, unknownFormat(b[0])
	}
	switch key[0] {
	case 'I':
		return Present{}, nil
	case 'O':
		return OrderRow(b[1:]), nil
	case 'N':
		return NoteRow(b[1:]), nil
	}
	return nil, fault.New(fault.Unsupported, "journal.decode", "", "a kind of row that is not known to this program; a newer one wrote it")
}

func encodePatientRow(r PatientRow) []byte {
	b := []byte{patientFormatAt}
	for _, n := range []uint64{uint64(r.Newest), uint64(r.Current), uint64(r.At)} {
		b = binary.AppendUvarint(b, n)
	}
	if r.Critical {
		return append(b, patientCritical)
	}
	return append(b, 0)
}

func decodePatientRow(b []byte) (any, error) {
	var n [4]uint64
	fields := 0
	switch b[0] {
	case record.FormatVersion:
		return PatientRow{}, nil
	case patientFormat:
		fields = 2
	case patientFormatAt:
		fields = 4
	default:
		return nil, unknownFormat(b[0])
	}
	rest := b[1:]
	for i := range fields {
		v, size := binary.Uvarint(rest)
		if size <= 0 {
			return nil, errPatientRow()
		}
		n[i], rest = v, rest[size:]
	}
	if len(rest) > 0 || n[3] > patientCritical {
		return nil, errPatientRow()
	}
	return PatientRow{record.Version(n[0]), record.Version(n[1]), record.Position(n[2]), n[3] == patientCritical}, nil
}

func errPatientRow() error {
	return fault.New(fault.Corrupt, "journal.decode", "", "a row of a patient is malformed")
}

func unknownFormat(f byte) error {
	return fault.Newf(fault.Unsupported, "journal.decode", "", "row format %d is not known to this program; a newer one wrote it", f)
}

func decode[T any](b []byte) (any, error) {
	v := new(T)
	if err := record.Decode(b, v); err != nil {
		return nil, err
	}
	return v, nil
}

func entryKey(p record.Position) string {
	return string(binary.BigEndian.AppendUint64([]byte{'E'}, uint64(p)))
}

func refPart(r fhir.Ref) string { return string(r.Type) + "\x00" + string(r.ID) }

func versionPrefix(r fhir.Ref) string { return "V" + refPart(r) + "\x00" }

func versionKey(r fhir.Ref, v record.Version) string {
	return string(binary.BigEndian.AppendUint64([]byte(versionPrefix(r)), uint64(v)))
}

func currentKey(r fhir.Ref) string { return "C" + refPart(r) }

func patientPrefix(p fhir.ID) string { return "P" + string(p) + "\x00" }

// indexHash stands for one index and key.
func indexHash(k journal.Key) []byte {
	h := sha256.Sum256([]byte(string(k.Index) + "\x00" + k.Key))
	return h[:20]
}

func indexPrefix(hash []byte) string { return "I" + string(hash) }

func receiptKey(id record.MutationID) string { return "R" + string(id) }
func inboundKey(id string) string            { return "B" + id }
func orderKey(order []byte) string           { return "O" + string(order) }
func noteKey(key string) string              { return "N" + key }

// refAt reads the reference that ends a key of kind C, P or I after its
// prefix.
func refAt(key string, prefix int) (fhir.Ref, error) {
	if len(key) > prefix {
		if t, id, ok := strings.Cut(key[prefix:], "\x00"); ok {
			return fhir.Ref{Type: fhir.Type(t), ID: fhir.ID(id)}, nil
		}
	}
	return fhir.Ref{}, fault.New(fault.Corrupt, "journal.read", "", "a row's key is malformed")
}
