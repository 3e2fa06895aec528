package wire_test

import (
	"bytes"
	"testing"

	"wardlight/internal/clinical/record"
	"wardlight/sync/wire"
)

// A status that has the station ask is written as it was on its first day, and one that
// does not as before it.
func TestAStatusThatAsksIsWrittenAsRecorded(t *testing.T) {
	m := &wire.Status{Central: record.Central{Time: 1, Head: 2}, Ask: true}
	frame := framesOf(t, m)[0]
	if !bytes.Equal(recorded(t, "status-ask", frame), frame) {
		t.Error("a status that asks is written otherwise than it was recorded")
	}
	got, err := read(frame)
	if s, is := got.(*wire.Status); err != nil || !is || !s.Ask {
		t.Errorf("%+v, %v", got, err)
	}
}
