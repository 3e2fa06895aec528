package alert

import (
	"testing"

	"wardlight/internal/clinical/fhir"

	"pgregory.net/rapid"
)

// Whatever is set after it, a number says what it said, on every ward; each set that is
// taken follows the one before and no other; of two that were made over the same one, the
// second is not taken over the first, in whichever order they come.
func TestLawsOfSettings(t *testing.T) {
	r := Default()
	rule := RuleCritical("potassium")
	rapid.Check(t, func(t *rapid.T) {
		draw := func(of string) Setting {
			x := setting("mmol/L", "", rapid.SampledFrom([]string{EdgeLow, EdgeHigh}).Draw(t, of+" edge"), "")
			x.Ward = rapid.SampledFrom([]string{"", "4B", "5A"}).Draw(t, of+" ward")
			values := []string{"", "5.5", "6.0", "6.5"}
			if x.Edge == EdgeLow {
				values = []string{"", "2.5", "2.8", "3.2"}
			}
			x.Value = fhir.Decimal(rapid.SampledFrom(values).Draw(t, of+" value"))
			return x
		}
		all := []Settings{{Rule: rule}}
		for range rapid.IntRange(0, 12).Draw(t, "how many") {
			last := all[len(all)-1]
			if next, err := r.Set(last, draw("one")); err == nil {
				if err := r.Follows(last, next); err != nil {
					t.Fatalf("%v", err)
				}
				all = append(all, next)
			}
		}
		newest := all[len(all)-1]
		for n, s := range all {
			for _, ward := range []string{"", "4B", "5A", "9Z"} {
				for _, edge := range []string{EdgeLow, EdgeHigh} {
					then, _ := r.Effective(s, ward, n, "mmol/L", "", edge)
					now, _ := r.Effective(newest, ward, n, "mmol/L", "", edge)
					if then.At != now.At || (then.Set == nil) != (now.Set == nil) || then.Set != nil && then.Set.Number != now.Set.Number {
						t.Fatalf("number %d on %q said %+v and says %+v", n, ward, then, now)
					}
				}
			}
			if n+2 < len(all) && r.Follows(s, all[n+2]) == nil {
				t.Fatal("one was left out, and nobody noticed")
			}
		}
		a, errA := r.Set(newest, draw("a"))
		b, errB := r.Set(newest, draw("b"))
		if errA == nil && errB == nil && (r.Follows(a, b) == nil || r.Follows(b, a) == nil) {
			t.Fatal("two that were made apart were both taken")
		}
	})
}
