package submit_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// afternoon is what happened between the backup and the loss: what was written
// and sent, and what a station received of it, in the batches that central
// signed.
type afternoon struct {
	patient fhir.ID
	note    record.Mutation
	allergy record.Mutation
	edit    record.Mutation
	result  record.Filing
	newer   record.Filing
	batches []record.Batch
	before  map[string]string // what was current, without version numbers
}

// lost plays an afternoon, and puts central back to noon.
func lost(t *testing.T) (*hospital, afternoon) {
	t.Helper()
	h := open(t, nil)
	a := afternoon{patient: h.admitted(kaya, "4B")}
	backup := h.j.Head()
	a.note = h.w4B.note("g.mensah", a.patient, "slept well")
	h.w4B.sent(a.note)
	a.allergy = h.w4B.allergy("g.mensah", a.patient, "penicillin")
	v := h.w4B.sent(a.allergy).Version
	h.now = h.now.Add(time.Hour)
	a.edit = h.w4B.write("a.ruiz", a.patient, a.allergy.Ref, set(v, "criticality", `"high"`))
	h.w4B.sent(a.edit)
	a.result = h.oru(kaya, "4B", reading{"K1", "4.4", "preliminary", 1, 1})
	a.newer = h.oru(kaya, "4B", reading{"K1", "4.6", "final", 2, 2})
	h.filed(a.result)
	h.filed(a.newer)
	a.before = h.everything()
	for _, e := range h.entries()[backup.Position:] {
		a.batches = append(a.batches, record.Batch{Epoch: "memory", From: e.Position - 1, To: e.Position, Changes: e.Changes})
	}
	h.restore(backup.Position)
	return h, a
}

// restore puts central back to a position.
func (h *hospital) restore(at record.Position) {
	h.Helper()
	epoch := record.Epoch{ID: fmt.Sprintf("restored-%d", h.now.UnixNano()), Parent: h.j.Epoch().ID, Cause: record.CauseRestored, At: at}
	j, err := h.j.At(h.ctx(), at, epoch)
	h.must(err)
	h.j = j
	h.s = submit.New(submit.Options{Journal: h.j, Now: func() time.Time { return h.now }})
	h.now = h.now.Add(time.Hour)
}

// everything that is current: body, author and times, by reference.
func (h *hospital) everything() map[string]string {
	h.Helper()
	out := map[string]string{}
	h.read(func(r journal.Reader) error {
		for c, err := range r.All("", "") {
			if err != nil {
				return err
			}
			out[c.Ref.String()] = fmt.Sprint(string(c.Body), c.Author, c.Times, c.Mutation, c.Patient)
		}
		return nil
	})
	return out
}

func (h *hospital) takeBack(b record.Batch) {
	h.Helper()
	h.must(h.s.TakeBack(h.ctx(), h.w5A.peer, b))
}

func (h *hospital) same(a afternoon, what string) {
	h.Helper()
	now := h.everything()
	for ref, was := range a.before {
		if now[ref] != was {
			h.Errorf("%s: %s was\n%s\nand is\n%s", what, ref, was, now[ref])
		}
	}
	if len(now) != len(a.before) {
		h.Errorf("%s: %d resources, %d before the loss", what, len(now), len(a.before))
	}
	if _, err := journal.Verify(h.ctx(), h.j); err != nil {
		h.Error(err)
	}
}

// The author's computer is gone and the raw log too: another station gives back
// what central signed, and all of it is there as it was, with author and times,
// once, audited, whoever gives it again.
func TestWhatCentralSignedComesBackAsItWas(t *testing.T) {
	h, a := lost(t)
	for _, b := range a.batches {
		h.takeBack(b)
	}
	h.same(a, "given back")
	if n := len(h.audits(submit.DetailEpoch, "memory")); n < 4 {
		t.Errorf("%d audit events tell of what was taken", n)
	}
	head := h.j.Head()
	for _, b := range slices.Backward(a.batches) {
		h.takeBack(b)
	}
	if h.j.Head() != head {
		t.Error("the same batches again, from another station, moved the journal")
	}
}

