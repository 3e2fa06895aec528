package shell

import (
	"context"
	"time"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/station/view/board"
	vchart "wardlight/internal/station/view/chart"
	vhandover "wardlight/internal/station/view/handover"
	"wardlight/internal/words"
	"wardlight/ui/handover"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

func (n *session) makeHandover() {
	conf := n.shell.conf
	var p *handover.Page
	var offered *vhandover.Undo
	n.handover = vhandover.New(n.unhurried(), conf.Dispatch, conf.Now, n.person, func(st vhandover.State) {
		if n.over() {
			return
		}
		n.draw(pageHandover, func() { p.Show(st) })
		if st.Undo != nil && st.Undo != offered {
			n.toast.Say(kit.ToastConfig{Text: st.Undo.Words, Action: words.T("Undo"), Key: n.shell.keys.Cap(doUndo)}, n.handover.TakeBack)
			n.body.Changed() // the page makes room for it
		}
		offered = st.Undo
	})
	p = handover.New(n.handover, handover.Actions{
		Chart: func(id ward.PatientID) { n.openChart(id, "") },
		Print: n.print,
	}, n.shell.typing, conf.Clock)
	n.pages[pageHandover] = p
}

// print prints what is on the screen: on the handover page the sheets that are
// listed; beside what waits to be sent the pack to go on with on paper; elsewhere
// the list of the ward. One at a time.
func (n *session) print() {
	if n.printing {
		return
	}
	if st := n.chart.State(); n.at == pageChart && st.Tab == vchart.Orders {
		if !st.Loaded { // that there is no request is not known yet
			n.toast.Say(kit.ToastConfig{Text: words.T("The requests are still being read. Press F9 again when they are here.")}, nil)
			n.body.Changed()
			return
		}
		n.printLabels(st.ID, vchart.OpenTests(st.Chart.Orders), n.copies())
		return
	}
	if n.at == pageHandover && !n.handover.State().Loaded {
		n.toast.Say(kit.ToastConfig{Text: words.T("The sheets are still being read. Press F9 again when they are here.")}, nil)
		n.body.Changed()
		return
	}
	n.palette.close()
	n.help.close()
	n.printing = true
	station, at := n.shell.conf.Station, n.at
	var patients []ward.PatientID
	if at == pageHandover {
		for _, l := range n.handover.State().Lines {
			patients = append(patients, l.Sheet.Who.ID)
		}
	}
	go func() {
		var said string
		var err error
		switch at {
		case pageHandover:
			said, err = station.PrintHandover(n.ctx, patients)
		case pageOutage:
			said, err = station.PrintPack(n.ctx)
		default:
			said, err = station.PrintWard(n.ctx)
		}
		n.shell.later(func() { n.printed(said, err) })
	}()
}

// onPrint is how many patients would be on what an action prints now, as far as the
// screen knows it; 0 where it prints no list.
func (n *session) onPrint(a kit.Action) int {
	switch {
	case a == doPrint && n.at == pageHandover:
		return len(n.handover.State().Lines)
	case a == doPrint && n.at == pageChart && n.chart.State().Tab == vchart.Orders:
		return 0 // labels, of one
	case a == doPrint, a == doPack:
		for _, p := range n.board.State().Pills {
			if p.Filter == board.All {
				return p.Count
			}
		}
	}
	return 0
}

// printLabels prints the labels of some orders of one patient, and restates whose they
// are with what became of it.
func (n *session) printLabels(patient ward.PatientID, orders []fhir.ID, copies int) {
	switch {
	case n.printing:
		return
	case len(orders) == 0:
		n.toast.Say(kit.ToastConfig{Text: words.T("No labels: this patient has no open request for a test")}, nil)
		n.body.Changed()
		return
	}
	n.palette.close()
	n.help.close()
	n.printing = true
	station := n.shell.conf.Station
	go func() {
		words, err := station.PrintLabels(n.ctx, patient, orders, copies)
		n.shell.later(func() { n.printed(words, err) })
	}()
}

// openDocument shows a document of a result, and says what became of it like a
// print.
func (n *session) openDocument(patient ward.PatientID, result ward.ResultID, sum string) {
	if n.printing {
		return
	}
	n.printing = true
	station := n.shell.conf.Station
	go func() {
		words, err := station.OpenDocument(n.ctx, patient, result, sum)
		n.shell.later(func() { n.printed(words, err) })
	}()
}

// printed says what became of it. What failed stands above the page until the
// next print: it is no note that goes by itself.
func (n *session) printed(said string, err error) {
	n.printing = false
	if n.over() {
		return
	}
	n.wentUp.trouble = ""
	if err != nil && n.beyond.offer(err) { // the form says the rest
		n.wentUp.draw()
		n.body.Changed()
		return
	}
	if err != nil {
		n.wentUp.trouble = base.Words(err)
	} else {
		n.toast.Say(kit.ToastConfig{Text: said}, nil)
	}
	n.wentUp.draw()
	n.body.Changed()
}

// lateBand stands above every page while a handover waits that nobody accepted in
// time, and where something could not be printed. It is quiet: it takes no focus
// and covers nothing.
type lateBand struct {
	n       *session
	object  *kit.Block
	words   *kit.Flow
	show    *kit.Button
	loader  *base.Loader[[]ward.Waiting]
	late    string
	count   int
	trouble string // why nothing was printed, or the own list stayed as it was
}

func newLateBand(n *session) *lateBand {
	b := &lateBand{n: n, words: kit.NewFlow()}
	b.show = kit.NewButton(kit.ButtonConfig{Text: words.T("Show"), Size: kit.Small}, b.press)
	panel := kit.NewPanel(kit.PanelConfig{Fill: theme.WarningTint, Border: theme.WarningText, Square: true}, newBeside(b.words, b.show))
	b.object = &kit.Block{
		Parts: []fyne.CanvasObject{panel}, Min: func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(40)) },
		Tall:  panel.HeightFor,
		Place: func(size fyne.Size) { kit.PlaceAt(panel, 0, 0, size.Width, size.Height) },
	}
	b.object.Init(b.object)
	b.object.Hide()
	b.loader = base.NewLoader(n.shell.conf.Dispatch, n.desk.HandoversWaiting, func(list []ward.Waiting, err error) {
		if n.over() || err != nil { // who may not see the ward is told on its pages
			return
		}
		b.late, b.count = vhandover.Late(list, n.shell.conf.Now())
		b.draw()
	})
	return b
}

// press turns to the handovers, or puts a failed print away.
func (b *lateBand) press() {
	if b.trouble != "" {
		b.trouble = ""
		b.draw()
		return
	}
	b.n.turn(pageHandover)
	b.n.handover.SetFilter(vhandover.Waiting)
}

func (b *lateBand) follow(ctx context.Context) {
	b.loader.Reload()
	base.Follow(ctx, b.n.unhurried(), 15*time.Second, func(ward.Notice) { b.loader.Reload() })
}

func (b *lateBand) draw() {
	text, button := b.late, words.T("Show")
	if b.trouble != "" {
		text, button = b.trouble, words.T("I have read this")
	}
	was := b.object.Visible()
	b.words.Update(kit.Span{Icon: iconWarning, IconColor: theme.WarningText, Text: text, Style: kit.BodyStrong, Color: theme.Text})
	b.show.Update(kit.ButtonConfig{Text: button, Size: kit.Small})
	kit.SetShown(b.object, text != "")
	b.object.Changed()
	if was != b.object.Visible() || text != "" {
		b.n.body.Changed()
	}
}
