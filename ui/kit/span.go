package kit

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"wardlight/assets"
	"wardlight/ui/theme"
)

// Style is a text size and a face, in design units.
type Style struct {
	Size float32
	Face theme.Face
}

// The styles of the design language. Nothing is smaller than 12.
var (
	Caption       = Style{12, theme.Regular}
	CaptionStrong = Style{12, theme.SemiBold}
	Dense         = Style{13, theme.Regular}
	DenseStrong   = Style{13, theme.SemiBold}
	DenseItalic   = Style{13, theme.Italic}
	Body          = Style{14, theme.Regular}
	BodyStrong    = Style{14, theme.SemiBold}
	BodyBold      = Style{14, theme.Bold}
	Name          = Style{15, theme.SemiBold}
	Subheading    = Style{16, theme.SemiBold}
	SubheadingReg = Style{16, theme.Regular}
	Heading       = Style{20, theme.Bold}
	Title         = Style{28, theme.Bold}
	ValueRow      = Style{16, theme.Bold}
	ValueCell     = Style{18, theme.Bold}
	ValuePlain    = Style{15, theme.Regular}
	ValueStrong   = Style{15, theme.SemiBold}
	ValueItalic   = Style{15, theme.Italic}
	ValuePanel    = Style{28, theme.Bold}
	ValueCompare  = Style{48, theme.Bold}
	ValueAlert    = Style{64, theme.Bold}
	MonoText      = Style{13, theme.Mono}
	MonoStrong    = Style{14, theme.MonoSemiBold}
	KeyCapText    = Style{12, theme.Mono}
)

// Span is one piece of a line: a text in one style, with an icon before it if it
// has one, or a chip or key cap around it. It is comparable, so that a line can
// tell whether it changed.
type Span struct {
	Text  string
	Style Style       // the zero value is Body
	Color theme.Token // the zero value is Text
	Icon  assets.Icon // drawn before the text
	// IconColor is the icon's own colour; the zero value is the text's.
	IconColor theme.Token
	Gap       float32 // before the span

	Strike, Underline bool

	// Fill and Border make a chip of the span; Cap makes a key cap.
	Chip         bool
	Fill, Border theme.Token
	Cap          bool

	// For Flow: Keep does not break inside, Glue does not break before.
	Keep, Glue bool
	// For Flow: Own begins a new line.
	Own bool
	// Tap marks a link: a Flow with links calls OnLink with it.
	Tap string
}

// T is a text span.
func T(text string, style Style, color theme.Token) Span {
	return Span{Text: text, Style: style, Color: color}
}

// I is an icon alone, of the height of a text style.
func I(icon assets.Icon, style Style, color theme.Token) Span {
	return Span{Icon: icon, Style: style, Color: color}
}

// KeyCap is a key printed as it looks on the keyboard.
func KeyCap(key string, color theme.Token) Span {
	return Span{Text: key, Style: KeyCapText, Color: color, Cap: true}
}

// After returns the span with a gap before it.
func (s Span) After(gap float32) Span { s.Gap = gap; return s }

// Struck returns the span struck through.
func (s Span) Struck() Span { s.Strike = true; return s }

// Glued returns the span bound to the one before: no line break between.
func (s Span) Glued() Span { s.Glue = true; return s }

// Kept returns the span unbreakable.
func (s Span) Kept() Span { s.Keep = true; return s }

// OnOwnLine returns the span at the beginning of a line.
func (s Span) OnOwnLine() Span { s.Own = true; return s }

// Linked returns the span as a link that reports id.
func (s Span) Linked(id string) Span { s.Tap = id; s.Underline = true; return s }

func (s Span) style() Style {
	if s.Style == (Style{}) {
		return Body
	}
	return s.Style
}

func (s Span) color() theme.Token {
	if s.Color == "" {
		return theme.Text
	}
	return s.Color
}

func (s Span) iconColor() theme.Token {
	if s.IconColor != "" {
		return s.IconColor
	}
	return s.color()
}

