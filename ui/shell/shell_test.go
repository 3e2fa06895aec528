package shell

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/view/base"
	vemergency "wardlight/internal/station/view/emergency"
	"wardlight/internal/station/view/idle"
	vsound "wardlight/internal/station/view/sound"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

var noon = time.Date(2026, 11, 22, 14, 5, 12, 0, time.UTC)

func clock(s string) time.Time {
	t, err := time.Parse("15:04", s)
	if err != nil {
		panic(err)
	}
	return time.Date(2026, 11, 22, t.Hour(), t.Minute(), 0, 0, time.UTC)
}

// station is a station and its desk, as the window sees them.
type station struct {
	mu       sync.Mutex
	opened   chan struct{}
	person   ward.Person
	in       bool
	why      ward.SessionEnd
	pins     []string      // that were set
	ended    []string      // sessions
	second   string        // the code of the second factor
	late     chan struct{} // a PIN is changed once it is closed
	untold   bool          // nobody is told of an emergency access
	open     []ward.OpenSession
	link     ward.Link
	rows     []ward.Row
	lines    int                              // of the results inbox
	left     map[ward.PatientID]*ward.Leaving // of whom a search says that they left
	kept     map[string]ward.Look
	alerts   []ward.Alert
	held     []ward.HeldBack
	did      []ward.Command
	looks    []string
	news     chan ward.Notice
	jotted   []string
	notes    []ward.StoreNote
	read     []string
	reviews  []ward.Review
	inbox    []ward.InboxItem
	duties   []ward.DutyItem
	book     []ward.OrderLine
	results  []ward.Result             // on every chart
	against  map[string][]ward.Warning // what speaks against an order
	unsent   []ward.Unsent
	report   ward.OutageReport
	drafts   []string                // who wrote them, and what
	drawers  map[string]*base.Drawer // by user
	glass    *ward.Emergency
	openWall bool
	gate     chan struct{} // searches wait until it is closed
	sheets   []ward.Sheet
	waiting  []ward.Waiting
	mine     map[string]map[ward.PatientID]bool // the own lists, by whose
	noList   error                              // why they stay as they are
	prints   []string                           // what was printed
	ready    *ward.ReadyPack
	noDrill  error // why none is begun
	noPaper  error
	charts   chan struct{} // where not nil, a chart is read once it is closed
	sounds   ward.Sounds
	paper    string
	orders   []ward.Order // on every chart
	sounding []ward.Sounding
	// onDisplay is what was asked on the goroutine that draws.
	onDisplay []string
}

func newStation() *station {
	s := &station{opened: make(chan struct{}), news: make(chan ward.Notice, 64)}
	close(s.opened)
	s.link = ward.Link{Connected: true, Ever: true, AsOf: noon, Since: clock("04:02"), Feeds: []ward.Feed{
		{Name: "laboratory", Up: true, Last: clock("14:04")}, {Name: "EHR", Up: true, Last: clock("14:05")},
	}}
	for i, n := range []string{"Adeyemi", "Rahman", "Ferreira", "Nguyen", "Nguyen"} {
		s.rows = append(s.rows, ward.Row{
			Who:   ward.Identity{ID: ward.PatientID("p" + string(rune('1'+i))), Bed: "0" + string(rune('1'+i)), Family: n, Given: "Given " + string(rune('A'+i)), Born: "1954-03-14", Age: "72y", Gender: "Female", Number: "999 041 773" + string(rune('0'+i)), NumberName: "NHS No.", Similar: n == "Nguyen"},
			Early: ward.Early{Known: true, Total: i, Risk: ward.RiskLow, Scale: 1, At: clock("13:00"), Due: clock("16:00")}, Allergies: ward.AllergyLine{State: ward.AllergyNone},
		})
	}
	return s
}

// lock guards the station, and notes who asks it where frames are drawn.
func (s *station) lock() func() {
	who := fromDisplay()
	s.mu.Lock()
	if who != "" {
		s.onDisplay = append(s.onDisplay, who)
	}
	return s.mu.Unlock
}

