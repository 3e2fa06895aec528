package outage

import (
	"fmt"
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/strip"
	"wardlight/internal/words"
)

// standing is where this computer stands: contact, and what was written here.
func standing(r read, now time.Time) (head, text string, tone Tone) {
	l := r.link
	switch {
	case l.Drill != nil:
		head = words.F("DRILL since %s, %s: ends by itself at %s", ward.Stamp(l.Drill.From, now), ward.Span(now.Sub(l.Drill.From)), ward.Stamp(l.Drill.Until, now))
	case l.Refused != "":
		head = words.T("The server turned this computer away")
	case l.Connected:
		head = words.F("Connected since %s", ward.Stamp(l.Since, now))
	case l.Ever:
		head = words.F("Network out since %s", ward.Stamp(l.Since, now)) + ", " + ward.Span(now.Sub(l.Since))
	default:
		head = words.T("No contact with the server yet")
	}
	if l.Unsent == 0 && len(r.unsent) == 0 {
		// Receipts equal local writes: only now may it be said.
		return head, words.T("All sent: the server has answered for everything that was written here."), Good
	}
	n := max(l.Unsent, len(r.unsent))
	text = words.N(n, "%d entry waits to be sent. It is safe on this computer and goes by itself.", "%d entries wait to be sent. They are safe on this computer and go by themselves.")
	if !l.UnsentSince.IsZero() {
		text = words.N(n, "%d entry waits to be sent, since %s. It is safe on this computer and goes by itself.", "%d entries wait to be sent, the oldest since %s. They are safe on this computer and go by themselves.", ward.Stamp(l.UnsentSince, now))
	}
	return head, text, Unsent
}

func unsentLines(r read, now time.Time) []Line {
	if len(r.unsent) == 0 && r.more == 0 {
		return nil
	}
	out := []Line{{ID: "unsent", Head: true, Name: words.F("Unsent %d", len(r.unsent)+r.more)}}
	for _, u := range r.unsent {
		out = append(out, Line{
			ID: "unsent " + string(u.Line.Ref.Type) + string(u.Line.Ref.ID) + u.Line.At.String() + u.Line.Words, Patient: u.Who.ID, Bed: u.Who.Bed, Name: u.Who.ShowName(), Tone: Unsent,
			Words: u.Line.Kind + ": " + u.Line.Words, Second: words.F("%s, %s, waits %s", ward.SayName(u.Line.By), ward.Stamp(u.Line.At, now), ward.Span(now.Sub(u.Line.At))),
		})
	}
	if r.more > 0 {
		out = append(out, Line{ID: "unsent more", Tone: Muted, Words: words.N(r.more, "%d more is not listed: of patients that you may not see or that have left, or written by the program itself. They are safe, too.", "%d more are not listed: of patients that you may not see or that have left, or written by the program itself. They are safe, too.")})
	}
	return out
}

func feedLines(l ward.Link, now time.Time) []Line {
	out := []Line{{ID: "feeds", Head: true, Name: words.T("Feeds")}}
	if len(l.Feeds) == 0 {
		return append(out, Line{ID: "no feeds", Tone: Muted, Words: words.T("The server has not told of any feed yet.")})
	}
	for _, f := range l.Feeds {
		line := Line{ID: "feed " + f.Name, Name: strip.FeedName(f.Name), Tone: Plain}
		switch {
		case !l.Connected:
			line.Words, line.Tone = unknownFeed(l, f, now), Late
		case f.Last.IsZero():
			line.Words, line.Tone = words.T("nothing yet"), Muted
		case !f.Up:
			line.Words, line.Tone = words.F("down; the last message came at %s, %s", ward.Stamp(f.Last, now), ago(now.Sub(f.Last))), Late
		default:
			line.Words = words.F("up; the last message came at %s, %s", ward.Stamp(f.Last, now), ago(now.Sub(f.Last)))
		}
		out = append(out, line)
	}
	return out
}

// unknownFeed is what can be said of a feed while this computer has no contact: the feed
// may well be up, and what it brings is at the server.
func unknownFeed(l ward.Link, f ward.Feed, now time.Time) string {
	switch {
	case !l.Ever || l.Since.IsZero():
		return words.T("not known: this computer has no contact with the server")
	case f.Last.IsZero():
		return words.F("not known since %s, when this computer lost contact; nothing had come by then", ward.Stamp(l.Since, now))
	}
	return words.F("not known since %s, when this computer lost contact; the last message before came at %s", ward.Stamp(l.Since, now), ward.Stamp(f.Last, now))
}

func ago(d time.Duration) string {
	if d < time.Minute {
		return words.T("just now")
	}
	return words.F("%s ago", ward.Span(d))
}

