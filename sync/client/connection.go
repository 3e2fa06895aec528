package client

import (
	"time"

	"wardlight/internal/fault"
	"wardlight/sync/wire"
)

// never is a deadline that does not come.
const never = time.Duration(1<<63 - 1)

// Wake is the monotonic time at which the machine wants its next Wakeup.
func (m *Machine) Wake() time.Duration {
	storeRetry := earliest(m.down.retryAt, m.up.retryAt, m.look.retryAt, m.lookAt(), m.give.retryAt, m.give.firstTo, m.checkAt(), m.holdUntil(), m.fetchAt())
	switch m.phase {
	case phaseOff:
		return storeRetry
	case phaseWaiting:
		return min(m.retryAt, storeRetry)
	case phaseDialing, phaseLoading, phaseGreeted:
		return min(m.giveUpAt, storeRetry)
	default:
		return min(m.pingAt, m.heard+m.timing.Dead, m.stallAt(), storeRetry)
	}
}

// earliest is the smallest of the times that are set.
func earliest(times ...time.Duration) time.Duration {
	first := never
	for _, t := range times {
		if t > 0 && t < first {
			first = t
		}
	}
	return first
}

// stallAt is when something that was asked for is overdue.
func (m *Machine) stallAt() time.Duration {
	at := never
	if len(m.up.flight) > m.up.answered || m.look.sent || m.give.sent > 0 {
		at = min(at, m.up.progress+m.timing.Stall)
	}
	if m.state.Snapshot.Active && !m.down.applying {
		at = min(at, m.down.progress+m.timing.Stall)
	}
	return at
}

// wakeup does whatever is due.
func (m *Machine) wakeup(now wire.Now) {
	m.dueStore(now)
	switch m.phase {
	case phaseOff:
	case phaseWaiting:
		if now.Mono >= m.retryAt {
			m.dial(now)
		}
	case phaseDialing, phaseLoading, phaseGreeted:
		if now.Mono >= m.giveUpAt {
			m.hangup(now, wire.ByeGoing, "")
		}
	case phaseReoffer, phaseOnline, phaseDoubted:
		m.dueOnline(now)
	}
}

func (m *Machine) dueOnline(now wire.Now) {
	switch {
	case now.Mono >= m.heard+m.timing.Dead:
		m.hangup(now, wire.ByeGoing, "") // half open: it would be read by nobody
	case now.Mono >= m.stallAt():
		m.hangup(now, wire.ByeSlow, "what was asked for did not come")
	case now.Mono >= m.pingAt:
		m.pingID++
		m.pinged = now.Mono
		m.pingAt = now.Mono + m.timing.Heartbeat
		m.send(&wire.Ping{ID: m.pingID, Wall: now.Wall, Applied: m.down.applied()})
		if now.Mono-m.welcomeAt >= stableAfter {
			m.attempts = 0
		}
	}
}

func (m *Machine) dial(now wire.Now) {
	m.session++
	m.phase = phaseDialing
	m.giveUpAt = now.Mono + m.timing.Greet
	m.heard = now.Mono
	m.state.Server = m.servers[m.server]
	m.do(Dial{Session: m.session, Server: m.state.Server})
}

// hangup ends the session from this side, with a word if there is one to say.
func (m *Machine) hangup(now wire.Now, reason wire.Reason, words string) {
	if words != "" {
		m.send(&wire.Bye{Reason: reason, Words: words})
	}
	m.do(Hangup{Session: m.session})
	m.over(now, 0)
}

// lost is the end of a session from the other side, or of an attempt.
func (m *Machine) lost(err error, now wire.Now) {
	var atLeast time.Duration
	switch fault.KindOf(err) {
	case fault.Denied, fault.Unknown:
		m.refuse("certificate", "The server at this address could not be trusted, or does not know this computer. Nothing was sent to it. Ask the administrator whether the server's or this computer's certificate was renewed.")
		atLeast = m.timing.BackoffMax
	case fault.Unsupported:
		m.refuse(wire.ByeVersion.String(), "The server does not speak this program's protocol. What is written here is kept and will be sent after an update.")
		atLeast = m.timing.BackoffMax
	default: // an ordinary failure: the usual wait
	}
	m.do(Hangup{Session: m.session})
	m.over(now, atLeast)
}

