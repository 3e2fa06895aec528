package merge

import (
	"encoding/json"
	"strings"

	"wardlight/internal/clinical/fhir"
)

// policy is what one resource type wants of a merge.
type policy struct {
	rules map[string]rule // by element
	other rule            // for elements without a rule of their own
	held  []string        // elements that end the whole entry, see hold
	moves bool            // status, place and period are one movement (Encounter)
}

func (p policy) rule(at path) rule {
	if r, ok := p.rules[at.field]; ok {
		return r
	}
	return p.other
}

// substance says whether changing this element means that the author relied on
// the entry being right.
func (p policy) substance(at path) bool {
	switch at.field {
	case "meta", "text", "extension", "recorder", "recordedDate":
		return false
	}
	for _, field := range p.held {
		if at.field == field {
			return false
		}
	}
	return true
}

// rule is what one element wants of a merge. The zero rule: several values are
// a dispute, and the one in force is one that is there, by content.
type rule struct {
	// rank orders what values say, higher first in force. Nil: all alike.
	rank func(raw string) int
	// wins: a value of higher rank makes one of lower rank moot.
	wins bool
	// over is a partial order of its own, where rank is not enough.
	over func(a, b value) bool
	// ends: values of negative rank end the entry. They make nothing moot but
	// one another, and nothing but one another makes them moot.
	ends bool
	// alike: values that say the same to a person; all are kept, and only a
	// difference in what they say is a dispute.
	alike func(a, b string) bool
	// pick: one of several values is as good as another; no dispute.
	pick bool
	// quiet: several values are all shown, and need no decision.
	quiet bool
}

// decide says whether a person has to choose among these values.
func (r rule) decide(vs []value) bool {
	if r.pick || r.quiet || len(vs) < 2 {
		return false
	}
	for _, v := range vs[1:] {
		if r.alike == nil || !r.alike(vs[0].raw, v.raw) {
			return true
		}
	}
	return false
}

func (r rule) rankOf(raw string) int {
	if r.rank == nil {
		return 0
	}
	return r.rank(raw)
}

func (r rule) negative(v value) bool { return r.ends && r.rankOf(v.raw) < 0 }

// beats says that a makes b moot: a strict partial order, whatever the policy.
func (r rule) beats(a, b value) bool {
	switch {
	case r.negative(a) != r.negative(b):
		return false
	case b.held && !a.held:
		return true
	case a.held != b.held:
		return false
	case r.over != nil:
		return r.over(a, b)
	}
	return r.wins && r.rankOf(a.raw) > r.rankOf(b.raw)
}

// prune leaves the values that no other makes moot.
func (r rule) prune(vs []value) []value {
	var out []value
	for _, v := range vs {
		moot := false
		for _, other := range vs {
			moot = moot || r.beats(other, v)
		}
		if !moot {
			out = append(out, v)
		}
	}
	if r.pick && len(out) > 1 {
		return []value{r.inForce(out)}
	}
	return out
}

// inForce chooses by content: the higher rank, then what is there before what
// is not, then the smaller bytes.
func (r rule) inForce(vs []value) value {
	best := vs[0]
	for _, v := range vs[1:] {
		if r.safer(v, best) {
			best = v
		}
	}
	return best
}

func (r rule) safer(a, b value) bool {
	ra, rb := r.rankOf(a.raw), r.rankOf(b.raw)
	switch {
	case ra != rb:
		return ra > rb
	case (a.raw == "") != (b.raw == ""):
		return a.raw != ""
	case a.raw != b.raw:
		return a.raw < b.raw
	}
	return a.round > b.round
}

// word is the code that a value carries: a plain string, or a concept's code in
// this system.
func word(raw, system string) string {
	var s string
	if json.Unmarshal([]byte(raw), &s) == nil {
		return s
	}
	var c fhir.CodeableConcept
	if json.Unmarshal([]byte(raw), &c) != nil {
		return ""
	}
	return c.Code(system)
}

// ranking makes a rank out of codes. Unknown codes, and no code, have rank zero.
func ranking(system string, ranks map[string]int) func(string) int {
	return func(raw string) int { return ranks[word(raw, system)] }
}

// bookkeeping are elements of every type whose disagreement means nothing.
var bookkeeping = map[string]rule{
	"meta":          {pick: true},
	"text":          {pick: true}, // a rendering of the rest
	"implicitRules": {pick: true},
	"language":      {pick: true},
}

func withBookkeeping(rules map[string]rule) map[string]rule {
	for field, r := range bookkeeping {
		rules[field] = r
	}
	return rules
}

// policyOf is the row of the policy table for a resource.
func policyOf(t fhir.Type, o fhir.Object) policy {
	switch t {
	case fhir.TypeTask:
		return taskPolicy(o)
	case fhir.TypeObservation:
		return vitalsPolicy
	default: // the table below
	}
	if p, ok := policies[t]; ok {
		return p
	}
	return defaultPolicy
}

// ended are the statuses that end an entry of any type.
var ended = ranking("", map[string]int{
	"entered-in-error": -2, "cancelled": -1, "revoked": -1, "stopped": -1, "inactive": -1,
	"not-done": -1, "retracted": -1, "rejected": -1,
})

// defaultPolicy: different elements merge, one element changed twice is a
// dispute, ending an entry against changing it is a dispute, and it lives on
// meanwhile.
var defaultPolicy = policy{
	rules: withBookkeeping(map[string]rule{"status": {rank: ended, ends: true}}),
	held:  []string{"status"},
}

// flagPolicy: the more protective stays in force until somebody decides, so an
// end never silently beats a change, and of two ends the milder counts.
var flagPolicy = policy{
	rules: withBookkeeping(map[string]rule{"status": {rank: ranking("", map[string]int{
		"active": 1, "inactive": -1, "entered-in-error": -2,
	}), ends: true}}),
	held: []string{"status"},
}

