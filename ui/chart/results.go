package chart

import (
	"time"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/chart"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// results is the tab of laboratory results: a table by panel, and beside it the
// selected result. Where there is room for one of the two, Enter shows the
// result and Esc goes back to the table.
type results struct {
	m      *view.Model
	state  view.State
	now    time.Time
	skip   int
	plan   plan
	list   *kit.List
	head   *tableHead
	panel  *kit.Sheet
	detail *detail
	side   *kit.Sheet
	empty  *kit.Empty
	older  *kit.Button
	newer  *kit.Button
	legend *kit.Flow
	foot   *fyne.Container
	status *status
	block  *kit.Block

	inside  *kit.Block
	width   float32
	narrow  bool
	reading bool // narrow: the selected result is in front
	id      ward.PatientID
}

func newResults(m *view.Model, typing *kit.Typing, clock kit.Clock) *results {
	t := &results{m: m, head: newTableHead(), empty: kit.NewEmpty(words.T("Loading results")), legend: kit.NewFlow(), status: newStatus()}
	t.list = kit.NewList(func() fyne.CanvasObject { return newTableRow() }, func(o fyne.CanvasObject, it kit.Item, _ kit.RowState) {
		if e, ok := it.Data.(*entry); ok {
			o.(*tableRow).set(e, &t.plan)
		}
	}, clock)
	t.list.OnSurface = true
	t.list.SetHeader(t.head)
	t.list.OnSelect = func(id string) { t.choose(id, nil) }
	t.list.OnOpen = func(string) { t.read(true) }
	t.list.OnClick = t.click
	t.older = kit.NewButton(kit.ButtonConfig{Text: words.T("Older"), Icon: iconBack, Size: kit.Small}, func() { t.page(1) })
	t.newer = kit.NewButton(kit.ButtonConfig{Text: words.T("Newer"), Icon: iconForward, Size: kit.Small}, func() { t.page(-1) })
	t.head.pager = kit.NewBar(6, t.older, t.newer)
	t.foot = kit.NewInset(12, 5, t.legend)
	t.legend.Update(legend()...)
	t.detail = newDetail(m, typing, func() { t.read(false) })
	t.inside = &kit.Block{
		Parts: []fyne.CanvasObject{t.list, t.foot},
		Min:   func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(120)) }, Place: t.placeTable,
	}
	t.inside.Init(t.inside)
	t.panel = kit.NewSheet(theme.Line, t.inside)
	t.side = kit.NewSheet(theme.Line, t.detail.object)
	t.block = &kit.Block{
		Parts: []fyne.CanvasObject{t.status.box, t.panel, t.side, t.empty},
		Min:   func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(120)) }, Place: t.place, Redraw: t.arrange,
	}
	t.block.Init(t.block)
	return t
}

func legend() []kit.Span {
	return []kit.Span{
		kit.T("– "+words.T("not done"), kit.Caption, theme.TextMuted).Kept(),
		{Icon: "caret-up-fill", Text: "H", Style: kit.CaptionStrong, Color: theme.High, Gap: 16, Keep: true},
		kit.T(words.T("above range"), kit.Caption, theme.TextMuted).After(4).Glued(),
		{Icon: "caret-down-fill", Text: "L", Style: kit.CaptionStrong, Color: theme.Low, Gap: 16, Keep: true},
		kit.T(words.T("below range"), kit.Caption, theme.TextMuted).After(4).Glued(),
		kit.T(words.T("italic"), kit.Style{Size: 12, Face: theme.Italic}, theme.TextMuted).After(16).Kept(),
		kit.T(": "+words.T("preliminary, may change"), kit.Caption, theme.TextMuted).Glued(),
		kit.T("128", kit.Caption, theme.TextMuted).Struck().After(16).Kept(),
		kit.T(words.T("replaced by a correction"), kit.Caption, theme.TextMuted).After(4).Glued(),
		kit.T("← → "+words.T("earlier results of a test"), kit.Caption, theme.TextMuted).After(16).Kept(),
	}
}

func (t *results) object() fyne.CanvasObject { return t.block }
func (t *results) first() fyne.Focusable     { return t.list }

func (t *results) named() map[string]fyne.CanvasObject {
	m := map[string]fyne.CanvasObject{"results": t.list, "older": t.older, "newer": t.newer}
	for k, o := range t.detail.named() {
		m[k] = o
	}
	return m
}

func (t *results) show(s view.State, now time.Time) {
	if s.ID != t.id {
		t.id, t.skip, t.reading = s.ID, 0, false
	} else if s.Tab != view.Results {
		return // nothing of it is seen, and it is drawn when it is
	}
	t.state, t.now = s, now
	t.status.show(s)
	why := s.Empty
	if !s.Loaded {
		why = words.T("Loading results from this computer’s copy")
		if s.Error != "" {
			why = words.T("Not loaded.")
		}
	}
	none := !s.Loaded || s.Empty != ""
	t.empty.Update(why)
	kit.SetShown(t.empty, none)
	t.arrange()
	t.detail.show(s, now)
	t.reveal()
	t.block.Changed()
}

