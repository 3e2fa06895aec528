package scope_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/journal/memjournal"
	"wardlight/internal/central/scope"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// hospital is a journal with a few words to write into it.
type hospital struct {
	t interface{ Fatal(args ...any) }
	j *memjournal.Journal
	s *scope.Source
}

func open(t interface{ Fatal(args ...any) }) *hospital {
	j := memjournal.New(memjournal.Options{Epoch: record.Epoch{ID: "epoch1", Cause: record.CauseFirst}})
	return &hospital{t, j, scope.New(j, func() time.Time { return time.UnixMilli(1000) })}
}

func (h *hospital) restart() { h.s = scope.New(h.j, func() time.Time { return time.UnixMilli(1000) }) }

// chunk is a chunk with its changes read.
func (h *hospital) chunk(dev record.Device, snapshot, next string, maxBytes int) (record.Chunk, error) {
	ch, err := h.s.Chunk(context.Background(), dev, record.Resume{Snapshot: snapshot, Next: next}, maxBytes)
	if err == nil {
		ch.Changes, err = ch.All()
	}
	return ch, err
}

func (h *hospital) must(err error) {
	if err != nil {
		h.t.Fatal(err)
	}
}

// put appends one resource's next version, in an entry of its own.
func (h *hospital) put(c record.Change) {
	_, err := h.j.Update(context.Background(), func(tx journal.Tx) error { return add(tx, c) })
	h.must(err)
}

func add(tx journal.Tx, c record.Change) error {
	for old, err := range tx.History(c.Ref) {
		if err != nil {
			return err
		}
		c.Version = old.Version
	}
	c.Version++
	return tx.Put(c)
}

func patient(p string) record.Change {
	return record.Change{
		Ref: fhir.Ref{Type: fhir.TypePatient, ID: fhir.ID(p)}, Patient: fhir.ID(p),
		Body: fhir.Resource(`{"id":"` + p + `","resourceType":"Patient"}`),
	}
}

// stay puts a patient's encounter on a ward; ward "" ends it.
func stay(enc, p, ward string) record.Change {
	status := "in-progress"
	if ward == "" {
		status = "finished"
	}
	return record.Change{
		Ref: fhir.Ref{Type: fhir.TypeEncounter, ID: fhir.ID(enc)}, Patient: fhir.ID(p),
		Body: fhir.Resource(fmt.Sprintf(`{"extension":[{"url":%q,"valueString":%q}],"id":%q,"resourceType":"Encounter","status":%q}`,
			fhir.ExtWard, ward, enc, status)),
	}
}

// replaced is a Patient that another replaces; "" is one that stands by itself.
func replaced(p, by string) record.Change {
	c := patient(p)
	if by != "" {
		c.Body = fhir.Resource(fmt.Sprintf(`{"id":%q,"link":[{"other":{"reference":"Patient/%s"},"type":"replaced-by"}],"resourceType":"Patient"}`, p, by))
	}
	return c
}

// list is a person's own list, kept on these wards.
func list(id string, patients []string, wards ...record.Ward) record.Change {
	var entries []string
	for _, p := range patients {
		entries = append(entries, fmt.Sprintf(`{"item":{"reference":"Patient/%s"}}`, p))
	}
	return record.Change{
		Ref: fhir.Ref{Type: fhir.TypeList, ID: fhir.ID(id)}, Wards: wards,
		Body: fhir.Resource(fmt.Sprintf(`{"entry":[%s],"extension":[{"url":%q,"valueString":"u"}],"id":%q,"mode":"working","resourceType":"List","status":"current"}`,
			strings.Join(entries, ","), fhir.ExtListOf, id)),
	}
}

// kept is how a ward keeps somebody who left; no ward: it does not any more.
func kept(p string, ward record.Ward) record.Change {
	c := record.Change{Ref: record.KeptOf(fhir.ID(p)), Body: fhir.Resource(`{"id":"` + string(record.KeptOf(fhir.ID(p)).ID) + `","mode":"working","resourceType":"List","status":"retired"}`)}
	if ward != "" {
		c.Wards = []record.Ward{ward}
		c.Body = fhir.Resource(fmt.Sprintf(`{"entry":[{"item":{"reference":"Patient/%s"}}],"extension":[{"url":%q,"valueString":%q}],"id":%q,"mode":"working","resourceType":"List","status":"current"}`,
			p, fhir.ExtKept, ward, c.Ref.ID))
	}
	return c
}

