package record

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"wardlight/internal/clinical/fhir"
)

// Head says what a patient's compartment holds, in few bytes: two sides with
// equal heads hold the same current versions, word for word.
type Head struct {
	Count uint32 `cbor:"1,keyasint" json:"count"`
	Hash  Hash   `cbor:"2,keyasint" json:"hash"`
}

// HeadOf is the head of a compartment: a count, and a SHA-256 over the sorted
// type, id, version and content hash of its current resources. It depends on
// what is current alone, so that a station that was filled by a snapshot
// computes the same one. History versions are passed over.
func HeadOf(compartment []Change) Head {
	type row struct {
		ref     fhir.Ref
		version Version
		body    [32]byte
	}
	rows := make([]row, 0, len(compartment))
	for _, c := range compartment {
		if !c.History {
			rows = append(rows, row{c.Ref, c.Version, c.Body.Hash()})
		}
	}
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.ref.Type, b.ref.Type), cmp.Compare(a.ref.ID, b.ref.ID))
	})
	h := sha256.New()
	var n [8]byte
	for _, r := range rows {
		h.Write([]byte(r.ref.String()))
		h.Write([]byte{0})
		binary.BigEndian.PutUint64(n[:], uint64(r.version))
		h.Write(n[:])
		h.Write(r.body[:])
	}
	return Head{Count: uint32(len(rows)), Hash: Hash(h.Sum(nil))} //nolint:gosec // a compartment has far fewer
}
