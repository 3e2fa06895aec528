package desk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
	"wardlight/internal/station/desk"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/bulk"
	"wardlight/internal/trust/keys"
	"wardlight/sync/merge"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/golang/glog.(*fileSink).flushDaemon"))
}

const station = record.StationID("sabcdefghijk2")

var (
	bg    = context.Background()
	grace = ward.Person{User: "g.mensah", Name: "Grace Mensah, nurse", Role: "nurse", Wards: []string{"4B"}}
	tom   = ward.Person{User: "t.blake", Name: "Tom Blake, nurse", Role: "nurse", Wards: []string{"4B"}}
	noon  = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
)

// room is a station with its own cache on disk, and a central that does what
// it is told.
type room struct {
	t      *testing.T
	opts   cache.Options
	cache  *cache.Cache
	device keys.DeviceKey
	desk   *desk.Desk
	stop   func()
	heads  func(ctx context.Context, patients []fhir.ID) (map[fhir.ID]record.Head, error)
	wrap   func(desk.Store) desk.Store // around the cache; nil: nothing

	mu     sync.Mutex
	now    time.Time
	up     time.Duration // by the clock that nobody sets
	boot   string
	limits bulk.Limits

	pos      record.Position
	versions map[fhir.Ref]record.Version
	bodies   map[fhir.Ref]fhir.Resource
}

func newRoom(t *testing.T) *room {
	t.Helper()
	id, err := keys.NewSealIdentity()
	ok(t, err)
	device, err := keys.NewDeviceKey(nil)
	ok(t, err)
	r := &room{
		t: t, device: device, now: noon, up: time.Hour, boot: "first", versions: map[fhir.Ref]record.Version{}, bodies: map[fhir.Ref]fhir.Resource{},
		opts: cache.Options{Dir: t.TempDir(), Key: keys.NewKey(), Station: station, DeviceSealing: id, RecoveryRecipient: id.Recipient(), Reserve: 1 << 20},
	}
	r.opts.Now = r.clock
	r.heads = func(context.Context, []fhir.ID) (map[fhir.ID]record.Head, error) { return nil, nil }
	r.open()
	t.Cleanup(func() { r.close() })
	return r
}

// open starts the station's program; close ends it. The disk stays.
func (r *room) open() {
	r.t.Helper()
	c, err := cache.Open(bg, r.opts)
	ok(r.t, err)
	r.cache = c
	store := desk.OverCache(c)
	if r.wrap != nil {
		store = r.wrap(store)
	}
	r.desk, err = desk.New(desk.Config{
		Store: store, Signer: desk.Always(r.device), Station: station, Place: "Ward 4B, computer 4B-02", Now: r.clock, Ward: "4B", FirstBoard: time.Second,
		Clock: r.clocks, PrintLimits: func() bulk.Limits { return r.limits },
		Heads: func(ctx context.Context, patients []fhir.ID) (map[fhir.ID]record.Head, error) {
			return r.heads(ctx, patients)
		},
	})
	ok(r.t, err)
	ctx, cancel := context.WithCancel(bg)
	done := make(chan error, 1)
	go func() { done <- r.desk.Run(ctx) }()
	r.stop = func() {
		cancel()
		if err := <-done; err != nil {
			r.t.Errorf("run: %v", err)
		}
		// Whatever the story was: nothing that is remembered was changed by who
		// was given it.
		if wrong := r.desk.Misremembered(bg); len(wrong) > 0 {
			r.t.Errorf("the memory of %v says something else than their records", wrong)
		}
		ok(r.t, c.Close())
	}
	r.desk.SetSession(grace)
}

func (r *room) close() {
	if r.stop != nil {
		r.stop()
		r.stop = nil
	}
}

func (r *room) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *room) clocks() bulk.Clock {
	r.mu.Lock()
	defer r.mu.Unlock()
	return bulk.Clock{Wall: r.now, Up: r.up, Boot: r.boot}
}

