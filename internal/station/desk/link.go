package desk

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/told"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
)

// LinkState is the connection as the sync client sees it.
type LinkState struct {
	Connected bool
	Server    string         // the address in use
	Refused   string         // central turned this computer away, in words
	Withdrawn bool           // for good: it may show patients to nobody
	Central   record.Central // what central last said of itself; zero Time: nothing yet
	Cursor    record.Cursor  // how far everything in scope is here
	CaughtUp  bool           // everything up to Central.Head is applied
	Offset    time.Duration  // central's clock minus ours
	Measured  bool           // whether Offset was ever measured
	Sending   bool
	Loading   *ward.Progress // a first filling under way
}

// linkBook remembers the connection over restarts: an outage that began
// before the program was started again began then.
type linkBook struct {
	mu    sync.Mutex
	state LinkState
	kept  linkFact
	cut   cutFact
	saved time.Time // when kept was written down, by our own clock

	ended      bool          // contact was lost by the end of the program, and not come back since
	begun      time.Time     // when the program began, by our own clock
	drill      *ward.Drill   // a downtime that is practised
	drilled    bool          // the present loss of contact began with one
	savedState bool          // Connected, as written down
	turned     chan struct{} // wakes Run when contact came or went
}

// linkFact is what is kept on disk.
type linkFact struct {
	Connected bool               `json:"connected"`
	Since     int64              `json:"since"` // ms, central's clock as far as known
	Ever      bool               `json:"ever"`
	AsOf      int64              `json:"asOf"`
	Feeds     []record.Feed      `json:"feeds,omitempty"`
	Unreached []record.Unreached `json:"-"`      // while connected only: it is of the moment
	Offset    int64              `json:"offset"` // ns
	Measured  bool               `json:"measured"`
	Outage    *outageFact        `json:"outage,omitempty"` // the last one that ended
	Past      []outageFact       `json:"past,omitempty"`   // those before it, newest first
	Cursor    record.Cursor      `json:"cursor"`           // where the station stood when it was last heard of
}

// cutFact counts the entries made since contact was lost. It is stored in the
// same commit as they are.
type cutFact struct {
	Since int64  `json:"since"` // of the loss that it belongs to
	First uint64 `json:"first"`
	Last  uint64 `json:"last"`
	Count int    `json:"count"`
}

const (
	factLink = "desk.link"
	factCut  = "desk.cut"
	// saveEvery bounds how often a steady connection is written down.
	saveEvery = 30 * time.Second
	// backShown is how long a past outage is told: one shift.
	backShown = 12 * time.Hour
)

func (l *linkBook) restore(d *Desk) error {
	l.turned = make(chan struct{}, 1)
	b, err := d.store.Fact(factLink)
	if err != nil {
		return err
	}
	if b != nil && json.Unmarshal(b, &l.kept) != nil {
		l.kept = linkFact{} // of a newer program: begin anew
	}
	l.state.Offset, l.state.Measured = time.Duration(l.kept.Offset), l.kept.Measured
	switch {
	case l.kept.Connected:
		// The program ended while connected: contact was lost then.
		l.ended, l.begun = true, d.cfg.Now()
		l.kept.Connected, l.kept.Since = false, l.kept.AsOf
		l.kept.Cursor = d.stands(l.kept.Cursor)
	case l.kept.Since == 0:
		l.kept.Since = d.cfg.Now().Add(l.state.Offset).UnixMilli()
	}
	if b, err = d.store.Fact(factCut); err != nil {
		return err
	}
	if b != nil && (json.Unmarshal(b, &l.cut) != nil || l.cut.Since != l.kept.Since) {
		l.cut = cutFact{} // of another outage
	}
	return nil
}

// counting is the count of this outage's entries with muts among them, as a
// fact to be stored with them; none while there is contact.
func (l *linkBook) counting(muts []record.Mutation) ([]cache.Fact, cutFact) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.kept.Connected {
		return nil, cutFact{}
	}
	c := l.cut
	c.Since = l.kept.Since
	for _, m := range muts {
		_, seq, _ := m.ID.Station()
		if c.Count == 0 {
			c.First = seq
		}
		c.Last, c.Count = seq, c.Count+1
	}
	b, err := json.Marshal(c)
	if err != nil {
		return nil, c // four numbers: cannot fail
	}
	return []cache.Fact{{Key: factCut, Value: b}}, c
}

