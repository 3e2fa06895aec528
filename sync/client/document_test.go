package client_test

import (
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/sync/client"
	"wardlight/sync/wire"
)

// shelving is a machine that fetches documents, at a tail from 5, with nothing to
// send.
func shelving(t *testing.T) *talk {
	k := &talk{t: t}
	k.m = client.NewMachine(client.MachineConfig{Station: "s1", Servers: []string{"one"}, Seed: 3, Shelf: true})
	k.step(client.Wakeup{})
	k.step(client.Dialled{Session: k.session}).step(client.Loaded{Session: k.session, Cursor: at(5)})
	k.got(&wire.Welcome{Epoch: epoch1, Head: at(5), Mode: wire.ModeTail, PushWindow: 4, Capabilities: wire.Capabilities()})
	return k.step(client.Unsent{})
}

func wanted(have int64) record.Wanted {
	return record.Wanted{Patient: "p1", Ref: fhir.Ref{Type: fhir.TypeDiagnosticReport, ID: "r1"}, Hash: record.Hash{7}, Size: 100_000, Have: have}
}

// asked reads what is wanted, and is the question that goes to central.
func (k *talk) asked(w record.Wanted) *wire.AskDocument {
	k.t.Helper()
	if n := len(all[client.ReadWanted](k)); n != 1 {
		k.t.Fatalf("the store was asked %d times", n)
	}
	k.take().step(client.WantedRead{Wanted: w, OK: true})
	ask := sent[*wire.AskDocument](k)
	if len(ask) != 1 || ask[0].Hash != w.Hash || ask[0].Ref != w.Ref || ask[0].Offset != w.Have {
		k.t.Fatalf("asked %+v", ask)
	}
	return ask[0]
}

func part(ask *wire.AskDocument) *wire.Document {
	return &wire.Document{Hash: ask.Hash, Offset: ask.Offset, Size: 100_000, Part: make([]byte, ask.Length)}
}

// One part after another, from where it stopped, longer while the line is quick;
// the next one is asked for when the last is durable.
func TestADocumentIsFetchedPartByPart(t *testing.T) {
	k := shelving(t)
	ask := k.asked(wanted(2000))
	k.take().got(part(ask))
	kept := all[client.KeepPart](k)
	if len(kept) != 1 || kept[0].Missing || int64(len(kept[0].Part)) != ask.Length || len(all[client.ReadWanted](k)) != 0 {
		t.Fatalf("kept %+v", kept)
	}
	k.got(part(ask)) // a copy
	if len(all[client.KeepPart](k)) != 1 {
		t.Error("a copy was stored")
	}
	k.step(client.PartKept{})
	next := k.asked(wanted(2000 + ask.Length))
	if next.Length != 2*ask.Length {
		t.Errorf("on a quick line the next part has %d bytes, after %d", next.Length, ask.Length)
	}
	k.pass(3 * time.Second).take().got(part(next)).step(client.PartKept{})
	if slow := k.asked(wanted(3)); slow.Length != ask.Length {
		t.Errorf("on a slow line the next part has %d bytes, after %d", slow.Length, next.Length)
	}
}

// Documents wait for everything else.
func TestDocumentsWaitForEverythingElse(t *testing.T) {
	k := shelving(t)
	k.step(client.WantedRead{}).take() // nothing for now
	k.batch(batch(5, 6))
	if len(all[client.ReadWanted](k)) != 0 {
		t.Fatal("it did not wait for a batch")
	}
	k.step(client.Nudge{}).step(client.Unsent{Mutations: []record.Mutation{mutation(1)}}).step(client.BatchDone{}).step(client.Unsent{})
	if len(all[client.ReadWanted](k)) != 0 {
		t.Fatal("it did not wait for a receipt")
	}
	k.got(&wire.Receipts{Receipts: []record.Receipt{receiptOf(t, mutation(1), 6)}}).step(client.ReceiptsDone{})
	if len(all[client.ReadWanted](k)) != 1 {
		t.Error("it was not fetched when nothing else was to be done")
	}
	k.take().step(client.WantedRead{}) // there is none
	k.alive(10 * time.Second)
	if len(all[client.ReadWanted](k)) != 0 {
		t.Error("the store is asked again and again")
	}
	k.step(client.WantDocuments{})
	if len(all[client.ReadWanted](k)) != 1 {
		t.Error("somebody waits for one, and nobody looks")
	}
}

// What central does not give out, gives out otherwise, or never answers, ends
// nothing.
func TestADocumentThatDoesNotCome(t *testing.T) {
	for name, change := range map[string]func(*wire.Document){
		"not to be had":  func(d *wire.Document) { d.Why, d.Part = "not found", nil },
		"another length": func(d *wire.Document) { d.Size++ },
		"nothing":        func(d *wire.Document) { d.Part = nil },
		"too much":       func(d *wire.Document) { d.Part = make([]byte, 200_000) },
	} {
		k := shelving(t)
		d := part(k.asked(wanted(0)))
		change(d)
		k.take().got(d)
		if kept := all[client.KeepPart](k); len(kept) != 1 || !kept[0].Missing || !k.m.State().Connected {
			t.Errorf("%s: %+v", name, kept)
		}
	}
	k := shelving(t)
	k.asked(wanted(0))
	k.alive(140 * time.Second)
	if !k.m.State().Connected {
		t.Fatal("the session was given up for a document")
	}
	k.asked(wanted(0)) // once more
	k = shelving(t)
	first := part(k.asked(wanted(0)))
	k.take().got(first).take().step(client.PartKept{Err: fault.New(fault.Full, "test", "", "")})
	if len(all[client.ReadWanted](k)) != 0 {
		t.Error("a full disk is written to at once")
	}
	k.alive(80 * time.Second)
	if len(all[client.ReadWanted](k)) != 1 {
		t.Error("it was not tried again")
	}
}
