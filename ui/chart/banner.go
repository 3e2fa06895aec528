package chart

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// banner is who the chart is about, on every tab. Where there is little room the
// words about the score go to its lines; nothing is dropped.
type banner struct {
	object *kit.Banner
	right  *corner
	chart  ward.Chart
	now    time.Time
	narrow bool
	low    bool
	listed func(ward.PatientID) (on, known bool) // the reader's own list; nil where the page has none
}

// linkList is the link that puts the patient on the own list, or takes them off.
const linkList = "my list"

func newBanner(link func(string)) *banner {
	b := &banner{right: newCorner()}
	b.object = kit.NewBanner(kit.BannerConfig{}, b.right)
	b.object.OnLink = link
	return b
}

func (b *banner) update(c ward.Chart, now time.Time) {
	b.chart, b.now = c, now
	b.draw()
}

// fit chooses where the words about the score stand, and in a low window how
// high the banner is: it says the same, and leaves room for results.
func (b *banner) fit(width float32, low bool) {
	if narrow := width < theme.Px(760); narrow != b.narrow || low != b.low {
		b.narrow, b.low = narrow, low
		b.draw()
	}
}

func (b *banner) draw() {
	if b.chart.Who.ID == "" {
		b.object.Update(kit.BannerConfig{Name: words.T("Loading this patient’s record")})
		b.right.update(ward.Early{}, "", false, false)
		return
	}
	dead := b.chart.Who.Died != ""
	score := scoreWords(b.chart.Early, b.now)
	c := bannerOf(b.chart)
	c.Tight = b.low
	c.Second = append(c.Second, b.listPieces()...)
	if b.narrow {
		c.Second = append(c.Second, kit.BannerPiece{Spans: []kit.Span{scoreChip(b.chart.Early), kit.T(score, kit.Caption, theme.TextMuted).After(6)}})
	}
	b.right.update(b.chart.Early, score, dead, !b.narrow)
	b.object.Update(c)
	b.object.Refresh()
}

// listPieces say whether the patient is on the reader's own list, and lead to the other.
func (b *banner) listPieces() []kit.BannerPiece {
	if b.listed == nil {
		return nil
	}
	link := func(text string) kit.Span {
		return kit.T(text, kit.DenseStrong, theme.Primary).Linked(linkList).Kept()
	}
	switch on, known := b.listed(b.chart.Who.ID); {
	case !known:
		return nil
	case on:
		return []kit.BannerPiece{{Spans: []kit.Span{kit.Chip(words.T("On my list"), iconMine, kit.Quiet).Kept(), link(words.T("Take off")).After(6)}}}
	}
	return []kit.BannerPiece{{Spans: []kit.Span{link(words.T("Put on my list"))}}}
}

// scoreChip is the score as a chip, for a banner without room for its badge.
func scoreChip(e ward.Early) kit.Span {
	tone := kit.Quiet
	switch {
	case !e.Known:
	case e.Risk == ward.RiskHigh:
		tone = kit.CriticalTone
	case e.Risk == ward.RiskMedium:
		tone = kit.WarningTone
	case e.Risk == ward.RiskLowMedium:
		tone = kit.LateTone
	}
	return kit.Chip("NEWS2 "+scoreText(e), "", tone).Kept()
}

func bannerOf(c ward.Chart) kit.BannerConfig {
	w := c.Who
	out := kit.BannerConfig{Name: w.ShowName()}
	if w.Title != "" {
		out.Name += " (" + w.Title + ")"
	}
	if w.Died != "" {
		out.Over = words.F("Died %s", longDate(w.Died))
	}
	born := longDate(w.Born)
	if born == "" {
		born = words.T("not known")
	}
	if w.Age != "" && w.Died == "" {
		born += " (" + ward.SayAge(w.Age) + ")"
	}
	out.First = append(out.First, kit.BannerPiece{Label: words.T("Born"), Value: born}, kit.BannerPiece{Label: words.T("Gender"), Value: ward.Said(w.Gender)})
	number, name := w.Number, w.NumberName
	if name == "" {
		name = "NHS No."
	}
	if number == "" {
		number = words.T("not known")
	}
	out.First = append(out.First, kit.BannerPiece{Label: name, Value: number})
	out.Second = append(emergencyPieces(c.Emergency), allergyPieces(c.Allergies)...)
	out.Second = append(out.Second, placePieces(w)...)
	out.Second = append(out.Second, markPieces(c)...)
	return out
}