// lent is how a computer holds somebody for an hour; until false: not any more.
func lent(p string, to record.StationID, until bool) record.Change {
	c := record.Change{Ref: record.LentTo(to, fhir.ID(p)), Wards: []record.Ward{record.OwnWard(to)}}
	entry, status := "", "retired"
	if until {
		status = "current"
		entry = fmt.Sprintf(`"entry":[{"item":{"reference":"Patient/%s"}}],"extension":[{"url":%q,"valueString":%q}],`, p, fhir.ExtLent, to)
	}
	c.Body = fhir.Resource(fmt.Sprintf(`{%s"id":%q,"mode":"working","resourceType":"List","status":%q}`, entry, c.Ref.ID, status))
	return c
}

func result(id, p, value string) record.Change {
	return record.Change{
		Ref: fhir.Ref{Type: fhir.TypeObservation, ID: fhir.ID(id)}, Patient: fhir.ID(p),
		Body: fhir.Resource(fmt.Sprintf(`{"id":%q,"resourceType":"Observation","valueString":%q}`, id, value)),
	}
}

func flag(id, p, words string) record.Change {
	return record.Change{
		Ref: fhir.Ref{Type: fhir.TypeFlag, ID: fhir.ID(id)}, Patient: fhir.ID(p),
		Body: fhir.Resource(fmt.Sprintf(`{"code":{"text":%q},"id":%q,"resourceType":"Flag"}`, words, id)),
	}
}

func note(id, p, words string) record.Change {
	return record.Change{
		Ref: fhir.Ref{Type: fhir.TypeCommunication, ID: fhir.ID(id)}, Patient: fhir.ID(p),
		Body: fhir.Resource(fmt.Sprintf(`{"id":%q,"payload":[{"contentString":%q}],"resourceType":"Communication"}`, id, words)),
	}
}

// definition is a routine of a ward.
func definition(id string, w record.Ward, title string) record.Change {
	return record.Change{
		Ref: fhir.Ref{Type: fhir.TypePlanDefinition, ID: fhir.ID(id)}, Wards: []record.Ward{w},
		Body: fhir.Resource(fmt.Sprintf(`{"id":%q,"resourceType":"PlanDefinition","title":%q}`, id, title)),
	}
}

func notice(id string, wards ...record.Ward) record.Change {
	return record.Change{
		Ref: fhir.Ref{Type: fhir.TypeTask, ID: fhir.ID(id)}, Wards: wards,
		Body: fhir.Resource(`{"id":"` + id + `","resourceType":"Task"}`),
	}
}

// station is what a store does with batches and chunks.
type station struct {
	dev    record.Device
	cursor record.Cursor
	held   map[fhir.Ref]record.Change
}

func ward(wards ...record.Ward) *station {
	return &station{
		dev:    record.Device{Station: "s1", Wards: wards},
		cursor: record.Cursor{Epoch: "epoch1"}, held: map[fhir.Ref]record.Change{},
	}
}

func (st *station) take(changes []record.Change) {
	for _, c := range changes {
		if old, ok := st.held[c.Ref]; !c.History && (!ok || old.Version < c.Version) {
			st.held[c.Ref] = c
		}
	}
}

func (st *station) refs() []string {
	var out []string
	for ref, c := range st.held {
		out = append(out, fmt.Sprintf("%s v%d", ref, c.Version))
	}
	slices.Sort(out)
	return out
}

// next applies one batch and says whether there is more.
func (st *station) next(h *hospital, size int) (record.Batch, bool) {
	b, more, err := h.s.Batch(context.Background(), st.dev, st.cursor, size)
	h.must(err)
	for _, p := range b.Forget {
		maps.DeleteFunc(st.held, func(_ fhir.Ref, c record.Change) bool { return c.Patient == p })
	}
	st.take(b.Changes)
	st.cursor = b.Cursor()
	return b, more
}

func (st *station) catchUp(h *hospital, size int) {
	for {
		if _, more := st.next(h, size); !more && st.cursor == h.j.Head() {
			return
		}
	}
}

