package node

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base32"
	"encoding/json"
	"encoding/pem"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"wardlight/internal/central/callout"
	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/totp"
)

// What a command that changes something leaves in the audit trail. A new command has to
// say here which of them it is, or TestEveryActHasAnAuditDecision fails.
const (
	// configuration: one event with who, what, and each setting before and after, which
	// TestConfigurationIsOnRecordBeforeAndAfter sees for each of them.
	configuration = "configuration"
	// elsewhere is configuration whose event another test looks at.
	elsewhere = "configuration, seen elsewhere"
	// record_ changes what the record holds: versions and reviews tell what was before.
	record_ = "record"
)

var actDecisions = map[string]string{
	"quarantine replay": record_, "quarantine dismiss": record_, "emergency review": record_, "emergency end": record_, "unmerge": record_,
	"user add": configuration, "user pin": configuration, "user change": configuration, "user close": configuration, "user reopen": configuration,
	"user totp enrol": configuration, "user totp confirm": configuration, "user totp remove": configuration, "user totp demand": configuration,
	"user sessions end": configuration, "user unbind": configuration, "sso set": configuration, "sso off": configuration, "enrol-code": configuration, "revoke": configuration,
	"stations wipe": configuration, "stations rekey": configuration, "stations allow-older": configuration, "emergency tell": configuration, "limits": configuration, "keys change": configuration, "audit watch": configuration,
	"ca prepare": configuration, "ca request": configuration, "ca switch": configuration, "ca retire": configuration,
	"sender add": configuration, "sender remove": configuration,
	"ca import":   elsewhere, // TestTheHospitalsOwnAuthorityCertifiesOurs
	"epoch begin": elsewhere, // TestAnEpochThatIsBegunIsOnRecord
}

func TestEveryActHasAnAuditDecision(t *testing.T) {
	for name, c := range commands {
		if c.act && actDecisions[name] == "" {
			t.Errorf("%s changes something, and nobody has decided what of it is on record: add it to actDecisions", name)
		}
	}
	for name := range actDecisions {
		if !commands[name].act {
			t.Errorf("%s is decided about and changes nothing", name)
		}
	}
}

// Every argument that an order may bear is on record, or is a secret.
func TestEveryArgumentIsOnRecordOrASecret(t *testing.T) {
	pkgs, err := parser.ParseDir(token.NewFileSet(), ".", func(f fs.FileInfo) bool { return !strings.HasSuffix(f.Name(), "_test.go") }, 0) //nolint:staticcheck // one folder, no build tags
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	ast.Inspect(pkgs["node"], func(n ast.Node) bool {
		if kv, ok := n.(*ast.KeyValueExpr); ok { // of a table that orders are read by
			lit, is := kv.Key.(*ast.BasicLit)
			if _, fn := kv.Value.(*ast.FuncLit); is && fn && lit.Kind == token.STRING {
				found[strings.Trim(lit.Value, `"`)] = true
			}
		}
		ix, ok := n.(*ast.IndexExpr)
		if !ok {
			return true
		}
		sel, ok := ix.X.(*ast.SelectorExpr)
		if lit, is := ix.Index.(*ast.BasicLit); ok && is && sel.Sel.Name == "Args" {
			name, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			found[name] = true
		}
		return true
	})
	if len(found) < 20 {
		t.Fatalf("only %d arguments were found", len(found))
	}
	for name := range found {
		if slices.Contains(onRecord, name) == (notOnRecord[name] != "") {
			t.Errorf("argument %q: put it in onRecord, or in notOnRecord with a reason", name)
		}
	}
	for _, name := range append(slices.Collect(keysOf(notOnRecord)), onRecord...) {
		if !found[name] {
			t.Errorf("argument %q is decided about, and no command has it", name)
		}
	}
}

