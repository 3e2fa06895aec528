package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"wardlight/ui/theme"
)

// The layouts of this file know that a paragraph's height depends on its width,
// which Fyne's own do not, and take their gaps in design units.

// heightLayout is a layout that can say its height at a width.
type heightLayout interface {
	heightFor(objects []fyne.CanvasObject, width float32) float32
}

// NewColumn stacks objects from top to bottom, each as wide as the column and as
// high as it needs to be.
func NewColumn(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: column{gap: gap}, Objects: objects}
}

type column struct{ gap float32 }

func (c column) heightFor(objects []fyne.CanvasObject, width float32) float32 {
	h := float32(0)
	for _, o := range objects {
		if o.Visible() {
			h += HeightFor(o, width) + px(c.gap)
		}
	}
	return max(h-px(c.gap), 0)
}

func (c column) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		if o.Visible() {
			m := o.MinSize()
			size.Width = max(size.Width, m.Width)
			size.Height += m.Height + px(c.gap)
		}
	}
	size.Height = max(size.Height-px(c.gap), 0)
	return size
}

func (c column) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	for _, o := range objects {
		if o.Visible() {
			h := HeightFor(o, size.Width)
			put(o, 0, y, size.Width, h)
			y += h + px(c.gap)
		}
	}
}

// NewBar sets objects side by side in their own size, in the middle of the
// height. A Spring takes what room is left. Where there is too little room the
// objects go to a second line: nothing is cut.
func NewBar(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: bar{gap: gap}, Objects: objects}
}

// NewSpring is the free room in a bar.
func NewSpring() fyne.CanvasObject {
	s := &spring{}
	s.ExtendBaseWidget(s)
	return s
}

type spring struct{ widget.BaseWidget }

func (s *spring) CreateRenderer() fyne.WidgetRenderer {
	return &pane{min: func() fyne.Size { return fyne.Size{} }, layout: func(fyne.Size) {}, refresh: func() {}}
}

type bar struct{ gap float32 }

// lines breaks the objects to lines of a width.
func (b bar) lines(objects []fyne.CanvasObject, width float32) [][]fyne.CanvasObject {
	var lines [][]fyne.CanvasObject
	var line []fyne.CanvasObject
	used := float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		need := o.MinSize().Width
		_, isSpring := o.(*spring)
		if len(line) > 0 && !isSpring && used+px(b.gap)+need > width+0.5 {
			lines, line, used = append(lines, line), nil, 0
		}
		if len(line) > 0 && !isSpring {
			used += px(b.gap)
		}
		line, used = append(line, o), used+need
	}
	return append(lines, line)
}

func lineHeight(line []fyne.CanvasObject) float32 {
	h := float32(0)
	for _, o := range line {
		h = max(h, o.MinSize().Height)
	}
	return h
}

func (b bar) heightFor(objects []fyne.CanvasObject, width float32) float32 {
	h := float32(0)
	for i, line := range b.lines(objects, width) {
		if i > 0 {
			h += px(6)
		}
		h += lineHeight(line)
	}
	return h
}

func (b bar) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		if o.Visible() {
			m := o.MinSize()
			size.Width, size.Height = max(size.Width, m.Width), max(size.Height, m.Height)
		}
	}
	return size
}

func (b bar) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	lines := b.lines(objects, size.Width)
	y := max((size.Height-b.heightFor(objects, size.Width))/2, 0)
	for _, line := range lines {
		h := lineHeight(line)
		b.layoutLine(line, y, h, size.Width)
		y += h + px(6)
	}
}

func (b bar) layoutLine(line []fyne.CanvasObject, y, h, width float32) {
	used, springs := float32(0), 0
	for i, o := range line {
		if _, ok := o.(*spring); ok {
			springs++
			continue
		}
		if i > 0 {
			used += px(b.gap)
		}
		used += o.MinSize().Width
	}
	free := max(width-used, 0)
	x := float32(0)
	for i, o := range line {
		if _, ok := o.(*spring); ok {
			x += free / float32(springs)
			continue
		}
		if i > 0 {
			x += px(b.gap)
		}
		x += putMiddle(o, x, y, h)
	}
}

// NewFill gives the first object the height it needs and the second the rest.
func NewFill(top, rest fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: fill{}, Objects: []fyne.CanvasObject{top, rest}}
}

type fill struct{}

func (fill) MinSize(objects []fyne.CanvasObject) fyne.Size {
	a, b := objects[0].MinSize(), objects[1].MinSize()
	return fyne.NewSize(max(a.Width, b.Width), a.Height+b.Height)
}

