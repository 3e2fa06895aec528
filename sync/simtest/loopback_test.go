package simtest_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/pki"
	"wardlight/sync/client"
	"wardlight/sync/hub"
	"wardlight/sync/link"
	"wardlight/sync/simtest"
	"wardlight/sync/wire"
)

// These tests run both halves over real TLS and real websockets on the loopback
// interface, with the journal and the stores in memory and all times shortened.

func TestTwoStationsOverRealConnections(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	t.Run("story", func(t *testing.T) {
		h := openHouse(t, hub.Timing{Idle: 20 * time.Millisecond})
		a := h.station("sa", h.tlsOf(h.ca, "sa"))
		b := h.station("sb", h.tlsOf(h.ca, "sb"))
		eventually(t, "both are filled", 5*time.Second, func() bool {
			return a.holds("Patient", "anna") && b.holds("Patient", "anna") && a.link().CaughtUp
		})
		id := a.write("offline or not")
		eventually(t, "the note reaches the other station", 5*time.Second, func() bool { return b.holds("Communication", string(id)) })
		eventually(t, "the receipt is stored, and the look is there", 5*time.Second, func() bool { return a.receipted(id) && h.submit.looks.Load() == 1 })
		if !a.holds("Communication", string(id)) {
			t.Error("the receipt was stored before the note came back: it would have flickered")
		}
		eventually(t, "the clock is measured", 5*time.Second, func() bool { return a.link().Measured })
		if l := a.link(); l.Offset > 50*time.Millisecond || l.Offset < -50*time.Millisecond || len(l.Central.Feeds) != 1 {
			t.Errorf("offset %v, feeds %v", l.Offset, l.Central.Feeds)
		}
		a.Disconnect()
		eventually(t, "it is disconnected", time.Second, func() bool { return !a.link().Connected && a.link().Off })
		id = a.write("while cut off")
		h.put("Observation", "k", `{"id":"k","resourceType":"Observation","status":"final"}`)
		eventually(t, "the other goes on", 5*time.Second, func() bool { return b.holds("Observation", "k") })
		if a.receipted(id) || a.holds("Observation", "k") {
			t.Error("something passed a link that is off")
		}
		a.Connect()
		eventually(t, "it catches up", 5*time.Second, func() bool { return a.receipted(id) && a.holds("Observation", "k") })
		if list := h.hub.Sessions(); len(list) != 2 || list[0].Station != "sa" {
			t.Errorf("sessions: %+v", list)
		}
	})
}

// What a full disk at central stops is the way up alone; and what was offered
// meanwhile is offered again, in order.
func TestCentralsFullDiskStopsOnlyTheWayUp(t *testing.T) {
	h := openHouse(t, hub.Timing{Retry: 30 * time.Millisecond})
	a := h.station("sa", h.tlsOf(h.ca, "sa"))
	eventually(t, "it is connected", 5*time.Second, func() bool { return a.link().CaughtUp })
	h.submit.failing.Store(true)
	first, second := a.write("one"), a.write("two")
	h.put("Observation", "k", `{"id":"k","resourceType":"Observation","status":"final"}`)
	eventually(t, "results still come", 5*time.Second, func() bool { return a.holds("Observation", "k") })
	if a.receipted(first) || !a.link().Connected {
		t.Error("a receipt came for what was not stored, or the link was cut")
	}
	h.submit.failing.Store(false)
	eventually(t, "both are receipted", 5*time.Second, func() bool { return a.receipted(first) && a.receipted(second) })
}

