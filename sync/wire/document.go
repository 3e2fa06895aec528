package wire

import (
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// The messages by which a station fetches the bytes of documents that resources
// name (fhir.Documents). It asks for one part at a time, when nothing else is to
// be done, and begins where it stopped; what central answers goes out behind
// everything else. Nothing of it is signed: a resource that central signed says
// what the whole must add up to.

// AskDocument asks for at most Length bytes of a document after Offset. Ref is a
// resource in the station's scope that names it.
type AskDocument struct {
	Ref    fhir.Ref    `cbor:"1,keyasint" json:"ref"`
	Hash   record.Hash `cbor:"2,keyasint" json:"hash"` // SHA-256 of the whole
	Offset int64       `cbor:"3,keyasint" json:"offset"`
	Length int64       `cbor:"4,keyasint" json:"length"`
}

// Document answers AskDocument. Where Why is not empty the part is not to be had
// now; it is a fault kind's name.
type Document struct {
	Hash   record.Hash `cbor:"1,keyasint" json:"hash"`
	Offset int64       `cbor:"2,keyasint" json:"offset"`
	Size   int64       `cbor:"3,keyasint" json:"size"` // of the whole
	Part   []byte      `cbor:"4,keyasint,omitempty" json:"part,omitempty"`
	Why    string      `cbor:"5,keyasint,omitempty" json:"why,omitempty"`
}

// Type implements Message.
func (*AskDocument) Type() Type { return TypeAskDocument }

// Type implements Message.
func (*Document) Type() Type { return TypeDocument }
