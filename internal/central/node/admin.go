package node

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// Order is one administrative command: its name, its arguments, and the
// operating system's user who gives it.
type Order struct {
	Cmd  string            `json:"cmd"`
	Args map[string]string `json:"args,omitempty"`
	Who  string            `json:"who"`
}

// Emit takes one line of a command's output.
type Emit func(line any) error

// command is one administrative command. look names what it shows, where what
// it shows is patients' data: it is audited before a line goes out.
type command struct {
	look string
	run  func(n *Node, ctx context.Context, o Order, emit Emit) error
}

var commands = map[string]command{
	"inbound":            {"inbound messages", (*Node).listInbound},
	"quarantine list":    {"held-back messages", (*Node).listHeldBack},
	"quarantine show":    {"a held-back message", (*Node).showHeldBack},
	"quarantine replay":  {"", (*Node).replay},
	"quarantine dismiss": {"", (*Node).dismiss},
	"export":             {"every current resource", (*Node).export},
	"history":            {"a resource's history", (*Node).history},
	"emergency list":     {"emergency accesses", (*Node).emergencies},
	"emergency review":   {"", (*Node).reviewEmergency},
	"undelivered":        {"critical results not yet shown", (*Node).undelivered},
	"audit list":         {"the audit trail", (*Node).auditList},
	"audit verify":       {"", (*Node).auditVerify},
	"audit checkpoint":   {"", (*Node).auditCheckpoint},
	"audit patient":      {"who looked at a patient's record", (*Node).auditPatient},
	"audit flagged":      {"looks that stand out", (*Node).auditFlagged},
	"audit watch":        {"", (*Node).auditWatch},
	"backup":             {"a backup of everything", (*Node).backup},
	"user add":           {"", (*Node).userAdd},
	"enrol-code":         {"", (*Node).enrolCode},
	"revoke":             {"", (*Node).revoke},
	"stations":           {"", (*Node).stations},
	"stations wipe":      {"", (*Node).wipeStation},
	"stations rekey":     {"", (*Node).rekeyStation},
	"user close":         {"", (*Node).userClose},
	"limits":             {"", (*Node).limits},
	"ca list":            {"", (*Node).listCAs},
	"ca prepare":         {"", (*Node).prepareCA},
	"ca switch":          {"", (*Node).switchCA},
	"ca retire":          {"", (*Node).retireCA},
	"unmerge":            {"", (*Node).unmerge},
	"epoch list":         {"", (*Node).listEpochs},
	"epoch begin":        {"", (*Node).beginEpoch},
	"outbox recover":     {"a damaged station's unsent work", (*Node).recoverOutbox},
}

// Do carries out one command. What it shows is journaled as a look first: a
// look that cannot be recorded does not take place.
func (n *Node) Do(ctx context.Context, o Order, emit Emit) error {
	c, known := commands[o.Cmd]
	if !known {
		return fault.New(fault.Invalid, "node.do", o.Cmd, "no such command")
	}
	if c.look != "" {
		if err := n.auditLook(ctx, o, c.look); err != nil {
			return err
		}
	}
	if acts[o.Cmd] {
		if err := n.auditAct(ctx, o); err != nil {
			return err
		}
	}
	return fault.Wrap("node.do", o.Cmd, c.run(n, ctx, o, emit))
}

func (n *Node) listInbound(ctx context.Context, _ Order, emit Emit) error {
	return n.inbounds(ctx, emit, func(record.Inbound) bool { return true })
}

// listHeldBack lists what is held back, whole or in part, and still needs
// somebody.
func (n *Node) listHeldBack(ctx context.Context, _ Order, emit Emit) error {
	return n.inbounds(ctx, emit, submit.NeedsSomebody)
}

