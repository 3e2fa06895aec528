package shell

import (
	"time"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// drillFor is how long a drill lasts that is begun here.
const drillFor = 30 * time.Minute

// drillBand stands above every page while a downtime is practised: nobody may take the
// drill for an outage, nor what is entered in it for play. It says in words what goes on
// and until when, and ends it in one press.
type drillBand struct {
	n      *session
	object *kit.Block
	words  *kit.Flow
	end    *kit.Button
	shown  ward.Drill
}

func newDrillBand(n *session) *drillBand {
	b := &drillBand{n: n, words: kit.NewFlow()}
	b.end = kit.NewButton(kit.ButtonConfig{Text: words.T("End the drill"), Key: n.shell.keys.Cap(doEndDrill), Kind: kit.Primary, Size: kit.Small}, func() { n.endDrill() })
	panel := kit.NewPanel(kit.PanelConfig{Fill: theme.WarningTint, Border: theme.WarningText, Square: true}, newBeside(b.words, b.end))
	b.object = &kit.Block{
		Parts: []fyne.CanvasObject{panel}, Min: func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(40)) },
		Tall:  panel.HeightFor,
		Place: func(size fyne.Size) { kit.PlaceAt(panel, 0, 0, size.Width, size.Height) },
	}
	b.object.Init(b.object)
	b.object.Hide()
	return b
}

// draw shows the drill, or takes it away.
func (b *drillBand) draw(d *ward.Drill) {
	var now ward.Drill
	if d != nil {
		now = *d
	}
	if now == b.shown {
		return
	}
	b.shown = now
	if d != nil {
		at := b.n.shell.conf.Now()
		b.words.Update(
			kit.Span{Icon: iconWarning, IconColor: theme.WarningText, Text: words.T("DRILL."), Style: kit.BodyBold, Color: theme.WarningText},
			kit.T(words.F("A downtime is practised since %s, begun by %s. It ends at %s, or at once when a critical result comes.", ward.Stamp(d.From, at), ward.SayName(d.By), ward.Stamp(d.Until, at)), kit.BodyStrong, theme.Text).After(6),
			kit.T(words.T("What you enter is real: it waits here and is sent at the end."), kit.Body, theme.Text).After(6))
	}
	kit.SetShown(b.object, d != nil)
	b.object.Changed()
	b.n.body.Changed()
}

// beginDrill practises a downtime. One press ends it, so that nothing is asked.
func (n *session) beginDrill() {
	n.palette.close()
	n.help.close()
	station := n.shell.conf.Station
	go func() {
		err := station.BeginDrill(n.ctx, drillFor)
		n.shell.later(func() { n.drilled(err) })
	}()
}

// endDrill ends the drill that goes on; false where there is none.
func (n *session) endDrill() bool {
	if n.shell.link.Drill == nil {
		return false
	}
	station := n.shell.conf.Station
	go func() {
		err := station.EndDrill(n.ctx)
		n.shell.later(func() { n.drilled(err) })
	}()
	return true
}

// drilled says why not, above the page until the next such word.
func (n *session) drilled(err error) {
	if n.over() {
		return
	}
	n.wentUp.trouble = ""
	if err != nil {
		n.wentUp.trouble = base.Words(err)
	}
	n.wentUp.draw()
	n.body.Changed()
	n.shell.links.Reload()
}
