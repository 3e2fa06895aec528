package alert_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/alert"
)

// setAt is a set, so many minutes after t0: whole and well, "ill" with a score of 6, or of
// the pulse alone.
func setAt(min int, kind string) []alert.Observed {
	signs := map[alert.Sign]string{
		alert.SignRespirations: "16", alert.SignSpO2: "97", alert.SignOxygen: "air", alert.SignSystolic: "120", alert.SignPulse: "72", alert.SignConsciousness: "A", alert.SignTemperature: "36.8",
	}
	switch kind {
	case "ill":
		signs[alert.SignRespirations], signs[alert.SignSpO2] = "26", "90"
	case "pulse":
		signs = map[alert.Sign]string{alert.SignPulse: "72"}
	}
	var out []alert.Observed
	for s, v := range signs {
		out = append(out, alert.Observed{Set: fmt.Sprint(min), At: t0.Add(time.Duration(min) * time.Minute), Scale: 1, SignValue: alert.SignValue{Sign: s, Digits: v}})
	}
	return out
}

// What is observed is put together by name, and else within the window, each sign once;
// what was entered in error without a name stands apart.
func TestWhatIsOneSet(t *testing.T) {
	for _, e := range []struct{ story, list, want string }{
		{"of one name, an hour apart", "0 a pulse, 60 a breaths", "0:a 2"},
		{"within the window", "0 . pulse, 15 . breaths", "0: 2"},
		{"beyond it", "0 . pulse, 16 . breaths", "0: 1, 16: 1"},
		{"twice the same sign", "0 . pulse, 1 . pulse, 2 . breaths", "0: 1, 1: 2"},
		{"named and not", "0 a pulse, 1 . breaths, 2 a temp", "0:a 2, 1: 1"},
		{"out of order", "9 . breaths, 0 . pulse", "0: 2"},
		{"entered in error, without a name", "0 . pulse, 1 . breaths wrong, 2 . temp", "0: 2, 1: wrong 1"},
		{"entered in error, of a set", "0 a pulse wrong, 1 a breaths", "0:a 2"},
		{"a whole set in error", "0 a pulse wrong, 1 a breaths wrong", "0:a wrong 2"},
	} {
		var list []alert.Observed
		for _, s := range strings.Split(e.list, ", ") {
			f := strings.Fields(s)
			min, err := strconv.Atoi(f[0])
			if err != nil {
				t.Fatal(err)
			}
			sign := map[string]alert.Sign{"pulse": alert.SignPulse, "breaths": alert.SignRespirations, "temp": alert.SignTemperature}[f[2]]
			list = append(list, alert.Observed{Set: strings.Trim(f[1], "."), At: t0.Add(time.Duration(min) * time.Minute), Wrong: len(f) > 3, SignValue: alert.SignValue{Sign: sign}})
		}
		var got []string
		for _, g := range alert.Gather(list, 15*time.Minute) {
			words := fmt.Sprintf("%d:%s", int(g.At.Sub(t0).Minutes()), g.Set)
			if g.Wrong {
				words += " wrong"
			}
			got = append(got, fmt.Sprintf("%s %d", words, len(g.Of)))
		}
		if strings.Join(got, ", ") != e.want {
			t.Errorf("%s: %q, want %q", e.story, got, e.want)
		}
	}
}

// Sets of observations, told as stories: a well set is due again after 12 h, an ill one
// after an hour (30 min from 7 on). What fired up to a time, counted by hand.
func TestSetsThatReachAThresholdAndThoseThatAreLate(t *testing.T) {
	const h = 60
	long := []alert.Stay{{From: t0.Add(-time.Hour)}}
	until := func(min int) []alert.Stay {
		return []alert.Stay{{From: t0.Add(-time.Hour), To: t0.Add(time.Duration(min) * time.Minute)}}
	}
	for _, e := range []struct {
		story string
		sets  string
		stays []alert.Stay
		now   int
		want  string
	}{
		{"in time", "0 well, 700 well", long, 800, ""},
		{"not due yet", "0 well", long, 12*h - 1, ""},
		{"due, and none yet", "0 well", long, 12*h + 1, "overdue 720;"},
		{"late", "0 well, 780 well", long, 800, "overdue 720 done;"},
		{"late, and later again", "0 well, 780 well", long, 780 + 12*h + 5, "overdue 720 done;overdue 1500;"},
		{"half a set does not make up for it", "0 well, 780 pulse", long, 790, "overdue 720;"},
		{"a whole one does", "0 well, 780 pulse, 800 well", long, 810, "overdue 720 done;"},
		{"ill, and the next in time", "0 ill, 50 well", long, 60, "news2 0 done;"},
		{"ill, and the next too late", "0 ill, 70 well", long, 80, "news2 0;overdue 60 done;"},
		{"ill twice", "0 ill, 50 ill", long, 60, "news2 0 done;news2 50;"},
		{"left before it was due", "0 well", until(600), 900, ""},
		{"left after it was due", "0 well", until(750), 900, "overdue 720;"},
		{"nobody knows that they are here", "0 well", nil, 900, ""},
	} {
		var list []alert.Observed
		for _, s := range strings.Split(e.sets, ", ") {
			var min int
			var kind string
			if _, err := fmt.Sscan(s, &min, &kind); err != nil {
				t.Fatal(err)
			}
			list = append(setAt(min, kind), list...)
		}
		scored, waits := rules.Watched(list, adult, e.stays, nil)
		got := ""
		say := func(f alert.Fired) {
			got += fmt.Sprintf("%s %d", f.Rule, int(f.At.Sub(t0).Minutes()))
			if f.Done {
				got += " done"
			}
			got += ";"
		}
		for _, x := range scored {
			say(x.Fired())
		}
		for _, w := range waits {
			if f, ok := w.Fired(t0.Add(time.Duration(e.now) * time.Minute)); ok {
				say(f)
			}
		}
		if got != e.want {
			t.Errorf("%s: %q, want %q", e.story, got, e.want)
		}
	}
	// A set goes by the times that were in force when it was measured.
	_, waits := rules.Watched(append(setAt(0, "well"), setAt(700, "well")...), adult, long, func(at time.Time) alert.Rules {
		own := rules
		if at.Equal(t0) {
			own.Score.Zero = 6 * time.Hour
		}
		return own
	})
	if len(waits) != 2 || !waits[0].Due.Equal(t0.Add(6*time.Hour)) || !waits[1].Due.Equal(t0.Add(700*time.Minute+12*time.Hour)) {
		t.Errorf("%+v", waits)
	}
	if scored, waits := rules.Watched(setAt(0, "ill"), alert.Subject{AgeKnown: true, Years: 9}, long, nil); len(scored)+len(waits) != 0 {
		t.Errorf("a child is scored: %v %v", scored, waits)
	}
}
