package callout

import (
	"context"
	"crypto/x509"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/rota"
)

// One potassium, and nobody takes it: the registrar is paged after ten minutes,
// the consultant gets mail after twenty, the manager is paged after thirty and
// every quarter of an hour again; each once, and nothing of a patient leaves.
func TestTheLadderReachesPeople(t *testing.T) {
	w := newWorld(t)
	w.potassium("6.8", "final", 1)
	w.wait(9 * time.Minute)
	if n := len(w.pager.posts()) + len(w.mail.letters()); n != 0 {
		t.Fatalf("%d messages before anybody is due", n)
	}
	w.wait(2 * time.Minute)
	posts := w.pager.posts()
	if len(posts) != 1 || posts[0].To != "4412" || posts[0].Token != "Bearer s3cret-token" || posts[0].Key == "" || posts[0].Key != posts[0].Idempotency {
		t.Fatalf("posts: %+v", posts)
	}
	w.wait(10 * time.Minute)
	if l := w.mail.letters(); len(l) != 1 || l[0].to != "b@hospital.example" || !strings.Contains(l[0].text, "Message-ID: <co") {
		t.Fatalf("letters: %+v", l)
	}
	w.wait(25 * time.Minute) // 46 min: the manager at 30 and at 45
	if got := w.callouts(); got != "1 Dr A pager completed; 2 Dr B mail completed; 3 Dr C pager completed; 3 Dr C pager completed" {
		t.Error(got)
	}
	for _, p := range w.pager.posts() {
		w.saysNothing(p.Text)
	}
	w.saysNothing(w.mail.letters()[0].text)
	if strings.Contains(w.log.String(), "s3cret") || strings.Contains(w.log.String(), "4412") {
		t.Errorf("log: %s", w.log)
	}
}

// saysNothing: the ward, that it is urgent, and a reference; nothing else.
func (w *world) saysNothing(text string) {
	w.t.Helper()
	for _, no := range []string{"Kaya", "1954", "1001", "otassium", "6.8", "mmol"} {
		if strings.Contains(text, no) {
			w.t.Errorf("a message says %q: %s", no, text)
		}
	}
	for _, want := range []string{"4B", "URGENT", "Open Wardlight", "Ref "} {
		if !strings.Contains(text, want) {
			w.t.Errorf("a message does not say %q: %s", want, text)
		}
	}
}

// The gateway is silent, then refuses: it is tried four times with growing gaps,
// then the person's mail, and where that is refused too the next person at once.
func TestAGatewayThatRefusesIsEscalated(t *testing.T) {
	w := newWorld(t)
	w.potassium("6.8", "final", 1)
	w.pager.code = http.StatusServiceUnavailable
	w.wait(10*time.Minute + 15*time.Second)
	w.wait(3 * time.Minute)
	if got := w.callouts(); got != "1 Dr A mail completed; 1 Dr A pager failed" {
		t.Fatalf("%s\n%s", got, w.log)
	}
	if n := len(w.pager.posts()); n != maxTries {
		t.Errorf("%d tries", n)
	}
	if first := w.pager.posts()[0].Key; first != w.pager.posts()[3].Key {
		t.Error("another try has another key")
	}
	if !strings.Contains(w.log.String(), "refused it (503)") {
		t.Errorf("log: %s", w.log)
	}
}

func TestNobodyCanBeReachedSoTheNextIsToldAtOnce(t *testing.T) {
	w := newWorld(t)
	w.potassium("6.8", "final", 1)
	w.pager.code = http.StatusServiceUnavailable
	w.mail.fail = &smtp.SMTPError{Code: 550, Message: "no such user a@hospital.example"}
	w.wait(18 * time.Minute) // the consultant is due after twenty
	if got := w.callouts(); !strings.Contains(got, "1 Dr A mail failed; 1 Dr A pager failed") || !strings.Contains(got, "2 Dr B mail") {
		t.Fatalf("%s", got)
	}
	if strings.Contains(w.log.String(), "a@hospital") {
		t.Error("the log says an address")
	}
}

func TestAGatewayThatIsSilent(t *testing.T) {
	w := newWorld(t)
	w.potassium("6.8", "final", 1)
	w.pager.hang = time.Minute
	hook, _ := NewWebhook(w.pager.srv.URL, "", w.pager.roots)
	hook.client.Timeout = 50 * time.Millisecond
	w.run.c.Gateways[Pager] = hook
	w.wait(15 * time.Minute)
	if got := w.callouts(); got != "1 Dr A mail completed; 1 Dr A pager failed" {
		t.Errorf("%s\n%s", got, w.log)
	}
}

// Whatever stops in between: what is owed is sent, under the same key, and what
// was recorded as sent is not sent again.
func TestRestartsSendWhatIsOwedAndNothingTwice(t *testing.T) {
	w := newWorld(t)
	w.potassium("6.8", "final", 1)
	w.now = w.now.Add(10 * time.Minute)
	// Owed, and stopped before anything was sent.
	w.run.c.Gateways = map[string]Gateway{Pager: stuck{}, Mail: stuck{}}
	w.pass()
	if got := w.callouts(); got != "1 Dr A pager requested" {
		t.Fatal(got)
	}
	w.restart()
	w.wait(time.Minute)
	if n := len(w.pager.posts()); n != 1 {
		t.Fatalf("%d posts after the restart", n)
	}
	// Sent, and stopped before that was recorded: once more, under the same key.
	w2 := newWorld(t)
	w2.potassium("6.8", "final", 1)
	w2.now = w2.now.Add(10 * time.Minute)
	forgetful := book2{book{w2.s, w2}}
	w2.run.c.Book = forgetful
	if err := w2.run.Pass(context.Background()); err == nil {
		t.Fatal("a record that cannot be written is no error")
	}
	w2.restart()
	w2.wait(time.Minute)
	posts := w2.pager.posts()
	if len(posts) != 2 || posts[0].Key != posts[1].Key {
		t.Errorf("%+v", posts)
	}
	for range 3 {
		w2.restart()
		w2.wait(time.Minute)
	}
	if n := len(w2.pager.posts()); n != 2 {
		t.Errorf("%d posts after three restarts more", n)
	}
}

