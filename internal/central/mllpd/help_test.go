package mllpd_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/journal/memjournal"
	"wardlight/internal/central/mllpd"
	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/interop/hl7"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// rawLog keeps raw bytes in memory, and in which order things became durable.
type rawLog struct {
	mu    sync.Mutex
	kept  map[[32]byte][]byte
	steps *steps
	fail  error
}

func (r *rawLog) Append(_ context.Context, _ string, raw []byte) ([32]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil {
		return [32]byte{}, r.fail
	}
	h := sha256.Sum256(raw)
	r.kept[h] = bytes.Clone(raw)
	r.steps.add("raw")
	return h, nil
}

// steps records what happened in which order.
type steps struct {
	mu   sync.Mutex
	list []string
}

func (s *steps) add(step string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, step)
}

func (s *steps) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.list, " ")
}

// filer is submit, watched.
type filer struct {
	mllpd.Filer
	steps  *steps
	mu     sync.Mutex
	before func() error // may refuse or wait
}

func (f *filer) set(before func() error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.before = before
}

func (f *filer) File(ctx context.Context, x record.Filing) (record.Inbound, error) {
	f.mu.Lock()
	before := f.before
	f.mu.Unlock()
	if before != nil {
		if err := before(); err != nil {
			return record.Inbound{}, err
		}
	}
	row, err := f.Filer.File(ctx, x)
	if err == nil {
		f.steps.add("filed")
	}
	return row, err
}

// door is a central with a listener, over a journal in memory.
type door struct {
	*testing.T
	s     *mllpd.Server
	j     *memjournal.Journal
	sub   *submit.Submitter
	raw   *rawLog
	files *filer
	steps *steps
	log   *lockedWriter
	addr  string
	stop  func() error // ends Serve and returns its error
}

// open makes a door; change may alter its Config.
func open(t *testing.T, change func(*mllpd.Config)) *door {
	t.Helper()
	loc, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	d := &door{T: t, steps: &steps{}, log: &lockedWriter{}}
	d.j = memjournal.New(memjournal.Options{Now: func() int64 { return noon.UnixMilli() }})
	d.sub = submit.New(submit.Options{Journal: d.j, Now: func() time.Time { return noon }})
	d.raw = &rawLog{kept: map[[32]byte][]byte{}, steps: d.steps}
	d.files = &filer{Filer: d.sub, steps: d.steps}
	c := mllpd.Config{
		Channel: "mllp", Filer: d.files, Raw: d.raw, Now: func() time.Time { return noon }, Location: loc,
		ProcessingIDs: []string{"P", "T", "D"}, FrameTimeout: 5 * time.Second,
		Log: slog.New(slog.NewTextHandler(d.log, nil)),
	}
	if change != nil {
		change(&c)
	}
	d.s = mllpd.New(c)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d.addr = ln.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.s.Serve(ctx, ln) }()
	d.stop = sync.OnceValue(func() error {
		cancel()
		select {
		case err := <-done:
			return err
		case <-time.After(20 * time.Second):
			t.Error("the server does not stop")
			return nil
		}
	})
	t.Cleanup(func() { _ = d.stop() })
	return d
}

type lockedWriter struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedWriter) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *lockedWriter) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

// line is a sender's side of a connection.
type line struct {
	*testing.T
	net net.Conn
	dec *hl7.Decoder
}

func (d *door) dial() *line {
	d.Helper()
	c, err := net.Dial("tcp", d.addr)
	if err != nil {
		d.Fatal(err)
	}
	d.Cleanup(func() { _ = c.Close() })
	return &line{T: d.T, net: c, dec: hl7.NewDecoder(c, 0)}
}

func (l *line) write(b []byte) {
	l.Helper()
	if _, err := l.net.Write(b); err != nil {
		l.Fatal(err)
	}
}

func frame(msg []byte) []byte {
	return append(append([]byte{0x0B}, msg...), 0x1C, 0x0D)
}

// answer waits for one; nil where the line was closed instead.
func (l *line) answer() *hl7.Message {
	l.Helper()
	if err := l.net.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		l.Fatal(err)
	}
	f, err := l.dec.Next()
	if errors.Is(err, io.EOF) || isReset(err) {
		return nil
	}
	if err != nil {
		l.Fatal(err)
	}
	m, err := hl7.Parse(f.Message)
	if err != nil {
		l.Fatalf("the answer cannot be read: %v\n%q", err, f.Message)
	}
	return m
}

func isReset(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "reset") || strings.Contains(err.Error(), "broken pipe"))
}

func (l *line) send(msg []byte) *hl7.Message {
	l.Helper()
	l.write(frame(msg))
	return l.answer()
}

// quiet says that no further answer is on its way.
func (l *line) quiet() bool {
	l.Helper()
	if err := l.net.SetReadDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		l.Fatal(err)
	}
	_, err := l.dec.Next()
	return err != nil
}

func (d *door) rows() []record.Inbound {
	d.Helper()
	var list []record.Inbound
	err := d.j.View(context.Background(), func(r journal.Reader) error {
		for row, err := range r.Inbounds() {
			if err != nil {
				return err
			}
			list = append(list, row)
		}
		return nil
	})
	if err != nil {
		d.Fatal(err)
	}
	return list
}

// state is every current resource, as one text.
func (d *door) state() string {
	d.Helper()
	var list []string
	err := d.j.View(context.Background(), func(r journal.Reader) error {
		for c, err := range r.All("", "") {
			if err != nil {
				return err
			}
			list = append(list, string(c.Body))
		}
		return nil
	})
	if err != nil {
		d.Fatal(err)
	}
	slices.Sort(list)
	return strings.Join(list, "\n")
}

// all are the current resources of one type.
func all[T any](d *door, typ fhir.Type) []T {
	d.Helper()
	var list []T
	err := d.j.View(context.Background(), func(r journal.Reader) error {
		for c, err := range r.All(typ, "") {
			if err != nil {
				return err
			}
			v, err := fhir.View[T](c.Body)
			if err != nil {
				return err
			}
			list = append(list, v)
		}
		return nil
	})
	if err != nil {
		d.Fatal(err)
	}
	return list
}

func lines(l ...string) []byte { return []byte(strings.Join(l, "\r") + "\r") }

// dataDir is the folder of real HL7 v2 messages: below WARDLIGHT_TESTDATA, or
// beside the repository.
func dataDir(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("WARDLIGHT_TESTDATA")
	if dir == "" {
		root, err := filepath.Abs(".")
		if err != nil {
			t.Fatal(err)
		}
		for {
			if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
				break
			}
			if root == filepath.Dir(root) {
				t.Fatal("no go.mod above the test")
			}
			root = filepath.Dir(root)
		}
		dir = filepath.Join(root, "..", "shared", "data")
	}
	dir = filepath.Join(dir, "hl7v2")
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		t.Skipf("no test data at %s; set WARDLIGHT_TESTDATA to run this test", dir)
	}
	return dir
}

// messages are what a sender finds in a file. A file without any goes as it is.
func messages(data []byte) [][]byte {
	if list := hl7.Messages(data); len(list) > 0 {
		return list
	}
	return [][]byte{data}
}
