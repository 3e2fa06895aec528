package desk_test

import (
	"context"
	"iter"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/desk"
)

// faultyStore is a cache whose disk misbehaves, as told.
type faultyStore struct {
	desk.Store
	down    atomic.Bool
	damaged fhir.ID
}

func (f *faultyStore) View(ctx context.Context, fn func(desk.Reader) error) error {
	if f.down.Load() {
		return fault.New(fault.Unavailable, "cache.view", "", "input/output error")
	}
	return f.Store.View(ctx, func(r desk.Reader) error { return fn(faultyReader{r, f.damaged}) })
}

type faultyReader struct {
	desk.Reader
	damaged fhir.ID
}

func (f faultyReader) Compartment(p fhir.ID) iter.Seq2[record.Change, error] {
	if p != f.damaged || p == "" {
		return f.Reader.Compartment(p)
	}
	return func(yield func(record.Change, error) bool) {
		yield(record.Change{}, fault.New(fault.Corrupt, "cache.read", "d", "a patient's record on this computer is not complete"))
	}
}

// over starts a second desk on the room's cache, with another store between.
func (r *room) over(f *faultyStore) *desk.Desk {
	r.t.Helper()
	f.Store = desk.OverCache(r.cache)
	d, err := desk.New(desk.Config{Store: f, Signer: desk.Always(r.device), Station: station, Now: r.clock, Ward: "4B"})
	ok(r.t, err)
	d.SetSession(grace)
	ctx, cancel := context.WithCancel(bg)
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	r.t.Cleanup(func() {
		cancel()
		ok(r.t, <-done)
	})
	return d
}

// until waits for something that comes by itself.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 1000 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("never: %s", what)
}

// One damaged record says so on its row, in its chart, and hides nobody else.
func TestOneDamagedRecord(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(admitted("p2", "Rossi", "Giulia", "02")...)
	d := r.over(&faultyStore{damaged: folake})
	rows, err := d.Board(bg)
	ok(t, err)
	if len(rows) != 2 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, x := range rows {
		damaged := x.Who.ID == folake
		if damaged != (len(x.Flags) == 1 && x.Flags[0] == desk.DamagedFlag()) || damaged != (x.Allergies.State == ward.AllergyUnavailable) || damaged != x.AsOf.Equal(time.Time{}) && damaged {
			t.Errorf("row: %s", show(x))
		}
		if damaged && (x.Who.Family != "Adeyemi" || x.Who.Bed != "07") {
			t.Errorf("who it is: %s", show(x.Who))
		}
	}
	if _, err := d.Chart(bg, folake); !fault.Is(err, fault.Corrupt) || !strings.Contains(err.Error(), "not complete") {
		t.Errorf("chart: %v", err)
	}
	if _, err := d.Chart(bg, "p2"); err != nil {
		t.Errorf("the other's chart: %v", err)
	}
}

// A store that fails for a while is told of, and taken up again by itself.
func TestTheStoreFailsForAWhile(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	f := &faultyStore{}
	d := r.over(f)
	ctx, cancel := context.WithCancel(bg)
	defer cancel()
	notices := d.Subscribe(ctx)
	_, err := d.Board(bg)
	ok(t, err)
	f.down.Store(true)
	r.send(potassium("k1", "p07", "6.8", "final", "HH"))
	until(t, "trouble", func() bool { return d.Trouble() != nil })
	told := false
	for !told {
		select {
		case n := <-notices:
			told = n.Kind == ward.NoticeFailed
		case <-time.After(time.Minute):
			t.Fatal("nobody was told")
		}
	}
	if _, err := d.Do(bg, penicillin); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a command meanwhile: %v", err)
	}
	f.down.Store(false)
	until(t, "recovery", func() bool {
		list, err := d.Alerts(bg)
		return err == nil && len(list) == 1 && d.Trouble() == nil
	})
}

// What somebody writes sorts after what they had before their eyes, also when
// the other's clock runs ahead; a clock that is an hour ahead pulls nobody
// along.
func TestAWriterSortsAfterWhatTheySaw(t *testing.T) {
	for ahead, follows := range map[time.Duration]bool{30 * time.Second: true, time.Hour: false} {
		r := newRoom(t)
		r.admitFolake()
		other := obj{"resourceType": "Communication", "id": "n1", "status": "completed", "subject": ref(fhir.TypePatient, "p07"), "payload": []any{obj{"contentString": "x"}}}
		ch := r.accept(other, record.Author{User: "t.blake"})
		ch.Clock = record.HLC{Wall: noon.Add(ahead).UnixMilli()}
		r.batch([]record.Change{ch}, nil)
		r.do(ward.WriteNote{Patient: folake, Text: "answer"})
		r.do(ward.WriteNote{Patient: folake, Text: "another"})
		muts, err := r.cache.Unsent(0, 10)
		ok(t, err)
		if got := muts[0].Clock.Compare(ch.Clock) > 0; got != follows || muts[1].Clock.Compare(muts[0].Clock) <= 0 {
			t.Errorf("%v ahead: %v then %v, after %v", ahead, muts[0].Clock, muts[1].Clock, ch.Clock)
		}
	}
}
