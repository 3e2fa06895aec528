package client

import (
	"slices"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/sync/wire"
)

// up is the way to central: mutations in the station's order, at most a window
// of them without a receipt. A receipt whose change has not come back yet is
// held, so that what was written stays folded in until it is there for good.
type up struct {
	window   int
	round    uint32
	number   uint32
	sentTo   uint64 // sequence of the last mutation offered
	want     bool   // there may be more to offer
	reading  bool
	asked    int  // how many are being read at most
	ignore   bool // what is being read was asked for by an earlier round
	flight   map[record.MutationID]record.Hash
	held     []heldReceipt
	isHeld   map[record.MutationID]bool
	answered int  // of flight: their receipts are held
	saving   int  // receipts that the store is storing: the first of held
	landing  bool // with a batch
	progress time.Duration
	retryAt  time.Duration
	pausedTo time.Duration // central asked to wait
	cloned   bool
}

type heldReceipt struct {
	receipt record.Receipt
	since   time.Duration
}

// release forgets the receipts that are held, at the end of a session: the next
// one may be with a central that was set back and does not stand by them any
// more. The mutations are offered again, and get the same receipts if it does.
func (u *up) release() {
	for _, h := range u.held[u.saving:] {
		delete(u.isHeld, h.receipt.Mutation)
	}
	u.held = u.held[:u.saving]
}

// reset starts a round: everything without a receipt is offered again. Receipts
// that are held stay.
func (u *up) reset(round uint32) {
	u.round, u.number, u.sentTo = round, 0, 0
	u.want = true
	u.ignore = u.reading
	u.flight, u.answered = map[record.MutationID]record.Hash{}, 0
	if u.isHeld == nil {
		u.isHeld = map[record.MutationID]bool{}
	}
	u.pausedTo, u.retryAt = 0, 0
}

// holdUntil is when the oldest held receipt has waited long enough, where that
// is for a clock to say.
func (m *Machine) holdUntil() time.Duration {
	u := &m.up
	if len(u.held) == 0 || u.saving > 0 || u.retryAt > 0 || m.can(wire.CapHeldReceipts) {
		return u.pausedTo
	}
	at := u.held[0].since + m.timing.HoldFor
	if u.pausedTo > 0 {
		at = min(at, u.pausedTo)
	}
	return at
}

// pumpUp reads the next mutations where the window has room, and stores the
// receipts whose time has come.
func (m *Machine) pumpUp(now wire.Now) {
	u := &m.up
	m.saveReceipts(now)
	if u.pausedTo > 0 && now.Mono >= u.pausedTo {
		u.pausedTo = 0
	}
	room := u.window - (len(u.flight) - u.answered)
	if room*4 < u.window {
		return // a few at a time: what goes together packs far better
	}
	if !m.online() || !u.want || u.reading || u.cloned || u.pausedTo > 0 || u.retryAt > 0 || room <= 0 || m.give.firstTo > 0 || len(u.held) >= maxHeld {
		return
	}
	u.reading, u.want = true, false
	u.asked = min(room, pushAtOnce)
	m.do(ReadUnsent{After: u.sentTo, Limit: u.asked})
}

// unsent offers what was read.
func (m *Machine) unsent(ev Unsent, now wire.Now) {
	u := &m.up
	u.reading = false
	if u.ignore {
		u.ignore = false
		u.want = true
		return
	}
	if ev.Err != nil {
		m.storeFailed(ev.Err)
		u.want, u.retryAt = true, now.Mono+retryStore
		return
	}
	if !m.online() || len(ev.Mutations) == 0 {
		return
	}
	if !m.can(wire.CapAgain) && slices.ContainsFunc(ev.Mutations, func(mut record.Mutation) bool { return mut.Was != nil }) {
		// An older central would take it for a forgery.
		m.refuse(wire.ByeVersion.String(), "The server's program is too old for what was written on this computer before it was enrolled again. It is kept, and sent after the server's update.")
		return
	}
	if len(ev.Mutations) >= u.asked {
		u.want = true // there may be more; of what comes later a Nudge tells
	}
	var group []record.Mutation
	size := 0
	for _, mut := range ev.Mutations {
		_, seq, ok := mut.ID.Station()
		hash, err := mut.ContentHash()
		if !ok || err != nil || seq <= u.sentTo {
			continue
		}
		u.sentTo = seq
		if u.isHeld[mut.ID] {
			continue // central has it
		}
		if len(u.flight) == u.answered {
			u.progress = now.Mono
		}
		u.flight[mut.ID] = hash
		if n := sizeOf(mut); len(group) > 0 && size+n > pushBytes {
			m.push(group)
			group, size = nil, 0
		}
		group = append(group, mut)
		size += sizeOf(mut)
	}
	if len(group) > 0 {
		m.push(group)
	}
}

func (m *Machine) push(group []record.Mutation) {
	m.send(&wire.Push{Round: m.up.round, Number: m.up.number, Mutations: group})
	m.up.number++
}

// sizeOf is about how many bytes a mutation takes.
func sizeOf(mut record.Mutation) int {
	n := 512
	for _, op := range mut.Ops {
		n += len(op.Value) + len(op.Field) + len(op.Key) + 16
	}
	return n
}

// receipts takes central's words on what was offered.
func (m *Machine) receipts(r *wire.Receipts, now wire.Now) {
	u := &m.up
	if !m.online() || r.Brief() && !m.fill(r, now) {
		return
	}
	for _, rec := range r.Receipts {
		hash, ours := u.flight[rec.Mutation]
		if !ours || u.isHeld[rec.Mutation] {
			continue // a copy of one that was seen before
		}
		if rec.Content != hash {
			m.clonedDisk(now)
			return
		}
		u.progress = now.Mono
		u.isHeld[rec.Mutation] = true
		u.answered++
		u.held = append(u.held, heldReceipt{rec, now.Mono})
	}
	if r.Round > u.round {
		wait := time.Duration(r.RetryMS) * time.Millisecond
		u.reset(r.Round)
		u.pausedTo = now.Mono + max(wait, m.timing.BackoffMin)
		u.progress = u.pausedTo
	}
}

// fill puts back the content hashes that central left out. Where none of the
// receipts is news it is a copy of one that was seen before; where only some
// are, nothing can be said about them, and the next session brings them again.
func (m *Machine) fill(r *wire.Receipts, now wire.Now) bool {
	u := &m.up
	var contents []record.Hash
	for _, rec := range r.Receipts {
		if hash, ours := u.flight[rec.Mutation]; ours && !u.isHeld[rec.Mutation] {
			contents = append(contents, hash)
		}
	}
	switch {
	case len(contents) == 0:
		return false
	case len(contents) < len(r.Receipts):
		m.hangup(now, wire.ByeProtocol, "receipts for what was not offered")
		return false
	case !r.Fill(contents):
		m.clonedDisk(now)
		return false
	}
	return true
}

// clonedDisk: central has another mutation under one of our ids, or audit events
// that were never made here. Nothing more is offered, and nothing is marked as received, until a person has given one
// of the two machines a new identity.
func (m *Machine) clonedDisk(now wire.Now) {
	m.up.cloned = true
	m.refuse(wire.ByeCloned.String(), "Another computer sends under this computer's identity, or this one was put back to an older copy of its disk. What is written here is kept and not sent. Ask IT to give this computer a new identity: wardlight enrol --again. Nothing that was written here is lost by it.")
	m.hangup(now, wire.ByeCloned, "a sequence number was used twice with different content")
	m.retryAt = now.Mono + m.timing.Refused
}

// saveReceipts stores those up to which the cursor stands for what is in the
// store. One that is stored and not covered by the cursor would be believed of a
// central that was set back behind it and had grown again: nothing else that the
// station holds would speak against it.
func (m *Machine) saveReceipts(now wire.Now) {
	u := &m.up
	if u.saving > 0 || len(u.held) == 0 || u.retryAt > 0 {
		return
	}
	due := func(h heldReceipt) bool {
		return h.receipt.Position <= m.down.applied() || !m.can(wire.CapHeldReceipts) && (now.Mono >= h.since+m.timing.HoldFor || len(u.held) > maxHeld)
	}
	if list := u.save(due); len(list) > 0 {
		m.do(SaveReceipts{Receipts: list})
	}
}

// save moves the receipts that are due, up to a message's worth, to the front, and
// says that the store has them in hand.
func (u *up) save(due func(heldReceipt) bool) []record.Receipt {
	if !slices.ContainsFunc(u.held, due) {
		return nil
	}
	var ready, rest []heldReceipt
	for _, h := range u.held {
		if due(h) && len(ready) < wire.MaxReceipts {
			ready = append(ready, h)
		} else {
			rest = append(rest, h)
		}
	}
	u.held = append(ready, rest...)
	u.saving = len(ready)
	list := make([]record.Receipt, len(ready))
	for i, h := range ready {
		list[i] = h.receipt
	}
	return list
}

// landing are the receipts that the cursor covers when batches up to a position are
// stored: they go into the same commit. So they never go before it.
func (m *Machine) landing(to record.Position) []record.Receipt {
	u := &m.up
	if u.saving > 0 || u.retryAt > 0 {
		return nil
	}
	list := u.save(func(h heldReceipt) bool { return h.receipt.Position <= to })
	u.landing = len(list) > 0
	return list
}

// landed: the batches were stored with their receipts, or neither was. Those of an
// earlier session, whose batches were not stored, are worth nothing any more (see
// release), and what they stood for is offered again.
func (m *Machine) landed(err error, earlier bool, now wire.Now) {
	u := &m.up
	if !u.landing {
		return
	}
	u.landing = false
	if err == nil {
		m.receiptsDone(nil, now)
		return
	}
	u.saving = 0
	switch {
	case earlier && m.online():
		m.hangup(now, wire.ByeGoing, "")
	case earlier:
		u.release()
	}
}

func (m *Machine) receiptsDone(err error, now wire.Now) {
	u := &m.up
	n := u.saving
	u.saving = 0
	if err != nil {
		m.storeFailed(err)
		u.retryAt = now.Mono + retryStore
		return
	}
	for _, h := range u.held[:n] {
		if _, flies := u.flight[h.receipt.Mutation]; flies {
			delete(u.flight, h.receipt.Mutation)
			u.answered--
		}
		delete(u.isHeld, h.receipt.Mutation)
	}
	u.held = append([]heldReceipt(nil), u.held[n:]...)
}

// look is the way of the audit events: one message under way at a time, and
// between two of them a pause in which more may gather. Nobody waits for them at
// central, and each message costs it a commit and a word to every session, beside
// the entry that was made with the look. On the station they were synced before
// anything was shown.
type look struct {
	want    bool
	reading bool
	ignore  bool
	sent    bool
	saving  bool
	sentTo  uint64
	upTo    uint64
	claimed uint64     // central says that it has more than was sent
	had     []hadLooks // not stored yet: the cursor has to get there first
	retryAt time.Duration
	waitTo  time.Duration // others may join until then; 0: it does not wait
}

// lookPause is how long an audit event waits for others at most, before it is sent.
const lookPause = 50 * time.Millisecond

// nudged says that there may be audit events to send. The first of them begins the
// pause, and none makes it longer.
func (l *look) nudged(now wire.Now) {
	if !l.want {
		l.want, l.waitTo = true, now.Mono+lookPause
	}
}

// lookAt is when a pause ends for which nothing else stands in the way; 0: never.
func (m *Machine) lookAt() time.Duration {
	if !m.mayLook() {
		return 0
	}
	return m.look.waitTo
}

