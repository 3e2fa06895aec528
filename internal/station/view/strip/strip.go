// Package strip is the view model of the status strip: connected or not, since
// when, what is here, how old each feed is, and what is still unsent. It never
// goes away, and it speaks in words that a tired person understands.
package strip

import (
	"fmt"
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
)

// Tone is how the strip is drawn.
type Tone string

// The tones.
const (
	Calm    Tone = "calm"    // connected
	Warning Tone = "warning" // the network is out, or central refuses us
	Loading Tone = "loading" // the first filling
	Drill   Tone = "drill"   // a downtime is practised
)

// State is the strip as drawn.
type State struct {
	Tone   Tone
	Head   string // "Connected", "Network out since 02:14"
	Body   string // what is here, what is not
	Strong string // the part of Body that must not be missed
	// StrongShort and UnsentShort say the same in fewer words, where the text is
	// large.
	StrongShort string
	UnsentShort string
	Unsent      string // "7 unsent, safe on this computer"; "" for none
	Sent        string // "Nothing waiting to be sent", "Back since 04:02. All 31 entries are sent"
	Feeds       []string
	// Sound says that this computer is muted or has no sound, SoundShort in fewer words;
	// "" where it sounds.
	Sound, SoundShort string
	More              bool // there is something behind the strip to look at
	Down              bool // some feed is not to be relied on: no list may say "none"
}

// Of makes the strip out of the link's state. phone is whom to call for
// results while the network is out; "" where the site has not said.
func Of(l ward.Link, phone string, now time.Time) State {
	s := State{Feeds: feeds(l, now), Down: Down(l, now)}
	s.More = l.Unsent > 0 || l.LastOutage != nil || s.Down
	if l.Unsent > 0 {
		s.Unsent = fmt.Sprintf("%d unsent, safe on this computer", l.Unsent)
		s.UnsentShort = fmt.Sprintf("%d unsent", l.Unsent)
	}
	switch {
	case l.Drill != nil:
		return practised(s, l, phone, now)
	case l.Refused != "":
		s.Tone, s.Head, s.Strong = Warning, "The server turned this computer away", l.Refused
	case !l.Connected:
		return out(s, l, phone, now)
	case l.Loading != nil:
		s.Tone, s.Head, s.Body = Loading, "Connected", loading(*l.Loading)
	case elsewhere(l.Unreached) != nil:
		s.Tone, s.Head = Warning, "Connected"
		s.Strong = unreached(elsewhere(l.Unreached), now)
		s.StrongShort = s.Strong
	default:
		s.Tone, s.Head = Calm, "Connected"
		if !l.AsOf.IsZero() {
			s.Body, s.Strong = "Everything up to "+l.AsOf.Format("15:04:05")+" is here", l.AsOf.Format("15:04:05")
		}
		s.Sent = back(l, now)
	}
	return s
}

// practised says that the network is out by somebody's choice.
func practised(s State, l ward.Link, phone string, now time.Time) State {
	s = out(s, l, phone, now)
	s.Tone, s.Head = Drill, "DRILL since "+ward.Stamp(l.Drill.From, now)
	s.Body = "A downtime is practised; it ends at " + ward.Stamp(l.Drill.Until, now) + "."
	return s
}

func out(s State, l ward.Link, phone string, now time.Time) State {
	s.Tone = Warning
	if l.Sealed {
		s.Head, s.Body = "No contact with the server since this start", "This computer’s own copy is here: sign in to see it."
		if !l.AsOf.IsZero() {
			s.Body = "This computer’s own copy is here, up to " + ward.Stamp(l.AsOf, now) + ": sign in to see it."
		}
		return s
	}
	if !l.Ever {
		s.Head, s.Body = "No contact with the server yet", "Nothing is here that was not entered on this computer."
		return s
	}
	s.Head = "Network out since " + ward.Stamp(l.Since, now)
	s.Body = "You are looking at this computer’s own copy."
	if !l.AsOf.IsZero() {
		s.Strong = "Results after " + ward.Stamp(l.AsOf, now) + " are not here"
		s.StrongShort = "Not here: results after " + ward.Stamp(l.AsOf, now)
		if phone != "" {
			s.Strong += ": phone the laboratory on " + phone
		}
		s.Strong += "."
	}
	return s
}

