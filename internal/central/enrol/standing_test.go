package enrol_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
	"wardlight/internal/trust/pki"
)

// What a computer is told when it asks how it and its people stand, and what it said of
// itself with that: every part of both.
func TestACentralsWordOnAComputer(t *testing.T) {
	ctx := context.Background()
	h, _, id := aNurse(t)
	var declared []string
	h.conf.Declared = func(_ context.Context, p record.Peer, seq uint64, mac record.Hash) error {
		declared = append(declared, fmt.Sprintf("%s %d %x", p.Device.Station, seq, mac[:2]))
		return nil
	}
	h.conf.AuditLog = func(events int64) (*pki.LogState, error) {
		return &pki.LogState{Checkpoint: []byte(fmt.Sprintf("after %d", events))}, nil
	}
	h.conf.Urgent = func(_ context.Context, wards []record.Ward) (*pki.Urgent, error) {
		return &pki.Urgent{Run: fmt.Sprint(wards), Came: 3}, nil
	}
	h.conf.RecoveryKey = func() pki.RecoveryKey { return pki.RecoveryKey{Recipient: "age1test"} }
	h.office = h.restarted()
	if err := h.office.AddUser(ctx, record.Account{User: "s.patel", Name: "S", Role: "nurse"}, "271828"); err != nil {
		t.Fatal(err)
	}
	if err := h.office.CloseUser(ctx, "s.patel"); err != nil {
		t.Fatal(err)
	}
	if err := h.office.EndSessions(ctx, "g.mensah", ""); err != nil {
		t.Fatal(err)
	}
	limits, err := h.office.Limits(ctx)
	if err != nil {
		t.Fatal(err)
	}
	limits.Guessing.Tries = 5
	if err := h.office.SetLimits(ctx, limits); err != nil {
		t.Fatal(err)
	}
	device := func() record.Device {
		t.Helper()
		all, err := h.office.Devices(ctx)
		if err != nil || len(all) != 1 || string(all[0].Station) != id {
			t.Fatalf("%v, %v", all, err)
		}
		return all[0]
	}
	ask := func(req pki.StandingRequest) (pki.StandingAnswer, error) {
		return h.office.Standing(ctx, record.Peer{Device: device()}, req)
	}
	mac := append([]byte{0xab, 0xcd}, make([]byte, 30)...)
	req := pki.StandingRequest{
		Users: []string{"g.mensah", "s.patel", "nobody"}, KeyMade: 7, Looks: &pki.Chain{Seq: 4, MAC: mac}, Log: &pki.LogHeld{Events: 9},
		Urgent: true, JournalKey: "journal", Recovery: "recovery",
	}
	got, err := ask(req)
	if err != nil {
		t.Fatal(err)
	}
	if nurse := got.People["g.mensah"]; len(got.People) != 1 || nurse.Name != "Grace Mensah" || nurse.Word == "" || nurse.PINID == "" {
		t.Errorf("told of %+v", got.People)
	}
	if got.PrintHour == 0 || got.PrintDay == 0 || got.OfflineHours == 0 || got.KeepDays == 0 || got.SessionHours == 0 {
		t.Errorf("limits: %+v", got)
	}
	got.People, got.PrintHour, got.PrintDay, got.OfflineHours, got.KeepDays, got.SessionHours = nil, 0, 0, 0, 0, 0
	g := limits.Guessing
	want := pki.StandingAnswer{
		Guessing: &pki.Guessing{Tries: 5, SlowFrom: g.From, SlowSeconds: int(g.Wait.Seconds()), SlowFactor: g.Factor},
		Log:      &pki.LogState{Checkpoint: []byte("after 9")}, Urgent: &pki.Urgent{Run: "[4B]", Came: 3},
		JournalKey: keys.KeyID([]byte("key")), Recovery: &pki.RecoveryKey{Recipient: "age1test"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("told %+v, want %+v", got, want)
	}
	if d := device(); d.KeyMade != 7 || d.JournalKey != "journal" || d.Recovery != "recovery" {
		t.Errorf("noted of the computer: %+v", d)
	}
	if len(declared) != 1 || declared[0] != id+" 4 abcd" {
		t.Errorf("its chain of looks: %v", declared)
	}
	said := strings.Join(h.audits, "\n")
	for _, action := range []string{"recovery-key", "journal-key", "cache-key"} {
		if strings.Count(said, action+" ") != 1 {
			t.Errorf("%s is on record %d times", action, strings.Count(said, action+" "))
		}
	}

	// The same again changes nothing; too long a name is not kept; of a copy that is closed
	// nothing is declared; what was not asked for is not told.
	before := len(h.audits)
	long := strings.Repeat("x", 33)
	got, err = ask(pki.StandingRequest{KeyMade: 7, JournalKey: long, Recovery: long})
	if err != nil || len(h.audits) != before || len(declared) != 1 || got.Log != nil || got.Urgent != nil || got.People == nil || len(got.People) != 0 {
		t.Errorf("%+v, %v; on record since: %v; declared %v", got, err, h.audits[before:], declared)
	}
	for _, bad := range []pki.StandingRequest{{Users: make([]string, 2001)}, {Looks: &pki.Chain{Seq: 1, MAC: mac[:31]}}} {
		if got, err := ask(bad); !fault.Is(err, fault.Invalid) || !reflect.DeepEqual(got, pki.StandingAnswer{}) {
			t.Errorf("%+v, %v", got, err)
		}
	}
	if err := h.office.OrderRekey(ctx, id); err != nil {
		t.Fatal(err)
	}
	if got, err := ask(pki.StandingRequest{KeyMade: 7}); err != nil || got.Rekey == 0 {
		t.Errorf("another key is ordered: %+v, %v", got, err)
	}
	if err := h.office.OrderWipe(ctx, id); err != nil {
		t.Fatal(err)
	}
	if got, err := ask(req); err != nil || !reflect.DeepEqual(got, pki.StandingAnswer{Wipe: true}) {
		t.Errorf("to be wiped: %+v, %v", got, err)
	}
}
