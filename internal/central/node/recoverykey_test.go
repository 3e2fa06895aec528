package node

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
)

// What was sealed to a recovery key of before is opened after the change, after another
// start, and by a central that was made anew from a backup with its keys of after it. A
// keys file from before the change opens what is of before, and nothing that was sealed
// since: it says so by refusing. An earlier program refuses the vault.
func TestWhatWasSealedToARecoveryKeyOfBeforeIsOpened(t *testing.T) {
	ctx, pass := context.Background(), "a passphrase of some length"
	conf := newCentral(t)
	n := openNode(t, conf)
	var sealed [][]byte
	seal := func() {
		t.Helper()
		b, err := keys.SealTo([]byte{byte(len(sealed))}, n.keys.recovery.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		sealed = append(sealed, b)
	}
	backup := func(name string) string {
		t.Helper()
		to := filepath.Join(t.TempDir(), name)
		if _, err := ask(t, n, "backup", map[string]string{"to": to, "keys_passphrase": pass}); err != nil {
			t.Fatal(err)
		}
		return to
	}
	opens := func(what string, r *recovery, want ...int) {
		t.Helper()
		for i, b := range sealed {
			plain, err := r.Unseal(b)
			switch mine := slices.Contains(want, i); {
			case mine && (err != nil || len(plain) != 1 || plain[0] != byte(i)):
				t.Errorf("%s does not open what was sealed to key %d: %v", what, i, err)
			case !mine && !fault.Is(err, fault.Denied):
				t.Errorf("%s opens what was sealed to key %d: %v", what, i, err)
			}
		}
	}
	seal()
	before := backup("before")
	for range 2 {
		if _, err := ask(t, n, "keys change", map[string]string{"key": "recovery"}); err != nil {
			t.Fatal(err)
		}
		seal()
	}
	opens("the one that goes on", n.keys.recovery, 0, 1, 2)
	after := backup("after")
	closeNode(t, n)
	v, master, err := readVault(ctx, conf.Dir, conf.Secrets, n.set)
	if master.Zero(); err != nil || v.Version != 2 {
		t.Errorf("the vault is version %d, %v: an earlier program would forget the keys of before", v.Version, err)
	}
	n = openNode(t, conf)
	opens("the one that was started again", n.keys.recovery, 0, 1, 2)
	closeNode(t, n)
	for file, want := range map[string][]int{before: {0}, after: {0, 1, 2}} {
		anew := Config{Dir: filepath.Join(t.TempDir(), "anew"), Secrets: keys.MemorySecrets(), Small: true}
		if err := RestoreKeys(ctx, anew, file, []byte(pass)); err != nil {
			t.Fatal(err)
		}
		set, err := loadSettings(anew.Dir)
		if err != nil {
			t.Fatal(err)
		}
		k, err := openVault(ctx, anew.Dir, anew.Secrets, set)
		if err != nil {
			t.Fatal(err)
		}
		opens("the one made from "+filepath.Base(file), k.recovery, want...)
	}
}
