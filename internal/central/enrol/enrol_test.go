package enrol_test

import (
	"context"
	"crypto/tls"
	"net/http"
	"strings"
	"testing"
	"time"

	"wardlight/internal/central/enrol"
	"wardlight/internal/central/journal"
	"wardlight/internal/central/journal/memjournal"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/join"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/keys"
	"wardlight/internal/trust/pki"
	"wardlight/internal/trust/rbac"
)

// hospital is a running front office and what a test needs of it.
type hospital struct {
	office  *enrol.Office
	journal journal.Journal
	ca      *pki.CA
	url     string
	now     time.Time
	audits  []string
	changed []record.Account // that their owners changed
	asked   []record.StationID
	conf    enrol.Config
}

// restarted is the office after central was started again.
func (h *hospital) restarted() *enrol.Office { return enrol.New(h.conf) }

func open(t *testing.T) *hospital {
	t.Helper()
	return openWithin(t, 20*time.Second)
}

// openWithin is open where a request must have come whole within a time.
func openWithin(t *testing.T, within time.Duration) *hospital {
	t.Helper()
	j := memjournal.New(memjournal.Options{})
	ca, err := pki.NewCA(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	h := &hospital{journal: j, ca: ca, now: time.Now()}
	h.conf = enrol.Config{
		Seal: keys.NewRing(keys.NewKey()), Changed: func(a record.Account) { h.changed = append(h.changed, a) }, AskSoon: func(s []record.StationID) { h.asked = append(h.asked, s...) },
		Journal: j, Set: pki.Set{Current: ca}, JournalKey: func() []byte { return []byte("key") }, Recovery: func() string { return "age1test" }, Now: func() time.Time { return h.now },
		Audit: func(_ context.Context, action, subject string, _ time.Time, _ ...audit.Change) ([]byte, error) {
			h.audits = append(h.audits, action+" "+subject)
			return []byte(`{"resourceType":"AuditEvent"}`), nil
		},
		Cost: enrol.Cost{Memory: 64, Passes: 1, Threads: 1},
	}
	h.office = enrol.New(h.conf)
	h.office.Within(within)
	conf, err := h.office.TLS(enrol.Hosts("127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	ln, err := tls.Listen("tcp", "127.0.0.1:0", conf)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	h.office.Handler(mux)
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: time.Second}
	h.office.Hook(srv)
	go func() { _ = srv.Serve(ln) }()
	t.Cleanup(func() { _ = srv.Close() })
	h.url = "https://" + ln.Addr().String()
	return h
}

func (h *hospital) enrol(t *testing.T, code string) (join.Joined, error) {
	t.Helper()
	return join.Enrol(context.Background(), join.Request{
		Server: h.url, CAFingerprint: pki.Fingerprint(h.ca.Cert), Code: code, Place: "Ward 4B, computer 4B-02",
	}, time.Now())
}

func (h *hospital) code(t *testing.T) string {
	t.Helper()
	c, err := h.office.NewCode(context.Background(), []record.Ward{"4B"})
	if err != nil {
		t.Fatal(err)
	}
	return c.Secret
}

func (h *hospital) door(t *testing.T, j join.Joined) *join.Door {
	t.Helper()
	conf, err := j.Config.TLS(j.Secret)
	if err != nil {
		t.Fatal(err)
	}
	conf.Time = func() time.Time { return h.now } // both clocks move together
	return join.NewDoor(j.Config.Servers, func() *tls.Config { return conf }).Patiently(time.Minute)
}

func TestAComputerJoinsAndASharedSecretComesBack(t *testing.T) {
	h := open(t)
	j, err := h.enrol(t, h.code(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(j.Config.Wards) != 1 || j.Config.Wards[0] != "4B" || j.Config.Recovery != "age1test" {
		t.Errorf("config: %+v", j.Config)
	}
	share, err := h.door(t, j).Share(context.Background())
	if err != nil || string(share) != string(j.Share) {
		t.Errorf("share: %v, same %v", err, string(share) == string(j.Share))
	}
}

func TestACodeWorksOnceAndForTenMinutes(t *testing.T) {
	h := open(t)
	code := h.code(t)
	if _, err := h.enrol(t, code); err != nil {
		t.Fatal(err)
	}
	if _, err := h.enrol(t, code); !fault.Is(err, fault.Denied) || !strings.Contains(err.Error(), "ask for a new one") {
		t.Errorf("a used code: %v", err)
	}
	late := h.code(t)
	h.now = h.now.Add(enrol.CodeLife + time.Second)
	if _, err := h.enrol(t, late); !fault.Is(err, fault.Denied) {
		t.Errorf("a code of over ten minutes: %v", err)
	}
}

// Two administrators who ask in the same millisecond get two codes, and both
// work.
func TestTwoCodesOfOneMomentBothWork(t *testing.T) {
	h := open(t)
	first, second := h.code(t), h.code(t)
	for _, code := range []string{first, second} {
		if _, err := h.enrol(t, code); err != nil {
			t.Errorf("a code was turned away: %v", err)
		}
	}
}

func TestGuessingCodesIsStopped(t *testing.T) {
	h := open(t)
	for i := 0; i < 20; i++ {
		if _, err := h.enrol(t, "BCDFGH-NOSUCHCODENOSUCHCODENOSUCH"); err == nil {
			t.Fatal("a wrong code joined")
		}
	}
	good := h.code(t)
	if _, err := h.enrol(t, good); err == nil {
		t.Error("after twenty wrong codes the door was still open")
	}
	h.now = h.now.Add(61 * time.Second)
	if _, err := h.enrol(t, good); err != nil {
		t.Errorf("a minute later: %v", err)
	}
}

func TestARevokedComputerIsServedNothing(t *testing.T) {
	h := open(t)
	j, err := h.enrol(t, h.code(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.office.Revoke(context.Background(), string(j.Config.Station)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.door(t, j).Share(context.Background()); err == nil {
		t.Error("a revoked computer got its share")
	}
	if err := h.office.Revoke(context.Background(), "snobody"); !fault.Is(err, fault.NotFound) {
		t.Errorf("an unknown computer: %v", err)
	}
}

// A computer that asks is told whether it is let in, as what, and how far its
// clock is off.
func TestAComputerAsksWhetherItIsWelcome(t *testing.T) {
	h := open(t)
	j, err := h.enrol(t, h.code(t))
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	late := func() time.Time { return h.now.Add(-3 * time.Minute) }
	w, err := h.door(t, j).Welcome(ctx, late)
	if err != nil || w.Ahead.Round(time.Second) != -3*time.Minute || len(w.Wards) != 1 || w.Wards[0] != "4B" || w.Place != j.Config.Place {
		t.Errorf("%+v, %v", w, err)
	}
	if w, err := h.door(t, j).Welcome(ctx, nil); err != nil || w.Ahead.Abs() > w.Took+time.Until(h.now).Abs()+time.Minute {
		t.Errorf("by the machine's own clock: %+v, %v", w, err)
	}
	if w.Untold {
		t.Error("it says that nobody is told of an emergency access, which is not known")
	}
	if err := h.office.Revoke(ctx, string(j.Config.Station)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.door(t, j).Welcome(ctx, late); !fault.Is(err, fault.Denied) {
		t.Errorf("a revoked computer: %v", err)
	}
	nobody := join.NewDoor([]string{"https://127.0.0.1:1"}, func() *tls.Config { return &tls.Config{MinVersion: tls.VersionTLS13} })
	if _, err := nobody.Welcome(ctx, late); !fault.Is(err, fault.Unavailable) {
		t.Errorf("nobody there: %v", err)
	}
}

func TestSignInIsCheckedCountedAndOnRecord(t *testing.T) {
	h := open(t)
	j, err := h.enrol(t, h.code(t))
	if err != nil {
		t.Fatal(err)
	}
	ctx, door := context.Background(), h.door(t, j)
	if err := h.office.AddUser(ctx, record.Account{User: "G.Mensah", Name: "Grace Mensah", Role: "nurse", Wards: []record.Ward{"4B"}}, "482915"); err != nil {
		t.Fatal(err)
	}
	who, err := door.SignIn(ctx, " g.mensah ", "482915")
	if err != nil || who.Name != "Grace Mensah" || who.Role != "nurse" {
		t.Fatal(who, err)
	}
	for i := 0; i < 10; i++ {
		if _, err := door.SignIn(ctx, "g.mensah", "000001"); !fault.Is(err, fault.Unknown) {
			t.Fatalf("try %d: %v", i, err)
		}
	}
	if _, err := door.SignIn(ctx, "g.mensah", "482915"); !fault.Is(err, fault.Denied) {
		t.Errorf("after ten wrong PINs: %v", err)
	}
	if _, err := door.SignIn(ctx, "nobody", "482915"); !fault.Is(err, fault.Unknown) {
		t.Errorf("an unknown name: %v", err)
	}
	all := strings.Join(h.audits, "\n")
	if !strings.Contains(all, "sign-in g.mensah") || strings.Count(all, "sign-in-refused g.mensah") != 11 {
		t.Errorf("audit:\n%s", all)
	}
	if strings.Contains(all, "482915") {
		t.Error("a PIN is in the audit")
	}
}

func TestAPoorPINIsRefused(t *testing.T) {
	h := open(t)
	for _, pin := range []string{"", "123", "1111", strings.Repeat("12", 40)} {
		err := h.office.AddUser(context.Background(), record.Account{User: "a", Name: "A", Role: "nurse"}, pin)
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("PIN %q: %v", pin, err)
		}
	}
}

// TestOnlyRolesThatAreKnownAreGiven: an account of a misspelt role could sign
// in and then do nothing, or, worse, whatever a later version calls by that
// name.
func TestOnlyRolesThatAreKnownAreGiven(t *testing.T) {
	h := open(t)
	ctx := context.Background()
	for _, role := range []string{"", "Nurse", "sister", "computer", "nurse "} {
		err := h.office.AddUser(ctx, record.Account{User: "a", Name: "A", Role: role}, "482915")
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "charge-nurse") {
			t.Errorf("role %q: %v, want a refusal that names the roles", role, err)
		}
	}
	for _, role := range rbac.Roles() {
		if err := h.office.AddUser(ctx, record.Account{User: record.UserID(role), Name: "A", Role: string(role)}, "482915"); err != nil {
			t.Errorf("role %q: %v", role, err)
		}
	}
}
