package desk

import (
	"context"
	"slices"
	"sync"

	"wardlight/internal/clinical/ward"
)

// post carries notices to any number of subscribers. Each has one slot of
// what it has not yet read; notices run together in it, so that a slow
// subscriber costs a bounded amount of memory and blocks nobody. It loses no
// kind of notice: only how often it was said.
type post struct {
	mu   sync.Mutex
	subs map[*subscriber]bool
}

type subscriber struct {
	mu    sync.Mutex
	kinds []ward.NoticeKind
	who   map[ward.PatientID]bool
	all   bool
	wake  chan struct{}
}

// namedPatients bounds one notice; above it, it says "all".
const namedPatients = 256

func (p *post) init() { p.subs = map[*subscriber]bool{} }

// Subscribe returns the notices from now on. The channel is closed when ctx
// ends.
func (d *Desk) Subscribe(ctx context.Context) <-chan ward.Notice {
	s := &subscriber{wake: make(chan struct{}, 1)}
	out := make(chan ward.Notice)
	d.post.mu.Lock()
	d.post.subs[s] = true
	d.post.mu.Unlock()
	go func() {
		defer close(out)
		defer d.post.drop(s)
		for {
			n, ok := s.next()
			if !ok {
				select {
				case <-ctx.Done():
					return
				case <-s.wake:
				}
				continue
			}
			select {
			case out <- n:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

func (p *post) drop(s *subscriber) {
	p.mu.Lock()
	delete(p.subs, s)
	p.mu.Unlock()
}

// send never blocks.
func (p *post) send(n ward.Notice) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for s := range p.subs {
		s.add(n)
	}
}

func (s *subscriber) add(n ward.Notice) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.kinds, n.Kind) {
		s.kinds = append(s.kinds, n.Kind)
	}
	if n.Kind == ward.NoticePatients {
		s.addPatients(n.Patients)
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *subscriber) addPatients(ids []ward.PatientID) {
	if len(ids) == 0 || s.all || len(s.who)+len(ids) > namedPatients {
		s.all, s.who = true, nil
		return
	}
	if s.who == nil {
		s.who = map[ward.PatientID]bool{}
	}
	for _, id := range ids {
		s.who[id] = true
	}
}

func (s *subscriber) next() (ward.Notice, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.kinds) == 0 {
		return ward.Notice{}, false
	}
	n := ward.Notice{Kind: s.kinds[0]}
	s.kinds = s.kinds[1:]
	if n.Kind == ward.NoticePatients {
		for id := range s.who {
			n.Patients = append(n.Patients, id)
		}
		slices.Sort(n.Patients)
		s.all, s.who = false, nil
	}
	return n, true
}
