package paper

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/words/languages"
)

var now = time.Date(2026, 11, 22, 19, 36, 0, 0, time.UTC)

func at(clock string) time.Time {
	t, err := time.Parse("15:04", clock)
	if err != nil {
		panic(err)
	}
	return time.Date(2026, 11, 22, t.Hour(), t.Minute(), 0, 0, time.UTC)
}

func head() Head {
	return Head{Title: "Handover", Ward: "Ward 4B", By: "Grace Mensah, nurse", Made: now, AsOf: at("19:30")}
}

func person(id, family, given, bed string) ward.Identity {
	return ward.Identity{ID: ward.PatientID(id), Family: family, Given: given, Bed: bed, Born: "1954-03-14", Age: "72y", Gender: "Female", Number: "999 041 7732", NumberName: "NHS No."}
}

// openRoutines are one that is late, with a step that was answered and two that were not.
func openRoutines() []ward.RoutineRun {
	return []ward.RoutineRun{{ID: "run", Name: "Discharge", Number: 2, State: ward.RunOpen, Late: true, Due: at("18:00"), Open: 2, Steps: []ward.StepDoes{
		{ID: "a", Words: "Cannula taken out", State: ward.StepDone},
		{ID: "b", Words: "Letter given to the patient", State: ward.StepOpen},
		{ID: "c", Words: "Medicines to take home explained", State: ward.StepOpen},
	}}}
}

func sheets(n int) []ward.Sheet {
	names := [][2]string{{"Adeyemi", "Folake"}, {"Wolfeschlegelsteinhausen-Bergerdorff", "Maria Theresia Anunciação"}, {"Wojtyła-Łęcka", "Žofie Ångström Ñandú Đặng"}, {"عبد الرحمن", "ليلى"}, {"כהן", "שרה (Sara)"}, {"Чайковская", "Юлия"}}
	var out []ward.Sheet
	for i := range n {
		name := names[i%len(names)]
		s := ward.Sheet{
			Who: person(fmt.Sprint("p", i), name[0], name[1], fmt.Sprintf("%02d", i+1)), Since: at("08:00").AddDate(0, 0, -2), Severity: ward.Unstable, Why: "NEWS2 5 at 19:00, was 7",
			Allergies: ward.AllergyLine{State: ward.AllergyKnown, Worst: "Penicillin", WorstHow: "anaphylaxis", Others: []string{"trimethoprim: rash"}}, Flags: []string{"Isolation"},
			Summary:     []ward.Wording{{ID: "w", Text: "Pneumonia with AKI 2. Potassium 6.8 at 13:31, treated.\nRamipril stopped.", By: "Grace Mensah, nurse", At: at("18:40")}, {ID: "v", Text: "Family told.", By: "Tom Blake, nurse", At: at("18:50"), Unsent: true}},
			Facts:       []ward.Dated{{Words: "Potassium 5.6 mmol/L H, range 3.5–5.3, final", At: at("18:50"), Flag: ward.FlagHigh}},
			Actions:     []ward.Duty{{ID: "t", Words: "Potassium and ECG", Due: at("19:30"), Owner: "T. Blake", Priority: ward.PriorityUrgent}, {ID: "u", Words: "Urine output: catheter hourly", Due: at("21:00"), Role: "nurse"}},
			Situation:   []ward.Dated{{Words: "Nobody has taken it: Lactate 4.6 mmol/L CRITICAL HIGH, final", At: at("19:20"), Flag: ward.FlagCriticalHigh}},
			Contingency: []ward.Wording{{ID: "c", Text: "If potassium is 6.0 or more, then call renal on 5330.", By: "Grace Mensah, nurse", At: at("18:45")}},
			Routines:    openRoutines(),
			Given:       &ward.Given{ID: "g", By: "Grace Mensah, nurse", User: "g.mensah", To: "Tom Blake", At: at("19:00"), Due: at("19:30")},
		}
		s.Who.Similar = i == 1
		s.Who.Number = fmt.Sprintf("999 041 %04d", i)
		out = append(out, s)
	}
	return out
}

