package chart

import (
	"context"
	"errors"
	"fmt"
	"image"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	view "wardlight/internal/station/view/chart"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

var now = time.Date(2026, 11, 22, 14, 5, 12, 0, time.UTC)

func at(day int, clock string) time.Time {
	t, err := time.Parse("15:04", clock)
	if err != nil {
		panic(err)
	}
	return time.Date(2026, 11, day, t.Hour(), t.Minute(), 0, 0, time.UTC)
}

func f(v float64) *float64 { return &v }

// desk answers as the station would, and remembers what it was asked.
type desk struct {
	mu     sync.Mutex
	charts map[ward.PatientID]ward.Chart
	drafts []ward.Draft
	score  ward.Early
	done   []ward.Command
	answer ward.Done
	refuse error

	against map[string][]ward.Warning // what speaks against an order
}

func (d *desk) Subscribe(context.Context) <-chan ward.Notice { return nil }
func (d *desk) Open(context.Context, ward.PatientID) error   { return nil }
func (d *desk) Link() ward.Link                              { return ward.Link{Connected: true} }
func (d *desk) Drafts(context.Context) ([]ward.Draft, error) { return d.drafts, nil }
func (d *desk) Chart(_ context.Context, id ward.PatientID) (ward.Chart, error) {
	return d.charts[id], nil
}

func (d *desk) Score(context.Context, ward.PatientID, ward.VitalSet) (ward.Early, error) {
	return d.score, nil
}

func (d *desk) Do(_ context.Context, cmd ward.Command) (ward.Done, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done = append(d.done, cmd)
	if _, draft := cmd.(ward.SaveDraft); draft {
		return ward.Done{}, nil
	}
	return d.answer, d.refuse
}

// commands are what was asked, without drafts.
func (d *desk) commands() []ward.Command {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []ward.Command
	for _, c := range d.done {
		if _, draft := c.(ward.SaveDraft); !draft {
			out = append(out, c)
		}
	}
	return out
}

func result(id, test, loinc, panel, unit, rng, value string, collected time.Time, flag ward.Flag) ward.Result {
	r := ward.Result{
		ID: ward.ResultID(id), Version: 1, Test: test, LOINC: loinc, Panel: panel, Unit: unit, Range: rng, Value: value, Collected: collected,
		CollectedText: collected.Format("02-Jan-2006 15:04"), Received: collected.Add(27 * time.Minute), Flag: flag, Status: "final",
	}
	if v, ok := number(value); ok {
		r.Number, r.HasNumber = v, true
	}
	return r
}

func number(s string) (float64, bool) {
	var v, scale float64 = 0, 0
	for _, c := range s {
		switch {
		case c == '.':
			scale = 1
		case c < '0' || c > '9':
			return 0, false
		default:
			v = v*10 + float64(c-'0')
			scale *= 10
		}
	}
	if scale > 1 {
		v /= scale
	}
	return v, s != ""
}

// folake is the chart of the design language's picture.
func folake() ward.Chart {
	const ue, fbc, micro = "Urea and electrolytes", "Full blood count", "Microbiology"
	t1, t2, t3, t4, t5 := at(20, "06:20"), at(21, "06:10"), at(21, "18:05"), at(22, "06:15"), at(22, "13:31")
	var rs []ward.Result
	add := func(r ward.Result, change ...func(*ward.Result)) {
		for _, c := range change {
			c(&r)
		}
		rs = append(rs, r)
	}
	k := func(id, v string, t time.Time, fl ward.Flag) ward.Result {
		r := result(id, "Potassium", "2823-3", ue, "mmol/L", "3.5–5.3", v, t, fl)
		r.RangeLow, r.RangeHigh, r.CritLow, r.CritHigh = f(3.5), f(5.3), f(2.5), f(6.5)
		return r
	}
	add(result("na5", "Sodium", "2951-2", ue, "mmol/L", "133–146", "132", t5, ward.FlagLow))
	add(k("k5", "6.8", t5, ward.FlagCriticalHigh), func(r *ward.Result) {
		r.Critical, r.Open, r.Why = true, true, []string{"ward limit 6.5", "laboratory flag HH"}
		r.Notes = []string{"Not haemolysed. Telephoned to ward 4B at 13:59."}
	})
	add(result("cr5", "Creatinine", "2160-0", ue, "µmol/L", "45–84", "268", t5, ward.FlagHigh))
	add(result("egfr5", "eGFR", "33914-3", ue, "mL/min/1.73 m²", "over 90", "15", t5, ward.FlagLow))
	add(result("hb5", "Haemoglobin", "718-7", fbc, "g/L", "115–165", "108", t5, ward.FlagLow), func(r *ward.Result) { r.Status = "preliminary" })
	add(result("wc5", "White cells", "6690-2", fbc, "10⁹/L", "4.0–11.0", "18.6", t5, ward.FlagHigh), func(r *ward.Result) { r.Status = "preliminary" })
	add(result("crp5", "C-reactive protein", "1988-5", "Inflammation", "mg/L", "under 5", "", t5, ""), func(r *ward.Result) {
		r.Status, r.Absent = "in laboratory", "in the laboratory, no result yet"
	})
	add(result("na4", "Sodium", "2951-2", ue, "mmol/L", "133–146", "135", t4, ""))
	add(k("k4", "5.8", t4, ward.FlagHigh))
	add(result("lac4", "Lactate", "2524-7", ue, "mmol/L", "0.5–2.0", "<0.3", t4, ward.FlagLow))
	add(result("cr4", "Creatinine", "2160-0", ue, "µmol/L", "45–84", "224", t4, ward.FlagHigh))
	add(result("bc4", "Blood culture", "600-7", micro, "", "", "Gram-negative bacilli in the aerobic bottle at 14 hours; identification and sensitivities to follow.", t4, ""), func(r *ward.Result) {
		r.Text, r.Status = true, "preliminary"
	})
	add(result("tr4", "Troponin T", "67151-1", "Cardiac", "ng/L", "under 14", "41", t4, ward.FlagHigh), func(r *ward.Result) { r.Status = "withdrawn"; r.Flag = "" })
	add(k("k3", "", t3, ""), func(r *ward.Result) { r.Absent = "no result: haemolysed" })
	add(result("na3", "Sodium", "2951-2", ue, "mmol/L", "133–146", "137", t3, ""))
	add(result("na2", "Sodium", "2951-2", ue, "mmol/L", "133–146", "138", t2, ""), func(r *ward.Result) {
		r.Status, r.Received = "corrected", at(21, "09:40")
		r.Before = &ward.Earlier{Version: 1, Value: "128", Unit: "mmol/L", Status: "final", At: at(21, "07:02"), Seen: true}
	})
	add(k("k2", "5.1", t2, ""))
	add(result("hb2", "Haemoglobin", "718-7", fbc, "g/L", "115–165", "114", t2, ward.FlagLow))
	add(result("cr2", "Creatinine", "2160-0", ue, "µmol/L", "45–84", "128", t2, ward.FlagHigh))
	add(k("k1", "4.6", t1, ""))
	add(result("na1", "Sodium", "2951-2", ue, "mmol/L", "133–146", "139", t1, ""))
	early := ward.Early{Known: true, Total: 7, Risk: ward.RiskHigh, Scale: 1, At: at(22, "13:40"), HasFrom: true, From: 4, FromAt: at(22, "12:35"), Due: at(22, "14:10"), Continuous: true}
	air, oxygen := false, true
	return ward.Chart{
		Who:   ward.Identity{ID: "p07", Family: "Adeyemi", Given: "Folake", Title: "Mrs", Born: "1954-03-14", Age: "72y", Gender: "Female", Number: "999 041 7732", NumberName: "NHS No.", Ward: "4B", Bed: "07", Consultant: "Dr H. Osei"},
		Early: early, Results: rs, AsOf: now, Reviews: 1,
		Allergies: ward.AllergyLine{State: ward.AllergyKnown, Worst: "Penicillin", WorstHow: "anaphylaxis (severe)", Others: []string{"trimethoprim: rash"}},
		AllergyList: []ward.Allergy{
			{ID: "a1", Version: 3, Substance: "Penicillin", Reaction: "anaphylaxis", Severity: "severe", Criticality: "high", Certainty: "confirmed", Active: true, Recorded: at(20, "09:00"), By: "Dr Ines Amara", Note: "Amoxicillin 2019, adrenaline given. GP letter.", InReview: true},
			{ID: "a2", Version: 1, Substance: "Trimethoprim", Reaction: "rash", Severity: "mild", Certainty: "unconfirmed", Active: true, Recorded: at(22, "13:20"), By: "Grace Mensah", Unsent: true},
			{ID: "a3", Version: 2, Substance: "Elastic plaster", Reaction: "itching", Certainty: "refuted", Recorded: at(20, "09:05"), By: "Tom Blake", Note: "Patient says she never had it."},
		},
		Vitals: []ward.VitalSet{
			{At: at(22, "13:40"), Respirations: "22", SpO2: "94", Oxygen: &oxygen, Systolic: "108", Diastolic: "66", Pulse: "112", Consciousness: "A", Temperature: "37.2", Early: early, By: "Grace Mensah", Unsent: true},
			{At: at(22, "12:35"), Respirations: "18", SpO2: "96", Oxygen: &air, Systolic: "118", Diastolic: "72", Pulse: "88", Consciousness: "A", Early: ward.Early{Known: true, Total: 4, AtLeast: true, Missing: []string{"temperature"}, Risk: ward.RiskLow, Scale: 1}, By: "Tom Blake"},
			{At: at(22, "08:05"), Respirations: "81", Error: true, By: "Tom Blake"},
		},
		Notes: []ward.Note{
			{ID: "n2", Text: "ECG done 14:01: peaked T waves in V2 to V4.\nCalcium gluconate 10 % 10 mL given 14:03.", By: "Dr Sunil Patel", At: at(22, "14:04"), Unsent: true},
			{ID: "n1", Text: "Comfortable. Passing little urine, 20 mL in the last hour.", By: "Grace Mensah", At: at(22, "12:40"), Earlier: []ward.Note{{Text: "Comfortable. Passing urine, 200 mL in the last hour.", By: "Grace Mensah", At: at(22, "12:36")}}},
		},
	}
}

func zofia() ward.Chart {
	return ward.Chart{
		Who:       ward.Identity{ID: "p11", Family: "Kowalczyk", Given: "Zofia", Title: "Ms", Born: "1981-08-09", Age: "45y", Gender: "Female", Number: "999 073 1184", Bed: "11", Ward: "4B"},
		Allergies: ward.AllergyLine{State: ward.AllergyNotRecorded}, AsOf: now,
	}
}

// long is somebody with everything that is hard to draw.
func long() ward.Chart {
	c := folake()
	c.Who = ward.Identity{ID: "pL", Family: "Wolfeschlegelsteinhausen-Bergerdorff", Given: "Maria Theresia Anunciação", Title: "Professor", Born: "1931-01-02", Age: "95y", Gender: "Not known", Number: "999 000 0000", Ward: "4B", Bed: "23A", Consultant: "Dr Bartholomew Featherstonehaugh", Similar: true, Temporary: true}
	c.Allergies.Others = []string{"trimethoprim: rash", "codeine: vomiting", "iodine contrast: urticaria", "latex: not described"}
	c.Early = ward.Early{Refused: "not scored: pregnant"}
	return c
}

type rig struct {
	page  *Page
	model *view.Model
	desk  *desk
	queue *base.Queue
	win   fyne.Window
	left  int
	typed *kit.Typing
}

func newRig(t *testing.T, o theme.Options, w, h float32) *rig {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.New(o))
	r := &rig{desk: &desk{charts: map[ward.PatientID]ward.Chart{"p07": folake(), "p11": zofia(), "pL": long()}}, queue: &base.Queue{}}
	clock := kit.Clock{Now: func() time.Time { return now }, After: func(time.Duration, func()) func() { return func() {} }}
	r.typed = kit.NewTyping(clock)
	var page *Page
	r.model = view.New(r.desk, r.queue, func() time.Time { return now }, func(s view.State) { page.Show(s) })
	page = New(r.model, r.typed, clock, func() { r.left++ })
	r.page = page
	r.win = test.NewTempWindow(t, page.Object())
	r.win.SetPadded(false)
	r.win.Resize(fyne.NewSize(w, h))
	r.win.Canvas().SetOnTypedKey(func(ev *fyne.KeyEvent) { page.Key(ev) })
	t.Cleanup(r.model.Flush)
	return r
}

