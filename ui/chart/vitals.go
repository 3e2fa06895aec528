package chart

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/chart"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// vitals is the tab of observations: entry in one pass, the score as it is
// typed, and the earlier sets.
type vitals struct {
	m      *view.Model
	state  view.State
	now    time.Time
	id     ward.PatientID
	drawn  ward.VitalSet // what the fields show
	filled bool
	mine   bool // the change under way is from these fields

	at                                  *kit.TextField
	badTime                             bool
	rows                                []*formLine
	resp, spo2, sys, dia, pulse, temp   *kit.NumberField
	pain                                *kit.NumberField
	urine                               *kit.TextField
	oxygen, awake                       *kit.Segmented
	head                                *formHead
	status                              *status
	ask                                 *kit.Note
	keep, change, save, clear           *kit.Button
	askBar                              *fyne.Container
	live                                *live
	sets                                *fyne.Container
	form                                *kit.Panel
	lines, inner, foot                  *fyne.Container
	footPanel                           *kit.Panel
	scroll                              *container.Scroll
	pinned                              bool
	setsKey                             setsKey
	setsShown                           []ward.VitalSet
	summary                             *kit.Flow
	summaryPanel, sidePanel, belowPanel *kit.Panel
	block                               *kit.Block
	narrow                              bool
}

func newVitals(m *view.Model, typing *kit.Typing) *vitals {
	v := &vitals{m: m, status: newStatus(), ask: kit.NewNote(kit.LateNote), live: newLive(), sets: kit.NewColumn(0), summary: kit.NewFlow(), head: newFormHead()}
	v.makeFields(typing)
	v.keep = kit.NewButton(kit.ButtonConfig{Text: words.T("Keep and save"), Size: kit.Large}, func() { v.m.SaveVitals(true) })
	v.change = kit.NewButton(kit.ButtonConfig{Text: words.T("Change"), Size: kit.Large}, func() { v.m.ChangeVitals(); v.focusAsked() })
	v.askBar = kit.NewBar(12, v.keep, v.change)
	v.save = kit.NewButton(kit.ButtonConfig{Text: words.T("Save set"), Key: "F2", Kind: kit.Primary, Size: kit.Large}, v.saveNow)
	v.clear = kit.NewButton(kit.ButtonConfig{Text: words.T("Clear"), Size: kit.Large}, func() { v.m.ClearVitals() })
	v.foot = kit.NewInset(16, 10, kit.NewColumn(8, v.status.box, v.ask, v.askBar,
		kit.NewBar(12, v.save, v.clear, kit.NewText(words.T("Kept as you type, on this computer"), kit.Caption, theme.TextMuted))))
	v.lines = kit.NewColumn(0, v.head)
	for _, r := range v.rows {
		v.lines.Objects = append(v.lines.Objects, r)
	}
	v.form = kit.NewPanel(kit.PanelConfig{}, v.lines)
	v.footPanel = kit.NewPanel(kit.PanelConfig{}, v.foot)
	earlier := kit.NewPanel(kit.PanelConfig{}, v.sets)
	v.belowPanel = kit.NewPanel(kit.PanelConfig{}, kit.NewInset(16, 12, v.live.box(false)))
	v.inner = kit.NewColumn(10, v.form, v.footPanel, v.belowPanel, earlier)
	v.scroll = kit.NewScroll(v.inner)
	v.followFocus()
	v.sidePanel = kit.NewPanel(kit.PanelConfig{}, kit.NewScroll(kit.NewInset(18, 14, v.live.box(true))))
	v.summaryPanel = kit.NewPanel(kit.PanelConfig{}, kit.NewInset(12, 6, v.summary))
	v.block = &kit.Block{
		Parts: []fyne.CanvasObject{v.summaryPanel, v.scroll, v.sidePanel},
		Min:   func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(120)) }, Place: v.place,
	}
	v.block.Init(v.block)
	return v
}

