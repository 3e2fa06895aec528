package bulk_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/trust/bulk"
	"wardlight/internal/trust/rbac"
)

// The rule as a privacy officer and a charge nurse would read it: what, on it, before,
// and what becomes of it.
func TestTheRule(t *testing.T) {
	type req = bulk.Request
	ward28 := func(r req) req { r.Ward = 28; return r }
	for _, c := range []struct {
		name string
		r    req
		want string // allowed, over, ask, refused
	}{
		{"a ward's handover", ward28(req{Kind: bulk.Handover, Role: rbac.Nurse, Patients: 28}), "allowed"},
		{"its list, by the clerk", ward28(req{Kind: bulk.List, Role: rbac.WardClerk, Patients: 28}), "allowed"},
		{"the fourth whole print in an hour", ward28(req{Kind: bulk.Pack, Role: rbac.ChargeNurse, Patients: 28, Past: bulk.Past{Hour: 84, Day: 84}}), "allowed"},
		{"the fifth", ward28(req{Kind: bulk.Pack, Role: rbac.ChargeNurse, Patients: 28, Past: bulk.Past{Hour: 112, Day: 112}}), "ask"},
		{"the fifth, by the clerk", ward28(req{Kind: bulk.Pack, Role: rbac.WardClerk, Patients: 28, Past: bulk.Past{Hour: 112, Day: 112}}), "refused"},
		{"the fifth, with a reason and the PIN", ward28(req{Kind: bulk.Pack, Role: rbac.Doctor, Patients: 28, Past: bulk.Past{Hour: 112, Day: 112}, Reason: true}), "over"},
		{"the clerk's reason counts for nothing", ward28(req{Kind: bulk.Pack, Role: rbac.WardClerk, Patients: 28, Past: bulk.Past{Hour: 112, Day: 112}, Reason: true}), "refused"},
		{"the fifth while central cannot be reached", ward28(req{Kind: bulk.Pack, Role: rbac.ChargeNurse, Patients: 28, Past: bulk.Past{Hour: 112, Day: 112}, Cut: true}), "allowed"},
		{"a pack every half hour of a long day without central", ward28(req{Kind: bulk.Pack, Role: rbac.ChargeNurse, Patients: 28, Past: bulk.Past{Hour: 56, Day: 47 * 28}, Cut: true}), "allowed"},
		{"more than that", ward28(req{Kind: bulk.Pack, Role: rbac.ChargeNurse, Patients: 28, Past: bulk.Past{Hour: 56, Day: 48 * 28}, Cut: true}), "ask"},
		{"a day's limit", ward28(req{Kind: bulk.List, Role: rbac.Nurse, Patients: 28, Past: bulk.Past{Day: 380}}), "ask"},
		{"a ward of ninety, all of it, three times", req{Kind: bulk.List, Role: rbac.Nurse, Patients: 90, Ward: 90, Past: bulk.Past{Hour: 270, Day: 270}}, "allowed"},
		{"whatever is set, the ward's usual prints go", ward28(req{Kind: bulk.Pack, Role: rbac.Nurse, Patients: 28, Past: bulk.Past{Hour: 84, Day: 84}, Limits: bulk.Least}), "allowed"},
		{"121 patients of other wards", req{Kind: bulk.List, Role: rbac.Doctor, Patients: 121, Others: 121}, "ask"},
		{"120 of them", req{Kind: bulk.List, Role: rbac.Doctor, Patients: 120, Others: 120}, "allowed"},
		{"a large ward of one's own lifts nothing for others", req{Kind: bulk.List, Role: rbac.Doctor, Patients: 130, Others: 121, Ward: 90}, "ask"},
		{"nor does an outage", req{Kind: bulk.List, Role: rbac.Doctor, Patients: 130, Others: 121, Ward: 90, Cut: true}, "ask"},
		{"nobody knows what was printed before", ward28(req{Kind: bulk.Handover, Role: rbac.Nurse, Patients: 1, Unread: true}), "ask"},
		{"and with a reason", ward28(req{Kind: bulk.Handover, Role: rbac.Nurse, Patients: 1, Unread: true, Reason: true}), "over"},
		{"labels, however many before", ward28(req{Kind: bulk.Labels, Role: rbac.Nurse, Patients: 1, Past: bulk.Past{Hour: 5000, Day: 5000}}), "allowed"},
		{"the kept pack while nothing else works", req{Kind: bulk.KeptPack, Role: rbac.Nurse, Patients: 28, Ward: 28, Past: bulk.Past{Hour: 5000, Day: 5000}, Cut: true}, "over"},
		{"an administrator prints nothing", ward28(req{Kind: bulk.List, Role: rbac.Administrator, Patients: 28}), "refused"},
		{"nor does nobody", ward28(req{Kind: bulk.List, Patients: 28}), "refused"},
		{"a kind that nobody knows", ward28(req{Kind: "diskette", Role: rbac.Nurse, Patients: 1}), "refused"},
		{"more of other wards than there are", ward28(req{Kind: bulk.List, Role: rbac.Nurse, Patients: 1, Others: 2}), "refused"},
		{"less than nobody", ward28(req{Kind: bulk.List, Role: rbac.Nurse, Patients: -28}), "refused"},
		{"a past that cannot be", ward28(req{Kind: bulk.List, Role: rbac.Nurse, Patients: 1, Past: bulk.Past{Hour: -1000}}), "refused"},

		{"everything that central holds", req{Kind: bulk.Whole, Patients: 90000}, "allowed"},
		{"twice in an hour", req{Kind: bulk.Whole, Patients: 90000, Past: bulk.Past{Hour: 90000, Day: 90000}}, "refused"},
		{"more than in a day", req{Kind: bulk.Whole, Patients: 90000, Past: bulk.Past{Day: 420000}}, "refused"},
		{"a reason opens nothing there", req{Kind: bulk.Whole, Patients: 100001, Reason: true}, "refused"},
		{"one record", req{Kind: bulk.Record, Patients: 1, Past: bulk.Past{Hour: 99999, Day: 99999}}, "allowed"},
		{"one more", req{Kind: bulk.Record, Patients: 1, Past: bulk.Past{Hour: 100000, Day: 100000}}, "refused"},
		{"a sealed backup of any size", req{Kind: bulk.Sealed, Patients: 1_000_000, Past: bulk.Past{Hour: 1, Day: 1}}, "allowed"},
		{"one with its keys goes on and stands out", req{Kind: bulk.KeyedOut, Patients: 1_000_000}, "over"},
		{"an empty central", req{Kind: bulk.Whole}, "allowed"},
	} {
		d := bulk.Decide(c.r)
		got := map[bool]string{true: "allowed", false: "refused"}[d.Allow]
		switch {
		case d.Allow && d.Over:
			got = "over"
		case d.Ask:
			got = "ask"
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s (%s)", c.name, got, c.want, d.Why)
		}
		if (d.Err() == nil) != d.Allow || d.Why == "" {
			t.Errorf("%s: says %q, %v", c.name, d.Why, d.Err())
		}
	}
}

