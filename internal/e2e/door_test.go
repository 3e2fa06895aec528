package e2e_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/station/join"
	"wardlight/internal/trust/keys"
	"wardlight/internal/trust/pki"
	syncclient "wardlight/sync/link"
	"wardlight/sync/wire"
)

// certificate is an enrolled station's own TLS configuration.
func (w *world) certificate(name string) *tls.Config {
	w.t.Helper()
	info, err := join.Load(w.path(name))
	check(w.t, err)
	store, err := keys.PassphraseFile(w.path(name, "secrets.v1"), w.path("pass"))
	check(w.t, err)
	sec, err := join.LoadSecret(context.Background(), store, info.Station)
	check(w.t, err)
	conf, err := info.TLS(sec)
	check(w.t, err)
	return conf
}

// servedBytes says how many bytes central serves to whoever connects so.
func (w *world) servedBytes(conf *tls.Config, path string) int {
	w.t.Helper()
	conf = conf.Clone()
	conf.ServerName = "127.0.0.1"
	d := &tls.Dialer{NetDialer: &net.Dialer{Timeout: 30 * time.Second}, Config: conf}
	c, err := d.Dial("tcp", w.ready.Listen)
	if err != nil {
		return 0 // turned away in the handshake
	}
	defer c.Close()
	check(w.t, c.SetDeadline(time.Now().Add(30*time.Second)))
	_, _ = io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: central\r\nConnection: close\r\n\r\n") // TLS 1.3: the refusal may come before or after
	n, _ := io.Copy(io.Discard, c)
	return int(n)
}

// TestNobodyElseIsServedAByte: a stranger, a stranger's certificate, old TLS,
// and a computer that was shut out.
func TestNobodyElseIsServedAByte(t *testing.T) {
	w, a, _, patient := theWard(t)
	good := w.certificate("a")
	if n := w.servedBytes(good, "/v1/share"); n == 0 {
		t.Fatal("the test is broken: an enrolled station is not served either")
	}
	other, err := pki.NewCA(time.Now())
	check(t, err)
	key, err := keys.NewDeviceKey(randomReader{})
	check(t, err)
	der, err := other.IssueDevice(key.Public(), "sabcdefghijkl", time.Now())
	check(t, err)
	good.ClientSessionCache = nil // each of the following is to show who it is anew
	foreign := good.Clone()
	foreign.Certificates = []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key.Signer()}}
	old := good.Clone()
	old.MinVersion, old.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
	for name, conf := range map[string]*tls.Config{
		"no certificate":                      {RootCAs: good.RootCAs, InsecureSkipVerify: true, MinVersion: tls.VersionTLS13},
		"a certificate of another authority":  foreign,
		"TLS 1.2 with a good certificate":     old,
		"a stranger who trusts every central": {InsecureSkipVerify: true},
	} {
		for _, path := range []string{syncclient.Path, "/v1/share", "/v1/signin", "/"} {
			if n := w.servedBytes(conf, path); n != 0 {
				t.Errorf("%s was served %d bytes of %s", name, n, path)
			}
		}
	}

	c, err := net.Dial("tcp", w.ready.Listen)
	check(t, err)
	_, _ = io.WriteString(c, "GET / HTTP/1.0\r\n\r\n")
	check(t, c.SetDeadline(time.Now().Add(3*time.Second)))
	if said, _ := io.ReadAll(c); strings.Contains(string(said), "200") {
		t.Errorf("without TLS central says %q", said)
	}
	check(t, c.Close())
	check(t, os.MkdirAll(w.path("guess"), 0o700))
	if _, _, err := w.program("wardlight", append([]string{
		"enrol", "--data", w.path("guess"), "--server", "https://" + w.ready.Listen, "--ca-fingerprint", w.ready.CA,
		"--code-file", w.write("guessed", "ABCD-AAAAAAAAAAAAAAAAAAAAAAAAAA"), "--place", "nowhere",
	}, w.secrets...)...); err == nil {
		t.Error("a guessed code enrolled a computer")
	}
	w.turnedAway("an older TLS", "no certificate", "did not begin with TLS", "an enrolment was refused")

	w.cut(a)
	made := a.do("note", args{"patient": patient, "text": "Written before the computer was shut out."})
	info, err := join.Load(w.path("a"))
	check(t, err)
	w.admin("revoke", string(info.Station))
	check(t, w.net.Mend())
	if n := w.servedBytes(good, "/v1/share"); n != 0 {
		t.Errorf("a computer that was shut out was served %d bytes", n)
	}
	w.await("the station says that it was shut out", 30*time.Second, func() error {
		if l := a.link(); l.Connected || l.Refused == "" || l.Unsent == 0 {
			return fmt.Errorf("%+v", l)
		}
		return nil
	})
	w.turnedAway("enrolment was withdrawn")
	// Its unsent work is not lost with it, nor does it enter the record: nobody
	// knows who wrote it.
	said := joined(w.admin("outbox", "recover", w.path("a", "store", "outbox")))
	if !strings.Contains(said, "kept for the administrator") || strings.Contains(w.export(), made[0]) {
		t.Errorf("the work of a computer that was shut out: %s", said)
	}
	w.healthy()
}

