package node_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/node"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/join"
	"wardlight/internal/trust/keys"
)

func (h *house) restore(from string) (map[string]any, error) {
	var said map[string]any
	err := node.Restore(context.Background(), h.conf, from, func(line any) error {
		b, err := json.Marshal(line)
		if err == nil {
			err = json.Unmarshal(b, &said)
		}
		return err
	})
	return said, err
}

// filed is what became of every message, and where it stands in the record.
func (h *house) filed() string {
	h.t.Helper()
	var b strings.Builder
	for _, r := range decode[struct {
		ID, Fate, Answer string
		Refs             []struct{ Type, ID string }
	}](h.t, h.ask("inbound", nil)) {
		fmt.Fprintln(&b, r)
	}
	return b.String()
}

// lost is a central whose journal is gone: backed up, with two messages after
// the backup that only the raw inbound log holds.
func lost(t *testing.T) (h *house, backup, before string) {
	t.Helper()
	h = newHouse(t, filepath.Join(t.TempDir(), "central")).serve()
	h.send(admission("A1")...)
	backup = filepath.Join(t.TempDir(), "b.wlj")
	h.ask("backup", args{"to": backup, "keys_passphrase": "a passphrase of some length"})
	h.send(potassium("K1", "4.1")...)
	h.send(potassium("K2", "6.8")...)
	before = h.filed()
	h.stop()
	check(t, os.Rename(filepath.Join(h.conf.Dir, "journal"), filepath.Join(h.conf.Dir, "moved-aside")))
	return h, backup, before
}

// tiring is a journal that fails after so many messages: the machine goes down
// in the middle of the replay.
type tiring struct {
	journal.Journal
	left *int
}

func (j tiring) Update(ctx context.Context, fn func(journal.Tx) error) (record.Entry, error) {
	if *j.left--; *j.left < 0 {
		return record.Entry{}, fault.New(fault.Unavailable, "test", "", "the machine went down")
	}
	return j.Journal.Update(ctx, fn)
}

// TestARestoreThatBreaksOffIsTriedAgain: in the backup, or in the replay. What
// is left in between is no journal that a server would serve.
func TestARestoreThatBreaksOffIsTriedAgain(t *testing.T) {
	h, backup, before := lost(t)
	whole, err := os.ReadFile(backup)
	check(t, err)
	cut := filepath.Join(t.TempDir(), "cut.wlj")
	check(t, os.WriteFile(cut, whole[:len(whole)-40], 0o600))
	if _, err := h.restore(cut); err == nil || !strings.Contains(err.Error(), "can be tried again") {
		t.Errorf("half a backup: %v", err)
	}
	left := 1
	h.conf.Wrap = func(j journal.Journal) journal.Journal { return tiring{j, &left} }
	if _, err := h.restore(backup); !fault.Is(err, fault.Unavailable) {
		t.Errorf("the machine went down, and the restore says %v", err)
	}
	h.conf.Wrap = nil
	if _, err := node.Open(context.Background(), h.conf); !fault.Is(err, fault.NotFound) || !strings.Contains(err.Error(), "run it again") {
		t.Errorf("a server on a half-made restore: %v", err)
	}
	said, err := h.restore(backup)
	if err != nil || said["replayed"] != float64(2) {
		t.Fatalf("the next try: %v %v", said, err)
	}
	if after := h.filed(); after != before {
		t.Errorf("before the loss %s, after the restore %s", before, after)
	}
	h.serve().ask("audit verify", nil)
}

func TestARestoreReplacesNoJournal(t *testing.T) {
	h, backup, before := lost(t)
	_, err := h.restore(backup)
	check(t, err)
	if _, err := h.restore(backup); !fault.Is(err, fault.Exists) || !strings.Contains(err.Error(), "aside") {
		t.Errorf("over a journal: %v", err)
	}
	if _, err := h.restore(backup + "-no"); !fault.Is(err, fault.NotFound) || !strings.Contains(err.Error(), "--from") {
		t.Errorf("without a backup: %v", err)
	}
	if after := h.filed(); after != before {
		t.Errorf("the journal was touched: %s", after)
	}
}

func TestABackupThatCannotBeWrittenSaysWhatToDo(t *testing.T) {
	h := newHouse(t, filepath.Join(t.TempDir(), "central"))
	if _, err := h.try("backup", args{"to": filepath.Join(t.TempDir(), "nowhere", "b")}); !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "--to") {
		t.Errorf("%v", err)
	}
}

