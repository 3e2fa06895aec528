package wire

import (
	"sync"

	"wardlight/internal/compact"
)

// ready are the payloads of a message that many connections send: made once for
// each way of packing it, by whoever needs it first, and then only read.
type ready struct {
	mu   sync.Mutex
	made map[way]payload
}

// way is how a payload is packed.
type way struct {
	with     compact.Dictionary
	hard     bool
	sideways bool
	quick    bool
}

// least is the shortest payload that is packed.
func (w way) least() int {
	if w.quick {
		return worthQuick
	}
	return worthPacking
}

// payload is what goes into frames. Its bytes are shared and never changed.
type payload struct {
	bytes  []byte
	packed bool
}

// Share says that many connections will send the batch: a critical result goes
// to a whole hospital at once, and is encoded and packed once for all of it. It
// is called before the batch is handed to anybody.
func (m *Batch) Share() { m.ready = &ready{made: map[way]payload{}} }

func (r *ready) payload(m Message, w way) (payload, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p, made := r.made[w]
	if made {
		return p, nil
	}
	p, err := render(m, w)
	if err == nil {
		r.made[w] = p
	}
	return p, err
}

// payloadOf renders a message, or takes what was rendered before.
func payloadOf(m Message, w way) (payload, error) {
	if b, ok := m.(*Batch); ok && b.ready != nil {
		return b.ready.payload(m, w)
	}
	return render(m, w)
}
