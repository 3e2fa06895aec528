package chart

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// What a person can do with a routine, one of its steps, or one that can be begun.
const (
	Begin     Deed = "begin"
	Tick      Deed = "tick"
	TakeBack  Deed = "take back"
	NotNeeded Deed = "not needed"
	GoTo      Deed = "go to" // the page that a step opens
	EndRun    Deed = "end"
	Mistaken  Deed = "mistake"
)

// RoutineAsk is what a person is asked before something is done with a routine: why.
type RoutineAsk struct {
	Title  string // what will be done
	Words  string // with what
	Button string
	Reason string
	Bad    bool // there is none
	deed   Deed
	run    fhir.ID
	step   string
}

// routines lists what is done for a patient: what is offered by itself, the runs that
// are open with their steps, what can be begun, and the runs that are over, folded.
func routines(c ward.Chart, unfolded map[string]bool, now time.Time) Listing {
	var l Listing
	group := func(head string, entries []Entry) {
		if len(entries) > 0 {
			l.Entries = append(append(l.Entries, heading(head)), entries...)
		}
	}
	var offered, others, open, over []Entry
	for _, o := range c.Offers {
		if o.Now {
			offered = append(offered, offerEntry(o, now))
		} else {
			others = append(others, offerEntry(o, now))
		}
	}
	waiting, late := 0, 0
	for _, r := range c.Routines {
		if r.State != ward.RunOpen {
			over = append(over, runEntries(r, unfolded, now)...)
			continue
		}
		waiting++
		if r.Late {
			late++
		}
		open = append(open, runEntries(r, unfolded, now)...)
	}
	group(words.T("Offered: nobody has begun it"), offered)
	group(words.C("state", "Open"), open)
	group(words.T("Can be begun"), others)
	group(words.T("Over"), over)
	if len(l.Entries) == 0 {
		return l
	}
	parts := []string{words.T("No routine is open")}
	if waiting > 0 {
		parts[0] = words.N(waiting, "%d routine is open", "%d routines are open")
	}
	if late > 0 {
		parts = append(parts, words.N(late, "%d is late", "%d are late"))
	}
	l.Words = []string{strings.Join(append(parts, right(c, now)), ", ")}
	return l
}

func offerEntry(o ward.RoutineOffer, now time.Time) Entry {
	e := Entry{ID: "offer " + string(o.Routine), Head: o.Name, Key: o.Name, Acts: []Act{{Begin, words.T("Begin")}}}
	whose := words.T("this ward’s")
	if o.Site {
		whose = words.T("the whole site’s")
	}
	e.Lines = []string{strings.Join([]string{words.N(o.Steps, "%d step", "%d steps"), words.F("version %d", o.Number), whose}, ", ")}
	if o.Now {
		e.Bar = true
		e.Lines = append([]string{words.F("Came to the ward %s", ward.Stamp(o.Came, now))}, e.Lines...)
	}
	return e
}

// runEntries are a run's line and, where it is open or unfolded, its steps.
func runEntries(r ward.RoutineRun, unfolded map[string]bool, now time.Time) []Entry {
	e := Entry{
		ID: "run " + string(r.ID), Head: r.Name, Key: r.Name, After: words.F("%d of %d steps answered", len(r.Steps)-r.Open, len(r.Steps)),
		Beside: []string{words.T("Begun"), ward.Stamp(r.Started, now)}, Struck: r.State == ward.RunMistake, Bar: r.Late,
	}
	if r.Late {
		e.Marks = append(e.Marks, Mark{words.F("late, due %s", ward.Stamp(r.Due, now)), Late})
	}
	switch r.State {
	case ward.RunFinished:
		e.Marks = append(e.Marks, Mark{words.T("finished"), Done})
	case ward.RunLeft:
		e.Marks = append(e.Marks, Mark{words.T("ended with steps open"), Changed})
	case ward.RunMistake:
		e.Marks = append(e.Marks, Mark{words.T("begun by mistake"), Changed})
	}
	if r.Unsent {
		e.Marks = append(e.Marks, Mark{words.T("unsent"), Unsent})
	}
	e.Lines = append(e.Lines, words.F("Version %d, begun by %s", r.Number, cmp.Or(ward.SayName(r.By), words.T("somebody whose name is not here"))))
	if !r.Ended.IsZero() {
		over := words.F("Over since %s", ward.Stamp(r.Ended, now))
		if r.EndedBy != "" {
			over = words.F("Over since %s, by %s", ward.Stamp(r.Ended, now), ward.SayName(r.EndedBy))
		}
		if r.Why != "" {
			over += ": " + words.F("“%s”", r.Why)
		}
		e.Lines = append(e.Lines, over)
	}
	if r.Twice {
		e.Warns = append(e.Warns, words.T("It was begun more than once, on computers that could not see one another. The ticks of all are here."))
	}
	if r.State == ward.RunOpen {
		e.Acts = []Act{{EndRun, words.T("End with steps open…")}, {Mistaken, words.T("Begun by mistake…")}}
		return append([]Entry{e}, stepEntries(r, now)...)
	}
	open := unfolded[e.ID]
	e.Acts = []Act{{Fold, map[bool]string{true: words.T("Hide steps"), false: words.T("Show steps")}[open]}}
	if r.State != ward.RunMistake {
		e.Acts = append(e.Acts, Act{Mistaken, words.T("Begun by mistake…")})
	}
	if !open {
		return []Entry{e}
	}
	return append([]Entry{e}, stepEntries(r, now)...)
}

