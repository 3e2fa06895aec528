package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/interop/hl7"
)

// Options choose how the story is told.
type Options struct {
	Bin      string // the folder with wardlight and wardlightd
	Data     string // where everything lies
	Shots    string // where screenshots go; "" for none
	Messages string // a further folder of HL7 files
	Seed     uint64
	Fast     bool // shorter waits
	Own      bool // an own screen even where there is one
	Stay     bool // the window stays open at the end until it is closed
	NoWindow bool // the ward station has no window: no screen, no picture, no click; for machines that cannot draw
	Out      io.Writer
	Settled  func(Ledger)    // called when the ledger is known, while the window still stays open
	Leave    <-chan struct{} // closed when the person has had enough: the window need not be closed
	Env      []string        // further environment of central, for planted faults
	Tour     string          // the folder of docs/tour.md, which is made anew after the story; "" for none
}

// hospital is the running demonstration.
type hospital struct {
	o       Options
	stage   *Stage
	intents *Intents
	net     *Network
	senders map[string]*Sender // a line each
	central *Process
	ready   struct {
		Listen string `json:"listen"`
		MLLP   string `json:"mllp"`
		CA     string `json:"ca_fingerprint"`
	}
	ward     *Station
	clinic   *Station
	worn     clothes // how the ward's window looks
	sits     int     // who sits at it, of users
	stamp    string  // of the tour that is being made
	breaches []string
}

// users of the demonstration, with their PINs.
var users = []struct{ name, full, role, wards, pin string }{
	{"g.mensah", "Grace Mensah", "nurse", "4B", "481526"},
	{"s.patel", "Dr Sunil Patel", "doctor", "4B", "730194"},
	{"i.amara", "Dr Ines Amara", "doctor", "DIAL", "264805"},
	{"m.okafor", "Mary Okafor", "charge-nurse", "4B", "915307"}, // for the tour: she writes what the ward goes by
}

func (h *hospital) say(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	_, _ = fmt.Fprintln(h.o.Out, text)
	if h.windowed() && h.ward != nil && h.ward.Alive() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		_ = h.ward.Call(ctx, "story", map[string]any{"text": text}, nil) // a window that has just been closed has no strip
	}
}

// windowed says whether the ward station has a window.
func (h *hospital) windowed() bool { return !h.o.NoWindow }

func (h *hospital) breach(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	h.breaches = append(h.breaches, text)
	_, _ = fmt.Fprintln(h.o.Out, "  BREACH: "+text)
}

func (h *hospital) pause(d time.Duration) {
	if h.o.Fast {
		d /= 4
	}
	time.Sleep(d)
}

func (h *hospital) path(parts ...string) string {
	return filepath.Join(append([]string{h.o.Data}, parts...)...)
}

func (h *hospital) bin(name string) string { return filepath.Join(h.o.Bin, name) }

// admin runs one wardlightd command and returns its lines.
func (h *hospital) admin(ctx context.Context, args ...string) ([]json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, h.bin("wardlightd"), append(args, "--data", h.path("central"))...) //nolint:gosec // a program of our own, or one of the demonstration's tools
	cmd.Env = h.stage.Env()
	var errText bytes.Buffer
	cmd.Stderr = &errText
	out, err := cmd.Output()
	if err != nil {
		return nil, fault.Newf(fault.Unavailable, "demo.admin", strings.Join(args, " "), "%w: %s", err, strings.TrimSpace(errText.String()))
	}
	var lines []json.RawMessage
	for line := range bytes.SplitSeq(out, []byte("\n")) {
		if len(bytes.TrimSpace(line)) > 0 {
			lines = append(lines, append(json.RawMessage(nil), line...))
		}
	}
	return lines, nil
}

func commandOf(args []string) string {
	if args[0] == "audit" {
		return args[0] + " " + args[1]
	}
	return args[0]
}

func osUser() string {
	u, err := user.Current()
	if err != nil {
		return fmt.Sprint(os.Getuid())
	}
	return u.Username
}

func firstOf(errs ...error) error {
	for _, e := range errs {
		if e != nil {
			return e
		}
	}
	return nil
}

// startCentral starts wardlightd; the second time on the same ports, as a
// service manager would.
func (h *hospital) startCentral(ctx context.Context) error {
	listen, mllp := "127.0.0.1:0", "127.0.0.1:0"
	if h.ready.Listen != "" {
		listen, mllp = h.ready.Listen, h.ready.MLLP
	}
	p, err := Start("central", h.stage.Logs(), append(h.stage.Env(), h.o.Env...), h.bin("wardlightd"),
		"serve", "--data", h.path("central"), "--inbound", h.path("inbound"), "--listen", listen, "--mllp", mllp, "--processing-ids", "P,T,D", "--small")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	line, err := p.Line(ctx, func(l []byte) bool { return bytes.Contains(l, []byte(`"ready":true`)) })
	if err != nil {
		p.Kill()
		return err
	}
	h.central = p
	return fault.As(fault.Invalid, "demo.central", "", json.Unmarshal(line, &h.ready))
}

