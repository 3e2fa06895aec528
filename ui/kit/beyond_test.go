package kit

import "testing"

// ">180" stands at the upper edge and "<2.0" at the lower one: in the middle,
// among the numbers, each would be read off the scale as one of them.
func TestAValueBeyondTheScaleStandsAtItsEdge(t *testing.T) {
	v := viewport{top: 10, height: 200}
	for value, in := range map[string][2]float64{ // from the top, of the height
		">180": {0, 0.1}, "≥ 6.5": {0, 0.1}, "<2.0": {0.9, 1}, "≤1": {0.9, 1}, "haemolysed": {0.3, 0.7}, "": {0.3, 0.7},
	} {
		y := noPointY(ChartPoint{Shape: NoPoint, Label: value, Beyond: BeyondOf(value)}, v)
		if part := (y - v.top) / v.height; part < in[0] || part > in[1] {
			t.Errorf("%q stands at %.2f of the height, want %v", value, part, in)
		}
	}
}
