package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"wardlight/ui/theme"
)

// TextConfig is how a text field looks.
type TextConfig struct {
	Placeholder string
	Lines       int     // more than 1 is a text area, which wraps
	Width       float32 // in design units; 0 is 200
	Height      float32 // 0 is a form field's
	TextSize    float32 // 0 is that of body text
	Secret      bool    // dots instead of letters
	Bad         bool    // the page refuses what is in it
	Bare        bool    // no box of its own, as in a palette
}

// TextField is a field for words: one line or an area. It draws its own box and
// focus ring, reports when somebody types, and lets through to the window what
// words do not need: function keys, Escape and shortcuts.
type TextField struct {
	widget.BaseWidget

	// OnChange is called at every change by a person.
	OnChange func(text string)
	// OnEnter is called on Enter in a field of one line.
	OnEnter func()
	// OnKey, where set, is asked first about keys such as up and down, and
	// answers whether that was all.
	OnKey func(*fyne.KeyEvent) bool
	// OnFocus is called when the field gets the focus, as to bring it into view.
	OnFocus func()

	config TextConfig
	name   string // beside it
	back   *canvas.Rectangle
	ring   *ring
	entry  *entry
	inside *container.ThemeOverride
	pane   *pane
}

// entry is Fyne's entry with its keys sorted.
type entry struct {
	widget.Entry
	field   *TextField
	typing  *Typing
	focused bool
}

// NewTextField makes a field. typing may be nil.
func NewTextField(config TextConfig, typing *Typing) *TextField {
	f := &TextField{config: config, back: newBox(), ring: newRing(4, false)}
	f.entry = &entry{field: f, typing: typing}
	f.entry.MultiLine = config.Lines > 1
	f.entry.Password = config.Secret
	f.entry.Wrapping = fyne.TextWrapOff
	f.entry.Scroll = fyne.ScrollHorizontalOnly
	if config.Lines > 1 {
		f.entry.Wrapping = fyne.TextWrapWord
		f.entry.Scroll = fyne.ScrollVerticalOnly
	}
	f.entry.PlaceHolder = config.Placeholder
	f.entry.ExtendBaseWidget(f.entry)
	f.entry.OnChanged = func(text string) {
		if f.OnChange != nil {
			f.OnChange(text)
		}
	}
	size := config.TextSize
	if size == 0 {
		size = 14
	}
	f.inside = container.NewThemeOverride(f.entry, theme.InField(size))
	f.ExtendBaseWidget(f)
	f.redraw()
	return f
}

// Update changes the look; nothing is redrawn when it is the same. Lines, Secret
// and TextSize stay as they were made.
func (f *TextField) Update(config TextConfig) {
	if f.config == config {
		return
	}
	f.config = config
	f.entry.hint()
	f.Refresh()
}

// Name says what the field is called where its name stands beside it.
func (f *TextField) Name(name string) { f.name = name }

// Text returns what is in the field.
func (f *TextField) Text() string { return f.entry.Text }

// SetText puts a text into the field for the program; OnChange is not called.
func (f *TextField) SetText(text string) {
	if f.entry.Text == text {
		return
	}
	changed := f.OnChange
	f.OnChange = nil
	f.entry.SetText(text)
	f.entry.CursorRow, f.entry.CursorColumn = lastPlace(text)
	f.entry.Refresh()
	f.OnChange = changed
}

// lastPlace is behind the last character, by line and column.
func lastPlace(text string) (row, column int) {
	for _, r := range text {
		column++
		if r == '\n' {
			row, column = row+1, 0
		}
	}
	return row, column
}

// Focusable returns what to focus.
func (f *TextField) Focusable() fyne.Focusable { return f.entry }

// Focus gives the field the focus.
func (f *TextField) Focus() { focusOn(f.entry) }

func (f *TextField) redraw() {
	border, width := theme.LineStrong, theme.Stroke(theme.Control)
	if f.entry.focused {
		border = theme.Primary
	}
	if f.config.Bad {
		border, width = theme.CriticalText, theme.Stroke(theme.Emphasis)
	}
	fill := theme.Surface
	if f.config.Bare {
		fill, border = theme.Transparent, theme.Transparent
	}
	paintBox(f.back, fill, border, width, 4)
	f.ring.show(f.entry.focused && !f.config.Bare)
}

func (f *TextField) place(size fyne.Size) {
	put(f.back, 0, 0, size.Width, size.Height)
	f.ring.place(fyne.Position{}, size)
	high := size.Height
	if f.config.Lines <= 1 {
		high = min(f.entry.MinSize().Height, size.Height)
	}
	put(f.inside, 0, (size.Height-high)/2, size.Width, high)
}

func (f *TextField) min() fyne.Size {
	w, h := f.config.Width, f.config.Height
	if w == 0 {
		w = 200
	}
	if h == 0 {
		h = theme.RowHeights().FormField
		if f.config.Lines > 1 {
			h = 16 + 19*float32(f.config.Lines)
		}
	}
	return fyne.NewSize(px(w), px(h))
}

