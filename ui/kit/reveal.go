package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// Reveal scrolls until an object inside is in view, with a margin.
func Reveal(s *container.Scroll, o fyne.CanvasObject) {
	if canvasOf(o) == nil || s.Size().Height <= 0 {
		return
	}
	d := fyne.CurrentApp().Driver()
	top := d.AbsolutePositionForObject(o).Y - d.AbsolutePositionForObject(s).Y
	margin := px(30)
	offset := s.Offset.Y
	switch end := top + o.Size().Height; {
	case top < margin:
		offset += top - margin
	case end+margin > s.Size().Height:
		offset += min(end+margin-s.Size().Height, top-margin)
	default:
		return
	}
	s.ScrollToOffset(fyne.NewPos(0, max(offset, 0)))
}
