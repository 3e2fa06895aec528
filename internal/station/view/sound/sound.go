// Package sound is the view model of what a computer sounds for: it listens to what is
// committed, has the rules of clinical/sound say what is due, and plays it, beside the
// display and never before it. It also is the part of the settings page that says
// whether there is sound, how loud it is, and until when it is muted.
//
// What it promises:
//   - It sounds while the window is locked, too, and names nobody to do so.
//   - Where nothing can be played the window goes on, it is said in words, and what was
//     due sounds when the output is back.
//   - Muted is said for as long as it lasts, and ends by itself.
package sound

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"wardlight/internal/clinical/sound"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/words"
)

// Station is what it needs of the station.
type Station interface {
	// Sounding is what a sound may tell of now; an error while the station is closed.
	Sounding(ctx context.Context) ([]ward.Sounding, error)
	Sounds() ward.Sounds
	KeepSounds(ctx context.Context, to ward.Sounds) error
}

// Output plays. Its errors have words for a person.
type Output interface {
	Play(ctx context.Context, l sound.Level, volume int) error
	// Probe says whether Play would work, without a sound.
	Probe(ctx context.Context) error
}

// State is what is drawn.
type State struct {
	Off     bool   // the site has chosen that this computer makes no sound
	Strip   string // "Sound muted until 14:20", "No sound"; "" where there is nothing to say
	Short   string // the same where there is little room
	Muted   string // "14:20"
	Volume  int    // index of Volumes
	Quiet   int    // index of QuietHours; -1 for others, which Hours says
	Hours   string
	Works   string // that there is an output; "" before that is known
	Trouble string // why there is no sound, and what to do
	Error   string // why a change could not be kept
	Busy    bool   // a test sound plays
}

// Volumes are the choices, in per cent.
func Volumes() (list []int) {
	for v := ward.MinVolume; v <= ward.MaxVolume; v += ward.VolumeStep {
		list = append(list, v)
	}
	return list
}

// Hours are quiet hours to choose, in minutes of the day.
type Hours struct {
	Label    string
	From, To int
}

// QuietHours are the choices, in order.
func QuietHours() []Hours {
	return []Hours{{words.C("quiet hours", "None"), 0, 0}, {"21:00–06:00", 21 * 60, 6 * 60}, {"22:00–07:00", 22 * 60, 7 * 60}, {"23:00–07:00", 23 * 60, 7 * 60}}
}

// Mutes are for how long a computer can be muted.
func Mutes() []time.Duration { return []time.Duration{15 * time.Minute, ward.MaxMute} }

// What is tried again, and read again though nothing says that it changed.
const (
	againFirst = 30 * time.Second // after a failure; doubled each time
	againMost  = 5 * time.Minute
	readEvery  = 30 * time.Second
)

// Model is the view model. Run and Step are for one goroutine of their own, Seen for
// any; the other methods are the display's goroutine's.
type Model struct {
	st       Station
	out      Output
	dispatch base.Dispatcher
	now      func() time.Time
	show     func(State)

	// Run's own.
	memory   sound.Memory
	open     []ward.Sounding
	readAt   time.Time
	probed   bool
	failed   time.Duration // how long the next try waits; 0: the last one worked
	notUntil time.Time

	mu    sync.Mutex // over what follows
	stale bool
	seen  map[string]bool // what this window has drawn
	works bool
	why   string

	busy bool // the display's own, like what follows
	err  string
	last chan struct{}
	said State
}

// New makes the model. out is nil where the site wants no sound of this computer.
func New(st Station, out Output, d base.Dispatcher, now func() time.Time, show func(State)) *Model {
	return &Model{st: st, out: out, dispatch: d, now: now, show: show, stale: true, seen: map[string]bool{}}
}