// reportLines are an outage, patient by patient.
func reportLines(rep ward.OutageReport, now time.Time) []Line {
	head := words.F("Outage %s to %s", ward.Stamp(rep.From, now), ward.Stamp(rep.To, now))
	switch {
	case rep.Drill && rep.To.IsZero():
		head = words.F("Since the drill began at %s", ward.Stamp(rep.From, now))
	case rep.To.IsZero():
		head = words.F("Since the network went at %s", ward.Stamp(rep.From, now))
	case rep.Drill:
		head = words.F("Drill %s to %s", ward.Stamp(rep.From, now), ward.Stamp(rep.To, now))
	}
	out := []Line{
		{ID: "outage", Head: true, Name: head},
		{ID: "outage sum", Words: sum(rep.Counts), Second: level(rep), Tone: Plain},
	}
	switch {
	case rep.To.IsZero():
		out = append(out, Line{ID: "outage open", Tone: Late, Words: words.T("What came in at the server since then is not here.")})
	case !rep.CaughtUp:
		out = append(out, Line{ID: "outage open", Tone: Late, Words: words.T("The server is still sending what came in meanwhile: this list is not complete.")})
	}
	if rep.Rebuilt {
		out = append(out, Line{ID: "outage rebuilt", Tone: Late, Words: words.T("The server was set back meanwhile: what came in is told by its time alone.")})
	}
	for _, p := range rep.Patients {
		out = append(out, patientLines(p, now)...)
	}
	if rep.Away > 0 {
		out = append(out, Line{ID: "outage away", Tone: Muted, Words: words.N(rep.Away, "%d entry about patients who are not on this computer any more.", "%d entries about patients who are not on this computer any more.")})
	}
	return out
}

// sum counts an outage in words: what came in, what was written, what became of
// it, what waits.
func sum(c ward.OutageCounts) string {
	parts := []string{words.N(c.CameIn, "%d entry came in", "%d entries came in")}
	written := words.N(c.Written, "%d was written here", "%d were written here")
	var fate []string
	add := func(n int, said string) {
		if n > 0 {
			fate = append(fate, said)
		}
	}
	add(c.Unsent, words.F("%d unsent", c.Unsent))
	add(c.Applied, words.F("%d as written", c.Applied))
	add(c.Merged, words.F("%d merged with somebody else’s", c.Merged))
	add(c.Review, words.F("%d needed a person", c.Review))
	add(c.Refused, words.F("%d refused", c.Refused))
	if len(fate) > 0 {
		written += ": " + strings.Join(fate, ", ")
	}
	parts = append(parts, written)
	if c.Waiting > 0 {
		parts = append(parts, words.N(c.Waiting, "%d question waits for a person", "%d questions wait for a person"))
	}
	return strings.Join(parts, ". ") + "."
}

func level(rep ward.OutageReport) string {
	switch rep.Level {
	case ward.LevelEqual:
		return words.T("Compared: this computer and the server hold the same about these patients.")
	case ward.LevelDiffers:
		return words.T("Compared: this computer and the server do not hold the same about every patient. It evens itself out; tell IT if it stays.")
	case ward.LevelUnknown:
	}
	return words.T("Not compared with the server.")
}

func patientLines(p ward.OutagePatient, now time.Time) []Line {
	id := "p " + string(p.Who.ID)
	head := Line{ID: id, Patient: p.Who.ID, Bed: p.Who.Bed, Name: p.Who.ShowName(), Tone: Plain}
	if p.Level == ward.LevelDiffers {
		head.Second, head.Tone = words.T("not the same on the server yet"), Late
	}
	out := []Line{head}
	entry := func(i int, way words.Key, l ward.OutageLine, tone Tone, more string) {
		second := strings.TrimSuffix(ward.SayName(l.By)+", "+ward.Stamp(l.At, now), ", ")
		if more != "" {
			second += " · " + more
		}
		out = append(out, Line{ID: fmt.Sprint(id, way.English(), i), Patient: p.Who.ID, Review: way == toDecide, Words: way.Say() + " · " + l.Kind + ": " + l.Words, Second: second, Tone: tone})
	}
	for i, l := range p.Waiting {
		entry(i, toDecide, l, Waiting, "")
	}
	for i, l := range p.CameIn {
		entry(i, cameIn, l, Plain, "")
	}
	for i, l := range p.Written {
		entry(i, writtenHere, l, toneOf(l), fate(l))
	}
	if p.More > 0 {
		out = append(out, Line{ID: id + " more", Patient: p.Who.ID, Tone: Muted, Words: words.N(p.More, "%d more line is in the chart.", "%d more lines are in the chart.")})
	}
	return out
}

func toneOf(l ward.OutageLine) Tone {
	switch l.Outcome {
	case "unsent":
		return Unsent
	case "review":
		return Waiting
	case "refused":
		return Late
	}
	return Plain
}

// fate says what central made of an entry.
func fate(l ward.OutageLine) string {
	said := fates[l.Outcome].Say()
	if l.Why != "" && l.Outcome != "applied" {
		said += ": " + l.Why
	}
	return said
}

// fates are the words for an outcome.
var fates = map[string]words.Key{
	"unsent": words.K("unsent"), "applied": words.K("sent"), "merged": words.K("sent, merged with somebody else’s"), "review": words.K("sent, needed a person"), "refused": words.K("refused"),
}

// How an entry stands in the report of an outage.
var (
	toDecide    = words.K("To decide")
	cameIn      = words.K("Came in")
	writtenHere = words.K("Written here")
)
