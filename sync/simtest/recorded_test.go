package simtest_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/journal/memjournal"
	"wardlight/internal/central/scope"
	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/station/cache"
	"wardlight/internal/trust/keys"
	"wardlight/sync/client"
	"wardlight/sync/hub"
	"wardlight/sync/simtest"
	"wardlight/sync/wire"
)

var newRecording = flag.String("record", "", "record today's station and central into a new file of this name; an existing one is never replaced")

// firstRecording is of the programs of 28 November 2026, which name the
// capabilities 1 to 3 and know no compression.
const firstRecording = "2026-11-28-capabilities-1-3.session"

const recordedStation = record.StationID("srecorded2222")

// hospital is the central of the recording: real journal, scope, submit, hub.
type hospital struct {
	t       *testing.T
	key     keys.JournalKey
	journal *memjournal.Journal
	submit  *submit.Submitter
	hub     *hub.Hub
	peer    record.Peer
}

func openHospital(t *testing.T, device []byte, more ...func(*hub.Config)) *hospital {
	t.Helper()
	h := &hospital{t: t}
	var err error
	h.key, err = keys.NewJournalKey()
	check(t, err)
	epoch, err := journal.NewEpoch(rand.Reader, h.key, record.CauseFirst, "", 0, 1)
	check(t, err)
	h.journal = memjournal.New(memjournal.Options{Epoch: epoch, Now: func() int64 { return time.Now().UnixMilli() }})
	h.submit = submit.New(submit.Options{Journal: h.journal, Now: time.Now})
	h.peer = record.Peer{Remote: "recorded", Device: record.Device{
		Station: recordedStation, Wards: []record.Ward{"4B"}, Place: "Ward 4B, computer 1", Key: device, KeyID: keys.KeyID(device),
	}}
	setup := record.Author{Sender: "setup"}
	check(t, h.submit.PutAccount(context.Background(), setup, record.Account{User: "grace", Name: "Grace Mensah", Role: "nurse", Wards: []record.Ward{"4B"}}))
	check(t, h.submit.PutDevice(context.Background(), setup, h.peer.Device))
	conf := hub.Config{
		Source: scope.New(h.journal, nil), Submitter: h.submit, Sign: h.key.Sign, Program: "wardlightd test",
		Timing: hub.Timing{Heartbeat: 200 * time.Millisecond, Idle: 20 * time.Millisecond},
		Status: func() record.Central {
			return record.Central{Time: time.Now().UnixMilli(), Head: h.journal.Head().Position, Feeds: []record.Feed{{Name: "laboratory", Up: true}}}
		},
	}
	for _, add := range more {
		add(&conf)
	}
	h.hub, err = hub.NewHub(conf)
	check(t, err)
	for _, b := range wardOfThe28th() {
		h.put(b)
	}
	return h
}

// wardOfThe28th is what central holds before the session begins: what every
// program knows, an element that none of them does, and a resource type that
// no released program has heard of.
func wardOfThe28th() []string {
	return []string{
		`{"birthDate":"1951-03-02","id":"anna","name":[{"family":"Adeyemi","given":["Anna"]}],"resourceType":"Patient"}`,
		`{"extension":[{"url":"` + fhir.ExtWard + `","valueString":"4B"}],"id":"stay1","resourceType":"Encounter","status":"in-progress","subject":{"reference":"Patient/anna"}}`,
		`{"clinicalStatus":{"coding":[{"code":"active"}]},"code":{"text":"penicillin"},"criticality":"low","id":"allergy1","patient":{"reference":"Patient/anna"},"resourceType":"AllergyIntolerance"}`,
		`{"code":{"text":"Sodium"},"id":"lab1","ofTomorrow":{"depth":[1.10,{"x":"ÅΩ"}]},"resourceType":"Observation","status":"final","subject":{"reference":"Patient/anna"},"valueQuantity":{"unit":"mmol/L","value":139}}`,
		`{"holds":[{"a":1},{"b":[true,null,"\u0000"]}],"id":"new1","resourceType":"HolographicFinding","subject":{"reference":"Patient/anna"}}`,
	}
}

