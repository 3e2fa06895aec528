package simtest_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/internal/fault"
)

// A recording is one session between a station and central as it went over the
// line: every frame of both directions, in order, with what a replay needs to
// know of the two. It is a text file, so that a review shows what changed:
//
//	# how it was made
//	name value            the station, its keys' public halves, the wards
//	<ms> > <base64>       a frame to central
//	<ms> < <base64>       a frame to the station
//
// Recordings are never made again: each stands for the programs of its day.
type recording struct {
	notes  []string
	facts  map[string]string
	frames []recordedFrame
}

type recordedFrame struct {
	at        time.Duration
	toCentral bool
	bytes     []byte
}

const recordedDir = "testdata/recorded"

func (r *recording) fact(t *testing.T, name string) []byte {
	t.Helper()
	b, err := hex.DecodeString(r.facts[name])
	check(t, err)
	return b
}

func (r *recording) render() []byte {
	var b bytes.Buffer
	for _, n := range r.notes {
		fmt.Fprintf(&b, "# %s\n", n)
	}
	for _, name := range slices.Sorted(maps.Keys(r.facts)) {
		fmt.Fprintf(&b, "%s %s\n", name, r.facts[name])
	}
	for _, f := range r.frames {
		way := "<"
		if f.toCentral {
			way = ">"
		}
		fmt.Fprintf(&b, "%d %s %s\n", f.at.Milliseconds(), way, base64.StdEncoding.EncodeToString(f.bytes))
	}
	return b.Bytes()
}

func loadRecording(t *testing.T, name string) *recording {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(recordedDir, name))
	check(t, err)
	r := &recording{facts: map[string]string{}}
	lines := bufio.NewScanner(bytes.NewReader(b))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		part := strings.Fields(lines.Text())
		switch {
		case len(part) == 0 || part[0] == "#":
		case len(part) == 3:
			var ms int64
			_, err := fmt.Sscan(part[0], &ms)
			check(t, err)
			frame, err := base64.StdEncoding.DecodeString(part[2])
			check(t, err)
			r.frames = append(r.frames, recordedFrame{time.Duration(ms) * time.Millisecond, part[1] == ">", frame})
		default:
			r.facts[part[0]] = part[1]
		}
	}
	check(t, lines.Err())
	return r
}

// wireEnd is one end of a connection in memory.
type wireEnd struct {
	in, out chan []byte
	over    chan struct{} // shared
	once    *sync.Once
	heard   uint64
	note    func(frame []byte) // of what this end sends
}

// wirePair connects two ends; note, where set, sees each frame as it is sent.
func wirePair(note func(toCentral bool, frame []byte)) (station, central *wireEnd) {
	up, down, over, once := make(chan []byte, 4096), make(chan []byte, 4096), make(chan struct{}), &sync.Once{}
	if note == nil {
		note = func(bool, []byte) {}
	}
	station = &wireEnd{in: down, out: up, over: over, once: once, note: func(f []byte) { note(true, f) }}
	central = &wireEnd{in: up, out: down, over: over, once: once, note: func(f []byte) { note(false, f) }}
	return station, central
}

func (e *wireEnd) Read(ctx context.Context) ([]byte, error) {
	select {
	case f := <-e.in:
		e.heard += uint64(len(f))
		return f, nil
	default:
	}
	select {
	case f := <-e.in:
		e.heard += uint64(len(f))
		return f, nil
	case <-e.over:
	case <-ctx.Done():
	}
	return nil, fault.As(fault.Unavailable, "test.read", "", io.EOF)
}

func (e *wireEnd) Write(_ context.Context, frame []byte) error {
	f := bytes.Clone(frame)
	e.note(f)
	select {
	case e.out <- f:
		return nil
	case <-e.over:
		return fault.As(fault.Unavailable, "test.write", "", io.ErrClosedPipe)
	}
}

func (e *wireEnd) Received() uint64 { return 0 }

func (e *wireEnd) Close() error {
	e.once.Do(func() { close(e.over) })
	return nil
}
