package compact

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"runtime"
	"testing"

	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"

	"wardlight/internal/fault"
)

// A dictionary that was released never changes: what was packed with it must
// open for ever.
func TestADictionaryNeverChanges(t *testing.T) {
	want := map[Dictionary]string{First: "8dd24dc0616b1c9730337db8e29cc7fa6832345273559514f7c1bd0e963871f1"}
	for _, d := range Known() {
		if got := fmt.Sprintf("%x", sha256.Sum256(of[d].bytes)); got != want[d] {
			t.Errorf("dictionary %d has the sum %s, was released with %s; a better one gets a new number", d, got, want[d])
		}
		in, err := zstd.InspectDictionary(of[d].bytes)
		if err != nil || in.ID() != uint32(d) {
			t.Errorf("dictionary %d names itself otherwise: %v", d, err)
		}
	}
	if len(want) != len(Known()) {
		t.Error("a dictionary has no recorded sum")
	}
}

const potassium = `{"code":{"coding":[{"code":"2823-3","display":"Potassium","system":"http://loinc.org"}]},"id":"k1","resourceType":"Observation","status":"final","valueQuantity":{"value":6.80}}`

func pack(t *testing.T, plain []byte) []byte {
	t.Helper()
	p, ok, err := Pack(First, plain)
	if err != nil || !ok {
		t.Fatalf("not packed: %v, %v", ok, err)
	}
	return p
}

func TestWhatIsPackedComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		piece := rapid.SliceOfN(rapid.Byte(), 1, 200).Draw(t, "piece")
		plain := append([]byte(potassium), bytes.Repeat(piece, rapid.IntRange(0, 300).Draw(t, "times"))...)
		p, ok, err := Pack(First, plain)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Unpack(First, p, len(plain)); ok && (err != nil || !bytes.Equal(got, plain)) {
			t.Fatalf("%d bytes came back otherwise: %v", len(plain), err)
		}
		s, _, err := Shrink(First, plain, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Expand(s, len(plain)); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%d bytes came back otherwise: %v", len(plain), err)
		}
	})
}

func TestOneResourceIsSmall(t *testing.T) {
	if n := len(pack(t, []byte(potassium))); n > len(potassium)/2 {
		t.Errorf("%d of %d bytes: the dictionary is of no use", n, len(potassium))
	}
	if s, ok, err := Shrink(First, []byte(potassium), nil); err != nil || !ok || len(s) > len(potassium)*2/3 {
		t.Errorf("%d of %d bytes: the dictionary is of no use: %v", len(s), len(potassium), err)
	}
}

// bomb is a frame that packs a great many zeros into a few bytes.
func bomb(t *testing.T, size int) []byte {
	t.Helper()
	e, err := zstd.NewWriter(nil, zstd.WithEncoderDict(first), zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	return e.EncodeAll(make([]byte, size), nil)
}

func headed(d Dictionary, size int, frame []byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, uint16(d))
	return append(binary.BigEndian.AppendUint32(b, uint32(size)), frame...)
}