// put appends one resource as the hospital's systems would, as its next version.
func (h *hospital) put(body string, tags ...string) record.Change {
	h.t.Helper()
	ref, err := fhir.Resource(body).Ref()
	check(h.t, err)
	c := record.Change{Ref: ref, Version: 1, Patient: "anna", Body: fhir.Resource(body), Tags: tags, Author: record.Author{Sender: "LAB"}}
	e, err := h.journal.Update(context.Background(), func(tx journal.Tx) error {
		if old, ok, err := tx.Current(ref); err != nil {
			return err
		} else if ok {
			c.Version = old.Version + 1
		}
		return tx.Put(c)
	})
	check(h.t, err)
	c.Position = e.Position
	return c
}

// serve runs a session of the recorded station over an end of a line.
func (h *hospital) serve(conn hub.Conn) {
	var group sync.WaitGroup
	group.Go(func() { _ = h.hub.Serve(context.Background(), conn, h.peer) })
	h.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = h.hub.Stop(ctx)
		_ = conn.Close()
		group.Wait()
	})
}

// signed is a mutation as the recorded station's desk writes it.
func signed(t *testing.T, key keys.DeviceKey, seq uint64, ref fhir.Ref, base record.Version, ops ...record.Op) record.Mutation {
	t.Helper()
	m := record.Mutation{
		ID: record.MutationOf(recordedStation, seq), Ref: ref, Patient: "anna", Base: base, Clock: record.HLC{Wall: time.Now().UnixMilli()},
		Author: record.Author{User: "grace", Station: recordedStation}, Ops: ops, KeyID: key.ID(),
		Times: record.Times{Station: time.Now().UnixMilli()},
	}
	msg, err := m.SigningBytes()
	check(t, err)
	m.Sig, err = key.Sign(msg)
	check(t, err)
	return m
}

// shift is what a nurse writes in the session: vital signs, an allergy made
// more severe, a note with an element that nobody knows, and what she has taken.
func shift(t *testing.T, key keys.DeviceKey) []record.Mutation {
	t.Helper()
	put := func(seq uint64, kind fhir.Type, rest string) record.Mutation {
		id := record.MutationOf(recordedStation, seq)
		body, err := fhir.Canonical([]byte(fmt.Sprintf(`{%s"id":%q,"resourceType":%q}`, rest, id, kind)))
		check(t, err)
		return signed(t, key, seq, fhir.Ref{Type: kind, ID: fhir.ID(id)}, 0, record.Op{Kind: record.OpPut, Value: body})
	}
	return []record.Mutation{
		put(1, fhir.TypeObservation, `"category":[{"coding":[{"code":"vital-signs","system":"`+fhir.SystemObservationCat+`"}]}],"code":{"text":"pulse"},"status":"final","subject":{"reference":"Patient/anna"},"valueInteger":88,`),
		signed(t, key, 2, fhir.Ref{Type: fhir.TypeAllergyIntolerance, ID: "allergy1"}, 1, record.Op{Kind: record.OpSet, Field: "criticality", Value: []byte(`"high"`)}),
		put(3, fhir.TypeCommunication, `"payload":[{"contentString":"slept well"}],"status":"completed","subject":{"reference":"Patient/anna"},"ofTomorrow":{"n":1.50},`),
		put(4, fhir.TypeTask, `"code":{"coding":[{"code":"acknowledge","system":"`+fhir.SystemTaskCode+`"}]},"focus":{"reference":"Observation/lab1"},"for":{"reference":"Patient/anna"},"intent":"order","status":"completed",`),
	}
}