// open shows a chart and waits until it is loaded.
func (r *rig) open(t *testing.T, id ward.PatientID, tab view.Tab) {
	t.Helper()
	r.model.Open(id, tab)
	r.until(t, func() bool { return r.model.State().Loaded })
}

// until drains what came until something holds.
func (r *rig) until(t *testing.T, ok func() bool) {
	t.Helper()
	uitest.Until(t, r.queue.Drain, ok)
}

func (r *rig) capture() image.Image { return uitest.Capture(r.win) }

// liveScore is the score of the design language's picture.
func liveScore() ward.Early {
	return ward.Early{
		Known: true, Total: 5, AtLeast: true, Missing: []string{"temperature"}, Risk: ward.RiskMedium, Scale: 1, HasFrom: true, From: 2, FromAt: at(22, "12:30"), Due: at(22, "14:55"),
		Response: "Tell the team at once; observe at least every hour.",
		Parts: []ward.Part{
			{Name: "respirations", Value: "21", Points: 2},
			{Name: "oxygen saturation", Value: "95", Points: 1},
			{Name: "air or oxygen", Value: "air"},
			{Name: "systolic blood pressure", Value: "108", Points: 1},
			{Name: "pulse", Value: "95", Points: 1},
			{Name: "consciousness", Value: "A"},
			{Name: "temperature", Missing: true},
		},
	}
}

