package bench

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/json"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"wardlight/internal/central/node"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/join"
	"wardlight/internal/trust/keys"
	"wardlight/sync/client"
	"wardlight/sync/link"
)

// fleet is many light stations in this process: each an enrolled device with
// its own key, certificate and connection and the real sync client, over a
// store that keeps a cursor and nothing else.
type fleet struct {
	stations []*lightStation
	arrived  chan arrival
	group    sync.WaitGroup
	cancel   context.CancelFunc
}

// arrival is a critical result on a station.
type arrival struct {
	result fhir.ID
	at     time.Time
}

// lightStation is one of them. It implements client.Store.
type lightStation struct {
	conf    join.Config
	tls     *tls.Config
	mu      sync.Mutex
	cursor  record.Cursor
	arrived chan<- arrival
	level   atomic.Bool
	seen    map[fhir.ID]bool
}

// enrolMany enrols devices with central's running node, a few at a time, and
// writes nothing to a disk.
func (c *central) enrolMany(ctx context.Context, n int, ward string) (*fleet, error) {
	f := &fleet{arrived: make(chan arrival, 1<<16), stations: make([]*lightStation, n)}
	const atOnce = 4
	errs := make(chan error, atOnce)
	var next atomic.Int64
	for range atOnce {
		go func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					errs <- nil
					return
				}
				s, err := c.enrolLight(ctx, ward)
				if err != nil {
					errs <- err
					return
				}
				s.arrived = f.arrived
				f.stations[i] = s
			}
		}()
	}
	var first error
	for range atOnce {
		first = firstOf(first, <-errs)
	}
	return f, first
}

func (c *central) enrolLight(ctx context.Context, ward string) (*lightStation, error) {
	var code struct {
		Code string `json:"code"`
	}
	order := node.Order{Cmd: "enrol-code", Args: map[string]string{"wards": ward, "new_ward": "true"}, Who: "bench"}
	err := node.Ask(ctx, node.Config{Dir: c.dir}, order, func(line any) error {
		b, err := json.Marshal(line)
		if err != nil {
			return fault.As(fault.Invalid, "bench.enrol", "", err)
		}
		return fault.As(fault.Invalid, "bench.enrol", "", json.Unmarshal(b, &code))
	})
	if err != nil {
		return nil, err
	}
	j, err := join.Enrol(ctx, join.Request{Server: "https://" + c.info.Listen, CAFingerprint: c.info.CA, Code: code.Code, Place: "bench"}, time.Now())
	if err != nil {
		return nil, err
	}
	conf, err := j.Config.TLS(j.Secret)
	return &lightStation{conf: j.Config, tls: conf, seen: map[fhir.ID]bool{}}, err
}

// run connects them all, a few hundred a second. The check of a signature that
// many stations are sent is made once: on a ward each has its own processor.
func (f *fleet) run(ctx context.Context) error {
	ctx, f.cancel = context.WithCancel(ctx)
	var checked sync.Map
	for _, s := range f.stations {
		verify := func(msg, sig []byte) error {
			sum := sha256.Sum256(slices.Concat(sig, msg))
			if err, known := checked.Load(sum); known {
				failed, _ := err.(error)
				return failed
			}
			err := keys.VerifyJournal(s.conf.JournalKey, msg, sig)
			checked.Store(sum, err)
			return err
		}
		c, err := client.NewClient(client.Config{
			Station: s.conf.Station, Servers: s.conf.Servers, Store: s, Program: "wardsim", Verify: verify,
			Dial:    func(ctx context.Context, server string) (client.Conn, error) { return link.Dial(ctx, server, s.tls) },
			Observe: func(l client.LinkState) { s.level.Store(l.CaughtUp) },
		})
		if err != nil {
			return err
		}
		f.group.Go(func() { _ = c.Run(ctx) }) // ends with ctx and for no other reason
		time.Sleep(3 * time.Millisecond)
	}
	return until(ctx, 3*time.Minute, func() bool {
		return !slices.ContainsFunc(f.stations, func(s *lightStation) bool { return !s.level.Load() })
	})
}

func (f *fleet) stop() {
	if f.cancel != nil {
		f.cancel()
	}
	f.group.Wait()
}

// waitFor collects when a result reached each of n stations.
func (f *fleet) waitFor(ctx context.Context, n int, began time.Time) ([]float64, error) {
	var waits []float64
	limit := time.After(30 * time.Second)
	for len(waits) < n {
		select {
		case a := <-f.arrived:
			waits = append(waits, float64(a.at.Sub(began).Microseconds())/1000)
		case <-limit:
			return nil, fault.Newf(fault.Timeout, "bench.w6", "", "a critical result reached %d of %d stations within 30 s", len(waits), n)
		case <-ctx.Done():
			return nil, fault.As(fault.Timeout, "bench.w6", "", ctx.Err())
		}
	}
	return waits, nil
}

func (s *lightStation) take(changes []record.Change) {
	for _, c := range changes {
		if slices.Contains(c.Tags, record.TagCritical) && !s.seen[c.Ref.ID] {
			s.seen[c.Ref.ID] = true
			s.arrived <- arrival{c.Ref.ID, time.Now()}
		}
	}
}

// Cursor implements client.Store.
func (s *lightStation) Cursor() (record.Cursor, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cursor, nil
}

// Land implements client.Store.
func (s *lightStation) Land(_ context.Context, batches []record.Batch, _ []record.Receipt) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range batches {
		if b.From != s.cursor.Position {
			return fault.New(fault.Conflict, "bench.apply", "", "the batch does not begin at the cursor")
		}
		s.cursor = b.Cursor()
		s.take(b.Changes)
	}
	return nil
}

// ApplyChunks implements client.Store.
func (s *lightStation) ApplyChunks(_ context.Context, chunks []record.Chunk) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ch := range chunks {
		if ch.Last {
			s.cursor = ch.At
		}
	}
	return nil
}

// Ahead implements client.Store.
func (s *lightStation) Ahead(_ context.Context, changes []record.Change) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.take(changes)
	return nil
}

// SnapshotState implements client.Store: a light station begins anew.
func (*lightStation) SnapshotState() (snapshot, next string, ok bool, err error) {
	return "", "", false, nil
}

// Unsent implements client.Store: a light station writes nothing.
func (*lightStation) Unsent(uint64, int) ([]record.Mutation, error) { return nil, nil }

// Receipted implements client.Store.
func (*lightStation) Receipted(context.Context, []record.Receipt) error { return nil }

// UnsentLooks implements client.Store.
func (*lightStation) UnsentLooks(uint64, int) ([]record.Look, error) { return nil, nil }

// LooksReceived implements client.Store.
func (*lightStation) LooksReceived(context.Context, uint64) error { return nil }

// Reoffer implements client.Store.
func (*lightStation) Reoffer(context.Context) error { return nil }
