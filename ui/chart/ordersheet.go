package chart

import (
	"math"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/chart"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// orderSheet is what is about to be asked for: a search, what it found, the items
// that were chosen, for whom, and the signature.
type orderSheet struct {
	m      *view.Model
	typing *kit.Typing
	reveal func(fyne.CanvasObject)
	state  view.State

	kind   *kit.Segmented
	find   *kit.TextField
	offers *kit.List
	tall   *kit.Block // gives the offers their height
	cards  []*orderCard
	items  *fyne.Container
	who    *kit.Flow
	wants  *kit.Flow
	status *status
	sign   *kit.Button
	clear  *kit.Button

	content *fyne.Container
	foot    *fyne.Container
	inset   *fyne.Container
	scroll  *container.Scroll
	inner   *kit.Block
	panel   *kit.Panel
	width   float32
}

var orderKinds = []string{ward.OrderTest, ward.OrderMedicine}

func orderKind(kind string) kit.SegmentedConfig {
	c := kit.SegmentedConfig{Labels: []string{words.T("Tests"), words.T("Medicines")}}
	if kind == ward.OrderMedicine {
		c.Selected = 1
	}
	return c
}

func newOrderSheet(m *view.Model, typing *kit.Typing, reveal func(fyne.CanvasObject)) *orderSheet {
	s := &orderSheet{m: m, typing: typing, reveal: reveal, who: kit.NewFlow(), wants: kit.NewFlow(), status: newStatus(), items: kit.NewColumn(8)}
	s.kind = kit.NewSegmented(orderKind(ward.OrderTest), func(i int) {
		m.FindOrder(orderKinds[i], s.find.Text())
		s.find.Focus() // whoever has chosen what to look for types it next
	})
	s.find = kit.NewTextField(findConfig(ward.OrderTest), typing)
	s.find.OnChange = func(text string) { m.FindOrder(s.state.Sheet.Kind, text) }
	s.find.OnEnter = func() { m.TakeOffer(m.State().Sheet.Marked) }
	s.find.OnKey = s.move
	s.offers = kit.NewList(newOfferRow, func(o fyne.CanvasObject, it kit.Item, st kit.RowState) {
		offer, _ := it.Data.(ward.Offer)
		o.(*offerRow).set(offer, st.Selected)
	}, kit.Clock{})
	s.offers.OnSurface, s.offers.ClickOpens = true, true
	s.offers.OnOpen = func(id string) {
		if i, err := strconv.Atoi(id); err == nil {
			m.TakeOffer(i)
		}
	}
	s.tall = &kit.Block{Parts: []fyne.CanvasObject{s.offers}, Min: func() fyne.Size { return fyne.NewSize(theme.Px(160), s.offersHigh()) }}
	s.tall.Place = func(size fyne.Size) { kit.PlaceAt(s.offers, 0, 0, size.Width, size.Height); s.fit(size.Width) }
	s.tall.Init(s.tall)
	s.sign = kit.NewButton(kit.ButtonConfig{Text: words.T("Sign"), Key: "F2", Kind: kit.Primary, Size: kit.Large}, s.signNow)
	s.clear = kit.NewButton(kit.ButtonConfig{Text: words.T("Clear"), Size: kit.Large}, func() { m.ClearOrder() })
	s.content = kit.NewColumn(8, kit.NewBar(8, kit.NewText(words.T("Ask for"), kit.Subheading, theme.Text), s.kind), s.find, s.tall, s.items)
	s.foot = kit.NewColumn(6, s.who, s.wants, s.status.box, kit.NewBar(12, s.sign, s.clear))
	s.inset = kit.NewInset(16, 12, s.content)
	s.scroll = kit.NewScroll(s.inset)
	s.inner = &kit.Block{Parts: []fyne.CanvasObject{s.scroll, s.foot}, Min: func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(120)) }, Place: s.place}
	s.inner.Tall = func(w float32) float32 { return kit.HeightFor(s.inset, w) + s.footHigh(w) }
	s.inner.Init(s.inner)
	s.panel = kit.NewPanel(kit.PanelConfig{}, s.inner)
	s.find.OnFocus = func() { reveal(s.find) }
	s.kind.OnFocus = func() { reveal(s.kind) }
	return s
}

