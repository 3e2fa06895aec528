package simtest_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/sync/client"
	"wardlight/sync/hub"
	"wardlight/sync/wire"
)

// What a program of 28 November 2026 could read, written down apart from the
// code that goes on changing: a frame that this cannot read, such a program
// cannot read either. Never adapt it to what is sent; adapt what is sent.
type (
	oldRef struct {
		Type string `cbor:"1,keyasint"`
		ID   string `cbor:"2,keyasint"`
	}
	oldCursor struct {
		Epoch    string   `cbor:"1,keyasint"`
		Position uint64   `cbor:"2,keyasint"`
		Chain    [32]byte `cbor:"3,keyasint"`
	}
	oldChange struct {
		Ref     oldRef `cbor:"1,keyasint"`
		Version uint64 `cbor:"2,keyasint"`
		Patient string `cbor:"3,keyasint,omitempty"`
		Body    []byte `cbor:"5,keyasint"`
		History bool   `cbor:"6,keyasint,omitempty"`
	}
	oldBatch struct {
		Epoch   string      `cbor:"1,keyasint"`
		From    uint64      `cbor:"2,keyasint"`
		To      uint64      `cbor:"3,keyasint"`
		Changes []oldChange `cbor:"5,keyasint,omitempty"`
		Station string      `cbor:"8,keyasint"`
	}
	oldChunk struct {
		Changes []oldChange `cbor:"4,keyasint,omitempty"`
		Last    bool        `cbor:"5,keyasint,omitempty"`
		At      oldCursor   `cbor:"6,keyasint"`
		Station string      `cbor:"10,keyasint"`
	}
	oldSigned struct { // batch and chunk
		Body   []byte `cbor:"1,keyasint"`
		Sig    []byte `cbor:"2,keyasint"`
		Number uint32 `cbor:"3,keyasint,omitempty"`
	}
	oldWelcome struct {
		Capabilities []uint16 `cbor:"1,keyasint"`
		Mode         uint8    `cbor:"4,keyasint"`
	}
	oldReceipt struct {
		Mutation string   `cbor:"1,keyasint"`
		Content  [32]byte `cbor:"2,keyasint"`
		Position uint64   `cbor:"3,keyasint"`
		Outcome  uint8    `cbor:"4,keyasint"`
	}
	oldReceipts struct {
		Receipts []oldReceipt `cbor:"1,keyasint,omitempty"`
		Round    uint32       `cbor:"2,keyasint,omitempty"`
	}
	oldLooksReceived struct {
		UpTo uint64 `cbor:"1,keyasint"`
	}
	oldApplied struct {
		Position uint64 `cbor:"1,keyasint"`
	}
	oldAsk struct {
		More bool `cbor:"4,keyasint,omitempty"`
	}
	oldPush struct {
		Mutations []struct {
			ID string `cbor:"1,keyasint"`
		} `cbor:"3,keyasint"`
	}
)

const oldUrgent, oldOptional = 1, 8 // the flags that a whole frame could have

// oldParse takes a frame apart as such a program did; kind 0 is a frame to skip.
func oldParse(f []byte) (kind byte, payload []byte, err error) {
	switch {
	case len(f) < 8 || len(f) > 256<<10 || f[0] != 1 || f[3] != 0:
		return 0, nil, fmt.Errorf("a frame of %d bytes is malformed", len(f))
	case f[2]&^(oldUrgent|oldOptional) != 0:
		return 0, nil, fmt.Errorf("flags %08b of a frame of type %d are not known", f[2], f[1])
	case binary.BigEndian.Uint32(f[4:]) != uint32(len(f)-8):
		return 0, nil, fmt.Errorf("the length of a frame of type %d is wrong", f[1])
	case f[1] == 0 || f[1] > 14:
		if f[2]&oldOptional == 0 {
			return 0, nil, fmt.Errorf("frame type %d is not known and not optional", f[1])
		}
		return 0, nil, nil
	case len(f) < 9 || f[8] != 1:
		return 0, nil, fmt.Errorf("the payload of a frame of type %d has another version", f[1])
	}
	return f[1], f[9:], nil
}

