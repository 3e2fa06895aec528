package cache_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/station/cache"
	"wardlight/internal/trust/keys"
)

const station = record.StationID("sabcdefghijk2")

var (
	bg       = context.Background()
	recovery = mustIdentity()
)

func mustIdentity() keys.SealIdentity {
	id, err := keys.NewSealIdentity()
	if err != nil {
		panic(err)
	}
	return id
}

// TestMain also runs the children: this test binary plays the program that is
// killed.
func TestMain(m *testing.M) {
	if role := os.Getenv("CACHE_TEST_CHILD"); role != "" {
		child(role)
		return
	}
	// Badger leaves these two behind when it fails to open; a store that was
	// not closed has many more.
	goleak.VerifyTestMain(m,
		goleak.IgnoreTopFunction("github.com/dgraph-io/ristretto/v2/z.(*AllocatorPool).freeupAllocators"),
		goleak.IgnoreTopFunction("github.com/dgraph-io/badger/v4.(*DB).monitorCache"))
}

// options for a new station in its own folder.
func options(t testing.TB) cache.Options {
	return cache.Options{
		Dir: t.TempDir(), Key: keys.NewKey(), Station: station,
		DeviceSealing: mustIdentity(), RecoveryRecipient: recovery.Recipient(), Reserve: 1 << 20,
	}
}

func open(t testing.TB, o cache.Options) *cache.Cache {
	t.Helper()
	c, err := cache.Open(bg, o)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// potassium is an Observation of about 770 bytes.
func potassium(id string, patient fhir.ID, version record.Version, value string) record.Change {
	body := map[string]any{
		"resourceType": "Observation", "id": id, "status": "final",
		"code":    map[string]any{"coding": []any{map[string]any{"system": "http://loinc.org", "code": "2823-3", "display": "Potassium [Moles/volume] in Serum or Plasma"}}},
		"subject": map[string]any{"reference": "Patient/" + string(patient)}, "effectiveDateTime": "2026-11-20T06:12:00+01:00",
		"issued":         "2026-11-20T07:02:11+01:00",
		"valueQuantity":  map[string]any{"value": json.Number(value), "unit": "mmol/L", "system": "http://unitsofmeasure.org", "code": "mmol/L"},
		"performer":      []any{map[string]any{"display": strings.Repeat("Clinical chemistry ", 14)}},
		"referenceRange": []any{map[string]any{"low": map[string]any{"value": json.Number("3.5")}, "high": map[string]any{"value": json.Number("5.1")}}},
	}
	b, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return change(fhir.TypeObservation, id, patient, version, string(b))
}

func change(typ fhir.Type, id string, patient fhir.ID, version record.Version, body string) record.Change {
	return record.Change{
		Ref: fhir.Ref{Type: typ, ID: fhir.ID(id)}, Version: version, Patient: patient, Body: fhir.Resource(body),
		Author: record.Author{Sender: "lab"}, Clock: record.HLC{Wall: 1795312800000}, Times: record.Times{Central: 1795312800000},
	}
}

func patient(id fhir.ID, version record.Version) record.Change {
	return change(fhir.TypePatient, string(id), id, version, fmt.Sprintf(`{"id":%q,"resourceType":"Patient","name":[{"family":"Test%s"}]}`, id, id))
}

// batch goes from one position to the next.
func batch(from, to record.Position, changes ...record.Change) record.Batch {
	return record.Batch{Epoch: "e1", From: from, To: to, Chain: record.Hash{byte(to)}, Changes: changes, Station: station}
}

var device = func() keys.DeviceKey {
	k, err := keys.NewDeviceKey(nil)
	if err != nil {
		panic(err)
	}
	return k
}()

// note is a signed mutation that makes a Communication.
func note(seq uint64, p fhir.ID, text string) record.Mutation {
	id := record.MutationOf(station, seq)
	m := record.Mutation{
		ID: id, Ref: fhir.Ref{Type: fhir.TypeCommunication, ID: fhir.ID(id)}, Patient: p,
		Clock: record.HLC{Wall: 1795312800000 + int64(seq)}, Author: record.Author{User: "g.mensah", Station: station},
		Ops:   []record.Op{{Kind: record.OpPut, Value: []byte(fmt.Sprintf(`{"resourceType":"Communication","id":%q,"payload":[{"contentString":%q}]}`, id, text))}},
		Times: record.Times{Station: 1795312800000}, KeyID: device.ID(),
	}
	return signed(m)
}

func signed(m record.Mutation) record.Mutation {
	b, err := m.SigningBytes()
	if err == nil {
		m.Sig, err = device.Sign(b)
	}
	if err != nil {
		panic(err)
	}
	return m
}

func receipt(m record.Mutation, at record.Position) record.Receipt {
	h, err := m.ContentHash()
	if err != nil {
		panic(err)
	}
	return record.Receipt{Mutation: m.ID, Content: h, Position: at, Outcome: record.Applied, Version: 1}
}

func look(n int) []byte { return []byte(fmt.Sprintf(`{"resourceType":"AuditEvent","id":"look%d"}`, n)) }

// compartment reads all of a patient's resources as id to body.
func compartment(t testing.TB, c *cache.Cache, p fhir.ID) map[string]string {
	t.Helper()
	out, err := tryCompartment(c, p)
	ok(t, err)
	return out
}

func tryCompartment(c *cache.Cache, p fhir.ID) (map[string]string, error) {
	out := map[string]string{}
	err := c.View(bg, func(r cache.Reader) error {
		for ch, err := range r.Compartment(p) {
			if err != nil {
				return err
			}
			out[ch.Ref.String()] = string(ch.Body)
		}
		return nil
	})
	return out, err
}

func patients(t testing.TB, c *cache.Cache) (ids []fhir.ID) {
	t.Helper()
	ok(t, c.View(bg, func(r cache.Reader) error {
		for p, err := range r.Patients() {
			if err != nil {
				return err
			}
			ids = append(ids, p)
		}
		return nil
	}))
	return ids
}

func unsentSeqs(t testing.TB, c *cache.Cache) (seqs []uint64) {
	t.Helper()
	muts, err := c.Unsent(0, 1<<20)
	ok(t, err)
	for _, m := range muts {
		_, seq, _ := m.ID.Station()
		seqs = append(seqs, seq)
	}
	return seqs
}

type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }
