package e2e_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/demo"
)

// world is a hospital of one test: a central and what is enrolled with it.
// Keys lie behind a passphrase file unless env brings a keyring.
type world struct {
	t       *testing.T
	dir     string
	secrets []string // the flags that say where keys lie
	env     []string
	flags   []string // further ones of serve
	hosts   []string // further names of central's machine
	lives   places   // who lives in a network of its own; nobody, where it is nil
	central *demo.Process
	net     *demo.Network
	ready   struct {
		Listen string `json:"listen"`
		MLLP   string `json:"mllp"`
		CA     string `json:"ca_fingerprint"`
	}
	starts int
}

// aPassphrase is long enough to be taken, and nobody's.
const aPassphrase = "a passphrase of some length\n"

// newWorld makes a central in dir and starts it.
func newWorld(t *testing.T, dir string, flags ...string) *world {
	t.Helper()
	w := &world{t: t, dir: dir, env: append(os.Environ(), "WARDLIGHT_LANGUAGE=en"), flags: flags}
	w.write("pass", aPassphrase)
	w.secrets = []string{"--passphrase-file", w.path("pass")}
	w.begin()
	return w
}

func (w *world) begin() {
	w.t.Helper()
	for _, d := range []string{"log", "central"} {
		check(w.t, os.MkdirAll(w.path(d), 0o700))
	}
	init := []string{"init"}
	for _, h := range w.hosts {
		init = append(init, "--host", h)
	}
	w.admin(init...)
	w.serve()
	var err error
	w.net, err = demo.NewNetwork(w.ready.Listen)
	check(w.t, err)
	w.t.Cleanup(w.end)
}

func (w *world) end() {
	w.net.Close()
	w.central.Stop(5 * time.Second)
	if w.t.Failed() {
		for _, f := range []string{"central.log", "line.log"} {
			b, _ := os.ReadFile(w.path("log", f)) // for a person, where it is there
			w.t.Logf("%s ends with:\n%s", f, b[max(0, len(b)-3000):])
		}
	}
}

func (w *world) path(parts ...string) string {
	return filepath.Join(append([]string{w.dir}, parts...)...)
}

// write makes a file that only its owner may read.
func (w *world) write(name, text string) string {
	w.t.Helper()
	check(w.t, os.WriteFile(w.path(name), []byte(text), 0o600))
	return w.path(name)
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// program runs one of the programs to its end.
func (w *world) program(name string, args ...string) (lines []json.RawMessage, stderr string, err error) {
	w.t.Helper()
	return w.finish(filepath.Join(bin, name), args...)
}

func (w *world) finish(name string, args ...string) (lines []json.RawMessage, stderr string, err error) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = w.env
	var errText bytes.Buffer
	cmd.Stderr = &errText
	out, err := cmd.Output()
	for line := range bytes.SplitSeq(out, []byte("\n")) {
		if len(bytes.TrimSpace(line)) > 0 {
			lines = append(lines, bytes.Clone(line))
		}
	}
	return lines, errText.String(), err
}

// try runs an administrator's command.
func (w *world) try(args ...string) ([]json.RawMessage, string, error) {
	w.t.Helper()
	return w.program("wardlightd", append(append(args, "--data", w.path("central")), w.secrets...)...)
}

// admin runs an administrator's command that must succeed.
func (w *world) admin(args ...string) []json.RawMessage {
	w.t.Helper()
	lines, stderr, err := w.try(args...)
	if err != nil {
		w.t.Fatalf("wardlightd %s: %v\n%s", strings.Join(args, " "), err, stderr)
	}
	return lines
}

