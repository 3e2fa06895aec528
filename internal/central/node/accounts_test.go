package node_test

import (
	"bytes"
	"context"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/central/node"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/keys"
	"wardlight/internal/trust/totp"
)

func mensah(with args) args {
	a := args{"user": "g.mensah", "name": "Grace Mensah", "role": "nurse", "wards": "4B", "pin": "481526"}
	for k, v := range with {
		a[k] = v
	}
	return a
}

// person is what these tests read of 'user list'.
type person struct {
	User, Name, Role, State string
	Wards                   []string
	Failures                int
}

func (h *house) people() (list []string) {
	h.t.Helper()
	for _, p := range decode[person](h.t, h.ask("user list", nil)) {
		list = append(list, fmt.Sprintln(p.User, p.Name, p.Role, p.Wards, p.State))
	}
	return list
}

// TestAnAccountIsNotMadeTwice: the second one of a name is somebody else, or a
// mistake, and takes nothing from the first.
func TestAnAccountIsNotMadeTwice(t *testing.T) {
	h := newHouse(t, filepath.Join(t.TempDir(), "central")).serve()
	h.ask("user add", mensah(nil))
	before := h.people()
	for _, with := range []args{{"pin": "912873"}, {"user": "G.Mensah "}, {"role": "administrator"}} {
		if _, err := h.try("user add", mensah(with)); !fault.Is(err, fault.Exists) || !strings.Contains(err.Error(), "user pin g.mensah") || !strings.Contains(err.Error(), "user change") {
			t.Errorf("made twice with %v: %v", with, err)
		}
	}
	if after := h.people(); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("before %v, after %v", before, after)
	}
	h.ask("user close", args{"user": "g.mensah"})
	if _, err := h.try("user add", mensah(nil)); !fault.Is(err, fault.Exists) || !strings.Contains(err.Error(), "user reopen") {
		t.Errorf("over a closed account: %v", err)
	}
	for cmd, a := range map[string]args{"user pin": {"user": "g.mensah", "pin": "773341"}, "user change": {"user": "g.mensah", "role": "doctor"}} {
		if _, err := h.try(cmd, a); !fault.Is(err, fault.Denied) {
			t.Errorf("%s of a closed account: %v", cmd, err)
		}
	}
	h.ask("user reopen", args{"user": "g.mensah", "pin": "773341"})
	h.ask("user change", args{"user": "g.mensah", "role": "charge-nurse"})
	if got := h.people(); len(got) != 1 || got[0] != "g.mensah Grace Mensah charge-nurse [4B] open\n" {
		t.Errorf("in the end %v", got)
	}
	if _, err := h.try("user pin", args{"user": "g.menash", "pin": "773341"}); !fault.Is(err, fault.NotFound) || !strings.Contains(err.Error(), "user list") {
		t.Errorf("a PIN for nobody: %v", err)
	}
	if said := text(h.ask("user list", nil)); strings.Contains(said, "773341") || strings.Contains(strings.ToLower(said), "pin") {
		t.Errorf("the list holds a secret: %s", said)
	}
}

// TestAWardThatIsMisspeltIsNoticed: an account for it would show an empty board for
// ever. A ward that has no patients yet is one all the same, and is said.
func TestAWardThatIsMisspeltIsNoticed(t *testing.T) {
	h := newHouse(t, filepath.Join(t.TempDir(), "central")).serve()
	if said := text(h.ask("user add", mensah(nil))); !strings.Contains(said, `"new_wards":["4B"]`) || !strings.Contains(said, "it knows no ward so far. Nobody") {
		t.Errorf("the first ward of all: %s", said)
	}
	h.send(admission("A1")...)
	for _, typed := range []string{"4b", "B4", "Ward 4B", "4-B", "4BB", "48", "7A,4b"} {
		_, err := h.try("user add", mensah(args{"user": "t.blake", "wards": typed}))
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "was 4B meant") || !strings.Contains(err.Error(), "--new-ward") {
			t.Errorf("ward %s: %v", typed, err)
		}
	}
	if _, err := h.try("user change", args{"user": "g.mensah", "wards": "b4"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("changed to a ward that is not there: %v", err)
	}
	if said := text(h.ask("user add", mensah(args{"user": "t.blake", "wards": "4B,5C"}))); !strings.Contains(said, `"new_wards":["5C"]`) || !strings.Contains(said, "it knows 4B") {
		t.Errorf("a ward without patients: %s", said)
	}
	if said := text(h.ask("user add", mensah(args{"user": "n.new", "wards": "4C,5C"}))); !strings.Contains(said, `"new_wards":["4C"]`) {
		t.Errorf("the ward next door: %s", said)
	}
	h.ask("user add", mensah(args{"user": "b.four", "wards": "B4", "new_ward": "true"}))
	h.ask("user change", args{"user": "g.mensah", "wards": "B4"}) // is known now
	if said := text(h.ask("enrol-code", args{"wards": "4B,7X"})); !strings.Contains(said, `"new_wards":["7X"]`) || !strings.Contains(said, "let the code run out") {
		t.Errorf("a computer of a ward that is not known: %s", said)
	}
	if said, err := h.try("enrol-code", args{"wards": "4B,5-c"}); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "was 5C meant") || strings.Contains(text(said), "code") {
		t.Errorf("a computer of a ward that is misspelt: %v, %s", err, text(said))
	}
	h.ask("enrol-code", args{"wards": "5-c", "new_ward": "true"})
}

