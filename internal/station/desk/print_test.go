package desk_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/desk"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/bulk"
)

// sheets is a handover of these patients.
func sheets(ids ...ward.PatientID) desk.Sheets {
	return desk.Sheets{Kind: bulk.Handover, What: "handover", Patients: ids}
}

// Every patient on a printed sheet is a look of its own, with who took it and
// what it was; without somebody signed in nothing is printed.
func TestAPrintIsALookAtEachPatient(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	before := len(r.looks())
	ok(t, r.desk.PrintLook(bg, sheets(folake, "p11")))
	got := r.looks()[before:]
	if len(got) != 2 || got[0].Action != audit.Export || got[0].Patient != folake || got[0].Query != "printed: handover" || got[0].Who.Name != grace.Name || got[1].Patient != "p11" {
		t.Errorf("%s", show(got))
	}
	if err := r.desk.PrintLook(bg, sheets()); !fault.Is(err, fault.NotFound) {
		t.Errorf("a sheet of nobody: %v", err)
	}
	r.desk.Lock()
	if err := r.desk.PrintLook(bg, sheets(folake)); err == nil {
		t.Error("somebody printed at a locked computer")
	}
}

// aWard admits n patients to the ward of this computer.
func (r *room) aWard(n int) (ids []ward.PatientID) {
	r.t.Helper()
	for i := range n {
		id := fmt.Sprintf("w%02d", i)
		ids = append(ids, fhir.ID(id))
		r.send(admitted(id, "Patient"+id, "Test", fmt.Sprintf("%02d", i))...)
	}
	ok(r.t, r.desk.Settle(bg))
	return ids
}

// lastLook is the newest look that is no other's.
func (r *room) lastLook() audit.Event {
	r.t.Helper()
	all := r.looks()
	return all[len(all)-1]
}

func detailOf(e audit.Event, name string) string {
	for _, d := range e.Details {
		if d.Name == name {
			return d.Value
		}
	}
	return ""
}

// The handover of one's own ward goes four times in an hour; the fifth is held back, on
// record with how many it would have been and without a name, and goes on with a reason,
// on record as that. Next hour all is as before.
func TestAFifthPrintInAnHourIsHeldBack(t *testing.T) {
	r := newRoom(t)
	r.connected(true)
	ids := r.aWard(10)
	r.limits = bulk.Least // 30 in an hour: less than four times the ward
	for range 4 {
		ok(t, r.desk.PrintLook(bg, sheets(ids...)))
	}
	before := len(r.looks())
	err := r.desk.PrintLook(bg, sheets(ids...))
	var over *ward.OverLimit
	if !errors.As(err, &over) || !over.Ask || over.Patients != 10 || !fault.Is(err, fault.Denied) || !strings.Contains(err.Error(), "privacy officer reads why") {
		t.Fatalf("the fifth: %v", err)
	}
	got := r.looks()[before:]
	if len(got) != 1 || got[0].Outcome != audit.Refused || got[0].Action != audit.Export || got[0].Patient != "" || got[0].Query != "printed: handover" ||
		detailOf(got[0], audit.OverLimit) != "an hour" || detailOf(got[0], "patients") != "10" || detailOf(got[0], "before") != "40" || detailOf(got[0], "limit") != "40" {
		t.Errorf("on record: %s", show(got))
	}
	going := sheets(ids...)
	going.Over = "second team for the other bay"
	before = len(r.looks())
	ok(t, r.desk.PrintLook(bg, going))
	got = r.looks()[before:]
	last := got[len(got)-1]
	if len(got) != 11 || last.Outcome != audit.Success || last.Patient != "" || last.Reason != going.Over || last.Purpose != audit.BreakGlass || detailOf(last, audit.OverLimit) == "" {
		t.Errorf("on record: %s", show(last))
	}
	if err := r.desk.PrintLook(bg, sheets(ids...)); !errors.As(err, &over) {
		t.Errorf("a reason was for one print: %v", err)
	}
	if r.desk.SetSession(tom); r.desk.PrintLook(bg, sheets(ids...)) != nil {
		t.Error("a colleague is held back by what she printed")
	}
	r.desk.SetSession(grace)
	r.later(time.Hour)
	ok(t, r.desk.PrintLook(bg, sheets(ids...)))
}

// With the network out the ward goes on printing, and a print over what is then usual is
// held back and on record all the same.
func TestAWardPrintsMoreWithTheNetworkOut(t *testing.T) {
	r := newRoom(t)
	ids := r.aWard(10)
	r.connected(true)
	r.cut()
	r.limits = bulk.Least
	for n := range 12 {
		if err := r.desk.PrintLook(bg, sheets(ids...)); err != nil {
			t.Fatalf("print %d of an hour without central: %v", n+1, err)
		}
	}
	var over *ward.OverLimit
	if err := r.desk.PrintLook(bg, sheets(ids...)); !errors.As(err, &over) || !over.Ask {
		t.Errorf("the thirteenth: %v", err)
	}
	if e := r.lastLook(); e.Outcome != audit.Refused || detailOf(e, "central") != "could not be reached" {
		t.Errorf("on record: %s", show(e))
	}
}

