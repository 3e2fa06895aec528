package audit

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"wardlight/internal/clinical/record"
)

// A log that goes on proves it, from every size to every later one, and so does
// one whose hashes lie in a file.
func TestALogThatGoesOnProvesIt(t *testing.T) {
	const n = 40
	all := events(n)
	f, err := os.Create(filepath.Join(t.TempDir(), "tree"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	kept := LogOn(f)
	for _, p := range all {
		if err := kept.Add(p.at, []byte(p.event)); err != nil {
			t.Fatal(err)
		}
	}
	for to := range n + 1 {
		newer := checkpointOf(t, logOf(t, all[:to]))
		if root, err := kept.Root(int64(to)); err != nil || root != newer.Root {
			t.Fatalf("the root in the file at %d: %v %v", to, root, err)
		}
		for from := range to + 1 {
			held := checkpointOf(t, logOf(t, all[:from]))
			proof, err := kept.Proof(int64(from), int64(to))
			if err != nil {
				t.Fatal(err)
			}
			if v := held.Judge(newer, proof); v != Continues {
				t.Errorf("from %d to %d: %v", from, to, v)
			}
		}
	}
}

// Whatever was done to what the held checkpoint covers, no proof hides it. Another
// epoch that does not go on is not called broken; one that does is not noticed.
func TestALogThatIsAnotherCannotProveIt(t *testing.T) {
	const n, held = 40, 21
	all := events(n)
	was := checkpointOf(t, logOf(t, all[:held]))
	for name, other := range map[string][]placed{
		"altered":   slices.Concat(all[:5], []placed{{all[5].at, `{"n":"x"}`}}, all[6:]),
		"removed":   slices.Concat(all[:5], all[6:]),
		"reordered": slices.Concat(all[:5], []placed{all[6], all[5]}, all[7:]),
		"cut":       all[:held-1],
		"forked":    slices.Concat(all[:held-1], []placed{{99, `{"n":"y"}`}}, all[held:]),
		"at once":   slices.Concat(all[:held-1], []placed{{99, `{"n":"y"}`}}),
	} {
		l := logOf(t, other)
		newer := checkpointOf(t, l)
		honest, err := l.Proof(held, l.Size())
		if err != nil {
			t.Fatal(err)
		}
		before, err := logOf(t, all).Proof(held, n)
		if err != nil {
			t.Fatal(err)
		}
		for _, proof := range [][]record.Hash{honest, before, nil} {
			if v := was.Judge(newer, proof); v != Broken {
				t.Errorf("%s, with %d hashes: %v", name, len(proof), v)
			}
		}
		newer.Epoch = "e2"
		if v := was.Judge(newer, honest); v != NewEpoch {
			t.Errorf("%s in another epoch: %v", name, v)
		}
	}
	newer := checkpointOf(t, logOf(t, all))
	newer.Epoch = "e2"
	proof, err := logOf(t, all).Proof(held, n)
	if err != nil {
		t.Fatal(err)
	}
	if v := was.Judge(newer, proof); v != Continues {
		t.Errorf("a restored central whose backup is younger than the checkpoint: %v", v)
	}
}