func findConfig(kind string) kit.TextConfig {
	c := kit.TextConfig{Placeholder: words.T("A test or a set, as FBC or sepsis"), Width: 300}
	if kind == ward.OrderMedicine {
		c.Placeholder = words.T("A medicine, a brand or an ingredient")
	}
	return c
}

// move goes up and down among what was found while the focus stays in the field.
func (s *orderSheet) move(ev *fyne.KeyEvent) bool {
	switch ev.Name {
	case fyne.KeyDown:
		s.m.MarkOffer(1)
	case fyne.KeyUp:
		s.m.MarkOffer(-1)
	case fyne.KeyPageDown:
		s.m.MarkOffer(offersShown)
	case fyne.KeyPageUp:
		s.m.MarkOffer(-offersShown)
	default:
		return false
	}
	return true
}

// offersShown bounds how many offers are seen at once; the rest scrolls.
const offersShown = 6

// wanted brings the first item into view that still asks for something, and the
// focus to where it is answered.
func (s *orderSheet) wanted() {
	for _, c := range s.cards {
		if view.Wants(c.item) != "" {
			c.focus()
			return
		}
	}
}

func (s *orderSheet) offersHigh() float32 {
	h := float32(0)
	for i, o := range s.state.Sheet.Offers {
		if i < offersShown {
			h += theme.Px(offerHigh(o, s.width))
		}
	}
	return h
}

// fit lists the offers anew at another width: their words wrap.
func (s *orderSheet) fit(width float32) {
	if width == s.width {
		return
	}
	s.width = width
	s.fill()
}

func (s *orderSheet) fill() {
	items := make([]kit.Item, len(s.state.Sheet.Offers))
	for i, o := range s.state.Sheet.Offers {
		items[i] = kit.Item{ID: strconv.Itoa(i), Height: offerHigh(o, s.width), Key: o.Name, Data: o}
	}
	s.offers.SetItems(items)
	s.offers.SortAgain()
	s.offers.Select(strconv.Itoa(s.state.Sheet.Marked))
}

// forget empties what belongs to another patient.
func (s *orderSheet) forget() {
	s.find.SetText("")
	s.cards, s.items.Objects = nil, nil
	s.state = view.State{}
}

func (s *orderSheet) named() map[string]fyne.CanvasObject {
	out := map[string]fyne.CanvasObject{"order-find": s.find, "order-kind": s.kind, "order-offers": s.offers, "order-sign": s.sign, "order-clear": s.clear}
	for i, c := range s.cards {
		for name, o := range c.named() {
			out["order-"+strconv.Itoa(i)+"-"+name] = o
		}
	}
	return out
}

func (s *orderSheet) show(v view.State, now time.Time) {
	if v.Sheet.Text != s.find.Text() {
		s.find.SetText(v.Sheet.Text)
	}
	s.state = v
	s.kind.Update(orderKind(v.Sheet.Kind))
	s.find.Update(findConfig(v.Sheet.Kind))
	// The favourites make room for what was chosen; a word brings them back.
	kit.SetShown(s.tall, len(v.Sheet.Items) == 0 || v.Sheet.Text != "")
	s.fill()
	s.showCards(v, now)
	s.who.Update(signsFor(v)...)
	some := len(v.Sheet.Items) > 0
	s.wants.Update(kit.T(v.Sheet.Wants, kit.DenseStrong, theme.WarningText))
	kit.SetShown(s.wants, some && v.Sheet.Wants != "" && v.Error != v.Sheet.Wants)
	kit.SetShown(s.who, some)
	s.status.show(v)
	s.sign.Update(kit.ButtonConfig{Text: signWords(len(v.Sheet.Items)), Key: "F2", Kind: kit.Primary, Size: kit.Large, Off: v.Busy || !v.Sheet.Ready})
	kit.SetShown(s.clear, some)
	s.tall.Changed()
	s.content.Refresh()
	s.scroll.Refresh()
	s.foot.Refresh()
	s.inner.Changed()
}

