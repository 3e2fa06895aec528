package client

import (
	"slices"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/compact"
	"wardlight/internal/fault"
	"wardlight/sync/wire"
)

// down is the way from central: batches or chunks, applied one at a time. The
// queue is bounded by central's window, and by maxQueued whatever central does.
type down struct {
	epoch    string        // of the session
	cursor   record.Cursor // durable
	expected record.Cursor // after everything that is queued
	ask      bool          // a snapshot is to be asked for
	resume   string        // name and token of an interrupted snapshot
	next     string
	first    record.First // in which order one that begins is to come
	number   uint32       // of the chunk expected, counted since asking
	batches  []arrived
	chunks   []record.Chunk
	together int // how many of chunks, or else of batches, the store has in hand
	applying bool
	progress time.Duration
	retryAt  time.Duration // when the store failed: try the same again
	stopped  bool          // the store said that this session cannot go on

	dictionary compact.Dictionary // of the session
	whole      bool               // asked for from the cursor on: what was sent before is passed over
}

// arrived is a batch that waits for the store, or what is to become one: then its
// batch says only from where to where it goes.
type arrived struct {
	record.Batch
	delta *wire.Delta
}

// begin sets where the station stands at the start of a session.
func (d *down) begin(c record.Cursor) {
	d.cursor, d.expected = c, c
	d.batches, d.chunks = nil, nil
	d.retryAt, d.stopped, d.ask, d.whole = 0, false, false, false
}

// drop forgets what was not applied. What is being applied finishes, and the
// next session asks the store where it stands.
func (d *down) drop() {
	d.batches, d.chunks, d.together = nil, nil, 0
	d.retryAt = 0
}

// atMost keeps what the screen needs to what the protocol takes.
func atMost(f record.First) record.First {
	f.Wards = f.Wards[:min(len(f.Wards), wire.MaxFirst)]
	f.Patients = f.Patients[:min(len(f.Patients), wire.MaxFirst)]
	return f
}

// applied is what central may be told.
func (d *down) applied() record.Position {
	if d.cursor.Epoch != d.epoch {
		return 0
	}
	return d.cursor.Position
}

func (m *Machine) beginDown(now wire.Now) {
	d := &m.down
	d.progress = now.Mono
	if !d.ask {
		return
	}
	d.ask = false
	d.number = 0
	m.state.Snapshot = Progress{Active: true}
	ask := &wire.AskChunk{Snapshot: d.resume, Next: d.next, Credit: chunkCredit}
	if m.can(wire.CapFirst) {
		ask.First = &d.first // also where one goes on: central may have to begin anew
	}
	m.send(ask)
}

// gotBatch queues a batch that begins where the queue ends. One that is already
// held is passed over; one that leaves a gap ends the session, and the next
// begins where the station really stands.
func (m *Machine) gotBatch(b record.Batch, now wire.Now) {
	d := &m.down
	switch {
	case !m.online() || d.stopped:
		return
	case !m.forUs(b) || b.Epoch != d.epoch || b.To < b.From:
		m.hangup(now, wire.ByeProtocol, "a batch is for another station or epoch")
	case d.whole && b.From != d.expected.Position:
		// Sent before central knew that it is to go back.
	default:
		d.whole = false
		m.queue(arrived{Batch: b}, now)
	}
}

// queue takes what begins where the queue ends.
func (m *Machine) queue(b arrived, now wire.Now) {
	d := &m.down
	switch {
	case len(b.Refill) > 0 && b.Epoch == d.expected.Epoch && b.From == b.To && b.To == d.expected.Position && len(d.batches) < maxQueued:
		d.batches = append(d.batches, b) // whole compartments, which move nothing on
	case b.Epoch == d.expected.Epoch && b.To <= d.expected.Position:
		// Seen before.
	case b.Epoch != d.expected.Epoch || b.From != d.expected.Position:
		m.hangup(now, wire.ByeProtocol, "a batch does not begin where the last one ended")
	case len(d.batches) >= maxQueued:
		m.hangup(now, wire.ByeProtocol, "more batches than the window allows")
	default:
		d.batches = append(d.batches, b)
		d.expected = b.Cursor()
	}
}

// gotChunk queues the next piece of the snapshot.
func (m *Machine) gotChunk(ch record.Chunk, number uint32, now wire.Now) {
	d := &m.down
	switch {
	case !m.online() || d.stopped:
		return
	case ch.Station != m.station || ch.At.Epoch != d.epoch:
		m.hangup(now, wire.ByeProtocol, "a chunk is for another station or epoch")
	case !m.state.Snapshot.Active:
		// A copy of one that was seen before.
	case number < d.number:
		// Seen before.
	case number > d.number:
		m.hangup(now, wire.ByeProtocol, "a chunk is missing")
	case ch.Snapshot != d.resume && ch.Index != 0:
		m.hangup(now, wire.ByeProtocol, "a snapshot does not begin at its beginning")
	case len(d.chunks) >= maxQueued:
		m.hangup(now, wire.ByeProtocol, "more chunks than were asked for")
	default:
		d.number, d.resume = number+1, ch.Snapshot
		d.chunks = append(d.chunks, ch)
		d.progress = now.Mono
		m.state.Snapshot.Waiting, m.state.Snapshot.Before = false, 0
		if ch.Last {
			d.expected = ch.At
		}
	}
}

