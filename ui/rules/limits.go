package rules

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2"

	view "wardlight/internal/station/view/rules"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// The icons of the limits, by the names of assets.
const iconDone = "check-circle-fill"

// limits are the limits that this hospital may set itself: each with its buttons, below
// it the form while it is set, and what was set before.
type limits struct {
	m      *view.Model
	reveal func(fyne.CanvasObject)
	object *fyne.Container
	rows   []*limitRow

	form          *fyne.Container
	title, within *kit.Flow
	whose         *kit.Segmented
	whoseRow      fyne.CanvasObject
	value, reason *kit.TextField
	valueRow      fyne.CanvasObject
	unit          *kit.Flow
	save, out     *kit.Button
	opened        string // which form was gone to last
}

// limitRow is one limit with what can be done about it.
type limitRow struct {
	key          string
	head, said   *kit.Flow
	change, back *kit.Button
	bar          *fyne.Container
	object       *fyne.Container
}

func newLimits(m *view.Model, typing *kit.Typing, reveal func(fyne.CanvasObject)) *limits {
	l := &limits{m: m, reveal: reveal, object: kit.NewColumn(8), title: kit.NewFlow(), within: kit.NewFlow(), unit: kit.NewFlow()}
	l.value = kit.NewTextField(valueConfig(false), typing)
	l.value.OnChange = m.SetLimitValue
	l.reason = kit.NewTextField(reasonConfig(false), typing)
	l.reason.OnChange = m.SetLimitReason
	l.whose = kit.NewSegmented(whose(false), func(i int) { m.SetLimitWard(i == 1) })
	l.save = kit.NewButton(kit.ButtonConfig{Text: words.T("Set the limit"), Key: "F2", Kind: kit.Primary}, m.SaveLimit)
	l.out = kit.NewButton(kit.ButtonConfig{Text: words.T("Leave it"), Key: words.C("key", "Esc")}, func() { m.LeaveLimit() })
	l.whoseRow = labelled(words.T("For whom"), kit.NewBar(0, l.whose))
	l.valueRow = labelled(words.T("The limit"), kit.NewBar(8, l.value, l.unit))
	l.form = kit.NewColumn(8, l.title, l.whoseRow, l.valueRow, l.within, labelled(words.T("Why"), l.reason), kit.NewBar(12, l.save, l.out))
	for _, t := range []*kit.TextField{l.value, l.reason} {
		t.OnFocus = func() { reveal(t) }
	}
	l.whose.OnFocus = func() { reveal(l.whose) }
	for _, b := range []*kit.Button{l.save, l.out} {
		b.OnFocus = func() { reveal(b) }
	}
	return l
}

func valueConfig(bad bool) kit.TextConfig { return kit.TextConfig{Width: 120, Bad: bad} }

func reasonConfig(bad bool) kit.TextConfig {
	return kit.TextConfig{Placeholder: words.T("As decided by the laboratory board, with its date"), Width: 360, Bad: bad}
}

func whose(ward bool) kit.SegmentedConfig {
	c := kit.SegmentedConfig{Labels: []string{words.T("Whole hospital"), words.T("This ward")}}
	if ward {
		c.Selected = 1
	}
	return c
}

// labelled is a label over its control.
func labelled(label string, control fyne.CanvasObject) fyne.CanvasObject {
	return kit.NewColumn(6, kit.NewFlow(kit.T(label, kit.CaptionStrong, theme.TextMuted)), control)
}

// show draws the limits; none hides them.
func (l *limits) show(v *view.Limits, busy bool) {
	l.object.Objects = nil
	if v == nil {
		l.opened = ""
		return
	}
	add := func(o fyne.CanvasObject) { l.object.Objects = append(l.object.Objects, o) }
	add(kit.NewFlow(kit.T(v.Head, kit.BodyStrong, theme.Text)))
	for _, n := range v.Notes {
		add(kit.NewFlow(kit.T(n, kit.Dense, theme.TextMuted)))
	}
	for i, line := range v.Lines {
		for len(l.rows) <= i {
			l.rows = append(l.rows, l.newRow())
		}
		r := l.rows[i]
		r.show(line, v.Form != nil || busy)
		add(r.object)
		if v.Form != nil && v.Form.Key == line.Key {
			l.fill(v.Form, busy)
			add(l.form)
		}
	}
	l.rows = l.rows[:min(len(l.rows), len(v.Lines))]
	if v.Form == nil {
		l.opened = ""
	}
	if len(v.Changes) > 0 {
		add(kit.NewFlow(kit.T(words.T("What was set, newest first"), kit.BodyStrong, theme.Text)))
	}
	for _, c := range v.Changes {
		add(kit.NewFlow(kit.T(c.Head, kit.DenseStrong, theme.Text), kit.T(c.Words, kit.Dense, theme.TextMuted).OnOwnLine()))
	}
	l.object.Refresh()
}

