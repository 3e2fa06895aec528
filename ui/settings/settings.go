// Package settings draws the settings page: how the screens look for whoever is
// signed in, what this program is, and the licences of what it is made of.
package settings

import (
	"cmp"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/settings"
	vsound "wardlight/internal/station/view/sound"
	"wardlight/internal/words"
	"wardlight/internal/words/languages"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// About is what the page says of this program and computer.
type About struct {
	Version string
	Place   string // what colleagues call this computer
	Rows    []ward.Fact
	// Licences are those of everything that is inside.
	Licences []Licence
}

// Licence is one licence text and what it is the licence of.
type Licence struct {
	Of   []string
	Text string
}

// The tabs of the page.
const (
	tabLook = iota
	tabSound
	tabPrinting
	tabAccount
	tabAbout
	tabLicences
)

// tabNames are what the tabs are called.
func tabNames() []string {
	return []string{words.T("Appearance"), words.T("Sound"), words.T("Printing"), words.T("Account"), words.T("About"), words.T("Licences")}
}

// tabKeys are how a script names them, in every language.
var tabKeys = []string{"appearance", "sound", "printing", "account", "about", "licences"}

// Tabs are the tabs' names for a script, from the left.
func Tabs() []string { return slices.Clone(tabKeys) }

// Page is the settings page.
type Page struct {
	block *kit.Block
	m     *view.Model

	tabs            *kit.Tabs
	at              int
	bodies          [6]fyne.CanvasObject
	printing        *printing
	account         *account
	sound           *soundTab
	theme, motion   *kit.Segmented
	language        *kit.Segmented
	smaller, larger *kit.Button
	usual           *kit.Button
	scale           *kit.Line
	everybody, back *kit.Button
	whose           *kit.Flow
	trouble         *kit.Note
	look            *fyne.Container
	names           map[string]fyne.CanvasObject
}

// New makes the page.
func New(m *view.Model, account *view.Account, sound *vsound.Model, labels *view.Labels, about About, clock kit.Clock, typing *kit.Typing) *Page {
	p := &Page{m: m, whose: kit.NewFlow(), trouble: kit.NewNote(kit.CriticalNote), scale: kit.NewLine(), names: map[string]fyne.CanvasObject{}}
	p.tabs = kit.NewTabs(tabNames(), 0, p.turn)
	p.bodies = [6]fyne.CanvasObject{p.newLook(), p.newSound(sound), p.newPrinting(labels), p.newAccount(account, typing), newAbout(about), newLicences(about.Licences, clock)}
	p.block = &kit.Block{
		Parts: []fyne.CanvasObject{p.tabs, p.bodies[0], p.bodies[1], p.bodies[2], p.bodies[3], p.bodies[4], p.bodies[5]},
		Min:   func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(160)) }, Place: p.place,
	}
	for name, o := range map[string]fyne.CanvasObject{"theme": p.theme, "language": p.language, "larger": p.larger, "smaller": p.smaller, "everybody": p.everybody, "forget": p.back, "tabs": p.tabs} {
		p.names[name] = o
	}
	p.sound.name(p.names)
	p.names["label-paper"] = p.printing.paper
	p.block.Init(p.block)
	p.turn(tabLook)
	p.Show(m.State())
	return p
}

