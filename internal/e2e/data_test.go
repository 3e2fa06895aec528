package e2e_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/interop/hl7"
)

// dataDir is the shared HL7 v2 data, or the test is skipped in words.
func dataDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("WARDLIGHT_TESTDATA")
	if dir == "" {
		dir = filepath.Join(repo, "..", "shared", "data")
	}
	dir = filepath.Join(dir, "hl7v2")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("SKIPPED: the shared HL7 v2 data is not at %s; set WARDLIGHT_TESTDATA to its folder", dir)
	}
	return dir
}

// delivery is one message that was put on the line, and its answer.
type delivery struct {
	file   string
	raw    []byte
	answer string
}

// identity is what makes a message the same message again: sender, control id
// and content with line ends evened out. It is worked out here by rules of the
// test's own.
func (d delivery) identity() string {
	even := bytes.ReplaceAll(bytes.ReplaceAll(d.raw, []byte("\r\n"), []byte("\r")), []byte("\n"), []byte("\r"))
	even = bytes.TrimRight(even, "\r")
	return fmt.Sprintf("%x", sha256.Sum256(even))
}

// TestEveryMessageOfTheSharedData sends everything that real senders and
// broken ones left us, twice.
func TestEveryMessageOfTheSharedData(t *testing.T) {
	dir := dataDir(t)
	w := newWorld(t, t.TempDir(), "--processing-ids", "P,T,D")

	first := w.feedData(dir)
	rows := w.rows()
	t.Logf("%d messages sent, %d rows: %v", len(first), len(rows), fates(rows))
	if len(first) < 440 {
		t.Fatalf("only %d messages were found in %s", len(first), dir)
	}
	w.oneRowEach(first, rows)
	before := w.export()

	second := w.feedData(dir)
	if len(second) != len(first) {
		t.Fatalf("%d deliveries the second time, %d the first", len(second), len(first))
	}
	for i, d := range second {
		if d.answer != first[i].answer {
			t.Errorf("%s: answered %s, the second time %s", d.file, first[i].answer, d.answer)
		}
	}
	again := w.rows()
	if len(again) != len(rows) {
		t.Errorf("%d rows became %d by sending everything again", len(rows), len(again))
	}
	if after := w.export(); after != before {
		t.Error("the record changed by sending everything again: ", firstDifference(before, after))
	}
	w.healthy()
	w.verify()
}

func fates(rows []row) map[string]int {
	n := map[string]int{}
	for _, r := range rows {
		n[r.Fate+" "+r.Answer]++
	}
	return n
}

func firstDifference(a, b string) string {
	as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(as), len(bs)) {
		if as[i] != bs[i] {
			return fmt.Sprintf("resource %d:\n%.600s\n%.600s", i, as[i], bs[i])
		}
	}
	return fmt.Sprintf("%d resources, then %d", len(as), len(bs))
}

// healthy: central still runs and nothing in it broke.
func (w *world) healthy() {
	w.t.Helper()
	if !w.central.Alive() {
		w.t.Error("central has ended")
	}
	if strings.Contains(w.log(), "panic") {
		w.t.Error("central's log speaks of a panic")
	}
}

// feedData sends the folder by wardsim, then what wardsim leaves out: files
// without a message, and captured lines byte for byte.
func (w *world) feedData(dir string) []delivery {
	w.t.Helper()
	raws := map[string][][]byte{}
	var files []string
	check(w.t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files = append(files, name)
		raws[name] = hl7.Messages(b)
		return err
	}))
	lines, stderr, err := w.program("wardsim", "feed", "--mllp", w.ready.MLLP, "--dir", dir)
	if err != nil {
		w.t.Fatalf("wardsim feed: %v\n%s", err, stderr)
	}
	var list []delivery
	for _, sent := range decode[struct {
		File   string
		N      int
		Answer string
	}](w.t, lines) {
		list = append(list, delivery{sent.File, raws[sent.File][sent.N-1], sent.Answer})
	}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f))
		check(w.t, err)
		switch {
		case strings.HasSuffix(f, ".mllp"):
			list = append(list, w.play(f, b)...)
		case strings.HasSuffix(f, ".hl7") && len(raws[f]) == 0:
			list = append(list, w.play(f, append(append([]byte{0x0b}, b...), 0x1c, 0x0d))...)
		}
	}
	return list
}

