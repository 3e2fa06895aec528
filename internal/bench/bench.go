// Package bench measures Wardlight as its users would feel it: real binaries,
// real sockets, encrypted and synced stores, and beside each figure, where
// asked for, the raw floor of the same work measured in the same run.
//
// Only cmd/wardsim imports it. The floors are allowed to use libraries that
// belong to other rooms: they measure those libraries.
package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"wardlight/internal/demo"
	"wardlight/internal/fault"
	"wardlight/internal/interop/hl7"
	"wardlight/internal/station/join"
	"wardlight/internal/station/seat"
	"wardlight/internal/trust/keys"
)

// Options choose what is measured.
type Options struct {
	Bin   string // the folder with the binaries
	Dir   string // scratch, removed by the caller
	Floor bool
	Scale float64 // 1 is the workload as defined; smaller for a quick look
	// Panels are how many reports of ten results W5 gives each patient; 0: one.
	Panels int
	// Soak, where set, is for how long W5's window is left on while results come in.
	Soak time.Duration
	// RSS, where set, is how many MB the window may take at the end of a soak.
	RSS float64
	// Keep, where set, is a folder in which W5 keeps what it filled, for its next run.
	Keep string
	// Stations, where set, is how many W6 connects.
	Stations int
	// Line, where set, names the poor line of W9 (see shape.Named).
	Line string
}

// Result is one workload's line.
type Result map[string]any

// Workloads are the workloads that this version measures, by name.
var Workloads = map[string]func(context.Context, Options) (Result, error){
	"W1": W1, "W2": W2, "W3": W3, "W4": W4, "W5": W5, "W6": W6, "W9": W9,
}

// central is a wardlightd of its own, with a passphrase instead of a keyring,
// so that no desktop is needed.
type central struct {
	o    Options
	dir  string
	pass string
	proc *demo.Process
	// sender keeps the line to the MLLP door open between messages.
	sender *demo.Sender
	info   struct {
		Listen string `json:"listen"`
		MLLP   string `json:"mllp"`
		CA     string `json:"ca_fingerprint"`
	}
}

func startCentral(ctx context.Context, o Options, name string) (*central, error) {
	c := &central{o: o, dir: filepath.Join(o.Dir, name), pass: filepath.Join(o.Dir, name+".pass")}
	if err := os.WriteFile(c.pass, []byte("a passphrase for measuring\n"), 0o600); err != nil {
		return nil, fault.As(fault.Unavailable, "bench.central", name, err)
	}
	if _, err := c.admin(ctx, "init"); err != nil {
		return nil, err
	}
	return c, c.serve(ctx, name, "127.0.0.1:0")
}

// serve starts central's program; stations reach it at listen.
func (c *central) serve(ctx context.Context, name, listen string) error {
	p, err := demo.Start(name, c.o.Dir, os.Environ(), filepath.Join(c.o.Bin, "wardlightd"), "serve", "--data", c.dir, "--passphrase-file", c.pass,
		"--listen", listen, "--mllp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	c.proc = p
	line, err := p.Line(ctx, func(l []byte) bool { return bytes.Contains(l, []byte(`"ready":true`)) })
	if err != nil {
		p.Stop(10 * time.Second)
		return err
	}
	return fault.As(fault.Invalid, "bench.central", name, json.Unmarshal(line, &c.info))
}

func (c *central) admin(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(c.o.Bin, "wardlightd"), append(args, "--data", c.dir, "--passphrase-file", c.pass)...) //nolint:gosec // a program of our own, or one of the demonstration's tools
	var errText bytes.Buffer
	cmd.Stderr = &errText
	out, err := cmd.Output()
	if err != nil {
		return nil, fault.Newf(fault.Unavailable, "bench.admin", args[0], "%w: %s", err, strings.TrimSpace(errText.String()))
	}
	return out, nil
}