func stepEntries(r ward.RoutineRun, now time.Time) []Entry {
	over := r.State == ward.RunLeft || r.State == ward.RunMistake
	out := make([]Entry, 0, len(r.Steps))
	for _, s := range r.Steps {
		e := Entry{ID: "step " + string(r.ID) + " " + s.ID, Head: s.Words, Key: s.Words, InLine: true, Ticked: s.State == ward.StepDone}
		switch s.State {
		case ward.StepNotNeeded:
			e.Marks = append(e.Marks, Mark{words.T("not needed"), Plain})
		case ward.StepOpen:
			if over {
				e.Marks = append(e.Marks, Mark{words.T("left open"), Changed})
			}
		}
		for _, m := range s.Marks {
			e.Lines = append(e.Lines, markWords(m, now))
		}
		if s.Both {
			e.Warns = append(e.Warns, words.T("One person did it, another called it not needed. It counts as done."))
		}
		switch {
		case over:
		case s.State == ward.StepOpen:
			e.Acts = append(e.Acts, Act{Tick, words.T("Tick")}, Act{NotNeeded, words.T("Not needed…")})
		case slices.ContainsFunc(s.Marks, func(m ward.StepMark) bool { return m.Mine }):
			e.Acts = append(e.Acts, Act{TakeBack, words.T("Take back")})
		default:
			e.Acts = append(e.Acts, Act{TakeBack, words.T("Take back for them…")})
			if s.State == ward.StepNotNeeded {
				e.Acts = append([]Act{{Tick, words.T("Tick: it was done")}}, e.Acts...)
			}
		}
		if button := pageWords(s.Page); button != "" {
			e.Acts = append(e.Acts, Act{GoTo, button})
		}
		e.Box = e.Ticked || len(e.Acts) > 0 && e.Acts[0].Do == Tick
		out = append(out, e)
	}
	return out
}

func markWords(m ward.StepMark, now time.Time) string {
	if m.Not {
		return words.F("Not needed, says %s, %s: “%s”", ward.SayName(m.By), ward.Stamp(m.At, now), m.Reason)
	}
	return words.F("Done by %s, %s", ward.SayName(m.By), ward.Stamp(m.At, now))
}

// pageWords is the button that opens a step's page; "" where this program has none.
func pageWords(page string) string {
	return pageButtons[page].Say()
}

var pageButtons = map[string]words.Key{
	"allergies": words.K("Open allergies"), "observations": words.K("Enter observations"), "results": words.K("Open results"), "orders": words.K("Open orders"),
	"notes": words.K("Write a note"), "tasks": words.K("Open tasks"), "handover": words.K("Open handover"),
}

// pageTab is the tab of the chart that is a step's page.
func pageTab(page string) (Tab, bool) {
	t, ok := map[string]Tab{"allergies": Allergies, "observations": Vitals, "results": Results, "orders": Orders, "notes": Notes}[page]
	return t, ok
}

// twicePressed is how long a step that was just ticked cannot be taken back by the
// same press: a double click ticks it.
const twicePressed = 700 * time.Millisecond

// doRoutine does something with an entry of the routines.
func (m *Model) doRoutine(id string, do Deed) {
	kind, rest, _ := strings.Cut(id, " ")
	switch kind {
	case "offer":
		m.do(ward.StartRoutine{Patient: m.state.ID, Routine: fhir.ID(rest)}, nil)
	case "run":
		m.askRun(fhir.ID(rest), do)
	case "step":
		run, step, _ := strings.Cut(rest, " ")
		m.doStep(fhir.ID(run), step, do)
	}
}

// drawnRun finds a run that is drawn.
func (m *Model) drawnRun(id fhir.ID) (ward.RoutineRun, bool) {
	i := slices.IndexFunc(m.state.Chart.Routines, func(r ward.RoutineRun) bool { return r.ID == id })
	if i < 0 {
		return ward.RoutineRun{}, false
	}
	return m.state.Chart.Routines[i], true
}