// TestAnAccountWithoutAWardIsNoticed: a nurse of no ward would sign in to an empty board.
func TestAnAccountWithoutAWardIsNoticed(t *testing.T) {
	h := newHouse(t, filepath.Join(t.TempDir(), "central")).serve()
	for role, said := range map[string]bool{"nurse": true, "charge-nurse": true, "doctor": true, "ward-clerk": true, "administrator": false, "privacy-officer": false, "interface-manager": false} {
		got := text(h.ask("user add", mensah(args{"user": "u." + role, "role": role, "wards": ""})))
		if strings.Contains(got, "has no ward") != said {
			t.Errorf("a %s without a ward: %s", role, got)
		}
	}
	if got := text(h.ask("user change", args{"user": "u.nurse", "wards": "4B"})); strings.Contains(got, "has no ward") {
		t.Errorf("it has one now: %s", got)
	}
}

// TestWhoLostARightDoesNotGetItBackByARestore: closed accounts stay closed, lesser
// roles lesser, new PINs in force, whether the order came to a running central or a
// stopped one.
func TestWhoLostARightDoesNotGetItBackByARestore(t *testing.T) {
	h := newHouse(t, filepath.Join(t.TempDir(), "central")).serve()
	for _, user := range []string{"stays", "closed", "closed-while-stopped", "lesser", "pin"} {
		h.ask("user add", mensah(args{"user": user}))
	}
	backup := filepath.Join(t.TempDir(), "b.wlj")
	h.ask("backup", args{"to": backup})
	h.ask("user close", args{"user": "closed"})
	h.ask("user change", args{"user": "lesser", "role": "ward-clerk", "wards": "5A", "new_ward": "true"})
	h.ask("user pin", args{"user": "pin", "pin": "773341"})
	h.ask("user add", mensah(args{"user": "new"}))
	h.stop()
	h.ask("user close", args{"user": "closed-while-stopped"})
	before := fmt.Sprint(h.people())
	list := filepath.Join(h.conf.Dir, "inbound", "accounts.v1")
	h.forge(list)
	check(t, os.Rename(filepath.Join(h.conf.Dir, "journal"), filepath.Join(h.conf.Dir, "moved-aside")))

	said, err := h.restore(backup)
	check(t, err)
	if again := fmt.Sprint(said["accounts_again"]); len(said["accounts_again"].([]any)) != 5 || strings.Contains(again, "stays") {
		t.Errorf("put back: %s", again)
	}
	if in := fmt.Sprint(said["accounts"]); !strings.Contains(in, "stays") || strings.Contains(in, "closed") {
		t.Errorf("said to be let in: %s", in)
	}
	if said["unreadable_accounts"] != float64(2) {
		t.Errorf("said %v", said)
	}
	if after := fmt.Sprint(h.people()); after != before {
		t.Errorf("before the restore %s, after it %s", before, after)
	}
	put := 0
	for _, e := range h.serve().events() {
		if e.Action == audit.Config && detail(e, "what") == "user-put-back" {
			put++
		}
	}
	if put != 5 {
		t.Errorf("%d are on record as put back", put)
	}
	// The list was lost: what the journal knows is written down again.
	h.stop()
	check(t, os.Remove(list))
	h.serve()
	h.stop()
	check(t, os.Rename(filepath.Join(h.conf.Dir, "journal"), filepath.Join(h.conf.Dir, "moved-aside-2")))
	if _, err := h.restore(backup); err != nil || fmt.Sprint(h.people()) != before {
		t.Errorf("after the list was lost: %v, %v", h.people(), err)
	}
}

// forge adds lines that central did not write to a list: half of one, and one of
// another central's.
func (h *house) forge(list string) {
	h.t.Helper()
	other := newHouse(h.t, filepath.Join(h.t.TempDir(), "other"))
	other.ask("user add", mensah(args{"user": "stays", "role": "administrator"}))
	foreign, err := os.ReadFile(filepath.Join(other.conf.Dir, "inbound", "accounts.v1"))
	check(h.t, err)
	f, err := os.OpenFile(list, os.O_APPEND|os.O_WRONLY, 0)
	check(h.t, err)
	_, err = f.Write(append(foreign, `{"v":1,"seal`...))
	check(h.t, err)
	check(h.t, f.Close())
	mine, err := os.ReadFile(list)
	check(h.t, err)
	for _, secret := range []string{"Mensah", "closed", "nurse"} {
		if strings.Contains(string(mine), secret) {
			h.t.Errorf("the list says %q in the clear", secret)
		}
	}
}

