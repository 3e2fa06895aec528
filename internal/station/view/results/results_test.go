package results_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/station/view/results"
)

var now = time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)

func at(clock string) time.Time {
	t, err := time.Parse("15:04", clock)
	if err != nil {
		panic(err)
	}
	return time.Date(2026, 11, 22, t.Hour(), t.Minute(), 0, 0, time.UTC)
}

type desk struct {
	mu   sync.Mutex
	in   ward.Inbox
	fail error
	deny map[ward.PatientID]error
	done []ward.Command
	ch   chan ward.Notice
}

func (d *desk) Subscribe(context.Context) <-chan ward.Notice { return d.ch }

func (d *desk) Inbox(context.Context) (ward.Inbox, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	in := d.in
	in.Items = slices.Clone(in.Items)
	return in, d.fail
}

func (d *desk) Do(_ context.Context, c ward.Command) (ward.Done, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done = append(d.done, c)
	if a, ok := c.(ward.Acknowledge); ok {
		return ward.Done{}, d.deny[a.Patient]
	}
	return ward.Done{}, nil
}

func (d *desk) set(fn func()) {
	d.mu.Lock()
	fn()
	d.mu.Unlock()
	d.ch <- ward.Notice{Kind: ward.NoticePatients}
}

func who(id, family, bed string) ward.Identity {
	return ward.Identity{ID: ward.PatientID(id), Family: family, Bed: bed}
}

func item(kind ward.InboxKind, p ward.Identity, id, test, value, panel, received string) ward.InboxItem {
	return ward.InboxItem{Kind: kind, Who: p, Since: at(received), Result: ward.Result{ID: ward.ResultID(id), Version: 1, Test: test, Value: value, Panel: panel, Received: at(received)}}
}

// inbox is the ward of the design language's picture.
func inbox() []ward.InboxItem {
	folake, brian, lucia := who("p07", "Adeyemi", "07"), who("p15", "Holloway", "15"), who("p22", "Ferreira", "22")
	critical := item(ward.InboxCritical, folake, "k1", "Potassium", "6.8", "Urea and electrolytes", "13:58")
	fixed := item(ward.InboxCorrected, brian, "k2", "Potassium", "4.3", "", "14:05")
	fixed.Result.Before = &ward.Earlier{Version: 1, Value: "7.1", Seen: true}
	fixed.Result.Owned = []ward.Owned{{Task: "t1", Kind: "acting", By: "Grace Mensah, nurse", At: at("13:20"), Earlier: true}}
	fixed.Mine = true
	taken := item(ward.InboxTaken, lucia, "k3", "Lactate", "4.6", "", "13:00")
	taken.Result.Owned = []ward.Owned{{Task: "t2", Kind: "taken", By: "Dr Sunil Patel, doctor", At: at("13:50"), ActBy: at("14:20"), Unsent: true}}
	return []ward.InboxItem{
		critical, fixed, taken,
		item(ward.InboxNew, folake, "h1", "Hb", "108", "Full blood count", "13:58"), item(ward.InboxNew, folake, "h2", "WCC", "18.6", "Full blood count", "13:58"),
		item(ward.InboxNew, lucia, "c1", "CRP", "88", "", "13:20"), item(ward.InboxNew, lucia, "h3", "Hb", "102", "Full blood count", "12:55"),
	}
}

func start(t *testing.T, items []ward.InboxItem) (*results.Model, *desk, func(func() bool)) {
	t.Helper()
	var q base.Queue
	d := &desk{in: ward.Inbox{Items: items, AsOf: at("14:05")}, ch: make(chan ward.Notice), deny: map[ward.PatientID]error{}}
	m := results.New(d, &q, func() time.Time { return now }, func(results.State) {})
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	m.Follow(ctx)
	until := func(ok func() bool) {
		t.Helper()
		for range 20_000 {
			q.Drain()
			if ok() {
				return
			}
			time.Sleep(2 * time.Millisecond)
		}
		t.Fatal("it did not happen")
	}
	until(func() bool { return m.State().Loaded || m.State().Error != "" })
	return m, d, until
}

