package merge

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// Appointments are the one thing that only one of two people can have: the
// first that central accepts holds the slot, and the other is offered the next
// one. So this row alone depends on the order of arrival.

// FlagSlotTaken is the remark on an appointment whose slot was taken before it
// arrived: what it says now is an offer, and nobody has agreed to it.
const FlagSlotTaken = "slot-taken"

// holding are the statuses of an appointment that keep others out of its slot
// (R4 value set appointmentstatus).
var holding = map[string]bool{
	"proposed": true, "pending": true, "booked": true, "arrived": true, "checked-in": true, "fulfilled": true,
}

// booking is what is read of an Appointment.
type booking struct {
	ID          fhir.ID          `json:"id"`
	Status      string           `json:"status"`
	Start       string           `json:"start"`
	End         string           `json:"end"`
	Slot        []fhir.Reference `json:"slot"`
	Participant []struct {
		Actor *fhir.Reference `json:"actor"`
	} `json:"participant"`
}

// slot is what is read of a Slot.
type slot struct {
	ID       fhir.ID         `json:"id"`
	Status   string          `json:"status"`
	Schedule *fhir.Reference `json:"schedule"`
	Start    string          `json:"start"`
	End      string          `json:"end"`
}

// Book is what becomes of an appointment that somebody asks for, given those
// that were accepted before it and the slots that exist. Where its slot is
// taken it is offered the next free one of the same schedule; where there is
// none it waits without a time. What was asked for is the Loser, kept in
// history.
func Book(wanted fhir.Resource, accepted, slots []fhir.Resource) Result {
	want, err := fhir.View[booking](wanted)
	if err != nil {
		return refused("The appointment cannot be read. Nothing was changed.", nil)
	}
	taken := takenBy(want.ID, accepted)
	if !holding[want.Status] || !slices.ContainsFunc(taken, func(b booking) bool { return clash(want, b) }) {
		return Result{Outcome: record.Applied, Body: wanted}
	}
	o, err := fhir.Parse(wanted)
	if err != nil {
		return refused("The appointment cannot be read. Nothing was changed.", nil)
	}
	r := Result{Outcome: record.Merged, Loser: wanted, Flags: []string{FlagSlotTaken}}
	if next, ok := nextFree(want, taken, slots); ok {
		offer(o, next)
		r.Reason = "The slot was taken before this arrived. The next free one is offered."
	} else {
		setField(o, "status", []byte(`"waitlist"`))
		for _, field := range []string{"slot", "start", "end"} {
			delete(o, field)
		}
		r.Reason = "The slot was taken before this arrived, and no other is free. The request waits."
	}
	putExtension(o, fhir.Extension{URL: fhir.ExtFlag, ValueCode: fhir.Str(FlagSlotTaken)})
	r.Body = bodyOf(o)
	return r
}

func takenBy(mine fhir.ID, accepted []fhir.Resource) []booking {
	var out []booking
	for _, body := range accepted {
		if b, err := fhir.View[booking](body); err == nil && b.ID != mine && holding[b.Status] {
			out = append(out, b)
		}
	}
	return out
}

// clash says whether two bookings want the same: one slot, or one room, device
// or person other than the patient at overlapping times.
func clash(a, b booking) bool {
	for _, x := range a.Slot {
		for _, y := range b.Slot {
			if x.Reference != "" && x.Reference == y.Reference {
				return true
			}
		}
	}
	if !overlap(a.Start, a.End, b.Start, b.End) {
		return false
	}
	for _, x := range a.Participant {
		for _, y := range b.Participant {
			if x.Actor != nil && y.Actor != nil && x.Actor.Reference == y.Actor.Reference &&
				x.Actor.Reference != "" && !strings.HasPrefix(x.Actor.Reference, string(fhir.TypePatient)+"/") {
				return true
			}
		}
	}
	return false
}

func overlap(a, aEnd, b, bEnd string) bool {
	t := [4]time.Time{}
	for i, s := range []string{a, aEnd, b, bEnd} {
		at, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			return false
		}
		t[i] = at
	}
	return t[0].Before(t[3]) && t[2].Before(t[1])
}

// nextFree is the first free slot of the same schedule that begins no earlier
// than the one that was wanted.
func nextFree(want booking, taken []booking, slots []fhir.Resource) (slot, bool) {
	var all []slot
	schedule, from := "", ""
	for _, body := range slots {
		s, err := fhir.View[slot](body)
		if err != nil {
			continue
		}
		all = append(all, s)
		if slices.ContainsFunc(want.Slot, func(r fhir.Reference) bool { return r.Reference == slotRef(s) }) && s.Schedule != nil {
			schedule, from = s.Schedule.Reference, s.Start
		}
	}
	slices.SortFunc(all, func(a, b slot) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.ID, b.ID)) })
	for _, s := range all {
		if schedule == "" || s.Schedule == nil || s.Schedule.Reference != schedule || s.Start < from || s.Status != "" && s.Status != "free" {
			continue
		}
		try := want
		try.Slot, try.Start, try.End = []fhir.Reference{{Reference: slotRef(s)}}, s.Start, s.End
		if !slices.ContainsFunc(taken, func(b booking) bool { return clash(try, b) }) {
			return s, true
		}
	}
	return slot{}, false
}

func slotRef(s slot) string { return fhir.Ref{Type: fhir.TypeSlot, ID: s.ID}.String() }

// offer makes an appointment say another slot. Nobody has agreed to it yet.
func offer(o fhir.Object, s slot) {
	set := func(field string, v any) {
		if raw, err := json.Marshal(v); err == nil {
			if canon, err := fhir.Canonical(raw); err == nil {
				setField(o, field, canon)
			}
		}
	}
	set("status", "proposed")
	set("slot", []fhir.Reference{{Reference: slotRef(s)}})
	set("start", s.Start)
	set("end", s.End)
}
