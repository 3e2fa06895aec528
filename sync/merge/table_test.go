package merge

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// order is a request for a test, asked for at a minute by somebody.
func (c *chart) order(id fhir.ID, loinc, words, by string, minute int, extra string) fhir.Ref {
	body, err := fhir.Canonical(fmt.Appendf(nil,
		`{"resourceType":"ServiceRequest","id":%q,"status":"active","intent":"order","subject":{"reference":"Patient/p1"},`+
			`"code":{"coding":[{"system":%q,"code":%q}],"text":%q}%s}`, id, fhir.SystemLOINC, loinc, words, extra))
	if err != nil {
		c.t.Fatalf("%v", err)
	}
	c.write(fhir.Resource(body), by)
	ref := fhir.Ref{Type: fhir.TypeServiceRequest, ID: id}
	c.versions[ref][0].Times = record.Times{Station: int64(minute) * time.Minute.Milliseconds(), Measured: true}
	return ref
}

func (c *chart) status(ref fhir.Ref) string { return statusOf(parse(c.t, c.current(ref))) }

func (c *chart) decisions(ops ...[2]string) { // who, side
	review := fhir.Ref{Type: fhir.TypeTask, ID: c.open()[0].ID}
	seen := c.current(review)
	for _, op := range ops {
		c.choose(seen, op[0], op[1])
	}
	c.reviews()
}

func (c *chart) mySend(ref fhir.Ref) bool {
	var tasks []fhir.Resource
	for r := range c.versions {
		if r.Type == fhir.TypeTask {
			tasks = append(tasks, c.current(r))
		}
	}
	return MaySend(c.current(ref), tasks)
}

const k = "2823-3"

// Two people who could not see each other asked for the same test: both orders
// are kept, neither goes to the laboratory, and a person decides.
func TestTheSameTestAskedForTwice(t *testing.T) {
	both := func(t *testing.T) (*chart, fhir.Ref, fhir.Ref) {
		c := newChart(t)
		a := c.order("o1", k, "Potassium", "Tom Blake, nurse", 0, "")
		b := c.order("o2", k, "Potassium", "Dr Ines Amara", 90, "")
		c.reviews()
		if open := c.open(); len(open) != 1 || open[0].Words != "Is Potassium wanted more than once?" || len(open[0].Sides) != 3 {
			t.Fatalf("open: %+v", open)
		}
		if c.mySend(a) || c.mySend(b) {
			t.Fatal("an order may be sent before anybody decided")
		}
		return c, a, b
	}
	t.Run("one is wanted", func(t *testing.T) {
		c, a, b := both(t)
		c.decisions([2]string{"Grace Mensah, nurse", b.String()})
		if c.status(a) != "revoked" || c.status(b) != "active" || !c.mySend(b) || c.mySend(a) || len(c.open()) != 0 {
			t.Errorf("a %s, b %s, open %d", c.status(a), c.status(b), len(c.open()))
		}
	})
	t.Run("both are wanted", func(t *testing.T) {
		c, a, b := both(t)
		c.decisions([2]string{"Grace Mensah, nurse", ChosenBoth})
		if !c.mySend(a) || !c.mySend(b) || len(c.open()) != 0 {
			t.Errorf("a %s, b %s, open %d", c.status(a), c.status(b), len(c.open()))
		}
		c.order("o3", k, "Potassium", "Grace Mensah, nurse", 100, "")
		c.reviews()
		if len(c.open()) != 1 || c.mySend(a) {
			t.Error("a third request was not asked about")
		}
	})
	t.Run("none is wanted", func(t *testing.T) {
		c, a, b := both(t)
		c.decisions([2]string{"Grace Mensah, nurse", ChosenNeither})
		if c.status(a) != "revoked" || c.status(b) != "revoked" {
			t.Errorf("a %s, b %s", c.status(a), c.status(b))
		}
	})
	t.Run("two people decide differently", func(t *testing.T) {
		c, a, b := both(t)
		c.decisions([2]string{"Grace Mensah, nurse", a.String()}, [2]string{"Dr Ines Amara", b.String()})
		if c.status(a) != "active" || c.status(b) != "active" || len(c.open()) != 1 || c.open()[0].Round != 1 || c.mySend(a) {
			t.Errorf("a %s, b %s, open %+v", c.status(a), c.status(b), c.open())
		}
	})
	t.Run("one is withdrawn by its author", func(t *testing.T) {
		c, a, b := both(t)
		c.apply(c.current(a), a, "Tom Blake, nurse", edit(t, `set status "revoked"`))
		c.reviews()
		if len(c.open()) != 0 || !c.mySend(b) {
			t.Error("the question stayed although it answered itself")
		}
	})
}

