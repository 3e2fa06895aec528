package node

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
)

// aCentral is one in a folder of its own that is not serving.
func aCentral(t *testing.T) (conf Config, open func(...func(*Config)) *Node) {
	t.Helper()
	conf = Config{Dir: filepath.Join(t.TempDir(), "central"), Secrets: keys.MemorySecrets(), Small: true}
	if _, err := Init(context.Background(), conf); err != nil {
		t.Fatal(err)
	}
	return conf, func(change ...func(*Config)) *Node {
		c := conf
		for _, f := range change {
			f(&c)
		}
		n, err := Open(context.Background(), c)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = n.Close() })
		return n
	}
}

func (n *Node) must(t *testing.T, cmd string, args map[string]string) []string {
	t.Helper()
	var lines []string
	err := n.Do(context.Background(), Order{Cmd: cmd, Args: args, Who: "i.admin"}, func(line any) error {
		b, err := json.Marshal(line)
		lines = append(lines, string(b))
		return err
	})
	if err != nil {
		t.Fatalf("%s %v: %v", cmd, args, err)
	}
	return lines
}

func account(t *testing.T, n *Node, user string) {
	t.Helper()
	n.must(t, "user add", map[string]string{"user": user, "name": "Grace Mensah", "role": "nurse", "wards": "4B", "pin": "481526"})
}

// Every key of central's is changed, twice, with something written before, between and
// after: all of it is read, then and at the next start, and who ordered it is on
// record. The vault is of version 2 then, which earlier programs refuse instead of
// forgetting what came before.
func TestCentralsKeysChangeAndNothingIsLost(t *testing.T) {
	conf, open := aCentral(t)
	n := open()
	account(t, n, "n0")
	for i := 1; i <= 2; i++ {
		for _, key := range changeable {
			said := n.must(t, "keys change", map[string]string{"key": key})
			if !strings.Contains(said[0], "backup") {
				t.Errorf("it does not say that a backup is due: %s", said[0])
			}
			account(t, n, fmt.Sprintf("n%d-%s", i, key))
		}
	}
	check := func(n *Node) {
		t.Helper()
		if got := len(n.must(t, "user list", nil)); got != 11 {
			t.Errorf("%d accounts of 11", got)
		}
		if list, bad, err := n.standings(); err != nil || bad != 0 || len(list) != 11 {
			t.Errorf("beside the raw log stand %d accounts of 11, %d cannot be read: %v", len(list), bad, err)
		}
		onRecord := 0
		for _, line := range n.must(t, "audit list", nil) {
			if strings.Contains(line, `"keys change"`) {
				onRecord++
			}
		}
		if onRecord != 10 {
			t.Errorf("%d changes of 10 are on record", onRecord)
		}
		n.must(t, "audit verify", nil)
		list := strings.Join(n.must(t, "keys list", nil), "\n")
		for _, want := range []string{`"key":"master"`, `"key":"data"`, `"key":"raw"`, `"key":"signing"`, `"key":"recovery"`, `"former":2`} {
			if !strings.Contains(list, want) {
				t.Errorf("keys list says nothing of %s:\n%s", want, list)
			}
		}
	}
	agree := func(n *Node) { // what serving does
		if err := n.agreeOnStandings(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	agree(n)
	check(n)
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	n = open()
	check(n)
	account(t, n, "n9")
	v, _, err := readVault(context.Background(), conf.Dir, conf.Secrets, n.set)
	if err != nil || v.Version != 2 || len(v.FormerData) != 2 || len(v.FormerRaw) != 2 || len(v.FormerRecovery) != 2 || len(v.Handovers) != 2 {
		t.Errorf("the vault: version %d, %v", v.Version, err)
	}
	if _, err := conf.Secrets.Get(context.Background(), nextMasterAccount(n.set.ID)); !fault.Is(err, fault.NotFound) {
		t.Errorf("a next master key stays in the keyring: %v", err)
	}
	// What is written in the run of a change is under the new key, and not first at the
	// next start.
	lines, err := os.ReadFile(n.standingsFile())
	if err != nil {
		t.Fatal(err)
	}
	under := map[int]int{}
	for line := range bytes.Lines(lines) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var s standing
		if err := json.Unmarshal(line, &s); err != nil {
			t.Fatal(err)
		}
		for i, raw := range append([][]byte{v.Raw}, v.FormerRaw...) {
			if keys.NewSealer(keys.Key(raw).Derive(standingsPurpose)).Sealed(s.Sealed) {
				under[i]++
			}
		}
	}
	if under[0] != 4 || under[1] != 5 || under[2] != 3 {
		t.Errorf("lines of accounts by key, the newest first: %v", under)
	}
}

func TestAKeyThatIsNoneIsRefusedAndOnRecord(t *testing.T) {
	_, open := aCentral(t)
	n := open()
	err := n.Do(context.Background(), Order{Cmd: "keys change", Args: map[string]string{"key": "front-door"}, Who: "i.admin"}, func(any) error { return nil })
	if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "master data raw signing") {
		t.Errorf("err = %v", err)
	}
	if list := strings.Join(n.must(t, "audit list", nil), "\n"); !strings.Contains(list, "front-door") || !strings.Contains(list, `"outcome":"refused"`) {
		t.Errorf("it is not on record: %s", list)
	}
}

