package board_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/station/view/board"
)

var now = time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)

type desk struct {
	rows []ward.Row
	own  ward.OwnList
	link ward.Link
	err  error

	mu   sync.Mutex // guards what is done
	did  []ward.Command
	no   error // why nothing is
	late string
}

// Do keeps the own list, as the desk does.
func (d *desk) Do(_ context.Context, cmd ward.Command) (ward.Done, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.did = append(d.did, cmd)
	if k, ok := cmd.(ward.KeepOnList); ok && d.no == nil {
		d.own.Patients = slices.DeleteFunc(slices.Clone(d.own.Patients), func(id ward.PatientID) bool { return id == k.Patient })
		if k.Keep {
			d.own.Patients = append(d.own.Patients, k.Patient)
			slices.Sort(d.own.Patients)
		}
	}
	return ward.Done{Later: d.late}, d.no
}

func (d *desk) Rows(context.Context) (ward.Board, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	b := ward.Board{Own: d.own}
	for i := range d.rows {
		b.Rows = append(b.Rows, &d.rows[i])
	}
	return b, d.err
}
func (d *desk) Link() ward.Link { return d.link }
func (d *desk) Subscribe(context.Context) <-chan ward.Notice {
	return make(chan ward.Notice)
}

func connected() ward.Link {
	return ward.Link{Connected: true, Ever: true, AsOf: now, Feeds: []ward.Feed{{Name: "laboratory", Last: now, Up: true}}}
}

func who(id, bed, family, given string) ward.Identity {
	return ward.Identity{ID: ward.PatientID(id), Bed: bed, Family: family, Given: given, Age: "72y", Gender: "Female"}
}

func open(t *testing.T, d *desk) *board.Model {
	t.Helper()
	var q base.Queue
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	loaded := false
	m := board.New(d, &q, func() time.Time { return now }, func(s board.State) { loaded = s.Loaded || s.Trouble != "" })
	m.Follow(ctx)
	for i := 0; i < 10_000 && !loaded; i++ {
		time.Sleep(5 * time.Millisecond)
		q.Drain()
	}
	return m
}

func rows() []ward.Row {
	crit := &ward.Result{Test: "Potassium", Value: "6.8", Unit: "mmol/L", Flag: ward.FlagCriticalHigh, Critical: true, Open: true, Received: now.Add(-7 * time.Minute)}
	return []ward.Row{
		{Who: who("p3", "03", "O'Connor", "Maeve"), Early: ward.Early{Known: true, Total: 5, Risk: ward.RiskMedium, Scale: 2, Due: now.Add(35 * time.Minute)}, Allergies: ward.AllergyLine{State: ward.AllergyKnown, Worst: "Codeine"}},
		{Who: who("p7", "07", "Adeyemi", "Folake"), Early: ward.Early{Known: true, Total: 7, Risk: ward.RiskHigh, HasFrom: true, From: 4, FromAt: now.Add(-90 * time.Minute), Continuous: true}, Critical: crit, Criticals: 1, New: 2, Others: 2, Allergies: ward.AllergyLine{State: ward.AllergyKnown, Worst: "Penicillin", Others: []string{"trimethoprim: rash"}}},
		{Who: who("p1", "01", "Wojtyła", "Anna"), Allergies: ward.AllergyLine{State: ward.AllergyNotRecorded}},
		{Who: who("p2", "02", "Baptiste", "Jean-Luc"), Early: ward.Early{Known: true, Total: 2, Risk: ward.RiskLow, Due: now.Add(-25 * time.Minute)}, Allergies: ward.AllergyLine{State: ward.AllergyNone}},
	}
}

// A list that has not been read yet is no ward without patients, however long it takes.
func TestAListThatIsNotReadSaysSo(t *testing.T) {
	var q base.Queue
	var shown []board.State
	m := board.New(&desk{rows: rows(), link: connected()}, &q, func() time.Time { return now }, func(s board.State) { shown = append(shown, s) })
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	m.Follow(ctx)
	if len(shown) != 1 || shown[0].Loaded || !strings.HasPrefix(shown[0].Empty, "Opening the list") || shown[0].Beds != "" {
		t.Errorf("before it was read: %+v", shown)
	}
}

// The window's head counts patients in words that are right for one, too.
func TestTheHeadCountsInWords(t *testing.T) {
	for n, want := range map[int]string{0: "0 patients", 1: "1 patient", 4: "4 patients"} {
		if got := open(t, &desk{rows: rows()[:n], link: connected()}).State().Beds; got != want {
			t.Errorf("%d: %q", n, got)
		}
	}
	some := rows()
	some[1].Loading, some[2].Loading, some[3].Loading = ward.LoadingAll, ward.LoadingAll, ward.LoadingOlder
	if got := open(t, &desk{rows: some, link: connected()}).State().Beds; got != "4 patients, 2 still being read" {
		t.Errorf("while two are read: %q", got)
	}
}

func TestTheWorstComesFirst(t *testing.T) {
	m := open(t, &desk{rows: rows(), link: connected()})
	var beds []string
	for i := range m.State().Rows.Len() {
		beds = append(beds, m.State().Rows.At(i).Bed)
	}
	if got := strings.Join(beds, " "); got != "07 03 01 02" {
		t.Errorf("order: %s", got)
	}
	m.SetByBed(true)
	beds = nil
	for i := range m.State().Rows.Len() {
		beds = append(beds, m.State().Rows.At(i).Bed)
	}
	if got := strings.Join(beds, " "); got != "01 02 03 07" {
		t.Errorf("by bed: %s", got)
	}
}

