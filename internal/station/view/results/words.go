package results

import (
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
)

// Title is the heading of a kind.
func Title(k ward.InboxKind) string {
	switch k {
	case ward.InboxCritical:
		return "Critical"
	case ward.InboxCorrected:
		return "Corrected"
	case ward.InboxHanded:
		return "Handed over, not acted on"
	case ward.InboxTaken:
		return "Taken, action not recorded"
	case ward.InboxNew:
	}
	return "New"
}

// linesOf arranges the inbox: each duty by itself, and what is merely new by
// patient, panel, and the times that it was collected and came.
func linesOf(items []ward.InboxItem, now time.Time) []Line {
	var out []Line
	at := map[string]int{}
	for _, it := range items {
		r := it.Result
		l := Line{ID: ward.InboxLine(it.Kind, it.Who.ID, &r), Kind: it.Kind, Who: it.Who, Items: []ward.InboxItem{it}, At: ward.Stamp(r.Received, now)}
		if it.Kind == ward.InboxNew {
			l.Panel, l.CanMark = r.Panel, true
			if i, ok := at[l.ID]; ok {
				out[i].Items = append(out[i].Items, it)
				continue
			}
			at[l.ID] = len(out)
		}
		l.Second, l.Urgent = second(it, now)
		if it.Left != nil {
			l.Left = it.Left.Words(now)
		}
		for _, o := range r.Owned {
			l.Unsent = l.Unsent || o.Unsent && !o.Withdrawn
		}
		out = append(out, l)
	}
	return out
}

// second says who has a result, or that nobody has.
func second(it ward.InboxItem, now time.Time) (words string, urgent bool) {
	switch it.Kind {
	case ward.InboxCritical:
		if o, ok := newest(it.Result); ok {
			return o.By + " took it at " + ward.Stamp(o.At, now) + " and has recorded no action", true
		}
		return "Nobody has taken it, " + ward.Span(now.Sub(it.Since)), true
	case ward.InboxCorrected:
		if it.Result.Mismatch != "" && it.Result.Open {
			return it.Result.Mismatch, true
		}
		return HadBefore(it.Result, now), false
	case ward.InboxHanded, ward.InboxTaken:
		o, ok := newest(it.Result)
		if !ok {
			return "", false
		}
		words = o.By + " has it since " + ward.Stamp(o.At, now)
		if o.Kind == "handed-to" {
			words = o.By + " handed it to " + o.To + " at " + ward.Stamp(o.At, now)
		}
		if !o.ActBy.IsZero() {
			words += ": record action by " + ward.Stamp(o.ActBy, now)
		}
		return words, false
	case ward.InboxNew:
	}
	return "", false
}

// newest is the newest acknowledgement of the version that stands.
func newest(r ward.Result) (ward.Owned, bool) {
	for i := len(r.Owned) - 1; i >= 0; i-- {
		if o := r.Owned[i]; !o.Withdrawn && !o.Earlier && o.Kind != "seen" {
			return o, true
		}
	}
	return ward.Owned{}, false
}

// HadBefore says who saw or acted on the version before.
func HadBefore(r ward.Result, now time.Time) string {
	var parts []string
	for _, o := range r.Owned {
		if o.Withdrawn || !o.Earlier {
			continue
		}
		what := map[string]string{"acting": "acted on", "handed-to": "handed on", "taken": "took", "seen": "saw"}[o.Kind]
		parts = append(parts, strings.TrimSpace(o.By+" "+what+" "+before(r)+" at "+ward.Stamp(o.At, now)))
	}
	if len(parts) == 0 {
		return "Nobody had acknowledged " + before(r)
	}
	return strings.Join(parts, "; ")
}

func before(r ward.Result) string {
	if r.Before == nil || r.Before.Value == "" {
		return "the version before"
	}
	return ward.Result{Value: r.Before.Value, Text: r.Text}.Brief()
}

// Head is what stands over an open corrected result.
func Head(r ward.Result) string {
	if r.Mismatch != "" {
		return "What was phoned and what the laboratory sent differ"
	}
	words := "The laboratory corrected a result"
	for _, o := range r.Owned {
		switch {
		case !o.Earlier || o.Withdrawn:
		case o.Kind != "seen":
			return "The laboratory corrected a result that was acted on"
		default:
			words = "The laboratory corrected a result that was seen"
		}
	}
	return words
}

// Facts are who a result is about, with labels: born, number, bed.
func Facts(w ward.Identity) []ward.Fact {
	born := w.Born
	if t, err := time.Parse("2006-01-02", w.Born); err == nil {
		born = ward.Date(t)
	}
	if born == "" {
		born = "not known"
	}
	if w.Age != "" && w.Died == "" {
		born += " (" + w.Age + ")"
	}
	out := []ward.Fact{{Label: "Born", Words: born}}
	if w.Number != "" {
		name := w.NumberName
		if name == "" {
			name = "NHS No."
		}
		out = append(out, ward.Fact{Label: name, Words: w.Number})
	}
	if w.Bed != "" {
		out = append(out, ward.Fact{Label: "Bed", Words: w.Bed})
	}
	if w.Similar {
		out = append(out, ward.Fact{Label: "Similar name on this ward", Words: "check birth date and number"})
	}
	return out
}

// Rows are what stands below a value: when it was collected and came, and what
// was remarked.
func Rows(r ward.Result, now time.Time) []ward.Fact {
	collected := r.CollectedText
	if collected == "" && !r.Collected.IsZero() {
		collected = ward.Date(r.Collected) + " " + ward.Clock(r.Collected)
	}
	switch {
	case collected == "" && !r.Confirmed():
		collected = "not said on the phone"
	case collected == "":
		collected = "time not sent"
	}
	out := []ward.Fact{{Label: "Collected", Words: collected}}
	for _, p := range r.Phoned {
		out = append(out, ward.Fact{Label: "Phoned", Words: p.Words(now)})
	}
	received := r.Status
	if !r.Received.IsZero() {
		received = strings.TrimSuffix(ward.Stamp(r.Received, now)+", "+r.Status, ", ")
	}
	out = append(out, ward.Fact{Label: "Received", Words: received})
	rng := r.Range
	if rng == "" {
		rng = "no range sent"
	}
	out = append(out, ward.Fact{Label: "Range", Words: rng})
	if len(r.Why) > 0 {
		out = append(out, ward.Fact{Label: "Critical by", Words: strings.Join(r.Why, " and ")})
	}
	for _, n := range append(append([]string{}, r.Notes...), r.Remarks...) {
		out = append(out, ward.Fact{Label: "Comment", Words: n})
	}
	return out
}

// Again says why a corrected result is open.
func Again(r ward.Result) string {
	for _, o := range r.Owned {
		if o.Earlier && !o.Withdrawn {
			return "That was for the earlier version, so this is open again."
		}
	}
	return "Treatment may rest on the old value all the same."
}
