package desk_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/desk"
)

// connected is what the sync client says while all is well.
func (r *room) connected(feedUp bool) {
	r.desk.LinkChanged(desk.LinkState{
		Connected: true, CaughtUp: true, Server: "https://central:8443", Measured: true, Cursor: r.cursor(),
		Central: record.Central{Time: r.clock().UnixMilli(), Head: r.pos, Feeds: []record.Feed{{Name: desk.FeedLaboratory, Last: r.clock().UnixMilli(), Up: feedUp}}},
	})
}

func (r *room) cursor() record.Cursor {
	c, err := r.cache.Cursor()
	ok(r.t, err)
	return c
}

func (r *room) cut() { r.desk.LinkChanged(desk.LinkState{Server: "https://central:8443"}) }

// An outage, from the last word of central to "all entries are sent".
func TestAnOutageIsTold(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	if l := r.desk.Link(); l.Connected || l.Ever || !l.Since.Equal(noon) || !l.AsOf.IsZero() || l.LastOutage != nil {
		t.Errorf("before any contact: %s", show(l))
	}
	r.connected(true)
	r.later(10 * time.Minute)
	r.connected(true)
	if l := r.desk.Link(); !l.Connected || !l.Ever || !l.Since.Equal(noon) || !l.AsOf.Equal(noon.Add(10*time.Minute)) || !l.Feeds[0].Up || l.LastOutage != nil {
		t.Errorf("connected: %s", show(l))
	}
	r.do(ward.WriteNote{Patient: folake, Text: "before"})
	r.drain()
	r.later(4 * time.Minute)
	r.cut()
	out := r.clock()
	r.later(time.Hour)
	r.do(penicillin)
	r.do(ward.WriteNote{Patient: folake, Text: "during"})
	l := r.desk.Link()
	if l.Connected || !l.Since.Equal(out) || !l.AsOf.Equal(noon.Add(10*time.Minute)) || l.Unsent != 2 || !l.UnsentSince.Equal(r.clock()) || l.Feeds[0].Up {
		t.Errorf("cut off: %s", show(l))
	}
	r.later(time.Hour)
	r.connected(true)
	if o := r.desk.Link().LastOutage; o == nil || o.Entries != 2 || o.Sent != 0 || !o.From.Equal(out) || !o.To.Equal(r.clock()) {
		t.Errorf("just back: %s", show(o))
	}
	r.drain()
	r.do(ward.WriteNote{Patient: folake, Text: "after"})
	if o := r.desk.Link().LastOutage; o == nil || o.Entries != 2 || o.Sent != 2 || o.Reviews != 0 {
		t.Errorf("all sent: %s", show(o))
	}
	r.later(13 * time.Hour)
	if o := r.desk.Link().LastOutage; o != nil {
		t.Errorf("told for more than a shift: %s", show(o))
	}
}

// The program is started again in the middle of an outage: it began when it
// began, and what is here is as old as it is.
func TestAnOutageOutlivesTheProgram(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.connected(true)
	r.settleLink(true)
	r.later(5 * time.Minute)
	r.cut()
	out := r.clock()
	r.settleLink(false)
	r.do(penicillin)
	r.close()
	r.later(time.Hour)
	r.open()
	l := r.desk.Link()
	if l.Connected || !l.Ever || !l.Since.Equal(out) || !l.AsOf.Equal(noon) || l.Unsent != 1 {
		t.Errorf("after the start: %s", show(l))
	}
	r.connected(true)
	r.drain()
	if o := r.desk.Link().LastOutage; o == nil || !o.From.Equal(out) || o.Entries != 1 || o.Sent != 1 {
		t.Errorf("outage: %s", show(o))
	}
	// Killed while connected: contact was lost when central was last heard.
	heard := r.clock()
	r.settleLink(true)
	r.close()
	r.later(time.Hour)
	r.open()
	if l := r.desk.Link(); l.Connected || !l.Since.Equal(heard) {
		t.Errorf("after a kill: since %v, want %v", l.Since, heard)
	}
}

// A window that was closed while everything worked, or "wardlight status" that looked for a
// moment, is no outage: the next window says nothing of one. One that found the network out
// is, and so is one in which somebody wrote before the server was reached.
func TestAProgramThatWasClosedIsNoOutage(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	again := func(off time.Duration) {
		r.connected(true)
		r.settleLink(true)
		r.close()
		r.later(off)
		r.open()
	}
	again(4 * time.Hour)
	r.later(2 * time.Second)
	r.connected(true)
	if o := r.desk.Link().LastOutage; o != nil {
		t.Errorf("a closed window is told as an outage: %s", show(o))
	}
	if _, err := r.desk.OutageReport(bg, time.Time{}); err == nil {
		t.Error("and reported")
	}
	again(time.Hour)
	off := r.clock().Add(-time.Hour)
	r.later(5 * time.Minute) // "Network out since", on the screen
	r.connected(true)
	if o := r.desk.Link().LastOutage; o == nil || !o.From.Equal(off) || !o.To.Equal(r.clock()) {
		t.Errorf("an outage that the start found: %s", show(o))
	}
	again(time.Hour)
	r.do(penicillin)
	r.later(2 * time.Second)
	r.connected(true)
	if o := r.desk.Link().LastOutage; o == nil || o.Entries != 1 {
		t.Errorf("an entry before there was contact: %s", show(o))
	}
}

