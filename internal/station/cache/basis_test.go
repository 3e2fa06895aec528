package cache_test

import (
	"context"
	"testing"

	"wardlight/internal/clinical/record"
)

// What the station lends out is a version as it came, the present one or one that
// is still kept; of others it has none.
func TestAVersionThatIsHeldIsLentOut(t *testing.T) {
	c := open(t, options(t))
	first, second := potassium("k1", "p1", 1, "6.80"), potassium("k1", "p1", 2, "5.10")
	ok(t, c.Apply(context.Background(), batch(0, 1, patient("p1", 1), first)))
	ok(t, c.Apply(context.Background(), batch(1, 2, second)))
	for v, want := range map[int]string{1: string(first.Body), 2: string(second.Body), 3: ""} {
		body, err := c.HeldVersion(first.Ref, record.Version(v))
		if err != nil || string(body) != want {
			t.Errorf("version %d: %s, %v", v, body, err)
		}
	}
}
