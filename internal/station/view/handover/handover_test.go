package handover_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/station/view/handover"
)

var (
	now   = time.Date(2026, 11, 22, 19, 36, 0, 0, time.UTC)
	grace = ward.Person{User: "g.mensah", Name: "Grace Mensah, nurse", Role: "nurse"}
)

func at(clock string) time.Time {
	t, err := time.Parse("15:04", clock)
	if err != nil {
		panic(err)
	}
	return time.Date(2026, 11, 22, t.Hour(), t.Minute(), 0, 0, time.UTC)
}

type desk struct {
	base.Drawer

	mu    sync.Mutex
	read  ward.Handover
	fail  error
	deny  error
	done  []ward.Command
	looks []ward.PatientID
	ch    chan ward.Notice
	hold  chan struct{} // a call waits for it
}

func (d *desk) Subscribe(context.Context) <-chan ward.Notice { return d.ch }

func (d *desk) Handover(context.Context) (ward.Handover, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	h := d.read
	h.Sheets = slices.Clone(h.Sheets)
	return h, d.fail
}

func (d *desk) Open(_ context.Context, id ward.PatientID) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.looks = append(d.looks, id)
	return nil
}

func (d *desk) Call(_ context.Context, id ward.PatientID) (ward.Call, error) {
	<-d.held()
	return ward.Call{Situation: "about " + string(id), Background: "since 20-Nov-2026", Assessment: "pulse 111/min"}, nil
}

func (d *desk) Do(_ context.Context, c ward.Command) (ward.Done, error) {
	if d.Keep(c) {
		return ward.Done{}, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.deny != nil {
		return ward.Done{}, d.deny
	}
	d.done = append(d.done, c)
	if g, ok := c.(ward.GiveHandover); ok {
		return ward.Done{Made: []fhir.ID{"g1", "g2", "g3"}[:len(g.Patients)]}, nil
	}
	return ward.Done{Made: []fhir.ID{"x1"}}, nil
}

func (d *desk) commands() []ward.Command {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.done)
}

func who(id, family, bed string) ward.Identity {
	return ward.Identity{ID: ward.PatientID(id), Family: family, Bed: bed, Age: "72y", Gender: "Female"}
}

func sheets() []ward.Sheet {
	return []ward.Sheet{
		{
			Who: who("p07", "Adeyemi", "07"), Since: at("08:00").AddDate(0, 0, -2), Severity: ward.Unstable, Why: "NEWS2 5 at 19:00, was 7", Mine: true,
			Summary: []ward.Wording{{ID: "w1", Text: "Pneumonia.", By: "Grace Mensah, nurse", At: at("18:40")}, {ID: "w2", Text: "Family told.", By: "Tom Blake, nurse", At: at("18:50")}},
			Actions: []ward.Duty{{ID: "t1", Words: "Potassium and ECG", Due: at("19:30"), Owner: "T. Blake"}},
			Facts:   []ward.Dated{{Words: "Potassium 5.6 mmol/L H", At: at("18:50"), Flag: ward.FlagHigh}},
		},
		{
			Who: who("p11", "Kowalczyk", "11"), Severity: ward.Stable, Why: "NEWS2 1 at 19:05",
			Given: &ward.Given{ID: "g9", By: "Ines Ferreira, nurse", User: "i.ferreira", To: "Grace Mensah", At: at("19:00"), Due: at("19:30")},
		},
		{
			Who: who("p15", "Holloway", "15"), Why: "no NEWS2 recorded",
			Given: &ward.Given{ID: "g8", By: "Grace Mensah, nurse", User: "g.mensah", To: "Tom Blake", At: at("19:20"), Due: at("19:50"), Accepted: []ward.Accepted{{By: "Tom Blake, nurse", User: "t.blake", At: at("19:34"), Synthesis: "Glucose at 20:00."}}},
		},
	}
}

