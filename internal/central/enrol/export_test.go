package enrol

import "time"

// Within sets how long a request may take to come; before the handlers are made.
func (o *Office) Within(d time.Duration) { o.within = d }

// Guessed says why a PIN is refused.
func Guessed(pin, user string) string { return guessed(pin, user) }
