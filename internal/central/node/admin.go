package node

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"

	"wardlight/internal/central/enrol"
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

// byOrder is the author of what an administrator ordered.
func byOrder(o Order) record.Author {
	return record.Author{Sender: "administrator " + o.Who, Name: o.Who, Place: "central"}
}

// hasRow refuses to show a message that is not there.
func (n *Node) hasRow(ctx context.Context, o Order) (Order, error) {
	_, _, err := n.row(ctx, o.Args["id"])
	return o, err
}

func (n *Node) row(ctx context.Context, id string) (row record.Inbound, raw []byte, err error) {
	err = n.journal.View(ctx, func(r journal.Reader) error {
		var ok bool
		if row, ok, err = r.Inbound(id); err == nil && !ok {
			err = fault.New(fault.NotFound, "node.row", id, "no message of this id; wardlightd quarantine list shows them")
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
	row, raw, err := n.row(ctx, o.Args["id"])
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

func refOf(o Order) fhir.Ref {
	return fhir.Ref{Type: fhir.Type(o.Args["type"]), ID: fhir.ID(o.Args["id"])}
}

// hasHistory refuses the history of what never was.
func (n *Node) hasHistory(ctx context.Context, o Order) (Order, error) {
	ref, found := refOf(o), false
	err := n.journal.View(ctx, func(r journal.Reader) error {
		for _, err := range r.History(ref) {
			found = err == nil
			return err
		}
		return nil
	})
	if err == nil && !found {
		err = fault.New(fault.NotFound, "node.history", ref.String(), "no such resource")
	}
	return o, err
}

func (n *Node) history(ctx context.Context, o Order, emit Emit) error {
	ref := refOf(o)
	return n.journal.View(ctx, func(r journal.Reader) error {
		now, _, err := r.Current(ref)
		if err != nil {
			return err
		}
		for c, err := range r.History(ref) {
			if err != nil {
				return err
			}
			v := version{ref.String(), c.Version, c.Version == now.Version, c.Position, c.Author, c.Times, c.Reason, json.RawMessage(c.Body)}
			if err := emit(v); err != nil {
				return err
			}
		}
		return nil
	})
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

func (n *Node) enrolCode(ctx context.Context, o Order, emit Emit) error {
	line := struct {
		enrol.Code
		unmet
	}{}
	var err error
	if line.unmet, err = n.checkWards(ctx, o, "let the code run out and make another"); err != nil {
		return err
	}
	if line.Code, err = n.office.NewCode(ctx, wards(o.Args["wards"])); err != nil {
		return err
	}
	return emit(line)
}

// unmerge takes the merge of a retired patient record back; submit audits it.
func (n *Node) unmerge(ctx context.Context, o Order, emit Emit) error {
	if err := n.submit.Part(ctx, byOrder(o), fhir.ID(o.Args["patient"]), o.Args["reason"]); err != nil {
		return err
	}
	return emit(map[string]any{"patient": o.Args["patient"], "unmerged": true})
}