func (s *station) SignIn(_ context.Context, user, pin string) (ward.Person, error) {
	defer s.lock()()
	name := map[string]string{"g.mensah": "Grace Mensah, nurse", "t.blake": "Tom Blake, nurse"}[user]
	s.person, s.in = ward.Person{User: user, Name: name, Role: "nurse"}, true
	s.news <- ward.Notice{Kind: ward.NoticeSession}
	return s.person, nil
}

func (s *station) Jot(_ context.Context, user, _, text string) error {
	defer s.lock()()
	s.jotted = append(s.jotted, user+": "+text)
	return nil
}

func (s *station) SignInWithCode(ctx context.Context, user, pin, _ string) (ward.Person, error) {
	return s.SignIn(ctx, user, pin)
}

// ChangePIN knows one PIN, and one second factor where there is one.
func (s *station) ChangePIN(_ context.Context, old, pin, code string, endOthers bool) error {
	if s.late != nil {
		<-s.late
	}
	defer s.lock()()
	if old == "481526" && code != s.second {
		return fault.As(fault.Denied, "seat", "", ward.ErrCodeNeeded)
	}
	if old != "481526" {
		return &ward.Mistyped{Err: fault.New(fault.Unknown, "seat", "", "The PIN does not fit.")}
	}
	if pin == "1234" {
		return &ward.Mistyped{New: true, Err: fault.New(fault.Invalid, "seat", "", "This PIN is among the first that are guessed.")}
	}
	if s.pins = append(s.pins, pin); endOthers {
		s.pins = append(s.pins, "and others end")
	}
	return nil
}

func (s *station) Sessions(context.Context) ([]ward.OpenSession, error) {
	defer s.lock()()
	return slices.Clone(s.open), nil
}

func (s *station) EndSessions(_ context.Context, which, pin, code string) ([]ward.OpenSession, error) {
	defer s.lock()()
	if pin == "481526" && code != s.second {
		return nil, fault.As(fault.Denied, "seat", "", ward.ErrCodeNeeded)
	}
	if pin != "481526" {
		return nil, &ward.Mistyped{Err: fault.New(fault.Unknown, "seat", "", "The PIN does not fit.")}
	}
	s.ended = append(s.ended, which)
	s.open = slices.DeleteFunc(s.open, func(o ward.OpenSession) bool { return o.Station == which || which == "others" && !o.Here })
	return slices.Clone(s.open), nil
}

// Untold is at hand in the seat: it may be asked where frames are drawn.
func (s *station) Untold() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.untold
}

// BreakGlass knows one patient of another ward, and one PIN.
func (s *station) BreakGlass(_ context.Context, pin, who, reason string) (ward.Emergency, error) {
	defer s.lock()()
	if pin != "481526" {
		return ward.Emergency{}, &ward.Mistyped{Err: fault.New(fault.Unknown, "seat", "", "The PIN does not fit.")}
	}
	if who != "Adeyemi Given A 1954-03-14" {
		return ward.Emergency{}, fault.New(fault.NotFound, "desk", "", "Nobody on this computer has exactly this name and date of birth, or this number.")
	}
	s.glass = &ward.Emergency{Patient: "p1", Until: noon.Add(time.Hour), Reason: reason}
	return *s.glass, nil
}

func (s *station) People() []ward.Person {
	return []ward.Person{{User: "g.mensah", Name: "Grace Mensah, nurse", Last: clock("13:48")}, {User: "t.blake", Name: "Tom Blake, nurse", Last: clock("07:12")}}
}

func (s *station) Waiting() (untaken, heldBack int) {
	defer s.lock()()
	return len(s.alerts), len(s.held)
}
func (s *station) Trouble() []ward.StoreNote { return s.Unread("") }
func (s *station) Unread(user string) []ward.StoreNote {
	defer s.lock()()
	var out []ward.StoreNote
	for _, n := range s.notes {
		if !slices.Contains(s.read, user+n.ID) && (user != "" || len(s.read) == 0) {
			out = append(out, n)
		}
	}
	return out
}

