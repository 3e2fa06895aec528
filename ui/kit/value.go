package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"wardlight/assets"
	"wardlight/ui/theme"
)

// ValueFlag says on which side of its range a number lies. The letter that is
// printed is the caller's; the triangle and the colour follow the flag.
type ValueFlag int

// The flags.
const (
	NoFlag ValueFlag = iota
	AboveRange
	BelowRange
)

// flagSlot is the fixed room to the right of a number, so that all numbers of a
// column end at one edge whether they are flagged or not.
const flagSlot = 27

// ValueConfig is a number in a table.
type ValueConfig struct {
	Number     string
	Earlier    string // an older number, struck through, before it
	Flag       ValueFlag
	FlagText   string // as "H"
	Unit       string // after the slot, where the column is not all of one unit
	Below      string // a word under the number, as "corrected 09:40"
	BelowColor theme.Token
	Italic     bool // not final
	Struck     bool // withdrawn
	Muted      bool
	Style      Style // of the number; the zero value is that of a table
}

// ValueText draws a number right-aligned on the edge before its flag slot. It is
// never cut: its MinSize is the whole of it.
type ValueText struct {
	widget.BaseWidget
	config                                     ValueConfig
	number, earlier, flag, letter, unit, below *part
	pane                                       *pane
}

// NewValueText makes a value.
func NewValueText(config ValueConfig) *ValueText {
	v := &ValueText{config: config}
	for _, p := range []**part{&v.number, &v.earlier, &v.flag, &v.letter, &v.unit, &v.below} {
		*p = &part{}
	}
	v.ExtendBaseWidget(v)
	v.redraw()
	return v
}

// Update changes the value; nothing is redrawn when it is the same.
func (v *ValueText) Update(config ValueConfig) {
	if v.config == config {
		return
	}
	v.config = config
	v.redraw()
	if v.pane != nil {
		v.pane.objects = v.objects()
	}
	v.place(v.Size())
	canvasRefresh(v)
}

// Config returns what the value shows.
func (v *ValueText) Config() ValueConfig { return v.config }

func (v *ValueText) parts() []*part {
	return []*part{v.earlier, v.number, v.flag, v.letter, v.unit, v.below}
}

// flagColor is the colour of a number and of its flag.
func flagColor(f ValueFlag) theme.Token {
	switch f {
	case AboveRange:
		return theme.High
	case BelowRange:
		return theme.Low
	default:
		return theme.Text
	}
}

func (v *ValueText) redraw() {
	c := v.config
	color := flagColor(c.Flag)
	if c.Muted || c.Struck {
		color = theme.TextMuted
	}
	v.number.set(Span{Text: c.Number, Style: v.numberStyle(), Color: color, Strike: c.Struck})
	v.earlier.set(Span{Text: c.Earlier, Style: Dense, Color: theme.TextMuted, Strike: true})
	letter := CaptionStrong
	if c.Italic {
		letter = Style{12, theme.Italic}
	}
	v.flag.set(Span{Icon: flagIcon(c.Flag), Style: Caption, Color: color})
	v.letter.set(Span{Text: c.FlagText, Style: letter, Color: color})
	v.unit.set(Span{Text: c.Unit, Style: Dense, Color: theme.TextMuted})
	below := c.BelowColor
	if below == "" {
		below = theme.TextMuted
	}
	v.below.set(Span{Text: c.Below, Style: CaptionStrong, Color: below})
}

func (v *ValueText) numberStyle() Style {
	switch c := v.config; {
	case c.Style != (Style{}):
		return c.Style
	case c.Italic:
		return ValueItalic
	case c.Flag != NoFlag:
		return Style{15, theme.Bold}
	default:
		return ValuePlain
	}
}

func flagIcon(f ValueFlag) assets.Icon {
	switch f {
	case AboveRange:
		return assets.IconCaretUpFill
	case BelowRange:
		return assets.IconCaretDownFill
	default:
		return ""
	}
}

func (v *ValueText) objects() []fyne.CanvasObject {
	var objects []fyne.CanvasObject
	for _, p := range v.parts() {
		objects = p.objects(objects)
	}
	return objects
}

// slot is the flag's room, wider only when the letter would not fit.
func (v *ValueText) slot() float32 {
	return max(px(flagSlot), px(2)+v.flag.size.Width+px(1)+v.letter.size.Width)
}

func (v *ValueText) topHeight() float32 {
	return max(v.number.size.Height, v.unit.size.Height)
}

