package simtest_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/journal/memjournal"
	"wardlight/internal/central/scope"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
	"wardlight/internal/trust/pki"
	"wardlight/sync/client"
	"wardlight/sync/hub"
	"wardlight/sync/link"
	"wardlight/sync/simtest"
	"wardlight/sync/wire"
)

// locked is a store that a test looks into while a client works.
type locked struct {
	mu sync.Mutex
	s  *simtest.Store
}

func (l *locked) with(fn func(*simtest.Store)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fn(l.s)
}

func (l *locked) Cursor() (c record.Cursor, err error) {
	l.with(func(s *simtest.Store) { c, err = s.Cursor() })
	return c, err
}

func (l *locked) Land(ctx context.Context, batches []record.Batch, receipts []record.Receipt) (err error) {
	l.with(func(s *simtest.Store) { err = s.Land(ctx, batches, receipts) })
	return err
}

func (l *locked) ApplyChunks(ctx context.Context, chunks []record.Chunk) (err error) {
	l.with(func(s *simtest.Store) { err = s.ApplyChunks(ctx, chunks) })
	return err
}

func (l *locked) Ahead(ctx context.Context, changes []record.Change) (err error) {
	l.with(func(s *simtest.Store) { err = s.Ahead(ctx, changes) })
	return err
}

func (l *locked) SnapshotState() (snapshot, next string, ok bool, err error) {
	l.with(func(s *simtest.Store) { snapshot, next, ok, err = s.SnapshotState() })
	return snapshot, next, ok, err
}

func (l *locked) Unsent(after uint64, limit int) (m []record.Mutation, err error) {
	l.with(func(s *simtest.Store) { m, err = s.Unsent(after, limit) })
	return m, err
}

func (l *locked) Receipted(ctx context.Context, rs []record.Receipt) (err error) {
	l.with(func(s *simtest.Store) { err = s.Receipted(ctx, rs) })
	return err
}

func (l *locked) UnsentLooks(after uint64, limit int) (looks []record.Look, err error) {
	l.with(func(s *simtest.Store) { looks, err = s.UnsentLooks(after, limit) })
	return looks, err
}

func (l *locked) HeldVersion(ref fhir.Ref, v record.Version) (b fhir.Resource, err error) {
	l.with(func(s *simtest.Store) { b, err = s.HeldVersion(ref, v) })
	return b, err
}

func (l *locked) LooksReceived(ctx context.Context, upTo uint64) (err error) {
	l.with(func(s *simtest.Store) { err = s.LooksReceived(ctx, upTo) })
	return err
}

func (l *locked) Reoffer(ctx context.Context) (err error) {
	l.with(func(s *simtest.Store) { err = s.Reoffer(ctx) })
	return err
}

func (l *locked) Compare(ctx context.Context, h record.Heads) (differ []fhir.ID, err error) {
	l.with(func(s *simtest.Store) { differ, err = s.Compare(ctx, h) })
	return differ, err
}

func (l *locked) Doubtful() ([]fhir.ID, error) { return nil, nil }

// append1 is a Submitter that appends whatever comes; failing makes it say that
// its disk is full.
type append1 struct {
	j       *memjournal.Journal
	failing atomic.Bool
	looks   atomic.Uint64
	slow    atomic.Int64 // how long the one disk is busy with each
	disk    sync.Mutex
}

func (a *append1) Submit(ctx context.Context, _ record.Peer, m record.Mutation) (r record.Receipt, err error) {
	if a.failing.Load() {
		return r, fault.New(fault.Full, "test.submit", "", "disk full")
	}
	hash, err := m.ContentHash()
	if err != nil {
		return r, err
	}
	if busy := time.Duration(a.slow.Load()); busy > 0 {
		a.disk.Lock()
		time.Sleep(busy)
		a.disk.Unlock()
	}
	e, err := a.j.Update(ctx, func(tx journal.Tx) error {
		old, ok, err := tx.Receipt(m.ID)
		if ok || err != nil {
			r = old
			return err
		}
		if err := tx.Put(record.Change{Ref: m.Ref, Version: 1, Patient: m.Patient, Body: m.Ops[0].Value}); err != nil {
			return err
		}
		r = record.Receipt{Mutation: m.ID, Content: hash, Outcome: record.Applied, Version: 1}
		return tx.Receipted(m, r)
	})
	if r.Position == 0 {
		r.Position = e.Position
	}
	return r, err
}

func (a *append1) Looks(_ context.Context, _ record.Peer, looks []record.Look) (uint64, error) {
	a.looks.Store(looks[len(looks)-1].Seq)
	return looks[len(looks)-1].Seq, nil
}

