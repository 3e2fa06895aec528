package node

import (
	"context"
	"path/filepath"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
	"wardlight/sync/hub"
)

// Several computers notice one rollback: one epoch begins. A machine that is
// rolled back again and again needs a person: after three epochs within an hour
// no further one begins by itself, and by hand it still does.
func TestEpochsThatBeginByThemselvesAreFew(t *testing.T) {
	ctx := context.Background()
	conf := Config{Dir: filepath.Join(t.TempDir(), "central"), Secrets: keys.MemorySecrets(), Small: true}
	if _, err := Init(ctx, conf); err != nil {
		t.Fatal(err)
	}
	n, err := Open(ctx, conf)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = n.Close() }()
	proof := func(epoch string) hub.Rollback {
		return hub.Rollback{Station: "s1", Signed: record.Cursor{Epoch: epoch, Position: 99}}
	}
	for i := range epochsAtOnce {
		was := n.journal.Epoch().ID
		for range 3 {
			if err := n.rolledBack(ctx, proof(was)); err != nil {
				t.Fatal(err)
			}
		}
		if got := len(n.journal.Epochs()); got != i+2 {
			t.Fatalf("%d epochs after %d rollbacks", got, i+1)
		}
	}
	if err := n.rolledBack(ctx, proof(n.journal.Epoch().ID)); !fault.Is(err, fault.Denied) {
		t.Errorf("a fourth within the hour: %v", err)
	}
	if err := n.beginEpoch(ctx, Order{Cmd: "epoch begin", Who: "i.admin"}, func(any) error { return nil }); err != nil {
		t.Errorf("by hand: %v", err)
	}
}

// What a station gives back is central's own word, byte for byte, or nothing.
func TestOnlyCentralsOwnBytesAreTakenBack(t *testing.T) {
	ctx := context.Background()
	conf := Config{Dir: filepath.Join(t.TempDir(), "central"), Secrets: keys.MemorySecrets(), Small: true}
	if _, err := Init(ctx, conf); err != nil {
		t.Fatal(err)
	}
	n, err := Open(ctx, conf)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = n.Close() }()
	was := n.journal.Epoch().ID
	if _, err := n.journal.Begin(ctx, record.CauseRestored, n.journal.Head().Position); err != nil {
		t.Fatal(err)
	}
	b := record.Batch{Epoch: was, From: 6, To: 7, Station: "s1", Changes: []record.Change{{
		Ref: fhir.Ref{Type: fhir.TypePatient, ID: "anna"}, Version: 1, Patient: "anna", Position: 7, Body: []byte(`{"id":"anna","resourceType":"Patient"}`), Author: record.Author{Sender: "EHR"},
	}}}
	body, err := b.SigningBytes()
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := keys.NewJournalKey()
	if err != nil {
		t.Fatal(err)
	}
	peer := record.Peer{Device: record.Device{Station: "s1", Place: "Ward 4B"}}
	head := n.journal.Head()
	for what, sig := range map[string][]byte{"a stranger's signature": stranger.Sign(body), "none": nil} {
		if err := n.takeBack(ctx, peer, body, sig); !fault.Is(err, fault.Corrupt) || n.journal.Head() != head {
			t.Errorf("%s: %v", what, err)
		}
	}
	altered := append([]byte(nil), body...)
	altered[len(altered)-3]++
	if err := n.takeBack(ctx, peer, altered, n.keys.journal.Sign(body)); !fault.Is(err, fault.Corrupt) || n.journal.Head() != head {
		t.Errorf("altered: %v", err)
	}
	if err := n.takeBack(ctx, peer, body, n.keys.journal.Sign(body)); err != nil || n.journal.Head().Position != head.Position+1 {
		t.Errorf("central's own: %v, head %v", err, n.journal.Head())
	}
}
