package client_test

import (
	"testing"

	"wardlight/internal/clinical/record"
	"wardlight/sync/client"
	"wardlight/sync/wire"
)

// offered brings a machine to where two mutations were offered.
func offered(t *testing.T) (*talk, []record.Receipt) {
	k := welcomed(t, at(5)).take()
	muts := []record.Mutation{mutation(1), mutation(2)}
	k.step(client.Nudge{}).step(client.Unsent{Mutations: muts})
	return k.take(), []record.Receipt{receiptOf(t, muts[0], 4), receiptOf(t, muts[1], 5)}
}

// Receipts without content hashes are as good as others: they are held against
// what was written here, filled in, and stored once.
func TestBriefReceiptsAreHeldAgainstWhatWasWritten(t *testing.T) {
	k, rs := offered(t)
	k.got(wire.Brief(rs))
	saved := all[client.SaveReceipts](k)
	if len(saved) != 1 || len(saved[0].Receipts) != 2 || saved[0].Receipts[1] != rs[1] {
		t.Fatalf("stored: %+v", saved)
	}
	if k.take().got(wire.Brief(rs)); !k.m.State().Connected || len(all[client.SaveReceipts](k)) != 0 {
		t.Error("a copy was not passed over")
	}
}

// Where central has other content under our numbers, two machines use one
// identity.
func TestABriefReceiptForOtherContentIsAClone(t *testing.T) {
	k, rs := offered(t)
	rs[1].Content[0]++
	k.got(wire.Brief(rs))
	if s := k.m.State(); s.Refused.Reason != wire.ByeCloned.String() || len(all[client.SaveReceipts](k)) != 0 {
		t.Errorf("refused: %+v", s.Refused)
	}
}

// Where some of the receipts are for what was not offered, nothing can be said
// about any of them: nothing is stored, and nobody is called a clone.
func TestBriefReceiptsForWhatWasNotOfferedAreNotUsed(t *testing.T) {
	k, rs := offered(t)
	k.got(wire.Brief(append(rs, receiptOf(t, mutation(9), 6))))
	if s := k.m.State(); s.Connected || s.Refused.Reason != "" || len(all[client.SaveReceipts](k)) != 0 {
		t.Errorf("connected %v, refused %+v", s.Connected, s.Refused)
	}
}
