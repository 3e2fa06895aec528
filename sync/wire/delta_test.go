package wire_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/compact"
	"wardlight/internal/fault"
	"wardlight/sync/wire"
)

func seal(msg []byte) []byte { h := sha256.Sum256(msg); return h[:] }

func sealed(msg, sig []byte) error {
	if !bytes.Equal(seal(msg), sig) {
		return fault.New(fault.Corrupt, "test", "", "not signed")
	}
	return nil
}

// plan is a version of a long care plan in which one line says something else.
func plan(v record.Version) record.Change {
	var text strings.Builder
	for i := range 120 {
		fmt.Fprintf(&text, "Goal %d: walks %d metres with one person by day %d. ", i, 3*i, i%9)
	}
	body := fmt.Sprintf(`{"description":"%sReviewed %d times.","id":"c1","resourceType":"CarePlan","status":"active"}`, text.String(), v)
	return record.Change{Ref: fhir.Ref{Type: "CarePlan", ID: "c1"}, Version: v, Patient: "anna", Body: fhir.Resource(body)}
}

func deltaOfPlan(t *testing.T) (*wire.Batch, *wire.Delta) {
	t.Helper()
	b := record.Batch{Epoch: "e1", From: 4, To: 5, Station: "s1", Changes: []record.Change{plan(2)}}
	whole, err := wire.SealBatch(b, seal)
	if err != nil {
		t.Fatal(err)
	}
	d, err := wire.SealDelta(4, 5, whole, []record.Change{plan(1)}, compact.First)
	if err != nil || d == nil {
		t.Fatal("no delta:", err)
	}
	return whole, d
}

func lent(changes ...record.Change) func(wire.Base) (fhir.Resource, error) {
	return func(b wire.Base) (fhir.Resource, error) {
		for _, c := range changes {
			if c.Ref == b.Ref && c.Version == b.Version {
				return c.Body, nil
			}
		}
		return nil, nil
	}
}

func TestADeltaComesToTheBytesThatWereSigned(t *testing.T) {
	whole, d := deltaOfPlan(t)
	got, err := d.Open(compact.First, lent(plan(1)), sealed)
	if err != nil || !bytes.Equal(got.Signed, whole.Body) || string(got.Changes[0].Body) != string(plan(2).Body) {
		t.Fatalf("%v, %v", got, err)
	}
	frames, err := wire.SplitPacked(d, 0, compact.First)
	if err != nil {
		t.Fatal(err)
	}
	packed, err := wire.SplitPacked(whole, 0, compact.First)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("a batch of %d bytes: packed %d, as a delta %d", len(whole.Body), len(packed[0]), len(frames[0]))
	if wire.Flag(frames[0][2])&wire.FlagZstd != 0 {
		t.Error("what is packed was packed again")
	}
}

// Upward nothing large goes twice: a mutation carries the elements that somebody
// changed, and neither its base nor the rest.
func TestAnEditOfALargeResourceIsSmall(t *testing.T) {
	note := `{"text":"Walked to the window and back; wants to go home.","time":"2026-11-28T09:30:00Z"}`
	edit := record.Mutation{
		ID: "sabcdefghijk2-7", Ref: plan(1).Ref, Patient: "anna", Base: 1, Clock: record.HLC{Wall: 1795000000002},
		Author: record.Author{User: "grace", Name: "Grace Mensah, nurse", Role: "nurse", Station: "sabcdefghijk2", Place: "Ward 4B, computer 4B-02"},
		Ops:    []record.Op{{Kind: record.OpAdd, Field: "note", Key: "2026-11-28T09:30:00Z", Value: []byte(note)}},
		KeyID:  "0123456789abcdef", Sig: bytes.Repeat([]byte{7}, 72),
	}
	frames, err := wire.SplitPacked(&wire.Push{Round: 1, Mutations: []record.Mutation{edit}}, 0, compact.First)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("an edit of a resource of %d bytes goes up in %d", len(plan(1).Body), len(frames[0]))
	if len(frames[0]) > 500 {
		t.Errorf("%d bytes for one note", len(frames[0]))
	}
}

// What does not fit is not taken: the station is told whether to ask for it
// whole, or that it is not central's word.
func TestADeltaThatDoesNotFit(t *testing.T) {
	other := plan(1)
	other.Body = plan(7).Body
	change := func(fn func(*wire.Delta)) *wire.Delta {
		_, d := deltaOfPlan(t)
		fn(d)
		return d
	}
	same := func(*wire.Delta) {}
	for name, c := range map[string]struct {
		delta *wire.Delta
		held  func(wire.Base) (fhir.Resource, error)
		kind  fault.Kind
	}{
		"its base is gone":          {change(same), lent(), fault.NotFound},
		"its base is another one":   {change(same), lent(other), fault.NotFound},
		"its base cannot be read":   {change(same), func(wire.Base) (fhir.Resource, error) { return nil, fault.New(fault.Corrupt, "t", "", "") }, fault.NotFound},
		"its base is a newer one":   {change(same), lent(plan(2)), fault.NotFound},
		"it comes to another body":  {change(func(d *wire.Delta) { d.Body[0]++ }), lent(plan(1)), fault.Conflict},
		"it is garbled":             {change(func(d *wire.Delta) { d.Packed = d.Packed[:9] }), lent(plan(1)), fault.Conflict},
		"another has signed it":     {change(func(d *wire.Delta) { d.Sig = []byte("x") }), lent(plan(1)), fault.Corrupt},
		"it is packed in other way": {change(func(d *wire.Delta) { d.Packed[0] = 0 }), lent(plan(1)), fault.Conflict},
	} {
		if _, err := c.delta.Open(compact.First, c.held, sealed); !fault.Is(err, c.kind) {
			t.Errorf("%s: %v, want %v", name, err, c.kind)
		}
	}
}

// A delta that gains too little is none: so is one without anything to build on.
func TestADeltaThatIsNotWorthIt(t *testing.T) {
	whole, _ := deltaOfPlan(t)
	other := plan(1)
	other.Body = fhir.Resource(strings.Repeat("0123456789abcdef", 400))
	many := make([]record.Change, wire.MaxBases+1)
	for name, c := range map[string]struct {
		held []record.Change
		with compact.Dictionary
	}{"nothing alike": {[]record.Change{other}, compact.First}, "nothing held": {nil, compact.First}, "no dictionary": {[]record.Change{plan(1)}, 0}, "too many": {many, compact.First}} {
		if d, err := wire.SealDelta(4, 5, whole, c.held, c.with); d != nil || err != nil {
			t.Errorf("%s: %v, %v", name, d, err)
		}
	}
}

// The recorded delta opens for ever: with the version that it builds on it comes
// to the batch of the day on which it was recorded.
func TestTheRecordedDeltaOpens(t *testing.T) {
	name := filepath.Join("testdata", "frames", "delta-careplan.hex")
	whole, d := deltaOfPlan(t)
	if *rewrite {
		if _, err := os.Stat(name); err != nil {
			if err := os.WriteFile(name, []byte(wrap(hex.EncodeToString(framesOf(t, d)[0]))), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	frame, err := hex.DecodeString(strings.Join(strings.Fields(string(text)), ""))
	if err != nil {
		t.Fatal(err)
	}
	m, err := read(frame)
	if err != nil {
		t.Fatal(err)
	}
	got, err := m.(*wire.Delta).Open(compact.First, lent(plan(1)), sealed)
	if err != nil || !bytes.Equal(got.Signed, whole.Body) {
		t.Errorf("the recorded delta comes to something else: %v", err)
	}
}
