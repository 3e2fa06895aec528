package routines

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/words"
)

// What the page refuses, beside a step's index: Form.Bad.
const (
	BadName   = "name"
	BadWithin = "within"
)

// edit changes the form, where the person may.
func (m *Model) edit(change func(f *Form)) {
	f := m.state.Form
	if f == nil || !f.MayEdit || m.state.Busy {
		return
	}
	c := *f
	c.Steps = slices.Clone(f.Steps)
	change(&c)
	c.Changed, c.Bad = true, ""
	m.state.Form, m.state.Error, m.state.Saved = &c, "", ""
	m.show(m.state)
}

// SetName takes the name as it is typed.
func (m *Model) SetName(text string) {
	if f := m.state.Form; f != nil && f.Name != text {
		m.edit(func(f *Form) { f.Name = text })
	}
}

// SetKind chooses what it is for.
func (m *Model) SetKind(i int) {
	if i >= 0 && i < len(Kinds()) {
		m.edit(func(f *Form) { f.Kind = i })
	}
}

// SetSite makes a new routine the whole site's, or this ward's.
func (m *Model) SetSite(site bool) {
	if f := m.state.Form; f != nil && f.Fresh && m.page.MaySite {
		m.edit(func(f *Form) { f.Site = site })
	}
}

// SetWithin takes the minutes until it is late, as they are typed.
func (m *Model) SetWithin(text string) {
	if f := m.state.Form; f != nil && f.Within != text {
		m.edit(func(f *Form) { f.Within = text })
	}
}

// SetOff switches the routine off, or on.
func (m *Model) SetOff(off bool) { m.edit(func(f *Form) { f.Off = off }) }

// SetStep takes a step's words as they are typed.
func (m *Model) SetStep(i int, text string) {
	if m.hasStep(i) && m.state.Form.Steps[i].Words != text {
		m.edit(func(f *Form) { f.Steps[i].Words = text })
	}
}

// NextPage chooses the next of the pages that a step may open.
func (m *Model) NextPage(i int) {
	if m.hasStep(i) {
		m.edit(func(f *Form) { f.Steps[i].Page = (f.Steps[i].Page + 1) % len(Pages()) })
	}
}

// SwitchStep switches a step off, or on. It stays in the list, and in no run that is
// begun from then on.
func (m *Model) SwitchStep(i int) {
	if m.hasStep(i) {
		m.edit(func(f *Form) { f.Steps[i].Off = !f.Steps[i].Off })
	}
}

// MoveStep moves a step up (-1) or down (1).
func (m *Model) MoveStep(i, by int) {
	if m.hasStep(i) && m.hasStep(i+by) {
		m.edit(func(f *Form) { f.Steps[i], f.Steps[i+by] = f.Steps[i+by], f.Steps[i] })
	}
}

// RemoveStep takes a step out. It stays in the versions before.
func (m *Model) RemoveStep(i int) {
	if m.hasStep(i) {
		m.edit(func(f *Form) { f.Steps = slices.Delete(f.Steps, i, i+1) })
	}
}

// AddStep adds an empty one at the end.
func (m *Model) AddStep() {
	if f := m.state.Form; f != nil && len(f.Steps) < mostSteps {
		m.edit(func(f *Form) { f.Steps = append(f.Steps, Step{}) })
	}
}

// mostSteps is clinical/routine's bound: desk refuses more.
const mostSteps = 40

func (m *Model) hasStep(i int) bool {
	return m.state.Form != nil && i >= 0 && i < len(m.state.Form.Steps)
}

// Preview shows the routine as it will be ticked, or the form again.
func (m *Model) Preview() {
	if f := m.state.Form; f != nil {
		c := *f
		c.Preview = !f.Preview
		m.state.Form = &c
		m.show(m.state)
	}
}

// Leave throws away what was changed, and reports whether there was anything.
func (m *Model) Leave() bool {
	f := m.state.Form
	if f == nil || m.state.Busy || !f.Changed {
		return false
	}
	m.state.Error, m.state.Form = "", nil
	if r, ok := m.routine(f.id); ok {
		m.state.Form = m.formOf(r)
	} else if len(m.page.List) > 0 {
		m.state.Form = m.formOf(m.page.List[0])
	}
	m.lines()
	m.show(m.state)
	return true
}

// Save writes the next version. What was refused stays in the fields.
func (m *Model) Save() {
	f := m.state.Form
	if f == nil || m.state.Busy || !f.MayEdit || !f.Changed && !f.Fresh {
		return
	}
	cmd, bad, why := m.command(f)
	if bad != "" {
		c := *f
		c.Bad = bad
		m.state.Form, m.state.Error = &c, why
		m.show(m.state)
		return
	}
	m.state.Busy, m.state.Error, m.state.Saved = true, "", ""
	m.show(m.state)
	go func() {
		done, err := m.desk.Do(context.Background(), cmd)
		m.d.Do(func() {
			m.state.Busy = false
			if err != nil {
				m.state.Error = base.Words(err)
				m.show(m.state)
				return
			}
			c := *m.state.Form
			c.Changed = false
			m.state.Form = &c
			m.state.Saved = words.T("Saved, and on its way to the server: it is in force when the server has it. Runs that were begun keep the steps that they began with.")
			if len(done.Made) > 0 {
				m.after = done.Made[0]
			}
			m.show(m.state)
			m.loader.Reload()
		})
	}()
}

// command is what the form asks for, or what is wrong with it.
func (m *Model) command(f *Form) (cmd ward.SaveRoutine, bad, why string) {
	cmd = ward.SaveRoutine{
		Routine: f.id, Version: f.version, Name: strings.TrimSpace(f.Name), Kind: Kinds()[f.Kind].Code, Ward: f.ward, Off: f.Off, Starter: f.starter,
	}
	if f.Fresh && f.Site {
		cmd.Ward = ""
	}
	if cmd.Name == "" {
		return cmd, BadName, words.T("Give it a name first.")
	}
	if within := strings.TrimSpace(f.Within); within != "" {
		n, err := strconv.Atoi(within)
		if err != nil || n < 0 {
			return cmd, BadWithin, words.T("How many minutes until it is late? Write a number, or nothing for never.")
		}
		cmd.Within = n
	}
	for i, s := range f.Steps {
		if strings.TrimSpace(s.Words) == "" {
			return cmd, strconv.Itoa(i), words.T("A step has no words. Write them, or take the step out.")
		}
		cmd.Steps = append(cmd.Steps, ward.RoutineStep{ID: s.id, Words: s.Words, Page: Pages()[s.Page].Code, Off: s.Off})
	}
	return cmd, "", ""
}