// over forgets the session and sets when to try again: the next address soon,
// and after each round of all addresses a wait with full jitter, so that a
// ward of stations does not come back in one wave.
func (m *Machine) over(now wire.Now, atLeast time.Duration) {
	if m.online() && now.Mono-m.welcomeAt >= stableAfter {
		m.attempts = 0
	}
	m.setConnected(false, now)
	m.phase = phaseWaiting
	m.session++ // whatever the old one still says is ignored
	m.down.drop()
	m.ahead.waiting = nil
	m.state.Snapshot.Active = false
	m.up.release()
	m.up.reset(1)
	m.look.reset()
	m.give.reset()
	m.check.reset()
	m.fetch.reset()
	m.common = nil
	m.server = (m.server + 1) % len(m.servers)
	m.attempts++
	m.retryAt = now.Mono + max(m.backoff(), atLeast)
}

func (m *Machine) backoff() time.Duration {
	if m.attempts%len(m.servers) != 0 {
		return betweenHosts
	}
	bound := m.timing.BackoffMax
	if round := m.attempts / len(m.servers); round < 16 {
		bound = min(bound, m.timing.BackoffMin<<(round-1))
	}
	return time.Duration(m.rng.Int64N(int64(bound) + 1))
}

// bye is central's last word.
func (m *Machine) bye(b *wire.Bye, now wire.Now) {
	m.do(Hangup{Session: m.session})
	wait := time.Duration(0)
	switch b.Reason {
	case wire.ByeVersion, wire.ByeDenied, wire.ByeDiverged, wire.ByeCloned:
		m.refuse(b.Reason.String(), b.Words)
		wait = m.timing.Refused
	case wire.ByeReplaced, wire.ByeProtocol:
		wait = m.timing.BackoffMax / 2
	default: // central comes back: the usual wait
	}
	m.over(now, wait)
}

// garbled ends a session whose bytes make no sense. Nothing of them was used.
func (m *Machine) garbled(err error, now wire.Now) {
	switch fault.KindOf(err) {
	case fault.Unsupported:
		m.refuse(wire.ByeVersion.String(), "The server speaks a newer protocol than this program. What is written here is kept and will be sent after an update.")
		m.hangup(now, wire.ByeVersion, "this program does not know that version or message")
	case fault.Corrupt:
		m.refuse("signature", "Data from the server was not signed by our server, or was damaged. It was not used. What is shown is what was received before; what is written here is kept.")
		m.hangup(now, wire.ByeProtocol, "a signature is wrong")
	default:
		m.hangup(now, wire.ByeProtocol, "a frame could not be read")
	}
	m.retryAt = max(m.retryAt, now.Mono+m.timing.BackoffMin)
}

func (m *Machine) switchOn(now wire.Now) {
	m.state.Off = false
	if m.phase == phaseOff || m.phase == phaseWaiting {
		m.phase = phaseWaiting
		m.attempts = 0
		m.retryAt = 0
		m.dial(now)
	}
}

func (m *Machine) switchOff(now wire.Now) {
	m.state.Off = true
	if m.phase == phaseOff {
		return
	}
	if m.phase != phaseWaiting {
		m.send(&wire.Bye{Reason: wire.ByeGoing, Words: "disconnected by hand"})
		m.do(Hangup{Session: m.session})
		m.over(now, 0)
	}
	m.phase = phaseOff
}

func (m *Machine) setConnected(on bool, now wire.Now) {
	if m.state.Connected != on || m.state.Since == 0 {
		m.state.Connected = on
		m.state.Since = now.Wall
	}
}

func (m *Machine) refuse(reason, words string) {
	m.state.Refused = Refusal{Reason: reason, Words: words}
}
