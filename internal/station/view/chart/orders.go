package chart

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/words"
)

// OrderDesk is what ordering needs of the station.
type OrderDesk interface {
	Offers(ctx context.Context, kind, text string) ([]ward.Offer, error)
	CheckOrder(ctx context.Context, id ward.PatientID, items []ward.OrderItem) ([]ward.Check, error)
	TestFor(r ward.Result) ward.OrderItem
}

// Sheet is what is about to be ordered for the patient of the chart.
type Sheet struct {
	Kind   string // test, medicine: what is searched
	Text   string
	Offers []ward.Offer
	Marked int // the offer that Enter takes
	Items  []SheetItem
	Ready  bool   // everything that is asked is answered: it can be signed
	Wants  string // what is still asked, in words
	Empty  string // why no orders are listed
}

// SheetItem is one item and what speaks against it. Checked is false until the
// station has looked at it as it is now.
type SheetItem struct {
	ward.Check
	Checked bool
}

// Same says whether two items are the same thing.
func Same(a, b ward.OrderItem) bool {
	return a.Kind == b.Kind && a.Code == b.Code && strings.EqualFold(a.Name, b.Name)
}

// Reasons are the usual reasons to ask again for a test. Against an allergy there
// are no usual ones.
func Reasons() []string {
	return []string{words.T("Follow the course"), words.T("Unexpected value"), words.T("Sample not usable")}
}

// Undo is the way back of what was just done: of an order that was withdrawn, a
// problem that was resolved, a routine's step that was ticked.
type Undo struct {
	Words   string
	patient ward.PatientID
	cmd     ward.Command
}

// Ordered is what was just asked for: a label of each test's sample is offered.
type Ordered struct {
	Words   string
	Patient ward.PatientID
	Tests   []fhir.ID
}