// want is the scope as the journal's present state has it, worked out plainly.
func (h *hospital) want(dev record.Device) []string {
	var out []string
	h.must(h.j.View(context.Background(), func(r journal.Reader) error {
		here := map[fhir.ID]bool{}
		for _, w := range dev.Holds() {
			for ref, err := range r.Find(journal.ByWard, string(w)) {
				h.must(err)
				c, _, _ := r.Current(ref)
				if c.Patient != "" {
					here[c.Patient] = true
				}
				if l, err := fhir.View[fhir.List](c.Body); err == nil && ref.Type == fhir.TypeList {
					for _, p := range l.Patients() {
						here[p] = true
					}
				}
			}
		}
		for range 3 { // chains of three
			for c, err := range r.All(fhir.TypePatient, "") {
				h.must(err)
				p, err := fhir.View[fhir.Patient](c.Body)
				h.must(err)
				for _, l := range p.Link {
					if to, _ := l.Other.Ref(); here[to.ID] || here[p.ID] {
						here[to.ID], here[p.ID] = true, true
					}
				}
			}
		}
		for c, err := range r.All("", "") {
			h.must(err)
			loose := slices.ContainsFunc(c.Wards, func(w record.Ward) bool { return slices.Contains(dev.Holds(), w) })
			if here[c.Patient] || loose {
				out = append(out, fmt.Sprintf("%s v%d", c.Ref, c.Version))
			}
		}
		return nil
	}))
	slices.Sort(out)
	return out
}

func TestAPatientWhoMovesInBringsTheirWholeRecord(t *testing.T) {
	h := open(t)
	st := ward("4B")
	h.put(patient("anna"))
	h.put(stay("e1", "anna", "ICU"))
	h.put(result("potassium", "anna", "6.1"))
	st.catchUp(h, 1<<20)
	if len(st.held) != 0 {
		t.Fatalf("a patient of another ward is held: %v", st.refs())
	}
	h.put(stay("e1", "anna", "4B"))
	b, _ := st.next(h, 1<<20)
	if got, want := len(b.Changes), 4; got != want || len(b.Forget) != 0 {
		t.Fatalf("%d changes and %d forgotten came, want the 3 of the compartment and where she was before", got, len(b.Forget))
	}
	h.put(result("potassium", "anna", "6.8"))
	h.put(stay("e1", "anna", "ICU"))
	b, _ = st.next(h, 1<<20)
	if !slices.Equal(b.Forget, []fhir.ID{"anna"}) || len(b.Changes) != 0 {
		t.Fatalf("after leaving: forget %v and %d changes; want anna forgotten and nothing sent", b.Forget, len(b.Changes))
	}
}

func TestCameAndWentInOneRun(t *testing.T) {
	h := open(t)
	st := ward("4B")
	h.put(patient("anna"))
	h.put(stay("e1", "anna", "4B"))
	h.put(stay("e1", "anna", ""))
	st.catchUp(h, 1<<20)
	if len(st.held) != 0 {
		t.Errorf("still held: %v", st.refs())
	}
}

// Somebody who came while a snapshot was being read may be in its later chunks,
// though not in the scope at the position that it ends at. If they have left
// again, the tail must say so.
func TestWhoPassedThroughDuringASnapshotIsForgotten(t *testing.T) {
	h := open(t)
	h.put(patient("anna"))
	h.put(stay("e1", "anna", "4B"))
	h.put(patient("zoe"))
	h.put(stay("e2", "zoe", "ICU"))
	st := ward("4B")
	first, err := h.chunk(st.dev, "", "", 1)
	h.must(err)
	h.restart() // nothing was read ahead
	h.put(stay("e2", "zoe", "4B"))
	second, err := h.chunk(st.dev, first.Snapshot, first.Next, 1<<20)
	h.must(err)
	h.put(stay("e2", "zoe", "ICU"))
	st.take(first.Changes)
	st.take(second.Changes)
	st.cursor = second.At
	if _, ok := st.held[patient("zoe").Ref]; !ok || !second.Last {
		t.Fatal("zoe is not in the snapshot: the test tests nothing")
	}
	st.catchUp(h, 1<<20)
	if got := st.refs(); !slices.Equal(got, h.want(st.dev)) {
		t.Errorf("held: %v, want %v", got, h.want(st.dev))
	}
}

func TestLeftAndCameBackInOneRunIsSentWhole(t *testing.T) {
	h := open(t)
	h.put(patient("anna"))
	h.put(stay("e1", "anna", "4B"))
	st := ward("4B")
	st.cursor = h.j.Head() // as after a snapshot that was read while she was away
	h.put(stay("e1", "anna", "ICU"))
	h.put(stay("e1", "anna", "4B"))
	st.catchUp(h, 1<<20)
	if got := st.refs(); !slices.Equal(got, h.want(st.dev)) {
		t.Errorf("held: %v, want %v", got, h.want(st.dev))
	}
}

