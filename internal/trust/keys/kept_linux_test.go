package keys_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"wardlight/internal/trust/keys"
)

// vmLocked is how much memory of this process the system holds locked, in KiB.
func vmLocked(t *testing.T) int {
	t.Helper()
	b, err := os.ReadFile("/proc/self/status")
	ok(t, err)
	m := regexp.MustCompile(`VmLck:\s+(\d+) kB`).FindSubmatch(b)
	n, err := strconv.Atoi(string(m[1]))
	ok(t, err)
	return n
}

// mappings of this process whose memory holds the bytes: "lo" is among a locked
// one's flags.
func flagsOf(t *testing.T, secret []byte) []string {
	t.Helper()
	smaps, err := os.ReadFile("/proc/self/smaps")
	ok(t, err)
	mem, err := os.Open("/proc/self/mem")
	ok(t, err)
	defer func() { _ = mem.Close() }()
	head := regexp.MustCompile(`^([0-9a-f]+)-([0-9a-f]+) rw`)
	var from, to int64
	var flags []string
	for line := range strings.Lines(string(smaps)) {
		if m := head.FindStringSubmatch(line); m != nil {
			from, err = strconv.ParseInt(m[1], 16, 64)
			ok(t, err)
			to, err = strconv.ParseInt(m[2], 16, 64)
			ok(t, err)
		}
		if f, is := strings.CutPrefix(line, "VmFlags:"); is && to-from == 16<<10 {
			b := make([]byte, to-from)
			if n, _ := mem.ReadAt(b, from); bytes.Contains(b[:n], secret) {
				flags = append(flags, f)
			}
			from, to = 0, 0
		}
	}
	return flags
}

// A key that is kept lies in memory that is never written to swap, and in no core
// file; the bytes that were given are gone, and after Drop the place too. In a child,
// because the pages are the process's.
func TestKeysLieInLockedMemory(t *testing.T) {
	if os.Getenv("WARDLIGHT_KEPT_CHILD") == "" {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestKeysLieInLockedMemory$")
		cmd.Env = append(os.Environ(), "WARDLIGHT_KEPT_CHILD=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return
	}
	before := vmLocked(t)
	given := []byte("0123456789abcdef0123456789ABCDEF")
	want := append([]byte(nil), given...)
	k := keys.Keep(given)
	if !bytes.Equal(given, make([]byte, len(given))) {
		t.Error("the bytes that were given are still there")
	}
	if m := keys.Memory(); m.Why != nil {
		t.Skipf("SKIPPED: this system lets nothing be locked: %v", m.Why)
	}
	if now := vmLocked(t); now < before+16 {
		t.Errorf("locked before %d KiB, now %d", before, now)
	}
	flags := flagsOf(t, want)
	if len(flags) != 1 || !strings.Contains(flags[0], " lo") || !strings.Contains(flags[0], " dd") {
		t.Errorf("the memory of a key has the flags %q, want one that is locked (lo) and not dumped (dd)", flags)
	}
	if got := k.Key(); !bytes.Equal(got[:], want) {
		t.Error("another key comes back")
	}
	k.Drop()
	if f := flagsOf(t, want); len(f) != 0 {
		t.Error("the key is still there after Drop")
	}
	if !k.Key().IsZero() || len(k.Bytes()) != 0 {
		t.Error("a dropped key is handed out")
	}
}

// A system that lets nothing be locked stops nobody, and is told in words.
func TestARefusedLockIsToldAndStopsNothing(t *testing.T) {
	defer keys.RefuseLocking(nil)
	keys.RefuseLocking(errors.New("cannot allocate memory"))
	k := keys.NewKey()
	same := k
	if kept := keys.KeepKey(&k); kept.Key() != same || !k.IsZero() {
		t.Error("a key is not held where nothing can be locked")
	}
	found, do, locked := keys.Memory().Locked()
	if locked || !strings.Contains(found, "swap") || !strings.Contains(do, "swap") {
		t.Errorf("%q, %q, %v", found, do, locked)
	}
}

// More secrets than there is room for are held, and told.
func TestMoreKeysThanRoom(t *testing.T) {
	defer keys.RefuseLocking(nil)
	keys.RefuseLocking(nil)
	var all []*keys.Kept
	for i := range 70 {
		all = append(all, keys.Keep([]byte{byte(i), 1, 2}))
	}
	for i, k := range all {
		if b := k.Bytes(); b[0] != byte(i) {
			t.Fatalf("secret %d is another's: %v", i, b)
		}
	}
	if m := keys.Memory(); m.Held != 70 || m.Outside != 6 {
		t.Errorf("%+v", m)
	}
	if _, _, locked := keys.Memory().Locked(); locked {
		t.Error("said to be locked")
	}
	large := keys.Keep(make([]byte, 300))
	if len(large.Bytes()) != 300 {
		t.Error("a large secret is cut")
	}
}