// longDate is a FHIR date as the NHS Common User Interface writes it; what is no
// full date stays as it was sent.
func longDate(s string) string {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return ward.Date(t) + " " + ward.Clock(t)
	}
	if t, err := time.Parse("2006-01-02", s); err == nil {
		return ward.Date(t)
	}
	if t, err := time.Parse("2006-01", s); err == nil {
		return ward.MonthOf(t)
	}
	return s
}

// allergyPieces is the allergies line in one of its four states (NHS Common User
// Interface, patient banner). The last two never look like "none known".
func allergyPieces(a ward.AllergyLine) []kit.BannerPiece {
	var spans []kit.Span
	switch a.State {
	case ward.AllergyKnown:
		worst := a.Worst
		if a.WorstHow != "" {
			worst += ": " + a.WorstHow
		}
		spans = append(spans,
			kit.Span{Icon: iconAllergy, Text: words.T("Known allergies"), Style: kit.DenseStrong, Color: theme.CriticalText, Keep: true},
			kit.T(worst, kit.DenseStrong, theme.Text).After(12))
		if len(a.Others) > 0 {
			spans = append(spans, dense(", "+strings.Join(a.Others, ", ")).Glued())
		}
	case ward.AllergyNone:
		spans = append(spans, kit.T(words.T("No known allergies"), kit.DenseStrong, theme.Text).Kept())
	case ward.AllergyNotRecorded:
		spans = append(spans, kit.Span{Icon: iconQuestion, Text: words.T("Allergies not recorded"), Style: kit.DenseStrong, Color: theme.WarningText, Keep: true})
	default:
		spans = append(spans, kit.Span{Icon: iconUnavailable, Text: words.T("Allergies unavailable: not on this computer yet"), Style: kit.DenseStrong, Color: theme.Stale})
	}
	if a.Review {
		spans = append(spans, kit.Chip(words.T("in review"), iconReview, kit.LateTone).After(8).Kept())
	}
	link := kit.T(words.T("Show all"), kit.DenseStrong, theme.Primary).Linked("allergies").Kept()
	return []kit.BannerPiece{{Spans: spans}, {Spans: []kit.Span{link}}}
}

func placePieces(w ward.Identity) []kit.BannerPiece {
	var out []kit.BannerPiece
	if w.Ward != "" {
		out = append(out, kit.BannerPiece{Label: words.T("Ward"), Value: w.Ward})
	}
	if w.Bed != "" {
		out = append(out, kit.BannerPiece{Label: words.T("Bed"), Value: w.Bed})
	}
	if w.Consultant != "" {
		out = append(out, kit.BannerPiece{Label: words.T("Consultant"), Value: w.Consultant})
	}
	return out
}

// emergencyPieces say that the record is open by emergency access, and until
// when. They stand first, on every tab.
func emergencyPieces(e *ward.Emergency) []kit.BannerPiece {
	if e == nil {
		return nil
	}
	out := []kit.BannerPiece{{Spans: []kit.Span{kit.Chip(words.F("EMERGENCY ACCESS until %s", ward.Clock(e.Until)), iconWarning, kit.CriticalTone).Kept()}}}
	if len(e.Reason) <= shortReason { // a long one is on record whole, and would hide the patient's line here
		out = append(out, kit.BannerPiece{Label: words.T("Reason"), Value: e.Reason})
	}
	return out
}

// shortReason is how long a reason may be to stand in the banner.
const shortReason = 60

