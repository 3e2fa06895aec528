package merge

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// Laboratory results have one owner, the sender, and the sender's own stamps
// order their versions. All versions are kept; the greatest in that order is
// current, whatever arrived first.

// resultRanks is how far a result has come (R4 value sets observation-status
// and diagnostic-report-status).
var resultRanks = map[string]int{
	"unknown": 0, "registered": 1, "preliminary": 2, "partial": 2, "final": 3,
	"amended": 4, "corrected": 4, "appended": 4, "cancelled": 5, "entered-in-error": 6,
}

const (
	rankFinal     = 3
	rankCorrected = 4
)

// laboratory says whether the sender's rules apply: what a connector writes,
// and what a connector wrote.
func (c *change) laboratory() bool {
	switch c.ref.Type {
	case fhir.TypeDiagnosticReport:
		return true
	case fhir.TypeObservation:
		if c.sender() {
			return true
		}
		o := c.current
		if o == nil {
			o = c.edited
		}
		return !atBedside(o)
	default:
		return false
	}
}

// atBedside says whether an observation is one that a ward writes: vital signs,
// and what a laboratory told on the phone.
func atBedside(o fhir.Object) bool {
	var category []fhir.CodeableConcept
	if json.Unmarshal(o["category"], &category) != nil {
		return false
	}
	return slices.ContainsFunc(category, func(c fhir.CodeableConcept) bool {
		return c.Has(fhir.SystemObservationCat, fhir.CategoryVitalSigns) || c.Has(fhir.SystemCategory, fhir.CategoryPhoned)
	})
}

// order is where a version stands among the versions of its result. A stamp
// that was not sent takes the next one's place, so that the order is total.
type order struct {
	stamps [3]int64
	rank   int
	body   []byte // last resort: content, so that every machine chooses alike
}

func orderOf(s *record.Stamps, o fhir.Object) order {
	var st record.Stamps
	if s != nil {
		st = *s
	}
	if st.Analysed == 0 {
		st.Analysed = st.Message
	}
	if st.StatusChanged == 0 {
		st.StatusChanged = st.Analysed
	}
	return order{
		stamps: [3]int64{st.StatusChanged, st.Analysed, st.Message},
		rank:   resultRanks[statusOf(o)],
		body:   content(o),
	}
}

func compareStamps(a, b order) int { return slices.Compare(a.stamps[:], b.stamps[:]) }

func compareOrder(a, b order) int {
	return cmp.Or(compareStamps(a, b), cmp.Compare(a.rank, b.rank), bytes.Compare(a.body, b.body))
}

// tied says that only content tells two versions apart.
func tied(a, b order) bool {
	return a.stamps == b.stamps && a.rank == b.rank && !bytes.Equal(a.body, b.body)
}

func statusOf(o fhir.Object) string { return word(string(o["status"]), "") }

// content is what the sender said, without stamps and without our remarks.
func content(o fhir.Object) []byte {
	rest := o.Clone()
	delete(rest, "meta")
	if l, ok := listOf("extension", rest["extension"]); ok {
		for _, k := range slices.Clone(l.keys) {
			if k == fhir.ExtStamps || k == extSeen || strings.HasPrefix(k, fhir.ExtFlag+"|") && ours[flagIn(k)] {
				l.drop(k)
			}
		}
		slices.Sort(l.keys)
		setField(rest, "extension", l.json())
	}
	return bodyOf(rest)
}

func flagIn(key string) string { return strings.TrimPrefix(key, fhir.ExtFlag+"|") }

// ours are the remarks that this file makes, and takes away again.
var ours = map[string]bool{FlagStatusBackwards: true, FlagNoEarlierFinal: true, FlagSameStamp: true}

func (c *change) applyLaboratory() Result {
	switch {
	case !c.sender():
		return refused("Laboratory results are changed by the laboratory only.", bodyOf(c.edited))
	case !c.isPut():
		return c.promote()
	case c.current == nil:
		body := withRemarks(c.edited, seenIn(c.edited), false)
		return Result{Outcome: record.Applied, Body: bodyOf(body), Stamps: c.Mutation.Stamps, Flags: flagsOf(body)}
	}
	mine, theirs := orderOf(c.Mutation.Stamps, c.edited), orderOf(c.Stamps, c.current)
	if compareOrder(mine, theirs) == 0 {
		return Result{Outcome: record.Applied, Stamps: c.Stamps}
	}
	seen := union(seenIn(c.current), seenIn(c.edited))
	if compareOrder(mine, theirs) < 0 {
		return c.olderVersion(seen, tied(mine, theirs))
	}
	body := withRemarks(c.edited, seen, tied(mine, theirs))
	return Result{Outcome: record.Applied, Body: bodyOf(body), Stamps: c.Mutation.Stamps, Flags: flagsOf(body)}
}

