package ward

import (
	"time"
	"unicode"
	"unicode/utf8"
)

// Wall is what a screen on the ward's wall shows: who needs somebody, by bed and
// initials. Anybody who walks by reads it, so it holds no name, no number, no
// test and no value, and no reason that says more than that.
type Wall struct {
	Cards    []WallCard
	HeldBack int // messages that are held back with what is, or may be, critical
	AsOf     time.Time
}

// WallCard is one patient on the wall.
type WallCard struct {
	Bed      string
	Initials string // "YR"
	Whole    bool   // of the whole record; else only who and where
	Similar  bool
	Urgency  Urgency
	Critical bool // a critical result that nobody has dealt with to the end
	Untaken  bool // and that nobody has
	Urgent   bool // a value beyond an urgent limit that nobody has acknowledged
	// The NEWS2 score, without its parts.
	Known, AtLeast, Refused, Continuous bool
	Total, From, Scale                  int
	HasFrom                             bool
	Risk                                Risk
	At, Due                             time.Time
	// untaken is what Untaken is about. It is for the station alone, which writes
	// down that the wall told of it: nothing that is drawn can read it.
	untaken []ShownResult
}

// UntakenOn are the results of which cards that were drawn told that nobody has
// them.
func UntakenOn(cards []WallCard) (out []ShownResult) {
	for i := range cards {
		out = append(out, cards[i].untaken...)
	}
	return out
}

// WallCardOf is what the wall may show of a row.
func WallCardOf(r *Row) WallCard {
	e := r.Early
	var untaken []ShownResult
	if c := r.Critical; c != nil && c.Open {
		untaken = append(untaken, ShownResult{r.Who.ID, c.ID, c.Version})
	}
	if h := r.Held; h != nil && h.Open {
		untaken = append(untaken, ShownResult{Result: h.ID, Version: h.Version})
	}
	return WallCard{
		untaken: untaken,
		Bed:     r.Who.Bed, Initials: initials(r.Who), Whole: r.Whole && (r.Loading == LoadingNone || e.Known), Similar: r.Who.Similar, Urgency: UrgencyOf(r),
		Critical: r.Critical != nil && (r.Critical.Open || r.Criticals > 0) || r.HeldInPlay(),
		Untaken:  r.Critical != nil && r.Critical.Open || r.Held != nil && r.Held.Open,
		Urgent:   r.Urgent != nil,
		Known:    e.Known && e.Refused == "", AtLeast: e.AtLeast, Refused: e.Refused != "", Continuous: e.Continuous,
		Total: e.Total, From: e.From, Scale: e.Scale, HasFrom: e.HasFrom, Risk: e.Risk, At: e.At, Due: e.Due,
	}
}

// Standing is the total that a card is placed by: of a minimum, not less than the
// complete score before it.
func (c *WallCard) Standing() int {
	if c.AtLeast && c.HasFrom {
		return max(c.Total, c.From)
	}
	return c.Total
}

// initials are the first letters of the given and the family name.
func initials(i Identity) string {
	out := ""
	for _, name := range []string{i.Given, i.Family} {
		if r, n := utf8.DecodeRuneInString(name); n > 0 && r != utf8.RuneError {
			out += string(unicode.ToUpper(r))
		}
	}
	if out == "" {
		return "–"
	}
	return out
}
