package submit_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// twice is a computer that wrote a note and finished it, which another computer
// saw; then central was restored to a day that knows of neither, and the computer
// was put back to an older image of its disk, so that it writes something else
// under the same numbers.
func twice(t *testing.T) (h *hospital, seen []record.Batch, second record.Mutation) {
	t.Helper()
	h = open(t, nil)
	anna, bela := h.admitted(kaya, "4B"), h.admitted(odum, "4B")
	backup, seq := h.j.Head(), h.w4B.seq
	first := h.w4B.note("g.mensah", anna, "cannot swallow")
	v := h.w4B.sent(first).Version
	h.now = h.now.Add(time.Minute)
	h.w4B.sent(h.w4B.write("g.mensah", anna, first.Ref, set(v, "priority", `"urgent"`)))
	for _, e := range h.entries()[backup.Position:] {
		seen = append(seen, record.Batch{Epoch: "memory", From: e.Position - 1, To: e.Position, Changes: e.Changes})
	}
	h.restore(backup.Position)
	h.w4B.seq = seq
	second = h.w4B.note("a.ruiz", bela, "slept well")
	if second.ID != first.ID || second.Ref != first.Ref {
		t.Fatal("the numbers differ: nothing is shown")
	}
	return h, seen, second
}

// The first came back before the second is offered: the computer is told that its
// number is another's, and what it wrote is not taken for done.
func TestANumberThatCameBackIsNotUsedAgain(t *testing.T) {
	h, seen, second := twice(t)
	for _, b := range seen {
		h.takeBack(b)
	}
	mine, err := second.ContentHash()
	h.must(err)
	if r := h.w4B.send(second); r.Content == mine {
		t.Errorf("it is told %s of an entry that central does not have", r.Outcome)
	}
	if all := h.words(); all["cannot swallow"] != `"urgent"` || len(all) != 1 {
		t.Errorf("in the record: %v", all)
	}
}

// The second was offered before the first came back: both stand, each with its
// patient and what was made of it, whoever gives it back again.
func TestTwoEntriesOfOneNumberBothComeBack(t *testing.T) {
	h, seen, second := twice(t)
	h.w4B.sent(second)
	for range 2 {
		for _, b := range seen {
			h.takeBack(b)
		}
	}
	if all := h.words(); all["cannot swallow"] != `"urgent"` || all["slept well"] != "" || len(all) != 2 {
		t.Errorf("in the record: %v", all)
	}
	for ref, was := range h.everything() {
		if strings.HasPrefix(ref, "Communication/") && !strings.Contains(was, `"id":"`+strings.TrimPrefix(ref, "Communication/")+`"`) {
			t.Errorf("%s names itself otherwise: %s", ref, was)
		}
	}
}

// The same entry, offered again after it came back, gets its receipt.
func TestAnEntryThatCameBackIsReceipted(t *testing.T) {
	h, a := lost(t)
	for _, b := range a.batches {
		h.takeBack(b)
	}
	mine, err := a.note.ContentHash()
	h.must(err)
	if r := h.w4B.send(a.note); r.Outcome != record.Applied || r.Content != mine {
		t.Errorf("%s (%s)", r.Outcome, r.Reason)
	}
}

// words are all notes, with their priority.
func (h *hospital) words() map[string]string {
	h.Helper()
	all := map[string]string{}
	for ref := range h.everything() {
		at, err := fhir.ParseRef(ref)
		h.must(err)
		if at.Type != fhir.TypeCommunication {
			continue
		}
		c, _ := h.current(at)
		o, err := fhir.Parse(c.Body)
		h.must(err)
		note, err := fhir.View[fhir.Communication](c.Body)
		h.must(err)
		if note.Subject.Reference != "Patient/"+string(c.Patient) {
			h.Errorf("%s is kept with %s and speaks of %s", ref, c.Patient, note.Subject.Reference)
		}
		all[note.Payload[0].ContentString] = string(o["priority"])
	}
	return all
}
