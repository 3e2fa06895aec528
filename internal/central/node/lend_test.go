package node

import (
	"testing"
	"time"
)

// A computer asks twelve times in an hour and no more, whatever others do; what was
// refused does not keep it out for longer.
func TestAComputerThatAsksTooOften(t *testing.T) {
	var l lendings
	now := time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)
	for i := range maxLendings {
		if !l.another("s1", now.Add(time.Duration(i)*time.Minute)) {
			t.Fatalf("try %d is refused", i+1)
		}
	}
	for range 3 {
		if l.another("s1", now.Add(30*time.Minute)) {
			t.Error("one more than there may be")
		}
	}
	if !l.another("s2", now.Add(30*time.Minute)) {
		t.Error("another computer is refused")
	}
	if !l.another("s1", now.Add(time.Hour)) {
		t.Error("refused though the first is an hour ago")
	}
	if l.another("s1", now.Add(time.Hour)) {
		t.Error("the others are no hour ago")
	}
}