func (v *vitals) makeFields(typing *kit.Typing) {
	number := func(max int, decimal bool) *kit.NumberField {
		f := kit.NewNumberField(kit.NumberConfig{Max: max, Decimal: decimal}, typing)
		f.OnChange = func(string) { v.typed() }
		f.OnEnter = func() { next(f) }
		return f
	}
	v.at = kit.NewTextField(kit.TextConfig{Width: 176}, typing)
	v.at.OnChange = func(string) { v.typed(); v.block.Changed() }
	v.at.OnEnter = func() { next(v.at) }
	v.resp, v.spo2, v.pulse, v.temp = number(3, false), number(3, false), number(3, false), number(4, true)
	v.sys, v.dia = number(3, false), number(3, false)
	v.sys.Update(kit.NumberConfig{Max: 3, Width: 68})
	v.dia.Update(kit.NumberConfig{Max: 3, Width: 68})
	v.pain = number(2, false)
	v.pain.Update(kit.NumberConfig{Max: 2, Width: 68, Plain: true})
	v.urine = kit.NewTextField(kit.TextConfig{Width: 134}, typing)
	v.urine.OnChange = func(string) { v.typed() }
	v.urine.OnEnter = func() { next(v.urine) }
	v.oxygen = kit.NewSegmented(airOrOxygen(-1), func(i int) { v.oxygen.Update(airOrOxygen(i)); v.typed() })
	v.oxygen.OnEnter = func() { next(v.oxygen) }
	v.awake = kit.NewSegmented(awakeConfig(-1), func(i int) { v.awake.Update(awakeConfig(i)); v.typed() })
	v.awake.OnEnter = func() { next(v.awake) }
	pressure := kit.NewBar(8, v.sys, kit.NewText("/", kit.SubheadingReg, theme.TextMuted), v.dia)
	v.rows = []*formLine{
		newFormLine(words.K("Measured"), words.T("from paper: type its time, 03:10"), "", v.at, v.at),
		newFormLine(words.K("Respirations"), words.T("per minute"), "respirations", v.resp, v.resp),
		newFormLine(words.K("Oxygen saturation"), "%", "oxygen saturation", v.spo2, v.spo2),
		newFormLine(words.K("Air or oxygen"), "", "air or oxygen", v.oxygen, v.oxygen),
		newFormLine(words.K("Blood pressure"), "mmHg", "systolic blood pressure", newOwnWidth(pressure, func() float32 {
			return v.sys.MinSize().Width + v.dia.MinSize().Width + theme.Px(16) + kit.TextWidth("/", kit.SubheadingReg)
		}), v.sys),
		newFormLine(words.K("Pulse"), words.T("per minute"), "pulse", v.pulse, v.pulse),
		newFormLine(words.K("Consciousness"), "", "consciousness", v.awake, v.awake),
		newFormLine(words.K("Temperature"), "°C", "temperature", v.temp, v.temp),
		newFormLine(words.K("Pain 0–10"), words.T("not scored"), "", v.pain, v.pain),
		newFormLine(words.K("Urine"), words.T("mL, or words"), "", v.urine, v.urine),
	}
}

// newOwnWidth gives a bar, which would wrap, the width of all it holds.
func newOwnWidth(o fyne.CanvasObject, width func() float32) fyne.CanvasObject {
	b := &kit.Block{Parts: []fyne.CanvasObject{o}}
	b.Min = func() fyne.Size { return fyne.NewSize(width(), o.MinSize().Height) }
	b.Place = func(size fyne.Size) { kit.PlaceAt(o, 0, 0, size.Width, size.Height) }
	b.Init(b)
	return b
}

func airOrOxygen(i int) kit.SegmentedConfig {
	return kit.SegmentedConfig{Labels: []string{words.T("Air"), words.T("Oxygen")}, Selected: i, Tall: true}
}

// awakeLetters are the answers in order (RCP NEWS2 2017, chart 1: ACVPU).
const awakeLetters = "ACVPU"

func awakeConfig(i int) kit.SegmentedConfig {
	return kit.SegmentedConfig{Labels: awakeLabels(), Letters: awakeLetters, Selected: i, Tall: true}
}

// next goes to the next field of the form.
func next(o fyne.CanvasObject) {
	if c := canvasOf(o); c != nil {
		c.FocusNext()
	}
}

func (v *vitals) object() fyne.CanvasObject { return v.block }
func (v *vitals) first() fyne.Focusable     { return v.resp }