// fieldFonts counts how often the toolkit had to read its fonts for a field: it keeps
// them for each drawing of it, and lets go of them when the theme changes. It is the
// display's own.
var fieldFonts int

// FieldFonts is how often that was since ForgetFieldFonts.
func FieldFonts() int { return fieldFonts }

// ForgetFieldFonts counts anew.
func ForgetFieldFonts() { fieldFonts = 0 }

// CreateRenderer implements fyne.Widget.
func (f *TextField) CreateRenderer() fyne.WidgetRenderer {
	fieldFonts++
	f.inside.Refresh() // the toolkit forgets the field's text size while it is hidden
	f.pane = &pane{
		objects: []fyne.CanvasObject{f.back, f.inside, f.ring.Rectangle},
		min:     f.min,
		layout:  f.place,
		refresh: func() { f.redraw(); f.place(f.Size()); canvasRefresh(f) },
	}
	return f.pane
}

// CreateRenderer implements fyne.Widget. The toolkit gives an entry's border the width of
// its caret, and in the focus the colour of it: so the caret is to be seen only where the
// border has a width, and the border is hidden, for the field draws its own.
func (e *entry) CreateRenderer() fyne.WidgetRenderer {
	r := e.Entry.CreateRenderer()
	for _, o := range r.Objects() {
		if box, ok := o.(*canvas.Rectangle); ok {
			box.Hide()
		}
	}
	return r
}

// hint shows the words of an empty field: in the focus a space further in, because the
// caret stands where they begin, and lay over their first letter.
func (e *entry) hint() {
	said := e.field.config.Placeholder
	if e.focused && said != "" {
		said = " " + said
	}
	if e.PlaceHolder != said {
		e.SetPlaceHolder(said)
	}
}

// FocusGained implements fyne.Focusable.
func (e *entry) FocusGained() {
	if !e.focused {
		e.focused = true
		e.typing.focus(true)
		e.hint()
	}
	e.Entry.FocusGained()
	e.field.Refresh()
	if e.field.OnFocus != nil {
		e.field.OnFocus()
	}
}

// FocusLost implements fyne.Focusable.
func (e *entry) FocusLost() {
	if e.focused {
		e.focused = false
		e.typing.focus(false)
		e.hint()
	}
	e.Entry.FocusLost()
	e.field.Refresh()
}

// TypedRune implements fyne.Focusable.
func (e *entry) TypedRune(r rune) {
	presence()
	defer e.typing.drawn()
	e.typing.key()
	e.Entry.TypedRune(r)
}

// TypedKey implements fyne.Focusable.
func (e *entry) TypedKey(ev *fyne.KeyEvent) {
	presence()
	defer e.typing.drawn()
	if e.field.OnKey != nil && e.field.OnKey(ev) {
		return
	}
	switch ev.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		if e.MultiLine {
			break
		}
		if e.field.OnEnter != nil {
			e.field.OnEnter()
		} else if c := canvasOf(e); c != nil {
			c.FocusNext()
		}
		return
	case fyne.KeyUp, fyne.KeyDown, fyne.KeyPageUp, fyne.KeyPageDown:
		if !e.MultiLine {
			forward(e, ev)
			return
		}
	case fyne.KeyLeft, fyne.KeyRight, fyne.KeyHome, fyne.KeyEnd, fyne.KeyBackspace, fyne.KeyDelete, fyne.KeyTab:
	default:
		if windowKey(ev.Name) {
			forward(e, ev)
			return
		}
	}
	e.typing.key()
	e.Entry.TypedKey(ev)
}

// windowKey reports a key that never means a letter.
func windowKey(k fyne.KeyName) bool {
	if k == fyne.KeyEscape {
		return true
	}
	return len(k) >= 2 && k[0] == 'F' && k[1] >= '1' && k[1] <= '9'
}

// AcceptsTab implements fyne.Tabbable: Tab goes to the next field, also from an
// area.
func (e *entry) AcceptsTab() bool { return false }

// TypedShortcut implements fyne.Shortcutable.
func (e *entry) TypedShortcut(s fyne.Shortcut) {
	presence()
	defer e.typing.drawn()
	if custom, ok := s.(*desktop.CustomShortcut); ok && !entryShortcut(custom) {
		forwardShortcut(e, s)
		return
	}
	e.typing.key()
	before := e.Text
	e.Entry.TypedShortcut(s)
	if _, undo := s.(*fyne.ShortcutUndo); undo && e.Text == before {
		forwardShortcut(e, s) // nothing was typed here that could be taken back
	}
}

// entryShortcut reports the word-wise moves that the entry itself knows.
func entryShortcut(s *desktop.CustomShortcut) bool {
	switch s.KeyName {
	case fyne.KeyLeft, fyne.KeyRight, fyne.KeyHome, fyne.KeyEnd, fyne.KeyBackspace, fyne.KeyDelete:
		return true
	default:
		return false
	}
}