// orderedTests are the tests among what was made of these items, in their order.
func orderedTests(id ward.PatientID, items []ward.OrderItem, made []fhir.ID) *Ordered {
	if len(items) != len(made) {
		return nil // an answer that does not say which is which is no ground for a label
	}
	o := &Ordered{Patient: id}
	var names []string
	for i, it := range items {
		if it.Kind == ward.OrderTest {
			o.Tests, names = append(o.Tests, made[i]), append(names, it.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	o.Words = words.F("Asked for: %s", strings.Join(names, ", "))
	return o
}

// OpenTests are the tests of a chart that wait for a sample or a result, newest first.
func OpenTests(orders []ward.Order) (out []fhir.ID) {
	for _, o := range orders {
		if o.Open && o.Kind == ward.OrderTest {
			out = append(out, o.ID)
		}
	}
	return out
}

// orders are the readers of the sheet. The mutex of the model guards what they
// read.
type orders struct {
	finder  *base.Loader[found]
	checker *base.Loader[checked]
	kind    string
	text    string
	items   []ward.OrderItem
}

type found struct {
	kind, text string
	offers     []ward.Offer
}

type checked struct {
	items  []ward.OrderItem
	checks []ward.Check
}

func (o *orders) init(m *Model) {
	o.finder = base.NewLoader(m.d, func(ctx context.Context) (found, error) {
		m.mu.Lock()
		f := found{kind: m.orders.kind, text: m.orders.text}
		m.mu.Unlock()
		var err error
		f.offers, err = m.desk.Offers(ctx, f.kind, f.text)
		return f, err
	}, m.offered)
	o.checker = base.NewLoader(m.d, func(ctx context.Context) (checked, error) {
		m.mu.Lock()
		id, c := m.id, checked{items: slices.Clone(m.orders.items)}
		m.mu.Unlock()
		var err error
		c.checks, err = m.desk.CheckOrder(ctx, id, c.items)
		return c, err
	}, m.checkedOrder)
}

func (o *orders) cancel() {
	o.finder.Cancel()
	o.checker.Cancel()
}

// FindOrder searches among tests or medicines.
func (m *Model) FindOrder(kind, text string) {
	if m.state.ID == "" {
		return
	}
	m.offer(kind, text)
	m.show(m.state)
}

// offer begins to look for what can be asked for.
func (m *Model) offer(kind, text string) {
	sheet := &m.state.Sheet
	sheet.Kind, sheet.Text = kind, text
	m.mu.Lock()
	m.orders.kind, m.orders.text = kind, text
	m.mu.Unlock()
	m.orders.finder.Reload()
}

func (m *Model) offered(f found, err error) {
	sheet := &m.state.Sheet
	if f.kind != sheet.Kind || f.text != sheet.Text {
		return // of what was typed before
	}
	if err != nil {
		m.state.Error = base.Words(err)
	}
	sheet.Offers, sheet.Marked = f.offers, 0
	if m.state.Tab == Orders || err != nil { // else it is drawn when somebody turns there
		m.show(m.state)
	}
}

// MarkOffer moves the mark among what was found.
func (m *Model) MarkOffer(by int) {
	sheet := &m.state.Sheet
	if n := len(sheet.Offers); n > 0 {
		sheet.Marked = min(max(sheet.Marked+by, 0), n-1)
		m.show(m.state)
	}
}

// TakeOffer puts what was found on the sheet; what stands there already stays.
func (m *Model) TakeOffer(i int) {
	sheet := m.state.Sheet
	if i < 0 || i >= len(sheet.Offers) || m.state.Busy {
		return
	}
	m.add(sheet.Offers[i].Items)
	m.FindOrder(sheet.Kind, "")
}

// Repeat puts the test of a result on the sheet, and turns to it.
func (m *Model) Repeat(r ward.Result) {
	if !slices.ContainsFunc(m.state.Chart.Results, func(o ward.Result) bool { return o.ID == r.ID }) {
		m.state.Error = words.T("That result is not in this chart. Nothing was asked for.")
		m.show(m.state)
		return
	}
	m.state.Tab, m.state.Error, m.state.Saved = Orders, "", ""
	m.add([]ward.OrderItem{m.desk.TestFor(r)})
}

func (m *Model) add(items []ward.OrderItem) {
	sheet := &m.state.Sheet
	var fresh []SheetItem
	for _, it := range items {
		if !slices.ContainsFunc(sheet.Items, func(o SheetItem) bool { return Same(o.Item, it) }) {
			fresh = append(fresh, SheetItem{Check: ward.Check{Item: it}})
		}
	}
	sheet.Items = slices.Concat(fresh, sheet.Items) // the newest on top, where it is seen
	m.sheetChanged()
}

// edit changes an item of the sheet, named by what it is: the sheet may have
// changed since it was drawn.
func (m *Model) edit(it ward.OrderItem, change func(*ward.OrderItem)) {
	sheet := &m.state.Sheet
	sheet.Items = slices.Clone(sheet.Items)
	for i := range sheet.Items {
		if o := &sheet.Items[i]; Same(o.Item, it) {
			change(&o.Item)
		}
	}
	m.sheetChanged()
}

// SetReason says why an item is asked for in spite of what speaks against it.
func (m *Model) SetReason(it ward.OrderItem, why string) {
	m.edit(it, func(o *ward.OrderItem) {
		if o.Reason != why {
			o.Reason, o.Confirmed = why, false
		}
	})
}

// SetDose writes how a medicine is to be given.
func (m *Model) SetDose(it ward.OrderItem, dose string) {
	m.edit(it, func(o *ward.OrderItem) { o.Dose = dose })
}

// SetStat asks for something at once, or not.
func (m *Model) SetStat(it ward.OrderItem, on bool) {
	m.edit(it, func(o *ward.OrderItem) { o.Stat = on })
}

// Confirm confirms a second time what an allergy speaks against.
func (m *Model) Confirm(it ward.OrderItem) {
	m.edit(it, func(o *ward.OrderItem) { o.Confirmed = strings.TrimSpace(o.Reason) != "" })
}

// DropItem takes an item off the sheet.
func (m *Model) DropItem(it ward.OrderItem) {
	sheet := &m.state.Sheet
	sheet.Items = slices.DeleteFunc(slices.Clone(sheet.Items), func(o SheetItem) bool { return Same(o.Item, it) })
	m.sheetChanged()
}

// ClearOrder empties the sheet.
func (m *Model) ClearOrder() {
	m.state.Sheet.Items = nil
	m.sheetChanged()
}

// sheetChanged keeps the sheet as a draft, and asks the station about it again.
func (m *Model) sheetChanged() {
	m.typed = true
	m.state.Error, m.state.Saved = "", ""
	items := m.sheetItems()
	body := ""
	if len(items) > 0 {
		if b, err := json.Marshal(items); err == nil {
			body = string(b)
		}
	}
	m.drafts.Put(m.state.ID, kindOrder, body)
	m.weigh()
	m.show(m.state)
	m.recheck()
}

func (m *Model) sheetItems() []ward.OrderItem {
	var out []ward.OrderItem
	for _, o := range m.state.Sheet.Items {
		out = append(out, o.Item)
	}
	return out
}

// restoreOrder puts a sheet that was begun back. Nothing of it is confirmed: what
// speaks against it may be something else now.
func (m *Model) restoreOrder(body string) {
	var items []ward.OrderItem
	if json.Unmarshal([]byte(body), &items) != nil || len(m.state.Sheet.Items) > 0 {
		return
	}
	for _, it := range items {
		it.Confirmed, it.Saw = false, nil
		m.state.Sheet.Items = append(m.state.Sheet.Items, SheetItem{Check: ward.Check{Item: it}})
	}
}

// recheck asks the station what speaks against the sheet as it is now.
func (m *Model) recheck() {
	items := m.sheetItems()
	m.mu.Lock()
	m.orders.items = items
	m.mu.Unlock()
	if len(items) > 0 {
		m.orders.checker.Reload()
	}
	m.weigh()
}

func (m *Model) checkedOrder(c checked, err error) {
	if err != nil {
		m.state.Error = base.Words(err)
		m.show(m.state)
		return
	}
	sheet := &m.state.Sheet
	sheet.Items = slices.Clone(sheet.Items)
	for i := range sheet.Items {
		o := &sheet.Items[i]
		for k, it := range c.items {
			// An answer is about the item as it was asked about: another dose has
			// none yet.
			if k >= len(c.checks) || !Same(o.Item, it) || o.Item.Dose != it.Dose || o.Item.Stat != it.Stat {
				continue
			}
			if o.Checked && !sameWarnings(o.Warnings, c.checks[k].Warnings) {
				o.Item.Confirmed = false // it was of other words
			}
			item := o.Item
			o.Check, o.Checked = c.checks[k], true
			o.Item = item
		}
	}
	m.weigh()
	m.show(m.state)
}

func sameWarnings(a, b []ward.Warning) bool {
	return slices.EqualFunc(a, b, func(x, y ward.Warning) bool { return x.Words == y.Words && x.Level == y.Level })
}

// weigh says whether the sheet can be signed, and if not, what is asked.
func (m *Model) weigh() {
	sheet := &m.state.Sheet
	sheet.Ready, sheet.Wants = len(sheet.Items) > 0, ""
	for _, o := range sheet.Items {
		if w := Wants(o); w != "" {
			sheet.Ready, sheet.Wants = false, o.Item.Name+": "+w
			return
		}
	}
}

// Wants is what is still asked of an item, in words; "" for nothing.
func Wants(o SheetItem) string {
	switch {
	case !o.Checked:
		return words.T("being checked")
	case o.Refused != "":
		return o.Refused
	case o.Reason && strings.TrimSpace(o.Item.Reason) == "":
		return words.T("say why in spite of the warning")
	case o.Confirm && !o.Item.Confirmed:
		return words.T("confirm it a second time")
	}
	return ""
}

// SignOrder asks for everything on the sheet, with the warnings that are drawn.
func (m *Model) SignOrder() {
	sheet := m.state.Sheet
	if !sheet.Ready || m.state.Busy {
		m.state.Error = sheet.Wants
		if len(sheet.Items) == 0 {
			m.state.Error = words.T("Nothing is chosen yet.")
		}
		m.show(m.state)
		return
	}
	items := m.sheetItems()
	for i, o := range sheet.Items {
		for _, w := range o.Warnings {
			items[i].Saw = append(items[i].Saw, w.Words)
		}
	}
	id := m.state.ID
	m.do(ward.SignOrders{Patient: id, Items: items}, func(here bool) {
		m.drafts.Drop(id, kindOrder)
		if here {
			m.state.Sheet.Items = nil
			m.state.Ordered = orderedTests(id, items, m.made)
			m.recheck()
		}
	})
}

// WithdrawOrder takes an order back, and offers the way back of that.
func (m *Model) WithdrawOrder(o ward.Order) {
	undo := &Undo{Words: words.F("Withdrawn: %s", o.Test), patient: m.state.ID, cmd: ward.ReinstateOrder{Patient: m.state.ID, Order: o.ID}}
	m.do(ward.WithdrawOrder{Patient: m.state.ID, Order: o.ID}, func(bool) { m.state.Undo = undo })
}

// ReinstateOrder takes one's own withdrawal back.
func (m *Model) ReinstateOrder(id fhir.ID) {
	m.do(ward.ReinstateOrder{Patient: m.state.ID, Order: id}, nil)
}

// TakeBack takes back what was done last, while that is offered.
func (m *Model) TakeBack() {
	if u := m.state.Undo; u != nil && u.patient == m.state.ID {
		m.state.Undo = nil
		m.do(u.cmd, nil)
	}
}

// noOrders says why none are listed: only what is known may be said to be absent.
func (m *Model) noOrders() string {
	c, now := m.state.Chart, m.now()
	switch {
	case len(c.Orders) > 0:
		return ""
	case c.Loading == ward.LoadingAll:
		return words.T("Orders are still being loaded from the server. Those made on this computer are listed here.")
	case c.AsOf.IsZero():
		return words.T("Not loaded: this computer has had no contact with the server yet. Orders made on this computer are listed here.")
	}
	return words.F("None: nothing has been ordered, as of %s.", ward.Stamp(c.AsOf, now))
}
