package hub_test

import (
	"bytes"
	"context"
	"testing"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/sync/hub"
	"wardlight/sync/wire"
)

// rolled is a journal of epoch e1 that was put back to position 100 and has gone
// on to 110 since: up to 100 its chain is the old one.
type rolled struct{ hub.Source }

func (rolled) Epoch() record.Epoch { return record.Epoch{ID: "e1"} }

func (rolled) Holds(_ context.Context, at record.Cursor) (bool, error) {
	return at.Epoch == "e1" && (at.Position <= 100 && at.Chain == old || at.Position <= 110 && at.Chain == fresh), nil
}

var old, fresh = record.Hash{1}, record.Hash{2}

func sign(msg []byte) []byte { return append([]byte("signed "), msg...) }

func verify(msg, sig []byte) error {
	if !bytes.Equal(sig, sign(msg)) {
		return fault.New(fault.Corrupt, "t", "", "forged")
	}
	return nil
}

// proofOf is what central signed for a station at a point.
func proofOf(t *testing.T, b record.Batch, trail ...record.Point) *wire.Proof {
	t.Helper()
	m, err := wire.SealBatch(b, sign)
	if err != nil {
		t.Fatal(err)
	}
	return &wire.Proof{Body: m.Body, Sig: m.Sig, Trail: trail}
}

// Only central's own signature on something that its journal does not have
// proves a rollback: nobody else can force an epoch.
func TestWhatProvesARollback(t *testing.T) {
	beyond := record.Batch{Epoch: "e1", From: 119, To: 120, Chain: old, Station: "s1"}
	another := beyond
	another.To, another.Chain = 105, old
	for what, b := range map[string]record.Batch{"beyond the head": beyond, "another chain hash": another} {
		rb, err := hub.Judge(context.Background(), rolled{}, verify, "s1", proofOf(t, b,
			record.Point{Position: 115, Chain: old}, record.Point{Position: 98, Chain: old}, record.Point{Position: 60, Chain: old}, record.Point{Position: 99, Chain: record.Hash{9}}))
		if err != nil || rb == nil || rb.Signed != b.Cursor() || rb.Shared != 98 || rb.Station != "s1" {
			t.Errorf("%s: %+v, %v", what, rb, err)
		}
	}
	held, theirs, lost := beyond, beyond, beyond
	held.To, theirs.Station, lost.Epoch = 100, "s2", "e0"
	forged := proofOf(t, beyond)
	forged.Body = append([]byte(nil), forged.Body...)
	forged.Body[len(forged.Body)-1]++
	for what, p := range map[string]*wire.Proof{
		"nothing": {}, "what the journal has": proofOf(t, held), "what was signed for another station": proofOf(t, theirs),
		"another epoch": proofOf(t, lost), "a forged one": forged, "unsigned": {Body: proofOf(t, beyond).Body, Sig: []byte("x")},
		"a batch that poses as a chunk": {Body: []byte{1, 0xa0}, Sig: sign([]byte{1, 0xa0}), Chunk: true},
	} {
		if rb, _ := hub.Judge(context.Background(), rolled{}, verify, "s1", p); rb != nil {
			t.Errorf("%s proves %+v", what, rb)
		}
	}
}
