package node_test

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/central/node"
	"wardlight/internal/interop/hl7"
	"wardlight/internal/trust/keys"
)

// house is one central of a test: its folder, and the running server if there
// is one.
type house struct {
	t     *testing.T
	conf  node.Config
	fp    string
	ready node.Ready
	stop  func()
}

// newHouse makes a central in dir, without starting it.
func newHouse(t *testing.T, dir string) *house {
	t.Helper()
	h := &house{t: t, conf: node.Config{
		Dir: dir, Listen: "127.0.0.1:0", MLLP: "127.0.0.1:0", Secrets: keys.MemorySecrets(), Small: true, Program: "wardlightd test",
	}}
	var err error
	h.fp, err = node.Init(context.Background(), h.conf)
	check(t, err)
	return h
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// serve starts the server; stop ends it.
func (h *house) serve() *house {
	h.t.Helper()
	n, err := node.Open(context.Background(), h.conf)
	check(h.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ready, done := make(chan node.Ready, 1), make(chan error, 1)
	go func() { done <- n.Serve(ctx, func(r node.Ready) { ready <- r }) }()
	select {
	case h.ready = <-ready:
	case err := <-done:
		cancel()
		h.t.Fatal(err)
	}
	h.stop = func() {
		h.stop = func() {}
		cancel()
		if err := <-done; err != nil {
			h.t.Error(err)
		}
		if err := n.Close(); err != nil {
			h.t.Error(err)
		}
	}
	h.t.Cleanup(func() { h.stop() })
	return h
}

type args = map[string]string

// try gives an order as an administrator's program would.
func (h *house) try(cmd string, a args) ([]json.RawMessage, error) {
	var lines []json.RawMessage
	err := node.Ask(context.Background(), h.conf, node.Order{Cmd: cmd, Args: a, Who: "i.admin"}, func(line any) error {
		b, err := json.Marshal(line)
		lines = append(lines, b)
		return err
	})
	return lines, err
}

// ask is try that must succeed.
func (h *house) ask(cmd string, a args) []json.RawMessage {
	h.t.Helper()
	lines, err := h.try(cmd, a)
	if err != nil {
		h.t.Fatalf("%s %v: %v", cmd, a, err)
	}
	return lines
}

func decode[T any](t *testing.T, lines []json.RawMessage) []T {
	t.Helper()
	out := make([]T, len(lines))
	for i, l := range lines {
		if err := json.Unmarshal(l, &out[i]); err != nil {
			t.Fatalf("%v: %.200s", err, l)
		}
	}
	return out
}

func text(lines []json.RawMessage) string {
	var b strings.Builder
	for _, l := range lines {
		b.Write(l)
		b.WriteByte('\n')
	}
	return b.String()
}

// row is what these tests read of an inbound row.
type row struct {
	ID     string `json:"id"`
	Fate   string `json:"fate"`
	Reason string `json:"reason"`
	Owner  string `json:"owner"`
}

func (h *house) rows(cmd string) []row {
	h.t.Helper()
	return decode[row](h.t, h.ask(cmd, nil))
}

// send delivers one message over MLLP and returns MSA-1.
func (h *house) send(segments ...string) string {
	h.t.Helper()
	c, err := net.Dial("tcp", h.ready.MLLP)
	check(h.t, err)
	defer c.Close()
	check(h.t, c.SetDeadline(time.Now().Add(30*time.Second)))
	check(h.t, hl7.NewEncoder(c).Encode([]byte(strings.Join(segments, "\r")+"\r")))
	f, err := hl7.NewDecoder(c, 0).Next()
	check(h.t, err)
	answer, err := hl7.Parse(f.Message)
	check(h.t, err)
	return answer.Get("MSA-1").Text()
}

const patient = `PID|1||9990400016^^^NHS^NH||Aldersey^Wenlock||19500101|F`

func admission(control string) []string {
	return []string{
		`MSH|^~\&|PAS|NORTHFIELD|WARDLIGHT|NORTHFIELD|20261128100000+0000||ADT^A01^ADT_A01|` + control + `|P|2.5.1||||||UNICODE UTF-8`,
		`EVN|A01|20261128100000+0000`, patient,
		`PV1|1|I|4B^B01^01^NORTHFIELD||||||||||||||||V1^^^NORTHFIELD^VN|||||||||||||||||||||||||20261128100000+0000`,
	}
}

func potassium(control, value string) []string {
	return []string{
		`MSH|^~\&|LAB|NORTHFIELD|WARDLIGHT|NORTHFIELD|20261128110000+0000||ORU^R01^ORU_R01|` + control + `|P|2.5.1||||||UNICODE UTF-8`,
		patient, `PV1|1|I|4B`,
		`OBR|1||R` + control + `^LAB|U&E^Electrolytes^L|||20261128104000+0000|||||||||||||||20261128110000+0000|||F`,
		`OBX|1|NM|2823-3^Potassium^LN||` + value + `|mmol/L^mmol/L^UCUM||||||F|||20261128104000+0000`,
	}
}

// deep is a folder whose socket has a path of over 107 bytes.
func deep(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), strings.Repeat("a-very-deep-folder/", 8), "central")
	check(t, os.MkdirAll(filepath.Dir(dir), 0o700))
	if len(dir) < 150 {
		t.Fatalf("the folder's path has only %d bytes", len(dir))
	}
	return dir
}
