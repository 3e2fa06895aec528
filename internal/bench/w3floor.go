package bench

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"path/filepath"
	"slices"
	"time"

	"github.com/dgraph-io/badger/v4"

	"wardlight/internal/fault"
	"wardlight/internal/trust/pki"
	"wardlight/sync/link"
)

// rawDoc is the size of one document of the floors.
const rawDoc = 770

// rawRelay is the floor of W3: what a write from one station through central to
// another takes with nothing of ours on the way. For each of n documents of 770
// bytes, one after the other:
//
//   - it is committed to an encrypted Badger, synced (station A);
//   - it goes over a websocket inside mutual TLS 1.3 on loopback;
//   - who receives it commits it to an encrypted Badger of its own, synced
//     (central), and only then sends it on;
//   - it goes over a second such websocket;
//   - who receives that commits it to a third encrypted Badger, synced
//     (station B), and only then the clock stops.
//
// So it holds three synced commits in sequence to the file system that W3
// itself writes to, and two TLS hops through the kernel, as the path must: A may
// not send what it could lose, central may not pass on what it could lose, and B
// may not show it before it is kept. It holds no signature, no outbox file (a
// second synced write that Wardlight makes on A), no merge, no audit, no index,
// no scope, and no board; and all three are goroutines of this process, where
// W3's central is a process of its own.
func rawRelay(ctx context.Context, dir string, n int) ([]float64, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var stores [3]*rawStore
	for i, name := range []string{"a", "central", "b"} {
		s, err := openRawStore(filepath.Join(dir, "w3-floor-"+name))
		if err != nil {
			return nil, err
		}
		defer func() { _ = s.db.Close() }()
		stores[i] = s
	}
	r := &relay{stores: stores, arrived: make(chan error, 1), accepted: make(chan *link.Conn, 2)}
	ca, err := pki.NewCA(time.Now())
	if err != nil {
		return nil, err
	}
	srv, err := rawServer(ca, func(_ context.Context, conn *link.Conn) {
		r.accepted <- conn
		<-ctx.Done() // pass uses it
	})
	if err != nil {
		return nil, err
	}
	defer srv.Close()
	defer cancel() // before Close, which waits for them
	conf, err := rawClient(ca)
	if err != nil {
		return nil, err
	}
	if err := r.connect(ctx, srv.URL, conf); err != nil {
		return nil, err
	}
	return r.measure(ctx, n)
}

// relay is the two lines and three stores of W3's floor.
type relay struct {
	stores   [3]*rawStore
	accepted chan *link.Conn
	fromA    *link.Conn // A's end of the first line
	arrived  chan error // B has committed one
}

// connect joins the ends. Central's ends of both lines are what the server
// accepts; A writes to its own, and B reads its own.
func (r *relay) connect(ctx context.Context, server string, conf *tls.Config) error {
	var near, far [2]*link.Conn
	for i := range near {
		conn, err := link.Dial(ctx, server, conf)
		if err != nil {
			return err
		}
		near[i], far[i] = conn, <-r.accepted
	}
	r.fromA = near[0]
	go pass(ctx, far[0], r.stores[1], func(doc []byte) error { return far[1].Write(ctx, doc) }, r.arrived)
	go pass(ctx, near[1], r.stores[2], func([]byte) error { r.arrived <- nil; return nil }, r.arrived)
	return nil
}

// pass commits what comes in and hands it on, until the line ends.
func pass(ctx context.Context, from *link.Conn, s *rawStore, on func([]byte) error, failed chan<- error) {
	for {
		doc, err := from.Read(ctx)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			err = s.put(doc)
		}
		if err == nil {
			err = on(doc)
		}
		if err != nil {
			failed <- err
			return
		}
	}
}

func (r *relay) measure(ctx context.Context, n int) ([]float64, error) {
	doc := make([]byte, rawDoc)
	waits := make([]float64, 0, n)
	for range n {
		began := time.Now()
		if err := firstOf(r.stores[0].put(doc), r.fromA.Write(ctx, doc)); err != nil {
			return nil, err
		}
		select {
		case err := <-r.arrived:
			if err != nil {
				return nil, err
			}
		case <-time.After(10 * time.Second):
			return nil, fault.New(fault.Timeout, "bench.floor", "", "a document did not arrive within 10 s")
		}
		waits = append(waits, float64(time.Since(began).Microseconds())/1000)
	}
	return waits, nil
}

// rawStore is an encrypted, synced Badger and nothing else.
type rawStore struct {
	db   *badger.DB
	next uint64
}

func openRawStore(dir string) (*rawStore, error) {
	db, err := badger.Open(rawOptions(dir))
	return &rawStore{db: db}, fault.As(fault.Unavailable, "bench.floor", "", err)
}

func (s *rawStore) put(doc []byte) error {
	s.next++
	key := binary.BigEndian.AppendUint64(nil, s.next)
	err := s.db.Update(func(tx *badger.Txn) error { return tx.Set(key, slices.Clone(doc)) })
	return fault.As(fault.Unavailable, "bench.floor", "", err)
}

// rawOptions are the floors' Badger: encrypted, every commit synced, tables as
// small as a station's.
func rawOptions(dir string) badger.Options {
	return badger.DefaultOptions(dir).WithLogger(nil).WithSyncWrites(true).WithEncryptionKey(make([]byte, 32)).
		WithIndexCacheSize(16 << 20).WithBlockCacheSize(16 << 20).WithMemTableSize(8 << 20).WithValueLogFileSize(32 << 20)
}
