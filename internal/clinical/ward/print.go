package ward

import "wardlight/internal/words"

// Print is what can be printed of several patients.
type Print string

// The prints.
const (
	PrintSheets Print = "handover"  // the sheets of the handover
	PrintList   Print = "ward list" // the list of the ward
	PrintPack   Print = "ward pack" // what the ward goes on with on paper
)

// Printing is one print: of which patients; none where it is the ward's.
type Printing struct {
	What     Print
	Patients []PatientID
}

// OverLimit refuses a print: it would take more patients' data out of the door than may
// leave in an hour or a day. Where Ask is set it goes on with a reason and the PIN.
type OverLimit struct {
	Printing Printing
	Patients int // on the print
	Ask      bool
	Words    error // for the person, with what to do
}

// Error is the refusal in English.
func (e *OverLimit) Error() string { return e.Words.Error() }

// Say is the refusal in the language in use.
func (e *OverLimit) Say() string { return words.Say(e.Words) }
