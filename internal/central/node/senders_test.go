package node_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wardlight/internal/central/node"
	"wardlight/internal/fault"
	"wardlight/internal/interop/hl7"
)

// senderKey is a system of the hospital's with a key of its own.
type senderKey struct {
	t    *testing.T
	key  *ecdsa.PrivateKey
	cert tls.Certificate
}

func newSender(t *testing.T) *senderKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	return &senderKey{t: t, key: key}
}

// request is what openssl req makes.
func (s *senderKey) request() string {
	s.t.Helper()
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "lab.hospital.example"}}, s.key)
	check(s.t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
}

// signed gives the key a certificate: by's, or its own where by is nil.
func (s *senderKey) signed(by *senderKey, change func(*x509.Certificate)) *senderKey {
	s.t.Helper()
	now := time.Now()
	c := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: "lab"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, DNSNames: []string{"lab.hospital.example"},
	}
	if change != nil {
		change(c)
	}
	parent, signer := c, s.key
	chain := [][]byte{}
	if by != nil {
		var err error
		parent, err = x509.ParseCertificate(by.cert.Certificate[0])
		check(s.t, err)
		signer, chain = by.key, by.cert.Certificate
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &s.key.PublicKey, signer)
	check(s.t, err)
	s.cert = tls.Certificate{Certificate: append([][]byte{der}, chain...), PrivateKey: s.key}
	return s
}

func authority(c *x509.Certificate) {
	c.IsCA, c.BasicConstraintsValid, c.KeyUsage, c.ExtKeyUsage, c.DNSNames = true, true, x509.KeyUsageCertSign, nil, nil
	c.Subject.CommonName = "The hospital's authority"
}

func (s *senderKey) pem() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.cert.Certificate[0]}))
}

// use takes a certificate that central gave.
func (s *senderKey) use(text string) {
	s.t.Helper()
	s.cert = tls.Certificate{PrivateKey: s.key}
	for rest := []byte(text); ; {
		var b *pem.Block
		if b, rest = pem.Decode(rest); b == nil {
			break
		}
		s.cert.Certificate = append(s.cert.Certificate, b.Bytes)
	}
}

// letIn registers a sender by its request, and gives it its certificate.
func (h *house) letIn(name string, s *senderKey, more args) {
	h.t.Helper()
	a := args{"sender": name, "request": s.request()}
	for k, v := range more {
		a[k] = v
	}
	said := decode[struct{ Certificate string }](h.t, h.ask("sender add", a))
	s.use(said[0].Certificate)
}

// tls is how a sender connects: it knows central by central's authority.
func (h *house) tls(s *senderKey) *tls.Config {
	h.t.Helper()
	said := decode[struct{ Authority string }](h.t, h.ask("sender authority", nil))
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(said[0].Authority)) {
		h.t.Fatal("there is no authority")
	}
	c := &tls.Config{RootCAs: pool, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}
	if s != nil {
		c.Certificates = []tls.Certificate{s.cert}
	}
	return c
}

// mllps is a line over TLS; err where central turned it away.
type mllps struct {
	net net.Conn
	dec *hl7.Decoder
}

func (h *house) line(conf *tls.Config) *mllps {
	h.t.Helper()
	c, err := tls.DialWithDialer(&net.Dialer{Timeout: 10 * time.Second}, "tcp", h.ready.MLLPS, conf)
	if err != nil {
		return &mllps{}
	}
	h.t.Cleanup(func() { _ = c.Close() })
	return &mllps{c, hl7.NewDecoder(c, 0)}
}

// send is the answer's MSA-1 and its words, "" where the line was closed.
func (l *mllps) send(segments ...string) (code, words string) {
	if l.net == nil {
		return "", ""
	}
	_ = l.net.SetDeadline(time.Now().Add(20 * time.Second))
	if hl7.NewEncoder(l.net).Encode([]byte(strings.Join(segments, "\r")+"\r")) != nil {
		return "", ""
	}
	f, err := l.dec.Next()
	if err != nil {
		return "", ""
	}
	m, err := hl7.Parse(f.Message)
	if err != nil {
		return "", err.Error()
	}
	return m.Get("MSA-1").Text(), m.Get("ERR-8").Text()
}

