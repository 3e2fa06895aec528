package cache_test

import (
	"testing"

	"wardlight/internal/clinical/record"
)

// What is kept as it came is read as what it is: of a chunk and of a batch, each
// resource under its own name, in its newest version, over a restart.
func TestWhatIsKeptAsItCameIsReadAsWhatItIs(t *testing.T) {
	sent := chunk("s1", 0, "", snapshotAt, true, patient("p1", 1), potassium("k1", "p1", 1, "4.1"), potassium("k2", "p1", 3, "5.2"))
	body, err := sent.SigningBytes()
	ok(t, err)
	filling, err := record.DecodeChunk(body)
	ok(t, err)
	next := batch(70, 71, potassium("k2", "p1", 4, "5.3"), potassium("k3", "p1", 1, "6.1"))
	body, err = next.SigningBytes()
	ok(t, err)
	tail, err := record.DecodeBatch(body)
	ok(t, err)

	o := options(t)
	c := open(t, o)
	ok(t, c.ApplyChunk(bg, filling))
	ok(t, c.Apply(bg, tail))
	ok(t, c.Close())
	c = open(t, o)
	got := compartment(t, c, "p1")
	for _, want := range []record.Change{sent.Changes[0], sent.Changes[1], next.Changes[0], next.Changes[1]} {
		if got[want.Ref.String()] != string(want.Body) {
			t.Errorf("%s is %s, want %s", want.Ref, got[want.Ref.String()], want.Body)
		}
	}
	if len(got) != 4 {
		t.Errorf("%d resources, want 4", len(got))
	}
	<-c.Checked()
	ok(t, c.Damaged())
}