// Two changes are given back, the second built on the first, and meanwhile somebody
// has written: each of the three stands, though the first was merged when it came back
// and the second knows nothing of that.
func TestWhatFollowsSomethingMergedIsMergedToo(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	task := h.w4B.todo("g.mensah", p, "Wound")
	v := h.w4B.sent(task).Version
	backup := h.j.Head().Position
	first := h.w4B.sent(h.w4B.write("g.mensah", p, task.Ref, set(v, "priority", `"urgent"`)))
	h.w4B.sent(h.w4B.write("a.ruiz", p, task.Ref, set(first.Version, "description", `"Wound, left heel"`)))
	batches := h.since(backup)
	h.restore(backup)
	other := h.station("sabcdefghijk2", "4B")
	other.sent(other.write("a.ruiz", p, task.Ref, set(v, "status", `"accepted"`)))
	for _, b := range batches {
		h.takeBack(b)
	}
	c, _ := h.current(task.Ref)
	got := view[fhir.Task](t, c.Body)
	if got.Priority != "urgent" || got.Description != "Wound, left heel" || got.Status != "accepted" {
		t.Errorf("priority %q, description %q, status %q", got.Priority, got.Description, got.Status)
	}
}

// Whoever is first, nothing is there twice: the author's own station, the
// sender's message out of the raw log, and a station that gives back.
func TestWhateverComesFirstNothingIsDoubled(t *testing.T) {
	sources := map[string]func(*hospital, afternoon){
		"given back": func(h *hospital, a afternoon) {
			for _, b := range a.batches {
				h.takeBack(b)
			}
		},
		"offered again": func(h *hospital, a afternoon) {
			for _, m := range []record.Mutation{a.note, a.allergy, a.edit} {
				if r := h.w4B.send(m); r.Outcome == record.Refused {
					h.Errorf("%s: %s", m.ID, r.Reason)
				}
			}
		},
		"out of the raw log": func(h *hospital, a afternoon) { h.file(a.result); h.file(a.newer) },
	}
	names := []string{"given back", "offered again", "out of the raw log"}
	for _, order := range permutations(len(names)) {
		h, a := lost(t)
		what := ""
		for _, i := range order {
			what += names[i] + ", "
			sources[names[i]](h, a)
		}
		now := h.everything()
		if len(now) != len(a.before) {
			t.Errorf("%s: %d resources, %d before the loss", what, len(now), len(a.before))
		}
		for ref := range a.before {
			if _, there := now[ref]; !there {
				t.Errorf("%s: %s is missing", what, ref)
			}
		}
		if got := len(h.history(a.note.Ref)); got != 1 {
			t.Errorf("%s: the note has %d versions", what, got)
		}
		if got := len(h.history(a.allergy.Ref)); got != 2 {
			t.Errorf("%s: the allergy has %d versions", what, got)
		}
		if c, _ := h.current(obs("K1")); valueOf(t, c) != "final 4.6" {
			t.Errorf("%s: the result in force is %s", what, valueOf(t, c))
		}
		if got := len(h.history(obs("K1"))); got != 2 {
			t.Errorf("%s: the result has %d versions", what, got)
		}
		if _, err := journal.Verify(h.ctx(), h.j); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// An older result that is given back late never beats a newer one, and what two
// people wrote about one allergy, one before the loss and one after it, is
// merged: what they disagree on waits for a person with the safer side in
// force.
func TestWhatWasWrittenSinceIsNotOverruled(t *testing.T) {
	h, a := lost(t)
	h.filed(h.oru(kaya, "4B", reading{"K1", "4.9", "corrected", 3, 3}))
	again := a.allergy
	r := h.w4B.send(again)
	low := h.w4B.write("g.mensah", a.patient, a.allergy.Ref, set(r.Version, "criticality", `"low"`))
	h.w4B.sent(low)
	for _, b := range a.batches {
		h.takeBack(b)
	}
	if c, _ := h.current(obs("K1")); valueOf(t, c) != "corrected 4.9" {
		t.Errorf("an older result is in force: %s", valueOf(t, c))
	}
	c, _ := h.current(a.allergy.Ref)
	if got := view[fhir.AllergyIntolerance](t, c.Body).Criticality; got != "high" {
		t.Errorf("criticality in force is %q, want the safer of low and high", got)
	}
	seen := 0
	for _, v := range h.history(a.allergy.Ref) {
		if v.Mutation == a.edit.ID {
			seen++
		}
	}
	if seen == 0 {
		t.Error("what was written before the loss is not in the history")
	}
}

// A station offers again what it wrote, after others have given back both that
// and what a colleague made of it later: the older entry has had its effect, and
// does not come back over the newer one, nor open a question that was none.
func TestAnOlderEntryOfferedAgainIsNotDoneAgain(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	made := h.w4B.allergy("g.mensah", p, "penicillin")
	v := h.w4B.sent(made).Version
	backup := h.j.Head()
	high := h.w4B.write("g.mensah", p, made.Ref, set(v, "criticality", `"high"`))
	v = h.w4B.sent(high).Version
	h.w4B.sent(h.w4B.write("a.ruiz", p, made.Ref, set(v, "criticality", `"low"`)))
	before := h.everything()
	var batches []record.Batch
	for _, e := range h.entries()[backup.Position:] {
		batches = append(batches, record.Batch{Epoch: "memory", From: e.Position - 1, To: e.Position, Changes: e.Changes})
	}
	h.restore(backup.Position)
	for _, b := range batches {
		h.takeBack(b)
	}
	r := h.w4B.send(high)
	if r.Outcome != record.Applied || r.Version != 2 {
		t.Errorf("offered again: %s, version %d", r.Outcome, r.Version)
	}
	if again := h.w4B.send(high); again != r {
		t.Errorf("and again: %+v, then %+v", r, again)
	}
	h.same(afternoon{before: before}, "after the older entry was offered again")
	if n := len(h.history(made.Ref)); n != 3 {
		t.Errorf("the allergy has %d versions", n)
	}
}

// Central was emptied on purpose since: what was signed before stays gone, also
// when the emptied one is restored in its turn.
func TestWhatWasSignedBeforeAWipeIsNotTaken(t *testing.T) {
	h, a := lost(t)
	_, err := h.j.Begin(h.ctx(), record.CauseWiped, 0)
	h.must(err)
	for range 2 {
		head := h.j.Head().Position
		if err := h.s.TakeBack(h.ctx(), h.w5A.peer, a.batches[0]); !fault.Is(err, fault.Denied) {
			t.Errorf("err = %v, want denied", err)
		}
		if h.j.Head().Position != head {
			t.Error("something came back")
		}
		_, err := h.j.Begin(h.ctx(), record.CauseRestored, head)
		h.must(err)
	}
}

// Two restores, the second to a day before the first: what was given back in
// between keeps its first origin, and both sets of batches add up once.
func TestTwoRestoresAddUpOnce(t *testing.T) {
	h, a := lost(t)
	noon := h.j.Head().Position
	for _, b := range a.batches {
		h.takeBack(b)
	}
	second := h.j.Epoch().ID
	var between []record.Batch
	for _, e := range h.entries()[noon:] {
		between = append(between, record.Batch{Epoch: second, From: e.Position - 1, To: e.Position, Changes: e.Changes})
	}
	h.restore(noon)
	for _, b := range append(between, a.batches...) {
		h.takeBack(b)
	}
	h.same(a, "after the second restore")
	if got := len(h.history(a.allergy.Ref)); got != 2 {
		t.Errorf("the allergy has %d versions", got)
	}
}