func oldDecode(b []byte, v any) error {
	mode, err := cbor.DecOptions{DupMapKey: cbor.DupMapKeyEnforcedAPF, MaxNestedLevels: 32, IndefLength: cbor.IndefLengthForbidden}.DecMode()
	if err != nil {
		return err
	}
	return mode.Unmarshal(b, v)
}

// oldStation plays the recorded station.
type oldStation struct {
	t      *testing.T
	conn   client.Conn
	verify wire.Verify

	mu       sync.Mutex
	receipts map[record.MutationID]oldReceipt
	held     map[oldRef]oldChange
	looksTo  uint64
	position uint64
	chunks   int
	last     bool
}

// replay sends what the recorded station sent, each frame once what had called
// it forth has come, and returns the mutations that it offered.
func (p *oldStation) replay(r *recording, capabilities []wire.Capability, h *hospital) []record.Mutation {
	p.receipts, p.held = map[record.MutationID]oldReceipt{}, map[oldRef]oldChange{}
	var group sync.WaitGroup
	group.Go(p.read)
	p.t.Cleanup(func() {
		_ = p.conn.Close()
		group.Wait()
	})
	asked := 0
	for _, f := range r.frames {
		if !f.toCentral || f.bytes[1] == byte(wire.TypeBye) {
			continue
		}
		frame := f.bytes
		switch wire.Type(frame[1]) {
		case wire.TypeHello:
			frame = withCapabilities(p.t, frame, capabilities)
		case wire.TypeAskChunk:
			var ask oldAsk
			check(p.t, oldDecode(frame[9:], &ask))
			if ask.More {
				asked++
				p.wait("the next chunk", func() bool { return p.last || p.chunks >= asked })
			}
		case wire.TypeApplied:
			var a oldApplied
			check(p.t, oldDecode(frame[9:], &a))
			if uint64(h.journal.Head().Position) >= a.Position {
				p.wait("what is acknowledged", func() bool { return p.position >= a.Position })
			}
		case wire.TypeLooks:
			p.wait("the beginning's end", func() bool { return p.position > 0 })
		}
		check(p.t, p.conn.Write(context.Background(), frame))
	}
	muts := r.mutations(p.t)
	p.wait("every receipt", func() bool { return len(p.receipts) >= len(muts) && p.looksTo > 0 })
	h.put(`{"code":{"text":"Potassium"},"id":"lab2","resourceType":"Observation","status":"final","subject":{"reference":"Patient/anna"},"valueQuantity":{"unit":"mmol/L","value":6.8}}`, record.TagCritical)
	p.wait("the last result", func() bool { return p.position >= uint64(h.journal.Head().Position) })
	return muts
}

// under waits for what is true of something that a lock guards.
func under(t *testing.T, mu sync.Locker, what string, limit time.Duration, is func() bool) {
	t.Helper()
	eventually(t, what, limit, func() bool {
		mu.Lock()
		defer mu.Unlock()
		return is()
	})
}

func (p *oldStation) wait(what string, is func() bool) {
	p.t.Helper()
	under(p.t, &p.mu, what, 10*time.Second, is)
}

func (p *oldStation) read() {
	for {
		f, err := p.conn.Read(context.Background())
		if err != nil {
			return
		}
		kind, payload, err := oldParse(f)
		if err == nil && kind != 0 {
			p.mu.Lock()
			err = p.take(wire.Type(kind), payload)
			p.mu.Unlock()
		}
		if err != nil {
			p.t.Errorf("the old station does not understand: %v", err)
			return
		}
	}
}

func (p *oldStation) take(kind wire.Type, payload []byte) error {
	switch kind {
	case wire.TypeWelcome:
		var w oldWelcome
		return oldDecode(payload, &w)
	case wire.TypeBatch, wire.TypeChunk:
		var s oldSigned
		if err := oldDecode(payload, &s); err != nil {
			return err
		}
		if err := p.verify(s.Body, s.Sig); err != nil {
			return err
		}
		if kind == wire.TypeChunk {
			return p.chunk(s.Body)
		}
		return p.batch(s.Body)
	case wire.TypeReceipts:
		var rs oldReceipts
		if err := oldDecode(payload, &rs); err != nil {
			return err
		}
		for _, r := range rs.Receipts {
			p.receipts[record.MutationID(r.Mutation)] = r
		}
	case wire.TypeLooksReceived:
		var l oldLooksReceived
		if err := oldDecode(payload, &l); err != nil {
			return err
		}
		p.looksTo = max(p.looksTo, l.UpTo)
	case wire.TypePing:
		return p.pong(payload)
	case wire.TypeStatus, wire.TypePong:
	default:
		return fmt.Errorf("a station does not take %s messages", kind)
	}
	return nil
}