func (fill) heightFor(objects []fyne.CanvasObject, width float32) float32 {
	return HeightFor(objects[0], width) + HeightFor(objects[1], width)
}

func (fill) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	h := float32(0)
	if objects[0].Visible() {
		h = HeightFor(objects[0], size.Width)
	}
	put(objects[0], 0, 0, size.Width, h)
	put(objects[1], 0, h, size.Width, max(size.Height-h, 0))
}

// NewColumns sets objects side by side at full height, with a gap. A share of 0
// is the object's own width; others divide what is left by their shares. Narrower
// than the objects need, they stack.
func NewColumns(gap float32, shares []float32, objects ...fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: columns{gap, shares}, Objects: objects}
}

type columns struct {
	gap    float32
	shares []float32
}

func (c columns) widths(objects []fyne.CanvasObject, width float32) []float32 {
	out := make([]float32, len(objects))
	left, shares := width-px(c.gap)*float32(len(objects)-1), float32(0)
	for i, o := range objects {
		if c.shares[i] == 0 {
			out[i] = o.MinSize().Width
			left -= out[i]
		}
		shares += c.shares[i]
	}
	for i := range objects {
		if c.shares[i] > 0 {
			out[i] = max(left*c.shares[i]/shares, 0)
		}
	}
	return out
}

func (c columns) stacked(objects []fyne.CanvasObject, width float32) bool {
	need := px(c.gap) * float32(len(objects)-1)
	for _, o := range objects {
		need += o.MinSize().Width
	}
	return need > width+0.5
}

func (c columns) heightFor(objects []fyne.CanvasObject, width float32) float32 {
	if c.stacked(objects, width) {
		return column{c.gap}.heightFor(objects, width)
	}
	h := float32(0)
	for i, w := range c.widths(objects, width) {
		h = max(h, HeightFor(objects[i], w))
	}
	return h
}

func (c columns) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		m := o.MinSize()
		size.Width, size.Height = max(size.Width, m.Width), max(size.Height, m.Height)
	}
	return size
}

func (c columns) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	if c.stacked(objects, size.Width) {
		column{c.gap}.Layout(objects, size)
		return
	}
	x := float32(0)
	for i, w := range c.widths(objects, size.Width) {
		put(objects[i], x, 0, w, size.Height)
		x += w + px(c.gap)
	}
}

// NewInset puts an object at a distance from all four sides.
func NewInset(horizontal, vertical float32, o fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: inset{horizontal, vertical}, Objects: []fyne.CanvasObject{o}}
}

type inset struct{ x, y float32 }

func (p inset) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return objects[0].MinSize().AddWidthHeight(2*px(p.x), 2*px(p.y))
}

func (p inset) heightFor(objects []fyne.CanvasObject, width float32) float32 {
	return HeightFor(objects[0], width-2*px(p.x)) + 2*px(p.y)
}

func (p inset) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	put(objects[0], px(p.x), px(p.y), max(size.Width-2*px(p.x), 0), max(size.Height-2*px(p.y), 0))
}

// NewScroll scrolls one object up and down; the object gets the width there is
// and the height that it needs at that width.
func NewScroll(o fyne.CanvasObject) *container.Scroll {
	t := &tall{content: o}
	t.ExtendBaseWidget(t)
	t.scroll = container.NewVScroll(t)
	t.scroll.OnScrolled = func(fyne.Position) { turn() }
	return t.scroll
}

// tall is the inside of a scroll: as high as its content is at its width.
type tall struct {
	widget.BaseWidget
	content fyne.CanvasObject
	scroll  *container.Scroll
	width   float32
}

func (t *tall) CreateRenderer() fyne.WidgetRenderer {
	return &pane{
		objects: []fyne.CanvasObject{t.content},
		min: func() fyne.Size {
			return fyne.NewSize(px(80), HeightFor(t.content, max(t.width, px(80))))
		},
		layout: func(size fyne.Size) {
			put(t.content, 0, 0, size.Width, size.Height)
			if t.width != size.Width {
				t.width = size.Width
				t.scroll.Refresh()
			}
		},
		refresh: func() {
			put(t.content, 0, 0, t.Size().Width, t.Size().Height)
			canvasRefresh(t)
		},
	}
}

