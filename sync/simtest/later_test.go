package simtest_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/station/cache"
	"wardlight/internal/trust/keys"
	"wardlight/sync/client"
	"wardlight/sync/hub"
	"wardlight/sync/wire"
)

// What a program of the evening of 28 November 2026 could read beyond oldpeer_test.go,
// written down apart from the code that goes on changing. Never adapt it to what is
// sent; adapt what is sent.
type (
	laterBatch struct {
		From    uint64      `cbor:"2,keyasint"`
		To      uint64      `cbor:"3,keyasint"`
		Changes []oldChange `cbor:"5,keyasint,omitempty"`
		Station string      `cbor:"8,keyasint"`
		Wards   []string    `cbor:"10,keyasint,omitempty"`
		Refill  []string    `cbor:"11,keyasint,omitempty"`
	}
	laterChunk struct {
		Changes []oldChange `cbor:"4,keyasint,omitempty"`
		Last    bool        `cbor:"5,keyasint,omitempty"`
		At      oldCursor   `cbor:"6,keyasint"`
		Station string      `cbor:"10,keyasint"`
		Part    uint8       `cbor:"12,keyasint,omitempty"`
		Ready   []string    `cbor:"13,keyasint,omitempty"`
		Whole   []string    `cbor:"14,keyasint,omitempty"`
	}
	laterBase struct {
		Ref     oldRef   `cbor:"1,keyasint"`
		Version uint64   `cbor:"2,keyasint"`
		Hash    [32]byte `cbor:"3,keyasint"`
	}
	laterDelta struct {
		From   uint64      `cbor:"1,keyasint"`
		To     uint64      `cbor:"2,keyasint"`
		Bases  []laterBase `cbor:"3,keyasint"`
		Body   [32]byte    `cbor:"4,keyasint"`
		Packed []byte      `cbor:"5,keyasint"`
		Sig    []byte      `cbor:"6,keyasint"`
	}
	laterHeads struct {
		At    oldCursor `cbor:"1,keyasint"`
		Heads []struct {
			Patient string `cbor:"1,keyasint"`
			Head    struct {
				Count uint32   `cbor:"1,keyasint"`
				Hash  [32]byte `cbor:"2,keyasint"`
			} `cbor:"2,keyasint"`
			Newest uint64 `cbor:"3,keyasint"`
		} `cbor:"6,keyasint"`
	}
	laterDocument struct {
		Hash   [32]byte `cbor:"1,keyasint"`
		Offset int64    `cbor:"2,keyasint"`
		Size   int64    `cbor:"3,keyasint"`
		Part   []byte   `cbor:"4,keyasint,omitempty"`
		Why    string   `cbor:"5,keyasint,omitempty"`
	}
	laterReceipts struct {
		Receipts []oldReceipt `cbor:"1,keyasint,omitempty"`
		Digest   []byte       `cbor:"5,keyasint,omitempty"`
	}
	laterLooksReceived struct {
		UpTo uint64 `cbor:"1,keyasint"`
		At   uint64 `cbor:"3,keyasint,omitempty"`
	}
)

// laterStation reads what a station of that evening is sent, and keeps it.
type laterStation struct {
	*frozen
	verify   wire.Verify
	held     map[oldRef]oldChange
	early    map[oldRef]oldChange // that overtook
	contents map[string][32]byte  // of what it offered, by number
	receipts map[string]oldReceipt
	looksTo  uint64
	looksAt  uint64
	position uint64
	chunks   int
	parts    []uint8 // of the chunks
	whole    []string
	ready    map[string]bool
	last     bool
	heads    []laterHeads
	refills  int
	paper    []byte
	heard    map[wire.Type]int
}

func newLaterStation(t *testing.T, verify wire.Verify) *laterStation {
	return &laterStation{
		frozen: newFrozen(t), verify: verify, held: map[oldRef]oldChange{}, early: map[oldRef]oldChange{},
		contents: map[string][32]byte{}, ready: map[string]bool{}, receipts: map[string]oldReceipt{}, heard: map[wire.Type]int{},
	}
}

