package v2tofhir

import (
	"slices"
	"strconv"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/interop/hl7"
)

// ids names results. A result's identity is its sender, the filler's order
// number, the test, the sub-id and the specimen (never OBX-1, which senders
// count as they like, and never the order of arrival).
type ids struct{ who []string }

func newIDs(s record.Subject) *ids {
	i := &ids{who: []string{s.Family, s.BirthDate}}
	if len(s.Identifiers) > 0 {
		who := known(s)
		i.who = []string{who.System, who.Value}
	}
	return i
}

// name gives every result its id. Where several have one key and stand under
// panels of their own (OBR-4), the panel tells them apart. Where nothing does, each
// gets its place among them as well, and all are flagged: which of them a correction
// will mean cannot be known, so none may hide another.
func (m *message) name(all []*result, i *ids) {
	count, panels := map[fhir.ID]int{}, map[fhir.ID]map[fhir.ID]bool{}
	for _, r := range all {
		id := idOf("o", r.key...)
		r.obs.ID = id
		if r.order.obr.Exists() {
			report := m.reportID(r.order, i)
			r.within = &record.Within{Report: report, Alone: id, Unsampled: r.unsampled, InReport: idOf("o", append(slices.Clone(r.key), "panel", string(report))...)}
			if at := text(r.from.obx.Field(14)); at != "" {
				r.within.AtTime = idOf("o", append(slices.Clone(r.key), "panel", string(report), "at", at)...)
			}
		}
		if r.none {
			continue
		}
		if count[id]++; panels[id] == nil {
			panels[id] = map[fhir.ID]bool{}
		}
		if r.within != nil {
			panels[id][r.within.Report] = true
		}
	}
	shared := map[fhir.ID]int{}
	for _, r := range all {
		if len(panels[r.obs.ID]) > 1 && r.within != nil {
			r.key, r.obs.ID = append(r.key, "panel", string(r.within.Report)), r.within.InReport
		}
		if !r.none {
			shared[r.obs.ID]++
		}
	}
	nth := map[fhir.ID]int{}
	timed := toldApartByTime(all)
	for _, r := range all {
		id := r.obs.ID
		if r.none || shared[id] == 1 {
			continue
		}
		r.flag(FlagAmbiguous)
		if timed[id] {
			r.obs.ID = r.within.AtTime
			continue
		}
		r.within = nil
		if nth[id]++; nth[id] > 1 {
			r.obs.ID = idOf("o", append(slices.Clone(r.key), "#"+strconv.Itoa(nth[id]))...)
		}
	}
}

// toldApartByTime are the ids that several results have, each of a time of its own: the
// glucose of a day under one number. A correction names the time of the one that it means.
func toldApartByTime(all []*result) map[fhir.ID]bool {
	times, apart := map[fhir.ID]map[fhir.ID]bool{}, map[fhir.ID]bool{}
	for _, r := range all {
		id := r.obs.ID
		if r.none {
			continue
		}
		if times[id] == nil {
			times[id], apart[id] = map[fhir.ID]bool{}, true
		}
		if r.within == nil || r.within.AtTime == "" || times[id][r.within.AtTime] {
			apart[id] = false
			continue
		}
		times[id][r.within.AtTime] = true
	}
	return apart
}

// byDevice says whether a code is one of what a monitor measures again and again: an
// ISO/IEEE 11073 code, or a vital sign. Monitors give all that they send one order number,
// their own, and two readings of the heart at two times are never one (IHE PCD-01, OBR-3;
// OBX-14).
func byDevice(code fhir.CodeableConcept) bool {
	return code.Code(knownSystems["MDC"]) != "" || vitalSigns[code.Code(fhir.SystemLOINC)]
}

// measuredAt is OBX-14, else OBR-7, as it was sent.
func measuredAt(o *order, obx hl7.Segment) string {
	return orElse(text(obx.Field(14)), text(o.obr.Field(7)))
}

// allByDevice says whether an order holds a monitor's readings and nothing else.
func (m *message) allByDevice(o *order) bool {
	for _, x := range o.results {
		if code, _ := m.concept(x.obx.Field(3).Rep(1)); !byDevice(code) {
			return false
		}
	}
	return len(o.results) > 0
}
