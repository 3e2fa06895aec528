package outbox

import (
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// Kind is what an entry holds. Numbers are for ever.
type Kind uint8

// The kinds.
const (
	KindMutation      Kind = 1 // record.Mutation, as signed
	KindReceipt       Kind = 2 // Receipted
	KindLook          Kind = 3 // record.Look
	KindLooksReceived Kind = 4 // uint64: all looks up to it are at central
	KindVoid          Kind = 5 // []uint64: mutations of these sequences were refused to their writer, or central was emptied of them on purpose: they never happened
	KindReoffer       Kind = 6 // State: receipts before this entry count no more, see State.Since
	KindState         Kind = 7 // State, at the start of every segment
)

// Receipted is a receipt and when it came, by the station's clock.
type Receipted struct {
	Receipt record.Receipt `cbor:"1,keyasint"`
	At      int64          `cbor:"2,keyasint"` // ms since 1970
}

// State is what must be known even when the segments before are gone.
type State struct {
	LastSeq     uint64      `cbor:"1,keyasint"` // the highest mutation sequence ever used
	LookSeq     uint64      `cbor:"2,keyasint"` // the last look
	LookMAC     record.Hash `cbor:"3,keyasint"` // and its MAC
	LookForward uint64      `cbor:"4,keyasint"` // looks up to here are at central
	// Since is of KindReoffer: only receipts from then on count no more, ms
	// since 1970. What came before had left the retention window.
	Since int64 `cbor:"5,keyasint,omitempty"`
}

// Entry is one entry before it is sealed. Exactly the part of its Kind is set.
type Entry struct {
	Kind          Kind
	Mutation      record.Mutation
	Receipt       Receipted
	Look          record.Look
	LooksReceived uint64
	Void          []uint64
	State         State
}

// Seq is the sequence of the entry's mutation, or 0.
func (e Entry) Seq() uint64 {
	_, seq, _ := e.Mutation.ID.Station()
	return seq
}

func (e Entry) encode() ([]byte, error) {
	var v any
	switch e.Kind {
	case KindMutation:
		v = e.Mutation
	case KindReceipt:
		v = e.Receipt
	case KindLook:
		v = e.Look
	case KindLooksReceived:
		v = e.LooksReceived
	case KindVoid:
		v = e.Void
	case KindReoffer, KindState:
		v = e.State
	default:
		return nil, fault.Newf(fault.Invalid, "outbox.encode", "", "entry kind %d is not known", e.Kind)
	}
	b, err := record.Encode(v)
	if err != nil {
		return nil, err
	}
	return append([]byte{byte(e.Kind)}, b...), nil
}

// decode reads an entry. A kind that this program does not know is returned
// with nothing but its Kind: a newer program wrote it, and it is no damage.
func decode(b []byte) (e Entry, err error) {
	if len(b) == 0 {
		return e, fault.New(fault.Corrupt, "outbox.decode", "", "an entry is empty")
	}
	e.Kind = Kind(b[0])
	switch e.Kind {
	case KindMutation:
		err = record.Decode(b[1:], &e.Mutation)
	case KindReceipt:
		err = record.Decode(b[1:], &e.Receipt)
	case KindLook:
		err = record.Decode(b[1:], &e.Look)
	case KindLooksReceived:
		err = record.Decode(b[1:], &e.LooksReceived)
	case KindVoid:
		err = record.Decode(b[1:], &e.Void)
	case KindReoffer, KindState:
		err = record.Decode(b[1:], &e.State)
	}
	return e, err
}
