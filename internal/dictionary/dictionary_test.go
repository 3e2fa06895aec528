package dictionary

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"wardlight/internal/compact"
)

// The released dictionary is of use for a hospital that it was not trained on.
func TestAnotherHospitalBecomesSmall(t *testing.T) {
	all, err := Hospital(context.Background(), 4711, 12)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Measure("another hospital", compact.First, all)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", f)
	if f.Resources < 200 || 8*f.Chunk > f.Plain || 3*f.One > f.Plain || 3*f.Small > f.Plain {
		t.Errorf("%+v: it is of little use", f)
	}
}

// A seed says everything about a dictionary, and what it holds are whole
// resources of the hospital and nothing else.
func TestASeedIsADictionary(t *testing.T) {
	all, err := changes(context.Background(), 3, 6)
	if err != nil {
		t.Fatal(err)
	}
	again, err := changes(context.Background(), 3, 6)
	if err != nil {
		t.Fatal(err)
	}
	a, err := build(all, 3, 9)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := build(again, 3, 9); err != nil || !bytes.Equal(a, b) {
		t.Errorf("the same seed made another dictionary: %v", err)
	}
	in, err := zstd.InspectDictionary(a)
	if err != nil || in.ID() != 9 {
		t.Fatalf("number %v, %v", in, err)
	}
	if n := in.ContentSize(); n > size || n < size/4 {
		t.Errorf("%d bytes of content", n)
	}
	if !bytes.Contains(in.Content(), []byte(`"resourceType":"Observation"`)) || !bytes.Contains(in.Content(), []byte(`"resourceType":"Encounter"`)) {
		t.Error("a kind of resource is missing")
	}
}

// What a dictionary is measured on shares no identifier with anything.
func TestBundlesGetNewIdentifiers(t *testing.T) {
	dir := t.TempDir()
	const id = "55bbe118-e08d-4408-86e5-6084457500d4"
	bundle := `{"entry":[{"resource":{"resourceType":"Patient","id":"` + id + `"}},{"resource":{"resourceType":"Encounter","subject":{"reference":"urn:uuid:` + id + `"}}}]}`
	if err := os.WriteFile(filepath.Join(dir, "one.json"), []byte(bundle), 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := Bundles(dir, 1)
	if err != nil || len(all) != 2 {
		t.Fatalf("%d resources, %v", len(all), err)
	}
	if strings.Contains(string(all[0])+string(all[1]), id) {
		t.Error("an identifier was kept")
	}
	if got := uuid.Find(all[0]); got == nil || !bytes.Contains(all[1], got) {
		t.Errorf("%s and %s no longer belong together", all[0], all[1])
	}
	if _, err := Measure("nothing", compact.First, nil); err == nil {
		t.Error("nothing was measured")
	}
}
