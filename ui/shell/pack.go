package shell

import (
	"context"
	"time"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/station/view/signin"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// offersPack shows the button that prints the ward pack where nobody can sign in.
func (p *signInPage) offersPack(st signin.State) {
	kit.SetShown(p.pack, st.Pack != "" && !st.Writing && !st.Browsing && st.Vouched == nil)
	p.pack.Update(kit.ButtonConfig{Text: st.Pack, Icon: iconPrint, Off: st.Busy})
}

func (p *signInPage) pressPack() {
	p.say("")
	p.model.PrintPack(p.user.Text(), p.pin.Text(), p.code.Text())
	p.pin.SetText("") // nobody sits down at it afterwards: the next look wants it again
}

// packBand stands above the page while a ward may have to go on on paper, and on the page
// behind the strip always: it says which pack is ready and how old it is, and prints one
// in one press. It takes no focus and covers nothing.
type packBand struct {
	n      *session
	object *kit.Block
	words  *kit.Flow
	print  *kit.Button
	loader *base.Loader[*ward.ReadyPack]
	ready  *ward.ReadyPack
	said   string
}

func newPackBand(n *session) *packBand {
	b := &packBand{n: n, words: kit.NewFlow()}
	b.print = kit.NewButton(kit.ButtonConfig{Text: words.T("Print a ward pack"), Key: n.shell.keys.Cap(doPack), Icon: iconPrint, Size: kit.Small}, n.printPack)
	panel := kit.NewPanel(kit.PanelConfig{Square: true}, newBeside(b.words, b.print))
	b.object = &kit.Block{
		Parts: []fyne.CanvasObject{panel}, Min: func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(40)) },
		Tall:  panel.HeightFor,
		Place: func(size fyne.Size) { kit.PlaceAt(panel, 0, 0, size.Width, size.Height) },
	}
	b.object.Init(b.object)
	b.object.Hide()
	st := n.shell.conf.Station
	b.loader = base.NewLoader(n.shell.conf.Dispatch, func(context.Context) (*ward.ReadyPack, error) {
		if p, ok := st.ReadyPack(); ok {
			return &p, nil
		}
		return nil, nil
	}, func(p *ward.ReadyPack, _ error) {
		if !n.over() {
			b.ready = p
			b.draw()
		}
	})
	return b
}

func (b *packBand) follow(ctx context.Context) {
	b.loader.Reload()
	base.Follow(ctx, b.n.unhurried(), 5*time.Second, func(ward.Notice) { b.loader.Reload() })
}

// leastTall is below which height of the window, in design units, the band stands on the
// page behind the strip only: at 200 % text in a small window it would push what a page
// is for out of view. Ctrl+P prints from everywhere.
const leastTall = 480

// wanted says whether the ward may have to go on on paper.
func (b *packBand) wanted() bool {
	l := b.n.shell.link
	room := b.n.body == nil || b.n.body.Size().Height/theme.Scale() >= leastTall
	return b.n.at == pageOutage || room && (!l.Connected || l.Loading != nil)
}

// draw shows it, or takes it away.
func (b *packBand) draw() {
	text := ""
	if b.wanted() {
		text = packWords(b.ready, b.n.shell.conf.Now())
	}
	if text == b.said {
		return
	}
	b.said = text
	b.words.Update(kit.Span{Icon: iconPrint, IconColor: theme.TextMuted, Text: text, Style: kit.Body, Color: theme.Text})
	kit.SetShown(b.object, text != "")
	b.object.Changed()
	b.n.body.Changed()
}

// packWords are what the band says.
func packWords(p *ward.ReadyPack, now time.Time) string {
	if p == nil {
		return words.T("To go on on paper: no ward pack is kept ready yet. One is made of what is here.")
	}
	return words.F("To go on on paper: %s, %s, is kept ready.", p.Words(now), p.Age(now))
}

// printPack prints a ward pack from whatever page: of what is here now, or, where this
// computer's copy is not whole, the one that is kept ready. One print at a time.
func (n *session) printPack() {
	if n.printing {
		return
	}
	n.palette.close()
	n.help.close()
	n.printing = true
	station := n.shell.conf.Station
	go func() {
		said, err := station.PrintPack(n.ctx)
		n.shell.later(func() { n.printed(said, err) })
	}()
}
