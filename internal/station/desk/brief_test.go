package desk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/cache"
	"wardlight/internal/station/desk"
)

// life is a ward to which things happen at random.
type life struct {
	*room
	rand    *rand.Rand
	results map[fhir.ID][]string // by patient
	n       int
}

var born = []string{"1954-03-14", "2026-11-21", "2024-11-23", "1960-11-23", "", "1950", "2010-11-23", "2027-01-01"}

func (l *life) patient() fhir.ID { return fhir.ID(fmt.Sprintf("p%d", l.rand.IntN(9))) }

// happen does one thing.
func (l *life) happen() {
	l.n++
	p := l.patient()
	switch l.rand.IntN(13) {
	case 0:
		l.admit(p)
	case 1, 2:
		id := fmt.Sprintf("%s.k%d", p, l.rand.IntN(3))
		l.results[p] = append(l.results[p], id)
		values, states := []string{"4.1", "6.8", "2.2", "6.1"}, []string{"preliminary", "final", "corrected", "entered-in-error"}
		flags := []string{"", "N", "HH", "H"}
		l.send(potassium(id, string(p), values[l.rand.IntN(4)], states[l.rand.IntN(4)], flags[l.rand.IntN(4)]))
	case 3:
		l.earlier(p)
	case 4:
		l.vitals(p)
	case 5:
		l.try(ward.AddTask{Patient: p, Words: fmt.Sprint("task ", l.n)})
	case 6:
		l.try(ward.AddAllergy{Patient: p, Substance: "Penicillin", Severity: "severe"})
	case 7:
		for _, x := range l.open() {
			l.try(ward.Take{Patient: x.Who.ID, Result: x.Result.ID, Version: x.Result.Version})
		}
	case 8:
		l.drain()
	case 9:
		l.later(time.Duration(l.rand.IntN(300)) * time.Minute)
	case 10:
		l.later(time.Duration(l.rand.IntN(48)) * time.Hour)
	case 11:
		l.batch(nil, []fhir.ID{p})
	case 12:
		l.join(p, l.patient())
	}
}

// join makes two records one person's, as A40 does.
func (l *life) join(kept, old fhir.ID) {
	if kept == old {
		return
	}
	a, b := admitted(string(kept), "Adeyemi", "Folake", "7"), admitted(string(old), "Adeyemi", "F", "8")
	a[0]["link"] = []any{obj{"other": ref(fhir.TypePatient, string(old)), "type": "replaces"}}
	b[0]["link"] = []any{obj{"other": ref(fhir.TypePatient, string(kept)), "type": "replaced-by"}}
	l.send(append(a, b...)...)
}

func (l *life) admit(p fhir.ID) {
	bodies := admitted(string(p), []string{"Adeyemi", "Wojtyła", "O'Connor"}[l.rand.IntN(3)], fmt.Sprint("Given", l.n), fmt.Sprint(l.rand.IntN(30)))
	bodies[0]["birthDate"] = born[l.rand.IntN(len(born))]
	if bodies[0]["birthDate"] == "" {
		delete(bodies[0], "birthDate")
	}
	l.send(bodies...)
}

// earlier is a version of a result that never became current: central sends it
// as history.
func (l *life) earlier(p fhir.ID) {
	if len(l.results[p]) == 0 {
		return
	}
	ch := l.accept(potassium(l.results[p][0], string(p), "3.9", "preliminary", ""), record.Author{Sender: "lab"})
	ch.History = true
	l.batch([]record.Change{ch}, nil)
}

func (l *life) vitals(p fhir.ID) {
	on := l.rand.IntN(2) == 0
	l.try(ward.RecordVitals{Patient: p, Set: ward.VitalSet{
		At: l.clock(), Respirations: fmt.Sprint(12 + l.rand.IntN(14)), SpO2: fmt.Sprint(88 + l.rand.IntN(12)), Oxygen: &on, Systolic: "118",
		Pulse: fmt.Sprint(60 + l.rand.IntN(80)), Consciousness: "A", Temperature: "37.2",
	}})
}

