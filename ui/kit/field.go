package kit

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"wardlight/ui/theme"
)

// Typing remembers when somebody last typed, and whether a field has the focus,
// so that nothing takes the focus from a person in the middle of a word.
type Typing struct {
	clock  Clock
	last   time.Time
	fields int
	// OnQuiet is called when a field loses the focus.
	OnQuiet func()
	// OnDrawn is called when a key has done all that it does: the frame with it
	// comes next.
	OnDrawn func()
}

// NewTyping makes a memory of typing that several fields share.
func NewTyping(clock Clock) *Typing { return &Typing{clock: clock} }

// Within reports whether a field has the focus and a key came in the last d.
func (t *Typing) Within(d time.Duration) bool {
	return t != nil && t.fields > 0 && !t.last.IsZero() && t.clock.now().Sub(t.last) < d
}

// Last returns when a key last came.
func (t *Typing) Last() time.Time { return t.last }

func (t *Typing) key() {
	if t != nil {
		t.last = t.clock.now()
	}
}

func (t *Typing) drawn() {
	if t != nil && t.OnDrawn != nil {
		t.OnDrawn()
	}
}

func (t *Typing) focus(on bool) {
	if t == nil {
		return
	}
	if on {
		t.fields++
		return
	}
	t.fields = max(t.fields-1, 0)
	if t.OnQuiet != nil {
		t.OnQuiet()
	}
}

// NumberConfig is how a number field looks and what it takes.
type NumberConfig struct {
	Width   float32 // in design units; 0 is 112
	Max     int     // of characters; 0 is 6
	Decimal bool    // a point or comma is allowed
	Bad     bool    // the page refuses what is in it
	Plain   bool    // a smaller, lighter number
}

// NumberField takes one number, typed with the keypad: it selects all when it
// gets the focus, and Enter or Tab goes to the next field. It takes digits, and a
// point or a comma where decimals are allowed; it judges nothing.
type NumberField struct {
	widget.BaseWidget

	// OnChange is called at every change by a person.
	OnChange func(text string)
	// OnEnter is called on Enter; without it Enter goes to the next field.
	OnEnter func()
	// OnFocus is called when the field gets the focus, as to bring it into view.
	OnFocus func()

	config  NumberConfig
	typing  *Typing
	text    string
	caret   int // in bytes; the text is ASCII
	all     bool
	focused bool

	back, mark, bar *canvas.Rectangle
	ring            *ring
	number          *part
	pane            *pane
}

// NewNumberField makes a field. typing may be nil.
func NewNumberField(config NumberConfig, typing *Typing) *NumberField {
	f := &NumberField{config: config, typing: typing, back: newBox(), mark: newBox(), bar: newBox(), ring: newRing(4, false), number: &part{}}
	f.ExtendBaseWidget(f)
	f.redraw()
	return f
}

// Update changes the look; nothing is redrawn when it is the same.
func (f *NumberField) Update(config NumberConfig) {
	if f.config != config {
		f.config = config
		f.Refresh()
	}
}

// Text returns what is in the field, with a point for the decimal sign.
func (f *NumberField) Text() string { return strings.ReplaceAll(f.text, ",", ".") }

// SetText puts a text into the field for the program; OnChange is not called.
func (f *NumberField) SetText(text string) {
	if f.text == text {
		return
	}
	f.text, f.caret = text, len(text)
	f.all = f.focused && text != ""
	f.Refresh()
}

func (f *NumberField) limit() int {
	if f.config.Max <= 0 {
		return 6
	}
	return f.config.Max
}

func (f *NumberField) style() Style {
	if f.config.Plain {
		return SubheadingReg
	}
	return Heading
}

func (f *NumberField) redraw() {
	border, width := theme.LineStrong, theme.Stroke(theme.Control)
	if f.focused {
		border = theme.Primary
	}
	if f.config.Bad {
		border, width = theme.CriticalText, theme.Stroke(theme.Emphasis)
	}
	paintBox(f.back, theme.Surface, border, width, 4)
	paintBox(f.mark, theme.Selected, theme.Transparent, 0, 0)
	paintBox(f.bar, theme.Text, theme.Transparent, 0, 0)
	f.number.set(T(f.text, f.style(), theme.Text))
	f.ring.show(f.focused)
	shown(f.mark, f.focused && f.all && f.text != "")
	shown(f.bar, f.focused && !f.all)
}

func (f *NumberField) objects() []fyne.CanvasObject {
	objects := f.number.objects([]fyne.CanvasObject{f.back, f.mark})
	return append(objects, f.bar, f.ring.Rectangle)
}

func (f *NumberField) min() fyne.Size {
	w := f.config.Width
	if w == 0 {
		w = 112
	}
	full := TextWidth(strings.Repeat("0", f.limit()), f.style()) + 2*px(9)
	return fyne.NewSize(max(px(w), min(full, px(112)), f.number.size.Width+2*px(9)), px(theme.RowHeights().FormField))
}

func (f *NumberField) place(size fyne.Size) {
	put(f.back, 0, 0, size.Width, size.Height)
	f.ring.place(fyne.Position{}, size)
	right := size.Width - px(9)
	x := right - f.number.size.Width
	if f.text == "" {
		x = right
	}
	f.number.place(x, (size.Height-f.number.size.Height)/2)
	high := TextHeight(f.style())
	put(f.mark, x-px(2), (size.Height-high)/2, right-x+px(4), high)
	put(f.bar, x+TextWidth(f.text[:f.caret], f.style()), (size.Height-high)/2, 2, high)
}

