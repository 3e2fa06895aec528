package alert_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
)

// sample is a result that was collected so many hours after t0, came ten minutes later,
// and was taken by somebody so many minutes after that; taken < 0: by nobody.
func sample(id, in string, hours float64, taken int) alert.Firing {
	o := result(in)
	at := t0.Add(time.Duration(hours * float64(time.Hour)))
	o.ID, o.EffectiveDateTime = fhir.ID(id), at.Format(time.RFC3339)
	f := alert.Firing{ID: o.ID, Result: o, Available: at.Add(10 * time.Minute), Episode: "stay 1"}
	if taken >= 0 {
		f.Owned = f.Available.Add(time.Duration(taken) * time.Minute)
	}
	return f
}

// Each story is told of the last result, with what came before it; and each that is
// quiet is told once more the other way round: with one thing changed it is loud.
func TestARepeatThatOnlyTiresIsQuiet(t *testing.T) {
	const plt = "777-3 "
	first := sample("a", plt+"14 10*9/L", 0, 5)
	again := sample("z", plt+"14 10*9/L", 8, -1)
	with := func(f alert.Firing, change func(*alert.Firing)) alert.Firing {
		f.Result.Interpretation = slices.Clone(f.Result.Interpretation)
		change(&f)
		return f
	}
	for _, e := range []struct {
		story  string
		f      alert.Firing
		others []alert.Firing
		who    alert.Subject
		quiet  bool
		words  string
	}{
		{"the same value, and somebody has the first", again, []alert.Firing{first}, adult, true, "no worse than 14 10*9/L"},
		{"a better one, still beyond the limit", sample("z", plt+"18 10*9/L", 8, -1), []alert.Firing{first}, adult, true, "no worse"},
		{"a high one that falls", sample("z", "14682-9 520 umol/L", 8, -1), []alert.Firing{sample("a", "14682-9 610 umol/L", 0, 5)}, adult, true, "no worse"},
		{"preliminary", with(again, func(f *alert.Firing) { f.Result.Status = "preliminary" }), []alert.Firing{first}, adult, true, "no worse"},
		{"the one between was quiet itself", again, []alert.Firing{first, sample("b", plt+"14 10*9/L", 4, -1)}, adult, true, "no worse"},
		{"another test between", again, []alert.Firing{first, sample("b", "2823-3 4.1 mmol/L", 4, -1)}, adult, true, "no worse"},
		{"one between that was withdrawn", again, []alert.Firing{first, with(sample("b", plt+"150 10*9/L", 4, -1), func(f *alert.Firing) { f.Result.Status = "entered-in-error" })}, adult, true, "no worse"},
		{"a later one is worse", again, []alert.Firing{first, sample("b", plt+"3 10*9/L", 9, -1)}, adult, true, "no worse"},
		{"exactly at the end of the time", sample("z", plt+"14 10*9/L", 24, -1), []alert.Firing{first}, adult, true, "no worse"},

		{"nothing before", again, nil, adult, false, alert.LoudNobody},
		{"worse", sample("z", plt+"13 10*9/L", 8, -1), []alert.Firing{first}, adult, false, alert.LoudWorse},
		{"worse than the one between", again, []alert.Firing{first, sample("b", plt+"16 10*9/L", 4, -1)}, adult, false, alert.LoudWorse},
		{"well in between: it fell again", again, []alert.Firing{first, sample("b", plt+"44 10*9/L", 4, -1)}, adult, false, alert.LoudBand},
		{"beyond the other side", sample("z", "6690-2 55 10*9/L", 8, -1), []alert.Firing{sample("a", "6690-2 0.8 10*9/L", 0, 5)}, adult, false, alert.LoudNobody},
		{"nobody took the first", again, []alert.Firing{sample("a", plt+"14 10*9/L", 0, -1)}, adult, false, alert.LoudNobody},
		{"somebody took the first only when this one was there", again, []alert.Firing{sample("a", plt+"14 10*9/L", 0, 8*60+1)}, adult, false, alert.LoudNobody},
		{"the time is over", sample("z", plt+"14 10*9/L", 24.1, -1), []alert.Firing{first}, adult, false, alert.LoudOver},
		{"it came long after it was collected", with(again, func(f *alert.Firing) { f.Available = t0.Add(25 * time.Hour) }), []alert.Firing{first}, adult, false, alert.LoudOver},
		{"another stay", with(again, func(f *alert.Firing) { f.Episode = "stay 2" }), []alert.Firing{first}, adult, false, alert.LoudEpisode},
		{"nobody knows in which stay", with(again, func(f *alert.Firing) { f.Episode = "" }), []alert.Firing{with(first, func(f *alert.Firing) { f.Episode = "" })}, adult, false, alert.LoudEpisode},
		{"it was corrected", with(again, func(f *alert.Firing) { f.Corrected = true }), []alert.Firing{first}, adult, false, alert.LoudCorrected},
		{"it is a correction", with(again, func(f *alert.Firing) { f.Result.Status = "corrected" }), []alert.Firing{first}, adult, false, alert.LoudCorrected},
		{"the laboratory flags it", sample("z", plt+"14 10*9/L LL", 8, -1), []alert.Firing{first}, adult, false, alert.LoudFlag},
		{"a comparator leaves it open", sample("z", plt+"<21 10*9/L", 8, -1), []alert.Firing{first}, adult, false, alert.LoudUnsure},
		{"another unit that nobody can compare", sample("z", plt+"14 furlong", 8, -1), []alert.Firing{first}, adult, false, alert.LoudUnsure},
		{"words between", again, []alert.Firing{first, with(sample("b", plt+"14 10*9/L", 4, -1), func(f *alert.Firing) {
			f.Result.ValueQuantity, f.Result.ValueString = nil, fhir.Str("clotted")
		})}, adult, false, alert.LoudUnsure},
		{"one of which nobody knows when it was collected", again, []alert.Firing{first, with(sample("b", plt+"14 10*9/L", 4, -1), func(f *alert.Firing) { f.Result.EffectiveDateTime = "2026-11-22" })}, adult, false, alert.LoudUnsure},
		{"a child", again, []alert.Firing{first}, child, false, alert.LoudUnsure},
		{"age not known", again, []alert.Firing{first}, ageless, false, alert.LoudUnsure},
		{"potassium is must-show", sample("z", "2823-3 6.8 mmol/L", 8, -1), []alert.Firing{sample("a", "2823-3 6.8 mmol/L", 0, 5)}, adult, false, alert.LoudMust},
		{"a test of no table", sample("z", "9999-1 12 - HH", 8, -1), []alert.Firing{sample("a", "9999-1 12 - HH", 0, 5)}, adult, false, alert.LoudMust},
	} {
		got := rules.Quieted(e.f, e.others, e.who)
		if got.Quiet != e.quiet || !strings.Contains(got.Words, e.words) || e.quiet != (got.After == "a") {
			t.Errorf("%s: %+v", e.story, got)
		}
	}
}