func (c *central) stop() {
	if c.sender != nil {
		c.sender.Close()
	}
	if c.proc != nil {
		c.proc.Stop(10 * time.Second)
	}
}

// enrol makes a station of these wards in a folder.
func (c *central) enrol(ctx context.Context, dir, ward string, s keys.Secrets) error {
	out, err := c.admin(ctx, "enrol-code", "--new-ward", "--ward", ward)
	if err != nil {
		return err
	}
	var code struct{ Code string }
	if err := json.Unmarshal(out, &code); err != nil {
		return fault.As(fault.Invalid, "bench.enrol", "", err)
	}
	_, err = seat.Enrol(ctx, dir, s, join.Request{Server: "https://" + c.info.Listen, CAFingerprint: c.info.CA, Code: code.Code, Place: "bench"})
	return err
}

// addUser makes an account for the workloads that write.
func (c *central) addUser(ctx context.Context, ward string) error {
	pin := filepath.Join(c.o.Dir, "pin")
	if err := os.WriteFile(pin, []byte("914275"), 0o600); err != nil {
		return fault.As(fault.Unavailable, "bench.user", "", err)
	}
	_, err := c.admin(ctx, "user", "add", "bench", "--role", "nurse", "--ward", ward, "--pin-file", pin)
	return err
}

// feed admits patients and sends reports of ten results each, over MLLP.
func (c *central) feed(ctx context.Context, patients, panels int) error {
	return c.feedLines(ctx, patients, panels, 1)
}

// feedLines does so over several lines at once, as hospitals have several senders: the
// messages of one patient go over one line, in their order.
func (c *central) feedLines(ctx context.Context, patients, panels, lines int) error {
	errs := make(chan error, lines)
	for line := range lines {
		go func() { errs <- c.feedLine(ctx, patients, panels, line, lines) }()
	}
	var first error
	for range lines {
		first = firstOf(first, <-errs)
	}
	return first
}

func (c *central) feedLine(ctx context.Context, patients, panels, line, lines int) error {
	s := &demo.Sender{Addr: c.info.MLLP}
	defer s.Close()
	for p := line; p < patients; p += lines {
		if err := ctx.Err(); err != nil {
			return fault.As(fault.Timeout, "bench.feed", "", err)
		}
		if err := sendOne(ctx, s, admit(p)); err != nil {
			return err
		}
		for n := range panels {
			if err := sendOne(ctx, s, panel(p, n)); err != nil {
				return err
			}
		}
	}
	return nil
}

// sendPanel sends the i-th of the results that come in during an outage, to the
// patients in turn.
func (c *central) sendPanel(ctx context.Context, i int) error {
	if c.sender == nil {
		c.sender = &demo.Sender{Addr: c.info.MLLP}
	}
	return sendOne(ctx, c.sender, panel(i%wardOf, 1+i/wardOf))
}

func sendOne(ctx context.Context, s *demo.Sender, raw []byte) error {
	sent, err := s.Send(ctx, demo.Sending{Raw: raw})
	if err == nil && sent.Answer != "AA" && sent.Answer != "CA" {
		err = fault.Newf(fault.Invalid, "bench.feed", "", "central answered %s", sent.Answer)
	}
	return err
}

func header(b *hl7.Builder, app, code, event, structure, id string, at time.Time) {
	b.Add("MSH").Set(3, app).Set(4, "BENCH").Set(5, "WARDLIGHT").Set(6, "BENCH").Set(7, hl7.FormatTime(at)).
		Set(9, code, event, structure).Set(10, id).Set(11, "P").Set(12, "2.5.1").Set(18, "UNICODE UTF-8")
}

func person(b *hl7.Builder, p int) {
	b.Add("PID").Set(1, "1").Set(3, fmt.Sprintf("B%07d", p), "", "", "BENCH", "MR").
		Set(5, family[p%len(family)]+strconv.Itoa(p/len(family)), given[p%len(given)]).Set(7, fmt.Sprintf("%d0%d1%d", 1930+p%70, 1+p%9, p%9)).Set(8, "F")
}

