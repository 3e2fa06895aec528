package shell

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"

	vrota "wardlight/internal/station/view/rota"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// onCall is the page of the ward's rota: who is on call now, where nobody or more
// than one person is, and the text itself, to be changed by whoever may.
type onCall struct {
	*overlay
	n       *session
	model   *vrota.Model
	head    *kit.Flow
	says    *fyne.Container
	text    *kit.TextField
	area    *kit.Block
	save    *kit.Button
	trouble *kit.Note
	ready   bool // the focus went to the text
	inside  fyne.CanvasObject
}

// rotaLines is how many lines of the text are in view at once.
const rotaLines = 14

func newOnCall(n *session) *onCall {
	o := &onCall{n: n, head: kit.NewFlow(), says: kit.NewColumn(3), trouble: kit.NewNote(kit.CriticalNote)}
	o.text = kit.NewTextField(kit.TextConfig{Lines: rotaLines, Width: 560}, n.shell.typing)
	o.area = &kit.Block{Parts: []fyne.CanvasObject{o.text}}
	tall := func() float32 { return rotaLines*kit.TextHeight(kit.Body) + theme.Px(18) }
	o.area.Min = func() fyne.Size { return fyne.NewSize(theme.Px(240), tall()) }
	o.area.Tall = func(float32) float32 { return tall() }
	o.area.Place = func(size fyne.Size) { kit.PlaceAt(o.text, 0, 0, size.Width, size.Height) }
	o.area.Init(o.area)
	o.save = kit.NewButton(kit.ButtonConfig{}, func() { o.model.Save() })
	o.trouble.Hide()
	o.model = vrota.New(n.desk, n.shell.conf.Dispatch, n.shell.conf.Now, o.draw)
	o.text.OnChange = func(text string) { o.model.Type(text) }
	inside := kit.NewInset(20, 14, kit.NewColumn(8,
		kit.NewBar(8, kit.NewText(words.T("On call"), kit.Heading, theme.Text), kit.NewSpring(), kit.NewLine(kit.KeyCap(capOf("Esc"), theme.Text))), o.head, o.trouble, o.says, o.area, kit.NewBar(12, o.save)))
	scroll := kit.NewScroll(inside)
	o.overlay = newOverlay(n, 640, scroll)
	o.veil.tapped = func() {} // a slip beside it loses nothing: Esc closes
	o.height = func(w float32) float32 { return kit.HeightFor(inside, w) + theme.Px(4) }
	o.inside = inside
	return o
}

func (o *onCall) open(ctx context.Context) {
	o.ready = false
	o.show()
	o.model.Open(ctx)
}

func (o *onCall) close() {
	if o.isOpen() {
		o.model.Close()
	}
	o.overlay.close()
}

// key saves; nothing reaches the page below.
func (o *onCall) key(name fyne.KeyName) bool {
	if name == fyne.KeyF2 {
		o.model.Save()
	}
	return name != fyne.KeyEscape
}

func (o *onCall) draw(st vrota.State) {
	if o.overlay == nil {
		return
	}
	if !st.Open {
		o.overlay.close()
		return
	}
	o.head.Update(kit.T(st.Head, kit.Dense, theme.TextMuted))
	kit.SetShown(o.trouble, st.Error != "")
	if st.Error != "" {
		o.trouble.Update(kit.CriticalNote, kit.T(st.Error, kit.BodyStrong, theme.Text))
	}
	o.says.Objects = saysOf(st)
	o.says.Refresh()
	if o.text.Text() != st.Text {
		o.text.SetText(st.Text)
	}
	kit.SetShown(o.area, st.Loaded && st.Rota.MayEdit)
	kit.SetShown(o.save, st.Loaded && st.Rota.MayEdit)
	if edit := st.Loaded && st.Rota.MayEdit; edit && !o.ready {
		o.ready = true
		o.n.shell.focus(o.text) // where the work begins
	}
	o.save.Update(kit.ButtonConfig{Text: words.T("Save rota"), Key: "F2", Kind: kit.Primary, Size: kit.Large, Off: st.Busy || !st.Changed})
	o.inside.Refresh()
	o.object.Changed()
}

// saysOf are who is on call, and where the rota has a gap or two people.
func saysOf(st vrota.State) []fyne.CanvasObject {
	var out []fyne.CanvasObject
	for i, w := range st.Check.Now {
		style := kit.BodyStrong
		if i < len(st.Check.Gap) && st.Check.Gap[i] {
			out = append(out, kit.NewFlow(kit.Span{Icon: iconWarning, IconColor: theme.WarningText, Text: w, Style: style, Color: theme.WarningText}))
			continue
		}
		out = append(out, kit.NewFlow(kit.T(w, style, theme.Text)))
	}
	for _, w := range st.Check.Flaws {
		out = append(out, kit.NewFlow(kit.Span{Icon: iconWarning, IconColor: theme.WarningText, Text: w, Style: kit.Dense, Color: theme.WarningText}))
	}
	if st.Check.Bad != "" {
		out = append(out, kit.NewFlow(kit.T(words.F("This cannot be read: %s", st.Check.Bad), kit.DenseStrong, theme.CriticalText)))
	}
	if !st.Rota.MayEdit && st.Loaded {
		for _, line := range strings.Split(st.Rota.Text, "\n") {
			out = append(out, kit.NewFlow(kit.T(line, kit.Dense, theme.TextMuted)))
		}
	}
	return out
}

// where says where a control is, for a script that drives the window.
func (o *onCall) where(name string) (fyne.CanvasObject, bool) {
	c, ok := map[string]fyne.CanvasObject{"text": o.text, "save": o.save}[name]
	return c, ok
}
