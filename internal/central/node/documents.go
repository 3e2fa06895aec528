package node

import (
	"context"
	"encoding/base64"

	"wardlight/internal/central/documents"
	"wardlight/internal/central/rawlog"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/interop/v2tofhir"
)

// papers gives out documents; of whoever asks for himself no scope is asked.
func (n *Node) papers(s documents.Scope) *documents.Store {
	return documents.New(documents.Config{Journal: n.journal, Scope: s, Messages: messages{n.raw}, Find: v2tofhir.Document})
}

// hasDocument refuses what names no document, before a look is on record.
func (n *Node) hasDocument(ctx context.Context, o Order) (Order, error) {
	var sum record.Hash
	if err := sum.UnmarshalText([]byte(o.Args["sum"])); err != nil {
		return o, fault.New(fault.Invalid, "node.document", "", "a document is named by 64 hexadecimal digits: those behind urn:wardlight:blob: in what export shows")
	}
	_, err := n.papers(nil).Whole(ctx, sum)
	return o, err
}

// document gives out one document by its sum, as it came.
func (n *Node) document(ctx context.Context, o Order, emit Emit) error {
	var sum record.Hash
	if err := sum.UnmarshalText([]byte(o.Args["sum"])); err != nil {
		return err // hasDocument has read it
	}
	b, err := n.papers(nil).Whole(ctx, sum)
	if err != nil {
		return err
	}
	return emit(map[string]any{"sum": sum, "size": len(b), "base64": base64.StdEncoding.EncodeToString(b)})
}

// messages is the raw inbound log as documents are looked for in it.
type messages struct{ log *rawlog.Log }

// Message is a message by the SHA-256 of its bytes.
func (m messages) Message(ctx context.Context, raw record.Hash) ([]byte, error) {
	r, ok, err := m.log.Find(ctx, raw)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fault.New(fault.NotFound, "node.message", "", "the raw inbound log does not hold the message that brought it; was it put back with the journal?")
	}
	return r.Raw, nil
}
