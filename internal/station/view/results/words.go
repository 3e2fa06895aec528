package results

import (
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// Title is the heading of a kind.
func Title(k ward.InboxKind) string {
	switch k {
	case ward.InboxCritical:
		return words.T("Critical")
	case ward.InboxCorrected:
		return words.T("Corrected")
	case ward.InboxHanded:
		return words.T("Handed over, not acted on")
	case ward.InboxTaken:
		return words.T("Taken, action not recorded")
	case ward.InboxQuiet:
		return words.T("Critical, repeats that interrupt nobody")
	case ward.InboxNew:
	}
	return words.C("results", "New")
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
func second(it ward.InboxItem, now time.Time) (text string, urgent bool) {
	switch it.Kind {
	case ward.InboxCritical:
		if o, ok := newest(it.Result); ok {
			return words.F("%s took it at %s and has recorded no action", ward.SayName(o.By), ward.Stamp(o.At, now)), true
		}
		return words.F("Nobody has taken it, %s", ward.Span(now.Sub(it.Since))), true
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
		text = words.F("%s has it since %s", ward.SayName(o.By), ward.Stamp(o.At, now))
		if o.Kind == "handed-to" {
			text = words.F("%s handed it to %s at %s", ward.SayName(o.By), ward.SayName(o.To), ward.Stamp(o.At, now))
		}
		if !o.ActBy.IsZero() {
			text += ": " + words.F("record action by %s", ward.Stamp(o.ActBy, now))
		}
		return text, false
	case ward.InboxQuiet:
		return it.Result.Quiet, false
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
		parts = append(parts, did(o, before(r), ward.Stamp(o.At, now)))
	}
	if len(parts) == 0 {
		return words.F("Nobody had acknowledged %s", before(r))
	}
	return strings.Join(parts, "; ")
}

// did is what somebody had done with a version, and when.
func did(o ward.Owned, what, at string) string {
	switch o.Kind {
	case "acting":
		return words.F("%s acted on %s at %s", ward.SayName(o.By), what, at)
	case "handed-to":
		return words.F("%s handed on %s at %s", ward.SayName(o.By), what, at)
	case "taken":
		return words.F("%s took %s at %s", ward.SayName(o.By), what, at)
	}
	return words.F("%s saw %s at %s", ward.SayName(o.By), what, at)
}

func before(r ward.Result) string {
	if r.Before == nil || r.Before.Value == "" {
		return words.T("the version before")
	}
	return ward.Result{Value: r.Before.Value, Text: r.Text}.Brief()
}

// Head is what stands over an open corrected result.
func Head(r ward.Result) string {
	if r.Mismatch != "" {
		return words.T("What was phoned and what the laboratory sent differ")
	}
	text := words.T("The laboratory corrected a result")
	for _, o := range r.Owned {
		switch {
		case !o.Earlier || o.Withdrawn:
		case o.Kind != "seen":
			return words.T("The laboratory corrected a result that was acted on")
		default:
			text = words.T("The laboratory corrected a result that was seen")
		}
	}
	return text
}

// Facts are who a result is about, with labels: born, number, bed.
func Facts(w ward.Identity) []ward.Fact {
	born := w.Born
	if t, err := time.Parse("2006-01-02", w.Born); err == nil {
		born = ward.Date(t)
	}
	if born == "" {
		born = words.T("not known")
	}
	if w.Age != "" && w.Died == "" {
		born += " (" + ward.SayAge(w.Age) + ")"
	}
	out := []ward.Fact{{Label: words.T("Born"), Words: born}}
	if w.Number != "" {
		name := w.NumberName
		if name == "" {
			name = "NHS No."
		}
		out = append(out, ward.Fact{Label: name, Words: w.Number})
	}
	if w.Bed != "" {
		out = append(out, ward.Fact{Label: words.T("Bed"), Words: w.Bed})
	}
	if w.Similar {
		out = append(out, ward.Fact{Label: words.T("Similar name on this ward"), Words: words.T("check birth date and number")})
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
		collected = words.T("not said on the phone")
	case collected == "":
		collected = words.T("time not sent")
	}
	out := []ward.Fact{{Label: words.T("Collected"), Words: collected}}
	for _, p := range r.Phoned {
		out = append(out, ward.Fact{Label: words.T("Phoned"), Words: p.Words(now)})
	}
	received := ward.Said(r.Status)
	if !r.Received.IsZero() {
		received = strings.TrimSuffix(ward.Stamp(r.Received, now)+", "+ward.Said(r.Status), ", ")
	}
	out = append(out, ward.Fact{Label: words.T("Received"), Words: received})
	rng := r.Range
	if rng == "" {
		rng = words.T("no range sent")
	}
	out = append(out, ward.Fact{Label: words.T("Range"), Words: rng})
	if len(r.Why) > 0 {
		out = append(out, ward.Fact{Label: words.T("Critical by"), Words: strings.Join(r.Why, " "+words.T("and")+" ")})
	}
	if len(r.UrgentBy) > 0 {
		out = append(out, ward.Fact{Label: words.T("Urgent by"), Words: strings.Join(r.UrgentBy, " "+words.T("and")+" ")})
	}
	for _, n := range append(append([]string{}, r.Notes...), r.Remarks...) {
		out = append(out, ward.Fact{Label: words.T("Comment"), Words: n})
	}
	return out
}

// Again says why a corrected result is open.
func Again(r ward.Result) string {
	for _, o := range r.Owned {
		if o.Earlier && !o.Withdrawn {
			return words.T("That was for the earlier version, so this is open again.")
		}
	}
	return words.T("Treatment may rest on the old value all the same.")
}
