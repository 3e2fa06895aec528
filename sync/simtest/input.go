package simtest

import (
	"wardlight/internal/clinical/record"
)

// Input is one thing that central was given, with the time on its clock.
type Input struct {
	At       int64
	Peer     record.Peer
	Mutation *record.Mutation
	Looks    []record.Look
	Filing   *record.Filing
}

// given notes an input.
func (c *central) given(in Input) {
	if c.w.inputs == nil {
		return
	}
	in.At = c.clock().Wall
	*c.w.inputs = append(*c.w.inputs, in)
}
