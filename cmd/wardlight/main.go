// Command wardlight is the workstation: a window on a ward that goes on working
// with the network out. Without a window it enrols a computer, answers
// scripts (headless), and says how it is (status, doctor).
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"wardlight/internal/fault"
	"wardlight/internal/redact"
	"wardlight/internal/station/headless"
	"wardlight/internal/station/join"
	"wardlight/internal/station/seat"
	"wardlight/internal/trust/keys"
)

// version is the program's; the linker sets it in packages.
var version = "0.1.0"

// secretsName is where secrets lie under a passphrase, in the station's folder.
const secretsName = "secrets.v1"

// keyringWait bounds every call to the keyring.
const keyringWait = 10 * time.Second

type station struct {
	Data           string   `help:"The station's folder." type:"path" default:"${data}"`
	Server         []string `help:"Central's addresses, https://HOST:PORT, tried in turn; by default those it enrolled with." placeholder:"URL"`
	PassphraseFile string   `help:"Where there is no keyring (a kiosk, a server): a file with the passphrase that protects the station's secret." type:"path"`
	faultFlags
	labels string         `kong:"-"` // the printer of labels
	wall   bool           `kong:"-"` // the site allows the wall with nobody signed in
	door   string         `kong:"-"` // what the station is started as, where that has settings
	set    []seat.Setting `kong:"-"` // of the door, beside those that every one has
	hand   func() bool    `kong:"-"` // whether a hand moves at the window
	quiet  bool           `kong:"-"` // an answer of a few words is not to drown in what is logged
}

func (s station) secrets() (keys.Secrets, error) {
	if s.PassphraseFile != "" {
		return keys.PassphraseFile(filepath.Join(s.Data, secretsName), s.PassphraseFile)
	}
	return keys.Keyring(keyringWait), nil
}

func (s station) open(ctx context.Context) (*seat.Seat, error) {
	secrets, err := s.secrets()
	if err != nil {
		return nil, err
	}
	log := logger()
	if s.quiet {
		log = slog.New(slog.DiscardHandler)
	}
	return seat.Open(ctx, seat.Config{
		Dir: s.Data, Secrets: secrets, Servers: s.Server, Program: "wardlight " + version, Log: log, Now: s.now(), OpenWall: s.wall, LabelPrinter: s.labels,
		Door: s.door, Settings: append(s.settings(), s.set...), Asked: s.asked(), Hand: s.hand,
	})
}

// settings are those of every door; what of them differs from its last start is on record.
func (s station) settings() []seat.Setting {
	return []seat.Setting{{Name: "program", Value: "wardlight " + version}, {Name: "--server", Value: strings.Join(s.Server, ", ")}, {Name: "--passphrase-file", Value: s.PassphraseFile}}
}

func logger() *slog.Logger {
	return slog.New(redact.New(slog.NewJSONHandler(os.Stderr, nil)))
}

type enrolCmd struct {
	station
	CAFingerprint string `name:"ca-fingerprint" required:"" help:"SHA-256 of central's CA, as 'wardlightd serve' prints it."`
	CodeFile      string `name:"code-file" required:"" help:"File with the enrolment code; '-' reads it from standard input." `
	Place         string `help:"What colleagues call this computer; by default its host name."`
	Again         bool   `help:"Give a station a new identity, because it was cloned or put back to an older disk image. What was written on it and not sent comes along."`
	User          string `help:"With --again, where the old identity is not welcome any more: who has signed in here before."`
	PINFile       string `name:"pin-file" help:"File with that person's PIN; secrets never stand in flags."`
}

// Run enrols this computer.
func (c *enrolCmd) Run() error {
	code, err := readCode(c.CodeFile)
	if err != nil {
		return err
	}
	if len(c.Server) != 1 {
		return fault.New(fault.Invalid, "enrol", "", "name the server once: --server https://HOST:PORT")
	}
	if c.Again {
		return c.again(code)
	}
	if c.Place == "" {
		c.Place, _ = os.Hostname() // a computer without a name keeps an empty place
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return fault.As(fault.Unavailable, "enrol", c.Data, err)
	}
	secrets, err := c.secrets()
	if err != nil {
		return err
	}
	conf, err := seat.Enrol(context.Background(), c.Data, secrets, join.Request{Server: c.Server[0], CAFingerprint: c.CAFingerprint, Code: code, Place: c.Place})
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"station": conf.Station, "wards": conf.Wards, "place": conf.Place, "data": c.Data})
}

// again gives the station a new identity.
func (c *enrolCmd) again(code string) error {
	secrets, err := c.secrets()
	if err != nil {
		return err
	}
	pin := ""
	if c.PINFile != "" {
		b, err := os.ReadFile(c.PINFile)
		if err != nil {
			return fault.As(fault.NotFound, "enrol", c.PINFile, err)
		}
		pin = strings.TrimSpace(string(b))
	}
	req := join.Request{Server: c.Server[0], CAFingerprint: c.CAFingerprint, Code: code, Place: c.Place}
	did, err := seat.Again(context.Background(), seat.Config{Dir: c.Data, Secrets: secrets}, req, c.User, pin)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(did)
}