// drawn is what each page says, in the order in which it was drawn.
func drawn(t *testing.T, pdf []byte) []string {
	t.Helper()
	var pages []string
	for _, stream := range regexp.MustCompile(`(?s)stream\n(.*?)\nendstream`).FindAllSubmatch(pdf, -1) {
		if !bytes.Contains(stream[1], []byte("BT")) {
			continue
		}
		var words []string
		for _, s := range regexp.MustCompile(`(?s)Td \((.*?[^\\]|)\) ?Tj`).FindAllSubmatch(stream[1], -1) {
			words = append(words, decode(unescape(s[1])))
		}
		pages = append(pages, strings.Join(words, " "))
	}
	return pages
}

func unescape(b []byte) []byte {
	var out []byte
	for i := 0; i < len(b); i++ {
		if b[i] == '\\' && i+1 < len(b) {
			i++
			if b[i] == 'r' {
				out = append(out, '\r')
				continue
			}
		}
		out = append(out, b[i])
	}
	return out
}

func decode(b []byte) string {
	var u []uint16
	for i := 0; i+1 < len(b); i += 2 {
		u = append(u, uint16(b[i])<<8|uint16(b[i+1]))
	}
	return string(utf16.Decode(u))
}

func plain(t *testing.T) {
	t.Helper()
	compressed = false
	t.Cleanup(func() { compressed = true })
}

func make24(t *testing.T, n int) (pages []string, pdf []byte) {
	t.Helper()
	plain(t)
	pdf, err := Handover(head(), sheets(n), now)
	if err != nil {
		t.Fatal(err)
	}
	return drawn(t, pdf), pdf
}

// Every page says which ward, when and by whom, how old, which page of how many,
// and what becomes of it.
func TestEveryPageSaysWhatItIs(t *testing.T) {
	pages, _ := make24(t, 24)
	if len(pages) < 3 {
		t.Fatalf("%d pages", len(pages))
	}
	for i, p := range pages {
		if i > 0 && !strings.Contains(p, "999 041") {
			t.Errorf("page %d holds nobody", i+1)
		}
		for _, must := range []string{"Ward 4B", "Handover", "Printed 19:36 on 22-Nov-2026 by Grace Mensah, nurse", "As of 19:30 on 22-Nov-2026", fmt.Sprintf("Page %d of %d", i+1, len(pages)), "Destroy after the shift", "Illness severity"} {
			if !strings.Contains(p, must) {
				t.Errorf("page %d does not say %q", i+1, must)
			}
		}
	}
}

// A patient never splits over two pages, and nobody is lost.
func TestAPatientStaysOnOnePage(t *testing.T) {
	pages, _ := make24(t, 24)
	for i := range 24 {
		if n := strings.Count(strings.Join(pages, " "), fmt.Sprintf("999 041 %04d", i)); n != 1 {
			t.Errorf("patient %d stands %d times", i, n)
		}
	}
	all := strings.Join(pages, " ")
	if strings.Contains(all, "goes on on the next page") {
		t.Error("a patient was split")
	}
	if strings.Contains(all, "Cannula") {
		t.Error("a step that was answered stands among those that are open")
	}
	for _, must := range []string{"Potassium 5.6 mmol/L H, range", "(18:50)", "URGENT", "overdue 6 min", "and, written apart:", "unsent", "!! UNSTABLE", "Allergy: Penicillin: anaphylaxis", "SIMILAR NAME", "Not accepted", "Discharge: 1 of 3 steps answered, late, due 18:00. Open:", "Letter given to the patient"} {
		if got := strings.Count(all, must); got == 0 {
			t.Errorf("%q is nowhere", must)
		}
	}
}

