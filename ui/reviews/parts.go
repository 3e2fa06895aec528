package reviews

import (
	"math"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// The icons of the page, by the names of assets: a span's icon is one of them.
const (
	iconPlace  = "desktop-bold"
	iconForce  = "shield-check-fill"
	iconChosen = "check-circle-fill"
	iconAsked  = "hand-palm-bold"
	iconUnsent = "cloud-arrow-up-fill"
	iconReview = "git-diff-bold"
)

// side is one of the two entries. Both are drawn alike, but for the mark of what
// is in force meanwhile, until one is chosen.
type side struct {
	object *kit.Panel
	keep   *kit.Button
	ref    string
	label  string
	key    string
}

func newSide(s ward.Side, i int, label string, choose func()) *side {
	c := &side{ref: s.Ref, label: label, key: strconv.Itoa(i + 1)}
	c.keep = kit.NewButton(kit.ButtonConfig{Text: c.label, Key: c.key, Size: kit.Large, Wide: true}, choose)
	place := kit.Span{Icon: iconPlace, Text: s.Place, Style: kit.DenseStrong}
	if s.Who == "" { // nobody's entry: an answer that lets all of them stand
		place = kit.T(words.T("Answer"), kit.DenseStrong, theme.TextMuted)
	}
	head := []kit.Span{place}
	if s.InForce {
		head = append(head, kit.Chip(words.T("IN FORCE MEANWHILE"), iconForce, kit.InfoTone).After(12).Kept())
	}
	lines := []fyne.CanvasObject{kit.NewFlow(head...), kit.NewFlow(kit.T(s.Title, kit.Heading, theme.Text))}
	if s.Quote != "" {
		lines = append(lines, kit.NewFlow(kit.T("“"+s.Quote+"”", kit.Body, theme.Text)))
	}
	facts := kit.NewColumn(0)
	add := func(label string, spans ...kit.Span) {
		facts.Objects = append(facts.Objects, kit.NewFieldRow(92, label, spans...))
	}
	if s.Who != "" {
		add(words.C("author", "Who"), kit.T(s.Who, kit.Dense, theme.Text))
	}
	when := []kit.Span{kit.T(ward.Date(s.When), kit.Dense, theme.Text), kit.T(ward.Clock(s.When), kit.DenseStrong, theme.Text).After(4)}
	if !s.Sent.IsZero() {
		when = append(when, kit.T(words.F("(sent %s)", ward.Stamp(s.Sent, s.When)), kit.Dense, theme.Text).After(4))
	}
	if !s.When.IsZero() {
		add(words.T("When"), when...)
	}
	if s.CouldSee != "" {
		add(words.T("Could see"), kit.T(s.CouldSee, kit.Dense, theme.Text))
	}
	lines = append(lines, facts)
	c.object = kit.NewPanel(kit.PanelConfig{Border: theme.LineStrong}, newApart(kit.NewColumn(8, lines...), c.keep))
	return c
}

// newApart puts the button at the foot, so that both sides' buttons stand on one
// line.
func newApart(top, foot fyne.CanvasObject) fyne.CanvasObject {
	b := &kit.Block{Parts: []fyne.CanvasObject{top, foot}}
	pad := func() float32 { return theme.Px(16) }
	b.Min = func() fyne.Size {
		return fyne.NewSize(max(theme.Px(250), foot.MinSize().Width+2*pad()), top.MinSize().Height+foot.MinSize().Height+3*pad())
	}
	b.Tall = func(w float32) float32 {
		return kit.HeightFor(top, w-2*pad()) + foot.MinSize().Height + 3*pad()
	}
	b.Place = func(size fyne.Size) {
		w := max(size.Width-2*pad(), 0)
		h := foot.MinSize().Height
		kit.PlaceAt(top, pad(), pad(), w, kit.HeightFor(top, w))
		kit.PlaceAt(foot, pad(), size.Height-pad()-h, w, h)
	}
	b.Init(b)
	return b
}

// update draws whether this side is the chosen one.
func (c *side) update(chosen string, busy bool) {
	if chosen == c.ref {
		c.object.Update(kit.PanelConfig{Border: theme.Primary, Heavy: true})
		c.keep.Update(kit.ButtonConfig{Text: words.T("Chosen"), Icon: iconChosen, Key: c.key, Size: kit.Large, Wide: true, Kind: kit.Chosen, Off: busy})
		return
	}
	c.object.Update(kit.PanelConfig{Border: theme.LineStrong})
	c.keep.Update(kit.ButtonConfig{Text: c.label, Key: c.key, Size: kit.Large, Wide: true, Off: busy})
}

// keepLabels are what the buttons say: both the titles, or, where one of those is
// too long for a button, both the same. The whole titles stand above them.
func keepLabels(sides []ward.Side) []string {
	out := make([]string, len(sides))
	for i, s := range sides {
		out[i] = words.F("Keep: %s", s.Title)
	}
	for _, l := range out {
		if len([]rune(l)) > 34 {
			for i := range out {
				out[i] = words.T("Keep this")
			}
			break
		}
	}
	return out
}

// row is one review of the list.
type row struct {
	kit.Block
	line  *canvas.Rectangle
	words *kit.Flow
	what  *kit.Flow
	where *kit.Flow
}

func newRow() fyne.CanvasObject {
	r := &row{line: canvas.NewRectangle(nil), words: kit.NewFlow(), what: kit.NewFlow(), where: kit.NewFlow()}
	r.Parts = []fyne.CanvasObject{r.line, r.words, r.what, r.where}
	r.Min = func() fyne.Size { return fyne.NewSize(theme.Px(160), theme.Px(64)) }
	r.Redraw = r.paint
	r.Place = func(size fyne.Size) {
		hair := theme.Stroke(theme.Hairline)
		kit.PlaceAt(r.line, 0, size.Height-hair, size.Width, hair)
		y, w := theme.Px(10), max(size.Width-theme.Px(28), 0)
		for _, f := range []*kit.Flow{r.words, r.what, r.where} {
			h := f.HeightFor(w)
			kit.PlaceAt(f, theme.Px(14), y, w, h)
			y += h + theme.Px(1)
		}
	}
	r.paint()
	r.Init(r)
	return r
}

func (r *row) paint() { r.line.FillColor = theme.Color(theme.Line) }

func bindRow(o fyne.CanvasObject, it kit.Item, st kit.RowState) {
	if v, ok := it.Data.(ward.Review); ok {
		o.(*row).set(v, st.Gone)
	}
}

func (r *row) set(v ward.Review, gone bool) {
	name := v.Who.ShowName()
	if v.Who.Bed != "" {
		name = v.Who.Bed + " " + name
	}
	head := kit.Span{Icon: iconReview, Text: name, Style: kit.BodyStrong}
	if gone {
		head.Color = theme.TextMuted
		head = head.Struck()
	}
	spans := []kit.Span{head}
	if v.Unsent {
		spans = append(spans, kit.Chip(words.T("unsent"), iconUnsent, kit.UnsentTone).After(8).Kept())
	}
	r.words.Update(spans...)
	r.what.Update(kit.T(v.Short, kit.Body, theme.Text))
	var where []kit.Span
	for i, s := range v.Sides {
		if s.Who == "" {
			continue
		}
		text := s.Place + " " + ward.Clock(s.When)
		if i > 0 {
			text = "· " + text
		}
		where = append(where, kit.T(text, kit.Caption, theme.TextMuted).After(float32(min(i, 1)*5)))
	}
	r.where.Update(where...)
	r.Changed()
}

// rowHeight is how high a review's row must be, in design units.
func rowHeight(v ward.Review, width float32) float32 {
	probe := newRow().(*row)
	probe.set(v, false)
	w := max(width-theme.Px(28), theme.Px(120))
	h := probe.words.HeightFor(w) + probe.what.HeightFor(w) + probe.where.HeightFor(w) + theme.Px(24)
	return max(64, float32(math.Ceil(float64(h/theme.Scale()))))
}
