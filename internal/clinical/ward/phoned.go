package ward

import (
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/words"
)

// RecordPhoned writes down a result that a laboratory told on the phone. It is a
// result like any other, critical where its value is, and says that it is not
// confirmed until the laboratory sends it.
type RecordPhoned struct {
	Patient    PatientID
	Test       string // the name of an Analyte
	Comparator string // "", <, <=, >= or >
	Value      string // digits, or words for what is told in words
	Unit       string
	Collected  time.Time // as the caller said; zero: not said
	Called     time.Time // zero: now
	Lab        string
	Caller     string
	ReadBack   bool
	Why        string // why it was not read back
}

// WithdrawPhoned says that a phoned result was written down by mistake.
type WithdrawPhoned struct {
	Patient PatientID
	Result  fhir.ID
	Reason  string
}

func (RecordPhoned) command()   {}
func (WithdrawPhoned) command() {}

// PhonedNotConfirmed is the status of a phoned result that the laboratory has
// not sent yet.
const PhonedNotConfirmed = "phoned, not yet confirmed"

// Phoned is one call by which a result was told.
type Phoned struct {
	ID       fhir.ID   `json:"id"`
	Value    string    `json:"value"` // as it was written down
	Unit     string    `json:"unit,omitempty"`
	Lab      string    `json:"lab"`
	Caller   string    `json:"caller"`
	Called   time.Time `json:"called"`
	ReadBack bool      `json:"readBack"`
	Why      string    `json:"why,omitempty"` // why it was not
	By       string    `json:"by"`
	User     string    `json:"user"`
	Recorded time.Time `json:"recorded"`
	Unsent   bool      `json:"unsent"`
	Differs  bool      `json:"differs"` // the laboratory never sent what was told
}

// Said is the value as it was told, with its unit.
func (p Phoned) Said() string { return strings.TrimSpace(p.Value + " " + p.Unit) }

// Words tell of a call in a line: what was said, by whom, when, who wrote it down,
// and whether it was read back.
func (p Phoned) Words(now time.Time) string {
	caller, at := strings.Trim(p.Caller+", "+p.Lab, ", "), Stamp(p.Called, now)
	if p.ReadBack {
		return words.F("%s by %s at %s, written down by %s, read back", p.Said(), caller, at, p.By)
	}
	return words.F("%s by %s at %s, written down by %s, not read back: %s", p.Said(), caller, at, p.By, p.Why)
}

// Confirmed says whether the laboratory has sent this result, or it never was a
// phoned one.
func (r Result) Confirmed() bool { return r.Status != PhonedNotConfirmed }

// When is the time that a result belongs to: when its sample was collected, or,
// where nobody said so on the phone, when it was phoned. Zero: nobody knows.
func (r Result) When() time.Time {
	if r.Collected.IsZero() && len(r.Phoned) > 0 {
		return r.Phoned[0].Called
	}
	return r.Collected
}

// Analyte is something that a laboratory measures, for the form of a phoned
// result.
type Analyte struct {
	Name  string   `json:"name"`
	Units []string `json:"units,omitempty"` // in which it is told, the usual one first
	Words bool     `json:"words,omitempty"` // it is told in words
}
