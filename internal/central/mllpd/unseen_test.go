package mllpd_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/mllpd"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/interop/hl7"
)

// Messages that nobody here has seen before: written as senders of many makes and
// countries write them, each with what it means by the standard, before it was run.
// They go the whole way but the socket: kept, translated, filed, answered. All people
// in them are invented.

// story is a few messages in the order of their arrival, and what must stand in the
// record after them. A line of want must be in what told says; one that begins with
// "!" must not.
type story struct {
	name string
	bare bool // without the admission that every other story begins with
	send [][]byte
	want string
}

const (
	maarja  = `PID|1||700001^^^NORTH^MR||Ilves^Maarja||19560314|F`
	onWard  = `PV1|1|I|4B^B01^12^NORTH||||||||||||||||V1^^^NORTH^VN|||||||||||||||||||||||||20261120080000`
	labVis  = `PV1|1|I|4B^B01^12^NORTH`
	obrUE   = `OBR|1|P7|R41^LAB|UE^Urea and electrolytes^L|||202611220900|||||||||||||||20261122100000|||F`
	labHead = `MSH|^~\&|LAB|NORTH|WL|NORTH|%s||ORU^R01^ORU_R01|%s|P|2.5.1|||AL|NE`
)

func admit() []byte { return adt("A01", "ADM1", "20261120080500", maarja, onWard) }

// lab is a result message of number id about Maarja, sent at ten past the hour.
func lab(id string, segs ...string) []byte {
	head := `MSH|^~\&|LAB|NORTH|WL|NORTH|20261122101000||ORU^R01^ORU_R01|` + id + `|P|2.5.1`
	return lines(append([]string{head, maarja, labVis}, segs...)...)
}

// results is a result message with these OBX in one order.
func results(obx ...string) [][]byte {
	return [][]byte{lab("L1", append([]string{obrUE}, obx...)...)}
}

// raw are the messages as they stand.
func raw(m ...[]byte) [][]byte { return m }

// stamped is an order of which the status changed at a time of that day (hhmm), with
// one potassium.
func stamped(id, hhmm, report, obx string) []byte {
	obr := strings.Replace(strings.Replace(obrUE, "20261122100000", "20261122"+hhmm+"00", 1), "|||F", "|||"+report, 1)
	return lines(`MSH|^~\&|LAB|NORTH|WL|NORTH|20261122`+hhmm+`30||ORU^R01^ORU_R01|`+id+`|P|2.5.1`, maarja, labVis, obr, obx)
}

func kNM(value, status string) string {
	return `OBX|1|NM|2823-3^Potassium^LN||` + value + `|mmol/L^mmol/L^UCUM|3.5-5.3||||` + status
}

func unseen(t *testing.T, stories []story) {
	t.Helper()
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			d := open(t, nil)
			var answers []string
			send := s.send
			if !s.bare {
				d.s.Receive(context.Background(), mllpd.Line{}, admit())
			}
			for _, m := range send {
				a, row := d.s.Receive(context.Background(), mllpd.Line{}, m)
				answers = append(answers, answerWords(t, a, row))
			}
			got := "answers: " + strings.Join(answers, ", ") + "\n" + d.told()
			for _, want := range strings.Split(strings.TrimSpace(s.want), "\n") {
				want = strings.TrimSpace(want)
				not, no := strings.CutPrefix(want, "!")
				if no && strings.Contains(got, strings.TrimSpace(not)) || !no && !strings.Contains(got, want) {
					t.Errorf("want %s\ngot\n%s", want, got)
				}
			}
		})
	}
}

func answerWords(t *testing.T, a []byte, row record.Inbound) string {
	t.Helper()
	if a == nil {
		return "none"
	}
	m, err := hl7.Parse(a)
	if err != nil {
		t.Fatalf("the answer cannot be read: %v", err)
	}
	words := m.Get("MSA-1").Text() + " " + m.Get("MSA-2").Text()
	if e := m.Get("ERR-3.1").Text(); e != "" {
		words += " " + e + " (" + row.Reason + ")"
	}
	return words
}