func typedSet() ward.VitalSet {
	air := false
	return ward.VitalSet{At: at(22, "13:55"), Respirations: "21", SpO2: "95", Oxygen: &air, Systolic: "108", Diastolic: "66", Pulse: "95", Consciousness: "A", Pain: "3"}
}

// pictures are the states that a person looks at and the goldens hold.
var pictures = []struct {
	name    string
	patient ward.PatientID
	tab     view.Tab
	prepare func(t *testing.T, r *rig)
}{
	{"results", "p07", view.Results, nil},
	{"results-corrected", "p07", view.Results, func(t *testing.T, r *rig) { r.model.Select("na2") }},
	{"results-empty", "p11", view.Results, nil},
	{"results-held", "p11", view.Results, holdBack},
	{"results-held-quiet", "p11", view.Results, holdBackQuietly},
	{"vitals-held", "p11", view.Vitals, holdBack},
	{"vitals", "p07", view.Vitals, typeSet},
	{"vitals-slips", "p07", view.Vitals, func(t *testing.T, r *rig) {
		r.model.TypeVitals(ward.VitalSet{Respirations: "400", Systolic: "90", Diastolic: "310", Pulse: "950", Temperature: "381"})
		time.Sleep(800 * time.Millisecond)
		r.until(t, func() bool { return len(r.model.State().Slips) == 4 })
	}},
	{"vitals-chart", "p07", view.Vitals, func(_ *testing.T, r *rig) { r.page.Key(&fyne.KeyEvent{Name: fyne.KeyF8}) }},
	{"allergies", "p07", view.Allergies, nil},
	{"notes", "p07", view.Notes, func(t *testing.T, r *rig) { typeInto(r, "note", "Seen with Dr Patel. Repeat pota") }},
	{"long", "pL", view.Results, nil},
	{"orders", "p07", view.Orders, func(t *testing.T, r *rig) { ordering(t, r) }},
	{"orders-tests", "p07", view.Orders, sheetOfTests},
	{"orders-medicine", "p07", view.Orders, sheetOfAMedicine},
	{"orders-empty", "p11", view.Orders, nil},
	{"routines", "p07", view.Routines, routinesOf},
	{"routines-asked", "p07", view.Routines, func(t *testing.T, r *rig) {
		routinesOf(t, r)
		r.model.DoEntry("step u1 b", view.NotNeeded)
		typeInto(r, "routine-reason", "seen in the ambula")
	}},
	{"routines-refused", "p07", view.Routines, func(t *testing.T, r *rig) {
		routinesOf(t, r)
		r.desk.refuse = errors.New("This computer’s disk is nearly full. What was saved before is safe; this was not saved. Write it on paper and call the service desk.")
		r.model.DoEntry("step u1 b", view.Tick)
		r.until(t, func() bool { return r.model.State().Error != "" })
	}},
	{"routines-empty", "p11", view.Routines, nil},
	{"problems", "p07", view.Problems, diagnosed},
	{"problems-form", "p07", view.Problems, func(t *testing.T, r *rig) {
		diagnosed(t, r)
		r.page.Key(&fyne.KeyEvent{Name: fyne.KeyF2})
		typeInto(r, "problem-words", "Hypertension")
	}},
	{"problems-strike", "p07", view.Problems, func(t *testing.T, r *rig) {
		diagnosed(t, r)
		r.choose(listingOf(r, view.Problems), "c2")
		press(t, r, "entry-strike")
	}},
	{"problems-empty", "p11", view.Problems, nil},
	{"medicines", "p07", view.Medicines, prescribed},
	{"medicines-empty", "p11", view.Medicines, nil},
	{"tasks", "p07", view.Tasks, told},
	{"tasks-empty", "p11", view.Tasks, nil},
	{"documents", "p07", view.Documents, sent},
	{"documents-empty", "p11", view.Documents, nil},
	{"visits", "p07", view.Visits, stayed},
	{"visits-unfolded", "p07", view.Visits, func(t *testing.T, r *rig) {
		stayed(t, r)
		r.choose(listingOf(r, view.Visits), "s4")
		r.model.DoEntry("s4", view.Fold)
	}},
	{"visits-empty", "p11", view.Visits, nil},
	{"timeline", "p07", view.Story, happened},
	{"timeline-moves", "p07", view.Story, func(t *testing.T, r *rig) { happened(t, r); r.model.FilterStory(view.EventMove) }},
	{"timeline-empty", "p11", view.Story, nil},
}

