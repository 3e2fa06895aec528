package shell

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"wardlight/internal/station/view/strip"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// frame is the whole window: top bar, strip, notes that concern everything, the
// body, and the story's line where one is told. It asks the window for little
// room: what it holds gives way instead. It has no ground of its own: the toolkit
// clears every frame to the background, and to paint that again costs as much as
// half a page.
type frame struct {
	kit.Block
	top    *kit.TopBar
	strip  *kit.StatusStrip
	note   *kit.Note
	said   *kit.Flow
	tale   *kit.Panel
	body   fyne.CanvasObject
	signIn fyne.CanvasObject
	state  strip.State
	more   bool
	over   fyne.CanvasObject // the wall, over everything; nil as a rule
	beacon fyne.CanvasObject // nil but where somebody measures
	moved  func()            // the pointer moved somewhere in the window
}

func newFrame(s *Shell) *frame {
	f := &frame{
		top:   kit.NewTopBar(kit.TopBarConfig{}, func() { s.Key(fyne.KeyK, ctrl) }, s.lock),
		strip: kit.NewStatusStrip(kit.StripConfig{}, s.showLine), note: kit.NewNote(kit.CriticalNote),
		said: kit.NewFlow(),
	}
	f.tale = kit.NewPanel(kit.PanelConfig{Fill: theme.InfoTint, Border: theme.Info, Square: true}, kit.NewInset(16, 5, f.said))
	f.note.Hide()
	f.tale.Hide()
	f.Min = func() fyne.Size { return fyne.NewSize(theme.Px(320), theme.Px(240)) }
	f.Place = f.place
	f.Init(f)
	return f
}

// Cursor implements desktop.Cursorable. The toolkit asks it at every move of the
// pointer inside the window, whatever else lies there: so the window knows that
// somebody is present, and takes nothing from what is below the pointer.
func (f *frame) Cursor() desktop.Cursor {
	if f.moved != nil {
		f.moved()
	}
	return desktop.DefaultCursor
}

// show puts a body under the strip: the sign-in page, which stays and is hidden
// meanwhile so that a change of appearance reaches it, or a session's, of which
// nothing stays.
func (f *frame) show(body fyne.CanvasObject) {
	if f.signIn == nil {
		f.signIn = body
	}
	f.body = body
	f.Parts = []fyne.CanvasObject{f.top, f.strip, f.note, f.signIn}
	kit.SetShown(f.signIn, body == f.signIn)
	if body != f.signIn {
		f.Parts = append(f.Parts, body)
	}
	if f.over != nil { // nothing below may shine through, or be pressed
		f.Parts = []fyne.CanvasObject{f.over}
	}
	f.Parts = append(f.Parts, f.tale)
	if f.beacon != nil {
		f.Parts = append(f.Parts, f.beacon)
	}
	f.Changed()
}

// changed puts another sign-in page into the place of the one before.
func (f *frame) changed(was, now fyne.CanvasObject) {
	f.signIn = now
	if f.body == was {
		f.body = now
	}
	f.show(f.body)
}

// cover lays something over the whole window; nil takes it away.
func (f *frame) cover(o fyne.CanvasObject) {
	f.over = o
	f.show(f.body)
}

func (f *frame) trouble(text string) {
	f.note.Update(kit.CriticalNote, kit.T(text, kit.BodyStrong, theme.Text))
	f.note.Show()
	f.Changed()
}

func (f *frame) tell(text string) {
	f.said.Update(kit.T(text, kit.BodyStrong, theme.Info))
	f.tale.Show()
	if text == "" {
		f.tale.Hide()
	}
	f.Changed()
}

func (f *frame) place(size fyne.Size) {
	px := theme.Px
	kit.PlaceAt(f.top, 0, 0, size.Width, px(40))
	f.fitStrip(size.Width)
	kit.PlaceAt(f.strip, 0, px(40), size.Width, px(26))
	y, end := px(66), size.Height
	if f.note.Visible() {
		h := kit.HeightFor(f.note, size.Width)
		kit.PlaceAt(f.note, 0, y, size.Width, h)
		y += h
	}
	if f.tale.Visible() {
		h := f.tale.HeightFor(size.Width)
		end -= h
		kit.PlaceAt(f.tale, 0, end, size.Width, h)
	}
	if f.over != nil {
		kit.PlaceAt(f.over, 0, 0, size.Width, end)
	}
	if f.body != nil {
		kit.PlaceAt(f.body, 0, y, size.Width, max(end-y, 0))
	}
	if f.beacon != nil {
		kit.PlaceAt(f.beacon, size.Width-1, size.Height-1, 1, 1)
	}
}

