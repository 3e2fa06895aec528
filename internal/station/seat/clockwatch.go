package seat

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/keys"
	"wardlight/internal/trust/wallclock"
)

// That this computer's clock was set is on record, offline too: while the program runs, with
// the copy open or closed, and, as far as it can be known (wallclock.Mark says how far),
// while it did not. What is written down carries its time; how far it is from central's is
// measured and sent with each entry all the same.
//
// Beside the copy lies a note, sealed by the device secret: what the clocks said last, and
// what was noticed and is not on record. It is written each minute, and at once where
// something is noticed. Once a copy is open what is owed goes into the computer's chain, with
// its number in the same transaction: exactly once, whenever the program is killed. The copy
// knows the note's name and a count that both go up together, so that a note which was taken
// away or put back shows, unless it is the one of when the copy was last open.

const (
	clockNoteName = "clock.v1"
	clockFact     = "clock"
	lookAtClock   = 5 * time.Second // how often it is asked whether the clock was set
	maxClockOwed  = 64              // more are counted, and not kept one by one
	clockRun      = 1 << 20         // how far the numbers of one run are from those of the next
)

// clockNote is the note.
type clockNote struct {
	ID     string     `json:"id"`
	Opened uint64     `json:"opened"`
	Mark   clockMark  `json:"mark"`
	Seq    uint64     `json:"seq"` // of the last setting that was noticed
	Owed   []clockSet `json:"owed,omitempty"`
}

type clockMark struct {
	Wall   time.Time     `json:"wall"`
	Up     time.Duration `json:"up"`
	Boot   string        `json:"boot,omitempty"`
	Away   time.Duration `json:"away,omitempty"`
	At     time.Time     `json:"at,omitzero"`
	Unsure bool          `json:"unsure,omitempty"`
}

type clockSet struct {
	Seq  uint64        `json:"seq"`
	From time.Time     `json:"from"`
	To   time.Time     `json:"to"`
	How  wallclock.How `json:"how,omitempty"`  // "": while the program ran
	More uint64        `json:"more,omitempty"` // so many before it are not kept one by one
}

// clockFile is the note as it lies there: sealed by each device secret that may be in use.
type clockFile struct {
	Version int      `json:"version"` // 1
	Sealed  [][]byte `json:"sealed"`
}

// clockRow is what the copy knows of it.
type clockRow struct {
	Version int    `json:"v"` // 1
	ID      string `json:"id"`
	Opened  uint64 `json:"opened"`
	Seq     uint64 `json:"seq"`
}

// ownClock is what is known of this computer's clock. Safe for concurrent use.
type ownClock struct {
	mu    sync.Mutex
	watch wallclock.Watch
	note  clockNote
	mark  wallclock.Mark
	kept  time.Duration // of Uptime, when the note was written last
	safe  uint64        // note.Opened, as it was written last
	gone  bool          // the computer is being erased: nothing is written any more
	told  bool          // that it cannot be written
	owes  chan struct{}
}

func (c *ownClock) owe(from, to time.Time, how wallclock.How) {
	c.note.Seq++
	o := clockSet{Seq: c.note.Seq, From: from.UTC(), To: to.UTC(), How: how}
	if last := len(c.note.Owed) - 1; last+1 < maxClockOwed {
		c.note.Owed = append(c.note.Owed, o)
	} else {
		o.More = c.note.Owed[last].More + 1
		c.note.Owed[last] = o
	}
	select {
	case c.owes <- struct{}{}:
	default:
	}
}

func (s *Seat) clockPath() string { return filepath.Join(s.conf.Dir, clockNoteName) }

func clockAAD(station record.StationID) []byte {
	return []byte("wardlight clock note v1\x00" + string(station))
}

// clockSealers are those of the device secrets in use.
func (s *Seat) clockSealers() []*keys.Sealer {
	for {
		now := s.held.Load()
		var list []*keys.Sealer
		for _, k := range now.device {
			b := k.Bytes()
			if key, err := keys.KeyFrom(b); err == nil {
				list = append(list, keys.NewSealer(key.Derive("clock note v1")))
				key.Zero()
			}
			clear(b)
		}
		if s.held.Load() == now {
			return list
		}
	}
}

// beginClock holds the clocks of this start to those of the last time that the program ran.
func (s *Seat) beginClock() {
	c := &s.clock
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone = s.wipeOrdered() // an erasure that was interrupted
	c.note = s.readClock()
	// What was noticed and told on a full disk may have numbers that this note never had.
	c.note.Seq += clockRun
	m := c.note.Mark
	now := wallclock.Mark{Wall: s.conf.Now(), Up: s.conf.Uptime(), Boot: s.conf.Boot()}
	next, from, how := wallclock.Mark(m).Next(now)
	c.mark = next
	c.watch.Look(now.Wall, now.Up)
	if how != "" {
		c.owe(from, now.Wall, how)
	}
	s.writeClock()
}

// readClock reads the note; a new one where there is none that this computer wrote.
func (s *Seat) readClock() (n clockNote) {
	b, err := os.ReadFile(s.clockPath())
	var f clockFile
	if err == nil && json.Unmarshal(b, &f) == nil && f.Version == 1 {
		for _, sealer := range s.clockSealers() {
			for _, sealed := range f.Sealed {
				if plain, err := sealer.Open(clockAAD(s.info.Station), sealed); err == nil && json.Unmarshal(plain, &n) == nil {
					return n
				}
			}
		}
	}
	if !errors.Is(err, os.ErrNotExist) {
		s.conf.Log.Warn("the note of this computer’s clock cannot be read; it begins anew", "err", err)
	}
	return clockNote{ID: rand.Text()}
}

// writeClock makes the note durable; mu is held. That it cannot be written now (a full disk)
// is told once, and the next look tries again.
func (s *Seat) writeClock() {
	c := &s.clock
	if c.gone {
		return
	}
	c.note.Mark = clockMark(c.mark)
	f := clockFile{Version: 1}
	plain, err := json.Marshal(c.note)
	for _, sealer := range s.clockSealers() {
		f.Sealed = append(f.Sealed, sealer.Seal(clockAAD(s.info.Station), plain))
	}
	var b []byte
	if err == nil {
		b, err = json.Marshal(f)
	}
	if err == nil {
		err = writeSynced(s.clockPath(), b)
	}
	if err != nil && !c.told {
		s.conf.Log.Error("what this computer’s clock says could not be written down; it is tried again", "err", err)
	}
	if c.told = err != nil; !c.told {
		c.kept, c.safe = s.conf.Uptime(), c.note.Opened
	}
}

// lookAtOwnClock asks whether the clock was set since the last look.
func (s *Seat) lookAtOwnClock() {
	c := &s.clock
	c.mu.Lock()
	defer c.mu.Unlock()
	wall, up := s.conf.Now(), s.conf.Uptime()
	from, by, set := c.watch.Look(wall, up)
	c.mark.Wall, c.mark.Up = wall.Round(0), up
	if set {
		c.mark = c.mark.Set(by)
		c.owe(from, from.Add(by), "")
		s.conf.Log.Warn("this computer's clock was set", "by", by.Round(time.Second).String())
	}
	if set || c.told || up-c.kept >= s.conf.countEvery() {
		s.writeClock()
	}
}

// watchClock looks at the clock until ctx ends.
func (s *Seat) watchClock(ctx context.Context) error {
	every := lookAtClock
	if s.conf.Every > 0 {
		every = min(every, s.conf.Every)
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		s.lookAtOwnClock()
		select {
		case <-ctx.Done():
			s.endClock()
			return nil
		case <-tick.C:
		}
	}
}

// endClock writes down what the clocks say at the program's end.
func (s *Seat) endClock() {
	s.clock.mu.Lock()
	defer s.clock.mu.Unlock()
	s.writeClock()
}

// forgetClock ends the note: the computer is being erased.
func (s *Seat) forgetClock() {
	s.clock.mu.Lock()
	defer s.clock.mu.Unlock()
	s.clock.gone = true
}

// resealClock writes the note again, because device secrets are others now.
func (s *Seat) resealClock() { s.endClock() }

// clockMeasured says how far central's clock is ahead of this one.
func (s *Seat) clockMeasured(away time.Duration) {
	c := &s.clock
	c.mu.Lock()
	defer c.mu.Unlock()
	wall := s.conf.Now()
	was := c.mark
	next, from, set := c.mark.Measured(away, wall)
	c.mark = next
	if set {
		c.owe(from, wall, wallclock.ByServer)
		s.conf.Log.Warn("this computer's clock was set while the program did not run", "by", wall.Sub(from).Round(time.Second).String())
	}
	if set || was.Unsure || was.At.IsZero() {
		s.writeClock()
	}
}

// recordClock puts on record that the clock was set, until ctx ends. What cannot be recorded
// now (a full disk) is tried until it is.
func (s *Seat) recordClock(ctx context.Context, c *cache.Cache) error {
	tick := time.NewTicker(s.conf.countEvery())
	defer tick.Stop()
	for told := false; ; {
		err := s.clockOnRecord(ctx, c)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil && !told {
			s.conf.Log.Error("that this computer's clock was set could not be put on record; it is tried again", "err", err)
		}
		told = err != nil
		select {
		case <-ctx.Done():
			return nil
		case <-s.clock.owes:
		case <-tick.C:
		}
	}
}

func (s *Seat) clockOnRecord(ctx context.Context, c *cache.Cache) error {
	b, err := c.Fact(clockFact)
	if err != nil {
		return err
	}
	var told clockRow
	if b != nil && (json.Unmarshal(b, &told) != nil || told.Version != 1) {
		told = clockRow{} // a newer program's: what is there is told
	}
	n, safe := s.clockOpened()
	events, err := s.clockEvents(told, n)
	if err != nil {
		return err
	}
	row, err := json.Marshal(clockRow{1, n.ID, safe, n.Seq})
	if err != nil {
		return fault.Wrap("seat.clock", "", err)
	}
	if err := c.Commit(ctx, nil, events, cache.Fact{Key: clockFact, Value: row}); err != nil {
		return err
	}
	s.between("clock on record")
	s.clockTold(n.Seq)
	return nil
}

// clockOpened counts that the copy is open, and returns the note, and how far that count is
// durable.
func (s *Seat) clockOpened() (n clockNote, safe uint64) {
	s.clock.mu.Lock()
	defer s.clock.mu.Unlock()
	s.clock.note.Opened++
	s.writeClock()
	n = s.clock.note
	n.Owed = slices.Clone(n.Owed)
	return n, s.clock.safe
}

// clockTold lets go what is on record.
func (s *Seat) clockTold(seq uint64) {
	s.clock.mu.Lock()
	defer s.clock.mu.Unlock()
	left := slices.DeleteFunc(slices.Clone(s.clock.note.Owed), func(o clockSet) bool { return o.Seq <= seq })
	if len(left) != len(s.clock.note.Owed) {
		s.clock.note.Owed = left
		s.writeClock()
	}
}

// howSet says how it is known that the clock was set, to whoever reads the trail.
var howSet = map[wallclock.How]string{
	wallclock.Counted:  "while the program did not run; counted by a clock that nobody sets",
	wallclock.AtLeast:  "while the program did not run, by this or more: it shows less than when the program ended",
	wallclock.ByServer: "while the program did not run; by the server's clock, unless that one was set",
}

func (s *Seat) clockEvents(told clockRow, n clockNote) (events [][]byte, err error) {
	var list []audit.Event
	if told.ID != "" && (told.ID != n.ID || n.Opened <= told.Opened) {
		e := s.ofThisComputer(audit.Config)
		e.Outcome, e.Reason = audit.Failed, "the note of this computer's clock is not the one of before"
		e.Details = []audit.Detail{
			{Name: "what", Value: "clock-note-lost"},
			{Name: "means", Value: "it was taken away, damaged or put back; whether the clock was set while the program did not run is not known"},
		}
		list = append(list, e)
	}
	for _, o := range n.Owed {
		if told.ID == n.ID && o.Seq <= told.Seq {
			continue
		}
		e := s.ofThisComputer(audit.Config)
		e.Details = audit.ClockSet(o.From, o.To)
		if how := howSet[o.How]; how != "" {
			e.Details = append(e.Details, audit.Detail{Name: "how", Value: how})
		}
		if o.More > 0 {
			e.Details = append(e.Details, audit.Detail{Name: "so many more before it", Value: strconv.FormatUint(o.More, 10)})
		}
		list = append(list, e)
	}
	for _, e := range list {
		b, err := e.JSON()
		if err != nil {
			return nil, err
		}
		events = append(events, b)
	}
	return events, nil
}