func (r *room) later(d time.Duration) {
	r.mu.Lock()
	r.now, r.up = r.now.Add(d), r.up+d
	r.mu.Unlock()
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// send is central accepting resources, in one batch.
func (r *room) send(bodies ...map[string]any) {
	r.t.Helper()
	var list []record.Change
	for _, b := range bodies {
		list = append(list, r.accept(b, record.Author{Sender: "lab LAB|HOSP"}))
	}
	r.batch(list, nil)
}

func (r *room) accept(body map[string]any, by record.Author) record.Change {
	r.t.Helper()
	raw, err := json.Marshal(body)
	ok(r.t, err)
	return r.acceptBody(raw, by, record.Times{Central: r.clock().UnixMilli()}, "", "")
}

func (r *room) acceptBody(raw fhir.Resource, by record.Author, times record.Times, mut record.MutationID, reason string) record.Change {
	r.t.Helper()
	canon, err := fhir.Canonical(raw)
	ok(r.t, err)
	ref, err := fhir.Resource(canon).Ref()
	ok(r.t, err)
	r.versions[ref]++
	r.bodies[ref] = canon
	var head struct {
		Subject, Patient, For *fhir.Reference
	}
	ok(r.t, json.Unmarshal(canon, &head))
	var patient fhir.ID
	if ref.Type == fhir.TypePatient {
		patient = ref.ID
	}
	for _, p := range []*fhir.Reference{head.Subject, head.Patient, head.For} {
		if p != nil {
			to, _ := p.Ref()
			patient = to.ID
		}
	}
	return record.Change{
		Ref: ref, Version: r.versions[ref], Patient: patient, Body: canon, Author: by, Times: times, Mutation: mut, Reason: reason,
		Clock: record.HLC{Wall: r.clock().UnixMilli(), Counter: uint32(r.versions[ref])},
	}
}

func (r *room) batch(list []record.Change, forget []fhir.ID) {
	r.t.Helper()
	from := r.pos
	r.pos++
	for i := range list {
		list[i].Position = r.pos
	}
	ok(r.t, r.cache.Apply(bg, record.Batch{
		Epoch: "e1", From: from, To: r.pos, Chain: record.Hash{byte(r.pos)}, Changes: list, Forget: forget, Time: r.clock().UnixMilli(), Station: station,
	}))
	r.settle()
}

func (r *room) settle() {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(bg, 10*time.Second)
	defer cancel()
	ok(r.t, r.desk.Settle(ctx))
}

// drain is central taking everything that waits, and sending it back.
func (r *room) drain() {
	r.t.Helper()
	r.answer(func(record.Mutation) record.Receipt { return record.Receipt{Outcome: record.Applied} })
}

// answer is drain by a central with a word of its own on each.
func (r *room) answer(word func(record.Mutation) record.Receipt) {
	r.t.Helper()
	muts, err := r.cache.Unsent(0, 1000)
	ok(r.t, err)
	if len(muts) == 0 {
		return
	}
	var list []record.Change
	var receipts []record.Receipt
	for _, m := range muts {
		r.checkSigned(m)
		body, err := merge.ApplyOps(r.bodies[m.Ref], m.Ops)
		ok(r.t, err)
		m.Times.Central = r.clock().UnixMilli()
		ch := r.acceptBody(body, m.Author, m.Times, m.ID, m.Reason)
		ch.Clock = m.Clock
		list = append(list, ch)
		hash, err := m.ContentHash()
		ok(r.t, err)
		rec := word(m)
		rec.Mutation, rec.Content, rec.Position, rec.Version = m.ID, hash, r.pos+1, ch.Version
		receipts = append(receipts, rec)
	}
	ok(r.t, r.cache.Receipted(bg, receipts))
	r.batch(list, nil)
}

func (r *room) checkSigned(m record.Mutation) {
	r.t.Helper()
	msg, err := m.SigningBytes()
	ok(r.t, err)
	if m.KeyID != r.device.ID() || keys.VerifyDevice(r.device.Public(), msg, m.Sig) != nil {
		r.t.Errorf("%s is not signed by the device", m.ID)
	}
}

// do must succeed.
func (r *room) do(cmd ward.Command) ward.Done {
	r.t.Helper()
	done, err := r.desk.Do(bg, cmd)
	ok(r.t, err)
	if len(done.Ask) > 0 {
		r.t.Fatalf("%T asks %q", cmd, done.Ask)
	}
	r.settle()
	return done
}

// refused must be refused, with this kind and these words, and write nothing.
func (r *room) refused(kind fault.Kind, words string, cmd ward.Command) {
	r.t.Helper()
	before := r.cache.Count().Unsent
	_, err := r.desk.Do(bg, cmd)
	if !fault.Is(err, kind) || !strings.Contains(err.Error(), words) {
		r.t.Errorf("%T: err = %v, want %s with %q", cmd, err, kind, words)
	}
	if n := r.cache.Count().Unsent; n != before {
		r.t.Errorf("%T was refused and wrote %d entries", cmd, n-before)
	}
}

func (r *room) chart(id fhir.ID) ward.Chart {
	r.t.Helper()
	c, err := r.desk.Chart(bg, id)
	ok(r.t, err)
	return c
}

func (r *room) row(id fhir.ID) ward.Row {
	r.t.Helper()
	rows, err := r.desk.Board(bg)
	ok(r.t, err)
	i := slices.IndexFunc(rows, func(x ward.Row) bool { return x.Who.ID == id })
	if i < 0 {
		r.t.Fatalf("%s is not on the board", id)
	}
	return rows[i]
}

func (r *room) alerts() []ward.Alert {
	r.t.Helper()
	list, err := r.desk.Alerts(bg)
	ok(r.t, err)
	return list
}

func (r *room) result(patient, id fhir.ID) ward.Result {
	r.t.Helper()
	for _, x := range r.chart(patient).Results {
		if x.ID == id {
			return x
		}
	}
	r.t.Fatalf("%s has no result %s", patient, id)
	return ward.Result{}
}

// looks are the audit events so far.
func (r *room) looks() []audit.Event {
	r.t.Helper()
	list, err := r.cache.UnsentLooks(0, 10000)
	ok(r.t, err)
	var out []audit.Event
	for _, l := range list {
		e, err := audit.Parse(l.Event)
		ok(r.t, err)
		out = append(out, e)
	}
	return out
}

// obj is a JSON object.
type obj = map[string]any

func coded(system, code, text string) obj {
	return obj{"coding": []any{obj{"system": system, "code": code}}, "text": text}
}

func ref(t fhir.Type, id string) obj { return obj{"reference": string(t) + "/" + id} }

// admitted is a Patient with a bed on the ward.
func admitted(id, family, given, bed string) []map[string]any {
	return []map[string]any{
		{
			"resourceType": "Patient", "id": id, "name": []any{obj{"family": family, "given": []any{given}, "prefix": []any{"Mrs"}, "use": "official"}},
			"birthDate": "1954-03-14", "gender": "female", "identifier": []any{obj{"system": fhir.SystemNHSNumber, "value": "9990417733"}},
		},
		{
			"resourceType": "Encounter", "id": id + ".e", "status": "in-progress", "subject": ref(fhir.TypePatient, id),
			"period":    obj{"start": "2026-11-20T08:00:00Z"},
			"extension": []any{obj{"url": fhir.ExtWard, "valueString": "4B"}, obj{"url": fhir.ExtBed, "valueString": bed}},
		},
	}
}

// potassium is a result as the laboratory sends it.
func potassium(id, patient, value, status, flag string) map[string]any {
	o := obj{
		"resourceType": "Observation", "id": id, "status": status, "subject": ref(fhir.TypePatient, patient),
		"category": []any{coded(fhir.SystemObservationCat, fhir.CategoryLaboratory, "")},
		"code":     coded(fhir.SystemLOINC, "2823-3", "Potassium"), "effectiveDateTime": "2026-11-22T11:31:00+00:00",
		"valueQuantity":  obj{"value": json.Number(value), "unit": "mmol/L", "system": fhir.SystemUCUM, "code": "mmol/L"},
		"referenceRange": []any{obj{"low": obj{"value": json.Number("3.5")}, "high": obj{"value": json.Number("5.3")}, "text": "3.5-5.3"}},
	}
	if flag != "" {
		o["interpretation"] = []any{coded(fhir.SystemInterpretation, flag, "")}
	}
	return o
}

// folake is the patient of most stories.
const folake = fhir.ID("p07")

func (r *room) admitFolake() {
	r.t.Helper()
	r.send(admitted(string(folake), "Adeyemi", "Folake", "07")...)
}

func show(v any) string {
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

type (
	cacheReader    = cache.Reader
	cacheFact      = cache.Fact
	recordMutation = record.Mutation
)
