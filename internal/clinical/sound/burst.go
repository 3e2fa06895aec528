package sound

import "time"

// Level is how urgent a burst is.
type Level int

// The levels.
const (
	None   Level = iota
	Prompt       // something new, or still unseen: three pulses
	Urgent       // a step of the ladder is due and nobody has taken it: ten
	Test         // what a person plays to hear whether there is sound: one pulse
)

var names = map[Level]string{Prompt: "prompt", Urgent: "urgent", Test: "test"}

// String is the level's name; "" for None.
func (l Level) String() string { return names[l] }

// ParseLevel finds a level by its name.
func ParseLevel(name string) (Level, bool) {
	for l, n := range names {
		if n == name {
			return l, true
		}
	}
	return None, false
}

// Pulse is one tone of a burst and the silence after it.
type Pulse struct {
	Hertz       float64 // of the fundamental
	Long, Pause time.Duration
}

// The fundamentals, within the 150 to 1000 Hz of IEC 60601-1-8; a fourth apart, so
// that the two are told apart on a poor loudspeaker.
const (
	PromptHertz = 523.25 // C5
	UrgentHertz = 698.46 // F5
)

// Burst is the pulses of a level. Their lengths and pauses lie within those of IEC
// 60601-1-8: pulses of 125 to 250 ms for medium, 75 to 200 ms for high priority.
func (l Level) Burst() []Pulse {
	const ms = time.Millisecond
	switch l {
	case Prompt:
		return []Pulse{{PromptHertz, 180 * ms, 180 * ms}, {PromptHertz, 180 * ms, 180 * ms}, {PromptHertz, 180 * ms, 0}}
	case Urgent:
		const long, pause = 140 * ms, 100 * ms
		five := func(last time.Duration) []Pulse {
			return []Pulse{{UrgentHertz, long, pause}, {UrgentHertz, long, pause}, {UrgentHertz, long, 2*pause + long}, {UrgentHertz, long, pause}, {UrgentHertz, long, last}}
		}
		return append(five(600*ms), five(0)...)
	case Test:
		return []Pulse{{PromptHertz, 400 * ms, 0}}
	case None:
	}
	return nil
}

// Length is how long a burst takes.
func (l Level) Length() (d time.Duration) {
	for _, p := range l.Burst() {
		d += p.Long + p.Pause
	}
	return d
}
