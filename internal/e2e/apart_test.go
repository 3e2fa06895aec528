package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/journal/memjournal"
	"wardlight/internal/central/scope"
	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/cache"
	"wardlight/internal/station/desk"
	"wardlight/internal/trust/keys"
)

// house is a hospital in one process: the real way in, the real scope, and
// stations that are real desks over real caches. Only the line between them is
// the test's, so that a story says exactly who knows what when.
type house struct {
	*testing.T
	j   *memjournal.Journal
	in  *submit.Submitter
	out *scope.Source

	mu   sync.Mutex
	time time.Time
	next int
}

var began = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func newHouse(t *testing.T) *house {
	h := &house{T: t, time: began}
	h.j = memjournal.New(memjournal.Options{Epoch: record.Epoch{ID: "e1", Cause: record.CauseFirst}, Now: func() int64 { return h.now().UnixMilli() }})
	h.in = submit.New(submit.Options{Journal: h.j, Now: h.now})
	h.out = scope.New(h.j, h.now)
	for user, role := range map[record.UserID]string{"g.mensah": "nurse", "t.blake": "nurse", "i.amara": "doctor"} {
		check(t, h.in.PutAccount(context.Background(), record.Author{User: "root"}, record.Account{User: user, Name: string(user), Role: role, Wards: []record.Ward{"4B", "5A"}}))
	}
	return h
}

func (h *house) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.time
}

func (h *house) later(d time.Duration) {
	h.mu.Lock()
	h.time = h.time.Add(d)
	h.mu.Unlock()
}

// admit puts somebody on a ward; a further call moves them.
func (h *house) admit(number, family string, w record.Ward) fhir.ID {
	h.Helper()
	h.next++
	subject := fhir.Reference{Reference: record.SubjectRef}
	id := fhir.Identifier{System: "urn:h", Value: number}
	made := func(v any) []record.Op {
		b, err := fhir.Make(v)
		check(h.T, err)
		return []record.Op{{Kind: record.OpPut, Value: b}}
	}
	s := record.Subject{Identifiers: []fhir.Identifier{id}, Family: family, BirthDate: "1954-03-14", MayCreate: true}
	e := fhir.Encounter{ResourceType: fhir.TypeEncounter, ID: fhir.ID("v" + number), Status: "in-progress", Subject: &subject, Extension: []fhir.Extension{
		{URL: fhir.ExtWard, ValueString: fhir.Str(string(w))}, {URL: fhir.ExtBed, ValueString: fhir.Str("07")},
	}}
	p := fhir.Patient{ResourceType: fhir.TypePatient, ID: record.SubjectID, Identifier: []fhir.Identifier{id}, Name: []fhir.HumanName{{Family: family}}, BirthDate: "1954-03-14"}
	row, err := h.in.File(context.Background(), record.Filing{
		Inbound: record.Inbound{ID: fmt.Sprint("m", h.next), Channel: "adt", ControlID: fmt.Sprint(h.next), Type: "ADT^A02", Answer: "AA", Size: 1},
		Groups: []record.Group{{Subject: s, Ward: w, Drafts: []record.Draft{
			{Ref: fhir.Ref{Type: fhir.TypePatient, ID: record.SubjectID}, Ops: made(p), Event: h.now().UnixMilli()},
			{Ref: fhir.Ref{Type: fhir.TypeEncounter, ID: e.ID}, Ops: made(e), Event: h.now().UnixMilli()},
		}}},
	})
	check(h.T, err)
	if row.Fate != record.FateFiled {
		h.Fatalf("admission: %s (%s)", row.Fate, row.Reason)
	}
	var who fhir.ID
	check(h.T, h.j.View(context.Background(), func(r journal.Reader) error {
		c, _, err := r.Current(fhir.Ref{Type: fhir.TypeEncounter, ID: e.ID})
		who = c.Patient
		return err
	}))
	return who
}

func (h *house) history(ref fhir.Ref) (list []record.Change) {
	h.Helper()
	check(h.T, h.j.View(context.Background(), func(r journal.Reader) error {
		for c, err := range r.History(ref) {
			if err != nil {
				return err
			}
			list = append(list, c)
		}
		return nil
	}))
	return list
}

// post is one station.
type post struct {
	*house
	peer  record.Peer
	cache *cache.Cache
	desk  *desk.Desk
}

