package outage

import (
	"fmt"
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
)

// standing is where this computer stands: contact, and what was written here.
func standing(r read, now time.Time) (head, words string, tone Tone) {
	l := r.link
	switch {
	case l.Drill != nil:
		head = "DRILL since " + ward.Stamp(l.Drill.From, now) + ", " + ward.Span(now.Sub(l.Drill.From)) + ": ends by itself at " + ward.Stamp(l.Drill.Until, now)
	case l.Refused != "":
		head = "The server turned this computer away"
	case l.Connected:
		head = "Connected since " + ward.Stamp(l.Since, now)
	case l.Ever:
		head = "Network out since " + ward.Stamp(l.Since, now) + ", " + ward.Span(now.Sub(l.Since))
	default:
		head = "No contact with the server yet"
	}
	if l.Unsent == 0 && len(r.unsent) == 0 {
		// Receipts equal local writes: only now may it be said.
		return head, "All sent: the server has answered for everything that was written here.", Good
	}
	n := max(l.Unsent, len(r.unsent))
	words = plural(n, "entry waits", "entries wait") + " to be sent"
	if !l.UnsentSince.IsZero() {
		words += ", the oldest since " + ward.Stamp(l.UnsentSince, now)
	}
	return head, words + ". They are safe on this computer and go by themselves.", Unsent
}

func unsentLines(r read, now time.Time) []Line {
	if len(r.unsent) == 0 && r.more == 0 {
		return nil
	}
	out := []Line{{ID: "unsent", Head: true, Name: "Unsent " + fmt.Sprint(len(r.unsent)+r.more)}}
	for _, u := range r.unsent {
		out = append(out, Line{
			ID: "unsent " + string(u.Line.Ref.Type) + string(u.Line.Ref.ID) + u.Line.At.String() + u.Line.Words, Patient: u.Who.ID, Bed: u.Who.Bed, Name: u.Who.ShowName(), Tone: Unsent,
			Words: u.Line.Kind + ": " + u.Line.Words, Second: u.Line.By + ", " + ward.Stamp(u.Line.At, now) + ", waits " + ward.Span(now.Sub(u.Line.At)),
		})
	}
	if r.more > 0 {
		out = append(out, Line{ID: "unsent more", Tone: Muted, Words: plural(r.more, "more is", "more are") + " not listed: of patients that you may not see or that have left, or written by the program itself. They are safe, too."})
	}
	return out
}

func feedLines(l ward.Link, now time.Time) []Line {
	out := []Line{{ID: "feeds", Head: true, Name: "Feeds"}}
	if len(l.Feeds) == 0 {
		return append(out, Line{ID: "no feeds", Tone: Muted, Words: "The server has not told of any feed yet."})
	}
	for _, f := range l.Feeds {
		line := Line{ID: "feed " + f.Name, Name: strings.ToUpper(f.Name[:min(1, len(f.Name))]) + f.Name[min(1, len(f.Name)):], Tone: Plain}
		switch {
		case f.Last.IsZero():
			line.Words, line.Tone = "nothing yet", Muted
		case !f.Up:
			line.Words, line.Tone = "down; the last message came at "+ward.Stamp(f.Last, now)+", "+ago(now.Sub(f.Last)), Late
		default:
			line.Words = "up; the last message came at " + ward.Stamp(f.Last, now) + ", " + ago(now.Sub(f.Last))
		}
		out = append(out, line)
	}
	return out
}

func ago(d time.Duration) string {
	if d < time.Minute {
		return "just now"
	}
	return ward.Span(d) + " ago"
}