func TestHistoryOfResultsIsSentWithTheCompartment(t *testing.T) {
	h := open(t)
	h.put(patient("anna"))
	h.put(result("k", "anna", "6.1"))
	h.put(result("k", "anna", "4.1"))
	late := result("k", "anna", "5.0")
	late.History = true
	h.put(late)
	h.put(stay("e1", "anna", "4B"))
	for name, changes := range map[string][]record.Change{"batch": firstBatch(h), "snapshot": firstChunk(h)} {
		var versions []record.Version
		for _, c := range changes {
			if c.Ref.Type == fhir.TypeObservation {
				versions = append(versions, c.Version)
			}
		}
		if !slices.Equal(versions, []record.Version{1, 3, 2}) {
			t.Errorf("%s: versions %v, want the earlier and the late one before the current: 1 3 2", name, versions)
		}
	}
}

// A computer that is filled anew is told how a stay went, what a note said before, and
// how a routine read: the earlier versions come before the one in force, also of what
// belongs to no patient. They are bounded, and of what no page tells the story of there
// is none.
func TestHistoryOfWhatAPageTellsIsSentWhenAComputerIsFilled(t *testing.T) {
	h := open(t)
	h.put(patient("anna"))
	h.put(stay("e1", "anna", "4B"))
	for i := range 3 {
		h.put(flag("f1", "anna", fmt.Sprint(i)))
		h.put(note("n1", "anna", fmt.Sprint(i)))
		h.put(definition("r1", "4B", fmt.Sprint(i)))
		h.put(definition("r2", "ICU", fmt.Sprint(i)))
	}
	for range 24 {
		h.put(stay("e1", "anna", "4B"))
	}
	of := func(changes []record.Change) map[fhir.ID][]record.Version {
		out := map[fhir.ID][]record.Version{}
		for _, c := range changes {
			out[c.Ref.ID] = append(out[c.Ref.ID], c.Version)
		}
		return out
	}
	for name, changes := range map[string][]record.Change{"batch": firstBatch(h), "snapshot": firstChunk(h)} {
		got := of(changes)
		if want := []record.Version{9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25}; !slices.Equal(got["e1"], want) {
			t.Errorf("%s: versions of the stay %v, want %v", name, got["e1"], want)
		}
		if want := []record.Version{1, 2, 3}; !slices.Equal(got["n1"], want) {
			t.Errorf("%s: versions of the note %v", name, got["n1"])
		}
		if want := []record.Version{1, 2, 3}; name == "snapshot" && !slices.Equal(got["r1"], want) { // the batch ends with her
			t.Errorf("%s: versions of the routine %v", name, got["r1"])
		}
		if len(got["r2"]) != 0 {
			t.Errorf("%s: versions of another ward's routine %v", name, got["r2"])
		}
		if want := []record.Version{3}; !slices.Equal(got["f1"], want) {
			t.Errorf("%s: versions of the flag %v", name, got["f1"])
		}
	}
}

// A late older message may stand above the only version that ever was current.
func TestALateVersionAboveTheFirstIsSentToo(t *testing.T) {
	h := open(t)
	h.put(patient("anna"))
	h.put(result("k", "anna", "6.1"))
	late := result("k", "anna", "5.0")
	late.History = true
	h.put(late)
	h.put(stay("e1", "anna", "4B"))
	n := 0
	for _, c := range firstChunk(h) {
		if c.Ref.Type == fhir.TypeObservation {
			n++
		}
	}
	if n != 2 {
		t.Errorf("%d versions came, want the first and the late one", n)
	}
}

func firstBatch(h *hospital) []record.Change {
	b, _ := ward("4B").next(h, 1<<20)
	return b.Changes
}

func firstChunk(h *hospital) []record.Change {
	ch, err := h.chunk(ward("4B").dev, "", "", 1<<20)
	h.must(err)
	return ch.Changes
}

func TestADutyGivenToAnotherWardIsNotLeftStale(t *testing.T) {
	h := open(t)
	st := ward("4B")
	h.put(notice("held-back", "4B"))
	st.catchUp(h, 1000)
	h.put(notice("held-back", "ICU"))
	st.catchUp(h, 1000)
	if got := st.refs(); !slices.Equal(got, []string{"Task/held-back v2"}) {
		t.Errorf("held: %v, want the version that names the other ward", got)
	}
}

