package wire_test

import (
	"bytes"
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/sync/wire"
)

var rewrite = flag.Bool("record", false, "record the frames of messages that have no recording yet")

// samples are one message of each type, with every member set. They never
// change: their frames are recorded.
func samples() []wire.Message {
	chain := record.Hash{1, 2, 3}
	cursor := record.Cursor{Epoch: "epoch1", Position: 42, Chain: chain}
	feeds := []record.Feed{{Name: "laboratory", Last: 1795000000000, Up: true}}
	central := record.Central{Time: 1795000000001, Head: 43, Feeds: feeds}
	mut := record.Mutation{
		ID: "sabcdefghijk2-7", Ref: fhir.Ref{Type: fhir.TypeTask, ID: "sabcdefghijk2-7"}, Patient: "p1", Base: 3,
		Clock: record.HLC{Wall: 1795000000002, Counter: 1}, Author: record.Author{User: "grace", Station: "sabcdefghijk2"},
		Ops:   []record.Op{{Kind: record.OpPut, Value: []byte(`{"id":"sabcdefghijk2-7","resourceType":"Task"}`)}},
		Times: record.Times{Station: 1795000000002}, KeyID: "0123456789abcdef", Sig: []byte{9, 9},
	}
	look := record.Look{Station: "sabcdefghijk2", Seq: 5, Prev: chain, Event: []byte(`{"resourceType":"AuditEvent"}`), MAC: record.Hash{4}}
	return []wire.Message{
		&wire.Hello{
			Capabilities: []wire.Capability{1, 2, 3}, Station: "sabcdefghijk2", Cursor: cursor,
			Snapshot: "epoch1:42:01", Next: "3:700:4:p1:Patient/p1", Program: "wardlight 0.1.0", Wall: 1795000000003,
		},
		&wire.Welcome{
			Capabilities: []wire.Capability{1, 2, 3}, Epoch: record.Epoch{ID: "epoch1", Cause: record.CauseFirst, Made: 1, Key: []byte{1}, Sig: []byte{2}},
			Head: cursor, Mode: wire.ModeTail, Wards: []record.Ward{"4B"}, Program: "wardlightd 0.1.0", PushWindow: 128, Central: central,
		},
		&wire.Batch{Body: []byte{1, 0xa0}, Sig: []byte{7}},
		&wire.Chunk{Body: []byte{1, 0xa0}, Sig: []byte{7}, Number: 3},
		&wire.AskChunk{Snapshot: "epoch1:42:01", Next: "3:700:4:p1:Patient/p1", Credit: 6, More: true},
		&wire.Applied{Position: 42},
		&wire.Push{Round: 1, Number: 2, Mutations: []record.Mutation{mut}},
		&wire.Receipts{
			Receipts: []record.Receipt{{Mutation: mut.ID, Content: chain, Position: 43, Outcome: record.Applied, Version: 1}},
			Round:    2, RetryMS: 1000, Why: "full",
		},
		&wire.Looks{Looks: []record.Look{look}},
		&wire.LooksReceived{UpTo: 5, RetryMS: 1000},
		&wire.Status{Central: central},
		&wire.Ping{ID: 8, Wall: 1795000000004, Applied: 42},
		&wire.Pong{ID: 8, Wall: 1795000000004, Mine: 1795000000005},
		&wire.Bye{Reason: wire.ByeDenied, Words: "This computer's access was withdrawn."},
		&wire.Ahead{Body: []byte{1, 0xa0}, Sig: []byte{7}},
		&wire.Doubt{Head: cursor},
		&wire.Proof{Body: []byte{1, 0xa0}, Sig: []byte{7}, Chunk: true, Trail: []record.Point{{Position: 40, Chain: chain}}},
		&wire.GiveBack{Number: 9, Body: []byte{1, 0xa0}, Sig: []byte{7}},
		&wire.Given{Number: 9, RetryMS: 1000, Why: "full"},
		&wire.Wait{Before: 7},
		&wire.AskHeads{After: "p1", Patients: []fhir.ID{"p2"}},
		&wire.Heads{
			At: cursor, Asked: []fhir.ID{"p2"}, After: "p1", UpTo: "p3", End: true,
			Heads: []record.PatientHead{{Patient: "p2", Head: record.Head{Count: 3, Hash: chain}, Newest: 41}},
		},
		&wire.AskRefill{Patients: []fhir.ID{"p2"}},
		&wire.Delta{
			From: 42, To: 43, Bases: []wire.Base{{Ref: fhir.Ref{Type: fhir.TypeDiagnosticReport, ID: "r1"}, Version: 3, Hash: chain}},
			Body: record.Hash{5}, Packed: []byte{0x40, 1, 0, 0, 0, 9, 8}, Sig: []byte{7},
		},
		&wire.AskWhole{From: 42},
		&wire.AskDocument{Ref: fhir.Ref{Type: fhir.TypeDiagnosticReport, ID: "r1"}, Hash: chain, Offset: 4096, Length: 8192},
		&wire.Document{Hash: chain, Offset: 4096, Size: 70000, Part: []byte("%PDF"), Why: "not found"},
	}
}

