package shell

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/words"
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

// palette finds patients on this computer, pages, and what can be done. The focus stays in its
// field; up and down move in what was found.
type palette struct {
	*overlay
	n     *session
	field *kit.TextField
	list  *kit.List
	foot  *kit.Flow
	find  *base.Loader[found]
	items []kit.Item
	own   []ownDraft // what the reader has not saved
	told  bool       // at the start of the session
	mine  *base.Loader[[]ownDraft]
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
	who  []ward.Found
	what []deed // asked for beside a name: "ade order"
}

// hit is one line of what was found.
type hit struct {
	page  pageID
	who   ward.Identity
	left  *ward.Leaving // who has left, and is kept by the ward
	words string
	head  bool // a heading, and no warning
	glass bool // begins emergency access
	deed  deed // to be done; for who, where it is about somebody
	draft *ownDraft
}

func newPalette(n *session) *palette {
	p := &palette{n: n, foot: kit.NewFlow()}
	p.field = kit.NewTextField(kit.TextConfig{Placeholder: words.T("Find a patient, page or action"), Width: 300, Height: 48, TextSize: 20, Bare: true}, n.shell.typing)
	p.field.OnChange = p.typed
	p.field.OnEnter = p.enter
	p.field.OnKey = p.key
	p.list = kit.NewList(func() fyne.CanvasObject { return newTwoLines() }, p.bind, n.shell.conf.Clock)
	p.list.ClickOpens, p.list.OnSurface = true, true
	p.list.OnOpen = p.choose
	head := kit.NewInset(12, 4, kit.NewColumns(8, []float32{0, 1, 0}, kit.NewLine(kit.I(iconFind, kit.Heading, theme.TextMuted)), p.field, kit.NewLine(kit.KeyCap(capOf("Esc"), theme.Text))))
	p.foot.Update(kit.T(words.T("Finds names in any order, without accents, numbers, beds, pages and actions"), kit.Caption, theme.TextMuted))
	foot := kit.NewInset(16, 2, p.foot) // in large letters it takes a second line
	inside := kit.NewFill(head, kit.NewFill(foot, p.list))
	p.overlay = newOverlay(n, 640, inside)
	p.onTurn = func() { n.body.cover() }
	p.bare = func() float32 { return n.body.railWidth() }
	p.height = func(w float32) float32 {
		rows := float32(0)
		for _, it := range p.items {
			rows += theme.Px(it.Height)
		}
		return kit.HeightFor(head, w) + kit.HeightFor(foot, w) + theme.Px(11) + max(rows, theme.Px(40))
	}
	p.find = base.NewLoader(n.shell.conf.Dispatch, p.search, p.found)
	p.mine = base.NewLoader(n.shell.conf.Dispatch, n.ownDrafts, p.drafts)
	return p
}

// open opens the palette, empty: it lists the pages.
func (p *palette) open() {
	if p.n.front.IsOpen() {
		return
	}
	p.field.SetText("")
	p.mine.ReloadWithin(answersWithin)
	p.typed("")
	p.show()
	p.n.shell.focus(p.field)
	p.n.shell.watched()
}

// drafts takes what the reader has not saved. What comes when the list is there already
// is for the next time: no row moves under a hand. Drafts that cannot be read are told
// of where each is opened.
func (p *palette) drafts(own []ownDraft, err error) {
	if err != nil || p.n.over() {
		return
	}
	if !p.told {
		p.told = true
		p.n.tellDrafts(own)
	}
	p.own = own
}

// close writes down what was on the screen, and closes.
func (p *palette) close() {
	p.audit()
	p.find.Cancel()
	p.overlay.close()
	p.n.shell.watched()
}

func (p *palette) typed(text string) {
	p.n.shell.hurry.key()
	p.n.shell.legs.Typed = time.Now()
	p.mu.Lock()
	p.text = text
	p.mu.Unlock()
	if strings.TrimSpace(text) == "" {
		p.find.Cancel()
		p.fill(found{})
		return
	}
	p.find.ReloadWithin(answersWithin)
	if p.answers != text {
		p.list.Select("") // what is marked answers something else now
	}
}

// search runs on the loader's goroutine.
func (p *palette) search(ctx context.Context) (found, error) {
	p.mu.Lock()
	text := p.text
	p.mu.Unlock()
	who, err := p.n.desk.Search(ctx, text)
	f := found{text: text, who: who}
	if patient, what, both := withDeed(text); err == nil && len(who) == 0 && both {
		f.who, err = p.n.desk.Search(ctx, patient)
		if len(f.who) > 0 {
			f.what = what
		}
	}
	return f, err
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
	p.fill(f)
	if len(f.who) > 0 {
		p.rest(f.text)
	}
}

// answered says whether the list answers what stands in the field.
func (p *palette) answered() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.answers == p.text || strings.TrimSpace(p.answers+p.text) == "" // a space asks for nothing
}

// enter opens what is marked, and only if the list answers what stands in the
// field: a fast typist must not open the patient of the search before.
func (p *palette) enter() {
	if p.answered() {
		p.choose(p.list.Selected())
	}
}

// fill lists patients, what can be done for the first, the pages whose name fits,
// and the actions.
func (p *palette) fill(f found) {
	p.answers = f.text
	p.items = p.items[:0]
	if f.text == "" {
		p.fillDrafts("")
	}
	pages := len(p.items)
	if len(f.what) > 0 {
		p.fillDeeds(f.what, f.who[0].Identity, words.T("For the first patient"))
	}
	p.fillPeople(f)
	if n := len(f.who); n > 0 && n <= fewFound && len(f.what) == 0 && f.who[0].Left == nil {
		p.fillDeeds(usual(), f.who[0].Identity, words.T("For the first patient"))
	}
	for _, page := range allPages() {
		if begins(page, f.text) {
			p.items = append(p.items, kit.Item{ID: "page " + string(page.id), Height: 40, Data: hit{page: page.id}})
		}
	}
	p.fillActions(f)
	if f.text != "" {
		p.fillDrafts(f.text)
	}
	if offersEmergency(f.text, len(f.who) == 0) {
		p.items = append(p.items, kit.Item{ID: "emergency", Height: 40, Data: hit{glass: true}})
	}
	first, marked := pages, "" // a draft is never opened by a hand that is used to the first page
	if len(f.what) > 0 {
		first = 1 // below its heading
	}
	if first < len(p.items) && !p.items[first].Group {
		marked = p.items[first].ID
	}
	p.list.SetAnswer(p.items, marked)
	p.object.Changed()
	p.n.shell.settle()
	p.n.shell.legs.Answered = time.Now()
	p.n.shell.watched()
}

// fewFound is up to how many patients the first is meant: of more somebody types
// on.
const fewFound = 4

// usual are the actions that are offered for a patient without being asked for; not
// for one who has left.
func usual() []deed { return deeds()[:3] }

func (p *palette) fillPeople(f found) {
	similar, family := false, map[string]bool{}
	for _, w := range f.who {
		name := strings.ToLower(w.Family)
		similar = similar || w.Similar || family[name]
		family[name] = true
		p.items = append(p.items, kit.Item{ID: "patient " + string(w.ID), Height: 40, Data: hit{who: w.Identity, left: w.Left}})
	}
	if similar {
		p.items = append(p.items, kit.Item{ID: "similar", Height: 28, Group: true, Data: hit{words: words.T("Similar names: check birth date and number")}})
	}
	if f.text != "" && len(f.who) == 0 && !p.means(f.text) {
		p.items = append(p.items, kit.Item{ID: "nobody", Height: 32, Group: true, Data: hit{words: words.T("Nobody on this computer is called that.")}})
	}
}

// means says whether what was typed names a page or an action.
func (p *palette) means(text string) bool {
	for _, page := range allPages() {
		if begins(page, text) {
			return true
		}
	}
	for _, d := range deeds() {
		if len(text) >= leastOfADeed && d.named(text) {
			return true
		}
	}
	return len(p.own) > 0 && len(text) >= leastOfADeed && beginsAny(draftNames(), strings.ToLower(text))
}

func (p *palette) fillDeeds(list []deed, who ward.Identity, head string) {
	p.items = append(p.items, kit.Item{ID: "head " + head, Height: 28, Group: true, Data: hit{words: head, head: true}})
	for _, d := range list {
		d = p.n.asListed(d, who.ID)
		p.items = append(p.items, kit.Item{ID: "deed " + string(who.ID) + " " + string(d.do), Height: 40, Data: hit{deed: d, who: who}})
	}
}

// fillActions lists what needs nobody, and, on a chart, what is done for whoever
// it is of.
func (p *palette) fillActions(f found) {
	var who ward.Identity
	if st := p.n.chart.State(); p.n.at == pageChart && st.Loaded {
		who = st.Chart.Who
	}
	for _, d := range deeds() {
		switch fits := f.text == "" && len(f.who) == 0 || len(f.text) > 1 && d.named(f.text); {
		case !fits:
		case d.all:
			p.items = append(p.items, kit.Item{ID: "deed  " + string(d.do), Height: 40, Data: hit{deed: d}})
		case who.ID != "":
			d = p.n.asListed(d, who.ID)
			p.items = append(p.items, kit.Item{ID: "deed " + string(who.ID) + " " + string(d.do), Height: 40, Data: hit{deed: d, who: who}})
		}
	}
}

// patient is who is marked, or the first that was found.
func (p *palette) patient() ward.PatientID {
	for _, it := range p.items {
		if h, ok := it.Data.(hit); ok && it.ID == p.list.Selected() && h.who.ID != "" {
			return h.who.ID
		}
	}
	p.mu.Lock()
	current := p.answers == p.text
	p.mu.Unlock()
	for _, it := range p.items {
		if h, ok := it.Data.(hit); ok && current && h.who.ID != "" {
			return h.who.ID
		}
	}
	return ""
}