func TestACursorThatIsNotInTheJournalIsAConflict(t *testing.T) {
	h := open(t)
	h.put(patient("anna"))
	h.put(patient("bea"))
	good := h.j.Head()
	h.put(patient("cleo"))
	other := good
	other.Chain[3]++
	beyond := h.j.Head()
	beyond.Position += 5
	elsewhere := good
	elsewhere.Epoch = "epoch0"
	begin := record.Cursor{Epoch: "epoch1", Chain: record.Hash{1}}
	for name, c := range map[string]record.Cursor{"another chain": other, "beyond the head": beyond, "another epoch": elsewhere, "before everything": begin} {
		if _, _, err := h.s.Batch(context.Background(), ward("4B").dev, c, 1000); !fault.Is(err, fault.Conflict) {
			t.Errorf("%s: err = %v, want conflict", name, err)
		}
	}
	if _, _, err := h.s.Batch(context.Background(), ward("4B").dev, good, 1000); err != nil {
		t.Errorf("a good cursor: %v", err)
	}
}

func TestASnapshotIsResumedAfterARestart(t *testing.T) {
	h := open(t)
	for i := range 30 {
		p := fmt.Sprintf("p%02d", i)
		h.put(patient(p))
		h.put(stay("e"+p, p, "4B"))
		h.put(result("r"+p, p, "1"))
	}
	h.put(notice("n1", "4B"))
	h.put(notice("n2", "ICU"))
	st := ward("4B")
	var name, next string
	var index uint32
	for {
		ch, err := h.chunk(st.dev, name, next, 1000)
		h.must(err)
		if ch.Index != index {
			t.Fatalf("chunk %d, want %d", ch.Index, index)
		}
		index++
		st.take(ch.Changes)
		name, next = ch.Snapshot, ch.Next
		if ch.Last {
			st.cursor = ch.At
			if ch.Done != uint64(len(st.held)) || ch.Total != ch.Done {
				t.Errorf("done %d of %d, want %d", ch.Done, ch.Total, len(st.held))
			}
			break
		}
		if ch.Total <= ch.Done {
			t.Errorf("chunk %d: %d of %d, though more is to come", ch.Index, ch.Done, ch.Total)
		}
		switch index {
		case 3:
			h.restart()
		case 5: // the ward goes on living meanwhile
			h.put(stay("ep03", "p03", ""))
			h.put(stay("ep29", "p29", "ICU"))
			h.put(result("rp02", "p02", "2"))
		}
	}
	if index < 8 {
		t.Fatalf("only %d chunks: the test tests nothing", index)
	}
	st.catchUp(h, 1000)
	if got, want := st.refs(), h.want(st.dev); !slices.Equal(got, want) {
		t.Errorf("held:\n%v\nwant:\n%v", got, want)
	}
}

func TestASnapshotOfAnotherEpochCannotBeResumed(t *testing.T) {
	h := open(t)
	h.put(patient("anna"))
	for _, name := range []string{"epoch0:1:00", "rubbish", "epoch1:1:" + record.Hash{}.String(), ":::"} {
		if _, err := h.chunk(ward("4B").dev, name, "1:1:1:anna:Patient/anna", 1000); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q: err = %v, want not found", name, err)
		}
	}
}