// A change of the master key that ends after any of its steps leaves a central that
// opens, and whose keyring holds one key again.
func TestAMasterKeyChangesThoughItIsKilled(t *testing.T) {
	for _, step := range []string{"keyring holds both", "vault sealed anew", "keyring holds the new one"} {
		t.Run(step, func(t *testing.T) {
			conf, open := aCentral(t)
			n := open(func(c *Config) {
				c.between = func(at string) {
					if at == step {
						runtime.Goexit()
					}
				}
			})
			account(t, n, "n0")
			set := n.set
			first, err := conf.Secrets.Get(context.Background(), masterAccount(set.ID))
			if err != nil {
				t.Fatal(err)
			}
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				_ = n.changeMaster(context.Background())
				t.Error("it was not killed")
			}()
			<-ended
			if err := n.Close(); err != nil {
				t.Fatal(err)
			}
			n = open()
			if got := len(n.must(t, "user list", nil)); got != 1 {
				t.Errorf("%d accounts", got)
			}
			if _, err := conf.Secrets.Get(context.Background(), nextMasterAccount(set.ID)); !fault.Is(err, fault.NotFound) {
				t.Errorf("a next master key stays: %v", err)
			}
			now, err := conf.Secrets.Get(context.Background(), masterAccount(set.ID))
			if err != nil || bytes.Equal(now, first) != (step == "keyring holds both") {
				t.Errorf("the master key is the first one: %v, %v", bytes.Equal(now, first), err)
			}
			n.must(t, "keys change", map[string]string{"key": "master"})
			if err := n.Close(); err != nil {
				t.Fatal(err)
			}
			open()
		})
	}
}

