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
type sign = alert.Sign

// The signs, in the order of the NEWS2 chart.
const (
	signRespirations  = alert.SignRespirations
	signSpO2          = alert.SignSpO2
	signOxygen        = alert.SignOxygen
	signSystolic      = alert.SignSystolic
	signDiastolic     = alert.SignDiastolic
	signPulse         = alert.SignPulse
	signConsciousness = alert.SignConsciousness
	signTemperature   = alert.SignTemperature
	signPain          = alert.SignPain
	signUrine         = alert.SignUrine
)

// Codes that entries are written with.
const (
	loincRespirations = alert.LOINCRespirations
	loincPulse        = alert.LOINCPulse
	loincTemperature  = alert.LOINCTemperature
	loincSpO2         = alert.LOINCSpO2
	loincSpO2Pulse    = alert.LOINCSpO2Pulse
	loincPanelBP      = "85354-9"
	loincSystolic     = alert.LOINCSystolic
	loincDiastolic    = alert.LOINCDiastolic
	// SystemSign is the code system of the signs that have no LOINC code here, and
	// SystemACVPU and SystemDelivery those of their values.
	SystemSign     = alert.SystemSign
	SystemACVPU    = alert.SystemACVPU
	SystemDelivery = alert.SystemDelivery
)

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
	for _, v := range alert.SignsOf(o) {
		r := base
		r.sign, r.digits = v.Sign, v.Digits
		out = append(out, r)
	}
	return out
}

// group is one set while it is put together.
type group struct {
	id    string // the set's own name; "" where its readings have none
	set   ward.VitalSet
	scale int
}

// vitalSets are the sets of observations with their scores, newest first.
func (d *Desk) vitalSets(c *compartment) []ward.VitalSet {
	groups := groupReadings(d.readings(c), d.cfg.Rules.Score.Window)
	who := d.subject(c)
	out := make([]ward.VitalSet, len(groups))
	var b before
	for i, g := range groups {
		s := g.set
		if !s.Error {
			d.score(d.timesAt(c, alert.RuleOverdue, s.At), &s, g.scale, who, b)
			s.Early = alert.SinceComplete(s.Early, b.full, b.shown)
			s.Early.Trend = trend(out[:i], s.Early)
		}
		out[i] = s
		b.add(&out[i])
	}
	slices.Reverse(out)
	return out
}

// groupReadings puts readings into sets by the rule that central counts by.
func groupReadings(list []reading, window time.Duration) []*group {
	observed := make([]alert.Observed, len(list))
	for i, r := range list {
		observed[i] = alert.Observed{Set: r.set, At: r.at, Scale: r.scale, Wrong: r.wrong, SignValue: alert.SignValue{Sign: r.sign, Digits: r.digits}}
	}
	var groups []*group
	for _, s := range alert.Gather(observed, window) {
		g := &group{id: s.Set, scale: s.Scale}
		g.set.At, g.set.Error = s.At, s.Wrong
		for _, i := range s.Of {
			g.add(list[i])
		}
		groups = append(groups, g)
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