// Block is the base of a page's own compound widgets, as the rows of its lists:
// it embeds Block by value, fills in the functions and calls Init with itself.
// (Fyne draws only its own container type and widgets: a struct that merely wraps
// a container stays invisible.)
type Block struct {
	widget.BaseWidget

	// Parts are drawn in this order, the first at the bottom.
	Parts []fyne.CanvasObject
	// Min and Place are asked for the smallest size and to place the parts.
	Min   func() fyne.Size
	Place func(fyne.Size)
	// Tall, where set, is the height at a width.
	Tall func(width float32) float32
	// Redraw, where set, is called on a change of appearance or scale.
	Redraw func()

	self fyne.Widget
	pane *pane
}

// Init tells Fyne about the outer widget.
func (b *Block) Init(self fyne.Widget) {
	b.self = self
	b.ExtendBaseWidget(self)
}

// HeightFor returns the height at a width.
func (b *Block) HeightFor(width float32) float32 {
	if b.Tall != nil {
		return b.Tall(width)
	}
	return b.Min().Height
}

// Changed places the parts again and redraws, after the page changed them.
func (b *Block) Changed() {
	if b.pane == nil {
		return
	}
	b.pane.objects = b.Parts
	b.Place(b.Size())
	canvasRefresh(b.self)
}

// CreateRenderer implements fyne.Widget.
func (b *Block) CreateRenderer() fyne.WidgetRenderer {
	b.pane = &pane{
		objects: b.Parts,
		min:     func() fyne.Size { return b.Min() },
		layout:  func(size fyne.Size) { b.Place(size) },
		refresh: func() {
			if b.Redraw != nil {
				b.Redraw()
			}
			b.Changed()
		},
	}
	return b.pane
}

// PlaceMiddle gives an object its own size at x, in the middle of a height that
// starts at top, and returns its width. Lengths are already scaled.
func PlaceMiddle(o fyne.CanvasObject, x, top, height float32) float32 {
	return putMiddle(o, x, top, height)
}

// PlaceAt moves and resizes in one call. Lengths are already scaled.
func PlaceAt(o fyne.CanvasObject, x, y, w, h float32) { put(o, x, y, w, h) }

// PanelConfig is the look of a panel.
type PanelConfig struct {
	Fill, Border theme.Token // zero: surface with a hairline
	Heavy        bool        // the border is emphatic
	Square       bool        // no radius
}

// Panel is a surface with a border around one object.
type Panel struct {
	widget.BaseWidget
	config  PanelConfig
	content fyne.CanvasObject
	back    *canvas.Rectangle
	pane    *pane
}

// panelRadius is how round a panel's corners are, in design units.
const panelRadius = 4

// PanelRadius is how round a panel's corners are on the screen: nearer to its edge
// than this, what lies below may be seen.
func PanelRadius() float32 { return px(panelRadius) }

// NewPanel makes a panel.
func NewPanel(config PanelConfig, content fyne.CanvasObject) *Panel {
	p := &Panel{config: config, content: content, back: newBox()}
	p.ExtendBaseWidget(p)
	p.redraw()
	return p
}

// Update changes the look; nothing is redrawn when it is the same.
func (p *Panel) Update(config PanelConfig) {
	if p.config != config {
		p.config = config
		p.Refresh()
	}
}

// SetContent shows another object.
func (p *Panel) SetContent(o fyne.CanvasObject) {
	p.content = o
	if p.pane != nil {
		p.pane.objects = []fyne.CanvasObject{p.back, o}
		p.place(p.Size())
		canvasRefresh(p)
	}
}

func (p *Panel) redraw() {
	fill, border := p.config.Fill, p.config.Border
	if fill == "" {
		fill = theme.Surface
	}
	width := theme.Stroke(theme.Control)
	if border == "" {
		border, width = theme.Line, theme.Stroke(theme.Hairline)
	}
	if p.config.Heavy {
		width = theme.Stroke(theme.Emphasis)
	}
	radius := float32(panelRadius)
	if p.config.Square {
		radius = 0
	}
	paintBox(p.back, fill, border, width, radius)
}

// HeightFor returns the height at a width.
func (p *Panel) HeightFor(width float32) float32 { return HeightFor(p.content, width-2) + 2 }

func (p *Panel) place(size fyne.Size) {
	put(p.back, 0, 0, size.Width, size.Height)
	put(p.content, 1, 1, max(size.Width-2, 0), max(size.Height-2, 0))
}

// CreateRenderer implements fyne.Widget.
func (p *Panel) CreateRenderer() fyne.WidgetRenderer {
	p.pane = &pane{
		objects: []fyne.CanvasObject{p.back, p.content},
		min:     func() fyne.Size { return p.content.MinSize().AddWidthHeight(2, 2) },
		layout:  p.place,
		refresh: func() { p.redraw(); p.place(p.Size()); canvasRefresh(p) },
	}
	return p.pane
}
