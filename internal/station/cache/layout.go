package cache

import (
	"encoding/binary"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// Keys in Badger. Ids hold no slash, so the parts cannot run together.
//
//	c/<patient>/<Type>/<id>  the current version; no patient: "c//<Type>/<id>"
//	d/<patient>              the compartment's digest
//	t/<Type>/<id>            whose compartment it is in
//	T/<n>                    the same of all that a commit brought, until it is written out
//	h/<Type>/<id>/<version>  versions that are not current
//	k/<patient>/<Type>/<id>  a resource that has only h/ rows
//	b/<Type>/<id>/<version>  a pruned version that kept work is based on
//	x/<patient>              to be forgotten once their unsent work is receipted
//	o/<seq>  q/<seq>         own mutations: unsent, and receipted within the retention
//	u/<patient>/<seq>        own mutations not yet in what central has sent back
//	i/<mutation id>          receipts
//	l/<seq>                  looks that central has not got
//	w/<user>/<key>           drafts
//	f/<key>                  small facts
//	s/<Type>/<id>            seen in the running snapshot
//	z/<patient>              not all of what central holds has come yet
//	y/<patient>              the copy is in doubt: central holds something else
//	g/<n>                    pieces of a staged batch
//	p/<patient>              a brief: worked out of the record, never a part of it
//	r/<n>                    a batch kept to be given back, without its bytes
//	R/<n><piece>             its bytes, as central signed them
//	D/<patient>/<sum>        a document that a resource names, and how far it has come
//	P/<patient>/<sum>/<n>    its parts, by where they begin
//	e                        central's signed word on the cursor
//	m                        meta
func keyCurrent(p fhir.ID, r fhir.Ref) []byte {
	return join('c', string(p), string(r.Type), string(r.ID))
}
func keyDigest(p fhir.ID) []byte { return join('d', string(p)) }
func keyOwner(r fhir.Ref) []byte { return join('t', string(r.Type), string(r.ID)) }
func keyOnlyHistory(p fhir.ID, r fhir.Ref) []byte {
	return join('k', string(p), string(r.Type), string(r.ID))
}
func keyLeaving(p fhir.ID) []byte               { return join('x', string(p)) }
func keyDoubt(p fhir.ID) []byte                 { return join('y', string(p)) }
func keyFilling(p fhir.ID) []byte               { return join('z', string(p)) }
func keyReceipt(id record.MutationID) []byte    { return join('i', string(id)) }
func keyDraft(u record.UserID, k string) []byte { return join('w', string(u), k) }
func keyFact(k string) []byte                   { return join('f', k) }
func keyBrief(p fhir.ID) []byte                 { return join('p', string(p)) }
func keySeen(r fhir.Ref) []byte                 { return join('s', string(r.Type), string(r.ID)) }
func keyUnsent(seq uint64) []byte               { return numbered(join('o', ""), seq) }
func keyKept(seq uint64) []byte                 { return numbered(join('q', ""), seq) }
func keyLook(seq uint64) []byte                 { return numbered(join('l', ""), seq) }
func keyList(n uint64) []byte                   { return numbered(join('T', ""), n) }
func keyPiece(n uint64) []byte                  { return numbered(join('g', ""), n) }

func keyPending(p fhir.ID, seq uint64) []byte { return numbered(join('u', string(p), ""), seq) }
func keyHistory(r fhir.Ref, v record.Version) []byte {
	return numbered(join('h', string(r.Type), string(r.ID), ""), uint64(v))
}

func keyBase(r fhir.Ref, v record.Version) []byte {
	return numbered(join('b', string(r.Type), string(r.ID), ""), uint64(v))
}

func keyReturn(n uint64) []byte                { return numbered(join('r', ""), n) }
func keyReturnPieces(n uint64) []byte          { return numbered(join('R', ""), n) }
func keyReturnPiece(n uint64, i uint64) []byte { return numbered(keyReturnPieces(n), i) }

var (
	keyMeta     = []byte("m")
	keyEvidence = []byte("e")
)

func join(prefix byte, parts ...string) []byte {
	n := 1
	for _, p := range parts {
		n += 1 + len(p)
	}
	b := append(make([]byte, 0, n+8), prefix)
	for _, p := range parts {
		b = append(append(b, '/'), p...)
	}
	return b
}

func numbered(b []byte, n uint64) []byte { return binary.BigEndian.AppendUint64(b, n) }

// number reads the sequence or version at a key's end.
func number(key []byte) uint64 {
	if len(key) < 8 {
		return 0
	}
	return binary.BigEndian.Uint64(key[len(key)-8:])
}

// refOf reads the last two parts of a c/, k/, t/ or s/ key.
func refOf(key []byte) fhir.Ref {
	parts := strings.Split(string(key), "/")
	if len(parts) < 3 {
		return fhir.Ref{}
	}
	return fhir.Ref{Type: fhir.Type(parts[len(parts)-2]), ID: fhir.ID(parts[len(parts)-1])}
}

// validType keeps a type's name usable as a part of a key.
func validType(t fhir.Type) bool {
	if len(t) == 0 || len(t) > 64 {
		return false
	}
	for i := 0; i < len(t); i++ {
		if c := t[i] | 0x20; c < 'a' || c > 'z' { // 0x20 makes a capital small
			return false
		}
	}
	return true
}

// validPart keeps a user's name, a draft's key or a fact's key usable.
func validPart(s string) bool {
	return len(s) > 0 && len(s) <= 200 && !strings.ContainsAny(s, "\x00")
}
