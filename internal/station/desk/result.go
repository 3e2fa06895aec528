package desk

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/told"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// lateAfter is when a result says that it came late.
const lateAfter = 12 * time.Hour

// judged is a result as shown, with where it stands with people.
type judged struct {
	ward.Result
	duty  alert.Duty
	since time.Time // from when what it says has been available to us
}

// results are a patient's laboratory results, newest first. With deep, every
// one carries its earlier versions and the remarks of the change checks;
// without, only those whose duty may hang on one.
func (d *Desk) results(c *compartment, deep bool) ([]judged, error) {
	panels := panelsOf(c)
	acks := d.acksOf(c)
	who, ends := d.subject(c), d.stayEnds(c)
	calls, err := d.callBook(c, who, acks)
	if err != nil {
		return nil, err
	}
	out := make([]judged, 0, len(c.results))
	for i := range c.results {
		o := &c.results[i]
		r := judged{Result: d.result(c.r, o.View, o.Change, who)}
		r.Panel = panels[o.id()]
		d.giveLeaving(&r.Result, ends)
		list, line := acks[o.id()], calls.of(o.id())
		var hist []record.Change
		if deep || line != nil || r.Critical && o.Change.Version > 1 || needsHistory(o.View, list, o.Change.Version) {
			if hist, err = c.history(o.Change.Ref); err != nil {
				return nil, err
			}
		}
		editions := d.giveDuty(c.r, &r, o, hist, list, who)
		if line != nil {
			calls.describe(&r, line)
			calls.giveDuty(&r, line, calls.join(line, editions), list)
		}
		if calls.asked(o.id()) {
			r.Remarks = append(r.Remarks, words.T("it may be one that was phoned: say so, under Reviews"))
		}
		out = append(out, r)
	}
	d.giveQuiet(c, out, who, func(i int) bool { return calls.of(c.results[i].id()) != nil })
	out = append(out, besideSent(calls.alone(), out)...)
	slices.SortStableFunc(out, func(a, b judged) int {
		return cmp.Or(b.When().Compare(a.When()), b.Received.Compare(a.Received), cmp.Compare(a.Test, b.Test), cmp.Compare(a.ID, b.ID))
	})
	if deep {
		d.giveChanges(c, out)
	}
	return out, nil
}

// besideSent puts phoned results into the panel in which the laboratory sends that
// test.
func besideSent(calls, sent []judged) []judged {
	for i := range calls {
		for k := range sent {
			if calls[i].LOINC != "" && calls[i].LOINC == sent[k].LOINC && sent[k].Panel != "" {
				calls[i].Panel = sent[k].Panel
			}
		}
	}
	return calls
}

// maxEarlier bounds the results that a change check looks back at.
const maxEarlier = 40

// giveChanges adds what the change checks remark: "unexpected change: check
// identity and sample". They never hide a result.
func (d *Desk) giveChanges(c *compartment, out []judged) {
	byTest := map[string][]fhir.Observation{}
	views := map[fhir.ID]fhir.Observation{}
	for i := range c.results {
		o := c.results[i].View
		views[c.results[i].id()] = o
		if code := o.Code.Code(fhir.SystemLOINC); code != "" && len(byTest[code]) < maxEarlier {
			byTest[code] = append(byTest[code], o)
		}
	}
	for i := range out {
		if len(byTest[out[i].LOINC]) > 1 {
			out[i].Remarks = append(out[i].Remarks, d.timesAt(c, alert.RuleChange, out[i].Received).Remarks(views[out[i].ID], byTest[out[i].LOINC])...)
		}
	}
}

// plain are the results without what only the rules need.
func plainResults(list []judged) []ward.Result {
	out := make([]ward.Result, len(list))
	for i := range list {
		out[i] = list[i].Result
	}
	return out
}

func needsHistory(o fhir.Observation, acks []ack, v record.Version) bool {
	if o.Status == "corrected" || o.Status == "amended" {
		return true
	}
	return slices.ContainsFunc(acks, func(a ack) bool { return a.version != v })
}