func markPieces(c ward.Chart) []kit.BannerPiece {
	var out []kit.BannerPiece
	add := func(s kit.Span) { out = append(out, kit.BannerPiece{Spans: []kit.Span{s.Kept()}}) }
	if c.Who.Temporary {
		add(kit.Chip(words.T("Temporary patient"), iconTemporary, kit.LateTone))
	}
	if c.Who.Retired {
		add(kit.Chip(words.T("Joined to another record"), iconWarning, kit.LateTone))
	}
	if c.Who.Similar {
		add(kit.Chip(words.T("Similar name on this ward"), iconSimilar, kit.LateTone))
	}
	if c.Reviews > 0 {
		add(kit.Chip(words.N(c.Reviews, "%d entry in review", "%d entries in review"), iconReview, kit.LateTone))
	}
	return out
}

// scoreWords is what stands with the score: its scale, its age, what was before.
func scoreWords(e ward.Early, now time.Time) string {
	switch {
	case e.Refused != "":
		return ward.Said(e.Refused)
	case !e.Known:
		return words.T("no observations yet")
	}
	var parts []string
	if e.Scale > 0 {
		parts = append(parts, words.F("scale %d", e.Scale))
	}
	if e.AtLeast {
		parts = append(parts, e.Incomplete(now))
	}
	if e.AtLeast && len(e.Missing) > 0 {
		parts = append(parts, words.F("%s missing", strings.Join(ward.SaidAll(e.Missing), ", ")))
	}
	parts = append(parts, ward.Stamp(e.At, now))
	if e.HasFrom && !e.AtLeast {
		parts = append(parts, words.F("was %d at %s", e.From, ward.Stamp(e.FromAt, now)))
	}
	if e.Unsent {
		parts = append(parts, words.T("unsent"))
	}
	return strings.Join(parts, " · ")
}

// corner is the score at the right end of the banner.
type corner struct {
	kit.Block
	name  *kit.Line
	badge *kit.ScoreBadge
	words *kit.Line
}

func newCorner() *corner {
	c := &corner{name: kit.NewLine(), badge: kit.NewScoreBadge(kit.ScoreConfig{}), words: kit.NewLine()}
	c.Parts = []fyne.CanvasObject{c.name, c.badge, c.words}
	c.Min = func() fyne.Size {
		if !c.name.Visible() {
			return fyne.Size{}
		}
		top := c.badge.MinSize()
		w := c.name.MinSize().Width + theme.Px(8) + top.Width
		return fyne.NewSize(max(w, c.words.MinSize().Width), max(top.Height, c.name.MinSize().Height)+c.wordsHeight())
	}
	c.Place = func(size fyne.Size) {
		b := c.badge.MinSize()
		kit.PlaceAt(c.badge, size.Width-b.Width, 0, b.Width, b.Height)
		n := c.name.MinSize()
		kit.PlaceMiddle(c.name, size.Width-b.Width-theme.Px(8)-n.Width, 0, b.Height)
		w := c.words.MinSize()
		kit.PlaceAt(c.words, size.Width-w.Width, b.Height+theme.Px(2), w.Width, w.Height)
	}
	c.Init(c)
	return c
}

func (c *corner) wordsHeight() float32 {
	if c.words.Text() == "" {
		return 0
	}
	return theme.Px(2) + c.words.MinSize().Height
}

// update shows a score. On the dark banner of somebody who died the texts take
// its light colour.
func (c *corner) update(e ward.Early, text string, dead, loaded bool) {
	colour := theme.TextMuted
	if dead {
		colour = theme.Surface
	}
	for _, o := range c.Parts {
		kit.SetShown(o, loaded)
	}
	c.name.Update(kit.T("NEWS2", kit.Dense, colour))
	c.badge.Update(scoreBadge(e, kit.ScoreBanner))
	if text == "" {
		c.words.Update()
	} else {
		c.words.Update(kit.T(text, kit.Caption, colour))
	}
	c.Changed()
}
