package callout

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"wardlight/internal/central/enrol"
	"wardlight/internal/central/journal/memjournal"
	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/rota"
)

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

// the ward's rota: Dr A has a pager and mail, Dr B only mail, the manager a pager.
const rotaText = `rota 1
zone Europe/London
person Dr A; pager 4412; mail a@hospital.example
person Dr B; mail b@hospital.example
person Dr C; pager 4499
shift registrar; Dr A; daily 08:00-20:00
shift consultant on call; Dr B; daily 00:00-24:00
shift site manager; Dr C; daily 00:00-24:00
`

// world is a central with a critical potassium on ward 4B, a mail server and a
// pager's gateway that are real, on loopback.
type world struct {
	t     *testing.T
	now   time.Time
	j     *memjournal.Journal
	s     *submit.Submitter
	rota  rota.Rota
	pager *pager
	mail  *mailbox
	run   *Runner
	log   *strings.Builder
	held  bool
}

type book struct {
	*submit.Submitter
	w *world
}

func (b book) Rota(context.Context, record.Ward) (rota.Rota, error) { return b.w.rota, nil }

func (w *world) Held(context.Context) bool { return w.held }

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: noon, pager: newPager(t), mail: newMailbox(t), log: &strings.Builder{}, held: true}
	w.j = memjournal.New(memjournal.Options{Now: func() int64 { return w.now.UnixMilli() }})
	w.s = submit.New(submit.Options{Journal: w.j, Now: func() time.Time { return w.now }})
	var err error
	w.rota, err = rota.Parse(rotaText)
	w.must(err)
	w.restart()
	w.file(patient("1001"), stay("1001"))
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// restart is a program that begins anew over the same journal.
func (w *world) restart() {
	hook, err := NewWebhook(w.pager.srv.URL, "s3cret-token", w.pager.roots)
	w.must(err)
	host, port, _ := net.SplitHostPort(w.mail.addr)
	n := 0
	_, _ = fmt.Sscan(port, &n)
	smtp, err := NewSMTP(SMTPConfig{Host: host, Port: n, From: "wardlight@hospital.example", Roots: w.pager.roots})
	w.must(err)
	w.run = New(Config{
		Book: book{w.s, w}, Duties: submit.NewDuties(w.s), Rules: alert.Default(), Gateways: map[string]Gateway{Pager: hook, Mail: smtp},
		Short: enrol.Reference, Now: func() time.Time { return w.now }, Log: slog.New(slog.NewTextHandler(w.log, nil)), Lease: w,
	})
}

func (w *world) pass() {
	w.t.Helper()
	w.must(w.run.Pass(context.Background()))
}

// for passes every quarter of a minute until d is over.
func (w *world) wait(d time.Duration) {
	w.t.Helper()
	for end := w.now.Add(d); w.now.Before(end); {
		w.now = w.now.Add(15 * time.Second)
		w.pass()
	}
}

var messages int

func (w *world) file(drafts ...record.Draft) {
	w.t.Helper()
	messages++
	subject := record.Subject{Identifiers: []fhir.Identifier{ident("1001")}, Family: "Kaya", BirthDate: "1954-07-14", MayCreate: true}
	row, err := w.s.File(context.Background(), record.Filing{
		Inbound: record.Inbound{ID: fmt.Sprint("m", messages), Channel: "lab", Sender: "LAB", ControlID: fmt.Sprint(messages), Type: "ORU^R01", Received: w.now.UnixMilli()},
		Groups:  []record.Group{{Subject: subject, Ward: "4B", Drafts: drafts}},
	})
	w.must(err)
	if row.Fate != record.FateFiled {
		w.t.Fatalf("%s: %s", row.Fate, row.Reason)
	}
}

func ident(n string) fhir.Identifier {
	return fhir.Identifier{System: "urn:hospital:mrn", Value: n, Type: &fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemIdentifierType, Code: "MR"}}}}
}

func made(v any) []record.Op {
	b, err := fhir.Make(v)
	if err != nil {
		panic(err)
	}
	return []record.Op{{Kind: record.OpPut, Value: b}}
}

func patient(n string) record.Draft {
	return record.Draft{Ref: fhir.Ref{Type: fhir.TypePatient, ID: record.SubjectID}, Event: noon.UnixMilli(), Ops: made(fhir.Patient{
		ResourceType: fhir.TypePatient, ID: record.SubjectID, Identifier: []fhir.Identifier{ident(n)}, Name: []fhir.HumanName{{Family: "Kaya"}}, BirthDate: "1954-07-14",
	})}
}

