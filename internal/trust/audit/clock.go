package audit

import (
	"fmt"
	"time"
)

// ClockSet says of an event that a clock was set: what it would have shown, what it
// shows, and by how many seconds that is more.
func ClockSet(from, to time.Time) []Detail {
	return []Detail{
		{Name: "what", Value: "the clock was set"},
		{Name: "from", Value: from.UTC().Format(time.RFC3339)},
		{Name: "to", Value: to.UTC().Format(time.RFC3339)},
		{Name: "by", Value: fmt.Sprintf("%+d s", int(to.Sub(from).Round(time.Second).Seconds()))},
	}
}
