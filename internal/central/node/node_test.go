package node_test

import (
	"context"
	"encoding/base64"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"wardlight/internal/central/node"
	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
)

func TestAFolderBecomesACentralOnce(t *testing.T) {
	h := newHouse(t, filepath.Join(t.TempDir(), "central"))
	if _, err := node.Init(context.Background(), h.conf); !fault.Is(err, fault.Exists) || !strings.Contains(err.Error(), "choose another folder") {
		t.Errorf("a second init: %v", err)
	}
	h.serve()
	if h.fp == "" || h.ready.CAFingerprint != h.fp || !h.ready.Ready {
		t.Errorf("init said %q, the server %+v", h.fp, h.ready)
	}
	for _, addr := range []string{h.ready.Listen, h.ready.MLLP} {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Errorf("%s is not served: %v", addr, err)
			continue
		}
		_ = c.Close()
	}
}

// TestOpeningSaysWhatIsWrong: each of these is somebody's bad day; the words
// must say what to do, and nothing may be changed.
func TestOpeningSaysWhatIsWrong(t *testing.T) {
	h := newHouse(t, filepath.Join(t.TempDir(), "central"))
	open := func(change func(*node.Config)) error {
		conf := h.conf
		change(&conf)
		n, err := node.Open(context.Background(), conf)
		if err == nil {
			_ = n.Close()
		}
		return err
	}
	settings := filepath.Join(h.conf.Dir, "central.json")
	whole, err := os.ReadFile(settings)
	check(t, err)
	cases := []struct {
		name  string
		spoil func(*node.Config)
		kind  fault.Kind
		words string
	}{
		{"a folder without a central", func(c *node.Config) { c.Dir = t.TempDir() }, fault.NotFound, "wardlightd init"},
		{"a keyring without the key", func(c *node.Config) { c.Secrets = keys.MemorySecrets() }, fault.NotFound, "passphrase-file"},
		{"settings of a later version", func(*node.Config) {
			check(t, os.WriteFile(settings, []byte(strings.Replace(string(whole), `"version": 1`, `"version": 2`, 1)), 0o600))
		}, fault.Unsupported, "knows 1"},
		{"settings that were cut off", func(*node.Config) { check(t, os.WriteFile(settings, whole[:20], 0o600)) }, fault.Corrupt, "central.json"},
		{"as it was", func(*node.Config) { check(t, os.WriteFile(settings, whole, 0o600)) }, fault.Other, ""},
		{"a vault that was changed", func(*node.Config) {
			path := filepath.Join(h.conf.Dir, "vault.v1")
			b, err := os.ReadFile(path)
			check(t, err)
			b[len(b)/2] ^= 1
			check(t, os.WriteFile(path, b, 0o600))
		}, fault.Corrupt, "restore --with-keys"},
	}
	for _, c := range cases {
		err := open(c.spoil)
		if fault.KindOf(err) != c.kind || c.kind != fault.Other && !strings.Contains(err.Error(), c.words) || c.kind == fault.Other && err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestTwoServersCannotShareAFolder(t *testing.T) {
	h := newHouse(t, filepath.Join(t.TempDir(), "central")).serve()
	_, err := node.Open(context.Background(), h.conf)
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "already") {
		t.Errorf("a second server: %v, want words that one runs already and what to do", err)
	}
}

// TestAPortInUseIsNamed: whoever starts central twice, or beside something
// else, reads which address is taken and how to choose another.
func TestAPortInUseIsNamed(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer ln.Close()
	for flag, take := range map[string]func(*node.Config){
		"--listen": func(c *node.Config) { c.Listen = ln.Addr().String() },
		"--mllp":   func(c *node.Config) { c.MLLP = ln.Addr().String() },
	} {
		h := newHouse(t, filepath.Join(t.TempDir(), "central"))
		take(&h.conf)
		n, err := node.Open(context.Background(), h.conf)
		check(t, err)
		err = n.Serve(context.Background(), func(node.Ready) { t.Error("it says that it is ready") })
		if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), ln.Addr().String()) || !strings.Contains(err.Error(), flag) {
			t.Errorf("%s on a port in use: %v", flag, err)
		}
		check(t, n.Close())
	}
}

// TestTheSameAnswersRunningOrNot: administrators ask the running server
// through its socket, and the folder itself where none runs.
func TestTheSameAnswersRunningOrNot(t *testing.T) {
	h := newHouse(t, filepath.Join(t.TempDir(), "central")).serve()
	if answer := h.send(admission("A1")...); answer != "AA" {
		t.Fatal(answer)
	}
	running := text(h.ask("inbound", nil))
	h.stop()
	if still := text(h.ask("inbound", nil)); still != running || !strings.Contains(still, `"fate":"filed"`) {
		t.Errorf("running it said %s, standing it says %s", running, still)
	}
	h.serve()
	if _, err := h.try("no such", nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("an unknown command, running: %v", err)
	}
	if _, err := h.try("history", args{"type": "Patient", "id": "nobody"}); !fault.Is(err, fault.NotFound) {
		t.Errorf("an unknown resource, running: %v", err)
	}
}

