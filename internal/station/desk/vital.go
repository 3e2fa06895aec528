package desk

import (
	"cmp"
	"slices"
	"time"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
)

// sign is one of the things that a set of observations holds.
type sign string

// The signs, in the order of the NEWS2 chart.
const (
	signRespirations  sign = "respirations"
	signSpO2          sign = "spo2"
	signOxygen        sign = "oxygen"
	signSystolic      sign = "systolic"
	signDiastolic     sign = "diastolic"
	signPulse         sign = "pulse"
	signConsciousness sign = "consciousness"
	signTemperature   sign = "temperature"
	signPain          sign = "pain"
	signUrine         sign = "urine"
)

// LOINC codes of the vital signs (R4 profile vitalsigns; 59408-5 is saturation
// by pulse oximetry).
const (
	loincRespirations = "9279-1"
	loincPulse        = "8867-4"
	loincTemperature  = "8310-5"
	loincSpO2         = "2708-6"
	loincSpO2Pulse    = "59408-5"
	loincPanelBP      = "85354-9"
	loincSystolic     = "8480-6"
	loincDiastolic    = "8462-4"
)

// SystemSign is the code system of the signs that have no LOINC code here, and
// SystemACVPU and SystemDelivery those of their values.
const (
	SystemSign     = "urn:wardlight:vital-sign"
	SystemACVPU    = "urn:wardlight:acvpu"
	SystemDelivery = "urn:wardlight:oxygen"
)

var signOfLOINC = map[string]sign{
	loincRespirations: signRespirations, loincPulse: signPulse, loincTemperature: signTemperature,
	loincSpO2: signSpO2, loincSpO2Pulse: signSpO2, loincSystolic: signSystolic, loincDiastolic: signDiastolic,
}

// reading is one sign with its time.
type reading struct {
	sign   sign
	digits string
	at     time.Time
	set    string
	by     string
	made   time.Time // when it was written down
	unsent bool
	wrong  bool // entered in error
	scale  int  // 1 or 2, as scored when it was saved; 0: not said
}

// setWindow is within which readings without a common set count as one (RCP
// NEWS2 2017 asks for one set; the window is a default of this hospital's).
const setWindow = 15 * time.Minute

// readings takes a patient's vital signs apart.
func (d *Desk) readings(c *compartment) []reading {
	var out []reading
	for i := range c.vitals {
		o := &c.vitals[i]
		at, _ := when(o.View.EffectiveDateTime, d.loc)
		if at.IsZero() {
			continue // a sign without a time belongs to no set
		}
		base := reading{
			at: at, set: fhir.ExtString(o.View.Extension, fhir.ExtSet), by: o.First.Shown(), made: d.at(o.Made), unsent: o.Unsent,
			wrong: withdrawn(o.View.Status) || o.View.Status == "cancelled",
		}
		if e, ok := fhir.ExtensionOf(o.View.Extension, fhir.ExtScale); ok && e.ValueInteger != nil {
			base.scale = int(*e.ValueInteger)
		}
		out = append(out, signsOf(o.View, base)...)
	}
	slices.SortStableFunc(out, func(a, b reading) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.set, b.set), cmp.Compare(a.sign, b.sign))
	})
	return out
}

func signsOf(o fhir.Observation, base reading) []reading {
	var out []reading
	add := func(s sign, digits string) {
		if s == "" || digits == "" {
			return
		}
		r := base
		r.sign, r.digits = s, digits
		out = append(out, r)
	}
	add(signOf(o.Code), valueOf(o.ValueQuantity, o.ValueCodeableConcept, o.ValueString))
	for _, c := range o.Component {
		add(signOf(c.Code), valueOf(c.ValueQuantity, c.ValueCodeableConcept, c.ValueString))
	}
	return out
}

func signOf(c fhir.CodeableConcept) sign {
	for _, k := range c.Coding {
		if k.System == fhir.SystemLOINC && signOfLOINC[k.Code] != "" {
			return signOfLOINC[k.Code]
		}
		if k.System == SystemSign {
			return sign(k.Code)
		}
	}
	return ""
}

// valueOf is the digits, without a comparator: "<35" is no temperature that
// can be scored.
func valueOf(q *fhir.Quantity, c *fhir.CodeableConcept, s *string) string {
	switch {
	case q != nil && q.Value != nil && q.Comparator == "":
		return inOurUnit(q)
	case c != nil:
		return cmp.Or(c.Code(SystemACVPU), c.Code(SystemDelivery))
	case s != nil:
		return *s
	}
	return ""
}

