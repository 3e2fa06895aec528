package node

import (
	"context"
	"errors"
	"strings"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
)

// command is one administrative command. What it leaves in the audit trail:
//
// Each is one of the two:
//
// One that shows something (look), of a patient or not, is on record before a line goes out. If it then
// breaks off, a second event says so, and names the first one's beginning.
//
// One that changes something (act) is on record in the transaction that changes
// it, with who ordered it and every argument but secrets.
//
// Either, when it is refused or does not work before anything was shown or
// changed, leaves one event, whose outcome says that.
type command struct {
	look  string                                                             // what it shows
	takes takes                                                              // what of patients it takes out by showing it
	free  string                                                             // why that has no limit, where takes is nil
	act   bool                                                               // it changes something
	ready func(n *Node, ctx context.Context, o Order) (Order, error)         // what can be refused before anything is shown; it may complete the order
	run   func(n *Node, ctx context.Context, o Order, emit Emit) (err error) //
}

// Why what a command shows has no limit.
const (
	noPatient = "it holds nothing of a patient"
	ofOfficer = "it is by what misuse is found: whoever fills a limit must not blind whoever watches"
	ofCare    = "a ward's care, or what was written on a ward, waits for it"
)

var commands map[string]command

func init() { // a literal would refer to itself: a command may give another one
	commands = map[string]command{
		"inbound":              {look: "inbound messages", free: noPatient, run: (*Node).listInbound},
		"quarantine list":      {look: "held-back messages", free: noPatient, run: (*Node).listHeldBack},
		"quarantine show":      {look: "a held-back message", takes: oneRecord, run: (*Node).showHeldBack, ready: (*Node).hasRow},
		"quarantine replay":    {act: true, run: (*Node).replay},
		"quarantine dismiss":   {act: true, run: (*Node).dismiss},
		"export":               {look: "every current resource", takes: everything, run: (*Node).export},
		"document":             {look: "a document", takes: oneRecord, run: (*Node).document, ready: (*Node).hasDocument},
		"history":              {look: "a resource's history", takes: oneRecord, run: (*Node).history, ready: (*Node).hasHistory},
		"emergency list":       {look: "emergency accesses", free: ofOfficer, run: (*Node).emergencies},
		"emergency review":     {act: true, run: (*Node).reviewEmergency},
		"emergency end":        {act: true, run: (*Node).endEmergency},
		"emergency tell":       {act: true, run: (*Node).tellPrivacy},
		"undelivered":          {look: "critical results not yet shown", free: ofCare, run: (*Node).undelivered},
		"audit list":           {look: "the audit trail", free: ofOfficer, run: (*Node).auditList},
		"audit verify":         {look: "whether the audit trail is whole", free: ofOfficer, run: (*Node).auditVerify},
		"audit checkpoint":     {look: "a checkpoint of the audit log", free: ofOfficer, run: (*Node).auditCheckpoint, ready: mayWrite},
		"audit patient":        {look: "who looked at a patient's record", takes: oneRecord, run: (*Node).auditPatient, ready: (*Node).meant},
		"audit flagged":        {look: "looks that stand out", free: ofOfficer, run: (*Node).auditFlagged},
		"audit watch":          {act: true, run: (*Node).auditWatch, ready: (*Node).meantOne},
		"backup":               {look: "a backup of everything", takes: aBackup, run: (*Node).backup, ready: (*Node).mayBackUp},
		"user list":            {look: "the accounts", free: noPatient, run: (*Node).userList},
		"user add":             {act: true, run: (*Node).userAdd},
		"user pin":             {act: true, run: (*Node).userPIN},
		"user change":          {act: true, run: (*Node).userChange},
		"user close":           {act: true, run: (*Node).userClose},
		"user reopen":          {act: true, run: (*Node).userReopen},
		"user sessions list":   {look: "somebody's open sessions", free: noPatient, run: (*Node).sessionsList},
		"user sessions end":    {act: true, run: (*Node).sessionsEnd},
		"user totp enrol":      {act: true, run: (*Node).secondEnrol},
		"user totp confirm":    {act: true, run: (*Node).secondConfirm},
		"user totp remove":     {act: true, run: (*Node).secondRemove},
		"user totp demand":     {act: true, run: (*Node).secondDemand},
		"user unbind":          {act: true, run: (*Node).userUnbind},
		"sso set":              {act: true, run: (*Node).ssoSet},
		"sso show":             {look: "how the hospital's sign-in service is set", free: noPatient, run: (*Node).ssoShow},
		"sso off":              {act: true, run: (*Node).ssoOff},
		"enrol-code":           {act: true, run: (*Node).enrolCode},
		"revoke":               {act: true, run: (*Node).revoke},
		"stations":             {look: "the computers", free: noPatient, run: (*Node).stations},
		"stations wipe":        {act: true, run: (*Node).wipeStation},
		"stations rekey":       {act: true, run: (*Node).rekeyStation},
		"stations allow-older": {act: true, run: (*Node).allowOlder},
		"limits":               {act: true, run: (*Node).limits},
		"keys list":            {look: "central's keys, by id and age", free: noPatient, run: (*Node).keysList},
		"keys change":          {act: true, run: (*Node).keysChange},
		"ca list":              {look: "the authorities", free: noPatient, run: (*Node).listCAs},
		"ca prepare":           {act: true, run: (*Node).prepareCA},
		"ca request":           {act: true, run: (*Node).requestCA},
		"ca import":            {act: true, run: (*Node).importCA},
		"ca switch":            {act: true, run: (*Node).switchCA},
		"ca retire":            {act: true, run: (*Node).retireCA},
		"sender list":          {look: "who may send over TLS", free: noPatient, run: (*Node).senderList},
		"sender authority":     {look: "the authorities that senders know central by", free: noPatient, run: (*Node).senderAuthority},
		"sender add":           {act: true, run: (*Node).senderAdd},
		"sender remove":        {act: true, run: (*Node).senderRemove},
		"unmerge":              {act: true, run: (*Node).unmerge},
		"epoch list":           {look: "the epochs", free: noPatient, run: (*Node).listEpochs},
		"epoch begin":          {act: true, run: (*Node).beginEpoch},
		"outbox recover":       {look: "a damaged station's unsent work", free: ofCare, run: (*Node).recoverOutbox, ready: isThere},
	}
}