// Whatever happens in the hospital, however the runs are cut, whenever central
// restarts: a station that has caught up holds its scope, whole and nothing
// else.
func TestStationsHoldTheirScope(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := open(t)
		stations := []*station{ward("A"), ward("A", "B"), ward("C", "C")}
		for i, st := range stations {
			st.dev.Station = record.StationID(fmt.Sprint("station", i))
		}
		wards := rapid.SampledFrom([]string{"A", "B", "C", "", "elsewhere"})
		who := rapid.SampledFrom([]string{"p1", "p2", "p3"})
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			p := who.Draw(t, "patient")
			switch rapid.IntRange(0, 15).Draw(t, "what") {
			case 0, 1, 2:
				enc := rapid.SampledFrom([]string{"-e1", "-e2"}).Draw(t, "encounter")
				h.put(stay(p+enc, p, wards.Draw(t, "ward")))
			case 3, 4:
				c := result("r-"+p, p, "x")
				c.History = rapid.Bool().Draw(t, "late")
				if h.exists(c.Ref) || !c.History {
					h.put(c)
				}
			case 5:
				w := wards.Draw(t, "ward")
				h.put(notice("n-"+w+p, record.Ward(w)))
			case 6:
				st := stations[rapid.IntRange(0, 2).Draw(t, "station")]
				for range rapid.IntRange(1, 3).Draw(t, "batches") {
					st.next(h, rapid.SampledFrom([]int{1, 700, 1 << 20}).Draw(t, "size"))
				}
			case 7:
				h.restart()
			case 8, 9: // records of one person are joined, or taken apart
				into := map[string][]string{"p1": {""}, "p2": {"", "p1"}, "p3": {"", "p1", "p2"}}[p]
				h.put(replaced(p, rapid.SampledFrom(into).Draw(t, "survivor")))
			case 12, 13: // a ward keeps somebody who left, or does not any more
				h.put(kept(p, record.Ward(rapid.SampledFrom([]string{"A", "B", ""}).Draw(t, "keeper"))))
			case 14, 15: // a record is lent to a computer, or taken back
				h.put(lent(p, stations[rapid.IntRange(0, 2).Draw(t, "to")].dev.Station, rapid.Bool().Draw(t, "lent")))
			case 10, 11: // somebody keeps, or drops, patients on a list of their own
				h.put(list("l-"+p, rapid.SliceOfN(who, 0, 3).Draw(t, "listed"), map[string]record.Ward{"p1": "A", "p2": "B", "p3": "C"}[p]))
			}
		}
		for i, st := range stations {
			st.catchUp(h, rapid.SampledFrom([]int{1, 700, 1 << 20}).Draw(t, "size"))
			maps.DeleteFunc(st.held, func(ref fhir.Ref, c record.Change) bool { // the word that it is not this ward any more
				return record.IsKept(ref) && !slices.ContainsFunc(c.Wards, func(w record.Ward) bool { return slices.Contains(st.dev.Wards, w) })
			})
			if got, want := st.refs(), h.want(st.dev); !slices.Equal(got, want) {
				t.Fatalf("station %d holds\n%v\nwant\n%v", i, got, want)
			}
		}
	})
}

// Two records of one person: the station holds both, whichever of them has the
// bed; taken apart, it holds again what it held.
func TestBothRecordsOfOnePersonAreHeld(t *testing.T) {
	h := open(t)
	for _, c := range []record.Change{patient("p1"), patient("p2"), stay("e1", "p1", "A"), result("r1", "p1", "1"), result("r2", "p2", "2")} {
		h.put(c)
	}
	st, away := ward("A"), ward("A")
	st.catchUp(h, 1<<20)
	away.catchUp(h, 1<<20)
	h.put(replaced("p2", "p1"))
	st.catchUp(h, 1<<20)
	if got := st.refs(); !slices.Equal(got, h.want(st.dev)) || len(got) != 5 {
		t.Errorf("joined: %v", got)
	}
	h.put(result("r3", "p2", "3"))
	st.catchUp(h, 1<<20)
	if len(st.refs()) != 6 {
		t.Errorf("news of the other record: %v", st.refs())
	}
	h.put(replaced("p2", ""))
	st.catchUp(h, 1<<20)
	if got := st.refs(); !slices.Equal(got, h.want(st.dev)) || len(got) != 3 {
		t.Errorf("taken apart: %v", got)
	}
	// A station that was away while all of it happened, and a central that was
	// started again: nothing of it is remembered, all of it is read.
	h.restart()
	away.catchUp(h, 1)
	if got := away.refs(); !slices.Equal(got, h.want(away.dev)) {
		t.Errorf("after being away: %v", got)
	}
}

