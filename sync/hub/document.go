package hub

import (
	"context"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/sync/wire"
)

// Documents gives out the bytes of documents.
type Documents interface {
	// Part is at most length bytes of a document after an offset, and its size, for a
	// station in whose scope ref is, which names it.
	Part(ctx context.Context, dev record.Device, ref fhir.Ref, hash record.Hash, offset, length int64) (part []byte, size int64, err error)
}

// askDocument reads a part, one at a time. What cannot be read now is said, so
// that the station goes on with another one.
func (s *Session) askDocument(ask *wire.AskDocument) {
	switch {
	case !s.can(wire.CapDocuments):
		s.bye(wire.ByeProtocol, "Nobody agreed on documents.")
	case s.reading:
		// A copy: a station asks for the next part when it has the last.
	case s.phase != phaseTail:
		s.send(&wire.Document{Hash: ask.Hash, Offset: ask.Offset, Why: fault.Unavailable.String()})
	default:
		s.reading = true
		s.do(ReadDocument{Ask: ask})
	}
}

func (s *Session) documentRead(ev DocumentRead) {
	s.reading = false
	s.send(ev.Msg)
}

// ReadPart does ReadDocument.
func ReadPart(ctx context.Context, d Documents, dev record.Device, e ReadDocument) DocumentRead {
	ask := e.Ask
	part, size, err := d.Part(ctx, dev, ask.Ref, ask.Hash, ask.Offset, ask.Length)
	msg := &wire.Document{Hash: ask.Hash, Offset: ask.Offset, Size: size, Part: part}
	if err != nil {
		msg = &wire.Document{Hash: ask.Hash, Offset: ask.Offset, Why: fault.KindOf(err).String()}
	}
	return DocumentRead{Msg: msg}
}