// elsewhere leaves out this computer's own wards. Central's word is some seconds
// old, and on the ward itself the alert says it better: "phone the ward" must not
// stand on the screen that shows the result.
func elsewhere(list []ward.Unreached) []ward.Unreached {
	var out []ward.Unreached
	for _, u := range list {
		if !u.Here {
			out = append(out, u)
		}
	}
	return out
}

// unreached tells of wards that have not seen a critical result: their network
// is out, or nobody has looked. Somebody has to tell them another way.
func unreached(list []ward.Unreached, now time.Time) string {
	var all []string
	for _, u := range list {
		what := "1 critical result"
		if u.Count > 1 {
			what = fmt.Sprintf("%d critical results", u.Count)
		}
		all = append(all, what+" not yet on any screen of ward "+u.Ward+", since "+ward.Stamp(u.Since, now))
	}
	return strings.Join(all, "; ") + ". Phone the ward."
}

func loading(p ward.Progress) string {
	if p.Waiting {
		return waiting(p.Before)
	}
	words := "Loading from the server"
	switch p.Part {
	case ward.PartScreen:
		words = "Loading this ward from the server"
	case ward.PartOthers:
		words = "This ward’s newest entries are here. Loading the other patients"
	case ward.PartHistory:
		words = "Everybody’s newest entries are here. Loading older ones"
	}
	if p.Total == 0 {
		return fmt.Sprintf("%s: %d so far", words, p.Done)
	}
	return fmt.Sprintf("%s: %d of %d", words, p.Done, p.Total)
}

// waiting is for a morning after a power cut: nothing is wrong here, and nothing
// that is written waits.
func waiting(before uint32) string {
	switch before {
	case 0:
		return "The server is filling other computers; this one is next. What you enter is sent meanwhile."
	case 1:
		return "The server is filling other computers: 1 is before this one. What you enter is sent meanwhile."
	}
	return fmt.Sprintf("The server is filling other computers: %d are before this one. What you enter is sent meanwhile.", before)
}

func back(l ward.Link, now time.Time) string {
	if l.Unsent > 0 {
		return ""
	}
	if o := l.LastOutage; o != nil {
		words := "Back since " + ward.Stamp(o.To, now) + ". "
		switch {
		case o.Entries == 0:
			words += "Nothing was entered meanwhile"
		case o.Sent >= o.Entries:
			words += fmt.Sprintf("All %d entries are sent", o.Entries)
		default:
			words += fmt.Sprintf("%d of %d entries are sent", o.Sent, o.Entries)
		}
		if o.Reviews > 0 {
			words += fmt.Sprintf(", %d to decide", o.Reviews)
		}
		return words
	}
	return "Nothing waiting to be sent"
}

func feeds(l ward.Link, now time.Time) []string {
	var out []string
	for _, f := range l.Feeds {
		name := strings.ToUpper(f.Name[:min(1, len(f.Name))]) + f.Name[min(1, len(f.Name)):]
		switch {
		case f.Last.IsZero():
			out = append(out, name+" feed: nothing yet")
		case !f.Up:
			out = append(out, name+" feed down, last "+ward.Stamp(f.Last, now))
		default:
			out = append(out, name+" feed "+ward.Stamp(f.Last, now))
		}
	}
	return out
}

// Down says whether "no results" may not be said: the station is cut off, or
// the laboratory's line to central is.
func Down(l ward.Link, _ time.Time) bool {
	if !l.Connected || l.Loading != nil || l.Refused != "" {
		return true
	}
	for _, f := range l.Feeds {
		if strings.EqualFold(f.Name, "laboratory") {
			return !f.Up
		}
	}
	return true // central has not told of a laboratory: nothing can be said
}
