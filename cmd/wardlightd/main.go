// Command wardlightd is Wardlight's central server: it takes HL7 v2 over MLLP,
// keeps one ordered journal, and reconciles every workstation.
//
// Everything lies in one data folder. `wardlightd init` makes it, `serve` works
// on it, and the other commands speak with a running server through a socket
// in that folder, or open the folder themselves where none runs.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"wardlight/internal/central/node"
	"wardlight/internal/fault"
	"wardlight/internal/redact"
	"wardlight/internal/station/cache/outbox"
	"wardlight/internal/trust/keys"
)

// version is the program's; the linker sets it in packages.
var version = "0.1.0"

// masterName is where the master key lies under a passphrase, in the data folder.
const masterName = "master.v1"

// common are the flags of every command.
type common struct {
	Data           string `required:"" help:"Central's data folder." type:"path"`
	PassphraseFile string `help:"File with the passphrase that protects central's master key. Without it the key lies in the keyring of the user who runs central." type:"path"`
	Inbound        string `help:"Folder of the raw inbound log; by default 'inbound' in the data folder. Best on another disk." type:"path"`
}

func (c common) config() (node.Config, error) {
	secrets, in := keys.Keyring(10*time.Second), "the keyring"
	if c.PassphraseFile != "" {
		var err error
		if secrets, err = keys.PassphraseFile(filepath.Join(c.Data, masterName), c.PassphraseFile); err != nil {
			return node.Config{}, err
		}
		in = "a passphrase in " + c.PassphraseFile
	}
	log := slog.New(redact.New(slog.NewJSONHandler(os.Stderr, nil)))
	return node.Config{Dir: c.Data, Inbound: c.Inbound, Secrets: secrets, SecretsIn: in, Log: log, Program: "wardlightd " + version, Wrap: plantedFaults(), ReadOutbox: outbox.Recover, ReadLooks: outbox.RecoverLooks}, nil
}

// order gives a command to the running central, or opens the folder, and prints
// what it says, one JSON object a line.
func (c common) order(cmd string, args map[string]string) error {
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	return c.orderTo(cmd, args, func(line any) error { return out.Encode(line) })
}

// orderTo is order that hands over what it says.
func (c common) orderTo(cmd string, args map[string]string, emit node.Emit) error {
	conf, err := c.config()
	if err != nil {
		return err
	}
	conf.Small = true
	err = node.Ask(context.Background(), conf, node.Order{Cmd: cmd, Args: args, Who: whoami()}, emit)
	return c.lacksPassphrase(err)
}

// lacksPassphrase says so where a keyring failed that holds no key of this
// central's: it lies under a passphrase, and no file was named.
func (c common) lacksPassphrase(err error) error {
	if err == nil || c.PassphraseFile != "" || !strings.Contains(err.Error(), "keyring") {
		return err
	}
	if _, none := os.Stat(filepath.Join(c.Data, masterName)); none != nil {
		return err
	}
	return fault.New(fault.KindOf(err), "wardlightd", c.Data, "this central's master key is not in the keyring but under a passphrase. Nothing was changed. Give the passphrase file: --passphrase-file FILE")
}

func whoami() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "uid " + fmt.Sprint(os.Getuid())
}

type initCmd struct {
	common
	Host []string `help:"Further names or addresses that stations will use for this machine."`
}

// Run makes a new central.
func (c *initCmd) Run() error {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return fault.Newf(fault.Unavailable, "init", c.Data, "this folder cannot be made; choose another with --data, or give this user the right to write there: %w", err)
	}
	conf, err := c.config()
	if err != nil {
		return err
	}
	conf.Hosts = c.Host
	fp, err := node.Init(context.Background(), conf)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"data": c.Data, "ca_fingerprint": fp})
}

type serveCmd struct {
	common
	Postgres      string   `help:"Not available in this version: the journal lies in the data folder."`
	Listen        string   `default:"127.0.0.1:8443" help:"Address for stations. Port 0 takes a free one."`
	MLLP          string   `name:"mllp" default:"127.0.0.1:2575" help:"Address for HL7 v2 senders in plain text (MLLP); 'none' closes that port."`
	MLLPS         string   `name:"mllps" help:"Address for HL7 v2 senders over TLS with a certificate each (see 'sender'); without it there is none."`
	MLLPSCert     string   `name:"mllps-cert" help:"Certificate that central shows there, and those above it (PEM file), where it is the hospital's; by default one of central's authority, which renews itself. Read anew when it changes." type:"path"`
	MLLPSKey      string   `name:"mllps-key" help:"File with the key of --mllps-cert (PEM), for this user alone." type:"path"`
	ProcessingIDs []string `name:"processing-ids" default:"P" sep:"," help:"MSH-11 values that are taken; others are answered AR 202."`
	Small         bool     `help:"Small caches, for a demonstration or a small clinic."`
	Unsent        int      `default:"64" help:"Memory for what waits to be sent to all computers together, in MiB." placeholder:"MIB"`
}

// maxUnsent is in MiB: what no machine needs that serves a hospital.
const maxUnsent = 64 << 10

