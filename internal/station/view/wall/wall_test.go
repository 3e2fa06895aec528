package wall_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/station/view/wall"
)

var now = time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)

type desk struct {
	mu    sync.Mutex
	wall  ward.Wall
	link  ward.Link
	fail  error
	opens int
	drawn []ward.WallCard
	full  error // why it cannot write down what was drawn
}

func (d *desk) OpenWall(context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.opens++
	return d.fail
}

func (d *desk) Wall(context.Context) (ward.Wall, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.wall, nil
}
func (d *desk) Link() ward.Link { return d.link }

func (d *desk) WallDrawn(_ context.Context, cards []ward.WallCard) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.drawn = append(d.drawn, cards...)
	return d.full
}

func scored(bed string, total, from int, risk ward.Risk) ward.WallCard {
	c := ward.WallCard{Bed: bed, Initials: "XY", Whole: true, Known: true, Total: total, From: from, HasFrom: true, Risk: risk, Scale: 1, Due: now.Add(time.Hour)}
	switch risk {
	case ward.RiskHigh:
		c.Urgency = 3
	case ward.RiskMedium:
		c.Urgency = 2
	case ward.RiskLowMedium:
		c.Urgency = 1
	case ward.RiskLow:
	}
	return c
}

type rig struct {
	*wall.Model
	d   *desk
	q   base.Queue
	now time.Time
}

func open(t *testing.T, d *desk) *rig {
	t.Helper()
	r := &rig{d: d, now: now}
	r.Model = wall.New(d, &r.q, func() time.Time { return r.now }, func(wall.State) {})
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	r.Open(ctx, &r.q)
	for range 40_000 {
		time.Sleep(time.Millisecond)
		if r.q.Drain(); r.State().Counts != "" || r.State().Empty != "" {
			break
		}
	}
	return r
}

func beds(s wall.State) string {
	var out []string
	for _, c := range s.Cards {
		out = append(out, c.Bed)
	}
	return strings.Join(out, " ")
}

