package audit

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// The audit key of a station ratchets forward: each look has a key of its own,
// the next key follows from it by HMAC, and the one before is forgotten. Whoever
// takes the computer's key today can make looks from today on; a look of
// yesterday that central has not got yet can neither be changed nor put in its
// place. Central makes the same steps: it has the first key, sealed to its
// recovery key in the look that begins it. A station begins a new key at each
// start of its program, so that a key that was taken is worth nothing after the
// next one; that the new key comes from who held the one before is proven by it.

// Forms of a look, record.Look.Form. Numbers are for ever.
const (
	formFixed   = 0 // one key for all looks, which follows from the data key (Next, Verify); central cannot check it
	formRatchet = 1
)

// maxSteps bounds how far a key is brought forward at once; behind a longer gap
// nothing is checked until the station begins a new key.
const maxSteps = 1 << 20

// Ratchet is the key of one look, and of those behind it. A Ratchet is a value:
// to forget a key is to forget the value. Seq and Key are stored, by stations and
// by central.
type Ratchet struct {
	Seq uint64   `cbor:"1,keyasint"`
	Key [32]byte `cbor:"2,keyasint"`
}

// String never shows the key.
func (r Ratchet) String() string { return "audit key(hidden)" }

func (r Ratchet) derive(what string) [32]byte {
	h := hmac.New(sha256.New, r.Key[:])
	h.Write([]byte("wardlight audit key " + what + " v1"))
	return [32]byte(h.Sum(nil))
}

// Next is the key of the look behind.
func (r Ratchet) Next() Ratchet { return Ratchet{Seq: r.Seq + 1, Key: r.derive("next")} }

// At is the key of a later look. It is false for an earlier one, whose key
// nobody can know, and for one that is too far away.
func (r Ratchet) At(seq uint64) (Ratchet, bool) {
	if seq < r.Seq || seq-r.Seq > maxSteps {
		return Ratchet{}, false
	}
	for r.Seq < seq {
		r = r.Next()
	}
	return r, true
}

func (r Ratchet) mac(l record.Look) record.Hash {
	key := r.derive("looks")
	h := hmac.New(sha256.New, key[:])
	h.Write(l.Prev[:])
	h.Write(binary.BigEndian.AppendUint64(nil, l.Seq))
	h.Write([]byte{l.Form})
	for _, part := range [][]byte{[]byte(l.Station), l.Start, l.Event} {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write(part)
	}
	return record.Hash(h.Sum(nil))
}

// Look is the look after prev, which holds event, made with r's key; r is at its
// number. start is what Begin returned with r, or nil.
func (r Ratchet) Look(station record.StationID, prev record.Look, event, start []byte) record.Look {
	l := record.Look{Station: station, Seq: r.Seq, Prev: prev.MAC, Event: event, Form: formRatchet, Start: start}
	l.MAC = r.mac(l)
	return l
}

// Ratcheted says whether a look has a key of its own.
func Ratcheted(l record.Look) bool { return l.Form == formRatchet }

// keyStart is record.Look.Start.
type keyStart struct {
	Sealed []byte      `cbor:"1,keyasint"`           // firstKey, to central's recovery key
	Proof  record.Hash `cbor:"2,keyasint,omitempty"` // over Sealed, by the key that this look would have had; zero: there was none
}

// firstKey is what is sealed. It names its place, so that it opens nothing
// anywhere else.
type firstKey struct {
	Station record.StationID `cbor:"1,keyasint"`
	First   Ratchet          `cbor:"2,keyasint"`
}

func (r Ratchet) proof(sealed []byte) record.Hash {
	key := r.derive("proof")
	h := hmac.New(sha256.New, key[:])
	h.Write(sealed)
	return record.Hash(h.Sum(nil))
}

// Begin makes a new key for the look seq, and what says so in that look. before
// is the key that the look would have had; nil where there is none. seal seals to
// central's recovery key.
func Begin(station record.StationID, seq uint64, before *Ratchet, seal func([]byte) ([]byte, error)) (Ratchet, []byte, error) {
	r := Ratchet{Seq: seq}
	_, _ = rand.Read(r.Key[:]) // never fails (Go 1.24)
	plain, err := record.Encode(firstKey{Station: station, First: r})
	if err != nil {
		return Ratchet{}, nil, err
	}
	var s keyStart
	if s.Sealed, err = seal(plain); err != nil {
		return Ratchet{}, nil, err
	}
	if before != nil {
		s.Proof = before.proof(s.Sealed)
	}
	start, err := record.Encode(s)
	return r, start, err
}

// Checker follows a station's keys on central. The zero Checker has heard of
// none: looks are taken unchecked until one begins a key. It is stored.
type Checker struct {
	Key *Ratchet `cbor:"1,keyasint,omitempty"` // of the next look
	Bad bool     `cbor:"2,keyasint,omitempty"` // the last look was not made with its key, and that was told
}

// Check holds the next look to the station's key, and returns how to go on and,
// in words, what is wrong with it ("": nothing). That looks follow each other is
// Linked's to say. A run of looks with another key is told once. Behind looks
// that are missing, a key may have been begun in one of them; then it is not
// told. unseal opens what was sealed to central's recovery key.
func (c Checker) Check(l record.Look, unseal func([]byte) ([]byte, error)) (Checker, string) {
	var due *Ratchet
	gap := false
	if c.Key != nil {
		gap = l.Seq != c.Key.Seq
		if at, ok := c.Key.At(l.Seq); ok {
			due = &at
		}
	}
	if len(l.Start) > 0 {
		return begun(l, due, gap || c.Bad, unseal)
	}
	if due == nil {
		return Checker{}, "" // of a program that has no such keys, or behind a gap
	}
	next := due.Next()
	if want := due.mac(l); l.Form == formRatchet && hmac.Equal(want[:], l.MAC[:]) {
		return Checker{Key: &next}, ""
	}
	if c.Bad || gap {
		return Checker{Key: &next, Bad: true}, ""
	}
	return Checker{Key: &next, Bad: true}, "this audit event was not made with the key that this computer had at that time: it was changed, or put in the place of another"
}

// begun is Check of a look that begins a key.
func begun(l record.Look, due *Ratchet, unsure bool, unseal func([]byte) ([]byte, error)) (Checker, string) {
	s, first, err := openStart(l, unseal)
	if err != nil {
		return Checker{Bad: true}, "this computer began a new audit key that cannot be opened here: its audit events cannot be checked until it begins the next one"
	}
	next := first.Next()
	if want := first.mac(l); l.Form != formRatchet || !hmac.Equal(want[:], l.MAC[:]) {
		return Checker{Key: &next, Bad: true}, "this audit event was not made with the key that it brings: it was changed"
	}
	if due != nil && !unsure {
		if want := due.proof(s.Sealed); !hmac.Equal(want[:], s.Proof[:]) {
			return Checker{Key: &next}, "this computer began a new audit key and did not have the one before: its key file was lost, or audit events before this one were made anew"
		}
	}
	return Checker{Key: &next}, ""
}

func openStart(l record.Look, unseal func([]byte) ([]byte, error)) (s keyStart, first Ratchet, err error) {
	const op = "audit.start"
	if err := record.Decode(l.Start, &s); err != nil {
		return s, first, err
	}
	plain, err := unseal(s.Sealed)
	if err != nil {
		return s, first, err
	}
	var k firstKey
	if err := record.Decode(plain, &k); err != nil {
		return s, first, err
	}
	if k.Station != l.Station || k.First.Seq != l.Seq {
		return s, first, fault.New(fault.Denied, op, string(l.Station), "the key belongs to another place")
	}
	return s, k.First, nil
}
