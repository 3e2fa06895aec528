package desk

import (
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/words"
)

// limit is what a typed value usually keeps to: outside it is asked about. What is
// not possible at all is ward.Slips.
type limit struct {
	sign             sign
	words            words.Key // "Pulse"; what is stored has it in English
	loinc            string
	unit, ucum       string
	softLow, softTop float64
}

// limits is the table of entry checks. They catch slips of the hand; they are
// no clinical limits.
var limits = []limit{
	{signRespirations, words.K("Respirations"), loincRespirations, "/min", "/min", 5, 60},
	{signSpO2, words.K("SpO2"), loincSpO2, "%", "%", 70, 100},
	{signSystolic, words.K("Systolic pressure"), loincSystolic, "mmHg", "mm[Hg]", 60, 250},
	{signDiastolic, words.K("Diastolic pressure"), loincDiastolic, "mmHg", "mm[Hg]", 25, 150},
	{signPulse, words.K("Pulse"), loincPulse, "/min", "/min", 30, 180},
	{signTemperature, words.K("Temperature"), loincTemperature, "°C", "Cel", 33, 42},
	{signPain, words.K("Pain"), "", "", "{score}", 0, 10},
}

// typed are the digits of a set by sign.
func typed(s ward.VitalSet) map[sign]string {
	return map[sign]string{
		signRespirations: s.Respirations, signSpO2: s.SpO2, signSystolic: s.Systolic, signDiastolic: s.Diastolic,
		signPulse: s.Pulse, signTemperature: s.Temperature, signPain: s.Pain,
	}
}

// recordVitals saves a set of observations: one Observation for each sign,
// joined by the set's id, all in one commit.
func (n *pen) recordVitals(c ward.RecordVitals) error {
	set := c.Set
	trimSet(&set)
	if set.At.IsZero() {
		set.At = n.d.now()
	}
	if err := n.checkSet(set); err != nil {
		return err
	}
	if !c.Confirmed {
		if n.ask = n.improbable(set); len(n.ask) > 0 {
			return nil
		}
	}
	if n.recordedAlready(set) {
		return nil
	}
	return n.writeSet(set)
}

func trimSet(s *ward.VitalSet) {
	for _, f := range []*string{
		&s.Respirations, &s.SpO2, &s.Systolic, &s.Diastolic, &s.Pulse, &s.Consciousness, &s.Temperature, &s.Pain, &s.Urine,
	} {
		*f = strings.TrimSpace(*f)
	}
	s.Consciousness = strings.ToUpper(s.Consciousness)
}

// checkSet refuses what is not possible.
func (n *pen) checkSet(s ward.VitalSet) error {
	var wrong []string
	for _, slip := range ward.Slips(s) {
		wrong = append(wrong, slip.Whole)
	}
	switch {
	case len(wrong) == 1:
		return n.refuse(fault.Invalid, words.Errorf("%s Nothing was saved. Type it again.", wrong[0]))
	case len(wrong) > 1:
		return n.refuse(fault.Invalid, words.Errorf("%s Nothing was saved. Type them again.", strings.Join(wrong, " ")))
	}
	empty := s.Oxygen == nil && s.Consciousness == "" && s.Urine == ""
	for _, v := range typed(s) {
		empty = empty && v == ""
	}
	if empty {
		return n.refuse(fault.Invalid, words.Errorf("Nothing was measured. Nothing was saved."))
	}
	return n.checkRest(s)
}

func (n *pen) checkRest(s ward.VitalSet) error {
	now := n.d.now()
	switch {
	case s.Diastolic != "" && s.Systolic == "":
		return n.refuse(fault.Invalid, words.Errorf("Diastolic pressure needs the systolic too. Nothing was saved."))
	case s.Consciousness != "" && (len(s.Consciousness) != 1 || !strings.Contains("ACVPU", s.Consciousness)):
		return n.refuse(fault.Invalid, words.Errorf("Consciousness is one of A, C, V, P, U. Nothing was saved."))
	case len(s.Urine) > 64:
		return n.refuse(fault.Invalid, words.Errorf("Urine: 64 characters at most. Nothing was saved."))
	case s.At.After(now.Add(maxAhead)):
		return n.refuse(fault.Invalid, words.Errorf("The time lies in the future. Nothing was saved. Type it again."))
	case s.At.Before(now.Add(-maxBack)):
		return n.refuse(fault.Invalid, words.Errorf("The time lies more than 7 days back. Nothing was saved. Type it again."))
	}
	return nil
}