func (s *station) MarkRead(user, id string) error {
	defer s.lock()()
	s.read = append(s.read, user+id)
	return nil
}

func (s *station) Sounding(context.Context) ([]ward.Sounding, error) {
	defer s.lock()()
	return append([]ward.Sounding{}, s.sounding...), nil
}

func (s *station) Sounds() ward.Sounds {
	s.mu.Lock() // a display may ask: it is in memory
	defer s.mu.Unlock()
	return s.sounds.Sound()
}

func (s *station) KeepSounds(_ context.Context, to ward.Sounds) error {
	defer s.lock()()
	s.sounds = to
	return nil
}

func (s *station) Link() ward.Link         { defer s.lock()(); return s.link }
func (s *station) Opened() <-chan struct{} { return s.opened }
func (s *station) Desk() (Desk, error)     { return s, nil }
func (s *station) Rows(context.Context) (ward.Board, error) {
	defer s.lock()()
	b := ward.Board{Inbox: s.lines, Own: ward.OwnList{User: s.person.User}}
	for id := range s.mine[s.person.User] {
		b.Own.Patients = append(b.Own.Patients, id)
	}
	slices.Sort(b.Own.Patients)
	for _, r := range s.rows {
		switch r.Mine = s.mine[s.person.User][r.Who.ID]; {
		case r.Who.Ward == "": // of this one
			b.Rows = append(b.Rows, &r)
		case r.Mine:
			b.Own.Away = append(b.Own.Away, &r)
		}
	}
	return b, nil
}

func (s *station) Alerts(context.Context) ([]ward.Alert, error) {
	defer s.lock()()
	return append([]ward.Alert{}, s.alerts...), nil
}

func (s *station) HeldBack(context.Context) ([]ward.HeldBack, error) {
	defer s.lock()()
	return s.held, nil
}

func (s *station) Inbox(context.Context) (ward.Inbox, error) {
	defer s.lock()()
	return ward.Inbox{Items: append([]ward.InboxItem{}, s.inbox...), AsOf: noon}, nil
}

func (s *station) Tasks(context.Context) (ward.Duties, error) {
	defer s.lock()()
	return ward.Duties{Items: append([]ward.DutyItem{}, s.duties...), AsOf: noon}, nil
}

func (s *station) Handover(context.Context) (ward.Handover, error) {
	defer s.lock()()
	return ward.Handover{Sheets: append([]ward.Sheet{}, s.sheets...), AsOf: noon}, nil
}

func (s *station) HandoversWaiting(context.Context) ([]ward.Waiting, error) {
	defer s.lock()()
	return append([]ward.Waiting{}, s.waiting...), nil
}

func (s *station) Call(_ context.Context, id ward.PatientID) (ward.Call, error) {
	return ward.Call{Situation: "I call about " + string(id)}, nil
}

func (s *station) PrintHandover(_ context.Context, patients []ward.PatientID) (string, error) {
	defer s.lock()()
	s.prints = append(s.prints, fmt.Sprint("sheets ", patients))
	return "Printed on bay-2", s.noPaper
}

func (s *station) OpenDocument(_ context.Context, patient ward.PatientID, result ward.ResultID, sum string) (string, error) {
	defer s.lock()()
	s.prints = append(s.prints, fmt.Sprint("document ", patient, " ", result, " ", sum))
	return "Opened", s.noPaper
}

func (s *station) PrintLabels(_ context.Context, patient ward.PatientID, orders []fhir.ID, copies int) (string, error) {
	defer s.lock()()
	s.prints = append(s.prints, fmt.Sprint("labels ", patient, " ", orders, " ", copies))
	return "1 label for ADEYEMI, Folake, born 14-Mar-1954, NHS No. 999 041 7732. Printed on bay-2", s.noPaper
}