// newLook is the tab of what can be chosen.
func (p *Page) newLook() fyne.CanvasObject {
	var labels []string
	for _, c := range view.Themes() {
		labels = append(labels, c.Label)
	}
	p.theme = kit.NewSegmented(kit.SegmentedConfig{Labels: labels}, p.m.SetTheme)
	p.motion = kit.NewSegmented(kit.SegmentedConfig{Labels: []string{words.T("Usual"), words.T("Less")}}, func(i int) { p.m.SetStill(i == 1) })
	p.language = kit.NewSegmented(kit.SegmentedConfig{Labels: speech()}, p.m.SetLanguage)
	p.smaller = kit.NewButton(kit.ButtonConfig{Text: words.T("Smaller")}, func() { p.m.Step(-1) })
	p.larger = kit.NewButton(kit.ButtonConfig{Text: words.T("Larger")}, func() { p.m.Step(1) })
	p.usual = kit.NewButton(kit.ButtonConfig{Text: words.T("Back to 100 %")}, func() { p.m.SetScale(100) })
	p.everybody = kit.NewButton(kit.ButtonConfig{Text: words.T("Make this the computer’s own")}, p.m.ForEverybody)
	p.back = kit.NewButton(kit.ButtonConfig{Text: words.T("Back to the computer’s own")}, p.m.Forget)
	p.trouble.Hide()
	p.look = kit.NewColumn(14,
		p.whose, p.trouble,
		kit.NewColumn(4, kit.NewText(languageWords(), kit.BodyStrong, theme.Text), kit.NewBar(0, p.language)),
		row(words.T("Colours"), kit.NewBar(0, p.theme)),
		row(words.T("Text, rows and icons"), kit.NewBar(8, p.smaller, p.scale, p.larger, p.usual)),
		row(words.T("Motion"), kit.NewBar(0, p.motion)),
		kit.NewFlow(kit.T(words.T("A new alert’s edge pulses three times; with less motion nothing does."), kit.Dense, theme.TextMuted)),
		kit.NewBar(12, p.everybody, p.back),
		kit.NewFlow(kit.T(words.T("The computer’s own settings hold on the sign-in page, on the wall, and for everybody who has chosen nothing."), kit.Dense, theme.TextMuted)))
	scroll := kit.NewScroll(kit.NewInset(20, 16, p.look))
	for _, b := range []*kit.Button{p.smaller, p.larger, p.usual, p.everybody, p.back} {
		b.OnFocus = func() { kit.Reveal(scroll, b) }
	}
	for _, s := range []*kit.Segmented{p.theme, p.motion, p.language} {
		s.OnFocus = func() { kit.Reveal(scroll, s) }
	}
	return scroll
}

// languageWords is the label of the languages: in two, for whoever cannot read the one
// in use.
func languageWords() string {
	if words.Tag() == languages.English {
		return "Language · Sprache"
	}
	return words.T("Language") + " · Language"
}

func speech() []string {
	var out []string
	for _, l := range view.Languages() {
		out = append(out, l.Label)
	}
	return out
}

// row is a label over its control.
func row(label string, control fyne.CanvasObject) fyne.CanvasObject {
	return kit.NewColumn(4, kit.NewText(label, kit.BodyStrong, theme.Text), control)
}

func newAbout(a About) fyne.CanvasObject {
	list := kit.NewColumn(0)
	add := func(label, text string) {
		if text != "" {
			list.Objects = append(list.Objects, kit.NewFieldRow(170, label, kit.T(text, kit.Body, theme.Text)))
		}
	}
	add(words.T("Version"), a.Version)
	add(words.T("This computer"), a.Place)
	for _, r := range a.Rows {
		add(r.Label, r.Words)
	}
	return kit.NewScroll(kit.NewInset(20, 16, kit.NewColumn(12,
		kit.NewText("Wardlight", kit.Heading, theme.Text),
		kit.NewFlow(kit.T(words.T("The ward’s screens, also while the network is out. Licensed under the Apache License 2.0."), kit.Body, theme.Text)),
		kit.NewNote(kit.LateNote, kit.T(words.T("No clinical safety officer has signed it off. Not for real patients yet."), kit.BodyStrong, theme.Text)),
		list)))
}

// newLicences is the list of what is inside, and beside it the text.
func newLicences(list []Licence, clock kit.Clock) fyne.CanvasObject {
	all := map[string]Licence{}
	var items []kit.Item
	for _, l := range list {
		for _, of := range l.Of {
			all[of] = l
			items = append(items, kit.Item{ID: of, Key: of, Height: 26})
		}
	}
	slices.SortStableFunc(items, func(a, b kit.Item) int { return cmp.Compare(strings.ToLower(a.Key), strings.ToLower(b.Key)) })
	text := kit.NewColumn(0)
	scroll := kit.NewScroll(kit.NewInset(16, 12, text))
	open := func(id string) {
		text.Objects = []fyne.CanvasObject{kit.NewFlow(kit.Lines(all[id].Text, kit.Dense, theme.Text)...)}
		text.Refresh()
		scroll.ScrollToTop()
		scroll.Refresh()
	}
	names := kit.NewList(func() fyne.CanvasObject { return newName() }, func(o fyne.CanvasObject, it kit.Item, _ kit.RowState) {
		o.(*name).words.Update(nameSpan(it.Key))
	}, clock)
	chosen := ""
	names.OnSelect = func(id string) { chosen = id; open(id) }
	names.SetItems(items)
	if len(items) > 0 {
		names.Select(items[0].ID)
		names.OnSelect(items[0].ID)
	}
	fitted := float32(0)
	// fit makes the rows as high as their names need: one that is long wraps.
	fit := func(w float32) {
		if w == fitted {
			return
		}
		fitted = w
		for i, it := range items {
			items[i].Height = max(26, 8+kit.HeightFor(kit.NewFlow(nameSpan(it.Key)), w-theme.Px(2*nameEdge))/theme.Scale())
		}
		names.SetAnswer(items, chosen)
	}
	b := &kit.Block{Parts: []fyne.CanvasObject{names, scroll}}
	b.Min = func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(120)) }
	b.Place = func(size fyne.Size) {
		edge := theme.Px(12)
		w := min(theme.Px(420), size.Width*0.6)
		fit(w - edge)
		kit.PlaceAt(names, edge, 0, w-edge, size.Height)
		kit.PlaceAt(scroll, w, 0, max(size.Width-w, 0), size.Height)
	}
	b.Init(b)
	return b
}