// randomReader is the system's randomness for a test's own keys.
type randomReader struct{}

func (randomReader) Read(b []byte) (int, error) {
	f, err := os.Open("/dev/urandom")
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return io.ReadFull(f, b)
}

// TestRubbishOnAGoodConnection: with a good certificate, frames that cannot be
// read and protocols that central does not speak are told so, and nothing of
// them is used; everybody else goes on.
func TestRubbishOnAGoodConnection(t *testing.T) {
	w, a, b, patient := theWard(t)
	a.Kill() // its certificate is used by the test now
	conf := w.certificate("a")
	before := w.export()
	hello, err := wire.Split(&wire.Hello{Capabilities: wire.Capabilities(), Station: "sabcdefghijkl"}, 0)
	check(t, err)
	future := append([]byte(nil), hello[0]...)
	future[0] = 9
	for _, c := range []struct {
		name   string
		frame  []byte
		reason wire.Reason
		word   string
	}{
		{"rubbish", []byte("this is no frame at all, but 40 letters."), wire.ByeVersion, "protocol"},
		{"a frame whose length is wrong", append([]byte(nil), append(hello[0], 0)...), wire.ByeProtocol, "nothing of it was used"},
		{"an unknown protocol version", future, wire.ByeVersion, "update"},
		{"another computer's name", hello[0], wire.ByeDenied, "another computer"},
	} {
		bye := w.say(conf, c.frame)
		if bye == nil || bye.Reason != c.reason || !strings.Contains(strings.ToLower(bye.Words), c.word) {
			t.Errorf("%s is answered with %+v", c.name, bye)
		}
	}
	w.turnedAway("not the protocol", "a version or a message", "named itself as another")
	b.do("note", args{"patient": patient, "text": "Everybody else goes on."})
	b.allSent()
	if after := w.export(); len(after) <= len(before) {
		t.Error("the other station's note did not arrive")
	}
	w.healthy()
}

// turnedAway: the trail tells of each of these, as refused.
func (w *world) turnedAway(words ...string) {
	w.t.Helper()
	var told []string
	for _, l := range decode[struct{ Outcome, Why string }](w.t, w.ask("audit list", nil)) {
		if l.Outcome == "refused" {
			told = append(told, l.Why)
		}
	}
	for _, word := range words {
		if !strings.Contains(strings.Join(told, "\n"), word) {
			w.t.Errorf("the trail does not tell of %q among %q", word, told)
		}
	}
}

// say sends one frame and returns central's goodbye.
func (w *world) say(conf *tls.Config, frame []byte) *wire.Bye {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	c, err := syncclient.Dial(ctx, "https://"+w.ready.Listen, conf)
	check(w.t, err)
	defer c.Close()
	check(w.t, c.Write(ctx, frame))
	asm := wire.Assembler{Limit: wire.MaxToStation}
	for {
		f, err := c.Read(ctx)
		if err != nil {
			return nil
		}
		m, _, err := asm.Next(f)
		check(w.t, err)
		if bye, ok := m.(*wire.Bye); ok {
			return bye
		}
	}
}