// panelsOf says which report each result belongs to: by the report's own list,
// or by the request that both carry. A correction's report may name only what
// changed; the rest of the panel stays in it.
func panelsOf(c *compartment) map[fhir.ID]string {
	m, byRequest := map[fhir.ID]string{}, map[fhir.Identifier]string{}
	for _, r := range c.reports {
		name := r.View.Code.Words()
		for _, id := range requestOf(r.View.Identifier) {
			byRequest[id] = name
		}
		for _, ref := range r.View.Result {
			if to, ok := ref.Ref(); ok && to.Type == fhir.TypeObservation {
				m[to.ID] = name
			}
		}
	}
	for i := range c.results {
		o := &c.results[i]
		if m[o.id()] != "" {
			continue
		}
		for _, id := range requestOf(o.View.Identifier) {
			if name := byRequest[id]; name != "" {
				m[o.id()] = name
			}
		}
	}
	return m
}

// requestOf are the laboratory's request numbers among identifiers, bare, so
// that they compare.
func requestOf(list []fhir.Identifier) []fhir.Identifier {
	var out []fhir.Identifier
	for _, id := range list {
		if id.Value != "" && strings.HasPrefix(id.System, systemFiller) {
			out = append(out, fhir.Identifier{System: id.System, Value: id.Value})
		}
	}
	return out
}

// systemFiller begins the systems of laboratory request numbers (OBR-3), one
// for each sender.
const systemFiller = "urn:wardlight:filler:"

// result reads one Observation. Digits, unit and range stay as they were sent.
func (d *Desk) result(rd Reader, o fhir.Observation, ch record.Change, who alert.Subject) ward.Result {
	r := ward.Result{
		ID: ch.Ref.ID, Version: uint64(ch.Version), Test: o.Code.Words(), LOINC: o.Code.Code(fhir.SystemLOINC),
		Status: statusWord(o.Status), Received: d.received(ch.Times),
	}
	if r.Test == "" {
		r.Test = words.T("Test not named")
	}
	giveValue(&r, o)
	giveRange(&r, o.ReferenceRange)
	r.Collected, r.CollectedText = when(o.EffectiveDateTime, d.loc)
	r.Late = late(o.EffectiveDateTime, r.Collected, r.Received)
	for _, n := range o.Note {
		if n.Text != "" {
			r.Notes = append(r.Notes, saidNote(n.Text))
		}
	}
	for _, e := range o.Extension {
		if e.URL == fhir.ExtFlag && e.ValueCode != nil {
			r.Remarks = append(r.Remarks, remark(*e.ValueCode))
		}
	}
	d.judge(&r, o, ch.Body, who, d.rulesFor(rd, o, ch))
	return r
}

// late says that a result came late. Of a time without an hour the latest that
// it can be counts.
func late(sent string, collected, received time.Time) string {
	about := false
	if !collected.IsZero() && !strings.Contains(sent, "T") {
		collected, about = collected.AddDate(0, 0, 1), true
	}
	if collected.IsZero() || received.Sub(collected) <= lateAfter {
		return ""
	}
	if about {
		return words.F("came at least %s after it was collected", ward.Span(received.Sub(collected)))
	}
	return words.F("came %s after it was collected", ward.Span(received.Sub(collected)))
}

// giveLeaving says that a result came when the patient was in no bed any more.
func (d *Desk) giveLeaving(r *ward.Result, ends []time.Time) {
	said, left := d.cfg.Rules.AfterLeaving(r.Received, ends)
	said = alert.Said(said)
	if said == "" {
		return
	}
	r.Late = strings.TrimPrefix(r.Late+"; "+words.F("%s (left %s)", said, d.stampWords(left)), "; ")
}

// withdrawn says whether a result no longer stands for anything.
func withdrawn(status string) bool { return status == "entered-in-error" }