// part draws one span.
type part struct {
	span Span
	box  *canvas.Rectangle // chip or key cap
	icon *canvas.Image
	text *canvas.Text
	line *canvas.Rectangle // through the text

	drawn    drawnAs
	size     fyne.Size
	baseline float32 // of the text from the top of the part
	spaced   bool    // in a Flow: a space before it, where it does not start a line
}

// Chips and caps: paddings at the sides, gap after an icon, heights.
const (
	chipPad     = 6
	capPad      = 5
	chipHeight  = 18
	capHeight   = 17
	iconGap     = 5
	chipIconGap = 4
)

func newPart(s Span) *part {
	p := &part{}
	p.set(s)
	return p
}

// breaks are line breaks within a text, which a line of the window cannot draw:
// the toolkit puts a sign for an unknown letter over the next one. The lines of a
// laboratory's text stand behind one another instead, each told from the next.
var breaks = strings.NewReplacer("\r\n", lineBreak, "\n", lineBreak, "\r", lineBreak, "\t", " ")

const lineBreak = " · "

// drawnAs is what a part's objects depend on. A container that is refreshed refreshes
// all that is in it, mostly what has not changed; and each icon that is refreshed is
// painted anew at a quarter of a megabyte.
type drawnAs struct {
	span    Span
	theme   *theme.Theme // another one for each change of appearance
	variant fyne.ThemeVariant
}

func drawnNow(s Span) drawnAs {
	d := drawnAs{span: s, theme: theme.Current()}
	if app := fyne.CurrentApp(); app != nil {
		d.variant = app.Settings().ThemeVariant() // a theme that follows the system's looks otherwise by it
	}
	return d
}

// set takes a span and redraws what it needs. Objects are made only when needed,
// because a list holds hundreds of parts.
func (p *part) set(s Span) {
	p.span = s
	p.redraw()
}

// redraw draws the part anew, where anything has changed.
func (p *part) redraw() {
	s, as := p.span, drawnNow(p.span)
	if as == p.drawn {
		return
	}
	p.drawn = as
	if s.Text != "" {
		if p.text == nil {
			p.text = canvas.NewText("", nil)
		}
		styleText(p.text, s.Text, s.style(), s.color())
		p.text.TextStyle.Underline = s.Underline
		p.text.Refresh()
	}
	if p.struck() {
		if p.line == nil {
			p.line = newBox()
		}
		paintBox(p.line, s.color(), theme.Transparent, 0, 0)
	}
	if s.Icon != "" {
		if p.icon == nil {
			p.icon = newIcon(s.Icon, s.iconColor())
		}
		setIcon(p.icon, s.Icon, s.iconColor())
	}
	if s.Chip || s.Cap {
		if p.box == nil {
			p.box = newBox()
		}
		p.paintBox()
	}
	p.measure()
}

func (p *part) paintBox() {
	s := p.span
	if s.Cap {
		paintBox(p.box, theme.Transparent, s.color(), theme.Stroke(theme.Control), 3)
		return
	}
	fill, border := s.Fill, s.Border
	if fill == "" {
		fill = theme.Transparent
	}
	width := theme.Stroke(theme.Control)
	if border == "" {
		border = fill
	}
	paintBox(p.box, fill, border, width, 3)
}

// objects appends what the part draws, bottom first.
func (p *part) objects(to []fyne.CanvasObject) []fyne.CanvasObject {
	if p.span.Chip || p.span.Cap {
		to = append(to, p.box)
	}
	if p.span.Icon != "" {
		to = append(to, p.icon)
	}
	if p.span.Text != "" {
		to = append(to, p.text)
	}
	if p.struck() {
		to = append(to, p.line)
	}
	return to
}

// struck says whether a line goes through the text. The toolkit's own is a hair at every
// size, and of a value of 48 nobody saw that it holds no longer.
func (p *part) struck() bool { return p.span.Strike && p.span.Text != "" }

// strikeHigh is how thick that line is: a tenth of the letters, and never a hair.
func (p *part) strikeHigh() float32 {
	return max(theme.TextSize(p.span.style().Size)*0.09, theme.Px(1.5))
}

