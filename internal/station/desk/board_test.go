package desk_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
	"wardlight/internal/station/desk"
	"wardlight/internal/trust/audit"
)

func TestWhoIsOnTheBoard(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	other := admitted("p2", "Rossi", "Giulia", "02")
	other[1]["extension"].([]any)[0].(obj)["valueString"] = "5C"
	gone := admitted("p3", "Fischer", "Ute", "10")
	gone[1]["status"] = "finished"
	r.send(append(append(other, gone...), admitted("p4", "Okafor", "Chidi", "2")...)...)
	rows, err := r.desk.Board(bg)
	ok(t, err)
	var who []string
	for _, x := range rows {
		who = append(who, x.Who.Bed+" "+x.Who.Family)
	}
	if got := strings.Join(who, ", "); got != "2 Okafor, 07 Adeyemi" {
		t.Errorf("board: %s", got)
	}
	r.send(potassium("k1", "p07", "6.8", "final", "HH"))
	if rows, _ = r.desk.Board(bg); rows[0].Who.ID != folake || rows[0].Criticals != 1 {
		t.Errorf("a critical is not first: %s", show(rows[0].Who))
	}
	r.batch(nil, []fhir.ID{folake})
	if rows, _ = r.desk.Board(bg); len(rows) != 1 {
		t.Errorf("who left the ward stays: %s", show(rows))
	}
	if _, err := r.desk.Chart(bg, folake); !fault.Is(err, fault.NotFound) || !strings.Contains(err.Error(), "may have left the ward") {
		t.Errorf("chart of who left: %v", err)
	}
}

func TestWhoSomebodyIs(t *testing.T) {
	r := newRoom(t)
	p := admitted("p07", "Adeyemi", "Folake", "07")
	p[0]["name"] = []any{obj{"use": "maiden", "family": "Okoro"}, obj{"use": "official", "family": "Adeyemi", "given": []any{"Folake", "Ruth"}, "prefix": []any{"Mrs"}}}
	p[1]["participant"] = []any{obj{"type": []any{coded("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "ATND", "")}, "individual": obj{"display": "Dr Hana Osei"}}}
	r.send(p...)
	who, err := r.desk.Patient(bg, folake)
	ok(t, err)
	if who.ShowName() != "ADEYEMI, Folake Ruth" || who.Title != "Mrs" || who.Age != "72y" || who.Gender != "Female" || who.Number != "999 041 7733" || who.NumberName != "NHS No." ||
		who.Consultant != "Dr Hana Osei" || who.Ward != "4B" {
		t.Errorf("who: %s", show(who))
	}
	p[0] = obj{
		"resourceType": "Patient", "id": "p07", "deceasedBoolean": true, "identifier": []any{obj{"system": fhir.SystemNHSNumber, "value": "9990417732"}},
		"extension": []any{obj{"url": fhir.ExtTemporary, "valueBoolean": true}},
	}
	r.send(p[0])
	who, err = r.desk.Patient(bg, folake)
	ok(t, err)
	if who.ShowName() != "NAME NOT KNOWN" || who.Age != "" || who.Gender != "Not known" || who.Died != "date not known" || !who.Temporary || who.Number != "9990417732" || who.NumberName == "NHS No." {
		t.Errorf("who: %s", show(who))
	}
}

func TestNHSNumbers(t *testing.T) {
	for number, want := range map[string]bool{
		"9990417733": true, "999 041 7733": true, "999-041-7733": true, "4010232137": true,
		"9990417732": false, "999041773": false, "99904177332": false, "999O417732": false, "": false,
	} {
		if got := desk.ValidNHS(number); got != want {
			t.Errorf("%q: %v", number, got)
		}
	}
}

func TestSimilarNames(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(admitted("p17", "Nguyen", "Van Manh", "17")...)
	r.send(admitted("p18", "NGUYỄN", "Van Minh", "18")...)
	r.send(admitted("p2", "Rossi", "Giulia", "02")...)
	r.send(admitted("p3", "Rossi", "Bartolomeo", "03")...)
	for id, want := range map[fhir.ID]bool{"p17": true, "p18": true, "p07": false, "p2": false, "p3": false} {
		if r.row(id).Who.Similar != want || r.chart(id).Who.Similar != want {
			t.Errorf("%s: similar = %v, want %v", id, r.row(id).Who.Similar, want)
		}
	}
}

func TestFindingSomebody(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(admitted("p04", "Wojtyła", "Anna Maria", "04")...)
	r.send(admitted("p03", "O’Connor", "Máeve", "12")...)
	for text, want := range map[string]string{
		"adey": "p07", "folake adeyemi": "p07", "Adeyemi Folake": "p07", "WOJTYLA": "p04", "maria woj": "p04", "oconnor": "p03", "o'con": "p03", "maeve": "p03",
		"bed 12": "p03", "7": "p07", "zzz": "", "adeyemi anna": "", "": "", "  ": "",
	} {
		found, err := r.desk.Search(bg, text)
		ok(t, err)
		var ids []string
		for _, f := range found {
			ids = append(ids, string(f.ID))
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%q finds %q, want %q", text, got, want)
		}
	}
	if found, _ := r.desk.Search(bg, "999 041"); len(found) != 3 {
		t.Errorf("by number: %d", len(found))
	}
}

// Nobody signed in reads nothing; behind a lock neither.
func TestNothingWithoutASession(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	all := func(kind fault.Kind) {
		t.Helper()
		_, e1 := r.desk.Board(bg)
		_, e2 := r.desk.Chart(bg, folake)
		_, e3 := r.desk.Alerts(bg)
		_, e4 := r.desk.Reviews(bg)
		_, e5 := r.desk.Search(bg, "ade")
		_, e6 := r.desk.HeldBack(bg)
		_, e7 := r.desk.Drafts(bg)
		_, e8 := r.desk.Do(bg, ward.NoKnownAllergies{Patient: folake})
		for i, err := range []error{e1, e2, e3, e4, e5, e6, e7, e8, r.desk.Open(bg, folake), r.desk.OpenList(bg, "board", "")} {
			if !fault.Is(err, kind) {
				t.Errorf("%d: err = %v, want %s", i, err, kind)
			}
		}
	}
	r.desk.Lock()
	all(fault.Denied)
	r.desk.EndSession()
	all(fault.Unknown)
	r.desk.SetSession(grace)
	r.chart(folake)
}

// Every look is in the chain before the chart is drawn, and a refused one too.
func TestEveryLookIsAudited(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	ok(t, r.desk.Open(bg, folake))
	ok(t, r.desk.OpenList(bg, "search", "adeyemi"))
	r.do(penicillin)
	r.desk.SetSession(ward.Person{User: "s.far", Name: "Sam Far, nurse", Role: "nurse", Wards: []string{"9Z"}})
	if err := r.desk.Open(bg, folake); !fault.Is(err, fault.Denied) || !strings.Contains(err.Error(), "not on a ward of this person") {
		t.Errorf("another ward's nurse: %v", err)
	}
	r.refused(fault.Denied, "You may not do this here", ward.NoKnownAllergies{Patient: folake})
	r.desk.SetSession(ward.Person{User: "i.m", Role: "interface-manager", Wards: []string{"4B"}})
	r.refused(fault.Denied, "interface manager may not", ward.WriteNote{Patient: folake, Text: "x"})
	var got []string
	for _, e := range r.looks() {
		got = append(got, fmt.Sprintf("%s %s %s %s %s", e.Who.User, e.Action, e.Patient, e.Outcome, e.Query))
	}
	want := []string{
		"g.mensah sign-in  0 ", "g.mensah read p07 0 ", "g.mensah search  0 search of ward 4B: adeyemi", "g.mensah create p07 0 ",
		"s.far sign-in  0 ", "s.far read p07 4 ", "s.far update p07 4 ", "i.m sign-in  0 ", "i.m update p07 4 ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("looks:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A subscriber who does not read blocks nobody and costs little; when it reads
// it learns that everything changed.
func TestASlowSubscriberBlocksNobody(t *testing.T) {
	r := newRoom(t)
	ctx, cancel := context.WithCancel(bg)
	defer cancel()
	slow := r.desk.Subscribe(ctx)
	for i := range 400 {
		r.send(admitted(fmt.Sprintf("p%d", i), "Test", "Given", "1")...)
	}
	r.desk.LinkChanged(desk.LinkState{Connected: true})
	kinds := map[ward.NoticeKind]int{}
	everybody := false
	for len(kinds) < 2 || !everybody {
		select {
		case n := <-slow:
			kinds[n.Kind]++
			everybody = everybody || n.Kind == ward.NoticePatients && len(n.Patients) == 0
		case <-time.After(time.Minute):
			t.Fatalf("only %v", kinds)
		}
	}
	if kinds[ward.NoticePatients] > 3 {
		t.Errorf("%d notices about patients: they did not run together", kinds[ward.NoticePatients])
	}
	cancel()
	for range slow {
	}
}

func TestNoticesNameTheirPatients(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	ctx, cancel := context.WithCancel(bg)
	defer cancel()
	ch := r.desk.Subscribe(ctx)
	r.send(potassium("k1", "p07", "6.8", "final", "HH"))
	seen := map[ward.NoticeKind][]fhir.ID{}
	for len(seen) < 2 {
		select {
		case n := <-ch:
			seen[n.Kind] = n.Patients
		case <-time.After(time.Minute):
			t.Fatalf("only %v", seen)
		}
	}
	if _, alert := seen[ward.NoticeAlert]; !alert || !slices.Equal(seen[ward.NoticePatients], []fhir.ID{folake}) {
		t.Errorf("notices: %v", seen)
	}
	if _, review := seen[ward.NoticeReviews]; review {
		t.Error("a result made a review")
	}
}

// A message that could not be filed holds a critical value: the ward is told,
// and another ward is not.
func TestHeldBackMessages(t *testing.T) {
	r := newRoom(t)
	held := func(id, ward, status string) obj {
		return obj{
			"resourceType": "Task", "id": id, "status": status, "intent": "order", "code": coded(fhir.SystemTaskCode, fhir.TaskHeldBack, ""),
			"description": "Not filed, identity unconfirmed: a critical result", "input": []any{obj{"type": coded(fhir.SystemTaskParam, fhir.ParamWard, ""), "valueString": ward}},
		}
	}
	var list []record.Change
	shared, all, part := held("h4", "5C", "requested"), held("h5", "", "requested"), held("h6", "4B", "requested")
	param := func(code, says string) obj {
		return obj{"type": coded(fhir.SystemTaskParam, code, ""), "valueString": says}
	}
	shared["input"] = []any{param(fhir.ParamWard, "5C"), param(fhir.ParamWard, "4B")}
	all["input"] = []any{param(fhir.ParamMessage, "m1")}
	part["input"] = []any{param(fhir.ParamFiled, fhir.FiledInPart), param(fhir.ParamWard, "4B")}
	part["priority"] = "asap" // the rest was filed, and this part holds no critical value
	for _, b := range []obj{held("h1", "4B", "requested"), held("h2", "5C", "requested"), held("h3", "4B", "completed"), shared, all, part} {
		ch := r.accept(b, record.Author{Sender: "central"})
		ch.Wards = []record.Ward{"4B"}
		list = append(list, ch)
	}
	r.batch(list, nil)
	got, err := r.desk.HeldBack(bg)
	ok(t, err)
	if len(got) != 4 || got[0].ID != "h1" || got[0].Since.IsZero() || !strings.Contains(got[0].Words, "identity unconfirmed") {
		t.Fatalf("held back: %s", show(got))
	}
	if got[1].ID != "h4" || got[2].ID != "h5" || got[3].ID != "h6" || got[0].Partial || !got[3].Partial {
		t.Errorf("one for two wards, one for every ward, one of a part: %s", show(got))
	}
	w, err := r.desk.Wall(bg)
	ok(t, err)
	if _, critical := r.desk.Waiting(); critical != 3 || w.HeldBack != 3 {
		t.Errorf("critical: %d at the sign-in, %d on the wall", critical, w.HeldBack)
	}
}

// The program is killed with work unsent; when it starts again everything is
// there, still unsent.
func TestUnsentWorkIsThereAfterAStart(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", "p07", "6.8", "final", "HH"))
	r.do(ward.Take{Patient: folake, Result: "k1", Version: 1})
	r.do(penicillin)
	r.close()
	r.open()
	row := r.row(folake)
	if row.Unsent != 2 || row.Allergies.Worst != "Penicillin" || row.Critical == nil || row.Critical.Open {
		t.Errorf("row: %s", show(row))
	}
	if looks := r.looks(); len(looks) == 0 || looks[1].Action != audit.Create {
		t.Errorf("looks: %d", len(looks))
	}
	r.do(ward.WriteNote{Patient: folake, Text: "still here"})
	r.drain()
	if l := r.desk.Link(); l.Unsent != 0 {
		t.Errorf("%d unsent", l.Unsent)
	}
}

// brokenStore fails to commit, as told.
type brokenStore struct {
	desk.Store
	err error
}

func (b brokenStore) Commit(ctx context.Context, muts []record.Mutation, looks [][]byte, facts ...cache.Fact) error {
	if len(muts) > 0 {
		return b.err
	}
	return b.Store.Commit(ctx, muts, looks, facts...)
}

// What cannot be saved is said in words, with what to do; nothing shows it as
// saved.
func TestWhatCannotBeSaved(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	for want, err := range map[string]error{
		"disk is nearly full. What was saved before is safe; this was not saved. Write it on paper": fault.New(fault.Full, "cache.commit", "", "0 bytes"),
		"could not save. Nothing was saved. Try again":                                              fault.New(fault.Unavailable, "cache.commit", "", "input/output error"),
	} {
		d, e := desk.New(desk.Config{Store: brokenStore{desk.OverCache(r.cache), err}, Signer: desk.Always(r.device), Station: station, Now: r.clock, Ward: "4B"})
		ok(t, e)
		d.SetSession(grace)
		_, got := d.Do(bg, penicillin)
		if !strings.Contains(got.Error(), want) || !errors.Is(got, err) || fault.KindOf(got) != fault.KindOf(err) {
			t.Errorf("%v, want %q", got, want)
		}
		c, e := d.Chart(bg, folake)
		ok(t, e)
		if c.Allergies.State != ward.AllergyNotRecorded {
			t.Error("shown and not saved")
		}
	}
}

// A failing signer, too, leaves nothing behind.
func TestNothingIsStoredUnsigned(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	d, err := desk.New(desk.Config{Store: desk.OverCache(r.cache), Signer: desk.Always(noKey{}), Station: station, Now: r.clock, Ward: "4B"})
	ok(t, err)
	d.SetSession(grace)
	if _, err := d.Do(bg, penicillin); !fault.Is(err, fault.Unavailable) || r.cache.Count().Unsent != 0 {
		t.Errorf("err %v, %d entries", err, r.cache.Count().Unsent)
	}
}

type noKey struct{}

func (noKey) ID() string { return "none" }
func (noKey) Sign([]byte) ([]byte, error) {
	return nil, fault.New(fault.Unavailable, "keys.sign", "", "the keyring does not answer")
}
