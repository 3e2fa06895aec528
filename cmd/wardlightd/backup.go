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
	WithKeys string `help:"Also write central's keys, to the same name with .keys behind it, sealed by the passphrase in this file. Keep passphrase and backup apart." placeholder:"PASSPHRASE-FILE" type:"path"`
}

// Run writes a backup.
func (c *backupCmd) Run() error {
	args := map[string]string{"to": c.To}
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
