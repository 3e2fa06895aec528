package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"wardlight/assets"
	"wardlight/ui/theme"
)

// ChipTone is what a chip says by its colours; its word says it too.
type ChipTone int

// The tones. Quiet is the grey outline that informs and does not shout.
const (
	Quiet ChipTone = iota
	CriticalTone
	WarningTone // filled amber
	LateTone    // amber tint
	InfoTone
	CorrectedTone
	OKTone
	UnsentTone
	StaleTone
)

// chipColors are fill, border and text of each tone.
func chipColors(t ChipTone) (fill, border, text theme.Token) {
	switch t {
	case CriticalTone:
		return theme.Critical, theme.Critical, theme.OnCritical
	case WarningTone:
		return theme.Warning, theme.Warning, theme.OnWarning
	case LateTone:
		return theme.WarningTint, theme.WarningText, theme.WarningText
	case InfoTone:
		return theme.InfoTint, theme.Info, theme.Info
	case CorrectedTone:
		return theme.CorrectedTint, theme.Corrected, theme.Corrected
	case OKTone:
		return theme.OkTint, theme.Ok, theme.Ok
	case UnsentTone:
		return theme.UnsentTint, theme.Unsent, theme.Unsent
	case StaleTone:
		return theme.StaleTint, theme.Stale, theme.Stale
	default:
		return theme.Surface, theme.LineStrong, theme.TextMuted
	}
}

// Chip is a chip as a span, 18 high with a border always.
func Chip(text string, icon assets.Icon, tone ChipTone) Span {
	fill, border, color := chipColors(tone)
	return Span{Text: text, Icon: icon, Style: CaptionStrong, Color: color, Chip: true, Fill: fill, Border: border, Keep: true}
}

// FilterPill is a filter that is on or off, 26 high with round ends.
type FilterPill struct {
	pressable

	config FilterPillConfig
	label  *part
	back   *canvas.Rectangle
	ring   *ring
	pane   *pane
}

// FilterPillConfig is what a pill looks like. The text carries its count.
type FilterPillConfig struct {
	Text string
	On   bool
}

// NewFilterPill makes a pill.
func NewFilterPill(config FilterPillConfig, onTap func()) *FilterPill {
	f := &FilterPill{config: config, label: &part{}, back: newBox(), ring: newRing(13, false)}
	f.OnTap = onTap
	f.extend(f, func() bool { return false })
	f.redraw()
	return f
}

// Update changes the look; nothing is redrawn when it is the same.
func (f *FilterPill) Update(config FilterPillConfig) {
	if f.config == config {
		return
	}
	f.config = config
	f.Refresh()
}

// Config returns what the pill looks like now.
func (f *FilterPill) Config() FilterPillConfig { return f.config }

func (f *FilterPill) redraw() {
	fill, border, text, style := theme.Surface, theme.LineStrong, theme.Text, Dense
	width := theme.Stroke(theme.Control)
	if f.hovered {
		fill = theme.Hover
	}
	if f.config.On {
		fill, border, text, style = theme.PrimaryTint, theme.Primary, theme.Primary, DenseStrong
	}
	f.label.set(T(f.config.Text, style, text))
	paintBox(f.back, fill, border, width, 13)
	f.ring.show(f.focused)
}

// CreateRenderer implements fyne.Widget.
func (f *FilterPill) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{f.back}
	objects = f.label.objects(objects)
	objects = append(objects, f.ring.Rectangle)
	place := func(size fyne.Size) {
		put(f.back, 0, 0, size.Width, size.Height)
		f.ring.place(fyne.Position{}, size)
		f.label.place((size.Width-f.label.size.Width)/2, (size.Height-f.label.size.Height)/2)
	}
	f.pane = &pane{
		objects: objects,
		min: func() fyne.Size {
			// Semibold is wider: the pill keeps its width when it is switched on.
			w := max(f.label.size.Width, TextWidth(f.config.Text, DenseStrong))
			return fyne.NewSize(w+2*px(11), px(26))
		},
		layout:  place,
		refresh: func() { f.redraw(); place(f.Size()); canvasRefresh(f) },
	}
	return f.pane
}

// AccessibilityLabel implements fyne.Accessible.
func (f *FilterPill) AccessibilityLabel() string { return f.config.Text }

// AccessibilityRole implements fyne.Accessible.
func (f *FilterPill) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }
