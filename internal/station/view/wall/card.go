package wall

import (
	"fmt"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/board"
	"wardlight/internal/words"
)

// cardOf puts one patient into words that may stand on a wall.
func cardOf(c ward.WallCard, now time.Time) Card {
	out := Card{Bed: c.Bed, Initials: c.Initials, Urgency: c.Urgency, Shape: shapeOf(c), FootKind: FootPlain}
	if out.Bed == "" {
		out.Bed = "–"
	}
	out.Trend, out.Rising = trend(c)
	if c.Known {
		out.Score = fmt.Sprint(c.Total)
		if c.AtLeast {
			out.Score = "≥" + out.Score
		}
	}
	if c.Scale == 2 {
		out.Notes = append(out.Notes, words.T("scale 2"))
	}
	if c.Similar {
		out.Notes = append(out.Notes, Similar.Say())
	}
	if c.Urgent && !c.Untaken { // which is worse, and has the room
		out.Notes = append(out.Notes, Urgent.Say())
	}
	out.Foot, out.FootKind = foot(c, now)
	return out
}

func shapeOf(c ward.WallCard) board.Shape {
	if !c.Known {
		return board.ShapeNone
	}
	switch c.Risk {
	case ward.RiskHigh:
		return board.ShapeEmergency
	case ward.RiskMedium:
		return board.ShapeUrgent
	case ward.RiskLowMedium:
		return board.ShapeSingle
	case ward.RiskLow:
	}
	return board.ShapeLow
}

// trend says where the score goes. A minimum is never falling, and never steady.
func trend(c ward.WallCard) (text string, rising bool) {
	switch {
	case !c.Whole:
		return words.T("loading"), false
	case c.Refused:
		return words.T("not scored"), false
	case !c.Known:
		return words.T("no set yet"), false
	case !c.HasFrom:
		return words.T("first set"), false
	case c.Total > c.From:
		return words.F("rising from %d", c.From), true
	case c.AtLeast:
		return words.F("was %d", c.From), false
	case c.Total < c.From:
		return words.T("falling"), false
	}
	return words.T("steady"), false
}

// foot is what is to be done next: the most urgent of it.
func foot(c ward.WallCard, now time.Time) (string, Foot) {
	switch {
	case c.Untaken:
		return words.T("CRITICAL RESULT"), FootCritical
	case c.Critical:
		return words.T("critical, taken"), FootPlain
	case !c.Known:
		return "", FootPlain
	case late(c, now) > 0:
		return words.F("overdue %s", ward.Span(late(c, now))), FootOverdue
	case c.AtLeast:
		return words.F("incomplete %s", ward.Clock(c.At)), FootPlain
	case c.Continuous:
		return words.T("watch continuously"), FootPlain
	case c.Due.IsZero():
		return words.F("at %s", ward.Clock(c.At)), FootPlain
	case c.Due.Sub(now) < 24*time.Hour:
		return words.F("due %s", ward.Clock(c.Due)), FootPlain
	}
	return words.F("due %s", ward.Stamp(c.Due, now)), FootPlain
}