// Run serves until it is told to end.
func (c *serveCmd) Run() error {
	if c.Postgres != "" {
		return fault.New(fault.Unsupported, "serve", "", "PostgreSQL is not supported by this version yet; leave --postgres out, and the journal lies in the data folder")
	}
	conf, err := c.config()
	if err != nil {
		return err
	}
	if c.Unsent < 1 || c.Unsent > maxUnsent {
		return fault.Newf(fault.Invalid, "serve", "", "--unsent is from 1 to %d MiB", maxUnsent)
	}
	conf.MLLPS, conf.MLLPSCert, conf.MLLPSKey = c.MLLPS, c.MLLPSCert, c.MLLPSKey
	conf.Listen, conf.MLLP, conf.ProcessingIDs, conf.Small, conf.Unsent = c.Listen, c.MLLP, c.ProcessingIDs, c.Small, c.Unsent<<20
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	n, err := node.Open(ctx, conf)
	if err != nil {
		return c.lacksPassphrase(err)
	}
	go keepMemory(ctx)
	err = n.Serve(ctx, func(r node.Ready) {
		_ = json.NewEncoder(os.Stdout).Encode(r) // whoever started us has gone: serve all the same
	})
	return errors.Join(err, n.Close())
}

// ask is a command without arguments of its own, which is named like the order
// that it gives.
type ask struct {
	common
	jsonFlag
}

// Run gives the order.
func (c *ask) Run(k *kong.Context) error { return c.order(k.Command(), nil) }

type jsonFlag struct {
	JSON bool `name:"json" help:"One JSON object a line; the only form there is, named for scripts."`
}

type cli struct {
	Init        initCmd          `cmd:"" help:"Make a new central in a data folder."`
	Serve       serveCmd         `cmd:"" help:"Serve stations and senders."`
	Inbound     ask              `cmd:"" help:"Every message received, one line each."`
	Quarantine  quarantineCmd    `cmd:"" help:"Messages that could not be filed."`
	Export      ask              `cmd:"" help:"Every current resource as NDJSON."`
	Document    documentCmd      `cmd:"" help:"A document that a resource names, byte for byte as it came, in base64."`
	History     historyCmd       `cmd:"" help:"Every version of one resource."`
	Undelivered ask              `cmd:"" help:"Critical results that no screen of their ward has shown."`
	Emergency   emergencyCmd     `cmd:"" help:"Emergency access to records, and its review."`
	Audit       auditCmd         `cmd:"" help:"The audit trail."`
	Backup      backupCmd        `cmd:"" help:"Write a backup while central runs."`
	Restore     restoreCmd       `cmd:"" help:"Restore a backup and replay the raw inbound log."`
	Epoch       epochCmd         `cmd:"" help:"The journal's incarnations."`
	Wipe        wipeCmd          `cmd:"" help:"Empty a stopped central on purpose; computers and people stay."`
	Outbox      outboxCmd        `cmd:"" help:"A damaged station's unsent work."`
	User        userCmd          `cmd:"" help:"Local accounts."`
	SSO         ssoCmd           `cmd:"" name:"sso" help:"Sign-in with the hospital's own account (OpenID Connect)."`
	EnrolCode   enrolCodeCmd     `cmd:"" name:"enrol-code" help:"A code for one new computer, good for ten minutes."`
	Revoke      revokeCmd        `cmd:"" help:"Withdraw a computer's enrolment, and end its connection."`
	Stations    stationsCmd      `cmd:"" help:"The enrolled computers: who issued their certificates, wiping one, a new key for one."`
	Limits      limitsCmd        `cmd:"" help:"How long computers may go on without central, how long a session lasts, how wrong PINs are answered, and how much may leave in an hour and a day."`
	Keys        keysCmd          `cmd:"" help:"Central's own keys, and how to change them."`
	Sender      senderCmd        `cmd:"" help:"The hospital's systems that send HL7 v2 over TLS."`
	CA          caCmd            `cmd:"" name:"ca" help:"The private certificate authority, and how to change it."`
	Unmerge     unmergeCmd       `cmd:"" help:"Take the merge of two patient records back: every entry is again under the record it was written for."`
	Version     kong.VersionFlag `help:"Show the version."`
}

func main() {
	dumps := keys.NoDumps()
	keys.PrivateFiles()
	if len(os.Args) > 1 && os.Args[1] == "help" { // what people type first
		os.Args = append(append([]string{os.Args[0]}, os.Args[2:]...), "--help")
	}
	var c cli
	k := kong.Parse(&c, kong.Name("wardlightd"), kong.Description("Wardlight's central server."), kong.ShortUsageOnError(), kong.Vars{"version": version})
	if dumps != nil {
		slog.New(redact.New(slog.NewJSONHandler(os.Stderr, nil))).Warn("if this program ends badly, its memory may be written to a file", "err", dumps)
	}
	if m := keys.Memory(); m.Why != nil {
		slog.New(redact.New(slog.NewJSONHandler(os.Stderr, nil))).Warn("keys are held in memory that the system may write to swap: encrypt swap or switch it off, and let this user lock 64 KiB (LimitMEMLOCK)", "err", m.Why)
	}
	if err := k.Run(); err != nil {
		code := notDone
		if e := (exit{}); errors.As(err, &e) {
			code, err = e.code, e.error
		}
		fmt.Fprintln(os.Stderr, "wardlightd: "+fault.Words(err))
		os.Exit(code)
	}
}

// Exit codes. 0: it was done; a wrong command line ends with kong's 80.
const (
	notDone     = 1 // refused, or it did not work
	doesNotPass = 2 // audit verify: something was changed or removed
)

// exit is an error with an exit code of its own.
type exit struct {
	code int
	error
}