func TestARowSaysWhatMatters(t *testing.T) {
	s := open(t, &desk{rows: rows(), link: connected()}).State()
	r := s.Rows.At(0)
	if r.Name != "ADEYEMI, Folake" || r.Age != "72 F" || r.Score.Text != "7" || r.Score.Shape != board.ShapeEmergency || !r.Score.Worse || r.Score.Change != "from 4" {
		t.Errorf("score: %+v", r)
	}
	if c := r.Results; c.Test != "Potassium" || c.Value != "6.8" || c.Word != "CRITICAL HIGH" || c.Second != "Nobody has taken it, 7 min." || !c.Open || c.More != "+2" {
		t.Errorf("critical: %+v", c)
	}
	if a := r.Allergies; a.Text != "Penicillin, +1" || a.Kind != board.KindKnown {
		t.Errorf("allergies: %+v", a)
	}
	for i, want := range map[int]board.Words{1: {"due 14:40", board.KindPlain}, 2: {"not recorded", board.KindMissing}, 3: {"overdue 25 min", board.KindOverdue}} {
		if got := s.Rows.At(i).Observations; got != want {
			t.Errorf("observations of row %d: %+v, want %+v", i, got, want)
		}
	}
	if s.Rows.At(2).Allergies.Text != "not recorded" || s.Rows.At(3).Allergies.Text != "none known" {
		t.Error("'not recorded' and 'none known' must differ")
	}
}

// "none" is a claim about the laboratory; with the feed down it may not be
// made.
func TestNoneIsNotSaidWhileTheFeedIsDown(t *testing.T) {
	d := &desk{rows: rows()[3:], link: connected()}
	if got := open(t, d).State().Rows.At(0).Results.Line; got != "none" {
		t.Errorf("connected: %q", got)
	}
	d.link.Connected, d.link.AsOf = false, now.Add(-2*time.Hour)
	if got := open(t, d).State().Rows.At(0).Results.Line; got != "none by 12:05" {
		t.Errorf("network out: %q", got)
	}
	d.link = connected()
	d.link.Feeds[0].Up = false
	if got := open(t, d).State().Rows.At(0).Results.Line; got == "none" {
		t.Errorf("laboratory line down: %q", got)
	}
	d.link = ward.Link{}
	if got := open(t, d).State().Rows.At(0).Results.Line; got != "not known" {
		t.Errorf("never any contact: %q", got)
	}
}

// Nor may anything that is on its way to this computer for the first time be said
// to be absent; what overtook it is shown.
func TestNothingIsAbsentThatIsOnItsWay(t *testing.T) {
	for _, loading := range []ward.Loading{ward.LoadingOlder, ward.LoadingAll} {
		empty := ward.Row{Who: who("p1", "01", "Wojtyła", "Anna"), Loading: loading, Allergies: ward.AllergyLine{State: ward.AllergyUnavailable}}
		urgent := rows()[1]
		urgent.Loading = loading
		list := open(t, &desk{rows: []ward.Row{empty, urgent}, link: connected()}).State().Rows
		r := list.At(1)
		if r.Results.Line != "loading" || r.Score.Words != "loading" || r.Observations.Text != "loading" || r.Allergies.Text != "unavailable" {
			t.Errorf("%s: results %q, score %q, observations %q, allergies %q", loading, r.Results.Line, r.Score.Words, r.Observations.Text, r.Allergies.Text)
		}
		if r := list.At(0); r.Results.Test != "Potassium" || r.Score.Text != "7" {
			t.Errorf("%s: a critical result is drawn as %+v", loading, r.Results)
		}
	}
}

func TestSearchForgivesAccentsAndOrder(t *testing.T) {
	m := open(t, &desk{rows: rows(), link: connected()})
	for search, want := range map[string]int{"wojtyla": 1, "anna WOJTYŁA": 1, "o'con": 1, "07": 1, "nobody": 0, "": 4} {
		m.SetSearch(search)
		if got := m.State().Rows.Len(); got != want {
			t.Errorf("search %q: %d rows, want %d", search, got, want)
		}
	}
	m.SetSearch("nobody")
	if !strings.Contains(m.State().Empty, "nobody") {
		t.Errorf("empty: %q", m.State().Empty)
	}
}

func TestPillsCountAndFilter(t *testing.T) {
	m := open(t, &desk{rows: rows(), link: connected()})
	counts := map[board.Filter]int{}
	for _, p := range m.State().Pills {
		counts[p.Filter] = p.Count
	}
	if counts[board.All] != 4 || counts[board.Critical] != 1 || counts[board.Overdue] != 1 || counts[board.Worse] != 1 {
		t.Errorf("%v", counts)
	}
	m.SetFilter(board.Critical)
	if m.State().Rows.Len() != 1 || m.State().Rows.At(0).Bed != "07" {
		t.Error("the critical filter shows others")
	}
}

func TestAnEmptyBoardSaysWhy(t *testing.T) {
	for name, c := range map[string]struct {
		d    *desk
		want string
	}{
		"connected":    {&desk{link: connected()}, "None: no patients"},
		"never":        {&desk{}, "Not loaded: this computer has had no contact with the server yet."},
		"out":          {&desk{link: ward.Link{Ever: true, Since: now.Add(-time.Hour), AsOf: now.Add(-time.Hour)}}, "no contact since 13:05"},
		"read trouble": {&desk{err: errors.New("cache.view: bytes fail their check")}, ""},
	} {
		s := open(t, c.d).State()
		if !strings.Contains(s.Empty, c.want) {
			t.Errorf("%s: %q", name, s.Empty)
		}
		if (s.Trouble != "") != (c.d.err != nil) {
			t.Errorf("%s: trouble %q", name, s.Trouble)
		}
	}
}
