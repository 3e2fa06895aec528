package mllpd_test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wardlight/internal/central/mllpd"
	"wardlight/internal/clinical/record"
	"wardlight/internal/interop/hl7"
)

// What senders do to a line.

func TestTwoFramesInOnePacket(t *testing.T) {
	l := open(t, nil).dial()
	l.write(append(frame(adt("A01", "1", "20261121081000", pid, visit)), frame(adt("A08", "2", "20261121091000", pid, visit))...))
	for _, want := range []string{"1", "2"} {
		if a := l.answer(); a == nil || a.Get("MSA-2").Text() != want {
			t.Fatalf("the answer to %s is missing or out of order", want)
		}
	}
	if !l.quiet() {
		t.Error("one answer too many")
	}
}

func TestAByteAtATime(t *testing.T) {
	d := open(t, nil)
	l := d.dial()
	for _, b := range frame(adt("A01", "1", "20261121081000", pid, visit)) {
		l.write([]byte{b})
	}
	if a := l.answer(); a == nil || a.Get("MSA-1").Text() != "AA" || len(d.rows()) != 1 {
		t.Error("a slow sender was not understood")
	}
}

func TestNoiseBetweenFrames(t *testing.T) {
	d := open(t, nil)
	l := d.dial()
	l.write([]byte("noise\r\n\x1c\r"))
	l.write(append(frame(adt("A01", "1", "20261121081000", pid, visit)), "more\n"...))
	l.write(frame(adt("A08", "2", "20261121091000", pid, visit)))
	if first, second := l.answer(), l.answer(); first == nil || second == nil || len(d.rows()) != 2 {
		t.Error("noise swallowed a message")
	}
}

func TestASecondStartBeginsAnew(t *testing.T) {
	d := open(t, nil)
	l := d.dial()
	whole := adt("A01", "1", "20261121081000", pid, visit)
	l.write(append([]byte{0x0B}, whole[:90]...))
	l.write(frame(whole))
	if a := l.answer(); a == nil || a.Get("MSA-1").Text() != "AA" || !l.quiet() || len(d.rows()) != 1 {
		t.Errorf("%d rows", len(d.rows()))
	}
	if !strings.Contains(d.log.String(), "cut off by the start of the next") {
		t.Error("the log does not say that something was cut off")
	}
}

// A frame without its end is never a message, even when all of the message is
// in it: the sender has no answer and sends it again, and then it counts.
func TestAFrameThatNeverEnds(t *testing.T) {
	whole := adt("A01", "1", "20261121081000", pid, visit)
	for _, how := range []string{"silence", "hang up"} {
		d := open(t, func(c *mllpd.Config) { c.FrameTimeout = 150 * time.Millisecond })
		l, began := d.dial(), time.Now()
		l.write(append([]byte{0x0B}, whole...))
		if how == "hang up" {
			if err := l.net.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
		}
		if a := l.answer(); a != nil {
			t.Fatalf("%s: it was answered %q", how, a.Raw())
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("%s: a silent sender held its line for %v", how, took)
		}
		rows := d.rows()
		if len(rows) != 1 || rows[0].Fate != record.FateRefused || rows[0].Answer != "closed" || rows[0].ControlID != "1" || d.state() != "" {
			t.Fatalf("%s: rows %+v", how, rows)
		}
		kept := d.raw.kept[rows[0].Raw]
		if !bytes.Equal(kept, append([]byte{0x0B}, whole...)) {
			t.Errorf("%s: its bytes are not kept as they came", how)
		}
		if f := d.s.Translate(kept, "", noon); f.Inbound.ID != rows[0].ID || len(f.Groups) != 0 {
			t.Errorf("%s: a restored central would file it", how)
		}
		if a := d.dial().send(whole); a == nil || a.Get("MSA-1").Text() != "AA" || len(d.rows()) != 2 || d.state() == "" {
			t.Errorf("%s: the whole message was taken for the half one", how)
		}
	}
}

// A sender that drips bytes for ever is cut off too.
func TestADrippingSender(t *testing.T) {
	d := open(t, func(c *mllpd.Config) { c.FrameTimeout = 40 * time.Millisecond })
	l := d.dial()
	l.write([]byte{0x0B})
	ended := make(chan bool)
	go func() {
		for range 400 {
			if _, err := l.net.Write([]byte("x")); err != nil {
				break
			}
			time.Sleep(15 * time.Millisecond)
		}
		close(ended)
	}()
	began := time.Now()
	if l.answer() != nil {
		t.Error("it was answered")
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it held its line for %v", took)
	}
	<-ended
}