func keysOf(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

const (
	aStation   = "saaaaaaaaaaaa"
	aPIN       = "482915"
	anotherPIN = "773341"
	aPatient   = "p1"
)

// step is one command of the script, and what it has to say was changed.
type step struct {
	cmd  string
	args map[string]string
	want []audit.Change // "*" matches anything
}

// Each command that changes the configuration is on record with who gave it, and with
// what was before and after; no PIN, code, passphrase or second factor is.
func TestConfigurationIsOnRecordBeforeAndAfter(t *testing.T) {
	ctx := context.Background()
	n := openNode(t, newCentral(t))
	defer closeNode(t, n)
	put(t, n, record.DeviceNote(aStation), record.Device{Station: aStation, Place: "4B-02", Wards: []record.Ward{"4B"}, Enrolled: 1, Spoke: []uint16{1, 20}, Lacks: []uint16{20}, Share: []byte("a share that nobody may read, 32")})
	secret := ""
	c := func(name, before, after string) audit.Change {
		return audit.Change{Name: name, Before: before, After: after}
	}
	for _, s := range []step{
		{"user add", map[string]string{"user": "g.mensah", "name": "Grace Mensah", "role": "nurse", "wards": "4B", "pin": aPIN}, []audit.Change{c("name", "none", "Grace Mensah"), c("role", "none", "nurse"), c("wards", "none", "4B"), c("state", "none", "open"), c("PIN", "none", "another")}},
		{"user change", map[string]string{"user": "g.mensah", "role": "administrator", "wards": "4B,5A"}, []audit.Change{c("role", "nurse", "administrator"), c("wards", "4B", "4B, 5A")}},
		{"user pin", map[string]string{"user": "g.mensah", "pin": anotherPIN}, []audit.Change{c("PIN", "one", "another")}},
		{"user close", map[string]string{"user": "g.mensah"}, []audit.Change{c("state", "open", "*")}},
		{"user reopen", map[string]string{"user": "g.mensah", "pin": aPIN}, []audit.Change{c("state", "*", "open"), c("PIN", "one", "another")}},
		{"user totp enrol", map[string]string{"user": "g.mensah"}, []audit.Change{c("second factor", "none", "not confirmed yet")}},
		{"user totp confirm", map[string]string{"user": "g.mensah"}, []audit.Change{c("second factor", "not confirmed yet", "asked for, 10 recovery codes left")}},
		{"user totp demand", map[string]string{"demand": "on"}, []audit.Change{c("second factor of administrators", "not demanded", "demanded")}},
		{"user totp demand", map[string]string{"demand": "off", "reason": "the phones were stolen"}, []audit.Change{c("second factor of administrators", "demanded", "not demanded")}},
		{"user totp remove", map[string]string{"user": "g.mensah", "reason": "lost"}, []audit.Change{c("second factor", "asked for, 10 recovery codes left", "none")}},
		{"user unbind", map[string]string{"user": "g.mensah"}, []audit.Change{c("hospital's account", "https://id.example 1", "none")}},
		{"sso set", map[string]string{"issuer": "https://id.example", "client": "wardlight", "force": "true", "pin_hours": "8"}, []audit.Change{c("issuer", "none", "https://id.example"), c("client", "none", "wardlight"), c("claim", "none", "*"), c("button", "none", "*"), c("hours by PIN alone", "none", "8")}},
		{"sso set", map[string]string{"issuer": "https://id.example", "client": "wardlight", "force": "true", "pin_hours": "12"}, []audit.Change{c("hours by PIN alone", "8", "12")}},
		{"sso off", nil, []audit.Change{c("issuer", "https://id.example", "none"), c("client", "*", "none"), c("claim", "*", "none"), c("button", "*", "none"), c("hours by PIN alone", "12", "none")}},
		{"sender add", map[string]string{"sender": "north lab", "request": aRequest(t), "as": "LAB|NORTHFIELD"}, []audit.Change{c("known by", "none", "*"), c("names", "none", "LAB|NORTHFIELD")}},
		{"sender add", map[string]string{"sender": "north lab", "request": aRequest(t), "as": "LAB|NORTHFIELD,MICRO", "plain_too": "true", "replace": "true"}, []audit.Change{c("known by", "*", "*"), c("names", "LAB|NORTHFIELD", "LAB|NORTHFIELD, MICRO"), c("these names on the plain port", "none", "are taken")}},
		{"sender remove", map[string]string{"sender": "north lab", "reason": "closed"}, []audit.Change{c("known by", "*", "none"), c("names", "LAB|NORTHFIELD, MICRO", "none"), c("these names on the plain port", "are taken", "none")}},
		{"enrol-code", map[string]string{"wards": "4B"}, []audit.Change{c("a computer may join", "none", "4B")}},
		{"emergency tell", map[string]string{"mail": "privacy@hospital.example"}, []audit.Change{c("privacy officer's mail", "none", "privacy@hospital.example")}},
		{"emergency tell", map[string]string{"pager": "4400"}, []audit.Change{c("privacy officer's pager", "none", "4400")}},
		{"emergency tell", map[string]string{"nobody": "true"}, []audit.Change{c("privacy officer's mail", "privacy@hospital.example", "none"), c("privacy officer's pager", "4400", "none")}},
		{"limits", map[string]string{"offline_hours": "24"}, []audit.Change{c("hours by PIN alone", "72", "24")}},
		{"limits", map[string]string{"keep_days": "20"}, []audit.Change{c("days of the copy", "30", "20")}},
		{"limits", map[string]string{"session_hours": "12"}, []audit.Change{c("hours of a session", "14", "12")}},
		{"limits", map[string]string{"tries": "6"}, []audit.Change{c("wrong PINs in a row", "10", "6")}},
		{"limits", map[string]string{"slow_from": "3", "slow_seconds": "2", "slow_factor": "3"}, []audit.Change{c("the try that waits first", "4", "3"), c("seconds of the first wait", "1", "2"), c("each further wait is longer by", "2", "3")}},
		{"user sessions end", map[string]string{"user": "g.mensah", "reason": "a phone was lost"}, []audit.Change{c("session", "at every computer", "ended")}},
		{"user sessions end", map[string]string{"user": "g.mensah", "station": aStation}, []audit.Change{c("session", aStation, "ended")}},
		{"audit watch", map[string]string{"id": aPatient, "reason": "in the papers"}, []audit.Change{c("watched", "no", "yes")}},
		{"audit watch", map[string]string{"id": aPatient, "reason": "no more", "end": "true"}, []audit.Change{c("watched", "yes", "no")}},
		{"keys change", map[string]string{"key": "master"}, []audit.Change{c("master key", "*", "*")}},
		{"keys change", map[string]string{"key": "data"}, []audit.Change{c("data key", "*", "*")}},
		// Twice within one second they are two keys, and two changes.
		{"keys change", map[string]string{"key": "data"}, []audit.Change{c("data key", "*", "*")}},
		{"keys change", map[string]string{"key": "raw"}, []audit.Change{c("raw key", "*", "*")}},
		{"keys change", map[string]string{"key": "signing", "force": "true"}, []audit.Change{c("signing key", "*", "*")}},
		{"keys change", map[string]string{"key": "recovery"}, []audit.Change{c("recovery key", "*", "*")}},
		{"ca request", nil, []audit.Change{c("key that waits to be certified", "none", "*")}},
		{"ca prepare", map[string]string{"force": "true"}, []audit.Change{c("next authority", "none", "*")}},
		{"ca switch", map[string]string{"force": "true"}, []audit.Change{c("authority", "*", "*"), c("next authority", "*", "none"), c("former authority", "none", "*")}},
		{"ca retire", map[string]string{"force": "true"}, []audit.Change{c("former authority", "*", "none")}},
		{"stations allow-older", map[string]string{"station": aStation, "reason": "the new one does not print"}, []audit.Change{c("capabilities", "1 20", "1"), c("capabilities left out", "20", "none")}},
		{"stations rekey", map[string]string{"station": aStation}, []audit.Change{c("new keys ordered", "none", "*")}},
		{"stations wipe", map[string]string{"station": aStation, "reason": "stolen"}, []audit.Change{c("wipe ordered", "none", "*")}},
		{"revoke", map[string]string{"station": aStation}, []audit.Change{c("revoked", "none", "*")}},
	} {
		switch s.cmd {
		case "user totp confirm":
			code, err := totp.At(fromText(t, secret), time.Now())
			if err != nil {
				t.Fatal(err)
			}
			s.args["code"] = code
		case "user unbind":
			a, err := n.office.Account(ctx, "g.mensah")
			if err != nil {
				t.Fatal(err)
			}
			a.Hospital = "https://id.example 1"
			put(t, n, "user/g.mensah", a)
		case "audit watch":
			aPatientIn(t, n)
		}
		before := len(eventsOf(t, n))
		said, err := ask(t, n, s.cmd, s.args)
		if err != nil {
			t.Fatalf("%s: %v", s.cmd, err)
		}
		if s.cmd == "user totp enrol" {
			secret = said[0]["secret"].(string)
		}
		events := eventsOf(t, n)[before:]
		if len(events) != 1 {
			t.Errorf("%s left %d events", s.cmd, len(events))
			continue
		}
		checkStep(t, s, events[0])
		delete(uncovered, s.cmd)
	}
	for cmd := range uncovered {
		t.Errorf("%s is configuration, and nobody looked at its event", cmd)
	}
	all := ""
	for _, e := range eventsOf(t, n) {
		b, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		all += string(b)
	}
	for _, s := range []string{aPIN, anotherPIN, secret, strings.ReplaceAll(secret, " ", ""), "a share that nobody"} {
		if strings.Contains(all, s) {
			t.Errorf("%q is on record", s)
		}
	}
}

// uncovered are the commands of configuration that no step has given yet.
var uncovered = func() map[string]bool {
	m := map[string]bool{}
	for cmd, d := range actDecisions {
		if d == configuration {
			m[cmd] = true
		}
	}
	return m
}()

func checkStep(t *testing.T, s step, e audit.Event) {
	t.Helper()
	if e.Who.User != "p.officer" && e.Who.Sender != "administrator p.officer" {
		t.Errorf("%s is on record as given by %+v", s.cmd, e.Who)
	}
	if !slices.Contains(e.Details, audit.Detail{Name: "command", Value: s.cmd}) {
		t.Errorf("%s is on record as %+v", s.cmd, e.Details)
	}
	got, err := audit.Changes(e.Details)
	if err != nil {
		t.Errorf("%s: %v", s.cmd, err)
	}
	same := slices.EqualFunc(got, s.want, func(a, b audit.Change) bool {
		return a.Name == b.Name && a.Before != a.After && (b.Before == "*" && a.Before != "none" || a.Before == b.Before) && (b.After == "*" && a.After != "none" || a.After == b.After)
	})
	if !same {
		t.Errorf("%s says that it changed %v, want %v", s.cmd, got, s.want)
	}
}

// aRequest is a sender's request for a certificate.
func aRequest(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
}

func put(t *testing.T, n *Node, key string, v any) {
	t.Helper()
	b, err := record.Encode(v)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.journal.Update(context.Background(), func(tx journal.Tx) error { return tx.SetNote(key, b) }); err != nil {
		t.Fatal(err)
	}
}

func eventsOf(t *testing.T, n *Node) (list []audit.Event) {
	t.Helper()
	err := n.journal.View(context.Background(), func(r journal.Reader) error {
		for e, err := range r.Trail(0) {
			if err != nil {
				return err
			}
			for _, b := range e.Audits {
				a, err := audit.Parse(b)
				if err != nil {
					return err
				}
				list = append(list, a)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// A central that is started in another way than the last time says so, once: what was
// before and what is now. One that is started as before says nothing.
func TestAnotherStartOfCentralIsOnRecord(t *testing.T) {
	conf := newCentral(t)
	conf.Listen, conf.MLLP, conf.Program, conf.SecretsIn = "127.0.0.1:0", "127.0.0.1:0", "wardlightd 1", "the keyring"
	start := func() []audit.Change {
		t.Helper()
		n := openNode(t, conf)
		before := len(eventsOf(t, n))
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		up, done := make(chan bool, 1), make(chan error, 1)
		go func() { done <- n.Serve(ctx, func(Ready) { up <- true }) }()
		select {
		case <-up:
		case err := <-done:
			t.Fatal(err)
		}
		var changes []audit.Change
		for _, e := range eventsOf(t, n)[before:] {
			if slices.ContainsFunc(e.Details, func(d audit.Detail) bool { return strings.Contains(d.Value, "started in another way") }) {
				got, err := audit.Changes(e.Details)
				if err != nil || e.Action != audit.Config || e.Who.User == "" {
					t.Errorf("%+v, %v", e, err)
				}
				changes = append(changes, got...)
			}
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		closeNode(t, n)
		return changes
	}
	if got := start(); !slices.Contains(got, audit.Change{Name: "--mllp", Before: "none", After: "127.0.0.1:0"}) {
		t.Errorf("the first start is on record with %v", got)
	}
	if got := start(); len(got) != 0 {
		t.Errorf("the same start again is on record with %v", got)
	}
	conf.ProcessingIDs, conf.Program = []string{"P", "T"}, "wardlightd 2"
	want := []audit.Change{{Name: "program", Before: "wardlightd 1", After: "wardlightd 2"}, {Name: "--processing-ids", Before: "P", After: "P,T"}}
	if got := start(); !slices.Equal(got, want) {
		t.Errorf("another start is on record with %v, want %v", got, want)
	}
	if got := start(); len(got) != 0 {
		t.Errorf("that one again is on record with %v", got)
	}
	gateways := `{"format": 1, "webhook": {"url": "https://ward:hush@pager.example/send?key=hush"}}`
	if err := os.WriteFile(filepath.Join(conf.Dir, callout.File), []byte(gateways), 0o600); err != nil {
		t.Fatal(err)
	}
	want = []audit.Change{{Name: "callout.json", Before: "none", After: "in use"}, {Name: "webhook url", Before: "none", After: "https://pager.example/send"}}
	if got := start(); !slices.Equal(got, want) {
		t.Errorf("a pager's gateway is on record with %v, want %v", got, want)
	}
}

// How central was started is on its disk for ever: a note of today opens.
func TestTheFirstNoteOfAStartOpens(t *testing.T) {
	b := []byte{1, 0x82, 0xa2, 1, 0x66, '-', '-', 'm', 'l', 'l', 'p', 2, 0x61, 'x', 0xa2, 1, 0x61, 'y', 2, 0x60}
	var got []startSetting
	if err := record.Decode(b, &got); err != nil || !slices.Equal(got, []startSetting{{"--mllp", "x"}, {"y", ""}}) {
		t.Errorf("%v, %v", got, err)
	}
	if is, err := record.Encode(got); err != nil || string(is) != string(b) {
		t.Errorf("it is written as % x, %v", is, err)
	}
}

// Emptying central on purpose leaves how it is set: a demand of a second factor that
// went with the patients would be a change that nobody made.
func TestAWipeLeavesTheSettings(t *testing.T) {
	conf := newCentral(t)
	n := openNode(t, conf)
	aPatientIn(t, n)
	for _, s := range []step{{cmd: "user totp demand", args: map[string]string{"demand": "on"}}, {cmd: "limits", args: map[string]string{"offline_hours": "24", "tries": "5"}}, {cmd: "emergency tell", args: map[string]string{"pager": "4400"}}, {cmd: "sso set", args: map[string]string{"issuer": "https://id.example", "client": "wardlight", "force": "true"}}} {
		if _, err := ask(t, n, s.cmd, s.args); err != nil {
			t.Fatal(err)
		}
	}
	closeNode(t, n)
	if err := Wipe(context.Background(), conf, "i.admin", func(any) error { return nil }); err != nil {
		t.Fatal(err)
	}
	n = openNode(t, conf)
	defer closeNode(t, n)
	ctx := context.Background()
	if on, err := n.office.SecondDemanded(ctx); err != nil || !on {
		t.Errorf("a second factor is demanded: %v, %v", on, err)
	}
	if l, err := n.office.Limits(ctx); err != nil || l.Offline != 24*time.Hour || l.Guessing.Tries != 5 {
		t.Errorf("the limits are %v, %v", l, err)
	}
	if to, err := n.submit.PrivacyTo(ctx); err != nil || to.Pager != "4400" {
		t.Errorf("the privacy officer is told at %v, %v", to, err)
	}
	if p, err := n.office.Hospital(ctx); err != nil || p == nil {
		t.Errorf("the hospital's sign-in service: %v, %v", p, err)
	}
	if _, err := ask(t, n, "history", map[string]string{"type": "Patient", "id": aPatient}); !fault.Is(err, fault.NotFound) {
		t.Errorf("a patient is left: %v", err)
	}
}

// aPatientIn has a patient's record in the journal, once.
func aPatientIn(t *testing.T, n *Node) {
	t.Helper()
	ref := fhir.Ref{Type: fhir.TypePatient, ID: aPatient}
	_, err := n.journal.Update(context.Background(), func(tx journal.Tx) error {
		if _, there, err := tx.Current(ref); err != nil || there {
			return err
		}
		return tx.Put(record.Change{Ref: ref, Version: 1, Patient: aPatient, Body: []byte(`{"id":"p1","resourceType":"Patient"}`), Author: record.Author{Sender: "mllp"}})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func fromText(t *testing.T, secret string) []byte {
	t.Helper()
	b, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// An epoch that somebody begins is on record with which, why and from where on.
func TestAnEpochThatIsBegunIsOnRecord(t *testing.T) {
	n := openNode(t, newCentral(t))
	defer closeNode(t, n)
	if _, err := ask(t, n, "epoch begin", nil); err != nil {
		t.Fatal(err)
	}
	for _, e := range eventsOf(t, n) {
		if slices.Contains(e.Details, audit.Detail{Name: "what", Value: "epoch begun"}) {
			if e.Who.User != "p.officer" || !slices.Contains(e.Details, audit.Detail{Name: "epoch", Value: n.journal.Epoch().ID}) {
				t.Errorf("it is on record as %+v", e)
			}
			return
		}
	}
	t.Error("an epoch was begun, and it is on no record")
}