func TestAStrangerGetsNoByte(t *testing.T) {
	h := openHouse(t, hub.Timing{})
	other, err := pki.NewCA(time.Now())
	check(t, err)
	addr := h.srv.Listener.Addr().String()
	for name, conf := range map[string]*tls.Config{
		"a certificate of another authority": h.tlsOf(other, "sa"),
		"no certificate":                     {RootCAs: h.tlsOf(h.ca, "sa").RootCAs, MinVersion: tls.VersionTLS13},
		"a computer that was shut out":       h.tlsOf(h.ca, "sshutout"),
	} {
		if _, err := link.Dial(context.Background(), h.srv.URL, conf); !fault.Is(err, fault.Denied) {
			t.Errorf("%s: dial gives %v, want denied", name, err)
		}
		conf = conf.Clone()
		conf.ServerName = "127.0.0.1"
		raw, err := tls.Dial("tcp", addr, conf)
		if err == nil { // in TLS 1.3 the refusal comes after the client's side is done
			_, _ = io.WriteString(raw, "GET "+link.Path+" HTTP/1.1\r\nHost: x\r\n\r\n")
			_ = raw.SetReadDeadline(time.Now().Add(3 * time.Second))
			if n, err := raw.Read(make([]byte, 1)); n != 0 || err == nil {
				t.Errorf("%s: was served %d bytes", name, n)
			}
			_ = raw.Close()
		}
	}
	old := h.tlsOf(h.ca, "sa")
	old.MinVersion, old.MaxVersion, old.ServerName = tls.VersionTLS12, tls.VersionTLS12, "127.0.0.1"
	if raw, err := tls.Dial("tcp", addr, old); err == nil {
		_ = raw.Close()
		t.Error("TLS 1.2 was spoken")
	}
	if h.served.Load() != 0 {
		t.Errorf("%d strangers got past the handshake", h.served.Load())
	}
}

// The other way round: a station says nothing to a server that is not its
// central, and says why on the screen.
func TestAStationDoesNotSpeakToAStrangersServer(t *testing.T) {
	h := openHouse(t, hub.Timing{})
	other, err := pki.NewCA(time.Now())
	check(t, err)
	conf := h.tlsOf(h.ca, "sa")
	conf.RootCAs = x509.NewCertPool()
	conf.RootCAs.AddCert(other.Cert)
	a := h.station("sa", conf)
	eventually(t, "the reason is shown", 5*time.Second, func() bool { return a.link().Refused.Reason == "certificate" })
	if h.served.Load() != 0 || a.link().Connected {
		t.Error("it spoke to a server that it does not trust")
	}
}