// TestAMachineThatWasPutBackOpensNoClosedAccount: the journal's disk is of
// yesterday, the raw inbound log's is not, and nobody ran a restore.
func TestAMachineThatWasPutBackOpensNoClosedAccount(t *testing.T) {
	h := newHouse(t, filepath.Join(t.TempDir(), "central")).serve()
	h.ask("user add", mensah(nil))
	h.stop()
	yesterday := filepath.Join(t.TempDir(), "journal")
	check(t, os.CopyFS(yesterday, os.DirFS(filepath.Join(h.conf.Dir, "journal"))))
	h.ask("user close", args{"user": "g.mensah"})
	check(t, os.RemoveAll(filepath.Join(h.conf.Dir, "journal")))
	check(t, os.Rename(yesterday, filepath.Join(h.conf.Dir, "journal")))
	if got := fmt.Sprint(h.serve().people()); !strings.Contains(got, "closed") {
		t.Errorf("%s", got)
	}
}

// TestARefusedCommandSaysSoInTheTrail: what was not done does not stand there like
// what was, and what was done stands there once, with who did it.
func TestARefusedCommandSaysSoInTheTrail(t *testing.T) {
	h := newHouse(t, filepath.Join(t.TempDir(), "central")).serve()
	h.ask("user add", mensah(nil))
	h.send(admission("A1")...)
	for _, c := range []struct {
		cmd     string
		args    args
		outcome audit.Outcome
	}{
		{"user add", mensah(args{"user": "t.blake"}), audit.Success},
		{"user add", mensah(nil), audit.Refused},
		{"user add", mensah(args{"user": "x", "role": "sister"}), audit.Refused},
		{"user close", args{"user": "nobody"}, audit.Refused},
		{"user pin", args{"user": "g.mensah", "pin": "773341"}, audit.Success},
		{"user pin", args{"user": "g.mensah", "pin": "1"}, audit.Refused},
		{"revoke", args{"station": "snobody"}, audit.Refused},
		{"stations wipe", args{"station": "snobody", "reason": "lost"}, audit.Refused},
		{"stations wipe", args{"station": "snobody"}, audit.Refused},
		{"quarantine replay", args{"id": "nothing"}, audit.Refused},
		{"quarantine show", args{"id": "nothing"}, audit.Refused},
		{"quarantine dismiss", args{"id": "nothing", "reason": "x"}, audit.Refused},
		{"history", args{"type": "Patient", "id": "nobody"}, audit.Refused},
		{"audit patient", args{"id": "nobody"}, audit.Refused},
		{"audit watch", args{"id": "nobody", "reason": "x"}, audit.Refused},
		{"audit watch", args{"id": h.someID("Patient"), "reason": "in the papers"}, audit.Success},
		{"limits", args{"keep_days": "4000"}, audit.Refused},
		{"limits", args{"keep_days": "20"}, audit.Success},
		{"user totp demand", args{"demand": "off"}, audit.Refused},
		{"user totp demand", args{"demand": "sometimes"}, audit.Refused},
		{"user totp demand", args{"demand": "on"}, audit.Success},
		{"user totp demand", args{"demand": "off", "reason": "the phones were stolen"}, audit.Success},
		{"ca retire", nil, audit.Refused},
		{"unmerge", args{"patient": "nobody", "reason": "x"}, audit.Refused},
		{"enrol-code", args{"wards": ""}, audit.Refused},
		{"enrol-code", args{"wards": "4B"}, audit.Success},
		{"backup", args{"to": filepath.Join(t.TempDir(), "nowhere", "b")}, audit.Failed},
	} {
		before := len(h.events())
		_, err := h.try(c.cmd, c.args)
		if (err == nil) != (c.outcome == audit.Success) {
			t.Fatalf("%s %v: %v", c.cmd, c.args, err)
		}
		after := h.events()
		if len(after) != before+2 {
			t.Errorf("%s %v left %d events: %+v", c.cmd, c.args, len(after)-before-1, after[before:len(after)-1])
			continue
		}
		e := after[before]
		if e.Outcome != c.outcome || e.Who.User != "i.admin" && e.Who.Sender != "administrator i.admin" || detail(e, "command") != c.cmd {
			t.Errorf("%s %v is on record as %+v", c.cmd, c.args, e)
		}
		if c.outcome != audit.Success && !strings.Contains(err.Error(), e.Reason) {
			t.Errorf("%s: told %q, on record %q", c.cmd, err, e.Reason)
		}
		if strings.Contains(fmt.Sprint(e), "773341") {
			t.Error("a PIN is on record")
		}
	}
}