func (p *laterStation) take(m *frozenMessage) error {
	p.heard[wire.Type(m.kind)]++
	switch wire.Type(m.kind) {
	case wire.TypeBatch, wire.TypeChunk, wire.TypeAhead:
		var s oldSigned
		if err := oldDecode(m.payload, &s); err != nil {
			return err
		}
		return p.signed(wire.Type(m.kind), s.Body, s.Sig)
	case wire.TypeDelta:
		return p.delta(m.payload)
	case wire.TypeReceipts:
		return p.receipted(m.payload)
	case wire.TypeLooksReceived:
		var l laterLooksReceived
		err := oldDecode(m.payload, &l)
		p.looksTo, p.looksAt = max(p.looksTo, l.UpTo), max(p.looksAt, l.At)
		return err
	case wire.TypeHeads:
		var h laterHeads
		err := oldDecode(m.payload, &h)
		p.heads = append(p.heads, h)
		return err
	case wire.TypeDocument:
		var d laterDocument
		if err := oldDecode(m.payload, &d); err != nil || d.Why != "" {
			return cmp.Or(err, fmt.Errorf("no document: %s", d.Why))
		}
		if d.Offset == int64(len(p.paper)) {
			p.paper = append(p.paper, d.Part...)
		}
	case wire.TypeWelcome:
		var w oldWelcome
		return oldDecode(m.payload, &w)
	case wire.TypePing, wire.TypePong, wire.TypeStatus, wire.TypeWait:
	default:
		return fmt.Errorf("a station does not take %s messages", wire.Type(m.kind))
	}
	return nil
}

func (p *laterStation) signed(kind wire.Type, body, sig []byte) error {
	if err := p.verify(body, sig); err != nil {
		return err
	}
	switch kind {
	case wire.TypeChunk:
		return p.chunk(body)
	case wire.TypeAhead:
		var b laterBatch
		err := oldDecode(body[1:], &b)
		for _, c := range b.Changes {
			p.early[c.Ref] = c
		}
		return err
	}
	return p.batch(body)
}

func (p *laterStation) chunk(body []byte) error {
	var c laterChunk
	if err := oldDecode(body[1:], &c); err != nil || c.Station != string(recordedStation) {
		return cmp.Or(err, fmt.Errorf("a chunk is for station %q", c.Station))
	}
	p.chunks++
	p.parts, p.whole = append(p.parts, c.Part), append(p.whole, c.Whole...)
	for _, who := range c.Ready {
		p.ready[who] = true
	}
	p.keep(c.Changes)
	if c.Last {
		p.last, p.position = true, c.At.Position
	}
	return nil
}

func (p *laterStation) batch(body []byte) error {
	var b laterBatch
	if err := oldDecode(body[1:], &b); err != nil {
		return err
	}
	ours := b.Station == string(recordedStation) || b.Station == "" && slices.Equal(b.Wards, []string{"4B"})
	if !ours || b.From != p.position || b.To < b.From {
		return fmt.Errorf("a batch %d to %d for %q %v does not fit a station at %d", b.From, b.To, b.Station, b.Wards, p.position)
	}
	for _, who := range b.Refill {
		p.refills++
		for ref, c := range p.held {
			if c.Patient == who {
				delete(p.held, ref)
			}
		}
	}
	p.keep(b.Changes)
	p.position = b.To
	return nil
}

func (p *laterStation) delta(payload []byte) error {
	var d laterDelta
	if err := oldDecode(payload, &d); err != nil {
		return err
	}
	var bases [][]byte
	for _, b := range d.Bases {
		c := p.held[b.Ref]
		if c.Version != b.Version || sha256.Sum256(c.Body) != b.Hash {
			return fmt.Errorf("a delta builds on %v of version %d; held is %d", b.Ref, b.Version, c.Version)
		}
		bases = append(bases, c.Body)
	}
	body, err := p.against(d.Packed, bases)
	if err != nil || sha256.Sum256(body) != d.Body {
		return cmp.Or(err, fmt.Errorf("a delta does not come to what it says"))
	}
	return p.signed(wire.TypeBatch, body, d.Sig)
}

