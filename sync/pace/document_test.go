package pace

import (
	"testing"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/sync/wire"
)

// A part of a document goes out behind everything else, and few of them wait: who
// asks for more than it reads is cut off.
func TestDocumentsGoLast(t *testing.T) {
	var q queue
	for _, m := range []wire.Message{&wire.Document{Part: []byte("page")}, &wire.Batch{Body: []byte{1}}, &wire.Ahead{Body: []byte{1}}, &wire.Ping{ID: 1}} {
		if err := q.put(m, 0, nil); err != nil {
			t.Fatal(err)
		}
	}
	var order []wire.Type
	for q.len() > 0 {
		frames, _, err := q.next(1<<20, 1<<20, wire.MaxFrame, usualLine)
		if err != nil {
			t.Fatal(err)
		}
		order = append(order, wire.Type(frames[0][1]))
	}
	want := []wire.Type{wire.TypePing, wire.TypeAhead, wire.TypeBatch, wire.TypeDocument}
	for i := range want {
		if i >= len(order) || order[i] != want[i] {
			t.Fatalf("order %v, want %v", order, want)
		}
	}
	var err error
	for range maxDocuments + 1 {
		err = q.put(&wire.Document{Hash: record.Hash{1}}, 0, nil)
	}
	if !fault.Is(err, fault.Timeout) {
		t.Errorf("more than %d wait: %v", maxDocuments, err)
	}
}
