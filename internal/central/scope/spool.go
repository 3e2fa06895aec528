package scope

import (
	"sync"

	"wardlight/internal/clinical/record"
)

// spools keep what was read ahead for snapshots under way: one for a station,
// maxSpools in all, the one used longest ago making room.
type spools struct {
	mu    sync.Mutex
	of    map[record.StationID]*spool
	clock uint64
}

type spool struct {
	snapshot, next string
	items          []item
	mark           mark
	used           uint64
}

const maxSpools = 16

// take returns what was read ahead behind a token, if any of it is left.
func (s *spools) take(station record.StationID, snapshot, next string) ([]item, mark, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sp := s.of[station]
	if sp == nil || snapshot == "" || sp.snapshot != snapshot || sp.next != next || len(sp.items) == 0 {
		return nil, mark{}, false
	}
	return sp.items, sp.mark, true
}

func (s *spools) put(station record.StationID, snapshot, next string, items []item, m mark) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil {
		s.of = map[record.StationID]*spool{}
	}
	if _, ok := s.of[station]; !ok && len(s.of) >= maxSpools {
		var oldest record.StationID
		for id, sp := range s.of {
			if o := s.of[oldest]; o == nil || sp.used < o.used {
				oldest = id
			}
		}
		delete(s.of, oldest)
	}
	s.clock++
	s.of[station] = &spool{snapshot, next, items, m, s.clock}
}

func (s *spools) drop(station record.StationID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.of, station)
}