func start(t *testing.T, read ward.Handover) (*handover.Model, *desk, func(func() bool)) {
	t.Helper()
	var q base.Queue
	d := &desk{read: read, ch: make(chan ward.Notice), hold: make(chan struct{})}
	m := handover.New(d, &q, func() time.Time { return now }, grace, func(handover.State) {})
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

func TestWhatASheetSays(t *testing.T) {
	m, _, _ := start(t, ward.Handover{Sheets: sheets(), AsOf: now})
	s := m.State()
	a, k, h := s.Lines[0], s.Lines[1], s.Lines[2]
	if a.Word != "UNSTABLE" || a.Who != "72y F · since 20-Nov-2026" || a.Actions[0].Late != "overdue 6 min" || a.Facts[0].At != "18:50" || a.Summary[1].By != "Tom Blake, nurse, 18:50" {
		t.Errorf("%+v", a)
	}
	if k.Late != "Not accepted for 36 min: charge nurse" || !k.CanAccept || k.CanTakeBack {
		t.Errorf("%+v", k)
	}
	if h.Word != "NOT KNOWN" || h.CanAccept || h.CanTakeBack || h.Synthesis[0].Text != "Glucose at 20:00." || h.Signed[1] != "Accepted 19:34 by Tom Blake, nurse" {
		t.Errorf("%+v", h)
	}
	if s.Foot != "1 of 1 not accepted for more than 30 min: charge nurse" || !s.Late {
		t.Error(s.Foot)
	}
	for more, want := range map[int]string{1: "1 more patient is not on these sheets. ", 2: "2 more patients are not on these sheets. "} {
		m, _, _ := start(t, ward.Handover{Sheets: sheets(), AsOf: now, More: more})
		if foot := m.State().Foot; !strings.HasPrefix(foot, want) {
			t.Errorf("%d more: %q", more, foot)
		}
	}
	for f, want := range map[handover.Filter]string{handover.Mine: "p07", handover.Waiting: "p11"} {
		m.SetFilter(f)
		if l := m.State().Lines; len(l) != 1 || l[0].ID != want {
			t.Errorf("%s lists %+v", f, l)
		}
	}
}

// Whoever writes anew has all that stands before them, and replaces all of it;
// what they leave alone is not saved again.
func TestWritingAnew(t *testing.T) {
	m, d, until := start(t, ward.Handover{Sheets: sheets(), AsOf: now})
	m.WriteOpen()
	f := m.State().Form
	if f.Text[handover.FieldSummary] != "Pneumonia.\nFamily told." {
		t.Fatalf("%+v", f.Text)
	}
	m.Save()
	if m.State().Error != "Nothing was changed, so nothing was saved." {
		t.Error(m.State().Error)
	}
	m.Type(handover.FieldSummary, "")
	m.Save()
	if !strings.Contains(m.State().Error, "not emptied") || len(d.commands()) != 0 {
		t.Error(m.State().Error)
	}
	m.Type(handover.FieldSummary, "Pneumonia. Family told.")
	m.Type(handover.FieldContingency, "If potassium is 6.0, then renal.")
	m.Say(ward.Watcher)
	m.Select("p11") // the form stays with its patient
	m.Save()
	until(func() bool { return m.State().Form == nil })
	got := d.commands()
	if len(got) != 3 {
		t.Fatalf("%+v", got)
	}
	if c := got[1].(ward.WriteHandover); c.Patient != "p07" || c.Part != ward.PartSummary || !slices.Equal(c.Replaces, []fhir.ID{"w1", "w2"}) {
		t.Errorf("%+v", c)
	}
	if c := got[0].(ward.WriteHandover); c.Part != ward.PartSeverity || c.Text != "watcher" || c.Replaces != nil {
		t.Errorf("%+v", c)
	}
}

func TestGivingWithItsWayBack(t *testing.T) {
	m, d, until := start(t, ward.Handover{Sheets: sheets(), AsOf: now})
	m.GiveTo()
	m.Save()
	if !strings.Contains(m.State().Error, "to whom") {
		t.Error(m.State().Error)
	}
	m.Type(handover.FieldTo, " Tom Blake ")
	m.Save()
	until(func() bool { return m.State().Undo != nil })
	if c := d.commands()[0].(ward.GiveHandover); c.To != "Tom Blake" || !slices.Equal(c.Patients, []ward.PatientID{"p07", "p11", "p15"}) {
		t.Errorf("%+v", c)
	}
	m.TakeBack()
	until(func() bool { return len(d.commands()) == 4 && m.State().Undo == nil })
	if c := d.commands()[1]; c != (ward.TakeBackHandover{Patient: "p07", Given: "g1"}) {
		t.Errorf("%+v", c)
	}
}

// A signature is under what was drawn, also if it was given anew meanwhile.
func TestAcceptingWhatWasDrawn(t *testing.T) {
	m, d, until := start(t, ward.Handover{Sheets: sheets(), AsOf: now})
	m.AcceptOpen()
	if m.State().Form != nil {
		t.Fatal("what was never given can be accepted")
	}
	m.Select("p11")
	m.AcceptOpen()
	m.Type(handover.FieldSynthesis, "Cultures if over 38.5.")
	d.mu.Lock()
	anew := *d.read.Sheets[1].Given
	anew.ID = "g10"
	d.read.Sheets = slices.Clone(d.read.Sheets)
	d.read.Sheets[1].Given = &anew
	d.deny = errors.New("This patient was handed over anew. Nothing was saved. Look again.")
	d.mu.Unlock()
	d.ch <- ward.Notice{}
	until(func() bool { return m.State().Lines[1].Sheet.Given.ID == "g10" })
	m.Save()
	until(func() bool { return !m.State().Busy })
	if m.State().Form == nil || !strings.Contains(m.State().Error, "anew") {
		t.Errorf("%+v", m.State())
	}
	d.mu.Lock()
	d.deny = nil
	d.mu.Unlock()
	m.Save()
	until(func() bool { return m.State().Form == nil })
	if c := d.commands()[0]; c != (ward.AcceptHandover{Patient: "p11", Given: "g9", Synthesis: "Cultures if over 38.5."}) {
		t.Errorf("%+v", c)
	}
}

// A call is filled when the record was read; what was typed before stays, and an
// answer about another patient fills nothing.
func TestACallIsFilledFromTheRecord(t *testing.T) {
	m, d, until := start(t, ward.Handover{Sheets: sheets(), AsOf: now})
	m.CallOpen()
	m.Type(handover.FieldBackground, "mine")
	close(d.hold)
	until(func() bool { return !m.State().Form.Reading })
	f := m.State().Form
	if f.Text[handover.FieldSituation] != "about p07" || f.Text[handover.FieldBackground] != "mine" || f.Text[handover.FieldRecommendation] != "" || len(d.looks) != 1 {
		t.Errorf("%+v, looks %v", f.Text, d.looks)
	}
	m.Save()
	if !strings.Contains(m.State().Error, "who was called") {
		t.Error(m.State().Error)
	}
	m.Type(handover.FieldCalled, "Dr Patel")
	m.Save()
	until(func() bool { return m.State().Form == nil })
	if c := d.commands()[0].(ward.RecordCall); c.Patient != "p07" || c.Called != "Dr Patel" || c.Situation != "about p07" {
		t.Errorf("%+v", c)
	}
}

func TestAnAnswerAboutAnotherPatientFillsNothing(t *testing.T) {
	m, d, until := start(t, ward.Handover{Sheets: sheets(), AsOf: now})
	m.CallOpen()
	m.Leave()
	m.Select("p11")
	m.CallOpen()
	close(d.hold)
	until(func() bool { return !m.State().Form.Reading })
	if got := m.State().Form.Text[handover.FieldSituation]; got != "about p11" {
		t.Errorf("the form of p11 says %q", got)
	}
}

func TestEmptyAndNotKnown(t *testing.T) {
	m, _, _ := start(t, ward.Handover{AsOf: now})
	if m.State().Empty != "None: nobody is on this ward, as of 19:36." {
		t.Error(m.State().Empty)
	}
	m, _, _ = start(t, ward.Handover{})
	if !strings.HasPrefix(m.State().Empty, "Not loaded") {
		t.Error(m.State().Empty)
	}
}

func TestWhatWentUp(t *testing.T) {
	list := []ward.Waiting{
		{By: "Grace Mensah, nurse", To: "Tom Blake", At: at("19:00"), Due: at("19:30"), Patients: []ward.PatientID{"p07", "p11"}},
		{By: "Ines Ferreira, nurse", To: "Sunil Patel", At: at("19:20"), Due: at("19:50"), Patients: []ward.PatientID{"p15"}},
	}
	words, n := handover.Late(list, now)
	if n != 2 || words != "Handover to the charge nurse: 2 patients from Grace Mensah, nurse to Tom Blake, given 19:00, not accepted for 36 min." {
		t.Errorf("%d: %s", n, words)
	}
	if words, n = handover.Late(list[1:], now); n != 0 || words != "" {
		t.Errorf("%d: %s", n, words)
	}
}

// An answer to a call that was left is not the one of the call that was begun after it,
// also where both are about the same patient: the record may say something else now.
func TestAnAnswerToACallThatWasLeftFillsNothing(t *testing.T) {
	m, d, until := start(t, ward.Handover{Sheets: sheets(), AsOf: now})
	first := d.hold
	m.CallOpen()
	until(func() bool { return len(d.opened()) == 1 })
	time.Sleep(10 * time.Millisecond) // the first call is being read
	m.Leave()
	d.holdWith(make(chan struct{}))
	m.CallOpen()
	close(first)
	time.Sleep(20 * time.Millisecond)
	until(func() bool { return len(d.opened()) == 2 })
	if f := m.State().Form; !f.Reading || f.Text[handover.FieldSituation] != "" {
		t.Errorf("the form holds %q, of the call before", f.Text[handover.FieldSituation])
	}
	close(d.held())
	until(func() bool { return !m.State().Form.Reading })
}

func (d *desk) opened() []ward.PatientID {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.looks)
}

func (d *desk) held() chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.hold
}

func (d *desk) holdWith(ch chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hold = ch
}
