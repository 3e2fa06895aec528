package desk_test

import (
	"context"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
	"wardlight/internal/station/desk"
	"wardlight/internal/trust/audit"
)

var (
	ana   = ward.Person{User: "a.ruiz", Name: "Ana Ruiz, doctor", Role: "doctor", Wards: []string{"5A"}}
	clerk = ward.Person{User: "c.lund", Name: "Carl Lund, ward clerk", Role: "ward-clerk", Wards: []string{"5A"}}
)

const (
	byBirth = "adeyemi folake 1954-03-14"
	because = "cardiac arrest on 4B, I lead the team"
)

// A doctor of another ward stands at the bed, and the network is out: with a
// reason the record opens, for an hour, and everything says so.
func TestEmergencyAccess(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", string(folake), "6.8", "final", "HH"))
	r.settle()
	r.desk.SetSession(ana)
	if _, err := r.desk.Chart(bg, folake); !fault.Is(err, fault.Denied) {
		t.Fatalf("before: %v", err)
	}
	e, err := r.desk.BreakGlass(bg, byBirth, because)
	ok(t, err)
	if e.Patient != folake || !e.Until.Equal(noon.Add(time.Hour)) {
		t.Errorf("access is %+v", e)
	}
	ok(t, r.desk.Open(bg, folake))
	c := r.chart(folake)
	if c.Emergency == nil || c.Emergency.Reason != because || len(c.Results) != 1 {
		t.Errorf("the chart does not say that it was opened in an emergency: %+v", c.Emergency)
	}
	made := r.do(ward.WriteNote{Patient: folake, Text: "Calcium given."}).Made
	var begun, read, wrote int
	for _, l := range r.looks() {
		if l.Purpose != audit.BreakGlass {
			continue
		}
		switch {
		case l.Action == audit.Break && l.Outcome == audit.Success && l.Reason == because && l.Patient == folake && l.Who.User == "a.ruiz":
			begun++
		case l.Action == audit.Read:
			read++
		case l.Action == audit.Create:
			wrote++
		}
	}
	if begun != 1 || read != 1 || wrote != 1 {
		t.Errorf("on record as an emergency: %d begun, %d read, %d written; want 1 each", begun, read, wrote)
	}
	for _, m := range r.unsent() {
		if m.Ref.ID == made[0] && m.Purpose != record.Emergency {
			t.Error("central is not told that the entry was made in an emergency")
		}
	}
	r.later(time.Hour)
	if _, err := r.desk.Chart(bg, folake); !fault.Is(err, fault.Denied) {
		t.Errorf("after an hour: %v", err)
	}
}

// unsent are the entries that wait for central.
func (r *room) unsent() []record.Mutation {
	r.t.Helper()
	list, err := r.cache.Unsent(0, 100)
	ok(r.t, err)
	return list
}

// What does not open it: a poor reason, half a name, a role that may not, and
// another patient's emergency.
func TestWhatBreaksNoGlass(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	other := admitted("p08", "Adeyemi", "Folake", "08")
	other[0]["birthDate"] = "1961-01-02"
	other[0]["identifier"] = []any{obj{"system": fhir.SystemNHSNumber, "value": "9990417741"}}
	r.send(other...)
	r.settle()
	r.desk.SetSession(ana)
	for name, try := range map[string]struct {
		who, reason string
		kind        fault.Kind
	}{
		"no reason":                  {byBirth, "  ", fault.Invalid},
		"a word":                     {byBirth, "urgent", fault.Invalid},
		"the family name alone":      {"adeyemi", because, fault.NotFound},
		"names without a birth date": {"adeyemi folake", because, fault.NotFound},
		"a birth date alone":         {"1954-03-14", because, fault.NotFound},
		"a number of another person": {"999 041 0000", because, fault.NotFound},
		"part of a number":           {"99904", because, fault.NotFound},
		"nothing":                    {"", because, fault.NotFound},
	} {
		if _, err := r.desk.BreakGlass(bg, try.who, try.reason); !fault.Is(err, try.kind) {
			t.Errorf("%s: %v, want %s", name, err, try.kind)
		}
	}
	e, err := r.desk.BreakGlass(bg, "999 041 7741", because)
	ok(t, err)
	if e.Patient != "p08" {
		t.Fatalf("opened %s", e.Patient)
	}
	if _, err := r.desk.Chart(bg, folake); !fault.Is(err, fault.Denied) {
		t.Errorf("one patient's emergency opened another's record: %v", err)
	}
	r.desk.SetSession(ward.Person{User: "k.berg", Name: "Kim Berg, doctor", Role: "doctor", Wards: []string{"5A"}})
	if _, err := r.desk.Chart(bg, "p08"); !fault.Is(err, fault.Denied) {
		t.Errorf("the next doctor inherits the access: %v", err)
	}
	r.desk.SetSession(clerk)
	if _, err := r.desk.BreakGlass(bg, byBirth, because); !fault.Is(err, fault.Denied) {
		t.Errorf("a clerk: %v", err)
	}
	refused := 0
	for _, l := range r.looks() {
		if l.Action == audit.Break && l.Outcome == audit.Refused {
			refused++
		}
	}
	if refused != 7 { // six that named nobody, and the clerk
		t.Errorf("%d refused tries are on record, want 7", refused)
	}
	r.desk.SetSession(grace)
	if _, err := r.desk.BreakGlass(bg, byBirth, because); !fault.Is(err, fault.Invalid) {
		t.Errorf("somebody who needs none: %v", err)
	}
}

// mute is a store that writes nothing down.
type mute struct {
	desk.Store
	broken bool
}

func (m *mute) Commit(ctx context.Context, muts []record.Mutation, looks [][]byte, facts ...cache.Fact) error {
	if m.broken {
		return fault.New(fault.Unavailable, "cache.commit", "", "input/output error")
	}
	return m.Store.Commit(ctx, muts, looks, facts...)
}

// No record, no access: where the look cannot be written down nothing opens.
func TestEmergencyAccessThatCannotBeRecorded(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.settle()
	m := &mute{Store: desk.OverCache(r.cache)}
	d, err := desk.New(desk.Config{Store: m, Signer: desk.Always(r.device), Station: station, Now: r.clock, Ward: "4B", FirstBoard: time.Second})
	ok(t, err)
	ctx, cancel := context.WithCancel(bg)
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		ok(t, <-done)
	})
	d.SetSession(ana)
	m.broken = true
	if _, err := d.BreakGlass(bg, byBirth, because); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("opened without a record: %v", err)
	}
	m.broken = false
	if _, err := d.Chart(bg, folake); !fault.Is(err, fault.Denied) {
		t.Errorf("the record is open: %v", err)
	}
}
