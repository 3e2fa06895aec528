package handover

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/handover"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// nameSpans are the bed and the name, and that there is a similar one.
func nameSpans(l view.Line) []kit.Span {
	s := l.Sheet
	name := []kit.Span{kit.T(s.Who.Bed, kit.BodyBold, theme.Text), kit.T(s.Who.ShowName(), kit.BodyStrong, theme.Text).After(8)}
	if s.Who.Bed == "" {
		name = name[1:]
	}
	if s.Who.Similar {
		name = append(name, kit.Chip(words.T("similar name"), iconSimilar, kit.LateTone).After(8).Kept())
	}
	return name
}

// longest is the width of the longest word of a name: it is never broken.
func longest(spans []kit.Span) float32 {
	w := float32(0)
	for _, s := range spans {
		for _, word := range strings.Fields(s.Text) {
			w = max(w, kit.WidthOf(kit.T(word, s.Style, s.Color)))
		}
	}
	return w
}

// severity is how ill somebody is: the word with its shape, the score that it is
// made of, what people say, and the allergies.
func severity(l view.Line, gone bool) []fyne.CanvasObject {
	s := l.Sheet
	var out []fyne.CanvasObject
	if gone {
		return append(out, kit.NewFlow(kit.T(words.T("no longer on this ward"), kit.CaptionStrong, theme.TextMuted)))
	}
	if l.Who != "" {
		out = append(out, kit.NewFlow(kit.T(l.Who, kit.Caption, theme.TextMuted)))
	}
	out = append(out, kit.NewFlow(severityChip(l)), kit.NewFlow(scoreSpans(s.Early, l.Why)...))
	for _, t := range l.Said {
		out = append(out, kit.NewFlow(append([]kit.Span{kit.T(words.F("said: %s", t.Text), kit.DenseStrong, theme.Text)}, byline(t)...)...))
	}
	out = append(out, kit.NewFlow(allergySpans(s.Allergies, l.Allergies)...))
	if len(s.Flags) > 0 {
		var flags []kit.Span
		for i, f := range s.Flags {
			flags = append(flags, kit.Chip(f, "", kit.Quiet).After(float32(min(i, 1)*6)).Kept())
		}
		out = append(out, kit.NewFlow(flags...))
	}
	return out
}

// severityChip is the word that counts, with a shape of its own.
func severityChip(l view.Line) kit.Span {
	switch l.Severity {
	case ward.Unstable:
		return kit.Chip(l.Word, iconUnstable, kit.CriticalTone)
	case ward.Watcher:
		return kit.Chip(l.Word, iconWatcher, kit.WarningTone)
	case ward.Stable:
		return kit.Chip(l.Word, iconStable, kit.Quiet)
	}
	return kit.Chip(l.Word, iconQuestion, kit.LateTone)
}

func scoreSpans(e ward.Early, why string) []kit.Span {
	if !e.Known {
		return []kit.Span{kit.T(why, kit.DenseStrong, theme.WarningText)}
	}
	score := fmt.Sprint(e.Standing())
	before, after := around(why, score)
	if e.AtLeast && (!e.HasLast || e.Total > e.Last) { // else the last complete one stands, and why says the rest
		score, before, after = "≥ "+score, "", why // whole: "at least ≥ 4" is no English
	}
	out := []kit.Span{kit.T(score, kit.ValueRow, theme.Text).Kept()}
	if before != "" {
		out = []kit.Span{kit.T(before, kit.Caption, theme.TextMuted), out[0].After(5)}
	}
	if after != "" {
		out = append(out, kit.T(after, kit.Caption, theme.TextMuted).After(8))
	}
	if e.Scale == 2 {
		out = append(out, kit.Chip(words.T("scale 2"), "", kit.InfoTone).After(8).Kept())
	}
	return out
}

// around is what stands before and after the score in the words that say why, so that the
// score is said once, and large: "NEWS2 4 at 21:43, was 0" around the 4. Where it is not
// in the words as a word of its own they all stand after it.
func around(why, score string) (before, after string) {
	fields := strings.Fields(why)
	for i, f := range fields {
		if strings.Trim(f, ",;") == score {
			return strings.Join(fields[:i], " "), strings.TrimLeft(strings.TrimPrefix(f, score)+" "+strings.Join(fields[i+1:], " "), ",; ")
		}
	}
	return "", why
}

// allergySpans is the allergies line in one of its four states; no two look alike.
func allergySpans(a ward.AllergyLine, said string) []kit.Span {
	switch a.State {
	case ward.AllergyKnown:
		return []kit.Span{{Icon: iconAllergy, IconColor: theme.CriticalText, Text: said, Style: kit.DenseStrong, Color: theme.Text}}
	case ward.AllergyNone:
		return []kit.Span{kit.T(said, kit.Dense, theme.TextMuted)}
	case ward.AllergyNotRecorded, ward.AllergyUnavailable:
	}
	return []kit.Span{{Icon: iconQuestion, Text: said, Style: kit.DenseStrong, Color: theme.WarningText}}
}

// summary is what people wrote, and in a box what the record says.
func summary(l view.Line) []fyne.CanvasObject {
	out := texts(l.Summary)
	if len(l.Facts) == 0 {
		return out
	}
	return append(out, boxed(l.Facts))
}

