package hub

import (
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/sync/wire"
)

// How big batches and chunks are made: from firstSize up while the station
// acknowledges quickly, down where it takes long, so that a frame occupies a
// slow line for about half a second and a fast one is used well.
const (
	firstSize = 32 << 10
	leastSize = 4 << 10
	quick     = 250 * time.Millisecond
	long      = time.Second
	// Where what is long goes in pieces (sync/pace), nothing urgent waits behind
	// it, and a batch may take as long as a person likes to wait for news.
	quickPieces = 4 * time.Second
	longPieces  = 8 * time.Second
	slowest     = 2 << 10 // bytes a second below which a line is given up
)

// down is the way to the station.
type down struct {
	size   int           // of the next batch or chunk
	learnt time.Duration // when one was acknowledged last

	// The tail.
	sent     record.Cursor // everything up to here has been sent
	news     bool          // there may be more
	fetching bool
	ignore   bool // what is being fetched is not wanted any more
	holds    bool // what is being fetched only says whether the cursor is in the journal
	flush    bool // send even an empty batch
	idleAt   time.Duration
	small    bool            // what was put off until then is small, not empty
	owed     record.Position // the newest receipt's position
	lastSent time.Duration
	window   []pending
	delayed  bool            // something critical stands behind batches that are under way
	scarce   bool            // there is little room for batches, until this station is level
	wholeTo  record.Position // up to here the station wants no deltas

	// The snapshot.
	asked  bool
	from   record.Resume // the next chunk
	number uint32
	credit uint32
	ended  bool
	end    record.Position // where the snapshot brings the station
	chunks []pending
}

// pending is something sent and not yet acknowledged.
type pending struct {
	from  record.Cursor // of a batch
	to    record.Position
	delta bool
	bytes int
	at    time.Duration
}

// stallAt is when the oldest unacknowledged piece is overdue.
func (d *down) stallAt(stall time.Duration) time.Duration {
	at := never
	if len(d.window) > 0 {
		total := 0
		for _, p := range d.window {
			total += p.bytes
		}
		at = d.window[0].at + stall + time.Duration(total/slowest)*time.Second
	}
	return at
}

// learn adapts the size to how long a batch or chunk took. Where what is urgent
// goes between the pieces, that is how long the line was busy with it: what it
// waited behind others would make all of them small, and small ones pack badly.
func (s *Session) learn(p pending, now time.Duration) {
	d, fast, slow, since := &s.down, quick, long, p.at
	if s.can(wire.CapPieces) {
		fast, slow, since = quickPieces, longPieces, max(p.at, d.learnt)
	}
	d.learnt = now
	switch took := now - since; {
	case took < fast && p.bytes >= d.size/2:
		d.size = min(2*d.size, s.limits.Bytes)
	case took > slow:
		d.size = max(d.size/2, leastSize)
	}
}

func (s *Session) beginTail(from record.Cursor, now wire.Now) {
	s.phase = phaseTail
	s.down.sent = from
	s.down.news = true
	s.down.lastSent = now.Mono
}

// lookUp asks whether a cursor is in the journal, where a snapshot follows: a
// station whose wards were changed may hold what a journal that was rolled back
// has lost, and the snapshot would take its proof away.
func (s *Session) lookUp(at record.Cursor) {
	d := &s.down
	d.sent = at
	d.fetching, d.holds = true, true
	s.do(Fetch{From: at, MaxBytes: leastSize})
}

// pumpDown asks for the next piece where the window has room.
func (s *Session) pumpDown(now wire.Now) {
	d := &s.down
	if d.fetching {
		return
	}
	switch s.phase {
	case phaseTail:
		if d.owed > d.sent.Position && len(d.window) < s.limits.Batches {
			d.news = true
		}
		if len(s.compare.refill) > 0 && len(d.window) < s.limits.Batches {
			d.fetching = true
			s.do(FetchRefill{At: d.sent, Patients: s.compare.refill})
			s.compare.refill = nil
			return
		}
		if d.news && len(d.window) < s.limits.Batches {
			d.news, d.fetching = false, true
			s.do(Fetch{From: d.sent, MaxBytes: d.size, Shared: s.can(wire.CapShared) && len(s.cfg.Peer.Device.Wards) > 0, Against: s.against()})
		}
	case phaseSnapshot:
		if d.credit > 0 && !d.ended && s.mayRead(now) {
			d.fetching = true
			s.do(FetchChunk{From: d.from, Number: d.number, MaxBytes: d.size, Summed: s.can(wire.CapSums)})
		}
	case phaseGreeting, phaseChoosing, phaseDoubt, phaseOver:
	}
}