func (p *part) iconSize() float32 {
	if p.span.Chip {
		return theme.Px(13)
	}
	size := p.span.style().Size
	return theme.Px(max(size, 14))
}

func (p *part) pad() float32 {
	switch {
	case p.span.Chip:
		return theme.Px(chipPad)
	case p.span.Cap:
		return theme.Px(capPad)
	}
	return 0
}

func (p *part) measure() {
	var w, h float32
	p.baseline = 0
	if p.span.Text != "" {
		size, base := measureText(p.text)
		w, h, p.baseline = size.Width, size.Height, base
	}
	if p.span.Icon != "" {
		side := p.iconSize()
		w += side
		if p.span.Text != "" {
			w += p.gapAfterIcon()
		}
		if side > h {
			p.baseline += (side - h) / 2
			h = side
		}
		if p.span.Text == "" {
			p.baseline = side * 0.85
		}
	}
	w += 2 * p.pad()
	boxed := float32(0)
	switch {
	case p.span.Chip:
		boxed = theme.Px(chipHeight)
	case p.span.Cap:
		boxed = theme.Px(capHeight)
	}
	if boxed > h {
		p.baseline += (boxed - h) / 2
		h = boxed
	}
	p.size = fyne.NewSize(w, h)
}

func (p *part) gapAfterIcon() float32 {
	if p.span.Chip {
		return theme.Px(chipIconGap)
	}
	return theme.Px(iconGap)
}

// place puts the part with its top left corner at pos.
func (p *part) place(x, y float32) {
	if p.span.Chip || p.span.Cap {
		put(p.box, x, y, p.size.Width, p.size.Height)
	}
	x += p.pad()
	if p.span.Icon != "" {
		side := p.iconSize()
		put(p.icon, x, y+(p.size.Height-side)/2, side, side)
		x += side + p.gapAfterIcon()
	}
	if p.span.Text != "" {
		size, base := measureText(p.text)
		top := y + p.baseline - base
		put(p.text, x, top, size.Width, size.Height)
		if p.struck() { // through the middle of the small letters
			high := p.strikeHigh()
			put(p.line, x, top+base-theme.TextSize(p.span.style().Size)*0.3-high/2, size.Width, high)
		}
	}
}

// styleText sets a text object. The theme's own slots are used where they exist,
// because only they fall back to other typefaces for a rare letter.
func styleText(t *canvas.Text, text string, style Style, color theme.Token) {
	t.Text = breaks.Replace(text)
	t.TextSize = theme.TextSize(style.Size)
	t.Color = theme.Color(color)
	t.FontSource = nil
	t.TextStyle = fyne.TextStyle{}
	switch style.Face {
	case theme.SemiBold:
		t.TextStyle.Bold = true
	case theme.Bold:
		t.FontSource = theme.FontOf(theme.Bold)
	case theme.Italic:
		t.TextStyle.Italic = true
	case theme.Mono:
		t.TextStyle.Monospace = true
	case theme.MonoSemiBold:
		t.TextStyle.Monospace = true
		t.TextStyle.Bold = true
	default: // Regular
	}
}

func measureText(t *canvas.Text) (fyne.Size, float32) {
	return fyne.CurrentApp().Driver().RenderedTextSize(t.Text, t.TextSize, t.TextStyle, t.FontSource)
}

// TextWidth returns how wide a text is at the present scale.
func TextWidth(text string, style Style) float32 {
	t := canvas.NewText("", nil)
	styleText(t, text, style, theme.Text)
	return t.MinSize().Width
}

func newIcon(icon assets.Icon, color theme.Token) *canvas.Image {
	i := canvas.NewImageFromResource(theme.Icon(icon, color))
	i.FillMode = canvas.ImageFillContain
	return i
}

func setIcon(i *canvas.Image, icon assets.Icon, color theme.Token) {
	shown(i, icon != "")
	if icon == "" {
		return
	}
	i.Resource = theme.Icon(icon, color)
	i.Refresh()
}