func names(lines []results.Line) string {
	var out []string
	for _, l := range lines {
		var values []string
		for _, it := range l.Items {
			values = append(values, it.Result.Test+" "+it.Result.Value)
		}
		out = append(out, l.Who.Bed+" "+strings.Join(values, "+"))
	}
	return strings.Join(out, "; ")
}

func TestTheWorstFirstAndPanelsTogether(t *testing.T) {
	m, _, _ := start(t, inbox())
	s := m.State()
	if got := names(s.Lines); got != "07 Potassium 6.8; 15 Potassium 4.3; 22 Lactate 4.6; 07 Hb 108+WCC 18.6; 22 CRP 88; 22 Hb 102" {
		t.Errorf("listed: %s", got)
	}
	if s.Badge != 6 || s.Open == nil || s.Open.Items[0].Result.ID != "k1" || s.AsOf != "as of 14:05" {
		t.Errorf("badge %d, open %+v, %q", s.Badge, s.Open, s.AsOf)
	}
	for i, want := range []string{"Nobody has taken it, 7 min", "Grace Mensah, nurse acted on 7.1 at 13:20", "Dr Sunil Patel, doctor has it since 13:50: record action by 14:20"} {
		if got := s.Lines[i].Second; got != want {
			t.Errorf("line %d says %q", i, got)
		}
	}
	if !s.Lines[0].Urgent || s.Lines[1].Urgent || !s.Lines[2].Unsent {
		t.Error("what is urgent or unsent is not said")
	}
	counts := map[results.Filter]int{}
	for _, p := range s.Pills {
		counts[p.Filter] = p.Count
	}
	if counts[results.All] != 6 || counts[results.Mine] != 1 || counts[results.Taken] != 1 || counts[results.Handed] != 0 {
		t.Errorf("pills: %v", counts)
	}
	m.SetFilter(results.Mine)
	if got := names(m.State().Lines); got != "15 Potassium 4.3" {
		t.Errorf("mine: %s", got)
	}
}

// Two reports of one panel that came together but were collected apart are two
// lines: values of two times never stand as one set.
func TestWhatWasCollectedApartIsNeverOneLine(t *testing.T) {
	a, b := item(ward.InboxNew, who("p1", "Adeyemi", "07"), "n1", "Urea", "15.1", "U&E", "13:49"), item(ward.InboxNew, who("p1", "Adeyemi", "07"), "n2", "Urea", "18.9", "U&E", "13:49")
	a.Result.Collected, b.Result.Collected = at("06:15"), at("13:31")
	m, _, _ := start(t, []ward.InboxItem{a, b})
	if got := names(m.State().Lines); got != "07 Urea 15.1; 07 Urea 18.9" {
		t.Error(got)
	}
}

// Several at once, but never what is critical or was corrected; in the versions
// that were drawn; one command for each patient.
func TestMarksNeverIncludeWhatIsAnsweredByItself(t *testing.T) {
	m, d, until := start(t, inbox())
	for _, l := range m.State().Lines {
		m.Mark(l.ID)
	}
	s := m.State()
	if s.Marked != 3 || s.Lines[0].Marked || s.Lines[1].Marked || s.Lines[2].Marked {
		t.Fatalf("%d marked: %+v", s.Marked, s.Lines)
	}
	m.AcknowledgeMarked()
	until(func() bool { return !m.State().Busy })
	if len(d.done) != 2 {
		t.Fatalf("%d commands", len(d.done))
	}
	a, b := d.done[0].(ward.Acknowledge), d.done[1].(ward.Acknowledge)
	if a.Patient != "p07" || len(a.Results) != 2 || a.Results[0] != (ward.ShownResult{Patient: "p07", Result: "h1", Version: 1}) || b.Patient != "p22" || len(b.Results) != 2 {
		t.Errorf("%+v %+v", a, b)
	}
	m.Select(m.State().Lines[0].ID)
	d.mu.Lock()
	d.done = nil
	d.mu.Unlock()
	m.Acknowledge() // of a critical: nothing
	if m.State().Busy || len(d.done) != 0 {
		t.Error("a critical was acknowledged")
	}
}

