package record_test

import (
	"bytes"
	"crypto/sha256"
	"testing"

	"pgregory.net/rapid"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

func sample() record.Mutation {
	return record.Mutation{
		ID: record.MutationOf("sabcdefghijk2", 7), Ref: fhir.Ref{Type: fhir.TypeTask, ID: "sabcdefghijk2-7"}, Patient: "p1",
		Clock: record.HLC{Wall: 1795312800000, Counter: 2}, Author: record.Author{User: "g.mensah", Station: "sabcdefghijk2"},
		Ops: []record.Op{{Kind: record.OpPut, Value: []byte(`{"resourceType":"Task"}`)}}, Times: record.Times{Station: 1795312800000},
	}
}

// What a device signed stays verifiable for ever: these bytes are a fixture
// and may never change.
func TestSigningBytesAreFixed(t *testing.T) {
	b, err := sample().SigningBytes()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := record.Hash(sha256.Sum256(b)).String(), fixture; got != want {
		t.Errorf("signing bytes changed: %s, fixture %s\n%x", got, want, b)
	}
}

const fixture = "060a624690419e5ea474bd9b4860c5cf9f64b38dfa4b696fb90c01ea7491159b"

func TestSignatureLeavesOutWhatCentralAdds(t *testing.T) {
	m := sample()
	a, _ := m.ContentHash()
	m.Sig, m.Times.Central = []byte("x"), 99
	b, _ := m.ContentHash()
	if a != b {
		t.Error("the signature or central's time is part of what is signed")
	}
	m.Reason = "changed"
	c, _ := m.ContentHash()
	if a == c {
		t.Error("another reason, the same content hash")
	}
}

func TestDecodeRefusesAnUnknownVersion(t *testing.T) {
	b, _ := record.Encode(sample())
	b[0] = 9
	var m record.Mutation
	if err := record.Decode(b, &m); !fault.Is(err, fault.Unsupported) {
		t.Errorf("err = %v, want unsupported", err)
	}
	if err := record.Decode(nil, &m); !fault.Is(err, fault.Corrupt) {
		t.Errorf("no bytes: err = %v, want corrupt", err)
	}
}

func TestMutationID(t *testing.T) {
	s, seq, ok := record.MutationOf("sabcdefghijk2", 42).Station()
	if s != "sabcdefghijk2" || seq != 42 || !ok {
		t.Error(s, seq, ok)
	}
	for _, bad := range []record.MutationID{"in-ab12-1", "nodash", "s-0", "s-x"} {
		if _, _, ok := bad.Station(); ok {
			t.Errorf("%q is no station's mutation", bad)
		}
	}
}

// The clock never runs backwards, whatever the wall clock does.
func TestHLCIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c record.HLC
		for i := 0; i < 20; i++ {
			now := rapid.Int64Range(0, 1<<42).Draw(t, "now")
			n := c.Next(now)
			if n.Compare(c) <= 0 {
				t.Fatalf("%v after %v", n, c)
			}
			c = n.Seen(record.HLC{Wall: rapid.Int64Range(0, 1<<42).Draw(t, "other")}, now)
			if c.Compare(n) < 0 {
				t.Fatalf("Seen moved back")
			}
		}
	})
}

func TestForeignClockPullsAtMostAMinute(t *testing.T) {
	c := record.HLC{Wall: 1000}.Seen(record.HLC{Wall: 1e12}, 1000)
	if c.Wall != 61000 {
		t.Errorf("wall = %d, want 61000", c.Wall)
	}
}

func TestEncodeIsDeterministic(t *testing.T) {
	a, _ := record.Encode(sample())
	b, _ := record.Encode(sample())
	if !bytes.Equal(a, b) {
		t.Error("two encodings differ")
	}
	var m record.Mutation
	if err := record.Decode(a, &m); err != nil {
		t.Fatal(err)
	}
	c, _ := record.Encode(m)
	if !bytes.Equal(a, c) {
		t.Error("decode and encode is not the same")
	}
}

func TestChainCoversEveryPart(t *testing.T) {
	e := record.Entry{Position: 3, Audits: [][]byte{[]byte("{}")}}
	a, _ := record.ChainNext(record.Hash{1}, e)
	b, _ := record.ChainNext(record.Hash{2}, e)
	e.Audits = nil
	c, _ := record.ChainNext(record.Hash{1}, e)
	if a == b || a == c {
		t.Error("the chain misses the previous hash or the audit events")
	}
}