func (l *mllps) code(segments ...string) string { c, _ := l.send(segments...); return c }

// knocked waits until these words are on record as turned away.
func (h *house) knocked(words ...string) {
	h.t.Helper()
	for until := time.Now().Add(time.Minute); ; time.Sleep(200 * time.Millisecond) {
		trail := text(h.ask("audit list", nil))
		missing := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return strings.Contains(trail, w) })
		if len(missing) == 0 {
			return
		}
		if time.Now().After(until) {
			h.t.Fatalf("not on record: %q", missing)
		}
	}
}

func secureHouse(t *testing.T, change ...func(*node.Config)) *house {
	t.Helper()
	h := newHouse(t, filepath.Join(t.TempDir(), "central"))
	h.conf.MLLPS = "127.0.0.1:0"
	for _, c := range change {
		c(&h.conf)
	}
	return h.serve()
}

// A laboratory with a certificate sends over TLS, in each of the three ways in which a
// certificate comes to be believed, by TLS 1.3 and by 1.2, and also without the last byte
// of its frames.
func TestALaboratorySendsOverTLS(t *testing.T) {
	h := secureHouse(t)
	ours, theirs, named, root := newSender(t), newSender(t).signed(nil, nil), newSender(t), newSender(t)
	root.signed(nil, authority)
	named.signed(root, nil)
	h.letIn("north lab", ours, args{"as": "LAB|NORTHFIELD"})
	h.ask("sender add", args{"sender": "patient system", "cert": theirs.pem(), "as": "PAS"})
	h.ask("sender add", args{"sender": "micro", "authority": root.pem(), "dns": "LAB.hospital.example"})
	if got := h.line(h.tls(theirs)).code(admission("A1")...); got != "AA" {
		t.Errorf("the admission over TLS was answered %q", got)
	}
	l := h.line(h.tls(ours))
	if got := l.code(potassium("K1", "4.1")...); got != "AA" {
		t.Fatalf("the result over TLS was answered %q", got)
	}
	if v := l.net.(*tls.Conn).ConnectionState().Version; v != tls.VersionTLS13 {
		t.Errorf("the line speaks %s, and both can TLS 1.3", tls.VersionName(v))
	}
	old := h.tls(ours)
	old.MaxVersion = tls.VersionTLS12
	l = h.line(old)
	if got := l.code(potassium("K2", "4.2")...); got != "AA" {
		t.Errorf("over TLS 1.2 it was answered %q", got)
	}
	other := admission("A2")
	other[0] = strings.Replace(other[0], "|PAS|", "|MICRO|", 1)
	if got := h.line(h.tls(named)).code(other...); got != "AA" {
		t.Errorf("by its name under the hospital's authority it was answered %q", got)
	}
	// A sender that never sends the CR behind its frame, one that sends a byte at a time.
	l = h.line(h.tls(ours))
	for _, b := range []byte("\x0b" + strings.Join(potassium("K3", "4.3"), "\r") + "\r\x1c") {
		if _, err := l.net.Write([]byte{b}); err != nil {
			t.Fatal(err)
		}
	}
	if f, err := l.dec.Next(); err != nil || !strings.Contains(string(f.Message), "MSA|AA|K3") {
		t.Errorf("without its last byte it was answered %v", err)
	}
	if got := l.code(potassium("K4", "4.4")...); got != "AA" {
		t.Errorf("and the line is of no use afterwards: %q", got)
	}
	if rows := h.rows("inbound"); len(rows) != 6 {
		t.Errorf("%d rows", len(rows))
	}
}

// Who has no certificate that is let in is read not a byte, and is on record: no
// certificate, one that has run out or is not valid yet, an unknown one, one of another
// authority under a known name, one that is for a server, a ward computer's, a cipher
// without forward secrecy, an older TLS, no TLS.
func TestNoOtherSenderIsReadAByte(t *testing.T) {
	h := secureHouse(t)
	root, foreign := newSender(t).signed(nil, authority), newSender(t).signed(nil, authority)
	h.ask("sender add", args{"sender": "lab", "authority": root.pem(), "dns": "lab.hospital.example"})
	good := newSender(t).signed(root, nil)
	if got := h.line(h.tls(good)).code(admission("A1")...); got != "AA" {
		t.Fatalf("the test is broken: a good one is answered %q", got)
	}
	before := len(h.rows("inbound"))
	day := 24 * time.Hour
	for what, s := range map[string]*senderKey{
		"no certificate":                                nil,
		"one that has run out":                          newSender(t).signed(root, func(c *x509.Certificate) { c.NotBefore, c.NotAfter = c.NotBefore.Add(-2*day), c.NotBefore.Add(-day) }),
		"one that is not valid yet":                     newSender(t).signed(root, func(c *x509.Certificate) { c.NotBefore = c.NotBefore.Add(day) }),
		"an unknown one":                                newSender(t).signed(nil, func(c *x509.Certificate) { c.DNSNames = []string{"other.example"} }),
		"another name, the same authority":              newSender(t).signed(root, func(c *x509.Certificate) { c.DNSNames = []string{"xlab.hospital.example"} }),
		"a known name, another authority":               newSender(t).signed(foreign, nil),
		"a known name, signed by itself":                newSender(t).signed(nil, nil),
		"one for a server":                              newSender(t).signed(root, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }),
		"a certificate of the sender's as an authority": newSender(t).signed(good, nil),
	} {
		if code, _ := h.line(h.tls(s)).send(potassium("K-"+what, "6.8")...); code != "" {
			t.Errorf("%s was answered %q", what, code)
		}
	}
	for what, change := range map[string]func(*tls.Config){
		"TLS 1.1": func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 },
		"no forward secrecy": func(c *tls.Config) {
			c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256}
		},
		"a cipher without authentication": func(c *tls.Config) {
			c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}
		},
	} {
		conf := h.tls(good)
		change(conf)
		if code, _ := h.line(conf).send(potassium("K-"+what, "6.8")...); code != "" {
			t.Errorf("%s was answered %q", what, code)
		}
	}
	c, err := net.Dial("tcp", h.ready.MLLPS)
	check(t, err)
	defer c.Close()
	check(t, hl7.NewEncoder(c).Encode([]byte(strings.Join(potassium("K-plain", "6.8"), "\r"))))
	check(t, c.SetDeadline(time.Now().Add(10*time.Second)))
	if said, _ := io.ReadAll(c); strings.Contains(string(said), "MSA") {
		t.Errorf("in plain text it was answered %q", said)
	}
	h.knocked("showed no certificate", "has run out, or is not valid yet", "belongs to no sender", "not for a client", "an older TLS than 1.2", "no cipher with forward secrecy", "did not begin with TLS")
	if n := len(h.rows("inbound")); n != before {
		t.Errorf("%d messages of strangers have a row", n-before)
	}
}

// A sender's certificate is no computer's, and a computer's is no sender's.
func TestASendersCertificateOpensNothingElse(t *testing.T) {
	h := secureHouse(t)
	s := newSender(t)
	h.letIn("lab", s, nil)
	conf := h.tls(s)
	conf.NextProtos, conf.MinVersion = []string{"http/1.1"}, tls.VersionTLS13
	c, err := tls.Dial("tcp", h.ready.Listen, conf)
	if err == nil {
		defer c.Close()
		_, _ = io.WriteString(c, "GET /v1/welcome HTTP/1.1\r\nHost: central\r\n\r\n")
		check(t, c.SetDeadline(time.Now().Add(5*time.Second)))
		if said, _ := io.ReadAll(c); len(said) > 0 {
			t.Errorf("the computers' door says %q to a sender", said)
		}
	}
	h.knocked("a computer that is not enrolled here")
}