// Run listens until ctx ends: it looks once a second, and reads what changed.
func (m *Model) Run(ctx context.Context, n base.Notices) {
	if m.out == nil {
		m.dispatch.Do(m.Tell)
		return
	}
	go func() {
		for note := range n.Subscribe(ctx) {
			if note.Kind != ward.NoticeLink {
				m.mu.Lock()
				m.stale = true
				m.mu.Unlock()
			}
		}
	}()
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		m.Step(ctx)
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// Step looks once, and returns when what was due has been played. It is called while
// Run does not run.
func (m *Model) Step(ctx context.Context) {
	if !m.probed {
		m.probed = true
		m.learn(m.out.Probe(ctx))
	}
	m.read(ctx)
	now := m.now()
	if !now.Before(m.notUntil) || m.notUntil.Sub(now) > againMost { // or the clock was set back
		next, b := sound.Next(m.memory, m.open, m.st.Sounds(), now)
		if b.Level == sound.None {
			m.memory = next
		} else if err := m.out.Play(ctx, b.Level, b.Volume); m.learn(err) {
			m.memory, m.failed, m.notUntil = next, 0, time.Time{}
		} else if ctx.Err() == nil {
			m.failed = min(max(2*m.failed, againFirst), againMost)
			m.notUntil = now.Add(m.failed)
		}
	}
	m.dispatch.Do(m.Tell)
}

// read reads what may sound, where it may have changed. What cannot be read is as it
// was: a station that is closed has nothing.
func (m *Model) read(ctx context.Context) {
	now := m.now()
	m.mu.Lock()
	stale := m.stale || m.readAt.IsZero() || now.Sub(m.readAt).Abs() >= readEvery
	m.stale = false
	m.mu.Unlock()
	if !stale {
		m.mark()
		return
	}
	if list, err := m.st.Sounding(ctx); err == nil {
		m.open, m.readAt = list, now
	}
	m.mark()
}

// mark marks what this window has drawn: it knows that sooner than the record does.
func (m *Model) mark() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for key := range m.seen {
		if !slices.ContainsFunc(m.open, func(a ward.Sounding) bool { return a.Key == key }) && !m.stale {
			delete(m.seen, key)
		}
	}
	for i := range m.open {
		m.open[i].Seen = m.open[i].Seen || m.seen[m.open[i].Key]
	}
}

// learn notes whether there is sound, and says whether it worked.
func (m *Model) learn(err error) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.works, m.why = err == nil, ""
	if err != nil {
		m.why = base.Words(err)
	}
	return err == nil
}

// Seen tells that this window has drawn an alert, and somebody had the time to look.
func (m *Model) Seen(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.seen[key], m.stale = true, true
}

// SetVolume chooses one of Volumes.
func (m *Model) SetVolume(i int) {
	if all := Volumes(); i >= 0 && i < len(all) {
		m.change(func(s *ward.Sounds) { s.Volume = all[i] })
	}
}

// SetQuiet chooses one of QuietHours.
func (m *Model) SetQuiet(i int) {
	if all := QuietHours(); i >= 0 && i < len(all) {
		m.change(func(s *ward.Sounds) { s.QuietFrom, s.QuietTo = all[i].From, all[i].To })
	}
}

// Mute makes this computer silent for so long, MaxMute at most; 0 ends it.
func (m *Model) Mute(long time.Duration) {
	now := m.now().Truncate(time.Second)
	m.change(func(s *ward.Sounds) {
		s.MutedAt, s.MutedUntil = time.Time{}, time.Time{}
		if long > 0 {
			s.MutedAt, s.MutedUntil = now, now.Add(min(long, ward.MaxMute))
		}
	})
}

// change keeps a change off the display's goroutine, one after the other.
func (m *Model) change(how func(*ward.Sounds)) {
	before, done := m.last, make(chan struct{})
	m.last, m.err = done, ""
	go func() {
		if before != nil {
			<-before
		}
		s := m.st.Sounds()
		how(&s)
		err := m.st.KeepSounds(context.Background(), s)
		close(done)
		m.dispatch.Do(func() {
			if err != nil {
				m.err = base.Words(err)
			}
			m.Tell()
		})
	}()
}

// Test plays a test sound, muted or not: somebody asked for it.
func (m *Model) Test() {
	if m.busy || m.out == nil {
		return
	}
	m.busy = true
	m.Tell()
	volume := m.st.Sounds().Volume
	go func() {
		m.learn(m.out.Play(context.Background(), sound.Test, volume))
		m.dispatch.Do(func() { m.busy = false; m.Tell() })
	}()
}

// Tell shows the state where it is another than before.
func (m *Model) Tell() {
	if s := m.State(); s != m.said {
		m.said = s
		m.show(s)
	}
}

// State is what is drawn now.
func (m *Model) State() State {
	if m.out == nil {
		return State{Off: true}
	}
	now, set := m.now(), m.st.Sounds()
	s := State{Volume: slices.Index(Volumes(), set.Volume), Quiet: -1, Error: m.err, Busy: m.busy}
	for i, h := range QuietHours() {
		if h.From == set.QuietFrom && h.To == set.QuietTo || h.From == h.To && set.QuietFrom == set.QuietTo {
			s.Quiet = i
		}
	}
	if s.Quiet < 0 {
		s.Hours = fmt.Sprintf("%02d:%02d–%02d:%02d", set.QuietFrom/60, set.QuietFrom%60, set.QuietTo/60, set.QuietTo%60)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.why != "":
		s.Trouble, s.Strip, s.Short = m.why, words.T("No sound"), words.T("No sound")
	case m.works:
		s.Works = words.T("This computer’s sound output works. Whether a loudspeaker is on and loud enough, only a test sound tells.")
	}
	if set.Muted(now) {
		s.Muted = ward.Clock(set.MutedUntil.In(now.Location()))
		s.Strip, s.Short = words.F("Sound muted until %s", s.Muted), words.F("Muted to %s", s.Muted)
	}
	return s
}
