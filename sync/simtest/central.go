package simtest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/journal/memjournal"
	"wardlight/internal/central/scope"
	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/sync/hub"
	"wardlight/sync/wire"
)

// central is the server: what survives a crash is its journal alone.
type central struct {
	w          *world
	journal    *memjournal.Journal
	source     hub.Source
	submitter  hub.Submitter
	down       bool
	life       uint64
	epochs     int
	crashing   memjournal.Point // at the next commit, there
	sessions   map[record.StationID]*conn
	saved      record.Position // the backup
	silently   bool            // a rollback that nobody has noticed yet
	rolledBack bool
	feed       []sent
	feedNr     int
}

// sent is one thing that the feed sent, so that it can be sent again after a
// restore, out of the raw inbound log.
type sent struct {
	pos     record.Position
	changes []record.Change
}

// The simulation's signature stands for Ed25519: it detects, and is quick.
func sign(msg []byte) []byte { h := sha256.Sum256(msg); return h[:] }

func verify(msg, sig []byte) error {
	if h := sha256.Sum256(msg); string(h[:]) != string(sig) {
		return fault.New(fault.Corrupt, "simtest.verify", "", "not central's signature")
	}
	return nil
}

func newCentral(w *world) *central {
	c := &central{w: w, sessions: map[record.StationID]*conn{}}
	c.journal = memjournal.New(memjournal.Options{
		Now: func() int64 { return c.clock().Wall }, Epoch: c.epoch(record.CauseFirst, "", 0),
		Fault: c.commit, Unsynced: w.plant == LostOnCrash,
	})
	c.wire()
	must(submit.New(submit.Options{Journal: c.journal, Now: c.wall, Rules: nothing{}}).PutAccount(w.ctx, record.Author{Sender: "setup"}, record.Account{
		User: "grace", Name: "Grace Mensah", Role: "nurse", Wards: []record.Ward{"A", "B"},
	}))
	for i := range patients {
		c.put(patient(i), allergy(i), stay(i, []record.Ward{"A", "B", "C"}[i%3]))
	}
	return c
}

// nothing is critical here: what is critical changes no delivery.
type nothing struct{}

// Judge finds nothing critical.
func (nothing) Judge(fhir.Observation, alert.Subject) alert.Verdict { return alert.Verdict{} }

func must(err error) {
	if err != nil {
		panic(err) // only a mistake in the simulation gets here
	}
}

func (c *central) epoch(cause record.Cause, parent string, at record.Position) record.Epoch {
	c.epochs++
	e := record.Epoch{ID: fmt.Sprintf("epoch%d", c.epochs), Parent: parent, Cause: cause, At: at}
	body, err := e.SigningBytes()
	must(err)
	e.Sig = sign(body)
	return e
}

// begun is the wall clock at the simulation's start, on central.
const begun = 1_795_000_000_000

func (c *central) clock() wire.Now {
	return wire.Now{Mono: c.w.now, Wall: begun + c.w.now.Milliseconds()}
}

func (c *central) wall() time.Time { return time.UnixMilli(c.clock().Wall) }

// wire builds what a start of central builds over its journal.
func (c *central) wire() {
	c.source = plantedSource{scope.New(c.journal, c.wall), c.w}
	c.submitter = submit.New(submit.Options{Journal: plantedJournal{c.journal, c.w.plant}, Now: c.wall, Rules: nothing{}})
}

// open starts central after a crash.
func (c *central) open() {
	if c.down {
		c.journal = c.journal.Reopen()
	}
	c.down = false
	c.crashing = 0
	c.wire()
	c.tail()
}

// crash stops central; it comes back after a while.
func (c *central) crash() {
	if c.down {
		return
	}
	c.down = true
	c.life++
	c.sessions = map[record.StationID]*conn{}
	for _, conn := range c.w.conns {
		conn.reset(c.w.chance(0.3))
	}
	c.w.conns = nil
	c.w.after(time.Second+c.w.within(4*time.Second), func() {
		if c.down {
			c.open()
		}
	})
}