// holdBack has the server hold a potassium back that may be this patient's.
func holdBack(t *testing.T, r *rig) {
	c := r.desk.charts["p11"]
	c.HeldBack = []ward.HeldBack{{
		ID: "hb1", Since: now.Add(-7 * time.Minute), Critical: true, Open: true, Said: "Kowalski Zofia, born 1981-02-03", Why: "name and birth date differ from those of the patient with this number",
		Values: []ward.Result{{Test: "Potassium", Value: "6.8", Unit: "mmol/L", Flag: ward.FlagCriticalHigh}},
	}}
	r.desk.charts["p11"] = c
	r.open(t, "p11", r.model.State().Tab)
}

// holdBackQuietly has it hold back a message without anything critical.
func holdBackQuietly(t *testing.T, r *rig) {
	c := r.desk.charts["p11"]
	c.HeldBack = []ward.HeldBack{{
		ID: "hb1", Since: now.Add(-7 * time.Minute), Said: "Kowalski Zofia, born 1981-02-03", Phone: "laboratory",
		Why: "name and birth date differ from those of the patient with this number",
	}}
	r.desk.charts["p11"] = c
	r.open(t, "p11", r.model.State().Tab)
}

func typeSet(t *testing.T, r *rig) {
	r.desk.score = liveScore()
	r.model.TypeVitals(typedSet())
	r.until(t, func() bool { return r.model.State().Live.Known })
}

