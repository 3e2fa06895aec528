package bench

import (
	"context"
	"testing"
)

// The workload itself at a small size: nothing may be lost, and every shape but
// that of different fields and of notes asks exactly one person.
func TestW4LosesNothing(t *testing.T) {
	r, err := W4(context.Background(), Options{Dir: t.TempDir(), Scale: 0.06})
	if err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{"lost_from_view", "lost_from_history", "half_documents"} {
		if r[what] != 0 {
			t.Errorf("%s = %v", what, r[what])
		}
	}
	if r["reviews"] != 2 {
		t.Errorf("%v reviews, want one for each shape that contradicts itself", r["reviews"])
	}
}
