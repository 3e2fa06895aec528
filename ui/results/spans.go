package results

import (
	"slices"
	"strings"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/results"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// The icons of the package, by the names of assets.
const (
	iconCritical    = "warning-octagon-fill"
	iconCorrected   = "pencil-simple-fill"
	iconAllergy     = "warning-diamond-fill"
	iconQuestion    = "question-bold"
	iconUnavailable = "cloud-slash-fill"
	iconUnsent      = "cloud-arrow-up-fill"
	iconUp          = "caret-up-fill"
	iconDown        = "caret-down-fill"
	iconCheck       = "check-bold"
	iconForce       = "check-circle-fill"
	iconLeft        = "person-simple-walk-fill"
)

// plainValues bounds the values without a flag that a line of the list shows;
// flagged ones are all shown.
const plainValues = 4

// valueSpans is one value with everything that it must never stand without: its
// flag by word and shape, its unit, and that it is preliminary.
func valueSpans(r ward.Result, style kit.Style) []kit.Span {
	value := kit.T(r.Value, style, theme.Text).After(6).Kept()
	if r.Text { // words, of which there may be many: they wrap
		value = kit.T(r.Brief(), kit.BodyStrong, theme.Text).After(6)
	}
	if r.Value == "" {
		return []kit.Span{kit.T(absent(r), kit.DenseStrong, theme.Text).After(6)}
	}
	var flag []kit.Span
	switch r.Flag {
	case ward.FlagHigh:
		value.Color = theme.High
		flag = []kit.Span{{Icon: iconUp, Text: words.C("flag", "H"), Style: kit.CaptionStrong, Color: theme.High, Gap: 3, Glue: true, Keep: true}}
	case ward.FlagLow:
		value.Color = theme.Low
		flag = []kit.Span{{Icon: iconDown, Text: words.C("flag", "L"), Style: kit.CaptionStrong, Color: theme.Low, Gap: 3, Glue: true, Keep: true}}
	case ward.FlagAbnormal:
		flag = []kit.Span{kit.T(words.T("abnormal"), kit.CaptionStrong, theme.High).After(4).Glued().Kept()}
	case ward.FlagCriticalHigh, ward.FlagCriticalLow, ward.FlagCritical:
		value.Color = theme.CriticalText
	case ward.FlagNone:
	}
	if r.Status == "preliminary" {
		value.Style = kit.Style{Size: value.Style.Size, Face: theme.Italic}
	}
	out := append([]kit.Span{value}, flag...)
	if r.Unit != "" {
		out = append(out, kit.T(r.Unit, kit.Dense, theme.Text).After(5).Glued().Kept())
	}
	return out
}

// wholeSpans are valueSpans where there is room: a text line by line.
func wholeSpans(r ward.Result, style kit.Style) []kit.Span {
	spans := valueSpans(r, style)
	if !r.Text || r.Value == "" {
		return spans
	}
	return append(kit.Lines(r.Value, kit.Style{Size: kit.Body.Size, Face: spans[0].Style.Face}, spans[0].Color), spans[1:]...)
}

func absent(r ward.Result) string {
	if r.Absent != "" {
		return strings.ReplaceAll(r.Absent, "\n", " ")
	}
	return words.T("no result")
}

// word is a critical flag as a chip, or that a value is urgent; one that only may be critical
// says so.
func word(r ward.Result) []kit.Span {
	switch {
	case r.MayBe:
		return []kit.Span{kit.Chip(ward.Said(strings.TrimSpace("MAY BE "+string(r.Flag))), "", kit.CriticalTone).After(6).Kept()}
	case r.Critical:
		return []kit.Span{kit.Chip(ward.Said(string(r.Flag)), "", kit.CriticalTone).After(6).Kept()}
	case r.Urgent:
		return []kit.Span{kit.Chip(words.T("URGENT"), "", kit.LateTone).After(6).Kept()}
	}
	return nil
}

// lineSpans are the values of a line of the list.
func lineSpans(l view.Line) []kit.Span {
	r := l.Items[0].Result
	switch l.Kind {
	case ward.InboxCorrected:
		out := []kit.Span{kit.T(r.Test, kit.BodyStrong, theme.Text)}
		if r.Before != nil && r.Before.Value != "" {
			out = append(out, kit.T(r.Before.Value, kit.Body, theme.TextMuted).Struck().After(6).Kept(), kit.T("→", kit.Body, theme.Text).After(6))
		}
		out = append(append(out, valueSpans(r, kit.ValueRow)...), word(r)...)
		return append(out, kit.Chip(words.T("CORRECTED"), iconCorrected, kit.CorrectedTone).After(8).Kept())
	case ward.InboxNew:
		return panelSpans(l)
	case ward.InboxCritical, ward.InboxHanded, ward.InboxTaken, ward.InboxQuiet:
	}
	test := kit.T(r.Test, kit.BodyStrong, theme.Text)
	if r.Critical || r.MayBe {
		test.Icon, test.IconColor = iconCritical, theme.CriticalText
	}
	return append(append([]kit.Span{test}, valueSpans(r, kit.ValueRow)...), word(r)...)
}

// panelSpans are what came of one panel: what is urgent, then what is flagged, first.
func panelSpans(l view.Line) []kit.Span {
	var out []kit.Span
	if l.Panel != "" {
		out = append(out, kit.T(l.Panel, kit.Dense, theme.TextMuted))
	}
	urgent, flagged, plain, left := []ward.Result{}, []ward.Result{}, []ward.Result{}, 0
	for _, it := range l.Items {
		switch {
		case it.Result.Urgent:
			urgent = append(urgent, it.Result)
		case it.Result.Flag != ward.FlagNone:
			flagged = append(flagged, it.Result)
		default:
			plain = append(plain, it.Result)
		}
	}
	if over := len(plain) - plainValues; over > 0 && len(l.Items) > plainValues {
		plain, left = plain[:plainValues], over
	}
	for _, r := range slices.Concat(urgent, flagged, plain) {
		out = append(out, kit.T(r.Test, kit.Dense, theme.Text).After(10))
		out = append(append(out, valueSpans(r, kit.BodyStrong)...), word(r)...)
	}
	if left > 0 {
		out = append(out, kit.T(words.F("and %d more", left), kit.Dense, theme.TextMuted).After(10).Kept())
	}
	if len(out) > 0 {
		out[0].Gap = 0
	}
	return out
}

// allergySpans is the allergies line in one of its four states (NHS Common User
// Interface, patient banner); no two look alike.
func allergySpans(a ward.AllergyLine) []kit.Span {
	switch a.State {
	case ward.AllergyKnown:
		worst := a.Worst
		if a.WorstHow != "" {
			worst += ": " + a.WorstHow
		}
		return []kit.Span{
			{Icon: iconAllergy, Text: words.T("Known allergies"), Style: kit.DenseStrong, Color: theme.CriticalText, Keep: true},
			kit.T(strings.Join(append([]string{worst}, a.Others...), ", "), kit.Dense, theme.Text).After(10),
		}
	case ward.AllergyNone:
		return []kit.Span{kit.T(words.T("No known allergies"), kit.Dense, theme.TextMuted).Kept()}
	case ward.AllergyNotRecorded:
		return []kit.Span{{Icon: iconQuestion, Text: words.T("Allergies not recorded"), Style: kit.DenseStrong, Color: theme.WarningText, Keep: true}}
	case ward.AllergyUnavailable:
	}
	return []kit.Span{{Icon: iconUnavailable, Text: words.T("Allergies unavailable"), Style: kit.DenseStrong, Color: theme.Stale, Keep: true}}
}
