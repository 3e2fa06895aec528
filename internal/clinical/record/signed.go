package record

// Point is a place in a journal with the chain hash there: two journals that
// share a point share everything before it.
type Point struct {
	Position Position `cbor:"1,keyasint" json:"position"`
	Chain    Hash     `cbor:"2,keyasint" json:"chain"`
}

// Proof shows where a station stands in central's own words: the signed batch
// or chunk that moved its cursor there, and earlier points of the same epoch,
// newest first, from which central finds how far the two agree. The points are
// not signed; a wrong one makes central look further back, or is not found.
type Proof struct {
	Body  []byte  `cbor:"1,keyasint,omitempty" json:"body,omitempty"`
	Sig   []byte  `cbor:"2,keyasint,omitempty" json:"sig,omitempty"`
	Chunk bool    `cbor:"3,keyasint,omitempty" json:"chunk,omitempty"` // Body is a Chunk's, not a Batch's
	Trail []Point `cbor:"4,keyasint,omitempty" json:"trail,omitempty"`
}

// Return is a batch that a station kept, to be given back to a central that
// was restored to an earlier day.
type Return struct {
	Number uint64   `cbor:"1,keyasint" json:"number"` // counts the batches that this station kept
	Body   []byte   `cbor:"2,keyasint" json:"body"`   // as central signed it
	Sig    []byte   `cbor:"3,keyasint" json:"sig"`
	Epoch  string   `cbor:"-" json:"-"` // for whoever decides whether to give it back
	To     Position `cbor:"-" json:"-"`
}