func (l *limits) fill(f *view.LimitForm, busy bool) {
	title := words.F("Set: %s", f.Title)
	if f.Back {
		title = words.F("Take back: %s", f.Title)
	}
	l.title.Update(kit.T(title, kit.BodyStrong, theme.Text))
	l.within.Update(kit.T(f.Range, kit.Dense, theme.TextMuted))
	l.unit.Update(kit.T(f.Unit, kit.BodyStrong, theme.Text))
	kit.SetShown(l.whoseRow.(*fyne.Container), f.Choice)
	kit.SetShown(l.valueRow.(*fyne.Container), !f.Back)
	l.whose.Update(whose(f.Ward))
	if l.value.Text() != f.Value {
		l.value.SetText(f.Value)
	}
	if l.reason.Text() != f.Reason {
		l.reason.SetText(f.Reason)
	}
	l.value.Update(valueConfig(f.Bad == view.BadValue))
	l.reason.Update(reasonConfig(f.Bad == view.BadReason))
	save := words.T("Set the limit")
	if f.Back {
		save = words.T("Take it back")
	}
	l.save.Update(kit.ButtonConfig{Text: save, Key: "F2", Kind: kit.Primary, Off: busy})
	l.out.Update(kit.ButtonConfig{Text: words.T("Leave it"), Key: words.C("key", "Esc"), Off: busy})
	l.form.Refresh()
}

// enter goes to where the form begins.
func (l *limits) enter(f *view.LimitForm) {
	switch {
	case f == nil || l.opened == f.Key+strconv.FormatBool(f.Back):
		return
	case f.Back:
		l.reason.Focus()
		l.reveal(l.form)
		l.reveal(l.reason) // of a form that is higher than the page, where one types
	default:
		l.value.Focus()
		l.reveal(l.form)
		l.reveal(l.value)
	}
	l.opened = f.Key + strconv.FormatBool(f.Back)
}

func (l *limits) newRow() *limitRow {
	r := &limitRow{head: kit.NewFlow(), said: kit.NewFlow()}
	r.change = kit.NewButton(kit.ButtonConfig{}, func() { l.m.ChangeLimit(r.key) })
	r.back = kit.NewButton(kit.ButtonConfig{}, func() { l.m.BackLimit(r.key) })
	for _, b := range []*kit.Button{r.change, r.back} {
		b.OnFocus = func() { l.reveal(b) }
	}
	r.bar = kit.NewBar(8, r.change, r.back)
	r.object = kit.NewColumn(4, r.head, r.said, r.bar)
	return r
}

func (r *limitRow) show(v view.LimitLine, busy bool) {
	r.key = v.Key
	r.head.Update(kit.T(v.Name, kit.Dense, theme.TextMuted), kit.T(v.Value, kit.BodyStrong, theme.Text).After(8).Kept())
	var spans []kit.Span
	for _, w := range v.Words {
		spans = append(spans, kit.T(w, kit.Dense, theme.TextMuted).OnOwnLine())
	}
	r.said.Update(spans...)
	kit.SetShown(r.bar, v.May || v.Back)
	kit.SetShown(r.change, v.May)
	kit.SetShown(r.back, v.Back)
	r.change.Update(kit.ButtonConfig{Text: words.T("Change"), Size: kit.Small, Off: busy})
	r.back.Update(kit.ButtonConfig{Text: words.T("Take back"), Size: kit.Small, Off: busy})
	r.bar.Refresh()
	r.object.Refresh()
}

// where finds a control by its name: "limit-1-change", "limit-value".
func (l *limits) where(name string) (fyne.CanvasObject, bool) {
	form := map[string]fyne.CanvasObject{"limit-value": l.value, "limit-reason": l.reason, "limit-whose": l.whose, "limit-save": l.save, "limit-leave": l.out}
	if o, ok := form[name]; ok {
		return o, o.Visible()
	}
	n, act, _ := strings.Cut(strings.TrimPrefix(name, "limit-"), "-")
	i, err := strconv.Atoi(n)
	if err != nil || i < 1 || i > len(l.rows) {
		return nil, false
	}
	r := l.rows[i-1]
	switch act {
	case "change":
		return r.change, r.bar.Visible() && r.change.Visible()
	case "back":
		return r.back, r.bar.Visible() && r.back.Visible()
	}
	return nil, false
}
