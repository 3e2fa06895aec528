package headless

import (
	"context"

	"wardlight/internal/clinical/ward"
)

// What somebody does about their own account: the PIN, and where they are signed in.

type changePINReq struct {
	head
	PIN       string `json:"pin"` // the one that there is
	New       string `json:"new"`
	Code      string `json:"code"` // of a second factor
	EndOthers bool   `json:"endOthers"`
}

func changePIN(ctx context.Context, s *server, text []byte) (any, error) {
	r, err := parse[changePINReq](text)
	if err != nil {
		return nil, err
	}
	return nil, s.cfg.Station.ChangePIN(ctx, r.PIN, r.New, r.Code, r.EndOthers)
}

type endSessionsReq struct {
	head
	End  string `json:"end"` // "others", or a station
	PIN  string `json:"pin"`
	Code string `json:"code"` // of a second factor
}

type sessionsReply struct {
	Sessions []ward.OpenSession `json:"sessions"`
}

func sessions(ctx context.Context, s *server, text []byte) (any, error) {
	if _, err := parse[head](text); err != nil {
		return nil, err
	}
	list, err := s.cfg.Station.Sessions(ctx)
	return sessionsReply{list}, err
}

func endSessions(ctx context.Context, s *server, text []byte) (any, error) {
	r, err := parse[endSessionsReq](text)
	if err != nil {
		return nil, err
	}
	list, err := s.cfg.Station.EndSessions(ctx, r.End, r.PIN, r.Code)
	return sessionsReply{list}, err
}
