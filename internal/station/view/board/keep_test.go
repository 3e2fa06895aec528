package board_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/view/base"
	"wardlight/internal/station/view/board"
)

// owned is the ward with p7 and p1 on the own list, and two who lie elsewhere.
func owned() *desk {
	d := &desk{rows: rows(), link: connected()}
	d.rows[1].Mine, d.rows[2].Mine = true, true
	far := func(id, w, bed, family string, total int) *ward.Row {
		r := &ward.Row{Who: who(id, bed, family, "Given"), Early: ward.Early{Known: true, Total: total, Risk: ward.RiskLow, Scale: 1}, Mine: true}
		r.Who.Ward = w
		return r
	}
	sick := far("p9", "5A", "02", "Okafor", 8)
	sick.Early.Risk = ward.RiskHigh
	d.own = ward.OwnList{User: "g.mensah", Patients: []ward.PatientID{"p1", "p7", "p8", "p9"}, Away: []*ward.Row{sick, far("p8", "", "", "Zeller", 1)}}
	return d
}

// follow is a board for Grace, with a way to wait for a state.
func follow(t *testing.T, d board.Desk) (m *board.Model, until func(string, func(board.State) bool)) {
	t.Helper()
	var q base.Queue
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	m = board.New(d, &q, func() time.Time { return now }, func(board.State) {})
	m.For("g.mensah")
	m.Follow(ctx)
	return m, func(what string, is func(board.State) bool) {
		t.Helper()
		for range 20_000 {
			if q.Drain(); is(m.State()) {
				return
			}
			time.Sleep(2 * time.Millisecond)
		}
		t.Fatalf("%s: never; %+v", what, m.State())
	}
}

func loaded(s board.State) bool { return s.Loaded }

func order(s board.State) string {
	var out []string
	for i := range s.Rows.Len() {
		r := s.Rows.At(i)
		out = append(out, strings.TrimSpace(string(r.ID)+" "+r.Ward))
	}
	return strings.Join(out, ", ")
}

func pill(s board.State, f board.Filter) board.Pill {
	for _, p := range s.Pills {
		if p.Filter == f {
			return p
		}
	}
	return board.Pill{}
}

// "Mine" shows and counts whoever is on the own list, wherever they lie; the ward's
// own list holds none of the others.
func TestMineHoldsWhoLiesElsewhere(t *testing.T) {
	m, until := follow(t, owned())
	until("loaded", loaded)
	if s := m.State(); s.Rows.Len() != 4 || s.Beds != "4 patients" || strings.Contains(order(s), "p9") || pill(s, board.All).Count != 4 || pill(s, board.Mine).Count != 4 {
		t.Errorf("all: %s, %s, %+v", order(s), s.Beds, s.Pills)
	}
	if pill(m.State(), board.Worse).Count != 1 || pill(m.State(), board.Critical).Count != 1 {
		t.Errorf("another filter counts who lies elsewhere: %+v", m.State().Pills)
	}
	m.SetFilter(board.Mine)
	if got := order(m.State()); got != "p7, p9 Ward 5A, p1, p8 On no ward" {
		t.Errorf("worst first: %s", got)
	}
	m.SetByBed(true)
	if got := order(m.State()); got != "p1, p7, p8 On no ward, p9 Ward 5A" {
		t.Errorf("by bed: %s", got)
	}
	m.SetSearch("okafor")
	if got := order(m.State()); got != "p9 Ward 5A" {
		t.Errorf("searched: %s", got)
	}
	if r := m.State().Rows.At(0); r.Note != "" || r.Bed != "02" {
		t.Errorf("on the own list a row need not say so: %+v", r)
	}
	m.SetFilter(board.All)
	m.SetSearch("adeyemi")
	if r := m.State().Rows.At(0); r.Note != "mine" || r.Ward != "" {
		t.Errorf("on the ward it does: %+v", r)
	}
}