// TestADeepFolderGetsItsSocket: the path of a socket is limited to about 100
// bytes, that of a folder is not.
func TestADeepFolderGetsItsSocket(t *testing.T) {
	h := newHouse(t, deep(t)).serve()
	if rows := h.rows("inbound"); len(rows) != 0 {
		t.Error(rows)
	}
	h.stop() // and leaves its socket there, which is the next one's to replace
	h.serve()
	h.ask("inbound", nil)
}

// TestAKilledServersSocketIsReplaced: nobody has to remove a file by hand.
func TestAKilledServersSocketIsReplaced(t *testing.T) {
	h := newHouse(t, filepath.Join(t.TempDir(), "central"))
	check(t, os.WriteFile(filepath.Join(h.conf.Dir, "admin.sock"), nil, 0o600))
	h.serve().ask("inbound", nil)
}

// TestWhatIsHeldBackIsShownAndFiledLater: a result for somebody whom nobody
// has admitted is held back with its bytes and a reason, warns the ward, and
// is filed once the admission is there.
func TestWhatIsHeldBackIsShownAndFiledLater(t *testing.T) {
	h := newHouse(t, filepath.Join(t.TempDir(), "central")).serve()
	message := potassium("K1", "6.8")
	if answer := h.send(message...); answer != "AA" {
		t.Fatal(answer)
	}
	held := h.rows("quarantine list")
	if len(held) != 1 || held[0].Owner != "registration desk" || !strings.Contains(held[0].Reason, "register the patient") {
		t.Fatalf("held back: %+v", held)
	}
	if u := text(h.ask("undelivered", nil)); !strings.Contains(u, `"4B"`) {
		t.Errorf("a critical value in it warns nobody: %s", u)
	}
	shown := decode[struct {
		Row    row
		Text   string
		Base64 string
	}](t, h.ask("quarantine show", args{"id": held[0].ID}))[0]
	raw, err := base64.StdEncoding.DecodeString(shown.Base64)
	if err != nil || string(raw) != strings.Join(message, "\r")+"\r" || !strings.Contains(shown.Text, "\nPID|") || shown.Row.ID != held[0].ID {
		t.Errorf("shown: %v %+v", err, shown)
	}
	if again := decode[row](t, h.ask("quarantine replay", args{"id": held[0].ID})); again[0].Fate != "quarantined" {
		t.Errorf("replayed too early: %+v", again)
	}
	h.send(admission("A1")...)
	if again := decode[row](t, h.ask("quarantine replay", args{"id": held[0].ID})); again[0].Fate != "filed" {
		t.Errorf("replayed after the admission: %+v", again)
	}
	if _, err := h.try("quarantine replay", args{"id": held[0].ID}); !fault.Is(err, fault.Exists) {
		t.Errorf("replayed once more: %v", err)
	}
	if _, err := h.try("quarantine show", args{"id": "m0"}); !fault.Is(err, fault.NotFound) || !strings.Contains(err.Error(), "quarantine list") {
		t.Errorf("an unknown message: %v", err)
	}
	if left := h.rows("quarantine list"); len(left) != 0 {
		t.Errorf("still held back: %+v", left)
	}
	values := 0
	for _, o := range decode[struct{ ResourceType string }](t, h.ask("export", nil)) {
		if o.ResourceType == "Observation" {
			values++
		}
	}
	if values != 1 {
		t.Errorf("%d results in the record", values)
	}
	h.ask("audit verify", nil)
}

// TestACriticalResultIsUndeliveredUntilAScreenHasShownIt: there is no screen
// in this test.
func TestACriticalResultIsUndeliveredUntilAScreenHasShownIt(t *testing.T) {
	h := newHouse(t, filepath.Join(t.TempDir(), "central")).serve()
	h.send(admission("A1")...)
	h.send(potassium("K1", "4.1")...)
	if u := h.ask("undelivered", nil); len(u) != 0 {
		t.Errorf("a normal value: %s", text(u))
	}
	h.send(potassium("K2", "6.8")...)
	u := text(h.ask("undelivered", nil))
	if strings.Count(u, "\n") != 1 || !strings.Contains(u, `"wards":["4B"]`) || !strings.Contains(u, "Potassium") || regexp.MustCompile(`[^0-9]6\.8`).MatchString(u) { // seconds have two digits
		t.Errorf("undelivered: %s", u)
	}
}