func TestWhichOrdersAreTheSame(t *testing.T) {
	for _, c := range []struct {
		what  string
		asks  bool
		write func(c *chart)
	}{
		{"inside the window", true, func(c *chart) {
			c.order("o1", k, "K", "Tom Blake, nurse", 0, "")
			c.order("o2", k, "Potassium", "Anna", 359, "")
		}},
		{"outside it", false, func(c *chart) {
			c.order("o1", k, "K", "Tom Blake, nurse", 0, "")
			c.order("o2", k, "K", "Anna", 361, "")
		}},
		{"blood cultures come in pairs", false, func(c *chart) {
			c.order("o1", "600-7", "Culture", "Tom Blake, nurse", 0, "")
			c.order("o2", "600-7", "Culture", "Anna", 15, "")
		}},
		{"other tests", false, func(c *chart) {
			c.order("o1", k, "K", "Tom Blake, nurse", 0, "")
			c.order("o2", "2951-2", "Na", "Anna", 1, "")
		}},
		{"asked for again on purpose", false, func(c *chart) {
			c.order("o1", k, "K", "Tom Blake, nurse", 0, "")
			c.order("o2", k, "K", "Anna", 1, `,"supportingInfo":[{"reference":"ServiceRequest/o1"}]`)
		}},
		{"a third who knew of one of two", true, func(c *chart) {
			c.order("o1", k, "K", "Tom Blake, nurse", 0, "")
			c.order("o2", k, "K", "Anna", 1, "")
			c.order("o3", k, "K", "Anna", 2, `,"supportingInfo":[{"reference":"ServiceRequest/o1"}]`)
		}},
	} {
		t.Run(c.what, func(t *testing.T) {
			ch := newChart(t)
			c.write(ch)
			ch.reviews()
			if asked := len(ch.open()) > 0; asked != c.asks {
				t.Errorf("asked = %v", asked)
			}
		})
	}
}

func (c *chart) stay(id fhir.ID, w, bed, status string) fhir.Ref {
	body, err := fhir.Canonical(fmt.Appendf(nil, `{"resourceType":"Encounter","id":%q,"status":%q,"subject":{"reference":"Patient/p1"},"extension":[%s,{"url":%q,"valueString":%q}]}`,
		id, status, ward(w), fhir.ExtBed, bed))
	if err != nil {
		c.t.Fatalf("%v", err)
	}
	c.write(fhir.Resource(body), "EHR ADT")
	return fhir.Ref{Type: fhir.TypeEncounter, ID: id}
}

// visit is a stay of a class (HL7 v3 ActCode).
func (c *chart) visit(id fhir.ID, w, bed, class string) {
	body, err := fhir.Canonical(fmt.Appendf(nil, `{"resourceType":"Encounter","id":%q,"status":"in-progress","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":%q},"subject":{"reference":"Patient/p1"},"extension":[%s,{"url":%q,"valueString":%q}]}`,
		id, class, ward(w), fhir.ExtBed, bed))
	if err != nil {
		c.t.Fatalf("%v", err)
	}
	c.write(fhir.Resource(body), "EHR ADT")
}

