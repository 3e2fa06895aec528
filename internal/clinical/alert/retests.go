package alert

import (
	"slices"
	"strconv"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/words"
)

// EdgeRetest is of a test of the catalogue: within which time asking again is doubtful.
const EdgeRetest = "retest"

// retestRanges are the retest intervals that a site may set, in hours: from the shortest
// that is published to the longest. A test of which one interval alone is published, and
// what is taken in series, is fixed.
var retestRanges = []Range{
	retest("fbc", "12", "24", words.S("Leeds, 12 h (2012) and 24 h (stable inpatients)")),
	retest("ue", "12", "24", words.S("Leeds, 12 h (2012) and 24 h (stable inpatients)")),
	retest("crp", "24", "48", words.S("Leeds, 24 h (2012) and 48 h (stable inpatients)")),
	retest("lft", "24", "48", words.S("J Clin Path, 1 d; Leeds, 48 h (stable inpatients)")),
	retest("bone", "36", "48", words.S("Leeds, 36 h (2012) and 48 h (stable inpatients)")),
	retest("ferritin", "504", "672", words.S("Leeds, 21 d; J Clin Path, 28 d")),
	retest("hba1c", "960", "1440", words.S("Leeds, 40 d; J Clin Path, 60 d")),
	retest("psa", "312", "504", words.S("Leeds, 13 d; J Clin Path, tumour markers, 21 d")),
}

func retest(test string, shortest, longest fhir.Decimal, from words.Sentence) Range {
	return Range{Edge: EdgeRetest, Unit: Hours, Ages: test, Strict: shortest, Loose: longest, From: from}
}

// ownRetest is one of the program's own retest intervals.
func (r Rules) ownRetest(edge, test string) (Edge, bool) {
	i := slices.IndexFunc(r.Windows, func(w Window) bool { return w.Test == test })
	if i < 0 || edge != EdgeRetest {
		return Edge{}, false
	}
	return Edge{At: fhir.Decimal(strconv.Itoa(int(r.Windows[i].Within / time.Hour)))}, true
}

// underRetests are the rules with a site's retest intervals.
func (r Rules) underRetests(s Settings, ward string, number int) Rules {
	r.Windows = slices.Clone(r.Windows)
	for i := range r.Windows {
		w := &r.Windows[i]
		own, _ := r.ownRetest(EdgeRetest, w.Test)
		e := s.over(own, EdgeRetest, Hours, w.Test, ward, number)
		if n, err := strconv.Atoi(string(e.At)); err == nil && e.Set != nil {
			w.Within, w.by = time.Duration(n)*time.Hour, e.setWords()
		}
	}
	return r
}
