package desk

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/words"
)

// Alerts are this ward's results that somebody must take, worst first: a
// critical value that nobody has, and a value that changed after somebody
// acted on the one before. Among them are those of patients who left, for as long
// as the ward keeps them.
func (d *Desk) Alerts(ctx context.Context) ([]ward.Alert, error) {
	const op = "desk.alerts"
	may, err := d.lists(op)
	if err != nil {
		return nil, err
	}
	ids, err := d.board.withAlerts(ctx, d, may)
	if err != nil {
		return nil, fault.Wrap(op, "", err)
	}
	kept := d.kept(may, func(v *derived) bool { return v.alerts != "" })
	out := []ward.Alert{}
	err = d.store.View(ctx, func(r Reader) error {
		return eachOf(r, ids, kept, func(c *compartment, left *ward.Leaving) error {
			list, err := d.alertsOf(c, left)
			out = append(out, list...)
			return err
		})
	})
	if err != nil {
		return nil, fault.Wrap(op, "", err)
	}
	for i := range out {
		d.board.similarTo(&out[i].Who)
	}
	for _, h := range d.heldBack(may) {
		if h.Open {
			out = append(out, h.Alert())
		}
	}
	slices.SortStableFunc(out, func(a, b ward.Alert) int {
		return cmp.Or(cmp.Compare(rank(a.Result.Critical), rank(b.Result.Critical)), a.Since.Compare(b.Since), cmp.Compare(a.Result.ID, b.Result.ID))
	})
	return out, nil
}

// alertsOf are one patient's; left says that they are of somebody who left.
func (d *Desk) alertsOf(c *compartment, left *ward.Leaving) ([]ward.Alert, error) {
	results, err := d.results(c, false)
	if err != nil {
		return nil, err
	}
	var out []ward.Alert
	plain := plainResults(results)
	for i := range results {
		r := &results[i]
		if !r.Open || left != nil && cameAfter(r, *left) {
			continue
		}
		out = append(out, ward.Alert{
			Who: d.identity(c), Early: c.early(d.vitalSets(c)), Allergies: d.allergies(c),
			Result: r.Result, Since: r.since, Ladder: d.rungs(c, r, left), Left: left,
			Context: d.facts(c, r.Result, plain), Trend: sameTest(plain, r.Result),
		})
	}
	return out, nil
}

// ladder is whom a critical result of this patient climbs to: on the ward for
// everybody who is staying, also when they are registered at a clinic too; at
// the clinic for those who are not (v3 ActCode AMB, VR). Of somebody who left for
// everywhere it is the clinic's only if they never stayed.
func (d *Desk) ladder(c *compartment) alert.Ladder {
	gone := !slices.ContainsFunc(c.encounters, func(e item[fhir.Encounter]) bool { return present(e.View.Status) })
	away := false
	for i := range c.encounters {
		e := &c.encounters[i].View
		if !gone && !present(e.Status) {
			continue
		}
		if e.Class == nil || e.Class.Code != "AMB" && e.Class.Code != "VR" {
			return d.cfg.Rules.Ladder(alert.LadderInpatient)
		}
		away = true
	}
	if away {
		return d.cfg.Rules.Ladder(alert.LadderRemote)
	}
	return d.cfg.Rules.Ladder(alert.LadderInpatient)
}

// trendResults bounds a card's trend.
const trendResults = 20

// sameTest is the results of the same test in the same unit, oldest first:
// like is joined with like only.
func sameTest(results []ward.Result, r ward.Result) []ward.Result {
	var out []ward.Result
	for _, x := range results {
		if len(out) < trendResults && sameKind(x, r) && !withdrawnWord(x.Status) {
			out = append(out, x)
		}
	}
	slices.Reverse(out)
	return out
}

func sameKind(x, r ward.Result) bool {
	if r.LOINC != "" || x.LOINC != "" {
		return x.LOINC == r.LOINC && (x.Unit == r.Unit || x.Unit == "")
	}
	return x.Test == r.Test && (x.Unit == r.Unit || x.Unit == "")
}

// facts are what may change the decision: kidney function, allergies, and what
// else came with this result.
func (d *Desk) facts(c *compartment, r ward.Result, results []ward.Result) []ward.Fact {
	var out []ward.Fact
	if r.Mismatch != "" {
		out = append(out, ward.Fact{Label: words.T("Phoned"), Words: r.Mismatch})
	}
	for _, p := range r.Phoned {
		out = append(out, ward.Fact{Label: words.T("Phoned"), Words: p.Words(d.now())})
	}
	if w := d.newest(results, creatinines, r); w != "" {
		out = append(out, ward.Fact{Label: words.T("Kidney"), Words: w})
	}
	out = append(out, ward.Fact{Label: words.T("Allergies"), Words: allergyWords(d.allergies(c)), Kind: ward.FactAllergies})
	if w := d.others(results, r); w != "" {
		out = append(out, ward.Fact{Label: words.T("Other new results"), Words: w})
	}
	return out
}

// creatinines: LOINC 14682-9 (moles) and 2160-0 (mass), serum or plasma.
var creatinines = []string{"14682-9", "2160-0"}

func (d *Desk) newest(results []ward.Result, codes []string, but ward.Result) string {
	for _, x := range results {
		if slices.Contains(codes, x.LOINC) && x.ID != but.ID && x.Value != "" && !withdrawnWord(x.Status) {
			return x.Test + " " + valueWords(x) + ", " + x.CollectedText
		}
	}
	return ""
}

// othersMax is how many accompanying results a card names.
const othersMax = 4

func (d *Desk) others(results []ward.Result, r ward.Result) string {
	var parts []string
	for _, x := range results {
		if len(parts) < othersMax && x.ID != r.ID && x.Flag != ward.FlagNone && x.Value != "" && !withdrawnWord(x.Status) && x.Collected.Equal(r.Collected) {
			parts = append(parts, x.Test+" "+valueWords(x))
		}
	}
	return strings.Join(parts, " · ")
}

func valueWords(x ward.Result) string {
	parts := []string{x.Brief()}
	if x.Unit != "" {
		parts = append(parts, x.Unit)
	}
	if x.Flag != ward.FlagNone {
		parts = append(parts, ward.Said(string(x.Flag)))
	}
	if !x.Confirmed() {
		parts = append(parts, "("+ward.Said(x.Status)+")")
	}
	return strings.Join(parts, " ")
}

// allergyWords is a banner's sentence (NHS Common User Interface, patient
// banner).
func allergyWords(a ward.AllergyLine) string {
	switch a.State {
	case ward.AllergyKnown:
		w := a.Worst
		if a.WorstHow != "" {
			w += ": " + a.WorstHow
		}
		return strings.Join(append([]string{w}, a.Others...), ", ")
	case ward.AllergyNone:
		return words.T("No known allergies")
	case ward.AllergyNotRecorded:
		return words.T("Allergies not recorded")
	default:
		return words.T("Allergies unavailable")
	}
}