// fetched sends a batch. Where nothing in it is in the station's scope it is
// put off for a while, so that a busy hospital does not wake every station for
// each other's patients; unless the station waits for its receipts' positions.
func (s *Session) fetched(ev Fetched, now wire.Now) {
	d := &s.down
	d.fetching = false
	if d.ignore && !d.holds {
		d.ignore = false
		return
	}
	if ev.Moved {
		s.bye(wire.ByeGoing, "The server has begun anew after a restore. What it lacks is brought to it again.")
		return
	}
	if ev.Err != nil {
		s.fetchFailed(ev.Err, now)
		return
	}
	s.up.known = true
	if d.holds {
		d.holds, d.ignore = false, false
		return
	}
	d.scarce = d.scarce && ev.More
	if ev.To.Position <= d.sent.Position {
		d.owed = 0 // a receipt from before a restore may lie beyond the head
		return
	}
	if ev.More {
		d.news = true
	}
	early := !ev.More && !d.flush && now.Mono < d.lastSent+s.timing.Idle
	put := ev.Empty && early && d.owed <= d.sent.Position
	if put || early && s.tooSmall(ev) {
		d.idleAt, d.small = d.lastSent+s.timing.Idle, !ev.Empty
		return
	}
	d.flush, d.idleAt = false, 0
	if ev.Critical && len(d.window) > 0 {
		d.delayed, s.ahead.news = true, true
	}
	d.window = append(d.window, pending{from: d.sent, to: ev.To.Position, delta: ev.Delta != nil, bytes: ev.size(), at: now.Mono})
	d.sent, d.lastSent = ev.To, now.Mono
	if ev.Delta != nil {
		s.do(Send{Msg: ev.Delta, Urgent: ev.Critical})
		return
	}
	s.do(Send{Msg: ev.Msg, Urgent: ev.Critical})
}

// size is about how many bytes go out.
func (ev Fetched) size() int {
	if ev.Delta != nil {
		return ev.Delta.Size()
	}
	return len(ev.Msg.Body)
}

// tooSmall says that a batch had better wait, for a while, until something is
// acknowledged: many small ones that follow each other pack badly, and where
// acknowledgements are quick there is nothing to wait for. What is critical, and
// what a receipt stands for, does not wait.
func (s *Session) tooSmall(ev Fetched) bool {
	d := &s.down
	return !ev.Critical && d.owed <= d.sent.Position && len(d.window) > 0 && ev.size() < d.size/4
}

func (s *Session) fetchFailed(err error, now wire.Now) {
	if fault.Is(err, fault.Conflict) {
		s.doubted(now)
		return
	}
	s.unserved(err)
}

// unserved ends a session that cannot be served: for good where the computer was
// shut out, and for now where the journal cannot be read or the computer is not
// any more what it was when it connected.
func (s *Session) unserved(err error) {
	if fault.Is(err, fault.Denied) {
		s.bye(wire.ByeDenied, wordsDenied)
		return
	}
	s.bye(wire.ByeUnavailable, "The server cannot read its journal for this computer just now.")
}

// acknowledged takes the station's word on what it holds.
func (s *Session) acknowledged(to record.Position, now wire.Now) {
	d := &s.down
	s.applied = max(s.applied, to)
	if d.ended && to >= d.end {
		d.chunks = nil
	}
	if len(d.window) > 0 && d.window[len(d.window)-1].to <= to {
		d.news = d.news || d.idleAt > 0 && d.small // to follow
	}
	for len(d.window) > 0 && d.window[0].to <= to {
		s.learn(d.window[0], now.Mono)
		d.window = d.window[1:]
	}
}

// askChunk begins, resumes or goes on with a snapshot.
func (s *Session) askChunk(ask *wire.AskChunk, now wire.Now) {
	d := &s.down
	if ask.More {
		if s.phase != phaseSnapshot || d.ended {
			return // the last chunk has gone out
		}
		if len(d.chunks) > 0 {
			s.learn(d.chunks[0], now.Mono)
			d.chunks = d.chunks[1:]
		}
		d.credit = min(d.credit+ask.Credit, wire.MaxChunkCredit)
		return
	}
	if d.asked || s.phase == phaseDoubt {
		return // a copy: a session has one snapshot; or sent before the doubt arrived, which is settled first
	}
	d.asked = true
	s.up.known = !d.holds // it holds nothing of this epoch that could be missing here, or that is being looked up
	s.phase = phaseSnapshot
	s.applied = 0
	d.ignore = d.fetching
	d.window, d.idleAt = nil, 0
	d.from, d.credit = record.Resume{Snapshot: ask.Snapshot, Next: ask.Next}, ask.Credit
	if s.can(wire.CapFirst) {
		d.from.First = ask.First
	}
}

func (s *Session) fetchedChunk(ev FetchedChunk, now wire.Now) {
	d := &s.down
	d.fetching = false
	if s.phase != phaseSnapshot {
		return
	}
	if fault.Is(ev.Err, fault.NotFound) && d.number == 0 && d.from.Snapshot != "" {
		d.from.Snapshot, d.from.Next = "", "" // it cannot be resumed: from the beginning
		return
	}
	if ev.Err != nil {
		s.unserved(ev.Err)
		return
	}
	d.from.Snapshot, d.from.Next = ev.Snapshot, ev.Next
	d.number++
	d.credit--
	d.chunks = append(d.chunks, pending{bytes: len(ev.Msg.Body), at: now.Mono})
	s.send(ev.Msg)
	s.giveWay(ev.Last, ev.Others, now)
	if ev.Last {
		d.ended, d.end = true, ev.At.Position
		s.beginTail(ev.At, now)
	}
}