// signNow signs what is ready; where something is asked it goes there.
func (s *orderSheet) signNow() {
	ready := s.m.State().Sheet.Ready
	s.m.SignOrder()
	if !ready {
		s.wanted()
	}
}

func signWords(n int) string {
	if n == 0 {
		return words.T("Sign")
	}
	return words.N(n, "Sign %d order", "Sign %d orders")
}

// signsFor restates for whom it is, where it is signed.
func signsFor(v view.State) []kit.Span {
	w := v.Chart.Who
	born := w.Born
	if t, err := time.Parse("2006-01-02", w.Born); err == nil {
		born = ward.Date(t)
	}
	out := []kit.Span{muted(words.T("For")), kit.T(w.ShowName(), kit.BodyStrong, theme.Text).After(5)}
	if born != "" {
		out = append(out, muted(words.T("born")).After(10).Kept(), strong(born).After(5).Kept())
	}
	if w.Number != "" {
		out = append(out, muted(w.NumberName).After(10).Kept(), strong(w.Number).After(5).Kept())
	}
	return out
}

// showCards keeps a card where its item stays, so that the focus and what is
// being typed stay in it.
func (s *orderSheet) showCards(v view.State, now time.Time) {
	cards := make([]*orderCard, 0, len(v.Sheet.Items))
	objects := make([]fyne.CanvasObject, 0, len(v.Sheet.Items))
	for _, it := range v.Sheet.Items {
		c := s.cardOf(it.Item)
		c.show(it, now)
		cards, objects = append(cards, c), append(objects, c.panel)
	}
	s.cards, s.items.Objects = cards, objects
	s.items.Refresh()
}

func (s *orderSheet) cardOf(it ward.OrderItem) *orderCard {
	for _, c := range s.cards {
		if view.Same(c.item.Item, it) {
			return c
		}
	}
	return newOrderCard(s.m, s.typing, s.reveal)
}

func (s *orderSheet) footHigh(w float32) float32 {
	return kit.HeightFor(s.foot, max(w-theme.Px(32), 0)) + theme.Px(24)
}

func (s *orderSheet) place(size fyne.Size) {
	px := theme.Px
	foot := s.footHigh(size.Width)
	kit.PlaceAt(s.scroll, 0, 0, size.Width, max(size.Height-foot, 0))
	kit.PlaceAt(s.foot, px(16), size.Height-foot+px(10), max(size.Width-px(32), 0), foot-px(22))
}

// offerRow is one thing that was found, with its sample or what is in it.
type offerRow struct {
	kit.Block
	words *kit.Flow
}

func newOfferRow() fyne.CanvasObject {
	r := &offerRow{words: kit.NewFlow()}
	r.Parts = []fyne.CanvasObject{r.words}
	r.Min = func() fyne.Size { return fyne.NewSize(theme.Px(120), theme.Px(24)) }
	r.Place = func(size fyne.Size) {
		w := max(size.Width-theme.Px(24), 0)
		h := r.words.HeightFor(w)
		kit.PlaceAt(r.words, theme.Px(12), (size.Height-h)/2, w, h)
	}
	r.Init(r)
	return r
}

func (r *offerRow) set(o ward.Offer, marked bool) {
	spans := []kit.Span{kit.T(o.Name, kit.BodyStrong, theme.Text)}
	if o.Set {
		spans = append(spans, kit.Chip(words.T("set"), "", kit.Quiet).After(8).Kept())
	}
	spans = append(spans, muted(o.Note).After(8))
	if marked {
		spans = append(spans, kit.KeyCap(words.C("key", "Enter"), theme.Text).After(10).Kept())
	}
	r.words.Update(spans...)
	r.Changed()
}

// offerHigh is how high an offer is at a width, in design units; marked, because
// the mark moves and nothing may move with it.
func offerHigh(o ward.Offer, width float32) float32 {
	if width <= 0 {
		return 34
	}
	probe := newOfferRow().(*offerRow)
	probe.set(o, true)
	h := probe.words.HeightFor(max(width-theme.Px(24), theme.Px(100)))
	return max(34, float32(math.Ceil(float64((h+theme.Px(12))/theme.Scale()))))
}
