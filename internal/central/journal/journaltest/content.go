package journaltest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

var potassium = fhir.Ref{Type: fhir.TypeObservation, ID: "k1"}

func versions(t *testing.T, m Maker) {
	j := open(t, m)
	for v := record.Version(1); v <= 12; v++ {
		put(t, j, Observation("p1", "k1", v, fmt.Sprint(v)))
	}
	view(t, j, func(r journal.Reader) {
		want := record.Version(1)
		for c, err := range r.History(potassium) {
			if err != nil || c.Version != want || c.Position != record.Position(want) {
				t.Fatalf("history: version %d at %d where %d belongs: %v", c.Version, c.Position, want, err)
			}
			want++
		}
		if want != 13 {
			t.Errorf("the history ends before version %d", want)
		}
		c, ok, err := r.Version(potassium, 3)
		if !ok || err != nil || !bytes.Contains(c.Body, []byte(`"value":3`)) {
			t.Errorf("version 3: %v %v", ok, err)
		}
		if got, ok, err := r.Encoded(potassium, 3); err != nil || !ok {
			t.Errorf("version 3 as bytes: %v, %v", ok, err)
		} else if want, err := record.EncodeChange(c); err != nil || !bytes.Equal(got, want) {
			t.Errorf("version 3 is kept as %x, want %x, %v", got, want, err)
		}
		if _, ok, err := r.Encoded(potassium, 13); ok || err != nil {
			t.Errorf("a version that was never made, as bytes: %v, %v", ok, err)
		}
		if _, ok, _ := r.Version(potassium, 13); ok {
			t.Error("a version that was never written")
		}
		if c, _, _ := r.Current(potassium); c.Version != 12 {
			t.Errorf("current is %d", c.Version)
		}
	})
}

func nextVersion(t *testing.T, m Maker) {
	j := open(t, m)
	put(t, j, Observation("p1", "k1", 1, "1"))
	for _, v := range []record.Version{0, 1, 3} {
		_, err := j.Update(context.Background(), func(tx journal.Tx) error { return tx.Put(Observation("p1", "k1", v, "1")) })
		wantKind(t, fmt.Sprintf("version %d after 1", v), err, fault.Conflict)
	}
}

func historyOnly(t *testing.T, m Maker) {
	j := open(t, m)
	late := Observation("p1", "k1", 1, "3.9")
	late.History = true
	put(t, j, late)
	view(t, j, func(r journal.Reader) {
		if _, ok, err := r.Current(potassium); ok || err != nil {
			t.Error("a history version is current", err)
		}
		same(t, "all", refs(t, r.All("", "")), nil)
		same(t, "compartment", refs(t, r.Compartment("p1")), nil)
		same(t, "index", find(t, r, journal.ByIdentifier, "urn:lab|L-k1"), nil)
	})
	put(t, j, Observation("p1", "k1", 2, "4.0"))
	late.Version = 3
	put(t, j, late)
	view(t, j, func(r journal.Reader) {
		if c, _, _ := r.Current(potassium); c.Version != 2 {
			t.Errorf("current is %d", c.Version)
		}
		n := 0
		for _, err := range r.History(potassium) {
			must(t, err)
			n++
		}
		if n != 3 {
			t.Errorf("%d versions", n)
		}
	})
	verify(t, j)
}

func receipts(t *testing.T, m Maker) {
	j := open(t, m)
	c := Observation("p1", "k1", 1, "6.8")
	mu, rc := Mutation(c, 7)
	e := update(t, j, func(tx journal.Tx) error { return errors.Join(tx.Put(c), tx.Receipted(mu, rc)) })
	if len(e.Receipts) != 1 || e.Receipts[0].Position != 1 || len(e.Mutations) != 1 {
		t.Fatalf("%+v", e)
	}
	_, err := j.Update(context.Background(), func(tx journal.Tx) error { return tx.Receipted(mu, rc) })
	wantKind(t, "the same mutation again", err, fault.Exists)
	for range 20 {
		put(t, j, Observation("p1", fhir.ID(fmt.Sprintf("n%d", j.Head().Position)), 1, "1"))
	}
	j = m.Reopen(t, j)
	defer func() { _ = j.Close() }()
	view(t, j, func(r journal.Reader) {
		got, ok, err := r.Receipt(mu.ID)
		rc.Position = 1
		if !ok || err != nil || got != rc {
			t.Errorf("receipt = %+v %v %v", got, ok, err)
		}
		if _, ok, _ := r.Receipt("sabcdefghijk2-8"); ok {
			t.Error("a receipt for nothing")
		}
	})
}