func (s *station) LabelPaper() string {
	s.mu.Lock() // a display may ask: it is in memory
	defer s.mu.Unlock()
	return cmp.Or(s.paper, ward.LabelSmall)
}

func (s *station) KeepLabelPaper(to string) error {
	defer s.lock()()
	s.paper = to
	return nil
}

func (s *station) PrintWard(context.Context) (string, error) {
	defer s.lock()()
	s.prints = append(s.prints, "ward")
	return "Printed on bay-2", s.noPaper
}

func (s *station) PrintOver(_ context.Context, what ward.Printing, reason, pin string) (string, error) {
	defer s.lock()()
	if pin != "481526" {
		return "", &ward.Mistyped{Err: fault.New(fault.Unknown, "seat", "", "The name or the PIN does not fit.")}
	}
	s.prints = append(s.prints, fmt.Sprint("over ", what.What, " ", what.Patients, " ", reason))
	return "Printed on bay-2", nil
}

func (s *station) BeginDrill(_ context.Context, lasts time.Duration) error {
	defer s.lock()()
	if s.noDrill != nil {
		return s.noDrill
	}
	s.link.Connected, s.link.Since = false, noon
	s.link.Drill = &ward.Drill{From: noon, Until: noon.Add(lasts), By: "Grace Mensah, charge nurse"}
	return nil
}

func (s *station) EndDrill(context.Context) error {
	defer s.lock()()
	s.link.Connected, s.link.Drill = true, nil
	return nil
}

func (s *station) ReadyPack() (ward.ReadyPack, bool) {
	defer s.lock()()
	if s.ready == nil {
		return ward.ReadyPack{}, false
	}
	return *s.ready, true
}

func (s *station) PrintPackByPIN(_ context.Context, user, pin, _ string) (string, error) {
	defer s.lock()()
	s.prints = append(s.prints, "pack by "+user+"/"+pin)
	return "Sent to the printer bay-2: ward pack of 13:45, 28 patients", s.noPaper
}

func (s *station) PrintPack(context.Context) (string, error) {
	defer s.lock()()
	s.prints = append(s.prints, "pack")
	return "Printed on bay-2", s.noPaper
}

func (s *station) Reviews(context.Context) ([]ward.Review, error) {
	defer s.lock()()
	return append([]ward.Review{}, s.reviews...), nil
}
func (s *station) Open(context.Context, ward.PatientID) error { return nil }
func (s *station) Chart(_ context.Context, id ward.PatientID) (ward.Chart, error) {
	s.mu.Lock()
	read := s.charts
	s.mu.Unlock()
	if read != nil {
		<-read
	}
	defer s.lock()()
	for _, r := range s.rows {
		if r.Who.ID == id {
			return ward.Chart{Who: r.Who, Early: r.Early, Allergies: r.Allergies, AsOf: noon, Emergency: s.glass, Results: s.results, Orders: slices.Clone(s.orders)}, nil
		}
	}
	return ward.Chart{}, nil
}

func (s *station) Score(context.Context, ward.PatientID, ward.VitalSet) (ward.Early, error) {
	return ward.Early{}, nil
}
func (s *station) Subscribe(ctx context.Context) <-chan ward.Notice { return s.news }
func (s *station) Drafts(ctx context.Context) ([]ward.Draft, error) {
	defer s.lock()()
	return s.drawer().Drafts(ctx)
}

func (s *station) Patient(_ context.Context, id ward.PatientID) (ward.Identity, error) {
	defer s.lock()()
	for _, r := range s.rows {
		if r.Who.ID == id {
			return r.Who, nil
		}
	}
	return ward.Identity{}, errors.New("This patient is not on this computer.")
}

// drawer is of the drafts of whoever is signed in.
func (s *station) drawer() *base.Drawer {
	if s.drawers == nil {
		s.drawers = map[string]*base.Drawer{}
	}
	if s.drawers[s.person.User] == nil {
		s.drawers[s.person.User] = &base.Drawer{Now: func() time.Time { return noon }}
	}
	return s.drawers[s.person.User]
}