// A patient that is higher than a page goes on, and the page says so; nothing of
// it is lost.
func TestAPatientThatIsHigherThanAPage(t *testing.T) {
	plain(t)
	s := sheets(1)
	var words []string
	for i := range 400 {
		words = append(words, fmt.Sprintf("word%03d is one of many", i))
	}
	s[0].Summary[0].Text = strings.Join(words, ". ")
	pdf, err := Handover(head(), s, now)
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(drawn(t, pdf), " ")
	for i := range 400 {
		if !strings.Contains(all, fmt.Sprintf("word%03d", i)) {
			t.Fatalf("word%03d is lost", i)
		}
	}
	if !strings.Contains(all, "goes on on the next page") || !strings.Contains(all, "continued") {
		t.Error("nothing says that it goes on")
	}
}

// What is wider than its column is broken, never cut: every letter is drawn inside
// its column.
func TestNothingIsWiderThanItsRoom(t *testing.T) {
	d := newDoc(head(), true, 1, false)
	for _, words := range []string{"Wolfeschlegelsteinhausen-Bergerdorff", strings.Repeat("x", 300), "6.8 mmol/L CRITICAL HIGH", "عبدالرحمنعبدالرحمنعبدالرحمنعبدالرحمن"} {
		for _, width := range []float64{12, 40, 100} {
			letters := 0
			for _, l := range d.wrap(text{words: words, size: value, bold: true}, width) {
				if w := d.measure(l, value, true); w > width && runes(l) > 1 {
					t.Errorf("%q: a line of %.1f in %.1f", words, w, width)
				}
				letters += runes(l)
			}
			if want := len([]rune(strings.Join(strings.Fields(words), ""))); !strings.Contains(words, " ") && letters != want {
				t.Errorf("%q in %.0f: %d letters of %d", words, width, letters, want)
			}
		}
	}
}

func runes(l []piece) int {
	n := 0
	for _, p := range l {
		n += len([]rune(p.words))
	}
	return n
}

// Accents stay; Hebrew and Arabic stand from right to left, the numbers in them
// from left to right; Arabic letters are joined.
func TestNamesStandAsTheyAreWritten(t *testing.T) {
	d := newDoc(head(), true, 1, false)
	for in, want := range map[string]string{
		"Wojtyła-Łęcka, Žofie Đặng": "Wojtyła-Łęcka, Žofie Đặng",
		"Чайковская, Юлия":          "Чайковская, Юлия",
		"07 כהן, שרה":               "07 הרש ,ןהכ",
		"24 בית 12":                 "24 12 תיב",
		"(Sara) שרה (כהן)":          "(Sara) (ןהכ) הרש",
		"Call to כהן on 5330":       "Call to ןהכ on 5330",
		"ليلى":                      "\uFEF0\uFEE0\uFEF4\uFEDF",                                // lam initial, yeh medial, lam medial, alef maksura final; drawn from the left
		"سلام":                      "\uFEE1\uFEFC\uFEB3",                                      // seen initial, lam-alef, meem isolated
		"محمد":                      "\uFEAA\uFEE4\uFEA4\uFEE3",                                // all joined
		"عبد الرحمن":                "\uFEE6\uFEE4\uFEA3\uFEAE\uFEDF\uFE8D \uFEAA\uFE92\uFECB", // two words
	} {
		got := ""
		for _, p := range d.shape(in) {
			got += p.words
		}
		if got != want {
			t.Errorf("%q is drawn as %q (%+q), want %q", in, got, got, want)
		}
	}
	if d.lost {
		t.Error("a letter that there is counts as lost")
	}
}

// A letter that no typeface has is marked, and the page says so; of those that
// there are none is.
func TestWhatCannotBePrintedIsTold(t *testing.T) {
	plain(t)
	s := sheets(1)
	s[0].Who.Family = "王"
	pdf, err := Handover(head(), s, now)
	if err != nil {
		t.Fatal(err)
	}
	if all := strings.Join(drawn(t, pdf), " "); !strings.Contains(all, "¤") || !strings.Contains(all, "Some letters could not be printed") {
		t.Error("nobody is told that a name is not what it is")
	}
}

