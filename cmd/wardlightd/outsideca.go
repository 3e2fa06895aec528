package main

import (
	"encoding/json"
	"os"

	"wardlight/internal/fault"
)

type caRequest struct {
	common
	Out string `help:"The file for the request; standard output by default." type:"path"`
}

// Run writes the request as PEM.
func (c *caRequest) Run() error {
	return c.orderTo("ca request", nil, func(line any) error {
		var said struct{ CSR, Next string }
		b, err := json.Marshal(line)
		if err == nil {
			err = json.Unmarshal(b, &said)
		}
		if err != nil {
			return fault.Wrap("ca request", "", err)
		}
		if c.Out == "" {
			_, err := os.Stdout.WriteString(said.CSR)
			return fault.As(fault.Unavailable, "ca request", "", err)
		}
		if err := os.WriteFile(c.Out, []byte(said.CSR), 0o600); err != nil {
			return fault.As(fault.Unavailable, "ca request", c.Out, err)
		}
		return json.NewEncoder(os.Stdout).Encode(map[string]any{"request": c.Out, "next": said.Next})
	})
}

type caImport struct {
	common
	Cert  string `required:"" help:"The certificate as PEM, with those above it if you like." type:"existingfile"`
	Force bool   `help:"Take the step although it shuts computers out."`
}

// Run announces it.
func (c *caImport) Run() error {
	b, err := os.ReadFile(c.Cert)
	if err != nil {
		return fault.As(fault.NotFound, "ca import", c.Cert, err)
	}
	if len(b) > 256<<10 {
		return fault.New(fault.Invalid, "ca import", c.Cert, "this is more than a few certificates")
	}
	args := map[string]string{"cert": string(b)}
	if c.Force {
		args["force"] = "true"
	}
	return c.order("ca import", args)
}
