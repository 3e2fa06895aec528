package ward

import (
	"time"

	"wardlight/internal/clinical/fhir"
)

// Kinds of orders.
const (
	OrderTest     = "test"
	OrderMedicine = "medicine"
)

// Order is a test that somebody asked for, or a medicine.
type Order struct {
	ID      fhir.ID `json:"id"`
	Kind    string  `json:"kind,omitempty"` // test, medicine
	Version uint64  `json:"version,omitempty"`
	Code    string  `json:"code,omitempty"` // of the catalogue; "" for what it does not hold
	Test    string  `json:"test"`           // its name
	Dose    string  `json:"dose,omitempty"` // of a medicine, as written
	Stat    bool    `json:"stat,omitempty"`
	// Status is in words: "waiting for the laboratory link".
	Status string    `json:"status"`
	Open   bool      `json:"open,omitempty"` // nobody has withdrawn it, and no result has come
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Unsent bool      `json:"unsent"`
	// Remarks are what somebody has to look at: an allergy that its author had
	// not seen, the same test asked for twice.
	Remarks []string `json:"remarks,omitempty"`
	// Against is what the allergies in force say against a medicine that still stands,
	// now: its author may have ordered before they were known.
	Against []Warning `json:"against,omitempty"`
	// Late says that a result, or its leaving, is past its time.
	Late string `json:"late,omitempty"`
	// Overrides are the warnings that its author saw and went against.
	Overrides []Override `json:"overrides,omitempty"`
	Results   []ResultID `json:"results,omitempty"` // that answer it
	// Withdrawn is who took it back, and why.
	Withdrawn string `json:"withdrawn,omitempty"`
	// Undo: it is the reader's own withdrawal, and can be taken back.
	Undo bool `json:"undo,omitempty"`
}

// Override is a warning that somebody saw and ordered in spite of.
type Override struct {
	Level  string    `json:"level"`
	Words  string    `json:"words"` // as it was shown
	Reason string    `json:"reason"`
	By     string    `json:"by"`
	At     time.Time `json:"at,omitzero"`
}

// Levels of warnings, weakest first.
const (
	WarnInform    = "inform"    // nothing is asked
	WarnUnchecked = "unchecked" // it could not be checked: read it
	WarnRepeat    = "repeat"    // a reason is asked
	WarnCaution   = "caution"   // a reason is asked
	WarnStop      = "stop"      // a reason and a second confirmation are asked
)

// Warning is what speaks against an item of an order. It never forbids it.
type Warning struct {
	Level   string   `json:"level"`
	Words   string   `json:"words"`             // in English: they are kept if somebody orders in spite of it
	Said    string   `json:"-"`                 // the words in the language in use; see Say
	From    string   `json:"from"`              // where the rule comes from
	Results []Result `json:"results,omitempty"` // the last results, to be shown beside it
	Waiting *Order   `json:"waiting,omitempty"` // the one that waits
}

// Say is what a person reads.
func (w Warning) Say() string {
	if w.Said != "" {
		return w.Said
	}
	return w.Words
}

// OrderItem is one thing that is asked for.
type OrderItem struct {
	Kind string `json:"kind"`
	Code string `json:"code,omitempty"` // of the catalogue
	// LOINC is the code that whoever asks gave themselves; it is kept beside ours.
	LOINC string `json:"loinc,omitempty"`
	Name  string `json:"name"`
	Dose  string `json:"dose,omitempty"`
	Stat  bool   `json:"stat,omitempty"`
	// Reason is why in spite of the warnings; Confirmed, that a stop was
	// confirmed a second time.
	Reason    string `json:"reason,omitempty"`
	Confirmed bool   `json:"confirmed,omitempty"`
	// Saw are the words of the warnings that were on the screen. What was not is
	// asked about again.
	Saw []string `json:"saw,omitempty"`
}

// Offer is something that a search for tests or medicines found: one item, or the
// items of a set.
type Offer struct {
	Name  string      `json:"name"`
	Note  string      `json:"note,omitempty"` // the sample, the tests of a set, what a medicine holds
	Set   bool        `json:"set,omitempty"`
	Items []OrderItem `json:"items"`
}

// Check is what speaks against an item.
type Check struct {
	Item     OrderItem `json:"item"`
	Warnings []Warning `json:"warnings,omitempty"`
	Reason   bool      `json:"reason,omitempty"`  // one is asked
	Confirm  bool      `json:"confirm,omitempty"` // a second confirmation, too
	Refused  string    `json:"refused,omitempty"` // it cannot be ordered at all: a dose that may be misread, somebody who may not
}

// OrderLine is one order of the ward's page.
type OrderLine struct {
	Who   Identity `json:"who"`
	Order Order    `json:"order"`
}

// OrderBook is the ward's open orders, by bed.
type OrderBook struct {
	Lines    []OrderLine `json:"lines"`
	AsOf     time.Time   `json:"asOf"`
	FeedDown bool        `json:"feedDown"` // a result may have come and not be here
}

// SignOrders asks for tests and medicines of one patient: all of them, or
// nothing.
type SignOrders struct {
	Patient PatientID
	Items   []OrderItem
}

// WithdrawOrder takes an order back. ReinstateOrder takes that back, by whoever
// did it.
type WithdrawOrder struct {
	Patient PatientID
	Order   fhir.ID
	Reason  string
}

// ReinstateOrder takes a WithdrawOrder back.
type ReinstateOrder struct {
	Patient PatientID
	Order   fhir.ID
}

func (SignOrders) command()     {}
func (WithdrawOrder) command()  {}
func (ReinstateOrder) command() {}