// serve starts central; after the first time on the same addresses.
func (w *world) serve() {
	w.t.Helper()
	listen, mllp := w.lives.address("central"), w.lives.address("central")
	if w.starts++; w.starts > 1 {
		listen, mllp = w.ready.Listen, w.ready.MLLP
	}
	args := append([]string{"serve", "--data", w.path("central"), "--listen", listen, "--mllp", mllp, "--small"}, w.secrets...)
	w.central = w.start("central", "wardlightd", append(args, w.flags...)...)
	p := w.central
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	line, err := p.Line(ctx, func(l []byte) bool { return bytes.Contains(l, []byte(`"ready":true`)) })
	if err != nil {
		b, _ := os.ReadFile(w.path("log", "central.log"))
		w.t.Fatalf("central is not ready: %v\n%s", err, b)
	}
	check(w.t, json.Unmarshal(line, &w.ready))
}

// start starts a program where it lives.
func (w *world) start(name, program string, args ...string) *demo.Process {
	w.t.Helper()
	path, args := w.lives.command(name, filepath.Join(bin, program), args)
	p, err := demo.Start(name, w.path("log"), w.env, path, args...)
	check(w.t, err)
	return p
}

// log is what central said so far.
func (w *world) log() string {
	w.t.Helper()
	b, err := os.ReadFile(w.path("log", "central.log"))
	check(w.t, err)
	return string(b)
}

// ask gives an order to the running central on its socket: for tests that give
// hundreds, for which a process each would take minutes.
func (w *world) ask(cmd string, args map[string]string) []json.RawMessage {
	w.t.Helper()
	c, err := net.Dial("unix", w.path("central", "admin.sock"))
	check(w.t, err)
	defer c.Close()
	check(w.t, json.NewEncoder(c).Encode(map[string]any{"cmd": cmd, "args": args, "who": "e2e"}))
	dec := json.NewDecoder(c)
	var lines []json.RawMessage
	for {
		var r struct {
			Line  json.RawMessage
			Done  bool
			Error *struct{ Kind, Message string }
		}
		check(w.t, dec.Decode(&r))
		if r.Error != nil {
			w.t.Fatalf("%s %v: %s", cmd, args, r.Error.Message)
		}
		if r.Done {
			return lines
		}
		lines = append(lines, r.Line)
	}
}

// row is what the tests read of an inbound row.
type row struct {
	ID        string `json:"id"`
	ControlID string `json:"control_id"`
	Answer    string `json:"answer"`
	Fate      string `json:"fate"`
	Reason    string `json:"reason"`
	Owner     string `json:"owner"`
	Raw       string `json:"raw"`
	Copies    int    `json:"copies"`
}