// TestABackupWithItsKeysMakesACentralFromNothing: another machine, another
// keyring; the raw inbound log lay on a disk of its own and is still there.
func TestABackupWithItsKeysMakesACentralFromNothing(t *testing.T) {
	h, backup, before := lost(t)
	inbound := filepath.Join(h.conf.Dir, "inbound")
	fp := h.fp
	h.conf.Dir, h.conf.Secrets, h.conf.Inbound = filepath.Join(t.TempDir(), "new"), keys.MemorySecrets(), inbound
	if _, err := h.restore(backup); !fault.Is(err, fault.NotFound) || !strings.Contains(err.Error(), "--with-keys") {
		t.Errorf("without keys: %v", err)
	}
	put := func(pass string) error { return node.RestoreKeys(context.Background(), h.conf, backup, []byte(pass)) }
	if err := put("another passphrase"); !fault.Is(err, fault.Denied) {
		t.Errorf("a wrong passphrase: %v", err)
	}
	check(t, put("a passphrase of some length"))
	check(t, put("a passphrase of some length")) // tried again
	if said, err := h.restore(backup); err != nil || said["replayed"] != float64(2) {
		t.Fatal(said, err)
	}
	if h.serve(); h.ready.CAFingerprint != fp {
		t.Error("its stations would not know it")
	}
	if after := h.filed(); after != before {
		t.Errorf("before the loss %s, after the restore %s", before, after)
	}
	b, err := os.ReadFile(backup + ".keys")
	check(t, err)
	for _, secret := range []string{"PRIVATE KEY", "AGE-SECRET", h.conf.Program} {
		if strings.Contains(string(b), secret) {
			t.Error("the keys file is not sealed")
		}
	}
	stranger := newHouse(t, filepath.Join(t.TempDir(), "other"))
	if err := node.RestoreKeys(context.Background(), stranger.conf, backup, []byte("a passphrase of some length")); !fault.Is(err, fault.Exists) {
		t.Errorf("over another central's keys: %v", err)
	}
}

// TestABackupAndItsKeysOfOldAreTaken: version 1 of both, as written on the day
// on which they came to be. They must open for ever.
func TestABackupAndItsKeysOfOldAreTaken(t *testing.T) {
	conf := node.Config{Dir: filepath.Join(t.TempDir(), "central"), Secrets: keys.MemorySecrets(), Small: true}
	backup := filepath.Join("testdata", "backup-v1.wlj")
	check(t, node.RestoreKeys(context.Background(), conf, backup, []byte("a passphrase of some length")))
	check(t, node.Restore(context.Background(), conf, backup, func(any) error { return nil }))
	n, err := node.Open(context.Background(), conf)
	check(t, err)
	check(t, n.Close())
}

// enrol makes a computer known, and returns its id.
func (h *house) enrol(place string) string {
	h.t.Helper()
	code := decode[struct{ Code string }](h.t, h.ask("enrol-code", args{"wards": "4B"}))[0].Code
	j, err := join.Enrol(context.Background(), join.Request{Server: "https://" + h.ready.Listen, CAFingerprint: h.fp, Code: code, Place: place}, time.Now())
	check(h.t, err)
	return string(j.Config.Station)
}

// welcome are the computers that central lets in.
func (h *house) welcome() string {
	h.t.Helper()
	var list []string
	for _, s := range decode[struct{ Place, Revoked string }](h.t, h.ask("stations", nil)) {
		if s.Revoked == "" {
			list = append(list, s.Place)
		}
	}
	return strings.Join(list, " ")
}

// TestARestoreLetsNobodyInAgain: who was shut out after the backup was made
// stays so, and the restore says who is let in. A list that somebody wrote by
// hand shuts nobody out.
func TestARestoreLetsNobodyInAgain(t *testing.T) {
	h := newHouse(t, filepath.Join(t.TempDir(), "central")).serve()
	ids := map[string]string{}
	for _, place := range []string{"stays", "out-before", "out-while-serving", "out-while-stopped"} {
		ids[place] = h.enrol(place)
	}
	h.ask("revoke", args{"station": ids["out-before"]})
	backup := filepath.Join(t.TempDir(), "b.wlj")
	h.ask("backup", args{"to": backup})
	h.ask("revoke", args{"station": ids["out-while-serving"]})
	h.stop()
	h.ask("revoke", args{"station": ids["out-while-stopped"]})
	check(t, os.Rename(filepath.Join(h.conf.Dir, "journal"), filepath.Join(h.conf.Dir, "moved-aside")))
	list := filepath.Join(h.conf.Dir, "inbound", "revoked.v1")
	f, err := os.OpenFile(list, os.O_APPEND|os.O_WRONLY, 0)
	check(t, err)
	_, err = fmt.Fprintf(f, `{"v":1,"station":%q,"revoked":1,"sig":"AAAA"}`+"\n"+`{"v":1,"stati`, ids["stays"])
	check(t, err)
	check(t, f.Close())

	said, err := h.restore(backup)
	check(t, err)
	if again := fmt.Sprint(said["revoked_again"]); !strings.Contains(again, ids["out-while-serving"]) || !strings.Contains(again, ids["out-while-stopped"]) || strings.Contains(again, ids["out-before"]) {
		t.Errorf("revoked again: %s", again)
	}
	if in := fmt.Sprint(said["enrolled"]); !strings.Contains(in, "stays") || strings.Contains(in, "out") {
		t.Errorf("said to be let in: %s", in)
	}
	if said["unreadable_revocations"] != float64(2) || !strings.Contains(fmt.Sprint(said["look"]), "wardlightd revoke") {
		t.Errorf("said %v", said)
	}
	h.serve()
	if in := h.welcome(); in != "stays" {
		t.Errorf("let in: %q", in)
	}
	// The list itself was lost: what the journal knows is written down again.
	h.stop()
	check(t, os.Remove(list))
	h.serve()
	h.stop()
	check(t, os.Rename(filepath.Join(h.conf.Dir, "journal"), filepath.Join(h.conf.Dir, "moved-aside-2")))
	said, err = h.restore(backup)
	if err != nil || len(said["revoked_again"].([]any)) != 2 {
		t.Errorf("after the list was lost: %v, %v", said, err)
	}
}