func (h *house) post(id record.StationID, w record.Ward, user string) *post {
	h.Helper()
	key, err := keys.NewDeviceKey(nil)
	check(h.T, err)
	dev := record.Device{Station: id, Wards: []record.Ward{w}, Place: "Ward " + string(w), Key: key.Public()}
	check(h.T, h.in.PutDevice(context.Background(), record.Author{User: "root"}, dev))
	dev, err = h.in.Device(context.Background(), id)
	check(h.T, err)
	seal, err := keys.NewSealIdentity()
	check(h.T, err)
	c, err := cache.Open(context.Background(), cache.Options{
		Dir: h.TempDir(), Key: keys.NewKey(), Station: id, DeviceSealing: seal, RecoveryRecipient: seal.Recipient(), Reserve: 1 << 20, Now: h.now,
	})
	check(h.T, err)
	p := &post{house: h, peer: record.Peer{Device: dev}, cache: c}
	p.desk, err = desk.New(desk.Config{Store: desk.OverCache(c), Signer: desk.Always(key), Station: id, Place: dev.Place, Now: h.now, Ward: string(w), Wards: dev.Wards})
	check(h.T, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.desk.Run(ctx) }()
	h.Cleanup(func() {
		cancel()
		check(h.T, <-done)
		check(h.T, c.Close())
	})
	p.desk.SetSession(ward.Person{User: user, Name: user, Role: map[bool]string{true: "doctor", false: "nurse"}[user == "i.amara"], Wards: []string{"4B", "5A"}})
	p.pull()
	return p
}

// pull brings everything down that is in the station's scope, push sends up
// what was written, meet does both: the network is back.
func (p *post) pull() {
	p.Helper()
	ctx := context.Background()
	at, err := p.cache.Cursor()
	check(p.T, err)
	for more := true; more; {
		if at.Epoch == "" {
			at.Epoch = "e1"
		}
		var b record.Batch
		b, more, err = p.out.Batch(ctx, p.peer.Device, at, 1<<20)
		check(p.T, err)
		if b.To == at.Position {
			break
		}
		check(p.T, p.cache.Apply(ctx, b))
		at = b.Cursor()
	}
	wait, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	check(p.T, p.desk.Settle(wait))
}

func (p *post) push() []record.Receipt {
	p.Helper()
	ctx := context.Background()
	muts, err := p.cache.Unsent(0, 1000)
	check(p.T, err)
	list, err := p.in.SubmitRun(ctx, p.peer, muts)
	check(p.T, err)
	check(p.T, p.cache.Receipted(ctx, list))
	return list
}

func (p *post) meet() []record.Receipt {
	p.Helper()
	list := p.push()
	p.pull()
	return list
}

func (p *post) act(c ward.Command) ward.Done {
	p.Helper()
	p.later(time.Second)
	done, err := p.desk.Do(context.Background(), c)
	check(p.T, err)
	if len(done.Ask) > 0 {
		p.Fatalf("%T asks %q", c, done.Ask)
	}
	return done
}

func (p *post) chart(id fhir.ID) ward.Chart {
	p.Helper()
	c, err := p.desk.Chart(context.Background(), id)
	check(p.T, err)
	return c
}

func (p *post) questions() []ward.Review {
	p.Helper()
	list, err := p.desk.Reviews(context.Background())
	check(p.T, err)
	return list
}