func (w *world) rows() []row {
	w.t.Helper()
	return decode[row](w.t, w.ask("inbound", nil))
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

// export is every current resource, one a line.
func (w *world) export() string {
	w.t.Helper()
	var b strings.Builder
	for _, l := range w.ask("export", nil) {
		b.Write(l)
		b.WriteByte('\n')
	}
	return b.String()
}

// held is the raw bytes that central keeps of a message.
func (w *world) held(id string) []byte {
	w.t.Helper()
	shown := decode[struct{ Base64 string }](w.t, w.ask("quarantine show", map[string]string{"id": id}))
	b, err := base64.StdEncoding.DecodeString(shown[0].Base64)
	check(w.t, err)
	return b
}

// verify checks the whole chain.
func (w *world) verify() {
	w.t.Helper()
	w.admin("audit", "verify")
}

// Some people, with PINs.
var (
	nurse  = person{"g.mensah", "Grace Mensah", "nurse", "481526"}
	doctor = person{"s.patel", "Sunil Patel", "doctor", "730194"}
)

type person struct{ user, name, role, pin string }

func (w *world) account(p person, wards string) {
	w.t.Helper()
	pin := w.write("pin-"+p.user, p.pin+"\n")
	w.admin("user", "add", p.user, "--full", p.name, "--role", p.role, "--ward", wards, "--pin-file", pin)
}

// enrol makes a folder a station of the wards.
func (w *world) enrol(name, wards string) {
	w.t.Helper()
	code := w.write("code-"+name, string(w.admin("enrol-code", "--ward", wards)[0]))
	check(w.t, os.MkdirAll(w.path(name), 0o700))
	server := w.net.Addr()
	if own := w.lives[name].server; own != "" {
		server = own
	}
	path, args := w.lives.command(name, filepath.Join(bin, "wardlight"), append([]string{
		"enrol", "--data", w.path(name), "--server", "https://" + server,
		"--ca-fingerprint", w.ready.CA, "--code-file", code, "--place", "Computer " + name,
	}, w.secrets...))
	_, stderr, err := w.finish(path, args...)
	if err != nil {
		w.t.Fatalf("%s cannot enrol: %v\n%s", name, err, stderr)
	}
}

// station is an enrolled station without a window.
type station struct {
	*demo.Station
	w *world
}

// open starts a station.
func (w *world) open(name string) *station {
	w.t.Helper()
	s := &station{demo.Drive(w.start(name, "wardlight", append([]string{"headless", "--data", w.path(name)}, w.secrets...)...)), w}
	w.t.Cleanup(func() { s.Stop(3 * time.Second) })
	return s
}

type args = map[string]any

// call gives a command and wants an answer within reason.
func (s *station) call(cmd string, a args, out any) error {
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	defer cancel()
	return s.Call(ctx, cmd, a, out)
}

// do is a command that must succeed; it returns what was made.
func (s *station) do(cmd string, a args) []string {
	s.w.t.Helper()
	var done struct{ Made, Ask []string }
	if err := s.call(cmd, a, &done); err != nil {
		s.w.t.Fatalf("%s on %s: %v", cmd, s.Name, err)
	}
	if len(done.Ask) > 0 {
		s.w.t.Fatalf("%s on %s asks back: %v", cmd, s.Name, done.Ask)
	}
	return done.Made
}

func (s *station) signIn(p person) {
	s.w.t.Helper()
	s.w.await(p.user+" signs in on "+s.Name, 60*time.Second, func() error {
		return s.call("sign_in", args{"user": p.user, "pin": p.pin}, nil)
	})
}

type link struct {
	Connected bool   `json:"connected"`
	Since     string `json:"since"`
	Unsent    int    `json:"unsent"`
	Refused   string `json:"refused"`
	Unreached []struct {
		Ward  string `json:"ward"`
		Count int    `json:"count"`
	} `json:"unreached"`
}

func (s *station) link() link {
	s.w.t.Helper()
	var r struct{ Link link }
	if err := s.call("status", nil, &r); err != nil {
		s.w.t.Fatalf("status of %s: %v", s.Name, err)
	}
	return r.Link
}

// allSent waits until central has receipted everything.
func (s *station) allSent() {
	s.w.t.Helper()
	s.w.await("everything of "+s.Name+" is receipted", 60*time.Second, func() error {
		if l := s.link(); !l.Connected || l.Unsent != 0 {
			return fmt.Errorf("connected %v, %d unsent", l.Connected, l.Unsent)
		}
		return nil
	})
}

// who is a patient on the board.
type who struct {
	ID, Bed, Family, Number string
}

func (s *station) board() []who {
	s.w.t.Helper()
	var r struct{ Patients []struct{ Who who } }
	if err := s.call("patients", nil, &r); err != nil {
		s.w.t.Fatalf("the board of %s: %v", s.Name, err)
	}
	var list []who
	for _, p := range r.Patients {
		list = append(list, p.Who)
	}
	return list
}

// patient waits for somebody to be on the board and returns their id.
func (s *station) patient(family string) string {
	s.w.t.Helper()
	id := ""
	s.w.await("a patient on the board of "+s.Name, 30*time.Second, func() error {
		for _, p := range s.board() {
			if p.Family == family {
				id = p.ID
				return nil
			}
		}
		return fmt.Errorf("not among %d", len(s.board()))
	})
	return id
}

// await asks again until there is no error. It is a guard against waiting for ever and no
// mark: a machine that does other work gets a minute and a half at least.
func (w *world) await(what string, patience time.Duration, ok func() error) {
	w.t.Helper()
	w.within(what, max(patience, 90*time.Second), ok)
}

// within is await where it counts how long it takes.
func (w *world) within(what string, patience time.Duration, ok func() error) {
	w.t.Helper()
	end := time.Now().Add(patience)
	for {
		err := ok()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			w.t.Fatalf("%s: not within %v: %v", what, patience, err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// sender is a line to central's MLLP port, from where central lives.
func (w *world) sender(patient time.Duration) *demo.Sender {
	return &demo.Sender{Addr: w.ready.MLLP, Patient: patient, Dial: w.lives.dial("central")}
}

// send delivers messages one after another and returns the answers.
func (w *world) send(messages ...string) []string {
	w.t.Helper()
	s := w.sender(0)
	defer s.Close()
	var answers []string
	for i, m := range messages {
		sent, err := s.Send(context.Background(), demo.Sending{N: i, Raw: []byte(m)})
		check(w.t, err)
		answers = append(answers, sent.Answer)
	}
	return answers
}

// somebody are the patients of the tests: admitted to ward 4B, one bed each.
var somebody = []struct{ family, given, number, born string }{
	{"Aldersey", "Wenlock", "9990400016", "19500101"},
	{"Birtwistle", "Odalys", "9990400024", "19610202"},
	{"Cholmondeley", "Perpetua", "9990400032", "19720303"},
}

func stamp(ago time.Duration) string {
	return time.Now().UTC().Add(-ago).Format("20060102150405") + "+0000"
}

// admission brings patient n to ward 4B.
func admission(n int) string {
	p := somebody[n]
	return strings.Join([]string{
		`MSH|^~\&|PAS|NORTHFIELD|WARDLIGHT|NORTHFIELD|` + stamp(time.Hour) + `||ADT^A01^ADT_A01|ADM` + p.number + `|P|2.5.1|||AL|NE||UNICODE UTF-8`,
		`EVN|A01|` + stamp(time.Hour),
		`PID|1||` + p.number + `^^^NHS^NH||` + p.family + `^` + p.given + `||` + p.born + `|F`,
		fmt.Sprintf(`PV1|1|I|4B^B%02d^%02d^NORTHFIELD||||1001^Osei^H^^^Dr||||||||||||V%s^^^NORTHFIELD^VN|||||||||||||||||||||||||%s`, n+1, n+1, p.number, stamp(time.Hour)),
	}, "\r") + "\r"
}

// result is one value of patient n, under a request number of its own.
func result(n int, control, code, name, value, unit, flag string) string {
	p := somebody[n]
	return strings.Join([]string{
		`MSH|^~\&|LAB|NORTHFIELD|WARDLIGHT|NORTHFIELD|` + stamp(0) + `||ORU^R01^ORU_R01|` + control + `|P|2.5.1|||AL|NE||UNICODE UTF-8`,
		`PID|1||` + p.number + `^^^NHS^NH||` + p.family + `^` + p.given + `||` + p.born + `|F`,
		`PV1|1|I|4B`,
		`OBR|1||R` + control + `^LAB|T^Test^L|||` + stamp(20*time.Minute) + `|||||||||||||||` + stamp(0) + `|||F`,
		`OBX|1|NM|` + code + `^` + name + `^LN||` + value + `|` + unit + `^` + unit + `^UCUM||` + flag + `|||F|||` + stamp(20*time.Minute),
	}, "\r") + "\r"
}

func potassium(n int, control, value, flag string) string {
	return result(n, control, "2823-3", "Potassium", value, "mmol/L", flag)
}

// values are the laboratory values in the record by request number.
func (w *world) values() map[string][]string {
	w.t.Helper()
	out := map[string][]string{}
	for _, o := range decode[struct {
		ResourceType  string
		Identifier    []struct{ System, Value string }
		ValueQuantity struct{ Value json.Number }
	}](w.t, w.ask("export", nil)) {
		if o.ResourceType != "Observation" {
			continue
		}
		for _, i := range o.Identifier {
			if strings.HasPrefix(i.System, "urn:wardlight:filler:") {
				out[i.Value] = append(out[i.Value], o.ValueQuantity.Value.String())
			}
		}
	}
	return out
}
