package headless

import (
	"context"
	"time"
)

// drillReq practises a downtime for so many minutes.
type drillReq struct {
	head
	Minutes int `json:"minutes"`
}

func drill(ctx context.Context, s *server, text []byte) (any, error) {
	r, err := parse[drillReq](text)
	if err != nil {
		return nil, err
	}
	return nil, s.cfg.Station.BeginDrill(ctx, time.Duration(r.Minutes)*time.Minute)
}

func endDrill(ctx context.Context, s *server, text []byte) (any, error) {
	if _, err := parse[head](text); err != nil {
		return nil, err
	}
	return nil, s.cfg.Station.EndDrill(ctx)
}