// One patient in two beds: both wards keep seeing them until somebody says
// where they are.
func TestTwoCurrentBeds(t *testing.T) {
	begin := func(t *testing.T) (*chart, fhir.Ref, fhir.Ref) {
		c := newChart(t)
		a, b := c.stay("e1", "4B", "07", "in-progress"), c.stay("e2", "ITU", "1", "in-progress")
		c.reviews()
		if open := c.open(); len(open) != 1 || open[0].Words != "In which bed is the patient?" {
			t.Fatalf("open: %+v", open)
		}
		return c, a, b
	}
	c, a, b := begin(t)
	if c.status(a) != "in-progress" || c.status(b) != "in-progress" {
		t.Error("a bed ended before anybody decided")
	}
	c.decisions([2]string{"Grace Mensah, nurse", b.String()})
	if c.status(a) != "finished" || c.status(b) != "in-progress" || len(c.open()) != 0 {
		t.Errorf("chosen ITU: 4B %s, ITU %s, open %d", c.status(a), c.status(b), len(c.open()))
	}
	c, a, b = begin(t)
	c.decisions([2]string{"Grace Mensah, nurse", a.String()}, [2]string{"Dr Ines Amara", b.String()})
	if c.status(a) != "in-progress" || c.status(b) != "in-progress" || len(c.open()) != 1 {
		t.Errorf("two answers: 4B %s, ITU %s, open %d", c.status(a), c.status(b), len(c.open()))
	}
	c, _, _ = begin(t)
	c.decisions([2]string{"Grace Mensah, nurse", ChosenBoth})
	if len(c.open()) != 0 {
		t.Error("both beds were accepted, and it was asked again")
	}
	// Somebody of 4B sits in a chair of the dialysis unit for the afternoon:
	// an outpatient's place is no bed that is slept in.
	c = newChart(t)
	c.stay("e1", "4B", "07", "in-progress")
	c.visit("e2", "DIAL", "1", "AMB")
	if c.reviews(); len(c.open()) != 0 {
		t.Error("an inpatient at the clinic is asked for as if there were two beds")
	}
	c.visit("e3", "ED", "3", "EMER")
	if c.reviews(); len(c.open()) != 1 {
		t.Error("a bed of the emergency department is not asked for")
	}
	c = newChart(t)
	c.stay("e1", "4B", "07", "in-progress")
	c.stay("e2", "clinic", "", "in-progress")
	c.stay("e3", "ITU", "1", "finished")
	c.reviews()
	if len(c.open()) != 0 {
		t.Error("a visit without a bed, or a stay that is over, is no second bed")
	}
}

// A patient who was examined after the discharge counts as here until a person
// says otherwise; a late entry about what was before it contradicts nothing.
func TestDischargeAgainstActivity(t *testing.T) {
	here := fhir.Resource(`{"extension":[` + ward("4B") + `],"id":"e1","resourceType":"Encounter","status":"in-progress"}`)
	gone := func(at int64) fhir.Resource {
		o := parse(t, here)
		setField(o, "status", []byte(`"finished"`))
		putExtension(o, moved{At: at, ADT: true, Sure: true}.extension())
		return bodyOf(o)
	}
	minute := time.Minute.Milliseconds()
	vitals := func(at int64, measured bool) record.Mutation {
		return record.Mutation{Author: record.Author{User: "u"}, Times: record.Times{Station: at, Measured: measured}}
	}
	const end = 1_000_000_000
	for _, c := range []struct {
		what string
		act  record.Mutation
		ok   bool
	}{
		{"half an hour after it", vitals(end+30*minute, true), true},
		{"four minutes after it: clocks differ", vitals(end+4*minute, true), false},
		{"four minutes after it by a clock that was never measured", vitals(end+4*minute, false), true},
		{"before it, sent late", vitals(end-30*minute, true), false},
		{"before it by a clock that was never measured", vitals(end-minute, false), false},
	} {
		body, ok := Contest(gone(end), here, c.act)
		if ok != c.ok {
			t.Errorf("%s: contested = %v", c.what, ok)
		}
		if !ok {
			continue
		}
		if s := statusOf(parse(t, body)); s != "in-progress" {
			t.Errorf("%s: in force is %s", c.what, s)
		}
		if !Disputed(fhir.TypeEncounter, body) {
			t.Errorf("%s: nobody is asked", c.what)
		}
		if _, again := Contest(body, here, c.act); again {
			t.Errorf("%s: asked twice", c.what)
		}
	}
	if _, ok := Contest(here, here, vitals(end, true)); ok {
		t.Error("a stay that goes on was contested")
	}
	body, _ := Contest(gone(end), here, vitals(end+60*minute, true))
	ch := newChart(t)
	ref := fhir.Ref{Type: fhir.TypeEncounter, ID: "e1"}
	ch.keep(ref, here, false, record.Author{Sender: "EHR"})
	ch.keep(ref, gone(end), false, record.Author{Sender: "EHR"})
	ch.keep(ref, body, false, record.Author{Sender: "wardlight"})
	ch.reviews()
	open := ch.open()
	if len(open) != 1 || open[0].Words != "Where is the patient?" || len(open[0].Sides) != 2 {
		t.Fatalf("open: %+v", open)
	}
	i := slices.IndexFunc(open[0].Sides, func(s Side) bool { return strings.Contains(s.Words, "finished") })
	ch.decisions([2]string{"Grace Mensah, nurse", open[0].Sides[i].ID})
	if ch.status(ref) != "finished" || len(ch.open()) != 0 {
		t.Errorf("decided: %s, open %d", ch.status(ref), len(ch.open()))
	}
}