// build makes the hospital: central, accounts, the cable, two enrolled
// stations.
func (h *hospital) build(ctx context.Context) error {
	init, err := h.admin(ctx, "init")
	if err != nil {
		return err
	}
	if len(init) == 0 {
		return fault.New(fault.Unavailable, "demo.build", "", "init said nothing")
	}
	if err := h.startCentral(ctx); err != nil {
		return err
	}
	for _, u := range users {
		pin := h.path("pin-" + u.name)
		if err := os.WriteFile(pin, []byte(u.pin+"\n"), 0o600); err != nil {
			return fault.As(fault.Unavailable, "demo.build", u.name, err)
		}
		if _, err := h.admin(ctx, "user", "add", u.name, "--full", u.full, "--role", u.role, "--ward", u.wards, "--pin-file", pin); err != nil {
			return err
		}
	}
	if h.net, err = NewNetwork(h.ready.Listen); err != nil {
		return err
	}
	if err := h.enrol(ctx, "ward", "4B", "Ward 4B, computer 4B-02"); err != nil {
		return err
	}
	if err := h.enrol(ctx, "clinic", "DIAL", "Dialysis unit, computer DU-01"); err != nil {
		return err
	}
	h.senders = map[string]*Sender{"laboratory": {Addr: h.ready.MLLP}, "patient system": {Addr: h.ready.MLLP}}
	return nil
}

func (h *hospital) enrol(ctx context.Context, name, ward, place string) error {
	lines, err := h.admin(ctx, "enrol-code", "--ward", ward, "--json")
	if err != nil {
		return err
	}
	code := h.path("code-" + name)
	if err := os.WriteFile(code, lines[0], 0o600); err != nil {
		return fault.As(fault.Unavailable, "demo.enrol", name, err)
	}
	defer func() { _ = os.Remove(code) }()                                                                                    // used up by then
	cmd := exec.CommandContext(ctx, h.bin("wardlight"), "enrol", "--data", h.path(name), "--server", "https://"+h.net.Addr(), //nolint:gosec // a program of our own, or one of the demonstration's tools
		"--ca-fingerprint", h.ready.CA, "--code-file", code, "--place", place)
	cmd.Env = h.stage.Env()
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fault.Newf(fault.Unavailable, "demo.enrol", name, "%w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

// startWard opens the ward's window, driven by the story beside the hand.
func (h *hospital) startWard() error {
	args := []string{"window", "--data", h.path("ward"), "--drive", "--no-sound"}
	if h.stage.Own {
		// A screen in memory has no day and no night, and the window is all of it.
		// On somebody's desktop it has a frame, with a button that closes it.
		args = append(args, "--size", "1366x768")
		args = append(args, h.worn.args()...)
	}
	if !h.windowed() {
		args = []string{"headless", "--data", h.path("ward")}
	}
	p, err := Start("ward", h.stage.Logs(), h.stage.Env(), h.bin("wardlight"), args...)
	if err == nil {
		h.ward = Drive(p)
	}
	return err
}

// startClinic starts the clinic's station, which has no window.
func (h *hospital) startClinic() error {
	p, err := Start("clinic", h.stage.Logs(), h.stage.Env(), h.bin("wardlight"), "headless", "--data", h.path("clinic"))
	if err == nil {
		h.clinic = Drive(p)
	}
	return err
}

// send means, sends, and notes the answers.
func (h *hospital) send(ctx context.Context, list []Sending) error {
	for _, m := range list {
		n, err := h.intents.Mean(Intent{Kind: "message", ControlID: m.ControlID, Raw: m.Raw})
		if err != nil {
			return err
		}
		sent, err := h.senderOf(m).Send(ctx, m)
		if err != nil {
			return err
		}
		if err := h.intents.Done(n, sent.Answer, nil, ""); err != nil {
			return err
		}
	}
	return nil
}

// senderOf is whose line a message comes on.
func (h *hospital) senderOf(m Sending) *Sender {
	if hl7.ReadHeader(m.Raw).Type.Code == "ADT" {
		return h.senders["patient system"]
	}
	return h.senders["laboratory"]
}

// enter means an entry, makes it at a station, and notes what was made.
func (h *hospital) enter(ctx context.Context, s *Station, user, cmd, number string, args, fields map[string]any) error {
	n, err := h.intents.Mean(Intent{Kind: "entry", Station: s.Name, User: user, Command: cmd, Patient: number, Fields: fields})
	if err != nil {
		return err
	}
	var done struct {
		Made []string `json:"made"`
		Ask  []string `json:"ask"`
	}
	err = s.Call(ctx, cmd, args, &done)
	if err == nil && len(done.Ask) > 0 {
		args["confirmed"] = true
		err = s.Call(ctx, cmd, args, &done)
	}
	failed := ""
	if err != nil {
		failed = err.Error()
	}
	return firstOf(err, h.intents.Done(n, "", done.Made, failed))
}

func (h *hospital) close() {
	for _, s := range []*Station{h.ward, h.clinic} {
		if s != nil {
			s.Stop(3 * time.Second)
		}
	}
	if h.central != nil {
		h.central.Stop(5 * time.Second)
	}
	if h.net != nil {
		h.net.Close()
	}
	for _, s := range h.senders {
		s.Close()
	}
	h.stage.Close()
}