// A letter that cannot be printed leaves its neighbours in their order, whatever they
// are written with.
func TestALostLetterStandsWhereItStood(t *testing.T) {
	d := newDoc(head(), true, 1, false)
	for in, want := range map[string][]piece{
		"":               nil,
		"a王b":            {{"sans", "a¤b"}},
		"王王":             {{"sans", "¤¤"}},
		"שרה王x":          {{"hebrew", "הרש"}, {"sans", "¤x"}},
		"\U0001F600x":    {{"sans", "¤x"}}, // beyond what a file can address
		"a\xffb\xff\xfe": {{"sans", "a\uFFFDb\uFFFD\uFFFD"}},
	} {
		if got := d.shape(in); !slices.Equal(got, want) {
			t.Errorf("%q is drawn as %q, want %q", in, got, want)
		}
	}
}

// Which typeface has a letter is asked of the typefaces once.
func TestALetterIsLookedUpOnce(t *testing.T) {
	faceOf('é')
	if n := testing.AllocsPerRun(100, func() { faceOf('é') }); n > 0 {
		t.Errorf("a letter that is known takes %v allocations", n)
	}
}

// A pack that is drawn in the background rests before each page, while it is counted
// and while it is drawn, and is the same pack.
func TestAPackInTheBackground(t *testing.T) {
	plain(t)
	rests := 0
	pdf, err := PackInBackground(head(), rows(), patients(), now, func() { rests++ })
	if err != nil {
		t.Fatal(err)
	}
	if pages := len(drawn(t, pdf)); rests != 2*(pages-1) {
		t.Errorf("%d rests for %d pages but the first, drawn twice", rests, pages)
	}
	at, err := Pack(head(), rows(), patients(), now)
	if err != nil || !bytes.Equal(at, pdf) {
		t.Errorf("another pack: %v", err)
	}
}

// The file itself tells nothing of a patient, and the same input gives the same
// bytes.
func TestTheFileKeepsQuiet(t *testing.T) {
	_, pdf := make24(t, 3)
	info := pdf[bytes.Index(pdf, []byte("/Producer")):]
	for _, name := range []string{"Adeyemi", "ADEYEMI", "999 041"} {
		if bytes.Contains(info[:min(len(info), 600)], []byte(name)) || bytes.Contains(info, []byte(decodeBack(name))) {
			t.Errorf("the file's properties hold %q", name)
		}
	}
	again, err := Handover(head(), sheets(3), now)
	if err != nil || !bytes.Equal(pdf, again) {
		t.Errorf("the same sheets gave other bytes (%v)", err)
	}
}

func decodeBack(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteByte(0)
		b.WriteByte(byte(r))
	}
	return b.String()
}

func rows() []ward.Row {
	crit := ward.Result{Test: "Potassium", Value: "6.8", Unit: "mmol/L", Flag: ward.FlagCriticalHigh, Range: "3.5–5.3", Status: "final", CollectedText: "22-Nov-2026 13:31", Open: true, Critical: true}
	return []ward.Row{
		{Who: person("p1", "Adeyemi", "Folake", "07"), Early: ward.Early{Known: true, Total: 7, At: at("13:00"), From: 4, HasFrom: true, Due: at("14:00")}, Allergies: ward.AllergyLine{State: ward.AllergyKnown, Worst: "Penicillin"}, Critical: &crit, Criticals: 1, New: 2, NewWhat: "CRP, Hb", Tasks: 3, Flags: []string{"Falls"}},
		{Who: person("p2", "عبد الرحمن", "ليلى", "08"), Early: ward.Early{Known: true, Total: 2, AtLeast: true, At: at("13:00")}, Allergies: ward.AllergyLine{State: ward.AllergyNotRecorded}},
		{Who: person("p3", "Holloway", "Brian", "15"), Early: ward.Early{Refused: "not scored: under 16"}, Allergies: ward.AllergyLine{State: ward.AllergyUnavailable}},
	}
}