// oldPong answers a ping at once, as every program does.
func oldPong(payload []byte) ([]byte, error) {
	var ping struct {
		ID   uint64 `cbor:"1,keyasint"`
		Wall int64  `cbor:"2,keyasint"`
	}
	if err := oldDecode(payload, &ping); err != nil {
		return nil, err
	}
	body, err := cbor.Marshal(map[int]int64{1: int64(ping.ID), 2: ping.Wall, 3: ping.Wall})
	if err != nil {
		return nil, err
	}
	f := append([]byte{1, byte(wire.TypePong), 0, 0, 0, 0, 0, 0, 1}, body...)
	binary.BigEndian.PutUint32(f[4:], uint32(len(f)-8))
	return f, nil
}

func (p *oldStation) pong(payload []byte) error {
	f, err := oldPong(payload)
	if err != nil || p.conn == nil {
		return err
	}
	return p.conn.Write(context.Background(), f)
}

func (p *oldStation) chunk(body []byte) error {
	var c oldChunk
	if err := oldDecode(body[1:], &c); err != nil {
		return err
	}
	if c.Station != string(recordedStation) {
		return fmt.Errorf("a chunk is for station %q", c.Station)
	}
	p.chunks++
	p.keep(c.Changes)
	if c.Last {
		p.last, p.position = true, c.At.Position
	}
	return nil
}

func (p *oldStation) batch(body []byte) error {
	var b oldBatch
	if err := oldDecode(body[1:], &b); err != nil {
		return err
	}
	if b.Station != string(recordedStation) || b.From != p.position || b.To < b.From {
		return fmt.Errorf("a batch %d to %d for %q does not fit a station at %d", b.From, b.To, b.Station, p.position)
	}
	p.keep(b.Changes)
	p.position = b.To
	return nil
}

func (p *oldStation) keep(changes []oldChange) {
	for _, c := range changes {
		if old, ok := p.held[c.Ref]; !c.History && (!ok || old.Version < c.Version) {
			p.held[c.Ref] = c
		}
	}
}

// holdsEverything holds the station against the journal, body for body.
func (p *oldStation) holdsEverything(h *hospital) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	check(p.t, h.journal.View(context.Background(), func(r journal.Reader) error {
		for c, err := range r.Compartment("anna") {
			if err != nil {
				return err
			}
			n++
			got := p.held[oldRef{string(c.Ref.Type), string(c.Ref.ID)}]
			if sha256.Sum256(got.Body) != sha256.Sum256(c.Body) || got.Version != uint64(c.Version) {
				p.t.Errorf("%s: the station holds version %d as %q", c.Ref, got.Version, got.Body)
			}
		}
		return nil
	}))
	if n != len(p.held) || n < 9 {
		p.t.Errorf("the station holds %d resources, central %d", len(p.held), n)
	}
}

// withCapabilities is a hello that names others.
func withCapabilities(t *testing.T, frame []byte, capabilities []wire.Capability) []byte {
	t.Helper()
	var members map[int]any
	check(t, oldDecode(frame[9:], &members))
	members[1] = capabilities
	mode, err := cbor.CoreDetEncOptions().EncMode()
	check(t, err)
	payload, err := mode.Marshal(members)
	check(t, err)
	out := append(append([]byte(nil), frame[:9]...), payload...)
	binary.BigEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}

// oldCentral plays the recorded central.
type oldCentral struct {
	t    *testing.T
	conn hub.Conn

	mu      sync.Mutex
	heard   map[wire.Type]int
	pushed  map[string]bool
	offered int
}

// replay sends what the recorded central sent, each frame once the station has
// called for it.
func (p *oldCentral) replay(r *recording) {
	p.heard, p.pushed = map[wire.Type]int{}, map[string]bool{}
	var group sync.WaitGroup
	group.Go(p.read)
	p.t.Cleanup(func() {
		_ = p.conn.Close()
		group.Wait()
	})
	for _, f := range r.frames {
		if f.toCentral || f.bytes[1] == byte(wire.TypePong) || f.bytes[1] == byte(wire.TypeBye) {
			continue
		}
		switch wire.Type(f.bytes[1]) {
		case wire.TypeWelcome:
			p.wait("a hello", func() bool { return p.heard[wire.TypeHello] > 0 })
		case wire.TypeChunk:
			p.wait("chunks are asked for", func() bool { return p.heard[wire.TypeAskChunk] > 0 })
		case wire.TypeLooksReceived:
			p.wait("looks", func() bool { return p.heard[wire.TypeLooks] > 0 })
		case wire.TypeReceipts:
			var rs oldReceipts
			check(p.t, oldDecode(f.bytes[9:], &rs))
			p.wait("what is receipted", func() bool {
				for _, r := range rs.Receipts {
					if !p.pushed[r.Mutation] {
						return false
					}
				}
				return true
			})
		}
		check(p.t, p.conn.Write(context.Background(), f.bytes))
	}
}

func (p *oldCentral) wait(what string, is func() bool) {
	p.t.Helper()
	under(p.t, &p.mu, what, 10*time.Second, is)
}

func (p *oldCentral) read() {
	for {
		f, err := p.conn.Read(context.Background())
		if err != nil {
			return
		}
		kind, payload, err := oldParse(f)
		if err == nil && kind == byte(wire.TypePush) {
			var push oldPush
			err = oldDecode(payload, &push)
			p.mu.Lock()
			for _, m := range push.Mutations {
				p.pushed[m.ID] = true
			}
			p.offered = len(p.pushed)
			p.mu.Unlock()
		}
		if err == nil && kind == byte(wire.TypePing) {
			if f, err = oldPong(payload); err == nil {
				err = p.conn.Write(context.Background(), f)
			}
		}
		if err != nil {
			p.t.Errorf("the old central does not understand: %v", err)
			return
		}
		p.mu.Lock()
		p.heard[wire.Type(kind)]++
		p.mu.Unlock()
	}
}

// mutations are what the recorded station offered, read by today's programs.
func (r *recording) mutations(t *testing.T) (muts []record.Mutation) {
	t.Helper()
	for _, f := range r.frames {
		if !f.toCentral || f.bytes[1] != byte(wire.TypePush) {
			continue
		}
		var a wire.Assembler
		msg, _, err := a.Next(f.bytes)
		check(t, err)
		muts = append(muts, msg.(*wire.Push).Mutations...)
	}
	return muts
}

// held is what the recorded central sent: the newest body of each resource.
func (r *recording) held(t *testing.T) map[fhir.Ref]fhir.Resource {
	t.Helper()
	p := &oldStation{t: t, held: map[oldRef]oldChange{}, receipts: map[record.MutationID]oldReceipt{}, verify: func(_, _ []byte) error { return nil }}
	for _, f := range r.frames {
		if kind, payload, err := oldParse(f.bytes); !f.toCentral && kind != 0 {
			check(t, err)
			if wire.Type(kind) != wire.TypeBye {
				check(t, p.take(wire.Type(kind), payload))
			}
		}
	}
	out := map[fhir.Ref]fhir.Resource{}
	for ref, c := range p.held {
		out[fhir.Ref{Type: fhir.Type(ref.Type), ID: fhir.ID(ref.ID)}] = c.Body
	}
	return out
}

// helloOfTomorrow names a capability and a member that nobody knows yet.
func helloOfTomorrow(t *testing.T) []byte {
	t.Helper()
	f, err := wire.Split(&wire.Hello{Station: recordedStation}, 0)
	check(t, err)
	f[0] = withCapabilities(t, f[0], []wire.Capability{1, 2, 3, 9999})
	var members map[int]any
	check(t, oldDecode(f[0][9:], &members))
	members[77] = map[string]any{"of": "tomorrow"}
	mode, err := cbor.CoreDetEncOptions().EncMode()
	check(t, err)
	payload, err := mode.Marshal(members)
	check(t, err)
	out := append(append([]byte(nil), f[0][:9]...), payload...)
	binary.BigEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}