// TestWhatCannotBeOpenedSaysWhatToDo: a wrong passphrase, a lost key file, a
// folder that holds nothing, a keyring that does not run.
func TestWhatCannotBeOpenedSaysWhatToDo(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.account(nurse, "4B")
	w.enrol("a", "4B")
	w.send(admission(0))
	a := w.open("a")
	a.signIn(nurse)
	a.patient(somebody[0].family)
	a.Stop(5 * time.Second)
	w.central.Stop(10 * time.Second)
	if err := w.central.Exit(context.Background()); err != nil {
		t.Errorf("central was asked to end, and ended with %v", err)
	}

	wrong := w.write("wrong", "another passphrase, also long\n")
	central, ward := w.path("central"), w.path("a")
	refused := func(what, program string, words []string, argv ...string) {
		t.Helper()
		_, stderr, err := w.program(program, argv...)
		if err == nil {
			t.Errorf("%s: it opened", what)
		}
		for _, word := range words {
			if !strings.Contains(strings.ToLower(stderr), word) {
				t.Errorf("%s: %q is not said: %s", what, word, stderr)
			}
		}
		if strings.Contains(stderr, "goroutine ") {
			t.Errorf("%s: it panics:\n%s", what, stderr)
		}
	}
	serve := []string{"serve", "--listen", "127.0.0.1:0", "--mllp", "127.0.0.1:0", "--data"}
	refused("central, wrong passphrase", "wardlightd", []string{"passphrase"}, append(serve, central, "--passphrase-file", wrong)...)
	refused("station, wrong passphrase", "wardlight", []string{"passphrase"}, "headless", "--data", ward, "--passphrase-file", wrong)
	refused("central, an empty folder", "wardlightd", []string{"init"}, append(serve, w.path("log"), "--passphrase-file", w.path("pass"))...)
	refused("station, an empty folder", "wardlight", []string{"enrol"}, "headless", "--data", w.path("log"), "--passphrase-file", w.path("pass"))
	refused("a second init", "wardlightd", []string{"already"}, "init", "--data", central, "--passphrase-file", w.path("pass"))
	refused("a second enrolment", "wardlight", []string{"already"}, "enrol", "--data", ward, "--passphrase-file", w.path("pass"),
		"--server", "https://127.0.0.1:1", "--ca-fingerprint", w.ready.CA, "--code-file", w.write("code", "X"))

	env := w.env
	w.env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + w.dir}
	refused("central, no keyring", "wardlightd", []string{"keyring", "passphrase"}, append(serve, central)...)
	refused("station, no keyring", "wardlight", []string{"keyring"}, "headless", "--data", ward)
	w.env = env

	check(t, os.Remove(filepath.Join(central, "journal", "badger", "KEYREGISTRY")))
	refused("central, its key registry is gone", "wardlightd", []string{"registry", "backup"}, append(serve, central, "--passphrase-file", w.path("pass"))...)
}

// TestAStationWithADamagedStore heals by itself: what is damaged is set aside,
// never deleted, what was not sent comes out of the outbox file, and the rest
// comes from central.
func TestAStationWithADamagedStore(t *testing.T) {
	w, a, b, patient := theWard(t)
	w.cut(a)
	made := a.do("note", args{"patient": patient, "text": "Not sent yet."})
	a.Kill()
	check(t, w.net.Mend())
	check(t, os.Remove(w.path("a", "store", "badger", "KEYREGISTRY")))

	a = w.open("a")
	a.signIn(nurse)
	a.allSent()
	w.everythingOnce(made)
	w.await("it shows what the other station shows", 20*time.Second, func() error { return difference(a, b, patient) })
	aside, err := filepath.Glob(w.path("a", "store", "set-aside-*"))
	check(t, err)
	said, err := os.ReadFile(w.path("log", "a.log"))
	check(t, err)
	if len(aside) != 1 || !strings.Contains(string(said), "safe in the outbox file") {
		t.Errorf("set aside: %v; it says: %s", aside, said)
	}
}