// stray is the first empty number. A field that gets the focus is selected, so
// that the next digit replaces what it holds: a filled one is none for digits
// that were not meant for it.
func (v *vitals) stray() fyne.Focusable {
	for _, f := range []*kit.NumberField{v.resp, v.spo2, v.sys, v.dia, v.pulse, v.temp, v.pain} {
		if f.Text() == "" {
			return f
		}
	}
	return nil
}

func (v *vitals) named() map[string]fyne.CanvasObject {
	return map[string]fyne.CanvasObject{
		"measured": v.at, "respirations": v.resp, "spo2": v.spo2, "oxygen": v.oxygen, "systolic": v.sys, "diastolic": v.dia, "pulse": v.pulse,
		"consciousness": v.awake, "temperature": v.temp, "pain": v.pain, "urine": v.urine,
		"save-vitals": v.save, "clear-vitals": v.clear, "keep": v.keep, "change": v.change,
	}
}

// typed tells the model what the fields hold now.
func (v *vitals) typed() {
	if v.id == "" || !v.filled {
		return
	}
	s := ward.VitalSet{
		Respirations: v.resp.Text(), SpO2: v.spo2.Text(), Systolic: v.sys.Text(), Diastolic: v.dia.Text(),
		Pulse: v.pulse.Text(), Temperature: v.temp.Text(), Pain: v.pain.Text(), Urine: strings.TrimSpace(v.urine.Text()),
	}
	if i := v.oxygen.Config().Selected; i >= 0 {
		on := i == 1
		s.Oxygen = &on
	}
	if i := v.awake.Config().Selected; i >= 0 {
		s.Consciousness = awakeLetters[i : i+1]
	}
	at, ok := readTime(v.at.Text(), v.now)
	v.badTime = !ok
	switch {
	case !ok:
		s.At = v.state.Vitals.At
	case at.IsZero():
		s.At = v.now.Truncate(time.Minute)
	default:
		s.At = at
	}
	v.mine = true // what the fields hold is newer than any answer about it
	v.m.TypeVitals(s)
	v.mine = false
	v.drawn = v.m.State().Vitals
	if c := canvasOf(v.at); v.at.Text() == "" && (c == nil || c.Focused() != v.at.Focusable()) {
		v.at.SetText(timeText(v.drawn.At, v.now)) // the time is said, never silent
	}
}

func timeText(at, now time.Time) string {
	if at.IsZero() {
		return ""
	}
	at = at.In(now.Location())
	return ward.Date(at) + " " + ward.Clock(at)
}

// readTime reads a time of day, or a day and a time; nothing is now. A time of
// day later than now is yesterday's.
func readTime(s string, now time.Time) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return time.Time{}, true
	}
	if t, err := time.ParseInLocation("02-Jan-2006 15:04", ward.EnglishMonths(s), now.Location()); err == nil {
		return t, true
	}
	for _, layout := range []string{"15:04", "1504", "15.04"} {
		t, err := time.Parse(layout, s)
		if err != nil {
			continue
		}
		at := time.Date(now.Year(), now.Month(), now.Day(), t.Hour(), t.Minute(), 0, 0, now.Location())
		if at.After(now.Add(5 * time.Minute)) {
			at = at.AddDate(0, 0, -1)
		}
		return at, true
	}
	return time.Time{}, false
}

func (v *vitals) show(s view.State, now time.Time) {
	v.state, v.now = s, now
	if s.ID != v.id {
		v.id, v.filled = s.ID, false
	}
	if !v.filled || !v.mine && !sameSet(s.Vitals, v.drawn) {
		v.fill(s.Vitals)
	}
	v.status.show(s)
	kit.SetShown(v.ask, len(s.Ask) > 0)
	kit.SetShown(v.askBar, len(s.Ask) > 0)
	if len(s.Ask) > 0 {
		v.ask.Update(kit.LateNote, kit.Span{Icon: iconWarning, Text: strings.Join(s.Ask, " "), Style: kit.BodyStrong, Color: theme.WarningText})
	}
	typed := anyTyped(s.Vitals)
	live := s.Live
	if !typed {
		live = ward.Early{}
	}
	label := words.T("Save set")
	if live.Known && live.AtLeast {
		label = words.T("Save incomplete set")
	}
	v.save.Update(kit.ButtonConfig{Text: label, Key: "F2", Kind: kit.Primary, Size: kit.Large, Off: s.Busy})
	before := lastSet(s.Chart.Vitals)
	v.head.update(before, now)
	for _, r := range v.rows {
		r.update(before, live, s.Slips)
	}
	v.dia.Update(kit.NumberConfig{Max: 3, Width: 68, Bad: slices.ContainsFunc(s.Slips, func(x ward.Slip) bool { return x.Field == "diastolic" })})
	v.at.Update(kit.TextConfig{Width: 176, Placeholder: ward.Date(now) + " " + ward.Clock(now), Bad: v.badTime})
	why := ""
	switch {
	case !typed:
	case s.Scoring:
		why = words.T("Reading the record for the score of what you typed…")
	case s.ScoreError != "":
		why = words.F("No score could be read: %s", s.ScoreError)
	}
	v.live.update(live, s.Chart.Early, typed, why, now)
	v.summary.Update(summaryOf(live, typed, why)...)
	v.fillSets(s, now)
	v.lines.Refresh()
	v.foot.Refresh()
	v.inner.Refresh()
	v.scroll.Refresh()
	v.block.Changed()
}

