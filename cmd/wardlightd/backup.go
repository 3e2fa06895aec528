package main

import (
	"context"
	"encoding/json"
	"os"

	"wardlight/internal/central/node"
	"wardlight/internal/trust/keys"
)

type backupCmd struct {
	common
	To       string `required:"" help:"File to write. It is not encrypted: keep it where patients' data may lie." type:"path"`
	Force    bool   `help:"Replace a file that is there already."`
	WithKeys string `help:"Also write central's keys, to the same name with .keys behind it, sealed by the passphrase in this file. Keep passphrase and backup apart." placeholder:"PASSPHRASE-FILE" type:"path"`
}

// Run writes a backup.
func (c *backupCmd) Run() error {
	args := map[string]string{"to": c.To, "force": yes(c.Force)}
	if c.WithKeys != "" {
		pass, err := keys.ReadPassphrase(c.WithKeys)
		if err != nil {
			return err
		}
		args["keys_passphrase"] = string(pass)
	}
	return c.order("backup", args)
}

type restoreCmd struct {
	common
	From          string   `required:"" help:"Backup file." type:"path"`
	WithKeys      string   `help:"Also take central's keys, from the file of the same name with .keys behind it, by the passphrase in this file: for a machine where nothing is left." placeholder:"PASSPHRASE-FILE" type:"path"`
	ProcessingIDs []string `name:"processing-ids" default:"P" sep:"," help:"MSH-11 values that are taken when the raw inbound log is filed again; the same as of 'serve'."`
}

// Run restores a backup into a central whose journal is gone.
func (c *restoreCmd) Run() error {
	conf, err := c.config()
	if err != nil {
		return err
	}
	conf.ProcessingIDs = c.ProcessingIDs
	if c.WithKeys != "" {
		pass, err := keys.ReadPassphrase(c.WithKeys)
		if err != nil {
			return err
		}
		if err := node.RestoreKeys(context.Background(), conf, c.From, pass); err != nil {
			return err
		}
	}
	out := json.NewEncoder(os.Stdout)
	return node.Restore(context.Background(), conf, c.From, func(line any) error { return out.Encode(line) })
}

type epochCmd struct {
	List  ask        `cmd:"" help:"The journal's incarnations, with cause and reason."`
	Begin epochBegin `cmd:"" help:"After this machine was put back to an earlier day: stations offer again and give back what is missing."`
}

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
