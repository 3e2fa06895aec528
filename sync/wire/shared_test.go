package wire

import (
	"bytes"
	"strings"
	"sync"
	"testing"

	"wardlight/internal/compact"
)

// TestABatchForAHospitalIsPackedOnce: every connection that sends a shared batch
// gets the same bytes, and they are made once for each way of packing; each has
// its own frames and flags.
func TestABatchForAHospitalIsPackedOnce(t *testing.T) {
	b := &Batch{Body: []byte(strings.Repeat(`{"resourceType":"Observation","status":"final"}`, 40)), Sig: make([]byte, 64)}
	alone, err := SplitPacked(b, FlagUrgent, compact.First)
	if err != nil {
		t.Fatal(err)
	}
	b.Share()
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			frames, err := SplitPacked(b, FlagUrgent, compact.First)
			if err != nil || len(frames) != 1 || !bytes.Equal(frames[0], alone[0]) {
				t.Errorf("%d frames, %v", len(frames), err)
			}
			frames[0][HeaderSize]++ // who has a frame may do as it likes with it
		})
	}
	all.Wait()
	plain, err := SplitPacked(b, 0, 0)
	if err != nil || Flag(plain[0][2]) != 0 {
		t.Errorf("plain for an older station: flags %d, %v", plain[0][2], err)
	}
	if n := len(b.ready.made); n != 2 {
		t.Errorf("it was made in %d ways; want packed and plain, once each", n)
	}
	if c, err := CutHard(b, 0, compact.First, true); err != nil || len(b.ready.made) != 3 {
		t.Errorf("for a slow line: %v, %v", c, err)
	}
}