// counted takes the count over once it is stored.
func (l *linkBook) counted(c cutFact) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.kept.Connected && c.Since == l.kept.Since {
		l.cut = c
	}
}

func (l *linkBook) offset() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state.Offset
}

// LinkChanged takes over what the sync client says about the connection. It
// writes nothing itself, so that it never holds up the sync client: Run does.
func (d *Desk) LinkChanged(s LinkState) {
	l := &d.link
	l.mu.Lock()
	if !s.Measured {
		s.Offset, s.Measured = l.state.Offset, l.state.Measured
	}
	turned := s.Connected != l.kept.Connected
	quiet := movedOn(l.state, s)
	l.state = s
	l.note(s, d.cfg.Now().Add(s.Offset))
	l.mu.Unlock()
	if turned {
		select {
		case l.turned <- struct{}{}:
		default:
		}
	}
	if !quiet {
		d.post.send(ward.Notice{Kind: ward.NoticeLink})
	}
}

// movedOn says whether all that changed is how far a station that was level with
// central, and is, has come: with every entry that arrives. What came is told by
// itself, and a page that was drawn again for this would be drawn twice.
func movedOn(was, is LinkState) bool {
	if !was.CaughtUp || !is.CaughtUp || was.Loading != nil || is.Loading != nil {
		return false
	}
	same := was.Central.Time == is.Central.Time && was.Central.Head == is.Central.Head &&
		slices.Equal(was.Central.Feeds, is.Central.Feeds) && slices.Equal(was.Central.Unreached, is.Central.Unreached)
	return same && was.Connected == is.Connected && was.Server == is.Server && was.Refused == is.Refused && was.Withdrawn == is.Withdrawn &&
		was.Offset == is.Offset && was.Measured == is.Measured && was.Sending == is.Sending
}

// keepLink writes the book down when it is time.
func (d *Desk) keepLink(ctx context.Context) error {
	l := &d.link
	l.mu.Lock()
	now := d.cfg.Now()
	due := l.kept.Connected != l.savedState || l.saved.IsZero() || now.Sub(l.saved).Abs() >= saveEvery
	if !due {
		l.mu.Unlock()
		return nil
	}
	l.saved, l.savedState = now, l.kept.Connected
	b, err := json.Marshal(l.kept)
	l.mu.Unlock()
	if err != nil {
		return fault.As(fault.Invalid, "desk.link", "", err)
	}
	return fault.Wrap("desk.link", "", d.store.SetFact(ctx, factLink, b))
}

// note moves the book on; l.mu is held.
func (l *linkBook) note(s LinkState, now time.Time) {
	k := &l.kept
	k.Offset, k.Measured = int64(s.Offset), s.Measured
	if s.Central.Time != 0 {
		k.Feeds = slices.Clone(s.Central.Feeds)
		k.Unreached = slices.Clone(s.Central.Unreached)
	}
	if s.Connected && s.CaughtUp && s.Central.Time > k.AsOf {
		k.AsOf = s.Central.Time
	}
	if s.Connected == k.Connected {
		if s.Connected && s.Cursor.Epoch != "" {
			k.Cursor = s.Cursor
		}
		return
	}
	if s.Connected {
		if k.Ever && !l.restarted(now.Add(-s.Offset)) {
			k.over(outageFact{Drill: l.drilled, From: k.Since, To: now.UnixMilli(), Made: l.cut, Before: k.Cursor, Until: s.Central.Head})
		}
		k.Ever, l.ended = true, false
	}
	l.cut, l.drilled = cutFact{}, !s.Connected && l.drill != nil
	k.Connected, k.Since = s.Connected, now.UnixMilli()
	if s.Connected && s.Cursor.Epoch != "" {
		k.Cursor = s.Cursor
	}
}