func words(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// A nurse writes a note and rewords it twice while the network is out: each
// wording names the one before it as its base, and all three arrive as written.
func TestRewordingAnUnsentNote(t *testing.T) {
	h := newHouse(t)
	p := h.admit("1", "Adeyemi", "4B")
	a, b := h.post("saaaaaaaaaaaa", "4B", "g.mensah"), h.post("sbbbbbbbbbbbb", "4B", "t.blake")
	note := a.act(ward.WriteNote{Patient: p, Text: "slept well"}).Made[0]
	a.act(ward.WriteNote{Patient: p, Text: "slept until three", Edit: note})
	a.act(ward.WriteNote{Patient: p, Text: "slept until four", Edit: note})
	muts, err := a.cache.Unsent(0, 10)
	check(t, err)
	if len(muts) != 3 || muts[1].BaseMut != muts[0].ID || muts[2].BaseMut != muts[1].ID {
		t.Fatalf("bases: %s", words(muts))
	}
	for _, r := range a.meet() {
		if r.Outcome != record.Applied {
			t.Errorf("%s: %s (%s)", r.Mutation, r.Outcome, r.Reason)
		}
	}
	b.pull()
	for _, at := range []*post{a, b} {
		n := at.chart(p).Notes
		if len(n) != 1 || n[0].Text != "slept until four" || n[0].Unsent {
			t.Errorf("on %s: %s", at.peer.Device.Station, words(n))
		}
	}
	if n := len(h.history(fhir.Ref{Type: fhir.TypeCommunication, ID: note})); n != 3 {
		t.Errorf("%d wordings in history, want 3", n)
	}
}

// The clinic knows of a penicillin allergy, the ward of none. Two people decide
// it differently, neither seeing the other: nobody's answer wins, the allergy is
// in force, and it is asked again, until one decides with both in view.
func TestTwoPeopleDecideApart(t *testing.T) {
	h := newHouse(t)
	p := h.admit("1", "Adeyemi", "4B")
	a, b := h.post("saaaaaaaaaaaa", "4B", "g.mensah"), h.post("sbbbbbbbbbbbb", "4B", "i.amara")
	a.act(ward.AddAllergy{Patient: p, Substance: "Penicillin", Reaction: "anaphylaxis", Severity: "severe", Certainty: "confirmed"})
	b.act(ward.NoKnownAllergies{Patient: p})
	a.meet()
	b.meet()
	a.pull()
	qa, qb := a.questions(), b.questions()
	if len(qa) != 1 || len(qb) != 1 || qa[0].ID != qb[0].ID {
		t.Fatalf("asked: %s\n%s", words(qa), words(qb))
	}
	side := func(q ward.Review, inForce bool) string {
		return q.Sides[slices.IndexFunc(q.Sides, func(s ward.Side) bool { return s.InForce == inForce })].Ref
	}
	a.act(ward.Decide{Review: qa[0].ID, Version: qa[0].Version, Side: side(qa[0], true), Reason: "she told me"})
	b.act(ward.Decide{Review: qb[0].ID, Version: qb[0].Version, Side: side(qb[0], false), Reason: "GP says none"})
	a.meet()
	receipts := b.meet()
	a.pull()
	if r := receipts[len(receipts)-1]; r.Outcome != record.Review || r.Review == "" {
		t.Errorf("the second decision: %+v", r)
	}
	for _, at := range []*post{a, b} {
		q := at.questions()
		if len(q) != 1 || q[0].ID == qa[0].ID || at.chart(p).Allergies.State != ward.AllergyKnown {
			t.Fatalf("on %s: %s, allergies %s", at.peer.Device.Station, words(q), at.chart(p).Allergies.State)
		}
	}
	q := b.questions()[0]
	b.act(ward.Decide{Review: q.ID, Version: q.Version, Side: side(q, true), Reason: "asked her together"})
	b.meet()
	a.pull()
	for _, at := range []*post{a, b} {
		if len(at.questions()) != 0 || at.chart(p).Allergies.State != ward.AllergyKnown {
			t.Errorf("on %s after the last decision: %s", at.peer.Device.Station, words(at.questions()))
		}
	}
	// Every answer is in history with who gave it and when.
	var who []string
	for _, c := range h.history(fhir.Ref{Type: fhir.TypeTask, ID: qa[0].ID}) {
		if c.Author.User != "" && c.Times.Station != 0 {
			who = append(who, string(c.Author.User))
		}
	}
	if !slices.Contains(who, "g.mensah") || !slices.Contains(who, "i.amara") {
		t.Errorf("decisions in history by %v", who)
	}
}

// What cannot be applied is kept and answered, and the lane behind it goes on:
// only what was built on it goes with it.
func TestTheLaneGoesOn(t *testing.T) {
	h := newHouse(t)
	p := h.admit("1", "Adeyemi", "4B")
	check(t, h.in.PutAccount(context.Background(), record.Author{User: "root"}, record.Account{User: "t.blake", Name: "x", Role: "nurse", Wards: []record.Ward{"5A"}}))
	b := h.post("sbbbbbbbbbbbb", "4B", "t.blake")
	one := b.act(ward.AddAllergy{Patient: p, Substance: "not my ward any more"}).Made[0]
	b.desk.SetSession(ward.Person{User: "g.mensah", Name: "g.mensah", Role: "nurse", Wards: []string{"4B"}})
	b.act(ward.RefuteAllergy{Patient: p, Allergy: one, Reason: "a slip"})
	b.act(ward.WriteNote{Patient: p, Text: "mine"})
	got := b.meet()
	want := []record.Outcome{record.Refused, record.Refused, record.Applied}
	for i, r := range got {
		if r.Outcome != want[i] || r.Position == 0 {
			t.Errorf("receipt %d: %s (%s)", i, r.Outcome, r.Reason)
		}
	}
	if !strings.Contains(got[1].Reason, "builds on one that was refused") {
		t.Errorf("what was built on it: %q", got[1].Reason)
	}
	if n := b.cache.Count().Unsent; n != 0 {
		t.Errorf("%d entries are stuck", n)
	}
	// Nothing of it is lost: what was refused is in the journal, as signed.
	kept := 0
	check(t, h.j.View(context.Background(), func(r journal.Reader) error {
		for e, err := range r.Entries(0) {
			if err != nil {
				return err
			}
			for _, m := range e.Mutations {
				if m.ID == record.MutationID(one) && strings.Contains(string(m.Ops[0].Value), "not my ward any more") {
					kept++
				}
			}
		}
		return nil
	}))
	if kept != 1 {
		t.Errorf("the refused entry is kept %d times", kept)
	}
}

// A doctor orders while she is cut off; an allergy is recorded elsewhere. The
// order is carried out and says what she had not seen; the same test asked for
// by somebody else waits for a decision.
func TestAnOrderAgainstAnOldAllergyList(t *testing.T) {
	h := newHouse(t)
	p := h.admit("1", "Adeyemi", "4B")
	a, b := h.post("saaaaaaaaaaaa", "4B", "i.amara"), h.post("sbbbbbbbbbbbb", "4B", "g.mensah")
	b.act(ward.AddAllergy{Patient: p, Substance: "Iodine contrast", Severity: "severe", Certainty: "confirmed"})
	b.act(ward.PlaceOrder{Patient: p, Test: "Potassium", Code: "2823-3"})
	b.meet()
	order := a.act(ward.PlaceOrder{Patient: p, Test: "CT with contrast"}).Made[0]
	twice := a.act(ward.PlaceOrder{Patient: p, Test: "Potassium", Code: "2823-3"}).Made[0]
	a.meet()
	b.pull()
	for _, at := range []*post{a, b} {
		for _, o := range at.chart(p).Orders {
			said := strings.Join(o.Remarks, "; ")
			switch o.ID {
			case order:
				if !strings.Contains(said, "had not seen the newest allergies") {
					t.Errorf("on %s the order against the old list says %q", at.peer.Device.Station, said)
				}
			case twice:
				if !strings.Contains(said, "waits until somebody decides") {
					t.Errorf("on %s the second potassium says %q", at.peer.Device.Station, said)
				}
			}
		}
		if q := at.questions(); len(q) != 1 || !strings.Contains(q[0].Question, "Potassium wanted more than once") {
			t.Errorf("on %s: %s", at.peer.Device.Station, words(q))
		}
	}
	// Asked for once more on purpose, it is no question.
	c := h.post("scccccccccccc", "4B", "g.mensah")
	c.act(ward.PlaceOrder{Patient: p, Test: "CT with contrast", Reason: "the first one was blurred"})
	c.meet()
	if q := c.questions(); len(q) != 1 {
		t.Errorf("asked for again on purpose: %s", words(q))
	}
}

// A patient is moved while the ward is cut off: both wards hold her until the
// old one learns of it. What was written there goes up first, and then she is
// erased there by herself.
func TestAMoveDuringAnOutage(t *testing.T) {
	h := newHouse(t)
	p := h.admit("1", "Adeyemi", "4B")
	old, fresh := h.post("saaaaaaaaaaaa", "4B", "g.mensah"), h.post("sbbbbbbbbbbbb", "5A", "t.blake")
	h.later(time.Hour)
	h.admit("1", "Adeyemi", "5A")
	fresh.pull()
	old.act(ward.WriteNote{Patient: p, Text: "written on 4B, cut off"})
	if len(old.chart(p).Notes) != 1 || len(fresh.chart(p).Notes) != 0 {
		t.Error("both wards hold her until the move is known")
	}
	old.pull() // the news comes before the outbox has gone
	if _, err := old.desk.Chart(context.Background(), p); err != nil {
		t.Errorf("erased before the note had gone up: %v", err)
	}
	if r := old.push(); len(r) != 1 || r[0].Outcome != record.Applied {
		t.Errorf("receipts: %s", words(r))
	}
	old.pull()
	if _, err := old.desk.Chart(context.Background(), p); err == nil {
		t.Error("still on the old ward after everything was sent")
	}
	fresh.pull()
	if n := fresh.chart(p).Notes; len(n) != 1 || n[0].Text != "written on 4B, cut off" {
		t.Errorf("on the new ward: %s", words(n))
	}
}

// On her list she stays with the nurse who follows her, on another ward too;
// taken off it, she goes by herself.
func TestAPatientFollowedByAList(t *testing.T) {
	h := newHouse(t)
	p := h.admit("1", "Adeyemi", "4B")
	a := h.post("saaaaaaaaaaaa", "4B", "g.mensah")
	a.act(ward.KeepOnList{Patient: p, Keep: true})
	a.meet()
	h.later(time.Hour)
	h.admit("1", "Adeyemi", "5A")
	a.meet()
	rows, err := a.desk.MyList(context.Background())
	check(t, err)
	if len(rows) != 1 || rows[0].Who.ID != p || rows[0].Who.Ward != "5A" {
		t.Errorf("her list: %s", words(rows))
	}
	a.act(ward.WriteNote{Patient: p, Text: "visited on 5A"})
	a.act(ward.KeepOnList{Patient: p, Keep: false})
	for _, r := range a.meet() {
		if r.Outcome == record.Refused {
			t.Errorf("%s: %s", r.Mutation, r.Reason)
		}
	}
	if n := a.cache.Count().Patients; n != 0 {
		t.Errorf("%d patients held after she was taken off", n)
	}
}