// house is a central on the loopback interface.
type house struct {
	t       *testing.T
	ca      *pki.CA
	journal *memjournal.Journal
	submit  *append1
	hub     *hub.Hub
	srv     *httptest.Server
	key     keys.JournalKey
	served  atomic.Int64 // connections that got past the handshake
	wards   []record.Ward
}

// openHouse starts central without some capabilities.
func openHouse(t *testing.T, timing hub.Timing, without ...wire.Capability) *house {
	t.Helper()
	return openHouseWith(t, timing, func(c *hub.Config) { c.Without = without })
}

// openHouseWith starts central as a test wants it.
func openHouseWith(t *testing.T, timing hub.Timing, set func(*hub.Config)) *house {
	t.Helper()
	h := &house{t: t, wards: []record.Ward{"4B"}}
	var err error
	h.ca, err = pki.NewCA(time.Now())
	check(t, err)
	h.key, err = keys.NewJournalKey()
	check(t, err)
	epoch, err := journal.NewEpoch(rand.Reader, h.key, record.CauseFirst, "", 0, 1)
	check(t, err)
	h.journal = memjournal.New(memjournal.Options{Epoch: epoch, Now: func() int64 { return time.Now().UnixMilli() }})
	h.submit = &append1{j: h.journal}
	source := scope.New(h.journal, nil)
	conf := hub.Config{
		Source: source, Comparer: source, Submitter: h.submit, Sign: h.key.Sign, Timing: timing,
		Status: func() record.Central {
			return record.Central{Time: time.Now().UnixMilli(), Head: h.journal.Head().Position, Feeds: []record.Feed{{Name: "laboratory", Up: true}}}
		},
	}
	set(&conf)
	h.hub, err = hub.NewHub(conf)
	check(t, err)
	mux := http.NewServeMux()
	mux.Handle(link.Path, link.Handler(context.Background(), func(ctx context.Context, conn *link.Conn, state *tls.ConnectionState, remote string) {
		h.served.Add(1)
		name := state.PeerCertificates[0].Subject.CommonName
		_ = h.hub.Serve(ctx, conn, record.Peer{Device: record.Device{Station: record.StationID(name), Wards: h.wards}, Remote: remote})
	}))
	h.srv = httptest.NewUnstartedServer(mux)
	h.srv.TLS = h.serverTLS(func(id string, _ []byte) error {
		if id == "sshutout" {
			return fault.New(fault.Denied, "test", id, "revoked")
		}
		return nil
	})
	h.srv.StartTLS()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		check(t, h.hub.Stop(ctx))
		h.srv.Close()
	})
	h.put("Patient", "anna", `{"id":"anna","resourceType":"Patient"}`)
	h.put("Encounter", "e1", fmt.Sprintf(`{"extension":[{"url":%q,"valueString":"4B"}],"id":"e1","resourceType":"Encounter","status":"in-progress"}`, fhir.ExtWard))
	return h
}