// A message under another name than its line's is refused, kept, on record, and never
// filed, neither by replay nor by a restore; who may send it still can, under the same
// control id and with the same bytes. On the plain port the names of a sender are not
// taken either, but where that is allowed for the time of moving over.
func TestAMessageUnderAnothersNameIsRefused(t *testing.T) {
	h := secureHouse(t)
	lab, pas := newSender(t), newSender(t)
	h.letIn("north lab", lab, args{"as": "LAB|NORTHFIELD"})
	h.letIn("patient system", pas, args{"as": "PAS"})
	if got := h.line(h.tls(pas)).code(admission("A1")...); got != "AA" {
		t.Fatalf("the admission was answered %q", got)
	}
	backup := filepath.Join(t.TempDir(), "b.wlj")
	h.ask("backup", args{"to": backup, "keys_passphrase": "a passphrase of some length"})

	forged := potassium("K1", "6.8")
	code, words := h.line(h.tls(pas)).send(forged...)
	if code != "AR" || !strings.Contains(words, "patient system") || !strings.Contains(words, "MSH-3") {
		t.Errorf("under the laboratory's name it was answered %q: %s", code, words)
	}
	if got := h.send(forged...); got != "AR" {
		t.Errorf("on the plain port it was answered %q", got)
	}
	for what, header := range map[string]string{
		"the name as a universal id": "|^LAB^L|^NORTHFIELD^L|", "the name and another universal id": "|LAB^1.2.3^ISO|NORTHFIELD|",
		"blanks around it": "| LAB |NORTHFIELD |", "the name escaped": `|L\X41\B|NORTHFIELD|`,
	} {
		m := potassium("K-"+what, "6.8")
		m[0] = strings.Replace(m[0], "|LAB|NORTHFIELD|", header, 1)
		if got := h.send(m...); got != "AR" {
			t.Errorf("%s: answered %q", what, got)
		}
	}
	elsewhere := potassium("K-elsewhere", "4.4")
	elsewhere[0] = strings.Replace(elsewhere[0], "|NORTHFIELD|", "|SOUTHFIELD|", 1)
	if got := h.send(elsewhere...); got != "AA" {
		t.Errorf("the same application of another facility, which is nobody's, was answered %q", got)
	}
	h.knocked("may not send under the name", "sender patient system")
	rows := decode[struct{ ID, Fate, Reason string }](t, h.ask("inbound", nil))
	refused := 0
	for _, r := range rows {
		if r.Fate == "refused" {
			refused++
			if shown := text(h.ask("quarantine show", args{"id": r.ID})); !strings.Contains(shown, "2823-3") {
				t.Errorf("its bytes are not kept: %s", shown)
			}
			if _, err := h.try("quarantine replay", args{"id": r.ID}); !fault.Is(err, fault.Denied) {
				t.Errorf("replayed: %v", err)
			}
		}
	}
	if refused != 6 || strings.Contains(text(h.ask("export", nil)), "6.8") {
		t.Errorf("%d messages were refused, want 6", refused)
	}

	if got := h.line(h.tls(lab)).code(potassium("K2", "4.1")...); got != "AA" {
		t.Errorf("the laboratory itself was answered %q", got)
	}
	h.stop()
	check(t, os.Rename(filepath.Join(h.conf.Dir, "journal"), filepath.Join(h.conf.Dir, "moved-aside")))
	if _, err := h.restore(backup); err != nil {
		t.Fatal(err)
	}
	h.serve()
	export := text(h.ask("export", nil))
	if strings.Contains(export, "6.8") || !strings.Contains(export, "4.1") || !strings.Contains(export, "4.4") {
		t.Errorf("after a restore: forged %v, the laboratory's %v, the other's %v", strings.Contains(export, "6.8"), strings.Contains(export, "4.1"), strings.Contains(export, "4.4"))
	}
	if got := len(slices.DeleteFunc(h.rows("inbound"), func(r row) bool { return r.Fate != "refused" })); got != refused {
		t.Errorf("after a restore %d messages stand as refused, %d before", got, refused)
	}
	// The very bytes that were refused come from who may send them.
	if got := h.line(h.tls(lab)).code(forged...); got != "AA" || !strings.Contains(text(h.ask("export", nil)), "6.8") {
		t.Errorf("the laboratory's own was answered %q", got)
	}
	h.ask("sender add", args{"sender": "north lab", "cert": newSender(t).signed(nil, nil).pem(), "as": "LAB|NORTHFIELD", "plain_too": "true", "replace": "true"})
	if got := h.send(potassium("K3", "4.2")...); got != "AA" {
		t.Errorf("while it moves over it was answered %q on the plain port", got)
	}
}

