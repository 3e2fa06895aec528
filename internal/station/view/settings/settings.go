// Package settings is the view model of the settings page: how the screens look
// for whoever is signed in, and what this program is made of.
//
// What somebody chooses holds at once and is kept under their name on this
// computer. Where they have chosen nothing they see the computer's own look,
// which is also that of the sign-in page and the wall. No patient's data is part
// of any of it.
package settings

import (
	"strconv"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/words"
	"wardlight/internal/words/languages"
)

// Keeper keeps looks by the name of a person; "" is the computer.
type Keeper interface {
	Look(user string) (ward.Look, bool)
	KeepLook(user string, look *ward.Look) error
}

// Choice is one theme to choose.
type Choice struct {
	Theme string
	Label string
}

// Themes are the choices, in order.
func Themes() []Choice {
	return []Choice{
		{ward.ThemeLight, words.T("Light")}, {ward.ThemeDark, words.T("Dark")}, {ward.ThemeHighContrast, words.T("High contrast")}, {ward.ThemeSystem, words.T("As the system")},
	}
}

// Speech is one language to choose.
type Speech struct {
	Tag   string // "" is the language of the computer
	Label string
}

// Languages are the choices, in order. Each is called as its speakers call it.
func Languages() []Speech {
	var out []Speech
	for _, l := range languages.All() {
		out = append(out, Speech{l.Tag, l.Name})
	}
	return append(out, Speech{"", words.T("As the computer")})
}

// State is the page as drawn.
type State struct {
	Language        int // index of Languages
	Theme           int // index of Themes
	Scale           string
	Larger, Smaller bool // there is a step that way
	Still           bool
	Mine            bool   // this person has a look of their own
	Whose           string // in words
	Error           string
}

// Model is the view model. Its methods are for the display's goroutine.
type Model struct {
	keep     Keeper
	dispatch base.Dispatcher
	who      ward.Person
	first    ward.Look // the computer's, as the program was started
	apply    func(ward.Look)
	show     func(State)

	look ward.Look
	mine bool
	err  string
	gen  int           // counts changes: a late word about one before is not told
	last chan struct{} // closed when the write before is done
}

// New makes the model for a person. first is the look of the computer while
// nobody has chosen one; apply makes the window look so.
func New(keep Keeper, d base.Dispatcher, who ward.Person, first ward.Look, apply func(ward.Look), show func(State)) *Model {
	m := &Model{keep: keep, dispatch: d, who: who, first: first.Sound(), apply: apply, show: show}
	m.look, m.mine = keep.Look(who.User)
	if !m.mine {
		m.look = m.computer()
	}
	return m
}

// computer is the computer's own look.
func (m *Model) computer() ward.Look { return Computer(m.keep, m.first) }

// Computer is the look of the computer: what somebody kept for it, else first.
func Computer(keep Keeper, first ward.Look) ward.Look {
	if look, ok := keep.Look(""); ok {
		return look
	}
	return first.Sound()
}

// Begin makes the window look as this person wants it.
func (m *Model) Begin() {
	m.apply(m.look)
	m.show(m.State())
}

// Look is how the window looks for this person now.
func (m *Model) Look() ward.Look { return m.look }

// SetTheme chooses one of Themes.
func (m *Model) SetTheme(i int) {
	if all := Themes(); i >= 0 && i < len(all) {
		m.look.Theme = all[i].Theme
		m.changed()
	}
}

// SetLanguage chooses one of Languages.
func (m *Model) SetLanguage(i int) {
	if all := Languages(); i >= 0 && i < len(all) && all[i].Tag != m.look.Language {
		m.look.Language = all[i].Tag
		m.changed()
	}
}

// Move goes on under another page: what is drawn from now on is drawn by show. The
// window made its pages anew, in another language.
func (m *Model) Move(show func(State)) {
	m.show = show
	m.show(m.State())
}

// Step makes everything larger or smaller by so many steps.
func (m *Model) Step(by int) { m.SetScale(m.look.Scale + by*ward.ScaleStep) }

// SetScale sets the size of text, rows and icons, in per cent.
func (m *Model) SetScale(percent int) {
	if percent = min(max(percent, ward.MinScale), ward.MaxScale); percent != m.look.Scale {
		m.look.Scale = percent
		m.changed()
	}
}

// SetStill asks for less motion, or for the usual one.
func (m *Model) SetStill(on bool) {
	m.look.Still = on
	m.changed()
}

// ForEverybody makes the present look the computer's own.
func (m *Model) ForEverybody() {
	look := m.look
	m.write("", &look)
	m.show(m.State())
}

// Forget goes back to the computer's own look.
func (m *Model) Forget() {
	m.look, m.mine = m.computer(), false
	m.write(m.who.User, nil)
	m.apply(m.look)
	m.show(m.State())
}

func (m *Model) changed() {
	look := m.look
	m.mine = true
	m.write(m.who.User, &look)
	m.apply(m.look)
	m.show(m.State())
}

// write keeps a look, off the display's goroutine and after what was written
// before: of two quick changes the later one stays. What cannot be kept holds all
// the same until the person signs out, and they are told.
func (m *Model) write(user string, look *ward.Look) {
	m.gen++
	gen := m.gen
	m.err = ""
	before, done := m.last, make(chan struct{})
	m.last = done
	go func() {
		if before != nil {
			<-before
		}
		err := m.keep.KeepLook(user, look)
		close(done)
		m.dispatch.Do(func() {
			if err == nil || gen != m.gen {
				return
			}
			m.err = words.F("This could not be kept: it holds until you sign out. %s", base.Words(err))
			m.show(m.State())
		})
	}()
}

// State is the page as drawn.
func (m *Model) State() State {
	s := State{Scale: strconv.Itoa(m.look.Scale) + " %", Larger: m.look.Scale < ward.MaxScale, Smaller: m.look.Scale > ward.MinScale, Still: m.look.Still, Mine: m.mine, Error: m.err}
	for i, c := range Themes() {
		if c.Theme == m.look.Theme {
			s.Theme = i
		}
	}
	for i, l := range Languages() {
		if l.Tag == m.look.Language || l.Tag == "" && !languages.Known(m.look.Language) {
			s.Language = i
		}
	}
	s.Whose = words.F("You see this computer’s own settings. What you change here is kept for you, %s, on this computer.", ward.SayName(m.who.Name))
	if m.mine {
		for i, l := range Languages() {
			if l.Tag == m.look.Language || l.Tag == "" && !languages.Known(m.look.Language) {
				s.Language = i
			}
		}
		s.Whose = words.F("Kept for you, %s, on this computer. Others see their own.", ward.SayName(m.who.Name))
	}
	return s
}