func (s *station) OpenList(_ context.Context, list, search string) error {
	defer s.lock()()
	s.looks = append(s.looks, list+" "+search)
	return nil
}

func (s *station) Search(_ context.Context, text string) ([]ward.Found, error) {
	unlock := s.lock()
	gate := s.gate
	unlock()
	if gate != nil {
		<-gate
	}
	defer s.lock()()
	var out []ward.Found
	for _, row := range s.rows {
		fits := true
		for _, w := range strings.Fields(strings.ToLower(text)) {
			fits = fits && (strings.HasPrefix(strings.ToLower(row.Who.Family), w) || strings.HasPrefix(strings.ToLower(row.Who.Given), w))
		}
		if fits {
			out = append(out, ward.Found{Identity: row.Who, Left: s.left[row.Who.ID]})
		}
	}
	return out, nil
}

// slow holds every search up until the answers are let go.
func (s *station) slow(t *testing.T) (letGo func()) {
	gate := make(chan struct{})
	letGo = sync.OnceFunc(func() { close(gate) })
	t.Cleanup(letGo)
	defer s.lock()()
	s.gate = gate
	return letGo
}

func (s *station) SignedIn() (ward.Person, bool) { defer s.lock()(); return s.person, s.in }
func (s *station) WhyEnded() ward.SessionEnd     { defer s.lock()(); return s.why }
func (s *station) Lock() {
	defer s.lock()()
	s.in = false
	s.news <- ward.Notice{Kind: ward.NoticeSession}
}

func (s *station) Do(_ context.Context, c ward.Command) (ward.Done, error) {
	defer s.lock()()
	if !s.in {
		return ward.Done{}, errors.New("The window is locked. Unlock it with your PIN.")
	}
	if w, ok := c.(ward.SaveDraft); ok {
		s.drafts = append(s.drafts, s.person.User+": "+w.Body)
		s.drawer().Keep(c)
		return ward.Done{}, nil
	}
	s.did = append(s.did, c)
	if t, ok := c.(ward.Take); ok {
		for i := range s.alerts {
			if s.alerts[i].Result.ID == t.Result {
				s.alerts = append(s.alerts[:i:i], s.alerts[i+1:]...)
				break
			}
		}
		return ward.Done{Made: []ward.PatientID{"task1"}}, nil
	}
	if k, ok := c.(ward.KeepOnList); ok {
		switch {
		case s.noList != nil:
			return ward.Done{}, s.noList
		case s.mine == nil:
			s.mine = map[string]map[ward.PatientID]bool{}
		}
		own := maps.Clone(s.mine[s.person.User])
		if own == nil {
			own = map[ward.PatientID]bool{}
		}
		if delete(own, k.Patient); k.Keep {
			own[k.Patient] = true
		}
		s.mine[s.person.User] = own
		return ward.Done{}, nil
	}
	if o, ok := c.(ward.SignOrders); ok {
		var done ward.Done
		for i := range o.Items {
			done.Made = append(done.Made, fhir.ID(fmt.Sprint("made", i)))
		}
		return done, nil
	}
	return ward.Done{}, nil
}