// consentPolicy: the more protective stays in force until somebody decides: a
// refusal before a permission, and what stands before its end.
var consentPolicy = policy{
	rules: withBookkeeping(map[string]rule{
		"status": {rank: ranking("", map[string]int{
			"rejected": 2, "active": 1, "inactive": -1, "entered-in-error": -2,
		}), ends: true},
		"provision": {rank: provisionRank},
	}),
	held: []string{"status"},
}

// provisionRank is how much a Consent's provision protects (R4 value set
// consent-provision-type). One that is not there permits nothing.
func provisionRank(raw string) int {
	var p struct {
		Type string `json:"type"`
	}
	if raw == "" || json.Unmarshal([]byte(raw), &p) != nil {
		return 1
	}
	return map[string]int{"deny": 2, "permit": -1}[p.Type]
}

// notePolicy: what each person wrote is kept and shown together. Which of two
// moments it was sent at is nobody's question.
var notePolicy = policy{
	rules: withBookkeeping(map[string]rule{
		"status": {rank: ended, ends: true},
		"sent":   {pick: true},
		"sender": {quiet: true},
	}),
	held: []string{"status"},
}

// orderPolicy: revoking wins until the thing has been done; then it is done,
// and the wish to revoke is kept in history.
var orderPolicy = policy{rules: withBookkeeping(map[string]rule{
	"status": {wins: true, rank: ranking("", map[string]int{
		"unknown": 1, "draft": 2, "active": 3, "on-hold": 4, "revoked": 5, "entered-in-error": 6, "completed": 7,
	})},
	"statusReason": {quiet: true},
})}

// medicinePolicy: stopping wins over any change; two changes are a dispute.
var medicinePolicy = policy{rules: withBookkeeping(map[string]rule{
	"status": {wins: true, rank: ranking("", map[string]int{
		"unknown": 1, "draft": 2, "active": 3, "on-hold": 4, "completed": 5, "entered-in-error": 6, "cancelled": 7, "stopped": 8,
	})},
	"statusReason": {quiet: true},
})}

// patientPolicy: element by element. Every element changed twice goes to a
// person, and name, birth date, sex and identifiers above all.
var patientPolicy = policy{rules: withBookkeeping(map[string]rule{
	"active": {rank: func(raw string) int { return strings.Count(raw, "true") }},
})}

// vitalsPolicy: append only; being entered in error is the one change.
var vitalsPolicy = policy{rules: withBookkeeping(map[string]rule{
	"status": {wins: true, rank: ranking("", map[string]int{"entered-in-error": 1})},
})}

var policies = map[fhir.Type]policy{
	fhir.TypeAllergyIntolerance:  allergyPolicy,
	fhir.TypeCondition:           conditionPolicy,
	fhir.TypeServiceRequest:      orderPolicy,
	fhir.TypeMedicationRequest:   medicinePolicy,
	fhir.TypeMedicationStatement: medicinePolicy,
	fhir.TypeCommunication:       notePolicy,
	fhir.TypePatient:             patientPolicy,
	fhir.TypeEncounter:           encounterPolicy,
	fhir.TypeFlag:                flagPolicy,
	fhir.TypeConsent:             consentPolicy,
}

// allergyPolicy: union; the more severe and the more certain wins, element by
// element. Refuting against refining is a dispute, and the allergy stays in
// force.
var allergyPolicy = policy{
	rules: withBookkeeping(map[string]rule{
		"verificationStatus": {wins: true, ends: true, rank: ranking(fhir.SystemAllergyVerified, map[string]int{
			"confirmed": 3, "presumed": 2, "unconfirmed": 1, "refuted": -1, "entered-in-error": -2,
		})},
		"clinicalStatus": {wins: true, ends: true, rank: ranking(fhir.SystemAllergyClinical, map[string]int{
			"active": 1, "inactive": -1, "resolved": -2,
		})},
		"criticality":  {wins: true, rank: ranking("", map[string]int{"high": 3, "unable-to-assess": 2, "low": 1})},
		"type":         {wins: true, rank: ranking("", map[string]int{"allergy": 2, "intolerance": 1})},
		"reaction":     {wins: true, rank: reactionRank},
		"recorder":     {pick: true},
		"recordedDate": {pick: true},
	}),
	held: []string{"verificationStatus", "clinicalStatus"},
}

// conditionPolicy: ending a problem against changing it is a dispute, and the problem
// stays in force until somebody decides; of two ends the milder counts meanwhile. Two
// people who say differently how sure it is have said two things, and a person decides;
// when it ended, and who wrote it down, is nobody's question.
var conditionPolicy = policy{
	rules: withBookkeeping(map[string]rule{
		"verificationStatus": {ends: true, rank: ranking(fhir.SystemConditionVerified, map[string]int{
			"confirmed": 4, "differential": 3, "provisional": 2, "unconfirmed": 1, "refuted": -1, "entered-in-error": -2,
		})},
		"clinicalStatus": {ends: true, rank: ranking(fhir.SystemConditionClinical, map[string]int{
			"active": 3, "recurrence": 2, "relapse": 2, "inactive": -1, "remission": -1, "resolved": -2,
		})},
		"abatementDateTime": {pick: true},
		"recorder":          {pick: true},
		"recordedDate":      {pick: true},
	}),
	held: []string{"verificationStatus", "clinicalStatus"},
}

func reactionRank(raw string) int {
	var r fhir.AllergyReaction
	if json.Unmarshal([]byte(raw), &r) != nil {
		return 0
	}
	return map[string]int{"mild": 1, "moderate": 2, "severe": 3}[r.Severity]
}
