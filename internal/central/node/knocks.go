package node

import (
	"cmp"
	"context"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
	"wardlight/sync/wire"
)

// Who was turned away at a door is on record, though nobody is signed in there and
// nothing happened: certificates that are not believed, codes that are not right,
// lines that are not the protocol. Strangers may knock as often as they like, and the
// journal is for ever; so what is alike is counted and becomes one event in a minute,
// and of so many different ones at once the rest is one more.

const (
	knockEvery = time.Minute
	maxKnocks  = 24 // different ones in a minute
)

// knock is one kind of refusal: what was refused, at which door, and to whom as far
// as that is proven.
type knock struct {
	what    string           // fixed words
	station record.StationID // whose certificate it was; "": not known
	sender  string           // whose certificate it was; "": not known
	remote  string           // an address without its port; "": not known
}

// knocks counts refusals until they are put on record. Safe for concurrent use; note
// never waits.
type knocks struct {
	mu    sync.Mutex
	count map[knock]int
	more  int // beyond maxKnocks different ones
}

func (k *knocks) note(n knock) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.count == nil {
		k.count = map[knock]int{}
	}
	if _, there := k.count[n]; !there && len(k.count) >= maxKnocks {
		k.more++
		return
	}
	k.count[n]++
}

// counted is one line of what take hands over.
type counted struct {
	knock
	times int
}

// take hands over what was counted since it was last asked, and forgets it.
func (k *knocks) take() []counted {
	k.mu.Lock()
	defer k.mu.Unlock()
	var list []counted
	for n, times := range k.count {
		list = append(list, counted{n, times})
	}
	slices.SortFunc(list, func(a, b counted) int {
		return cmp.Or(strings.Compare(a.what, b.what), strings.Compare(string(a.station), string(b.station)), strings.Compare(a.sender, b.sender), strings.Compare(a.remote, b.remote))
	})
	if k.more > 0 {
		list = append(list, counted{knock{what: "further ones, of more kinds than are told apart in a minute"}, k.more})
	}
	k.count, k.more = nil, 0
	return list
}

// recordKnocks puts on record what was turned away: the first soon, for who looks
// after an alarm, then once a minute; and the rest at the end.
func (n *Node) recordKnocks(ctx context.Context) {
	wait := knockEvery / 30
	for {
		select {
		case <-ctx.Done():
			n.recordKnocksNow(context.WithoutCancel(ctx))
			return
		case <-time.After(wait):
		}
		if wait = knockEvery / 30; n.recordKnocksNow(ctx) {
			wait = knockEvery
		}
	}
}

func (n *Node) recordKnocksNow(ctx context.Context) (any bool) {
	for _, c := range n.knocks.take() {
		any = true
		b, err := c.event(n.conf.Now())
		if err == nil {
			err = n.submit.Audit(ctx, b)
		}
		if err != nil {
			n.conf.Log.Error("what was turned away at a door could not be put on record", "what", c.what, "times", c.times, "err", err)
		}
	}
	return any
}

func (c counted) event(at time.Time) ([]byte, error) {
	e := audit.Event{
		Action: audit.Config, Recorded: at, Observer: "central", Purpose: audit.Operations, Outcome: audit.Refused, Reason: c.what,
		Who:     audit.Who{Sender: cmp.Or(c.remote, "somebody at the door"), Station: c.station},
		Details: []audit.Detail{{Name: "what", Value: "turned-away"}, {Name: "times", Value: strconv.Itoa(c.times)}},
	}
	switch {
	case c.station != "":
		e.Who.Sender = "computer " + string(c.station)
	case c.sender != "":
		e.Who.Sender = "sender " + c.sender
	}
	return e.JSON()
}

// hostOf is an address without its port.
func hostOf(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return ""
	}
	return host
}

// refusedStation and refusedCode are told by the handshake, where the certificate or
// the proof was looked at.
func (n *Node) refusedStation(id string, why error) {
	what := "a computer that is not enrolled here was refused at the handshake"
	if fault.Is(why, fault.Denied) {
		what = "a computer whose enrolment was withdrawn was refused at the handshake"
	}
	n.knocks.note(knock{what: what, station: record.StationID(id)})
}

func (n *Node) refusedCode(error) {
	n.knocks.note(knock{what: "an enrolment was refused: the code was wrong, used or too old, or there had been too many"})
}

func (n *Node) refusedBusy(s record.StationID) {
	n.knocks.note(knock{what: "a sign-in was turned away: too many were asked for at once; no PIN was tried", station: s})
}

// refusedFrames is told by the sync line what it broke off.
func (n *Node) refusedFrames(s record.StationID, why wire.Reason) {
	what := map[wire.Reason]string{
		wire.ByeProtocol: "a sync line was broken off: what came was not the protocol, or out of order",
		wire.ByeVersion:  "a sync line was broken off: a version or a message that is not known here",
		wire.ByeDenied:   "a sync line was broken off: the computer is unknown, withdrawn, or named itself as another",
		wire.ByeCloned:   "a sync line was broken off: two computers use one identity, or one was put back to an older image",
	}[why]
	if what != "" {
		n.knocks.note(knock{what: what, station: s})
	}
}

// handshakes reads what the HTTP server says of handshakes that failed before
// anybody could be asked who it is. The server has no other way to tell.
type handshakes struct{ n *Node }

const handshakeWords = "http: TLS handshake error from "

// Write implements io.Writer; the server writes one line at a time.
func (h handshakes) Write(line []byte) (int, error) {
	if _, rest, is := strings.Cut(string(line), handshakeWords); is {
		if remote, why, ok := strings.Cut(rest, ": "); ok {
			if what := refusedFor(why); what != "" {
				h.n.knocks.note(knock{what: what, remote: hostOf(remote)})
			}
		}
	}
	h.n.conf.Log.Debug(strings.TrimSpace(string(line))) // strangers knock all day
	return len(line), nil
}

// refusedFor says in fixed words why; "" for who only went away, or was told of by
// refusedStation and refusedCode.
func refusedFor(why string) string {
	switch {
	case strings.Contains(why, "enrol."):
		return ""
	case strings.Contains(why, "unsupported versions"), strings.Contains(why, "no application protocol"), strings.Contains(why, "unsupported application protocols"):
		return "a connection was refused at the handshake: an older TLS than 1.3, or another protocol"
	case strings.Contains(why, "certificate"):
		return "a connection was refused at the handshake: no certificate, one that has run out, or another authority's"
	case strings.Contains(why, "i/o timeout"):
		return "a connection was refused: it did not show in time who it is"
	case strings.Contains(why, "does not look like a TLS handshake"), strings.Contains(why, "HTTP request to an HTTPS"), strings.Contains(why, "HTTP request to HTTPS"):
		return "a connection was refused: it did not begin with TLS"
	}
	return ""
}
