package submit_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// What follows the journal entry by entry says at every moment what a look at
// the whole journal says: shown, taken, withdrawn, corrected, moved, merged.
func TestDeliveryFollowsTheJournal(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := open(t, nil)
		d := submit.NewDelivery(h.s)
		submit.ReadAtOnce(d, rapid.SampledFrom([]int{1, 2, 3, 1000}).Draw(rt, "at once"))
		people := []person{kaya, odum, again}
		ids := map[person]fhir.ID{}
		for i, p := range people {
			ids[p] = h.admitted(p, []record.Ward{"4B", "5A", "4B"}[i])
		}
		type taking struct {
			task fhir.Ref
			who  fhir.ID
		}
		values, taken, phonedRefs := int64(0), []taking{}, []taking{}
		for step := range rapid.IntRange(1, 12).Draw(rt, "steps") {
			p := rapid.SampledFrom(people).Draw(rt, "who")
			n := rapid.IntRange(1, 2).Draw(rt, "which")
			ref := obs(fmt.Sprint(p.number, "-", n))
			values++
			switch rapid.IntRange(0, 8).Draw(rt, "what") {
			case 0, 1:
				v := rapid.SampledFrom([]string{"6.8", "4.1", "7.0"}).Draw(rt, "value")
				h.file(h.oru(p, "", reading{fmt.Sprint(p.number, "-", n), v, "corrected", values, values}))
			case 2:
				c, _ := h.current(ref)
				h.w4B.send(h.w4B.about("", fhir.TaskShown, ids[p], ref, c.Version))
			case 3:
				c, _ := h.current(ref)
				r := h.w4B.send(h.w4B.about("g.mensah", fhir.TaskAcknowledge, ids[p], ref, c.Version))
				taken = append(taken, taking{fhir.Ref{Type: fhir.TypeTask, ID: fhir.ID(r.Mutation)}, ids[p]})
			case 4:
				if len(taken) > 0 {
					last := taken[len(taken)-1]
					h.w4B.send(h.w4B.about("g.mensah", fhir.TaskWithdraw, last.who, last.task, 1))
				}
			case 5:
				w := rapid.SampledFrom([]record.Ward{"4B", "5A"}).Draw(rt, "ward")
				h.file(h.adt(p, "v"+p.number, w, noon.Add(time.Duration(step+1)*time.Hour)))
			case 6:
				h.file(h.adt(again, "v"+again.number, "", noon.Add(time.Duration(step+1)*time.Hour)))
				h.file(h.a40(kaya, again))
			case 7: // told on the phone, and perhaps what the laboratory sends next
				m := h.w4B.phone(ids[p], rapid.SampledFrom([]string{"6.8", "7.0"}).Draw(rt, "told"))
				h.w4B.send(m)
				phonedRefs = append(phonedRefs, taking{m.Ref, ids[p]})
			case 8:
				if len(phonedRefs) > 0 {
					last := phonedRefs[len(phonedRefs)-1]
					h.w4B.send(h.w4B.about("", fhir.TaskShown, last.who, last.task, 0))
				}
			}
			if rapid.Bool().Draw(rt, "look") {
				h.must(d.Follow(h.ctx()))
			}
		}
		h.must(d.Follow(h.ctx()))
		want := map[record.Ward]uint32{}
		for _, u := range h.undelivered() {
			for _, w := range u.Wards {
				want[w]++
			}
		}
		got := map[record.Ward]uint32{}
		for _, u := range d.Unreached(h.now.Add(time.Hour), time.Minute) {
			got[u.Ward] = u.Count
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			rt.Fatalf("followed: %v\nlooked at: %v", got, want)
		}
	})
}

// counted counts the snapshots that were taken of a journal, and keeps the most entries
// that one of them read.
type counted struct {
	journal.Journal
	views, most int
}

func (c *counted) View(ctx context.Context, fn func(journal.Reader) error) error {
	c.views++
	return c.Journal.View(ctx, func(r journal.Reader) error {
		e := &countedEntries{Reader: r}
		defer func() { c.most = max(c.most, e.n) }()
		return fn(e)
	})
}

type countedEntries struct {
	journal.Reader
	n int
}

func (c *countedEntries) Entries(after record.Position) iter.Seq2[record.Entry, error] {
	return func(yield func(record.Entry, error) bool) {
		for e, err := range c.Reader.Entries(after) {
			c.n++
			if !yield(e, err) {
				return
			}
		}
	}
}

// Whoever has not followed for a long time reads what came meanwhile in steps, each over a
// snapshot of its own: neither what is held of it nor how long one snapshot lasts grows
// with how much came. Nothing is missed where two steps meet.
func TestALongWayIsFollowedInSteps(t *testing.T) {
	h := open(t, nil)
	h.admitted(kaya, "4B")
	c := &counted{Journal: h.j}
	d := submit.NewDelivery(submit.New(submit.Options{Journal: c, Now: func() time.Time { return h.now }}))
	submit.ReadAtOnce(d, 4)
	h.must(d.Follow(h.ctx()))
	before := submit.Read(d)
	for i := range 30 {
		value := "4.1"
		if i%10 == 3 {
			value = "6.8"
		}
		h.file(h.oru(kaya, "", reading{fmt.Sprint("r", i), value, "final", int64(i + 1), int64(i + 1)}))
	}
	c.views, c.most = 0, 0
	h.must(d.Follow(h.ctx()))
	came := int(submit.Read(d) - before)
	if came < 30 || submit.Read(d) != uint64(h.j.Head().Position) {
		t.Fatalf("it read %d entries, and the head is %d", came, h.j.Head().Position)
	}
	if c.most > 5 || c.views < came/4 { // one more shows that there is more
		t.Errorf("%d entries were read in %d steps, up to %d in one", came, c.views, c.most)
	}
	if u := d.Unreached(h.now.Add(time.Hour), time.Minute); len(u) != 1 || u[0].Count != 3 {
		t.Errorf("unreached: %+v", u)
	}
}