// judge gives the flag and what the critical table says.
func (d *Desk) judge(r *ward.Result, o fhir.Observation, body fhir.Resource, who alert.Subject, by judging) {
	r.Flag = sentFlag(o.Interpretation)
	if withdrawn(o.Status) || o.Status == "cancelled" {
		r.Flag = ward.FlagNone
		return
	}
	known := d.verdicts.of(by, o, body, who)
	v := known.said
	r.Critical, r.Urgent, r.MayBe, r.Why, r.Rule = v.Critical, v.Urgent, v.MayBe, words.SayEach(v.Why), string(v.Rule)
	r.UrgentBy = words.SayEach(v.UrgentBy)
	if v.Critical {
		r.Flag = criticalFlag(v.Direction, r.Flag)
	}
	if !v.NotJudged.IsZero() {
		r.Remarks = append(r.Remarks, v.NotJudged.Say())
	}
	if known.band {
		r.CritLow, r.CritHigh = decimalFloat(known.low), decimalFloat(known.high)
	}
	if v.Mismatch {
		r.Remarks = append(r.Remarks, words.T("the unit does not fit the test: ask the laboratory"))
	}
}

func criticalFlag(dir alert.Direction, sent ward.Flag) ward.Flag {
	switch {
	case dir == alert.High:
		return ward.FlagCriticalHigh
	case dir == alert.Low:
		return ward.FlagCriticalLow
	case sent == ward.FlagCriticalHigh || sent == ward.FlagCriticalLow:
		return sent
	}
	return ward.FlagCritical
}

// sentFlag is the sender's own flag (HL7 v3 ObservationInterpretation). No
// flag sent is no flag, and not "normal"; "<" and ">" are the instrument's
// ends, not low or high; R, S and I belong to susceptibility.
func sentFlag(list []fhir.CodeableConcept) ward.Flag {
	best, rank := ward.FlagNone, 0
	for _, c := range list {
		f, n := flagOf(c.Code(fhir.SystemInterpretation))
		if n > rank {
			best, rank = f, n
		}
	}
	return best
}

func flagOf(code string) (ward.Flag, int) {
	switch code {
	case "HH":
		return ward.FlagCriticalHigh, 4
	case "LL":
		return ward.FlagCriticalLow, 4
	case "AA":
		return ward.FlagCritical, 3
	case "H", "HU":
		return ward.FlagHigh, 2
	case "L", "LU":
		return ward.FlagLow, 2
	case "A":
		return ward.FlagAbnormal, 1
	}
	return ward.FlagNone, 0
}

// giveValue writes the value as it was sent, or why there is none.
func giveValue(r *ward.Result, o fhir.Observation) {
	switch {
	case o.ValueQuantity != nil && o.ValueQuantity.Value != nil:
		q := o.ValueQuantity
		r.Value, r.Unit = quantity(q), unitOf(q)
		if n, err := strconv.ParseFloat(string(*q.Value), 64); err == nil && q.Comparator == "" {
			r.Number, r.HasNumber = n, true
		}
	case o.ValueString != nil:
		r.Value, r.Unit = fhir.Said(o)
		r.Text = true
	case o.ValueCodeableConcept != nil:
		r.Value, r.Text = o.ValueCodeableConcept.Words(), true
	case o.ValueRange != nil:
		r.Value, r.Unit = rangeWords(o.ValueRange.Low, o.ValueRange.High), unitOf(cmp.Or(o.ValueRange.Low, o.ValueRange.High))
	case o.ValueRatio != nil:
		r.Value = quantity(o.ValueRatio.Numerator) + ":" + quantity(o.ValueRatio.Denominator)
	case o.ValueDateTime != "":
		_, r.Value = when(o.ValueDateTime, time.UTC)
	case o.ValueTime != "":
		r.Value = o.ValueTime
	case len(o.Component) > 0:
		r.Value, r.Text = components(o.Component), true
	}
	if _, document := fhir.ExtensionOf(o.Extension, fhir.ExtDocument); document && r.Value == "" {
		r.Value, r.Text = words.T("see the document"), true // which is the result
	}
	if r.Value == "" {
		r.Absent = absent(o)
	}
}