const (
	maxBack = 7 * 24 * time.Hour // observations older than this are not entered here
	longAgo = 12 * time.Hour     // older than this is asked about
	// maxAhead is by how much a watch may be before this computer's clock.
	maxAhead = 5 * time.Minute
)

// improbable are the questions about values that may be slips.
func (n *pen) improbable(s ward.VitalSet) []string {
	var ask []string
	last := n.d.vitalSets(n.c)
	values := typed(s)
	for _, l := range limits {
		f, ok := ward.Decimal(values[l.sign])
		if !ok || f >= l.softLow && f <= l.softTop {
			continue
		}
		if was, at, ok := lastOf(last, l.sign); ok {
			ask = append(ask, words.F("%s %s: was %s at %s. Keep it or change it?", l.words.Say(), values[l.sign], was, n.d.stampWords(at)))
			continue
		}
		ask = append(ask, words.F("%s %s. Keep it or change it?", l.words.Say(), values[l.sign]))
	}
	sys, ok1 := ward.Decimal(s.Systolic)
	if dia, ok2 := ward.Decimal(s.Diastolic); ok1 && ok2 && dia >= sys {
		ask = append(ask, words.F("Diastolic pressure %s is not below systolic %s. Keep them or change them?", s.Diastolic, s.Systolic))
	}
	if n.d.now().Sub(s.At) > longAgo {
		ask = append(ask, words.F("These were measured %s ago, at %s. Keep the time or change it?", ward.Span(n.d.now().Sub(s.At)), n.d.stampWords(s.At)))
	}
	return ask
}

func lastOf(sets []ward.VitalSet, sg sign) (string, time.Time, bool) {
	for _, s := range sets {
		if v := typed(s)[sg]; v != "" && !s.Error {
			return v, s.At, true
		}
	}
	return "", time.Time{}, false
}

// doublePress is within which the same set by the same hand is one set.
const doublePress = 10 * time.Second

// recordedAlready says whether this very set was saved by the same hand a moment
// ago, and then names what was made. The same values by anybody else are another
// measurement.
func (n *pen) recordedAlready(s ward.VitalSet) bool {
	mine := compartment{vitals: n.justSaved()}
	for _, g := range groupReadings(n.d.readings(&mine), n.d.cfg.Rules.Score.Window) {
		if g.set.Error || !sameSet(g.set, s) {
			continue
		}
		for i := range mine.vitals {
			if v := &mine.vitals[i]; fhir.ExtString(v.View.Extension, fhir.ExtSet) == g.id {
				n.made = append(n.made, v.id())
			}
		}
		return true
	}
	return false
}

// justSaved are the vital signs that the author saved on this computer within
// doublePress.
func (n *pen) justSaved() []item[fhir.Observation] {
	var own []item[fhir.Observation]
	for _, v := range n.c.vitals {
		by, made := v.Change.Author, v.Change.Times.Station
		if by.User == n.author.User && by.Station == n.author.Station && made <= n.times.Station && n.times.Station-made <= doublePress.Milliseconds() {
			own = append(own, v)
		}
	}
	return own
}

func sameSet(a, b ward.VitalSet) bool {
	oxygen := a.Oxygen == nil && b.Oxygen == nil || a.Oxygen != nil && b.Oxygen != nil && *a.Oxygen == *b.Oxygen
	x, y := typed(a), typed(b)
	for k := range x {
		if x[k] != y[k] {
			return false
		}
	}
	return oxygen && a.Consciousness == b.Consciousness && a.Urine == b.Urine && a.At.Sub(b.At).Abs() < doublePress
}