func patients() []Patient {
	yes := true
	c := ward.Chart{
		Who: rows()[0].Who, Allergies: rows()[0].Allergies, AsOf: at("19:30"),
		AllergyList: []ward.Allergy{{ID: "a", Substance: "Penicillin", Reaction: "anaphylaxis", Severity: "severe", Certainty: "confirmed", Active: true}, {ID: "b", Substance: "Latex", Active: false}},
		Vitals:      []ward.VitalSet{{At: at("13:00"), Respirations: "24", SpO2: "94", Oxygen: &yes, Systolic: "100", Diastolic: "60", Pulse: "111", Consciousness: "A", Temperature: "38.1", Early: ward.Early{Known: true, Total: 7}}, {At: at("09:00"), Pulse: "950", Error: true}},
	}
	for i, name := range []string{"Potassium", "Sodium", "Creatinine", "Haemoglobin"} {
		c.Results = append(c.Results, ward.Result{ID: fhir.ID(fmt.Sprint("r", i)), Test: name, Value: fmt.Sprint(6.8 + float64(i)), Unit: "mmol/L", Flag: ward.FlagHigh, Range: "3.5–5.3", Status: "final", Collected: at("13:31"), CollectedText: "22-Nov-2026 13:31"})
	}
	c.Orders = []ward.Order{
		{ID: "m1", Kind: ward.OrderMedicine, Open: true, Test: "Paracetamol tablets", Dose: "1 g by mouth, up to four times a day, at least 4 hours apart", By: "Dr H. Osei", At: at("10:20"), Remarks: []string{"an allergy that its author had not seen: Penicillin"}},
		{ID: "m2", Kind: ward.OrderMedicine, Open: false, Withdrawn: "Dr H. Osei, 11:00", Test: "Perindopril", Dose: "5 mg", At: at("09:00")},
		{ID: "t1", Kind: ward.OrderTest, Open: true, Test: "Blood culture", At: at("12:00")},
	}
	c.Results = append(c.Results, ward.Result{ID: "old", Test: "Potassium", Value: "4.4", Unit: "mmol/L", Status: "final", Collected: at("06:00")}, ward.Result{ID: "none", Test: "Lactate", Absent: "no result: haemolysed", Status: "cancelled", Collected: at("12:00")})
	var out []Patient
	for i, s := range sheets(3) {
		p := Patient{Chart: c, Sheet: s}
		p.Chart.Who = s.Who
		p.Chart.FeedDown = i == 2
		if i == 1 {
			p.Chart.Early.Scale = 2
		}
		if i == 2 {
			p.Chart.Early = ward.Early{Known: true, Refused: "not scored: under 16"}
		}
		if i == 2 {
			p.Chart.Results, p.Chart.Vitals = nil, nil
		}
		out = append(out, p)
	}
	return out
}

func TestTheListOfTheWard(t *testing.T) {
	plain(t)
	h := head()
	h.Title, h.AsOf = "List", time.Time{}
	pdf, err := List(h, rows(), now)
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(drawn(t, pdf), " ")
	for _, must := range []string{"ADEYEMI, Folake", "Nobody has taken it: Potassium 6.8", "mmol/L CRITICAL HIGH", "overdue 5 h", "at least 2", "Allergies not recorded", "Allergies unavailable", "not scored: under 16", "2 new: CRP, Hb", "No contact with the server yet"} {
		if !strings.Contains(all, must) {
			t.Errorf("%q is nowhere in %s", must, all)
		}
	}
}