// try does what a person would, where the rules let them.
func (l *life) try(cmd ward.Command) { _, _ = l.desk.Do(bg, cmd); l.settle() }

func (l *life) open() []ward.Alert {
	list, _ := l.desk.Alerts(bg)
	return list
}

// Whatever has happened to a record, and whenever the program starts, a brief
// that counts says what deriving the row anew says, to the last field.
func TestABriefIsTheRowAsItIsDerived(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	ok(t, err)
	compared := 0
	for seed := range uint64(12) {
		l := &life{room: newRoom(t), rand: rand.New(rand.NewPCG(seed, 1)), results: map[fhir.ID][]string{}}
		for i := range fhir.ID("123456") {
			l.admit(fhir.ID(fmt.Sprintf("p%d", i)))
		}
		keeper := l.other(zone, "a build")
		for range 40 {
			for range 1 + l.rand.IntN(3) {
				l.happen()
			}
			if l.rand.IntN(3) > 0 {
				ok(t, keeper.Refresh(bg))
			}
			kept, err := l.other(zone, "a build").Kept(bg)
			ok(t, err)
			for id, got := range kept {
				want, here, err := keeper.Anew(bg, id)
				ok(t, err)
				if !here || !reflect.DeepEqual(got, want) {
					t.Fatalf("seed %d, %s after %d things:\nkept    %s\nderived %s", seed, id, l.n, show(got), show(want))
				}
				compared++
			}
		}
	}
	t.Log(compared, "rows compared")
	if compared < 500 {
		t.Errorf("only %d briefs were there to compare", compared)
	}
}

// Whatever has happened, what a brief of another build says of who somebody is, where they
// lie and what they are found by, is what reading it now says, and claims to be no more.
func TestANameOfABriefIsTheNameAsItIsRead(t *testing.T) {
	compared := 0
	for seed := range uint64(8) {
		l := &life{room: newRoom(t), rand: rand.New(rand.NewPCG(seed, 2)), results: map[fhir.ID][]string{}}
		for i := range fhir.ID("123456") {
			l.admit(fhir.ID(fmt.Sprintf("p%d", i)))
		}
		keeper := l.other(time.UTC, "a build")
		for range 20 {
			for range 1 + l.rand.IntN(3) {
				l.happen()
			}
			if l.rand.IntN(3) > 0 {
				ok(t, keeper.Refresh(bg))
			}
			updated := l.other(time.UTC, "the next build")
			if kept, err := updated.Kept(bg); err != nil || len(kept) > 0 {
				t.Fatalf("the next build takes %d rows, %v", len(kept), err)
			}
			named, err := updated.Named(bg)
			ok(t, err)
			read, err := updated.Quick(bg)
			ok(t, err)
			for id, got := range named {
				if want, here := read[id]; !here || !reflect.DeepEqual(got, want) {
					t.Fatalf("seed %d, %s after %d things:\nkept %s\nread %s", seed, id, l.n, show(got), show(want))
				}
				if got.Row.Whole || got.Row.Loading != ward.LoadingAll || got.Row.Allergies.State != ward.AllergyUnavailable {
					t.Fatalf("the name of %s is taken for a row: %s", id, show(got))
				}
				compared++
			}
		}
	}
	t.Log(compared, "names compared")
	if compared < 300 {
		t.Errorf("only %d names were there to compare", compared)
	}
}

