package simtest

import (
	"context"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/record"
	"wardlight/internal/compact"
	"wardlight/internal/fault"
	"wardlight/sync/client"
	"wardlight/sync/hub"
	"wardlight/sync/wire"
)

// Plant is a fault built in on purpose: a mutant of the engine, as a wrapper
// around a part of it. A check proves something only once it has been seen to
// fail.
type Plant string

// The mutants.
const (
	None               Plant = ""
	HubSkipsChange     Plant = "the hub leaves a change out of a batch"
	HubForgetsForget   Plant = "the hub does not say which patients left"
	BeyondScope        Plant = "the hub serves patients outside the scope"
	CursorBeforeCommit Plant = "a batch is lost at a crash, and the cursor is not"
	StationUnsynced    Plant = "the station's store skips the sync"
	ReceiptFirst       Plant = "central answers before it has appended"
	LostOnCrash        Plant = "central's journal skips the sync"
	Doubled            Plant = "central does not know a mutation again"
	OutOfOrder         Plant = "central takes a patient's mutations out of order"
	NoAudit            Plant = "central writes without its audit event"
	FullAnswered       Plant = "central answers a sender though its disk is full"
	OutboxForgets      Plant = "the station clears its outbox when it has sent"
	SequenceReused     Plant = "the station uses a sequence number twice"
	WallClocks         Plant = "the station lets the later wall clock win"
	ForgetsBase        Plant = "the station forgets what an entry is based on"
	NeverReoffers      Plant = "the station does not offer again to a restored central"
	NeverGivesBack     Plant = "the station gives nothing back to a restored central"
	OffersToWiped      Plant = "the station offers again to a wiped central"
	NeverCompares      Plant = "the station never finds that its copy differs"
	UnsignedTaken      Plant = "the station does not check central's signature"
	OldSnapshot        Plant = "a computer whose wards were changed goes on where it was"
	BelievedEarly      Plant = "the station stores central's word before its cursor is there"
	PaperBelieved      Plant = "the station does not hold a document against its sum"
	PaperForAll        Plant = "documents are given to whoever asks"
	PaperKept          Plant = "the station keeps the documents of who left"
	DeltaBelieved      Plant = "the station checks nothing of what it puts together"
	RevokedServed      Plant = "the hub serves a computer that was shut out"
	TwinsBelieved      Plant = "central takes two computers' entries under one number for one"
	TwinsLooked        Plant = "central takes two computers' audit events under one number for one"
	AgainUnnamed       Plant = "a new identity does not say what its entries were"
	AgainDone          Plant = "central does again what it had under another number"
	LeftBehind         Plant = "a new identity leaves an entry behind"
	KeptLeftBehind     Plant = "a new identity leaves behind what central had signed"
)

// Plants are all mutants.
func Plants() []Plant {
	return []Plant{
		HubSkipsChange, HubForgetsForget, BeyondScope, CursorBeforeCommit, StationUnsynced, ReceiptFirst, LostOnCrash,
		Doubled, OutOfOrder, NoAudit, FullAnswered, OutboxForgets, SequenceReused, WallClocks, ForgetsBase,
		NeverCompares, NeverReoffers, NeverGivesBack, OffersToWiped, UnsignedTaken, OldSnapshot, RevokedServed, BelievedEarly, DeltaBelieved,
		TwinsBelieved, TwinsLooked, AgainUnnamed, AgainDone, LeftBehind, KeptLeftBehind, PaperBelieved, PaperKept, PaperForAll,
	}
}

// plantedSource is the scope with a fault in it, or as it is.
type plantedSource struct {
	hub.Source
	w *world
}

func (p plantedSource) Batch(ctx context.Context, dev record.Device, from record.Cursor, max int) (record.Batch, bool, error) {
	asked := p.asked(dev)
	b, more, err := p.Source.Batch(ctx, asked, from, max)
	b.Station = dev.Station
	switch {
	case p.w.plant == HubSkipsChange && len(b.Changes) > 0 && p.w.chance(0.05):
		b.Changes = b.Changes[1:]
	case p.w.plant == HubForgetsForget:
		b.Forget = nil
	}
	return b, more, err
}

// asked is who the source thinks is asking. Against an unknown station nothing is
// known.
func (p plantedSource) asked(dev record.Device) record.Device {
	switch {
	case p.w.plant == BeyondScope:
		dev.Wards = []record.Ward{"A", "B"}
		dev.Station += "-unknown"
	case p.w.plant == RevokedServed && p.w.revoked(dev.Station):
		dev.Station += "-unknown"
	}
	return dev
}

func (w *world) revoked(id record.StationID) bool {
	for _, s := range w.stations {
		if s.id == id {
			return s.device.Revoked != 0
		}
	}
	return false
}

// plantedJournal is the journal with a fault in it, or as it is. A full disk is
// no fault of the engine's, and stands here because it is made the same way.
type plantedJournal struct {
	journal.Journal
	c *central
}

func (p plantedJournal) Update(ctx context.Context, fn func(journal.Tx) error) (record.Entry, error) {
	if p.c.full {
		p.c.w.struck["central's full disk was met"]++
		return record.Entry{}, fault.New(fault.Full, "simtest.update", "", "the disk is full")
	}
	return p.Journal.Update(ctx, func(tx journal.Tx) error {
		switch p.c.w.plant {
		case Doubled:
			tx = amnesiac{tx}
		case NoAudit:
			tx = unaudited{tx}
		case AgainDone:
			tx = narrow{tx, p.c.serving}
		default: // planted elsewhere
		}
		return fn(tx)
	})
}

