package wire

import (
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// The messages by which the two sides compare what they hold about each
// patient. The station asks, so that a slow one is never overrun.

// AskHeads asks what central holds about these patients, or, where none is
// named, about the next ones in the station's scope after an id.
type AskHeads struct {
	After    fhir.ID   `cbor:"1,keyasint,omitempty" json:"after,omitempty"`
	Patients []fhir.ID `cbor:"2,keyasint,omitempty" json:"patients,omitempty"`
}

// Heads answers AskHeads.
type Heads record.Heads

// AskRefill asks for these patients' whole compartments: what the station holds
// of them is not what central holds. They come as a batch that moves no cursor
// (record.Batch.Refill).
type AskRefill struct {
	Patients []fhir.ID `cbor:"1,keyasint" json:"patients"`
}

// Type implements Message.
func (*AskHeads) Type() Type { return TypeAskHeads }

// Type implements Message.
func (*Heads) Type() Type { return TypeHeads }

// Type implements Message.
func (*AskRefill) Type() Type { return TypeAskRefill }
