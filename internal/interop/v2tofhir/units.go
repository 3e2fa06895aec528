package v2tofhir

import (
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/interop/hl7"
)

// DefaultUnits are spellings of units that senders use without naming a code
// system, and the UCUM code of each. The table is explicit: a unit that is not
// in it is shown as sent and never compared with anything.
var DefaultUnits = map[string]string{
	"mmol/L": "mmol/L", "mmol/l": "mmol/L", "MMOLL": "mmol/L", "MMOL/L": "mmol/L",
	"umol/L": "umol/L", "umol/l": "umol/L", "UMOLL": "umol/L", "UMOL/L": "umol/L", "µmol/L": "umol/L", "μmol/L": "umol/L", "µmol/l": "umol/L", "μmol/l": "umol/L",
	"nmol/L": "nmol/L", "pmol/L": "pmol/L", "mmol/mol": "mmol/mol",
	"mEq/L": "meq/L", "meq/L": "meq/L",
	"g/L": "g/L", "g/l": "g/L", "G/L": "g/L", "g/dL": "g/dL", "g/dl": "g/dL", "G/DL": "g/dL",
	"mg/dL": "mg/dL", "mg/dl": "mg/dL", "MG/DL": "mg/dL", "mg/L": "mg/L", "mg/l": "mg/L",
	"ug/dL": "ug/dL", "ug/dl": "ug/dL", "ug/L": "ug/L", "ug/l": "ug/L", "µg/L": "ug/L", "μg/L": "ug/L",
	"ng/mL": "ng/mL", "ng/ml": "ng/mL", "ng/L": "ng/L", "ng/l": "ng/L", "pg/mL": "pg/mL",
	"U/L": "U/L", "u/L": "U/L",
	"x10*9/L": "10*9/L", "10*9/L": "10*9/L", "10^9/L": "10*9/L", "x10^9/L": "10*9/L", "10*9/l": "10*9/L",
	"x10*12/L": "10*12/L", "10*12/L": "10*12/L", "10^12/L": "10*12/L", "x10^12/L": "10*12/L",
	"10*3/uL": "10*3/uL", "K/uL": "10*3/uL", "10*6/uL": "10*6/uL",
	"fL": "fL", "pg": "pg", "%": "%", "PERCENT": "%", "MDC_DIM_PERCENT": "%",
	"mmHg": "mm[Hg]", "mm Hg": "mm[Hg]", "mm[Hg]": "mm[Hg]", "MDC_DIM_MMHG": "mm[Hg]", "kPa": "kPa",
	"/min": "/min", "beats/min": "/min", "breaths/min": "/min", "MDC_DIM_BEAT_PER_MIN": "/min", "MDC_DIM_RESP_PER_MIN": "/min",
	"Cel": "Cel", "°C": "Cel", "degC": "Cel", "MDC_DIM_DEGC": "Cel", "degF": "[degF]", "°F": "[degF]", "MDC_DIM_FAHR": "[degF]",
	"L/min": "L/min", "MDC_DIM_X_L_PER_MIN": "L/min",
	"kg": "kg", "g": "g", "cm": "cm", "m": "m", "s": "s",
}

// unit reads OBX-6. The unit is kept as sent; it gets a UCUM code only where
// the sender says that it is one, or the table knows the spelling.
func (m *message) unit(f hl7.Field) (sent, system, code string) {
	r := f.Rep(1)
	id, words, named := text(r.Comp(1)), text(r.Comp(2)), text(r.Comp(3))
	if sent = id; sent == "" {
		sent = words
	}
	if named == "UCUM" && id != "" {
		return sent, fhir.SystemUCUM, id
	}
	if text(r.Comp(6)) == "UCUM" && text(r.Comp(4)) != "" {
		return sent, fhir.SystemUCUM, text(r.Comp(4))
	}
	if c, ok := m.o.Units[sent]; ok {
		return sent, fhir.SystemUCUM, c
	}
	if c, ok := DefaultUnits[sent]; ok {
		return sent, fhir.SystemUCUM, c
	}
	return sent, "", ""
}
