package v2tofhir

import "wardlight/internal/interop/hl7"

// Elsewhere is the reading of a message that is refused for what its bytes do not say,
// such as the line on which it came; by names that line. Its row has an id of its own, so
// that the same bytes on another line are another message.
func Elsewhere(raw []byte, o Options, by string, v hl7.Verdict) Reading {
	h := hl7.ReadHeader(raw)
	f := row(raw, h, o)
	f.Inbound.ID = MessageID("elsewhere", by, f.Inbound.ID)
	refuse(&f, h, v)
	return Reading{Filing: f, Header: h, Verdict: v}
}
