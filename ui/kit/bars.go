package kit

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"wardlight/assets"
	"wardlight/ui/theme"
)

// StripConfig is what the status strip says. It never changes its height, so an
// outage does not shift the page.
type StripConfig struct {
	Alarm  bool // the whole strip amber
	Icon   assets.Icon
	Lead   string
	Left   []Span
	Right  []Span
	Action string // a link at the far right, as "Show"
}

// StatusStrip is the line under the top bar, 26 high. It is always there.
type StatusStrip struct {
	widget.BaseWidget
	config      StripConfig
	back        *Slab
	line        *canvas.Rectangle
	left, right *Line
	action      *Button
	pane        *pane
}

// NewStatusStrip makes a strip.
func NewStatusStrip(config StripConfig, onAction func()) *StatusStrip {
	s := &StatusStrip{config: config, back: NewSlab(), line: newBox(), left: NewLine(), right: NewLine()}
	s.action = NewButton(ButtonConfig{Kind: Link, Size: Small}, onAction)
	s.ExtendBaseWidget(s)
	s.redraw()
	return s
}

// Update says something else; nothing is redrawn when it is the same.
func (s *StatusStrip) Update(c StripConfig) {
	o := s.config
	if o.Alarm == c.Alarm && o.Icon == c.Icon && o.Lead == c.Lead && o.Action == c.Action &&
		slices.Equal(o.Left, c.Left) && slices.Equal(o.Right, c.Right) {
		return
	}
	s.config = c
	s.redraw()
	s.place(s.Size())
	canvasRefresh(s)
}

// Config returns what the strip looks like now.
func (s *StatusStrip) Config() StripConfig { return s.config }

// RightShown says whether there was room for the right side.
func (s *StatusStrip) RightShown() bool { return s.right.Visible() && s.right.Text() != "" }

// Action is the strip's link.
func (s *StatusStrip) Action() *Button { return s.action }

// Text returns what the strip says.
func (s *StatusStrip) Text() string {
	return s.left.Text() + " " + s.right.Text() + " " + s.config.Action
}

func (s *StatusStrip) redraw() {
	c := s.config
	fill, lead := theme.Surface, theme.Ok
	if c.Alarm {
		fill, lead = theme.Warning, theme.OnWarning
	}
	s.back.Paint(fill)
	paintBox(s.line, theme.Line, theme.Transparent, 0, 0)
	shown(s.line, !c.Alarm)
	left := append([]Span{{Icon: c.Icon, Text: c.Lead, Style: DenseStrong, Color: lead}}, c.Left...)
	s.left.Update(onStrip(left, c.Alarm)...)
	s.right.Update(onStrip(c.Right, c.Alarm)...)
	kind := Link
	if c.Alarm {
		kind = OnStrip
	}
	s.action.Update(ButtonConfig{Text: c.Action, Kind: kind, Size: Small})
	shown(s.action, c.Action != "")
}

// onStrip makes every text readable on amber.
func onStrip(spans []Span, alarm bool) []Span {
	if !alarm {
		return spans
	}
	out := slices.Clone(spans)
	for i := range out {
		out[i].Color, out[i].IconColor = theme.OnWarning, ""
	}
	return out
}

// place drops the right side before it would lie over the left: what is here and
// what is not matters more than the feeds.
func (s *StatusStrip) place(size fyne.Size) {
	s.back.Place(0, 0, size.Width, size.Height)
	line := theme.Stroke(theme.Hairline)
	put(s.line, 0, size.Height-line, size.Width, line)
	left := putMiddle(s.left, px(17), 0, size.Height)
	right := size.Width - px(16)
	if s.config.Action != "" {
		w := s.action.MinSize().Width
		right -= w
		putMiddle(s.action, right, 0, size.Height)
		right -= px(16)
	}
	w := s.right.MinSize().Width
	putMiddle(s.right, right-w, 0, size.Height)
	shown(s.right, right-w >= px(17)+left+px(16))
}

// CreateRenderer implements fyne.Widget.
func (s *StatusStrip) CreateRenderer() fyne.WidgetRenderer {
	s.pane = &pane{
		objects: append(s.back.Objects(), s.line, s.left, s.right, s.action),
		min: func() fyne.Size {
			w := px(17+16) + s.left.MinSize().Width
			if s.config.Action != "" {
				w += px(16) + s.action.MinSize().Width
			}
			return fyne.NewSize(w, px(26))
		},
		layout:  s.place,
		refresh: func() { s.redraw(); s.place(s.Size()); canvasRefresh(s) },
	}
	return s.pane
}

