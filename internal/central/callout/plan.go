package callout

import (
	"slices"
	"time"

	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/rota"
)

// plan is who is to be told of a duty by now and is not owed a message yet. had
// are the messages about it so far. A step whose people cannot be reached by any
// channel is one with nobody on it: the ladder goes to the next at once.
func (r *Runner) plan(d submit.OpenDuty, ward record.Ward, ro rota.Rota, had []submit.Callout, now time.Time) []submit.Callout {
	kind := alert.LadderInpatient
	switch {
	case d.Of == submit.OfHandover:
		kind = alert.LadderHandover
	case d.Remote:
		kind = alert.LadderRemote
	}
	l := r.c.Rules.Ladder(kind)
	// The first step is the screens' own: whoever is on its roles is told besides.
	staffed := func(step int) bool { return step == 0 || r.staffed(l.Steps[step], d, step, ro, had, now) }
	climb := l.At(d.Since, now, d.Duty, staffed)
	if climb.Stopped {
		return nil
	}
	var out []submit.Callout
	for step := 0; step <= climb.Step; step++ {
		round := 0
		if step == len(l.Steps)-1 {
			round = climb.Round
		}
		for _, role := range rota.RolesOf(l.Steps[step].Who) {
			for _, on := range ro.On(role, now) {
				c := submit.Callout{Result: d.Result, Patient: d.Patient, Ward: ward, Since: d.Since, Step: step, Round: round, Role: role, Person: on.Person.Name, Of: d.Of}
				if channel, ok := r.next(c, on.Person, had); ok {
					c.Channel = channel
					out = append(out, c)
				}
			}
		}
	}
	return out
}

// next is the channel by which a person is to be told now: the first that has not
// failed, unless they were told, or are being told, already.
func (r *Runner) next(c submit.Callout, p rota.Person, had []submit.Callout) (channel string, ok bool) {
	for _, channel := range channels {
		if address(p, channel) == "" || r.c.Gateways[channel] == nil {
			continue
		}
		c.Channel = channel
		i := slices.IndexFunc(had, func(h submit.Callout) bool { return h.ID == submit.CalloutID(c) })
		switch {
		case i < 0:
			return channel, true
		case had[i].Status != submit.CalloutFailed:
			return "", false
		}
	}
	return "", false
}

// staffed says whether somebody of a step is there to be told: on the rota, and not
// out of reach by every channel.
func (r *Runner) staffed(s alert.Step, d submit.OpenDuty, step int, ro rota.Rota, had []submit.Callout, now time.Time) bool {
	for _, role := range rota.RolesOf(s.Who) {
		for _, on := range ro.On(role, now) {
			failed := func(channel string) bool {
				return slices.ContainsFunc(had, func(h submit.Callout) bool {
					return h.Since.Equal(d.Since) && h.Step == step && h.Person == on.Person.Name && h.Channel == channel && h.Status == submit.CalloutFailed
				})
			}
			reach := slices.ContainsFunc(channels, func(channel string) bool {
				return address(on.Person, channel) != "" && r.c.Gateways[channel] != nil && !failed(channel)
			})
			if reach {
				return true
			}
		}
	}
	return false
}