// fill puts a set into the fields: a draft that was kept, or nothing after it
// was saved.
func (v *vitals) fill(s ward.VitalSet) {
	v.resp.SetText(s.Respirations)
	v.spo2.SetText(s.SpO2)
	v.sys.SetText(s.Systolic)
	v.dia.SetText(s.Diastolic)
	v.pulse.SetText(s.Pulse)
	v.temp.SetText(s.Temperature)
	v.pain.SetText(s.Pain)
	v.urine.SetText(s.Urine)
	v.at.SetText(timeText(s.At, v.now))
	o := -1
	if s.Oxygen != nil {
		o = 0
		if *s.Oxygen {
			o = 1
		}
	}
	v.oxygen.Update(airOrOxygen(o))
	awake := -1
	if s.Consciousness != "" {
		awake = strings.Index(awakeLetters, s.Consciousness)
	}
	v.awake.Update(awakeConfig(awake))
	v.drawn, v.filled, v.badTime = s, true, false
}

func sameSet(a, b ward.VitalSet) bool {
	oxygen := a.Oxygen == nil && b.Oxygen == nil || a.Oxygen != nil && b.Oxygen != nil && *a.Oxygen == *b.Oxygen
	return oxygen && a.At.Equal(b.At) && a.Respirations == b.Respirations && a.SpO2 == b.SpO2 && a.Systolic == b.Systolic && a.Diastolic == b.Diastolic &&
		a.Pulse == b.Pulse && a.Consciousness == b.Consciousness && a.Temperature == b.Temperature && a.Pain == b.Pain && a.Urine == b.Urine
}

func anyTyped(s ward.VitalSet) bool {
	return s.Oxygen != nil || s.Respirations+s.SpO2+s.Systolic+s.Diastolic+s.Pulse+s.Consciousness+s.Temperature+s.Pain+s.Urine != ""
}

// lastSet is the newest earlier set that counts.
func lastSet(sets []ward.VitalSet) *ward.VitalSet {
	for i := range sets {
		if !sets[i].Error {
			return &sets[i]
		}
	}
	return nil
}

func (v *vitals) saveNow() {
	if v.badTime {
		v.at.Focus()
		v.status.show(view.State{Error: words.T("The time measured: type 13:55, or 22-Nov-2026 13:55. Nothing was saved.")})
		v.foot.Refresh()
		v.block.Changed()
		return
	}
	v.m.SaveVitals(false)
}

// focusAsked goes back to the first value that was asked about.
func (v *vitals) focusAsked() {
	if c := canvasOf(v.block); c != nil {
		kit.Focus(c, v.resp)
	}
}

func (v *vitals) key(ev *fyne.KeyEvent) bool {
	if ev.Name == fyne.KeyF2 {
		if !v.save.Disabled() {
			v.saveNow()
		}
		return true
	}
	if ev.Name == fyne.KeyEscape && len(v.state.Ask) > 0 {
		v.m.ChangeVitals()
		return true
	}
	return false
}

