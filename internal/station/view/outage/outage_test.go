package outage_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/station/view/outage"
)

var now = time.Date(2026, 11, 22, 4, 20, 0, 0, time.UTC)

func at(clock string) time.Time {
	t, err := time.Parse("15:04", clock)
	if err != nil {
		panic(err)
	}
	return time.Date(2026, 11, 22, t.Hour(), t.Minute(), 0, 0, time.UTC)
}

type desk struct {
	link   ward.Link
	unsent []ward.Unsent
	more   int
	report ward.OutageReport
	asked  int
	slow   chan struct{} // the report waits for it
}

func (d *desk) Subscribe(context.Context) <-chan ward.Notice { return make(chan ward.Notice) }
func (d *desk) Link() ward.Link                              { return d.link }
func (d *desk) Unsent(context.Context) ([]ward.Unsent, int, error) {
	return d.unsent, d.more, nil
}

func (d *desk) OutageReport(context.Context, time.Time) (ward.OutageReport, error) {
	if d.slow != nil {
		<-d.slow
	}
	d.asked++
	return d.report, nil
}

func open(t *testing.T, d *desk) outage.State {
	t.Helper()
	var q base.Queue
	m := outage.New(d, &q, func() time.Time { return now }, func(outage.State) {})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	m.Open(ctx)
	for range 20_000 {
		q.Drain()
		if s := m.State(); s.Error != "" || s.AsOf != "" && !strings.Contains(said(s), "Being read") {
			return s
		}
		time.Sleep(2 * time.Millisecond)
	}
	t.Fatal("nothing was shown")
	return outage.State{}
}

func said(s outage.State) string {
	var out []string
	for _, l := range s.Lines {
		out = append(out, strings.Join(strings.Fields(l.Bed+" "+l.Name+" "+l.Words+" | "+l.Second), " "))
	}
	return strings.Join(out, "\n")
}

var folake = ward.Identity{ID: "p07", Family: "Adeyemi", Given: "Folake", Bed: "07"}

// Everything is sent when central has answered for it, and not a moment before:
// neither contact, nor an empty list, nor an outage that is over is enough.
func TestAllSentIsSaidOnlyWhenReceiptsEqualWrites(t *testing.T) {
	note := ward.Unsent{Who: folake, Line: ward.OutageLine{Kind: "note", Words: "slept badly", By: "Grace Mensah, nurse", At: at("03:10"), Outcome: "unsent"}}
	back := &ward.Outage{From: at("02:14"), To: at("04:02"), Entries: 7, Sent: 7}
	for name, c := range map[string]struct {
		d    desk
		sent bool
	}{
		"nothing waits":                      {desk{link: ward.Link{Connected: true, Ever: true}}, true},
		"nothing waits, network out":         {desk{link: ward.Link{Ever: true, Since: at("02:14")}}, true},
		"one waits":                          {desk{link: ward.Link{Connected: true, Ever: true, Unsent: 1}, unsent: []ward.Unsent{note}}, false},
		"one that is not listed waits":       {desk{link: ward.Link{Connected: true, Ever: true, Unsent: 1}, more: 1}, false},
		"the outage's went, a new one waits": {desk{link: ward.Link{Connected: true, Ever: true, Unsent: 1, LastOutage: back}, more: 1}, false},
	} {
		s := open(t, &c.d)
		if got := strings.HasPrefix(s.Words, "All sent"); got != c.sent {
			t.Errorf("%s: %q", name, s.Words)
		}
	}
}

func TestWhatWaitsAndSinceWhen(t *testing.T) {
	d := &desk{
		link: ward.Link{Ever: true, Since: at("02:14"), Unsent: 3, UnsentSince: at("02:50"), Feeds: []ward.Feed{{Name: "laboratory", Last: at("02:13")}, {Name: "EHR"}}}, more: 2,
		unsent: []ward.Unsent{{Who: folake, Line: ward.OutageLine{Kind: "note", Words: "slept badly", By: "Grace Mensah, nurse", At: at("02:50")}}},
		report: ward.OutageReport{From: at("02:14"), Counts: ward.OutageCounts{Written: 3, Unsent: 3}, Level: ward.LevelUnknown},
	}
	s := open(t, d)
	if s.Head != "Network out since 02:14, 2 h" || s.Words != "3 entries wait to be sent, the oldest since 02:50. They are safe on this computer and go by themselves." {
		t.Errorf("%q, %q", s.Head, s.Words)
	}
	want := `Unsent 3 |
07 ADEYEMI, Folake note: slept badly | Grace Mensah, nurse, 02:50, waits 1 h
2 more are not listed: of patients that you may not see or that have left, or written by the program itself. They are safe, too. |
Feeds |
Laboratory not known since 02:14, when this computer lost contact; the last message before came at 02:13 |
EHR not known since 02:14, when this computer lost contact; nothing had come by then |
Since the network went at 02:14 |
0 entries came in. 3 were written here: 3 unsent. | Not compared with the server.
What came in at the server since then is not here. |`
	if got := said(s); got != want {
		t.Errorf("said:\n%s", got)
	}
}

