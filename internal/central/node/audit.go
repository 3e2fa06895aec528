package node

import (
	"context"
	"strings"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/trust/audit"
)

// event makes the audit event of something that the front office did.
func (n *Node) event(action, subject string, at time.Time) ([]byte, error) {
	e := audit.Event{
		Action: audit.Config, Recorded: at, Observer: "central", Purpose: audit.Operations,
		Who:     audit.Who{User: "front-office", Name: "Wardlight central"},
		Details: []audit.Detail{{Name: "what", Value: action}, {Name: "subject", Value: subject}},
	}
	if strings.HasPrefix(action, "sign-in") {
		e.Action, e.Purpose, e.Who = audit.SignIn, audit.Treatment, signingIn(subject)
	}
	if action == "sign-in-refused" {
		e.Outcome, e.Reason = audit.Refused, "name or PIN was not right, or there had been too many tries"
	}
	return e.JSON()
}

// signingIn is who signs in: "user at station". Whoever gives no name is known
// by the computer alone.
func signingIn(subject string) audit.Who {
	user, station, _ := strings.Cut(subject, " at ")
	who := audit.Who{User: record.UserID(user), Station: record.StationID(station)}
	if user == "" {
		who.Sender = "computer " + station
	}
	return who
}

// auditLook journals that an administrator is about to look at something.
func (n *Node) auditLook(ctx context.Context, o Order, what string) error {
	e := audit.Event{
		Action: audit.Read, Recorded: n.conf.Now(), Observer: "central", Purpose: audit.Operations,
		Who:     audit.Who{User: record.UserID(o.Who), Name: "administrator " + o.Who},
		Details: []audit.Detail{{Name: "what", Value: what}, {Name: "command", Value: o.Cmd}},
	}
	if o.Cmd == "export" || o.Cmd == "backup" {
		e.Action = audit.Export
	}
	for _, arg := range []string{"type", "id", "file", "to"} {
		if v := o.Args[arg]; v != "" {
			e.Details = append(e.Details, audit.Detail{Name: arg, Value: v})
		}
	}
	b, err := e.JSON()
	if err != nil {
		return err
	}
	return n.submit.Audit(ctx, b)
}

// acts are the commands that change who may do what. The front office journals
// what it did; who told it to is journaled here, before it is done.
var acts = map[string]bool{
	"user add": true, "user close": true, "enrol-code": true, "revoke": true, "stations wipe": true, "stations rekey": true,
	"ca prepare": true, "ca switch": true, "ca retire": true, "limits": true, "quarantine replay": true, "audit watch": true,
}

// auditAct journals that an administrator is about to change something.
func (n *Node) auditAct(ctx context.Context, o Order) error {
	e := audit.Event{
		Action: audit.Config, Recorded: n.conf.Now(), Observer: "central", Purpose: audit.Operations,
		Who:     audit.Who{User: record.UserID(o.Who), Name: "administrator " + o.Who},
		Details: []audit.Detail{{Name: "command", Value: o.Cmd}},
	}
	// What names persons and computers, never a PIN or a passphrase.
	for _, arg := range []string{"user", "role", "wards", "station", "reason", "id", "offline_hours", "keep_days", "force"} {
		if v := o.Args[arg]; v != "" {
			e.Details = append(e.Details, audit.Detail{Name: arg, Value: v[:min(len(v), 200)]})
		}
	}
	b, err := e.JSON()
	if err != nil {
		return err
	}
	return n.submit.Audit(ctx, b)
}

// channel is the one MLLP channel of this version.
const channel = "mllp"