func framesOf(t testing.TB, m wire.Message) [][]byte {
	t.Helper()
	frames, err := wire.Split(m, 0)
	if err != nil {
		t.Fatal(err)
	}
	return frames
}

// read feeds frames to a fresh assembler and returns what came out last.
func read(frames ...[]byte) (m wire.Message, err error) {
	in := wire.Assembler{Limit: wire.MaxToStation}
	for _, f := range frames {
		if m, _, err = in.Next(f); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// Every message's frame was recorded when it was first released. A program that
// cannot read the recording, or writes other bytes for the same message, does
// not speak the protocol any more.
func TestRecordedFrames(t *testing.T) {
	for _, m := range samples() {
		name := filepath.Join("testdata", "frames", m.Type().String()+".hex")
		frame := bytes.Join(framesOf(t, m), nil)
		if *rewrite {
			if _, err := os.Stat(name); err == nil {
				continue
			}
			if err := os.WriteFile(name, []byte(wrap(hex.EncodeToString(frame))), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatalf("%v: record it with -record", err)
		}
		recorded, err := hex.DecodeString(strings.Join(strings.Fields(string(text)), ""))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(frame, recorded) {
			t.Errorf("%s is written as\n%x\nand was recorded as\n%x", m.Type(), frame, recorded)
		}
		got, err := read(recorded)
		if err != nil || !reflect.DeepEqual(got, m) {
			t.Errorf("%s is read as %+v, %v", m.Type(), got, err)
		}
	}
}

func wrap(s string) string {
	var b strings.Builder
	for len(s) > 64 {
		b.WriteString(s[:64] + "\n")
		s = s[64:]
	}
	return b.String() + s + "\n"
}

func TestEveryTypeHasASample(t *testing.T) {
	for i, m := range samples() {
		if int(m.Type()) != i+1 {
			t.Errorf("sample %d is of type %d", i, m.Type())
		}
	}
	if wire.Type(len(samples())+1).String() != "unknown" {
		t.Error("a new type needs a sample and a recording")
	}
}

func TestALongMessageGoesInPieces(t *testing.T) {
	long := &wire.Batch{Body: bytes.Repeat([]byte("0123456789"), 100_000), Sig: []byte{1}}
	ping := framesOf(t, &wire.Ping{ID: 1})[0]
	frames := framesOf(t, long)
	if len(frames) != 4 {
		t.Fatalf("%d frames, want 4", len(frames))
	}
	in := wire.Assembler{Limit: wire.MaxToStation}
	for i, f := range frames {
		if len(f) > wire.MaxFrame {
			t.Errorf("frame %d has %d bytes", i, len(f))
		}
		if m, _, err := in.Next(ping); err != nil || m.Type() != wire.TypePing {
			t.Fatalf("a ping between the pieces: %v, %v", m, err)
		}
		m, _, err := in.Next(f)
		if err != nil {
			t.Fatal(err)
		}
		if last := i == len(frames)-1; (m != nil) != last {
			t.Fatalf("frame %d: message %v", i, m)
		} else if last && !reflect.DeepEqual(m, long) {
			t.Error("the message was changed")
		}
	}
}

func TestAnAssemblerHoldsNoMoreThanItsLimit(t *testing.T) {
	piece := framesOf(t, &wire.Batch{Body: make([]byte, 1<<20)})[0]
	in := wire.Assembler{Limit: 1 << 20}
	var err error
	for range 5 {
		if _, _, err = in.Next(piece); err != nil {
			break
		}
	}
	if !fault.Is(err, fault.Full) {
		t.Errorf("err = %v, want full", err)
	}
}

func TestWhatIsNotTheProtocol(t *testing.T) {
	good := framesOf(t, &wire.Ping{ID: 1})[0]
	with := func(i int, v byte) []byte {
		f := bytes.Clone(good)
		f[i] = v
		return f
	}
	for name, c := range map[string]struct {
		frame []byte
		kind  fault.Kind
	}{
		"nothing":                       {nil, fault.Invalid},
		"half a header":                 {good[:5], fault.Invalid},
		"another protocol version":      {with(0, 2), fault.Unsupported},
		"another type":                  {with(1, 200), fault.Unsupported},
		"compressed":                    {with(2, byte(wire.FlagZstd)), fault.Unsupported},
		"an unknown flag":               {with(2, 0x40), fault.Invalid},
		"a used reserve":                {with(3, 1), fault.Invalid},
		"another length":                {with(7, 99), fault.Invalid},
		"cut short":                     {good[:len(good)-1], fault.Invalid},
		"another payload version":       {with(8, 9), fault.Invalid},
		"garbled":                       {with(9, 0xff), fault.Invalid},
		"a piece that is no full frame": {with(2, byte(wire.FlagMore)), fault.Invalid},
		"too big":                       {make([]byte, wire.MaxFrame+1), fault.Unsupported}, // begins with version 0
		"a push of nothing":             {framesOf(t, &wire.Push{Round: 1})[0], fault.Invalid},
		"a proof with too long a trail": {framesOf(t, &wire.Proof{Trail: make([]record.Point, 65)})[0], fault.Invalid},
		"a delta of nothing":            {framesOf(t, &wire.Delta{From: 1, To: 2})[0], fault.Invalid},
		"a delta that goes nowhere":     {framesOf(t, &wire.Delta{From: 2, To: 2, Bases: make([]wire.Base, 1)})[0], fault.Invalid},
		"a delta of too many versions":  {framesOf(t, &wire.Delta{From: 1, To: 2, Bases: make([]wire.Base, 65)})[0], fault.Invalid},
		"a part of nothing":             {framesOf(t, &wire.AskDocument{})[0], fault.Invalid},
		"too long a part":               {framesOf(t, &wire.AskDocument{Length: 64<<10 + 1})[0], fault.Invalid},
		"more than was asked for":       {framesOf(t, &wire.Document{Part: make([]byte, 64<<10+1)})[0], fault.Invalid},
		"a refill of nobody":            {framesOf(t, &wire.AskRefill{})[0], fault.Invalid},
		"a refill of everybody":         {framesOf(t, &wire.AskRefill{Patients: make([]fhir.ID, 17)})[0], fault.Invalid},
		"too many heads":                {framesOf(t, &wire.AskHeads{Patients: make([]fhir.ID, 65)})[0], fault.Invalid},
		"a batch without a number":      {framesOf(t, &wire.GiveBack{})[0], fault.Invalid},
		"too much credit":               {framesOf(t, &wire.AskChunk{Credit: 17})[0], fault.Invalid},
	} {
		if m, err := read(c.frame); !fault.Is(err, c.kind) {
			t.Errorf("%s: %v, %v; want %v", name, m, err, c.kind)
		}
	}
}

func TestAnUnknownTypeIsSkippedWhereItSaysSo(t *testing.T) {
	f := framesOf(t, &wire.Ping{ID: 1})[0]
	f[1], f[2] = 99, byte(wire.FlagOptional)
	if m, err := read(f); m != nil || err != nil {
		t.Errorf("%v, %v; want nothing", m, err)
	}
}

func TestSignedBodiesAreReadAsTheyWereSigned(t *testing.T) {
	sign := func(msg []byte) []byte { return append([]byte("sig:"), msg[len(msg)-1]) }
	verify := func(msg, sig []byte) error {
		if !bytes.Equal(sig, sign(msg)) {
			return fault.New(fault.Corrupt, "test", "", "wrong")
		}
		return nil
	}
	b := record.Batch{Epoch: "e", From: 3, To: 5, Changes: []record.Change{{
		Ref: fhir.Ref{Type: fhir.TypePatient, ID: "p"}, Version: 1, Patient: "p", Body: fhir.Resource(`{"x":1.10}`),
	}}, Forget: []fhir.ID{"q"}, Time: 7, Station: "s"}
	m, err := wire.SealBatch(b, sign)
	if err != nil {
		t.Fatal(err)
	}
	got, err := m.Open(verify)
	b.Sig, b.Signed = m.Sig, m.Body
	if as, err := record.EncodeChange(b.Changes[0]); err != nil || len(got.Encoded) != 1 || !bytes.Equal(got.Encoded[0], as) {
		t.Errorf("the change came as %x, %v", got.Encoded, err)
	}
	got.Encoded = nil
	if err != nil || !reflect.DeepEqual(got, b) {
		t.Errorf("%+v, %v", got, err)
	}
	m.Body[len(m.Body)-1]++
	if _, err := m.Open(verify); !fault.Is(err, fault.Corrupt) {
		t.Errorf("altered: err = %v, want corrupt", err)
	}
}

func TestCommonCapabilities(t *testing.T) {
	if got := wire.Common([]wire.Capability{1, 2, 3}, []wire.Capability{3, 9, 1}); !reflect.DeepEqual(got, []wire.Capability{1, 3}) {
		t.Error(got)
	}
}

// Whatever the cuts, what is put together is what was taken apart.
func TestPiecesOfAnySize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{0, 1, wire.MaxFrame - 64, wire.MaxFrame - 8, wire.MaxFrame, 3 * wire.MaxFrame}).Draw(t, "size") + rapid.IntRange(0, 40).Draw(t, "more")
		m := &wire.Chunk{Body: bytes.Repeat([]byte{byte(n)}, n), Sig: []byte{}, Number: uint32(n)}
		frames, err := wire.Split(m, wire.FlagUrgent)
		if err != nil {
			t.Fatal(err)
		}
		in := wire.Assembler{Limit: wire.MaxToStation}
		for i, f := range frames {
			got, flags, err := in.Next(f)
			if err != nil {
				t.Fatal(err)
			}
			if i == len(frames)-1 && (!reflect.DeepEqual(got, m) || flags != wire.FlagUrgent) {
				t.Fatalf("%d bytes came back otherwise, flags %b", n, flags)
			}
		}
	})
}

// Whatever bytes come, the assembler answers with a message or an error, and
// what it accepts it can write again.
func FuzzAssembler(f *testing.F) {
	for _, m := range samples() {
		f.Add(bytes.Join(framesOf(f, m), nil))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		var in wire.Assembler
		m, flags, err := in.Next(frame)
		if err != nil || m == nil {
			return
		}
		again, err := wire.Split(m, flags)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		got, err := read(again...)
		if err != nil || got.Type() != m.Type() {
			t.Fatalf("what was written cannot be read: %v", err)
		}
	})
}