func (p *palette) bind(o fyne.CanvasObject, it kit.Item, st kit.RowState) {
	h, _ := it.Data.(hit)
	right := p.capsOf(h)
	if st.Selected {
		right = []kit.Span{kit.KeyCap(capOf("Enter"), theme.Text)}
	}
	row := o.(*twoLines)
	switch {
	case h.draft != nil:
		p.bindDraft(row, *h.draft, right)
	case h.glass:
		row.show([]kit.Span{{Icon: iconWarning, IconColor: theme.WarningText, Text: emergencyName.Say(), Style: kit.Body, Color: theme.Text}}, nil, right)
	case h.page != "":
		item := infoOf(h.page).item
		row.show([]kit.Span{{Icon: item.Icon, Text: item.Label, Style: kit.Body, Color: theme.Text}}, nil, right)
	case h.head:
		row.show([]kit.Span{kit.T(h.words, kit.CaptionStrong, theme.TextMuted)}, nil, nil)
	case h.deed.do != "":
		var whose []kit.Span
		if h.who.ID != "" {
			whose = []kit.Span{kit.T(strings.TrimSpace(h.who.Bed+" "+h.who.ShowName()), kit.Dense, theme.TextMuted)}
		}
		if on := p.n.onPrint(h.deed.do); on > 0 { // before it is pressed
			whose = []kit.Span{kit.T(words.N(on, "%d patient on it", "%d patients on it"), kit.Dense, theme.TextMuted)}
		}
		row.show([]kit.Span{{Icon: h.deed.item.Icon, Text: h.deed.item.Label, Style: kit.Body, Color: theme.Text}}, whose, right)
	case h.words != "":
		row.show([]kit.Span{{Icon: iconSimilar, Text: h.words, Style: kit.DenseStrong, Color: theme.WarningText}}, nil, nil)
	case h.left != nil:
		row.show(
			[]kit.Span{{Icon: iconLeft, IconColor: theme.WarningText, Text: h.who.ShowName(), Style: kit.BodyStrong, Color: theme.Text}},
			[]kit.Span{kit.T(h.left.Words(p.n.shell.conf.Now()), kit.Dense, theme.WarningText), kit.T(bornWords(h.who), kit.Dense, theme.TextMuted).After(10)}, right)
	default:
		row.show(
			[]kit.Span{{Icon: iconPerson, IconColor: theme.TextMuted, Text: strings.TrimSpace(h.who.Bed + " " + h.who.ShowName()), Style: kit.BodyStrong, Color: theme.Text}},
			[]kit.Span{kit.T(bornWords(h.who), kit.Dense, theme.TextMuted)}, right)
	}
}

// capsOf is the key that does the same without the search.
func (p *palette) capsOf(h hit) []kit.Span {
	a := h.deed.do
	if h.page != "" {
		a = doPage + kit.Action(h.page)
	}
	if key := p.n.shell.keys.Cap(a); a != "" && key != "" {
		return []kit.Span{kit.KeyCap(key, theme.Text)}
	}
	return nil
}

// offersEmergency: where it was asked for, or nobody was found. It stands last,
// so that Enter never means it unless it stands alone.
func offersEmergency(text string, nobody bool) bool {
	text = strings.ToLower(strings.TrimSpace(text))
	for _, word := range strings.Fields(strings.ToLower(emergencyName.Say() + " " + words.C("search", "glass break"))) {
		if text != "" && len(word) > 2 && strings.HasPrefix(word, text) {
			return true
		}
	}
	return nobody && text != ""
}

// begins says whether each word that was typed begins one of the page's name.
func begins(page pageInfo, text string) bool {
	names := append(strings.Fields(strings.ToLower(page.item.Label)), string(page.id))
	for _, typed := range strings.Fields(strings.ToLower(text)) {
		if !slices.ContainsFunc(names, func(w string) bool { return strings.HasPrefix(w, typed) }) {
			return false
		}
	}
	return true
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
	case "deed":
		who, do, _ := strings.Cut(rest, " ")
		p.do(kit.Action(do), ward.PatientID(who))
	case "draft":
		patient, form, _ := strings.Cut(rest, " ")
		p.resume(ward.PatientID(patient), form)
	case "emergency":
		p.close()
		p.n.glass.open()
	}
}

// do does what was chosen, for whom it was listed.
func (p *palette) do(a kit.Action, who ward.PatientID) {
	p.close()
	switch d, ok := deedOf(a); {
	case ok && !d.all:
		p.n.doFor(d, who)
	case a == doWall:
		p.n.shell.toggleWall()
	default:
		p.n.key(a, "")
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
