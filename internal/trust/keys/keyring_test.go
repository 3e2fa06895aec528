//go:build linux

package keys_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
)

const role = "KEYS_TEST_KEYRING"

// inBus runs one test of this binary again inside a D-Bus session of its own,
// with a home of its own: never the user's keyring.
func inBus(t *testing.T, test, as, script string) string {
	t.Helper()
	for _, need := range []string{"dbus-run-session", "gnome-keyring-daemon"} {
		if _, err := exec.LookPath(need); err != nil {
			t.Skipf("SKIPPED: %s is not installed, so the real keyring is not tested here (make setup installs it)", need)
		}
	}
	home := t.TempDir()
	exe, err := os.Executable()
	ok(t, err)
	cmd := exec.Command("dbus-run-session", "--", "sh", "-c", script+` exec "$0" -test.run "^$1$" -test.v`, exe, test)
	cmd.Env = append(os.Environ(), role+"="+as, "HOME="+home, "XDG_RUNTIME_DIR="+home, "XDG_DATA_HOME="+home+"/data",
		"XDG_CONFIG_HOME="+home+"/config", "XDG_CACHE_HOME="+home+"/cache", "DISPLAY=", "WAYLAND_DISPLAY=", "GNOME_KEYRING_CONTROL=")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

const unlocked = `printf %s secret | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null || exit 3;`

// The real Secret Service keeps, changes, finds and deletes secrets.
func TestTheRealKeyring(t *testing.T) {
	switch os.Getenv(role) {
	case "":
		out := inBus(t, t.Name(), "use", unlocked)
		if !strings.Contains(out, "--- PASS: TestTheRealKeyring") {
			t.Errorf("the test did not run:\n%s", out)
		}
	case "use":
		s := keys.Keyring(20 * time.Second)
		waitForLogin(t, s)
		exercise(t, s)
	}
}

// waitForLogin waits until the daemon has made its collection.
func waitForLogin(t *testing.T, s keys.Secrets) {
	t.Helper()
	quick := keys.Keyring(500 * time.Millisecond)
	for range 600 {
		if _, err := quick.Get(bg, "probe"); fault.Is(err, fault.NotFound) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("the keyring never came up")
}

// With a bus and no unlocked collection a call waits for a prompt for ever.
// Ours does not.
func TestALockedKeyringDoesNotHang(t *testing.T) {
	switch os.Getenv(role) {
	case "":
		inBus(t, t.Name(), "locked", `gnome-keyring-daemon --start --components=secrets >/dev/null 2>&1;`)
	case "locked":
		start := time.Now()
		s := keys.Keyring(time.Second)
		err := s.Set(bg, "sabc/device", []byte("x"))
		if !fault.Is(err, fault.Timeout) && !fault.Is(err, fault.Unavailable) {
			t.Errorf("err = %v", err)
		}
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("it took %v", took)
		}
	}
}

func TestNoKeyringAtAll(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/at/all")
	start := time.Now()
	_, err := keys.Keyring(2*time.Second).Get(bg, "sabc/device")
	if !fault.Is(err, fault.Unavailable) && !fault.Is(err, fault.Timeout) {
		t.Errorf("err = %v", err)
	}
	if !strings.Contains(err.Error(), "keyring") || time.Since(start) > 4*time.Second {
		t.Errorf("after %v: %v", time.Since(start), err)
	}
}