func (n *Node) inbounds(ctx context.Context, emit Emit, want func(record.Inbound) bool) error {
	return n.journal.View(ctx, func(r journal.Reader) error {
		for row, err := range r.Inbounds() {
			if err != nil {
				return err
			}
			if want(row) {
				if err := emit(row); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (n *Node) row(ctx context.Context, o Order) (row record.Inbound, raw []byte, err error) {
	err = n.journal.View(ctx, func(r journal.Reader) error {
		var ok bool
		if row, ok, err = r.Inbound(o.Args["id"]); err == nil && !ok {
			err = fault.New(fault.NotFound, "node.row", o.Args["id"], "no message of this id; wardlightd quarantine list shows them")
		}
		return err
	})
	if err != nil {
		return row, nil, err
	}
	rec, ok, err := n.raw.Find(ctx, row.Raw)
	if err == nil && !ok {
		err = fault.New(fault.Corrupt, "node.row", row.ID, "the raw inbound log does not hold this message; was the log's folder replaced?")
	}
	return row, rec.Raw, err
}

func (n *Node) showHeldBack(ctx context.Context, o Order, emit Emit) error {
	row, raw, err := n.row(ctx, o)
	if err != nil {
		return err
	}
	return emit(map[string]any{
		"row": row, "text": strings.ReplaceAll(string(raw), "\r", "\n"), "base64": base64.StdEncoding.EncodeToString(raw),
	})
}

func (n *Node) export(ctx context.Context, _ Order, emit Emit) error {
	return n.journal.View(ctx, func(r journal.Reader) error {
		for c, err := range r.All("", "") {
			if err != nil {
				return err
			}
			if err := emit(json.RawMessage(c.Body)); err != nil {
				return err
			}
		}
		return nil
	})
}

// version is one line of history.
type version struct {
	Ref      string          `json:"ref"`
	Version  record.Version  `json:"version"`
	Current  bool            `json:"current"`
	Position record.Position `json:"position"`
	Author   record.Author   `json:"author"`
	Times    record.Times    `json:"times"`
	Reason   string          `json:"reason,omitempty"`
	Body     json.RawMessage `json:"body"`
}

func (n *Node) history(ctx context.Context, o Order, emit Emit) error {
	ref := fhir.Ref{Type: fhir.Type(o.Args["type"]), ID: fhir.ID(o.Args["id"])}
	found := false
	err := n.journal.View(ctx, func(r journal.Reader) error {
		now, _, err := r.Current(ref)
		if err != nil {
			return err
		}
		for c, err := range r.History(ref) {
			if err != nil {
				return err
			}
			found = true
			v := version{ref.String(), c.Version, c.Version == now.Version, c.Position, c.Author, c.Times, c.Reason, json.RawMessage(c.Body)}
			if err := emit(v); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && !found {
		err = fault.New(fault.NotFound, "node.history", ref.String(), "no such resource")
	}
	return err
}

func (n *Node) undelivered(ctx context.Context, _ Order, emit Emit) error {
	list, err := n.submit.Undelivered(ctx)
	if err != nil {
		return err
	}
	for _, u := range list {
		if err := emit(u); err != nil {
			return err
		}
	}
	return nil
}

func (n *Node) auditList(ctx context.Context, _ Order, emit Emit) error {
	return n.journal.View(ctx, func(r journal.Reader) error {
		for e, err := range r.Entries(0) {
			if err != nil {
				return err
			}
			for _, a := range e.Audits {
				if err := emit(map[string]any{"position": e.Position, "received": time.UnixMilli(e.Received).UTC(), "event": json.RawMessage(a)}); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (n *Node) backup(ctx context.Context, o Order, emit Emit) error {
	to := o.Args["to"]
	if to == "" {
		return fault.New(fault.Invalid, "node.backup", "", "say where to: --to FILE")
	}
	f, err := os.OpenFile(to+".part", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // a path that the administrator or the user named
	if err != nil {
		return fault.Newf(fault.Unavailable, "node.backup", filepath.Base(to), "the file cannot be written; name one in a folder that is there and that central's user may write to (--to): %w", err)
	}
	at, err := journal.Backup(ctx, n.journal, n.keys.journal, f)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(to+".part", to)
	}
	said := map[string]any{"backup": to, "position": at.Position, "chain": at.Chain.String()}
	if pass := o.Args["keys_passphrase"]; err == nil && pass != "" {
		said["keys"] = to + keysSuffix
		err = n.writeKeys(ctx, to, pass)
	}
	if err != nil {
		return fault.Wrap("node.backup", filepath.Base(to), err)
	}
	return emit(said)
}

func (n *Node) userAdd(ctx context.Context, o Order, emit Emit) error {
	a := record.Account{User: record.UserID(o.Args["user"]), Name: o.Args["name"], Role: o.Args["role"], Wards: wards(o.Args["wards"])}
	if err := n.office.AddUser(ctx, a, o.Args["pin"]); err != nil {
		return err
	}
	return emit(map[string]any{"user": strings.ToLower(o.Args["user"]), "added": true})
}

func wards(list string) []record.Ward {
	var out []record.Ward
	for w := range strings.SplitSeq(list, ",") {
		if w = strings.TrimSpace(w); w != "" {
			out = append(out, record.Ward(w))
		}
	}
	return out
}

func (n *Node) enrolCode(ctx context.Context, o Order, emit Emit) error {
	c, err := n.office.NewCode(ctx, wards(o.Args["wards"]))
	if err != nil {
		return err
	}
	return emit(c)
}

// unmerge takes the merge of a retired patient record back; submit audits it.
func (n *Node) unmerge(ctx context.Context, o Order, emit Emit) error {
	by := record.Author{Sender: "administrator " + o.Who, Name: o.Who, Place: "central"}
	if err := n.submit.Part(ctx, by, fhir.ID(o.Args["patient"]), o.Args["reason"]); err != nil {
		return err
	}
	return emit(map[string]any{"patient": o.Args["patient"], "unmerged": true})
}