// restarted says whether all that was lost was the program: it ended while central was
// reached, reached it again as soon as it had begun, and nobody wrote anything in between.
// A window that was closed was no outage. l.mu is held.
func (l *linkBook) restarted(now time.Time) bool {
	return l.ended && l.cut.Count == 0 && now.Sub(l.begun).Abs() < blip
}

// Contact is whether central is reached, and whether it withdrew this computer for
// good: what Link says of that, and no look at what became of an outage's entries,
// which is a look at each of them.
func (d *Desk) Contact() (connected, withdrawn bool) {
	l := &d.link
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept.Connected, l.state.Withdrawn
}

// Link is whether central is reached, since when, and what is here.
func (d *Desk) Link() ward.Link {
	l := &d.link
	l.mu.Lock()
	s, k, drill := l.state, l.kept, l.drill
	if k.Outage != nil {
		o := *k.Outage
		k.Outage = &o
	}
	l.mu.Unlock()
	out := ward.Link{
		Connected: k.Connected, Since: d.ms(k.Since), Ever: k.Ever, AsOf: d.ms(k.AsOf),
		Server: s.Server, Refused: told.Goodbyes.Say(s.Refused), Withdrawn: s.Withdrawn, Sending: s.Sending, Feeds: []ward.Feed{},
	}
	if s.Loading != nil {
		p := *s.Loading
		out.Loading = &p
	}
	out.Drill = drill
	for _, f := range k.Feeds {
		out.Feeds = append(out.Feeds, ward.Feed{Name: f.Name, Last: d.ms(f.Last), Up: f.Up && k.Connected})
	}
	for _, u := range k.Unreached {
		if k.Connected {
			out.Unreached = append(out.Unreached, ward.Unreached{Ward: string(u.Ward), Count: int(u.Count), Since: d.ms(u.Since), Here: d.mine(u.Ward)})
		}
	}
	out.Unsent, out.UnsentSince = d.unsent()
	if k.Outage != nil && d.now().Sub(ms(k.Outage.To)) < backShown {
		out.LastOutage = d.outage(*k.Outage)
	}
	return out
}

// Drilled says that a downtime is practised here, or with nil that none is any more. It
// changes what is said of the connection and nothing else: whoever calls it has let go of
// the line.
func (d *Desk) Drilled(drill *ward.Drill) {
	d.link.mu.Lock()
	d.link.drill = drill
	d.link.mu.Unlock()
	d.post.send(ward.Notice{Kind: ward.NoticeLink})
}

// mine says whether a ward is one of this computer's own.
func (d *Desk) mine(w record.Ward) bool {
	return string(w) == d.cfg.Ward || slices.Contains(d.cfg.Wards, w)
}

func (d *Desk) ms(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return ms(n).In(d.loc)
}

// unsent is how many own entries wait, and since when.
func (d *Desk) unsent() (int, time.Time) {
	n := d.store.Count().Unsent
	if n == 0 {
		return 0, time.Time{}
	}
	first, err := d.store.Unsent(0, 1)
	if err != nil || len(first) == 0 {
		return n, time.Time{}
	}
	return n, d.at(first[0].Times)
}

// feedDown says whether results may be missing: no contact, a first filling
// under way, or no laboratory connected behind central. What is not known
// counts as down.
func (d *Desk) feedDown() bool {
	d.link.mu.Lock()
	defer d.link.mu.Unlock()
	k := d.link.kept
	if !k.Connected || d.link.state.Loading != nil || k.AsOf == 0 {
		return true
	}
	for _, f := range k.Feeds {
		if f.Name == FeedLaboratory {
			return !f.Up
		}
	}
	return true
}

// FeedLaboratory is the name of the feed that results come from.
const FeedLaboratory = "laboratory"

func (d *Desk) asOf() time.Time {
	d.link.mu.Lock()
	defer d.link.mu.Unlock()
	return d.ms(d.link.kept.AsOf)
}

// filling says whether a first filling is under way.
func (l *linkBook) filling() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state.Loading != nil && l.state.Connected
}

// behind says whether central has entries that are not here yet, or this station
// some that central has not answered, as after an outage.
func (l *linkBook) behind() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state.Connected && (!l.state.CaughtUp || l.state.Sending)
}
