package wire_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/compact"
	"wardlight/internal/fault"
	"wardlight/sync/wire"
)

// packable are messages that are worth packing. They never change: their frames
// are recorded.
func packable(t testing.TB) []wire.Message {
	t.Helper()
	var list []record.Change
	for _, id := range []fhir.ID{"k1", "k2", "k3"} {
		list = append(list, record.Change{
			Ref: fhir.Ref{Type: fhir.TypeObservation, ID: id}, Version: 1, Patient: "p1",
			Body: fhir.Resource(`{"code":{"coding":[{"code":"2823-3","display":"Potassium","system":"http://loinc.org"}]},"id":"` + string(id) +
				`","resourceType":"Observation","status":"final","subject":{"reference":"Patient/p1"},"valueQuantity":{"code":"mmol/L","system":"http://unitsofmeasure.org","unit":"mmol/L","value":6.80}}`),
		})
	}
	sign := func([]byte) []byte { return []byte{7} }
	batch, err := wire.SealBatch(record.Batch{Epoch: "epoch1", From: 41, To: 42, Changes: list, Time: 1795000000000, Station: "sabcdefghijk2"}, sign)
	if err != nil {
		t.Fatal(err)
	}
	chunk, err := wire.SealChunk(record.Chunk{Snapshot: "epoch1:42:01", Changes: list, Done: 3, Total: 3, Last: true, Time: 1795000000000, Station: "sabcdefghijk2"}, 0, false, sign)
	if err != nil {
		t.Fatal(err)
	}
	push := samples()[6].(*wire.Push)
	for len(push.Mutations) < 4 {
		push.Mutations = append(push.Mutations, push.Mutations[0])
	}
	return []wire.Message{batch, chunk, push}
}

// first are the first messages of either side, by which packing is agreed on.
func first() (*wire.Hello, *wire.Welcome) {
	h := samples()[0].(*wire.Hello)
	h.Capabilities, h.Dictionaries = append(h.Capabilities, wire.CapPacked), []compact.Dictionary{compact.First}
	w := samples()[1].(*wire.Welcome)
	w.Capabilities, w.Dictionary = append(w.Capabilities, wire.CapPacked), compact.First
	return h, w
}

