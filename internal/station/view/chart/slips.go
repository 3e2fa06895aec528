package chart

import (
	"slices"
	"time"

	"wardlight/internal/clinical/ward"
)

// slipDelay is how long typing must rest before a value is called impossible: "95"
// begins with a 9, and "950" is perhaps on its way to being put right.
const slipDelay = 700 * time.Millisecond

// watchSlips marks what is not possible in the set that is typed, once typing
// rests. A mark goes as soon as its own value is another one.
func (m *Model) watchSlips() {
	now := ward.Slips(m.state.Vitals)
	m.state.Slips = slices.DeleteFunc(slices.Clone(m.state.Slips), func(s ward.Slip) bool { return !slices.Contains(now, s) })
	if m.slips != nil {
		m.slips.Stop()
	}
	opened := m.opened
	m.slips = time.AfterFunc(slipDelay, func() {
		m.d.Do(func() {
			if m.opened != opened {
				return // of the patient that was open before
			}
			if fresh := ward.Slips(m.state.Vitals); !slices.Equal(fresh, m.state.Slips) {
				m.state.Slips = fresh
				m.show(m.state)
			}
		})
	})
}