// The first start after an update of the program, and one after a night in which every
// row's time was up, show everybody at once by the names that are kept: nobody's Patient,
// stays or record is read before. Of other wards, or another language, they are not taken.
func TestAStartAfterAnUpdateHasEverybodyByName(t *testing.T) {
	const patients = 100
	r := newRoom(t)
	var all []map[string]any
	for i := range patients {
		p := fmt.Sprintf("p%d", i)
		all = append(append(all, admitted(p, "Family", fmt.Sprintf("Given%d", i), fmt.Sprint(i))...), potassium(p+".k", p, "6.8", "final", "HH"))
	}
	r.send(all...)
	ok(t, r.other(time.UTC, "one").Refresh(bg))
	first := func(build string, change ...func(*desk.Config)) (rows []ward.Row, inTime bool) {
		t.Helper()
		gate := gatedStore{desk.OverCache(r.cache), make(chan struct{}), make(chan struct{})}
		free := sync.OnceFunc(func() { close(gate.lists); close(gate.records) })
		defer free()
		d := r.other(time.UTC, build, append(change, func(c *desk.Config) { c.Store, c.FirstBoard = gate, 1 })...)
		got := make(chan []ward.Row, 1)
		go func() {
			rows, err := d.Board(bg)
			if err != nil {
				t.Error(err)
			}
			got <- rows
		}()
		select {
		case rows = <-got:
			inTime = true
		case <-time.After(2 * time.Second):
		}
		free()
		if !inTime {
			rows = <-got
		}
		return rows, inTime
	}
	byName := func(t *testing.T, rows []ward.Row, inTime bool) {
		t.Helper()
		if !inTime || len(rows) != patients {
			t.Fatalf("in time %v, %d rows", inTime, len(rows))
		}
		for _, row := range rows {
			if row.Whole || row.Critical != nil || row.Allergies.State != ward.AllergyUnavailable || !row.AsOf.IsZero() {
				t.Fatalf("a name is taken for a row: %s", show(row))
			}
		}
	}
	rows, inTime := first("two")
	byName(t, rows, inTime)
	if rows[0].Who.Family != "Family" || rows[0].Who.Age != "72y" || rows[0].Who.Bed == "" {
		t.Errorf("%s", show(rows[0]))
	}
	if _, inTime := first("two", func(c *desk.Config) { c.Wards = []record.Ward{"4B", "5C"} }); inTime {
		t.Error("names were taken that were made for another computer's wards")
	}
	r.later(25 * time.Hour) // the results are not new any more
	rows, inTime = first("one")
	byName(t, rows, inTime)

	d := r.other(time.UTC, "two")
	ok(t, d.Refresh(bg))
	rows, err := d.Board(bg)
	ok(t, err)
	for _, row := range rows {
		if !row.Whole || row.Critical == nil {
			t.Fatalf("afterwards: %s", show(row))
		}
	}
}