// play puts bytes on a line of their own, as captured, and reads what comes
// back until central has no more to say.
func (w *world) play(file string, wire []byte) []delivery {
	w.t.Helper()
	c, err := net.Dial("tcp", w.ready.MLLP)
	check(w.t, err)
	defer c.Close()
	sent := make(chan error, 1)
	go func() {
		_, err := c.Write(wire)
		if err == nil {
			err = c.(*net.TCPConn).CloseWrite()
		}
		sent <- err
	}()
	var answers []string
	dec := hl7.NewDecoder(bufio.NewReader(c), 0)
	check(w.t, c.SetReadDeadline(time.Now().Add(60*time.Second)))
	for {
		f, err := dec.Next()
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		check(w.t, err)
		m, err := hl7.Parse(f.Message)
		check(w.t, err)
		answers = append(answers, m.Get("MSA-1").Text())
	}
	check(w.t, <-sent)
	var list []delivery
	for i, raw := range frames(wire) {
		d := delivery{file: file, raw: raw, answer: "closed"}
		if i < len(answers) {
			d.answer = answers[i]
		}
		list = append(list, d)
	}
	if len(answers) > len(list) {
		w.t.Errorf("%s: %d answers to %d messages", file, len(answers), len(list))
	}
	return list
}

// frames are the messages on a line as MLLP defines them, by rules of the
// test's own: from the last 0x0B before it to 0x1C 0x0D. What does not end is
// one, too, with its 0x0B: it is not the message that it might have become.
func frames(wire []byte) [][]byte {
	var list [][]byte
	for {
		start := bytes.IndexByte(wire, 0x0b)
		if start < 0 {
			return list
		}
		wire = wire[start+1:]
		end := bytes.Index(wire, []byte{0x1c, 0x0d})
		if end < 0 {
			return append(list, append([]byte{0x0b}, wire...))
		}
		body := wire[:end]
		list = append(list, body[bytes.LastIndexByte(body, 0x0b)+1:])
		wire = wire[end+2:]
	}
}

// oneRowEach holds what was sent against the rows: exactly one for each
// message, with its answer, and the very bytes.
func (w *world) oneRowEach(sent []delivery, rows []row) {
	w.t.Helper()
	byRaw := map[string]row{}
	for _, r := range rows {
		if other, twice := byRaw[r.Raw]; twice {
			w.t.Errorf("rows %s and %s are of the same bytes", other.ID, r.ID)
		}
		byRaw[r.Raw] = r
		if r.Fate != "filed" && r.Fate != "duplicate" && (r.Reason == "" || r.Owner == "") {
			w.t.Errorf("row %s: %s, without a reason or somebody who can act", r.ID, r.Fate)
		}
	}
	groups := map[string][]delivery{}
	var order []string
	for _, d := range sent {
		id := d.identity()
		if groups[id] == nil {
			order = append(order, id)
		}
		groups[id] = append(groups[id], d)
	}
	used := map[string]bool{}
	for _, id := range order {
		w.oneRow(groups[id], byRaw, used)
	}
	for _, r := range rows {
		if !used[r.ID] {
			w.t.Errorf("row %s (control id %q, %s) is of nothing that was sent", r.ID, r.ControlID, r.Fate)
		}
	}
}

// oneRow: all deliveries of one message share one row.
func (w *world) oneRow(same []delivery, byRaw map[string]row, used map[string]bool) {
	w.t.Helper()
	var mine []row
	for _, d := range same {
		if r, ok := byRaw[fmt.Sprintf("%x", sha256.Sum256(d.raw))]; ok && !slices.Contains(mine, r) {
			mine = append(mine, r)
		}
	}
	if len(mine) != 1 {
		w.t.Errorf("%s: %d rows for one message (sent %d times)", same[0].file, len(mine), len(same))
		return
	}
	r := mine[0]
	used[r.ID] = true
	for _, d := range same {
		if d.answer != r.Answer {
			w.t.Errorf("%s: answered %q, its row says %q", d.file, d.answer, r.Answer)
		}
	}
	if r.Answer == "closed" && !strings.Contains(w.log(), r.ID) {
		w.t.Errorf("%s: the line was closed on it, and the log does not say so", same[0].file)
	}
	if r.Copies != len(same)-1 {
		w.t.Errorf("%s: sent %d times, the row counts %d copies", same[0].file, len(same), r.Copies)
	}
	raw := w.held(r.ID)
	if fmt.Sprintf("%x", sha256.Sum256(raw)) != r.Raw {
		w.t.Errorf("%s: the raw bytes are not those that came", same[0].file)
	}
}