func indexMoves(t *testing.T, m Maker) {
	j := open(t, m)
	c := Observation("p1", "k1", 1, "6.8")
	c.Tags = []string{record.TagCritical}
	put(t, j, c, Task("p1", "t1", 1, potassium), Task("p1", "t2", 1, fhir.Ref{Type: "Observation", ID: "other"}))
	check := func(when string, critical, about []string) {
		t.Helper()
		view(t, j, func(r journal.Reader) {
			same(t, when+", critical", find(t, r, journal.ByTag, record.TagCritical), critical)
			same(t, when+", focus", find(t, r, journal.ByFocus, "Observation/k1"), about)
		})
	}
	check("at first", []string{"Observation/k1"}, []string{"Task/t1"})
	put(t, j, Observation("p1", "k1", 2, "4.1"), Task("p1", "t1", 2, fhir.Ref{Type: "Observation", ID: "other"}))
	check("corrected", nil, nil)
	c.Version = 3
	put(t, j, c, Task("p1", "t2", 2, potassium))
	check("back again", []string{"Observation/k1"}, []string{"Task/t2"})
	loose := Task("", "t3", 1, potassium)
	loose.Wards = []record.Ward{"4B", "5A"}
	put(t, j, loose)
	view(t, j, func(r journal.Reader) {
		same(t, "ward of a loose task", find(t, r, journal.ByWard, "5A"), []string{"Task/t3"})
		same(t, "focus", find(t, r, journal.ByFocus, "Observation/k1"), []string{"Task/t2", "Task/t3"})
	})
}

func oddKeys(t *testing.T, m Maker) {
	j := open(t, m)
	long := strings.Repeat("9", 100000)
	values := []string{"a\x00b", "a", long, long + "1", "ö|\"\\", "a\x00"}
	for i, v := range values {
		p := fhir.Patient{ResourceType: fhir.TypePatient, ID: fhir.ID(fmt.Sprintf("p%d", i)), Identifier: []fhir.Identifier{{System: "urn:x", Value: v}}}
		body, err := fhir.Make(p)
		if err != nil {
			t.Fatal(err)
		}
		put(t, j, record.Change{Ref: fhir.Ref{Type: fhir.TypePatient, ID: p.ID}, Version: 1, Patient: p.ID, Body: body})
	}
	view(t, j, func(r journal.Reader) {
		for i, v := range values {
			same(t, fmt.Sprintf("value %d", i), find(t, r, journal.ByIdentifier, "urn:x|"+v), []string{fmt.Sprintf("Patient/p%d", i)})
		}
		same(t, "a part of a value", find(t, r, journal.ByIdentifier, "urn:x|9"), nil)
	})
}

func byWard(t *testing.T, m Maker) {
	j := open(t, m)
	put(t, j, Encounter("p1", "e1", 1, "in-progress", "4B"), Encounter("p2", "e2", 1, "in-progress", "4B"), Encounter("p3", "e3", 1, "planned", "4B"))
	at := func(want4B, want5A []string) {
		t.Helper()
		view(t, j, func(r journal.Reader) {
			same(t, "4B", find(t, r, journal.ByWard, "4B"), want4B)
			same(t, "5A", find(t, r, journal.ByWard, "5A"), want5A)
		})
	}
	at([]string{"Encounter/e1", "Encounter/e2"}, nil)
	put(t, j, Encounter("p1", "e1", 2, "in-progress", "5A"))
	at([]string{"Encounter/e2"}, []string{"Encounter/e1"})
	put(t, j, Encounter("p1", "e1", 3, "finished", "5A"))
	at([]string{"Encounter/e2"}, nil)
}