// Who is getting worse stands on top: a critical result that nobody has, then the
// scores, of two alike the one that rose more.
func TestTheWorstIsOnTop(t *testing.T) {
	crit := scored("09", 1, 1, ward.RiskLow)
	crit.Critical, crit.Untaken, crit.Urgency = true, true, 3
	late := scored("22", 6, 3, ward.RiskMedium)
	late.Due = now.Add(-25 * time.Minute)
	atLeast := scored("11", 5, 2, ward.RiskMedium)
	atLeast.AtLeast, atLeast.At = true, now.Add(-10*time.Minute)
	r := open(t, &desk{link: ward.Link{Connected: true, AsOf: now}, wall: ward.Wall{AsOf: now, Cards: []ward.WallCard{
		scored("01", 4, 4, ward.RiskLow), scored("02", 6, 6, ward.RiskMedium), atLeast, scored("19", 8, 5, ward.RiskHigh), late, scored("03", 2, 4, ward.RiskLow), crit,
	}}})
	s := r.State()
	if got := beds(s); got != "09 19 22 02 11 01 03" {
		t.Errorf("order: %s", got)
	}
	if s.Counts != "7 patients · 1 patient with a critical result · 1 observation overdue" {
		t.Error(s.Counts)
	}
	var words []string
	for _, c := range s.Cards {
		words = append(words, strings.Join([]string{c.Score, c.Trend, c.Foot}, ", "))
	}
	want := "1, steady, CRITICAL RESULT|8, rising from 5, due 15:05|6, rising from 3, overdue 25 min|6, steady, due 15:05|≥5, rising from 2, incomplete 13:55|4, steady, due 15:05|2, falling, due 15:05"
	if got := strings.Join(words, "|"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if r.d.opens != 1 {
		t.Errorf("%d looks are on record", r.d.opens)
	}
}

// Forty patients, room for twelve: sheets turn, and whoever needs somebody is on
// each of them.
func TestSheetsTurnAndTheUrgentStayInView(t *testing.T) {
	var cards []ward.WallCard
	for i := range 38 {
		cards = append(cards, scored(fmt.Sprintf("%02d", i+1), 0, 0, ward.RiskLow))
	}
	cards = append(cards, scored("90", 9, 4, ward.RiskHigh), scored("91", 5, 5, ward.RiskMedium))
	r := open(t, &desk{link: ward.Link{Connected: true}, wall: ward.Wall{AsOf: now, Cards: cards}})
	r.Fits(12)
	seen := map[string]int{}
	for i := range 4 {
		s := r.State()
		if want := fmt.Sprintf("sheet %d of 4", i+1); s.Sheet != want || len(s.Cards) > 12 {
			t.Errorf("%q with %d cards, want %q", s.Sheet, len(s.Cards), want)
		}
		for _, c := range s.Cards {
			seen[c.Bed]++
		}
		r.now = r.now.Add(20 * time.Second)
		r.Fits(11) // draws anew
		r.Fits(12)
	}
	if len(seen) != 40 || seen["90"] != 4 || seen["91"] != 4 || seen["17"] != 1 {
		t.Errorf("%d beds were shown; 90 on %d sheets, 17 on %d", len(seen), seen["90"], seen["17"])
	}
}

// Of what the server holds back it may be known whose it is: the wall does not
// say otherwise.
func TestTheWallCountsWhatIsHeldBack(t *testing.T) {
	r := open(t, &desk{link: ward.Link{Connected: true, AsOf: now}, wall: ward.Wall{AsOf: now, HeldBack: 2, Cards: []ward.WallCard{scored("01", 0, 0, ward.RiskLow)}}})
	if s := r.State(); s.Counts != "1 patient · 2 possibly critical messages held back" {
		t.Error(s.Counts)
	}
}

// With the network out the wall says how old it is. A wall whose look cannot be
// recorded shows nobody.
func TestTheWallSaysHowOldItIs(t *testing.T) {
	r := open(t, &desk{link: ward.Link{Ever: true, Since: now.Add(-4 * time.Hour)}, wall: ward.Wall{AsOf: now.Add(-4 * time.Hour), Cards: []ward.WallCard{scored("01", 0, 0, ward.RiskLow)}}})
	if s := r.State(); !s.Late || s.Link != "Network out since 10:05, as of 10:05" {
		t.Errorf("%q late %v", s.Link, s.Late)
	}
	r = open(t, &desk{fail: errors.New("the look could not be recorded"), wall: ward.Wall{Cards: []ward.WallCard{scored("01", 0, 0, ward.RiskLow)}}})
	if s := r.State(); len(s.Cards) != 0 || s.Empty != "the look could not be recorded" {
		t.Errorf("%+v", s)
	}
}

// "At least 0" after a full 8 stays above a full 7.
func TestAMinimumKeepsItsPlace(t *testing.T) {
	minimum := scored("12", 0, 8, ward.RiskHigh)
	minimum.AtLeast, minimum.Urgency = true, 3
	seven := scored("11", 7, 7, ward.RiskHigh)
	seven.Urgency = 3
	r := open(t, &desk{link: ward.Link{Connected: true, AsOf: now}, wall: ward.Wall{AsOf: now, Cards: []ward.WallCard{seven, minimum}}})
	if got := beds(r.State()); got != "12 11" {
		t.Errorf("order: %s", got)
	}
}

// What the cards of a sheet say is told to the station as drawn, once; a sheet that
// did not come yet was not drawn; and what could not be written down is told again.
func TestWhatStoodOnTheWallIsTold(t *testing.T) {
	untaken := func(id string) ward.WallCard {
		row := ward.Row{Who: ward.Identity{ID: ward.PatientID(id), Bed: id}, Whole: true, Critical: &ward.Result{ID: ward.ResultID("k" + id), Version: 2, Critical: true, Open: true}, Criticals: 1}
		return ward.WallCardOf(&row)
	}
	d := &desk{link: ward.Link{Connected: true, AsOf: now}, full: errors.New("the disk is full"), wall: ward.Wall{AsOf: now, Cards: []ward.WallCard{untaken("01"), scored("02", 1, 1, ward.RiskLow)}}}
	r := open(t, d)
	drawn := func(n int) []ward.ShownResult {
		t.Helper()
		for range 40_000 {
			r.q.Drain()
			d.mu.Lock()
			list := ward.UntakenOn(d.drawn)
			d.mu.Unlock()
			if len(list) >= n {
				return list
			}
			time.Sleep(time.Millisecond)
		}
		t.Fatalf("%d were not told", n)
		return nil
	}
	if got := drawn(1)[0]; got != (ward.ShownResult{Patient: "01", Result: "k01", Version: 2}) {
		t.Errorf("%+v", got)
	}
	d.mu.Lock()
	d.full = nil
	d.mu.Unlock()
	time.Sleep(5 * time.Millisecond)
	r.q.Drain()
	r.Fits(23) // the wall is arranged anew
	drawn(2)
	for n := range 3 {
		r.Fits(20 + n)
	}
	time.Sleep(10 * time.Millisecond)
	if got := drawn(2); len(got) != 2 {
		t.Errorf("told %d times", len(got))
	}
}

// A value beyond an urgent limit is a note of its card, and counted; what is to be done next
// stays below it.
func TestAnUrgentResultIsANoteOnTheWall(t *testing.T) {
	c := scored("05", 4, 4, ward.RiskLow)
	c.Urgent = true
	r := open(t, &desk{link: ward.Link{Connected: true, AsOf: now}, wall: ward.Wall{AsOf: now, Cards: []ward.WallCard{scored("01", 2, 2, ward.RiskLow), c}}})
	s := r.State()
	if s.Cards[0].Bed != "05" || len(s.Cards[0].Notes) != 1 || s.Cards[0].Notes[0] != "URGENT RESULT" || s.Cards[0].Foot != "due 15:05" {
		t.Errorf("card: %+v", s.Cards[0])
	}
	if len(s.Cards[1].Notes) != 0 || s.Counts != "2 patients · 1 with an urgent one" {
		t.Errorf("%q, %+v", s.Counts, s.Cards[1])
	}
}
