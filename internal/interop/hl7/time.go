package hl7

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"wardlight/internal/fault"
)

// Precision is how much of a time was given.
type Precision uint8

// The precisions. None is the zero value: no time was given.
const (
	None Precision = iota
	Year
	Month
	Day
	Hour
	Minute
	Second
	Fraction
)

// String is the precision's name.
func (p Precision) String() string {
	return [...]string{"none", "year", "month", "day", "hour", "minute", "second", "fraction"}[min(p, Fraction)]
}

// Time is an HL7 time (data types DT, DTM and TS):
// YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][±ZZZZ].
//
// It keeps what the sender gave: its text, its precision, and whether it named
// an offset. A time of day precision or coarser is a date, which belongs to a
// calendar and not to an instant: no zone ever moves it. The zero Time is
// "none given".
type Time struct {
	Raw       string
	Precision Precision
	HasOffset bool // the sender named the offset
	Shifted   bool // the clock skipped this local time in spring; moved forward by the gap
	Ambiguous bool // the clock showed this local time twice in autumn; the first is taken

	year, month, day int
	fraction         string // digits behind the point, as given
	at               time.Time
}

// ParseTime reads an HL7 time. zone is the channel's, for times without an
// offset; it may be nil if only dates or times with offsets are expected, and
// is an error of kind fault.Invalid where it is needed. An empty text is the
// zero Time and no error.
func ParseTime(raw string, zone *time.Location) (Time, error) {
	s := strings.TrimSpace(raw)
	if s == "" || s == null {
		return Time{}, nil
	}
	t := Time{Raw: raw}
	digits, offset, err := t.splitTime(s)
	if err != nil {
		return Time{}, err
	}
	var part [6]int
	part[1], part[2] = 1, 1
	for i, width, at := 0, 4, 0; at < len(digits); i, width, at = i+1, 2, at+width {
		part[i], _ = strconv.Atoi(digits[at : at+width])
	}
	if why := impossible(part); why != "" {
		return Time{}, badTime(why)
	}
	t.year, t.month, t.day = part[0], part[1], part[2]
	if t.Precision < Hour {
		return t, nil
	}
	nanos := 0
	if t.fraction != "" {
		nanos, _ = strconv.Atoi((t.fraction + "000000000")[:9])
	}
	naive := time.Date(part[0], time.Month(part[1]), part[2], part[3], part[4], part[5], nanos, time.UTC)
	return t.place(naive, offset, zone)
}

// place finds the instant of a local time.
func (t Time) place(naive time.Time, offset int, zone *time.Location) (Time, error) {
	if t.HasOffset {
		t.at = naive.Add(-time.Duration(offset) * time.Second).In(time.FixedZone("", offset))
		return t, nil
	}
	if zone == nil {
		return Time{}, badTime("names no offset from UTC, and the channel has no time zone; set the channel's zone or let the sender add ±ZZZZ")
	}
	t.at, t.Shifted, t.Ambiguous = inZone(naive, zone)
	return t, nil
}

// inZone reads a wall clock in a zone. Where the clock skipped it, the answer
// is what the clock would have shown had it not been put forward; where the
// clock showed it twice, the first.
func inZone(naive time.Time, zone *time.Location) (at time.Time, shifted, ambiguous bool) {
	y, mo, d := naive.Date()
	h, mi, s := naive.Clock()
	at = time.Date(y, mo, d, h, mi, s, naive.Nanosecond(), zone)
	start, end := at.ZoneBounds()
	for _, change := range []time.Time{start, end} {
		if change.IsZero() {
			continue
		}
		_, before := change.Add(-time.Nanosecond).Zone()
		_, after := change.Zone()
		first := naive.Add(-time.Duration(before) * time.Second)
		second := naive.Add(-time.Duration(after) * time.Second)
		switch {
		case !first.Before(change) && second.Before(change):
			return first.In(zone), true, false
		case first.Before(change) && !second.Before(change):
			return first.In(zone), false, true
		}
	}
	return at, false, false
}