func TestAnOversizeMessage(t *testing.T) {
	d := open(t, func(c *mllpd.Config) { c.MaxBytes = 2000 })
	for range 2 {
		l := d.dial()
		go func() {
			_, _ = l.net.Write(frame(append(adt("A01", "1", "20261121081000", pid, visit), bytes.Repeat([]byte("x"), 1<<20)...)))
		}()
		if l.answer() != nil {
			t.Error("it was answered")
		}
	}
	rows := d.rows()
	if len(rows) != 1 || rows[0].Fate != record.FateRefused || rows[0].Answer != "closed" || !strings.Contains(rows[0].Reason, "127.0.0.1") {
		t.Errorf("rows %+v", rows)
	}
	if a := d.dial().send(adt("A01", "2", "20261121081000", pid, visit)); a == nil {
		t.Error("other senders are hindered")
	}
}

func TestAnIdleLineIsClosed(t *testing.T) {
	d := open(t, func(c *mllpd.Config) { c.IdleTimeout = 80 * time.Millisecond })
	if d.dial().answer() != nil || len(d.rows()) != 0 {
		t.Error("silence was answered")
	}
}

func TestTooManyLines(t *testing.T) {
	var refused atomic.Int32
	d := open(t, func(c *mllpd.Config) {
		c.MaxConns = 2
		c.Refused = func(r mllpd.Refusal) {
			if r.Why == mllpd.NoRoom && strings.HasPrefix(r.Remote, "127.0.0.1:") {
				refused.Add(1)
			}
		}
	})
	one, two := d.dial(), d.dial()
	one.send(adt("A01", "1", "20261121081000", pid, visit))
	two.send(adt("A08", "2", "20261121091000", pid, visit))
	if d.dial().answer() != nil {
		t.Error("a third line was taken")
	}
	for end := time.Now().Add(time.Minute); refused.Load() == 0 && time.Now().Before(end); { // a line is ended before it is told of
		time.Sleep(time.Millisecond)
	}
	if refused.Load() != 1 {
		t.Errorf("%d refusals were told of", refused.Load())
	}
	_ = one.net.Close()
	for range 1500 {
		l := d.dial()
		l.write(frame(adt("A08", "3", "20261121092000", pid, visit)))
		if a := l.answer(); a != nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Error("a line that ended makes no room")
}

// One sender that waits for the store does not keep another waiting.
func TestLinesDoNotWaitForEachOther(t *testing.T) {
	hold, held := make(chan bool), make(chan bool, 1)
	d := open(t, nil)
	var begun atomic.Bool
	d.files.set(func() error {
		if begun.CompareAndSwap(false, true) {
			held <- true
			<-hold
		}
		return nil
	})
	slow, quick := d.dial(), d.dial()
	slow.write(frame(adt("A01", "1", "20261121081000", pid, visit)))
	<-held
	if a := quick.send(adt("A08", "2", "20261121091000", pid, visit)); a == nil || a.Get("MSA-2").Text() != "2" {
		t.Error("the quick one waits for the slow one")
	}
	close(hold)
	if a := slow.answer(); a == nil || a.Get("MSA-2").Text() != "1" {
		t.Error("the slow one was forgotten")
	}
}

// A sender that floods, without waiting for an answer, on every line that it can
// get, delays only itself: another is answered at once, and still gets a line.
func TestAFloodDelaysOnlyItsSender(t *testing.T) {
	d := open(t, func(c *mllpd.Config) { c.MaxConns, c.PerHost = 4, 3 })
	d.files.set(func() error { time.Sleep(5 * time.Millisecond); return nil })
	for i := range 3 {
		l := d.dial()
		go func() {
			for n := range 400 {
				_ = l.net.SetWriteDeadline(time.Now().Add(10 * time.Second))
				if _, err := l.net.Write(frame(adt("A08", fmt.Sprintf("f%d-%d", i, n), "20261121091000", pid, visit))); err != nil {
					return // the test is over
				}
			}
		}()
	}
	time.Sleep(50 * time.Millisecond)
	if d.dial().answer() != nil {
		t.Error("one address got every line")
	}
	c, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}).Dial("tcp", d.addr)
	if err != nil {
		t.Skip("this machine has one loopback address")
	}
	defer func() { _ = c.Close() }()
	other := &line{T: t, net: c, dec: hl7.NewDecoder(c, 0)}
	began := time.Now()
	if a := other.send(adt("A08", "x", "20261121091000", pid, visit)); a == nil || a.Get("MSA-2").Text() != "x" {
		t.Error("the other sender was not answered")
	}
	if took, behind := time.Since(began), len(d.rows()); behind > 900 {
		t.Errorf("the other sender waited %v, behind %d messages", took, behind)
	}
}

// A batch is its messages, each answered and filed on its own.
func TestABatchInOneFrame(t *testing.T) {
	d := open(t, nil)
	l := d.dial()
	batch := slices.Concat([]byte("FHS|^~\\&|PAS\rBHS|^~\\&|PAS\r"), adt("A01", "1", "20261121081000", pid, visit),
		adt("A99", "2", "20261121091000", pid), adt("A08", "3", "20261121092000", pid, visit), []byte("BTS|3\rFTS|1\r"))
	l.write(frame(batch))
	for _, want := range []string{"1 AA", "2 AR", "3 AA"} {
		if a := l.answer(); a == nil || a.Get("MSA-2").Text()+" "+a.Get("MSA-1").Text() != want {
			t.Fatalf("want %s", want)
		}
	}
	if !l.quiet() || len(d.rows()) != 3 {
		t.Errorf("%d rows", len(d.rows()))
	}
}