// Somebody who left stays with the ward that keeps them, without a gap: what is
// written about them comes, also to a station that begins then; and they go when
// the ward keeps them no more.
func TestAWardKeepsSomebodyWhoLeft(t *testing.T) {
	h := open(t)
	for _, c := range []record.Change{patient("p1"), stay("e1", "p1", "A"), result("r1", "p1", "1")} {
		h.put(c)
	}
	st, other := ward("A"), ward("B")
	st.catchUp(h, 1<<20)
	_, err := h.j.Update(context.Background(), func(tx journal.Tx) error { // as central does: one entry
		if err := add(tx, stay("e1", "p1", "")); err != nil {
			return err
		}
		return add(tx, kept("p1", "A"))
	})
	h.must(err)
	h.put(result("r2", "p1", "2"))
	b, _ := st.next(h, 1<<20)
	if len(b.Forget) != 0 || !slices.Equal(st.refs(), h.want(st.dev)) || len(st.refs()) != 5 {
		t.Errorf("left: forget %v, held %v", b.Forget, st.refs())
	}
	if other.catchUp(h, 1<<20); len(other.refs()) != 0 {
		t.Errorf("another ward holds %v", other.refs())
	}
	h.restart()
	fresh := ward("A")
	ch, err := h.chunk(fresh.dev, "", "", 1<<20)
	h.must(err)
	if fresh.take(ch.Changes); !slices.Equal(fresh.refs(), h.want(st.dev)) {
		t.Errorf("a new station holds %v", fresh.refs())
	}
	h.put(kept("p1", ""))
	b, _ = st.next(h, 1<<20)
	if !slices.Equal(b.Forget, []fhir.ID{"p1"}) || len(st.refs()) != 1 {
		t.Errorf("kept no more: forget %v, held %v", b.Forget, st.refs())
	}
	if own := st.held[record.KeptOf("p1")]; len(own.Wards) != 0 {
		t.Error("the station goes on believing that its ward keeps somebody")
	}
}

// A patient on somebody's own list is held where the list is kept, wherever
// they lie; taken off it, they go by themselves.
func TestAListKeepsAPatient(t *testing.T) {
	h := open(t)
	for _, c := range []record.Change{patient("p1"), patient("p2"), stay("e1", "p1", "A"), stay("e2", "p2", "B")} {
		h.put(c)
	}
	st := ward("A")
	st.catchUp(h, 1<<20)
	h.put(list("l1", []string{"p2", "p1"}, "A"))
	st.catchUp(h, 1<<20)
	if got := st.refs(); !slices.Equal(got, h.want(st.dev)) || len(got) != 5 {
		t.Errorf("listed: %v", got)
	}
	h.put(stay("e1", "p1", "B")) // moved away, and listed still
	st.catchUp(h, 1<<20)
	if len(st.refs()) != 5 {
		t.Errorf("moved away: %v", st.refs())
	}
	h.put(list("l1", []string{"p1"}, "A"))
	b, _ := st.next(h, 1<<20)
	if !slices.Equal(b.Forget, []fhir.ID{"p2"}) || !slices.Equal(st.refs(), h.want(st.dev)) {
		t.Errorf("taken off: forget %v, held %v", b.Forget, st.refs())
	}
	var many []string
	for i := range record.MaxListed + 1 {
		many = append(many, fmt.Sprint("q", i))
	}
	h.put(patient("q1"))
	h.put(list("l2", many, "A"))
	st.catchUp(h, 1<<20)
	for _, ref := range st.refs() {
		if strings.HasPrefix(ref, "Patient/q1") {
			t.Error("a list that is too long holds somebody")
		}
	}
}

func (h *hospital) exists(ref fhir.Ref) (ok bool) {
	h.must(h.j.View(context.Background(), func(r journal.Reader) (err error) {
		_, ok, err = r.Current(ref)
		return err
	}))
	return ok
}

// What is the whole site's is on every ward's computers, by a snapshot and by batches;
// what is one ward's is on no other's.
func TestWhatIsTheWholeSitesIsOnEveryWard(t *testing.T) {
	routine := func(id string, wards ...record.Ward) record.Change {
		return record.Change{
			Ref: fhir.Ref{Type: fhir.TypePlanDefinition, ID: fhir.ID(id)}, Wards: wards,
			Body: fhir.Resource(`{"id":"` + id + `","resourceType":"PlanDefinition"}`),
		}
	}
	h := open(t)
	h.put(routine("site", "*"))
	h.put(routine("own", "4B"))
	h.put(routine("other", "5A"))
	want := []string{"PlanDefinition/own v1", "PlanDefinition/site v1"}
	st := ward("4B", "ICU")
	ch, err := h.chunk(st.dev, "", "", 1<<20)
	h.must(err)
	st.take(ch.Changes)
	if got := st.refs(); !slices.Equal(got, want) || !ch.Last {
		t.Errorf("by a snapshot %v", got)
	}
	st = ward("4B")
	st.catchUp(h, 1<<20)
	if got := st.refs(); !slices.Equal(got, want) {
		t.Errorf("by batches %v", got)
	}
}