// A refusal says how many, how many before, which limit, and what to do.
func TestARefusalSaysWhatToDo(t *testing.T) {
	r := bulk.Request{Kind: bulk.Handover, Role: rbac.Nurse, Patients: 28, Ward: 28, Past: bulk.Past{Hour: 100, Day: 100}}
	for _, c := range []struct {
		change func(*bulk.Request)
		words  []string
	}{
		{func(*bulk.Request) {}, []string{"print: 28", "past hour: 100", "an hour: 120", "give your PIN"}},
		{func(r *bulk.Request) { r.Role = rbac.WardClerk }, []string{"print: 28", "ask a nurse or a doctor"}},
		{func(r *bulk.Request) { r.Past = bulk.Past{Day: 390} }, []string{"past day: 390", "a day: 400"}},
		{func(r *bulk.Request) {
			r.Others, r.Past = 25, bulk.Past{Hour: 100, Day: 100, OthersHour: 100, OthersDay: 100}
			r.Ward = 90
		}, []string{"other wards on this print: 25", "past hour: 100"}},
		{func(r *bulk.Request) { r.Others, r.Past = 25, bulk.Past{Day: 390, OthersDay: 390}; r.Ward = 90 }, []string{"other wards on this print: 25", "past day: 390"}},
		{func(r *bulk.Request) { r.Unread = true }, []string{"cannot be read", "give your PIN"}},
		{func(r *bulk.Request) { r.Kind, r.Role, r.Patients = bulk.Whole, "", 99950 }, []string{"99950 patients", "past hour", "data of 100", "100000 an hour", "on record", "--take-hour"}},
		{func(r *bulk.Request) { r.Kind, r.Role, r.Past = bulk.Record, "", bulk.Past{Day: 500000} }, []string{"past day", "--take-day"}},
	} {
		r := r
		c.change(&r)
		d := bulk.Decide(r)
		for _, w := range c.words {
			if d.Allow || !strings.Contains(d.Err().Error(), w) {
				t.Errorf("%+v says %q, without %q", r, d.Why, w)
			}
		}
	}
}