func (v *vitals) place(size fyne.Size) {
	px := theme.Px
	v.narrow = size.Width < px(900)
	kit.SetShown(v.sidePanel, !v.narrow)
	kit.SetShown(v.summaryPanel, v.narrow)
	kit.SetShown(v.belowPanel, v.narrow)
	v.pin(size.Height >= px(360))
	width, top := size.Width, float32(0)
	if v.narrow {
		h := kit.HeightFor(v.summaryPanel, size.Width)
		kit.PlaceAt(v.summaryPanel, 0, 0, size.Width, h)
		top = h + px(6)
	} else {
		side := min(max(size.Width*0.34, px(310)), px(462))
		kit.PlaceAt(v.sidePanel, size.Width-side, 0, side, size.Height)
		width -= side + px(12)
	}
	rest := max(size.Height-top, 0)
	if v.pinned {
		h := kit.HeightFor(v.footPanel, width)
		kit.PlaceAt(v.footPanel, 0, size.Height-h, width, h)
		rest = max(rest-h-px(6), 0)
	}
	kit.PlaceAt(v.scroll, 0, top, width, rest)
}

// pin keeps the buttons in view below the form. In a low window they scroll with
// it: the fields matter more.
func (v *vitals) pin(on bool) {
	if v.pinned == on {
		return
	}
	v.pinned = on
	v.block.Parts = []fyne.CanvasObject{v.summaryPanel, v.scroll, v.sidePanel}
	rest := v.inner.Objects[len(v.inner.Objects)-2:]
	if on {
		v.inner.Objects = append([]fyne.CanvasObject{v.form}, rest...)
		v.block.Parts = []fyne.CanvasObject{v.summaryPanel, v.scroll, v.footPanel, v.sidePanel}
	} else {
		v.inner.Objects = append([]fyne.CanvasObject{v.form, v.footPanel}, rest...)
	}
	v.inner.Refresh()
	v.block.Changed()
}

// followFocus scrolls to the field that gets the focus.
func (v *vitals) followFocus() {
	for _, f := range []*kit.NumberField{v.resp, v.spo2, v.sys, v.dia, v.pulse, v.temp, v.pain} {
		f.OnFocus = func() { kit.Reveal(v.scroll, f) }
	}
	for _, s := range []*kit.Segmented{v.oxygen, v.awake} {
		s.OnFocus = func() { kit.Reveal(v.scroll, s) }
	}
	for _, t := range []*kit.TextField{v.at, v.urine} {
		t.OnFocus = func() { kit.Reveal(v.scroll, t) }
	}
	for _, b := range []*kit.Button{v.save, v.clear, v.keep, v.change} {
		b.OnFocus = func() {
			if !v.pinned {
				kit.Reveal(v.scroll, b)
			}
		}
	}
}

// fillSets lists the earlier sets, newest first.
func (v *vitals) fillSets(s view.State, now time.Time) {
	key := setsKey{s.ID, s.Loaded && s.Chart.Loading == ward.LoadingNone, ward.Date(now)}
	if key == v.setsKey && reflect.DeepEqual(s.Chart.Vitals, v.setsShown) {
		return
	}
	v.setsKey, v.setsShown = key, s.Chart.Vitals
	v.sets.Objects = []fyne.CanvasObject{kit.NewInset(16, 8, kit.NewText(words.T("Earlier sets, newest first"), kit.CaptionStrong, theme.TextMuted))}
	if len(s.Chart.Vitals) == 0 {
		why := words.T("None recorded.")
		if !s.Loaded || s.Chart.Loading != ward.LoadingNone {
			why = words.T("Loading.")
		}
		v.sets.Objects = append(v.sets.Objects, kit.NewInset(16, 10, kit.NewText(why, kit.Body, theme.TextMuted)))
	}
	for i, set := range s.Chart.Vitals {
		if i == maxSets {
			v.sets.Objects = append(v.sets.Objects, kit.NewInset(16, 10, kit.NewText(words.N(len(s.Chart.Vitals)-i, "%d older set on this computer, not shown", "%d older sets on this computer, not shown"), kit.Dense, theme.TextMuted)))
			break
		}
		v.sets.Objects = append(v.sets.Objects, newSetRow(set, now))
	}
	v.sets.Refresh()
}

// setsKey is what the drawn list of sets depends on, beside the sets.
type setsKey struct {
	id     ward.PatientID
	loaded bool
	day    string
}

// maxSets bounds the list of earlier sets: four days of hourly ones.
const maxSets = 96