// told is the record in words, one line for each thing.
func (d *door) told() string {
	d.Helper()
	var list []string
	err := d.j.View(context.Background(), func(r journal.Reader) error {
		for c, err := range r.All("", "") {
			if err != nil {
				return err
			}
			if words := thing(d, r, c); words != "" {
				list = append(list, words)
			}
		}
		return nil
	})
	if err != nil {
		d.Fatal(err)
	}
	slices.Sort(list)
	for _, row := range d.rows() {
		list = append(list, fmt.Sprintf("row %s %s: %s; %s; notes %s", row.ControlID, row.Fate, row.Reason, row.Owner, strings.Join(row.Notes, " / ")))
	}
	return strings.Join(list, "\n")
}

func read[T any](d *door, c record.Change) T {
	d.Helper()
	v, err := fhir.View[T](c.Body)
	if err != nil {
		d.Fatal(err)
	}
	return v
}

func thing(d *door, r journal.Reader, c record.Change) string {
	d.Helper()
	versions := 0
	var old []string
	for v, err := range r.History(c.Ref) {
		if err != nil {
			d.Fatal(err)
		}
		versions++
		if c.Ref.Type == fhir.TypeObservation && v.Version != c.Version {
			o := read[fhir.Observation](d, v)
			old = append(old, o.Status+" "+valueOfObs(o))
		}
	}
	switch c.Ref.Type {
	case fhir.TypePatient:
		return patientWords(read[fhir.Patient](d, c), c)
	case fhir.TypeEncounter:
		e := read[fhir.Encounter](d, c)
		w := "stay " + firstID(e.Identifier) + ": " + e.Status
		if e.Class != nil {
			w += " " + e.Class.Code
		}
		w += " ward " + fhir.ExtString(e.Extension, fhir.ExtWard) + " bed " + fhir.ExtString(e.Extension, fhir.ExtBed)
		if e.Period != nil {
			w += "; " + e.Period.Start + " to " + e.Period.End
		}
		for _, p := range e.Participant {
			w += "; " + p.Type[0].Coding[0].Code + " " + p.Individual.Display
		}
		for _, x := range e.Diagnosis {
			w += "; diagnosis"
			if x.Use != nil {
				w += " " + x.Use.Coding[0].Code
			}
			w += fmt.Sprintf(" rank %d", x.Rank)
		}
		return w + extWords(e.Extension)
	case fhir.TypeObservation:
		w := observationWords(read[fhir.Observation](d, c))
		if slices.Contains(c.Tags, record.TagCritical) {
			w += "; CRITICAL"
		}
		if len(old) > 0 {
			w += "; before: " + strings.Join(old, ", ")
		}
		return w
	case fhir.TypeDiagnosticReport:
		rep := read[fhir.DiagnosticReport](d, c)
		return fmt.Sprintf("report %s: %s; %d results; %s%s", rep.Code.Words(), rep.Status, len(rep.Result), rep.Conclusion, extWords(rep.Extension))
	case fhir.TypeAllergyIntolerance:
		a := read[fhir.AllergyIntolerance](d, c)
		w := "allergy " + a.Code.Words() + ": " + strings.Join(a.Category, " ") + " " + a.Criticality
		if a.VerificationStatus != nil {
			w += " " + a.VerificationStatus.Coding[0].Code
		}
		if a.ClinicalStatus != nil {
			w += " " + a.ClinicalStatus.Coding[0].Code
		}
		for _, x := range a.Reaction {
			for _, m := range x.Manifestation {
				w += "; " + m.Words() + " " + x.Severity
			}
		}
		for _, n := range a.Note {
			w += "; note " + n.Text
		}
		if a.Code.Has(fhir.SystemSNOMED, fhir.CodeNoKnownAllergies) {
			w += "; NONE KNOWN"
		}
		return w
	case fhir.TypeTask:
		k := read[fhir.Task](d, c)
		return "warning " + k.Status + ": " + k.Description
	}
	return ""
}

