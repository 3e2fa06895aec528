package hub

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/sync/wire"
)

// counted is a Source that counts what is read.
type counted struct {
	Source
	reads   atomic.Int64
	failing atomic.Bool
	head    atomic.Uint64
}

func (c *counted) Head() record.Cursor {
	return record.Cursor{Epoch: "e1", Position: record.Position(c.head.Load())}
}

func (c *counted) Batch(_ context.Context, dev record.Device, from record.Cursor, _ int) (record.Batch, bool, error) {
	c.reads.Add(1)
	if c.failing.Load() {
		return record.Batch{}, false, fault.New(fault.Unavailable, "test", "", "no journal")
	}
	return record.Batch{Epoch: "e1", From: from.Position, To: c.Head().Position, Station: dev.Station}, false, nil
}

func (c *counted) Epoch() record.Epoch { return record.Epoch{ID: "e1"} }

func (c *counted) Stands(_ context.Context, dev record.Device) error {
	if dev.Station == "shut" {
		return fault.New(fault.Denied, "test", "", "it was shut out")
	}
	return nil
}

func (c *counted) Lent(_ context.Context, dev record.Device, after record.Position) (bool, error) {
	return dev.Station == "lent" && after < 9, nil
}

// of is a station of some wards.
func of(wards ...record.Ward) record.Device { return record.Device{Station: "s1", Wards: wards} }

func sharing(src *counted) (Config, *atomic.Int64) {
	var signed atomic.Int64
	return Config{Source: src, Sign: func([]byte) []byte {
		signed.Add(1)
		return []byte{1}
	}}, &signed
}

// A thousand stations of a ward are sent one batch, read and signed once; those
// of other wards, and those that stand elsewhere, another.
func TestStationsOfAWardShareWhatIsReadAndSigned(t *testing.T) {
	src := &counted{}
	src.head.Store(9)
	cfg, signed := sharing(src)
	var s shared
	from := record.Cursor{Epoch: "e1", Position: 8}
	var group sync.WaitGroup
	for i := range 1000 {
		wards := []record.Ward{"4B", "5A"}
		if i%2 == 1 {
			wards = []record.Ward{"5A", "4B", "5A"}
		}
		group.Go(func() {
			ev, _ := s.fetch(t.Context(), cfg, of(wards...), Fetch{From: from, MaxBytes: 100})
			b, err := ev.Msg.Open(func(_, _ []byte) error { return nil })
			if err != nil || b.Station != "" || len(b.Wards) != 2 || b.Wards[0] != "4B" || ev.To.Position != 9 {
				t.Errorf("%+v, %v", b, err)
			}
		})
	}
	group.Wait()
	if src.reads.Load() != 1 || signed.Load() != 1 {
		t.Errorf("read %d times and signed %d times, want once", src.reads.Load(), signed.Load())
	}
	s.fetch(t.Context(), cfg, of("4B"), Fetch{From: from, MaxBytes: 100})
	s.fetch(t.Context(), cfg, of("4B", "5A"), Fetch{From: record.Cursor{Epoch: "e1", Position: 7}, MaxBytes: 100})
	src.head.Store(10)
	s.fetch(t.Context(), cfg, of("4B", "5A"), Fetch{From: from, MaxBytes: 100})
	if src.reads.Load() != 4 {
		t.Errorf("read %d times, want another time for other wards, another place, and a journal that has grown", src.reads.Load())
	}
}

// Nor is what is kept for a computer that was shut out.
func TestAReadThatFailedIsNotKept(t *testing.T) {
	src := &counted{}
	cfg, _ := sharing(src)
	var s shared
	src.failing.Store(true)
	if ev, _ := s.fetch(t.Context(), cfg, of("4B"), Fetch{}); ev.Err == nil {
		t.Fatal("no error")
	}
	src.failing.Store(false)
	if ev, _ := s.fetch(t.Context(), cfg, of("4B"), Fetch{}); ev.Err != nil {
		t.Errorf("the next read fails as well: %v", ev.Err)
	}
	shut := record.Device{Station: "shut", Wards: []record.Ward{"4B"}}
	if ev, _ := s.fetch(t.Context(), cfg, shut, Fetch{}); !fault.Is(ev.Err, fault.Denied) || ev.Msg != nil {
		t.Errorf("a computer that was shut out is served what its ward shares: %+v", ev)
	}
}

func TestWhatIsSharedIsBounded(t *testing.T) {
	src := &counted{}
	cfg, _ := sharing(src)
	var s shared
	for p := range 1000 {
		src.head.Store(uint64(p))
		s.fetch(t.Context(), cfg, of("4B"), Fetch{From: record.Cursor{Position: record.Position(p)}})
	}
	if len(s.kept) > maxShared {
		t.Errorf("%d answers are kept", len(s.kept))
	}
}

// A station of before is read its own batch, with its own name.
func TestAnOlderStationsBatchNamesIt(t *testing.T) {
	src := &counted{}
	cfg, _ := sharing(src)
	ev, ok := Read(t.Context(), cfg.Source, cfg.Sign, record.Device{Station: "s1", Wards: []record.Ward{"4B"}}, Fetch{}).(Fetched)
	if !ok || ev.Err != nil {
		t.Fatal(ev.Err)
	}
	b, err := ev.Msg.Open(wire.Verify(func(_, _ []byte) error { return nil }))
	if err != nil || b.Station != "s1" || b.Wards != nil {
		t.Errorf("%+v, %v", b, err)
	}
}

// To whom a record was lent after the place where they stand, what others share says
// too little: they read alone.
func TestWhoWasLentARecordSharesNothing(t *testing.T) {
	src := &counted{}
	src.head.Store(9)
	cfg, _ := sharing(src)
	var s shared
	for at, want := range map[record.Position]bool{8: true, 9: false} {
		lender := of("4B")
		lender.Station = "lent"
		if _, lent := s.fetch(t.Context(), cfg, lender, Fetch{From: record.Cursor{Epoch: "e1", Position: at}}); lent != want {
			t.Errorf("from %d: lent %v", at, lent)
		}
	}
	if _, lent := s.fetch(t.Context(), cfg, of("4B"), Fetch{From: record.Cursor{Epoch: "e1", Position: 8}}); lent {
		t.Error("somebody else reads alone")
	}
}
