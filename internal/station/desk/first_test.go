package desk_test

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"sync"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/desk"
)

// gatedStore reads lists and whole records only once the test lets it.
type gatedStore struct {
	desk.Store
	lists, records chan struct{}
}

func (g gatedStore) View(ctx context.Context, fn func(desk.Reader) error) error {
	return g.Store.View(ctx, func(r desk.Reader) error { return fn(gatedReader{r, ctx, g}) })
}

type gatedReader struct {
	desk.Reader
	ctx  context.Context
	gate gatedStore
}

func pass(ctx context.Context, gate <-chan struct{}) {
	select {
	case <-gate:
	case <-ctx.Done():
	}
}

func (g gatedReader) All(t fhir.Type, after fhir.ID) iter.Seq2[record.Change, error] {
	pass(g.ctx, g.gate.lists)
	return g.Reader.All(t, after)
}

func (g gatedReader) Compartment(p fhir.ID) iter.Seq2[record.Change, error] {
	if p != "" {
		pass(g.ctx, g.gate.records)
	}
	return g.Reader.Compartment(p)
}

// Whoever asks for the list while the program starts gets it after the first
// pass, by name and bed: everybody's whole record may take ten times as long.
func TestTheFirstListDoesNotWaitForEverybodysRecord(t *testing.T) {
	r := newRoom(t)
	const patients = 100
	var ward []map[string]any
	for i := range patients {
		ward = append(ward, admitted(fmt.Sprintf("p%d", i), "Family", fmt.Sprintf("Given%d", i), fmt.Sprint(i))...)
	}
	r.send(ward...)
	store := gatedStore{desk.OverCache(r.cache), make(chan struct{}), make(chan struct{})}
	d, err := desk.New(desk.Config{Store: store, Signer: desk.Always(r.device), Station: station, Now: r.clock, Ward: "4B", FirstBoard: 1})
	ok(t, err)
	d.SetSession(grace)
	ctx, cancel := context.WithCancel(bg)
	ran := make(chan error, 1)
	go func() { ran <- d.Run(ctx) }()
	defer func() { cancel(); <-ran }()
	const pages = 12 // that ask at once, among alerts that do need everybody
	listed := make(chan error, pages)
	for range pages {
		go func() { _, _ = d.Alerts(ctx) }()
		go func() {
			rows, err := d.Board(ctx)
			if err == nil && len(rows) != patients {
				err = fault.Newf(fault.Other, "test", "", "%d rows", len(rows))
			}
			listed <- err
		}()
	}
	time.Sleep(50 * time.Millisecond) // all wait for the first pass now
	close(store.lists)
	for range pages {
		select {
		case err := <-listed:
			ok(t, err)
		case <-time.After(time.Minute):
			t.Fatal("a list waits for everybody's record")
		}
	}
	close(store.records)
}

// The walk through the store, which of a million results takes seconds, is nothing that
// the list waits for: what it asks for without a patient is proved otherwise.
func TestTheFirstListDoesNotWaitForTheWalk(t *testing.T) {
	r := newRoom(t)
	var ward []map[string]any
	for i := range 80 { // more than the list waits for, where they have no brief
		ward = append(ward, admitted(fmt.Sprintf("p%d", i), "Family", fmt.Sprintf("Given%d", i), fmt.Sprint(i))...)
	}
	r.send(append(ward, potassium("k1", "p0", "6.8", "final", "HH"))...)
	r.close()
	walk := make(chan struct{})
	r.opts.Asked = func(op string) {
		if op == "cache.walk" {
			<-walk
		}
	}
	t.Cleanup(sync.OnceFunc(func() { close(walk) })) // before the store is closed, which waits for it
	r.open()
	done := make(chan error, 1)
	go func() {
		rows, err := r.desk.Board(bg)
		if err == nil && len(rows) != 80 {
			err = fault.Newf(fault.Other, "test", "", "%d rows", len(rows))
		}
		if err == nil {
			_, err = r.desk.Chart(bg, "p0") // a chart asks for the limits, and who may see it
		}
		alerts, aerr := r.desk.Alerts(bg)
		if err == nil && aerr == nil && len(alerts) != 1 {
			err = fault.Newf(fault.Other, "test", "", "%d alerts", len(alerts))
		}
		done <- cmp.Or(err, aerr)
	}()
	select {
	case err := <-done:
		ok(t, err)
	case <-time.After(20 * time.Second):
		t.Error("the list waits for the walk")
	}
}

// expecting notes whose record is expected to be read again.
type expecting struct {
	desk.Store
	who *[]fhir.ID
}

func (e expecting) Expect(p fhir.ID) { *e.who = append(*e.who, p); e.Store.Expect(p) }

// Opening a chart says that its record will be read again, before it is read.
func TestAChartThatIsOpenedIsExpected(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	var who []fhir.ID
	d := r.other(nil, "", func(c *desk.Config) { c.Store = expecting{desk.OverCache(r.cache), &who} })
	ok(t, d.Open(bg, folake))
	if len(who) != 1 || who[0] != folake {
		t.Errorf("expected are %v", who)
	}
}