// TopBarConfig is what the top bar says.
type TopBarConfig struct {
	Title    string
	Subtitle string
	Search   string // what the search field says; empty is no field
	Key      string // of the search field
	Right    string // as the date
	Clock    string
	Person   string // empty before sign-in
	Lock     string // the word of the lock button; empty is no button
}

// TopBar is the dark bar at the top, 40 high. Where there is too little room it
// drops the subtitle, then the date, then the search field.
type TopBar struct {
	widget.BaseWidget
	config       TopBarConfig
	back         *Slab
	title, right *Line
	search       *searchButton
	lock         *Button
	pane         *pane
	level        int // how much was dropped
}

// NewTopBar makes a bar.
func NewTopBar(config TopBarConfig, onSearch, onLock func()) *TopBar {
	b := &TopBar{config: config, back: NewSlab(), title: NewLine(), right: NewLine()}
	b.search = newSearchButton(onSearch)
	b.lock = NewButton(ButtonConfig{Kind: OnBar, Size: Small}, onLock)
	b.ExtendBaseWidget(b)
	b.redraw()
	return b
}

// Update says something else; nothing is redrawn when it is the same.
func (b *TopBar) Update(config TopBarConfig) {
	if b.config == config {
		return
	}
	b.config = config
	b.redraw()
	b.place(b.Size())
	canvasRefresh(b)
}

func (b *TopBar) redraw() {
	c := b.config
	b.back.Paint(theme.TopBar)
	title := []Span{T(c.Title, Style{16, theme.SemiBold}, theme.OnTopBar)}
	if b.level < 1 && c.Subtitle != "" {
		title = append(title, T(c.Subtitle, Dense, theme.OnTopBarMuted).After(16))
	}
	b.title.Update(title...)
	var right []Span
	if b.level < 2 && c.Right != "" {
		right = append(right, T(c.Right, Dense, theme.OnTopBar))
	}
	right = append(right, T(c.Clock, Style{16, theme.SemiBold}, theme.OnTopBar).After(16))
	if c.Person != "" {
		right = append(right, T(c.Person, Dense, theme.OnTopBarMuted).After(16))
	}
	b.right.Update(right...)
	b.search.update(c.Search, c.Key)
	shown(b.search, c.Search != "" && b.level < 3)
	b.lock.Update(ButtonConfig{Text: c.Lock, Icon: assets.IconLock, Kind: OnBar, Size: Small})
	shown(b.lock, c.Lock != "")
}

func (b *TopBar) place(size fyne.Size) {
	for b.level = 0; b.level < 3; b.level++ {
		b.redraw()
		if b.needs() <= size.Width {
			break
		}
	}
	if b.level == 3 {
		b.redraw()
	}
	b.back.Place(0, 0, size.Width, size.Height)
	left := px(16) + putMiddle(b.title, px(16), 0, size.Height)
	right := size.Width - px(12)
	if b.config.Lock != "" {
		right -= b.lock.MinSize().Width
		putMiddle(b.lock, right, 0, size.Height)
		right -= px(18)
	}
	right -= b.right.MinSize().Width
	putMiddle(b.right, right, 0, size.Height)
	room := right - left - 2*px(16)
	width := min(px(400), room)
	put(b.search, left+px(16)+(room-width)/2, (size.Height-px(28))/2, max(width, 0), px(28))
}

// needs is the width of everything at the present level.
func (b *TopBar) needs() float32 {
	w := px(16+12) + b.title.MinSize().Width + b.right.MinSize().Width
	if b.config.Lock != "" {
		w += px(18) + b.lock.MinSize().Width
	}
	if b.config.Search != "" && b.level < 3 {
		w += 2*px(16) + b.search.MinSize().Width
	}
	return w
}

// CreateRenderer implements fyne.Widget.
func (b *TopBar) CreateRenderer() fyne.WidgetRenderer {
	b.pane = &pane{
		objects: append(b.back.Objects(), b.title, b.search, b.right, b.lock),
		min: func() fyne.Size {
			return fyne.NewSize(px(320), px(40))
		},
		layout:  b.place,
		refresh: func() { b.redraw(); b.place(b.Size()); canvasRefresh(b) },
	}
	return b.pane
}

// searchButton looks like a field and opens the palette.
type searchButton struct {
	pressable
	text, key *part
	label     string
	keyText   string
	back      *canvas.Rectangle
	ring      *ring
	pane      *pane
}

func newSearchButton(onTap func()) *searchButton {
	s := &searchButton{text: &part{}, key: &part{}, back: newBox(), ring: newRing(4, false)}
	s.OnTap = onTap
	s.extend(s, func() bool { return false })
	return s
}

func (s *searchButton) update(label, key string) {
	if s.label == label && s.keyText == key {
		return
	}
	s.label, s.keyText = label, key
	s.Refresh()
}

