package shell

import (
	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/signin"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// signInPage asks for a name and a PIN, and says what to know before starting.
// No patient is named on it.
type signInPage struct {
	object fyne.CanvasObject
	model  *signin.Model
	shell  *Shell

	user, pin *kit.TextField
	code      *kit.TextField // of a second factor
	enter     *kit.Button
	text      *kit.TextField // what somebody saw
	write     *kit.Button
	kept      bool        // it is on disk
	hospital  *kit.Button // the hospital's account, or back from there
	wall      *kit.Button
	pack      *kit.Button // prints the ward pack, where nobody can sign in
	head      *kit.Flow
	words     *kit.Flow
	urgent    *kit.Note // what waits for somebody, at every text size in view
	trouble   *kit.Note
	people    *kit.List
	facts     *fyne.Container
	form      *fyne.Container
	fields    *fyne.Container // what is typed, side by side
	ways      *fyne.Container // what else can be done here
	known     map[string]signin.Person
	state     signin.State
	asked     bool // somebody is being asked for what completes their sign-in
}

func newSignInPage(s *Shell) *signInPage {
	p := &signInPage{shell: s, known: map[string]signin.Person{}, trouble: kit.NewNote(kit.CriticalNote), urgent: kit.NewNote(kit.CriticalNote), facts: kit.NewColumn(0), head: kit.NewFlow(), words: kit.NewFlow()}
	p.user = kit.NewTextField(kit.TextConfig{Placeholder: words.T("Name"), Width: 200, Height: 44, TextSize: 16}, nil)
	p.pin = kit.NewTextField(kit.TextConfig{Placeholder: words.T("PIN"), Width: 110, Height: 44, TextSize: 16, Secret: true}, nil)
	p.enter = kit.NewButton(kit.ButtonConfig{Text: words.T("Sign in"), Key: words.C("key", "Enter"), Kind: kit.Primary, Size: kit.Large}, p.send)
	p.code = kit.NewTextField(kit.TextConfig{Placeholder: words.T("Code"), Width: 110, Height: 44, TextSize: 16}, nil)
	p.code.OnEnter = p.send
	p.code.Hide()
	p.text = kit.NewTextField(kit.TextConfig{Placeholder: words.T("What you saw, of whom, when"), Lines: 6, Width: 500, Height: 132, TextSize: 16}, s.typing)
	p.text.Hide()
	p.write = kit.NewButton(kit.ButtonConfig{Text: words.T("Write down what you saw")}, p.pressWrite)
	p.hospital = kit.NewButton(kit.ButtonConfig{}, p.pressHospital)
	p.hospital.Hide()
	p.wall = kit.NewButton(kit.ButtonConfig{Text: words.T("The ward for the wall"), Key: "F11"}, s.toggleWall)
	p.wall.Hide()
	p.pack = kit.NewButton(kit.ButtonConfig{}, p.pressPack)
	p.pack.Hide()
	p.user.OnEnter = func() { s.focus(p.pin) }
	p.pin.OnEnter = p.send
	p.trouble.Hide()
	p.urgent.Hide()
	p.people = kit.NewList(func() fyne.CanvasObject { return newTwoLines() }, p.bind, s.conf.Clock)
	p.people.ClickOpens = true
	p.people.OnOpen = func(user string) { p.choose(user) }
	p.fields = kit.NewBar(8, p.user, p.pin, p.code, p.enter)
	p.ways = kit.NewBar(8, p.pack, p.hospital, p.write, p.wall)
	p.form = kit.NewColumn(12,
		p.head, p.urgent, p.text,
		p.fields, p.trouble, p.words,
		kit.NewFlow(kit.T(words.T("Ten tries, then ask the charge nurse."), kit.Dense, theme.TextMuted)), p.ways)
	foot := kit.NewColumn(3,
		kit.NewFlow(kit.T(words.T("No patient names are shown before you sign in."), kit.Caption, theme.TextMuted)),
		kit.NewFlow(kit.T(words.F("Every look at a record is logged under your name. Version %s", s.conf.Version), kit.Caption, theme.TextMuted)))
	right := kit.NewColumn(10,
		kit.NewText(words.T("On this computer"), kit.Subheading, theme.Text), p.sized(),
		kit.NewText(words.T("Before you start"), kit.Subheading, theme.Text), p.facts, foot)
	p.object = p.layout(right)
	p.model = signin.New(s.conf.Station, s.conf.Dispatch, s.conf.Now, p.show, func(ward.Person) { s.lookAtSession() })
	if s.conf.Hospital != nil {
		p.model.Offer(s.conf.Hospital, s.conf.Browse)
	}
	return p
}

// begun says whether somebody has begun to sign in.
func (p *signInPage) begun() bool {
	return p.pin.Text() != "" || p.state.Busy || p.state.Vouched != nil || p.text.Text() != ""
}

// sized gives the list of people the height of its rows, six at most.
func (p *signInPage) sized() fyne.CanvasObject {
	b := &kit.Block{Parts: []fyne.CanvasObject{p.people}}
	b.Min = func() fyne.Size {
		return fyne.NewSize(theme.Px(240), theme.Px(48*float32(min(max(len(p.state.People), 1), 6))))
	}
	b.Place = func(size fyne.Size) { kit.PlaceAt(p.people, 0, 0, size.Width, size.Height) }
	b.Init(b)
	return b
}

// layout sets the form beside the facts, or above them where it is narrow.
func (p *signInPage) layout(right fyne.CanvasObject) fyne.CanvasObject {
	panel := kit.NewPanel(kit.PanelConfig{Square: true}, kit.NewScroll(kit.NewInset(40, 40, right)))
	form := kit.NewScroll(kit.NewInset(8, 8, p.form)) // room for the focus ring
	b := &kit.Block{Parts: []fyne.CanvasObject{form, panel}}
	b.Min = func() fyne.Size { return fyne.NewSize(theme.Px(320), theme.Px(200)) }
	b.Place = func(size fyne.Size) {
		px := theme.Px
		if size.Width/theme.Scale() < railNone {
			h := min(kit.HeightFor(p.form, size.Width-px(64))+px(32), size.Height*0.7)
			kit.PlaceAt(form, px(24), px(16), size.Width-px(48), h)
			kit.PlaceAt(panel, 0, h+px(16), size.Width, max(size.Height-h-px(16), 0))
			return
		}
		half := size.Width / 2
		w := min(px(510), half-px(48))
		h := min(kit.HeightFor(p.form, w-px(16))+px(24), size.Height-px(32))
		top := max(min((size.Height-h)/2, px(160)), px(16))
		kit.PlaceAt(form, max(half-w-px(56), px(16)), top, w, h)
		kit.PlaceAt(panel, half, 0, size.Width-half, size.Height)
	}
	b.Init(b)
	return b
}

func (p *signInPage) show(st signin.State) {
	p.state = st
	items := make([]kit.Item, 0, len(st.People))
	clear(p.known)
	for _, who := range st.People {
		p.known[who.User] = who
		items = append(items, kit.Item{ID: who.User, Key: who.Name, Height: 48, Data: who})
	}
	if len(items) == 0 {
		items = append(items, kit.Item{ID: "none", Group: true, Height: 48, Data: signin.Person{Name: words.T("Nobody yet"), Note: words.T("The first sign-in needs the network.")}})
	}
	p.people.SetItems(items)
	p.facts.Objects = nil
	var urgent []kit.Span
	for _, f := range st.Facts {
		if f.Urgent {
			urgent = append(urgent, kit.Span{Icon: iconCritical, IconColor: theme.CriticalText, Text: f.Head + ".", Style: kit.BodyStrong, Color: theme.CriticalText}.After(6),
				kit.T(f.Words, kit.Body, theme.Text).After(6))
			continue
		}
		p.facts.Objects = append(p.facts.Objects, factLine(f))
	}
	if p.shell.lost != "" {
		p.facts.Objects = append(p.facts.Objects, factLine(signin.Fact{Head: words.T("This computer’s own copy cannot be opened"), Words: p.shell.lost}))
	}
	p.urgent.Update(kit.CriticalNote, urgent...)
	kit.SetShown(p.urgent, len(urgent) > 0)
	p.head.Update(kit.T(st.Head, kit.Title, theme.Text))
	p.words.Update(kit.T(st.Words, kit.Body, theme.TextMuted))
	p.enter.Update(kit.ButtonConfig{Text: words.T("Sign in"), Key: words.C("key", "Enter"), Kind: kit.Primary, Size: kit.Large, Off: st.Busy})
	p.asks(st)
	p.writes(st)
	p.offersPack(st)
	kit.SetShown(p.wall, p.shell.conf.OpenWall && p.shell.conf.Station.MayWall())
	for _, bar := range []*fyne.Container{p.fields, p.ways} { // what is in them came or went
		bar.Layout.Layout(bar.Objects, bar.Size())
	}
	p.say(st.Error)
	p.object.Refresh()
}

func (p *signInPage) say(trouble string) {
	if trouble == "" {
		p.trouble.Hide()
		return
	}
	p.trouble.Update(kit.CriticalNote, kit.T(trouble, kit.Body, theme.Text))
	if p.trouble.Visible() { // it is shown at each look at the state, while somebody types
		return
	}
	p.trouble.Show()
	if p.state.Leaving { // no try was refused
		return
	}
	again := p.pin
	if p.code.Visible() { // the PIN was right
		again = p.code
	}
	again.SetText("")
	p.shell.focus(again)
}

func factLine(f signin.Fact) fyne.CanvasObject {
	icon := kit.Span{Icon: iconWarning, Text: f.Head, Style: kit.BodyStrong, Color: theme.Text, IconColor: theme.WarningText}
	if f.Good {
		icon.Icon, icon.IconColor = iconConnected, theme.Ok
	}
	return kit.NewInset(0, 5, kit.NewColumn(2, kit.NewFlow(icon), kit.NewFlow(kit.T(f.Words, kit.Dense, theme.TextMuted))))
}

func (p *signInPage) bind(o fyne.CanvasObject, it kit.Item, _ kit.RowState) {
	who, _ := it.Data.(signin.Person)
	o.(*twoLines).show(
		[]kit.Span{{Icon: iconPerson, IconColor: theme.TextMuted, Text: ward.SayName(who.Name), Style: kit.BodyStrong, Color: theme.Text}},
		[]kit.Span{kit.T(who.Note, kit.Dense, theme.TextMuted)}, nil)
}

// choose puts a name into the form, and the focus to the PIN.
func (p *signInPage) choose(user string) {
	if _, ok := p.known[user]; ok {
		p.user.SetText(user)
		p.pin.SetText("")
		p.shell.focus(p.pin)
	}
}

func (p *signInPage) send() {
	if p.state.Writing {
		p.keep()
		return
	}
	p.say("")
	p.model.Enter(p.user.Text(), p.pin.Text(), p.code.Text())
}

// clear forgets what was typed.
func (p *signInPage) clear() {
	p.user.SetText("")
	p.pin.SetText("")
	p.code.SetText("")
	p.text.SetText("")
	p.model.Forget()
	p.say("")
}

// welcome asks whoever locked the window for their PIN.
func (p *signInPage) welcome(user string) {
	p.clear()
	p.user.SetText(user)
	p.model.Refresh()
	p.focus()
}

// focus goes to what must be typed first.
func (p *signInPage) focus() {
	if p.user.Text() == "" {
		p.shell.focus(p.user)
	} else {
		p.shell.focus(p.pin)
	}
}

func (p *signInPage) where(name string) (fyne.CanvasObject, bool) {
	switch name {
	case "user":
		return p.user, true
	case "pin":
		return p.pin, true
	case "code":
		return p.code, true
	case "what-you-saw":
		return p.text, true
	case "write":
		return p.write, true
	case "hospital":
		return p.hospital, true
	case "wall":
		return p.wall, true
	case "ward-pack":
		return p.pack, p.pack.Visible()
	case "sign-in":
		return p.enter, true
	}
	return nil, false
}

// twoLines is a row of two lines, with something at the right.
type twoLines struct {
	kit.Block
	top, under, right *kit.Line
	lower             bool // it has a lower line
}

func newTwoLines() *twoLines {
	r := &twoLines{top: kit.NewLine(), under: kit.NewLine(), right: kit.NewLine()}
	r.Parts = []fyne.CanvasObject{r.top, r.under, r.right}
	r.Min = func() fyne.Size { return fyne.NewSize(theme.Px(120), theme.Px(24)) }
	r.Place = func(size fyne.Size) {
		x, half := theme.Px(16), size.Height/2
		if !r.lower {
			kit.PlaceMiddle(r.top, x, 0, size.Height)
		} else {
			kit.PlaceMiddle(r.top, x, theme.Px(4), half-theme.Px(4))
			kit.PlaceMiddle(r.under, x+theme.Px(20), half, half-theme.Px(4))
		}
		w := r.right.MinSize().Width
		kit.PlaceMiddle(r.right, size.Width-w-theme.Px(16), 0, size.Height)
	}
	r.Init(r)
	return r
}

// show draws what changed, and nothing where nothing did: a list binds its rows more
// often than they change.
func (r *twoLines) show(top, under, right []kit.Span) {
	a, b, c := r.top.Update(top...), r.under.Update(under...), r.right.Update(right...)
	if r.lower = len(under) > 0; a || b || c {
		r.Changed()
	}
}
