package base

import (
	"context"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
)

// Doer carries out commands: the desk, as a view model needs it.
type Doer interface {
	Do(ctx context.Context, cmd ward.Command) (ward.Done, error)
}

// Carry carries out commands one after the other, away from the display's goroutine,
// until one fails. then runs on the Dispatcher, with what was made until then.
func Carry(d Dispatcher, desk Doer, cmds []ward.Command, then func(made []fhir.ID, err error)) {
	go func() {
		var made []fhir.ID
		for _, c := range cmds {
			done, err := desk.Do(context.Background(), c)
			made = append(made, done.Made...)
			if err != nil {
				d.Do(func() { then(made, err) })
				return
			}
		}
		d.Do(func() { then(made, nil) })
	}()
}

// Hands carry out what is asked for on a page. While they do the page is busy; a refusal
// is its error. What was done is seen by the next reading, by no other road.
//
// All fields are required. Do is for the display's goroutine.
type Hands struct {
	Dispatcher Dispatcher
	Desk       Doer
	Busy       *bool   // of the page's state
	Error      *string // of the page's state
	Show       func()
	Reload     func()
}

// Do carries out commands one after another; the first refusal ends it and is told. Where
// there is none, after is called with what was made, before the page is shown.
func (h Hands) Do(cmds []ward.Command, after func(made []fhir.ID)) {
	*h.Busy, *h.Error = true, ""
	h.Show()
	Carry(h.Dispatcher, h.Desk, cmds, func(made []fhir.ID, err error) {
		*h.Busy, *h.Error = false, Words(err)
		if err == nil {
			after(made)
		}
		h.Show()
		h.Reload()
	})
}