// What has no header cannot be answered: it has its row, and the line is closed.
func TestGarbageInAFrame(t *testing.T) {
	d := open(t, nil)
	for _, garbage := range []string{"", "PID|1||7", "\x00\xff\xfe", strings.Repeat("A", 100_000)} {
		if a := d.dial().send([]byte(garbage)); a != nil {
			t.Errorf("%.10q was answered %q", garbage, a.Raw())
		}
	}
	if rows := d.rows(); len(rows) != 4 {
		t.Errorf("%d rows", len(rows))
	}
	if !strings.Contains(d.log.String(), "no header to answer") {
		t.Error("the log does not say why the line was closed")
	}
}

// Every real message, over a real socket: one answer or a logged close, one row
// each, raw bytes kept, and a second sending changes nothing.
func TestEveryRealMessageOverTheSocket(t *testing.T) {
	dir := dataDir(t)
	d := open(t, nil)
	type sent struct{ file, answer string }
	var first []sent
	send := func() []sent {
		var list []sent
		l := d.dial()
		err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
			if err != nil || e.IsDir() || strings.Contains(path, "licences") || strings.HasSuffix(path, ".md") {
				return err
			}
			if strings.HasSuffix(path, ".json") || strings.HasSuffix(path, ".fhir") || strings.HasSuffix(path, ".yml") {
				return nil
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, msg := range messages(data) {
				a := l.send(msg)
				if a == nil {
					list = append(list, sent{filepath.Base(path), "closed"})
					l = d.dial()
					continue
				}
				list = append(list, sent{filepath.Base(path), a.Get("MSA-1").Text() + " " + a.Get("MSA-2").Text() + " " + a.Get("ERR-3.1").Text()})
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if !l.quiet() {
			t.Error("one answer too many")
		}
		return list
	}
	first = send()
	rows, state := d.rows(), d.state()
	if len(first) < 440 {
		t.Errorf("only %d messages were found", len(first))
	}
	copies := 0
	for _, row := range rows {
		copies += 1 + row.Copies
		if _, ok := d.raw.kept[row.Raw]; !ok {
			t.Errorf("%s: raw bytes are not kept", row.ID)
		}
	}
	if copies != len(first) {
		t.Errorf("%d messages, %d rows with their copies", len(first), copies)
	}
	again := send()
	if !slices.Equal(first, again) {
		for i := range first {
			if first[i] != again[i] {
				t.Errorf("%s: %s, then %s", first[i].file, first[i].answer, again[i].answer)
			}
		}
	}
	if n := len(d.rows()); n != len(rows) || d.state() != state {
		t.Errorf("a second sending changed something: %d rows, then %d", len(rows), n)
	}
	fates := map[record.Fate]int{}
	for _, row := range rows {
		fates[row.Fate]++
		if (row.Fate == record.FateRefused || row.Fate == record.FateQuarantined) && (row.Reason == "" || row.Owner == "") {
			t.Errorf("%s is %s without a reason or an owner", row.ID, row.Fate)
		}
	}
	t.Logf("%d messages, %d rows: %v", len(first), len(rows), fates)
}

// Captured lines, byte for byte as they went over the wire.
func TestCapturedLines(t *testing.T) {
	dir := dataDir(t)
	for _, c := range []struct {
		file            string
		answers, closed int
	}{
		{"malformed/30-framing-in-data.mllp", 2, 0},
		{"malformed/31-frame-without-end.mllp", 0, 1},
		{"malformed/32-two-starts.mllp", 1, 0},
		{"streams/simhospital-burst.mllp", 108, 0},
		{"streams/simhospital-aki.mllp", 85, 0},
	} {
		d := open(t, func(c *mllpd.Config) { c.FrameTimeout = 300 * time.Millisecond })
		data, err := os.ReadFile(filepath.Join(dir, c.file))
		if err != nil {
			t.Fatal(err)
		}
		l := d.dial()
		go func() { _, _ = l.net.Write(data) }() // a line that is closed fails to take the rest
		for i := range c.answers {
			if l.answer() == nil {
				t.Fatalf("%s: closed after %d answers", c.file, i)
			}
		}
		if !l.quiet() {
			t.Errorf("%s: one answer too many", c.file)
		}
		if c.closed > 0 && l.answer() != nil {
			t.Errorf("%s: half a message was answered", c.file)
		}
		messages := 0
		for _, row := range d.rows() {
			messages += 1 + row.Copies
		}
		if messages != c.answers+c.closed {
			t.Errorf("%s: %d rows with their copies for %d messages", c.file, messages, c.answers+c.closed)
		}
	}
}