// splitTime checks the form and cuts it into digits, fraction and offset.
func (t *Time) splitTime(s string) (digits string, offset int, err error) {
	digits = s
	if i := strings.IndexAny(s, "+-"); i >= 0 {
		digits = s[:i]
		offset, err = parseOffset(s[i:])
		if err != nil {
			return "", 0, err
		}
		t.HasOffset = true
	}
	if i := strings.IndexByte(digits, '.'); i >= 0 {
		t.fraction, digits = digits[i+1:], digits[:i]
		if len(digits) != 14 || len(t.fraction) < 1 || len(t.fraction) > 9 || !allDigits(t.fraction) {
			return "", 0, badTime("has a fraction that does not follow the seconds")
		}
	}
	if !allDigits(digits) {
		return "", 0, badTime("is not of the form YYYY[MM[DD[HH[MM[SS[.S]]]]]][±ZZZZ]")
	}
	p, ok := map[int]Precision{4: Year, 6: Month, 8: Day, 10: Hour, 12: Minute, 14: Second}[len(digits)]
	if !ok {
		return "", 0, badTime("has a number of digits that fits no precision")
	}
	if t.Precision = p; t.fraction != "" {
		t.Precision = Fraction
	}
	return digits, offset, nil
}

func parseOffset(s string) (int, error) {
	if len(s) != 5 || !allDigits(s[1:]) {
		return 0, badTime("has an offset that is not ±ZZZZ")
	}
	h, _ := strconv.Atoi(s[1:3])
	m, _ := strconv.Atoi(s[3:5])
	if h > 14 || m > 59 {
		return 0, badTime("has an offset that no place on earth has")
	}
	seconds := h*3600 + m*60
	if s[0] == '-' {
		seconds = -seconds
	}
	return seconds, nil
}

// impossible says why these numbers are no date and time, or "".
func impossible(p [6]int) string {
	if p[0] == 0 {
		return "has the year 0"
	}
	d := time.Date(p[0], time.Month(p[1]), p[2], 0, 0, 0, 0, time.UTC)
	if p[1] > 12 || p[1] < 1 || d.Day() != p[2] || d.Month() != time.Month(p[1]) {
		return "is a date that the calendar does not have"
	}
	if p[3] > 23 || p[4] > 59 || p[5] > 59 {
		return "is a time that the clock does not have"
	}
	return ""
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func badTime(why string) error {
	return fault.New(fault.Invalid, "hl7.time", "", "the time "+why)
}

// IsZero says whether no time was given.
func (t Time) IsZero() bool { return t.Precision == None }

// IsDate says whether this is a date (a year, a month, a day) and no instant.
func (t Time) IsDate() bool { return t.Precision != None && t.Precision < Hour }

// Instant is the moment in time, in the offset that was given or the
// channel's zone; false for a date and for none.
func (t Time) Instant() (time.Time, bool) { return t.at, t.Precision >= Hour }

// FHIR is the time as a FHIR date or dateTime, as precise as it was given:
// "2026", "2026-03", "2026-03-29", "2026-03-29T14:05:00+01:00". FHIR has no
// hours without minutes and seconds, so those are filled with zeros;
// Precision still tells.
func (t Time) FHIR() string {
	if t.Precision < Hour {
		return t.FHIRDate()
	}
	at := t.at
	if _, offset := at.Zone(); offset%60 != 0 {
		// Local mean time of the 19th century: FHIR has no seconds in offsets.
		at = at.In(time.FixedZone("", offset/60*60))
	}
	s := at.Format("2006-01-02T15:04:05")
	if t.fraction != "" {
		s += "." + t.fraction
	}
	return s + at.Format("-07:00")
}

// FHIRDate is the calendar date alone as it was written, at most to the day:
// what a date of birth needs, whatever clock time and zone a sender adds.
func (t Time) FHIRDate() string {
	switch t.Precision {
	case None:
		return ""
	case Year:
		return fmt.Sprintf("%04d", t.year)
	case Month:
		return fmt.Sprintf("%04d-%02d", t.year, t.month)
	default:
		return fmt.Sprintf("%04d-%02d-%02d", t.year, t.month, t.day)
	}
}

// ParseClock reads a time of day (data type TM, HH[MM[SS[.S]]][±ZZZZ]) as a
// FHIR time, "14:05:00". FHIR times have no offset: a TM with one is an error.
func ParseClock(raw string) (string, error) {
	s := strings.TrimSpace(raw)
	if strings.ContainsAny(s, "+-") {
		return "", badTime("of day has an offset, which cannot be kept without its date")
	}
	t, err := ParseTime("20000101"+s, time.UTC)
	if err != nil {
		return "", err
	}
	if t.Precision < Hour {
		return "", badTime("of day is not of the form HH[MM[SS[.S]]]")
	}
	out := t.at.Format("15:04:05")
	if t.fraction != "" {
		out += "." + t.fraction
	}
	return out, nil
}

// FormatTime is an instant as HL7 writes it, to the second, with its offset.
func FormatTime(t time.Time) string { return t.Format("20060102150405-0700") }

// FormatDate is a calendar date as HL7 writes it.
func FormatDate(t time.Time) string { return t.Format("20060102") }
