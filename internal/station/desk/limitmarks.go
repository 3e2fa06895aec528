package desk

import (
	"context"
	"fmt"
	"strings"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
)

// limitMarks say which of the site's settings are on this computer, so that it is seen
// when others come, and what has to be derived anew: where those of a critical limit do,
// every row; where those of the score's intervals do, the rows with a score; where any
// other does, none, because no other stands on a row.
type limitMarks struct {
	Critical string `json:"critical,omitempty"`
	Score    string `json:"score,omitempty"`
	Other    string `json:"other,omitempty"`
}

// hold says whether a row is what deriving it by these would give. One that is not whole
// yet is derived when it is.
func (m limitMarks) hold(v *derived) bool {
	return !v.row.Whole || v.limits.Critical == m.Critical && (v.limits.Score == m.Score || !v.row.Early.Known)
}

// readLimits looks which settings are here.
func (d *Desk) readLimits(ctx context.Context) error {
	var m limitMarks
	err := d.store.View(ctx, func(r Reader) error {
		for _, rule := range d.cfg.Rules.Settable() {
			ch, there, err := r.LooseCurrent(record.LimitsOf(string(rule)))
			if err != nil {
				return err
			}
			if !there {
				continue
			}
			mark := fmt.Sprintf("%s %v %d;", rule, ch.Mutation, ch.Version)
			switch {
			case strings.HasPrefix(string(rule), string(alert.RuleCritical(""))):
				m.Critical += mark
			case rule == alert.RuleOverdue:
				m.Score += mark
			default:
				m.Other += mark
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	d.board.mu.Lock()
	defer d.board.mu.Unlock()
	d.board.limits = m
	return nil
}

func (b *board) limitsNow() limitMarks {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.limits
}

// tellLimits tells that what hangs on the site's limits may say something else now.
// b.work is held.
func (d *Desk) tellLimits() {
	now, b := d.board.limitsNow(), &d.board
	if now == b.toldLimits {
		return
	}
	b.toldLimits = now
	d.post.send(ward.Notice{Kind: ward.NoticePatients})
}
