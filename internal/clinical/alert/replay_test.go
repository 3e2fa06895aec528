package alert_test

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
)

// replayed is one line of the replay set.
type replayed struct {
	at          time.Time
	key, status string
	result      fhir.Observation
	label, why  string
}

func replaySet(t *testing.T) []replayed {
	t.Helper()
	f, err := os.Open("testdata/replay-v1.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var set []replayed
	for s := bufio.NewScanner(f); s.Scan(); {
		if strings.HasPrefix(s.Text(), "#") {
			continue
		}
		c := strings.Split(s.Text(), "|")
		if len(c) != 6 {
			t.Fatalf("%d columns in %q", len(c), s.Text())
		}
		for i := range c {
			c[i] = strings.TrimSpace(c[i])
		}
		at, err := time.Parse("15:04", c[0])
		if err != nil {
			t.Fatal(err)
		}
		r := replayed{at: at, key: c[1], status: c[2], label: c[4], why: c[5]}
		if r.status != "taken" {
			r.result = result(c[3])
			r.result.ID, r.result.Status, r.result.EffectiveDateTime = fhir.ID(c[1]), r.status, at.Format(time.RFC3339)
		}
		set = append(set, r)
	}
	return set
}

// abnormal are the flags of table 0078 that a program without rules would fire on.
var abnormal = []string{"H", "L", "HH", "LL", "A", "AA", "HU", "LU", "<", ">"}

func firesOnAFlag(o fhir.Observation) bool {
	return slices.ContainsFunc(o.Interpretation, func(c fhir.CodeableConcept) bool { return slices.Contains(abnormal, c.Coding[0].Code) })
}

// A morning of one ward, as the rules would interrupt it and as its flags would. What
// must be shown is, what need not be is not, a repeat that only tires is quiet, and of the interruptions on each abnormal
// flag fewer than four in ten are left (usability: docs/usability.md).
func TestAMorningHasFewerInterruptions(t *testing.T) {
	editions, acks, open := map[string][]alert.Edition{}, map[string][]alert.Ack{}, map[string]bool{}
	flags, rulesFired, must, quiet := 0, 0, 0, 0
	firing := func(key string, at time.Time) alert.Firing {
		e := editions[key]
		newest := e[len(e)-1]
		return alert.Firing{
			ID: fhir.ID(key), Result: newest.Result, Available: newest.Available, Episode: "today",
			Corrected: newest.Result.Status == "corrected", Owned: rules.DutyOf(e, acks[key], at).Had,
		}
	}
	for _, r := range replaySet(t) {
		if r.status == "taken" {
			if !open[r.key] {
				t.Errorf("%s %s: taken, but nothing is open", r.at.Format("15:04"), r.key)
			}
			acks[r.key] = append(acks[r.key], alert.Ack{ID: "a", Kind: alert.AckTaken, By: "Grace", Version: uint64(len(editions[r.key])), At: r.at})
			open[r.key] = false
			continue
		}
		v := rules.Judge(r.result, adult)
		editions[r.key] = append(editions[r.key], alert.Edition{
			Version: uint64(len(editions[r.key]) + 1), Result: r.result, Available: r.at, Critical: v.Critical,
		})
		d := rules.DutyOf(editions[r.key], acks[r.key], r.at)
		wants := d.State == alert.Open || d.State == alert.Reopened
		if d.State == alert.Open {
			var others []alert.Firing
			patient, _, _ := strings.Cut(r.key, "/")
			for key := range editions {
				if key != r.key && strings.HasPrefix(key, patient+"/") {
					others = append(others, firing(key, r.at))
				}
			}
			if rules.Quieted(firing(r.key, r.at), others, adult).Quiet {
				wants = false
				quiet++
			}
		}
		interrupts := wants && !open[r.key]
		open[r.key] = wants
		if firesOnAFlag(r.result) {
			flags++
		}
		if interrupts {
			rulesFired++
		}
		switch {
		case r.label == "must" && !interrupts:
			t.Errorf("%s %s interrupts nobody: %s", r.at.Format("15:04"), r.key, r.why)
		case r.label == "calm" && interrupts:
			t.Errorf("%s %s interrupts somebody: %s", r.at.Format("15:04"), r.key, r.why)
		case r.label != "must" && r.label != "calm" && r.label != "free":
			t.Errorf("%s %s has no label", r.at.Format("15:04"), r.key)
		}
		if r.label == "must" {
			must++
		}
	}
	t.Logf("%d interruptions by each abnormal flag, %d by the rules, of which %d must be; %d quiet repeats", flags, rulesFired, must, quiet)
	if must < 15 || flags < 60 || quiet < 4 {
		t.Errorf("%d that must be shown, %d flags: the set says little", must, flags)
	}
	if 10*rulesFired > 4*flags {
		t.Errorf("%d interruptions by the rules of %d by flags: fewer than 60 %% are saved", rulesFired, flags)
	}
}
