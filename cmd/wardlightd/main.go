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
	secrets := keys.Keyring(10 * time.Second)
	if c.PassphraseFile != "" {
		var err error
		if secrets, err = keys.PassphraseFile(filepath.Join(c.Data, masterName), c.PassphraseFile); err != nil {
			return node.Config{}, err
		}
	}
	log := slog.New(redact.New(slog.NewJSONHandler(os.Stderr, nil)))
	return node.Config{Dir: c.Data, Inbound: c.Inbound, Secrets: secrets, Log: log, Program: "wardlightd " + version, Wrap: plantedFaults(), ReadOutbox: outbox.Recover, ReadLooks: outbox.RecoverLooks}, nil
}

// order gives a command to the running central, or opens the folder.
func (c common) order(cmd string, args map[string]string) error {
	conf, err := c.config()
	if err != nil {
		return err
	}
	conf.Small = true
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	err = node.Ask(context.Background(), conf, node.Order{Cmd: cmd, Args: args, Who: whoami()}, func(line any) error { return out.Encode(line) })
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
	MLLP          string   `name:"mllp" default:"127.0.0.1:2575" help:"Address for HL7 v2 senders (MLLP)."`
	ProcessingIDs []string `name:"processing-ids" default:"P" sep:"," help:"MSH-11 values that are taken; others are answered AR 202."`
	Small         bool     `help:"Small caches, for a demonstration or a small clinic."`
}

// Run serves until it is told to end.
func (c *serveCmd) Run() error {
	if c.Postgres != "" {
		return fault.New(fault.Unsupported, "serve", "", "PostgreSQL is not supported by this version yet; leave --postgres out, and the journal lies in the data folder")
	}
	conf, err := c.config()
	if err != nil {
		return err
	}
	conf.Listen, conf.MLLP, conf.ProcessingIDs, conf.Small = c.Listen, c.MLLP, c.ProcessingIDs, c.Small
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	n, err := node.Open(ctx, conf)
	if err != nil {
		return c.lacksPassphrase(err)
	}
	err = n.Serve(ctx, func(r node.Ready) {
		_ = json.NewEncoder(os.Stdout).Encode(r) // whoever started us has gone: serve all the same
	})
	return errors.Join(err, n.Close())
}

type jsonFlag struct {
	JSON bool `name:"json" help:"One JSON object a line; the only form there is, named for scripts."`
}

type inboundCmd struct {
	common
	jsonFlag
}

// Run lists every message received.
func (c *inboundCmd) Run() error { return c.order("inbound", nil) }

type quarantineCmd struct {
	List quarantineList `cmd:"" help:"Messages that are held back, with the reason and who can act."`
	Show quarantineShow `cmd:"" help:"One message with its raw bytes."`
	Drop quarantineDrop `cmd:"" name:"dismiss" help:"Settle a message that will never be filed: it is kept, and nothing waits behind it."`
	Play quarantinePlay `cmd:"" name:"replay" help:"Try to file a message again."`
}

type quarantineList struct {
	common
	jsonFlag
}

// Run lists what is held back.
func (c *quarantineList) Run() error { return c.order("quarantine list", nil) }

type quarantineShow struct {
	common
	ID string `arg:"" help:"The message's id, from 'quarantine list'."`
}

// Run shows one message.
func (c *quarantineShow) Run() error {
	return c.order("quarantine show", map[string]string{"id": c.ID})
}

type quarantineDrop struct {
	common
	ID     string `arg:"" help:"The message's id, from 'quarantine list'."`
	Reason string `required:"" help:"Why it will never be filed, for the record and the audit trail."`
}

// Run dismisses one message: it stays where it is, and nothing waits behind it.
func (c *quarantineDrop) Run() error {
	return c.order("quarantine dismiss", map[string]string{"id": c.ID, "reason": c.Reason})
}

type quarantinePlay struct {
	common
	ID string `arg:"" help:"The message's id, from 'quarantine list'."`
}

// Run files one message again.
func (c *quarantinePlay) Run() error {
	return c.order("quarantine replay", map[string]string{"id": c.ID})
}

type exportCmd struct {
	common
	jsonFlag
}

// Run exports every current resource.
func (c *exportCmd) Run() error { return c.order("export", nil) }

type historyCmd struct {
	common
	Type string `arg:"" help:"Resource type, such as Observation."`
	ID   string `arg:"" help:"Resource id."`
}

// Run shows every version of one resource.
func (c *historyCmd) Run() error {
	return c.order("history", map[string]string{"type": c.Type, "id": c.ID})
}

type undeliveredCmd struct {
	common
	jsonFlag
}

// Run lists critical results that no screen of their ward has shown.
func (c *undeliveredCmd) Run() error { return c.order("undelivered", nil) }

type emergencyCmd struct {
	List   emergencyList   `cmd:"" help:"Every emergency access, with who, why, and whether it was reviewed within 72 hours."`
	Review emergencyReview `cmd:"" help:"Record what the review of an emergency access found."`
}

type emergencyList struct {
	common
	jsonFlag
}

// Run lists emergency accesses.
func (c *emergencyList) Run() error { return c.order("emergency list", nil) }

type emergencyReview struct {
	common
	ID    string `arg:"" help:"The access's id, from 'emergency list'."`
	Words string `required:"" help:"What the review found."`
}

// Run records a review.
func (c *emergencyReview) Run() error {
	return c.order("emergency review", map[string]string{"id": c.ID, "words": c.Words})
}

type auditCmd struct {
	List   auditList    `cmd:"" help:"Every audit event, oldest first."`
	Verify auditVerify  `cmd:"" help:"Check the whole journal, the computers' chains, and a checkpoint kept elsewhere."`
	Point  auditPoint   `cmd:"" name:"checkpoint" help:"Write a signed checkpoint, to be kept where no administrator of central can change it."`
	Stand  auditFlagged `cmd:"" name:"flagged" help:"Looks that stand out: at one's own record, a namesake's, a colleague's, one that is watched."`
	Watch  auditWatch   `cmd:"" help:"Flag every look at one record from now on."`
	Person auditPerson  `cmd:"" name:"patient" help:"Who looked at one patient's record, in words that the patient can be given."`
}

type auditList struct {
	common
	jsonFlag
}

// Run lists the audit trail.
func (c *auditList) Run() error { return c.order("audit list", nil) }

type auditVerify struct {
	common
	Checkpoint string `help:"A file of 'audit checkpoint': what it says of its time must still hold." type:"existingfile"`
}

// Run checks the audit trail.
func (c *auditVerify) Run() error {
	args := map[string]string{}
	if c.Checkpoint != "" {
		b, err := os.ReadFile(c.Checkpoint)
		if err != nil {
			return fault.As(fault.NotFound, "audit verify", c.Checkpoint, err)
		}
		args["checkpoint"] = string(b)
	}
	return c.order("audit verify", args)
}

type auditPoint struct {
	common
	To string `required:"" help:"File to write." type:"path"`
}

// Run writes a checkpoint.
func (c *auditPoint) Run() error { return c.order("audit checkpoint", map[string]string{"to": c.To}) }

type auditPerson struct {
	common
	jsonFlag
	ID string `arg:"" help:"The patient's id, from 'export'."`
}

// Run lists who looked at a patient's record.
func (c *auditPerson) Run() error { return c.order("audit patient", map[string]string{"id": c.ID}) }

type epochCmd struct {
	List  epochList  `cmd:"" help:"The journal's incarnations, with cause and reason."`
	Begin epochBegin `cmd:"" help:"After this machine was put back to an earlier day: stations offer again and give back what is missing."`
}

type epochList struct {
	common
	jsonFlag
}

// Run lists the epochs.
func (c *epochList) Run() error { return c.order("epoch list", nil) }

type epochBegin struct {
	common
	At string `help:"The newest position that was surely there before; by default the journal's end."`
}

// Run begins a restored epoch.
func (c *epochBegin) Run() error {
	conf, err := c.config()
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	order := node.Order{Cmd: "epoch begin", Args: map[string]string{"at": c.At}, Who: whoami()}
	return node.BeginEpoch(context.Background(), conf, order, func(line any) error { return out.Encode(line) })
}

type wipeCmd struct {
	common
	Everything bool `required:"" help:"Say that you mean it: every patient's record is moved out of this central, and stations forget what they hold."`
}

// Run empties a central on purpose.
func (c *wipeCmd) Run() error {
	conf, err := c.config()
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	return node.Wipe(context.Background(), conf, whoami(), func(line any) error { return out.Encode(line) })
}

type outboxCmd struct {
	Recover outboxRecover `cmd:"" help:"Take the unsent work out of a damaged station's outbox file."`
}

type outboxRecover struct {
	common
	File string `arg:"" help:"The station's outbox file or folder." type:"path"`
}

// Run recovers unsent work.
func (c *outboxRecover) Run() error {
	return c.order("outbox recover", map[string]string{"file": c.File})
}

type userCmd struct {
	Add   userAdd   `cmd:"" help:"Make a local account, or give an existing one a new PIN."`
	Close userClose `cmd:"" help:"Close an account: nobody signs in by it any more, and computers hear of it within a minute."`
}

type userAdd struct {
	common
	Name    string   `arg:"" help:"Sign-in name."`
	Full    string   `help:"The name that colleagues read; by default the sign-in name."`
	Role    string   `required:"" help:"nurse, charge-nurse, doctor, ward-clerk, interface-manager, administrator or privacy-officer."`
	Ward    []string `help:"Wards, comma-separated." sep:","`
	PINFile string   `required:"" name:"pin-file" help:"File with the PIN; secrets never stand in flags." type:"existingfile"`
}

// Run makes an account.
func (c *userAdd) Run() error {
	pin, err := os.ReadFile(c.PINFile)
	if err != nil {
		return fault.As(fault.NotFound, "user add", c.PINFile, err)
	}
	full := c.Full
	if full == "" {
		full = c.Name
	}
	return c.order("user add", map[string]string{
		"user": c.Name, "name": full, "role": c.Role, "wards": strings.Join(c.Ward, ","), "pin": strings.TrimSpace(string(pin)),
	})
}

type enrolCodeCmd struct {
	common
	jsonFlag
	Ward []string `required:"" help:"The computer's wards, comma-separated." sep:","`
}

// Run makes an enrolment code.
func (c *enrolCodeCmd) Run() error {
	return c.order("enrol-code", map[string]string{"wards": strings.Join(c.Ward, ",")})
}

type unmergeCmd struct {
	common
	Patient string `arg:"" help:"The id of the record that was retired."`
	Reason  string `required:"" help:"Why, for the record and the audit trail."`
}

// Run takes a merge back.
func (c *unmergeCmd) Run() error {
	return c.order("unmerge", map[string]string{"patient": c.Patient, "reason": c.Reason})
}

type revokeCmd struct {
	common
	Station string `arg:"" help:"The station's id."`
}

// Run withdraws a computer's enrolment.
func (c *revokeCmd) Run() error { return c.order("revoke", map[string]string{"station": c.Station}) }

type caCmd struct {
	List    caList `cmd:"" help:"The authorities, and the computers that the next step would shut out."`
	Prepare caStep `cmd:"" help:"Make the next authority and announce it to every computer."`
	Switch  caStep `cmd:"" help:"Let the next authority issue; computers renew their certificates by themselves."`
	Retire  caStep `cmd:"" help:"Believe the former authority no more."`
}

type caList struct {
	common
	jsonFlag
}

// Run lists the authorities.
func (c *caList) Run() error { return c.order("ca list", nil) }

type caStep struct {
	common
	Force bool `help:"Take the step although it shuts computers out."`
}

// Run takes the step of a rotation that the command line names.
func (c *caStep) Run(k *kong.Context) error {
	args := map[string]string{}
	if c.Force {
		args["force"] = "true"
	}
	return c.order("ca "+k.Selected().Name, args)
}

type cli struct {
	Init        initCmd          `cmd:"" help:"Make a new central in a data folder."`
	Serve       serveCmd         `cmd:"" help:"Serve stations and senders."`
	Inbound     inboundCmd       `cmd:"" help:"Every message received, one line each."`
	Quarantine  quarantineCmd    `cmd:"" help:"Messages that could not be filed."`
	Export      exportCmd        `cmd:"" help:"Every current resource as NDJSON."`
	History     historyCmd       `cmd:"" help:"Every version of one resource."`
	Undelivered undeliveredCmd   `cmd:"" help:"Critical results that no screen of their ward has shown."`
	Emergency   emergencyCmd     `cmd:"" help:"Emergency access to records, and its review."`
	Audit       auditCmd         `cmd:"" help:"The audit trail."`
	Backup      backupCmd        `cmd:"" help:"Write a backup while central runs."`
	Restore     restoreCmd       `cmd:"" help:"Restore a backup and replay the raw inbound log."`
	Epoch       epochCmd         `cmd:"" help:"The journal's incarnations."`
	Wipe        wipeCmd          `cmd:"" help:"Empty a stopped central on purpose; computers and people stay."`
	Outbox      outboxCmd        `cmd:"" help:"A damaged station's unsent work."`
	User        userCmd          `cmd:"" help:"Local accounts."`
	EnrolCode   enrolCodeCmd     `cmd:"" name:"enrol-code" help:"A code for one new computer, good for ten minutes."`
	Revoke      revokeCmd        `cmd:"" help:"Withdraw a computer's enrolment, and end its connection."`
	Stations    stationsCmd      `cmd:"" help:"The enrolled computers: who issued their certificates, wiping one, a new key for one."`
	Limits      limitsCmd        `cmd:"" help:"How long computers may go on without central."`
	CA          caCmd            `cmd:"" name:"ca" help:"The private certificate authority, and how to change it."`
	Unmerge     unmergeCmd       `cmd:"" help:"Take the merge of two patient records back: every entry is again under the record it was written for."`
	Version     kong.VersionFlag `help:"Show the version."`
}

func main() {
	dumps := keys.NoDumps()
	if len(os.Args) > 1 && os.Args[1] == "help" { // what people type first
		os.Args = append(append([]string{os.Args[0]}, os.Args[2:]...), "--help")
	}
	var c cli
	k := kong.Parse(&c, kong.Name("wardlightd"), kong.Description("Wardlight's central server."), kong.ShortUsageOnError(), kong.Vars{"version": version})
	if dumps != nil {
		slog.New(redact.New(slog.NewJSONHandler(os.Stderr, nil))).Warn("if this program ends badly, its memory may be written to a file", "err", dumps)
	}
	if err := k.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "wardlightd: "+fault.Words(err))
		os.Exit(1)
	}
}