func compartment(t *testing.T, m Maker) {
	j := open(t, m)
	patient := record.Change{Ref: fhir.Ref{Type: fhir.TypePatient, ID: "p1"}, Version: 1, Body: []byte(`{"id":"p1","resourceType":"Patient"}`)}
	put(t, j, Observation("p1", "b", 1, "1"), Observation("p1", "a", 1, "1"), Encounter("p1", "e", 1, "in-progress", "4B"),
		Observation("p10", "c", 1, "1"), patient, Task("", "loose", 1, potassium))
	view(t, j, func(r journal.Reader) {
		same(t, "p1", refs(t, r.Compartment("p1")), []string{"Encounter/e", "Observation/a", "Observation/b", "Patient/p1"})
		same(t, "p10", refs(t, r.Compartment("p10")), []string{"Observation/c"})
		same(t, "nobody", refs(t, r.Compartment("p2")), nil)
		same(t, "standings", standings(t, r, "p1", fhir.Ref{}), []string{"Encounter/e 1/1 @1", "Observation/a 1/1 @1", "Observation/b 1/1 @1", "Patient/p1 1/1 @1"})
		same(t, "standings of nobody", standings(t, r, "p2", fhir.Ref{}), nil)
	})
	put(t, j, Observation("p10", "a", 2, "1")) // relinked by an identity merge
	view(t, j, func(r journal.Reader) {
		same(t, "p1 after", refs(t, r.Compartment("p1")), []string{"Encounter/e", "Observation/b", "Patient/p1"})
		same(t, "p10 after", refs(t, r.Compartment("p10")), []string{"Observation/a", "Observation/c"})
		same(t, "standings of p1 after", standings(t, r, "p1", fhir.Ref{Type: fhir.TypeEncounter, ID: "e"}), []string{"Observation/b 1/1 @1", "Patient/p1 1/1 @1"})
	})
	late := Observation("p10", "a", 3, "1")
	late.History = true
	put(t, j, late)
	view(t, j, func(r journal.Reader) { // a late older message is known of, though it is not in force
		same(t, "standings of p10", standings(t, r, "p10", fhir.Ref{}), []string{"Observation/a 2/3 @2", "Observation/c 1/1 @1"})
	})
	again := Observation("p10", "a", 4, "6.8")
	again.Tags = []string{record.TagCritical}
	put(t, j, again)
	view(t, j, func(r journal.Reader) {
		same(t, "standings after a critical one", standings(t, r, "p10", fhir.Ref{}), []string{"Observation/a 4/4 @4 critical", "Observation/c 1/1 @1"})
	})
}

// standings are "Type/id current/newest @position", and whether it is critical.
func standings(t *testing.T, r journal.Reader, p fhir.ID, after fhir.Ref) (out []string) {
	t.Helper()
	for st, err := range r.Standings(p, after) {
		if err != nil {
			t.Fatal(err)
		}
		says := fmt.Sprintf("%s %d/%d @%d", st.Ref, st.Current, st.Newest, st.At)
		if st.Critical {
			says += " critical"
		}
		out = append(out, says)
	}
	return out
}

func allOfType(t *testing.T, m Maker) {
	j := open(t, m)
	put(t, j, Observation("p1", "c", 1, "1"), Observation("p2", "a", 1, "1"), Observation("p1", "b", 1, "1"), Task("p1", "z", 1, potassium), Encounter("p1", "e", 1, "planned", "4B"))
	view(t, j, func(r journal.Reader) {
		same(t, "all", refs(t, r.All("", "")), []string{"Encounter/e", "Observation/a", "Observation/b", "Observation/c", "Task/z"})
		same(t, "observations", refs(t, r.All("Observation", "")), []string{"Observation/a", "Observation/b", "Observation/c"})
		same(t, "after a", refs(t, r.All("Observation", "a")), []string{"Observation/b", "Observation/c"})
		same(t, "after what is not there", refs(t, r.All("Observation", "bb")), []string{"Observation/c"})
		same(t, "after the last", refs(t, r.All("Observation", "c")), nil)
		for _, err := range r.All("", "") {
			must(t, err)
			break // leaving early is allowed
		}
	})
}