// Who may print is who may see a ward's patients, and who may print over the limit is who
// may break the glass: package rbac is asked.
func TestWhoMayPrintFollowsTheTableOfRoles(t *testing.T) {
	here, other := []record.Ward{"4B"}, []record.Ward{"5A"}
	for _, role := range append(rbac.Roles(), rbac.Computer, "unknown") {
		ask := rbac.Request{Role: role, Wards: here, DeviceWards: here, PatientWards: here, Action: rbac.View, ResourceType: fhir.TypePatient}
		sees := rbac.Decide(ask).Allow
		ask.Wards, ask.Purpose = other, rbac.BreakGlass
		breaks := rbac.Decide(ask).Allow
		if d := bulk.Decide(bulk.Request{Kind: bulk.List, Role: role, Patients: 1, Ward: 1}); d.Allow != sees {
			t.Errorf("%s may see a ward's patients: %v, and print them: %v", role, sees, d.Allow)
		}
		if d := bulk.Decide(bulk.Request{Kind: bulk.List, Role: role, Patients: 1000, Ward: 1, Reason: true}); d.Allow != breaks {
			t.Errorf("%s may break the glass: %v, and print over the limit: %v", role, breaks, d.Allow)
		}
	}
}

// Whatever is set and whatever was printed: four whole prints of one's own ward in an hour
// go without a word, an outage never makes it fewer, and nobody who may break the glass is
// ever left without paper.
func TestAWardIsNeverLeftWithoutPaper(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := func(name string, most int) int { return rapid.IntRange(0, most).Draw(t, name) }
		kind := rapid.SampledFrom([]bulk.Kind{bulk.Handover, bulk.List, bulk.Pack}).Draw(t, "kind")
		role := rapid.SampledFrom([]rbac.Role{rbac.Nurse, rbac.ChargeNurse, rbac.Doctor}).Draw(t, "role")
		size := 1 + n("ward", 300)
		limits := bulk.Limits{PrintHour: n("hour", 2000) - 500, PrintDay: n("day", 9000) - 500}
		before := n("before", 3)
		usual := bulk.Request{Kind: kind, Role: role, Patients: size, Ward: size, Limits: limits, Past: bulk.Past{Hour: before * size, Day: before * size}}
		if d := bulk.Decide(usual); !d.Allow || d.Over {
			t.Fatalf("%+v: %s", usual, d.Why)
		}
		usual.Cut = true
		if d := bulk.Decide(usual); !d.Allow || d.Over {
			t.Fatalf("without central %+v: %s", usual, d.Why)
		}
		others := n("others", size)
		hour, day := n("past hour", 100000), 0
		day = hour + n("past day", 100000)
		r := bulk.Request{Kind: kind, Role: role, Patients: size, Others: others, Ward: n("own", 300), Limits: limits, Past: bulk.Past{Hour: hour, Day: day}, Unread: rapid.Bool().Draw(t, "unread")}
		d := bulk.Decide(r)
		if !d.Allow && !d.Ask {
			t.Fatalf("%+v is refused and cannot go on: %s", r, d.Why)
		}
		r.Reason = true
		if !bulk.Decide(r).Allow {
			t.Fatalf("%+v with a reason: %s", r, d.Why)
		}
		if cut := r; d.Allow {
			cut.Reason, cut.Cut = false, true
			if c := bulk.Decide(cut); !c.Allow || c.Over {
				t.Fatalf("%+v goes with central and not without: %s", r, c.Why)
			}
		}
	})
}