// raw is a connection on which a test says what it likes.
func (h *house) raw(name string) *link.Conn {
	h.t.Helper()
	conn, err := link.Dial(context.Background(), h.srv.URL, h.tlsOf(h.ca, name))
	check(h.t, err)
	h.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// lastWord reads to the end and returns central's bye.
func lastWord(t *testing.T, conn *link.Conn) *wire.Bye {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	in := wire.Assembler{Limit: wire.MaxToStation}
	for {
		f, err := conn.Read(ctx)
		if err != nil {
			t.Fatalf("no bye came: %v", err)
		}
		m, _, err := in.Next(f)
		check(t, err)
		if bye, ok := m.(*wire.Bye); ok {
			return bye
		}
	}
}

func TestCentralAnswersRubbishWithAWord(t *testing.T) {
	h := openHouse(t, hub.Timing{})
	hello, err := wire.Split(&wire.Hello{Capabilities: wire.Capabilities(), Station: "sa"}, 0)
	check(t, err)
	newer := append([]byte(nil), hello[0]...)
	newer[0] = 9
	unknown := append([]byte(nil), hello[0]...)
	unknown[1] = 77
	foreign, err := wire.Split(&wire.Hello{Capabilities: wire.Capabilities(), Station: "sb"}, 0)
	check(t, err)
	old, err := wire.Split(&wire.Hello{Station: "sa"}, 0)
	check(t, err)
	early, err := wire.Split(&wire.Applied{Position: 3}, 0)
	check(t, err)
	for name, c := range map[string]struct {
		frame  []byte
		reason wire.Reason
	}{
		"garbled":                   {[]byte("this is no frame at all"), wire.ByeVersion}, // its first byte is no version we know
		"cut short":                 {hello[0][:len(hello[0])-2], wire.ByeProtocol},
		"another protocol version":  {newer, wire.ByeVersion},
		"an unknown message":        {unknown, wire.ByeVersion},
		"another station's name":    {foreign[0], wire.ByeDenied},
		"no capabilities in common": {old[0], wire.ByeVersion},
		"not a hello first":         {early[0], wire.ByeProtocol},
	} {
		conn := h.raw("sa")
		check(t, conn.Write(context.Background(), c.frame))
		if bye := lastWord(t, conn); bye.Reason != c.reason || bye.Words == "" {
			t.Errorf("%s: bye %v %q, want %v", name, bye.Reason, bye.Words, c.reason)
		}
	}
	if conn := h.raw("sa"); conn.Write(context.Background(), make([]byte, wire.MaxFrame+1)) == nil {
		if _, err := conn.Read(context.Background()); err == nil {
			t.Error("a frame over the limit was taken")
		}
	}
}

// impostor serves stations with whatever a test wants to send.
func (h *house) impostor(frames func(welcome *wire.Welcome) [][]byte) string {
	h.t.Helper()
	srv := httptest.NewUnstartedServer(link.Handler(context.Background(), func(ctx context.Context, conn *link.Conn, _ *tls.ConnectionState, _ string) {
		if _, err := conn.Read(ctx); err != nil {
			return
		}
		for _, f := range frames(&wire.Welcome{Capabilities: wire.Capabilities(), Epoch: h.journal.Epoch(), Head: h.journal.Head(), Mode: wire.ModeSnapshot, PushWindow: 8}) {
			if conn.Write(ctx, f) != nil {
				return
			}
		}
		for {
			if _, err := conn.Read(ctx); err != nil {
				return
			}
		}
	}))
	srv.TLS = h.serverTLS(func(string, []byte) error { return nil })
	srv.StartTLS()
	h.t.Cleanup(srv.Close)
	return srv.URL
}

func split(m wire.Message) []byte {
	f, err := wire.Split(m, 0)
	if err != nil {
		panic(err)
	}
	return f[0]
}

func TestAStationUsesNothingThatCentralDidNotSign(t *testing.T) {
	h := openHouse(t, hub.Timing{})
	forged := record.Chunk{Snapshot: "x", Last: true, At: h.journal.Head(), Station: "sa", Changes: []record.Change{{
		Ref: fhir.Ref{Type: fhir.TypeAllergyIntolerance, ID: "none"}, Version: 1, Patient: "anna", Body: fhir.Resource(`{"id":"none"}`),
	}}}
	for name, c := range map[string]struct {
		frames func(w *wire.Welcome) [][]byte
		reason string
	}{
		"a forged chunk": {func(w *wire.Welcome) [][]byte {
			m, err := wire.SealChunk(forged, 0, false, func(msg []byte) []byte { return make([]byte, 64) })
			check(t, err)
			return [][]byte{split(w), split(m)}
		}, "signature"},
		"a forged epoch": {func(w *wire.Welcome) [][]byte {
			w.Epoch.Cause = record.CauseRestored
			return [][]byte{split(w)}
		}, "signature"},
		"a newer protocol": {func(w *wire.Welcome) [][]byte {
			f := split(w)
			f[0] = 2
			return [][]byte{f}
		}, "version"},
	} {
		a := h.station("sa", h.tlsOf(h.ca, "sa"), h.impostor(c.frames))
		eventually(t, name+": the reason is shown", 5*time.Second, func() bool { return a.link().Refused.Reason == c.reason })
		if a.holds(fhir.TypeAllergyIntolerance, "none") {
			t.Errorf("%s: it was used", name)
		}
		if a.link().Refused.Words == "" {
			t.Errorf("%s: no words for a person", name)
		}
	}
}

// proxy passes bytes until it is told to hold still: the connection stays open,
// and nothing passes.
type proxy struct {
	ln    net.Listener
	still atomic.Bool
	mu    sync.Mutex
	conns []net.Conn
}

func newProxy(t *testing.T, to string) *proxy {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	p := &proxy{ln: ln}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			in, err := ln.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				_ = in.Close()
				continue
			}
			p.mu.Lock()
			p.conns = append(p.conns, in, out)
			p.mu.Unlock()
			group.Go(func() { p.pass(in, out) })
			group.Go(func() { p.pass(out, in) })
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		p.mu.Lock()
		for _, c := range p.conns {
			_ = c.Close()
		}
		p.mu.Unlock()
		group.Wait()
	})
	return p
}

func (p *proxy) pass(to io.Writer, from io.Reader) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		if !p.still.Load() {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
	}
}

