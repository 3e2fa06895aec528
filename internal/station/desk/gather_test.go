package desk_test

import (
	"fmt"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/desk"
)

// outageEnds is a ward of n patients whose computer has just found central again,
// before anything came.
func outageEnds(t *testing.T, n int) *room {
	t.Helper()
	r := newRoom(t)
	for i := range n {
		r.send(admitted(fmt.Sprintf("p%d", i), "Adeyemi", "Folake", fmt.Sprint(i))...)
	}
	r.tell(desk.LinkState{Connected: true, CaughtUp: true})
	r.settle()
	r.later(time.Hour)
	r.tell(desk.LinkState{Connected: true})
	return r
}

// tell is what the sync client says; central speaks at the clock's time.
func (r *room) tell(s desk.LinkState) {
	s.Central = record.Central{Time: r.clock().UnixMilli()}
	r.desk.LinkChanged(s)
}

// comes is a result for each of the first n patients, of whom one may be critical,
// as central sends it; nobody waits for the rows.
func (r *room) comes(n, critical int) {
	r.t.Helper()
	var list []record.Change
	for i := range n {
		value, flag := "4.2", ""
		if i == critical {
			value, flag = "6.8", "HH"
		}
		ch := r.accept(potassium(fmt.Sprintf("k%d.%d", r.pos, i), fmt.Sprintf("p%d", i), value, "final", flag), record.Author{Sender: "lab LAB|HOSP"})
		if i == critical {
			ch.Tags = []string{record.TagCritical}
		}
		list = append(list, ch)
	}
	from := r.pos
	r.pos++
	for i := range list {
		list[i].Position = r.pos
	}
	ok(r.t, r.cache.Apply(bg, record.Batch{
		Epoch: "e1", From: from, To: r.pos, Chain: record.Hash{byte(r.pos)}, Changes: list, Time: r.clock().UnixMilli(), Station: station,
	}))
}

// until polls.
func (r *room) until(what string, there func() bool) {
	r.t.Helper()
	for end := time.Now().Add(time.Minute); !there(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			r.t.Fatal(what, "does not happen")
		}
	}
}

func (r *room) board() ward.Board {
	r.t.Helper()
	b, err := r.desk.Rows(bg)
	ok(r.t, err)
	return b
}

// While an outage is made up for, the rows of a ward wait for what is still to come;
// who got a critical result has it on the board meanwhile, and the board does not say
// that it is newer than its oldest row.
func TestAtTheEndOfAnOutageTheRowsWaitForOneAnother(t *testing.T) {
	defer desk.GatherFor(time.Hour)()
	for name, end := range map[string]desk.LinkState{
		"everything is here and sent": {Connected: true, CaughtUp: true},
		"contact is lost again":       {},
	} {
		t.Run(name, func(t *testing.T) {
			r := outageEnds(t, 8)
			before := r.board().AsOf
			r.comes(8, 3)
			r.until("the critical result on the board", func() bool { return r.row("p3").Critical != nil })
			r.tell(desk.LinkState{Connected: true, CaughtUp: true, Sending: true}) // all is here, and something is still to go
			r.comes(8, 5)
			r.until("the next critical result on the board", func() bool { return r.row("p5").Critical != nil })
			for i := range 8 {
				if row := r.row(fhir.ID(fmt.Sprintf("p%d", i))); (row.New > 0) != (i == 3 || i == 5) {
					t.Errorf("p%d has %d new results, while the ward waits", i, row.New)
				}
			}
			if now := r.board().AsOf; now != before {
				t.Errorf("the board says that it is as of %v, and its rows are as of %v", now, before)
			}
			r.tell(end)
			r.until("the rest of the ward", func() bool { return r.row("p0").New == 2 && r.row("p3").New == 2 && r.row("p7").New == 2 })
			if end.CaughtUp {
				r.until("the board as of now", func() bool { return r.board().AsOf.Equal(r.clock()) })
			}
		})
	}
}

// One patient's news waits for nobody, an outage or not, and a ward's no longer than
// gatherFor.
func TestAtTheEndOfAnOutageNobodyWaitsInVain(t *testing.T) {
	t.Run("a few patients", func(t *testing.T) {
		defer desk.GatherFor(time.Hour)()
		r := outageEnds(t, 4)
		r.comes(4, -1)
		r.until("the rows of a few", func() bool { return r.row("p0").New == 1 && r.row("p3").New == 1 })
	})
	t.Run("an outage that goes on", func(t *testing.T) {
		defer desk.GatherFor(30 * time.Millisecond)()
		r := outageEnds(t, 8)
		r.comes(8, -1)
		r.until("the rows of the ward", func() bool { return r.row("p0").New == 1 && r.row("p7").New == 1 })
	})
}