// A sender that is taken off, or is given another certificate, loses the lines that are
// open, and an older backup does not let it in again; a certificate that runs out ends its
// lines, too.
func TestASenderIsShutOutAtOnce(t *testing.T) {
	var ahead atomic.Int64
	h := secureHouse(t, func(c *node.Config) { c.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) } })
	one, two, three := newSender(t), newSender(t), newSender(t)
	h.letIn("one", one, nil)
	h.letIn("two", two, nil)
	h.letIn("three", three, nil)
	backup := filepath.Join(t.TempDir(), "b.wlj")
	h.ask("backup", args{"to": backup, "keys_passphrase": "a passphrase of some length"})
	a, b, c := h.line(h.tls(one)), h.line(h.tls(two)), h.line(h.tls(three))
	for i, l := range []*mllps{a, b, c} {
		if got := l.code(admission("A" + string(rune('1'+i)))...); got != "AA" {
			t.Fatalf("sender %d was answered %q", i+1, got)
		}
	}
	h.ask("sender remove", args{"sender": "one", "reason": "its key was stolen"})
	fresh := newSender(t)
	said := decode[struct{ Certificate string }](t, h.ask("sender add", args{"sender": "two", "request": fresh.request(), "replace": "true"}))
	fresh.use(said[0].Certificate)
	for what, l := range map[string]*mllps{"the open line of who was taken off": a, "the open line of the former certificate": b, "a new line of who was taken off": h.line(h.tls(one)), "a new line with the former certificate": h.line(h.tls(two))} {
		if got := l.code(potassium("K-"+what, "6.8")...); got != "" {
			t.Errorf("%s was answered %q", what, got)
		}
	}
	if got := c.code(potassium("K1", "4.1")...); got != "AA" {
		t.Errorf("who was not touched was answered %q", got)
	}
	if got := h.line(h.tls(fresh)).code(potassium("K2", "4.2")...); got != "AA" {
		t.Errorf("the other certificate was answered %q", got)
	}
	h.stop()
	check(t, os.Rename(filepath.Join(h.conf.Dir, "journal"), filepath.Join(h.conf.Dir, "moved-aside")))
	answer, err := h.restore(backup)
	check(t, err)
	if got, _ := json.Marshal(answer["senders_removed_again"]); string(got) != `["one","two"]` {
		t.Errorf("a restore takes %s off again", got)
	}
	h.serve()
	for what, s := range map[string]*senderKey{"who was taken off": one, "the former certificate": two} {
		if got := h.line(h.tls(s)).code(potassium("K9", "6.8")...); got != "" {
			t.Errorf("after a restore %s was answered %q", what, got)
		}
	}
	l := h.line(h.tls(three))
	if got := l.code(potassium("K3", "4.3")...); got != "AA" {
		t.Errorf("after a restore who was not touched was answered %q", got)
	}
	ahead.Store(int64(366 * 24 * time.Hour))
	if l.code(potassium("K4", "4.4")...) != "" && l.code(potassium("K5", "4.5")...) != "" { // the one under way may still be taken
		t.Error("a line outlives its certificate")
	}
	h.knocked("its certificate has run out")
}