// showStrip draws the strip; more says whether there is a page behind it now.
func (f *frame) showStrip(s strip.State, more bool) {
	f.state, f.more = s, more
	f.fitStrip(f.Size().Width)
}

// fitStrip says as much as fits: since when, what is not here and what is unsent
// are said at every width.
func (f *frame) fitStrip(width float32) {
	if f.state.Head == "" || width <= 0 {
		return
	}
	for level := range 4 {
		c := stripOf(f.state, level)
		switch {
		case f.more && level == 3 && f.state.Unsent != "":
			// The last resort: what is unsent is itself what one presses.
			c.Action, c.Right = f.state.UnsentShort, soundOnly(f.state, level)
		case f.more:
			c.Action = words.T("Show")
		}
		f.strip.Update(c)
		if f.strip.MinSize().Width+rightWidth(f.state, c.Right) <= width {
			return
		}
	}
}

// rightWidth is the room of what stands at the right where something of it must be
// seen: what is unsent, and that nothing is heard. Feeds go first, and take nothing
// with them.
func rightWidth(s strip.State, right []kit.Span) float32 {
	if s.Unsent == "" && s.Sound == "" || len(right) == 0 {
		return 0
	}
	return kit.NewLine(right...).MinSize().Width + theme.Px(16)
}

// soundOnly is what stands at the right where nothing else has room.
func soundOnly(s strip.State, level int) []kit.Span {
	if s.Sound == "" {
		return nil
	}
	return []kit.Span{soundSpan(s, level)}
}

// soundSpan says that nothing is heard here: at every width, for nobody else would.
func soundSpan(s strip.State, level int) kit.Span {
	text := s.Sound
	if level > 1 {
		text = s.SoundShort
	}
	return kit.T(text, kit.DenseStrong, theme.Text).After(16)
}

func unsentSpan(s strip.State, level int) kit.Span {
	text := s.Unsent
	if level > 0 {
		text = s.UnsentShort
	}
	colour := theme.Unsent
	if s.Tone == strip.Warning || s.Tone == strip.Drill {
		colour = theme.Text
	}
	return kit.Span{Icon: iconUnsent, Text: text, Style: kit.DenseStrong, Color: colour}
}

// stripOf is the strip's words at a level of shortness.
func stripOf(s strip.State, level int) kit.StripConfig {
	c := kit.StripConfig{Lead: s.Head, Icon: iconConnected}
	switch s.Tone {
	case strip.Warning, strip.Drill:
		c.Alarm, c.Icon = true, iconWarning
	case strip.Loading:
		c.Icon = iconLoading
	case strip.Calm:
	}
	switch {
	case s.Tone == strip.Calm && s.Strong != "" && level < 2:
		// Body is one sentence, and Strong the time in it.
		before, after, _ := strings.Cut(s.Body, s.Strong)
		c.Left = []kit.Span{kit.T(strings.TrimSpace(before), kit.Dense, theme.Text).After(16), kit.T(s.Strong, kit.DenseStrong, theme.Text).After(4), kit.T(strings.TrimSpace(after), kit.Dense, theme.Text).After(4)}
	case s.Tone == strip.Calm && s.Strong != "":
		c.Left = []kit.Span{kit.T(words.C("time", "up to"), kit.Dense, theme.Text).After(12), kit.T(s.Strong, kit.DenseStrong, theme.Text).After(4)}
	default:
		if s.Body != "" && (level < 1 || s.Strong == "") {
			c.Left = append(c.Left, kit.T(s.Body, kit.Dense, theme.Text).After(16))
		}
		if s.Strong != "" {
			strong := s.Strong
			if level > 1 && s.StrongShort != "" {
				strong = s.StrongShort
			}
			c.Left = append(c.Left, kit.T(strong, kit.DenseStrong, theme.Text).After(8))
		}
	}
	if s.Sent != "" && level < 3 {
		c.Left = append(c.Left, kit.T(s.Sent, kit.Dense, theme.TextMuted).After(16))
	}
	c.Right = soundOnly(s, level)
	if s.Unsent != "" {
		unsent := unsentSpan(s, level)
		if len(c.Right) > 0 {
			unsent = unsent.After(16)
		}
		c.Right = append(c.Right, unsent)
	}
	if level < 1 && s.Tone != strip.Warning && s.Tone != strip.Drill { // in an outage they are as old as everything else
		for _, feed := range s.Feeds {
			c.Right = append(c.Right, kit.T(feed, kit.Dense, theme.TextMuted).After(16))
		}
	}
	return c
}
