package alert

import (
	"cmp"

	"wardlight/internal/clinical/fhir"
)

// Sign is one of the things that a set of observations holds.
type Sign string

// The signs, in the order of the NEWS2 chart.
const (
	SignRespirations  Sign = "respirations"
	SignSpO2          Sign = "spo2"
	SignOxygen        Sign = "oxygen"
	SignSystolic      Sign = "systolic"
	SignDiastolic     Sign = "diastolic"
	SignPulse         Sign = "pulse"
	SignConsciousness Sign = "consciousness"
	SignTemperature   Sign = "temperature"
	SignPain          Sign = "pain"
	SignUrine         Sign = "urine"
)

// LOINC codes of the vital signs (R4 profile vitalsigns; 59408-5 is saturation
// by pulse oximetry).
const (
	LOINCRespirations = "9279-1"
	LOINCPulse        = "8867-4"
	LOINCTemperature  = "8310-5"
	LOINCSpO2         = "2708-6"
	LOINCSpO2Pulse    = "59408-5"
	LOINCSystolic     = "8480-6"
	LOINCDiastolic    = "8462-4"
)

// SystemSign is the code system of the signs that have no LOINC code here, and
// SystemACVPU and SystemDelivery those of their values.
const (
	SystemSign     = "urn:wardlight:vital-sign"
	SystemACVPU    = "urn:wardlight:acvpu"
	SystemDelivery = "urn:wardlight:oxygen"
)

var signOfLOINC = map[string]Sign{
	LOINCRespirations: SignRespirations, LOINCPulse: SignPulse, LOINCTemperature: SignTemperature,
	LOINCSpO2: SignSpO2, LOINCSpO2Pulse: SignSpO2, LOINCSystolic: SignSystolic, LOINCDiastolic: SignDiastolic,
}

// SignValue is one sign with its digits as they were entered, or its code.
type SignValue struct {
	Sign   Sign
	Digits string
}

// SignsOf takes a vital sign apart: itself and its components, those that are known and
// have a value.
func SignsOf(o fhir.Observation) []SignValue {
	var out []SignValue
	add := func(s Sign, digits string) {
		if s != "" && digits != "" {
			out = append(out, SignValue{s, digits})
		}
	}
	add(signOf(o.Code), signDigits(o.ValueQuantity, o.ValueCodeableConcept, o.ValueString))
	for _, c := range o.Component {
		add(signOf(c.Code), signDigits(c.ValueQuantity, c.ValueCodeableConcept, c.ValueString))
	}
	return out
}

func signOf(c fhir.CodeableConcept) Sign {
	for _, k := range c.Coding {
		if k.System == fhir.SystemLOINC && signOfLOINC[k.Code] != "" {
			return signOfLOINC[k.Code]
		}
		if k.System == SystemSign {
			return Sign(k.Code)
		}
	}
	return ""
}

// signDigits is the digits, without a comparator: "<35" is no temperature that
// can be scored.
func signDigits(q *fhir.Quantity, c *fhir.CodeableConcept, s *string) string {
	switch {
	case q != nil && q.Value != nil && q.Comparator == "":
		if !signUnits[q.Code] {
			return ""
		}
		return string(*q.Value)
	case c != nil:
		return cmp.Or(c.Code(SystemACVPU), c.Code(SystemDelivery))
	case s != nil:
		return *s
	}
	return ""
}

// signUnits are the units of the signs; another unit is not taken for one of these.
var signUnits = map[string]bool{"/min": true, "%": true, "mm[Hg]": true, "Cel": true, "{score}": true, "mL": true, "": true}
