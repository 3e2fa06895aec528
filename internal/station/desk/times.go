package desk

import (
	"strings"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// fhirTimes are the precisions of a FHIR dateTime, and how each is shown
// (NHS Common User Interface, date and time display).
var fhirTimes = []struct {
	layout string
	show   string
	zoned  bool
}{
	{"2006-01-02T15:04:05Z07:00", "02-Jan-2006 15:04", true}, // reads fractions too
	{"2006-01-02T15:04Z07:00", "02-Jan-2006 15:04", true},
	{"2006-01-02T15:04:05", "02-Jan-2006 15:04", false},
	{"2006-01-02T15:04", "02-Jan-2006 15:04", false},
	{"2006-01-02", "02-Jan-2006", false},
	{"2006-01", "Jan-2006", false},
	{"2006", "2006", false},
}

// when reads a FHIR dateTime: the instant (the beginning of what was said) and
// the words with the precision that was sent, in the ward's zone.
func when(s string, loc *time.Location) (time.Time, string) {
	if s == "" {
		return time.Time{}, ""
	}
	for _, f := range fhirTimes {
		t, err := time.ParseInLocation(f.layout, s, loc)
		if err != nil {
			continue
		}
		if f.zoned {
			t = t.In(loc)
		}
		return t, inWordsOf(t, f.show)
	}
	return time.Time{}, words.T("time not readable")
}

// inWordsOf is t.Format(show), with the month in the language in use.
func inWordsOf(t time.Time, show string) string {
	day, rest, _ := strings.Cut(show, " ")
	date := ward.Date(t)
	switch day {
	case "02-Jan-2006":
	case "Jan-2006":
		_, date, _ = strings.Cut(date, "-")
	default:
		return t.Format(show)
	}
	if rest != "" {
		date += " " + t.Format(rest)
	}
	return date
}

// stamp writes an instant as a FHIR dateTime.
func stamp(t time.Time) string { return t.Format("2006-01-02T15:04:05.000Z07:00") }

// at is when a fact was made, by central's clock as far as it is known: the
// writer's own time corrected by the measured distance, else central's
// receipt, else the writer's time as it stands.
func (d *Desk) at(t record.Times) time.Time {
	switch {
	case t.Station != 0 && t.Measured:
		return ms(t.Station).Add(t.Offset).In(d.loc)
	case t.Station != 0 && t.Central == 0:
		return ms(t.Station).Add(d.link.offset()).In(d.loc)
	case t.Central != 0:
		return ms(t.Central).In(d.loc)
	case t.Station != 0:
		return ms(t.Station).In(d.loc)
	}
	at, _ := when(t.Clinical, d.loc)
	return at
}

// received is when central got it; until then, when it was made here.
func (d *Desk) received(t record.Times) time.Time {
	if t.Central != 0 {
		return ms(t.Central).In(d.loc)
	}
	return d.at(t)
}

func ms(n int64) time.Time { return time.UnixMilli(n) }

// stampWords renders an instant for a sentence.
func (d *Desk) stampWords(t time.Time) string { return ward.Stamp(t.In(d.loc), d.now()) }
