package headless

import (
	"context"
	"slices"

	"wardlight/internal/clinical/ward"
)

// limitReq sets one limit of an alert rule, against the version that was seen.
type limitReq struct {
	head
	Rule    string `json:"rule"`
	Version uint64 `json:"version"`
	Ward    string `json:"ward"`
	Edge    string `json:"edge"`
	Ages    string `json:"ages"`
	Unit    string `json:"unit"`
	Value   string `json:"value"`
	Reason  string `json:"reason"`
}

func (r limitReq) command() ward.SetLimit {
	return ward.SetLimit{Rule: r.Rule, Version: r.Version, Ward: r.Ward, Edge: r.Edge, Ages: r.Ages, Unit: r.Unit, Value: r.Value, Reason: r.Reason}
}

// rulesReq asks for the alert rules; Rule for one of them alone.
type rulesReq struct {
	head
	Rule string `json:"rule"`
}

// rules are the alert rules in force. They are about no patient, so it is no look.
func rules(ctx context.Context, s *server, text []byte) (any, error) {
	q, err := parse[rulesReq](text)
	if err != nil {
		return nil, err
	}
	d, err := s.settled(ctx)
	if err != nil {
		return nil, err
	}
	b, err := d.Rules(ctx)
	if q.Rule != "" {
		b.List = slices.DeleteFunc(b.List, func(r ward.Rule) bool { return r.ID != q.Rule })
	}
	return struct {
		Rules ward.RuleBook `json:"rules"`
	}{b}, err
}
