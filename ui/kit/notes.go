package kit

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"wardlight/ui/theme"
)

// toastTime is how long a toast stays.
const toastTime = 10 * time.Second

// ToastConfig is one line, with an action that undoes what it tells.
type ToastConfig struct {
	Text   string
	Action string
	Key    string
}

// Toast says for ten seconds, at the bottom right, that something was done. It is
// never for what must be read: errors stand where the person was.
type Toast struct {
	widget.BaseWidget
	clock  Clock
	config ToastConfig
	undo   func()
	back   *canvas.Rectangle
	text   *Line
	action *Button
	stop   func()
	pane   *pane
}

// NewToast makes a toast, hidden until Say.
func NewToast(clock Clock) *Toast {
	t := &Toast{clock: clock, back: newBox(), text: NewLine()}
	t.action = NewButton(ButtonConfig{Kind: OnBar, Size: Small}, func() { t.act() })
	t.ExtendBaseWidget(t)
	t.Hide()
	return t
}

// Say shows a line for ten seconds. undo may be nil.
func (t *Toast) Say(config ToastConfig, undo func()) {
	t.config, t.undo = config, undo
	if t.stop != nil {
		t.stop()
	}
	t.redraw()
	t.Show()
	t.place(t.Size())
	canvasRefresh(t)
	t.stop = t.clock.after(toastTime, t.Dismiss)
}

// Undo does what the toast offers, while it is shown. It reports whether it did.
func (t *Toast) Undo() bool {
	if !t.Visible() || t.undo == nil {
		return false
	}
	t.act()
	return true
}

func (t *Toast) act() {
	do := t.undo
	t.Dismiss()
	if do != nil {
		do()
	}
}

// Dismiss hides the toast.
func (t *Toast) Dismiss() {
	if t.stop != nil {
		t.stop()
		t.stop = nil
	}
	t.undo = nil
	t.Hide()
}

func (t *Toast) redraw() {
	paintBox(t.back, theme.TopBar, theme.LineStrong, theme.Stroke(theme.Control), 6)
	t.text.Update(T(t.config.Text, Body, theme.OnTopBar))
	t.action.Update(ButtonConfig{Text: t.config.Action, Key: t.config.Key, Kind: OnBar, Size: Small})
	shown(t.action, t.config.Action != "")
}

func (t *Toast) place(size fyne.Size) {
	put(t.back, 0, 0, size.Width, size.Height)
	w := putMiddle(t.text, px(16), 0, size.Height)
	putMiddle(t.action, px(16)+w+px(16), 0, size.Height)
}

// CreateRenderer implements fyne.Widget.
func (t *Toast) CreateRenderer() fyne.WidgetRenderer {
	t.redraw()
	t.pane = &pane{
		objects: []fyne.CanvasObject{t.back, t.text, t.action},
		min: func() fyne.Size {
			w := px(32) + t.text.MinSize().Width
			if t.config.Action != "" {
				w += px(16) + t.action.MinSize().Width
			}
			return fyne.NewSize(w, px(40))
		},
		layout:  t.place,
		refresh: func() { t.redraw(); t.place(t.Size()); canvasRefresh(t) },
	}
	return t.pane
}

// Empty says why there is nothing: 14, muted, in the middle, never a picture.
type Empty struct {
	widget.BaseWidget
	text *Flow
	pane *pane
}

// NewEmpty makes the text of an empty state.
func NewEmpty(text string) *Empty {
	e := &Empty{text: NewFlow(T(text, Body, theme.TextMuted))}
	e.text.Align = fyne.TextAlignCenter
	e.ExtendBaseWidget(e)
	return e
}

// Update says something else.
func (e *Empty) Update(text string) {
	e.text.Update(T(text, Body, theme.TextMuted))
	if e.pane != nil {
		e.pane.layout(e.Size())
	}
}

// Text returns what it says.
func (e *Empty) Text() string { return e.text.Text() }

// CreateRenderer implements fyne.Widget.
func (e *Empty) CreateRenderer() fyne.WidgetRenderer {
	e.pane = &pane{
		objects: []fyne.CanvasObject{e.text},
		min:     func() fyne.Size { return e.text.MinSize().AddWidthHeight(2*px(24), 2*px(16)) },
		layout: func(size fyne.Size) {
			w := min(size.Width-2*px(24), px(560))
			h := e.text.HeightFor(w)
			put(e.text, (size.Width-w)/2, max((size.Height-h)/2, 0), w, h)
		},
		refresh: func() { canvasRefresh(e) },
	}
	return e.pane
}

// NoteTone is how much a note matters.
type NoteTone int

// The tones of a note.
const (
	InfoNote NoteTone = iota
	LateNote
	CriticalNote
	PlainNote
)

// Note is a tinted box with a paragraph, standing where the person is: a warning,
// an error, a thing to know.
type Note struct {
	widget.BaseWidget
	tone NoteTone
	back *canvas.Rectangle
	text *Flow
	pane *pane
}

// NewNote makes a note.
func NewNote(tone NoteTone, spans ...Span) *Note {
	n := &Note{tone: tone, back: newBox(), text: NewFlow(spans...)}
	n.text.Gap = 1
	n.ExtendBaseWidget(n)
	n.redraw()
	return n
}

// Update says something else.
func (n *Note) Update(tone NoteTone, spans ...Span) {
	n.tone = tone
	n.text.Update(spans...)
	n.redraw()
}

// Text returns what the note says.
func (n *Note) Text() string { return n.text.Text() }

func (n *Note) redraw() {
	fill, border := theme.InfoTint, theme.InfoTint
	switch n.tone {
	case LateNote:
		fill, border = theme.WarningTint, theme.WarningText
	case CriticalNote:
		fill, border = theme.CriticalTint, theme.CriticalText
	case PlainNote:
		fill, border = theme.SurfaceAlt, theme.Line
	default: // InfoNote
	}
	if theme.IsHighContrast() && border == theme.InfoTint {
		border = theme.Info
	}
	paintBox(n.back, fill, border, theme.Stroke(theme.Control), 4)
}

// HeightFor returns the height at a width.
func (n *Note) HeightFor(width float32) float32 {
	return n.text.HeightFor(width-2*px(14)) + 2*px(10)
}

// CreateRenderer implements fyne.Widget.
func (n *Note) CreateRenderer() fyne.WidgetRenderer {
	place := func(size fyne.Size) {
		put(n.back, 0, 0, size.Width, size.Height)
		put(n.text, px(14), px(10), size.Width-2*px(14), size.Height-2*px(10))
	}
	n.pane = &pane{
		objects: []fyne.CanvasObject{n.back, n.text},
		min: func() fyne.Size {
			w := n.text.MinSize().Width + 2*px(14)
			return fyne.NewSize(w, n.HeightFor(max(n.Size().Width, w)))
		},
		layout:  place,
		refresh: func() { n.redraw(); place(n.Size()); canvasRefresh(n) },
	}
	return n.pane
}