// Do carries out one command. What it shows is journaled as a look first: a
// look that cannot be recorded does not take place.
func (n *Node) Do(ctx context.Context, o Order, emit Emit) error {
	c, known := commands[o.Cmd]
	if !known {
		return fault.New(fault.Invalid, "node.do", o.Cmd, "no such command")
	}
	given := o
	var err error
	if c.ready != nil {
		if o, err = c.ready(n, ctx, o); err != nil {
			return n.notDone(ctx, c, given, err, false)
		}
	}
	switch {
	case c.look == "":
	case c.takes != nil:
		if refused, err := n.take(ctx, c, o); refused {
			return fault.Wrap("node.do", o.Cmd, err) // it is on record
		} else if err != nil {
			return err
		}
	case c.free == "":
		return n.notDone(ctx, c, o, fault.New(fault.Denied, "node.do", o.Cmd, "nobody has decided how much this command may take out"), false)
	default:
		if err := n.auditLook(ctx, o, c.look); err != nil {
			return err
		}
	}
	if c.act {
		ctx = withOrder(ctx, o)
	}
	if err := c.run(n, ctx, o, emit); err != nil {
		return n.notDone(ctx, c, o, err, c.look != "")
	}
	return nil
}

// notDone puts on record that a command was refused or did not work; begun says
// that its look is on record already. It returns why.
func (n *Node) notDone(ctx context.Context, c command, o Order, why error, begun bool) error {
	why = fault.Wrap("node.do", o.Cmd, why)
	if c.look == "" && !c.act {
		return why
	}
	e := n.ordered(o)
	e.Action = actionOf(c, o)
	e.Outcome, e.Reason = outcomeOf(why), fault.Words(why)
	e.Reason = strings.ToValidUTF8(e.Reason[:min(len(e.Reason), maxReason)], "")
	if begun {
		e.Details = append(e.Details, audit.Detail{Name: detailBegun, Value: "yes"})
	}
	b, err := e.JSON()
	if err == nil {
		err = n.submit.Audit(context.WithoutCancel(ctx), b)
	}
	if err != nil {
		n.conf.Log.Error("a command that was not carried out could not be put on record", "command", o.Cmd, "err", err)
		return errors.Join(why, fault.Wrap("node.do", o.Cmd, err))
	}
	return why
}