// name is a row of the list of licences.
type name struct {
	kit.Block
	words *kit.Flow
}

// nameEdge is the room at either side of a name, in design units.
const nameEdge = 16

func nameSpan(of string) kit.Span { return kit.T(of, kit.Dense, theme.Text) }

func newName() *name {
	n := &name{words: kit.NewFlow()}
	n.Parts = []fyne.CanvasObject{n.words}
	n.Min = func() fyne.Size { return fyne.NewSize(theme.Px(100), theme.Px(20)) }
	n.Place = func(size fyne.Size) {
		edge := theme.Px(nameEdge)
		h := n.words.HeightFor(size.Width - 2*edge)
		kit.PlaceAt(n.words, edge, (size.Height-h)/2, size.Width-2*edge, h)
	}
	n.Init(n)
	return n
}

// Object is the page as an object.
func (p *Page) Object() fyne.CanvasObject { return p.block }

// First is what the arrow keys find.
func (p *Page) First() fyne.Focusable { return p.tabs }

// Where finds a control by its name.
func (p *Page) Where(name string) (fyne.CanvasObject, bool) {
	o, ok := p.names[name]
	return o, ok
}

// Turn shows the tab of a name; false where there is none.
func (p *Page) Turn(tab string) bool {
	i := slices.IndexFunc(tabKeys, func(name string) bool { return strings.EqualFold(name, tab) })
	if i >= 0 {
		p.turn(i)
	}
	return i >= 0
}

func (p *Page) turn(i int) {
	p.at = i
	p.tabs.Update(tabNames(), i)
	for n, b := range p.bodies {
		if n == i {
			b.Show()
		} else {
			b.Hide()
		}
	}
	p.block.Changed()
	if i == tabAccount && !p.account.m.State().Read {
		p.account.load()
	}
}

// Show draws a state.
func (p *Page) Show(s view.State) {
	p.theme.Update(kit.SegmentedConfig{Labels: p.theme.Config().Labels, Selected: s.Theme})
	choose(p.language, s.Language)
	still := 0
	if s.Still {
		still = 1
	}
	p.motion.Update(kit.SegmentedConfig{Labels: p.motion.Config().Labels, Selected: still})
	p.scale.Update(kit.T(s.Scale, kit.Subheading, theme.Text))
	p.smaller.Update(kit.ButtonConfig{Text: words.T("Smaller"), Key: words.C("key", "Ctrl") + " −", Off: !s.Smaller})
	p.larger.Update(kit.ButtonConfig{Text: words.T("Larger"), Key: words.C("key", "Ctrl") + " +", Off: !s.Larger})
	p.back.Update(kit.ButtonConfig{Text: words.T("Back to the computer’s own"), Off: !s.Mine})
	p.whose.Update(kit.T(s.Whose, kit.Body, theme.TextMuted))
	if s.Error != "" {
		p.trouble.Update(kit.CriticalNote, kit.T(s.Error, kit.Body, theme.Text))
		p.trouble.Show()
	} else {
		p.trouble.Hide()
	}
	p.look.Refresh()
	p.bodies[tabLook].Refresh()
}

func (p *Page) place(size fyne.Size) {
	px := theme.Px
	h := px(34)
	kit.PlaceAt(p.tabs, px(12), px(4), size.Width-px(24), h)
	for _, b := range p.bodies {
		kit.PlaceAt(b, 0, h+px(8), size.Width, max(size.Height-h-px(8), 0))
	}
}
