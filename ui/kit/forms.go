package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"wardlight/ui/theme"
)

// FormRowConfig is the words of a form line.
type FormRowConfig struct {
	Label  string
	Unit   string // after the field
	Before string // the last value, muted
	Note   []Span // at the right, as a score or the word that says what is wrong
	Below  []Span // a line under the field, where it is an error
}

// FormRow is one line of a form: label, field, unit, what it was before, and a
// place for a note. Lines of one form share the same columns.
type FormRow struct {
	widget.BaseWidget
	config      FormRowConfig
	field, note fyne.CanvasObject
	label       *Line
	unit        *Line
	before      *Line
	words       *Line
	below       *Flow
	line        *canvas.Rectangle
	pane        *pane
}

// The columns of a form, in design units from its left edge.
const (
	formField  = 192
	formBefore = 532
	formNote   = 692
)

// NewFormRow makes a line around a field. note is an object at the right instead
// of words; it may be nil.
func NewFormRow(config FormRowConfig, field, note fyne.CanvasObject) *FormRow {
	r := &FormRow{config: config, field: field, note: note, label: NewLine(), unit: NewLine(), before: NewLine(), words: NewLine(), below: NewFlow(), line: newBox()}
	r.ExtendBaseWidget(r)
	r.redraw()
	return r
}

// Update changes the words; pieces that are the same are not redrawn.
func (r *FormRow) Update(config FormRowConfig) {
	r.config = config
	r.redraw()
	r.place(r.Size())
}

func (r *FormRow) redraw() {
	c := r.config
	r.label.Update(T(c.Label, BodyStrong, theme.Text))
	r.unit.Update(T(c.Unit, Dense, theme.TextMuted))
	r.before.Update(T(c.Before, Dense, theme.TextMuted))
	r.words.Update(c.Note...)
	r.below.Update(c.Below...)
	paintBox(r.line, theme.Line, theme.Transparent, 0, 0)
}

// columns are where field, before and note start; labels and fields that are
// wider push the others.
func (r *FormRow) columns() (field, before, note float32) {
	field = max(px(formField), px(16)+r.label.MinSize().Width+px(12))
	end := field + r.field.MinSize().Width + px(8) + r.unit.MinSize().Width
	before = max(px(formBefore), end+px(16))
	note = max(px(formNote), before+r.before.MinSize().Width+px(16))
	return field, before, note
}

func (r *FormRow) rowHeight() float32 {
	return max(px(theme.RowHeights().FormRow), r.field.MinSize().Height+px(12))
}

func (r *FormRow) place(size fyne.Size) {
	line := theme.Stroke(theme.Hairline)
	put(r.line, 0, size.Height-line, size.Width, line)
	field, before, note := r.columns()
	high := r.rowHeight()
	putMiddle(r.label, px(16), 0, high)
	w := putMiddle(r.field, field, 0, high)
	putMiddle(r.unit, field+w+px(8), 0, high)
	putMiddle(r.before, before, 0, high)
	if r.note != nil {
		putMiddle(r.note, note, 0, high)
		note += r.note.MinSize().Width + px(8)
	}
	putMiddle(r.words, note, 0, high)
	width := max(size.Width-field-px(16), 0)
	put(r.below, field, high-px(4), width, r.below.HeightFor(width))
}

// HeightFor returns the height at a width.
func (r *FormRow) HeightFor(width float32) float32 {
	h := r.rowHeight()
	if len(r.config.Below) > 0 {
		h += r.below.HeightFor(max(width-px(formField)-px(16), 0)) + px(4)
	}
	return h
}

// CreateRenderer implements fyne.Widget.
func (r *FormRow) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{r.line, r.label, r.field, r.unit, r.before, r.words, r.below}
	if r.note != nil {
		objects = append(objects, r.note)
	}
	r.pane = &pane{
		objects: objects,
		min: func() fyne.Size {
			_, _, note := r.columns()
			w := note + r.words.MinSize().Width + px(16)
			if r.note != nil {
				w += r.note.MinSize().Width + px(8)
			}
			return fyne.NewSize(w, r.HeightFor(max(r.Size().Width, w)))
		},
		layout:  r.place,
		refresh: func() { r.redraw(); r.place(r.Size()); canvasRefresh(r) },
	}
	return r.pane
}

// FieldRow is a muted label with its text beside it, as in a card of facts: the
// text wraps, the label keeps its column.
type FieldRow struct {
	widget.BaseWidget
	column float32
	label  *Line
	text   *Flow
	line   *canvas.Rectangle
	last   bool
	pane   *pane
}

// NewFieldRow makes a row whose text starts at a column, in design units.
func NewFieldRow(column float32, label string, text ...Span) *FieldRow {
	r := &FieldRow{column: column, label: NewLine(), text: NewFlow(), line: newBox()}
	r.ExtendBaseWidget(r)
	r.Update(label, text...)
	return r
}

// Last leaves out the hairline below.
func (r *FieldRow) Last() *FieldRow { r.last = true; r.Refresh(); return r }

// Link sets what a click on a linked span does.
func (r *FieldRow) Link(do func(id string)) *FieldRow { r.text.OnLink = do; return r }

// Update changes the words; nothing is redrawn when they are the same.
func (r *FieldRow) Update(label string, text ...Span) {
	r.label.Update(T(label, Dense, theme.TextMuted))
	r.text.Update(text...)
	paintBox(r.line, theme.Line, theme.Transparent, 0, 0)
}

// Text returns what the row says.
func (r *FieldRow) Text() string { return r.label.Text() + " " + r.text.Text() }

func (r *FieldRow) start() float32 {
	return max(px(r.column), r.label.MinSize().Width+px(12))
}

// HeightFor returns the height at a width.
func (r *FieldRow) HeightFor(width float32) float32 {
	return max(px(26), r.text.HeightFor(max(width-r.start(), px(40)))+px(9))
}

func (r *FieldRow) place(size fyne.Size) {
	line := theme.Stroke(theme.Hairline)
	put(r.line, 0, size.Height-line, size.Width, line)
	shown(r.line, !r.last)
	start := r.start()
	width := max(size.Width-start, px(40))
	h := r.text.HeightFor(width)
	top := (size.Height - h) / 2
	put(r.text, start, top, width, h)
	put(r.label, 0, top, r.label.MinSize().Width, min(r.label.MinSize().Height, max(h, px(1))))
}

// CreateRenderer implements fyne.Widget.
func (r *FieldRow) CreateRenderer() fyne.WidgetRenderer {
	r.pane = &pane{
		objects: []fyne.CanvasObject{r.line, r.label, r.text},
		min: func() fyne.Size {
			w := r.start() + r.text.MinSize().Width
			return fyne.NewSize(w, r.HeightFor(max(r.Size().Width, w)))
		},
		layout: r.place,
		refresh: func() {
			paintBox(r.line, theme.Line, theme.Transparent, 0, 0)
			r.place(r.Size())
			canvasRefresh(r)
		},
	}
	return r.pane
}
