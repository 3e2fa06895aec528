package board

import (
	"fmt"
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// heldOf is the results cell of somebody whose critical value is, or may be, held
// back: drawn like any critical one, and said to be neither filed nor, where that
// is so, certain to be theirs.
func heldOf(r *ward.Row, now time.Time) Results {
	h := r.Held
	a := h.Alert()
	out := Results{
		Kind: KindCritical, Test: a.Result.Test, Value: a.Result.Brief(), Unit: a.Result.Unit, Word: ward.Said(string(a.Result.Flag)), At: ward.Stamp(h.Since, now),
		Open: h.Open, Held: true, Second: heldWords(h),
	}
	if a.Result.MayBe {
		out.Word = ward.Said(strings.TrimSpace("MAY BE " + string(a.Result.Flag)))
	}
	if len(h.Values) == 0 {
		out.Value = ""
	}
	others := r.HeldMore + len(h.Values) - min(len(h.Values), 1) + r.New
	if r.Critical != nil {
		others += r.Criticals
	}
	if others > 0 {
		out.More = fmt.Sprintf("+%d", others)
	}
	if h.Open {
		out.Second += ". " + words.F("Nobody has taken it, %s.", ward.Span(now.Sub(h.Since)))
		return out
	}
	for _, o := range h.Owned {
		if o.Withdrawn {
			continue
		}
		out.Second = heldWords(h) + ". " + ownedWords(o, now)
		if o.Unsent {
			out.Second += " " + words.T("(unsent)")
		}
	}
	return out
}

// heldWords stand below a value beside which NOT FILED stands.
func heldWords(h *ward.HeldBack) string {
	if h.Sure() {
		return words.T("Held back")
	}
	return words.T("Held back, perhaps theirs")
}

// withHeld says beside a critical result that another one is held back.
func withHeld(out Results, r *ward.Row) Results {
	if r.Held == nil {
		return out
	}
	another := words.T("another is held back, not filed")
	if out.Second == "" {
		out.Second = another
	} else {
		out.Second += " · " + another
	}
	return out
}