// The pack says on every page that it is a copy and of when; for each patient it
// has what is known and charts to continue, with who it is over each.
func TestThePackToGoOnWith(t *testing.T) {
	plain(t)
	h := head()
	h.Title = "Ward pack"
	pdf, err := Pack(h, rows(), patients(), now)
	if err != nil {
		t.Fatal(err)
	}
	pages := drawn(t, pdf)
	for i, p := range pages {
		if !strings.Contains(p, "Copy made 19:36 on 22-Nov-2026 of what was known at 19:30") || !strings.Contains(p, "Later results are not here") {
			t.Errorf("page %d does not say that it is a copy", i+1)
		}
		if strings.Contains(p, "could not be printed") {
			t.Errorf("page %d says that letters are lost", i+1)
		}
		if i > 0 && !strings.Contains(p, "born 14-Mar-1954, NHS No. 999 041 000") {
			t.Errorf("page %d is nobody's", i+1)
		}
	}
	all := strings.Join(pages, " ")
	for words, want := range map[string]int{
		"To continue by hand": 3, "Paracetamol tablets": 3, "at least 4 hours apart": 3, "! an allergy that its author had not seen": 3, "Perindopril": 0, "Blood culture": 0, "others may be on a drug chart": 3,
		"Routines to go on with": 3, "Discharge: 1 of 3 steps answered, late, due 18:00": 3, "Letter given to the patient": 3, "Medicines to take home explained": 3, "Cannula": 0,
		"Isolation Asked": 0, "Resuscitation status: ___": 3, "3 for ≥25, ≤8; 2 for 21–24; 1 for 9–11": 2, "3 for ≥220, ≤90; 2 for 91–100; 1 for 101–110": 2, "3 for ≥131, ≤40; 2 for 111–130; 1 for 91–110, 41–50": 2, "scale 2, on air 93 or more has 0": 1, "not scored: under 16. Do not add points up": 1, "Potassium": 0, "6.8 mmol/L H": 2, "no result: haemolysed": 2, "100/60": 2, "this does not say that there are none": 1, "4.4": 0, "950": 0, "Latex": 0,
	} {
		if got := strings.Count(all, words); want > 0 && got != want || want == 0 && words != "Potassium" && got != 0 {
			t.Errorf("%q stands %d times, want %d", words, got, want)
		}
	}
}

// The key that a set is scored by on paper gives each value the points of the rules
// that score on the screen, whose ranges the observation chart is held to.
func TestTheKeyOnPaperIsThatOfTheChart(t *testing.T) {
	one, two := pointsOf(&ward.Chart{}), pointsOf(&ward.Chart{Early: ward.Early{Scale: 2}})
	for row, want := range map[string]string{
		"Respirations /min":   "3 for ≥25, ≤8; 2 for 21–24; 1 for 9–11",
		"SpO₂ %":              "scale 1: 3 for ≤91; 2 for 92–93; 1 for 94–95",
		"Air or oxygen":       "2 for Oxygen",
		"Blood pressure mmHg": "3 for ≥220, ≤90; 2 for 91–100; 1 for 101–110",
		"Pulse /min":          "3 for ≥131, ≤40; 2 for 111–130; 1 for 91–110, 41–50",
		"Consciousness ACVPU": "3 for New confusion, Voice, Pain, None",
		"Temperature °C":      "3 for ≤35.0; 2 for ≥39.1; 1 for 38.1–39.0, 35.1–36.0",
	} {
		if one.of[row] != want {
			t.Errorf("%s: %q, want %q", row, one.of[row], want)
		}
	}
	if got, want := two.of["SpO₂ %"], "scale 2, on air 93 or more has 0: 3 for ≥97, ≤83; 2 for 95–96, 84–85; 1 for 93–94, 86–87"; got != want {
		t.Errorf("scale 2: %q, want %q", got, want)
	}
	if child := pointsOf(&ward.Chart{Early: ward.Early{Refused: "not scored: under 16"}}); len(child.of) != 0 {
		t.Errorf("a child is scored: %v", child.of)
	}
}

// manyPatients is a full ward: long names, long lists, many results.
func manyPatients(n int) (rows []ward.Row, list []Patient) {
	base := patients()
	for i, s := range sheets(n) {
		p := base[i%2]
		p.Sheet, p.Chart.Who = s, s.Who
		for k := range 30 {
			p.Chart.Results = append(p.Chart.Results, ward.Result{ID: fhir.ID(fmt.Sprint("x", k)), Test: fmt.Sprintf("Immunoglobulin G subclass %d, serum, by nephelometry", k), Value: fmt.Sprint(k), Unit: "mg/L", Flag: ward.FlagLow, Range: "1–99", Status: "final", Collected: at("07:00")})
		}
		rows, list = append(rows, ward.Row{Who: s.Who, Allergies: p.Chart.Allergies, Flags: s.Flags}), append(list, p)
	}
	return rows, list
}

