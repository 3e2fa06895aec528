package strip_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/strip"
)

var now = time.Date(2026, 11, 22, 14, 5, 12, 0, time.UTC)

func lab(up bool) []ward.Feed {
	return []ward.Feed{{Name: "laboratory", Last: now.Add(-time.Minute), Up: up}}
}

func TestWordsOfTheStrip(t *testing.T) {
	for name, c := range map[string]struct {
		l    ward.Link
		want strip.State
	}{
		"connected": {
			ward.Link{Connected: true, Ever: true, AsOf: now, Feeds: lab(true)},
			strip.State{Tone: strip.Calm, Head: "Connected", Body: "Everything up to 14:05:12 is here", Strong: "14:05:12", Sent: "Nothing waiting to be sent", Feeds: []string{"Laboratory feed 14:04"}},
		},
		"network out": {
			ward.Link{Ever: true, Since: now.Add(-2 * time.Hour), AsOf: now.Add(-2 * time.Hour), Unsent: 7, Feeds: lab(true)},
			strip.State{Tone: strip.Warning, Head: "Network out since 12:05", Body: "You are looking at this computer’s own copy.", Strong: "Results after 12:05 are not here: phone the laboratory on 5512.", Unsent: "7 unsent, safe on this computer", Feeds: []string{"Laboratory feed 14:04"}, Down: true},
		},
		"a drill": {
			ward.Link{Ever: true, Since: now.Add(-5 * time.Minute), AsOf: now.Add(-5 * time.Minute), Unsent: 2, Feeds: lab(true), Drill: &ward.Drill{From: now.Add(-5 * time.Minute), Until: now.Add(25 * time.Minute), By: "Chidi Okafor"}},
			strip.State{Tone: strip.Drill, Head: "DRILL since 14:00", Body: "A downtime is practised; it ends at 14:30.", Strong: "Results after 14:00 are not here: phone the laboratory on 5512.", Unsent: "2 unsent, safe on this computer", Feeds: []string{"Laboratory feed 14:04"}, Down: true},
		},
		"never any contact": {
			ward.Link{},
			strip.State{Tone: strip.Warning, Head: "No contact with the server yet", Body: "Nothing is here that was not entered on this computer.", Down: true},
		},
		"started while the server is away": {
			ward.Link{Sealed: true, Ever: true, AsOf: now.Add(-2 * time.Hour)},
			strip.State{Tone: strip.Warning, Head: "No contact with the server since this start", Body: "This computer’s own copy is here, up to 12:05: sign in to see it.", Down: true},
		},
		"back, all sent": {
			ward.Link{Connected: true, Ever: true, AsOf: now, Feeds: lab(true), LastOutage: &ward.Outage{To: now.Add(-time.Minute), Entries: 31, Sent: 31, Reviews: 1}},
			strip.State{Tone: strip.Calm, Head: "Connected", Body: "Everything up to 14:05:12 is here", Strong: "14:05:12", Sent: "Back since 14:04. All 31 entries are sent, 1 to decide", Feeds: []string{"Laboratory feed 14:04"}},
		},
		"back, the one is sent": {
			ward.Link{Connected: true, Ever: true, AsOf: now, Feeds: lab(true), LastOutage: &ward.Outage{To: now.Add(-time.Minute), Entries: 1, Sent: 1}},
			strip.State{Tone: strip.Calm, Head: "Connected", Body: "Everything up to 14:05:12 is here", Strong: "14:05:12", Sent: "Back since 14:04. The one entry is sent", Feeds: []string{"Laboratory feed 14:04"}},
		},
		"back, the one is not yet sent": {
			ward.Link{Connected: true, Ever: true, AsOf: now, Feeds: lab(true), LastOutage: &ward.Outage{To: now.Add(-time.Minute), Entries: 1}},
			strip.State{Tone: strip.Calm, Head: "Connected", Body: "Everything up to 14:05:12 is here", Strong: "14:05:12", Sent: "Back since 14:04. 0 of 1 entry is sent", Feeds: []string{"Laboratory feed 14:04"}},
		},
		"laboratory line down": {
			ward.Link{Connected: true, Ever: true, AsOf: now, Feeds: lab(false)},
			strip.State{Tone: strip.Calm, Head: "Connected", Body: "Everything up to 14:05:12 is here", Strong: "14:05:12", Sent: "Nothing waiting to be sent", Feeds: []string{"Laboratory feed down, last 14:04"}, Down: true},
		},
		"turned away": {
			ward.Link{Connected: false, Refused: "This computer’s enrolment has been withdrawn. Call IT."},
			strip.State{Tone: strip.Warning, Head: "The server turned this computer away", Strong: "This computer’s enrolment has been withdrawn. Call IT.", Down: true},
		},
		"waiting for a first filling": {
			ward.Link{Connected: true, Ever: true, Loading: &ward.Progress{Waiting: true, Before: 41}, Feeds: lab(true)},
			strip.State{Tone: strip.Loading, Head: "Connected", Body: "The server is filling other computers: 41 are before this one. What you enter is sent meanwhile.", Feeds: []string{"Laboratory feed 14:04"}, Down: true},
		},
		"first filling, what is on screen": {
			ward.Link{Connected: true, Ever: true, Loading: &ward.Progress{Part: ward.PartScreen, Done: 20, Total: 900}, Feeds: lab(true)},
			strip.State{Tone: strip.Loading, Head: "Connected", Body: "Loading this ward from the server: 20 of 900", Feeds: []string{"Laboratory feed 14:04"}, Down: true},
		},
		"first filling, the others": {
			ward.Link{Connected: true, Ever: true, Loading: &ward.Progress{Part: ward.PartOthers, Done: 200, Total: 900}, Feeds: lab(true)},
			strip.State{Tone: strip.Loading, Head: "Connected", Body: "This ward’s newest entries are here. Loading the other patients: 200 of 900", Feeds: []string{"Laboratory feed 14:04"}, Down: true},
		},
		"first filling, the rest": {
			ward.Link{Connected: true, Ever: true, Loading: &ward.Progress{Part: ward.PartHistory, Done: 400, Total: 900}, Feeds: lab(true)},
			strip.State{Tone: strip.Loading, Head: "Connected", Body: "Everybody’s newest entries are here. Loading older ones: 400 of 900", Feeds: []string{"Laboratory feed 14:04"}, Down: true},
		},
		"first filling": {
			ward.Link{Connected: true, Ever: true, Loading: &ward.Progress{Done: 200, Total: 900}, Feeds: lab(true)},
			strip.State{Tone: strip.Loading, Head: "Connected", Body: "Loading from the server: 200 of 900", Feeds: []string{"Laboratory feed 14:04"}, Down: true},
		},
	} {
		got := strip.Of(c.l, "5512", now)
		if got.Tone != c.want.Tone || got.Head != c.want.Head || got.Body != c.want.Body || got.Strong != c.want.Strong ||
			got.Unsent != c.want.Unsent || got.Sent != c.want.Sent || got.Down != c.want.Down || len(got.Feeds) != len(c.want.Feeds) {
			t.Errorf("%s:\n got  %+v\n want %+v", name, got, c.want)
			continue
		}
		for i := range got.Feeds {
			if got.Feeds[i] != c.want.Feeds[i] {
				t.Errorf("%s: feed %q, want %q", name, got.Feeds[i], c.want.Feeds[i])
			}
		}
	}
}