// commit is asked by the journal at each commit, before and after.
func (c *central) commit(p memjournal.Point, e record.Entry) error {
	crash := c.crashing == p
	if p == memjournal.AfterCommit {
		c.w.ledger.entry(c.w, e)
		if c.w.plant == LostOnCrash && c.w.chance(0.7) {
			c.journal.Sync()
		}
	}
	if crash {
		c.crash()
		return fault.New(fault.Unavailable, "simtest.commit", "", "central crashed")
	}
	return nil
}

// put is the feed: one entry.
func (c *central) put(changes ...record.Change) {
	if c.down {
		c.feed = append(c.feed, sent{0, changes}) // the sender keeps it and sends it again
		return
	}
	e, err := c.journal.Update(c.w.ctx, func(tx journal.Tx) error {
		for _, ch := range changes {
			for old, err := range tx.History(ch.Ref) {
				if err != nil {
					return err
				}
				ch.Version = max(ch.Version, old.Version)
			}
			ch.Version++
			ch.Times.Central = c.clock().Wall
			if err := tx.Put(ch); err != nil {
				return err
			}
		}
		return tx.Audit([]byte(`{"resourceType":"AuditEvent"}`))
	})
	if err != nil {
		c.feed = append(c.feed, sent{0, changes})
		return
	}
	c.feed = append(c.feed, sent{e.Position, changes})
}

// resend brings what has no answer, or what a restore has undone.
func (c *central) resend(after record.Position) {
	old := c.feed
	c.feed = nil
	for _, s := range old {
		if s.pos == 0 || s.pos > after {
			c.put(s.changes...)
		} else {
			c.feed = append(c.feed, s)
		}
	}
}

func (c *central) submit(p record.Peer, m record.Mutation) (record.Receipt, error) {
	if c.w.plant == ReceiptFirst && c.w.chance(0.1) {
		hash, err := m.ContentHash()
		must(err)
		c.w.after(40*time.Millisecond, func() {
			if !c.down {
				_, _ = c.submitter.Submit(c.w.ctx, p, m)
			}
		})
		return record.Receipt{Mutation: m.ID, Content: hash, Outcome: record.Applied, Position: c.journal.Head().Position + 1}, nil
	}
	return c.submitter.Submit(c.w.ctx, p, m)
}

func (c *central) read(dev record.Device, e hub.Effect) hub.Event {
	return hub.Read(c.w.ctx, c.source, sign, dev, e)
}

func (c *central) status() record.Central {
	return record.Central{Time: c.clock().Wall, Head: c.journal.Head().Position}
}

// tail tells the sessions of the journal's growth.
func (c *central) tail() {
	grown, life := c.journal.Grown(), c.life
	var watch func()
	watch = func() {
		if c.life != life || c.down {
			return
		}
		select {
		case <-grown:
			grown = c.journal.Grown()
			for _, s := range c.w.stations {
				if conn := c.sessions[s.id]; conn != nil {
					conn.toHub(hub.Grown{})
				}
			}
		default:
		}
		c.w.after(3*time.Millisecond, watch)
	}
	watch()
}

// backup notes today's position; restore brings central back to it.
func (c *central) backup() { c.saved = c.journal.Head().Position }

func (c *central) restore() {
	if c.saved == 0 || c.w.healed {
		return
	}
	c.crash()
	old := c.journal.Epoch()
	e := old
	c.silently = c.w.chance(0.3)
	c.rolledBack = c.silently
	if !c.silently {
		e = c.epoch(record.CauseRestored, old.ID, c.saved)
	}
	c.journal = c.journal.Reopen()
	j, err := c.journal.At(c.w.ctx, c.saved, e)
	must(err)
	c.journal = j
	c.w.ledger.rollback(c.saved)
	c.down = false
	c.open()
	c.resend(c.saved)
}

