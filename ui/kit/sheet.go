package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"wardlight/ui/theme"
)

// Sheet is a panel that is as large as half a page. It looks like a Panel and is put
// together so that it costs a quarter to paint: its corners are the ends of two low
// rounded boxes, and what lies between them is a slab. So it must not lie in
// anything that scrolls.
type Sheet struct {
	widget.BaseWidget
	border      theme.Token
	content     fyne.CanvasObject
	top, bottom *canvas.Rectangle
	middle      *Slab
	left, right *canvas.Rectangle
}

// NewSheet makes a sheet around one object. Its border is LineStrong where it lies
// over the page, and else Line.
func NewSheet(border theme.Token, content fyne.CanvasObject) *Sheet {
	s := &Sheet{border: border, content: content, top: newBox(), bottom: newBox(), middle: NewSlab(), left: newBox(), right: newBox()}
	s.ExtendBaseWidget(s)
	s.redraw()
	return s
}

func (s *Sheet) stroke() float32 {
	if s.border == theme.Line {
		return theme.Stroke(theme.Hairline)
	}
	return theme.Stroke(theme.Control)
}

func (s *Sheet) redraw() {
	radius, border := px(panelRadius), s.stroke()
	s.top.TopLeftCornerRadius, s.top.TopRightCornerRadius = radius, radius
	s.bottom.BottomLeftCornerRadius, s.bottom.BottomRightCornerRadius = radius, radius
	for _, end := range []*canvas.Rectangle{s.top, s.bottom} {
		paintBox(end, theme.Surface, s.border, border, 0)
	}
	s.middle.Paint(theme.Surface)
	for _, side := range []*canvas.Rectangle{s.left, s.right} {
		paintBox(side, s.border, theme.Transparent, 0, 0)
	}
}

// HeightFor returns the height at a width.
func (s *Sheet) HeightFor(width float32) float32 { return HeightFor(s.content, width-2) + 2 }

// place lays the middle over the inner halves of both ends, and so over the line
// that the toolkit draws along their inner edges.
func (s *Sheet) place(size fyne.Size) {
	radius, border := px(panelRadius), s.stroke()
	end := min(2*radius, size.Height)
	put(s.top, 0, 0, size.Width, end)
	put(s.bottom, 0, size.Height-end, size.Width, end)
	high := size.Height - 2*radius
	s.middle.Place(border, radius, size.Width-2*border, high)
	put(s.left, 0, radius, border, max(high, 0))
	put(s.right, size.Width-border, radius, border, max(high, 0))
	put(s.content, 1, 1, max(size.Width-2, 0), max(size.Height-2, 0))
}

// CreateRenderer implements fyne.Widget.
func (s *Sheet) CreateRenderer() fyne.WidgetRenderer {
	objects := append([]fyne.CanvasObject{s.top, s.bottom}, s.middle.Objects()...)
	return &pane{
		objects: append(objects, s.left, s.right, s.content),
		min:     func() fyne.Size { return s.content.MinSize().AddWidthHeight(2, 2) },
		layout:  s.place,
		refresh: func() { s.redraw(); s.place(s.Size()); canvasRefresh(s) },
	}
}