func (p *laterStation) receipted(payload []byte) error {
	var rs laterReceipts
	if err := oldDecode(payload, &rs); err != nil {
		return err
	}
	if len(rs.Digest) > 0 {
		p.seen["receipts with a digest"]++
		var all []byte
		for i, r := range rs.Receipts {
			content := p.contents[r.Mutation]
			rs.Receipts[i].Content = content
			all = append(all, content[:]...)
		}
		if sum := sha256.Sum256(all); !bytes.Equal(sum[:], rs.Digest) {
			return fmt.Errorf("receipts are about something else than what was offered")
		}
	}
	for _, r := range rs.Receipts {
		p.receipts[r.Mutation] = r
	}
	return nil
}

func (p *laterStation) keep(changes []oldChange) {
	for _, c := range changes {
		if old, ok := p.held[c.Ref]; !c.History && (!ok || old.Version < c.Version) {
			p.held[c.Ref] = c
		}
	}
}

// headOf is the head of a patient as a station of that evening worked it out.
func (p *laterStation) headOf(patient string) [32]byte {
	var refs []oldRef
	for ref, c := range p.held {
		if c.Patient == patient {
			refs = append(refs, ref)
		}
	}
	slices.SortFunc(refs, func(a, b oldRef) int { return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.ID, b.ID)) })
	h := sha256.New()
	for _, ref := range refs {
		c := p.held[ref]
		sum := sha256.Sum256(c.Body)
		fmt.Fprintf(h, "%s/%s\x00", ref.Type, ref.ID)
		h.Write(binary.BigEndian.AppendUint64(nil, c.Version))
		h.Write(sum[:])
	}
	return [32]byte(h.Sum(nil))
}

// whole reads every message of one direction.
func (r *recording) whole(t *testing.T, toCentral bool, fn func(*frozenMessage)) *frozen {
	t.Helper()
	z := newFrozen(t)
	for _, f := range r.frames {
		if f.toCentral != toCentral {
			continue
		}
		m, err := z.next(f.bytes)
		check(t, err)
		if m != nil {
			fn(m)
		}
	}
	return z
}

// offers are what the recorded station offered; today's programs read the mutations.
func (r *recording) offers(t *testing.T) (muts []record.Mutation) {
	t.Helper()
	r.whole(t, true, func(m *frozenMessage) {
		if wire.Type(m.kind) == wire.TypePush {
			var push struct {
				Mutations []cbor.RawMessage `cbor:"3,keyasint"`
			}
			check(t, oldDecode(m.payload, &push))
			for _, raw := range push.Mutations {
				var mut record.Mutation
				check(t, record.Decode(append([]byte{1}, raw...), &mut))
				muts = append(muts, mut)
			}
		}
	})
	return muts
}

// The recording itself is read to the last byte, and holds everything that it was
// made for.
func TestTheSecondRecordingHoldsWhatItIsFor(t *testing.T) {
	r := loadRecording(t, secondRecording)
	journalKey := r.fact(t, "journal")
	p := newLaterStation(t, func(msg, sig []byte) error { return keys.VerifyJournal(journalKey, msg, sig) })
	for _, m := range r.offers(t) {
		sum, err := m.ContentHash()
		check(t, err)
		p.contents[string(m.ID)] = sum
	}
	up := r.whole(t, true, func(*frozenMessage) {})
	for _, f := range r.frames {
		if f.toCentral {
			continue
		}
		m, err := p.next(f.bytes)
		check(t, err)
		if m != nil && wire.Type(m.kind) != wire.TypeBye {
			check(t, p.take(m))
		}
	}
	t.Logf("down %v, up %v, messages %v", p.seen, up.seen, p.heard)
	for what, ok := range map[string]bool{
		"packed, both ways": p.seen["packed"] > 0 && up.seen["packed"] > 0, "sideways": p.seen["sideways"] > 0, "in pieces": p.seen["in pieces"] > 0,
		"deltas": p.seen["delta"] > 0, "receipts with a digest": p.seen["receipts with a digest"] > 0 && len(p.receipts) == 4,
		"looks with a position": p.looksTo == 2 && p.looksAt > 0, "stages": slices.Contains(p.parts, 3) && slices.Contains(p.whole, "anna") && p.ready["anna"],
		"what overtakes": len(p.early) > 0, "heads": len(p.heads) > 0, "a refill": p.refills > 0,
		"a document": bytes.Equal(p.paper, paperOfTheEvening()), "several parts of it": p.heard[wire.TypeDocument] > 1,
		"everything": len(p.held) > 150 && p.held[oldRef{"DiagnosticReport", "big"}].Version == 3,
	} {
		if !ok {
			t.Errorf("the recording does not hold: %s", what)
		}
	}
}

// replayed is the recorded station at work with today's central.
type replayed struct {
	*laterStation
	t    *testing.T
	conn client.Conn
	mu   sync.Mutex
}

func (p *replayed) wait(what string, is func() bool) {
	p.t.Helper()
	under(p.t, &p.mu, what, 20*time.Second, is)
}

func (p *replayed) read() {
	for {
		f, err := p.conn.Read(context.Background())
		if err != nil {
			return
		}
		if err := p.answer(f); err != nil {
			p.t.Errorf("the recorded station does not understand: %v", err)
			return
		}
	}
}

// answer takes a frame, and says what depends on the moment: pongs, and how far it is.
func (p *replayed) answer(f []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	m, err := p.next(f)
	if err != nil || m == nil {
		return err
	}
	if wire.Type(m.kind) == wire.TypePing {
		pong, err := oldPong(m.payload)
		if err != nil {
			return err
		}
		return p.conn.Write(context.Background(), pong)
	}
	before := p.position
	if err := p.take(m); err != nil || p.position == before {
		return err
	}
	body, err := cbor.Marshal(map[int]uint64{1: p.position})
	if err != nil {
		return err
	}
	applied := append([]byte{1, byte(wire.TypeApplied), 0, 0, 0, 0, 0, 0, 1}, body...)
	binary.BigEndian.PutUint32(applied[4:], uint32(len(applied)-8))
	return p.conn.Write(context.Background(), applied)
}

// replay says what the recorded station said, each message once what had called for
// it is there.
func (p *replayed) replay(r *recording) {
	p.t.Helper()
	asked := map[wire.Type]int{}
	for _, f := range r.frames {
		kind := wire.Type(f.bytes[1])
		if !f.toCentral || slices.Contains([]wire.Type{wire.TypeBye, wire.TypePong, wire.TypeApplied}, kind) {
			continue
		}
		switch kind {
		case wire.TypeAskChunk:
			n := asked[kind]
			p.wait("the next chunk", func() bool { return p.last || p.chunks >= n })
		case wire.TypeAskHeads, wire.TypeAskDocument, wire.TypeAskRefill, wire.TypeLooks, wire.TypePush:
			answers := map[wire.Type]wire.Type{wire.TypeAskHeads: wire.TypeHeads, wire.TypeAskDocument: wire.TypeDocument}
			p.wait("the beginning's end, and the last answer", func() bool { return p.last && (answers[kind] == 0 || p.heard[answers[kind]] >= asked[kind]) })
		}
		if f.bytes[2]&frozenMore == 0 {
			asked[kind]++
		}
		check(p.t, p.conn.Write(context.Background(), f.bytes))
	}
}

