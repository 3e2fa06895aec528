package chart

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/chart"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

func void(r ward.Result) bool { return view.Void(r) }

// shortAbsent is why there is no number, in lines for a chart.
func shortAbsent(r ward.Result) string {
	why := r.Absent
	if why == "" {
		why = words.T("text result")
	}
	return strings.Replace(why, ": ", ":\n", 1)
}

// look is how one result is drawn in the table: a number, a filled block, or
// words. It is comparable but for words.
type look struct {
	kind  lookKind
	value kit.ValueConfig
	block kit.CriticalConfig
	words []kit.Span
}

type lookKind int

const (
	noResult lookKind = iota
	asNumber
	asBlock
	asWords
)

// lookOf says how a result is drawn. told is what the heads of the table say
// already: the group's status and the column's time.
func lookOf(r *ward.Result, told bool, when string, now time.Time) look {
	switch {
	case r == nil:
		return look{kind: asNumber, value: kit.ValueConfig{Number: "–", Muted: true}}
	case r.Value == "":
		return absentLook(*r, when)
	case void(*r):
		return look{kind: asNumber, value: kit.ValueConfig{Number: r.Value, Struck: true, Muted: true, Below: joined(ward.Said(r.Status), when)}}
	case r.Text:
		return look{kind: asWords, words: textWords(*r, when)}
	case r.Critical:
		return look{kind: asBlock, block: kit.CriticalConfig{Number: r.Value, Word: joined(ward.Said(string(flagOf(*r))), statusOf(*r, told, now), wasWords(*r), when)}}
	}
	v := kit.ValueConfig{Number: r.Value, Italic: view.Early(*r), Below: when}
	switch r.Flag {
	case ward.FlagHigh, ward.FlagCriticalHigh:
		v.Flag, v.FlagText = kit.AboveRange, "H"
	case ward.FlagLow, ward.FlagCriticalLow:
		v.Flag, v.FlagText = kit.BelowRange, "L"
	case ward.FlagAbnormal, ward.FlagCritical:
		v.FlagText = "A"
	case ward.FlagNone:
	}
	if w := statusOf(*r, told, now); w != "" {
		v.Below = joined(w, when)
		if r.Before != nil || r.Status == "corrected" || r.Status == "amended" {
			v.BelowColor = theme.Corrected
		}
	}
	if r.Urgent {
		v.Below, v.BelowColor = joined(words.C("result", "urgent"), v.Below), theme.WarningText
	}
	if r.MayBe {
		v.Below, v.BelowColor = joined(words.T("may be critical"), v.Below), theme.CriticalText
	}
	if r.Before != nil && r.Before.Value != "" && r.Before.Value != r.Value {
		v.Earlier = r.Before.Value
	}
	return look{kind: asNumber, value: v}
}

func flagOf(r ward.Result) ward.Flag {
	if r.Flag == ward.FlagNone || r.Flag == ward.FlagHigh || r.Flag == ward.FlagLow || r.Flag == ward.FlagAbnormal {
		return ward.FlagCritical
	}
	return r.Flag
}

func wasWords(r ward.Result) string {
	if r.Before == nil || r.Before.Value == "" {
		return ""
	}
	return words.F("was %s", r.Before.Value)
}

// statusOf is the word of a status that nobody has said yet; final goes without.
func statusOf(r ward.Result, told bool, now time.Time) string {
	switch {
	case !r.Confirmed():
		return ward.Said(r.Status) // said at each of them: the panel's head speaks of the laboratory's
	case r.Status == "final" || r.Status == "":
		return ""
	case r.Status == "corrected" || r.Status == "amended":
		return joinedBy(" ", ward.Said(r.Status), ward.Stamp(r.Received, dayOf(r, now)))
	case told && view.Early(r):
		return ""
	}
	return ward.Said(r.Status)
}

// dayOf is the day that a column's head says already.
func dayOf(r ward.Result, now time.Time) time.Time {
	if r.Collected.IsZero() {
		return now
	}
	return r.Collected
}

