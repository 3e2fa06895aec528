package record

// DocumentPrefix begins the keys of the notes that say where a document's bytes
// are; its SHA-256 in hexadecimal follows.
const DocumentPrefix = "document/"

// DocumentSource says where the bytes of a document are: in a message that the
// raw inbound log holds.
type DocumentSource struct {
	Raw Hash `cbor:"1,keyasint" json:"raw"` // of the message
}
