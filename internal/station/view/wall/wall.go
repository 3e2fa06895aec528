// Package wall is the view model of the large screen on the ward's wall: one card
// a patient, by bed and initials, who needs somebody on top.
//
// It is read from across the room and by everybody who walks by, so it is never
// scrolled and names nobody: what does not fit comes on further sheets, which turn
// by themselves, and those who need somebody stand on every sheet.
package wall

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/station/view/board"
	"wardlight/internal/station/view/strip"
	"wardlight/internal/words"
)

// Desk is what the wall needs of the station.
type Desk interface {
	OpenWall(ctx context.Context) error
	Wall(ctx context.Context) (ward.Wall, error)
	// WallDrawn is told which cards stood on the wall: what they say is on the
	// ward's screens. It is called in the background.
	WallDrawn(ctx context.Context, cards []ward.WallCard) error
	Link() ward.Link
}

// turnEvery is how long a sheet stands before the next one comes.
const turnEvery = 20 * time.Second

// readEvery is how often the wall reads anew, whether or not anything was told.
const readEvery = 2 * time.Second

// Foot is how the last line of a card is drawn.
type Foot string

// Similar is the note of a card whose name is like another one on the ward.
var Similar = words.K("similar")

// Urgent is the note of a card whose patient has a value beyond an urgent limit that
// nobody has acknowledged. Which value it is the wall does not say.
var Urgent = words.K("URGENT RESULT")

// The kinds of a last line.
const (
	FootPlain    Foot = "plain"
	FootOverdue  Foot = "overdue"
	FootCritical Foot = "critical"
)

// Card is one patient as drawn.
type Card struct {
	Bed, Initials string
	Score         string // "7", "≥5"; "" without one
	Shape         board.Shape
	Trend         string // "rising from 5", "steady", "falling", "not scored"
	Rising        bool
	Notes         []string // "scale 2", "similar", "URGENT RESULT"
	Foot          string
	FootKind      Foot
	Urgency       ward.Urgency
}

// State is the wall as drawn.
type State struct {
	Counts string // "24 patients · 2 critical results · 2 observations overdue"
	Link   string // "Connected, as of 14:05"; "Network out since 02:14, as of 02:14"
	Late   bool   // the link is not to be relied on
	Cards  []Card // of this sheet
	Sheet  string // "sheet 1 of 2"; "" where all fit
	Empty  string
}

// Model is the view model. Its methods are for the display's goroutine.
type Model struct {
	desk   Desk
	now    func() time.Time
	show   func(State)
	loader *base.Loader[read]

	wall   ward.Wall
	link   ward.Link
	loaded bool
	err    string
	fits   int
	begun  time.Time
	state  State
	told   map[ward.ShownResult]bool // was told to the station as drawn
	ctx    context.Context           // of Open: while the wall is shown
	d      base.Dispatcher
}

// read is what one look at the station brings. What is said of the connection comes
// from the disk, too, as long as anything waits to be sent.
type read struct {
	wall ward.Wall
	link ward.Link
}

// New makes the model.
func New(desk Desk, d base.Dispatcher, now func() time.Time, show func(State)) *Model {
	m := &Model{desk: desk, now: now, show: show, fits: 24, told: map[ward.ShownResult]bool{}, d: d}
	m.loader = base.NewLoader(d, func(ctx context.Context) (read, error) {
		w, err := desk.Wall(ctx)
		return read{w, desk.Link()}, err
	}, m.took)
	return m
}

// Open records the look and follows the ward until ctx ends. A wall whose look
// cannot be recorded is not shown.
func (m *Model) Open(ctx context.Context, d base.Dispatcher) {
	m.begun, m.ctx = m.now(), ctx
	go func() {
		if err := m.desk.OpenWall(ctx); err != nil {
			link := m.desk.Link()
			d.Do(func() { m.took(read{link: link}, err) })
			return
		}
		m.loader.Reload()
		t := time.NewTicker(readEvery)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				m.loader.Cancel()
				return
			case <-t.C:
				m.loader.Reload()
			}
		}
	}()
}

// Fits says how many cards the screen has room for.
func (m *Model) Fits(n int) {
	if n = max(n, 1); n != m.fits {
		m.fits = n
		m.arrange()
	}
}

func (m *Model) took(r read, err error) {
	m.loaded, m.err = true, ""
	m.wall, m.link = r.wall, r.link
	if err != nil {
		m.wall, m.err = ward.Wall{}, base.Words(err)
	}
	m.arrange()
}

