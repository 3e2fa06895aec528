package simtest

import (
	"crypto/sha256"
	"fmt"
	"time"

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

// central is the server: what survives a crash is its journal, and the raw
// inbound log (see feed).
type central struct {
	w         *world
	journal   *memjournal.Journal
	source    hub.Source
	comparer  hub.Comparer
	papers    papers
	submitter *submit.Submitter
	down      bool
	full      bool // the disk takes no more
	life      uint64
	skew      time.Duration // of its wall clock
	epochs    int
	crashing  memjournal.Point // at the next commit, there
	refiling  bool             // its raw log is to be filed again, on disk
	tailing   bool             // the sessions will be told of the journal's growth
	sessions  map[record.StationID]*conn
	saved     record.Position  // the backup
	turned    bool             // the history's turn has been taken
	serving   record.StationID // whose entries are being taken
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
	c.journal = c.empty(c.epoch(record.CauseFirst, "", 0))
	c.wire()
	return c
}

// empty is a new journal.
func (c *central) empty(e record.Epoch) *memjournal.Journal {
	return memjournal.New(memjournal.Options{
		Now: func() int64 { return c.clock().Wall }, Epoch: e,
		NewEpoch: c.epoch, Fault: c.commit, Unsynced: c.w.plant == LostOnCrash,
	})
}

// settle enters who works here, the computers, and who is on the wards.
func (c *central) settle() {
	by := record.Author{Sender: "administrator"}
	grace := record.Account{User: "grace", Name: "Grace Mensah", Role: "nurse", Wards: []record.Ward{"A", "B"}}
	c.given(Input{Account: &grace})
	must(c.submitter.PutAccount(c.w.ctx, by, grace))
	for _, s := range c.w.stations {
		dev := s.device
		c.given(Input{Device: &dev})
		must(c.submitter.PutDevice(c.w.ctx, by, dev))
	}
	for i := range patients {
		c.w.feed.admit(i, []record.Ward{"A", "B", "C"}[i%3], true)
	}
}

// byName is central's rule: what is called critical is.
type byName struct{}

// Judge judges by the name of the test alone.
func (byName) Judge(o fhir.Observation, _ alert.Subject) alert.Verdict {
	return alert.Verdict{Critical: o.Code.Words() == "critical"}
}

// Perhaps finds nothing: every value can be read.
func (byName) Perhaps(fhir.Observation, alert.Subject) alert.Verdict { return alert.Verdict{} }

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
	return wire.Now{Mono: c.w.now, Wall: begun + (c.w.now + c.skew).Milliseconds()}
}

func (c *central) wall() time.Time { return time.UnixMilli(c.clock().Wall) }

// wire builds what a start of central builds over its journal.
func (c *central) wire() {
	src := scope.New(c.journal, c.wall)
	src.ShowNewest(2) // there are few
	c.source, c.comparer, c.papers = plantedSource{src, c.w}, src, newPapers(c, src)
	c.submitter = submit.New(submit.Options{
		Journal: plantedJournal{c.journal, c}, Now: c.wall, Rules: byName{}, Verify: c.w.verifyDevice, Lent: lentFor,
	})
}

// open starts central after a crash.
func (c *central) open() {
	if c.down {
		c.journal = c.journal.Reopen()
	}
	c.down, c.tailing = false, false
	c.crashing = 0
	c.wire()
	if c.refiling {
		c.w.feed.replay()
	}
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
		c.tail()
	}
	if crash {
		c.crash()
		return fault.New(fault.Unavailable, "simtest.commit", "", "central crashed")
	}
	return nil
}

// tail tells the sessions of the journal's growth, a moment later.
func (c *central) tail() {
	if c.tailing {
		return
	}
	c.tailing = true
	life := c.life
	c.w.soon(func() {
		if c.life != life || c.down {
			return
		}
		c.tailing = false
		for _, s := range c.w.stations {
			if conn := c.sessions[s.id]; conn != nil {
				conn.toHub(hub.Grown{})
			}
		}
	})
}

func (c *central) read(dev record.Device, e hub.Effect) hub.Event {
	return hub.Read(c.w.ctx, c.source, sign, dev, e)
}

func (c *central) status() record.Central {
	return record.Central{Time: c.clock().Wall, Head: c.journal.Head().Position}
}
