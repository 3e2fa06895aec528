package rota

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func london(t testing.TB) *time.Location {
	t.Helper()
	l, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func parse(t testing.TB, lines ...string) Rota {
	t.Helper()
	r, err := Parse("rota 1\nzone Europe/London\nperson Dr A; phone 1; pager 11; mail a@x.example\nperson Dr B; phone 2\nperson Dr C\n" + strings.Join(lines, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// said is who is on call, in words: "Dr A until 08:00 28-Nov".
func said(slots []Slot, zone *time.Location) string {
	var out []string
	for _, s := range slots {
		out = append(out, s.Person.Name+" until "+s.Until.In(zone).Format("15:04 02-Jan"))
	}
	return strings.Join(out, ", ")
}

func TestWhoIsOnCall(t *testing.T) {
	zone := london(t)
	tests := []struct {
		lines []string
		at    string
		want  string
	}{
		{[]string{"shift registrar; Dr A; daily 20:00-08:00"}, "2026-11-27 23:00", "Dr A until 08:00 28-Nov"},
		{[]string{"shift registrar; Dr A; daily 20:00-08:00"}, "2026-11-28 07:59", "Dr A until 08:00 28-Nov"},
		{[]string{"shift registrar; Dr A; daily 20:00-08:00"}, "2026-11-28 08:00", ""},
		{[]string{"shift registrar; Dr A; daily 20:00-08:00"}, "2026-11-28 20:00", "Dr A until 08:00 29-Nov"},
		// Friday's night ends on Saturday morning, though Saturday has no shift.
		{[]string{"shift registrar; Dr A; Mon-Fri 20:00-08:00"}, "2026-11-28 03:00", "Dr A until 08:00 28-Nov"},
		{[]string{"shift registrar; Dr A; Mon-Fri 20:00-08:00"}, "2026-11-28 21:00", ""},
		{[]string{"shift registrar; Dr A; Fri-Mon 08:00-20:00"}, "2026-11-29 09:00", "Dr A until 20:00 29-Nov"},
		{[]string{"shift registrar; Dr A; Sat,Sun 08:00-24:00"}, "2026-11-29 23:59", "Dr A until 00:00 30-Nov"},
		{[]string{"shift registrar; Dr A; Sun 08:00-08:00"}, "2026-11-30 07:00", "Dr A until 08:00 30-Nov"},
		// A dated line stands in place of the weekly one, and no longer than it lasts.
		{[]string{"shift registrar; Dr A; daily 08:00-20:00", "on 2026-12-25; registrar; Dr B; 10:00-14:00"}, "2026-12-25 09:00", "Dr A until 10:00 25-Dec"},
		{[]string{"shift registrar; Dr A; daily 08:00-20:00", "on 2026-12-25; registrar; Dr B; 10:00-14:00"}, "2026-12-25 10:00", "Dr B until 14:00 25-Dec"},
		{[]string{"shift registrar; Dr A; daily 08:00-20:00", "on 2026-12-25; registrar; Dr B; 10:00-14:00"}, "2026-12-25 14:00", "Dr A until 20:00 25-Dec"},
		// Two are on call; a shift that follows at once by the same person is one.
		{[]string{"shift registrar; Dr A; daily 08:00-20:00", "shift Registrar; Dr B; daily 12:00-16:00"}, "2026-11-28 13:00", "Dr A until 20:00 28-Nov, Dr B until 16:00 28-Nov"},
		{[]string{"shift registrar; Dr A; daily 08:00-20:00", "shift registrar; Dr A; Sat 20:00-08:00"}, "2026-11-28 13:00", "Dr A until 20:00 29-Nov"},
		{[]string{"shift site manager; Dr A; daily 08:00-20:00"}, "2026-11-28 13:00", ""},
	}
	for _, tt := range tests {
		at, err := time.ParseInLocation("2006-01-02 15:04", tt.at, zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := said(parse(t, tt.lines...).On("registrar", at), zone); got != tt.want {
			t.Errorf("%s at %s: %q, want %q", tt.lines, tt.at, got, tt.want)
		}
	}
}

// In the nights in which the clock changes a shift begins and ends by the wall,
// and is an hour shorter or longer.
func TestTheClockChangesAtNight(t *testing.T) {
	r := parse(t, "shift registrar; Dr A; daily 20:00-08:00", "shift night nurse; Dr B; daily 01:30-03:30")
	for _, tt := range []struct {
		inside string
		role   string
		hours  time.Duration
	}{
		{"2026-03-28T23:00:00Z", "registrar", 11 * time.Hour}, // spring: 01:00 is 02:00
		{"2026-10-24T23:00:00Z", "registrar", 13 * time.Hour}, // autumn: 02:00 is 01:00
		{"2026-06-10T23:00:00Z", "registrar", 12 * time.Hour},
		{"2026-03-29T01:45:00Z", "night nurse", time.Hour},     // 01:30 is skipped: it begins at 02:30
		{"2026-10-25T02:00:00Z", "night nurse", 3 * time.Hour}, // from the first 01:30
	} {
		at, _ := time.Parse(time.RFC3339, tt.inside)
		on := r.On(tt.role, at)
		if len(on) != 1 || on[0].Until.Sub(on[0].From) != tt.hours {
			t.Errorf("%s at %s: %+v, want %s", tt.role, tt.inside, on, tt.hours)
		}
	}
}

func TestGapsAndOverlapsHaveWords(t *testing.T) {
	zone := london(t)
	r := parse(t, "shift registrar; Dr A; daily 08:00-20:00", "shift registrar; Dr B; Sat 18:00-08:00")
	from := time.Date(2026, 11, 28, 8, 0, 0, 0, zone) // a Saturday
	var got []string
	for _, f := range r.Flaws(from, from.AddDate(0, 0, 2)) {
		got = append(got, f.Words())
	}
	want := []string{
		"Dr A and Dr B are both on call as registrar from 18:00 on 28-Nov-2026 to 20:00",
		"nobody is on call as registrar from 20:00 on 29-Nov-2026 to 08:00 on 30-Nov-2026",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
}

// What cannot be read is refused, with its line: half a rota would be one in which
// nobody is on call.
func TestWhatIsNoRota(t *testing.T) {
	head := "rota 1\nzone Europe/London\nperson Dr A\n"
	for text, want := range map[string]string{
		"":                             "line 1",
		"rota 2\nzone Europe/London":   "reads no other",
		"rota 1\nperson Dr A":          "zone Europe/London",
		"rota 1\nzone Atlantis/North":  "line 2",
		"rota 1\nzone Local":           "line 2",
		head + "shift registrar; Dr A": "line 4",
		head + "shift registrar; Dr A; Mun 08:00-20:00":      "days are",
		head + "shift registrar; Dr A; Mon 8-20":             "hours are",
		head + "shift registrar; Dr A; Mon 08:00-25:00":      "hours are",
		head + "shift registrar; Dr Z; Mon 08:00-20:00":      "Dr Z",
		head + "shift ; Dr A; Mon 08:00-20:00":               "names a role",
		head + "on 25.12.2026; registrar; Dr A; 08:00-20:00": "2026-12-25",
		head + "person Dr A; phone 1":                        "twice",
		head + "person Dr B; fax 1":                          "phone, pager or mail",
		head + "person Dr B; mail a@b@c":                     "no mail address",
		head + "person Dr B; mail a@b.example,c@d.example":   "no mail address",
		head + "shifts registrar; Dr A; Mon 08:00-20:00":     "a line begins with",
		head + strings.Repeat("# x\n", maxLines):             "too many lines",
		head + "# " + strings.Repeat("x", MaxBytes):          "too long",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v, want %q", text, err, want)
		}
	}
	if _, err := Parse(Empty("Europe/London")); err != nil {
		t.Errorf("what a new rota begins with: %v", err)
	}
}

// Whoever is said to be on call is on call by some line, at that instant and until
// the time that is said; where nobody is, Flaws says so, and where two are, too.
func TestPropertiesOfTheRota(t *testing.T) {
	zone := london(t)
	rapid.Check(t, func(t *rapid.T) {
		var lines []string
		hour := rapid.IntRange(0, 23)
		for range rapid.IntRange(0, 5).Draw(t, "shifts") {
			who := rapid.SampledFrom([]string{"Dr A", "Dr B", "Dr C"}).Draw(t, "who")
			days := rapid.SampledFrom([]string{"daily", "Mon-Fri", "Sat,Sun", "Sun"}).Draw(t, "days")
			lines = append(lines, fmt.Sprintf("shift registrar; %s; %s %02d:00-%02d:30", who, days, hour.Draw(t, "from"), hour.Draw(t, "to")))
		}
		if rapid.Bool().Draw(t, "dated") {
			lines = append(lines, fmt.Sprintf("on 2026-10-25; registrar; Dr C; %02d:00-%02d:30", hour.Draw(t, "from"), hour.Draw(t, "to")))
		}
		r, err := Parse("rota 1\nzone Europe/London\nperson Dr A\nperson Dr B\nperson Dr C\n" + strings.Join(lines, "\n"))
		if err != nil {
			t.Fatal(err)
		}
		from := time.Date(2026, 10, 23, 0, 0, 0, 0, zone)
		at := from.Add(time.Duration(rapid.IntRange(0, 4*24*60).Draw(t, "minute")) * time.Minute)
		on := r.On("registrar", at)
		for _, s := range on {
			if s.From.After(at) || !s.Until.After(at) {
				t.Fatalf("%+v is on call at %s", s, at)
			}
			last := r.On("registrar", s.Until.Add(-time.Minute))
			if !strings.Contains(said(last, zone), s.Person.Name) {
				t.Fatalf("%s is said to be on call until %s, and is not", s.Person.Name, s.Until)
			}
		}
		flawed := false
		for _, f := range r.Flaws(from, from.AddDate(0, 0, 6)) {
			if !f.From.After(at) && f.Until.After(at) {
				flawed = true
				if len(f.People) != len(on) {
					t.Fatalf("%s, and on call are %d", f.Words(), len(on))
				}
			}
		}
		if len(lines) > 0 && flawed == (len(on) == 1) {
			t.Fatalf("%d on call at %s, said to be a flaw: %v", len(on), at, flawed)
		}
	})
}

// A rota of the first release must be readable for ever.
func TestARotaOfTheFirstRelease(t *testing.T) {
	b, err := os.ReadFile("testdata/rota-1.txt")
	if err != nil {
		t.Fatal(err)
	}
	r, err := Parse(string(b))
	if err != nil {
		t.Fatal(err)
	}
	on := r.On("registrar", time.Date(2026, 11, 28, 23, 0, 0, 0, time.UTC))
	if len(on) != 1 || on[0].Person != (Person{Name: "Dr Ana Ruiz", Phone: "5512", Pager: "4412", Mail: "a.ruiz@hospital.example"}) {
		t.Errorf("%+v", on)
	}
}

func TestRolesOfAStep(t *testing.T) {
	if got := strings.Join(RolesOf("charge nurse and registrar"), "|"); got != "charge nurse|registrar" {
		t.Error(got)
	}
}
