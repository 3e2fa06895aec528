package dictionary

import (
	"cmp"
	"context"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"wardlight/assets"
	"wardlight/internal/central/journal"
	"wardlight/internal/central/journal/badgerjournal"
	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/record"
	"wardlight/internal/demo"
	"wardlight/internal/fault"
	"wardlight/internal/interop/v2tofhir"
	"wardlight/internal/trust/keys"
)

// began is the hospital's first day: a constant, so that a seed says it all.
var began = time.Date(2026, 11, 2, 6, 0, 0, 0, time.UTC)

// Patients is how many people the training hospital admits.
const Patients = 240

// changes are every version of every resource that a seed's hospital made, each
// as it is kept and sent.
func changes(ctx context.Context, seed uint64, patients int) ([][]byte, error) {
	dir, err := os.MkdirTemp("", "dictionary-")
	if err != nil {
		return nil, fault.As(fault.Unavailable, "dictionary.hospital", "", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary folder: the system removes it in the end
	key, err := keys.NewJournalKey()
	if err != nil {
		return nil, err
	}
	at := began
	j, err := badgerjournal.Create(ctx, badgerjournal.Options{
		Dir: filepath.Join(dir, "journal"), Key: keys.NewKey(), Signer: key, Now: func() time.Time { return at }, Small: true,
	})
	if err != nil {
		return nil, err
	}
	defer func() { _ = j.Close() }() // it is thrown away
	s := submit.New(submit.Options{Journal: j, Now: func() time.Time { return at }})
	messages, err := feed(rand.New(rand.NewPCG(seed, 0x646963)), patients) //nolint:gosec // invented people, not secrets
	if err != nil {
		return nil, err
	}
	for _, raw := range messages {
		at = at.Add(7 * time.Second)
		if _, err := s.File(ctx, v2tofhir.Translate(raw, v2tofhir.Options{Channel: "mllp", Received: at})); err != nil {
			return nil, err
		}
	}
	return kept(ctx, j)
}

// feed are the messages of the invented hospital, and those of the
// demonstration's ward.
func feed(rng *rand.Rand, patients int) ([][]byte, error) {
	var all [][]byte
	for range patients {
		p := newPerson(rng)
		all = append(all, p.admit())
		for range 1 + rng.IntN(6) {
			all = append(all, p.results(rng))
		}
		if rng.IntN(3) == 0 {
			all = append(all, p.moves(rng))
		}
	}
	for _, dir := range []fs.FS{assets.DemoWard(), assets.DemoStory()} {
		list, err := demo.Load(dir, began)
		if err != nil {
			return nil, err
		}
		for _, m := range list {
			all = append(all, m.Raw)
		}
	}
	return all, nil
}

// kept reads the journal's changes as bytes, in a snapshot's order: patient by
// patient, and each one's by type and id.
func kept(ctx context.Context, j journal.Journal) ([][]byte, error) {
	var all []record.Change
	err := j.View(ctx, func(r journal.Reader) error {
		for e, err := range r.Entries(0) {
			if err != nil {
				return err
			}
			all = append(all, e.Changes...)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b record.Change) int {
		return cmp.Or(cmp.Compare(journal.PatientOf(a), journal.PatientOf(b)), cmp.Compare(a.Ref.String(), b.Ref.String()), cmp.Compare(a.Version, b.Version))
	})
	out := make([][]byte, 0, len(all))
	for _, c := range all {
		b, err := record.Encode(c)
		if err != nil {
			return nil, err
		}
		out = append(out, b[1:])
	}
	return out, nil
}