// A marked line that says something else now has lost its mark: nobody
// acknowledges what they did not read.
func TestAChangeTakesTheMarkAway(t *testing.T) {
	m, d, until := start(t, inbox())
	line := m.State().Lines[3]
	m.Mark(line.ID)
	d.set(func() { d.in.Items[3].Result.Version, d.in.Items[3].Result.Value = 2, "98" })
	until(func() bool { return m.State().Lines[3].Items[0].Result.Value == "98" })
	if m.State().Marked != 0 {
		t.Error("a mark stands on what was not read")
	}
	m.AcknowledgeMarked()
	if len(d.done) != 0 {
		t.Error("acknowledged without a mark")
	}
}

func TestAnOpenLineThatChangesSaysSo(t *testing.T) {
	m, d, until := start(t, inbox())
	m.Select(m.State().Lines[1].ID)
	m.Ask("acting")
	d.set(func() { d.in.Items[1].Result.Version = 3 })
	until(func() bool { return m.State().Open.Items[0].Result.Version == 3 })
	if m.State().Asking != "" || m.State().Error != "This changed while you looked. Read it again." {
		t.Errorf("asking %q, said %q", m.State().Asking, m.State().Error)
	}
}

func TestTheThreeAnswers(t *testing.T) {
	m, d, until := start(t, inbox())
	settled := func() { t.Helper(); until(func() bool { return !m.State().Busy }) }
	m.Select(m.State().Lines[1].ID)
	m.Ask("acting")
	m.Answer("  ")
	if m.State().Error != "Say what was done." || len(d.done) != 0 {
		t.Fatalf("%q %v", m.State().Error, d.done)
	}
	m.Answer("insulin stopped, glucose hourly")
	settled()
	m.NothingToDo()
	settled()
	m.Ask("handed-to")
	m.Answer("Dr Lindqvist")
	settled()
	m.Select(m.State().Lines[0].ID)
	m.NothingToDo() // a critical is never nothing to do
	m.Take()
	settled()
	want := []ward.Command{
		ward.Take{Patient: "p15", Result: "k2", Version: 1, Kind: "acting", Words: "insulin stopped, glucose hourly"},
		ward.Take{Patient: "p15", Result: "k2", Version: 1, Kind: "acting", Words: "Seen, nothing to do"},
		ward.Take{Patient: "p15", Result: "k2", Version: 1, Kind: "handed-to", To: "Dr Lindqvist"},
		ward.Take{Patient: "p07", Result: "k1", Version: 1, Kind: "taken"},
	}
	if len(d.done) != len(want) {
		t.Fatalf("%d commands: %+v", len(d.done), d.done)
	}
	for i := range want {
		if d.done[i] != want[i] {
			t.Errorf("%d: %+v, want %+v", i, d.done[i], want[i])
		}
	}
}

// A refusal is told, and what was saved before it stays saved.
func TestARefusalIsTold(t *testing.T) {
	m, d, until := start(t, inbox())
	d.deny["p22"] = errors.New("The result changed. Nothing was saved. Look again.")
	for _, l := range m.State().Lines[3:] {
		m.Mark(l.ID)
	}
	m.AcknowledgeMarked()
	until(func() bool { return !m.State().Busy })
	if m.State().Error != "The result changed. Nothing was saved. Look again." || len(d.done) != 2 {
		t.Errorf("%q after %d commands", m.State().Error, len(d.done))
	}
}

// "None" is a claim about the laboratory.
func TestAnEmptyInboxSaysWhatItKnows(t *testing.T) {
	m, d, until := start(t, nil)
	if got := m.State().Empty; got != "None: every result has been acknowledged, as of 14:05." {
		t.Error(got)
	}
	d.set(func() { d.in.FeedDown, d.in.AsOf = true, at("02:14") })
	until(func() bool { return strings.Contains(m.State().Empty, "None by 02:14") })
	d.set(func() { d.in.AsOf = time.Time{} })
	until(func() bool { return strings.HasPrefix(m.State().Empty, "Not loaded") })
}
