package ward

import (
	"fmt"
	"strings"
	"time"

	"wardlight/internal/words"
)

// Date renders a day as the NHS Common User Interface writes it: 22-Nov-2026. The
// month is a word in every language, so that no day is taken for a month.
func Date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return words.DayMonth(t) + t.Format("-2006")
}

// ShortDate is Date without the year: 22-Nov.
func ShortDate(t time.Time) string { return words.DayMonth(t) }

// MonthOf is a month of a year: Nov-2026.
func MonthOf(t time.Time) string { return monthName(t) + t.Format("-2006") }

// EnglishMonths puts the English name of a month in the place of the one that the
// language in use has, so that what Date wrote can be read back when it is typed.
func EnglishMonths(text string) string {
	for month := time.January; month <= time.December; month++ {
		at := time.Date(2026, month, 1, 0, 0, 0, 0, time.UTC)
		own := monthName(at)
		for i := 0; i+len(own) <= len(text); i++ {
			if strings.EqualFold(text[i:i+len(own)], own) {
				return text[:i] + at.Format("Jan") + text[i+len(own):]
			}
		}
	}
	return text
}

func monthName(t time.Time) string {
	_, name, _ := strings.Cut(words.DayMonth(t), "-")
	return name
}

// Clock renders a time of day: 14:05.
func Clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("15:04")
}

// Stamp is Clock on the day of now, else "14:05 on 21-Nov-2026".
func Stamp(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	y, m, d := t.Date()
	ny, nm, nd := now.Date()
	if y == ny && m == nm && d == nd {
		return Clock(t)
	}
	return words.F("%s on %s", Clock(t), Date(t))
}

// briefText is how many letters of a text stand where there is one line for it.
const briefText = 60

// Brief is the value where there is one line for it: a number whole, and of a
// text its first line, with words that say how much more there is to read.
func (r Result) Brief() string {
	if !r.Text {
		return r.Value
	}
	lines := strings.Split(strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(r.Value)), "\n")
	first := strings.TrimSpace(lines[0])
	if letters := []rune(first); len(letters) > briefText {
		first = string(letters[:briefText])
		if i := strings.LastIndexByte(first, ' '); i > 0 {
			first = first[:i]
		}
		first += " …"
	}
	if more := len(lines) - 1; more > 0 {
		first += " " + words.N(more, "(and %d more line)", "(and %d more lines)")
	}
	return first
}

// Span is a length of time in the units of the ward: "25 min", "3 h", "2 d".
func Span(d time.Duration) string {
	switch {
	case d < 0:
		return words.F("%d min", 0)
	case d < time.Hour:
		return words.F("%d min", int(d/time.Minute))
	case d < 48*time.Hour:
		return words.F("%d h", int(d/time.Hour))
	}
	return words.F("%d d", int(d/(24*time.Hour)))
}

// ShowName is FAMILY, Given: the family name in capitals (NHS Common User
// Interface, patient name).
func (i Identity) ShowName() string {
	fam := strings.ToUpper(i.Family)
	if fam == "" {
		fam = words.T("NAME NOT KNOWN")
	}
	if i.Given == "" {
		return fam
	}
	return fam + ", " + i.Given
}

// Sex is the one letter of the board: F, M, or "" where it is neither or not
// known.
func (i Identity) Sex() string {
	switch i.Gender {
	case "Female":
		return words.C("sex", "F")
	case "Male":
		return words.C("sex", "M")
	}
	return ""
}

// FlagWords is a value's place in words, as it stands behind the value on paper and in a
// sentence: its flag, that it only may be critical, that it is beyond an urgent limit.
func (r *Result) FlagWords() string {
	switch {
	case r.MayBe:
		return Said(strings.TrimSpace("MAY BE " + string(r.Flag)))
	case r.Urgent:
		return strings.TrimSpace(Said(string(r.Flag)) + " " + words.T("URGENT"))
	}
	return Said(string(r.Flag))
}

// UrgencyOf orders a board row; see Urgency.
func UrgencyOf(r *Row) Urgency {
	switch {
	case r.Critical != nil && (r.Critical.Open || r.Criticals > 0), r.HeldInPlay(), r.Early.Known && r.Early.Risk == RiskHigh:
		return 3
	case r.Early.Known && r.Early.Risk == RiskMedium:
		return 2
	case r.Early.Known && r.Early.Risk == RiskLowMedium, r.Corrected != nil:
		return 1
	}
	return 0
}

// HeldInPlay says whether a critical value is held back that is, or may be, this
// patient's, and of which nobody has recorded what was done.
func (r *Row) HeldInPlay() bool { return r.Held != nil && !r.Held.Acted }

// Incomplete says of an incomplete score what it is, and what stood before:
// "incomplete, at least 3; last complete 5 at 14:05". A complete one has no
// such words.
func (e Early) Incomplete(now time.Time) string {
	if !e.Known || !e.AtLeast {
		return ""
	}
	if e.HasLast {
		return words.F("incomplete, at least %d; last complete %d at %s", e.Total, e.Last, Stamp(e.LastAt, now))
	}
	return words.F("incomplete, at least %d", e.Total)
}

// Standing is the total that somebody is placed by: of an incomplete score, which
// is only a minimum, not less than the last complete one.
func (e Early) Standing() int {
	if e.AtLeast && e.HasLast {
		return max(e.Total, e.Last)
	}
	return e.Total
}

// Age is how old somebody is at now, in the units that the NHS Common User
// Interface gives for each stage of life. born is a FHIR date; "" comes back
// where it has no day and the answer would be a guess.
func Age(born string, now time.Time) string {
	b, err := time.ParseInLocation("2006-01-02", born, now.Location())
	if err != nil {
		if y, err := time.Parse("2006", born); err == nil {
			return fmt.Sprintf("about %dy", now.Year()-y.Year())
		}
		if ym, err := time.Parse("2006-01", born); err == nil {
			return fmt.Sprintf("%dy", years(ym, now))
		}
		return ""
	}
	if b.After(now) {
		return ""
	}
	days := int(now.Sub(b).Hours() / 24)
	y, m := years(b, now), months(b, now)
	switch {
	case days < 28:
		return fmt.Sprintf("%dd", days)
	case y < 1:
		return fmt.Sprintf("%dw %dd", days/7, days%7)
	case y < 2:
		return fmt.Sprintf("%dm", m)
	case y < 18:
		return fmt.Sprintf("%dy %dm", y, m%12)
	}
	return fmt.Sprintf("%dy", y)
}

// Years is the completed years at now; ok is false without a full birth date.
func Years(born string, now time.Time) (n int, ok bool) {
	b, err := time.ParseInLocation("2006-01-02", born, now.Location())
	if err != nil || b.After(now) {
		return 0, false
	}
	return years(b, now), true
}

func years(b, now time.Time) int {
	n := now.Year() - b.Year()
	if now.Month() < b.Month() || now.Month() == b.Month() && now.Day() < b.Day() {
		n--
	}
	return n
}

func months(b, now time.Time) int {
	n := (now.Year()-b.Year())*12 + int(now.Month()) - int(b.Month())
	if now.Day() < b.Day() {
		n--
	}
	return n
}
