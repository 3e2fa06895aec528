package wall

import (
	"fmt"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/board"
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
		out.Notes = append(out.Notes, "scale 2")
	}
	if c.Similar {
		out.Notes = append(out.Notes, Similar)
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
func trend(c ward.WallCard) (words string, rising bool) {
	switch {
	case !c.Whole:
		return "loading", false
	case c.Refused:
		return "not scored", false
	case !c.Known:
		return "no set yet", false
	case !c.HasFrom:
		return "first set", false
	case c.Total > c.From:
		return fmt.Sprintf("rising from %d", c.From), true
	case c.AtLeast:
		return fmt.Sprintf("was %d", c.From), false
	case c.Total < c.From:
		return "falling", false
	}
	return "steady", false
}

// foot is what is to be done next: the most urgent of it.
func foot(c ward.WallCard, now time.Time) (string, Foot) {
	switch {
	case c.Untaken:
		return "CRITICAL RESULT", FootCritical
	case c.Critical:
		return "critical, somebody has it", FootPlain
	case !c.Known:
		return "", FootPlain
	case late(c, now) > 0:
		return "overdue " + ward.Span(late(c, now)), FootOverdue
	case c.AtLeast:
		return "incomplete " + ward.Clock(c.At), FootPlain
	case c.Continuous:
		return "watch continuously", FootPlain
	case c.Due.IsZero():
		return "at " + ward.Clock(c.At), FootPlain
	case c.Due.Sub(now) < 24*time.Hour:
		return "due " + ward.Clock(c.Due), FootPlain
	}
	return "due " + ward.Stamp(c.Due, now), FootPlain
}