func TestAHalfOpenConnectionIsNoticedOnBothSides(t *testing.T) {
	h := openHouse(t, hub.Timing{Heartbeat: 40 * time.Millisecond, Dead: 400 * time.Millisecond})
	p := newProxy(t, h.srv.Listener.Addr().String())
	a := h.station("sa", h.tlsOf(h.ca, "sa"), "https://"+p.ln.Addr().String(), h.srv.URL)
	eventually(t, "it is connected through the proxy", 5*time.Second, func() bool { return a.link().CaughtUp })
	if len(h.hub.Sessions()) != 1 {
		t.Fatal("no session")
	}
	since := h.hub.Sessions()[0].Since
	time.Sleep(600 * time.Millisecond)
	if !a.link().Connected || h.hub.Sessions()[0].Since != since {
		t.Fatal("a living connection was given up")
	}
	p.still.Store(true)
	// Dead is 8 s outside of tests; here it is a twentieth of that.
	took := eventually(t, "the station notices", 2*time.Second, func() bool { return !a.link().Connected || a.link().Server == h.srv.URL })
	if took > 500*time.Millisecond {
		t.Logf("it took %v", took)
	}
	eventually(t, "it goes by the other address", 5*time.Second, func() bool { return a.link().CaughtUp && a.link().Server == h.srv.URL })
	eventually(t, "central has dropped the old session", 8*time.Second, func() bool {
		list := h.hub.Sessions()
		return len(list) == 1 && list[0].Since != since
	})
	h.put("Observation", "k", `{"id":"k","resourceType":"Observation","status":"final"}`)
	eventually(t, "results come by the new way", 5*time.Second, func() bool { return a.holds("Observation", "k") })
}

func TestCentralDropsAHalfOpenStation(t *testing.T) {
	h := openHouse(t, hub.Timing{Heartbeat: 40 * time.Millisecond, Dead: 300 * time.Millisecond})
	conn := h.raw("sa")
	check(t, conn.Write(context.Background(), split(&wire.Hello{Capabilities: wire.Capabilities(), Station: "sa"})))
	eventually(t, "the session is there", time.Second, func() bool { return len(h.hub.Sessions()) == 1 })
	began := time.Now()
	for { // it reads, and never answers
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		_, err := conn.Read(ctx)
		cancel()
		if err != nil {
			break
		}
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("given up after %v, want about 300ms", took)
	}
}

func TestARevokedStationIsCutOff(t *testing.T) {
	h := openHouse(t, hub.Timing{})
	a := h.station("sa", h.tlsOf(h.ca, "sa"))
	eventually(t, "it is connected", time.Minute, func() bool { return a.link().CaughtUp })
	h.hub.Drop("sa")
	// It may be connected again by the time that anybody looks: what it was told is kept.
	eventually(t, "it is told why", time.Minute, func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		return slices.ContainsFunc(a.states, func(l client.LinkState) bool { return !l.Connected && l.Refused.Reason == "denied" })
	})
}

func TestTheNewestConnectionOfAStationIsTheOnlyOne(t *testing.T) {
	h := openHouse(t, hub.Timing{})
	first := h.raw("sa")
	check(t, first.Write(context.Background(), split(&wire.Hello{Capabilities: wire.Capabilities(), Station: "sa"})))
	eventually(t, "the session is there", time.Second, func() bool { return len(h.hub.Sessions()) == 1 })
	second := h.raw("sa")
	check(t, second.Write(context.Background(), split(&wire.Hello{Capabilities: wire.Capabilities(), Station: "sa"})))
	if bye := lastWord(t, first); bye.Reason != wire.ByeReplaced {
		t.Errorf("the first is told %v", bye.Reason)
	}
}

// A first filling of 20,000 results, with all the sync engine does and no disk.
func TestAFirstFillingIsQuick(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a moment")
	}
	h := openHouse(t, hub.Timing{})
	const n = 20_000
	h.fill(n)
	began := time.Now()
	a := h.station("sa", h.tlsOf(h.ca, "sa"))
	eventually(t, "it is filled", 30*time.Second, func() bool { return a.link().CaughtUp })
	took := time.Since(began)
	var held int
	a.store.with(func(s *simtest.Store) { held = len(s.Held) })
	t.Logf("%d resources in %v: %.0f a second", held, took, float64(held)/took.Seconds())
	if held != n+2 {
		t.Errorf("%d resources are held, want %d", held, n+2)
	}
	seen := false
	a.mu.Lock()
	for _, s := range a.states {
		seen = seen || s.Snapshot.Active && s.Snapshot.Done > 0 && s.Snapshot.Total > s.Snapshot.Done
	}
	a.mu.Unlock()
	if !seen {
		t.Error("no progress was shown")
	}
}