func TestWhoMayBeOnePerson(t *testing.T) {
	p := func(family, born, gender, number string) fhir.Patient {
		out := fhir.Patient{BirthDate: born, Gender: gender, Name: []fhir.HumanName{{Family: family}}}
		if number != "" {
			out.Identifier = []fhir.Identifier{{System: "urn:h", Value: number}}
		}
		return out
	}
	rossi := p("Rossi", "1979-03-04", "female", "1")
	for _, c := range []struct {
		what string
		b    fhir.Patient
		want bool
	}{
		{"name and birth date", p("ROSSI ", "1979-03-04", "", ""), true},
		{"one number", p("Russo", "", "", "1"), true},
		{"another birth date", p("Rossi", "1979-04-03", "female", "2"), false},
		{"another name", p("Russo", "1979-03-04", "female", "2"), false},
		{"another sex", p("Rossi", "1979-03-04", "male", ""), false},
		{"nothing known", p("", "", "", ""), false},
	} {
		if SamePerson(rossi, c.b) != c.want || SamePerson(c.b, rossi) != c.want {
			t.Errorf("%s: not %v both ways", c.what, c.want)
		}
	}
}

func registered(t *testing.T, id, number string) record.Change {
	t.Helper()
	body, err := fhir.Canonical(fmt.Appendf(nil, `{"resourceType":"Patient","id":%q,"name":[{"family":"Rossi","given":["Giulia"]}],"birthDate":"1979-03-04","identifier":[{"system":"urn:h","value":%q}]}`, id, number))
	if err != nil {
		t.Fatal(err)
	}
	return record.Change{Ref: fhir.Ref{Type: fhir.TypePatient, ID: fhir.ID(id)}, Version: 1, Body: body, Author: record.Author{User: "u", Name: "Tom Blake, nurse"}}
}