func absentLook(r ward.Result, when string) look {
	if r.Status == "in laboratory" {
		waits := []kit.Span{{Icon: iconLab, Text: ward.Said(r.Status), Style: kit.Dense, Color: theme.TextMuted}}
		return look{kind: asWords, words: withTime(waits, when)}
	}
	head, why, _ := strings.Cut(r.Absent, ": ")
	if head == "" {
		head = words.T("no result")
	}
	said := []kit.Span{kit.T(head, kit.DenseStrong, theme.Text)}
	if why != "" {
		said = append(said, kit.T(why, kit.Dense, theme.TextMuted).After(4))
	}
	if r.Status != "final" && r.Status != "" {
		said = append(said, kit.T(ward.Said(r.Status), kit.CaptionStrong, theme.TextMuted).After(4))
	}
	if r.Before != nil && r.Before.Value != "" {
		said = append(said, kit.T(r.Before.Value, kit.Dense, theme.TextMuted).Struck().After(4))
	}
	return look{kind: asWords, words: withTime(said, when)}
}

func textWords(r ward.Result, when string) []kit.Span {
	style, colour := kit.Body, theme.Text
	if view.Early(r) {
		style = kit.Style{Size: kit.Body.Size, Face: theme.Italic}
	}
	if r.Critical {
		style, colour = kit.BodyStrong, theme.CriticalText
	}
	var out []kit.Span
	if r.Critical {
		out = append(out, kit.Chip(ward.Said(string(flagOf(r))), iconCritical, kit.CriticalTone).Kept())
	}
	if strings.Contains(strings.TrimSpace(r.Value), "\n") {
		out = append(out, kit.Lines(r.Value, style, colour)...)
	} else {
		out = append(out, kit.T(r.Value, style, colour).After(8*float32(len(out))))
	}
	if r.Unit != "" {
		out = append(out, muted(r.Unit).After(6))
	}
	if r.Status != "final" && r.Status != "" {
		c := theme.TextMuted
		if r.Status == "corrected" || r.Status == "amended" {
			c = theme.Corrected
		}
		out = append(out, kit.T(ward.Said(r.Status), kit.CaptionStrong, c).After(8))
	}
	return withTime(out, when)
}

func withTime(said []kit.Span, when string) []kit.Span {
	if when == "" {
		return said
	}
	return append(said, kit.T(when, kit.CaptionStrong, theme.TextMuted).After(6))
}

func joined(parts ...string) string { return joinedBy(", ", parts...) }

func joinedBy(sep string, parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, sep)
}

// cell draws a look, right-aligned on the edge of its column.
type cell struct {
	kit.Block
	look  look
	value *kit.ValueText
	block *kit.CriticalBlock
	words *kit.Flow
}

func newCell() *cell {
	c := &cell{value: kit.NewValueText(kit.ValueConfig{}), block: kit.NewCriticalBlock(kit.CriticalConfig{}), words: kit.NewFlow()}
	c.words.Align = fyne.TextAlignTrailing
	c.Parts = []fyne.CanvasObject{c.value, c.block, c.words}
	c.Min = func() fyne.Size { return c.min() }
	c.Tall = c.tall
	c.Place = c.place
	c.Init(c)
	c.update(look{})
	return c
}

func (c *cell) update(l look) {
	c.look = l
	kit.SetShown(c.value, l.kind == asNumber)
	kit.SetShown(c.block, l.kind == asBlock)
	kit.SetShown(c.words, l.kind == asWords)
	switch l.kind {
	case asNumber:
		c.value.Update(l.value)
	case asBlock:
		c.block.Update(l.block)
	case asWords:
		c.words.Update(l.words...)
	case noResult:
	}
	c.Changed()
}

func (c *cell) min() fyne.Size {
	switch c.look.kind {
	case asNumber:
		return c.value.MinSize()
	case asBlock:
		return c.block.MinSize()
	case asWords:
		return c.words.MinSize()
	case noResult:
	}
	return fyne.Size{}
}

func (c *cell) tall(width float32) float32 {
	if c.look.kind == asWords {
		return c.words.HeightFor(width)
	}
	return c.min().Height
}

func (c *cell) place(size fyne.Size) {
	pad := theme.Px(12)
	kit.PlaceAt(c.value, 0, 0, max(size.Width-pad, 0), size.Height)
	m := c.block.MinSize()
	w := min(max(m.Width+theme.Px(4), theme.Px(96)), size.Width)
	kit.PlaceAt(c.block, max(size.Width-w-pad, 0), theme.Px(2), w, max(size.Height-theme.Px(4), m.Height))
	width := max(size.Width-pad, 0)
	h := c.words.HeightFor(width)
	kit.PlaceAt(c.words, 0, max((size.Height-h)/2, 0), width, h)
}