// TextHeight returns how high a line of a style is at the present scale.
func TextHeight(style Style) float32 {
	t := canvas.NewText("", nil)
	styleText(t, "0", style, theme.Text)
	return t.MinSize().Height
}

// CreateRenderer implements fyne.Widget.
func (f *NumberField) CreateRenderer() fyne.WidgetRenderer {
	f.pane = &pane{
		objects: f.objects(),
		min:     f.min,
		layout:  f.place,
		refresh: func() {
			f.redraw()
			f.pane.objects = f.objects()
			f.place(f.Size())
			canvasRefresh(f)
		},
	}
	return f.pane
}

// FocusGained implements fyne.Focusable: everything is selected, so that typing
// replaces it.
func (f *NumberField) FocusGained() {
	if !f.focused {
		f.typing.focus(true)
	}
	f.focused, f.all, f.caret = true, f.text != "", len(f.text)
	f.Refresh()
	if f.OnFocus != nil {
		f.OnFocus()
	}
}

// Resume goes on behind what is there, after something else had the focus for a
// while: the next digit must not replace the ones before.
func (f *NumberField) Resume() { f.moveCaret(len(f.text)) }

// FocusLost implements fyne.Focusable.
func (f *NumberField) FocusLost() {
	if f.focused {
		f.typing.focus(false)
	}
	f.focused, f.all = false, false
	f.Refresh()
}

// TypedRune implements fyne.Focusable.
func (f *NumberField) TypedRune(r rune) {
	presence()
	defer f.typing.drawn()
	f.typing.key()
	decimal := r == '.' || r == ','
	if (r < '0' || r > '9') && (!decimal || !f.config.Decimal) {
		return
	}
	if decimal && !f.all && strings.ContainsAny(f.text, ".,") {
		return
	}
	if f.all {
		f.text, f.caret = "", 0
	}
	if len(f.text) >= f.limit() {
		return
	}
	f.text = f.text[:f.caret] + string(r) + f.text[f.caret:]
	f.caret++
	f.changed()
}

func (f *NumberField) changed() {
	f.all = false
	f.Refresh()
	if f.OnChange != nil {
		f.OnChange(f.Text())
	}
}

// TypedKey implements fyne.Focusable.
func (f *NumberField) TypedKey(ev *fyne.KeyEvent) {
	presence()
	defer f.typing.drawn()
	switch ev.Name {
	case fyne.KeyBackspace, fyne.KeyDelete:
		f.typing.key()
		f.erase(ev.Name == fyne.KeyBackspace)
	case fyne.KeyLeft:
		f.moveCaret(f.caret - 1)
	case fyne.KeyRight:
		f.moveCaret(f.caret + 1)
	case fyne.KeyHome:
		f.moveCaret(0)
	case fyne.KeyEnd:
		f.moveCaret(len(f.text))
	case fyne.KeyReturn, fyne.KeyEnter:
		f.enter()
	default:
		forward(f, ev)
	}
}

func (f *NumberField) enter() {
	if f.OnEnter != nil {
		f.OnEnter()
		return
	}
	if c := canvasOf(f); c != nil {
		c.FocusNext()
	}
}

func (f *NumberField) moveCaret(to int) {
	f.all = false
	f.caret = min(max(to, 0), len(f.text))
	f.Refresh()
}

func (f *NumberField) erase(back bool) {
	switch {
	case f.all:
		f.text, f.caret = "", 0
	case back && f.caret > 0:
		f.text = f.text[:f.caret-1] + f.text[f.caret:]
		f.caret--
	case !back && f.caret < len(f.text):
		f.text = f.text[:f.caret] + f.text[f.caret+1:]
	default:
		return
	}
	f.changed()
}

// TypedShortcut implements fyne.Shortcutable: copy, cut, paste and select all;
// everything else is the window's.
func (f *NumberField) TypedShortcut(s fyne.Shortcut) {
	switch cut := s.(type) {
	case *fyne.ShortcutSelectAll:
		f.all = f.text != ""
		f.Refresh()
	case *fyne.ShortcutCopy:
		cut.Clipboard.SetContent(f.text)
	case *fyne.ShortcutCut:
		cut.Clipboard.SetContent(f.text)
		f.all = true
		f.erase(true)
	case *fyne.ShortcutPaste:
		f.paste(strings.TrimSpace(cut.Clipboard.Content()))
	default:
		forwardShortcut(f, s)
	}
}

// paste takes a text only as a whole: to drop the "<" of "<5" would change its
// meaning.
func (f *NumberField) paste(text string) {
	if text == "" || len(text) > f.limit() {
		return
	}
	points := 0
	for _, r := range text {
		switch {
		case r >= '0' && r <= '9':
		case f.config.Decimal && (r == '.' || r == ','):
			points++
		default:
			return
		}
	}
	if points > 1 {
		return
	}
	f.all = true
	for _, r := range text {
		f.TypedRune(r)
	}
}

// Tapped implements fyne.Tappable.
func (f *NumberField) Tapped(*fyne.PointEvent) { focusOn(f) }

// Cursor implements desktop.Cursorable.
func (f *NumberField) Cursor() desktop.Cursor { return desktop.TextCursor }