// A keyring that did not answer in time may still write: nothing else is written over
// it in this run.
func TestAKeyringThatMayStillWriteIsLeftAlone(t *testing.T) {
	conf, open := aCentral(t)
	slow := &slowSet{Secrets: conf.Secrets}
	n := open(func(c *Config) { c.Secrets = slow })
	slow.late = true
	for _, want := range []fault.Kind{fault.Timeout, fault.Unavailable} {
		if err := n.changeMaster(context.Background()); !fault.Is(err, want) {
			t.Errorf("err = %v, want %v", err, want)
		}
		slow.late = false
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	open()
}

type slowSet struct {
	Secrets
	late bool
}

func (s *slowSet) Set(ctx context.Context, account string, secret []byte) error {
	if s.late {
		return fault.New(fault.Timeout, "secrets.set", account, "it did not answer")
	}
	return s.Secrets.Set(ctx, account, secret)
}

// A vault of the first version, as every central has it that changed nothing, is read,
// and stays of that version.
func TestAVaultOfTheFirstVersionIsRead(t *testing.T) {
	conf, open := aCentral(t)
	n := open()
	v, _, err := readVault(context.Background(), conf.Dir, conf.Secrets, n.set)
	if err != nil || v.Version != 1 {
		t.Fatalf("version %d, %v", v.Version, err)
	}
	n.must(t, "keys change", map[string]string{"key": "master"})
	if v, _, err = readVault(context.Background(), conf.Dir, conf.Secrets, n.set); err != nil || v.Version != 1 {
		t.Errorf("with another master key: version %d, %v", v.Version, err)
	}
	v.Version = 3
	plain, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	b, err := conf.Secrets.Get(context.Background(), masterAccount(n.set.ID))
	if err != nil {
		t.Fatal(err)
	}
	k, err := keys.KeyFrom(b)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(conf.Dir, vaultFile), keys.NewSealer(k).Seal([]byte(vaultFile+n.set.ID), plain), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := readVault(context.Background(), conf.Dir, conf.Secrets, n.set); !fault.Is(err, fault.Unsupported) {
		t.Errorf("a newer vault: %v", err)
	}
}

// What the journal key of before signed stays good: a checkpoint that somebody kept, a
// revocation, a batch that a computer gives back, an epoch; and a backup of now is
// restored, though its epoch was signed by another key than its end.
func TestWhatTheJournalKeyOfBeforeSignedStaysGood(t *testing.T) {
	conf, open := aCentral(t)
	n := open()
	account(t, n, "n0")
	dir := t.TempDir()
	note := filepath.Join(dir, "before.note")
	n.must(t, "audit checkpoint", map[string]string{"to": note})
	if err := n.noteRevocation("sxxxxxxxxxxxx", 7); err != nil {
		t.Fatal(err)
	}
	first := n.keys.journal.Public()
	batch := []byte("what a station gives back")
	sig := n.keys.journal.Sign(batch)
	for range 2 {
		n.must(t, "keys change", map[string]string{"key": "signing"})
	}
	account(t, n, "n1")
	if bytes.Equal(n.keys.journal.Public(), first) {
		t.Fatal("it is the same key")
	}
	check := func(n *Node) {
		t.Helper()
		b, err := os.ReadFile(note)
		if err != nil {
			t.Fatal(err)
		}
		if said := n.must(t, "audit verify", map[string]string{"checkpoint": string(b)}); !strings.Contains(said[0], `"checkpoint":"holds"`) {
			t.Errorf("a checkpoint of before: %s", said[0])
		}
		if list, bad, err := n.revocations(); err != nil || bad != 0 || list["sxxxxxxxxxxxx"] != 7 {
			t.Errorf("a revocation of before: %v, %d bad, %v", list, bad, err)
		}
		if err := n.verify(batch, sig); err != nil {
			t.Errorf("a batch of before: %v", err)
		}
		if err := n.verify(batch, n.keys.journal.Sign(batch)); err != nil {
			t.Errorf("a batch of now: %v", err)
		}
	}
	check(n)
	backup := filepath.Join(dir, "b.wlj")
	n.must(t, "backup", map[string]string{"to": backup, "keys_passphrase": "a passphrase of some length"})
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	n = open()
	check(n)
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	// On a machine where nothing is left but the backup, its keys file and the raw log.
	again := conf
	again.Dir, again.Secrets = filepath.Join(dir, "again"), keys.MemorySecrets()
	again.Inbound = filepath.Join(conf.Dir, "inbound")
	if err := RestoreKeys(context.Background(), again, backup, []byte("a passphrase of some length")); err != nil {
		t.Fatal(err)
	}
	if err := Restore(context.Background(), again, backup, func(any) error { return nil }); err != nil {
		t.Fatal(err)
	}
	n, err := Open(context.Background(), again)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = n.Close() }()
	check(n)
	if got := len(n.must(t, "user list", nil)); got != 2 {
		t.Errorf("%d accounts of 2", got)
	}
	// A backup whose end was signed by a stranger is refused as before.
	b, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)-3] ^= 1
	if err := os.WriteFile(backup, b, 0o600); err != nil {
		t.Fatal(err)
	}
	again.Dir = filepath.Join(dir, "third")
	if err := RestoreKeys(context.Background(), again, backup, []byte("a passphrase of some length")); err != nil {
		t.Fatal(err)
	}
	if err := Restore(context.Background(), again, backup, func(any) error { return nil }); !fault.Is(err, fault.Corrupt) {
		t.Errorf("a backup whose end was changed: %v", err)
	}
}