// The chart looks as it did, to the pixel: results with their trend, and the
// observations in the manner of the NEWS2 chart.
func TestTheChartLooksAsItDid(t *testing.T) {
	for _, p := range pictures {
		if p.name == "results" || p.name == "vitals-chart" {
			r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702)
			r.open(t, p.patient, p.tab)
			if p.prepare != nil {
				p.prepare(t, r)
			}
			uitest.GoldenPicture(t, "looks-"+p.name, r.capture())
		}
	}
}

// TestPictures draws the page for a person to look at:
// WARDLIGHT_PICTURES=/tmp/chart go test -run Pictures ./ui/chart.
func TestPictures(t *testing.T) {
	dir := uitest.NeedPictures(t)
	for _, size := range []struct {
		name string
		o    theme.Options
		w, h float32
	}{
		{"", theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702},
		{"-1024", theme.Options{Mode: theme.Light, Scale: 1}, 956, 702},
		{"-200", theme.Options{Mode: theme.Light, Scale: 2}, 1366, 636},
		{"-200-1024", theme.Options{Mode: theme.Light, Scale: 2}, 1024, 636},
		{"-200-band", theme.Options{Mode: theme.Light, Scale: 2}, 1366, 572}, // a red band above, text at 200 %
		{"-200-band-1024", theme.Options{Mode: theme.Light, Scale: 2}, 1024, 572},
		{"-80-dark", theme.Options{Mode: theme.Dark, Scale: .8}, 1298, 702},
		{"-high", theme.Options{Mode: theme.HighContrast, Scale: 1}, 1298, 702},
		{"-de", theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702},
		{"-de-200-1024", theme.Options{Mode: theme.Light, Scale: 2}, 1024, 636},
	} {
		if strings.HasPrefix(size.name, "-de") {
			uitest.Speak(t, "de")
		}
		for _, p := range pictures {
			t.Run(p.name+size.name, func(t *testing.T) {
				r := newRig(t, size.o, size.w, size.h)
				r.open(t, p.patient, p.tab)
				if p.prepare != nil {
					p.prepare(t, r)
				}
				uitest.Keep(t, dir, p.name+size.name, r.capture())
			})
		}
	}
}