// A pack of a full ward is drawn in a time that nobody notices in the background.
func BenchmarkAPackOf28(b *testing.B) {
	rows, list := manyPatients(28)
	for b.Loop() {
		pdf, err := Pack(head(), rows, list, now)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(pdf)), "bytes")
	}
}

// TestPictures writes the sheets for a person to look at:
// WARDLIGHT_PICTURES=/tmp/paper WARDLIGHT_LANGUAGE=de go test -run Pictures ./internal/station/paper.
func TestPictures(t *testing.T) {
	dir := os.Getenv("WARDLIGHT_PICTURES")
	languages.Use(os.Getenv("WARDLIGHT_LANGUAGE"))
	t.Cleanup(func() { languages.Use("en") })
	if dir == "" {
		t.Skip("set WARDLIGHT_PICTURES to a folder to write the sheets")
	}
	for name, draw := range map[string]func() ([]byte, error){
		"handover": func() ([]byte, error) { return Handover(head(), sheets(8), now) },
		"list":     func() ([]byte, error) { return List(head(), rows(), now) },
		"pack":     func() ([]byte, error) { return Pack(head(), rows(), patients(), now) },
		"pack-of-28": func() ([]byte, error) {
			h := head()
			h.Title, h.Kept = "Ward pack", true
			rows, list := manyPatients(28)
			return Pack(h, rows, list, now)
		},
	} {
		pdf, err := draw()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name+".pdf"), pdf, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// A value beyond an urgent limit has its mark and its word on every sheet: the ward's list,
// a patient's last results and the handover; and what only may be critical says so.
func TestAnUrgentValueIsMarkedOnPaper(t *testing.T) {
	plain(t)
	urgent := ward.Result{ID: "u", Test: "Phosphate", Value: "124", Unit: "mmol/L", Flag: ward.FlagLow, Urgent: true, Range: "133–146", Status: "final", Collected: at("13:31"), CollectedText: "22-Nov-2026 13:31"}
	mayBe := ward.Result{ID: "m", Test: "Glucose", Value: "<2.6", Unit: "mmol/L", Flag: ward.FlagCriticalLow, Critical: true, MayBe: true, Status: "final", Collected: at("13:31")}
	r, p := rows(), patients()[:1]
	r[1].Urgent, r[1].Urgents, r[1].New, r[1].NewWhat = &urgent, 3, 4, "U&E"
	p[0].Chart.Results = append(p[0].Chart.Results, urgent, mayBe)
	p[0].Sheet.Facts = []ward.Dated{{Words: "Phosphate 124 mmol/L L URGENT, range 133–146, final", At: at("13:31"), Flag: ward.FlagLow, Urgent: true}}
	list, err := List(head(), r, now)
	if err != nil {
		t.Fatal(err)
	}
	pack, err := Pack(head(), r, p, now)
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := Handover(head(), []ward.Sheet{p[0].Sheet}, now)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		pdf   []byte
		wants []string
	}{
		"list":     {list, []string{"! Phosphate 124 mmol/L L URGENT", "range 133–146", "! and 2 more that are urgent", "4 new: U&E"}},
		"pack":     {pack, []string{"! Phosphate 124 mmol/L L URGENT", "! 124 mmol/L L URGENT", "<2.6 mmol/L MAY BE CRITICAL LOW"}},
		"handover": {sheet, []string{"! Phosphate 124 mmol/L L URGENT"}},
	} {
		all := strings.Join(strings.Fields(strings.Join(drawn(t, c.pdf), " ")), " ")
		for _, want := range c.wants {
			if !strings.Contains(all, want) {
				t.Errorf("%s: %q is nowhere in %s", name, want, all)
			}
		}
		if dir := os.Getenv("WARDLIGHT_PICTURES"); dir != "" {
			if err := os.WriteFile(filepath.Join(dir, "urgent-"+name+".pdf"), c.pdf, 0o600); err != nil {
				t.Error(err)
			}
		}
	}
}