// TestRecord makes a recording, where -record names one: the real station, with
// its encrypted cache, and the real central, with journal, scope and submit.
func TestRecord(t *testing.T) {
	if *newRecording == "" {
		t.Skip("records only with -record NAME")
	}
	path := filepath.Join(recordedDir, *newRecording)
	if _, err := os.Stat(path); err == nil {
		t.Fatal("this recording exists; recordings are never made again")
	}
	device, err := keys.NewDeviceKey(rand.Reader)
	check(t, err)
	h := openHospital(t, device.Public(), theEvening)
	h.evening()
	r := &recording{
		notes: []string{
			"One session between the station and central of this day, both directions, recorded at the",
			"frames below TLS by TestRecord (go test ./sync/simtest -run TestRecord -record NAME): the real",
			"cache, client, hub, scope, submit and journal. The keys were made for it. Never made again.",
			fmt.Sprintf("recorded %s; capabilities %v", time.Now().UTC().Format(time.DateOnly), wire.Capabilities()),
		},
		facts: map[string]string{
			"station": string(recordedStation), "device": hex.EncodeToString(device.Public()), "journal": hex.EncodeToString(h.key.Public()),
		},
	}
	var mu sync.Mutex
	began := time.Now()
	near, far := wirePair(func(toCentral bool, f []byte) {
		mu.Lock()
		r.frames = append(r.frames, recordedFrame{time.Since(began), toCentral, f})
		mu.Unlock()
		time.Sleep(time.Duration(len(f)) * time.Second / recordedRate)
	})
	h.serve(far)
	s := recordingStation(t, near, h.key.Public())
	eventually(t, "a first chunk is there", 30*time.Second, func() bool { return s.link().Snapshot.Done > 0 })
	h.put(criticalOfTheEvening, record.TagCritical)
	eventually(t, "it is filled", 60*time.Second, func() bool { return s.link().CaughtUp })
	muts := shift(t, device)
	check(t, s.cache.Commit(context.Background(), muts, [][]byte{[]byte(`{"resourceType":"AuditEvent","id":"look1"}`), []byte(`{"resourceType":"AuditEvent","id":"look2"}`)}))
	s.Nudge()
	eventually(t, "all is receipted", 30*time.Second, func() bool { n := s.cache.Count(); return n.Unsent == 0 && n.Looks == 0 })
	for _, more := range h.whatTheEveningBrings() {
		more()
		eventually(t, "it is level", 30*time.Second, func() bool {
			cur, err := s.cache.Cursor()
			return err == nil && cur.Position == h.journal.Head().Position
		})
	}
	s.has(t, paperOfTheEvening())
	eventually(t, "a patient was compared, differed and was refilled", 30*time.Second, func() bool {
		mu.Lock()
		defer mu.Unlock()
		return slices.ContainsFunc(r.frames, func(f recordedFrame) bool { return f.bytes[1] == byte(wire.TypeAskRefill) })
	})
	h.put(`{"code":{"text":"Potassium"},"id":"lab2","resourceType":"Observation","status":"final","subject":{"reference":"Patient/anna"},"valueQuantity":{"unit":"mmol/L","value":6.8}}`, record.TagCritical)
	eventually(t, "it caught up, and has heard a pong", 30*time.Second, func() bool {
		cur, err := s.cache.Cursor()
		return err == nil && cur.Position == h.journal.Head().Position && s.link().Measured
	})
	s.Disconnect()
	eventually(t, "it has said goodbye", 5*time.Second, func() bool { return s.link().Off && !s.link().Connected })
	time.Sleep(100 * time.Millisecond)
	mu.Lock()
	defer mu.Unlock()
	check(t, os.WriteFile(path, r.render(), 0o600))
}

// recordedComputer is the recording's station.
type recordedComputer struct {
	*computer
	cache *cache.Cache
}

func recordingStation(t *testing.T, conn client.Conn, journalKey []byte) *recordedComputer {
	t.Helper()
	id, err := keys.NewSealIdentity()
	check(t, err)
	recovery, err := keys.NewSealIdentity()
	check(t, err)
	c, err := cache.Open(context.Background(), cache.Options{
		Dir: t.TempDir(), Key: keys.NewKey(), Station: recordedStation, DeviceSealing: id, RecoveryRecipient: recovery.Recipient(), Reserve: 1 << 20,
	})
	check(t, err)
	t.Cleanup(func() { check(t, c.Close()) })
	verify := func(msg, sig []byte) error { return keys.VerifyJournal(journalKey, msg, sig) }
	return &recordedComputer{cache: c, computer: runStation(t, recordedStation, c, conn, verify, func(conf *client.Config) {
		conf.Archive, conf.Checker, conf.Basis, conf.Shelf = c, c, c, c
	})}
}

// runStation runs today's client over one line and a store.
func runStation(t *testing.T, name record.StationID, store client.Store, conn client.Conn, verify wire.Verify, more ...func(*client.Config)) *computer {
	t.Helper()
	c := &computer{}
	var once sync.Once
	var err error
	conf := client.Config{
		Station: name, Servers: []string{"recorded"}, Store: store, Verify: verify, Seed: 7, Program: "wardlight test",
		Timing: client.Timing{Heartbeat: 200 * time.Millisecond, HoldFor: 2 * time.Second, Quiet: 500 * time.Millisecond},
		First:  func() record.First { return record.First{Wards: []record.Ward{"4B"}} },
		Dial: func(ctx context.Context, _ string) (line client.Conn, err error) {
			once.Do(func() { line = conn })
			if line == nil {
				<-ctx.Done()
				err = ctx.Err()
			}
			return line, err
		},
		Observe: func(l client.LinkState) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.state = l
		},
	}
	for _, add := range more {
		add(&conf)
	}
	c.Client, err = client.NewClient(conf)
	check(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	group.Go(func() { _ = c.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		group.Wait()
	})
	return c
}

