package mllpd

import (
	"testing"
	"time"
)

// Idle is not down where no line is held; late by its own rhythm is.
func TestAFeedIsJudgedByItsManner(t *testing.T) {
	const s, m, h = time.Second, time.Minute, time.Hour
	lines := func(n int, lived time.Duration) func(*manner) {
		return func(f *manner) {
			for range n {
				f.closed(lived)
			}
		}
	}
	every := func(gap time.Duration) func(*manner) {
		return func(f *manner) {
			for range gapsKept + 5 {
				f.silent(gap)
			}
		}
	}
	one := func(gap time.Duration) func(*manner) { return func(f *manner) { f.silent(gap) } }
	broke := func(f *manner) { f.broke() }
	for _, c := range []struct {
		words   string
		learnt  []func(*manner)
		open    int
		silence time.Duration
		up      bool
	}{
		{"nothing is known, and no line is open", nil, 0, s, false},
		{"a line is open, however silent", nil, 1, 11 * h, true},
		{"two short lines may be two starts", []func(*manner){lines(2, s), every(m)}, 0, s, false},
		{"three are a manner", []func(*manner){lines(3, s), every(m)}, 0, 14 * m, true},
		{"a quick feed is late after a quarter of an hour", []func(*manner){lines(3, s), every(m)}, 0, 16 * m, false},
		{"a slow one after three times its longest silence", []func(*manner){lines(3, s), every(m), every(40 * m)}, 0, 119 * m, true},
		{"and not before", []func(*manner){lines(3, s), every(40 * m)}, 0, 121 * m, false},
		{"never after more than four hours", []func(*manner){lines(3, s), every(10 * h)}, 0, 4*h + s, false},
		{"a silence of long ago is no rhythm of now", []func(*manner){lines(3, s), every(2 * h), every(m)}, 0, 16 * m, false},
		{"two outages teach nothing", []func(*manner){lines(3, s), every(m), one(3 * h), one(3 * h)}, 0, 16 * m, false},
		{"three long nights do", []func(*manner){lines(3, s), every(m), one(h), one(h), one(h)}, 0, 179 * m, true},
		{"what is sent in one go is one word", []func(*manner){lines(3, s), every(40 * m), every(s)}, 0, 119 * m, true},
		{"a line that was held is another manner", []func(*manner){lines(9, s), lines(1, h), every(m)}, 0, s, false},
		{"one that broke is none", []func(*manner){lines(9, s), broke, every(m)}, 0, s, false},
	} {
		var f manner
		for _, learn := range c.learnt {
			learn(&f)
		}
		if got := f.up(c.open, c.silence); got != c.up {
			t.Errorf("%s: up %v", c.words, got)
		}
	}
}