// boxed are facts of the record with their times.
func boxed(facts []view.Fact) fyne.CanvasObject {
	inside := kit.NewColumn(2)
	for _, f := range facts {
		inside.Objects = append(inside.Objects, kit.NewFlow(factSpans(f)...))
	}
	return kit.NewPanel(kit.PanelConfig{Fill: theme.SurfaceAlt, Border: theme.Line}, kit.NewInset(6, 4, inside))
}

func factSpans(f view.Fact) []kit.Span {
	value := kit.T(f.Words, kit.DenseStrong, theme.Text)
	switch f.Flag {
	case ward.FlagCriticalHigh, ward.FlagCriticalLow, ward.FlagCritical:
		value.Icon, value.IconColor, value.Color = iconUnstable, theme.CriticalText, theme.CriticalText
	case ward.FlagHigh, ward.FlagLow, ward.FlagAbnormal, ward.FlagNone:
		if f.Urgent {
			value.Icon, value.IconColor = iconLate, theme.WarningText
		}
	}
	if f.At == "" {
		return []kit.Span{value}
	}
	return []kit.Span{value, kit.T(f.At, kit.Caption, theme.TextMuted).After(6).Kept()}
}

// texts are what people wrote, each with its author; the lines are theirs.
func texts(list []view.Text) []fyne.CanvasObject {
	var out []fyne.CanvasObject
	for i, t := range list {
		if i > 0 {
			out = append(out, kit.NewFlow(kit.T(words.T("and, written apart:"), kit.CaptionStrong, theme.WarningText)))
		}
		for _, line := range strings.Split(t.Text, "\n") {
			out = append(out, kit.NewFlow(kit.T(line, kit.Body, theme.Text)))
		}
		out = append(out, kit.NewFlow(byline(t)...))
	}
	return out
}

func byline(t view.Text) []kit.Span {
	out := []kit.Span{kit.T(t.By, kit.Caption, theme.TextMuted).After(6)}
	if t.Unsent {
		out = append(out, kit.Span{Icon: iconUnsent, Text: words.T("unsent"), Style: kit.CaptionStrong, Color: theme.Unsent, Gap: 8, Keep: true})
	}
	return out
}

// actions are the open tasks, what is due first.
func actions(l view.Line) []fyne.CanvasObject {
	var out []fyne.CanvasObject
	for _, a := range l.Actions {
		var spans []kit.Span
		switch {
		case a.Late != "":
			spans = append(spans, kit.Span{Icon: iconOverdue, Text: a.Due + " " + a.Late, Style: kit.DenseStrong, Color: theme.WarningText, Keep: true})
		case a.Due != "":
			spans = append(spans, kit.T(a.Due, kit.DenseStrong, theme.Text).Kept())
		}
		if a.Urgent {
			spans = append(spans, kit.Chip(words.T("URGENT"), iconLate, kit.WarningTone).After(6).Kept())
		}
		spans = append(spans, kit.T(a.Words, kit.Body, theme.Text).After(6))
		if a.For != "" {
			spans = append(spans, kit.T(a.For, kit.Dense, theme.TextMuted).After(6))
		}
		spans[0].Gap = 0
		out = append(out, kit.NewFlow(spans...))
	}
	if len(out) == 0 {
		out = append(out, kit.NewFlow(kit.T(words.T("no open tasks"), kit.Dense, theme.TextMuted)))
	}
	for _, r := range l.Routines {
		head := []kit.Span{{Icon: iconRoutine, Text: r.Words, Style: kit.DenseStrong, Color: theme.Text}}
		if r.Late != "" {
			head = append(head, kit.Span{Icon: iconOverdue, Text: r.Late, Style: kit.DenseStrong, Color: theme.WarningText, Gap: 6, Keep: true})
		}
		out = append(out, kit.NewFlow(head...))
		out = append(out, kit.NewFlow(kit.T(words.F("open: %s", strings.Join(r.Open, "; ")), kit.Dense, theme.Text)))
	}
	return out
}

// situation is what somebody has to know, and what to do if.
func situation(l view.Line) []fyne.CanvasObject {
	var out []fyne.CanvasObject
	if len(l.Situation) > 0 {
		out = append(out, boxed(l.Situation))
	}
	return append(out, texts(l.Contingency)...)
}

// synthesis is how far the handover is signed, and what was repeated back.
func synthesis(l view.Line) []fyne.CanvasObject {
	var out []fyne.CanvasObject
	for i, s := range l.Signed {
		span := kit.T(s, kit.Dense, theme.TextMuted)
		if i > 0 {
			span = kit.Span{Icon: iconStable, IconColor: theme.Ok, Text: s, Style: kit.DenseStrong, Color: theme.Ok}
		}
		out = append(out, kit.NewFlow(span))
	}
	for _, t := range l.Synthesis {
		out = append(out, kit.NewFlow(kit.T(words.F("“%s”", t.Text), kit.Body, theme.Text)))
	}
	for _, w := range []string{l.Late, l.Changed} {
		if w != "" {
			out = append(out, kit.NewFlow(kit.Span{Icon: iconLate, Text: w, Style: kit.DenseStrong, Color: theme.WarningText}))
		}
	}
	if len(out) == 0 {
		out = append(out, kit.NewFlow(kit.T(words.T("not given"), kit.Dense, theme.TextMuted)))
	}
	return out
}