// pumpDown gives the store its next piece.
func (m *Machine) pumpDown() {
	d := &m.down
	if d.applying || d.retryAt > 0 || d.stopped {
		return
	}
	switch {
	case len(d.chunks) > 0:
		d.applying = true
		d.together = min(len(d.chunks), storedAtOnce)
		m.do(ApplyChunks{Chunks: slices.Clone(d.chunks[:d.together])})
	case len(d.batches) > 0 && d.batches[0].delta != nil:
		d.applying = true
		m.do(PutTogetherDelta{d.batches[0].delta, d.dictionary})
	case len(d.batches) > 0:
		d.applying = true
		d.together = d.atOnce()
		run := make([]record.Batch, d.together)
		for i := range run {
			run[i] = d.batches[i].Batch
		}
		m.do(Apply{Batches: run, Receipts: m.landing(run[len(run)-1].To)})
	}
}

// atOnce is how many of the batches that wait go to the store together: after an
// outage they come faster than a disk takes one after another.
func (d *down) atOnce() int {
	size := 0
	for i, b := range d.batches {
		if size += len(b.Signed); i > 0 && (b.delta != nil || size > storedBytes) {
			return i
		}
	}
	return len(d.batches)
}

func (m *Machine) batchDone(err error, now wire.Now) {
	d := &m.down
	d.applying = false
	earlier := d.together == 0 || len(d.batches) == 0
	m.landed(err, earlier, now)
	if earlier {
		return // of an earlier session, which the next Load sees
	}
	if err != nil {
		m.applyFailed(err, now)
		return
	}
	m.storeWorks()
	n := min(d.together, len(d.batches))
	for _, b := range d.batches[:n] {
		m.check.touch(b.Batch, now.Mono)
	}
	d.cursor = d.batches[n-1].Cursor()
	d.batches = slices.Clone(d.batches[n:])
	d.together = 0
	m.state.Cursor = d.cursor
	m.fetch.want = true
	m.send(&wire.Applied{Position: d.cursor.Position})
}

func (m *Machine) chunksDone(err error, now wire.Now) {
	d := &m.down
	d.applying = false
	if d.together == 0 || len(d.chunks) == 0 {
		return // of an earlier session, which the next Load sees
	}
	if err != nil {
		m.applyFailed(err, now)
		return
	}
	m.storeWorks()
	done := d.chunks[:d.together]
	ch := done[len(done)-1]
	d.chunks = slices.Clone(d.chunks[d.together:])
	d.next = ch.Next
	d.progress = now.Mono
	m.state.Snapshot = Progress{Active: !ch.Last, Part: ch.Part, Done: ch.Done, Total: ch.Total}
	if !ch.Last {
		for range done { // one for each: central measures the line by it
			m.send(&wire.AskChunk{Snapshot: ch.Snapshot, Credit: 1, More: true})
		}
		return
	}
	d.cursor = ch.At
	d.resume, d.next = "", ""
	m.state.Cursor = d.cursor
	m.fetch.want = true
	m.send(&wire.Applied{Position: d.cursor.Position})
}

// applyFailed: where the store disagrees about where the station stands, the
// session starts over; where it cannot write just now, the same piece is tried
// again, and uploads go on.
func (m *Machine) applyFailed(err error, now wire.Now) {
	m.storeFailed(err)
	if fault.Is(err, fault.Conflict) {
		m.hangup(now, wire.ByeGoing, "")
		return
	}
	m.down.retryAt = now.Mono + retryStore
}

func (m *Machine) storeFailed(err error) {
	if fault.Is(err, fault.Full) {
		m.refuse("disk", "The disk of this computer is full: new results are not stored here. Free some space; nothing that was written is lost.")
		return
	}
	m.refuse("store", "This computer's store could not take what the server sent ("+fault.KindOf(err).String()+"). It is tried again.")
}

func (m *Machine) storeWorks() {
	if m.state.Refused.Reason == "disk" || m.state.Refused.Reason == "store" {
		m.state.Refused = Refusal{}
	}
}

// dueStore tries again what the store could not do.
func (m *Machine) dueStore(now wire.Now) {
	if m.down.retryAt > 0 && now.Mono >= m.down.retryAt {
		m.down.retryAt = 0
	}
	if m.up.retryAt > 0 && now.Mono >= m.up.retryAt {
		m.up.retryAt = 0
	}
	if m.look.retryAt > 0 && now.Mono >= m.look.retryAt {
		m.look.retryAt = 0
	}
	m.give.due(now.Mono)
}

// forUs says whether a batch was made for this station, or for all stations of
// exactly its wards.
func (m *Machine) forUs(b record.Batch) bool {
	if b.Station != "" || !m.can(wire.CapShared) {
		return b.Station == m.station
	}
	return len(b.Wards) > 0 && slices.Equal(b.Wards, slices.Compact(slices.Sorted(slices.Values(m.wards))))
}

// wait: the snapshot has to wait for its turn. That is no standstill.
func (m *Machine) wait(w *wire.Wait, now wire.Now) {
	if m.online() && m.state.Snapshot.Active {
		m.state.Snapshot.Waiting, m.state.Snapshot.Before = true, w.Before
		m.down.progress = now.Mono
	}
}
