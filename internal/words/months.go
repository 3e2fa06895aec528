package words

import "time"

// months are the months, short, by their number.
var months = [...]Key{
	1: KC("month", "Jan"), KC("month", "Feb"), KC("month", "Mar"), KC("month", "Apr"), KC("month", "May"), KC("month", "Jun"),
	KC("month", "Jul"), KC("month", "Aug"), KC("month", "Sep"), KC("month", "Oct"), KC("month", "Nov"), KC("month", "Dec"),
}

// Month is the short name of a month, as dates have it: 22-Nov-2026. It is a word in
// every language, so that no day is taken for a month.
func Month(m time.Month) string {
	if m < 1 || int(m) >= len(months) {
		return ""
	}
	return months[m].Say()
}

// DayMonth is a day without its year: 22-Nov.
func DayMonth(t time.Time) string { return t.Format("02-") + Month(t.Month()) }
