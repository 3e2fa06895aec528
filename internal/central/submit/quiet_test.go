package submit_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// stays admits somebody with a stay of which it is known when it began.
func (h *hospital) stays(p person, visit string, ward record.Ward) fhir.ID {
	h.Helper()
	f := h.adt(p, visit, ward, h.now)
	e := view[fhir.Encounter](h.T, f.Groups[0].Drafts[1].Ops[0].Value)
	e.Period = &fhir.Period{Start: h.now.Add(-time.Hour).Format(time.RFC3339)}
	f.Groups[0].Drafts[1].Ops[0].Value = body(e)
	return h.filed(f)
}

// platelets are one result, collected so many hours after noon.
func (h *hospital) platelets(p person, filler, value, status string, hour int, flags ...string) {
	h.Helper()
	r := reading{filler, value, status, h.now.UnixMilli(), h.now.UnixMilli()}
	o := potassium(r)
	o.Code = fhir.CodeableConcept{Text: "platelets", Coding: []fhir.Coding{{System: fhir.SystemLOINC, Code: "777-3"}}}
	o.ValueQuantity.Unit = "10*9/L"
	o.EffectiveDateTime = noon.Add(time.Duration(hour) * time.Hour).Format(time.RFC3339)
	for _, f := range flags {
		o.Interpretation = append(o.Interpretation, fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemInterpretation, Code: f}}})
	}
	h.file(h.message("ORU^R01", record.Group{Subject: p.subject(false), Drafts: []record.Draft{draftOf(o, r)}}))
}

func (s *station) takes(patient fhir.ID, filler string, v record.Version) fhir.Ref {
	r := s.send(s.write("g.mensah", patient, fhir.Ref{Type: fhir.TypeTask}, put(func(id fhir.ID) any {
		f := fhir.To(obs(filler))
		return fhir.Task{
			ResourceType: fhir.TypeTask, ID: id, Status: "completed", Intent: "order", Code: fhir.TaskCode(fhir.TaskAcknowledge), Focus: &f, For: to(patient),
			Input: []fhir.TaskParameter{
				{Type: fhir.Param(fhir.ParamVersion), ValueInteger: fhir.Int(int64(v))}, {Type: fhir.Param(fhir.ParamKind), ValueString: fhir.Str("taken")},
			},
		}
	})))
	return fhir.Ref{Type: fhir.TypeTask, ID: fhir.ID(r.Mutation)}
}

// Platelets that somebody has, and the next sample no better and no worse: no ladder
// climbs for it and no screen is awaited. It stays critical on the record. What makes it
// loud again is followed: the first is taken back, a worse one, another stay.
func TestAQuietRepeatClimbsNoLadder(t *testing.T) {
	for _, story := range []struct {
		name string
		then func(h *hospital, p fhir.ID, first fhir.Ref)
		open int
	}{
		{"nothing more", func(*hospital, fhir.ID, fhir.Ref) {}, 0},
		{"the first is taken back", func(h *hospital, p fhir.ID, first fhir.Ref) {
			h.w4B.sent(h.w4B.about("g.mensah", fhir.TaskWithdraw, p, first, 1))
		}, 2},
		{"a worse one", func(h *hospital, _ fhir.ID, _ fhir.Ref) { h.platelets(odum, "3", "9", "final", 3) }, 1},
		{"the repeat is corrected", func(h *hospital, _ fhir.ID, _ fhir.Ref) {
			h.now = h.now.Add(time.Minute)
			h.platelets(odum, "2", "13", "corrected", 2)
		}, 1},
		{"one comes late that was well in between", func(h *hospital, _ fhir.ID, _ fhir.Ref) { h.platelets(odum, "3", "80", "final", 1) }, 1},
		{"the laboratory calls the next one critical", func(h *hospital, _ fhir.ID, _ fhir.Ref) { h.platelets(odum, "3", "14", "final", 3, "LL") }, 1},
	} {
		h := open(t, nil)
		p := h.stays(odum, "v2", "4B")
		d, u := submit.NewDuties(h.s), submit.NewDelivery(h.s)
		waits := func() (int, int) {
			h.must(d.Follow(h.ctx()))
			h.must(u.Follow(h.ctx()))
			n := 0
			for _, w := range u.Unreached(h.now.Add(time.Hour), time.Minute) {
				n += int(w.Count)
			}
			return len(d.Open(h.now)), n
		}
		h.platelets(odum, "1", "14", "final", 0)
		if a, b := waits(); a != 1 || b != 1 {
			t.Fatalf("the first: %d duties, %d unreached", a, b)
		}
		h.now = h.now.Add(10 * time.Minute)
		first := h.w4B.takes(p, "1", 1)
		h.now = h.now.Add(10 * time.Minute)
		h.platelets(odum, "2", "14", "final", 2)
		if a, b := waits(); a != 0 || b != 0 {
			t.Fatalf("the repeat: %d duties, %d unreached", a, b)
		}
		if c, _ := h.current(obs("2")); len(c.Tags) == 0 || c.Tags[0] != record.TagCritical {
			t.Errorf("a quiet repeat is not critical on the record: %v", c.Tags)
		}
		story.then(h, p, first)
		if a, b := waits(); a != story.open || b != story.open {
			t.Errorf("%s: %d duties, %d unreached, want %d", story.name, a, b, story.open)
		}
		fresh, err := h.s.OpenDuties(h.ctx())
		h.must(err)
		if len(fresh) != story.open || len(h.undelivered()) != story.open {
			t.Errorf("%s: a look at the whole says %d duties, %d unreached", story.name, len(fresh), len(h.undelivered()))
		}
	}
}