// One press puts somebody on the own list or takes them off, and says for whom; the
// way back does the other.
func TestOnTheOwnListAndBackInOne(t *testing.T) {
	d := owned()
	m, until := follow(t, d)
	if _, known := m.OnList("p1"); known {
		t.Error("known before it was read")
	}
	m.Turn("p1", "nobody") // nothing is known yet: it would be a guess
	until("loaded", loaded)
	did := func() string {
		d.mu.Lock()
		defer d.mu.Unlock()
		return fmt.Sprint(d.did)
	}
	m.Turn("p3", "O’CONNOR, Maeve")
	m.Turn("p3", "O’CONNOR, Maeve") // twice in haste is once
	until("on", func(s board.State) bool { on, _ := m.OnList("p3"); return on && s.Undo != nil })
	if u := m.State().Undo; u.Words != "On your list: O’CONNOR, Maeve" || did() != "[{p3 true}]" {
		t.Errorf("%q by %s", u.Words, did())
	}
	m.SetFilter(board.Mine) // what is offered stays while something else is chosen
	if m.State().Undo == nil {
		t.Error("the way back has gone")
	}
	m.UndoKeep()
	until("undone", func(s board.State) bool { on, _ := m.OnList("p3"); return !on && s.Undo == nil })
	d.mu.Lock()
	d.late = "Checked when the network is back."
	d.mu.Unlock()
	m.Turn("p7", "ADEYEMI, Folake")
	until("off", func(s board.State) bool { on, _ := m.OnList("p7"); return !on && s.Undo != nil })
	if u := m.State().Undo; u.Words != "Off your list: ADEYEMI, Folake (unsent)" || did() != "[{p3 true} {p3 false} {p7 false}]" {
		t.Errorf("%q by %s", u.Words, did())
	}
}

// What is refused is said, stays until something is done, and leaves no way back of
// what was not done.
func TestAFullListIsRefusedInWords(t *testing.T) {
	d := owned()
	d.no = fault.New(fault.Full, "desk", "", "Your list holds 64 patients already. Take some off it first. Nothing was saved.")
	m, until := follow(t, d)
	until("loaded", loaded)
	m.Turn("p3", "O’CONNOR, Maeve")
	until("refused", func(s board.State) bool { return strings.HasPrefix(s.Refused, "Your list holds 64") })
	if m.State().Undo != nil {
		t.Error("there is a way back of nothing")
	}
	d.mu.Lock()
	d.no = nil
	d.mu.Unlock()
	until("on", func(s board.State) bool {
		m.Turn("p3", "O’CONNOR, Maeve")
		return s.Undo != nil && s.Refused == ""
	})
}

// What was read while somebody else is signed in already is not drawn.
func TestAnotherPersonsListIsNotDrawn(t *testing.T) {
	d := owned()
	m, until := follow(t, d)
	until("loaded", loaded)
	d.mu.Lock()
	d.own = ward.OwnList{User: "t.blake", Patients: []ward.PatientID{"p3"}}
	d.mu.Unlock()
	m.Reload()
	read := 0
	until("read again", func(board.State) bool { read++; return read > 20 })
	if on, _ := m.OnList("p3"); on || pill(m.State(), board.Mine).Count != 4 {
		t.Errorf("Tom's list is on Grace's board: %+v", m.State().Pills)
	}
	// And where nothing else was read before, nothing is shown.
	m, until = follow(t, d)
	read = 0
	until("read", func(board.State) bool { read++; return read > 20 })
	if m.State().Loaded || m.State().Rows.Len() != 0 {
		t.Error("it was drawn first of all")
	}
}

// A list that changed is arranged anew though no row of the ward is another one.
func TestAListThatChangedIsShownAtOnce(t *testing.T) {
	d := &counted{desk: desk{rows: rows(), link: connected()}, version: 1}
	d.own.User = "g.mensah"
	m, until := follow(t, d)
	until("loaded", loaded)
	d.mu.Lock()
	d.own.Patients, d.own.Absent = []ward.PatientID{"far"}, 1
	d.mu.Unlock()
	m.Reload()
	until("on it", func(board.State) bool { on, _ := m.OnList("far"); return on })
}

