package state

import "iter"

// Bounds of a Memo. They are far above what one Update of usual size reads.
const (
	maxMemo     = 4096 // rows, present and absent ones
	maxMemoScan = 64   // rows of one scan that is remembered
	maxScans    = 512
)

// Memo is a Store that remembers what was read from another one, which must not
// change meanwhile. A run of a station's mutations asks for the same few rows
// again and again (who is on this ward, who is the author), and each would be
// fetched, opened and decoded anew.
//
// What it gives is shared, as all values of a Store are: nobody may change it.
// It is for one goroutine.
type Memo struct {
	base  Store
	rows  map[string]memoRow
	scans map[[2]string][]Row
}

// memoRow is one answer of Get; nil: there is no such row.
type memoRow struct{ value any }

// NewMemo remembers what is read from base.
func NewMemo(base Store) *Memo {
	return &Memo{base: base, rows: map[string]memoRow{}, scans: map[[2]string][]Row{}}
}

// Get implements Store.
func (m *Memo) Get(key string) (any, bool, error) {
	if r, known := m.rows[key]; known {
		return r.value, r.value != nil, nil
	}
	v, ok, err := m.base.Get(key)
	if err != nil {
		return nil, false, err
	}
	if !ok {
		v = nil
	}
	m.keep(key, v)
	return v, ok, nil
}

func (m *Memo) keep(key string, v any) {
	if len(m.rows) < maxMemo {
		m.rows[key] = memoRow{v}
	}
}

// Scan implements Store. Short scans that came to their end are remembered.
func (m *Memo) Scan(prefix, after string) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		key := [2]string{prefix, after}
		list, known := m.scans[key]
		if !known {
			m.first(key, yield)
			return
		}
		for _, row := range list {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// first is a scan that was not made before.
func (m *Memo) first(key [2]string, yield func(Row, error) bool) {
	var list []Row
	short := len(m.scans) < maxScans
	for row, err := range m.base.Scan(key[0], key[1]) {
		if !yield(row, err) || err != nil {
			return
		}
		if short = short && len(list) < maxMemoScan; short {
			list = append(list, row)
		}
	}
	if short {
		m.scans[key] = list
	}
}