// alert is a potassium that nobody has taken.
func (s *station) alert(row int, id, test, value string) ward.Alert {
	lo, hi, ch, cl := 3.5, 5.3, 6.5, 2.5
	r := ward.Result{
		ID: ward.ResultID(id), Version: 1, Test: test, Value: value, Number: 6.8, HasNumber: true, Unit: "mmol/L", Range: "3.5–5.3", RangeLow: &lo, RangeHigh: &hi, CritHigh: &ch, CritLow: &cl,
		Flag: ward.FlagCriticalHigh, Critical: true, Open: true, Why: []string{"ward limit 6.5", "laboratory flag HH"}, Status: "final", Collected: clock("13:31"), CollectedText: "22-Nov-2026 13:31", Received: clock("13:58"),
	}
	old := func(day int, at, v string, n float64, f ward.Flag) ward.Result {
		x := r
		x.Value, x.Number, x.Critical, x.Flag, x.Collected = v, n, false, f, clock(at).AddDate(0, 0, day)
		return x
	}
	gap := old(-1, "18:05", "", 0, "")
	gap.HasNumber, gap.Absent = false, "no result:\nhaemolysed"
	return ward.Alert{
		Who: s.rows[row].Who, Early: ward.Early{Known: true, Total: 7, Risk: ward.RiskHigh}, Allergies: ward.AllergyLine{State: ward.AllergyKnown, Worst: "Penicillin"}, Result: r, Since: clock("13:58"),
		Context: []ward.Fact{{Label: "Kidney", Words: "Creatinine 268 µmol/L H, 22-Nov-2026 13:31"}, {Label: "Allergies", Words: "Penicillin: anaphylaxis, trimethoprim: rash", Kind: ward.FactAllergies}, {Label: "Other new results", Words: "Bicarbonate 16 mmol/L L · Urea 18.9 mmol/L H"}},
		Ladder:  []ward.Rung{{At: clock("13:58"), Who: "Ward 4B", Note: "shown on 1 screen, not taken", State: "due"}, {At: clock("14:08"), Who: "Charge nurse, registrar", State: "next"}, {At: clock("14:18"), Who: "Consultant on call", State: "later"}, {At: clock("14:28"), Who: "Site manager", Note: "laboratory phones", State: "later"}},
		Trend:   []ward.Result{old(-2, "06:20", "4.6", 4.6, ""), old(-1, "06:10", "5.1", 5.1, ""), gap, old(0, "06:15", "5.8", 5.8, ward.FlagHigh), r},
	}
}

// rig is a window with a person who can hold the clock.
type rig struct {
	t     *testing.T
	s     *Shell
	st    *station
	queue *base.Queue
	now   time.Time
	mu    sync.Mutex
	win   fyne.Window
}

func newRig(t *testing.T, o theme.Options, w, h float32) *rig {
	t.Helper()
	return newRigWith(t, o, w, h, nil)
}

// newRigWith is newRig with a sound output.
func newRigWith(t *testing.T, o theme.Options, w, h float32, out vsound.Output) *rig {
	t.Helper()
	t.Cleanup(func() { theme.DimGround(false) }) // the program's own: a search that was left open dims it for the next
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.New(o))
	r := &rig{t: t, st: newStation(), queue: &base.Queue{}, now: noon}
	now := func() time.Time { r.mu.Lock(); defer r.mu.Unlock(); return r.now }
	r.s = New(Config{
		Sound: out, Station: r.st, Title: "Ward 4B", Place: "computer 4B-02", Version: "0.1.0", Phone: "5512", Now: now, IdleLock: idle.Default, Dispatch: r.queue,
		Clock: kit.Clock{Now: now, After: func(time.Duration, func()) func() { return func() {} }},
	})
	r.win = test.NewTempWindow(t, r.s.Content())
	r.win.SetPadded(false)
	r.win.Resize(fyne.NewSize(w, h))
	r.s.Attach(r.win.Canvas())
	r.s.Start()
	t.Cleanup(func() {
		defer r.st.lock()()
		for _, who := range r.st.onDisplay {
			t.Errorf("%s is asked on the goroutine that draws", who)
		}
	})
	t.Cleanup(r.s.Stop)
	r.settle()
	return r
}

// settle lets everything under way arrive.
func (r *rig) settle() { r.queue.Settle(12, 4*time.Millisecond) }

// pass lets time go by, a second at a time, as the beat does.
func (r *rig) pass(d time.Duration) {
	r.mu.Lock()
	r.now = r.now.Add(d)
	r.mu.Unlock()
	r.s.watchIdle()
	r.s.tickAlerts()
	r.settle()
}

