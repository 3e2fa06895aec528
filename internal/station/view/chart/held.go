package chart

import (
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// Held is a message that could not be filed and is, or may be, this patient's. It
// stands on every tab: whoever reads a chart must know what is not in it.
type Held struct {
	Critical bool
	Head     string // "Held back, not filed: potassium 6.8 mmol/L CRITICAL HIGH, since 13:58"
	Words    string // whose it is as far as is known, why, who has it, and what to do
}

func heldOf(list []ward.HeldBack, now time.Time) []Held {
	var out []Held
	for i := range list {
		h := &list[i]
		out = append(out, Held{Critical: h.Critical && !h.Acted, Head: heldHead(h, now), Words: heldWords(h, now)})
	}
	return out
}

func heldHead(h *ward.HeldBack, now time.Time) string {
	since := ward.Stamp(h.Since, now)
	switch {
	case len(h.Values) == 0 && h.Partial:
		return words.F("A part of a message is held back, not filed, since %s", since)
	case len(h.Values) == 0 && !h.Critical:
		return words.F("A message that may be about this patient could not be filed, since %s", since)
	case len(h.Values) == 0:
		return words.F("A message is held back, not filed, since %s", since)
	}
	var parts []string
	for _, v := range h.Values {
		word := string(v.Flag)
		if v.MayBe {
			word = strings.TrimSpace("MAY BE " + word)
		}
		parts = append(parts, strings.Join(strings.Fields(v.Test+" "+v.Brief()+" "+v.Unit+" "+ward.Said(word)), " "))
	}
	return words.F("Held back, not filed: %s, since %s", strings.Join(parts, ", "), since)
}

func heldWords(h *ward.HeldBack, now time.Time) string {
	parts := []string{words.T("It may be this patient's: that is not confirmed.")}
	switch {
	case h.Partial:
		parts[0] = words.T("The rest of the message is filed here.")
	case h.Said != "":
		parts = append(parts, words.F("The message says it is for %s.", h.Said))
	}
	if len(h.Values) == 0 && (h.Partial || h.Critical || h.Why == "") {
		parts = append(parts, h.Words)
	} else if h.Why != "" {
		parts = append(parts, words.F("Why: %s.", h.Why))
	}
	return strings.Join(append(parts, heldOwner(h, now)), " ")
}

// heldOwner says who has it; of what is no duty, whom to phone.
func heldOwner(h *ward.HeldBack, now time.Time) string {
	for i := len(h.Owned) - 1; i >= 0; i-- {
		if o := h.Owned[i]; !o.Withdrawn && !h.Open {
			return words.F("%s has it since %s.", ward.SayName(o.By), ward.Stamp(o.At, now))
		}
	}
	if h.Open {
		return words.T("Nobody has taken it: see Alerts.")
	}
	if h.Phone != "" {
		return words.F("Phone the %s.", h.Phone)
	}
	return words.T("Phone the laboratory.")
}
