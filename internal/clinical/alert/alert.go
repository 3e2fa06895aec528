// Package alert holds the rules that decide who must be told: early warning
// scores, critical results, unexpected changes, acknowledgement and the ladder
// of people who are called when nobody takes a result.
//
// Every rule is a pure function of what is written and of the time it is
// given; nothing here reads a clock, a disk or a network. Numbers are compared
// as exact decimals, never as floats. Every limit is a value in Rules, with who
// set it and when, and each default names where it comes from.
//
// What a rule cannot judge it says so: a text is never read as a number, a unit
// that is not known is never compared, an incomplete set of vital signs never
// gets a plain score.
package alert

import (
	"time"

	"wardlight/internal/words"
)

// Subject is what a rule needs to know of the person.
type Subject struct {
	AgeKnown bool          // false: nothing that depends on age is judged as if it were known
	Age      time.Duration // only below two years; for older people Years is enough
	Years    int           // completed years
	Pregnant bool
	Scale2   Prescription // SpO2 scale 2; zero: scale 1
}

// Prescription is a clinician's written choice of SpO2 scale 2 (target 88–92 %).
// It counts only with all three: who, when and why.
type Prescription struct {
	By     string    `json:"by,omitempty"`
	At     time.Time `json:"at,omitzero"`
	Reason string    `json:"reason,omitempty"`
}

// Direction is on which side of a limit a value lies.
type Direction int8

// The directions.
const (
	None Direction = 0
	Low  Direction = -1
	High Direction = 1
)

// Verdict is what the critical table and the sender's own flags say of one
// result.
type Verdict struct {
	Critical  bool
	Urgent    bool
	Direction Direction
	MayBe     bool             // a comparator leaves it open: "<2.6" against 2.5
	Limit     string           // the limit that fired, as shown: "6.5 mmol/L"
	Why       []words.Sentence // "ward limit 6.5", "laboratory flag HH"
	UrgentBy  []words.Sentence // of what is urgent, as Why of what is critical
	NotJudged words.Sentence   // why the table could not be used; zero where it was
	Rule      RuleID           // which rule of the book makes it critical: the table's row before the laboratory's flag; "" where none does
	Set       *Setting         // who set the limit that fired; nil: it came with the program, or none fired
	Mismatch  bool             // a mass code with a mole unit or the reverse: hold the row back
}

// English is Why for what is stored or sent.
func (v Verdict) English() []string { return words.InEnglish(v.Why) }