// which are duties in a line; how long a hold has run out is no matter.
func which(list []submit.OpenDuty) string {
	words := ""
	for _, o := range list {
		words += fmt.Sprint(o.Result.ID, " since ", o.Since.Format("15:04"), "; ")
	}
	return words
}

// In any history of repeats: what follows the journal says what a look at the whole
// says, whatever came first.
func TestQuietRepeatsAreFollowed(t *testing.T) {
	quiet := 0
	rapid.Check(t, func(rt *rapid.T) {
		h := open(t, nil)
		p := h.stays(odum, "v2", "4B")
		d, u := submit.NewDuties(h.s), submit.NewDelivery(h.s)
		h.platelets(odum, "1", "14", "final", 1)
		h.now = h.now.Add(5 * time.Minute)
		taken := []fhir.Ref{h.w4B.takes(p, "1", 1)}
		by := map[string]bool{} // results that somebody took at some time
		for range rapid.IntRange(4, 14).Draw(rt, "steps") {
			h.now = h.now.Add(5 * time.Minute)
			filler := fmt.Sprint(rapid.IntRange(1, 4).Draw(rt, "which"))
			switch rapid.IntRange(0, 4).Draw(rt, "what") {
			case 0, 1:
				h.platelets(odum, filler, rapid.SampledFrom([]string{"14", "14", "14", "15", "12", "80"}).Draw(rt, "value"), rapid.SampledFrom([]string{"final", "final", "final", "corrected"}).Draw(rt, "status"), int(filler[0]-'0'))
			case 2, 3:
				if c, ok := h.current(obs(filler)); ok {
					by[filler] = true
					taken = append(taken, h.w4B.takes(p, filler, c.Version))
				}
			case 4:
				if len(taken) > 0 {
					h.w4B.send(h.w4B.about("g.mensah", fhir.TaskWithdraw, p, taken[len(taken)-1], 1))
				}
			}
			if rapid.Bool().Draw(rt, "look") {
				h.must(d.Follow(h.ctx()))
				h.must(u.Follow(h.ctx()))
			}
		}
		h.must(d.Follow(h.ctx()))
		h.must(u.Follow(h.ctx()))
		fresh, err := h.s.OpenDuties(h.ctx())
		h.must(err)
		n := 0
		for _, w := range u.Unreached(h.now.Add(time.Hour), time.Minute) {
			n += int(w.Count)
		}
		if got := which(d.Open(h.now)); got != which(fresh) || n != len(h.undelivered()) {
			rt.Fatalf("followed: %v, %d; looked at: %v, %d", got, n, fresh, len(h.undelivered()))
		}
		for _, one := range []string{"1", "2", "3", "4"} {
			c, ok := h.current(obs(one))
			if ok && len(c.Tags) > 0 && c.Tags[0] == record.TagCritical && !by[one] && !slices.ContainsFunc(fresh, func(o submit.OpenDuty) bool { return o.Result == obs(one) }) {
				quiet++
			}
		}
	})
	if quiet == 0 {
		t.Error("no history had a quiet repeat: the test says little")
	}
}