func (r *rig) signIn() {
	r.t.Helper()
	if _, err := r.st.SignIn(context.Background(), "g.mensah", "1234"); err != nil {
		r.t.Fatal(err)
	}
	r.settle()
	if r.s.seat == nil {
		r.t.Fatal("the window did not follow the sign-in")
	}
}

// arrive lets an alert come by the desk.
func (r *rig) arrive(a ...ward.Alert) {
	func() { defer r.st.lock()(); r.st.alerts = append(r.st.alerts, a...) }()
	r.s.seat.alerts.Follow(r.s.seat.ctx)
	r.settle()
}

func (r *rig) capture() image.Image { return uitest.Capture(r.win) }

func (r *rig) picture(dir, name string) {
	r.t.Helper()
	uitest.Keep(r.t, dir, name, r.capture())
}

// The card of a critical result, over the board, looks as it did, to the pixel.
func TestTheCriticalCardLooksAsItDid(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1366, 768)
	r.signIn()
	r.arrive(r.st.alert(0, "k1", "Potassium", "6.8"))
	r.pass(2 * time.Second)
	uitest.GoldenPicture(t, "looks-card", r.capture())
}

// TestPictures draws the window for a person to look at:
// WARDLIGHT_PICTURES=/tmp/shell go test -run Pictures ./ui/shell.
func TestPictures(t *testing.T) {
	dir := uitest.NeedPictures(t)
	for _, c := range []struct {
		name string
		o    theme.Options
		w, h float32
	}{{"", theme.Options{Mode: theme.Light, Scale: 1}, 1366, 768}, {"-dark", theme.Options{Mode: theme.Dark, Scale: 1}, 1366, 768}, {"-200", theme.Options{Mode: theme.Light, Scale: 2}, 1024, 768}, {"-1024", theme.Options{Mode: theme.Light, Scale: 1}, 1024, 768}} {
		r := newRig(t, c.o, c.w, c.h)
		func() { defer r.st.lock()(); r.st.notes = []ward.StoreNote{damaged()} }()
		r.s.signIn.model.Refresh()
		r.settle()
		r.picture(dir, "signin"+c.name)
		r.signIn()
		r.picture(dir, "notice"+c.name)
		r.arrive(r.st.alert(0, "k1", "Potassium", "6.8"))
		r.pass(2 * time.Second)
		r.s.lock()
		r.settle()
		r.picture(dir, "locked"+c.name)
		func() {
			defer r.st.lock()()
			r.st.link.Withdrawn, r.st.link.Refused = true, "This computer's access was withdrawn. Ask the administrator."
		}()
		r.s.signIn.model.Refresh()
		r.settle()
		r.picture(dir, "withdrawn"+c.name)
		func() { defer r.st.lock()(); r.st.link.Withdrawn, r.st.link.Refused = false, "" }()
		r.s.links.Reload()
		r.settle()
		func() { defer r.st.lock()(); r.st.alerts, r.st.notes = nil, nil }()
		r.signIn()
		r.s.seat.notice.loader.Reload()
		r.settle()
		r.picture(dir, "shell-board"+c.name)
		r.arrive(r.st.alert(0, "k1", "Potassium", "6.8"), r.st.alert(1, "l1", "Lactate", "4.6"))
		r.picture(dir, "card"+c.name)
		r.pass(2 * time.Second)
		r.s.Key(fyne.KeyF6, 0)
		r.picture(dir, "card-action"+c.name)
		r.s.Key(fyne.KeyEscape, 0)
		r.s.Key(fyne.KeyEscape, 0)
		r.settle()
		r.pass(2 * time.Second) // the other card has come to the front: it is set aside, too
		r.s.Key(fyne.KeyEscape, 0)
		r.settle()
		r.s.Key(fyne.Key2, ctrl)
		r.settle()
		r.picture(dir, "alerts"+c.name)
		r.s.Key(fyne.KeyK, ctrl)
		r.s.seat.palette.field.SetText("nguyen")
		r.s.seat.palette.typed("nguyen")
		r.settle()
		r.picture(dir, "palette"+c.name)
		r.s.Key(fyne.KeyEscape, 0)
		glass := r.s.seat.glass
		glass.open()
		glass.who.SetText("Featherstonehaugh-Cholmondeley Bartholomew Maximilian 1954-03-14")
		r.settle()
		glass.draw(vemergency.State{Busy: true})
		r.picture(dir, "emergency-busy"+c.name)
		glass.draw(vemergency.State{Error: "Nobody in this hospital has exactly this name and date of birth, or this number. Give family name, given name and date of birth (1954-03-14), or the whole NHS number."})
		r.picture(dir, "emergency-refused"+c.name)
		glass.draw(vemergency.State{})
		glass.close()
		r.s.Key(fyne.KeyEscape, 0)
		r.s.Key(fyne.KeyF1, 0)
		r.picture(dir, "keys"+c.name)
		r.s.Key(fyne.KeyEscape, 0)
		r.s.Key(fyne.Key1, ctrl)
		r.cutOff()
		r.s.showLine()
		r.settle()
		r.picture(dir, "outage"+c.name)
		r.s.Key(fyne.Key1, ctrl)
		r.s.Tell("The ward's network is cut. A potassium of 6.8 arrives at the server.")
		r.settle()
		r.picture(dir, "out"+c.name)
	}
}

