package record_test

import (
	"bytes"
	"reflect"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// A chunk that came has its changes, and beside each the very bytes that Encode
// would make of it: what is kept of it need not be rendered again.
func TestAChunkThatCameHasItsBytes(t *testing.T) {
	sent := record.Chunk{
		Snapshot: "e1:42:00", Index: 3, Next: "4:700:2:p1:Observation/k2", Last: true, At: record.Cursor{Epoch: "e1", Position: 42, Chain: record.Hash{1}},
		Changes: []record.Change{fullChange("k1"), fullChange("k2")}, Done: 700, Total: 900, Time: 5, Station: "s1",
		Part: record.PartFirst, Ready: []fhir.ID{"p1"}, Whole: []fhir.ID{"p2"},
	}
	body, err := sent.SigningBytes()
	if err != nil {
		t.Fatal(err)
	}
	came, err := record.DecodeChunk(body)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range came.Changes {
		want, err := record.Encode(c)
		if err != nil || !bytes.Equal(came.Encoded[i].Kept(nil), want) {
			t.Errorf("%s is kept as %x, %v; want %x", c.Ref, came.Encoded[i].Kept(nil), err, want)
		}
	}
	again, err := came.SigningBytes()
	if err != nil || !bytes.Equal(again, body) {
		t.Errorf("rendered again it is %x, %v; want %x", again, err, body)
	}
	came.Encoded = nil
	if !reflect.DeepEqual(came, sent) {
		t.Errorf("%+v came, want %+v", came, sent)
	}
	body[len(body)-1] ^= 0xff
	if _, err := record.DecodeChunk(body[:len(body)-9]); err == nil {
		t.Error("half of a chunk was read")
	}
}

// So has a batch.
func TestABatchThatCameHasItsBytes(t *testing.T) {
	sent := record.Batch{
		Epoch: "e1", From: 40, To: 42, Chain: record.Hash{1}, Changes: []record.Change{fullChange("k1"), fullChange("k2")}, Forget: []fhir.ID{"p1"},
		Time: 5, Station: "s1", Wards: []record.Ward{"4B"}, Refill: []fhir.ID{"p2"}, Sig: []byte{9},
	}
	// A member of Batch that this test does not set would not be compared.
	for v, i := reflect.ValueOf(sent), 0; i < v.NumField(); i++ {
		if tag := v.Type().Field(i).Tag.Get("cbor"); tag != "-" && v.Field(i).IsZero() {
			t.Errorf("%s is not set", v.Type().Field(i).Name)
		}
	}
	body, err := sent.SigningBytes()
	if err != nil {
		t.Fatal(err)
	}
	came, err := record.DecodeBatch(body)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range came.Changes {
		want, err := record.Encode(c)
		if err != nil || !bytes.Equal(came.Encoded[i].Kept(nil), want) {
			t.Errorf("%s is kept as %x, %v; want %x", c.Ref, came.Encoded[i].Kept(nil), err, want)
		}
	}
	came.Encoded, came.Sig = nil, sent.Sig
	if !reflect.DeepEqual(came, sent) {
		t.Errorf("%+v came, want %+v", came, sent)
	}
}