// criticalTests are a value of each row that is beyond its limit, with one as bad.
var criticalTests = []string{
	"2823-3 6.8 mmol/L", "2823-3 2.4 mmol/L", "2951-2 118 mmol/L", "14749-6 2.2 mmol/L", "718-7 64 g/L", "6301-6 5.6 {INR}", "2524-7 4.6 mmol/L",
	"2744-1 7.18 [pH]", "2019-8 62 mm[Hg]", "29265-6 1.7 mmol/L", "1994-3 0.72 mmol/L", "2601-3 0.38 mmol/L", "14879-1 0.2 mmol/L", "67151-1 14 ng/L HH",
}

// A must-show result is never quiet, whatever was taken before, and whatever a site's
// table says: a table that would mute one is refused, and means nothing if it is there
// all the same.
func TestAMustShowIsNeverQuiet(t *testing.T) {
	muted := alert.Default()
	for _, l := range muted.Critical {
		muted.Quiets = append(muted.Quiets, alert.Quiet{Analyte: l.Analyte, Within: 24 * time.Hour, From: "somebody"})
	}
	if muted.Check() == nil {
		t.Error("a table that mutes everything is taken")
	}
	rapid.Check(t, func(rt *rapid.T) {
		in := rapid.SampledFrom(criticalTests).Draw(rt, "test")
		f := sample("z", in, 10, -1)
		others := []alert.Firing{sample("a", in, 9, 5)} // of another test this alone makes it quiet
		for i := range rapid.IntRange(0, 4).Draw(rt, "before") {
			others = append(others, sample(fmt.Sprint("a", i), in, float64(i), rapid.IntRange(-1, 30).Draw(rt, "taken")))
		}
		if got := muted.Quieted(f, others, adult); got.Quiet {
			rt.Fatalf("%s: %+v", in, got)
		}
	})
	for name, q := range map[string]alert.Quiet{
		"potassium": {Analyte: "potassium", Within: time.Hour, From: "x"}, "for ever": {Analyte: "urea", Within: 25 * time.Hour, From: "x"},
		"no time": {Analyte: "urea", From: "x"}, "from nowhere": {Analyte: "urea", Within: time.Hour},
	} {
		r := alert.Default()
		r.Quiets = []alert.Quiet{q}
		if r.Check() == nil {
			t.Error("taken: " + name)
		}
	}
	none := alert.Default()
	none.Quiets = []alert.Quiet{}
	if got := none.Quieted(sample("z", "777-3 14 10*9/L", 8, -1), []alert.Firing{sample("a", "777-3 14 10*9/L", 0, 5)}, adult); got.Quiet {
		t.Error("a site that wants every repeat loud does not get it")
	}
}