// settleLink waits until Run has written the connection down.
func (r *room) settleLink(connected bool) {
	r.t.Helper()
	// What an earlier start wrote may say the same of an earlier time.
	now := r.desk.Link()
	for range 6000 {
		b, err := r.cache.Fact("desk.link")
		ok(r.t, err)
		var kept struct {
			Connected bool
			Since     int64
			AsOf      int64
		}
		if b != nil {
			ok(r.t, json.Unmarshal(b, &kept))
		}
		if kept.Connected == connected && kept.Since == now.Since.UnixMilli() && kept.AsOf == now.AsOf.UnixMilli() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	r.t.Fatal("the connection is not written down")
}

// "No results" may be said only while the laboratory is really connected.
func TestWhenNoResultsMayBeSaid(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	down := func(when string, want bool) {
		t.Helper()
		if got := r.chart(folake).FeedDown; got != want {
			t.Errorf("%s: feed down = %v", when, got)
		}
	}
	down("before any contact", true)
	r.connected(true)
	down("connected", false)
	r.connected(false)
	down("laboratory away", true)
	r.desk.LinkChanged(desk.LinkState{Connected: true, CaughtUp: true, Central: record.Central{Time: r.clock().UnixMilli()}})
	down("no feed known", true)
	r.connected(true)
	r.desk.LinkChanged(desk.LinkState{Connected: true, Loading: &ward.Progress{Done: 1}, Central: record.Central{Time: r.clock().UnixMilli(), Feeds: []record.Feed{{Name: desk.FeedLaboratory, Up: true}}}})
	down("still filling", true)
	r.cut()
	down("cut off", true)
}

// A clock that is a day off changes no time that is shown.
func TestAClockADayOff(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.desk.LinkChanged(desk.LinkState{Connected: true, CaughtUp: true, Offset: -24 * time.Hour, Measured: true, Central: record.Central{Time: noon.Add(-24 * time.Hour).UnixMilli()}})
	r.do(ward.WriteNote{Patient: folake, Text: "x"})
	if n := r.chart(folake).Notes[0]; !n.At.Equal(noon.Add(-24 * time.Hour)) {
		t.Errorf("noted at %v", n.At)
	}
	muts, err := r.cache.Unsent(0, 1)
	ok(t, err)
	if m := muts[0].Times; m.Station != noon.UnixMilli() || m.Offset != -24*time.Hour || !m.Measured {
		t.Errorf("times: %+v", m)
	}
}

// Central names every ward that has not seen a critical result; the computer
// says which of them is its own.
func TestTheOwnWardIsTold(t *testing.T) {
	r := newRoom(t)
	s := desk.LinkState{Connected: true, Server: "https://central:8443"}
	s.Central = record.Central{Time: noon.UnixMilli(), Unreached: []record.Unreached{{Ward: "4B", Count: 1, Since: noon.UnixMilli()}, {Ward: "5A", Count: 1, Since: noon.UnixMilli()}}}
	r.desk.LinkChanged(s)
	got := r.desk.Link().Unreached
	if len(got) != 2 || !got[0].Here || got[1].Here {
		t.Errorf("%+v", got)
	}
}

// What comes in one at a time is told once: of the patient. That the cursor moved
// with it changes nothing that anybody sees, and a page that was told so as well
// would be drawn twice for it.
func TestAnEntryThatComesInIsToldOnce(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	level := func(at record.Position) desk.LinkState {
		return desk.LinkState{Connected: true, CaughtUp: true, Cursor: record.Cursor{Epoch: "e", Position: at}, Central: record.Central{Time: noon.UnixMilli(), Head: 9}}
	}
	r.desk.LinkChanged(level(1))
	r.settle()
	ctx, cancel := context.WithCancel(bg)
	defer cancel()
	ch := r.desk.Subscribe(ctx)
	told := func() (kinds []ward.NoticeKind) {
		for {
			select {
			case n := <-ch:
				kinds = append(kinds, n.Kind)
			case <-time.After(50 * time.Millisecond):
				return kinds
			}
		}
	}
	r.send(potassium("o1", string(folake), "4.1", "final", ""))
	r.desk.LinkChanged(level(2))
	r.settle()
	if got := told(); slices.Contains(got, ward.NoticeLink) || !slices.Contains(got, ward.NoticePatients) {
		t.Errorf("one result that came in was told as %v", got)
	}
	r.do(ward.WriteNote{Patient: folake, Text: "slept well"})
	r.settle()
	if got := told(); !slices.Contains(got, ward.NoticeLink) {
		t.Errorf("an entry that waits to be sent was told as %v", got)
	}
	for what, change := range map[string]func(*desk.LinkState){
		"contact was lost":      func(s *desk.LinkState) { s.Connected = false },
		"it fell behind":        func(s *desk.LinkState) { s.CaughtUp = false },
		"an entry is under way": func(s *desk.LinkState) { s.Sending = true },
		"central spoke":         func(s *desk.LinkState) { s.Central.Time++ },
		"a feed came back":      func(s *desk.LinkState) { s.Central.Feeds = []record.Feed{{Name: desk.FeedLaboratory, Up: true}} },
	} {
		s := level(2)
		r.desk.LinkChanged(s)
		told()
		change(&s)
		r.desk.LinkChanged(s)
		if got := told(); !slices.Contains(got, ward.NoticeLink) {
			t.Errorf("%s: told as %v", what, got)
		}
	}
}