// after reads frames on a side that has read a first message.
func after(t testing.TB, opening wire.Message, frames ...[]byte) (m wire.Message, err error) {
	t.Helper()
	in := wire.Assembler{Limit: wire.MaxToStation}
	if _, _, err := in.Next(framesOf(t, opening)[0]); err != nil {
		t.Fatal(err)
	}
	for _, f := range frames {
		if m, _, err = in.Next(f); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func packedFrames(t testing.TB, m wire.Message) [][]byte {
	t.Helper()
	frames, err := wire.SplitPacked(m, 0, compact.First)
	if err != nil {
		t.Fatal(err)
	}
	return frames
}

// recorded reads a recorded frame, and records it where it is new.
func recorded(t *testing.T, name string, frame []byte) []byte {
	t.Helper()
	name = filepath.Join("testdata", "frames", name+".hex")
	if _, err := os.Stat(name); *rewrite && os.IsNotExist(err) {
		if err := os.WriteFile(name, []byte(wrap(hex.EncodeToString(frame))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatalf("%v: record it with -record", err)
	}
	b, err := hex.DecodeString(strings.Join(strings.Fields(string(text)), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Packed frames are recorded to be read for ever. That the same bytes are
// written is not promised: a better packer may find shorter ones.
func TestRecordedPackedFrames(t *testing.T) {
	hello, welcome := first()
	for name, m := range map[string]wire.Message{"hello-packed": hello, "welcome-packed": welcome} {
		frame := framesOf(t, m)[0]
		if !bytes.Equal(recorded(t, name, frame), frame) {
			t.Errorf("%s is written otherwise than it was recorded", name)
		}
	}
	for _, m := range packable(t) {
		b := recorded(t, m.Type().String()+"-packed", packedFrames(t, m)[0])
		if wire.Flag(b[2])&wire.FlagZstd == 0 {
			t.Errorf("%v was recorded unpacked", m.Type())
		}
		if got, err := after(t, hello, b); err != nil || !reflect.DeepEqual(got, m) {
			t.Errorf("%v is read as %+v, %v", m.Type(), got, err)
		}
	}
}

func TestNothingPackedIsReadThatWasNotAgreedOn(t *testing.T) {
	hello, welcome := first()
	frame := packedFrames(t, packable(t)[0])[0]
	for _, opening := range []wire.Message{hello, welcome} {
		if _, err := after(t, opening, frame); err != nil {
			t.Errorf("agreed on in %v: %v", opening.Type(), err)
		}
	}
	older, _ := first()
	older.Capabilities = []wire.Capability{1, 2, 3}
	newer, _ := first()
	newer.Dictionaries = []compact.Dictionary{9}
	_, plain := first()
	plain.Dictionary = 0
	_, foreign := first()
	foreign.Dictionary = 9
	for name, opening := range map[string]wire.Message{
		"an older station": older, "only dictionaries that we do not have": newer,
		"a central that packs nothing": plain, "a dictionary that we do not have": foreign,
	} {
		if _, err := after(t, opening, frame); !fault.Is(err, fault.Unsupported) {
			t.Errorf("%s: %v, want unsupported", name, err)
		}
	}
}

func TestAPackedMessageInPieces(t *testing.T) {
	hello, _ := first()
	var body bytes.Buffer
	for rng := rand.New(rand.NewPCG(1, 2)); body.Len() < 900_000; {
		fmt.Fprintf(&body, `{"id":"%016x","resourceType":"Observation","status":"final"}`, rng.Uint64())
	}
	long := &wire.Batch{Body: body.Bytes(), Sig: []byte{1}}
	c, err := wire.CutPacked(long, 0, compact.First)
	if err != nil {
		t.Fatal(err)
	}
	var frames [][]byte
	for last := false; !last; {
		var f []byte
		f, last = c.Next(wire.MinPiece)
		frames = append(frames, f)
	}
	if len(frames) < 3 || wire.Flag(frames[0][2])&wire.FlagZstd == 0 {
		t.Fatalf("%d frames: the test tests nothing", len(frames))
	}
	if m, err := after(t, hello, frames...); err != nil || !reflect.DeepEqual(m, long) {
		t.Fatalf("it came back otherwise: %v", err)
	}
	mixed := bytes.Clone(frames[1])
	mixed[2] &^= byte(wire.FlagZstd)
	if _, err := after(t, hello, frames[0], mixed); !fault.Is(err, fault.Invalid) {
		t.Errorf("a plain piece of a packed message: %v, want invalid", err)
	}
}

func TestSmallMessagesGoPlain(t *testing.T) {
	f := packedFrames(t, &wire.Applied{Position: 7})[0]
	if !bytes.Equal(f, framesOf(t, &wire.Applied{Position: 7})[0]) {
		t.Error("a message of a few bytes was packed")
	}
}

// A packed message over the limit of its side is refused before it is opened.
func TestAPackedMessageHasTheSameLimit(t *testing.T) {
	hello, _ := first()
	body := bytes.Repeat([]byte(`{"resourceType":"Observation","status":"final"}`), 200_000) // 9.4 MB
	for i := 0; i < len(body); i += 97 {
		body[i] = byte('0' + i%10)
	}
	frames := packedFrames(t, &wire.Batch{Body: body})
	in := wire.Assembler{} // central's limit
	if _, _, err := in.Next(framesOf(t, hello)[0]); err != nil {
		t.Fatal(err)
	}
	var err error
	for _, f := range frames {
		if _, _, err = in.Next(f); err != nil {
			break
		}
	}
	if !fault.Is(err, fault.Full) {
		t.Errorf("err = %v, want full", err)
	}
}

// Whatever comes packed, the assembler answers with a message or an error.
func FuzzPacked(f *testing.F) {
	for _, m := range packable(f) {
		f.Add(packedFrames(f, m)[0])
	}
	hello, _ := first()
	f.Fuzz(func(t *testing.T, frame []byte) {
		m, err := after(t, hello, frame)
		if err != nil || m == nil {
			return
		}
		if _, err := wire.SplitPacked(m, 0, compact.First); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
	})
}

// A member that came later than its message has a recording of its own: both
// forms are read for ever.
func TestRecordedStatusWithUnreachedWards(t *testing.T) {
	m := &wire.Status{Central: record.Central{Time: 1, Head: 2, Unreached: []record.Unreached{{Ward: "5A", Count: 1, Since: 3}}}}
	frame := framesOf(t, m)[0]
	if !bytes.Equal(recorded(t, "status-unreached", frame), frame) {
		t.Error("status-unreached is written otherwise than it was recorded")
	}
	if got, err := read(frame); err != nil || !reflect.DeepEqual(got, wire.Message(m)) {
		t.Errorf("read as %+v, %v", got, err)
	}
}

// Brief receipts have a recording of their own, too.
func TestRecordedBriefReceipts(t *testing.T) {
	m := wire.Brief([]record.Receipt{{Mutation: "s1-1", Content: record.Hash{1}, Position: 7}, {Mutation: "s1-2", Content: record.Hash{2}, Position: 8}})
	frame := framesOf(t, m)[0]
	if !bytes.Equal(recorded(t, "receipts-brief", frame), frame) {
		t.Error("receipts-brief is written otherwise than it was recorded")
	}
	if got, err := read(frame); err != nil || !reflect.DeepEqual(got, wire.Message(m)) {
		t.Errorf("read as %+v, %v", got, err)
	}
}

// Brief receipts say what they are about once for all.
func TestBriefReceiptsLeaveTheirHashesOut(t *testing.T) {
	list := []record.Receipt{{Mutation: "s1-1", Content: record.Hash{1}, Position: 7}, {Mutation: "s1-2", Content: record.Hash{2}, Position: 8}}
	m := wire.Brief(list)
	if !m.Brief() || m.Receipts[0].Content != (record.Hash{}) || list[0].Content != (record.Hash{1}) {
		t.Fatalf("%+v", m)
	}
	if m.Fill([]record.Hash{{2}, {1}}) || m.Fill([]record.Hash{{1}}) {
		t.Error("other contents were taken")
	}
	if !m.Fill([]record.Hash{{1}, {2}}) || m.Brief() || m.Receipts[1] != list[1] {
		t.Errorf("filled in: %+v", m)
	}
	if one := wire.Brief(list[:1]); one.Brief() || one.Receipts[0] != list[0] {
		t.Error("a single receipt gains nothing")
	}
}

// What was turned on its side is sent to, and taken from, who has said that they
// know of it, and nobody else.
func TestNothingSidewaysThatWasNotAgreedOn(t *testing.T) {
	hello, welcome := first()
	var looks wire.Looks
	for i := range 200 {
		looks.Looks = append(looks.Looks, record.Look{Station: "s4bbbbbbbbbbb", Seq: uint64(i + 1), Event: fmt.Appendf(nil, `{"resourceType":"AuditEvent","recorded":"2026-11-28T15:%02d:%02dZ","outcome":"0"}`, i/60, i%60)})
	}
	turned := func(sideways bool) []byte {
		c, err := wire.CutHard(&looks, 0, compact.First, sideways)
		if err != nil {
			t.Fatal(err)
		}
		f, _ := c.Next(wire.MaxFrame)
		return f
	}
	frame := turned(true)
	if plain := turned(false); len(frame) > len(plain)*2/3 {
		t.Errorf("%d bytes on its side, %d as it is", len(frame), len(plain))
	}
	hello.Capabilities = append(hello.Capabilities, wire.CapSideways)
	welcome.Capabilities = append(welcome.Capabilities, wire.CapSideways)
	for _, opening := range []wire.Message{hello, welcome} {
		if m, err := after(t, opening, frame); err != nil || !reflect.DeepEqual(m, wire.Message(&looks)) {
			t.Errorf("agreed on in %v: %v", opening.Type(), err)
		}
	}
	older, oldCentral := first()
	for _, opening := range []wire.Message{older, oldCentral} {
		if _, err := after(t, opening, frame); !fault.Is(err, fault.Unsupported) {
			t.Errorf("not agreed on in %v: %v, want unsupported", opening.Type(), err)
		}
	}
}

// So has what a screen needs first.
func TestRecordedAskChunkFirst(t *testing.T) {
	m := &wire.AskChunk{Credit: 10, First: &record.First{Wards: []record.Ward{"4B"}, Patients: []fhir.ID{"p1"}}}
	frame := framesOf(t, m)[0]
	if !bytes.Equal(recorded(t, "ask-chunk-first", frame), frame) {
		t.Error("ask-chunk-first is written otherwise than it was recorded")
	}
	if got, err := read(frame); err != nil || !reflect.DeepEqual(got, wire.Message(m)) {
		t.Errorf("read as %+v, %v", got, err)
	}
	m.First.Wards = make([]record.Ward, wire.MaxFirst+1)
	if _, err := read(framesOf(t, m)[0]); !fault.Is(err, fault.Invalid) {
		t.Errorf("more wards than a screen shows: %v, want invalid", err)
	}
}

// So have looks that name a position.
func TestRecordedLooksReceivedAt(t *testing.T) {
	m := &wire.LooksReceived{UpTo: 5, At: 43}
	frame := framesOf(t, m)[0]
	if !bytes.Equal(recorded(t, "looks-received-at", frame), frame) {
		t.Error("looks-received-at is written otherwise than it was recorded")
	}
	if got, err := read(frame); err != nil || !reflect.DeepEqual(got, wire.Message(m)) {
		t.Errorf("read as %+v, %v", got, err)
	}
}

// On a slow line what is long is packed as small as it goes. What is short is not:
// it would take longer to set that up than to send the rest.
func TestWhatIsShortIsNotPackedHard(t *testing.T) {
	looks := func(n int) *wire.Looks {
		m := &wire.Looks{}
		for i := range n {
			m.Looks = append(m.Looks, record.Look{Station: "s4bbbbbbbbbbb", Seq: uint64(i + 1), Event: fmt.Appendf(nil, `{"resourceType":"AuditEvent","recorded":"2026-11-28T15:%02d:%02dZ","outcome":"0","agent":[{"who":{"display":"Sister Ada %d"}}]}`, i/60, i%60, i*7919)})
		}
		return m
	}
	size := func(m wire.Message, cut func(wire.Message) (*wire.Cutter, error)) int {
		c, err := cut(m)
		if err != nil {
			t.Fatal(err)
		}
		f, _ := c.Next(wire.MaxFrame)
		return len(f)
	}
	quick := func(m wire.Message) (*wire.Cutter, error) { return wire.CutPacked(m, 0, compact.First) }
	hard := func(m wire.Message) (*wire.Cutter, error) { return wire.CutHard(m, 0, compact.First, true) }
	if q, h := size(looks(4), quick), size(looks(4), hard); q != h {
		t.Errorf("a short message has %d bytes, and %d for a slow line", q, h)
	}
	if q, h := size(looks(60), quick), size(looks(60), hard); h >= q {
		t.Errorf("a long message has %d bytes, and %d for a slow line", q, h)
	}
}