func (n *pen) writeSet(s ward.VitalSet) error {
	id, err := n.number() // the set's own name; no mutation carries it
	if err != nil {
		return err
	}
	w := setWriter{n: n, at: stamp(s.At), id: string(id), scale: int64(n.d.scaleAt(n.c, s.At))}
	values := typed(s)
	for _, l := range limits {
		switch l.sign {
		case signDiastolic:
		case signSystolic:
			if s.Systolic != "" {
				w.pressure(s)
			}
		default:
			if v := values[l.sign]; v != "" {
				w.number(l, v)
			}
		}
	}
	if s.Oxygen != nil {
		kind, said := deliveryAir, "Air"
		if *s.Oxygen {
			kind, said = deliveryOxygen, "Oxygen"
		}
		w.coded(signOxygen, "Air or oxygen", SystemDelivery, kind, said)
	}
	if s.Consciousness != "" {
		w.coded(signConsciousness, "Consciousness", SystemACVPU, s.Consciousness, acvpu[s.Consciousness])
	}
	if s.Urine != "" {
		w.urine(s.Urine)
	}
	return w.err
}

// acvpu: RCP NEWS2 2017, chart 1.
var acvpu = map[string]string{"A": "Alert", "C": "New confusion", "V": "Responds to voice", "P": "Responds to pain", "U": "Unresponsive"}

// setWriter writes the Observations of one set; after the first error it does
// nothing.
type setWriter struct {
	n     *pen
	id    string
	at    string
	scale int64
	err   error
}

func (w *setWriter) write(code fhir.CodeableConcept, fill func(*fhir.Observation)) {
	if w.err != nil {
		return
	}
	_, w.err = w.n.create(fhir.TypeObservation, "", w.at, func(id fhir.ID) any {
		o := fhir.Observation{
			ResourceType: fhir.TypeObservation, ID: id, Status: "final", Code: code, Subject: w.n.subject(),
			Category:          []fhir.CodeableConcept{concept(fhir.SystemObservationCat, fhir.CategoryVitalSigns, "")},
			EffectiveDateTime: w.at, Performer: []fhir.Reference{*w.n.writer()},
			Extension: []fhir.Extension{{URL: fhir.ExtSet, ValueString: fhir.Str(w.id)}, {URL: fhir.ExtScale, ValueInteger: fhir.Int(w.scale)}},
		}
		fill(&o)
		return o
	})
}

func (l limit) code() fhir.CodeableConcept {
	if l.loinc == "" {
		return concept(SystemSign, string(l.sign), l.words.English())
	}
	return concept(fhir.SystemLOINC, l.loinc, l.words.English())
}

func (l limit) quantity(v string) *fhir.Quantity {
	return &fhir.Quantity{Value: fhir.Dec(plain(v)), Unit: l.unit, System: fhir.SystemUCUM, Code: l.ucum}
}

// plain drops zeros that JSON numbers may not begin with: "088" is 88.
func plain(v string) string {
	v = strings.TrimLeft(v, "0")
	if v == "" || v[0] == '.' {
		v = "0" + v
	}
	return v
}

func (w *setWriter) number(l limit, v string) {
	w.write(l.code(), func(o *fhir.Observation) { o.ValueQuantity = l.quantity(v) })
}

// pressure is the blood pressure panel with its two components.
func (w *setWriter) pressure(s ward.VitalSet) {
	w.write(concept(fhir.SystemLOINC, loincPanelBP, "Blood pressure"), func(o *fhir.Observation) {
		for _, l := range limits {
			v := ""
			switch l.sign {
			case signSystolic:
				v = s.Systolic
			case signDiastolic:
				v = s.Diastolic
			default: // has no part of that sign
			}
			if v != "" {
				o.Component = append(o.Component, fhir.ObservationComponent{Code: l.code(), ValueQuantity: l.quantity(v)})
			}
		}
	})
}

func (w *setWriter) coded(s sign, said, system, code, display string) {
	value := fhir.CodeableConcept{Coding: []fhir.Coding{{System: system, Code: code, Display: display}}, Text: display}
	w.write(concept(SystemSign, string(s), said), func(o *fhir.Observation) { o.ValueCodeableConcept = &value })
}

// urine is millilitres where it is a number, else words.
func (w *setWriter) urine(v string) {
	w.write(concept(SystemSign, string(signUrine), "Urine"), func(o *fhir.Observation) {
		if _, ok := ward.Decimal(v); ok {
			o.ValueQuantity = &fhir.Quantity{Value: fhir.Dec(plain(v)), Unit: "mL", System: fhir.SystemUCUM, Code: "mL"}
			return
		}
		o.ValueString = fhir.Str(v)
	})
}
