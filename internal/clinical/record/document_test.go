package record_test

import (
	"encoding/hex"
	"testing"

	"wardlight/internal/clinical/record"
)

// What central notes of a document must be readable for ever.
func TestTheRecordedDocumentSourceIsRead(t *testing.T) {
	const recorded = "01a10158200102030000000000000000000000000000000000000000000000000000000000"
	want := record.DocumentSource{Raw: record.Hash{1, 2, 3}}
	b, err := record.Encode(want)
	if err != nil || hex.EncodeToString(b) != recorded {
		t.Fatalf("it is written as %x, %v", b, err)
	}
	var got record.DocumentSource
	if err := record.Decode(b, &got); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
}
