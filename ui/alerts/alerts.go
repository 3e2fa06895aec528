// Package alerts draws what interrupts: the card of a critical result, the red
// band it folds into, and the page that lists what nobody has, what somebody
// has, and what the server holds back.
//
// It binds the view model to widgets and decides nothing. A button acts on the
// alert that was drawn when it was made, and the view model refuses it when
// another has come to the front since.
package alerts

import (
	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/alerts"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// Actions are what a person can do about alerts; the view model's methods.
type Actions struct {
	Take       func(k view.Key, kind, words, to string)
	TakeListed func(k view.Key)
	Record     func(k view.Key, words string) // an action, in one press
	Withdraw   func(p ward.PatientID, task, reason string)
	SetAside   func(k view.Key, byKey bool)
	Turn       func(by int)
	Open       func(k view.Key) // the band's card
	Drawn      func(k view.Key) // the display has painted its card
	Early      func(k view.Key) // a key or a press came too early to be meant for it
	Accepts    func() bool      // the card in front has been there long enough to be taken
	Chart      func(ward.PatientID)
	Why        func(k view.Key, rule string) // the page that says why this rule warns
}

// Front is what comes up by itself: the card, or the band.
type Front struct {
	do     Actions
	canvas fyne.Canvas
	card   *kit.AlertCard
	band   *band
	body   *body
	foot   *foot
	key    view.Key
	typing *kit.Typing
}

// NewFront makes card and band, both hidden. The card belongs over the page, the
// band under the status strip.
func NewFront(do Actions, clock kit.Clock, typing *kit.Typing) *Front {
	f := &Front{do: do, typing: typing}
	f.card = kit.NewAlertCard(kit.CardConfig{Icon: iconCritical}, clock)
	f.card.OnKey = f.cardKey
	f.card.OnShown = func() { f.do.Drawn(f.key) }
	f.card.OnEarly = func() { f.do.Early(f.key) }
	f.band = newBand(func(k view.Key) { f.do.Open(k) })
	f.band.Hide()
	return f
}

// Attach tells the canvas of the window that shows the card. painted calls back
// when what is set now has been painted; where there is no display it is nil.
func (f *Front) Attach(c fyne.Canvas, painted func(then func())) {
	f.canvas = c
	f.card.Painted = painted
}

// Card is the card, to lie over the page.
func (f *Front) Card() fyne.CanvasObject { return f.card }

// KeepFree keeps so much of the page free under the card, for what is told there.
func (f *Front) KeepFree(below float32) { f.card.KeepFree(below) }

// Band is the band, to stand under the strip. Its height is none while hidden.
func (f *Front) Band() fyne.CanvasObject { return f.band }

// IsOpen says whether the card is in front.
func (f *Front) IsOpen() bool { return f.card.IsOpen() }

// Show draws a state.
func (f *Front) Show(s view.State) {
	f.band.update(s.Band)
	if s.Card == nil {
		if f.card.IsOpen() {
			f.card.Close()
		}
		f.key, f.body, f.foot = view.Key{}, nil, nil
		return
	}
	c := *s.Card
	f.card.Update(f.head(c))
	if f.body == nil || f.key != c.Key {
		f.key = c.Key
		f.body, f.foot = newBody(c.Detail, c.Alert, f.room() < 800), newFoot(f, c)
		f.card.SetBody(f.body.object, f.foot.object)
	} else if f.body.update(c.Detail, c.Alert) {
		f.card.Refresh()
	}
	f.foot.update(c)
	if !f.card.IsOpen() && f.canvas != nil {
		f.card.Open(f.canvas)
	}
}

// room is how wide the inside of the card is, in design units.
func (f *Front) room() float32 {
	if f.canvas == nil {
		return 940
	}
	return min(940, f.canvas.Size().Width/theme.Scale()-30)
}

// head is the card's head, in as many words as fit: what it is about and for how
// long nobody has it are said at every width.
func (f *Front) head(c view.Card) kit.CardConfig {
	full := kit.CardConfig{Title: c.Head, Icon: iconCritical, Right: c.Clock, Count: c.Place}
	short := full
	short.Title, short.Right = c.Short, c.ClockShort
	last := short
	last.Count = ""
	for _, h := range []kit.CardConfig{full, short} {
		if headWidth(h) <= f.room() {
			return h
		}
	}
	return last
}

func headWidth(h kit.CardConfig) float32 {
	title := kit.NewLine(kit.Span{Icon: h.Icon, Text: h.Title, Style: kit.Style{Size: 20, Face: theme.SemiBold}}, kit.T(h.Count, kit.BodyStrong, "").After(24), kit.T(h.Right, kit.BodyStrong, "").After(24))
	return title.MinSize().Width/theme.Scale() + 40
}

// Key does what a key of the window means for the card, and reports whether it
// was meant for it. With the card closed F4 opens it.
func (f *Front) Key(name fyne.KeyName) bool {
	if !f.card.IsOpen() {
		if name == fyne.KeyF4 && f.band.Visible() {
			f.do.Open(f.band.now.Key)
			return true
		}
		return false
	}
	switch name {
	case fyne.KeyF4:
		return true // it is open already
	case fyne.KeyF5, fyne.KeyF6, fyne.KeyF7, fyne.KeyEscape:
		return f.card.Do(func() { f.cardKey(name) })
	default:
		return false
	}
}

// cardKey acts for a key that has passed the card's guard.
func (f *Front) cardKey(name fyne.KeyName) bool {
	if f.foot == nil {
		return false
	}
	switch name {
	case fyne.KeyEscape:
		if !f.foot.back() {
			f.do.SetAside(f.key, true)
		}
	case fyne.KeyF5:
		if !f.foot.asking() { // a key meant for the words must not take it
			f.do.Take(f.key, "taken", "", "")
		}
	case fyne.KeyF6:
		f.foot.ask("acting")
	case fyne.KeyF7:
		f.foot.ask("handed-to")
	case fyne.KeyLeft:
		f.do.Turn(-1)
	case fyne.KeyRight:
		f.do.Turn(1)
	default:
		return false
	}
	return true
}

// Where finds a control by its name.
func (f *Front) Where(name string) (fyne.CanvasObject, bool) {
	if f.band.Visible() && name == "open-alert" {
		return f.band, true
	}
	if !f.card.IsOpen() || f.foot == nil {
		return nil, false
	}
	if name == "take" && !f.do.Accepts() {
		return nil, false // a press would not count yet
	}
	o, ok := f.foot.named()[name]
	return o, ok
}

// band is the red band, as many words as fit.
type band struct {
	kit.Block
	red *kit.RedBand
	now view.Band
}

func newBand(open func(view.Key)) *band {
	b := &band{}
	b.red = kit.NewRedBand(kit.RedBandConfig{Action: words.C("verb", "Open"), Key: "F4"}, func() { open(b.now.Key) })
	b.Parts = []fyne.CanvasObject{b.red}
	b.Min = func() fyne.Size { return fyne.NewSize(theme.Px(200), theme.Px(32)) }
	b.Place = b.place
	b.Init(b)
	return b
}

func (b *band) update(s *view.Band) {
	if s == nil {
		if b.Visible() {
			b.Hide()
		}
		return
	}
	changed := b.now != *s
	b.now = *s
	if !b.Visible() {
		b.Show()
	}
	if changed {
		b.place(b.Size())
	}
}

// place drops words until the band fits: never the bed, the value or the clock.
func (b *band) place(size fyne.Size) {
	for level := range 4 {
		b.red.Update(b.config(level))
		if b.red.MinSize().Width <= size.Width {
			break
		}
	}
	kit.PlaceAt(b.red, 0, 0, size.Width, size.Height)
}

func (b *band) config(level int) kit.RedBandConfig {
	s := b.now
	if level > 0 && s.ShortBed != "" {
		s.Bed = s.ShortBed
	}
	left := []kit.Span{
		{Icon: iconCritical, Text: s.Bed, Style: kit.BodyStrong},
		kit.T(s.What, kit.BodyStrong, "").After(12),
	}
	if s.Word != "" && level < 2 {
		left = append(left, kit.T(s.Word, kit.DenseStrong, "").After(8))
	}
	if s.More != "" {
		left = append(left, kit.T(s.More, kit.DenseStrong, "").After(12))
	}
	c := kit.RedBandConfig{Left: left, Right: s.Clock, Action: words.C("verb", "Open"), Key: "F4"}
	if level > 0 {
		c.Right = s.Short
	}
	if level > 2 {
		c.Key = ""
	}
	return c
}