func stay(n string) record.Draft {
	subject := fhir.Reference{Reference: record.SubjectRef}
	return record.Draft{Ref: fhir.Ref{Type: fhir.TypeEncounter, ID: fhir.ID("v" + n)}, Event: noon.UnixMilli(), Ops: made(fhir.Encounter{
		ResourceType: fhir.TypeEncounter, ID: fhir.ID("v" + n), Status: "in-progress", Subject: &subject,
		Extension: []fhir.Extension{{URL: fhir.ExtWard, ValueString: fhir.Str("4B")}},
	})}
}

// potassium comes from the laboratory.
func (w *world) potassium(value, status string, stamp int64) {
	w.t.Helper()
	subject := fhir.Reference{Reference: record.SubjectRef}
	w.file(record.Draft{
		Ref: fhir.Ref{Type: fhir.TypeObservation, ID: "k1"}, Stamps: &record.Stamps{StatusChanged: stamp, Message: stamp}, Ops: made(fhir.Observation{
			ResourceType: fhir.TypeObservation, ID: "k1", Status: status, Subject: &subject,
			Category:      []fhir.CodeableConcept{{Coding: []fhir.Coding{{System: fhir.SystemObservationCat, Code: fhir.CategoryLaboratory}}}},
			Code:          fhir.CodeableConcept{Text: "Potassium", Coding: []fhir.Coding{{System: fhir.SystemLOINC, Code: "2823-3"}}},
			ValueQuantity: &fhir.Quantity{Value: fhir.Dec(value), Unit: "mmol/L"},
		}),
	})
}

// callouts are all messages about the potassium, as "step person channel status".
func (w *world) callouts() string {
	return w.calloutsOf(fhir.Ref{Type: fhir.TypeObservation, ID: "k1"})
}

func (w *world) calloutsOf(ref fhir.Ref) string {
	w.t.Helper()
	list, err := w.s.Callouts(context.Background(), ref)
	w.must(err)
	var out []string
	for _, c := range list {
		out = append(out, fmt.Sprintf("%d %s %s %s", c.Step, c.Person, c.Channel, c.Status))
	}
	return strings.Join(sorted(out), "; ")
}

func sorted(s []string) []string {
	for i := range s {
		for j := i; j > 0 && s[j] < s[j-1]; j-- {
			s[j], s[j-1] = s[j-1], s[j]
		}
	}
	return s
}

// pager is a gateway that takes posts over TLS.
type pager struct {
	srv   *httptest.Server
	roots *x509.CertPool
	mu    sync.Mutex
	got   []post
	code  int           // answered; 0: 202
	to    string        // of a redirect
	hang  time.Duration // before it answers
}

type post struct {
	Key, To, Text, Token, Idempotency string
	Urgent                            bool
}

func newPager(t *testing.T) *pager {
	p := &pager{}
	p.srv = httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		var m struct {
			Key, To, Text string
			Urgent        bool
		}
		_ = json.Unmarshal(b, &m)
		p.mu.Lock()
		p.got = append(p.got, post{m.Key, m.To, m.Text, r.Header.Get("Authorization"), r.Header.Get("Idempotency-Key"), m.Urgent})
		code, hang := p.code, p.hang
		if p.to != "" {
			rw.Header().Set("Location", p.to)
		}
		p.mu.Unlock()
		if hang > 0 {
			select {
			case <-r.Context().Done():
			case <-time.After(hang):
			}
			panic(http.ErrAbortHandler) // silent to the end: to return would be to answer
		}
		if code == 0 {
			code = http.StatusAccepted
		}
		rw.WriteHeader(code)
	}))
	p.srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	t.Cleanup(p.srv.Close)
	p.roots = x509.NewCertPool()
	p.roots.AddCert(p.srv.Certificate())
	return p
}

func (p *pager) posts() []post {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]post(nil), p.got...)
}

// mailbox is a mail server that takes mail over STARTTLS only.
type mailbox struct {
	addr string
	mu   sync.Mutex
	got  []letter
	fail error
}

type letter struct{ to, text string }

func newMailbox(t *testing.T) *mailbox {
	m := &mailbox{}
	tls := httptest.NewUnstartedServer(nil)
	tls.StartTLS() // for its certificate, of the same authority as the pager's
	t.Cleanup(tls.Close)
	srv := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{m: m}, nil }))
	srv.TLSConfig = tls.TLS.Clone()
	srv.TLSConfig.NextProtos = nil
	srv.Domain = "127.0.0.1"
	srv.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m.addr = l.Addr().String()
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	return m
}

func (m *mailbox) letters() []letter {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]letter(nil), m.got...)
}

type session struct {
	m  *mailbox
	to string
}

func (s *session) Mail(string, *smtp.MailOptions) error { return nil }
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return nil
}

func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	if s.m.fail != nil {
		return s.m.fail
	}
	s.m.got = append(s.m.got, letter{s.to, string(b)})
	return err
}
func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

var errBook = errors.New("the journal cannot be written")
