package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"wardlight/assets"
	"wardlight/ui/theme"
)

// ButtonKind is how loud a button is.
type ButtonKind int

// The kinds. A page has one primary button at most.
const (
	Outlined ButtonKind = iota
	Primary
	Link
	Chosen  // one of two equal answers, after the person took it
	OnBar   // on the dark top bar
	OnStrip // a link on the amber strip
	OnAlert // on red
)

// ButtonSize is one of three heights.
type ButtonSize int

// The sizes: 32, 26, and 44 for what acts on something urgent.
const (
	Normal ButtonSize = iota
	Small
	Large
)

// ButtonConfig is what a button looks like.
type ButtonConfig struct {
	Text string
	Key  string // printed inside as a key cap
	Icon assets.Icon
	Kind ButtonKind
	Size ButtonSize
	Off  bool // disabled
	Wide bool // label in the middle of whatever width it gets
}

// Button is a button. It works by Enter and Space as by a click, and a click
// acts by what the button did when the mouse went down, whatever became of it in
// between.
type Button struct {
	pressable

	config ButtonConfig
	label  *part
	cap    *part
	back   *canvas.Rectangle
	ring   *ring
	pane   *pane
}

// NewButton makes a button.
func NewButton(config ButtonConfig, onTap func()) *Button {
	b := &Button{config: config}
	b.OnTap = onTap
	b.extend(b, func() bool { return b.config.Off })
	b.back = newBox()
	b.ring = newRing(4, false)
	b.label, b.cap = &part{}, &part{}
	b.redraw()
	return b
}

// Config returns what the button looks like now.
func (b *Button) Config() ButtonConfig { return b.config }

// Update changes the look; nothing is redrawn when it is the same.
func (b *Button) Update(config ButtonConfig) {
	if b.config == config {
		return
	}
	b.config = config
	b.redraw()
	if b.pane != nil {
		b.pane.objects = b.objects()
	}
	b.place()
	canvasRefresh(b)
}

// look is the colours of a button in its present state.
type look struct {
	fill, border, text theme.Token
	width              float32
}

func (b *Button) look() look {
	edge := theme.Stroke(theme.Control)
	l := look{fill: theme.Surface, border: theme.LineStrong, text: theme.Text, width: edge}
	switch b.config.Kind {
	case Primary:
		l = look{fill: theme.Primary, border: theme.Primary, text: theme.OnPrimary, width: edge}
	case Link:
		l = look{fill: theme.Transparent, border: theme.Transparent, text: theme.Primary}
	case Chosen:
		l = look{fill: theme.PrimaryTint, border: theme.Primary, text: theme.Primary, width: theme.Stroke(theme.Emphasis)}
	case OnBar:
		l = look{fill: theme.Transparent, border: theme.Transparent, text: theme.OnTopBar}
	case OnStrip:
		l = look{fill: theme.Transparent, border: theme.Transparent, text: theme.OnWarning}
	case OnAlert:
		l = look{fill: theme.Critical, border: theme.OnCritical, text: theme.OnCritical, width: edge}
	default: // Outlined
	}
	if b.hovered && b.config.Kind == Outlined {
		l.fill = theme.Hover
	}
	if b.config.Off {
		l.text = theme.TextDisabled
		if !b.plain() {
			l.fill, l.border = theme.DisabledFill, theme.DisabledFill
		}
	}
	return l
}

func (b *Button) redraw() {
	l := b.look()
	style := BodyStrong
	switch b.config.Size {
	case Large:
		style = Subheading
	case Small:
		style = DenseStrong
	default: // Normal
	}
	b.label.set(Span{Text: b.config.Text, Icon: b.config.Icon, Style: style, Color: l.text, Underline: b.config.Kind == OnStrip})
	b.cap.set(Span{Text: b.config.Key, Style: KeyCapText, Color: l.text, Cap: b.config.Key != ""})
	paintBox(b.back, l.fill, l.border, l.width, 4)
	b.ring.show(b.focused && !b.config.Off)
}

func (b *Button) objects() []fyne.CanvasObject {
	objects := []fyne.CanvasObject{b.back}
	objects = b.label.objects(objects)
	objects = b.cap.objects(objects)
	return append(objects, b.ring.Rectangle)
}

// plain reports a button without a box, which is a link.
func (b *Button) plain() bool {
	return b.config.Kind == Link || b.config.Kind == OnBar || b.config.Kind == OnStrip
}

func (b *Button) padding() float32 {
	switch {
	case b.plain():
		return 0
	case b.config.Size == Large:
		return px(21)
	case b.config.Size == Small:
		return px(8)
	}
	return px(13)
}

func (b *Button) height() float32 {
	switch b.config.Size {
	case Large:
		return px(44)
	case Small:
		return px(26)
	default: // Normal: below
	}
	if b.plain() {
		return px(24)
	}
	return px(32)
}

func (b *Button) contentWidth() float32 {
	w := b.label.size.Width
	if b.config.Key != "" {
		w += px(6) + b.cap.size.Width
	}
	return w
}

func (b *Button) min() fyne.Size {
	return fyne.NewSize(b.contentWidth()+2*b.padding(), b.height())
}

func (b *Button) place() {
	size := b.Size()
	put(b.back, 0, 0, size.Width, size.Height)
	b.ring.place(fyne.Position{}, size)
	x := b.padding()
	if b.config.Wide || !b.plain() {
		x = (size.Width - b.contentWidth()) / 2
	}
	b.label.place(x, (size.Height-b.label.size.Height)/2)
	if b.config.Key != "" {
		b.cap.place(x+b.label.size.Width+px(6), (size.Height-b.cap.size.Height)/2)
	}
}

// CreateRenderer implements fyne.Widget.
func (b *Button) CreateRenderer() fyne.WidgetRenderer {
	b.pane = &pane{
		objects: b.objects(),
		min:     b.min,
		layout:  func(fyne.Size) { b.place() },
		refresh: func() {
			b.redraw()
			b.place()
			canvasRefresh(b)
		},
	}
	return b.pane
}

// Disabled implements fyne.Disableable, so that Tab passes by.
func (b *Button) Disabled() bool { return b.config.Off }

// Disable implements fyne.Disableable.
func (b *Button) Disable() { c := b.config; c.Off = true; b.Update(c) }

// Enable implements fyne.Disableable.
func (b *Button) Enable() { c := b.config; c.Off = false; b.Update(c) }

// AccessibilityLabel implements fyne.Accessible.
func (b *Button) AccessibilityLabel() string { return b.config.Text }

// AccessibilityRole implements fyne.Accessible.
func (b *Button) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }
