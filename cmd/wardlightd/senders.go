package main

import (
	"encoding/json"
	"os"
	"strings"

	"wardlight/internal/fault"
)

type senderCmd struct {
	List      ask             `cmd:"" help:"Who may send over TLS, by which certificate and under which names."`
	Add       senderAdd       `cmd:"" help:"Let a sender in, or change it."`
	Remove    senderRemove    `cmd:"" help:"Shut a sender out, and end its lines."`
	Authority senderAuthority `cmd:"" help:"Write the certificates by which senders know central's own (PEM)."`
}

type senderAdd struct {
	common
	Sender    string   `arg:"" help:"What the sender is called here, such as 'north lab'."`
	Request   string   `help:"A request for a certificate (PKCS #10, PEM), which central's authority certifies for a year." type:"existingfile"`
	Cert      string   `help:"A certificate that the sender has already (PEM), believed by itself until it runs out." type:"existingfile"`
	Authority string   `help:"An authority of the hospital's (PEM). With --dns." type:"existingfile"`
	DNS       string   `name:"dns" help:"The DNS name in the sender's certificates, with --authority."`
	As        []string `help:"A name that this sender sends under and nobody else may: APPLICATION|FACILITY as in MSH-3 and MSH-4, or APPLICATION for any facility. May be repeated. Without it: every name that is nobody else's." sep:"none"`
	PlainToo  bool     `help:"Take these names from the plain port as well, while the sender moves over."`
	Replace   bool     `help:"Change a sender that is there already."`
	Out       string   `help:"The file for the certificate that central's authority gave; standard output by default." type:"path"`
}

// Run lets a sender in.
func (c *senderAdd) Run() error {
	args := map[string]string{"sender": c.Sender, "dns": c.DNS, "as": strings.Join(c.As, ","), "plain_too": yes(c.PlainToo), "replace": yes(c.Replace)}
	for arg, path := range map[string]string{"request": c.Request, "cert": c.Cert, "authority": c.Authority} {
		if path == "" {
			continue
		}
		b, err := os.ReadFile(path) //nolint:gosec // a path that the administrator named
		if err != nil {
			return fault.As(fault.NotFound, "sender add", path, err)
		}
		if len(b) > 256<<10 {
			return fault.New(fault.Invalid, "sender add", path, "this is more than a few certificates")
		}
		args[arg] = string(b)
	}
	return c.orderTo("sender add", args, func(line any) error { return putOut(line, "certificate", c.Out) })
}

type senderRemove struct {
	common
	Sender string `arg:"" help:"The sender's name, from 'sender list'."`
	Reason string `required:"" help:"Why, for the audit trail."`
}

// Run shuts a sender out.
func (c *senderRemove) Run() error {
	return c.order("sender remove", map[string]string{"sender": c.Sender, "reason": c.Reason})
}

type senderAuthority struct {
	common
	Out string `help:"The file; standard output by default." type:"path"`
}

// Run writes the authorities.
func (c *senderAuthority) Run() error {
	return c.orderTo("sender authority", nil, func(line any) error { return putOut(line, "authority", c.Out) })
}

// putOut writes one member of an answer to a file, and prints the rest; without a file
// the whole answer is printed.
func putOut(line any, member, path string) error {
	var said map[string]json.RawMessage
	b, err := json.Marshal(line)
	if err == nil {
		err = json.Unmarshal(b, &said)
	}
	if err != nil {
		return fault.Wrap("sender", "", err)
	}
	var text string
	if path != "" && json.Unmarshal(said[member], &text) == nil && text != "" {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil { //nolint:gosec // certificates, which everybody may read
			return fault.As(fault.Unavailable, "sender", path, err)
		}
		delete(said, member)
		said["written"], _ = json.Marshal(path) // a string: it cannot fail
	}
	return json.NewEncoder(os.Stdout).Encode(said)
}
