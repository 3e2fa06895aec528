package desk

import (
	"slices"
	"sync"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/words"
)

// verdicts remembers what the rules said of results that were judged last. Of a
// record that is read again because one entry came, every result would be judged
// again, number by number.
//
// A result is known by where its body lies (see views); the person by what the
// rules know of them. So what is remembered is what the rules would say now: they
// are pure, and by which of the site's limits it is judged is a part of the key. Of children under two, whose limits
// change by the hour, nothing is remembered. The zero value is ready.
type verdicts struct {
	mu         sync.Mutex
	young, old map[*byte]verdict
}

// verdict is what the rules say of one result of one person.
type verdict struct {
	body      fhir.Resource // held on to, so that nothing else can come to lie there
	who       alert.Subject
	tongue    string // the language of its words
	limits    string // of the site, by which it was judged; "" the program's own
	said      alert.Verdict
	low, high fhir.Decimal // of the critical band
	band      bool
}

// Bounds of the memory: results in a generation, and the bytes of one.
const (
	maxVerdicts    = 1024
	maxVerdictBody = 8 << 10
)

// of is what the rules say of a result.
func (m *verdicts) of(rules judging, o fhir.Observation, body fhir.Resource, who alert.Subject) verdict {
	if len(body) == 0 || len(body) > maxVerdictBody || who.Age != 0 {
		return judge(rules, o, body, who)
	}
	m.mu.Lock()
	v, there := m.find(&body[0])
	m.mu.Unlock()
	if there && len(v.body) == len(body) && v.who == who && v.limits == rules.by && v.tongue == words.Tag() {
		return v
	}
	v = judge(rules, o, body, who)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.add(&body[0], v)
	return v
}

func judge(rules judging, o fhir.Observation, body fhir.Resource, who alert.Subject) verdict {
	v := verdict{body: body, who: who, tongue: words.Tag(), limits: rules.by, said: rules.judge(o, who)}
	v.said.Why = slices.Clip(v.said.Why) // shared: who adds to it adds to a copy
	v.low, v.high, v.band = rules.rules.Band(o, who)
	return v
}

// find also moves what is asked for to the young. m.mu is held.
func (m *verdicts) find(at *byte) (verdict, bool) {
	v, ok := m.young[at]
	if !ok {
		if v, ok = m.old[at]; ok {
			delete(m.old, at)
			m.add(at, v)
		}
	}
	return v, ok
}

// add begins a new generation where the younger one is full. m.mu is held.
func (m *verdicts) add(at *byte, v verdict) {
	if len(m.young) >= maxVerdicts || m.young == nil {
		m.young, m.old = map[*byte]verdict{}, m.young
	}
	m.young[at] = v
}