// TestAListOfAccountsOfOldIsTaken: version 1, as written on the day on which it came
// to be. It must open for ever.
func TestAListOfAccountsOfOldIsTaken(t *testing.T) {
	conf := node.Config{Dir: filepath.Join(t.TempDir(), "central"), Secrets: keys.MemorySecrets(), Small: true}
	backup := filepath.Join("testdata", "backup-v1.wlj")
	check(t, node.RestoreKeys(context.Background(), conf, backup, []byte("a passphrase of some length")))
	check(t, os.MkdirAll(filepath.Join(conf.Dir, "inbound"), 0o700))
	list, err := os.ReadFile(filepath.Join("testdata", "accounts-v1"))
	check(t, err)
	check(t, os.WriteFile(filepath.Join(conf.Dir, "inbound", "accounts.v1"), list, 0o600))
	h := &house{t: t, conf: conf}
	said, err := h.restore(backup)
	check(t, err)
	if got := h.people(); fmt.Sprint(said["accounts_again"]) != "[g.mensah]" || !slices.Contains(got, "g.mensah Grace Mensah nurse [4B] closed\n") {
		t.Errorf("%v, said %v", got, said)
	}
}

// TestABackupReplacesNoFile: yesterday's may be the better one. It says what it
// holds, and leaves nothing half-made.
func TestABackupReplacesNoFile(t *testing.T) {
	h := newHouse(t, filepath.Join(t.TempDir(), "central")).serve()
	h.send(admission("A1")...)
	h.ask("user add", mensah(nil))
	dir := t.TempDir()
	to := filepath.Join(dir, "b.wlj")
	said := decode[struct {
		Bytes    int64
		Position uint64
		Newest   string
		Holds    map[string]int
	}](t, h.ask("backup", args{"to": to}))[0]
	info, err := os.Stat(to)
	check(t, err)
	if said.Bytes != info.Size() || said.Bytes == 0 || said.Newest == "" || said.Holds["patients"] != 1 || said.Holds["messages"] != 1 || said.Holds["accounts"] != 1 {
		t.Errorf("of a file of %d bytes it says %+v", info.Size(), said)
	}
	before, err := os.ReadFile(to)
	check(t, err)
	check(t, os.WriteFile(filepath.Join(dir, "other.wlj.keys"), []byte("another central's"), 0o600))
	for _, a := range []args{{"to": to}, {"to": filepath.Join(dir, "other.wlj"), "keys_passphrase": "a passphrase of some length"}} {
		if _, err := h.try("backup", a); !fault.Is(err, fault.Exists) || !strings.Contains(err.Error(), "--force") {
			t.Errorf("over a file: %v", err)
		}
	}
	if _, err := h.try("audit checkpoint", args{"to": to}); !fault.Is(err, fault.Exists) {
		t.Errorf("a checkpoint over a backup: %v", err)
	}
	if after, err := os.ReadFile(to); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file was changed: %v", err)
	}
	h.ask("backup", args{"to": to, "force": "true"})
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 {
		t.Errorf("in the folder: %v %v", left, err)
	}
}

// A restore takes a second factor off nobody: it lies beside the raw inbound log with
// its account, sealed.
func TestASecondFactorOutlivesARestore(t *testing.T) {
	h := newHouse(t, filepath.Join(t.TempDir(), "central")).serve()
	h.ask("user add", mensah(args{"user": "ada", "role": "administrator"}))
	backup := filepath.Join(t.TempDir(), "b.wlj")
	h.ask("backup", args{"to": backup})
	shown := text(h.ask("user totp enrol", args{"user": "ada"}))
	h.stop()
	check(t, os.Rename(filepath.Join(h.conf.Dir, "journal"), filepath.Join(h.conf.Dir, "moved-aside")))
	if _, err := h.restore(backup); err != nil {
		t.Fatal(err)
	}
	if said := text(h.ask("user list", nil)); !strings.Contains(said, `"second":true`) {
		t.Errorf("after the restore: %s", said)
	}
	var s struct{ Secret string }
	check(t, json.Unmarshal([]byte(shown), &s))
	list, err := os.ReadFile(filepath.Join(h.conf.Dir, "inbound", "accounts.v1"))
	check(t, err)
	if s.Secret == "" || strings.Contains(string(list), s.Secret) {
		t.Error("the list beside the raw inbound log holds the secret in clear")
	}
	code := totpNow(t, s.Secret)
	if _, err := h.try("user totp confirm", args{"user": "ada", "code": code}); err != nil {
		t.Errorf("the restored one is another: %v", err)
	}
}

func totpNow(t *testing.T, secret string) string {
	t.Helper()
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	check(t, err)
	code, err := totp.At(raw, time.Now())
	check(t, err)
	return code
}