func quantity(q *fhir.Quantity) string {
	if q == nil || q.Value == nil {
		return ""
	}
	return q.Comparator + string(*q.Value)
}

func unitOf(q *fhir.Quantity) string {
	if q == nil {
		return ""
	}
	return cmp.Or(q.Unit, q.Code)
}

func components(list []fhir.ObservationComponent) string {
	var parts []string
	for _, c := range list {
		v := ""
		switch {
		case c.ValueQuantity != nil:
			v = strings.TrimSpace(quantity(c.ValueQuantity) + " " + unitOf(c.ValueQuantity))
		case c.ValueCodeableConcept != nil:
			v = c.ValueCodeableConcept.Words()
		case c.ValueString != nil:
			v = *c.ValueString
		}
		if v != "" {
			parts = append(parts, c.Code.Words()+" "+v)
		}
	}
	return strings.Join(parts, ", ")
}

// absent says why there is no value, in the sender's words where it gave some.
func absent(o fhir.Observation) string {
	if o.Status == "registered" {
		return words.T("in the laboratory, no result yet")
	}
	why := ""
	if o.DataAbsentReason != nil {
		why = o.DataAbsentReason.Text
		if why == "" {
			why = strings.ReplaceAll(o.DataAbsentReason.Code(fhir.SystemDataAbsent), "-", " ")
		}
	}
	if (why == "" || why == "not performed" || why == "unknown") && len(o.Note) > 0 && o.Note[0].Text != "" {
		why = o.Note[0].Text
	}
	if why == "" {
		return words.T("no result sent")
	}
	return words.F("no result: %s", why)
}

func giveRange(r *ward.Result, list []fhir.ReferenceRange) {
	if len(list) == 0 {
		return
	}
	rr := list[0]
	r.Range = rr.Text
	if r.Range == "" {
		r.Range = rangeWords(rr.Low, rr.High)
	}
	r.RangeLow, r.RangeHigh = float(rr.Low), float(rr.High)
}

func rangeWords(low, high *fhir.Quantity) string {
	lo, hi := quantity(low), quantity(high)
	switch {
	case lo != "" && hi != "":
		return lo + "–" + hi
	case lo != "":
		return "≥" + lo
	case hi != "":
		return "≤" + hi
	}
	return ""
}

func float(q *fhir.Quantity) *float64 {
	if q == nil || q.Value == nil {
		return nil
	}
	return decimalFloat(*q.Value)
}

// decimalFloat is a decimal for drawing; nil where it is none.
func decimalFloat(v fhir.Decimal) *float64 {
	f, err := strconv.ParseFloat(string(v), 64)
	if err != nil {
		return nil
	}
	return &f
}

// statusWord is what a person reads for an R4 observation-status.
func statusWord(code string) string {
	switch code {
	case "registered":
		return "in laboratory"
	case "entered-in-error":
		return "withdrawn"
	case "preliminary", "final", "amended", "corrected", "cancelled":
		return code
	}
	return "status not known"
}

// remarks are the machine-made flags that have words of their own.
var remarks = map[string]words.Key{
	"no-earlier-final":        words.K("no earlier final seen"),
	"status-went-backwards":   words.K("the status went backwards: both versions are kept"),
	"not-verified":            words.K("not verified"),
	"status-missing":          words.K("no status sent"),
	"ambiguous":               words.K("several values under one name: all are shown"),
	"cut-short-by-the-sender": words.K("cut short by its sender: the rest is not here"),
	"read-set-stale":          words.K("its author had not seen the newest allergies: check them"),
	"future":                  words.K("its time lies in the future"),
	"time-not-readable":       words.K("a time that was sent with it cannot be read"),
}

func remark(code string) string {
	if w, ok := remarks[code]; ok {
		return w.Say()
	}
	return strings.ReplaceAll(code, "-", " ")
}

// saidNote is a note of the record: what we wrote of what came with a message is said in
// the language in use, each line by itself; what a laboratory wrote stays as it is.
func saidNote(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = told.Notes.Say(lines[i])
	}
	return strings.Join(lines, "\n")
}
