package wall

import (
	"fyne.io/fyne/v2"

	"wardlight/internal/station/view/board"
	view "wardlight/internal/station/view/wall"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// card is one patient: bed and initials large, the score, where it goes, and what
// is to be done next. Its edge repeats how urgent it is; the words carry it.
type card struct {
	kit.Block
	back  *kit.Panel
	who   *kit.Line
	badge *kit.ScoreBadge
	trend *kit.Flow
	foot  *kit.Flow
	alarm *kit.Panel // in place of the foot
	word  *kit.Line  // in it
}

func newCard() *card {
	c := &card{who: kit.NewLine(), badge: kit.NewScoreBadge(kit.ScoreConfig{}), trend: kit.NewFlow(), foot: kit.NewFlow()}
	c.back = kit.NewPanel(kit.PanelConfig{}, kit.NewColumn(0))
	c.word = kit.NewLine()
	c.alarm = kit.NewPanel(kit.PanelConfig{Fill: theme.Critical, Border: theme.Critical}, kit.NewInset(10, 3, c.word))
	c.Parts = []fyne.CanvasObject{c.back, c.who, c.badge, c.trend, c.foot, c.alarm}
	c.Min = func() fyne.Size { return fyne.NewSize(theme.Px(cardWide), theme.Px(cardHigh)) }
	c.Place = c.place
	c.Init(c)
	return c
}

// The letters of a card, as read from across a room.
var (
	bedStyle  = kit.Style{Size: 44, Face: theme.Bold}
	initials  = kit.Style{Size: 30, Face: theme.Regular}
	wallBody  = kit.Style{Size: 18, Face: theme.Regular}
	wallHeavy = kit.Style{Size: 18, Face: theme.SemiBold}
)

var shapes = map[board.Shape]kit.ScoreShape{
	board.ShapeLow: kit.Pill, board.ShapeSingle: kit.DoubleStroke, board.ShapeUrgent: kit.RoundedBox, board.ShapeEmergency: kit.SquareBox,
}

func (c *card) show(v view.Card) {
	edge := kit.PanelConfig{Border: theme.Line}
	switch {
	case v.Urgency >= 3:
		edge = kit.PanelConfig{Border: theme.Critical, Heavy: true}
	case v.Urgency == 2:
		edge = kit.PanelConfig{Border: theme.NewsUrgentStroke, Heavy: true}
	}
	c.back.Update(edge)
	c.who.Update(kit.T(v.Bed, bedStyle, theme.Text), kit.T(v.Initials, initials, theme.Text).After(10))
	if v.Score == "" {
		c.badge.Hide()
	} else {
		c.badge.Update(kit.Score(v.Score, shapes[v.Shape], kit.ScoreWall))
		c.badge.Show()
	}
	c.trend.Update(trendSpans(v)...)
	if v.FootKind == view.FootCritical {
		c.word.Update(kit.Span{Icon: "warning-octagon-fill", Text: v.Foot, Style: kit.Style{Size: 17, Face: theme.SemiBold}, Color: theme.OnCritical})
		c.alarm.Show()
		c.foot.Update()
	} else {
		c.alarm.Hide()
		c.foot.Update(footSpans(v)...)
	}
	c.Changed()
}

func trendSpans(v view.Card) []kit.Span {
	s := kit.T(v.Trend, wallBody, theme.TextMuted)
	if v.Rising {
		s = kit.Span{Icon: "caret-up-fill", IconColor: theme.CriticalText, Text: v.Trend, Style: wallHeavy, Color: theme.Text}
	}
	out := []kit.Span{s}
	for _, note := range v.Notes {
		if note == view.Urgent.Say() {
			out = append(out, kit.Span{Icon: iconWarning, Text: note, Style: wallHeavy, Color: theme.WarningText, Keep: true}.OnOwnLine())
			continue
		}
		n := kit.T(note, wallBody, theme.TextMuted).After(5)
		if note == view.Similar.Say() {
			n.Icon = "users-bold"
		}
		out = append(out, kit.T("·", wallBody, theme.TextMuted).After(5), n.Glued())
	}
	return out
}

func footSpans(v view.Card) []kit.Span {
	if v.FootKind == view.FootOverdue {
		return []kit.Span{{Icon: "clock-countdown-fill", Text: v.Foot, Style: wallHeavy, Color: theme.WarningText}}
	}
	return []kit.Span{kit.T(v.Foot, wallBody, theme.TextMuted)}
}

func (c *card) place(size fyne.Size) {
	px := theme.Px
	pad := px(14)
	kit.PlaceAt(c.back, 0, 0, size.Width, size.Height)
	kit.PlaceMiddle(c.who, pad, px(10), px(50))
	b := c.badge.MinSize()
	kit.PlaceAt(c.badge, size.Width-b.Width-pad, px(10), b.Width, px(50))
	w := max(size.Width-2*pad, 0)
	top := px(10 + 50 + 4)
	kit.PlaceAt(c.trend, pad, top, w, c.trend.HeightFor(w))
	h := c.foot.HeightFor(w)
	kit.PlaceAt(c.foot, pad, max(size.Height-h-px(8), top), w, h)
	a := c.alarm.MinSize()
	kit.PlaceAt(c.alarm, pad, max(size.Height-a.Height-px(8), top), min(a.Width, w), a.Height)
}
