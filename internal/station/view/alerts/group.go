package alerts

import (
	"maps"
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// A sender whose messages cannot be filed may send many, and one that names no ward
// interrupts every ward. So the warnings of one sender that go to every ward come as
// one card, which says how many there are and what is in each that it has room for.
// What it names counts as shown and is set aside with it; what it has no room for
// comes on the next card. Each is still taken by itself, and climbs its own ladder:
// they are several patients'. What arrives within quietFor after a person has set
// all of them aside comes as the band, which counts it, and as a card after that.

const (
	onOneCard = 3 // warnings that a card names beside its own: so many are in view at 200 % too
	quietFor  = 10 * time.Minute
)

// groupOf names the sender whose warnings for every ward come as one card; "" for
// what comes by itself.
func groupOf(a ward.Alert) string {
	if h := a.Held; h != nil && h.EveryWard && !h.Filed {
		return h.Sender
	}
	return ""
}

// up are the alerts that come as cards now, worst first: those that nobody has set
// aside here, of a sender's the first. waiting counts those that wait for their time
// in the band.
func (m *Model) up(open []ward.Alert, now time.Time) (up []ward.Alert, waiting int) {
	met := map[string]bool{}
	for _, a := range open {
		g := groupOf(a)
		switch {
		case m.aside[keyOf(a)], g != "" && met[g]:
			continue
		case g != "" && now.Before(m.quiet[g]):
			waiting++
			continue
		}
		met[g] = true
		up = append(up, a)
	}
	return up, waiting
}

// with are the other warnings that the card of this one names, and how many more
// of the same sender wait.
func (m *Model) with(a ward.Alert, open []ward.Alert) (named []ward.Alert, more int) {
	g := groupOf(a)
	if g == "" {
		return nil, 0
	}
	for _, o := range open {
		switch {
		case groupOf(o) != g || keyOf(o) == keyOf(a) || m.aside[keyOf(o)]:
		case len(named) < onOneCard:
			named = append(named, o)
		default:
			more++
		}
	}
	return named, more
}

// groupFacts say what else a card stands for.
func groupFacts(named []ward.Alert, more int, now time.Time) []ward.Fact {
	if len(named) == 0 {
		return nil
	}
	var parts []string
	for _, o := range named {
		parts = append(parts, strings.Join(strings.Fields(what(o)+" "+wordOf(o.Result)), " ")+", "+ward.Stamp(o.Since, now))
	}
	text := strings.Join(parts, " · ")
	if more > 0 {
		text += " · " + words.F("and %d more, on the next card", more)
	}
	return []ward.Fact{{Label: words.F("%d more of this sender", len(named)+more), Words: text + ". " + words.T("Each is taken by itself: see Alerts")}}
}

// asideWith sets aside what the card in front names. Where that is all of a sender's,
// its next ones come as the band for a while.
func (m *Model) asideWith(c *Card, now time.Time) {
	for _, o := range c.With {
		m.aside[keyOf(o)] = true
	}
	if g := groupOf(c.Alert); g != "" && c.More == 0 {
		m.quiet[g] = now.Add(quietFor)
	}
}

// forgetQuiet lets senders go of whom nothing is open.
func (m *Model) forgetQuiet(open []ward.Alert) {
	live := map[string]bool{}
	for _, a := range open {
		live[groupOf(a)] = true
	}
	maps.DeleteFunc(m.quiet, func(g string, _ time.Time) bool { return !live[g] })
}
