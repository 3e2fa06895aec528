package desk_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
)

func (r *room) inbox() ward.Inbox {
	r.t.Helper()
	in, err := r.desk.Inbox(bg)
	ok(r.t, err)
	// The number beside the page is of its lines, whatever waits.
	lines := map[string]bool{}
	for i := range in.Items {
		it := &in.Items[i]
		lines[ward.InboxLine(it.Kind, it.Who.ID, &it.Result)] = true
	}
	board, err := r.desk.Rows(bg)
	ok(r.t, err)
	if board.Inbox != len(lines) {
		r.t.Errorf("counted %d, and %d lines wait: %s", board.Inbox, len(lines), waits(in))
	}
	return in
}

func waits(in ward.Inbox) string {
	var out []string
	for _, it := range in.Items {
		words := string(it.Kind) + " " + string(it.Result.ID) + " " + it.Result.Value
		if it.Mine {
			words += " mine"
		}
		out = append(out, words)
	}
	return strings.Join(out, ", ")
}

// What waits for somebody, worst first; reading ends what is no duty, and
// nothing else.
func TestTheInbox(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k0", "p07", "4.1", "final", ""))
	r.later(time.Minute)
	r.send(potassium("k1", "p07", "6.8", "final", "HH"))
	r.later(time.Minute)
	r.send(potassium("k2", "p07", "4.4", "final", ""))
	if got := waits(r.inbox()); got != "critical k1 6.8, new k2 4.4, new k0 4.1" {
		t.Fatalf("waits: %s", got)
	}
	if it := r.inbox().Items[0]; it.Next == nil || it.Who.ID != folake || it.Since.IsZero() {
		t.Errorf("the critical: %s", show(it))
	}

	seen := func(ids ...fhir.ID) ward.Acknowledge {
		c := ward.Acknowledge{Patient: folake}
		for _, id := range ids {
			c.Results = append(c.Results, ward.ShownResult{Patient: folake, Result: id, Version: 1})
		}
		return c
	}
	// Never a critical in bulk, and then nothing of the bulk either.
	r.refused(fault.Denied, "critical or was corrected", seen("k0", "k1"))
	r.refused(fault.NotFound, "not on this computer", seen("k0", "nothing"))
	r.refused(fault.Invalid, "Mark between 1 and", seen())
	r.refused(fault.Conflict, "changed to 4.1", ward.Acknowledge{Patient: folake, Results: []ward.ShownResult{{Patient: folake, Result: "k0", Version: 9}}})
	if got := waits(r.inbox()); got != "critical k1 6.8, new k2 4.4, new k0 4.1" {
		t.Fatalf("after refusals: %s", got)
	}
	if done := r.do(seen("k0", "k2")); len(done.Made) != 2 {
		t.Errorf("made %v", done.Made)
	}
	if done := r.do(seen("k0", "k2")); len(done.Made) != 0 {
		t.Errorf("pressed twice made %v", done.Made)
	}
	if got := waits(r.inbox()); got != "critical k1 6.8" {
		t.Fatalf("after reading: %s", got)
	}
	if row := r.row(folake); row.New != 0 && row.Criticals != 1 {
		t.Errorf("row: %s", show(row))
	}

	r.do(ward.Take{Patient: folake, Result: "k1", Version: 1})
	if got := waits(r.inbox()); got != "taken k1 6.8 mine" {
		t.Fatalf("taken: %s", got)
	}
	r.do(ward.Take{Patient: folake, Result: "k1", Version: 1, Kind: "handed-to", To: "Dr Sunil Patel"})
	if in := r.inbox(); waits(in) != "handed k1 6.8 mine" || in.Items[0].ToMe {
		t.Fatalf("handed on: %s", show(in))
	}
	r.desk.SetSession(ward.Person{User: "s.patel", Name: "Dr Sunil Patel, doctor", Role: "doctor", Wards: []string{"4B"}})
	if in := r.inbox(); waits(in) != "handed k1 6.8 mine" || !in.Items[0].ToMe {
		t.Fatalf("to whom it was handed: %s", show(in))
	}
	r.do(ward.Take{Patient: folake, Result: "k1", Version: 1, Kind: "acting", Words: "calcium given"})
	if got := waits(r.inbox()); got != "" {
		t.Fatalf("acted on: %s", got)
	}
}

// A result that was only read opens again when it changes: whoever saw the old
// value is told, with both side by side.
func TestWhatWasReadComesBackCorrected(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", "p07", "5.1", "final", ""))
	r.do(ward.Acknowledge{Patient: folake, Results: []ward.ShownResult{{Patient: folake, Result: "k1", Version: 1}}})
	r.drain()
	r.later(time.Minute)
	r.send(potassium("k1", "p07", "4.3", "corrected", ""))
	in := r.inbox()
	if waits(in) != "corrected k1 4.3" {
		t.Fatalf("waits: %s", waits(in))
	}
	it := in.Items[0]
	if it.Result.Before == nil || it.Result.Before.Value != "5.1" || !it.Result.Before.Seen || len(it.Result.Owned) != 1 || !it.Result.Owned[0].Earlier {
		t.Errorf("old and new: %s", show(it.Result))
	}
	v := it.Result.Version
	r.refused(fault.Denied, "was corrected", ward.Acknowledge{Patient: folake, Results: []ward.ShownResult{{Patient: folake, Result: "k1", Version: v}}})
	r.do(ward.Take{Patient: folake, Result: "k1", Version: v, Kind: "acting", Words: "Seen, nothing to do"})
	if got := waits(r.inbox()); got != "" {
		t.Errorf("waits: %s", got)
	}
}

// A result that was corrected before anybody had seen it is no ordinary new one:
// it is never acknowledged among others.
func TestWhatWasCorrectedUnseenIsAnsweredByItself(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", "p07", "5.1", "final", ""))
	r.later(time.Minute)
	r.send(potassium("k1", "p07", "4.3", "corrected", ""))
	in := r.inbox()
	if waits(in) != "corrected k1 4.3" || in.Items[0].Result.Before == nil {
		t.Fatalf("waits: %s", show(in))
	}
	v := in.Items[0].Result.Version
	r.refused(fault.Denied, "was corrected", ward.Acknowledge{Patient: folake, Results: []ward.ShownResult{{Patient: folake, Result: "k1", Version: v}}})
	r.do(ward.Take{Patient: folake, Result: "k1", Version: v, Kind: "acting", Words: "Seen, nothing to do"})
	if got := waits(r.inbox()); got != "" {
		t.Errorf("waits: %s", got)
	}
}