// reportLines are an outage, patient by patient.
func reportLines(rep ward.OutageReport, now time.Time) []Line {
	head := "Outage " + ward.Stamp(rep.From, now) + " to " + ward.Stamp(rep.To, now)
	switch {
	case rep.Drill && rep.To.IsZero():
		head = "Since the drill began at " + ward.Stamp(rep.From, now)
	case rep.To.IsZero():
		head = "Since the network went at " + ward.Stamp(rep.From, now)
	case rep.Drill:
		head = "Drill " + ward.Stamp(rep.From, now) + " to " + ward.Stamp(rep.To, now)
	}
	out := []Line{
		{ID: "outage", Head: true, Name: head},
		{ID: "outage sum", Words: sum(rep.Counts), Second: level(rep), Tone: Plain},
	}
	switch {
	case rep.To.IsZero():
		out = append(out, Line{ID: "outage open", Tone: Late, Words: "What came in at the server since then is not here."})
	case !rep.CaughtUp:
		out = append(out, Line{ID: "outage open", Tone: Late, Words: "The server is still sending what came in meanwhile: this list is not complete."})
	}
	if rep.Rebuilt {
		out = append(out, Line{ID: "outage rebuilt", Tone: Late, Words: "The server was set back meanwhile: what came in is told by its time alone."})
	}
	for _, p := range rep.Patients {
		out = append(out, patientLines(p, now)...)
	}
	if rep.Away > 0 {
		out = append(out, Line{ID: "outage away", Tone: Muted, Words: plural(rep.Away, "entry", "entries") + " about patients who are not on this computer any more."})
	}
	return out
}

// sum counts an outage in words: what came in, what was written, what became of
// it, what waits.
func sum(c ward.OutageCounts) string {
	parts := []string{plural(c.CameIn, "entry", "entries") + " came in"}
	written := plural(c.Written, "was", "were") + " written here"
	var fate []string
	add := func(n int, words string) {
		if n > 0 {
			fate = append(fate, fmt.Sprintf("%d %s", n, words))
		}
	}
	add(c.Unsent, "unsent")
	add(c.Applied, "as written")
	add(c.Merged, "merged with somebody else’s")
	add(c.Review, "needed a person")
	add(c.Refused, "refused")
	if len(fate) > 0 {
		written += ": " + strings.Join(fate, ", ")
	}
	parts = append(parts, written)
	if c.Waiting > 0 {
		parts = append(parts, plural(c.Waiting, "question waits", "questions wait")+" for a person")
	}
	return strings.Join(parts, ". ") + "."
}

func level(rep ward.OutageReport) string {
	switch rep.Level {
	case ward.LevelEqual:
		return "Compared: this computer and the server hold the same about these patients."
	case ward.LevelDiffers:
		return "Compared: this computer and the server do not hold the same about every patient. It evens itself out; tell IT if it stays."
	case ward.LevelUnknown:
	}
	return "Not compared with the server."
}

func patientLines(p ward.OutagePatient, now time.Time) []Line {
	id := "p " + string(p.Who.ID)
	head := Line{ID: id, Patient: p.Who.ID, Bed: p.Who.Bed, Name: p.Who.ShowName(), Tone: Plain}
	if p.Level == ward.LevelDiffers {
		head.Second, head.Tone = "not the same on the server yet", Late
	}
	out := []Line{head}
	entry := func(i int, way string, l ward.OutageLine, tone Tone, more string) {
		second := strings.TrimSuffix(l.By+", "+ward.Stamp(l.At, now), ", ")
		if more != "" {
			second += " · " + more
		}
		out = append(out, Line{ID: fmt.Sprint(id, way, i), Patient: p.Who.ID, Review: way == "To decide", Words: way + " · " + l.Kind + ": " + l.Words, Second: second, Tone: tone})
	}
	for i, l := range p.Waiting {
		entry(i, "To decide", l, Waiting, "")
	}
	for i, l := range p.CameIn {
		entry(i, "Came in", l, Plain, "")
	}
	for i, l := range p.Written {
		entry(i, "Written here", l, toneOf(l), fate(l))
	}
	if p.More > 0 {
		out = append(out, Line{ID: id + " more", Patient: p.Who.ID, Tone: Muted, Words: plural(p.More, "more line is", "more lines are") + " in the chart."})
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
	words := map[string]string{"unsent": "unsent", "applied": "sent", "merged": "sent, merged with somebody else’s", "review": "sent, needed a person", "refused": "refused"}[l.Outcome]
	if l.Why != "" && l.Outcome != "applied" {
		words += ": " + l.Why
	}
	return words
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
