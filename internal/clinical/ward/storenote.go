package ward

import "time"

// StoreNote tells people that something happened to this computer's own copy of
// the record: what happened, what is safe, what to do. It holds nothing of a
// patient, so that it can be shown before anybody signs in.
type StoreNote struct {
	ID   string    `json:"id"`
	At   time.Time `json:"at"`
	What string    `json:"what"`
	Safe string    `json:"safe"`
	Do   string    `json:"do"`
	Done string    `json:"done,omitempty"` // what its reader presses; "" is that they have read it
}
