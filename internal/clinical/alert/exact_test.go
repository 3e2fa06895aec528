package alert

import (
	"math/big"
	"sync"
	"testing"
)

// The numbers of the table are read once and shared by everybody who converts: each line
// says the same, both ways, however often and by how many at once it is asked.
func TestTheTableOfUnitsStaysAsItIs(t *testing.T) {
	x := big.NewRat(617, 100)
	var want []*big.Rat
	for _, c := range conversions {
		there := new(big.Rat).Sub(x, must(c.less))
		there.Quo(there.Mul(there, must(c.times)), must(c.by))
		back := new(big.Rat).Mul(x, must(c.by))
		back.Add(back.Quo(back, must(c.times)), must(c.less))
		want = append(want, there, back)
	}
	var work sync.WaitGroup
	for range 4 {
		work.Go(func() {
			for range 3 {
				for i, c := range conversions {
					there, ok := step(c.analyte, x, c.from, c.to)
					back, also := step(c.analyte, x, c.to, c.from)
					if !ok || !also || there.Cmp(want[2*i]) != 0 || back.Cmp(want[2*i+1]) != 0 {
						t.Errorf("%s of %q: %v and %v, not %v and %v", c.from, c.analyte, there, back, want[2*i], want[2*i+1])
					}
				}
			}
		})
	}
	work.Wait()
	for i, c := range exacts() {
		if c.less.Cmp(must(conversions[i].less)) != 0 || c.times.Cmp(must(conversions[i].times)) != 0 || c.by.Cmp(must(conversions[i].by)) != 0 {
			t.Errorf("%s to %s of %q has other numbers now", c.from, c.to, c.analyte)
		}
	}
}
