package mllpd_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"wardlight/internal/central/mllpd"
)

// Whatever arrives first: three messages about one result, each with a status and a time of
// its own, end in the same result and the same open warnings in every order of arrival
// (clinical.md 3.1, 3.3).
func TestUnseenOrders(t *testing.T) {
	values := map[string]string{"P": "4.0", "F": "4.1", "C": "6.9", "R": "4.3"}
	at := []string{"1000", "1030", "1100"}
	ends := func(seq []string, order []int) string {
		d := open(t, nil)
		defer func() { _ = d.stop() }()
		d.s.Receive(context.Background(), mllpd.Line{}, admit())
		for _, i := range order {
			d.s.Receive(context.Background(), mllpd.Line{}, stamped("L"+at[i], at[i], "F", kNM(values[seq[i]], seq[i])))
			d.takeTurns()
		}
		var now []string
		for _, l := range strings.Split(d.told(), "\n") {
			l, _, _ = strings.Cut(l, "; at")
			if strings.HasPrefix(l, "result") {
				now = append(now, l)
			}
			if strings.HasPrefix(l, "warning requested") {
				now = append(now, "warning")
			}
		}
		return strings.Join(now, ", ")
	}
	all := strings.Split("P F C X D U R", " ")
	for _, a := range all {
		for _, b := range all {
			for _, c := range all {
				seq := []string{a, b, c}
				if a == b || b == c || a == c || !slices.Contains(seq, "U") && a > b {
					continue // of what no declaration is in, every other one
				}
				want := ends(seq, []int{0, 1, 2})
				for _, order := range [][]int{{0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
					if got := ends(seq, order); got != want {
						t.Errorf("%v in the order %v: %s; in that of their times: %s", seq, order, got, want)
					}
				}
			}
		}
	}
}
