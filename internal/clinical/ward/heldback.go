package ward

import (
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/words"
)

// HeldBack is a message, or a part of one, that could not be filed: it is on the
// server with its raw bytes and a reason, and in nobody's record. A critical value
// in it is somebody's duty like any other; only whose it is may not be certain.
type HeldBack struct {
	ID      fhir.ID   `json:"id"`
	Version uint64    `json:"version,omitempty"`
	Words   string    `json:"words"`
	Since   time.Time `json:"since"`
	// Critical: it holds a value that is, or may be, critical.
	Critical bool `json:"critical,omitempty"`
	Partial  bool `json:"partial,omitempty"` // the rest of the message is filed: it is known whose it is
	// Filed: all of it is in the record, and on no screen, because it came after
	// the patient had left.
	Filed  bool     `json:"filed,omitempty"`
	Values []Result `json:"values,omitempty"` // the critical ones, as the message has them; none from an older server
	Why    string   `json:"why,omitempty"`
	Phone  string   `json:"phone,omitempty"`  // whom to phone about it
	Said   string   `json:"said,omitempty"`   // for whom the message says it is: name and birth date as sent
	Sender string   `json:"sender,omitempty"` // whose message it is
	// EveryWard: it names no ward, so every ward is warned.
	EveryWard bool `json:"everyWard,omitempty"`
	// Of is whose it is, where it is Filed: as their record had it when it came.
	// It has no id, because their record is not on this computer; nil from an
	// older server.
	Of *Identity `json:"of,omitempty"`
	// Perhaps are those on this computer whose it may be; whose it is, where it is
	// Partial. Elsewhere counts those of whom this computer holds nothing, or
	// whom the reader may not see.
	Perhaps   []Identity `json:"perhaps,omitempty"`
	Elsewhere int        `json:"elsewhere,omitempty"`
	Ladder    []Rung     `json:"ladder,omitempty"`
	Owned     []Owned    `json:"owned,omitempty"`
	Open      bool       `json:"open,omitempty"` // critical, and nobody has it
	Acted     bool       `json:"acted,omitempty"`
}

// Sure says whether it is known whose it is, because the rest of the message is
// filed there.
func (h *HeldBack) Sure() bool { return h.Partial && len(h.Perhaps) == 1 && h.Elsewhere == 0 }

// Concerns says whether it is, or may be, this patient's.
func (h *HeldBack) Concerns(p PatientID) bool {
	for _, who := range h.Perhaps {
		if who.ID == p {
			return true
		}
	}
	return false
}

// Alert is what is held back as something to take. Its patient has no id: nothing
// that is done about it is done in anybody's record.
func (h *HeldBack) Alert() Alert {
	a := Alert{Held: h, Since: h.Since, Ladder: h.Ladder}
	if h.Sure() {
		a.Who = h.Perhaps[0]
		a.Who.ID = ""
	}
	if h.Filed && h.Of != nil {
		a.Who = *h.Of
	}
	a.Result = Result{Test: words.T("Message that is held back"), Value: words.T("see below"), Text: true, Flag: FlagCritical, MayBe: true}
	if len(h.Values) > 0 {
		a.Result = h.Values[0]
	}
	r := &a.Result
	r.ID, r.Version, r.Critical, r.Open, r.Owned, r.Received = h.ID, h.Version, true, h.Open, h.Owned, h.Since
	return a
}