// How names, beds and what somebody is found by are made has a version of its own, which
// is raised where this changes: kept names outlive an update of the program.
func TestTheFormatOfNamesIsRaisedWhereItChanges(t *testing.T) {
	r := newRoom(t)
	for i, name := range []obj{
		{"family": "Wojtyła", "given": []any{"Karol", "Józef"}, "prefix": []any{"Dr"}, "use": "official"},
		{"family": "O'Connor-Müller", "given": []any{"Siobhán"}, "use": "usual"},
		{"text": "Unknown male 3"},
	} {
		p := fmt.Sprintf("p%d", i)
		bodies := admitted(p, "", "", fmt.Sprintf("0%d-%d", i, i))
		bodies[0]["name"] = []any{name, obj{"family": "Before", "use": "maiden"}}
		bodies[0]["identifier"] = []any{
			obj{"system": fhir.SystemNHSNumber, "value": []string{"9990417733", "9990417734", ""}[i]},
			obj{"type": coded(fhir.SystemIdentifierType, "MR", ""), "value": fmt.Sprintf("h-00%d 7", i)},
		}
		bodies[1]["participant"] = []any{obj{"type": []any{coded("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "ATND", "")}, "individual": obj{"display": "Dr Okafor"}}}
		r.send(bodies...)
	}
	rows, err := r.other(time.UTC, "one").Quick(bg)
	ok(t, err)
	var got []any
	for i := range 3 {
		v := rows[fhir.ID(fmt.Sprintf("p%d", i))]
		got = append(got, obj{"who": v.Row.Who, "words": v.Words, "numbers": v.Numbers, "family": v.Family, "given": v.Given})
	}
	name := filepath.Join("testdata", fmt.Sprintf("names.v%d.json", desk.NamesFormat))
	have := show(got) + "\n"
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if _, err := os.Stat(name); os.IsNotExist(err) { // one that is there stays as it is
			ok(t, os.WriteFile(name, []byte(have), 0o600))
		}
	}
	want, err := os.ReadFile(name)
	ok(t, err)
	if string(want) != have {
		t.Errorf("who somebody is is made otherwise: raise namesFormat.\nwas %s\nis %s", want, have)
	}
}

// other is another desk over the same cache.
func (r *room) other(zone *time.Location, build string, change ...func(*desk.Config)) *desk.Desk {
	r.t.Helper()
	cfg := desk.Config{Store: desk.OverCache(r.cache), Signer: desk.Always(r.device), Station: station, Now: r.clock, Location: zone, Build: build, Ward: "4B"}
	for _, c := range change {
		c(&cfg)
	}
	d, err := desk.New(cfg)
	ok(r.t, err)
	d.SetSession(grace)
	return d
}

// Another build, zone or ward takes no brief of this one; time alone ends one.
func TestWhatABriefWasMadeWithMustStillHold(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", "p07", "6.8", "final", "HH"))
	d := r.other(time.UTC, "one")
	ok(t, d.Refresh(bg))
	berlin, err := time.LoadLocation("Europe/Berlin")
	ok(t, err)
	count := func(d *desk.Desk) int {
		kept, err := d.Kept(bg)
		ok(t, err)
		return len(kept)
	}
	if n := count(d); n != 1 {
		t.Fatalf("%d briefs of one patient", n)
	}
	for name, other := range map[string]*desk.Desk{
		"another build": r.other(time.UTC, "two"),
		"another zone":  r.other(berlin, "one"),
		"another ward":  r.other(time.UTC, "one", func(c *desk.Config) { c.Ward = "5C" }),
		"other wards":   r.other(time.UTC, "one", func(c *desk.Config) { c.Wards = []record.Ward{"4B", "5C"} }),
		"other rules":   r.other(time.UTC, "one", func(c *desk.Config) { c.Rules.Version = "of another hospital" }),
	} {
		if n := count(other); n != 0 {
			t.Errorf("%s: %d briefs were taken", name, n)
		}
	}
	r.later(-time.Minute)
	if n := count(d); n != 0 {
		t.Errorf("the clock went back: %d briefs were taken", n)
	}
	r.later(25 * time.Hour) // the result is no longer new
	if n := count(d); n != 0 {
		t.Errorf("after a day: %d briefs were taken", n)
	}
}

// A program that starts again shows the board of before without reading any
// record; what happened in between is there, too.
func TestAStartReadsBriefs(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(admitted("p2", "Rossi", "Giulia", "02")...)
	r.send(potassium("k1", "p07", "6.8", "final", "HH"))
	before, err := r.desk.Board(bg)
	ok(t, err)
	r.close()
	c, err := cache.Open(bg, r.opts)
	ok(t, err)
	r.cache, r.stop = c, func() { ok(t, c.Close()) }
	var read []fhir.ID
	store := countingStore{desk.OverCache(c), &read}
	d := r.other(nil, "", func(c *desk.Config) { c.Store = store })
	after, err := d.Board(bg)
	ok(t, err)
	for i := range before {
		before[i].AsOf = after[i].AsOf // contact was lost meanwhile
	}
	if a, b := show(before), show(after); a != b {
		t.Errorf("before %s\nafter %s", a, b)
	}
	if len(read) != 0 {
		t.Errorf("the records of %v were read", read)
	}
	r.send2(d, potassium("k2", "p2", "2.1", "final", "LL"))
	rows, err := d.Board(bg)
	ok(t, err)
	if rows[0].Critical == nil || rows[1].Critical == nil || len(read) != 1 {
		t.Errorf("a new result: %s, read %v", show(rows), read)
	}
}

// send2 sends to a cache whose desk is not running.
func (r *room) send2(d *desk.Desk, body map[string]any) {
	r.t.Helper()
	ch := r.accept(body, record.Author{Sender: "lab"})
	from := r.pos
	r.pos++
	ch.Position = r.pos
	ok(r.t, r.cache.Apply(bg, record.Batch{Epoch: "e1", From: from, To: r.pos, Chain: record.Hash{byte(r.pos)}, Changes: []record.Change{ch}, Time: r.clock().UnixMilli(), Station: station}))
	ok(r.t, d.Refresh(bg))
}

// countingStore notes whose record is read.
type countingStore struct {
	desk.Store
	read *[]fhir.ID
}

func (s countingStore) View(ctx context.Context, fn func(desk.Reader) error) error {
	return s.Store.View(ctx, func(r desk.Reader) error { return fn(countingReader{r, s.read}) })
}

type countingReader struct {
	desk.Reader
	read *[]fhir.ID
}

func (r countingReader) UnsentFor(p fhir.ID) ([]record.Mutation, error) {
	if p != "" { // what belongs to nobody is no record
		*r.read = append(*r.read, p) // every load of a record begins with it
	}
	return r.Reader.UnsentFor(p)
}

// A brief of a later format, or bytes that are none, are derived instead.
func TestABriefThatCannotBeReadIsDerived(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	d := r.other(time.UTC, "one")
	ok(t, d.Refresh(bg))
	var kept []cache.Brief
	ok(t, r.cache.View(bg, func(rd cache.Reader) error {
		for b, err := range rd.Briefs() {
			ok(t, err)
			kept = append(kept, b)
		}
		return nil
	}))
	if len(kept) != 1 {
		t.Fatalf("%d briefs", len(kept))
	}
	for _, body := range [][]byte{nil, []byte("{"), []byte(`{"recipe":"of a later format"}`), json.RawMessage(`[]`)} {
		kept[0].Body = body
		ok(t, r.cache.KeepBriefs(bg, kept))
		rows, err := r.other(time.UTC, "one").Board(bg)
		ok(t, err)
		if len(rows) != 1 || rows[0].Who.Family != "Adeyemi" || rows[0].AsOf.IsZero() && rows[0].Allergies.State == ward.AllergyUnavailable {
			t.Errorf("%q: %s", body, show(rows))
		}
	}
}

// What time alone changes ends a brief: a critical result that was acted on
// leaves the board after a shift; the age is said as it is now; of children under
// two there is none.
func TestTimeAloneEndsABrief(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", "p07", "6.8", "final", "HH"))
	r.do(ward.Take{Patient: folake, Result: "k1", Version: 1, Kind: "acting", Words: "calcium given"})
	r.drain()
	child := admitted("p3", "Macleod", "Iain", "03")
	child[0]["birthDate"] = "2015-10-24"
	infant := admitted("p4", "Macleod", "Ailsa", "04")
	infant[0]["birthDate"] = "2025-01-05"
	r.send(append(child, infant...)...)
	d := r.other(time.UTC, "one")
	ok(t, d.Refresh(bg))
	kept, err := d.Kept(bg)
	ok(t, err)
	if _, there := kept["p4"]; there || len(kept) != 2 || kept["p07"].Row.Critical == nil || kept["p3"].Row.Who.Age != "11y 0m" {
		t.Fatalf("kept: %s", show(kept))
	}
	r.later(13 * time.Hour)
	kept, err = d.Kept(bg)
	ok(t, err)
	if x, there := kept["p07"]; there {
		t.Errorf("a shift later: %s", show(x))
	}
	r.later(60 * 24 * time.Hour)
	kept, err = d.Kept(bg)
	ok(t, err)
	if age := kept["p3"].Row.Who.Age; age != "11y 2m" {
		t.Errorf("two months later the child is %q", age)
	}
	r.later(300 * 24 * time.Hour)
	kept, err = d.Kept(bg)
	ok(t, err)
	if len(kept) != 0 {
		t.Errorf("after a birthday: %s", show(kept))
	}
}
