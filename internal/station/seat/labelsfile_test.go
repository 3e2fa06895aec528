package seat

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
)

func labelsFrom(t *testing.T, text []byte) *labels {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "labels.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	return loadLabels(dir)
}

// A file of the first version opens for ever; what was printed is known after a start.
func TestLabelsOfTheFirstVersionOpen(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("testdata", "labels-v1.json"))
	if err != nil {
		t.Fatal(err)
	}
	l := labelsFrom(t, b)
	if got := l.again([]fhir.ID{"x-1", "sr6fyt2lqwbff-27"}); l.paper() != ward.LabelLarge || len(got) != 1 || got[0] != "sr6fyt2lqwbff-27" {
		t.Errorf("%s, %v", l.paper(), got)
	}
	for _, text := range []string{"", `{"version":1,"pa`, `{"version":9,"paper":"100x50"}`, `{"version":1,"paper":"a wall"}`} {
		if got := labelsFrom(t, []byte(text)).paper(); got != ward.LabelSmall {
			t.Errorf("%q: %s", text, got)
		}
	}
}

// What is remembered has a bound in time and number; the newest stay.
func TestWhatWasPrintedIsBounded(t *testing.T) {
	now := time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)
	dir := t.TempDir()
	l := loadLabels(dir)
	if err := l.printed([]fhir.ID{"old"}, now.Add(-labelsFor-time.Hour)); err != nil {
		t.Fatal(err)
	}
	for i := range labelsMost {
		l.file.Printed[fhir.ID(fmt.Sprint("n", i))] = now.Add(time.Duration(i-labelsMost) * time.Second)
	}
	if err := l.printed([]fhir.ID{"new"}, now); err != nil {
		t.Fatal(err)
	}
	l = loadLabels(dir)
	if len(l.file.Printed) != labelsMost || len(l.again([]fhir.ID{"old", "n0", "n1", "new"})) != 2 {
		t.Errorf("%d, %v", len(l.file.Printed), l.again([]fhir.ID{"old", "n0", "n1", "new"}))
	}
}
