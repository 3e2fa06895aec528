package callout

import (
	"context"
	"errors"
	"slices"
	"time"

	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/rota"
)

// The privacy officer is told of each emergency access, once, by whatever gateway there
// is: first whoever stands on a rota of the computer's wards as "privacy officer" now, then
// the address that central was given. A gateway that is silent or refuses is tried again,
// then the next channel, then the next person; where nobody is reached it begins anew each
// hour. It ends with a message that a gateway took, with the review, or after as long as a
// review may take. Where nobody is set, that is on record, in the log and in the list.

// PrivacyOfficer is the role on a rota.
const PrivacyOfficer = "privacy officer"

// OfEmergency is what a message about an emergency access is of.
const OfEmergency = "emergency"

// theAddress is the person of the address that central was given.
const theAddress = "the privacy officer’s address"

// againAfter is how long it rests where nobody was reached.
const againAfter = time.Hour

// Privacy is what the runner needs of the record for it.
type Privacy interface {
	Tellings(ctx context.Context) (list []submit.Telling, reviewed map[string]bool, err error)
	Tell(ctx context.Context, t submit.Telling) error
	PrivacyTo(ctx context.Context) (submit.PrivacyTo, error)
}

// privacy goes on with each telling that is open.
func (r *Runner) privacy(ctx context.Context, now time.Time) error {
	list, reviewed, err := r.c.Book.Tellings(ctx)
	if err != nil {
		return err
	}
	for _, t := range list[:min(len(list), maxOwed)] {
		if err := r.tell(ctx, t, reviewed[t.ID], now); err != nil {
			return err
		}
	}
	return nil
}

func (r *Runner) tell(ctx context.Context, t submit.Telling, reviewed bool, now time.Time) error {
	was := t.State
	switch over := now.Sub(time.UnixMilli(t.Received)) > submit.ReviewWithin; {
	case reviewed:
		t.State, t.Done = submit.TellReviewed, true
		return r.c.Book.Tell(ctx, t)
	case over:
		t.Done = true
		if t.State == submit.TellWaits {
			t.State = submit.TellFailed
		}
		return r.c.Book.Tell(ctx, t)
	}
	people, zone, err := officersOf(ctx, r.c.Book, t.Wards, now)
	if err != nil {
		return err
	}
	if t.Short == "" {
		if t.Short, err = r.c.Short(int64(crc(fhir.ID(t.ID)))); err != nil {
			return err
		}
	}
	i := slices.IndexFunc(t.Tried, func(d submit.Told) bool { return d.Status == submit.CalloutOwed })
	if i < 0 {
		i = r.nextTold(&t, people, now)
	}
	switch {
	case i >= 0 && now.Before(time.UnixMilli(t.Tried[i].Last).Add(gap(t.Tried[i].Tries))):
		return nil
	case i >= 0:
		// Owed in the journal before it is sent: whatever stops in between, it is sent under
		// the same key.
		if t.State = submit.TellWaits; t.Tried[i].Tries == 0 {
			if err := r.c.Book.Tell(ctx, t); err != nil {
				return err
			}
		}
		r.tryTold(ctx, &t, i, people, zone)
		return r.c.Book.Tell(ctx, t)
	case len(t.Tried) == 0:
		t.State = submit.TellNobody
	default:
		t.State = submit.TellFailed
	}
	if t.State == was {
		return nil
	}
	r.c.Log.Error("the privacy officer is not told of an emergency access; it is tried for 72 hours. It stands in 'wardlightd emergency list'", "state", t.State, "ref", t.Short)
	return r.c.Book.Tell(ctx, t)
}

// officer is somebody who may be told.
type officer struct{ rota.Person }

// Officers is what the record says of who is told.
type Officers interface {
	Rota(ctx context.Context, ward record.Ward) (rota.Rota, error)
	PrivacyTo(ctx context.Context) (submit.PrivacyTo, error)
}

// Untold says whether nobody is told off the screen of an emergency access that begins now
// at a computer of these wards: there is nobody with an address that a gateway is there for.
// Whoever begins one can then tell somebody themselves.
func Untold(ctx context.Context, book Officers, gateways map[string]Gateway, wards []record.Ward, now time.Time) (bool, error) {
	people, _, err := officersOf(ctx, book, wards, now)
	if err != nil {
		return false, err
	}
	for _, p := range people {
		for _, channel := range channels {
			if works(gateways[channel]) && address(p.Person, channel) != "" {
				return false, nil
			}
		}
	}
	return true, nil
}

