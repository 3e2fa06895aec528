package record

import "wardlight/internal/clinical/fhir"

// DocumentPrefix begins the keys of the notes that say where a document's bytes
// are; its SHA-256 in hexadecimal follows.
const DocumentPrefix = "document/"

// DocumentSource says where the bytes of a document are: in a message that the
// raw inbound log holds.
type DocumentSource struct {
	Raw Hash `cbor:"1,keyasint" json:"raw"` // of the message
}

// Wanted is a document that a station does not hold whole.
type Wanted struct {
	Patient fhir.ID
	Ref     fhir.Ref // a resource that names it
	Hash    Hash
	Size    int64
	Have    int64 // bytes from its beginning that are held
}