func TestTheLimitsStayInTheirRanges(t *testing.T) {
	for l, want := range map[bulk.Limits]bulk.Limits{
		{}: bulk.Default,
		{PrintHour: 1, PrintDay: 1, TakeHour: 1, TakeDay: 1}:                         bulk.Least,
		{PrintHour: -1, PrintDay: -1, TakeHour: -1, TakeDay: -1}:                     bulk.Least,
		{PrintHour: 1 << 40, PrintDay: 1 << 40, TakeHour: 1 << 40, TakeDay: 1 << 40}: bulk.Most,
		{PrintHour: 500}: {PrintHour: 500, PrintDay: 500, TakeHour: bulk.Default.TakeHour, TakeDay: bulk.Default.TakeDay},
	} {
		got := l.Bounded()
		if got != want || got.Bounded() != got {
			t.Errorf("%+v is %+v, want %+v", l, got, want)
		}
	}
}

// at is a moment of a computer that was started so long ago.
func at(wall time.Time, up time.Duration, boot string) bulk.Clock {
	return bulk.Clock{Wall: wall, Up: up, Boot: boot}
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// What was printed is forgotten an hour and a day later by a clock that nobody sets, and
// by nothing that is done to the wall clock while the computer runs.
func TestWhatWasPrintedIsForgottenByTimeAlone(t *testing.T) {
	const boot = "b1"
	l := bulk.Ledger{}.At(at(noon, time.Hour, boot)).Add("g", 28, 3)
	for _, c := range []struct {
		name string
		at   bulk.Clock
		want bulk.Past
	}{
		{"at once", at(noon, time.Hour, boot), bulk.Past{28, 28, 3, 3}},
		{"59 minutes later", at(noon.Add(59*time.Minute), 119*time.Minute, boot), bulk.Past{28, 28, 3, 3}},
		{"an hour later", at(noon.Add(time.Hour), 2*time.Hour, boot), bulk.Past{0, 28, 0, 3}},
		{"a day later", at(noon.Add(24*time.Hour), 25*time.Hour, boot), bulk.Past{}},
		{"the clock is put forward a day", at(noon.Add(25*time.Hour), time.Hour+time.Minute, boot), bulk.Past{28, 28, 3, 3}},
		{"the clock is put back a day", at(noon.Add(-24*time.Hour), time.Hour+time.Minute, boot), bulk.Past{28, 28, 3, 3}},
		{"put back, and a real day runs by", at(noon.Add(-24*time.Hour), 25*time.Hour, boot), bulk.Past{}},
		{"started again, ten minutes off", at(noon.Add(10*time.Minute), time.Minute, "b2"), bulk.Past{28, 28, 3, 3}},
		{"started again after two hours off", at(noon.Add(2*time.Hour), time.Minute, "b2"), bulk.Past{0, 28, 0, 3}},
		{"started again, the clock put back by years meanwhile", at(noon.Add(-9000*time.Hour), time.Minute, "b2"), bulk.Past{28, 28, 3, 3}},
		{"put back at the start, and it ran for a day since", at(noon.Add(-9000*time.Hour), 25*time.Hour, "b2"), bulk.Past{}},
		{"the running time alone went back", at(noon.Add(10*time.Minute), time.Minute, boot), bulk.Past{28, 28, 3, 3}},
	} {
		if got := l.At(c.at).Past("g"); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
		if other := l.At(c.at).Past("t"); other != (bulk.Past{}) {
			t.Errorf("%s: somebody else has %+v", c.name, other)
		}
	}
}

// A clock that is put back and forward again and again gains nobody anything.
func TestNobodyTurnsTheClockToPrintMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := bulk.Ledger{}.At(at(noon, time.Hour, "b")).Add("g", 28, 0)
		var ran time.Duration
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			ran += time.Duration(rapid.IntRange(0, 600).Draw(t, "seconds")) * time.Second
			wall := noon.Add(time.Duration(rapid.IntRange(-1_000_000, 1_000_000).Draw(t, "off")) * time.Second)
			l = l.At(at(wall, time.Hour+ran, "b"))
			if past := l.Past("g"); ran < time.Hour && past.Hour != 28 || ran < 24*time.Hour && past.Day != 28 {
				t.Fatalf("after %v it has %+v", ran, past)
			}
		}
	})
}