// works says whether a gateway is set up.
func works(g Gateway) bool {
	_, unusable := g.(broken)
	return g != nil && !unusable
}

// officersOf are those to be told, in order, and the zone of the first rota.
func officersOf(ctx context.Context, book Officers, wards []record.Ward, now time.Time) (people []officer, zone *time.Location, err error) {
	zone = time.UTC
	for _, ward := range wards {
		ro, err := book.Rota(ctx, ward)
		if errors.Is(err, rota.ErrNone) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		if zone == time.UTC && ro.Zone != nil {
			zone = ro.Zone
		}
		for _, on := range ro.On(PrivacyOfficer, now) {
			if !slices.ContainsFunc(people, func(o officer) bool { return o.Name == on.Person.Name }) {
				people = append(people, officer{on.Person})
			}
		}
	}
	to, err := book.PrivacyTo(ctx)
	if err == nil && to != (submit.PrivacyTo{}) {
		people = append(people, officer{rota.Person{Name: theAddress, Pager: to.Pager, Mail: to.Mail}})
	}
	return people, zone, err
}

// nextTold owes the next way that was not tried, and returns which; an hour after the last
// of all ways failed each is owed again, under the key that it had.
func (r *Runner) nextTold(t *submit.Telling, people []officer, now time.Time) int {
	last := time.Time{}
	for _, d := range t.Tried {
		if at := time.UnixMilli(d.Last); at.After(last) {
			last = at
		}
	}
	for _, p := range people {
		for _, channel := range channels {
			if address(p.Person, channel) == "" || r.c.Gateways[channel] == nil {
				continue
			}
			tried := func(d submit.Told) bool { return d.Person == p.Name && d.Channel == channel }
			if slices.ContainsFunc(t.Tried, tried) {
				continue
			}
			key := submit.CalloutID(submit.Callout{Result: fhir.Ref{Type: OfEmergency, ID: fhir.ID(t.ID)}, Person: p.Name, Channel: channel})
			t.Tried = append(t.Tried, submit.Told{Key: string(key), Person: p.Name, Channel: channel, Status: submit.CalloutOwed})
			return len(t.Tried) - 1
		}
	}
	if len(t.Tried) == 0 || now.Before(last.Add(againAfter)) {
		return -1
	}
	for i := range t.Tried {
		t.Tried[i].Status, t.Tried[i].Tries = submit.CalloutOwed, 0
	}
	return 0
}

// tryTold sends one.
func (r *Runner) tryTold(ctx context.Context, t *submit.Telling, i int, people []officer, zone *time.Location) {
	d := &t.Tried[i]
	d.Tries++
	d.Last = r.c.Now().UnixMilli()
	err := errNobody
	if j := slices.IndexFunc(people, func(o officer) bool { return o.Name == d.Person }); j >= 0 {
		if to, g := address(people[j].Person, d.Channel), r.c.Gateways[d.Channel]; to != "" && g != nil {
			ctx, cancel := context.WithTimeout(ctx, tryFor)
			defer cancel()
			err = g.Send(ctx, Message{Key: d.Key, To: to, Ward: wardsText(t.Wards), Short: t.Short, Of: OfEmergency, Began: time.UnixMilli(t.At).In(zone), Heard: time.UnixMilli(t.Received).In(zone)})
		}
	}
	switch {
	case err == nil:
		d.Status, d.Words = submit.CalloutSent, "sent"
		t.State, t.Done = submit.TellSent, true
	case d.Tries >= maxTries || errors.Is(err, errNobody):
		d.Status, d.Words = submit.CalloutFailed, words(err)
	default:
		d.Words = words(err) + "; it is tried again"
	}
	if err != nil {
		r.c.Log.Error("the privacy officer could not be told of an emergency access", "channel", d.Channel, "try", d.Tries, "ref", t.Short, "why", words(err))
	}
}

func wardsText(wards []record.Ward) (text string) {
	for i, w := range wards {
		if i > 0 {
			text += ", "
		}
		text += string(w)
	}
	return text
}
