package desk

import (
	"slices"
	"sync"
	"time"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/words"
)

// siteLimits remembers what was read of the limits that the site set. The zero value is
// ready.
type siteLimits struct {
	mu   sync.Mutex
	read map[fhir.Ref]readLimits
}

type readLimits struct {
	mutation record.MutationID // by which entry it was
	version  record.Version
	said     alert.Settings
	ok       bool
}

// settings are what the site set of a rule, as far as this computer holds it; ok is false
// where it cannot be read, or only a newer program reads it.
func (d *Desk) settings(r Reader, rule alert.RuleID) (s alert.Settings, ch record.Change, ok bool, err error) {
	ref := record.LimitsOf(string(rule))
	ch, there, err := r.LooseCurrent(ref)
	if err != nil || !there {
		return alert.Settings{Rule: rule}, ch, err == nil, err
	}
	d.limits.mu.Lock()
	defer d.limits.mu.Unlock()
	was, known := d.limits.read[ref]
	if !known || was.mutation != ch.Mutation || was.version != ch.Version {
		was = readLimits{mutation: ch.Mutation, version: ch.Version}
		if v, err := fhir.View[struct {
			Extension []fhir.Extension `json:"extension"`
		}](ch.Body); err == nil {
			was.said, err = alert.ParseSettings(fhir.ExtString(v.Extension, fhir.ExtLimits))
			was.ok = err == nil && was.said.Rule == rule
		}
		if d.limits.read == nil {
			d.limits.read = map[fhir.Ref]readLimits{}
		}
		d.limits.read[ref] = was
	}
	if !was.ok {
		return alert.Settings{Rule: rule}, ch, false, nil
	}
	return was.said, ch, true, nil
}

// judging is by which rules a result is judged.
type judging struct {
	rules alert.Rules
	by    string // which limits these are, for what is remembered
	// trust is that central called it critical, by limits that are not here.
	trust bool
}

// rulesFor are the rules by which a result is judged: with the limits by which central
// judged it, whatever was set since; of what central has not seen, with those that this
// computer holds. A store that cannot be read leaves the program's own.
func (d *Desk) rulesFor(r Reader, o fhir.Observation, ch record.Change) judging {
	own := judging{rules: d.cfg.Rules}
	number, ward, marked := alert.TagIn(ch.Tags)
	if !marked && ch.Times.Central != 0 {
		return own
	}
	rule, has := d.cfg.Rules.RuleFor(o)
	if !has {
		return own
	}
	s, _, ok, err := d.settings(r, rule)
	if !marked {
		number, ward = s.Number(), d.cfg.Ward
	}
	if err != nil || !ok || number > s.Number() {
		own.trust = slices.Contains(ch.Tags, record.TagCritical)
		own.by = alert.Tag(number, ward) + "?"
		return own
	}
	if number == 0 {
		return own
	}
	return judging{rules: d.cfg.Rules.Under(s, ward, number), by: alert.Tag(number, ward)}
}

// siteRules are the rules of a judging that goes by the site's limits; nil for the
// program's own.
func (j judging) siteRules() *alert.Rules {
	if j.by == "" || j.trust {
		return nil
	}
	return &j.rules
}

// judge is the rules' word on a result.
func (j judging) judge(o fhir.Observation, who alert.Subject) alert.Verdict {
	v := j.rules.Judge(o, who)
	if j.trust && !v.Critical {
		v.Critical, v.Urgent, v.UrgentBy = true, false, nil
		v.Rule, _ = j.rules.RuleFor(o)
		v.Why = append(v.Why, words.S("critical by a limit of this hospital that is not on this computer yet"))
	}
	return v
}

// timesAt are the rules with the times of a rule that were in force at an instant: a set
// of observations, an order goes by those of its own moment.
func (d *Desk) timesAt(c *compartment, rule alert.RuleID, at time.Time) alert.Rules {
	s, known := c.times[rule]
	if !known {
		var err error
		if s, _, _, err = d.settings(c.r, rule); err != nil {
			s = alert.Settings{Rule: rule} // whoever reads the record meets the same error and tells it
		}
		if c.times == nil {
			c.times = map[alert.RuleID]alert.Settings{}
		}
		c.times[rule] = s
	}
	if s.Number() == 0 {
		return d.cfg.Rules
	}
	return d.cfg.Rules.Under(s, d.identity(c).Ward, s.NumberAt(at))
}