// The ledger stays small, however many print how often, and never forgets early.
func TestTheLedgerStaysSmall(t *testing.T) {
	l, up := bulk.Ledger{}, time.Hour
	sum := 0
	for i := range 3000 {
		up += 20 * time.Second
		l = l.At(at(noon.Add(up), up, "b")).Add("g", 1, 1)
		sum++
		if i%10 == 0 {
			l = l.Add("u"+string(rune('a'+i%26))+string(rune('a'+i/26%26)), 2, 0)
		}
	}
	b, err := l.Bytes()
	if err != nil || len(b) > 60_000 {
		t.Fatalf("%d bytes, %v", len(b), err)
	}
	if p := l.Past("g"); p.Day != sum || p.Hour < 180 || p.Hour > 190 {
		t.Errorf("%+v after %d in 17 hours", p, sum)
	}
	again, err := bulk.ParseLedger(b)
	if err != nil || again.Past("g") != l.Past("g") {
		t.Errorf("read again it has %+v, %v", again.Past("g"), err)
	}
}

// What came to nothing is given back, and no more than that.
func TestAPrintThatFailedIsGivenBack(t *testing.T) {
	l := bulk.Ledger{}.At(at(noon, time.Hour, "b")).Add("g", 28, 2).Add("t", 5, 0)
	l = l.Return("g", 28, 2)
	if l.Past("g") != (bulk.Past{}) || l.Past("t").Hour != 5 {
		t.Errorf("%+v, %+v", l.Past("g"), l.Past("t"))
	}
	if l = l.Return("t", 500, 0); l.Past("t") != (bulk.Past{}) || slices.ContainsFunc(l.Takings, func(x bulk.Taking) bool { return x.N < 0 }) {
		t.Errorf("more was given back than there was: %+v", l)
	}
}

// The form on disk is for ever.
func TestAnOldLedgerIsRead(t *testing.T) {
	l, err := bulk.ParseLedger([]byte(`{"v":1,"now":7200000,"up":3600000,"boot":"b1","wall":1795348800000,"takings":[{"who":"g","at":7200000,"n":28,"o":3},{"at":3599999,"n":9}]}`))
	if err != nil || l.Past("g") != (bulk.Past{28, 28, 3, 3}) || l.Past("") != (bulk.Past{0, 9, 0, 0}) {
		t.Errorf("%+v, %v", l, err)
	}
	for _, bad := range []string{`{"v":2}`, `{"v":1,"now":"x"}`, `nonsense`, `{}`} {
		if l, err := bulk.ParseLedger([]byte(bad)); err == nil || len(l.Takings) > 0 {
			t.Errorf("%s is read as %+v", bad, l)
		}
	}
}
