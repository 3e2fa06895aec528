// Package alerts is the view model of what interrupts: the alert card, the red
// band it folds into, and the alerts page.
//
// The rules it keeps:
//   - An alert that arrives while somebody types comes as the band, and opens as
//     the card when they pause (5 s without a key), leave the field, or ask.
//   - A card counts as there when the display has painted it. For one second
//     after that no key counts, and for two nothing takes it, key or pointer:
//     what was on its way to something else must not. One that comes too early
//     makes the time begin anew.
//   - A press takes the alert that was drawn at the press, never one that has
//     taken its place since; and when a card went by itself, what was on its way
//     to it takes nothing of the page below.
//   - Set aside folds what this person has looked at into the band. What they
//     have not seen opens next, or waits as the band while they type. The band
//     stays while anything is untaken.
package alerts

import (
	"context"
	"slices"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/words"
)

// Desk is what alerts need of the station.
type Desk interface {
	base.Notices
	Alerts(ctx context.Context) ([]ward.Alert, error)
	Rows(ctx context.Context) (ward.Board, error)
	HeldBack(ctx context.Context) ([]ward.HeldBack, error)
	Do(ctx context.Context, cmd ward.Command) (ward.Done, error)
}

// Pause is how long no key must have come before a card may open over a field
// that has the focus.
const Pause = 5 * time.Second

// Guard is how long a card must have been on the screen before a key counts.
const Guard = time.Second

// Key names one alert: a result in one version.
type Key struct {
	Patient ward.PatientID
	Result  ward.ResultID
	Version uint64
}

// keyOf names an alert; one of what is held back names the warning, and no patient.
func keyOf(a ward.Alert) Key { return Key{a.Who.ID, a.Result.ID, a.Result.Version} }

// Card is the open card.
type Card struct {
	Key    Key
	Alert  ward.Alert
	Detail Detail
	Place  string // "2 of 3"; "" for a single one
	Head   string // "Critical result: potassium very high"
	Clock  string // "7 min, nobody has taken it"
	// Short and ClockShort say the same where there is little room.
	Short, ClockShort string
	Drawn             time.Time // when the display had painted it; zero before
	Hint              string    // why a key or a press did nothing
	Error             string
	Busy              bool
	With              []ward.Alert // other warnings of the same sender that it names, see group.go
	More              int          // and how many of them it has no room for
}

// Band is the folded card.
type Band struct {
	Key   Key    // what it tells of, and opens
	Text  string // "Bed 07 · Potassium 6.8 mmol/L CRITICAL HIGH · 7 min, nobody has taken it"
	Bed   string // "Bed 07"
	What  string // "Potassium 6.8 mmol/L"
	Word  string // "CRITICAL HIGH"
	Clock string // "7 min, nobody has taken it"
	Short string // "7 min", where there is little room
	// ShortBed is Bed where there is little room; "" where that is short itself.
	ShortBed string
	Count    int    // how many nobody has
	More     string // the others in words: "+2 more", "new; 2 more set aside"
}

// State is everything that interrupts.
type State struct {
	Open     []ward.Alert    // nobody has them, worst first
	Owned    []ward.Alert    // somebody has them
	Lines    []Line          // the page's list: open, owned, held back
	Empty    string          // in place of the list
	HeldBack []ward.HeldBack // without a critical value: those that have one are alerts
	Card     *Card
	Band     *Band
	Badge    int
	Undo     *Undo
	Trouble  string
}

// Undo offers to take back what was just taken.
type Undo struct {
	Patient ward.PatientID
	Task    string
	Words   string
	Until   time.Time
}

// undoFor is how long taking can be undone by one key.
const undoFor = 10 * time.Second

// Model is the view model. Its methods are for the display's goroutine, but
// Follow.
type Model struct {
	desk   Desk
	now    func() time.Time
	show   func(State)
	d      base.Dispatcher
	loader *base.Loader[read]

	read    read
	state   State
	aside   map[Key]bool         // set aside by a person
	looked  map[Key]bool         // were in front for long enough to be read
	quiet   map[string]time.Time // senders whose next warnings come as the band until then
	shown   map[Key]bool         // told to the desk as drawn
	at      Key                  // which card is in front
	changed time.Time            // when a card last went, or gave way to another, by itself
	typing  func() (focused bool, last time.Time)
	visible bool
}

type read struct {
	alerts []ward.Alert
	held   []ward.HeldBack
}

// New makes the model. typing says whether a text field has the focus, and
// when the last key came.
func New(desk Desk, d base.Dispatcher, now func() time.Time, typing func() (bool, time.Time), show func(State)) *Model {
	m := &Model{desk: desk, d: d, now: now, show: show, typing: typing, aside: map[Key]bool{}, looked: map[Key]bool{}, quiet: map[string]time.Time{}, shown: map[Key]bool{}}
	m.loader = base.NewLoader(d, func(ctx context.Context) (read, error) {
		a, err := desk.Alerts(ctx)
		if err != nil {
			return read{}, err
		}
		h, err := desk.HeldBack(ctx)
		if err != nil {
			return read{}, err
		}
		b, err := desk.Rows(ctx)
		return read{slices.Concat(a, owned(b), ownedHeld(h)), quiet(h)}, err
	}, m.loaded)
	return m
}

// Follow keeps the model up to date until ctx ends.
func (m *Model) Follow(ctx context.Context) {
	m.loader.Follow(ctx, m.desk, 5*time.Second)
}

// SetVisible says whether an unlocked window shows the model: only then does
// anything count as shown.
func (m *Model) SetVisible(on bool) { m.visible = on; m.Tick() }

func (m *Model) loaded(r read, err error) {
	if err != nil {
		m.state.Trouble = base.Words(err)
		m.show(m.state)
		return
	}
	m.state.Trouble = ""
	m.read = r
	m.Tick()
}

// Tick looks again at the clock: cards open when somebody stops typing, and
// minutes count. The shell calls it once a second.
func (m *Model) Tick() {
	now := m.now()
	s := State{HeldBack: m.read.held, Trouble: m.state.Trouble}
	if u := m.state.Undo; u != nil && now.Before(u.Until) {
		s.Undo = u
	}
	for _, a := range m.read.alerts {
		if a.Result.Open {
			s.Open = append(s.Open, a)
		} else {
			s.Owned = append(s.Owned, a)
		}
	}
	s.Lines = lines(s, now)
	if len(s.Lines) == 0 {
		s.Empty = words.F("None: nothing waits for anybody, as of %s.", ward.Clock(now))
	}
	s.Badge = len(s.Open) + len(s.HeldBack)
	m.forget(s.Open)
	m.front(&s, now)
	m.noteChange(s.Card, now)
	m.state = s
	m.show(s)
	m.tellShown()
}

// State is the present state.
func (m *Model) State() State { return m.state }