// Nobody gains a print by ending the program, by kill -9 (nothing is closed: the copy of
// the disk is opened), or by putting the clock back or forward.
func TestNobodyPrintsMoreByKillingTheProgramOrTurningTheClock(t *testing.T) {
	r := newRoom(t)
	ids := r.aWard(10)
	r.limits = bulk.Least
	r.connected(true)
	for range 4 {
		ok(t, r.desk.PrintLook(bg, sheets(ids...)))
	}
	held := func(when string) {
		t.Helper()
		r.connected(true)
		ok(t, r.desk.Settle(bg))
		var over *ward.OverLimit
		if err := r.desk.PrintLook(bg, sheets(ids...)); !errors.As(err, &over) {
			t.Errorf("%s: %v", when, err)
		}
	}
	held("at once")
	set := func(now time.Time, up time.Duration, boot string) {
		r.mu.Lock()
		r.now, r.up, r.boot = now, up, boot
		r.mu.Unlock()
	}
	set(noon.Add(-48*time.Hour), time.Hour+time.Minute, "first")
	held("the clock is two days back")
	set(noon.Add(48*time.Hour), time.Hour+2*time.Minute, "first")
	held("the clock is two days ahead")
	r.close()
	r.open()
	held("the program was started again")
	r.close()
	set(noon.Add(-48*time.Hour), time.Minute, "second")
	r.open()
	held("the computer was started again with its clock put back")
	set(noon.Add(-46*time.Hour), 2*time.Hour, "second")
	r.connected(true)
	ok(t, r.desk.PrintLook(bg, sheets(ids...)))
}

// What is counted is durable with the looks that it counts: a store that takes no look
// counts nothing and prints nothing, and a print that failed is given back.
func TestWhatIsCountedIsWhatIsOnRecord(t *testing.T) {
	r := newRoom(t)
	ids := r.aWard(10)
	r.limits = bulk.Least
	r.connected(true)
	full := errors.New("the disk is full")
	refuse := false
	r.close()
	r.wrap = func(s desk.Store) desk.Store { return fullStore{s, &refuse, full} }
	r.open()
	r.connected(true)
	ok(t, r.desk.Settle(bg))
	refuse = true
	for range 6 {
		if err := r.desk.PrintLook(bg, sheets(ids...)); !errors.Is(err, full) {
			t.Fatalf("printed with nothing on record: %v", err)
		}
	}
	refuse = false
	for n := range 8 {
		if err := r.desk.PrintLook(bg, sheets(ids...)); err != nil {
			t.Fatalf("print %d, each given back: %v", n+1, err)
		}
		ok(t, r.desk.PrintFailed(bg, sheets(ids...)))
	}
	if e := r.lastLook(); e.Outcome != audit.Failed {
		t.Errorf("on record: %s", show(e))
	}
}

type fullStore struct {
	desk.Store
	refuse *bool
	err    error
}

func (s fullStore) Commit(ctx context.Context, muts []recordMutation, looks [][]byte, facts ...cacheFact) error {
	if *s.refuse && len(looks) > 0 {
		return s.err
	}
	return s.Store.Commit(ctx, muts, looks, facts...)
}

// What lies in the copy and cannot be read is no way to print without being counted, nor
// does it keep a ward from its paper.
func TestACountThatCannotBeReadAsksWhy(t *testing.T) {
	for name, kept := range map[string]string{"of a newer program": `{"v":9}`, "damaged": `{"v":1,"now":"x"}`} {
		r := newRoom(t)
		ids := r.aWard(3)
		ok(t, r.cache.SetFact(bg, desk.BulkFact, []byte(kept)))
		var over *ward.OverLimit
		if err := r.desk.PrintLook(bg, sheets(ids...)); !errors.As(err, &over) || !over.Ask {
			t.Errorf("%s: %v", name, err)
		}
		going := sheets(ids...)
		going.Over = "the handover begins now"
		ok(t, r.desk.PrintLook(bg, going))
		b, err := r.cache.Fact(desk.BulkFact)
		ok(t, err)
		if newer := name == "of a newer program"; newer != (string(b) == kept) {
			t.Errorf("%s: afterwards it holds %s", name, b)
		}
	}
}

// Labels of samples are never held back, and nobody's role prints a list who may not see
// one.
func TestLabelsAreNeverHeldBack(t *testing.T) {
	r := newRoom(t)
	ids := r.aWard(3)
	r.limits = bulk.Least
	for range 200 {
		ok(t, r.desk.PrintLook(bg, desk.Sheets{Kind: bulk.Labels, What: "labels", Patients: ids[:1]}))
	}
	ok(t, r.desk.PrintLook(bg, sheets(ids...)))
	admin := grace
	admin.User, admin.Role = "a.root", "administrator"
	r.desk.SetSession(admin)
	if err := r.desk.PrintLook(bg, sheets(ids...)); !fault.Is(err, fault.Denied) {
		t.Errorf("an administrator printed: %v", err)
	}
	if e := r.lastLook(); e.Outcome != audit.Refused || e.Who.User != "a.root" {
		t.Errorf("on record: %s", show(e))
	}
}
