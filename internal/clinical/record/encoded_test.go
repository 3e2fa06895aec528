package record_test

import (
	"bytes"
	"reflect"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

func fullChange(id fhir.ID) record.Change {
	return record.Change{
		Ref: fhir.Ref{Type: fhir.TypeObservation, ID: id}, Version: 3, Patient: "p1", Wards: []record.Ward{"4B"}, History: true,
		Body: fhir.Resource(`{"id":"k1","valueQuantity":{"value":6.80}}`), Author: record.Author{User: "grace", Place: "4B-02"},
		Mutation: "s-1", Clock: record.HLC{Wall: 7, Counter: 1}, Times: record.Times{Central: 9}, Stamps: &record.Stamps{Message: 4},
		Tags: []string{record.TagCritical}, Position: 42, Reason: "late",
	}
}

// A chunk of bytes is the same bytes as a chunk of changes, so that it does not
// matter to a signature which of the two central made.
func TestAChunkOfBytesIsTheSameChunk(t *testing.T) {
	list := []record.Change{fullChange("k1"), fullChange("k2")}
	full := record.Chunk{
		Snapshot: "e1:42:00", Index: 3, Next: "4:700:2:p1:Observation/k2", Changes: list, Last: true,
		At: record.Cursor{Epoch: "e1", Position: 42, Chain: record.Hash{1}}, Done: 700, Total: 900, Time: 5, Station: "s1", Sig: []byte{9},
		Part: record.PartFirst, Ready: []fhir.ID{"p1"}, Whole: []fhir.ID{"p2"},
	}
	// A member of Chunk that this test does not set would not be compared.
	for v, i := reflect.ValueOf(full), 0; i < v.NumField(); i++ {
		if tag := v.Type().Field(i).Tag.Get("cbor"); tag != "-" && v.Field(i).IsZero() {
			t.Errorf("%s is not set", v.Type().Field(i).Name)
		}
	}
	asBytes := full
	asBytes.Changes = nil
	for _, c := range list {
		e, err := record.EncodeChange(c)
		if err != nil {
			t.Fatal(err)
		}
		asBytes.Encoded = append(asBytes.Encoded, e)
	}
	want, err := full.SigningBytes()
	if err != nil {
		t.Fatal(err)
	}
	got, err := asBytes.SigningBytes()
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%x\n%x, %v", got, want, err)
	}
	for _, ch := range []record.Chunk{full, asBytes} {
		if all, err := ch.All(); err != nil || !reflect.DeepEqual(all, list) {
			t.Errorf("%+v, %v", all, err)
		}
	}
}

func TestOnlyOurFormatIsTakenForAChange(t *testing.T) {
	for _, b := range [][]byte{nil, {2, 0xa0}} {
		if _, err := record.EncodedOf(b); !fault.Is(err, fault.Unsupported) {
			t.Errorf("%x: %v, want unsupported", b, err)
		}
	}
	if _, err := (record.Encoded{0xff}).Change(); !fault.Is(err, fault.Corrupt) {
		t.Errorf("rubbish: %v, want corrupt", err)
	}
}