// serverTLS is central's TLS, which enrols nobody.
func (h *house) serverTLS(station func(string, []byte) error) *tls.Config {
	h.t.Helper()
	s, err := pki.NewServer(pki.ServerConfig{
		Set: pki.Set{Current: h.ca}, Hosts: []string{"127.0.0.1"}, Station: station,
		Enrol: func(string, []byte) error { return fault.New(fault.Denied, "test", "", "no code") },
	})
	check(h.t, err)
	return s.Config()
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (h *house) put(kind fhir.Type, id, body string) {
	h.t.Helper()
	_, err := h.journal.Update(context.Background(), func(tx journal.Tx) error {
		return tx.Put(record.Change{Ref: fhir.Ref{Type: kind, ID: fhir.ID(id)}, Version: 1, Patient: "anna", Body: fhir.Resource(body)})
	})
	check(h.t, err)
}

// head is how far central's journal goes.
func (h *house) head() (at record.Position) {
	h.t.Helper()
	check(h.t, h.journal.View(context.Background(), func(r journal.Reader) error { at = r.Head().Position; return nil }))
	return at
}

// fill puts many results of about 770 bytes, a hundred an entry.
func (h *house) fill(n int) {
	h.t.Helper()
	pad := fmt.Sprintf("%0640d", 0)
	for at := 0; at < n; at += 100 {
		_, err := h.journal.Update(context.Background(), func(tx journal.Tx) error {
			for i := at; i < at+100; i++ {
				id := fmt.Sprintf("o%06d", i)
				body := fmt.Sprintf(`{"id":%q,"note":[{"text":%q}],"resourceType":"Observation","status":"final"}`, id, pad)
				if err := tx.Put(record.Change{Ref: fhir.Ref{Type: fhir.TypeObservation, ID: fhir.ID(id)}, Version: 1, Patient: "anna", Body: fhir.Resource(body)}); err != nil {
					return err
				}
			}
			return nil
		})
		check(h.t, err)
	}
}

// tlsOf is a station's TLS, with a certificate from ca.
func (h *house) tlsOf(ca *pki.CA, name string) *tls.Config {
	h.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(h.t, err)
	spki, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	check(h.t, err)
	der, err := ca.IssueDevice(spki, name, time.Now())
	check(h.t, err)
	return pki.StationTLS(tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, h.ca.Cert)
}

// computer is a running station.
type computer struct {
	*client.Client
	store  *locked
	mu     sync.Mutex
	state  client.LinkState
	states []client.LinkState
}

var quickly = client.Timing{
	Heartbeat: 40 * time.Millisecond, Dead: 400 * time.Millisecond, Greet: 2 * time.Second,
	Quiet: 20 * time.Millisecond, Round: 200 * time.Millisecond,
	BackoffMin: 10 * time.Millisecond, BackoffMax: 100 * time.Millisecond, Refused: 150 * time.Millisecond, HoldFor: 2 * time.Second,
}

func (h *house) station(name string, conf *tls.Config, servers ...string) *computer {
	h.t.Helper()
	return h.run(name, dialling(conf), quickly, nil, servers...)
}

// stationAt is a station with other intervals, by some address. It packs
// nothing, so that what is sent keeps a poor line busy for as long as it looks.
func (h *house) stationAt(name string, timing client.Timing, servers ...string) *computer {
	h.t.Helper()
	return h.run(name, dialling(h.tlsOf(h.ca, name)), timing, []wire.Capability{wire.CapPacked}, servers...)
}

type dial func(ctx context.Context, server string) (client.Conn, error)

func dialling(conf *tls.Config) dial {
	return func(ctx context.Context, server string) (client.Conn, error) { return link.Dial(ctx, server, conf) }
}

func (h *house) run(name string, by dial, timing client.Timing, without []wire.Capability, servers ...string) *computer {
	h.t.Helper()
	return h.runWith(name, by, func(c *client.Config) { c.Timing, c.Without = timing, without }, servers...)
}

// runWith is a station as a test wants it.
func (h *house) runWith(name string, by dial, set func(*client.Config), servers ...string) *computer {
	h.t.Helper()
	c := &computer{store: &locked{s: simtest.NewStore(record.StationID(name))}}
	if len(servers) == 0 {
		servers = []string{h.srv.URL}
	}
	var err error
	conf := client.Config{
		Station: record.StationID(name), Servers: servers, Store: c.store, Checker: c.store, Basis: c.store, Seed: 7, Dial: by,
		Verify: func(msg, sig []byte) error { return keys.VerifyJournal(h.key.Public(), msg, sig) },
		Observe: func(l client.LinkState) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.state = l
			c.states = append(c.states, l)
		},
	}
	set(&conf)
	c.Client, err = client.NewClient(conf)
	check(h.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	group.Go(func() { _ = c.Run(ctx) })
	h.t.Cleanup(func() {
		cancel()
		group.Wait()
	})
	return c
}

func (c *computer) link() client.LinkState {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

// eventually waits for something that comes within some time where nothing else is
// going on. It is a guard against waiting for ever and no mark: a machine that does
// other work, or the race detector, gets six times as long.
func eventually(t *testing.T, what string, within time.Duration, is func() bool) time.Duration {
	t.Helper()
	within *= 6
	for began := time.Now(); ; time.Sleep(2 * time.Millisecond) {
		if is() {
			return time.Since(began)
		}
		if time.Since(began) > within {
			t.Fatalf("not within %v: %s", within, what)
		}
	}
}

func (c *computer) holds(kind fhir.Type, id string) (ok bool) {
	c.store.with(func(s *simtest.Store) { _, ok = s.Held[fhir.Ref{Type: kind, ID: fhir.ID(id)}] })
	return ok
}

func (c *computer) write(text string) (id record.MutationID) {
	c.store.with(func(s *simtest.Store) {
		id = record.MutationOf(s.Station, s.NextSeq())
		body := fmt.Sprintf(`{"id":%q,"resourceType":"Communication","text":%q}`, id, text)
		s.Write(record.Mutation{
			ID: id, Ref: fhir.Ref{Type: fhir.TypeCommunication, ID: fhir.ID(id)}, Patient: "anna",
			Ops: []record.Op{{Kind: record.OpPut, Value: []byte(body)}},
		})
		s.Look([]byte(`{"look":1}`))
	})
	c.Nudge()
	return id
}

func (c *computer) receipted(id record.MutationID) (ok bool) {
	c.store.with(func(s *simtest.Store) { _, ok = s.Receipts()[id] })
	return ok
}
