package board

import (
	"slices"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
)

// An open routine has its own mark on the board, and one that is late another; the
// patient's own flags stay, and the shared row does not change.
func TestAnOpenRoutineIsMarked(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		open, late int
		want       []string
	}{{0, 0, []string{"Falls"}}, {2, 0, []string{"Falls", "Routine open"}}, {2, 1, []string{"Falls", "Routine late"}}} {
		flags := append(make([]string, 0, 4), "Falls")
		r := &ward.Row{Flags: flags, Routines: tt.open, Overdue: tt.late}
		if got := rowOf(r, false, now, now).Flags; !slices.Equal(got, tt.want) {
			t.Errorf("%v, want %v", got, tt.want)
		}
		if got := (Rows{list: []*ward.Row{r}}).Flags(0); !slices.Equal(got, tt.want) {
			t.Errorf("the column is made for %v, and %v stands in it", got, tt.want)
		}
		if !slices.Equal(flags[:2:2], []string{"Falls", ""}) {
			t.Errorf("the shared row changed: %q", flags[:2:2])
		}
	}
}