// Two people registered the same person offline. A person decides whether they
// are one; joining retires one record and loses nothing, and is taken back
// exactly where somebody else decided otherwise.
func TestTwoRegistrationsOfOnePerson(t *testing.T) {
	a, b := registered(t, "s1-1", "1"), registered(t, "s2-1", "2")
	x, err := AskPerson(a, b, nil)
	if err != nil || x == nil {
		t.Fatalf("not asked: %v", err)
	}
	y, err := AskPerson(b, a, nil)
	if err != nil || y == nil || string(x.Body) != string(y.Body) {
		t.Fatalf("asked differently the other way round: %v", err)
	}
	if again, err := AskPerson(a, b, []fhir.Resource{x.Body}); err != nil || again != nil {
		t.Error("an open question was asked again")
	}
	sides := map[fhir.Ref]fhir.Resource{a.Ref: a.Body, b.Ref: b.Body}
	decide := func(chosen ...string) fhir.Resource {
		t.Helper()
		review := x.Body
		for i, c := range chosen {
			ops, err := Choose(x.Body, c, record.Author{Name: fmt.Sprint("person ", i)}, "2026-11-22T04:20:00Z", "")
			if err != nil {
				t.Fatal(err)
			}
			if review, err = ApplyOps(review, ops); err != nil {
				t.Fatal(err)
			}
		}
		effects, err := Decide(review, sides)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range effects {
			if sides[e.Ref], err = ApplyOps(sides[e.Ref], e.Ops); err != nil {
				t.Fatal(err)
			}
		}
		return review
	}
	decide(b.Ref.String())
	if !hasLink(sides[a.Ref], b.Ref, linkReplacedBy) || !hasLink(sides[b.Ref], a.Ref, linkReplaces) || !strings.Contains(string(sides[a.Ref]), `"active":false`) {
		t.Errorf("joined: %s\n%s", sides[a.Ref], sides[b.Ref])
	}
	before := fmt.Sprint(sides)
	decide(b.Ref.String())
	if fmt.Sprint(sides) != before {
		t.Error("the same decision twice is not one")
	}
	review := decide(b.Ref.String(), ChosenBoth)
	if string(sides[a.Ref]) != string(a.Body) || string(sides[b.Ref]) != string(b.Body) {
		t.Errorf("taken back:\n%s\n%s", sides[a.Ref], sides[b.Ref])
	}
	if next, err := AskPerson(a, b, []fhir.Resource{review}); err != nil || next == nil || next.ID == x.ID {
		t.Error("two answers, and nobody is asked again")
	}
	two := decide(ChosenBoth)
	if next, err := AskPerson(a, b, []fhir.Resource{two}); err != nil || next != nil {
		t.Error("two different people, and it was asked again")
	}
}

// Of acknowledgements nothing is ever lost: whatever arrives in which order and
// how often, all are there and none was changed.
func TestAcknowledgementsOnlyGrow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ack := func(i int) fhir.Resource {
			kind := rapid.SampledFrom([]string{fhir.TaskAcknowledge, fhir.TaskWithdraw, fhir.TaskShown}).Draw(t, fmt.Sprint("kind ", i))
			return fhir.Resource(fmt.Sprintf(`{"code":{"coding":[{"code":%q,"system":%q}]},"id":"t%d","resourceType":"Task","status":"completed"}`, kind, fhir.SystemTaskCode, i))
		}
		var all []fhir.Resource
		for i := range rapid.IntRange(1, 6).Draw(t, "n") {
			all = append(all, ack(i))
		}
		arrive := func(list []fhir.Resource) map[fhir.ID]string {
			state := map[fhir.ID]string{}
			for _, body := range list {
				ref, _ := body.Ref()
				var cur fhir.Resource
				if s, ok := state[ref.ID]; ok {
					cur = fhir.Resource(s)
				}
				before := len(state)
				for _, ops := range [][]record.Op{{{Kind: record.OpPut, Value: body}}, edit(t, `set status "entered-in-error"`)} {
					m := record.Mutation{Ref: ref, Author: record.Author{User: "u"}, Ops: ops, Base: record.Version(min(len(cur), 1))}
					if r := Apply(Input{Base: cur, Current: cur, Mutation: m}); r.Body != nil {
						cur = r.Body
						state[ref.ID] = string(cur)
					}
				}
				if len(state) < before || state[ref.ID] != string(body) {
					t.Fatalf("an acknowledgement was changed or lost: %s", state[ref.ID])
				}
			}
			return state
		}
		twice := rapid.Permutation(append(slices.Clone(all), all...)).Draw(t, "order")
		if x, y := arrive(all), arrive(twice); fmt.Sprint(x) != fmt.Sprint(y) {
			t.Fatalf("%v\n%v", x, y)
		}
	})
}

func booked(id, status, slot string) fhir.Resource {
	return fhir.Resource(fmt.Sprintf(`{"id":%q,"resourceType":"Appointment","slot":[{"reference":"Slot/%s"}],"status":%q}`, id, slot, status))
}