// Strangers that say nothing, that drip, or that come in a crowd hold no line of a sender
// that is known, and the plain port's lines are its own.
func TestACrowdAtTheSendersDoorKeepsNobodyOut(t *testing.T) {
	h := secureHouse(t)
	s := newSender(t)
	h.letIn("lab", s, nil)
	slow, err := net.Dial("tcp", h.ready.Listen) // at the computers' door, too
	check(t, err)
	defer slow.Close()
	for i := range 80 { // more than the strangers of one address may be
		c, err := net.Dial("tcp", h.ready.MLLPS)
		check(t, err)
		t.Cleanup(func() { _ = c.Close() })
		if i%2 == 0 {
			_, _ = c.Write([]byte{22, 3, 1, 2}) // a hello that never ends
		}
	}
	if got := h.send(admission("A1")...); got != "AA" {
		t.Errorf("in a crowd at the other port, the plain one answered %q", got)
	}
	begun := time.Now()
	for {
		if got := h.line(h.tls(s)).code(potassium("K1", "4.1")...); got == "AA" {
			break
		}
		if time.Since(begun) > 30*time.Second {
			t.Fatal("a sender was kept out for half a minute")
		}
		time.Sleep(200 * time.Millisecond)
	}
	h.knocked("too many are open", "a line of a sender was refused: it did not show in time who it is", "a connection was refused: it did not show in time who it is")
	lines := make([]*mllps, 40)
	taken := 0
	for i := range lines { // one sender's own crowd
		lines[i] = h.line(h.tls(s))
		if lines[i].code(potassium("KK"+string(rune('A'+i)), "4.1")...) == "AA" {
			taken++
		}
	}
	if taken != 31 { // and the one from before
		t.Errorf("one sender has %d lines more, 32 may be in all", taken)
	}
}

// The former authority is not let go of while a sender's certificate hangs on it.
func TestASendersCertificateHoldsTheFormerAuthority(t *testing.T) {
	h := secureHouse(t)
	s, again := newSender(t), newSender(t)
	h.letIn("lab", s, nil)
	for _, step := range []string{"ca prepare", "ca switch"} {
		h.ask(step, nil)
	}
	if got := h.line(h.tls(s)).code(admission("A1")...); got != "AA" {
		t.Errorf("a certificate of the former authority was answered %q", got)
	}
	if _, err := h.try("ca retire", nil); !fault.Is(err, fault.Denied) || !strings.Contains(err.Error(), "lab") {
		t.Errorf("retired: %v", err)
	}
	h.letIn("lab", again, args{"replace": "true"})
	h.ask("ca retire", nil)
	if got := h.line(h.tls(again)).code(potassium("K1", "4.1")...); got != "AA" {
		t.Errorf("a certificate of the new authority was answered %q", got)
	}
}

// Central shows the hospital's own certificate where it is given one, and another as soon
// as the file holds it; a file that is half written, or that others may read, changes
// nothing.
func TestCentralShowsTheHospitalsCertificateToSenders(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "central.pem"), filepath.Join(dir, "central.key")
	root := newSender(t).signed(nil, authority)
	put := func(name string) {
		s := newSender(t).signed(root, func(c *x509.Certificate) {
			c.Subject.CommonName, c.ExtKeyUsage, c.IPAddresses = name, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, []net.IP{net.IPv4(127, 0, 0, 1)}
		})
		der, err := x509.MarshalPKCS8PrivateKey(s.key)
		check(t, err)
		check(t, os.WriteFile(cert, []byte(s.pem()), 0o600))
		check(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600))
	}
	put("central 2026")
	h := secureHouse(t, func(c *node.Config) { c.MLLPSCert, c.MLLPSKey = cert, key })
	s := newSender(t)
	h.letIn("lab", s, nil)
	shown := func() string {
		t.Helper()
		conf := h.tls(s)
		conf.RootCAs = x509.NewCertPool()
		conf.RootCAs.AppendCertsFromPEM([]byte(root.pem()))
		l := h.line(conf)
		if l.net == nil {
			return "nothing that the hospital's authority signed"
		}
		return l.net.(*tls.Conn).ConnectionState().PeerCertificates[0].Subject.CommonName
	}
	if got := shown(); got != "central 2026" {
		t.Errorf("it shows %q", got)
	}
	later := time.Now().Add(2 * time.Second)
	put("central 2027")
	check(t, os.Chtimes(cert, later, later))
	if got := shown(); got != "central 2027" {
		t.Errorf("after a renewal it shows %q", got)
	}
	check(t, os.WriteFile(cert, []byte("half a certif"), 0o600))
	check(t, os.Chtimes(cert, later.Add(time.Minute), later.Add(time.Minute)))
	if got := shown(); got != "central 2027" {
		t.Errorf("with a broken file it shows %q", got)
	}
	h.stop()
	put("central 2028")
	check(t, os.Chmod(key, 0o644))
	n, err := node.Open(context.Background(), h.conf)
	check(t, err)
	err = n.Serve(context.Background(), func(node.Ready) { t.Error("it serves with a key that everybody may read") })
	if !fault.Is(err, fault.Denied) {
		t.Errorf("started: %v", err)
	}
	check(t, n.Close())
}

