package bench

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
	"time"

	"wardlight/internal/demo"
	"wardlight/internal/fault"
	"wardlight/internal/interop/hl7"
	"wardlight/internal/trust/pki"
	"wardlight/sync/link"
)

// w6Patients are few: W1 measures the filling, W6 what comes after.
const w6Patients = 4

// criticals is how many critical results W6 sends, one after the other.
const criticals = 20

// W6 is a whole hospital on one node: stations of one ward over real mutual
// TLS, idle, and then critical results over MLLP, each on every screen in
// scope. Memory is central's own, before the stations connected and after.
func W6(ctx context.Context, o Options) (Result, error) {
	c, err := startCentral(ctx, o, "w6")
	if err != nil {
		return nil, err
	}
	defer c.stop()
	if err := c.feed(ctx, w6Patients, 1); err != nil {
		return nil, err
	}
	n := o.Stations
	if n == 0 {
		n = max(10, int(1000*o.Scale))
	}
	f, err := c.enrolMany(ctx, n, "BENCH")
	if err != nil {
		return nil, err
	}
	time.Sleep(idleFor) // enrolment's garbage is not the stations'
	before := memory(c.proc.PID(), "VmRSS")
	began := time.Now()
	defer f.stop()
	if err := f.run(ctx); err != nil {
		return nil, err
	}
	connected := time.Since(began)
	time.Sleep(idleFor)
	after := memory(c.proc.PID(), "VmRSS")
	waits, answered, err := c.criticalsTo(ctx, f)
	if err != nil {
		return nil, err
	}
	p := percentiles(waits)
	r := Result{
		"workload": "W6", "stations": n, "results": criticals, "connect_seconds": round(connected.Seconds()),
		"answer_p50_ms": percentiles(answered)[0], "propagation_p50_ms": p[0], "propagation_p95_ms": p[1], "propagation_p99_ms": p[2],
		"central_kb_per_station": round((after - before) * 1024 / float64(n)), "central_rss_mb": after,
	}
	if o.Floor {
		f.stop()
		floor, err := rawFanOut(ctx, n)
		if err != nil {
			return nil, err
		}
		raw := percentiles(floor)
		r["floor_p50_ms"], r["floor_p99_ms"], r["ratio"] = raw[0], raw[2], round(p[2]/raw[2])
	}
	return r, nil
}

// idleFor is long enough for heartbeats and status to have gone round, and for
// central to have given memory back once.
const idleFor = 22 * time.Second

// criticalsTo sends the results, and returns how long each took to each station,
// and until central had answered the laboratory.
func (c *central) criticalsTo(ctx context.Context, f *fleet) (waits, answered []float64, err error) {
	s := &demo.Sender{Addr: c.info.MLLP}
	defer s.Close()
	for i := range criticals {
		began := time.Now()
		if err := sendOne(ctx, s, criticalPotassium(i)); err != nil {
			return nil, nil, err
		}
		answered = append(answered, float64(time.Since(began).Microseconds())/1000)
		w, err := f.waitFor(ctx, len(f.stations), began)
		if err != nil {
			return nil, nil, err
		}
		waits = append(waits, w...)
		time.Sleep(300 * time.Millisecond)
	}
	return waits, answered, nil
}

func criticalPotassium(i int) []byte {
	b, at := hl7.NewBuilder(), time.Now()
	header(b, "LAB", "ORU", "R01", "ORU_R01", fmt.Sprintf("K%d", i), at)
	person(b, i%w6Patients)
	b.Add("OBR").Set(1, "1").Set(3, fmt.Sprintf("K%d", i), "LAB").Set(4, "K", "Potassium", "L").Set(7, hl7.FormatTime(at)).Set(22, hl7.FormatTime(at)).Set(25, "F")
	b.Add("OBX").Set(1, "1").Set(2, "NM").Set(3, "2823-3", "Potassium", "LN").Set(5, "6.9").Set(6, "mmol/L", "mmol/L", "UCUM").
		Set(7, "3.5-5.3").Set(8, "HH").Set(11, "F").Set(14, hl7.FormatTime(at))
	return b.Bytes()
}

// rawFanOut is the floor of W6: as many mutually authenticated websockets, and
// one document of 2 KB written to each in turn, time after time. It returns how
// long each took to arrive.
func rawFanOut(ctx context.Context, n int) ([]float64, error) {
	ca, err := pki.NewCA(time.Now())
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	var conns []*link.Conn
	srv, err := rawServer(ca, func(ctx context.Context, conn *link.Conn) {
		mu.Lock()
		conns = append(conns, conn)
		mu.Unlock()
		for {
			if _, err := conn.Read(ctx); err != nil {
				return
			}
		}
	})
	if err != nil {
		return nil, err
	}
	defer srv.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	conf, err := rawClient(ca)
	if err != nil {
		return nil, err
	}
	got := make(chan time.Time, n)
	for range n {
		conn, err := link.Dial(ctx, srv.URL, conf)
		if err != nil {
			return nil, err
		}
		go func() {
			for {
				if _, err := conn.Read(ctx); err != nil {
					return
				}
				got <- time.Now()
			}
		}()
	}
	mu.Lock()
	defer mu.Unlock()
	return fanOut(ctx, conns, got)
}

func fanOut(ctx context.Context, conns []*link.Conn, got <-chan time.Time) ([]float64, error) {
	var waits []float64
	doc := make([]byte, 2<<10)
	for range criticals {
		began := time.Now()
		for _, c := range conns {
			if err := c.Write(ctx, doc); err != nil {
				return nil, err
			}
		}
		for range conns {
			select {
			case at := <-got:
				waits = append(waits, float64(at.Sub(began).Microseconds())/1000)
			case <-time.After(10 * time.Second):
				return nil, fault.New(fault.Timeout, "bench.floor", "", "a document did not arrive within 10 s")
			}
		}
	}
	return waits, nil
}

// rawServer accepts websockets inside mutual TLS; a connection is closed when
// serve returns.
func rawServer(ca *pki.CA, serve func(context.Context, *link.Conn)) (*httptest.Server, error) {
	srv := httptest.NewUnstartedServer(link.Handler(context.Background(), func(ctx context.Context, conn *link.Conn, _ *tls.ConnectionState, _ string) {
		serve(ctx, conn)
	}))
	cert, err := ca.IssueServer([]string{"127.0.0.1"}, time.Now())
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AddCert(ca.Cert)
	srv.TLS = &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}
	srv.Config = &http.Server{Handler: srv.Config.Handler, ReadHeaderTimeout: 10 * time.Second}
	srv.StartTLS()
	return srv, nil
}

func rawClient(ca *pki.CA) (*tls.Config, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fault.As(fault.Unavailable, "bench.floor", "", err)
	}
	spki, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return nil, fault.As(fault.Invalid, "bench.floor", "", err)
	}
	der, err := ca.IssueDevice(spki, "floor", time.Now())
	if err != nil {
		return nil, err
	}
	return pki.StationTLS(tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, ca.Cert), nil
}