// ucum are the units of the signs; another unit is not taken for one of these.
var ucum = map[string]bool{"/min": true, "%": true, "mm[Hg]": true, "Cel": true, "{score}": true, "mL": true, "": true}

func inOurUnit(q *fhir.Quantity) string {
	if !ucum[q.Code] {
		return ""
	}
	return string(*q.Value)
}

// group is one set while it is put together.
type group struct {
	id    string // the set's own name; "" where its readings have none
	set   ward.VitalSet
	has   map[sign]bool
	scale int
}

// vitalSets are the sets of observations with their scores, newest first.
func (d *Desk) vitalSets(c *compartment) []ward.VitalSet {
	groups := groupReadings(d.readings(c))
	who := d.subject(c)
	out := make([]ward.VitalSet, len(groups))
	var b before
	for i, g := range groups {
		s := g.set
		if !s.Error {
			d.score(&s, g.scale, who, b)
			s.Early = alert.SinceComplete(s.Early, b.full, b.shown)
			s.Early.Trend = trend(out[:i], s.Early)
		}
		out[i] = s
		b.add(&out[i])
	}
	slices.Reverse(out)
	return out
}

func groupReadings(list []reading) []*group {
	var groups []*group
	bySet := map[string]*group{}
	var open *group // the last one without a set id
	for _, r := range list {
		var g *group
		switch {
		case r.set != "":
			g = bySet[r.set]
		case open != nil && r.at.Sub(open.set.At) <= setWindow && !open.has[r.sign] && open.set.Error == r.wrong:
			g = open
		}
		if g == nil {
			g = &group{id: r.set, has: map[sign]bool{}, scale: r.scale}
			g.set.At, g.set.Error = r.at, true
			groups = append(groups, g)
			if r.set != "" {
				bySet[r.set] = g
			} else {
				open = g
				g.set.Error = r.wrong
			}
		}
		g.add(r)
	}
	return groups
}

// add puts a reading into its set. A value that was entered in error is left
// out; a set of nothing but those is one itself.
func (g *group) add(r reading) {
	s := &g.set
	s.Unsent = s.Unsent || r.unsent
	s.By = cmp.Or(s.By, r.by)
	if r.made.After(s.Recorded) {
		s.Recorded = r.made
	}
	if r.wrong && r.set != "" {
		return
	}
	if !r.wrong {
		s.Error = false
	}
	g.has[r.sign] = true
	switch r.sign {
	case signRespirations:
		s.Respirations = r.digits
	case signSpO2:
		s.SpO2 = r.digits
	case signOxygen:
		on := r.digits == deliveryOxygen
		s.Oxygen = &on
	case signSystolic:
		s.Systolic = r.digits
	case signDiastolic:
		s.Diastolic = r.digits
	case signPulse:
		s.Pulse = r.digits
	case signConsciousness:
		s.Consciousness = r.digits
	case signTemperature:
		s.Temperature = r.digits
	case signPain:
		s.Pain = r.digits
	case signUrine:
		s.Urine = r.digits
	}
}

const (
	deliveryOxygen = "oxygen"
	deliveryAir    = "air"
)

// trendSets is how many scores a spark line draws.
const trendSets = 4

// trend is the totals of the last complete sets, this one last. A minimum is
// drawn only where it is higher than the last complete score: a line must never
// fall because something was not measured.
func trend(before []ward.VitalSet, now ward.Early) []int {
	if !now.Known {
		return nil
	}
	var out []int
	if !now.AtLeast || !now.HasLast || now.Total > now.Last {
		out = append(out, now.Total)
	}
	for i := len(before) - 1; i >= 0 && len(out) < trendSets; i-- {
		if e := before[i].Early; e.Known && !e.AtLeast && !before[i].Error {
			out = append(out, e.Total)
		}
	}
	slices.Reverse(out)
	return out
}

// early is the score of the newest set that counts.
func early(sets []ward.VitalSet) ward.Early {
	for _, s := range sets {
		if !s.Error && (s.Early.Known || s.Early.Refused != "") {
			return s.Early
		}
	}
	return ward.Early{}
}