// Where HL7 v2 is taken in plain text is said at each start, in words; it can be closed.
func TestPlainTextIsSaidAtTheStart(t *testing.T) {
	var said heard // central goes on speaking when it is asked to stop
	h := newHouse(t, filepath.Join(t.TempDir(), "central"))
	h.conf.Log = slog.New(slog.NewTextHandler(&said, nil))
	h.serve()
	h.stop()
	if got := said.String(); !strings.Contains(got, "PLAIN TEXT") || !strings.Contains(got, h.ready.MLLP) || !strings.Contains(got, "this machine alone") {
		t.Errorf("of the loopback it says %s", got)
	}
	said.Reset()
	h.conf.MLLP, h.conf.MLLPS = node.NoDoor, "127.0.0.1:0"
	h.serve()
	if h.ready.MLLP != "" || h.ready.MLLPS == "" || strings.Contains(said.String(), "PLAIN") {
		t.Errorf("closed: %+v, %s", h.ready, said.String())
	}
	h.stop()
	h.conf.MLLPS = ""
	n, err := node.Open(context.Background(), h.conf)
	check(t, err)
	if err := n.Serve(context.Background(), func(node.Ready) {}); !fault.Is(err, fault.Invalid) {
		t.Errorf("no door at all: %v", err)
	}
	check(t, n.Close())
}

// heard is what a log said; it may be written and read at once.
type heard struct {
	mu   sync.Mutex
	text strings.Builder
}

func (h *heard) Write(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.Write(b)
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.String()
}

func (h *heard) Reset() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.text.Reset()
}

// What cannot be believed is refused when it is given, with what to do instead.
func TestWhatMakesNoSender(t *testing.T) {
	h := secureHouse(t)
	h.letIn("lab", newSender(t), args{"as": "LAB|NORTHFIELD"})
	weak := func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }
	late := func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }
	broken := []byte(newSender(t).request())
	broken[len(broken)/2] ^= 1
	for what, a := range map[string]args{
		"no name":                        {"request": newSender(t).request()},
		"a name with a line end":         {"sender": "lab\nx", "request": newSender(t).request()},
		"nothing to know it by":          {"sender": "x"},
		"two ways at once":               {"sender": "x", "request": newSender(t).request(), "cert": newSender(t).signed(nil, nil).pem()},
		"a name without an authority":    {"sender": "x", "dns": "lab.example"},
		"an authority without a name":    {"sender": "x", "authority": newSender(t).signed(nil, authority).pem()},
		"an authority that is none":      {"sender": "x", "authority": newSender(t).signed(nil, nil).pem(), "dns": "lab.example"},
		"a request that was changed":     {"sender": "x", "request": string(broken)},
		"a certificate for a request":    {"sender": "x", "request": newSender(t).signed(nil, nil).pem()},
		"a certificate that has run out": {"sender": "x", "cert": newSender(t).signed(nil, late).pem()},
		"a certificate of a server":      {"sender": "x", "cert": newSender(t).signed(nil, weak).pem()},
		"rubbish":                        {"sender": "x", "cert": "rubbish"},
		"the same name again":            {"sender": "lab", "request": newSender(t).request()},
		"another's names":                {"sender": "x", "request": newSender(t).request(), "as": "LAB|NORTHFIELD"},
		"no application":                 {"sender": "x", "request": newSender(t).request(), "as": "|NORTHFIELD"},
	} {
		if _, err := h.try("sender add", a); err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if list := h.ask("sender list", nil); len(list) != 1 {
		t.Errorf("%d senders", len(list))
	}
}