// A result gets the time of grace before anybody is alarmed, and the oldest
// says since when.
func TestUnreachedAfterAGrace(t *testing.T) {
	h := open(t, nil)
	h.admitted(kaya, "5A")
	d := submit.NewDelivery(h.s)
	h.file(h.oru(kaya, "", reading{"1", "6.8", "final", 1, 1}))
	h.must(d.Follow(h.ctx()))
	if l := d.Unreached(h.now.Add(9*time.Second), 10*time.Second); len(l) != 0 {
		t.Errorf("at once: %v", l)
	}
	first := h.now
	h.now = h.now.Add(time.Minute)
	h.file(h.oru(kaya, "", reading{"2", "6.9", "final", 1, 1}))
	h.must(d.Follow(h.ctx()))
	want := []record.Unreached{{Ward: "5A", Count: 2, Since: first.UnixMilli()}}
	if l := d.Unreached(h.now.Add(time.Minute), 10*time.Second); !slices.Equal(l, want) {
		t.Errorf("told %v, want %v", l, want)
	}
}

// Taking a result back makes it undelivered again, though the taking and the
// withdrawal were followed one at a time.
func TestAWithdrawalIsFollowed(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	d := submit.NewDelivery(h.s)
	told := func() int {
		h.must(d.Follow(h.ctx()))
		return len(d.Unreached(h.now.Add(time.Hour), time.Minute))
	}
	h.file(h.oru(kaya, "", reading{"1", "6.8", "final", 1, 1}))
	if told() != 1 {
		t.Fatal("a critical result that nobody has seen is not told of")
	}
	r := h.w4B.sent(h.w4B.about("g.mensah", fhir.TaskAcknowledge, p, obs("1"), 1))
	if told() != 0 {
		t.Error("taken, and still told of")
	}
	h.w4B.sent(h.w4B.about("g.mensah", fhir.TaskWithdraw, p, fhir.Ref{Type: fhir.TypeTask, ID: fhir.ID(r.Mutation)}, 1))
	if told() != 1 {
		t.Error("taken back, and nobody is told")
	}
}

// That the ward's wall told of it is a screen of the ward; another ward's is not. It
// stops nobody's ladder.
func TestTheWallIsAScreenOfTheWard(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	h.filed(h.oru(kaya, "4B", reading{"1", "6.8", "final", 1, 1}))
	told := func(s *station) record.Mutation {
		return s.write(record.UserID(s.peer.Device.Station), p, fhir.Ref{Type: fhir.TypeTask}, put(func(id fhir.ID) any {
			f := fhir.To(obs("1"))
			return fhir.Task{
				ResourceType: fhir.TypeTask, ID: id, Status: "completed", Intent: "order", Code: fhir.TaskCode(fhir.TaskShown), Focus: &f, For: to(p), Description: "on the wall of ward 4B",
				Input: []fhir.TaskParameter{{Type: fhir.Param(fhir.ParamVersion), ValueInteger: fhir.Int(1)}, {Type: fhir.Param(fhir.ParamKind), ValueString: fhir.Str(fhir.ShownOnWall)}},
			}
		}))
	}
	h.w5A.send(told(h.w5A))
	if len(h.undelivered()) != 1 {
		t.Fatal("another ward's wall counts")
	}
	h.w4B.sent(told(h.w4B))
	if list := h.undelivered(); len(list) != 0 {
		t.Errorf("told on the ward's wall, and still undelivered: %+v", list)
	}
	open, err := h.s.OpenDuties(h.ctx())
	h.must(err)
	if len(open) != 1 {
		t.Errorf("%d duties: the wall has taken it", len(open))
	}
}

// A station that practises a downtime is called back by each critical result of its ward:
// also where another screen had shown it before anybody looked, by a correction, and by a
// patient who is moved to the ward with one; and by nothing else.
func TestWhatCallsAWardBackFromADrill(t *testing.T) {
	h := open(t, nil)
	d := submit.NewDelivery(h.s)
	id := h.admitted(kaya, "4B")
	here := func() uint64 {
		h.must(d.Follow(h.ctx()))
		return d.Came([]record.Ward{"4B"})
	}
	before := here()
	grown := func(what string, want bool) {
		t.Helper()
		now := here()
		if now != before != want {
			t.Errorf("%s: %d, was %d", what, now, before)
		}
		before = now
	}
	h.file(h.oru(kaya, "", reading{"k1", "4.1", "final", 1, 1}))
	grown("a harmless result", false)
	h.file(h.oru(kaya, "", reading{"k2", "6.8", "final", 2, 2}))
	c, _ := h.current(obs("k2"))
	h.w4B.send(h.w4B.about("", fhir.TaskShown, id, obs("k2"), c.Version))
	grown("a critical result that another screen showed at once", true)
	grown("nothing", false)
	h.file(h.oru(kaya, "", reading{"k1", "7.0", "corrected", 3, 3}))
	grown("a correction to a critical value", true)
	h.admitted(odum, "5A")
	h.file(h.oru(odum, "", reading{"k3", "6.9", "final", 4, 4}))
	grown("another ward's", false)
	h.file(h.adt(odum, "v"+odum.number, "4B", noon.Add(time.Hour)))
	grown("a patient who is moved here with one", true)
}