// The first that is accepted holds the slot; the other is offered the next,
// and what it asked for is kept.
func TestOneSlotForTwo(t *testing.T) {
	var slots []fhir.Resource
	for i, id := range []string{"s9", "s10", "s11"} {
		slots = append(slots, fhir.Resource(fmt.Sprintf(`{"end":"2026-11-23T%02d:30:00Z","id":%q,"resourceType":"Slot","schedule":{"reference":"Schedule/x"},"start":"2026-11-23T%02d:00:00Z","status":"free"}`, 9+i, id, 9+i)))
	}
	slots = append(slots, fhir.Resource(`{"end":"2026-11-23T09:30:00Z","id":"other","resourceType":"Slot","schedule":{"reference":"Schedule/y"},"start":"2026-11-23T09:15:00Z","status":"free"}`))
	first, second, third := booked("a1", "booked", "s9"), booked("a2", "booked", "s9"), booked("a3", "booked", "s9")
	if r := Book(first, nil, slots); r.Outcome != record.Applied || string(r.Body) != string(first) || r.Loser != nil {
		t.Errorf("a free slot: %+v", r)
	}
	r2 := Book(second, []fhir.Resource{first}, slots)
	if r2.Outcome != record.Merged || string(r2.Loser) != string(second) {
		t.Fatalf("a taken slot: %+v", r2)
	}
	want := booking{ID: "a2", Status: "proposed", Start: "2026-11-23T10:00:00Z", End: "2026-11-23T10:30:00Z", Slot: []fhir.Reference{{Reference: "Slot/s10"}}}
	if got, err := fhir.View[booking](r2.Body); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("offered %+v, want %+v", got, want)
	}
	r3 := Book(third, []fhir.Resource{first, r2.Body}, slots)
	if got, _ := fhir.View[booking](r3.Body); len(got.Slot) != 1 || got.Slot[0].Reference != "Slot/s11" {
		t.Errorf("an offer is held for whoever got it: %+v", got)
	}
	full := Book(booked("a4", "booked", "s9"), []fhir.Resource{first, r2.Body, r3.Body}, slots)
	if got, _ := fhir.View[booking](full.Body); got.Status != "waitlist" || len(got.Slot) != 0 || full.Loser == nil {
		t.Errorf("nothing is free: %+v", got)
	}
	if r := Book(second, []fhir.Resource{booked("a1", "cancelled", "s9")}, slots); r.Outcome != record.Applied {
		t.Errorf("a cancelled appointment holds nothing: %+v", r)
	}
	if r := Book(first, []fhir.Resource{first}, slots); r.Outcome != record.Applied {
		t.Errorf("an appointment is in its own way: %+v", r)
	}
}

// A room or a person is at one place at a time, too; the patient may be.
func TestOneRoomForTwo(t *testing.T) {
	at := func(id, actor, start, end string) fhir.Resource {
		return fhir.Resource(fmt.Sprintf(`{"end":"2026-11-23T%s:00Z","id":%q,"participant":[{"actor":{"reference":%q}}],"resourceType":"Appointment","start":"2026-11-23T%s:00Z","status":"booked"}`, end, id, actor, start))
	}
	mri := at("a1", "Location/mri", "09:00", "09:30")
	for _, c := range []struct {
		what  string
		b     fhir.Resource
		clash bool
	}{
		{"overlapping", at("a2", "Location/mri", "09:15", "09:45"), true},
		{"one after the other", at("a2", "Location/mri", "09:30", "10:00"), false},
		{"another room", at("a2", "Location/ct", "09:15", "09:45"), false},
	} {
		if r := Book(c.b, []fhir.Resource{mri}, nil); (r.Outcome == record.Merged) != c.clash {
			t.Errorf("%s: %s", c.what, r.Outcome)
		}
	}
	if r := Book(at("a2", "Patient/p1", "09:15", "09:45"), []fhir.Resource{at("a1", "Patient/p1", "09:00", "09:30")}, nil); r.Outcome != record.Applied {
		t.Error("two appointments of one patient took a slot from one another")
	}
}
