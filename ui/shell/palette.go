package shell

import (
	"context"
	"strings"
	"sync"
	"time"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// auditRest is how long a search must stand before it is written down as a look.
// What is typed on the way to it is a part of it.
const auditRest = 600 * time.Millisecond

// answersWithin is how long a letter waits for what it finds: of ten thousand
// patients it takes two milliseconds, and a letter that was drawn before its
// answer would cost a frame of its own.
const answersWithin = 10 * time.Millisecond

// palette finds patients on this computer, and pages. The focus stays in its
// field; up and down move in what was found.
type palette struct {
	*overlay
	n     *session
	field *kit.TextField
	list  *kit.List
	foot  *kit.Line
	find  *base.Loader[found]
	items []kit.Item
	// answers is the text that the list answers; what is typed after it has no
	// answer yet.
	answers string

	mu    sync.Mutex // guards what the loader's goroutine reads
	text  string
	timer *time.Timer
	seen  string // the search on the screen that is not written down yet
}

type found struct {
	text string
	who  []ward.Identity
}

// hit is one line of what was found.
type hit struct {
	page  pageID
	who   ward.Identity
	words string
	glass bool // begins emergency access
}

func newPalette(n *session) *palette {
	p := &palette{n: n, foot: kit.NewLine()}
	p.field = kit.NewTextField(kit.TextConfig{Placeholder: "Find a patient or page", Width: 300, Height: 48, TextSize: 20, Bare: true}, n.shell.typing)
	p.field.OnChange = p.typed
	p.field.OnEnter = p.enter
	p.field.OnKey = p.key
	p.list = kit.NewList(func() fyne.CanvasObject { return newTwoLines() }, p.bind, n.shell.conf.Clock)
	p.list.ClickOpens, p.list.OnSurface = true, true
	p.list.OnOpen = p.choose
	head := kit.NewInset(12, 4, kit.NewColumns(8, []float32{0, 1, 0}, kit.NewLine(kit.I(iconFind, kit.Heading, theme.TextMuted)), p.field, kit.NewLine(kit.KeyCap("Esc", theme.Text))))
	p.foot.Update(kit.T("Finds names in any order, without accents, numbers, beds and pages", kit.Caption, theme.TextMuted))
	inside := kit.NewFill(head, kit.NewFill(kit.NewInset(16, 2, p.foot), p.list))
	p.overlay = newOverlay(n, 640, inside)
	p.onTurn = func() { n.body.cover() }
	p.bare = func() float32 { return n.body.railWidth() }
	p.height = func(w float32) float32 {
		rows := float32(0)
		for _, it := range p.items {
			rows += theme.Px(it.Height)
		}
		return kit.HeightFor(head, w) + theme.Px(30) + max(rows, theme.Px(40))
	}
	p.find = base.NewLoader(n.shell.conf.Dispatch, p.search, p.found)
	return p
}

// open opens the palette, empty: it lists the pages.
func (p *palette) open() {
	if p.n.front.IsOpen() {
		return
	}
	p.field.SetText("")
	p.typed("")
	p.show()
	p.n.shell.focus(p.field)
}

// close writes down what was on the screen, and closes.
func (p *palette) close() {
	p.audit()
	p.find.Cancel()
	p.overlay.close()
}

func (p *palette) typed(text string) {
	p.mu.Lock()
	p.text = text
	p.mu.Unlock()
	if strings.TrimSpace(text) == "" {
		p.find.Cancel()
		p.fill(nil, "")
		return
	}
	p.list.Select("") // what is marked answers something else now
	p.find.ReloadWithin(answersWithin)
	p.n.shell.later(p.n.shell.settle) // the field draws the letter after this
}

// search runs on the loader's goroutine.
func (p *palette) search(ctx context.Context) (found, error) {
	p.mu.Lock()
	text := p.text
	p.mu.Unlock()
	who, err := p.n.desk.Search(ctx, text)
	return found{text, who}, err
}

func (p *palette) found(f found, err error) {
	p.mu.Lock()
	current := f.text == p.text
	p.mu.Unlock()
	if !current || !p.isOpen() {
		return // of what was typed before
	}
	if err != nil {
		p.foot.Update(kit.T(base.Words(err), kit.DenseStrong, theme.CriticalText))
		return
	}
	p.fill(f.who, f.text)
	if len(f.who) > 0 {
		p.rest(f.text)
	}
}

// enter opens what is marked, and only if the list answers what stands in the
// field: a fast typist must not open the patient of the search before.
func (p *palette) enter() {
	p.mu.Lock()
	current := p.answers == p.text
	p.mu.Unlock()
	if current {
		p.choose(p.list.Selected())
	}
}

// fill lists patients and the pages whose name fits.
func (p *palette) fill(who []ward.Identity, text string) {
	p.answers = text
	p.items = p.items[:0]
	similar, family := false, map[string]bool{}
	for _, w := range who {
		name := strings.ToLower(w.Family)
		similar = similar || w.Similar || family[name]
		family[name] = true
		p.items = append(p.items, kit.Item{ID: "patient " + string(w.ID), Height: 40, Data: hit{who: w}})
	}
	if similar {
		p.items = append(p.items, kit.Item{ID: "similar", Height: 28, Group: true, Data: hit{words: "Similar names: check birth date and number"}})
	}
	if text != "" && len(who) == 0 {
		p.items = append(p.items, kit.Item{ID: "nobody", Height: 32, Group: true, Data: hit{words: "Nobody on this computer is called that."}})
	}
	for _, page := range allPages() {
		if begins(page, text) {
			p.items = append(p.items, kit.Item{ID: "page " + string(page.id), Height: 40, Data: hit{page: page.id}})
		}
	}
	if offersEmergency(text, len(who) == 0) {
		p.items = append(p.items, kit.Item{ID: "emergency", Height: 40, Data: hit{glass: true}})
	}
	p.list.SetItems(p.items)
	p.list.SortAgain()
	p.list.Select("")
	if len(p.items) > 0 && !p.items[0].Group {
		p.list.Select(p.items[0].ID)
	}
	p.object.Changed()
	p.n.shell.settle()
	p.n.shell.watched()
}

func (p *palette) bind(o fyne.CanvasObject, it kit.Item, st kit.RowState) {
	h, _ := it.Data.(hit)
	var right []kit.Span
	if st.Selected {
		right = []kit.Span{kit.KeyCap("Enter", theme.Text)}
	}
	row := o.(*twoLines)
	switch {
	case h.glass:
		row.show([]kit.Span{{Icon: iconWarning, IconColor: theme.WarningText, Text: emergencyName, Style: kit.Body, Color: theme.Text}}, nil, right)
	case h.page != "":
		item := infoOf(h.page).item
		row.show([]kit.Span{{Icon: item.Icon, Text: item.Label, Style: kit.Body, Color: theme.Text}}, nil, right)
	case h.words != "":
		row.show([]kit.Span{{Icon: iconSimilar, Text: h.words, Style: kit.DenseStrong, Color: theme.WarningText}}, nil, nil)
	default:
		row.show(
			[]kit.Span{{Icon: iconPerson, IconColor: theme.TextMuted, Text: strings.TrimSpace(h.who.Bed + " " + h.who.ShowName()), Style: kit.BodyStrong, Color: theme.Text}},
			[]kit.Span{kit.T(bornWords(h.who), kit.Dense, theme.TextMuted)}, right)
	}
}

// offersEmergency: where it was asked for, or nobody was found. It stands last,
// so that Enter never means it unless it stands alone.
func offersEmergency(text string, nobody bool) bool {
	text = strings.ToLower(strings.TrimSpace(text))
	for _, word := range strings.Fields(strings.ToLower(emergencyName) + " glass break") {
		if text != "" && len(word) > 2 && strings.HasPrefix(word, text) {
			return true
		}
	}
	return nobody && text != ""
}

// begins says whether a word of the page's name begins with what was typed.
func begins(page pageInfo, text string) bool {
	text = strings.ToLower(strings.TrimSpace(text))
	for _, word := range strings.Fields(strings.ToLower(page.item.Label)) {
		if strings.HasPrefix(word, text) {
			return true
		}
	}
	return strings.HasPrefix(string(page.id), text)
}

// bornWords tells people of similar names apart.
func bornWords(w ward.Identity) string {
	born := w.Born
	if t, err := time.Parse("2006-01-02", w.Born); err == nil {
		born = ward.Date(t)
	}
	var parts []string
	for _, s := range []string{born, w.Number, w.Ward} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " · ")
}

// key moves in what was found.
func (p *palette) key(ev *fyne.KeyEvent) bool {
	switch ev.Name {
	case fyne.KeyDown, fyne.KeyUp, fyne.KeyPageDown, fyne.KeyPageUp:
		p.list.TypedKey(ev)
		return true
	default:
		return false
	}
}

func (p *palette) choose(id string) {
	kind, rest, _ := strings.Cut(id, " ")
	switch kind {
	case "patient":
		p.close()
		p.n.openChart(ward.PatientID(rest), "")
	case "page":
		p.close()
		p.n.turn(pageID(rest))
	case "emergency":
		p.close()
		p.n.glass.open()
	}
}

// rest writes a search down once it stands still.
func (p *palette) rest(text string) {
	p.seen = text
	if p.timer != nil {
		p.timer.Stop()
	}
	p.timer = time.AfterFunc(auditRest, func() { p.n.shell.later(p.audit) })
}

// audit writes down the search that is on the screen, once.
func (p *palette) audit() {
	if p.timer != nil {
		p.timer.Stop()
	}
	if text := p.seen; text != "" {
		p.seen = ""
		go p.n.look("search", text)
	}
}