func (s *searchButton) redraw() {
	s.text.set(Span{Text: s.label, Icon: assets.IconMagnifyingGlass, Style: Dense, Color: theme.OnTopBarMuted})
	s.key.set(KeyCap(s.keyText, theme.OnTopBarMuted))
	paintBox(s.back, theme.TopBarField, theme.Transparent, 0, 4)
	s.ring.show(s.focused)
	s.ring.StrokeColor = theme.Color(theme.OnTopBar)
}

func (s *searchButton) objects() []fyne.CanvasObject {
	objects := s.text.objects([]fyne.CanvasObject{s.back})
	return append(s.key.objects(objects), s.ring.Rectangle)
}

// CreateRenderer implements fyne.Widget.
func (s *searchButton) CreateRenderer() fyne.WidgetRenderer {
	place := func(size fyne.Size) {
		put(s.back, 0, 0, size.Width, size.Height)
		s.ring.place(fyne.Position{}, size)
		s.text.place(px(8), (size.Height-s.text.size.Height)/2)
		s.key.place(size.Width-px(8)-s.key.size.Width, (size.Height-s.key.size.Height)/2)
	}
	s.redraw()
	s.pane = &pane{
		objects: s.objects(),
		min: func() fyne.Size {
			return fyne.NewSize(s.text.size.Width+s.key.size.Width+px(8*3), px(28))
		},
		layout: place,
		refresh: func() {
			s.redraw()
			s.pane.objects = s.objects()
			place(s.Size())
			canvasRefresh(s)
		},
	}
	return s.pane
}

// AccessibilityLabel implements fyne.Accessible.
func (s *searchButton) AccessibilityLabel() string { return s.label }

// AccessibilityRole implements fyne.Accessible.
func (s *searchButton) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// RedBandConfig is an alert that was set aside or came while somebody typed.
type RedBandConfig struct {
	Left   []Span // who and what; drawn in the colour of the band
	Right  string // the clock
	Action string
	Key    string
}

// RedBand is the band of 32 under the strip that an alert folds into. It cannot
// be closed, only opened.
type RedBand struct {
	widget.BaseWidget
	config RedBandConfig
	back   *canvas.Rectangle
	left   *Line
	right  *Line
	open   *Button
	pane   *pane
}

// NewRedBand makes a band.
func NewRedBand(config RedBandConfig, onOpen func()) *RedBand {
	b := &RedBand{config: config, back: newBox(), left: NewLine(), right: NewLine()}
	b.open = NewButton(ButtonConfig{Kind: OnAlert, Size: Small}, onOpen)
	b.ExtendBaseWidget(b)
	b.redraw()
	return b
}

// Update says something else; nothing is redrawn when it is the same.
func (b *RedBand) Update(c RedBandConfig) {
	o := b.config
	if o.Right == c.Right && o.Action == c.Action && o.Key == c.Key && slices.Equal(o.Left, c.Left) {
		return
	}
	b.config = c
	b.redraw()
	b.place(b.Size())
	canvasRefresh(b)
}

// Text returns what the band says.
func (b *RedBand) Text() string { return b.left.Text() + " " + b.right.Text() }

func (b *RedBand) redraw() {
	paintBox(b.back, theme.Critical, theme.Transparent, 0, 0)
	left := slices.Clone(b.config.Left)
	for i := range left {
		left[i].Color, left[i].IconColor = theme.OnCritical, ""
	}
	b.left.Update(left...)
	b.right.Update(T(b.config.Right, DenseStrong, theme.OnCritical))
	b.open.Update(ButtonConfig{Text: b.config.Action, Key: b.config.Key, Kind: OnAlert, Size: Small})
}

func (b *RedBand) place(size fyne.Size) {
	put(b.back, 0, 0, size.Width, size.Height)
	putMiddle(b.left, px(16), 0, size.Height)
	right := size.Width - px(12) - b.open.MinSize().Width
	putMiddle(b.open, right, 0, size.Height)
	right -= px(16) + b.right.MinSize().Width
	putMiddle(b.right, right, 0, size.Height)
}

// CreateRenderer implements fyne.Widget.
func (b *RedBand) CreateRenderer() fyne.WidgetRenderer {
	b.pane = &pane{
		objects: []fyne.CanvasObject{b.back, b.left, b.right, b.open},
		min: func() fyne.Size {
			w := px(16+16+16+12) + b.left.MinSize().Width + b.right.MinSize().Width + b.open.MinSize().Width
			return fyne.NewSize(w, px(32))
		},
		layout:  b.place,
		refresh: func() { b.redraw(); b.place(b.Size()); canvasRefresh(b) },
	}
	return b.pane
}