// amnesiac knows no mutation again. (One that knows no message again is no
// mutant: filing is idempotent by content, too, and changes nothing.)
type amnesiac struct{ journal.Tx }

func (amnesiac) Receipt(record.MutationID) (record.Receipt, bool, error) {
	return record.Receipt{}, false, nil
}

func (a amnesiac) Receipted(m record.Mutation, r record.Receipt) error {
	if err := a.Tx.Receipted(m, r); err != nil && !fault.Is(err, fault.Exists) {
		return err
	}
	return nil
}

// narrow knows a station's entries again by its own numbers alone.
type narrow struct {
	journal.Tx
	of record.StationID
}

func (n narrow) Receipt(id record.MutationID) (record.Receipt, bool, error) {
	if station, _, _ := id.Station(); station != n.of {
		return record.Receipt{}, false, nil
	}
	return n.Tx.Receipt(id)
}

type unaudited struct{ journal.Tx }

func (unaudited) Audit([]byte) error { return nil }

// submit is central's submitter, or one that answers too early.
func (c *central) submit(p record.Peer, m record.Mutation) (record.Receipt, error) {
	if c.w.plant == ReceiptFirst && c.w.chance(0.1) {
		hash, err := m.ContentHash()
		must(err)
		c.w.after(40e6, func() {
			if !c.down {
				_, _ = c.submitter.Submit(c.w.ctx, p, m)
			}
		})
		return record.Receipt{Mutation: m.ID, Content: hash, Outcome: record.Applied, Position: c.journal.Head().Position + 1}, nil
	}
	c.given(Input{Peer: p, Mutation: &m})
	c.serving = p.Device.Station
	r, err := c.submitter.Submit(c.w.ctx, p, m)
	return c.believed(r, m), err
}

// believed is a receipt as it is, or one that says nothing of whose entry it is
// about.
func (c *central) believed(r record.Receipt, m record.Mutation) record.Receipt {
	if c.w.plant == TwinsBelieved && r.Mutation == m.ID {
		r.Content = named(m).Content
	}
	return r
}

// looks is central's word on audit events, or one that is content with their
// numbers.
func (c *central) looks(p record.Peer, looks []record.Look) (upTo uint64, err error) {
	c.given(Input{Peer: p, Looks: looks})
	upTo, err = c.submitter.Looks(c.w.ctx, p, looks)
	if c.w.plant == TwinsLooked && fault.Is(err, fault.Conflict) {
		return looks[len(looks)-1].Seq, nil
	}
	return upTo, err
}

// submitRun is submit for several in one commit.
func (c *central) submitRun(p record.Peer, muts []record.Mutation) ([]record.Receipt, error) {
	if c.w.plant != ReceiptFirst {
		for _, m := range muts {
			c.given(Input{Peer: p, Mutation: &m})
		}
		c.serving = p.Device.Station
		list, err := c.submitter.SubmitRun(c.w.ctx, p, muts)
		for i := range list {
			list[i] = c.believed(list[i], muts[i])
		}
		return list, err
	}
	var list []record.Receipt
	for _, m := range muts {
		r, err := c.submit(p, m)
		if err != nil {
			return list, err
		}
		list = append(list, r)
	}
	return list, nil
}

// believed takes whatever a delta comes to with what is lent under the names of its
// bases.
func (s *station) believed(p client.PutTogetherDelta) client.Event {
	var bases [][]byte
	for _, base := range p.Delta.Bases {
		body, _ := s.HeldVersion(base.Ref, base.Version)
		bases = append(bases, body)
	}
	body, err := compact.UnpackAgainst(p.Dictionary, bases, p.Delta.Packed, wire.MaxToStation)
	if err != nil {
		return client.PutTogether{Delta: p.Delta, Err: fault.As(fault.Conflict, "simtest.believed", "", err)}
	}
	b, err := (&wire.Batch{Body: body, Sig: p.Delta.Sig}).Open(func(_, _ []byte) error { return nil })
	if err != nil {
		err = fault.As(fault.Conflict, "simtest.believed", "", err)
	}
	return client.PutTogether{Delta: p.Delta, Batch: b, Err: err}
}

// opened is what the station makes of a message, or what one makes of it that
// checks no signatures, takes a wiped central for a restored one, or believes at
// once what its cursor does not stand for.
func (c *conn) opened(msg wire.Message) client.Event {
	check := verify
	switch c.w.plant {
	case UnsignedTaken:
		check = func(_, _ []byte) error { return nil }
	case OffersToWiped:
		if welcome, ok := msg.(*wire.Welcome); ok && welcome.Epoch.Cause == record.CauseWiped {
			lie := *welcome
			lie.Epoch.Cause = record.CauseRestored
			return client.Got{Session: c.nr, Msg: &lie}
		}
	case BelievedEarly:
		if had, ok := msg.(*wire.LooksReceived); ok {
			early := *had
			early.At = 0
			return client.Got{Session: c.nr, Msg: &early}
		}
	default: // planted elsewhere
	}
	return client.Opened(c.nr, msg, check)
}