// olderVersion goes to history only; the current one may learn from it, such
// as that a final was seen after all.
func (c *change) olderVersion(seen []string, tie bool) Result {
	r := Result{Outcome: record.Merged, Loser: bodyOf(c.edited), Stamps: c.Stamps}
	r.Reason = "An older version arrived after a newer one; it is kept in the history."
	tie = tie || slices.Contains(flagsOf(c.current), FlagSameStamp)
	body := withRemarks(c.current, seen, tie)
	if !same(body, c.current) {
		r.Body = bodyOf(body)
	}
	r.Flags = flagsOf(body)
	return r
}

// promote is OBX-11 U: the preliminary result stands as it is and is final now.
func (c *change) promote() Result {
	ops := c.Mutation.Ops
	if len(ops) != 1 || ops[0].Kind != record.OpSet || ops[0].Field != "status" || string(ops[0].Value) != `"final"` {
		return refused("A laboratory sends a result whole, or declares it final.", bodyOf(c.edited))
	}
	at := compareStamps(orderOf(c.Mutation.Stamps, c.edited), orderOf(c.Stamps, c.current))
	switch rank := resultRanks[statusOf(c.current)]; {
	case at < 0: // it was said of an earlier value than the one that is current
		return Result{Outcome: record.Applied, Stamps: c.Stamps}
	case rank > rankCorrected && at > 0:
		return Result{
			Outcome: record.Refused, HeldBack: true,
			Reason: "The laboratory declares a result final that it took back.",
		}
	case rank >= rankFinal:
		return Result{Outcome: record.Applied, Stamps: c.Stamps}
	case rank < resultRanks["preliminary"]:
		return Result{
			Outcome: record.Refused, HeldBack: true,
			Reason: "The laboratory declares a result final whose value has not arrived.",
		}
	}
	body := withRemarks(c.edited, union(seenIn(c.current), seenIn(c.edited)), false)
	for _, flag := range unfinished {
		dropExtension(body, fhir.ExtFlag+"|"+flag)
	}
	// The value keeps its own stamps: a final or a correction between it and this declaration
	// that arrives late is newer than the value, and would else be lost behind it.
	return Result{Outcome: record.Applied, Body: bodyOf(body), Stamps: c.Stamps, Flags: flagsOf(body)}
}

// unfinished are what OBX-11 R and S say of a result beside that it is preliminary; once it
// is declared final they are no longer so.
var unfinished = []string{"not-verified", "partial-result"}

// seenIn are the statuses of all versions that a body knows of, from final on:
// no remark depends on an earlier one.
func seenIn(o fhir.Object) []string {
	seen := strings.Fields(fhir.ExtString(extensionsOf(o), extSeen))
	if s := statusOf(o); resultRanks[s] >= rankFinal {
		seen = union(seen, []string{s})
	}
	return seen
}

func union(a, b []string) []string {
	all := append(slices.Clone(a), b...)
	slices.Sort(all)
	return slices.Compact(all)
}

// withRemarks is o, current, with what follows from the statuses of all known
// versions. It depends on that set alone, so the order of arrival leaves no
// trace.
func withRemarks(o fhir.Object, seen []string, tie bool) fhir.Object {
	out := o.Clone()
	if o["extension"] == nil && len(seen) == 0 && !tie {
		return out // the usual result: nothing to add, nothing to take away
	}
	for flag := range ours {
		dropExtension(out, fhir.ExtFlag+"|"+flag)
	}
	dropExtension(out, extSeen)
	if news := slices.DeleteFunc(slices.Clone(seen), func(s string) bool { return s == statusOf(o) }); len(news) > 0 {
		putExtension(out, fhir.Extension{URL: extSeen, ValueString: fhir.Str(strings.Join(news, " "))})
	}
	is := resultRanks[statusOf(o)]
	highest, final := 0, false
	for _, s := range seen {
		highest = max(highest, resultRanks[s])
		final = final || resultRanks[s] == rankFinal
	}
	for flag, holds := range map[string]bool{
		FlagStatusBackwards: highest >= rankFinal && is < highest,
		FlagNoEarlierFinal:  is == rankCorrected && !final,
		FlagSameStamp:       tie,
	} {
		if holds {
			putExtension(out, fhir.Extension{URL: fhir.ExtFlag, ValueCode: fhir.Str(flag)})
		}
	}
	sortExtensions(out)
	return out
}

// sortExtensions gives the list one order, whatever was added first.
func sortExtensions(o fhir.Object) {
	editExtensions(o, func(l *list) { slices.Sort(l.keys) })
}

// flagsOf are the remarks of this file on a body, sorted.
func flagsOf(o fhir.Object) []string {
	var flags []string
	for _, e := range extensionsOf(o) {
		if e.URL == fhir.ExtFlag && e.ValueCode != nil && ours[*e.ValueCode] {
			flags = append(flags, *e.ValueCode)
		}
	}
	slices.Sort(flags)
	return flags
}
