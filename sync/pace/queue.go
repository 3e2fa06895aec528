package pace

import (
	"wardlight/internal/compact"
	"wardlight/internal/fault"
	"wardlight/sync/wire"
)

// maxWaiting bounds the messages that wait. The callers' windows keep them far
// fewer; more means that the line stands still.
const maxWaiting = 1024

// queue orders what waits: what is small and waited for, what is urgent, then
// what is long, in pieces, and last the audit events, which nobody waits for.
// Each of the four keeps its order.
type queue struct {
	prompt, urgent, bulk, last []waiting
	cut                        *wire.Cutter // of the bulk message that has begun
	cutSent                    func()       // is told when the last of it is written
	// packed is what urgent and bulk messages are packed with; what is prompt
	// is small, and may be the welcome that says so.
	packed   compact.Dictionary
	sideways bool // the other side opens what was turned on its side
}

type waiting struct {
	msg   wire.Message
	flags wire.Flag
	sent  func() // is told when all of it is written; nil: nobody asks
}

// isBulk says which messages may be long and must not stand before the others.
func isBulk(m wire.Message) bool {
	switch m.Type() {
	case wire.TypeBatch, wire.TypeDelta, wire.TypeChunk, wire.TypePush, wire.TypeGiveBack:
		return true
	default:
		return false
	}
}

// maxDocuments bounds the parts of documents that wait: whoever asks for another
// one has the last.
const maxDocuments = 4

func (q *queue) documents() (n int) {
	for _, w := range q.last {
		if w.msg.Type() == wire.TypeDocument {
			n++
		}
	}
	return n
}

func (q *queue) len() int { return len(q.prompt) + len(q.urgent) + len(q.bulk) + len(q.last) }

// put queues a message. After the last word nothing that has not begun is of
// use any more.
func (q *queue) put(m wire.Message, flags wire.Flag, sent func()) error {
	if q.len() >= maxWaiting {
		return fault.New(fault.Timeout, "pace.put", m.Type().String(), "the line stands still")
	}
	w := waiting{m, flags, sent}
	switch {
	case m.Type() == wire.TypeAhead:
		q.urgent = append(q.urgent, w)
	case m.Type() == wire.TypeDocument && q.documents() >= maxDocuments:
		return fault.New(fault.Timeout, "pace.put", m.Type().String(), "parts of documents are asked for and not read")
	case m.Type() == wire.TypeLooks, m.Type() == wire.TypeDocument:
		q.last = append(q.last, w)
	case isBulk(m):
		q.bulk = append(q.bulk, w)
	default:
		q.prompt = append(q.prompt, w)
	}
	if m.Type() == wire.TypeBye {
		q.urgent, q.bulk, q.last, q.cut, q.cutSent = nil, nil, nil, nil, nil
	}
	return nil
}

// first takes the first of a class; an emptied class holds no memory.
func first(class *[]waiting) waiting {
	w := (*class)[0]
	(*class)[0] = waiting{}
	if *class = (*class)[1:]; len(*class) == 0 {
		*class = nil
	}
	return w
}

// next are the frames to write now: all of a prompt message, all of an urgent
// one where not too much of those is under way, or one piece of a bulk one where
// there is room. None where nothing may go. sent, where there is one, is to be told
// when they are written: they are the last of a message.
func (q *queue) next(room, urgentRoom, piece int, on kind) (frames [][]byte, sent func(), err error) {
	switch {
	case len(q.prompt) > 0:
		w := first(&q.prompt)
		if t := w.msg.Type(); t == wire.TypeHello || t == wire.TypeWelcome {
			frames, err = wire.Split(w.msg, w.flags) // what is agreed holds from there on
			return frames, w.sent, err
		}
		frames, err = wire.SplitPacked(w.msg, w.flags, q.packed)
		return frames, w.sent, err
	case len(q.urgent) > 0 && urgentRoom > 0:
		w := first(&q.urgent)
		frames, err = wire.SplitPacked(w.msg, w.flags, q.packed)
		return frames, w.sent, err
	case room <= 0 || q.cut == nil && len(q.bulk)+len(q.last) == 0:
		return nil, nil, nil
	}
	if q.cut == nil {
		from := &q.bulk
		if len(q.bulk) == 0 {
			from = &q.last
		}
		w := first(from)
		q.cutSent = w.sent
		if q.cut, err = q.cutFor(on, w); err != nil {
			return nil, nil, err
		}
	}
	frame, last := q.cut.Next(piece)
	if last {
		sent, q.cut, q.cutSent = q.cutSent, nil, nil
	}
	return [][]byte{frame}, sent, nil
}

// cutFor packs a message as it pays on the line.
func (q *queue) cutFor(on kind, w waiting) (*wire.Cutter, error) {
	switch on {
	case slowLine:
		return wire.CutHard(w.msg, w.flags, q.packed, q.sideways)
	case quickLine:
		return wire.CutQuick(w.msg, w.flags, q.packed)
	default:
		return wire.CutPacked(w.msg, w.flags, q.packed)
	}
}
