package tasks

import (
	"strconv"
	"strings"
	"time"

	"wardlight/internal/words"
)

// DueWords is what the field for the time takes, in words.
func DueWords() string { return words.T("14:30, 2 h or 20 min") }

// Due reads when something is to be done: a time of day ("14:30", "1430"), which
// is tomorrow's where today's has passed, or a while from now ("2 h", "20 min").
// Nothing is no time. What it does not understand it refuses: a guess would be a
// task at the wrong hour.
func Due(text string, now time.Time) (at time.Time, ok bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" {
		return time.Time{}, true
	}
	if span, ok := while(text); ok {
		return now.Add(span).Truncate(time.Minute), span > 0
	}
	h, m, ok := clock(text)
	if !ok {
		return time.Time{}, false
	}
	at = time.Date(now.Year(), now.Month(), now.Day(), h, m, 0, 0, now.Location())
	if at.Before(now) {
		at = time.Date(now.Year(), now.Month(), now.Day()+1, h, m, 0, 0, now.Location())
	}
	return at, true
}

// longest bounds a while: what is further away has a day, and is no ward task.
const longest = 72 * time.Hour

// while reads "2 h", "90min", "1d".
func while(text string) (time.Duration, bool) {
	for _, u := range []struct {
		word string
		unit time.Duration
	}{{"min", time.Minute}, {"h", time.Hour}, {"d", 24 * time.Hour}} {
		number, found := strings.CutSuffix(text, u.word)
		if !found {
			continue
		}
		n, err := strconv.Atoi(strings.TrimSpace(number))
		if err != nil || n <= 0 || n > int(longest/u.unit) {
			return 0, false
		}
		return time.Duration(n) * u.unit, true
	}
	return 0, false
}

// clock reads a time of day with two digits for the minutes.
func clock(text string) (h, m int, ok bool) {
	hours, minutes, colon := strings.Cut(text, ":")
	if !colon && len(text) == 4 {
		hours, minutes = text[:2], text[2:]
	}
	if len(minutes) != 2 || len(hours) < 1 || len(hours) > 2 || strings.Trim(hours+minutes, "0123456789") != "" {
		return 0, 0, false
	}
	h, _ = strconv.Atoi(hours) // digits only
	m, _ = strconv.Atoi(minutes)
	return h, m, h < 24 && m < 60
}