// typeInto types words into a named field, as a person does.
func typeInto(r *rig, name, words string) {
	o, _ := r.page.Where(name)
	switch f := o.(type) {
	case *kit.TextField:
		f.Focus()
	case fyne.Focusable:
		r.win.Canvas().Focus(f)
	}
	for _, c := range words {
		r.win.Canvas().Focused().TypedRune(c)
	}
}

// A value beyond an urgent limit says so in the table and beside it, and by which limit or
// flag it is; one that was withdrawn does not.
func TestAnUrgentResultSaysByWhatInTheChart(t *testing.T) {
	for tag, want := range map[string][3]string{"en": {"urgent", "URGENT", "Why urgent"}, "de": {"dringend", "DRINGEND", "Warum dringend"}} {
		for _, c := range []struct{ scale, w, h float32 }{{.8, 1298, 702}, {2, 1024, 636}} {
			uitest.Speak(t, tag)
			r := newRig(t, theme.Options{Mode: theme.Light, Scale: c.scale}, c.w, c.h)
			chart := folake()
			for i := range chart.Results {
				switch x := &chart.Results[i]; x.ID {
				case "k4":
					x.Value, x.Urgent, x.UrgentBy = "6.1", true, []string{"limit 6.0 of the program, table default-1 of 30-Nov-2026", "laboratory flag HU"}
				case "tr4":
					x.Urgent = true
				}
			}
			r.desk.charts["p07"] = chart
			r.open(t, "p07", view.Results)
			uitest.Capture(r.win)
			if got := uitest.Reads(r.page.Object()); strings.Contains(got, want[2]) || strings.Count(got, want[0]) != 1 {
				t.Errorf("%s at %v: with another one open it reads %q", tag, c, got)
			}
			r.model.Select("k4")
			r.page.tab[view.Results].(*results).read(true)
			picture := uitest.Capture(r.win)
			if got := uitest.Reads(r.page.Object()); !strings.Contains(got, want[1]) || !strings.Contains(got, want[2]+" limit 6.0 of the program, table default-1 of 30-Nov-2026") || !strings.Contains(got, "laboratory flag HU") {
				t.Errorf("%s at %v: it reads %q", tag, c, got)
			}
			if dir := uitest.Pictures(); dir != "" {
				uitest.Keep(t, dir, fmt.Sprintf("urgent-chart-%s-%d-%d", tag, int(100*c.scale), int(c.w)), picture)
			}
			r.model.Select("tr4")
			uitest.Capture(r.win)
			if got := uitest.Reads(r.page.Object()); strings.Contains(got, want[1]) {
				t.Errorf("%s at %v: what was withdrawn is urgent: %q", tag, c, got)
			}
		}
	}
}

// A tab that is not seen is not drawn, and is up to date when somebody turns there. What
// was begun there for one patient is gone before another one's name stands above it, and
// when the first one's does again.
func TestATabIsDrawnWhenItIsSeen(t *testing.T) {
	r := newRig(t, theme.Options{}, 1366, 700)
	tabs := []view.Tab{view.Results, view.Vitals, view.Allergies, view.Notes}
	held := func(tab view.Tab) view.State {
		switch x := r.page.tab[tab].(type) {
		case *results:
			return x.state
		case *observations:
			return x.state
		case *allergies:
			return x.state
		case *notes:
			return x.state
		}
		return view.State{}
	}
	for _, seen := range tabs {
		r.open(t, "p07", seen)
		for _, tab := range tabs {
			if has := held(tab).Loaded; has != (tab == seen) {
				t.Errorf("%s is seen, and %s holds the record: %v", seen, tab, has)
			}
		}
		for _, tab := range tabs {
			if r.model.SetTab(tab); len(held(tab).Chart.Results) == 0 {
				t.Errorf("%s was turned to, and is empty", tab)
			}
		}
		r.open(t, "p11", view.Orders)
		for _, tab := range tabs {
			if s := held(tab); s.ID != "p11" || len(s.Chart.Results) > 0 {
				t.Errorf("behind p11's name %s holds what is %s's", tab, s.ID)
			}
		}
	}
	r.open(t, "p07", view.Notes)
	typeInto(r, "note", "for p07")
	r.open(t, "p11", view.Results)
	r.open(t, "p07", view.Results)
	r.model.SetTab(view.Notes)
	if n := r.page.tab[view.Notes].(*notes); n.text.Text() != r.model.State().Note {
		t.Errorf("the field says %q, the model %q", n.text.Text(), r.model.State().Note)
	}
}