// mayLook says whether the next audit events might be read, but for the pause.
func (m *Machine) mayLook() bool {
	l := &m.look
	return m.online() && l.want && !l.reading && !l.sent && !l.saving && !m.up.cloned && l.retryAt == 0
}

// hadLooks is central's word that it has the audit events up to one of them,
// since a position at the latest.
type hadLooks struct {
	upTo uint64
	at   record.Position
}

// maxHad bounds how many such words are held; then the newest two become one.
const maxHad = 64

func (l *look) reset() {
	l.want, l.sent = true, false
	l.ignore = l.reading
	l.sentTo, l.upTo, l.claimed, l.had, l.retryAt, l.waitTo = 0, 0, 0, nil, 0, 0
}

func (m *Machine) pumpLooks(now wire.Now) {
	l := &m.look
	m.saveLooks()
	if !m.mayLook() || now.Mono < l.waitTo {
		return
	}
	l.reading, l.want, l.waitTo = true, false, 0
	m.do(ReadLooks{After: max(l.upTo, l.sentTo), Limit: looksAtOnce})
}

func (m *Machine) unsentLooks(ev UnsentLooks, now wire.Now) {
	l := &m.look
	l.reading = false
	if l.ignore {
		l.ignore, l.want = false, true
		return
	}
	if ev.Err != nil {
		m.storeFailed(ev.Err)
		l.want, l.retryAt = true, now.Mono+retryStore
		return
	}
	if m.online() && len(ev.Looks) == 0 && l.claimed > l.sentTo {
		m.clonedDisk(now) // central has audit events of this computer's that it never made
		return
	}
	if !m.online() || len(ev.Looks) == 0 {
		return
	}
	l.want, l.sent, l.waitTo = true, true, 0
	if len(ev.Looks) < looksAtOnce { // these were all
		l.waitTo = now.Mono + lookPause
	}
	l.sentTo = ev.Looks[len(ev.Looks)-1].Seq
	if len(m.up.flight) == m.up.answered {
		m.up.progress = now.Mono
	}
	m.send(&wire.Looks{Looks: ev.Looks})
}

func (m *Machine) looksReceived(r *wire.LooksReceived, now wire.Now) {
	l := &m.look
	if !l.sent {
		return // a copy
	}
	m.up.progress = now.Mono
	l.sent = false
	if r.RetryMS > 0 {
		l.want, l.retryAt = true, now.Mono+time.Duration(r.RetryMS)*time.Millisecond
	}
	if r.UpTo > l.sentTo {
		// Central has had more before, and its word on that was lost; or it has
		// another computer's. It tells them apart when its newest one is sent.
		l.claimed, l.waitTo = r.UpTo, 0
		return
	}
	if l.sentTo = max(l.upTo, r.UpTo); r.UpTo <= l.upTo {
		return
	}
	l.upTo = r.UpTo
	if len(l.had) >= maxHad {
		l.had = l.had[:maxHad-1]
	}
	l.had = append(l.had, hadLooks{r.UpTo, r.At})
}

// saveLooks stores central's word once the cursor has reached it, for the same
// reason as a receipt's.
func (m *Machine) saveLooks() {
	l := &m.look
	var upTo uint64
	for !l.saving && m.online() && len(l.had) > 0 && l.had[0].at <= m.down.applied() {
		upTo, l.had = l.had[0].upTo, l.had[1:]
		if len(l.had) == 0 || l.had[0].at > m.down.applied() {
			l.saving = true
			m.do(SaveLooks{UpTo: upTo})
		}
	}
}

func (m *Machine) looksDone(err error, now wire.Now) {
	l := &m.look
	l.saving = false
	if fault.Is(err, fault.Invalid) {
		m.clonedDisk(now) // central has audit events of this computer's that it never made
		return
	}
	if err != nil {
		m.storeFailed(err)
		l.want, l.upTo, l.had, l.retryAt = true, 0, nil, now.Mono+retryStore
	}
}