func TestTheReportPatientByPatient(t *testing.T) {
	d := &desk{link: ward.Link{Connected: true, Ever: true, Since: at("04:02"), LastOutage: &ward.Outage{}, Feeds: []ward.Feed{{Name: "laboratory", Up: true, Last: at("04:19")}}}}
	d.report = ward.OutageReport{
		From: at("02:14"), To: at("04:02"), CaughtUp: true, Level: ward.LevelEqual, Away: 1,
		Counts: ward.OutageCounts{CameIn: 1, Written: 2, Merged: 1, Refused: 1, Waiting: 1},
		Patients: []ward.OutagePatient{{
			Who: folake, Level: ward.LevelEqual, More: 3,
			CameIn:  []ward.OutageLine{{Kind: "result", Words: "Potassium 6.8 mmol/L", By: "lab", At: at("03:12")}},
			Written: []ward.OutageLine{{Kind: "note", Words: "slept badly", By: "Grace Mensah, nurse", At: at("02:50"), Outcome: "merged"}, {Kind: "order", Words: "Lactate", By: "Tom Blake, nurse", At: at("02:55"), Outcome: "refused", Why: "not known to central"}},
			Waiting: []ward.OutageLine{{Kind: "question", Words: "Is the patient allergic to Penicillin?", By: "Wardlight", At: at("04:03")}},
		}},
	}
	s := open(t, d)
	want := `Feeds |
Laboratory up; the last message came at 04:19, 1 min ago |
Outage 02:14 to 04:02 |
1 entry came in. 2 were written here: 1 merged with somebody else’s, 1 refused. 1 question waits for a person. | Compared: this computer and the server hold the same about these patients.
07 ADEYEMI, Folake |
To decide · question: Is the patient allergic to Penicillin? | Wardlight, 04:03
Came in · result: Potassium 6.8 mmol/L | lab, 03:12
Written here · note: slept badly | Grace Mensah, nurse, 02:50 · sent, merged with somebody else’s
Written here · order: Lactate | Tom Blake, nurse, 02:55 · refused: not known to central
3 more lines are in the chart. |
1 entry about patients who are not on this computer any more. |`
	if got := said(s); got != want {
		t.Errorf("said:\n%s", got)
	}
	d.report.CaughtUp, d.report.Level = false, ward.LevelUnknown
	if got := said(open(t, d)); !strings.Contains(got, "this list is not complete") || strings.Contains(got, "hold the same") {
		t.Errorf("said:\n%s", got)
	}
}

// Where there was no outage nobody is asked for a report.
func TestWithoutAnOutageThereIsNoReport(t *testing.T) {
	d := &desk{link: ward.Link{Connected: true, Ever: true}}
	open(t, d)
	if d.asked != 0 {
		t.Error("a report was made of nothing")
	}
}

// The report goes through every patient and asks the server. Until it is there the
// page says what it is doing, and what waits to be sent and how old the feeds are is
// there long before.
func TestThePageIsNeverBlank(t *testing.T) {
	d := &desk{
		link: ward.Link{Connected: true, Ever: true, Since: at("04:02"), LastOutage: &ward.Outage{}, Feeds: []ward.Feed{{Name: "laboratory", Up: true, Last: at("04:19")}}},
		slow: make(chan struct{}), report: ward.OutageReport{From: at("02:14"), To: at("04:02"), CaughtUp: true, Level: ward.LevelEqual},
	}
	var q base.Queue
	var shown []outage.State
	m := outage.New(d, &q, func() time.Time { return now }, func(s outage.State) { shown = append(shown, s) })
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	m.Open(ctx)
	if m.Whole() {
		t.Error("whole before anything is read")
	}
	if len(shown) != 1 || shown[0].Head == "" || shown[0].Words == "" || strings.Contains(shown[0].Words, "All sent") {
		t.Fatalf("when it is opened: %+v", shown)
	}
	until := func(what string) {
		t.Helper()
		for range 20_000 {
			q.Drain()
			if strings.Contains(said(m.State()), what) {
				return
			}
			time.Sleep(2 * time.Millisecond)
		}
		t.Fatalf("never said %q: %s", what, said(m.State()))
	}
	until("Being read")
	if s := said(m.State()); !strings.Contains(s, "Laboratory") || !strings.HasPrefix(m.State().Words, "All sent") {
		t.Errorf("before the report: %s", s)
	}
	if m.Whole() {
		t.Error("whole without its report")
	}
	close(d.slow)
	until("came in")
	if strings.Contains(said(m.State()), "Being read") {
		t.Error("it still says that the report is being read")
	}
	if !m.Whole() {
		t.Error("not whole with its report")
	}
	if m.Open(ctx); m.Whole() {
		t.Error("whole when it is opened again, before it is read again")
	}
}

// Where there is no outage the page is whole by what waits to be sent, each time that it
// is opened.
func TestThePageIsWholeOnceItIsRead(t *testing.T) {
	var q base.Queue
	m := outage.New(&desk{link: ward.Link{Connected: true, Ever: true}}, &q, func() time.Time { return now }, func(outage.State) {})
	for range 2 {
		ctx, cancel := context.WithCancel(context.Background())
		m.Open(ctx)
		if m.Whole() {
			t.Error("whole before anything is read")
		}
		for i := 0; i < 20_000 && !m.Whole(); i++ {
			q.Drain()
			time.Sleep(2 * time.Millisecond)
		}
		if !m.Whole() || m.State().AsOf == "" {
			t.Errorf("never whole: %+v", m.State())
		}
		cancel()
	}
}

func TestAMomentAgoIsJustNow(t *testing.T) {
	l := ward.Link{Connected: true, Ever: true, Feeds: []ward.Feed{{Name: "laboratory", Last: now.Add(-59 * time.Second)}, {Name: "EHR", Last: now.Add(-time.Minute), Up: true}}}
	got := said(open(t, &desk{link: l}))
	if !strings.Contains(got, "down; the last message came at 04:19, just now") || !strings.Contains(got, "up; the last message came at 04:19, 1 min ago") {
		t.Errorf("%s", got)
	}
}