func patientWords(p fhir.Patient, c record.Change) string {
	w := "patient"
	for _, id := range p.Identifier {
		w += " " + id.System[strings.LastIndexByte(id.System, ':')+1:] + "|" + id.Value
	}
	for _, n := range p.Name {
		w += "; " + n.Use + ": " + n.Family + ", " + strings.Join(n.Given, " ")
		if len(n.Prefix)+len(n.Suffix) > 0 {
			w += " [" + strings.Join(n.Prefix, " ") + "/" + strings.Join(n.Suffix, " ") + "]"
		}
	}
	w += "; born " + p.BirthDate + "; " + p.Gender
	if p.Active != nil && !*p.Active {
		w += "; retired"
	}
	if p.DeceasedDateTime != "" {
		w += "; died " + p.DeceasedDateTime
	}
	if p.DeceasedBoolean != nil {
		w += fmt.Sprintf("; dead %v", *p.DeceasedBoolean)
	}
	if _, ok := fhir.ExtensionOf(p.Extension, fhir.ExtTemporary); ok {
		w += "; temporary"
	}
	return w
}

func firstID(list []fhir.Identifier) string {
	if len(list) == 0 {
		return "without a number"
	}
	return list[0].Value
}

func observationWords(o fhir.Observation) string {
	name := o.Code.Words()
	if len(o.Code.Coding) > 0 {
		name = o.Code.Coding[0].Code
	}
	w := "result " + name + ": " + valueOfObs(o) + "; " + o.Status
	for _, i := range o.Interpretation {
		if len(i.Coding) > 0 {
			w += " " + i.Coding[0].Code
		} else {
			w += " '" + i.Text + "'"
		}
	}
	w += "; at " + o.EffectiveDateTime
	for _, r := range o.ReferenceRange {
		w += "; range " + r.Text
		if r.Low != nil {
			w += " low " + string(*r.Low.Value)
		}
		if r.High != nil {
			w += " high " + string(*r.High.Value)
		}
	}
	if o.DataAbsentReason != nil {
		w += "; absent " + o.DataAbsentReason.Coding[0].Code
	}
	if o.Specimen != nil {
		w += "; of " + o.Specimen.Display
	}
	for _, n := range o.Note {
		w += "; note " + strings.ReplaceAll(n.Text, "\n", "/")
	}
	return w + extWords(o.Extension)
}

func valueOfObs(o fhir.Observation) string {
	q := func(q *fhir.Quantity) string {
		if q == nil || q.Value == nil {
			return "?"
		}
		s := q.Comparator + string(*q.Value) + " " + q.Unit
		if q.Code != "" {
			s += " {" + q.Code + "}"
		}
		return strings.TrimSpace(s)
	}
	switch {
	case o.ValueQuantity != nil:
		return q(o.ValueQuantity)
	case o.ValueRange != nil:
		return q(o.ValueRange.Low) + " to " + q(o.ValueRange.High)
	case o.ValueRatio != nil:
		return q(o.ValueRatio.Numerator) + " : " + q(o.ValueRatio.Denominator)
	case o.ValueCodeableConcept != nil:
		return "code " + o.ValueCodeableConcept.Words()
	case o.ValueString != nil:
		return "'" + strings.ReplaceAll(*o.ValueString, "\n", "/") + "'"
	case o.ValueTime != "":
		return "time " + o.ValueTime
	case o.ValueDateTime != "":
		return "on " + o.ValueDateTime
	}
	return "nothing"
}

// extWords are the extensions that change how something is read.
func extWords(list []fhir.Extension) string {
	var w []string
	for _, e := range list {
		url := e.URL[strings.LastIndexAny(e.URL, ":/")+1:]
		switch {
		case e.URL == fhir.ExtFlag && e.ValueCode != nil:
			w = append(w, *e.ValueCode)
		case e.ValueDocument != nil:
			w = append(w, "document "+e.ValueDocument.ContentType)
		case e.ValueString != nil && e.URL != fhir.ExtWard && e.URL != fhir.ExtBed:
			w = append(w, url+"="+*e.ValueString)
		}
	}
	if w == nil {
		return ""
	}
	return "; marks " + strings.Join(w, " ")
}
