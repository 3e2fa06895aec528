package alert

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"wardlight/internal/clinical/catalogue"
	"wardlight/internal/words"
)

// Turnaround is by when a result is looked for: from when it was asked for. A
// request that has not left this hospital's computers is looked at sooner, because
// nobody works on it.
type Turnaround struct {
	Test   string        `json:"test,omitempty"` // an id of the catalogue; "" is every other one
	Stat   bool          `json:"stat,omitempty"`
	Within time.Duration `json:"within"`
	Unsent time.Duration `json:"unsent"`
	From   string        `json:"from"`

	by map[bool]words.Sentence // by whom a time was set at this site: of what was sent, of what was not
}

func defaultTurnarounds() []Turnaround {
	const (
		h      = time.Hour
		chosen = "chosen; the site's laboratory sets its own"
	)
	return []Turnaround{
		{Stat: true, Within: 90 * time.Minute, Unsent: 15 * time.Minute, From: chosen},
		{Within: 8 * h, Unsent: 2 * h, From: chosen},
		{Test: "culture", Within: 48 * h, Unsent: h, From: chosen},
		{Test: "culture", Stat: true, Within: 48 * h, Unsent: 15 * time.Minute, From: chosen},
		{Test: "urine-culture", Within: 72 * h, Unsent: 2 * h, From: chosen},
	}
}

// LateResult is that an order has no result past its time.
type LateResult struct {
	Words words.Sentence
	Since time.Time
	From  string
}

// Late says whether a result should have come, or the request have left, by now.
func (r Rules) Late(o OpenOrder, now time.Time) (LateResult, bool) {
	t, ok := r.turnaround(o)
	if !ok || o.At.IsZero() {
		return LateResult{}, false
	}
	limit := t.Within
	if !o.Sent {
		limit = t.Unsent
	}
	since := o.At.Add(limit)
	if now.Before(since) {
		return LateResult{}, false
	}
	said := words.S("no result after %s: ask the laboratory", span(now.Sub(o.At)))
	if !o.Sent {
		said = words.S("not sent for %s: send it on paper, or phone the laboratory", span(now.Sub(o.At)))
	}
	if by := t.by[o.Sent]; !by.IsZero() {
		said = words.S("%s (%s)", said, by)
	}
	return LateResult{Words: said, Since: since, From: t.From}, true
}

// LateAt is when Late will say so, for whoever waits for it.
func (r Rules) LateAt(o OpenOrder) time.Time {
	t, ok := r.turnaround(o)
	switch {
	case !ok || o.At.IsZero():
		return time.Time{}
	case o.Sent:
		return o.At.Add(t.Within)
	}
	return o.At.Add(t.Unsent)
}

// turnaround is the row of the very test, else the one for all.
func (r Rules) turnaround(o OpenOrder) (Turnaround, bool) {
	test, _ := r.Catalogue.TestOf(o.Code)
	for _, id := range []string{test.ID, ""} {
		i := slices.IndexFunc(r.Turnarounds, func(t Turnaround) bool { return t.Test == id && t.Stat == o.Stat })
		if i >= 0 {
			return r.Turnarounds[i], true
		}
	}
	return Turnaround{}, false
}

func span(d time.Duration) string {
	if d < time.Hour {
		return fmt.Sprintf("%d min", int(d/time.Minute))
	}
	return fmt.Sprintf("%d h", int(d/time.Hour))
}

func (t Turnaround) check(c catalogue.Catalogue) error {
	if _, known := c.Test(t.Test); t.Test != "" && !known {
		return fmt.Errorf("alert: a turnaround is for %q, which is no test of the catalogue", t.Test)
	}
	if t.Within <= 0 || t.Unsent <= 0 || t.From == "" {
		return errors.New("alert: a turnaround has both its times, and says where they come from")
	}
	return nil
}

// Leaving is what is done about a result that comes when the patient has gone.
type Leaving struct {
	Words string `json:"words"`
	From  string `json:"from"`
}

func defaultLeaving() Leaving {
	return Leaving{
		Words: "came after the patient had left: for the discharging team and who is on call",
		From:  "chosen: a result after discharge is nobody's by the bed",
	}
}

// AfterLeaving says that a result came when the patient was in no bed any more.
// stays are the ends of all stays; a zero end is a stay that goes on. Without any
// stay nothing is said: nobody knows where the patient is.
func (r Rules) AfterLeaving(received time.Time, ends []time.Time) (words string, left time.Time) {
	for _, end := range ends {
		if end.IsZero() {
			return "", time.Time{}
		}
		if end.After(left) {
			left = end
		}
	}
	if left.IsZero() || received.IsZero() || !received.After(left) {
		return "", time.Time{}
	}
	return r.Leaving.Words, left
}