// detailBegun says that a command's look is on record already, just before, as one
// that took place: this event says how it ended.
const detailBegun = "broke-off"

// maxReason keeps a reason inside what an audit event may hold.
const maxReason = 1000

// outcomeOf is how a command ended: refused where asking again in the same way
// would be refused again, failed where something did not work.
func outcomeOf(err error) audit.Outcome {
	switch fault.KindOf(err) {
	case fault.Invalid, fault.NotFound, fault.Exists, fault.Denied, fault.Unknown, fault.Conflict, fault.Unsupported:
		return audit.Refused
	case fault.Other, fault.Unavailable, fault.Full, fault.Corrupt, fault.Timeout:
	}
	return audit.Failed
}

type orderKey struct{}

// withOrder is ctx that bears an administrator's order, for the event of what is
// done by it.
func withOrder(ctx context.Context, o Order) context.Context {
	return context.WithValue(ctx, orderKey{}, o)
}

func orderOf(ctx context.Context) (Order, bool) {
	o, ok := ctx.Value(orderKey{}).(Order)
	return o, ok
}

// onRecord are the arguments that an event of a command repeats: what names persons,
// computers and things, never a PIN or a passphrase.
var onRecord = []string{
	"user", "name", "role", "wards", "new_ward", "station", "reason", "type", "id", "patient", "by_number", "file", "to", "sum", "at", "end",
	"offline_hours", "keep_days", "session_hours", "tries", "slow_from", "slow_seconds", "slow_factor", "print_hour", "print_day", "take_hour", "take_day", "force", "issuer", "client", "claim", "domain", "button", "pin_hours", "any_age", "hospital", "demand", "key",
	"mail", "pager", "nobody", "sender", "as", "dns", "plain_too", "replace",
}

// notOnRecord are those that it leaves out, and why.
var notOnRecord = map[string]string{
	"pin":             "a secret",
	"code":            "a secret: of a second factor",
	"keys_passphrase": "a secret",
	"words":           "what the review found: it is kept with the review",
	"ca":              "a certificate: the change names it by its SHA-256",
	"cert":            "a certificate: the change names the authority by its fingerprint",
	"request":         "a public key: the change names it by its sum",
	"authority":       "certificates: the change names them by their sum",
	"checkpoint":      "what it is held to is in its answer",
}

// ordered is what every event of an administrator's command says.
func (n *Node) ordered(o Order) audit.Event {
	e := audit.Event{
		Action: audit.Config, Recorded: n.conf.Now(), Observer: "central", Purpose: audit.Operations,
		Who:     audit.Who{User: record.UserID(o.Who), Name: "administrator " + o.Who},
		Details: []audit.Detail{{Name: "command", Value: o.Cmd}},
	}
	for _, arg := range onRecord {
		if v := o.Args[arg]; v != "" {
			e.Details = append(e.Details, audit.Detail{Name: arg, Value: v[:min(len(v), 200)]})
		}
	}
	return e
}

func actionOf(c command, o Order) audit.Action {
	switch {
	case o.Cmd == "export" || o.Cmd == "backup" || o.Cmd == "document":
		return audit.Export
	case c.look != "":
		return audit.Read
	}
	return audit.Config
}

// auditLook journals that an administrator is about to look at something.
func (n *Node) auditLook(ctx context.Context, o Order, what string) error {
	b, err := n.lookEvent(o, what).JSON()
	if err != nil {
		return err
	}
	return n.submit.Audit(ctx, b)
}

func (n *Node) lookEvent(o Order, what string) audit.Event {
	e := n.ordered(o)
	if e.Action = actionOf(commands[o.Cmd], o); e.Action == audit.Config { // one that may change something, and only shows it
		e.Action = audit.Read
	}
	e.Details = append([]audit.Detail{{Name: "what", Value: what}}, e.Details...)
	return e
}

// Recorded says what of central's commands and of its start is on record: for a test of
// the command line that leaves nothing out.
func Recorded() (looks, acts, args, start []string) {
	for name, c := range commands {
		if c.act {
			acts = append(acts, name)
		} else {
			looks = append(looks, name)
		}
	}
	for _, s := range (&Node{}).startSettings() {
		start = append(start, s.Name)
	}
	return looks, acts, append([]string(nil), onRecord...), start
}
