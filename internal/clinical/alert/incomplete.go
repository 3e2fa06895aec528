package alert

import "wardlight/internal/clinical/ward"

// severity orders the bands.
var severity = map[ward.Risk]int{ward.RiskLow: 1, ward.RiskLowMedium: 2, ward.RiskMedium: 3, ward.RiskHigh: 4}

// SinceComplete sets a score beside the last complete one and the one just
// before it; the zero Early is none. A complete score stands by itself. An
// incomplete one is only a minimum: "at least 3" after a full 5 is no
// improvement, because what is missing may be what was wrong. So it names the
// last complete score, and until a complete set says otherwise the more severe
// band stands, with its response and the earlier due time. The numbers stay what
// they are: no value is carried forward.
func SinceComplete(now, complete, before ward.Early) ward.Early {
	if !now.Known || !now.AtLeast {
		return now
	}
	if complete.Known {
		now.Last, now.LastAt, now.HasLast = complete.Total, complete.At, true
	}
	if severity[before.Risk] > severity[now.Risk] {
		now.Risk, now.Response, now.Continuous = before.Risk, before.Response, before.Continuous
	}
	if !before.Due.IsZero() && before.Due.Before(now.Due) {
		now.Due = before.Due
	}
	return now
}