// 'All sent' may only be said when nothing waits.
func TestAllSentIsNotSaidWhileSomethingWaits(t *testing.T) {
	s := strip.Of(ward.Link{Connected: true, AsOf: now, Unsent: 1, LastOutage: &ward.Outage{Entries: 5, Sent: 5}}, "", now)
	if s.Sent != "" || s.Unsent == "" {
		t.Errorf("%+v", s)
	}
}

// A ward that has not seen a critical result is told of on every other screen.
func TestAWardThatHasNotSeenACriticalResult(t *testing.T) {
	l := ward.Link{Connected: true, Ever: true, AsOf: now, Feeds: lab(true), Unreached: []ward.Unreached{
		{Ward: "5A", Count: 1, Since: now.Add(-time.Minute)}, {Ward: "ITU", Count: 2, Since: now.Add(-time.Hour)},
	}}
	s := strip.Of(l, "", now)
	for _, words := range []string{"1 critical result not yet on any screen of ward 5A", "2 critical results not yet on any screen of ward ITU", "Phone the ward"} {
		if s.Tone != strip.Warning || !strings.Contains(s.Strong, words) {
			t.Errorf("%s: %q does not say %q", s.Tone, s.Strong, words)
		}
	}
	// The ward's own screens show the alert itself, and central's word is seconds
	// old: "phone the ward" would stand beside the result that was just taken.
	l.Unreached = []ward.Unreached{{Ward: "4B", Count: 1, Since: now.Add(-time.Minute), Here: true}}
	if s := strip.Of(l, "", now); s.Tone != strip.Calm || strings.Contains(s.Strong, "critical") {
		t.Errorf("on the ward's own screen: %+v", s)
	}
	l.Unreached = nil
	if s := strip.Of(l, "", now); s.Tone != strip.Calm || s.Strong != "" && strings.Contains(s.Strong, "critical") {
		t.Errorf("all have seen them: %+v", s)
	}
}