// Of any history: a value that is worse than one that was taken, or than the latest
// before it, is never quiet; and what came in which order over the line changes nothing.
func TestAWorseValueIsNeverQuietAndOrderChangesNothing(t *testing.T) {
	quiet := 0
	rapid.Check(t, func(rt *rapid.T) {
		value := rapid.IntRange(8, 26)
		history := make([]alert.Firing, rapid.IntRange(1, 6).Draw(rt, "n"))
		values := make([]int, len(history))
		for i := range history {
			values[i] = value.Draw(rt, "value")
			history[i] = sample(fmt.Sprint("r", i), fmt.Sprintf("777-3 %d 10*9/L", values[i]), float64(rapid.IntRange(0, 30).Draw(rt, "hour")), rapid.SampledFrom([]int{-1, 5, 90, 700}).Draw(rt, "taken"))
			history[i].Episode = rapid.SampledFrom([]string{"one", "one", "one", "two"}).Draw(rt, "stay")
		}
		values[0], history[0] = 14, sample("r0", "777-3 14 10*9/L", 0, 5)
		history[0].Episode = "one"
		for i, f := range history {
			others := append(slices.Clone(history[:i]), history[i+1:]...)
			got := rules.Quieted(f, others, adult)
			mixed, seed := slices.Clone(others), rapid.Uint64().Draw(rt, "order")
			rand.New(rand.NewPCG(seed, 1)).Shuffle(len(mixed), func(i, k int) { mixed[i], mixed[k] = mixed[k], mixed[i] })
			if back := rules.Quieted(f, mixed, adult); back != got {
				rt.Fatalf("%+v, and in another order %+v", got, back)
			}
			if with := rules.Quieted(f, history, adult); with != got {
				rt.Fatalf("its own line among the others: %+v, %+v", got, with)
			}
			if !got.Quiet {
				continue
			}
			quiet++
			latest, was := "", 0
			for k, o := range history {
				if k == i {
					continue
				}
				if o.ID == got.After && (values[k] > values[i] || o.Owned.IsZero() || o.Owned.After(f.Available) || o.Episode != f.Episode || values[k] > 20) {
					rt.Fatalf("%d after %d: %+v", values[i], values[k], got)
				}
				if at := o.Result.EffectiveDateTime; at <= f.Result.EffectiveDateTime && at > latest {
					latest, was = at, values[k]
				}
			}
			if was > values[i] || was > 20 {
				rt.Fatalf("%d is quiet, and the latest before it was %d", values[i], was)
			}
		}
	})
	if quiet < 10 && !testing.Short() { // which plays a fifth as many
		t.Errorf("only %d were quiet: the test says little", quiet)
	}
}

// A sample belongs to the one stay that it was taken in.
func TestAnEpisodeIsTheStayOfTheSample(t *testing.T) {
	stay := func(id, status, start, end string) fhir.Encounter {
		return fhir.Encounter{ID: fhir.ID(id), Status: status, Period: &fhir.Period{Start: start, End: end}}
	}
	var stays []alert.Stay
	for _, e := range []fhir.Encounter{
		stay("one", "finished", "2026-11-01T08:00:00Z", "2026-11-05T12:00:00Z"), stay("two", "in-progress", "2026-11-10T08:00:00Z", ""),
		stay("never", "cancelled", "2026-11-01T08:00:00Z", ""), stay("day", "in-progress", "2026-11-01", ""),
		{ID: "none", Status: "in-progress"},
	} {
		if s, ok := alert.StayOf(e); ok {
			stays = append(stays, s)
		}
	}
	for at, want := range map[string]string{
		"2026-11-01T08:00:00Z": "one", "2026-11-05T12:00:00Z": "one", "2026-11-05T12:00:01Z": "", "2026-11-12T00:00:00Z": "two", "2026-11-12": "", "2026-10-01T00:00:00Z": "",
	} {
		if got := alert.EpisodeAt(stays, fhir.Observation{EffectiveDateTime: at}); got != want {
			t.Errorf("%s: %q, want %q", at, got, want)
		}
	}
	if got := alert.EpisodeAt(append(stays, alert.Stay{ID: "clinic", From: t0.AddDate(0, -1, 0)}), fhir.Observation{EffectiveDateTime: "2026-11-12T00:00:00Z"}); got != "" {
		t.Errorf("two stays at once: %q", got)
	}
}
