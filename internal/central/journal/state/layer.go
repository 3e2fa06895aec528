package state

import "iter"

// gone is the value of a row that a layer removes from what lies below it.
type gone struct{}

// Layer is a Store: rows written on top of a store that stays as it is.
type Layer struct {
	Base Store // nil: nothing below
	Top  Map
}

// Gone says whether a value of Top stands for a removed row.
func Gone(v any) bool { _, is := v.(gone); return is }

// Get reads the top, then the base.
func (l *Layer) Get(key string) (any, bool, error) {
	if v, ok := l.Top.Get(key); ok {
		return v, !Gone(v), nil
	}
	if l.Base == nil {
		return nil, false, nil
	}
	return l.Base.Get(key)
}

// set writes a row, del removes one.
func (l *Layer) set(key string, v any) { l.Top = l.Top.Set(key, v) }

func (l *Layer) del(key string) {
	if l.Base == nil {
		l.Top = l.Top.Delete(key)
		return
	}
	l.Top = l.Top.Set(key, gone{})
}

// Scan merges top and base in order; where both have a key the top's counts.
// It sees the top as it was when the scan began.
func (l *Layer) Scan(prefix, after string) iter.Seq2[Row, error] {
	top := l.Top
	return func(yield func(Row, error) bool) {
		if l.Base == nil {
			for k, v := range top.From(prefix, after) {
				if !yield(Row{k, v}, nil) {
					return
				}
			}
			return
		}
		if top.Empty() {
			l.Base.Scan(prefix, after)(yield)
			return
		}
		mergeScan(l.Base, top, prefix, after, yield)
	}
}

func mergeScan(base Store, top Map, prefix, after string, yield func(Row, error) bool) {
	next, stop := iter.Pull2(top.From(prefix, after))
	defer stop()
	k, v, more := next()
	// flush yields the top's rows before a key of the base.
	flush := func(until func(string) bool) bool {
		for more && until(k) {
			if !Gone(v) && !yield(Row{k, v}, nil) {
				return false
			}
			k, v, more = next()
		}
		return true
	}
	for row, err := range base.Scan(prefix, after) {
		if err != nil {
			yield(Row{}, err)
			return
		}
		if !flush(func(k string) bool { return k < row.Key }) {
			return
		}
		if more && k == row.Key {
			continue // the top's row comes with the next flush
		}
		if !yield(row, nil) {
			return
		}
	}
	flush(func(string) bool { return true })
}