type stuck struct{}

func (stuck) Send(context.Context, Message) error { return context.DeadlineExceeded }

type book2 struct{ book }

func (book2) Called(context.Context, submit.Callout) error { return errBook }

// Only the node that holds the lease owes and sends.
func TestOnlyOneNodeSends(t *testing.T) {
	w := newWorld(t)
	w.potassium("6.8", "final", 1)
	w.held = false
	w.wait(40 * time.Minute)
	if len(w.pager.posts()) != 0 || w.callouts() != "" {
		t.Errorf("a node without the lease sent: %s", w.callouts())
	}
	w.held = true
	w.wait(time.Minute)
	if got := w.callouts(); !strings.Contains(got, "1 Dr A pager completed; 2 Dr B mail completed; 3 Dr C pager completed") {
		t.Errorf("every step that is due: %s", got)
	}
}

// What nobody needs any more is not sent: corrected to a harmless value.
func TestWhatIsNoDutyAnyMoreIsCalledOff(t *testing.T) {
	w := newWorld(t)
	w.potassium("6.8", "final", 1)
	w.now = w.now.Add(10 * time.Minute)
	w.run.c.Gateways = map[string]Gateway{Pager: stuck{}}
	w.pass()
	w.potassium("4.1", "corrected", 2)
	w.restart()
	w.wait(30 * time.Minute)
	if got := w.callouts(); got != "1 Dr A pager cancelled" || len(w.pager.posts()) != 0 {
		t.Errorf("%s, %d posts", got, len(w.pager.posts()))
	}
}

// Nobody is on the rota for a step: the next is told at once.
func TestAStepWithNobodyOnItIsSkipped(t *testing.T) {
	w := newWorld(t)
	var err error
	w.rota, err = rota.Parse(strings.ReplaceAll(rotaText, "shift registrar; Dr A; daily 08:00-20:00\n", ""))
	w.must(err)
	w.potassium("6.8", "final", 1)
	w.wait(10*time.Minute + 30*time.Second)
	if got := w.callouts(); got != "2 Dr B mail completed" {
		t.Error(got)
	}
}

// A stranger's certificate, a redirect, and no TLS are refused; nothing is sent.
func TestOnlyACheckedServerIsToldAnything(t *testing.T) {
	p := newPager(t)
	m := Message{Key: "co1", To: "4412", Ward: "4B", Short: "K4T9XQ"}
	hook, err := NewWebhook(p.srv.URL, "t", x509.NewCertPool())
	if err != nil {
		t.Fatal(err)
	}
	if err := hook.Send(context.Background(), m); err == nil || len(p.posts()) != 0 {
		t.Errorf("a stranger's certificate: %v, %d posts", err, len(p.posts()))
	}
	elsewhere := newPager(t)
	p.code, p.to = http.StatusTemporaryRedirect, elsewhere.srv.URL
	p.roots.AddCert(elsewhere.srv.Certificate())
	hook, _ = NewWebhook(p.srv.URL, "t", p.roots)
	if err := hook.Send(context.Background(), m); err == nil || len(p.posts()) != 1 || len(elsewhere.posts()) != 0 {
		t.Errorf("a redirect: %v, %d posts elsewhere", err, len(elsewhere.posts()))
	}
	for _, bad := range []string{"http://pager.example/x", "https://user:pw@pager.example/x", "pager", ""} {
		if _, err := NewWebhook(bad, "", nil); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	box := newMailbox(t)
	host, port, _ := strings.Cut(box.addr, ":")
	n := 0
	for _, c := range port {
		n = n*10 + int(c-'0')
	}
	s, err := NewSMTP(SMTPConfig{Host: host, Port: n, From: "w@hospital.example", Roots: x509.NewCertPool()})
	if err != nil {
		t.Fatal(err)
	}
	m.To = "a@hospital.example"
	if err := s.Send(context.Background(), m); err == nil || len(box.letters()) != 0 {
		t.Errorf("a stranger's mail server: %v, %d letters", err, len(box.letters()))
	}
}

// Settings: secrets lie in files of their own that nobody else may read; what is
// set and cannot be used is an error and no silence.
func TestSettings(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	if g, err := Load(dir); err != nil || g != nil {
		t.Errorf("no settings: %v %v", g, err)
	}
	write("token", "s3cret\n", 0o600)
	write(File, `{"format":1,"webhook":{"url":"https://pager.example/send","token_file":"token"},"smtp":{"host":"mail.example","from":"w@example.org"}}`, 0o644)
	if g, err := Load(dir); err != nil || len(g) != 2 || g[Pager].(*Webhook).token != "s3cret" {
		t.Errorf("%v %v", g, err)
	}
	write("token", "s3cret\n", 0o644)
	if _, err := Load(dir); err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("a secret that others may read: %v", err)
	}
	for _, bad := range []string{
		`{}`, `{"format":2}`, `{"format":1,"webhook":{"url":"https://x","token":"s3cret"}}`, `{"format":1,"smtp":{"host":"m","from":"w@x","tls":"none"}}`,
		`{"format":1,"webhook":{"url":"https://x","ca_file":"token"}}`, `{"format":1,"webhook":{"url":"https://x","token_file":"missing"}}`, `x`,
	} {
		write(File, bad, 0o644)
		if _, err := Load(dir); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