func TestBombsAndLiesAreRefused(t *testing.T) {
	const limit = 8 << 20
	good := pack(t, bytes.Repeat([]byte(potassium), 9))
	frame := good[packedHeader:]
	size := 9 * len(potassium)
	stream := func() []byte { // a frame that does not say how big it is
		var b bytes.Buffer
		e, err := zstd.NewWriter(&b, zstd.WithEncoderDict(first), zstd.WithEncoderConcurrency(1))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = e.Write([]byte(potassium))
		_ = e.Flush()
		_ = e.Close()
		return b.Bytes()
	}()
	skippable := append([]byte{0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0}, frame...)
	for name, c := range map[string]struct {
		packed []byte
		limit  int
		kind   fault.Kind
	}{
		"nothing":                           {nil, limit, fault.Invalid},
		"half a header":                     {good[:3], limit, fault.Invalid},
		"a header alone":                    {headed(First, 3, nil), limit, fault.Invalid},
		"another dictionary":                {headed(2, size, frame), limit, fault.Unsupported},
		"over the limit":                    {good, size - 1, fault.Full},
		"more zeros than the limit":         {headed(First, limit+1, bomb(t, limit+1)), limit, fault.Full},
		"a bomb within the limit":           {headed(First, limit, bomb(t, limit)), limit, fault.Full},
		"a bomb that calls itself small":    {headed(First, 100, bomb(t, limit)), limit, fault.Invalid},
		"one that calls itself bigger":      {headed(First, size+1, frame), limit, fault.Invalid},
		"one that does not say":             {headed(First, len(potassium), stream), limit, fault.Invalid},
		"two frames in one":                 {headed(First, size, append(bytes.Clone(frame), frame...)), limit, fault.Invalid},
		"something to skip before":          {headed(First, size, skippable), limit, fault.Invalid},
		"cut short":                         {good[:len(good)-3], limit, fault.Invalid},
		"more behind the end than a frame":  {append(bytes.Clone(good), 1, 2, 3), limit, fault.Invalid},
		"without a limit nothing is opened": {good, 0, fault.Full},
	} {
		if got, err := Unpack(First, c.packed, c.limit); !fault.Is(err, c.kind) {
			t.Errorf("%s: %d bytes, %v; want %v", name, len(got), err, c.kind)
		}
	}
	if _, err := Expand([]byte{0, 1, 0xff, 0xff, 0xff, 0x7f, 0}, 1<<20); !fault.Is(err, fault.Corrupt) {
		t.Errorf("a small value that claims 256 MiB: %v", err)
	}
	if _, err := Expand([]byte{0, 9, 1, 0, 0}, 1<<20); !fault.Is(err, fault.Unsupported) {
		t.Errorf("a small value of an unknown dictionary: %v", err)
	}
	if _, ok, err := Pack(First, make([]byte, 1<<20)); ok || err != nil {
		t.Errorf("what would not be opened was packed: %v", err)
	}
}

func TestTheBestThatBothHave(t *testing.T) {
	for _, c := range []struct {
		theirs []Dictionary
		want   Dictionary
	}{{nil, 0}, {[]Dictionary{7}, 0}, {[]Dictionary{7, First}, First}} {
		if got := Best(c.theirs); got != c.want {
			t.Errorf("%v: %d, want %d", c.theirs, got, c.want)
		}
	}
}

// Whatever bytes come, no more is made than was allowed, and nothing panics.
func FuzzUnpack(f *testing.F) {
	p, _, err := Pack(First, bytes.Repeat([]byte(potassium), 3))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(p)
	f.Add(headed(First, 100, []byte{0x28, 0xb5, 0x2f, 0xfd}))
	f.Fuzz(func(t *testing.T, packed []byte) {
		const limit = 1 << 16
		if plain, err := Unpack(First, packed, limit); err == nil && (len(plain) > limit || len(plain) > MaxRatio*len(packed)) {
			t.Fatalf("%d bytes were made of %d", len(plain), len(packed))
		}
		if plain, err := Expand(packed, limit); err == nil && len(plain) > limit {
			t.Fatalf("%d bytes were made of %d", len(plain), len(packed))
		}
	})
}

// What is packed hard opens like anything else, and is smaller.
func TestPackedHardIsSmaller(t *testing.T) {
	plain := bytes.Repeat([]byte(potassium+" "), 3)
	for i := range 200 {
		plain = fmt.Appendf(plain, `{"id":"o%d","value":%d.%d,"resourceType":"Observation"}`, i*7919, i%9, i%7)
	}
	usual, ok, err := Pack(First, plain)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	hard, ok, err := PackHard(First, plain)
	if err != nil || !ok || len(hard) >= len(usual) {
		t.Errorf("packed hard %d bytes, as usual %d; %v %v", len(hard), len(usual), ok, err)
	}
	if got, err := Unpack(First, hard, len(plain)); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("it does not open: %v", err)
	}
}

// What packs hard takes 70 MB, and is let go when nobody has wanted it for a
// while: a moment in which one line was slow must not cost a server that for
// ever.
func TestWhatPacksHardIsLetGo(t *testing.T) {
	held := func() int64 {
		var m runtime.MemStats
		for range 3 {
			runtime.GC()
		}
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := held()
	var during runtime.MemStats
	if _, ok, err := PackHard(First, bytes.Repeat([]byte(potassium), 9)); err != nil || !ok {
		t.Fatal(ok, err)
	}
	runtime.ReadMemStats(&during)
	if after := held(); after-before > 4<<20 {
		t.Errorf("%d MB stay of the %d MB that it takes", (after-before)>>20, (int64(during.HeapAlloc)-before)>>20)
	}
}
