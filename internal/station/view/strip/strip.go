// Package strip is the view model of the status strip: connected or not, since
// when, what is here, how old each feed is, and what is still unsent. It never
// goes away, and it speaks in words that a tired person understands.
package strip

import (
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
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
		s.Unsent = words.F("%d unsent, safe on this computer", l.Unsent)
		s.UnsentShort = words.F("%d unsent", l.Unsent)
	}
	switch {
	case l.Drill != nil:
		return practised(s, l, phone, now)
	case l.Refused != "":
		s.Tone, s.Head, s.Strong = Warning, words.T("The server turned this computer away"), l.Refused
	case !l.Connected:
		return out(s, l, phone, now)
	case l.Loading != nil:
		s.Tone, s.Head, s.Body = Loading, words.T("Connected"), loading(*l.Loading)
	case elsewhere(l.Unreached) != nil:
		s.Tone, s.Head = Warning, words.T("Connected")
		s.Strong = unreached(elsewhere(l.Unreached), now)
		s.StrongShort = s.Strong
	default:
		s.Tone, s.Head = Calm, words.T("Connected")
		if !l.AsOf.IsZero() {
			s.Body, s.Strong = words.F("Everything up to %s is here", l.AsOf.Format("15:04:05")), l.AsOf.Format("15:04:05")
		}
		s.Sent = back(l, now)
	}
	return s
}

// practised says that the network is out by somebody's choice.
func practised(s State, l ward.Link, phone string, now time.Time) State {
	s = out(s, l, phone, now)
	s.Tone, s.Head = Drill, words.F("DRILL since %s", ward.Stamp(l.Drill.From, now))
	s.Body = words.F("A downtime is practised; it ends at %s.", ward.Stamp(l.Drill.Until, now))
	return s
}

func out(s State, l ward.Link, phone string, now time.Time) State {
	s.Tone = Warning
	if l.Sealed {
		s.Head, s.Body = words.T("No contact with the server since this start"), words.T("This computer’s own copy is here: sign in to see it.")
		if !l.AsOf.IsZero() {
			s.Body = words.F("This computer’s own copy is here, up to %s: sign in to see it.", ward.Stamp(l.AsOf, now))
		}
		return s
	}
	if !l.Ever {
		s.Head, s.Body = words.T("No contact with the server yet"), words.T("Nothing is here that was not entered on this computer.")
		return s
	}
	s.Head = words.F("Network out since %s", ward.Stamp(l.Since, now))
	s.Body = words.T("You are looking at this computer’s own copy.")
	if !l.AsOf.IsZero() {
		s.Strong = words.F("Results after %s are not here.", ward.Stamp(l.AsOf, now))
		s.StrongShort = words.F("Not here: results after %s", ward.Stamp(l.AsOf, now))
		if phone != "" {
			s.Strong = words.F("Results after %s are not here: phone the laboratory on %s.", ward.Stamp(l.AsOf, now), phone)
		}
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
		all = append(all, words.N(max(u.Count, 1), "%d critical result not yet on any screen of ward %s, since %s", "%d critical results not yet on any screen of ward %s, since %s", u.Ward, ward.Stamp(u.Since, now)))
	}
	return words.F("%s. Phone the ward.", strings.Join(all, "; "))
}

func loading(p ward.Progress) string {
	if p.Waiting {
		return waiting(p.Before)
	}
	what := words.T("Loading from the server")
	switch p.Part {
	case ward.PartScreen:
		what = words.T("Loading this ward from the server")
	case ward.PartOthers:
		what = words.T("This ward’s newest entries are here. Loading the other patients")
	case ward.PartHistory:
		what = words.T("Everybody’s newest entries are here. Loading older ones")
	}
	if p.Total == 0 {
		return words.F("%s: %d so far", what, p.Done)
	}
	return words.F("%s: %d of %d", what, p.Done, p.Total)
}

// waiting is for a morning after a power cut: nothing is wrong here, and nothing
// that is written waits.
func waiting(before uint32) string {
	if before == 0 {
		return words.T("The server is filling other computers; this one is next. What you enter is sent meanwhile.")
	}
	return words.N(int(before), "The server is filling other computers: %d is before this one. What you enter is sent meanwhile.", "The server is filling other computers: %d are before this one. What you enter is sent meanwhile.")
}

func back(l ward.Link, now time.Time) string {
	if l.Unsent > 0 {
		return ""
	}
	if o := l.LastOutage; o != nil {
		said := words.F("Back since %s.", ward.Stamp(o.To, now)) + " "
		switch {
		case o.Entries == 0:
			said += words.T("Nothing was entered meanwhile")
		case o.Sent >= o.Entries:
			said += words.N(o.Entries, "The one entry is sent", "All %d entries are sent")
		default:
			said += words.N(o.Entries, "%[2]d of %[1]d entry is sent", "%[2]d of %[1]d entries are sent", o.Sent)
		}
		if o.Reviews > 0 {
			said += ", " + words.F("%d to decide", o.Reviews)
		}
		return said
	}
	return words.T("Nothing waiting to be sent")
}

func feeds(l ward.Link, now time.Time) []string {
	var out []string
	for _, f := range l.Feeds {
		name := FeedName(f.Name)
		switch {
		case f.Last.IsZero():
			out = append(out, words.F("%s feed: nothing yet", name))
		case !f.Up:
			out = append(out, words.F("%s feed down, last %s", name, ward.Stamp(f.Last, now)))
		default:
			out = append(out, words.F("%s feed %s", name, ward.Stamp(f.Last, now)))
		}
	}
	return out
}

// FeedName is what a feed is called: those that every hospital has in the language of
// the screen, another as the server calls it.
func FeedName(name string) string {
	switch strings.ToLower(name) {
	case "laboratory":
		return words.T("Laboratory")
	case "adt":
		return words.C("feed", "ADT")
	}
	return strings.ToUpper(name[:min(1, len(name))]) + name[min(1, len(name)):]
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