var (
	family = []string{"Adeyemi", "Baptiste", "Campbell", "Delacroix", "Ferreira", "Hussain", "Kowalczyk", "Larsson", "Mbeki", "Nguyen", "Okafor", "Patel", "Rossi"}
	given  = []string{"Anna", "Brian", "Chidi", "Folake", "Giulia", "Hiroshi", "Ingrid"}
)

func admit(p int) []byte {
	b, at := hl7.NewBuilder(), time.Now().Add(-24*time.Hour)
	header(b, "PAS", "ADT", "A01", "ADT_A01", fmt.Sprintf("A%d", p), at)
	b.Add("EVN").Set(1, "A01").Set(2, hl7.FormatTime(at))
	person(b, p)
	b.Add("PV1").Set(1, "1").Set(2, "I").Set(3, "BENCH", "R", strconv.Itoa(p)).Set(19, fmt.Sprintf("V%d", p)).Set(44, hl7.FormatTime(at))
	return b.Bytes()
}

var analytes = []struct{ loinc, name, unit, low string }{
	{"2951-2", "Sodium", "mmol/L", "133-146"},
	{"2823-3", "Potassium", "mmol/L", "3.5-5.3"},
	{"22664-7", "Urea", "mmol/L", "2.5-7.8"},
	{"14682-9", "Creatinine", "umol/L", "45-84"},
	{"718-7", "Haemoglobin", "g/L", "115-165"},
	{"6690-2", "White cells", "10*9/L", "4.0-11.0"},
	{"777-3", "Platelets", "10*9/L", "150-400"},
	{"1988-5", "C-reactive protein", "mg/L", "0-5"},
	{"2601-3", "Magnesium", "mmol/L", "0.7-1.0"},
	{"14879-1", "Phosphate", "mmol/L", "0.8-1.5"},
}

var usual = []string{"139", "4.2", "5.1", "71", "131", "7.3", "240", "3", "0.85", "1.1"}

func panel(p, n int) []byte { return panelOf(p, n, usual) }

func panelOf(p, n int, values []string) []byte {
	b, at := hl7.NewBuilder(), time.Now().Add(-time.Duration(n+1)*time.Minute)
	header(b, "LAB", "ORU", "R01", "ORU_R01", fmt.Sprintf("R%d-%d", p, n), at)
	person(b, p)
	b.Add("OBR").Set(1, "1").Set(3, fmt.Sprintf("F%d-%d", p, n), "LAB").Set(4, "SCREEN", "Screening panel", "L").Set(7, hl7.FormatTime(at)).Set(22, hl7.FormatTime(at)).Set(25, "F")
	for i, a := range analytes {
		b.Add("OBX").Set(1, strconv.Itoa(i+1)).Set(2, "NM").Set(3, a.loinc, a.name, "LN").Set(5, values[i]).Set(6, a.unit, a.unit, "UCUM").
			Set(7, a.low).Set(8, "N").Set(11, "F").Set(14, hl7.FormatTime(at))
	}
	return b.Bytes()
}

// memory reads a figure of /proc/PID/status in MB; 0 where there is none.
func memory(pid int, name string) float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.SplitSeq(string(b), "\n") {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			if err == nil {
				return float64(int(kb/102.4)) / 10
			}
		}
	}
	return 0
}

// disk is the space that a folder really takes, in MB.
func disk(dir string) float64 {
	out, err := exec.CommandContext(context.Background(), "du", "-sk", dir).Output() //nolint:gosec // a program of our own, or one of the demonstration's tools
	if err != nil {
		return 0
	}
	kb, err := strconv.ParseFloat(strings.Fields(string(out))[0], 64)
	if err != nil {
		return 0
	}
	return float64(int(kb/102.4)) / 10
}

func round(f float64) float64 { return float64(int(f*100+0.5)) / 100 }
