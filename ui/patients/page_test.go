package patients

import (
	"context"
	"fmt"
	"image"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/station/view/board"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

var now = time.Date(2026, 11, 22, 14, 5, 12, 0, time.UTC)

func clock(s string) time.Time {
	t, err := time.Parse("15:04", s)
	if err != nil {
		panic(err)
	}
	return time.Date(2026, 11, 22, t.Hour(), t.Minute(), 0, 0, time.UTC)
}

// desk is a ward as the desk would tell it.
type desk struct {
	rows []ward.Row
	own  ward.OwnList
	link ward.Link
}

func (d *desk) Rows(context.Context) (ward.Board, error) {
	b := ward.Board{Own: d.own}
	for i := range d.rows {
		b.Rows = append(b.Rows, &d.rows[i])
	}
	return b, nil
}

func (d *desk) Do(context.Context, ward.Command) (ward.Done, error) {
	return ward.Done{}, nil
}
func (d *desk) Link() ward.Link                              { return d.link }
func (d *desk) Subscribe(context.Context) <-chan ward.Notice { return nil }

func connected() ward.Link {
	return ward.Link{Connected: true, Ever: true, AsOf: now, Since: clock("04:02"), Feeds: []ward.Feed{{Name: "laboratory", Up: true, Last: clock("14:04")}}}
}

func person(bed, family, given, age, gender string) ward.Identity {
	return ward.Identity{ID: ward.PatientID("p" + bed), Bed: bed, Family: family, Given: given, Age: age + "y", Gender: gender}
}

func score(total int, risk ward.Risk, trend ...int) ward.Early {
	e := ward.Early{Known: true, Total: total, Risk: risk, Scale: 1, Trend: append(trend, total), At: clock("13:40"), Due: clock("16:00")}
	if len(trend) > 0 {
		e.HasFrom, e.From, e.FromAt = true, trend[len(trend)-1], clock("12:35")
	}
	return e
}

var noneKnown = ward.AllergyLine{State: ward.AllergyNone}

func known(worst string, others ...string) ward.AllergyLine {
	return ward.AllergyLine{State: ward.AllergyKnown, Worst: worst, Others: others}
}

// theWard is the ward of the design language's picture.
func theWard() []ward.Row {
	crit := func(test, value, at string, open bool) *ward.Result {
		r := &ward.Result{ID: "k" + ward.ResultID(test), Version: 1, Test: test, Value: value, Unit: "mmol/L", Flag: ward.FlagCriticalHigh, Critical: true, Open: open, Received: clock(at)}
		if !open {
			r.Owned = []ward.Owned{{By: "Dr Lindqvist", At: clock("13:44"), ActBy: clock("14:14"), Kind: "taken"}}
		}
		return r
	}
	rahman := ward.Row{Who: person("19", "Rahman", "Yusuf", "58", "Male"), Early: score(8, ward.RiskHigh, 3, 4, 5), Allergies: noneKnown, Critical: crit("Lactate", "4.6", "13:41", false), Criticals: 1, Tasks: 2, Flags: []string{"Isolation"}, Mine: true}
	adeyemi := ward.Row{Who: person("07", "Adeyemi", "Folake", "72", "Female"), Early: score(7, ward.RiskHigh, 3, 3, 4), Allergies: known("Penicillin", "trimethoprim: rash"), Critical: crit("Potassium", "6.8", "13:58", true), Criticals: 1, New: 2, Others: 2, Tasks: 3, Flags: []string{"Falls"}, Mine: true}
	adeyemi.Early.Continuous, adeyemi.Early.Oxygen = true, true
	ferreira := ward.Row{Who: person("22", "Ferreira", "Lúcia", "81", "Female"), Early: score(6, ward.RiskMedium, 2, 3), Allergies: noneKnown, New: 2, NewWhat: "CRP, FBC", NewAt: clock("13:20"), Tasks: 4, Flags: []string{"DNACPR", "Falls"}}
	ferreira.Early.Due = clock("13:40")
	kowalczyk := ward.Row{Who: person("11", "Kowalczyk", "Zofia", "45", "Female"), Early: score(5, ward.RiskMedium, 1, 2), Allergies: known("Latex"), New: 1, NewWhat: "Blood gas", NewAt: clock("13:30"), Tasks: 1, Mine: true}
	kowalczyk.Early.AtLeast, kowalczyk.Early.Missing, kowalczyk.Early.At = true, []string{"temperature"}, clock("13:55")
	oconnor := ward.Row{Who: person("03", "O’Connor", "Maeve", "77", "Female"), Early: score(5, ward.RiskMedium, 5, 5), Allergies: known("Codeine"), Tasks: 2, Flags: []string{"DNACPR"}}
	oconnor.Early.Scale = 2
	holloway := ward.Row{
		Who: person("15", "Holloway", "Brian", "69", "Male"), Early: score(2, ward.RiskLow, 2), Allergies: known("Aspirin"), Tasks: 1,
		Corrected: &ward.Result{Test: "Potassium", Value: "4.3", Unit: "mmol/L", Before: &ward.Earlier{Value: "7.1"}},
	}
	minh := ward.Row{Who: person("18", "Nguyen", "Van Minh", "52", "Male"), Early: score(3, ward.RiskLow, 3), Allergies: noneKnown, New: 1, NewWhat: "LFT", NewAt: clock("13:05")}
	minh.Who.Similar = true
	manh := ward.Row{Who: person("17", "Nguyen", "Van Manh", "55", "Male"), Early: score(1, ward.RiskLow, 1), Allergies: noneKnown}
	manh.Who.Similar = true
	delacroix := ward.Row{Who: person("05", "Delacroix", "Émile", "70", "Male"), Early: score(4, ward.RiskLow, 4), Allergies: noneKnown, New: 1, NewWhat: "U&E", NewAt: clock("12:10")}
	delacroix.Early.Due = clock("13:55")
	child := ward.Row{Who: person("12", "Macleod", "Iain", "13", "Male"), Early: ward.Early{Refused: "not scored: under 16"}, Allergies: ward.AllergyLine{State: ward.AllergyUnavailable}}
	rows := []ward.Row{
		rahman, adeyemi, ferreira, kowalczyk, oconnor,
		{Who: person("14", "Singh", "Harpreet", "63", "Male"), Early: score(3, ward.RiskLowMedium, 0), Allergies: noneKnown, Tasks: 1, Mine: true},
		holloway, delacroix, minh, manh, child,
		{Who: person("04", "Wojtyła", "Anna", "59", "Female"), Early: score(2, ward.RiskLow, 2), Allergies: ward.AllergyLine{State: ward.AllergyNotRecorded}, New: 1, NewWhat: "INR", NewAt: clock("11:50"), Mine: true},
		{Who: person("09", "Björk", "Sigrún", "39", "Female"), Early: score(1, ward.RiskLow, 2), Allergies: known("Iodine contrast")},
	}
	for i := len(rows); i < 24; i++ {
		rows = append(rows, ward.Row{Who: person(fmt.Sprint(i+13), "Ordinary", fmt.Sprintf("Person %d", i), "60", "Female"), Early: score(i%3, ward.RiskLow, i%3), Allergies: noneKnown})
	}
	for i := range rows {
		if r := &rows[i]; r.NewWhat != "" {
			r.NewNames = strings.Split(r.NewWhat, ", ")
			r.NewKinds = len(r.NewNames)
		}
	}
	return rows
}

type rig struct {
	page  *Page
	model *board.Model
	desk  *desk
	queue *base.Queue
	win   fyne.Window
	open  []ward.PatientID
}

func newRig(t *testing.T, o theme.Options, w, h float32) *rig {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.New(o))
	r := &rig{desk: &desk{rows: theWard(), link: connected()}, queue: &base.Queue{}}
	r.page = New(Actions{Open: func(id ward.PatientID) { r.open = append(r.open, id) }, Filter: func(f board.Filter) { r.model.SetFilter(f) }, ByBed: func(on bool) { r.model.SetByBed(on) }},
		kit.Clock{Now: func() time.Time { return now }, After: func(time.Duration, func()) func() { return func() {} }})
	r.model = board.New(r.desk, r.queue, func() time.Time { return now }, r.page.Show)
	r.win = test.NewTempWindow(t, r.page.Object())
	r.win.SetPadded(false)
	r.win.Resize(fyne.NewSize(w, h))
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	r.model.Follow(ctx)
	r.settle(t)
	return r
}