func (s *station) Unsent(context.Context) ([]ward.Unsent, int, error) {
	defer s.lock()()
	return s.unsent, 0, nil
}

func (s *station) OutageReport(context.Context, time.Time) (ward.OutageReport, error) {
	defer s.lock()()
	return s.report, nil
}

// Look and KeepLook are the station's memory of how the screens look.
func (s *station) Look(user string) (ward.Look, bool) {
	defer s.lock()()
	l, ok := s.kept[user]
	return l, ok
}

func (s *station) KeepLook(user string, l *ward.Look) error {
	defer s.lock()()
	if l == nil {
		delete(s.kept, user)
		return nil
	}
	if s.kept == nil {
		s.kept = map[string]ward.Look{}
	}
	s.kept[user] = *l
	return nil
}

// The wall, as the station gives it: by bed and initials.
func (s *station) MayWall() bool {
	defer s.lock()()
	return s.openWall || s.in
}

func (s *station) OpenWall(context.Context) error {
	defer s.lock()()
	s.looks = append(s.looks, "wall")
	return nil
}

func (s *station) WallDrawn(context.Context, []ward.WallCard) error { return nil }

func (s *station) Wall(context.Context) (ward.Wall, error) {
	defer s.lock()()
	w := ward.Wall{AsOf: time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)}
	for i := range s.rows {
		s.rows[i].Whole = true
		w.Cards = append(w.Cards, ward.WallCardOf(&s.rows[i]))
	}
	return w, nil
}

// Who turns to the board sees the worst on top, whatever the order was when they left it
// and wherever the pointer rests.
func TestTheBoardThatIsTurnedToHasTheWorstOnTop(t *testing.T) {
	r := newRig(t, light(), 1280, 768)
	r.signIn()
	r.s.seat.turn(pageBoard)
	r.settle()
	test.MoveMouse(r.win.Canvas(), fyne.NewPos(600, 300))
	list := r.s.seat.pages[pageBoard].(first).First().(*kit.List)
	last := list.Viewed()[len(list.Viewed())-1]
	r.s.seat.turn(pageResults)
	func() {
		defer r.st.lock()()
		for i := range r.st.rows {
			if string(r.st.rows[i].Who.ID) == last {
				r.st.rows[i].Early = ward.Early{Known: true, Total: 14, Risk: ward.RiskHigh}
			}
		}
	}()
	r.s.seat.board.Reload()
	r.settle()
	r.s.seat.turn(pageBoard)
	r.settle()
	if list.Waiting() || list.Viewed()[0] != last {
		t.Errorf("waiting %v, on top %s, the worst is %s", list.Waiting(), list.Viewed()[0], last)
	}
}
