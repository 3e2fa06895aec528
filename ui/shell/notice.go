package shell

import (
	"context"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// notice stands above the page until whoever is signed in has read what happened
// to this computer's own copy. It is quiet: it takes no focus and covers nothing.
type notice struct {
	object *kit.Block
	words  *kit.Flow
	done   *kit.Button
	loader *base.Loader[[]ward.StoreNote]
	first  ward.StoreNote
}

func newNotice(n *session) *notice {
	st, user := n.shell.conf.Station, n.person.User
	o := &notice{words: kit.NewFlow()}
	o.done = kit.NewButton(kit.ButtonConfig{Text: words.T("I have read this"), Size: kit.Small}, func() {
		id := o.first.ID
		go func() {
			if err := st.MarkRead(user, id); err != nil {
				n.shell.later(n.shell.storeFailed)
			}
			o.loader.Reload()
		}()
	})
	panel := kit.NewPanel(kit.PanelConfig{Fill: theme.WarningTint, Border: theme.WarningText, Square: true}, newBeside(o.words, o.done))
	o.object = &kit.Block{
		Parts: []fyne.CanvasObject{panel}, Min: func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(40)) },
		Tall:  panel.HeightFor,
		Place: func(size fyne.Size) { kit.PlaceAt(panel, 0, 0, size.Width, size.Height) },
	}
	o.object.Init(o.object)
	o.object.Hide()
	o.loader = base.NewLoader(n.shell.conf.Dispatch, func(context.Context) ([]ward.StoreNote, error) { return st.Unread(user), nil },
		func(list []ward.StoreNote, _ error) {
			if !n.over() {
				n.showNotice(list)
			}
		})
	return o
}

// showNotice shows the oldest of what is unread, one at a time.
func (n *session) showNotice(list []ward.StoreNote) {
	o := n.notice
	if len(list) == 0 {
		if o.object.Visible() {
			o.object.Hide()
			n.body.Changed()
		}
		return
	}
	if o.object.Visible() && o.first == list[0] {
		return
	}
	o.first = list[0]
	at := ward.Stamp(o.first.At.In(n.shell.conf.Now().Location()), n.shell.conf.Now())
	done := o.first.Done
	if done == "" {
		done = words.T("I have read this")
	}
	o.done.Update(kit.ButtonConfig{Text: done, Size: kit.Small})
	o.words.Update(
		kit.Span{Icon: iconWarning, IconColor: theme.WarningText, Text: o.first.What + " (" + at + ").", Style: kit.BodyStrong, Color: theme.Text},
		kit.T(o.first.Safe, kit.Body, theme.Text).After(6), kit.T(o.first.Do, kit.BodyStrong, theme.Text).After(6))
	kit.SetShown(o.object, true)
	o.object.Changed()
	n.body.Changed()
}

// newBeside sets a text and a button side by side, or the button below where it is
// narrow.
func newBeside(text *kit.Flow, button *kit.Button) fyne.CanvasObject {
	b := &kit.Block{Parts: []fyne.CanvasObject{text, button}}
	pad := func() float32 { return theme.Px(12) }
	wide := func(w float32) bool { return w > theme.Px(700) }
	room := func(w float32) float32 {
		if wide(w) {
			return w - button.MinSize().Width - 3*pad()
		}
		return w - 2*pad()
	}
	b.Min = func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(40)) }
	b.Tall = func(w float32) float32 {
		h := text.HeightFor(room(w))
		if wide(w) {
			return max(h, button.MinSize().Height) + pad()
		}
		return h + button.MinSize().Height + 2*pad()
	}
	b.Place = func(size fyne.Size) {
		h, m := text.HeightFor(room(size.Width)), button.MinSize()
		if wide(size.Width) { // on one line with the button
			kit.PlaceAt(text, pad(), (size.Height-h)/2, room(size.Width), h)
			kit.PlaceAt(button, size.Width-m.Width-pad(), (size.Height-m.Height)/2, m.Width, m.Height)
			return
		}
		kit.PlaceAt(text, pad(), pad()/2, room(size.Width), h)
		kit.PlaceAt(button, pad(), pad()/2+h+pad()/2, m.Width, m.Height)
	}
	b.Init(b)
	return b
}