func notes(t *testing.T, m Maker) {
	j := open(t, m)
	set := func(kv ...string) {
		t.Helper()
		update(t, j, func(tx journal.Tx) error {
			for i := 0; i < len(kv); i += 2 {
				if err := tx.SetNote(kv[i], []byte(kv[i+1])); err != nil {
					return err
				}
			}
			return nil
		})
	}
	list := func(prefix string) (out []string) {
		view(t, j, func(r journal.Reader) {
			for kv, err := range r.Notes(prefix) {
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, kv.Key+"="+string(kv.Value))
			}
		})
		return out
	}
	set("device/s2", "two", "device/s1", "one", "user/a", "A")
	same(t, "devices", list("device/"), []string{"device/s1=one", "device/s2=two"})
	set("device/s1", "uno", "user/a", "")
	same(t, "everything", list(""), []string{"device/s1=uno", "device/s2=two"})
	j = m.Reopen(t, j)
	defer func() { _ = j.Close() }()
	view(t, j, func(r journal.Reader) {
		if _, ok, err := r.Note("user/a"); ok || err != nil {
			t.Error("a removed note is back", err)
		}
		if v, ok, err := r.Note("device/s1"); !ok || err != nil || string(v) != "uno" {
			t.Error(string(v), ok, err)
		}
	})
}

func inbound(t *testing.T, m Maker) {
	j := open(t, m)
	row := func(id string, fate record.Fate) record.Inbound {
		return record.Inbound{ID: id, Channel: "lab", ControlID: "C" + id, Answer: "AA", Fate: fate, Raw: record.Hash{1}, Size: 9}
	}
	for _, id := range []string{"z", "m", "a"} {
		update(t, j, func(tx journal.Tx) error { return tx.SetInbound(row(id, record.FateQuarantined)) })
	}
	update(t, j, func(tx journal.Tx) error {
		return errors.Join(tx.SetInbound(row("m", record.FateFiled)), tx.SetInbound(row("b", record.FateFiled)), tx.SetInbound(row("0", record.FateFiled)))
	})
	j = m.Reopen(t, j)
	defer func() { _ = j.Close() }()
	view(t, j, func(r journal.Reader) {
		var got []string
		for in, err := range r.Inbounds() {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, in.ID+":"+string(in.Fate))
		}
		same(t, "rows", got, []string{"z:quarantined", "m:filed", "a:quarantined", "b:filed", "0:filed"})
		in, ok, err := r.Inbound("m")
		if !ok || err != nil || !reflect.DeepEqual(in, row("m", record.FateFiled)) {
			t.Errorf("%+v %v %v", in, ok, err)
		}
		if _, ok, _ := r.Inbound("q"); ok {
			t.Error("a message that never came")
		}
	})
}

