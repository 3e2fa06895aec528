package cache_test

import (
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/station/cache"
)

// howFilled is how much of these patients' records the store says it has.
func howFilled(t *testing.T, c *cache.Cache, patients ...fhir.ID) (out []cache.Filled) {
	t.Helper()
	ok(t, c.View(bg, func(r cache.Reader) error {
		for _, p := range patients {
			f, err := r.Filled(p)
			if err != nil {
				return err
			}
			out = append(out, f)
		}
		return nil
	}))
	return out
}

func wantFilled(t *testing.T, when string, c *cache.Cache, want map[fhir.ID]cache.Filled) {
	t.Helper()
	for p, f := range want {
		if got := howFilled(t, c, p)[0]; got != f {
			t.Errorf("%s, of %s: %d, want %d", when, p, got, f)
		}
	}
}

// ordered is a chunk of a snapshot that says what is complete.
func ordered(index uint32, part record.Part, ready, whole []fhir.ID, changes ...record.Change) record.Chunk {
	ch := chunk("s1", index, "tok", snapshotAt, false, changes...)
	ch.Part, ch.Ready, ch.Whole = part, ready, whole
	return ch
}

var snapshotAt = record.Cursor{Epoch: "e1", Position: 70, Chain: record.Hash{7}}

// Of a record of which something has come, the store says that this is not all,
// over a restart, until it is.
func TestARecordOnItsWaySaysSo(t *testing.T) {
	o := options(t)
	c := open(t, o)
	ok(t, c.ApplyChunk(bg, ordered(0, record.PartFirst, nil, nil, potassium("k1", "p1", 1, "4.4"))))
	wantFilled(t, "something is there", c, map[fhir.ID]cache.Filled{"p1": cache.FilledBegun, "nobody": cache.FilledWhole})
	ok(t, c.ApplyChunk(bg, ordered(1, record.PartOthers, []fhir.ID{"p1", "p2"}, []fhir.ID{"p2"}, patient("p1", 1), patient("p2", 1), patient("p3", 1))))
	ok(t, c.Close())
	c = open(t, o)
	wantFilled(t, "some are ready", c, map[fhir.ID]cache.Filled{"p1": cache.FilledReady, "p2": cache.FilledWhole, "p3": cache.FilledBegun})
	ok(t, c.ApplyChunk(bg, ordered(2, record.PartHistory, nil, []fhir.ID{"p1"}, potassium("k0", "p1", 1, "4.1"))))
	wantFilled(t, "history is there", c, map[fhir.ID]cache.Filled{"p1": cache.FilledWhole, "p3": cache.FilledBegun})

	// p3 left while the snapshot was read: the tail says what becomes of them.
	end := ordered(3, record.PartHistory, nil, nil)
	end.Last = true
	ok(t, c.ApplyChunk(bg, end))
	wantFilled(t, "at the end", c, map[fhir.ID]cache.Filled{"p3": cache.FilledBegun})
	gone := batch(70, 71)
	gone.Forget = []fhir.ID{"p3"}
	ok(t, c.Apply(bg, gone))
	wantFilled(t, "forgotten", c, map[fhir.ID]cache.Filled{"p3": cache.FilledWhole})
	<-c.Checked()
	ok(t, c.Damaged())
}

// What overtakes the record that it belongs to is not all of it; the batch that
// brings the patient is.
func TestWhatOvertookIsNotTheWholeRecord(t *testing.T) {
	c := open(t, options(t))
	ok(t, c.Apply(bg, batch(0, 1, patient("p0", 1))))
	ok(t, c.Ahead(bg, []record.Change{potassium("k1", "p1", 1, "6.8"), patient("p1", 1), potassium("k0", "p0", 1, "6.9")}))
	wantFilled(t, "overtaken", c, map[fhir.ID]cache.Filled{"p1": cache.FilledBegun, "p0": cache.FilledWhole})
	ok(t, c.Apply(bg, batch(1, 2, potassium("k2", "p1", 1, "4.0"), potassium("k1", "p1", 1, "6.8"), patient("p1", 1))))
	wantFilled(t, "in its turn", c, map[fhir.ID]cache.Filled{"p1": cache.FilledWhole})
}

// A central that knows no order sends one patient after the other: the one is
// whole when the next begins, and everybody at the end.
func TestWithoutAnOrderOneIsWholeWhenTheNextBegins(t *testing.T) {
	c := open(t, options(t))
	duty := change(fhir.TypeTask, "t1", "p2", 1, `{"id":"t1","resourceType":"Task"}`) // names the ward itself
	ok(t, c.ApplyChunk(bg, chunk("s1", 0, "tok1", snapshotAt, false, duty, potassium("k1", "p1", 1, "4.4"))))
	wantFilled(t, "begun", c, map[fhir.ID]cache.Filled{"p1": cache.FilledBegun, "p2": cache.FilledBegun})
	ok(t, c.ApplyChunk(bg, chunk("s1", 1, "tok2", snapshotAt, false, patient("p1", 1), potassium("k2", "p2", 1, "4.4"))))
	wantFilled(t, "the next begins", c, map[fhir.ID]cache.Filled{"p1": cache.FilledWhole, "p2": cache.FilledBegun})
	ok(t, c.ApplyChunk(bg, chunk("s1", 2, "", snapshotAt, true, patient("p2", 1))))
	wantFilled(t, "the end", c, map[fhir.ID]cache.Filled{"p2": cache.FilledWhole})
}

// Whom the store held before is shown as before while a snapshot goes over it.
func TestWhoWasHeldIsNotOnTheirWay(t *testing.T) {
	c := open(t, options(t))
	ok(t, c.Apply(bg, batch(0, 1, patient("p0", 1))))
	ok(t, c.ApplyChunk(bg, ordered(0, record.PartFirst, nil, nil, potassium("k0", "p0", 1, "4.4"), potassium("k1", "p1", 1, "4.4"))))
	wantFilled(t, "a second snapshot", c, map[fhir.ID]cache.Filled{"p0": cache.FilledWhole, "p1": cache.FilledBegun})
	ok(t, c.ApplyChunk(bg, ordered(0, record.PartFirst, nil, nil, patient("p1", 1)))) // and a third, which begins anew
	wantFilled(t, "half of a record is left of the one before", c, map[fhir.ID]cache.Filled{"p1": cache.FilledBegun})
}
