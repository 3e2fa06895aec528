package bench

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/journal/badgerjournal"
	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/interop/v2tofhir"
	"wardlight/internal/trust/keys"
	"wardlight/sync/merge"
)

// w4Edits is how many edits each side makes.
const w4Edits = 200

// W4 is what becomes of concurrent edits of one resource: two sides that cannot
// see one another make 200 edits each, of one field, of different fields, of a
// note, and one side deletes what the other edits. It goes the real way in
// (signed mutations, submit, an encrypted journal), each side's in its order and
// the two sides' in turn. A value is lost from view where the current body shows
// it nowhere, in force or as disputed; lost from history where no version holds
// it; a body is half where an element that nobody took away is missing.
func W4(ctx context.Context, o Options) (Result, error) {
	n := max(4, int(w4Edits*o.Scale))
	r := Result{"workload": "W4", "edits": 2 * n}
	total := tally{}
	began := time.Now()
	for _, shape := range shapes {
		one, err := apart(ctx, o, shape, n)
		if err != nil {
			return nil, err
		}
		r[shape.name] = one
		total.View += one.View
		total.History += one.History
		total.Reviews += one.Reviews
		total.Half += one.Half
	}
	r["lost_from_view"], r["lost_from_history"], r["reviews"], r["half_documents"] = total.View, total.History, total.Reviews, total.Half
	r["seconds"] = round(time.Since(began).Seconds())
	return r, nil
}

// tally is what W4 counts.
type tally struct {
	View    int `json:"lost_from_view"`
	History int `json:"lost_from_history"`
	Reviews int `json:"reviews"`
	Half    int `json:"half_documents"`
}

// shape is one way in which two sides contradict one another.
type shape struct {
	name string
	base string // the resource, with %s for its id and %s for its patient
	t    fhir.Type
	keep []string                                     // elements that nobody takes away
	edit func(side string, i int) (string, record.Op) // the i-th edit of a side, and what must be found of it
}

func setTo(field, json string) record.Op {
	return record.Op{Kind: record.OpSet, Field: field, Value: []byte(json)}
}

var shapes = []shape{
	{
		name: "same_field", t: fhir.TypeCondition, keep: []string{"code", "subject", "note"},
		base: `{"code":{"text":"AKI"},"id":%q,"note":[{"text":"x"}],"resourceType":"Condition","subject":{"reference":"Patient/%s"}}`,
		edit: func(side string, i int) (string, record.Op) {
			v := fmt.Sprintf("stage %s%d.", side, i)
			return v, setTo("code", fmt.Sprintf(`{"text":%q}`, v))
		},
	},
	{
		name: "different_fields", t: fhir.TypeCondition, keep: []string{"code", "subject"},
		base: `{"code":{"text":"AKI"},"id":%q,"resourceType":"Condition","subject":{"reference":"Patient/%s"}}`,
		edit: func(side string, i int) (string, record.Op) {
			v := fmt.Sprintf("value %s%d.", side, i)
			return v, setTo(fmt.Sprintf("x%s%d", side, i), fmt.Sprintf("%q", v))
		},
	},
	{
		name: "notes", t: fhir.TypeCommunication, keep: []string{"status", "subject", "payload"},
		base: `{"id":%q,"payload":[{"contentString":"slept well"}],"resourceType":"Communication","status":"completed","subject":{"reference":"Patient/%s"}}`,
		edit: func(side string, i int) (string, record.Op) {
			v := fmt.Sprintf("wording %s%d.", side, i)
			raw := []byte(fmt.Sprintf(`{"contentString":%q}`, v))
			return v, record.Op{Kind: record.OpAdd, Field: "payload", Key: merge.ElementKey("payload", raw), Value: raw}
		},
	},
	{
		name: "delete_against_edit", t: fhir.TypeCondition, keep: []string{"subject", "note"},
		base: `{"code":{"text":"AKI"},"id":%q,"note":[{"text":"x"}],"resourceType":"Condition","subject":{"reference":"Patient/%s"}}`,
		edit: func(side string, i int) (string, record.Op) {
			if side == "a" {
				return "absent", record.Op{Kind: record.OpRemove, Field: "code"}
			}
			v := fmt.Sprintf("stage %s%d.", side, i)
			return v, setTo("code", fmt.Sprintf(`{"text":%q}`, v))
		},
	},
}

// apart plays one shape in a central of its own.
func apart(ctx context.Context, o Options, s shape, n int) (tally, error) {
	h, err := newHouse(ctx, filepath.Join(o.Dir, "w4-"+s.name))
	if err != nil {
		return tally{}, err
	}
	defer func() { _ = h.journal.Close() }()
	made, err := h.submit(ctx, 0, record.Mutation{Ref: fhir.Ref{Type: s.t}, Patient: h.patient, Ops: []record.Op{{Kind: record.OpPut, Value: []byte(s.base)}}})
	if err != nil {
		return tally{}, err
	}
	ref := fhir.Ref{Type: s.t, ID: fhir.ID(made[0].Mutation)}
	var values []string
	for from := 0; from < n; from += w4Run {
		for side, name := range []string{"a", "b"} {
			var run []record.Mutation
			for i := from; i < min(from+w4Run, n); i++ {
				v, op := s.edit(name, i)
				run = append(run, record.Mutation{Ref: ref, Patient: h.patient, Base: 1, Ops: []record.Op{op}})
				values = append(values, v)
			}
			if _, err := h.submit(ctx, side, run...); err != nil {
				return tally{}, err
			}
		}
	}
	return h.count(ctx, ref, s, values)
}