func (r *rig) settle(t *testing.T) {
	t.Helper()
	for i := 0; i < 20_000 && !r.model.State().Loaded; i++ {
		r.queue.Drain()
		time.Sleep(2 * time.Millisecond)
	}
	r.queue.Drain()
}

func (r *rig) capture() image.Image { return uitest.Capture(r.win) }

// The board looks as it did, to the pixel.
func TestTheBoardLooksAsItDid(t *testing.T) {
	uitest.GoldenPicture(t, "looks-board", newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702).capture())
}

// TestPictures draws the page for a person to look at:
// WARDLIGHT_PICTURES=/tmp/board go test -run Pictures ./ui/patients.
func TestPictures(t *testing.T) {
	dir := uitest.NeedPictures(t)
	for _, c := range []struct {
		name string
		mode theme.Mode
		s    float32
		w, h float32
	}{{"board", theme.Light, 1, 1298, 702}, {"board-1024", theme.Light, 1, 976, 702}, {"board-200", theme.Light, 2, 1366, 640}, {"board-200-1024", theme.Light, 2, 1024, 640}, {"board-80", theme.Dark, .8, 1298, 702}, {"board-high", theme.HighContrast, 1, 1298, 702}, {"board-de", theme.Light, 1, 1298, 702}, {"board-200-de", theme.Light, 2, 1366, 640}} {
		t.Run(c.name, func(t *testing.T) {
			if strings.HasSuffix(c.name, "-de") {
				uitest.Speak(t, "de")
			}
			r := newRig(t, theme.Options{Mode: c.mode, Scale: c.s}, c.w, c.h)
			uitest.Keep(t, dir, c.name, r.capture())
		})
	}
}
