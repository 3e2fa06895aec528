package scope_test

import (
	"context"
	"fmt"
	"testing"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// enrol notes what the journal knows of a computer.
func (h *hospital) enrol(dev record.Device) {
	b, err := record.Encode(dev)
	h.must(err)
	_, err = h.j.Update(context.Background(), func(tx journal.Tx) error { return tx.SetNote(record.DeviceNote(dev.Station), b) })
	h.must(err)
}

// A session takes its computer for what it was when it connected. What was
// committed since the computer was shut out, or given other wards, is not served
// to it on that word: the snapshot that is read decides.
func TestOnlyWhatTheComputerIsNowIsServed(t *testing.T) {
	h := open(t)
	h.put(patient("anna"))
	dev := record.Device{Station: "s1", Wards: []record.Ward{"4B"}}
	from := record.Cursor{Epoch: "epoch1"}
	ask := func() []error {
		_, _, batch := h.s.Batch(context.Background(), dev, from, 1<<20)
		_, chunk := h.chunk(dev, "", "", 1<<20)
		_, _, ahead := h.s.Ahead(context.Background(), dev, 0, 1<<20)
		return []error{batch, chunk, ahead}
	}
	for _, c := range []struct {
		name string
		now  record.Device
		want fault.Kind
	}{
		{"as it was", dev, fault.Other},
		{"other wards", record.Device{Station: "s1", Wards: []record.Ward{"5A"}}, fault.Unavailable},
		{"shut out", record.Device{Station: "s1", Wards: []record.Ward{"4B"}, Revoked: 1}, fault.Denied},
	} {
		h.enrol(c.now)
		for _, err := range ask() {
			if (err == nil) != (c.want == fault.Other) || err != nil && fault.KindOf(err) != c.want {
				t.Errorf("%s: %v", c.name, err)
			}
		}
	}
}

// A snapshot that was begun with other wards cannot be resumed: its first part is
// of another scope.
func TestASnapshotOfOtherWardsBeginsAnew(t *testing.T) {
	h := open(t)
	h.put(patient("anna"))
	h.put(stay("e1", "anna", "4B"))
	for i := range 40 {
		h.put(result(fmt.Sprintf("o%d", i), "anna", "4.1"))
	}
	dev := record.Device{Station: "s1", Wards: []record.Ward{"4B"}}
	ch, err := h.chunk(dev, "", "", 500)
	h.must(err)
	if ch.Last {
		t.Fatal("the snapshot is too small to be interrupted")
	}
	h.restart() // nothing that was read ahead is left
	if _, err := h.chunk(dev, ch.Snapshot, ch.Next, 500); err != nil {
		t.Errorf("with the same wards it cannot be resumed: %v", err)
	}
	dev.Rescoped = h.j.Head().Position + 1
	if _, err := h.chunk(dev, ch.Snapshot, ch.Next, 500); !fault.Is(err, fault.NotFound) {
		t.Errorf("with other wards it is resumed: %v", err)
	}
}