func TestAnEmptyOwnListSaysWhy(t *testing.T) {
	for name, c := range map[string]struct {
		own    ward.OwnList
		change func(*desk)
		words  string
	}{
		"nobody":         {words: "Nobody is on your list. Press " + board.KeepKey},
		"not here":       {own: ward.OwnList{Patients: []ward.PatientID{"far"}, Absent: 1}, words: "None to show: 1 patient of your list is not on this computer."},
		"two not here":   {own: ward.OwnList{Patients: []ward.PatientID{"far", "off"}, Absent: 2}, words: "None to show: 2 patients of your list are not"},
		"lost":           {own: ward.OwnList{Lost: true}, words: "Your list cannot be read"},
		"being loaded":   {change: func(d *desk) { d.link.Loading = &ward.Progress{Done: 1} }, words: "Your list is being loaded"},
		"never anything": {change: func(d *desk) { d.rows, d.link = nil, ward.Link{} }, words: "Not loaded: "},
	} {
		d := &desk{rows: rows(), own: c.own, link: connected()}
		if c.change != nil {
			c.change(d)
		}
		m := open(t, d)
		m.SetFilter(board.Mine)
		if got := m.State().Empty; !strings.HasPrefix(got, c.words) {
			t.Errorf("%s: %q", name, got)
		}
		if strings.Contains(m.State().AsOf, "not on this computer") != (c.own.Absent > 0) {
			t.Errorf("%s: %q", name, m.State().AsOf)
		}
	}
}

// Whoever lies elsewhere goes from this computer, and cannot be put back: it is asked
// for once more, and no way back is promised. An answer that comes late asks again.
func TestWhoGoesFromThisComputerIsAskedFor(t *testing.T) {
	d := owned()
	m, until := follow(t, d)
	until("loaded", loaded)
	did := func() int {
		d.mu.Lock()
		defer d.mu.Unlock()
		return len(d.did)
	}
	m.Turn("p9", "OKAFOR, Given")
	if a := m.State().Ask; a == nil || a.Words != "Once more: OKAFOR, Given goes from this computer" || did() != 0 {
		t.Fatalf("asked %+v, done %d", a, did())
	}
	m.Turn("p8", "ZELLER, Given") // somebody else: that was no answer
	if did() != 0 || !strings.Contains(m.State().Ask.Words, "ZELLER") {
		t.Fatalf("a press about another one was taken for the answer: %d", did())
	}
	m.Put("p8", "ZELLER, Given", false)
	until("off", func(s board.State) bool { on, _ := m.OnList("p8"); return !on && s.Undo != nil })
	if u := m.State().Undo; u.Back || u.Words != "Off your list: ZELLER, Given" || m.State().Ask != nil {
		t.Errorf("%+v, asks %+v", u, m.State().Ask)
	}
	m.UndoKeep()
	if did() != 1 {
		t.Error("what cannot be put back was tried")
	}
}

func TestALateAnswerAsksAgain(t *testing.T) {
	d, at := owned(), now
	var q base.Queue
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	var clock sync.Mutex // the reading goroutine asks, too
	m := board.New(d, &q, func() time.Time { clock.Lock(); defer clock.Unlock(); return at }, func(board.State) {})
	m.Follow(ctx)
	for i := 0; i < 20_000 && !m.State().Loaded; i++ {
		q.Drain()
		time.Sleep(2 * time.Millisecond)
	}
	m.Turn("p9", "OKAFOR, Given")
	first := m.State().Ask
	clock.Lock()
	at = at.Add(10 * time.Second)
	clock.Unlock()
	m.Turn("p9", "OKAFOR, Given")
	if again := m.State().Ask; again == nil || again == first || len(d.did) != 0 {
		t.Errorf("asked again %v, done %d", again != first, len(d.did))
	}
}