// arrange makes the state of what was read.
func (m *Model) arrange() {
	now := m.now()
	cards := slices.Clone(m.wall.Cards)
	slices.SortStableFunc(cards, worst)
	s := State{Counts: m.counts(cards, now)}
	s.Link, s.Late = linkWords(m.link, m.wall.AsOf, now)
	sheet, of := m.sheet(cards)
	for _, c := range sheet {
		s.Cards = append(s.Cards, cardOf(c, now))
	}
	if of > 1 {
		s.Sheet = words.F("sheet %d of %d", m.turn(of)+1, of)
	}
	switch {
	case m.err != "":
		s.Empty = m.err
	case !m.loaded:
		s.Empty = words.T("Loading the ward.")
	case len(cards) == 0:
		s.Empty = words.F("No patients on this computer, as of %s.", ward.Stamp(m.wall.AsOf, now))
	}
	m.state = s
	m.show(s)
	if m.loaded && m.err == "" {
		m.tellDrawn(sheet)
	}
}

// tellDrawn tells the station what the cards of this sheet say, once each.
func (m *Model) tellDrawn(sheet []ward.WallCard) {
	var fresh []ward.WallCard
	for _, c := range sheet {
		for _, r := range ward.UntakenOn([]ward.WallCard{c}) {
			if !m.told[r] {
				m.told[r] = true
				fresh = append(fresh, c)
			}
		}
	}
	if len(fresh) == 0 || m.ctx == nil {
		return
	}
	go func() {
		if err := m.desk.WallDrawn(m.ctx, fresh); err != nil {
			m.d.Do(func() { // not written down: it is told again
				for _, r := range ward.UntakenOn(fresh) {
					delete(m.told, r)
				}
			})
		}
	}()
}

// worst orders the wall: who needs somebody first, among them a result that nobody
// has before one that somebody has, then the score and how it moves.
func worst(a, b ward.WallCard) int {
	flag := func(on bool) int {
		if on {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(b.Urgency, a.Urgency), cmp.Compare(flag(b.Untaken), flag(a.Untaken)), cmp.Compare(b.Standing(), a.Standing()),
		cmp.Compare(b.Total-b.From*flag(b.HasFrom), a.Total-a.From*flag(a.HasFrom)), ward.CompareBeds(a.Bed, b.Bed), cmp.Compare(a.Initials, b.Initials))
}

// sheet is what stands on the wall now. Whoever needs somebody (a critical result,
// or a score of five or more) stands on every sheet, as far as there is room.
func (m *Model) sheet(cards []ward.WallCard) (now []ward.WallCard, of int) {
	if len(cards) <= m.fits {
		return cards, 1
	}
	pinned := 0
	for pinned < len(cards) && cards[pinned].Urgency >= 2 && pinned < m.fits-1 {
		pinned++
	}
	rest, each := cards[pinned:], m.fits-pinned
	of = (len(rest) + each - 1) / each
	from := m.turn(of) * each
	return append(slices.Clone(cards[:pinned]), rest[from:min(from+each, len(rest))]...), of
}

func (m *Model) turn(of int) int {
	return int(m.now().Sub(m.begun)/turnEvery) % of
}

func (m *Model) counts(cards []ward.WallCard, now time.Time) string {
	critical, urgent, overdue := 0, 0, 0
	for _, c := range cards {
		if c.Critical {
			critical++
		}
		if c.Urgent {
			urgent++
		}
		if late(c, now) > 0 {
			overdue++
		}
	}
	parts := []string{words.N(len(cards), "%d patient", "%d patients")}
	if critical > 0 {
		parts = append(parts, words.N(critical, "%d patient with a critical result", "%d patients with a critical result"))
	}
	if urgent > 0 {
		parts = append(parts, words.N(urgent, "%d with an urgent one", "%d with an urgent one"))
	}
	if overdue > 0 {
		parts = append(parts, words.N(overdue, "%d observation overdue", "%d observations overdue"))
	}
	if m.wall.HeldBack > 0 {
		parts = append(parts, words.N(m.wall.HeldBack, "%d possibly critical message held back", "%d possibly critical messages held back"))
	}
	return strings.Join(parts, " · ")
}

// linkWords say how old the wall is.
func linkWords(l ward.Link, asOf, now time.Time) (text string, late bool) {
	s := strip.Of(l, "", now)
	if asOf.IsZero() {
		return s.Head, s.Tone != strip.Calm
	}
	return words.F("%s, as of %s", s.Head, ward.Stamp(asOf, now)), s.Tone != strip.Calm
}

// late is for how long a set of observations has been overdue.
func late(c ward.WallCard, now time.Time) time.Duration {
	if !c.Known || c.Due.IsZero() {
		return 0
	}
	return max(now.Sub(c.Due), 0)
}

// State is the present state.
func (m *Model) State() State { return m.state }