func wholeEntries(t *testing.T, m Maker) {
	j := open(t, m)
	c := Observation("p1", "k1", 1, "6.80")
	c.Stamps, c.Author, c.Reason = &record.Stamps{Message: 5}, record.Author{Sender: "lab"}, "first"
	mu, rc := Mutation(c, 1)
	wrote := update(t, j, func(tx journal.Tx) error {
		return errors.Join(tx.Put(c), tx.Put(Task("p1", "t", 1, potassium)), tx.Receipted(mu, rc), tx.Audit([]byte(`{"resourceType":"AuditEvent"}`)),
			tx.SetInbound(record.Inbound{ID: "m1", Refs: []fhir.Ref{potassium}}), tx.SetNote("a", []byte("1")), tx.SetNote("b", nil))
	})
	put(t, j, Observation("p1", "k1", 2, "1"))
	j = m.Reopen(t, j)
	defer func() { _ = j.Close() }()
	view(t, j, func(r journal.Reader) {
		for e, err := range r.Entries(0) {
			if err != nil {
				t.Fatal(err)
			}
			a, _ := record.Encode(wrote)
			b, _ := record.Encode(e)
			if !bytes.Equal(a, b) {
				t.Errorf("the entry came back changed:\n%+v\n%+v", wrote, e)
			}
			break
		}
		for e, err := range r.Trail(0) {
			must(t, err)
			want := wrote
			if e.Position > 1 {
				break
			}
			want.Changes = nil
			a, _ := record.Encode(want)
			b, _ := record.Encode(e)
			if !bytes.Equal(a, b) {
				t.Errorf("the entry came back changed, but for its changes:\n%+v\n%+v", want, e)
			}
		}
		n := 0
		for e, err := range r.Entries(1) {
			if err != nil || e.Position != 2 {
				t.Error(e.Position, err)
			}
			n++
		}
		for _, err := range r.Entries(2) {
			must(t, err)
			n++
		}
		if n != 1 {
			t.Errorf("%d entries after 1 and after 2", n)
		}
	})
}

func reopen(t *testing.T, m Maker) {
	j := open(t, m)
	put(t, j, Observation("p1", "k1", 1, "1"))
	put(t, j, Observation("p1", "k1", 2, "2"), Encounter("p1", "e1", 1, "in-progress", "4B"))
	head, epoch := j.Head(), j.Epoch()
	j = m.Reopen(t, j)
	defer func() { _ = j.Close() }()
	if j.Head() != head || j.Epoch().ID != epoch.ID {
		t.Errorf("head %+v, was %+v", j.Head(), head)
	}
	if e := put(t, j, Observation("p1", "k1", 3, "3")); e.Position != 3 {
		t.Errorf("the next position is %d", e.Position)
	}
	view(t, j, func(r journal.Reader) {
		same(t, "ward", find(t, r, journal.ByWard, "4B"), []string{"Encounter/e1"})
	})
	if v := verify(t, j); v.Entries != 3 || v.Changes != 4 {
		t.Errorf("%+v", v)
	}
}

func malformed(t *testing.T, m Maker) {
	j := open(t, m)
	ok := Observation("p1", "k1", 1, "1")
	bad := map[string]func(*record.Change){
		"type":    func(c *record.Change) { c.Ref.Type = "Obs\x00" },
		"no type": func(c *record.Change) { c.Ref.Type = "" },
		"id":      func(c *record.Change) { c.Ref.ID = "a b" },
		"patient": func(c *record.Change) { c.Patient = "p/1" },
		"no body": func(c *record.Change) { c.Body = nil },
		"no json": func(c *record.Change) { c.Body = []byte("<xml/>") },
	}
	for name, spoil := range bad {
		c := ok
		spoil(&c)
		_, err := j.Update(context.Background(), func(tx journal.Tx) error { return tx.Put(c) })
		wantKind(t, name, err, fault.Invalid)
	}
	mu, rc := Mutation(ok, 1)
	rc.Mutation = "sabcdefghijk2-2"
	writes := map[string]func(journal.Tx) error{
		"receipt of another":  func(tx journal.Tx) error { return tx.Receipted(mu, rc) },
		"empty audit":         func(tx journal.Tx) error { return tx.Audit(nil) },
		"nameless message":    func(tx journal.Tx) error { return tx.SetInbound(record.Inbound{}) },
		"nameless note":       func(tx journal.Tx) error { return tx.SetNote("", []byte("v")) },
		"note with long name": func(tx journal.Tx) error { return tx.SetNote(strings.Repeat("k", 9999), []byte("v")) },
	}
	for name, write := range writes {
		_, err := j.Update(context.Background(), write)
		wantKind(t, name, err, fault.Invalid)
	}
	if j.Head().Position != 0 {
		t.Error("something was written")
	}
}
