// Package journaltest is the one suite that every journal passes: the promises
// of package journal told as stories, each against a fresh journal. An
// implementation calls Run from its own tests and may add what only it
// promises (crashes, keys, disks).
package journaltest

import (
	"context"
	"fmt"
	"testing"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// Maker makes journals of one implementation.
type Maker struct {
	// New makes an empty journal; the suite closes it.
	New func(t testing.TB) journal.Journal
	// Reopen stops j and opens what it left behind.
	Reopen func(t testing.TB, j journal.Journal) journal.Journal
}

// Run runs every story.
func Run(t *testing.T, m Maker) {
	stories := []struct {
		name string
		tell func(*testing.T, Maker)
	}{
		{"an empty journal", empty},
		{"positions have no gaps under concurrent writers", gapFree},
		{"a reader at a position has seen everything at or below it", seenAll},
		{"an update that fails uses no position and leaves nothing", failedUpdate},
		{"an update that writes nothing makes no entry", emptyUpdate},
		{"an update reads its own writes", ownWrites},
		{"updates are serial", serial},
		{"a panic in an update leaves the journal working", panicking},
		{"the chain hash covers the entries", chain},
		{"every version stays", versions},
		{"a version must be the next one", nextVersion},
		{"history versions never become current", historyOnly},
		{"receipts are kept for ever and once", receipts},
		{"the index follows the current version", indexMoves},
		{"index keys may hold anything", oddKeys},
		{"a ward's encounters are those that are there now", byWard},
		{"a compartment is a patient's current resources", compartment},
		{"all resources of a type after an id", allOfType},
		{"a view is one snapshot while writers run", snapshot},
		{"grown is closed by the next commit", grown},
		{"notes are set, listed and removed", notes},
		{"inbound rows keep their order and their newest state", inbound},
		{"entries give back everything that was written", wholeEntries},
		{"what was committed is there after reopening", reopen},
		{"one large update is one entry", large},
		{"an epoch begins while writers run", beginning},
		{"a closed journal is unavailable", closed},
		{"a transaction cannot be used after its function", endedTx},
		{"malformed input is refused", malformed},
	}
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) { s.tell(t, m) })
	}
}

// Observation makes a change: version v of an observation of a patient.
func Observation(patient, id fhir.ID, v record.Version, value string) record.Change {
	return record.Change{
		Ref: fhir.Ref{Type: fhir.TypeObservation, ID: id}, Version: v, Patient: patient,
		Body: fhir.Resource(fmt.Sprintf(`{"id":%q,"identifier":[{"system":"urn:lab","value":"L-%s"}],"resourceType":"Observation","status":"final","valueQuantity":{"value":%s}}`, id, id, value)),
	}
}

// Task makes a change: version v of a Task about something.
func Task(patient, id fhir.ID, v record.Version, focus fhir.Ref) record.Change {
	return record.Change{
		Ref: fhir.Ref{Type: fhir.TypeTask, ID: id}, Version: v, Patient: patient,
		Body: fhir.Resource(fmt.Sprintf(`{"focus":{"reference":%q},"id":%q,"resourceType":"Task","status":"completed"}`, focus, id)),
	}
}

// Encounter makes a change: a stay on a ward.
func Encounter(patient, id fhir.ID, v record.Version, status, ward string) record.Change {
	return record.Change{
		Ref: fhir.Ref{Type: fhir.TypeEncounter, ID: id}, Version: v, Patient: patient,
		Body: fhir.Resource(fmt.Sprintf(`{"extension":[{"url":%q,"valueString":%q}],"id":%q,"resourceType":"Encounter","status":%q}`, fhir.ExtWard, ward, id, status)),
	}
}

// Mutation makes the mutation behind a change, and its receipt.
func Mutation(c record.Change, seq uint64) (record.Mutation, record.Receipt) {
	m := record.Mutation{
		ID: record.MutationOf("sabcdefghijk2", seq), Ref: c.Ref, Patient: c.Patient, Sig: []byte("signature"), KeyID: "0123456789abcdef",
		Author: record.Author{User: "g.mensah", Station: "sabcdefghijk2"},
		Ops:    []record.Op{{Kind: record.OpPut, Value: c.Body}}, Times: record.Times{Station: 1795312800000},
	}
	h, err := m.ContentHash()
	if err != nil {
		panic(err) // a constant shape
	}
	return m, record.Receipt{Mutation: m.ID, Content: h, Outcome: record.Applied, Version: c.Version}
}

// open makes a journal that is closed when the story ends.
func open(t *testing.T, m Maker) journal.Journal {
	t.Helper()
	j := m.New(t)
	t.Cleanup(func() { _ = j.Close() })
	return j
}

// update must succeed.
func update(t *testing.T, j journal.Journal, fn func(journal.Tx) error) record.Entry {
	t.Helper()
	e, err := j.Update(context.Background(), fn)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// put commits changes as one entry.
func put(t *testing.T, j journal.Journal, changes ...record.Change) record.Entry {
	t.Helper()
	return update(t, j, func(tx journal.Tx) error { return putAll(tx, changes) })
}

func putAll(tx journal.Tx, changes []record.Change) error {
	for _, c := range changes {
		if err := tx.Put(c); err != nil {
			return err
		}
	}
	return nil
}

// view must succeed.
func view(t *testing.T, j journal.Journal, fn func(journal.Reader)) {
	t.Helper()
	if err := j.View(context.Background(), func(r journal.Reader) error { fn(r); return nil }); err != nil {
		t.Fatal(err)
	}
}

// refs lists the references of a sequence of changes.
func refs(t *testing.T, seq func(func(record.Change, error) bool)) []string {
	t.Helper()
	var out []string
	for c, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, c.Ref.String())
	}
	return out
}

// find lists what an index holds.
func find(t *testing.T, r journal.Reader, ix journal.Index, key string) []string {
	t.Helper()
	var out []string
	for ref, err := range r.Find(ix, key) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, ref.String())
	}
	return out
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func wantKind(t *testing.T, what string, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Errorf("%s: err = %v, want kind %v", what, err, kind)
	}
}

// verify holds the whole journal to its promises.
func verify(t *testing.T, j journal.Journal) journal.Verified {
	t.Helper()
	v, err := journal.Verify(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