// The station of the second recording against today's central: what it uploads is
// taken, and it is given, in ways that it understands, all that it asks for.
func TestTheSecondRecordedStationIsServedByTodaysCentral(t *testing.T) {
	r := loadRecording(t, secondRecording)
	h := openHospital(t, r.fact(t, "device"), theEvening)
	h.evening()
	near, far := wirePair(nil)
	h.serve(far)
	p := &replayed{t: t, conn: near, laterStation: newLaterStation(t, func(msg, sig []byte) error { return keys.VerifyJournal(h.key.Public(), msg, sig) })}
	offers := r.offers(t)
	for _, m := range offers {
		sum, err := m.ContentHash()
		check(t, err)
		p.contents[string(m.ID)] = sum
	}
	var group sync.WaitGroup
	group.Go(p.read)
	t.Cleanup(func() {
		_ = near.Close()
		group.Wait()
	})
	p.replay(r)
	level := func() {
		t.Helper()
		p.wait("it is level", func() bool { return p.position >= uint64(h.journal.Head().Position) })
	}
	p.wait("every receipt", func() bool { return len(p.receipts) == len(offers) && p.looksTo == 2 })
	for _, more := range h.whatTheEveningBrings() {
		more()
		level()
	}
	level()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range offers {
		if got := p.receipts[string(m.ID)]; got.Content != p.contents[string(m.ID)] || got.Outcome != uint8(record.Applied) {
			t.Errorf("%s: receipt %+v", m.ID, got)
		}
	}
	t.Logf("it was sent %v, packed %v", p.heard, p.seen)
	if p.seen["packed"] == 0 || p.seen["delta"] == 0 || p.seen["receipts with a digest"] == 0 || p.looksAt == 0 || p.refills == 0 || !slices.Contains(p.whole, "anna") {
		t.Errorf("what both sides can do is not used: %v, looks at %d, %d refills, whole: %v", p.seen, p.looksAt, p.refills, p.whole)
	}
	if !bytes.Equal(p.paper, paperOfTheEvening()) {
		t.Errorf("%d bytes of the document came", len(p.paper))
	}
	p.holdsWhatIsThere(h)
}

// holdsWhatIsThere holds it against the journal, body for body, and its head against
// central's.
func (p *replayed) holdsWhatIsThere(h *hospital) {
	p.t.Helper()
	n := 0
	var all []record.Change
	check(p.t, h.journal.View(context.Background(), func(r journal.Reader) error {
		for c, err := range r.Compartment("anna") {
			if err != nil {
				return err
			}
			n++
			all = append(all, c)
			if got := p.held[oldRef{string(c.Ref.Type), string(c.Ref.ID)}]; !bytes.Equal(got.Body, c.Body) || got.Version != uint64(c.Version) {
				p.t.Errorf("%s: the station holds version %d as %.80q", c.Ref, got.Version, got.Body)
			}
		}
		return nil
	}))
	if n != len(p.held) || p.headOf("anna") != [32]byte(record.HeadOf(all).Hash) {
		p.t.Errorf("the station holds %d resources, central %d; or their heads differ", len(p.held), n)
	}
}

// recordedCentral plays the second recording's central.
type recordedCentral struct {
	t    *testing.T
	conn hub.Conn

	mu     sync.Mutex
	z      *frozen
	heard  map[wire.Type]int
	pushed map[string]bool
}

func (p *recordedCentral) read() {
	for {
		f, err := p.conn.Read(context.Background())
		if err != nil {
			return
		}
		if err := p.hear(f); err != nil {
			p.t.Errorf("the recorded central does not understand: %v", err)
			return
		}
	}
}

func (p *recordedCentral) hear(f []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	m, err := p.z.next(f)
	if err != nil || m == nil {
		return err
	}
	p.heard[wire.Type(m.kind)]++
	switch wire.Type(m.kind) {
	case wire.TypePing:
		pong, err := oldPong(m.payload)
		if err != nil {
			return err
		}
		return p.conn.Write(context.Background(), pong)
	case wire.TypePush:
		var push oldPush
		err = oldDecode(m.payload, &push)
		for _, mut := range push.Mutations {
			p.pushed[mut.ID] = true
		}
	}
	return err
}

func (p *recordedCentral) wait(what string, is func() bool) {
	p.t.Helper()
	under(p.t, &p.mu, what, 30*time.Second, is)
}

// replay says what the recorded central said, each message once the station has
// called for it; write is called where the station's own work is answered next.
func (p *recordedCentral) replay(r *recording, write func()) {
	p.t.Helper()
	calls := map[wire.Type]wire.Type{
		wire.TypeWelcome: wire.TypeHello, wire.TypeChunk: wire.TypeAskChunk, wire.TypeReceipts: wire.TypePush,
		wire.TypeLooksReceived: wire.TypeLooks, wire.TypeHeads: wire.TypeAskHeads, wire.TypeDocument: wire.TypeAskDocument,
	}
	said := map[wire.Type]int{}
	reader := newFrozen(p.t)
	for _, f := range r.frames {
		kind := wire.Type(f.bytes[1])
		if f.toCentral || kind == wire.TypePong || kind == wire.TypeBye {
			continue
		}
		if kind == wire.TypeReceipts || kind == wire.TypeLooksReceived {
			write()
		}
		if call := calls[kind]; call != 0 {
			n := said[kind]
			p.wait(kind.String()+" is called for", func() bool {
				if kind == wire.TypeHeads || kind == wire.TypeDocument {
					return p.heard[call] > n
				}
				return p.heard[call] > 0 && (kind != wire.TypeReceipts || len(p.pushed) >= 4)
			})
		}
		m, err := reader.next(f.bytes)
		check(p.t, err)
		if m != nil {
			said[kind]++
			if kind == wire.TypeBatch && refills(p.t, m) {
				p.wait("a refill is called for", func() bool { return p.heard[wire.TypeAskRefill] > 0 })
			}
		}
		check(p.t, p.conn.Write(context.Background(), f.bytes))
	}
}

func refills(t *testing.T, m *frozenMessage) bool {
	t.Helper()
	var s oldSigned
	var b laterBatch
	check(t, oldDecode(m.payload, &s))
	check(t, oldDecode(s.Body[1:], &b))
	return len(b.Refill) > 0
}

// The central of the second recording against today's station, with its real cache:
// what central sent that evening is taken to the last byte.
func TestTodaysStationUnderstandsTheSecondRecordedCentral(t *testing.T) {
	r := loadRecording(t, secondRecording)
	near, far := wirePair(nil)
	s := recordingStation(t, near, r.fact(t, "journal"))
	p := &recordedCentral{t: t, conn: far, z: newFrozen(t), heard: map[wire.Type]int{}, pushed: map[string]bool{}}
	var group sync.WaitGroup
	group.Go(p.read)
	t.Cleanup(func() {
		_ = far.Close()
		group.Wait()
	})
	p.replay(r, sync.OnceFunc(func() { // as on that evening: the nurse writes when the beginning is over
		check(t, s.cache.Commit(context.Background(), r.offers(t), [][]byte{[]byte(`{"resourceType":"AuditEvent","id":"look1"}`), []byte(`{"resourceType":"AuditEvent","id":"look2"}`)}))
		s.Nudge()
	}))
	want := newLaterStation(t, func(_, _ []byte) error { return nil })
	for _, m := range r.offers(t) {
		sum, err := m.ContentHash()
		check(t, err)
		want.contents[string(m.ID)] = sum
	}
	r.whole(t, false, func(m *frozenMessage) {
		if wire.Type(m.kind) != wire.TypeBye {
			check(t, want.take(m))
		}
	})
	eventually(t, "it stands where the recorded one stood", 20*time.Second, func() bool {
		cur, err := s.cache.Cursor()
		return err == nil && uint64(cur.Position) == want.position
	})
	s.has(t, paperOfTheEvening())
	eventually(t, "all is receipted", 20*time.Second, func() bool { n := s.cache.Count(); return n.Unsent == 0 && n.Looks == 0 })
	check(t, s.cache.View(context.Background(), func(r cache.Reader) error {
		for ref, c := range want.held {
			got, ok, err := r.Current(fhir.Ref{Type: fhir.Type(ref.Type), ID: fhir.ID(ref.ID)})
			if err != nil || !ok || !bytes.Equal(got.Body, c.Body) || uint64(got.Version) != c.Version {
				t.Errorf("%v: held %v, version %d, want %d: %v", ref, ok, got.Version, c.Version, err)
			}
		}
		return nil
	}))
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.link().Refused.Reason != "" || p.heard[wire.TypeAskWhole] > 0 || p.heard[wire.TypeAskRefill] == 0 {
		t.Errorf("refused: %+v; it asked %v", s.link().Refused, p.heard)
	}
}