func readCode(path string) (string, error) {
	var b []byte
	var err error
	if path == "-" {
		b, err = io.ReadAll(io.LimitReader(os.Stdin, 1<<16))
	} else {
		b, err = os.ReadFile(path) //nolint:gosec // a path that the administrator or the user named
	}
	if err != nil {
		return "", fault.Newf(fault.NotFound, "enrol", path, "the file with the enrolment code cannot be read; check --code-file, or give '-' and type the code: %w", err)
	}
	text := strings.TrimSpace(string(b))
	var asJSON struct {
		Code string `json:"code"`
	}
	if json.Unmarshal(b, &asJSON) == nil && asJSON.Code != "" {
		text = asJSON.Code // the whole line of 'wardlightd enrol-code' will do
	}
	return text, nil
}

type headlessCmd struct{ station }

// Run answers JSON lines.
func (c *headlessCmd) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c.door = "headless program"
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	s.Answer()
	ctx, end := untilGone(ctx, s)
	defer end()
	err = headless.Run(ctx, headless.Config{Station: deskOf{s}, About: about(s.Info()), In: os.Stdin, Out: os.Stdout})
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		err = nil // it was asked to end, and ends
	}
	if gone := whyGone(s); gone != nil {
		err = gone
	}
	if cerr := s.Close(); err == nil {
		err = cerr
	}
	return err
}

// deskOf is a seat as headless wants it.
type deskOf struct{ *seat.Seat }

// Desk implements headless.Station.
func (d deskOf) Desk() (headless.Desk, error) {
	k, err := d.Seat.Desk()
	if err != nil {
		return nil, err
	}
	return k, nil
}

// aboutStation is what status tells of the station itself.
type aboutStation struct {
	Station string   `json:"station"`
	Place   string   `json:"place"`
	Wards   []string `json:"wards"`
	Servers []string `json:"servers"`
	Version string   `json:"version"`
}

func about(i join.Config) aboutStation {
	a := aboutStation{Station: string(i.Station), Place: i.Place, Servers: i.Servers, Version: version}
	for _, w := range i.Wards {
		a.Wards = append(a.Wards, string(w))
	}
	return a
}

type cli struct {
	Window   windowCmd        `cmd:"" default:"withargs" help:"Open the window (the default)."`
	Enrol    enrolCmd         `cmd:"" help:"Make this computer a station, with a code from central."`
	Headless headlessCmd      `cmd:"" help:"A station without a window: JSON lines on standard input and output."`
	Status   statusCmd        `cmd:"" help:"Say how this station is."`
	Rekey    rekeyCmd         `cmd:"" help:"Another device secret and device key for this computer, while people work: the former ones open nothing any more, and every PIN goes on."`
	Doctor   doctorCmd        `cmd:"" help:"Check keyring, memory, disk, display, sound, server and clock, and say what to do."`
	Demo     demoCmd          `cmd:"" help:"A ward lives through an outage: the whole of Wardlight on this computer."`
	Speak    speakCmd         `cmd:"" hidden:"" help:"Play one burst of tones and end: the window starts it."`
	Floor    floorCmd         `cmd:"" hidden:"" help:"A window with one line of text, which wardsim measures beside the real one."`
	Version  kong.VersionFlag `help:"Show the version."`
}

func main() {
	dumps := keys.NoDumps()
	keys.PrivateFiles()
	if len(os.Args) > 1 && os.Args[1] == "help" { // what people type first
		os.Args = append(append([]string{os.Args[0]}, os.Args[2:]...), "--help")
	}
	var c cli
	k := kong.Parse(&c, kong.Name("wardlight"), kong.Description("The ward's screens that never stop."), kong.ShortUsageOnError(),
		kong.Vars{"version": version, "data": defaultData()})
	if dumps != nil {
		logger().Warn("if this program ends badly, its memory may be written to a file", "err", dumps)
	}
	if m := keys.Memory(); m.Why != nil {
		logger().Warn("keys are held in memory that the system may write to swap; wardlight doctor says what to do", "err", m.Why)
	}
	if err := k.Run(); err != nil {
		say(err)
		os.Exit(codeOf(err))
	}
}

// Exit codes beside 0; a wrong command line ends with kong's 80.
const (
	notDone = 1
	inUse   = 3 // another program has this station's folder open: nothing is wrong with it
)

func codeOf(err error) int {
	var f *fault.Error
	if errors.As(err, &f) && fault.Is(f, fault.Exists) && f.Op == "seat.open" {
		return inUse
	}
	return notDone
}

// told is an error that the terminal has been told already.
type told struct{ error }

func (t told) Unwrap() error { return t.error }

// say tells the terminal, once.
func say(err error) {
	if !errors.As(err, new(told)) {
		fmt.Fprintln(os.Stderr, "wardlight: "+fault.Words(err))
	}
}

// defaultData is the station's folder of whoever is logged in to the computer.
func defaultData() string {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "wardlight-data"
	}
	return filepath.Join(dir, "wardlight")
}
