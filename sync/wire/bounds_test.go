package wire

import (
	"errors"
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/compact"
	"wardlight/internal/fault"
)

// Every count that a decoder cannot hold a message to: with as much as may be, and with
// one more.
func TestAMessageHasAtMostWhatItMayHave(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	bytes := func(n int) []byte { return make([]byte, n) }
	const part, snapshot, first = "a part is too long", "a part is too long, or too many chunks are asked for", "too many wards or patients are to come first"
	for _, c := range []struct {
		why         string
		most, least int // least: 0 where none is fine, too
		of          func(n int) Message
	}{
		{part, MaxCapabilities, 0, func(n int) Message { return &Hello{Capabilities: make([]Capability, n)} }},
		{part, MaxDictionaries, 0, func(n int) Message { return &Hello{Dictionaries: make([]compact.Dictionary, n)} }},
		{part, 64, 0, func(n int) Message { return &Hello{Station: record.StationID(long(n))} }},
		{part, MaxSnapshotToken, 0, func(n int) Message { return &Hello{Snapshot: long(n)} }},
		{part, MaxSnapshotToken, 0, func(n int) Message { return &Hello{Next: long(n)} }},
		{part, MaxWords, 0, func(n int) Message { return &Hello{Program: long(n)} }},
		{part, MaxCapabilities, 0, func(n int) Message { return &Welcome{Capabilities: make([]Capability, n)} }},
		{part, MaxWords, 0, func(n int) Message { return &Welcome{Program: long(n)} }},
		{part, MaxEpochs, 0, func(n int) Message { return &Welcome{Epochs: make([]record.Epoch, n)} }},
		{snapshot, MaxSnapshotToken, 0, func(n int) Message { return &AskChunk{Snapshot: long(n)} }},
		{snapshot, MaxSnapshotToken, 0, func(n int) Message { return &AskChunk{Next: long(n)} }},
		{snapshot, MaxChunkCredit, 0, func(n int) Message { return &AskChunk{Credit: uint32(n)} }},
		{first, MaxFirst, 0, func(n int) Message { return &AskChunk{First: &record.First{Wards: make([]record.Ward, n)}} }},
		{first, MaxFirst, 0, func(n int) Message { return &AskChunk{First: &record.First{Patients: make([]fhir.ID, n)}} }},
		{"a push has 1 to 64 mutations", MaxPush, 1, func(n int) Message { return &Push{Mutations: make([]record.Mutation, n)} }},
		{"too many receipts", MaxReceipts, 0, func(n int) Message { return &Receipts{Receipts: make([]record.Receipt, n)} }},
		{"a message has 1 to 256 audit events", MaxLooks, 1, func(n int) Message { return &Looks{Looks: make([]record.Look, n)} }},
		{part, MaxSigned, 0, func(n int) Message { return &Proof{Body: bytes(n)} }},
		{part, 128, 0, func(n int) Message { return &Proof{Sig: bytes(n)} }},
		{part, MaxTrail, 0, func(n int) Message { return &Proof{Trail: make([]record.Point, n)} }},
		{"too many patients, or an id is too long", MaxHeads, 0, func(n int) Message { return &AskHeads{Patients: make([]fhir.ID, n)} }},
		{"too many patients, or an id is too long", 64, 0, func(n int) Message { return &AskHeads{After: fhir.ID(long(n))} }},
		{"too many patients", MaxHeads, 0, func(n int) Message { return &Heads{Heads: make([]record.PatientHead, n)} }},
		{"too many patients", MaxHeads, 0, func(n int) Message { return &Heads{Asked: make([]fhir.ID, n)} }},
		{"1 to 16 patients are refilled at once", MaxRefill, 1, func(n int) Message { return &AskRefill{Patients: make([]fhir.ID, n)} }},
		{"a delta builds on 1 to 64 versions, and goes on", MaxBases, 1, func(n int) Message { return &Delta{Bases: make([]Base, n), To: 1} }},
		{"a delta builds on 1 to 64 versions, and goes on", 128, 0, func(n int) Message { return &Delta{Bases: make([]Base, 1), To: 1, Sig: bytes(n)} }},
		{"a delta builds on 1 to 64 versions, and goes on", 6, 0, func(n int) Message { return &Delta{Bases: make([]Base, 1), From: record.Position(n), To: 7} }},
		{"a part has 1 byte to 64 KiB, and lies in its document", MaxPart, 1, func(n int) Message { return &AskDocument{Length: int64(n)} }},
		{"a part has 1 byte to 64 KiB, and lies in its document", 0, 0, func(n int) Message { return &AskDocument{Length: 1, Offset: int64(-n)} }},
		{"a part has at most 64 KiB", MaxPart, 0, func(n int) Message { return &Document{Part: bytes(n)} }},
		{"a part has at most 64 KiB", 0, 0, func(n int) Message { return &Document{Offset: int64(-n)} }},
		{"a part has at most 64 KiB", 0, 0, func(n int) Message { return &Document{Size: int64(-n)} }},
		{"a part has at most 64 KiB", MaxWords, 0, func(n int) Message { return &Document{Why: long(n)} }},
		{"a part is too long, or the batch has no number", MaxSigned, 0, func(n int) Message { return &GiveBack{Number: 1, Body: bytes(n)} }},
		{"a part is too long, or the batch has no number", 128, 0, func(n int) Message { return &GiveBack{Number: 1, Sig: bytes(n)} }},
		{"a part is too long, or the batch has no number", 9, 1, func(n int) Message { return &GiveBack{Number: uint64(n) % 10} }},
	} {
		for _, n := range []int{c.least, c.most} {
			if err := check(c.of(n)); err != nil {
				t.Errorf("%T with %d: %v", c.of(n), n, err)
			}
		}
		beyond := []int{c.most + 1}
		if c.least > 0 {
			beyond = append(beyond, c.least-1)
		}
		for _, n := range beyond {
			m := c.of(n)
			err := check(m)
			if e := new(fault.Error); !errors.As(err, &e) || e.Kind != fault.Invalid || e.Op != "wire.check" || e.Subject != m.Type().String() || !strings.HasSuffix(err.Error(), ": "+c.why) {
				t.Errorf("%T with %d: %v, want %s", m, n, err, c.why)
			}
		}
	}
	bye := &Bye{Words: long(MaxWords-1) + "ä"}
	if err := check(bye); err != nil || bye.Words != long(MaxWords-1) {
		t.Errorf("words that are too long: %v, %q", err, bye.Words)
	}
}