// diverged is what the administrator does when a station holds what central
// does not: the journal begins a restored epoch.
func (c *central) diverged() {
	if !c.rolledBack {
		c.w.fail("a cursor is not in the journal, though nothing was rolled back")
	}
	if !c.silently {
		return
	}
	c.silently = false
	c.w.soon(func() {
		if c.down {
			c.silently = true
			return
		}
		head := c.journal.Head()
		c.crash()
		c.journal = c.journal.Restored(c.epoch(record.CauseRestored, head.Epoch, head.Position))
		c.down = false
		c.open()
	})
}

// plantedSource is the scope with a fault in it, or as it is.
type plantedSource struct {
	hub.Source
	w *world
}

func (p plantedSource) Batch(ctx context.Context, dev record.Device, from record.Cursor, max int) (record.Batch, bool, error) {
	b, more, err := p.Source.Batch(ctx, dev, from, max)
	switch {
	case p.w.plant == HubSkipsChange && len(b.Changes) > 0 && p.w.chance(0.05):
		b.Changes = b.Changes[1:]
	case p.w.plant == HubForgetsForget:
		b.Forget = nil
	}
	return b, more, err
}

// plantedJournal is the journal with a fault in it, or as it is.
type plantedJournal struct {
	journal.Journal
	plant Plant
}

func (p plantedJournal) Update(ctx context.Context, fn func(journal.Tx) error) (record.Entry, error) {
	return p.Journal.Update(ctx, func(tx journal.Tx) error {
		switch p.plant {
		case Doubled:
			tx = amnesiac{tx}
		case NoAudit:
			tx = unaudited{tx}
		default: // planted elsewhere
		}
		return fn(tx)
	})
}

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

type unaudited struct{ journal.Tx }

func (unaudited) Audit([]byte) error { return nil }

// What the feed sends.

const patients = 6

func patientID(i int) fhir.ID { return fhir.ID(fmt.Sprintf("p%d", i)) }

func patient(i int) record.Change {
	return resource(fhir.TypePatient, string(patientID(i)), i, "")
}

func allergy(i int) record.Change {
	return resource(fhir.TypeAllergyIntolerance, fmt.Sprintf("a%d", i), i,
		fmt.Sprintf(`"code":{"text":"penicillin"},"criticality":"low","patient":{"reference":"Patient/p%d"},`, i))
}

// stay is a patient's encounter on a ward; ward "" ends it.
func stay(i int, ward record.Ward) record.Change {
	status := "in-progress"
	if ward == "" {
		status = "finished"
	}
	return resource(fhir.TypeEncounter, fmt.Sprintf("e%d", i), i,
		fmt.Sprintf(`"extension":[{"url":%q,"valueString":%q}],"status":%q,"subject":{"reference":"Patient/p%d"},`, fhir.ExtWard, ward, status, i))
}

func labResult(nr, i, value int) record.Change {
	return resource(fhir.TypeObservation, fmt.Sprintf("lab%d", nr), i,
		fmt.Sprintf(`"category":[{"coding":[{"code":"laboratory","system":%q}]}],"code":{"text":"potassium"},"status":"final","subject":{"reference":"Patient/p%d"},"valueInteger":%d,`,
			fhir.SystemObservationCat, i, value))
}

func resource(t fhir.Type, id string, owner int, elements string) record.Change {
	body, err := fhir.Canonical([]byte(fmt.Sprintf(`{%s"id":%q,"resourceType":%q}`, elements, id, t)))
	must(err)
	return record.Change{Ref: fhir.Ref{Type: t, ID: fhir.ID(id)}, Patient: patientID(owner), Body: body}
}

// news is one thing that the hospital's systems say.
func (c *central) news() {
	i := c.w.rng.IntN(patients)
	switch c.w.rng.IntN(5) {
	case 0:
		c.put(stay(i, []record.Ward{"A", "B", "C", ""}[c.w.rng.IntN(4)]))
	case 1:
		if c.feedNr > 0 {
			nr := c.w.rng.IntN(c.feedNr)
			c.put(labResult(nr, nr%patients, 100+c.w.rng.IntN(100))) // a correction
		}
	default:
		c.put(labResult(c.feedNr, c.feedNr%patients, c.w.rng.IntN(100)))
		c.feedNr++
	}
}