// w4Run is how many of one side's edits arrive before the other side's.
const w4Run = 20

// house is a central in this process with two stations' keys.
type house struct {
	journal *badgerjournal.Journal
	in      *submit.Submitter
	patient fhir.ID
	peers   [2]record.Peer
	keys    [2]keys.DeviceKey
	seq     [2]uint64
}

func newHouse(ctx context.Context, dir string) (*house, error) {
	signer, err := keys.NewJournalKey()
	if err != nil {
		return nil, err
	}
	j, err := badgerjournal.Create(ctx, badgerjournal.Options{Dir: dir, Key: keys.NewKey(), Signer: signer, Now: time.Now, Small: true})
	if err != nil {
		return nil, err
	}
	h := &house{journal: j, in: submit.New(submit.Options{Journal: j, Now: time.Now})}
	return h, firstOf(h.people(ctx), h.admit(ctx))
}

func (h *house) people(ctx context.Context) error {
	by := record.Author{User: "root"}
	if err := h.in.PutAccount(ctx, by, record.Account{User: "bench", Name: "bench", Role: "doctor", Wards: []record.Ward{"BENCH"}}); err != nil {
		return err
	}
	for i, id := range []record.StationID{"saaaaaaaaaaaa", "sbbbbbbbbbbbb"} {
		key, err := keys.NewDeviceKey(nil)
		if err != nil {
			return err
		}
		d := record.Device{Station: id, Wards: []record.Ward{"BENCH"}, Place: "bench", Key: key.Public()}
		if err := h.in.PutDevice(ctx, by, d); err != nil {
			return err
		}
		if d, err = h.in.Device(ctx, id); err != nil {
			return err
		}
		h.keys[i], h.peers[i] = key, record.Peer{Device: d}
	}
	return nil
}

// admit files one admission as the MLLP door would.
func (h *house) admit(ctx context.Context) error {
	row, err := h.in.File(ctx, translated(admit(0)))
	if err != nil {
		return err
	}
	for _, ref := range row.Refs {
		if ref.Type == fhir.TypePatient {
			h.patient = ref.ID
			return nil
		}
	}
	return fault.Newf(fault.Invalid, "bench.w4", "", "the admission was %s", row.Fate)
}

// submit signs a side's next mutations and sends them in.
func (h *house) submit(ctx context.Context, side int, run ...record.Mutation) ([]record.Receipt, error) {
	for i := range run {
		if err := h.sign(side, &run[i]); err != nil {
			return nil, err
		}
	}
	list, err := h.in.SubmitRun(ctx, h.peers[side], run)
	for _, r := range list {
		if err == nil && r.Outcome == record.Refused {
			err = fault.Newf(fault.Invalid, "bench.w4", "", "an edit was refused: %s", r.Reason)
		}
	}
	return list, err
}

// sign completes a mutation. Of a new resource, the body's id and patient are
// filled in.
func (h *house) sign(side int, m *record.Mutation) error {
	h.seq[side]++
	station := h.peers[side].Device.Station
	m.ID = record.MutationOf(station, h.seq[side])
	if m.Ref.ID == "" {
		m.Ref.ID = fhir.ID(m.ID)
		m.Ops[0].Value = fmt.Appendf(nil, string(m.Ops[0].Value), m.Ref.ID, m.Patient)
	}
	m.Author, m.Times = record.Author{User: "bench", Station: station}, record.Times{Station: time.Now().UnixMilli(), Measured: true}
	m.Clock, m.KeyID = record.HLC{Wall: m.Times.Station}, h.keys[side].ID()
	msg, err := m.SigningBytes()
	if err == nil {
		m.Sig, err = h.keys[side].Sign(msg)
	}
	return err
}

// count looks for every value in the body that people see and in the versions
// that are kept.
func (h *house) count(ctx context.Context, ref fhir.Ref, s shape, values []string) (t tally, err error) {
	return t, h.journal.View(ctx, func(r journal.Reader) error {
		cur, _, err := r.Current(ref)
		if err != nil {
			return err
		}
		var kept [][]byte
		for c, err := range r.History(ref) {
			if err != nil {
				return err
			}
			kept = append(kept, c.Body)
			if !c.History && half(c.Body, s.keep) {
				t.Half++
			}
		}
		for _, v := range values {
			if !bytes.Contains(cur.Body, []byte(v)) {
				t.View++
			}
			if !heldIn(kept, v) {
				t.History++
			}
		}
		for ref, err := range r.Find(journal.ByTag, record.TagReview) {
			if err != nil || ref.Type != fhir.TypeTask {
				return err
			}
			t.Reviews++
		}
		return nil
	})
}

// heldIn: a deletion is a version in which the element is not there.
func heldIn(kept [][]byte, v string) bool {
	for _, b := range kept {
		if bytes.Contains(b, []byte(v)) || v == "absent" && !bytes.Contains(b, []byte(`"code":{"text"`)) {
			return true
		}
	}
	return false
}

func half(body fhir.Resource, keep []string) bool {
	o, err := fhir.Parse(body)
	if err != nil {
		return true
	}
	for _, field := range keep {
		if o[field] == nil {
			return true
		}
	}
	return false
}

// translated is a message as the MLLP door hands it on.
func translated(raw []byte) record.Filing {
	return v2tofhir.Translate(raw, v2tofhir.Options{Channel: "bench", Received: time.Now()})
}
