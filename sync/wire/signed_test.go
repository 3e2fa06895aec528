package wire_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"reflect"
	"testing"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
	"wardlight/sync/wire"
)

// signer is a journal key of the tests, always the same.
func signer() (wire.Sign, wire.Verify) {
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	public := private.Public().(ed25519.PublicKey)
	return func(msg []byte) []byte { return ed25519.Sign(private, msg) },
		func(msg, sig []byte) error { return keys.VerifyJournal(public, msg, sig) }
}

// A chunk may be signed by its sum: it is read as one that is signed whole, and
// nothing of it can be changed either.
func TestAChunkThatIsSignedByItsSum(t *testing.T) {
	sign, verify := signer()
	chunk := record.Chunk{Snapshot: "epoch1:42:01", Next: "t", Done: 1, Total: 2, Time: 1795000000000, Station: "sabcdefghijk2"}
	m, err := wire.SealChunk(chunk, 3, true, sign)
	if err != nil || !m.Summed {
		t.Fatalf("%+v, %v", m, err)
	}
	frame := framesOf(t, m)[0]
	b := recorded(t, "chunk-summed", frame)
	if !bytes.Equal(b, frame) {
		t.Error("chunk-summed is written otherwise than it was recorded")
	}
	got, err := read(b)
	if err != nil || !reflect.DeepEqual(got, m) {
		t.Fatalf("it is read as %+v, %v", got, err)
	}
	if c, err := got.(*wire.Chunk).Open(verify); err != nil || c.Next != "t" || !bytes.Equal(c.Signed, m.Body) {
		t.Errorf("it is opened as %+v, %v", c, err)
	}
	for at := range m.Body {
		forged := *m
		forged.Body = bytes.Clone(m.Body)
		forged.Body[at] ^= 1
		if _, err := forged.Open(verify); !fault.Is(err, fault.Corrupt) {
			t.Errorf("changed at %d it is taken: %v", at, err)
		}
	}
}

// What is signed of a body is never taken for what is signed of a sum.
func TestASignatureIsForOneOfTheTwoOnly(t *testing.T) {
	sign, verify := signer()
	for _, summed := range []bool{true, false} {
		m, err := wire.SealChunk(record.Chunk{Snapshot: "s", Next: "t"}, 0, summed, sign)
		if err != nil {
			t.Fatal(err)
		}
		if m.Summed = !summed; m.Summed == summed {
			t.Fatal("nothing is tried")
		}
		if _, err := m.Open(verify); !fault.Is(err, fault.Corrupt) {
			t.Errorf("signed with summed %v it is taken for the other: %v", summed, err)
		}
	}
}

// The last chunk is what a station proves with where it stands: it is signed
// whole, and one that is not is refused.
func TestTheLastChunkIsSignedWhole(t *testing.T) {
	sign, verify := signer()
	m, err := wire.SealChunk(record.Chunk{Snapshot: "s", Last: true}, 0, true, sign)
	if err != nil || m.Summed {
		t.Fatalf("%+v, %v", m, err)
	}
	if c, err := m.Open(verify); err != nil || verify(c.Signed, c.Sig) != nil {
		t.Errorf("it proves nothing: %v", err)
	}
	other, err := wire.SealChunk(record.Chunk{Snapshot: "s"}, 0, true, func(msg []byte) []byte {
		sum := sha256.Sum256(m.Body)
		return sign(append(bytes.Clone(msg[:len(msg)-len(sum)]), sum[:]...))
	})
	if err != nil {
		t.Fatal(err)
	}
	other.Body = m.Body
	if _, err := other.Open(verify); !fault.Is(err, fault.Corrupt) {
		t.Errorf("one signed by its sum is taken: %v", err)
	}
}