// arrange makes the rows for the present width.
func (t *results) arrange() {
	none := !t.state.Loaded || t.state.Empty != ""
	kit.SetShown(t.panel, !none && (!t.narrow || !t.reading))
	kit.SetShown(t.side, !none && (!t.narrow || t.reading))
	t.detail.narrow(t.narrow)
	if t.width <= 0 {
		return
	}
	t.plan = planFor(&t.state, t.width, t.skip, t.now)
	t.head.update(&t.plan)
	t.list.SetItems(entriesOf(&t.state, &t.plan, t.now))
	if g, l := t.selectedLine(); l != nil {
		t.list.Select(lineID(g, l))
	}
	t.older.Update(kit.ButtonConfig{Text: words.T("Older"), Icon: iconBack, Size: kit.Small, Off: t.plan.hidden == 0})
	t.newer.Update(kit.ButtonConfig{Text: words.T("Newer"), Icon: iconForward, Size: kit.Small, Off: t.plan.skipped == 0})
	kit.SetShown(t.head.pager, t.plan.hidden+t.plan.skipped > 0)
	t.head.Changed()
}

func (t *results) selectedLine() (*view.Group, *view.Line) {
	for gi := range t.state.Groups {
		g := &t.state.Groups[gi]
		for li := range g.Rows {
			if g.Rows[li].Has(t.state.Selected) {
				return g, &g.Rows[li]
			}
		}
	}
	return nil, nil
}

func (t *results) lineOf(id string) *view.Line {
	for gi := range t.state.Groups {
		g := &t.state.Groups[gi]
		for li := range g.Rows {
			if lineID(g, &g.Rows[li]) == id {
				return &g.Rows[li]
			}
		}
	}
	return nil
}

// choose selects a line's result: its newest, unless another one was meant.
func (t *results) choose(id string, r *ward.Result) {
	l := t.lineOf(id)
	if l == nil {
		return
	}
	if r == nil {
		r = &l.Newest
	}
	t.m.Select(r.ID)
}

func (t *results) click(id string, at fyne.Position) bool {
	l := t.lineOf(id)
	if l == nil {
		return false
	}
	t.list.Select(id)
	t.choose(id, t.plan.resultAt(l, at.X))
	t.read(true)
	return true
}

// read brings the selected result to the front where there is room for one.
func (t *results) read(on bool) {
	if !t.narrow || t.reading == on {
		return
	}
	t.reading = on
	t.arrange()
	t.block.Changed()
	if c := canvasOf(t.block); c != nil {
		if on {
			kit.Focus(c, t.detail.first())
		} else {
			kit.Focus(c, t.list)
		}
	}
}

// page turns to older columns, or back.
func (t *results) page(by int) {
	shown := max(len(t.plan.columns)-1, 1)
	t.skip = min(max(t.plan.skipped+by*shown, 0), max(len(t.state.Moments)-2, 0))
	t.arrange()
	t.block.Changed()
}

// step goes to the next older or newer result of the selected test.
func (t *results) step(by int) bool {
	_, l := t.selectedLine()
	if l == nil {
		return false
	}
	all := append([]ward.Result{l.Newest}, l.Earlier...)
	for i := range all {
		if all[i].ID != t.state.Selected {
			continue
		}
		if j := i + by; j >= 0 && j < len(all) {
			t.m.Select(all[j].ID)
		}
		return true
	}
	return false
}

// reveal pages to the column of the selected result.
func (t *results) reveal() {
	_, l := t.selectedLine()
	if l == nil || l.Newest.ID == t.state.Selected || len(t.plan.columns) < 2 {
		return
	}
	n := len(t.state.Moments)
	for i, m := range t.state.Moments[:max(n-1, 0)] {
		r := l.At(m)
		if r == nil || r.ID != t.state.Selected {
			continue
		}
		if i < t.plan.hidden {
			t.skip = t.plan.skipped + t.plan.hidden - i
			t.arrange()
		} else if i >= n-1-t.plan.skipped {
			t.skip = n - 2 - i
			t.arrange()
		}
		return
	}
}

func (t *results) key(ev *fyne.KeyEvent) bool {
	switch ev.Name {
	case fyne.KeyEscape:
		if t.detail.cancel() {
			return true
		}
		if t.narrow && t.reading {
			t.read(false)
			return true
		}
		return false
	case fyne.KeyLeft:
		return t.step(1)
	case fyne.KeyRight:
		return t.step(-1)
	case fyne.KeyF5:
		return t.detail.takeIt()
	default:
		return false
	}
}

func (t *results) place(size fyne.Size) {
	px := theme.Px
	y := float32(0)
	if t.status.box.Visible() {
		h := kit.HeightFor(t.status.box, size.Width)
		kit.PlaceAt(t.status.box, 0, 0, size.Width, h)
		y = h + px(8)
	}
	rest := max(size.Height-y, 0)
	kit.PlaceAt(t.empty, 0, y, size.Width, rest)
	narrow := size.Width < px(820)
	t.head.low = rest < px(260)
	side := min(max(size.Width*0.36, px(330)), px(404))
	table := size.Width - side - px(12)
	if narrow {
		side, table = size.Width, size.Width
	}
	if inner := table - 2; inner != t.width || narrow != t.narrow {
		t.width, t.narrow = inner, narrow
		t.arrange()
	}
	kit.PlaceAt(t.panel, 0, y, table, rest)
	kit.PlaceAt(t.side, size.Width-side, y, side, rest)
}

func (t *results) placeTable(size fyne.Size) {
	foot := kit.HeightFor(t.foot, size.Width)
	if size.Height < theme.Px(380) {
		foot = 0 // a low window: the rows matter more than the legend
	}
	kit.SetShown(t.foot, foot > 0)
	kit.PlaceAt(t.list, 0, 0, size.Width, max(size.Height-foot, 0))
	kit.PlaceAt(t.foot, 0, max(size.Height-foot, 0), size.Width, foot)
}