func (m *Model) askRun(id fhir.ID, do Deed) {
	r, ok := m.drawnRun(id)
	if !ok {
		return
	}
	a := &RoutineAsk{deed: do, run: id, Words: r.Name, Title: words.N(r.Open, "End it with %d step open", "End it with %d steps open"), Button: words.T("End it")}
	if do == Mistaken {
		a.Title, a.Button = words.T("It was begun by mistake, and counts as not done"), words.T("It was a mistake")
	}
	m.ask(a)
}

func (m *Model) ask(a *RoutineAsk) {
	m.state.RoutineAsk, m.state.Error, m.state.Saved = a, "", ""
	m.show(m.state)
}

func (m *Model) doStep(id fhir.ID, step string, do Deed) {
	r, ok := m.drawnRun(id)
	i := slices.IndexFunc(r.Steps, func(s ward.StepDoes) bool { return s.ID == step })
	if !ok || i < 0 {
		return
	}
	s := r.Steps[i]
	mine := slices.ContainsFunc(s.Marks, func(m ward.StepMark) bool { return m.Mine })
	switch do {
	case Tick:
		m.tick(id, s)
	case TakeBack:
		switch {
		case m.ticked.step == step && m.ticked.run == id && m.now().Sub(m.ticked.at) < twicePressed:
		case mine:
			m.do(ward.UnmarkStep{Patient: m.state.ID, Run: id, Step: step}, nil)
		default:
			m.ask(&RoutineAsk{deed: do, run: id, step: step, Words: s.Words, Title: words.T("Take back what somebody else said"), Button: words.T("Take back")})
		}
	case NotNeeded:
		m.ask(&RoutineAsk{deed: do, run: id, step: step, Words: s.Words, Title: words.T("Not needed for this patient"), Button: words.T("Not needed")})
	case GoTo:
		if t, ok := pageTab(s.Page); ok {
			m.SetTab(t)
		} else if m.OnPage != nil {
			m.OnPage(s.Page)
		}
	default: // nothing that a step offers
	}
}

// ticked is the step that was ticked last.
type ticked struct {
	run  fhir.ID
	step string
	at   time.Time
}

// tick says that a step was done, and offers the way back of that.
func (m *Model) tick(run fhir.ID, s ward.StepDoes) {
	m.ticked = ticked{run, s.ID, m.now()}
	undo := &Undo{Words: words.F("Ticked: %s", s.Words), patient: m.state.ID, cmd: ward.UnmarkStep{Patient: m.state.ID, Run: run, Step: s.ID}}
	m.do(ward.MarkStep{Patient: m.state.ID, Run: run, Step: s.ID}, func(bool) { m.state.Undo = undo })
}

// TypeRoutineReason takes what a person types as the reason.
func (m *Model) TypeRoutineReason(text string) {
	if a := m.state.RoutineAsk; a != nil && a.Reason != text {
		c := *a
		c.Reason, c.Bad = text, false
		m.state.RoutineAsk = &c
		m.show(m.state)
	}
}

// LeaveRoutineAsk asks no more, and reports whether it did.
func (m *Model) LeaveRoutineAsk() bool {
	if m.state.RoutineAsk == nil {
		return false
	}
	m.state.RoutineAsk = nil
	m.show(m.state)
	return true
}

// SendRoutineAsk does what was asked about. Without a reason it asks on.
func (m *Model) SendRoutineAsk() {
	a := m.state.RoutineAsk
	if a == nil {
		return
	}
	reason := strings.TrimSpace(a.Reason)
	if reason == "" {
		c := *a
		c.Bad = true
		m.state.RoutineAsk, m.state.Error = &c, words.T("Say why first.")
		m.show(m.state)
		return
	}
	p := m.state.ID
	cmd := map[Deed]ward.Command{
		NotNeeded: ward.MarkStep{Patient: p, Run: a.run, Step: a.step, Not: true, Reason: reason},
		TakeBack:  ward.UnmarkStep{Patient: p, Run: a.run, Step: a.step, Reason: reason},
		EndRun:    ward.EndRoutine{Patient: p, Run: a.run, Reason: reason},
		Mistaken:  ward.EndRoutine{Patient: p, Run: a.run, Mistake: true, Reason: reason},
	}[a.deed]
	m.do(cmd, func(here bool) {
		if here {
			m.state.RoutineAsk = nil
		}
	})
}

// noRoutines says why there are none.
func (m *Model) noRoutines(l Listing) string {
	c := m.state.Chart
	if len(l.Entries) > 0 {
		return ""
	}
	if m.state.Loaded && c.Loading == ward.LoadingNone && !c.AsOf.IsZero() {
		return words.F("None: no routine was begun for this patient, and this ward has none to begin, as of %s. The charge nurse writes them: Ctrl+K, routines.", ward.Stamp(c.AsOf, m.now()))
	}
	return m.none(words.T("routines"), 0)
}
