package kit

import "testing"

func TestEachPillIsOfItsFilter(t *testing.T) {
	var chosen []string
	pills := NewFilterPills([]string{"all", "mine"}, func(f string) { chosen = append(chosen, f) })
	for i, name := range []string{"Ward", "Mine", "of a filter that has no pill"} {
		pills.Show(i, name, 3*i, i == 1)
	}
	for i, want := range []FilterPillConfig{{Text: "Ward 0"}, {Text: "Mine 3", On: true}} {
		if got := pills[i].Config(); got != want {
			t.Errorf("pill %d is %+v, want %+v", i, got, want)
		}
		pills[i].OnTap()
		if len(chosen) != i+1 || chosen[i] != []string{"all", "mine"}[i] {
			t.Errorf("chosen: %v", chosen)
		}
		if pills.Objects()[i] != pills[i] {
			t.Errorf("object %d is another one", i)
		}
	}
}