// The recorded station against today's central: everything that it uploads is
// taken and receipted, and it understands every frame that it is sent.
func TestTheRecordedStationIsServedByTodaysCentral(t *testing.T) {
	r := loadRecording(t, firstRecording)
	for name, capabilities := range map[string][]wire.Capability{
		"as it was":        {1, 2, 3},
		"an older station": {1},
	} {
		t.Run(name, func(t *testing.T) {
			h := openHospital(t, r.fact(t, "device"))
			near, far := wirePair(nil)
			h.serve(far)
			p := &oldStation{t: t, conn: near, verify: func(msg, sig []byte) error { return keys.VerifyJournal(h.key.Public(), msg, sig) }}
			offered := p.replay(r, capabilities, h)
			if len(offered) != 4 {
				t.Fatalf("the recording offers %d mutations, want 4", len(offered))
			}
			for _, m := range offered {
				got, ok := p.receipts[m.ID]
				want, err := m.ContentHash()
				check(t, err)
				if !ok || record.Hash(got.Content) != want || got.Outcome != uint8(record.Applied) {
					t.Errorf("%s: receipt %+v", m.ID, got)
				}
			}
			if p.looksTo != 2 {
				t.Errorf("audit events are taken up to %d, want 2", p.looksTo)
			}
			p.holdsEverything(h)
		})
	}
}

// The recorded central against today's station: what central sent that day is
// taken to the last byte, and today's station says nothing that it would not
// have understood.
func TestTodaysStationUnderstandsTheRecordedCentral(t *testing.T) {
	r := loadRecording(t, firstRecording)
	journalKey := r.fact(t, "journal")
	near, far := wirePair(nil)
	store := &locked{s: simtest.NewStore(recordedStation)}
	for _, m := range r.mutations(t) {
		store.with(func(s *simtest.Store) { s.Write(m) })
	}
	store.with(func(s *simtest.Store) {
		s.Look([]byte(`{"id":"look1"}`))
		s.Look([]byte(`{"id":"look2"}`))
	})
	c := runStation(t, recordedStation, store, near, func(msg, sig []byte) error { return keys.VerifyJournal(journalKey, msg, sig) })
	p := &oldCentral{t: t, conn: far}
	p.replay(r)
	want := r.held(t)
	eventually(t, "it holds all that central sent", 5*time.Second, func() bool {
		held := 0
		store.with(func(s *simtest.Store) {
			for ref, body := range want {
				if got, ok := s.Held[ref]; ok && bytes.Equal(got.Body, body) {
					held++
				}
			}
		})
		return held == len(want)
	})
	eventually(t, "all is receipted", 5*time.Second, func() bool {
		var muts, looks int
		store.with(func(s *simtest.Store) { muts, looks = s.Waiting() })
		return muts == 0 && looks == 0
	})
	if c.link().Refused.Reason != "" || len(want) < 7 {
		t.Errorf("refused: %+v; %d resources", c.link().Refused, len(want))
	}
	if p.offered != 4 {
		t.Errorf("today's station offered %d mutations, want 4", p.offered)
	}
}

// A station of tomorrow names capabilities, members and optional frames that
// this central does not know: they are passed over, and the rest is as ever.
func TestAStationOfTomorrowIsServed(t *testing.T) {
	r := loadRecording(t, firstRecording)
	h := openHospital(t, r.fact(t, "device"))
	near, far := wirePair(nil)
	h.serve(far)
	check(t, near.Write(context.Background(), helloOfTomorrow(t)))
	check(t, near.Write(context.Background(), []byte{1, 200, oldOptional, 0, 0, 0, 0, 2, 1, 0xa0}))
	ask, err := wire.Split(&wire.AskChunk{Credit: 1}, 0)
	check(t, err)
	check(t, near.Write(context.Background(), ask[0]))
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	var got []wire.Type
	for len(got) < 2 {
		f, err := near.Read(ctx)
		check(t, err)
		if kind := wire.Type(f[1]); kind == wire.TypeWelcome || kind == wire.TypeChunk || kind == wire.TypeBye {
			got = append(got, kind)
		}
	}
	if got[0] != wire.TypeWelcome || got[1] != wire.TypeChunk {
		t.Errorf("central answers with %v", got)
	}
}
