package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"wardlight/internal/central/node"
)

// What becomes of each command and each flag in the audit trail. Whoever adds one says
// so here, or the test fails.

// byItself are commands that are not given to the running central as an order of the
// same name, and what is on record of them.
var byItself = map[string]string{
	"init":            "there is no audit trail yet: the journal begins with it",
	"serve":           "a start that differs from the last one: TestAnotherStartOfCentralIsOnRecord",
	"restore":         "the restore, with the epoch that it begins: TestARestoreLetsNobodyInAgain",
	"wipe":            "the epoch that it begins: TestNothingComesBackAfterAWipe",
	"stations list":   "order stations",
	"ca list":         "order ca list",
	"audit flagged":   "order audit flagged",
	"user reopen":     "order user reopen",
	"enrol-code":      "order enrol-code",
	"user totp enrol": "order user totp enrol",
}

// Why a flag is on no record.
const (
	printed = "says how an answer is printed"
	secret  = "names a file with a secret"
	meant   = "has to be given, so that nobody does it by mistake"
	once    = "of a command whose own event says what it did"
)

// flags says of each flag and argument where it is on record: "start NAME" among the
// settings of a start, "argument NAME" in the event of the order, or why nowhere.
var flags = map[string]string{
	"data": "start --data", "passphrase-file": "start --passphrase-file", "inbound": "start --inbound", "listen": "start --listen", "mllp": "start --mllp",
	"mllps": "start --mllps", "mllps-cert": "start --mllps-cert", "mllps-key": "start --mllps-key",
	"sender": "argument sender", "as": "argument as", "dns": "argument dns", "plain-too": "argument plain_too", "replace": "argument replace",
	"request": "a public key; the change names it by its sum", "authority": "certificates; the change names them by their sum",
	"processing-ids": "start --processing-ids", "small": "start --small", "unsent": "start --unsent",
	"postgres": "it is refused in this version", "host": "start central.json hosts",
	"json": printed, "text": printed, "help": printed, "version": printed, "show": printed,
	"pin-file": secret, "code-file": secret, "with-keys": secret, "everything": meant, "from": once,
	"ca-file": "a certificate; the change names it by its sum", "out": once, "cert": "a certificate; the change names the authority", "checkpoint": "what it was held to is in the answer", "words": "it is kept with the review",
	"full": "argument name", "name": "argument user", "role": "argument role", "ward": "argument wards", "new-ward": "argument new_ward", "reason": "argument reason", "sso": "argument hospital",
	"mail": "argument mail", "pager": "argument pager", "nobody": "argument nobody",
	"off": "argument demand", "station": "argument station", "force": "argument force", "key": "argument key", "to": "argument to", "file": "argument file", "sum": "argument sum", "id": "argument id", "type": "argument type",
	"end": "argument end", "at": "argument at", "patient": "argument patient", "offline-hours": "argument offline_hours", "keep-days": "argument keep_days", "session-hours": "argument session_hours",
	"tries": "argument tries", "slow-from": "argument slow_from", "slow-seconds": "argument slow_seconds", "slow-factor": "argument slow_factor",
	"print-hour": "argument print_hour", "print-day": "argument print_day", "take-hour": "argument take_hour", "take-day": "argument take_day",
	"issuer": "argument issuer", "client-id": "argument client", "make-role": "argument role", "make-ward": "argument wards", "claim": "argument claim", "domain": "argument domain", "button": "argument button", "pin-hours": "argument pin_hours", "any-age": "argument any_age",
}

func TestEveryCommandAndFlagOfCentralHasAnAuditDecision(t *testing.T) {
	looks, acts, args, start := node.Recorded()
	orders := append(looks, acts...)
	var c cli
	k, err := kong.New(&c, kong.Name("wardlightd"), kong.Vars{"version": version})
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	decide := func(cmd, flag string) {
		used[flag] = true
		what, where, _ := strings.Cut(flags[flag], " ")
		switch {
		case flags[flag] == "":
			t.Errorf("%s: nobody has decided what becomes of %q in the audit trail: add it to flags", cmd, flag)
		case what == "argument" && !slices.Contains(args, where), what == "start" && !slices.Contains(start, where):
			t.Errorf("%s: %q is said to be on record as %q, and is not", cmd, flag, flags[flag])
		}
	}
	leaves := k.Model.Leaves(false)
	if len(leaves) < 40 {
		t.Fatalf("only %d commands were found", len(leaves))
	}
	given := map[string]bool{}
	for _, leaf := range leaves {
		cmd := strings.TrimPrefix(leaf.FullPath(), "wardlightd ")
		given[cmd] = true
		if said := byItself[cmd]; said == "" && !slices.Contains(orders, cmd) || strings.HasPrefix(said, "order ") && !slices.Contains(orders, strings.TrimPrefix(said, "order ")) {
			t.Errorf("%s is no order that is on record: add it to node's commands, or to byItself with what is on record of it", cmd)
		}
		for _, list := range leaf.AllFlags(false) {
			for _, f := range list {
				decide(cmd, f.Name)
			}
		}
		for _, p := range leaf.Positional {
			decide(cmd, p.Name)
		}
	}
	for cmd := range byItself {
		if !given[cmd] {
			t.Errorf("%s is decided about and is no command", cmd)
		}
	}
	for flag := range flags {
		if !used[flag] {
			t.Errorf("%q is decided about and no command has it", flag)
		}
	}
}
