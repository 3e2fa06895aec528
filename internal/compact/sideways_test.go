package compact

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"wardlight/internal/fault"
)

// many are n records of one shape (256 or more), as a message holds them.
func many(n int) []byte {
	chance := rand.New(rand.NewPCG(1, 2))
	str := func(b []byte, major byte, s string) []byte {
		return append(binary.BigEndian.AppendUint16(append(b, major<<5|25), uint16(len(s))), s...)
	}
	b := binary.BigEndian.AppendUint16([]byte{1, 0xa1, 5, 4<<5 | 25}, uint16(n))
	for range n {
		id := make([]byte, 32)
		for i := range id {
			id[i] = byte('a' + chance.IntN(26))
		}
		b = append(b, 0xa1, 5)
		b = str(b, 2, fmt.Sprintf(`{"code":{"coding":[{"code":"2823-3","display":"Potassium","system":"http://loinc.org"}]},"id":%q,"issued":"2026-11-28T15:%02d:%02d+00:00","resourceType":"Observation","status":"final","subject":{"reference":"Patient/%s"},"valueQuantity":{"value":%d.%d}}`,
			id, chance.IntN(60), chance.IntN(60), id, 3+chance.IntN(3), chance.IntN(10)))
	}
	return b
}

// TestManyRecordsPackSideways: it opens to the very bytes, is smaller (most of
// what stays here are ids), and only who knows of it opens it.
func TestManyRecordsPackSideways(t *testing.T) {
	plain := many(300)
	hard, _, err := PackHard(First, plain)
	if err != nil {
		t.Fatal(err)
	}
	packed, ok, err := PackSideways(First, plain)
	if err != nil || !ok || len(packed) > len(hard)*4/5 {
		t.Fatalf("%d bytes, %d without turning; %v, %v", len(packed), len(hard), ok, err)
	}
	if got, err := UnpackAny(First, packed, len(plain)); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("it does not open: %v", err)
	}
	if _, err := Unpack(First, packed, len(plain)); !fault.Is(err, fault.Unsupported) {
		t.Errorf("opened by who has not agreed: %v", err)
	}
	if got, err := UnpackAny(First, hard, len(plain)); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("what was not turned does not open: %v", err)
	}
	alone := bytes.Repeat([]byte(potassium), 3)
	if packed, ok, err := PackSideways(First, alone); err != nil || !ok || binary.BigEndian.Uint16(packed) != uint16(First) {
		t.Errorf("what has no records: %v, %v", ok, err)
	}
}

func TestLiesAboutTurningAreRefused(t *testing.T) {
	plain := many(300)
	good, _, err := PackSideways(First, plain)
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func([]byte)) []byte {
		b := bytes.Clone(good)
		change(b)
		return b
	}
	for name, c := range map[string]struct {
		packed []byte
		limit  int
		kind   fault.Kind
	}{
		"over the limit":             {good, len(plain) - 1, fault.Full},
		"another dictionary":         {with(func(b []byte) { b[1] = 9 }), 1 << 20, fault.Unsupported},
		"longer than it says":        {with(func(b []byte) { binary.BigEndian.PutUint32(b[2:], uint32(len(plain)-1)) }), 1 << 20, fault.Invalid},
		"shorter than it says":       {with(func(b []byte) { binary.BigEndian.PutUint32(b[2:], uint32(len(plain)+1)) }), 1 << 20, fault.Invalid},
		"a tail that is not there":   {with(func(b []byte) { binary.BigEndian.PutUint32(b[6:], 1<<30) }), 1 << 20, fault.Invalid},
		"a tail that is too long":    {with(func(b []byte) { b[9]++ }), 1 << 20, fault.Invalid},
		"a bomb":                     {with(func(b []byte) { binary.BigEndian.PutUint32(b[2:], 1<<30) }), 1 << 30, fault.Full},
		"a header alone":             {good[:packedHeader], 1 << 20, fault.Full},
		"cut short":                  {good[:len(good)-2], 1 << 20, fault.Invalid},
		"a stream larger than it is": {append(with(func([]byte) {})[:10+int(binary.BigEndian.Uint32(good[6:]))], bomb(t, 1<<20)...), 1 << 20, fault.Invalid},
	} {
		if got, err := UnpackAny(First, c.packed, c.limit); !fault.Is(err, c.kind) || len(got) > 0 {
			t.Errorf("%s: %d bytes, %v; want %v", name, len(got), err, c.kind)
		}
	}
}

// Whatever bytes come, no more is made than was allowed, and nothing panics.
func FuzzUnpackAny(f *testing.F) {
	p, _, err := PackSideways(First, many(256))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(p)
	f.Fuzz(func(t *testing.T, packed []byte) {
		const limit = 1 << 16
		if plain, err := UnpackAny(First, packed, limit); err == nil && (len(plain) > limit || len(plain) > MaxRatio*len(packed)) {
			t.Fatalf("%d bytes were made of %d", len(plain), len(packed))
		}
	})
}