func (v *ValueText) min() fyne.Size {
	w := v.number.size.Width + v.slot()
	if v.config.Earlier != "" {
		w += v.earlier.size.Width + px(6)
	}
	if v.config.Unit != "" {
		w += px(4) + v.unit.size.Width
	}
	h := v.topHeight()
	if v.config.Below != "" {
		w = max(w, v.below.size.Width)
		h += v.below.size.Height
	}
	return fyne.NewSize(w, h)
}

func (v *ValueText) place(size fyne.Size) {
	need := v.min()
	top := (size.Height - need.Height) / 2
	right := size.Width
	base := top + v.number.baseline
	on := func(p *part, x float32) { p.place(x, base-p.baseline) }
	if v.config.Unit != "" {
		right -= v.unit.size.Width
		on(v.unit, right)
		right -= px(4)
	}
	on(v.letter, right-v.letter.size.Width)
	right -= v.slot()
	v.flag.place(right+px(2), top+(v.topHeight()-v.flag.size.Height)/2)
	on(v.number, right-v.number.size.Width)
	if v.config.Earlier != "" {
		on(v.earlier, right-v.number.size.Width-px(6)-v.earlier.size.Width)
	}
	if v.config.Below != "" {
		v.below.place(size.Width-v.below.size.Width, top+v.topHeight())
	}
}

// CreateRenderer implements fyne.Widget.
func (v *ValueText) CreateRenderer() fyne.WidgetRenderer {
	v.pane = &pane{
		objects: v.objects(),
		min:     v.min,
		layout:  v.place,
		refresh: func() { v.redraw(); v.place(v.Size()); canvasRefresh(v) },
	}
	return v.pane
}

// AccessibilityLabel implements fyne.Accessible.
func (v *ValueText) AccessibilityLabel() string {
	c := v.config
	return spansText([]Span{T(c.Number, Body, ""), T(c.FlagText, Body, "").After(1), T(c.Unit, Body, "").After(1), T(c.Below, Body, "").After(1)})
}

// AccessibilityRole implements fyne.Accessible.
func (v *ValueText) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CriticalConfig is a number that somebody must do something about.
type CriticalConfig struct {
	Number string
	Word   string // what it is, in capitals, under the number
}

// CriticalBlock is a filled block with square corners: a larger bold number with
// the word below it. It is the only filled cell of a table.
type CriticalBlock struct {
	widget.BaseWidget
	config       CriticalConfig
	back         *canvas.Rectangle
	number, word *part
	pane         *pane
}

// NewCriticalBlock makes a block.
func NewCriticalBlock(config CriticalConfig) *CriticalBlock {
	b := &CriticalBlock{config: config, back: newBox(), number: &part{}, word: &part{}}
	b.ExtendBaseWidget(b)
	b.redraw()
	return b
}

// Update changes the block; nothing is redrawn when it is the same.
func (b *CriticalBlock) Update(config CriticalConfig) {
	if b.config == config {
		return
	}
	b.config = config
	b.redraw()
	if b.pane != nil {
		b.pane.objects = b.objects()
	}
	b.place(b.Size())
	canvasRefresh(b)
}

func (b *CriticalBlock) redraw() {
	b.number.set(T(b.config.Number, ValueCell, theme.OnCritical))
	b.word.set(T(b.config.Word, CaptionStrong, theme.OnCritical))
	paintBox(b.back, theme.Critical, theme.Transparent, 0, 0)
}

func (b *CriticalBlock) objects() []fyne.CanvasObject {
	objects := b.number.objects([]fyne.CanvasObject{b.back})
	return b.word.objects(objects)
}

func (b *CriticalBlock) min() fyne.Size {
	w := max(b.number.size.Width+px(flagSlot), b.word.size.Width+px(8)) + px(8)
	return fyne.NewSize(w, b.number.size.Height+b.word.size.Height)
}

// place keeps the number on the edge of the column's other numbers.
func (b *CriticalBlock) place(size fyne.Size) {
	put(b.back, 0, 0, size.Width, size.Height)
	top := (size.Height - b.number.size.Height - b.word.size.Height) / 2
	b.number.place(size.Width-px(flagSlot)-b.number.size.Width, top)
	b.word.place(size.Width-px(8)-b.word.size.Width, top+b.number.size.Height)
}

// CreateRenderer implements fyne.Widget.
func (b *CriticalBlock) CreateRenderer() fyne.WidgetRenderer {
	b.pane = &pane{
		objects: b.objects(),
		min:     b.min,
		layout:  b.place,
		refresh: func() { b.redraw(); b.place(b.Size()); canvasRefresh(b) },
	}
	return b.pane
}

// AccessibilityLabel implements fyne.Accessible.
func (b *CriticalBlock) AccessibilityLabel() string { return b.config.Number + " " + b.config.Word }

// AccessibilityRole implements fyne.Accessible.
func (b *CriticalBlock) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }
