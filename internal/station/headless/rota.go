package headless

import (
	"context"

	"wardlight/internal/clinical/ward"
)

// rotaReq is a ward's rota, written anew against the version that was seen.
type rotaReq struct {
	head
	Ward    string `json:"ward"`
	Version uint64 `json:"version"`
	Text    string `json:"text"`
}

// onCall is the ward's rota. It is about no patient, so it is no look.
func onCall(ctx context.Context, s *server, text []byte) (any, error) {
	if _, err := parse[head](text); err != nil {
		return nil, err
	}
	d, err := s.settled(ctx)
	if err != nil {
		return nil, err
	}
	r, err := d.Rota(ctx)
	return struct {
		Rota ward.Rota `json:"rota"`
	}{r}, err
}
