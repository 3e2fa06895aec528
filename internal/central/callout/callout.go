// Package callout tells somebody off the screen that a critical result waits, in a
// record, after the patient has left, or held back; that one was corrected to a
// harmless value after somebody had it; or that a handover waits: by mail and by a
// pager's gateway, whom the ward's rota says, as the ladder climbs.
//
// What it promises:
//   - A message holds nothing of a patient: the ward, that it is urgent, to open
//     Wardlight, and a short reference.
//   - A message is owed in the journal before it is sent, under a key that follows
//     from what it is about. It is sent at least once, whatever stops in between,
//     and a gateway that knows keys sends it once.
//   - A gateway that is silent or refuses is itself escalated: another try with
//     back-off, then the person's next channel, then the ladder's next step at
//     once; each is in the journal, in the audit trail and on the ward's screens.
//   - Everything is bounded: tries, time, how many are owed at once.
//   - Whoever takes the result stops what has not been sent.
//
// Where several nodes share one journal only one may send: the one that holds the
// Lease. Without it a node owes nothing and sends nothing. The key makes two that
// both believe they hold it send the same message, and not two.
package callout

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/rota"
)

// Message is what leaves the hospital's network.
type Message struct {
	Key   string // under which a gateway may know it again
	To    string // a pager's number or a mail address
	Ward  string
	Step  int
	Short string // "K4T9XQ"
	Of    string // "" for a critical result, else submit.OfCorrected, submit.OfHandover or OfEmergency
	// Began and Heard are of an emergency access: when it began, and when central heard of it.
	Began, Heard time.Time
}

// Urgent says whether a patient may come to harm while it waits.
func (m Message) Urgent() bool { return m.Of != submit.OfHandover && m.Of != OfEmergency }

// Subject is what a mail is headed.
func (m Message) Subject() string {
	switch {
	case m.Of == OfEmergency:
		return "Wardlight: emergency access to a record, please review it"
	case m.Urgent():
		return "URGENT: ward " + m.Ward + ", open Wardlight"
	}
	return "Ward " + m.Ward + ", open Wardlight"
}

// clockTime is how a message says a time: no language is asked, and no order of day and
// month can be mistaken.
const clockTime = "2006-01-02 15:04 MST"

// Text is the message in words.
func (m Message) Text() string {
	switch m.Of {
	case OfEmergency:
		return fmt.Sprintf("Ward %s: emergency access to a record began at %s; central heard of it at %s. Please review it within 72 hours: wardlightd emergency list. Ref %s", m.Ward, m.Began.Format(clockTime), m.Heard.Format(clockTime), m.Short)
	case submit.OfHandover:
		return fmt.Sprintf("Ward %s: a handover waits and nobody has accepted it (step %d). Open Wardlight. Ref %s", m.Ward, m.Step, m.Short)
	case submit.OfCorrected:
		return fmt.Sprintf("URGENT, ward %s: a critical result was corrected after somebody had it, and nobody has taken the correction (step %d). Open Wardlight. Ref %s", m.Ward, m.Step, m.Short)
	}
	return fmt.Sprintf("URGENT, ward %s: a critical result waits and nobody has taken it (step %d). Open Wardlight. Ref %s", m.Ward, m.Step, m.Short)
}

// Gateway sends by one channel. An error means that nobody knows whether it was
// sent; it is tried again under the same key.
type Gateway interface {
	Send(ctx context.Context, m Message) error
}

// Channels are the ways to reach a person, in the order in which they are tried.
const (
	Pager = "pager"
	Mail  = "mail"
)

var channels = []string{Pager, Mail}

// Book is what the runner needs of the record.
type Book interface {
	Rota(ctx context.Context, ward record.Ward) (rota.Rota, error)
	Callouts(ctx context.Context, result fhir.Ref) ([]submit.Callout, error)
	Owed(ctx context.Context) ([]submit.Callout, error)
	Owe(ctx context.Context, list []submit.Callout) error
	Called(ctx context.Context, c submit.Callout) error
	Privacy
}

// Duties says which critical results nobody has.
type Duties interface {
	Follow(ctx context.Context) error
	Open(now time.Time) []submit.OpenDuty
}

// Lease says whether this node is the one that sends. A single node always does
// (nil); nodes that share a journal bring one that is lost when its holder is.
type Lease interface {
	Held(ctx context.Context) bool
}

// Config is what a Runner is made of.
type Config struct {
	Book     Book
	Duties   Duties
	Rules    alert.Rules
	Gateways map[string]Gateway // by channel
	Short    func(key int64) (string, error)
	Now      func() time.Time
	Log      *slog.Logger
	Lease    Lease
}

// Bounds.
const (
	every    = 5 * time.Second
	tryFor   = 10 * time.Second // one try
	firstGap = 15 * time.Second // between tries, doubled each time
	lastGap  = 2 * time.Minute
	maxTries = 4
	maxOwed  = 64 // owed by one pass; the rest waits for the next
)

// Runner works until its context ends.
type Runner struct{ c Config }

// New makes one.
func New(c Config) *Runner { return &Runner{c} }

// Run looks every few seconds. What fails is told and tried again.
func (r *Runner) Run(ctx context.Context) {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		if err := r.Pass(ctx); err != nil && ctx.Err() == nil {
			r.c.Log.Error("who is to be told of critical results cannot be worked out; it is tried again", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// Pass owes what has become due and sends what is owed, once.
func (r *Runner) Pass(ctx context.Context) error {
	if r.c.Lease != nil && !r.c.Lease.Held(ctx) {
		return nil
	}
	if err := r.clinical(ctx); err != nil {
		return err
	}
	return r.privacy(ctx, r.c.Now())
}

// clinical tells of what waits for somebody on a ward.
func (r *Runner) clinical(ctx context.Context) error {
	if len(r.c.Gateways) == 0 {
		return nil
	}
	if err := r.c.Duties.Follow(ctx); err != nil {
		return err
	}
	now := r.c.Now()
	open := r.c.Duties.Open(now)
	if err := r.owe(ctx, open, now); err != nil {
		return err
	}
	if err := r.send(ctx, open, now); err != nil {
		return err
	}
	return r.owe(ctx, open, now) // a channel that was given up is followed by the next at once
}

func (r *Runner) owe(ctx context.Context, open []submit.OpenDuty, now time.Time) error {
	var list []submit.Callout
	for _, d := range open {
		had, err := r.c.Book.Callouts(ctx, d.Result)
		if err != nil {
			return err
		}
		for _, ward := range d.Wards {
			ro, err := r.c.Book.Rota(ctx, ward)
			if errors.Is(err, rota.ErrNone) {
				continue // the ward's screens say that it has none
			}
			if err != nil {
				return err
			}
			list = append(list, r.plan(d, ward, ro, had, now)...)
		}
	}
	list = list[:min(len(list), maxOwed)]
	for i := range list {
		short, err := r.c.Short(int64(crc(submit.CalloutID(list[i]))))
		if err != nil {
			return err
		}
		list[i].Short = short
	}
	return r.c.Book.Owe(ctx, list)
}

// crc is a number of an id: the reference is a name to find it by, no secret.
func crc(id fhir.ID) uint32 {
	h := uint32(2166136261) // FNV-1a
	for i := range len(id) {
		h = (h ^ uint32(id[i])) * 16777619
	}
	return h & 0x3fffffff
}

// send tries what is owed and due, and calls off what nobody needs any more.
func (r *Runner) send(ctx context.Context, open []submit.OpenDuty, now time.Time) error {
	owed, err := r.c.Book.Owed(ctx)
	if err != nil {
		return err
	}
	for _, c := range owed {
		if !waits(c, open) {
			c.Status, c.Words = submit.CalloutCancelled, "somebody has the result"
		} else if now.Before(c.Last.Add(gap(c.Tries))) {
			continue
		} else {
			r.try(ctx, &c)
		}
		if err := r.c.Book.Called(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// waits says whether the duty of a message is still open, in the meaning that it
// was owed for.
func waits(c submit.Callout, open []submit.OpenDuty) bool {
	for _, d := range open {
		if d.Result == c.Result && d.Since.Equal(c.Since) {
			return true
		}
	}
	return false
}

// gap is how long to wait after so many tries.
func gap(tries int) time.Duration {
	if tries == 0 {
		return 0
	}
	return min(firstGap<<(tries-1), lastGap)
}

// try sends one message. What became of it is in c, with words that hold neither
// address nor secret.
func (r *Runner) try(ctx context.Context, c *submit.Callout) {
	c.Tries++
	err := r.sendOne(ctx, *c)
	switch {
	case err == nil:
		c.Status, c.Words = submit.CalloutSent, "sent"
	case c.Tries >= maxTries || errors.Is(err, errNobody):
		c.Status, c.Words = submit.CalloutFailed, words(err)
	default:
		c.Words = words(err) + "; it is tried again"
	}
	if err != nil {
		r.c.Log.Error("somebody could not be told of a critical result", "channel", c.Channel, "try", c.Tries, "ref", c.Short, "why", words(err))
	}
}

// errNobody is that the rota does not know the person, or the channel, any more.
var errNobody = errors.New("the rota gives no such address any more")

func (r *Runner) sendOne(ctx context.Context, c submit.Callout) error {
	ro, err := r.c.Book.Rota(ctx, c.Ward)
	if err != nil && !errors.Is(err, rota.ErrNone) {
		return err
	}
	p, _ := ro.Whose(c.Person)
	to, g := address(p, c.Channel), r.c.Gateways[c.Channel]
	if to == "" || g == nil {
		return errNobody
	}
	ctx, cancel := context.WithTimeout(ctx, tryFor)
	defer cancel()
	return g.Send(ctx, Message{Key: string(c.ID), To: to, Ward: string(c.Ward), Step: c.Step, Short: c.Short, Of: c.Of})
}

func address(p rota.Person, channel string) string {
	if channel == Pager {
		return p.Pager
	}
	return p.Mail
}

// words are why a message was not sent, for screens and logs: never what a gateway
// or a library said, which may quote an address or a header.
func words(err error) string {
	var refused *Refused
	switch {
	case errors.Is(err, errNobody):
		return errNobody.Error()
	case errors.As(err, &refused):
		return fmt.Sprintf("the gateway refused it (%d)", refused.Code)
	case errors.Is(err, context.DeadlineExceeded):
		return "the gateway does not answer"
	}
	return "the gateway is not reached"
}

// Refused is a gateway's answer that it will not send.
type Refused struct{ Code int }

func (r *Refused) Error() string { return fmt.Sprintf("callout: refused with %d", r.Code) }
