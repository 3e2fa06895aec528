package chart

import (
	"reflect"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/chart"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// orderList is what was asked for, newest first, in words: what waits and for
// what, what its author went against, what was withdrawn and by whom.
type orderList struct {
	m       *view.Model
	reveal  func(fyne.CanvasObject)
	object  *fyne.Container
	buttons map[string]fyne.CanvasObject
	shown   []ward.Order
	empty   string
	minute  time.Time

	print   func(orders []fhir.ID, copies int) // nil: nobody prints labels here
	copies  int                                // of each label; it stays with the window
	all     *kit.Button                        // prints those of every open test
	each    *kit.Segmented
	printed *fyne.Container // all and each
	key     string
}

// mostCopies is how many labels of each can be chosen here.
const mostCopies = 4

// labels shows what prints labels.
func (l *orderList) labels(key string, do func(orders []fhir.ID, copies int)) {
	l.print, l.key = do, key
	l.all = kit.NewButton(kit.ButtonConfig{}, func() { do(view.OpenTests(l.shown), l.copies) })
	l.all.OnFocus = func() { l.reveal(l.all) }
	var counts []string
	for n := range mostCopies {
		counts = append(counts, strconv.Itoa(n+1))
	}
	l.each = kit.NewSegmented(kit.SegmentedConfig{Labels: counts}, func(i int) {
		l.copies = i + 1
		l.each.Update(kit.SegmentedConfig{Labels: counts, Selected: i})
	})
	l.each.OnFocus = func() { l.reveal(l.each) }
	l.printed = kit.NewInset(0, 4, kit.NewBar(8, l.all, kit.NewText(words.T("Copies of each"), kit.Dense, theme.TextMuted), l.each))
}

// head is what prints the labels of all open tests; nil where there are none.
func (l *orderList) head() fyne.CanvasObject {
	n := len(view.OpenTests(l.shown))
	if l.print == nil || n == 0 {
		return nil
	}
	l.all.Update(kit.ButtonConfig{Text: words.N(n, "Print %d label", "Print %d labels"), Icon: iconPrint, Key: l.key, Size: kit.Small})
	l.buttons["print-labels"], l.buttons["label-copies"] = l.all, l.each
	return l.printed
}

func newOrderList(m *view.Model) *orderList {
	return &orderList{m: m, copies: 1, object: kit.NewColumn(8), buttons: map[string]fyne.CanvasObject{}}
}

// show draws the orders anew where they changed, so that the focus stays.
func (l *orderList) show(s view.State, now time.Time) {
	minute := now.Truncate(time.Minute)
	if minute.Equal(l.minute) && s.Sheet.Empty == l.empty && reflect.DeepEqual(s.Chart.Orders, l.shown) && len(l.object.Objects) > 0 {
		return
	}
	l.shown, l.empty, l.minute, l.buttons = s.Chart.Orders, s.Sheet.Empty, minute, map[string]fyne.CanvasObject{}
	l.object.Objects = nil
	why := s.Sheet.Empty
	if !s.Loaded {
		why = words.T("Loading the orders from this computer’s copy")
	}
	if why != "" {
		l.object.Objects = append(l.object.Objects, newTall(kit.NewEmpty(why), 60))
	}
	if h := l.head(); h != nil {
		l.object.Objects = append(l.object.Objects, h)
	}
	for _, o := range s.Chart.Orders {
		l.object.Objects = append(l.object.Objects, l.card(o, now))
	}
	l.object.Refresh()
}

func (l *orderList) card(o ward.Order, now time.Time) fyne.CanvasObject {
	lines := []fyne.CanvasObject{kit.NewFlow(orderHead(o)...), kit.NewFlow(orderStands(o)...)}
	for _, r := range o.Remarks {
		lines = append(lines, kit.NewFlow(kit.Span{Icon: iconReview, IconColor: theme.WarningText, Text: r, Style: kit.DenseStrong, Color: theme.WarningText}))
	}
	for _, v := range o.Overrides {
		lines = append(lines, kit.NewFlow(
			kit.Span{Icon: iconWarning, IconColor: theme.WarningText, Text: words.T("In spite of:"), Style: kit.DenseStrong, Color: theme.WarningText}, dense(v.Words+".").After(5),
			muted(words.T("Because")).After(6), strong(v.Reason).After(5), kit.T(joined(ward.SayName(v.By), ward.Stamp(v.At, now)), kit.Caption, theme.TextMuted).After(8)))
	}
	if o.Withdrawn != "" {
		lines = append(lines, kit.NewFlow(muted(words.T("Withdrawn by")), dense(o.Withdrawn).After(5)))
	}
	lines = append(lines, kit.NewFlow(kit.T(words.F("Asked for by %s", joined(ward.SayName(o.By), ward.Stamp(o.At, now))), kit.Caption, theme.TextMuted)))
	var can []fyne.CanvasObject
	if b := l.action(o); b != nil {
		can = append(can, b)
	}
	if b := l.label(o); b != nil {
		can = append(can, b)
	}
	if len(can) > 0 {
		lines = append(lines, kit.NewBar(8, can...))
	}
	return kit.NewPanel(kit.PanelConfig{}, kit.NewInset(14, 10, kit.NewColumn(4, lines...)))
}

// action is what can be done about an order; bound here, so that a press acts on
// the order that was drawn.
func (l *orderList) action(o ward.Order) *kit.Button {
	var b *kit.Button
	switch {
	case o.Open:
		b = kit.NewButton(kit.ButtonConfig{Text: words.T("Withdraw order"), Size: kit.Small}, func() { l.m.WithdrawOrder(o) })
		l.buttons["withdraw-order-"+string(o.ID)] = b
	case o.Undo:
		b = kit.NewButton(kit.ButtonConfig{Text: words.T("Take that back"), Size: kit.Small}, func() { l.m.ReinstateOrder(o.ID) })
		l.buttons["reinstate-order-"+string(o.ID)] = b
	default:
		return nil
	}
	b.OnFocus = func() { l.reveal(b) }
	return b
}

// label prints the label of one order, which is bound here.
func (l *orderList) label(o ward.Order) *kit.Button {
	if l.print == nil || !o.Open || o.Kind != ward.OrderTest {
		return nil
	}
	b := kit.NewButton(kit.ButtonConfig{Text: words.T("Print label"), Size: kit.Small}, func() { l.print([]fhir.ID{o.ID}, l.copies) })
	l.buttons["print-label-"+string(o.ID)] = b
	b.OnFocus = func() { l.reveal(b) }
	return b
}

func orderHead(o ward.Order) []kit.Span {
	name := kit.T(o.Test, kit.BodyStrong, theme.Text)
	if o.Withdrawn != "" {
		name = kit.T(o.Test, kit.BodyStrong, theme.TextMuted).Struck()
	}
	out := []kit.Span{name}
	if o.Dose != "" {
		out = append(out, kit.T(o.Dose, kit.Body, theme.Text).After(8))
	}
	if o.Stat {
		out = append(out, kit.Chip(words.T("AT ONCE"), iconWarning, kit.WarningTone).After(8).Kept())
	}
	if o.Unsent {
		out = append(out, unsentChip())
	}
	return out
}

// orderStands says where an order stands; what is late says so by word and shape.
func orderStands(o ward.Order) []kit.Span {
	if o.Late != "" {
		return []kit.Span{
			dense(sentence(ward.Said(o.Status))),
			{Icon: iconOverdue, IconColor: theme.WarningText, Text: o.Late, Style: kit.DenseStrong, Color: theme.WarningText, Gap: 10},
		}
	}
	if o.Open {
		return []kit.Span{{Icon: iconLab, IconColor: theme.TextMuted, Text: sentence(ward.Said(o.Status)), Style: kit.Dense, Color: theme.Text}}
	}
	return []kit.Span{dense(sentence(ward.Said(o.Status)))}
}

func sentence(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + s[n:]
}
